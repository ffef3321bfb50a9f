/* session: see session.h. Writes the table session. */
#include <stdio.h>
#include <string.h>

#include "formats/calendar.h"
#include "stages/core/books/session.h"
#include "stages/core/engine/act.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/intent.h"
#include "stages/core/engine/log.h"

#define COLUMNS "number, code, period_start_on, period_end_on, freeze_on, recovery_on, frozen_at, status"

static const char *const statuses[SESSION_STATUSES] = {
    [SESSION_PENDING] = "pending",
    [SESSION_SUCCEEDED] = "succeeded",
    [SESSION_FAILED] = "failed",
};

const char *
session_status_word(enum session_status status)
{
	return statuses[status];
}

static bool
read_session(struct stmt *q, struct session *s)
{
	if (!row(q))
		return false;
	*s = (struct session){.number = col_int(q, 0),
	                      .period_start = col_date(q, 2),
	                      .period_end = col_date(q, 3),
	                      .freeze = col_date(q, 4),
	                      .recovery = col_date(q, 5),
	                      .frozen = !col_null(q, 6),
	                      .status = (enum session_status)col_word(q, 7, statuses, SESSION_STATUSES)};
	col_copy(q, 1, s->code, sizeof(s->code));
	reset(q);
	return true;
}

bool
session_load(struct run *r, int64_t number, struct session *s)
{
	struct stmt *q = sql(r->db, "SELECT " COLUMNS " FROM session WHERE number = $number");

	bind_int(q, "$number", number);
	return read_session(q, s);
}

bool
session_is_code(const char *text)
{
	static const char digits[] = "0123456789";
	size_t day = strspn(text, digits), n = text[day] == '-' ? strspn(text + day + 1, digits) : 0;

	return day == 8 && n > 0 && text[day + 1 + n] == '\0';
}

/* No text is both a code and a UUID: the parts between the dashes have other lengths. */
bool
session_find(struct run *r, const char *id, struct session *s)
{
	struct stmt *q = sql(r->db, "SELECT " COLUMNS " FROM session WHERE code = $code");
	uint32_t owner, number;
	struct uuid uuid;
	struct err e;

	bind_text(q, "$code", id);
	if (read_session(q, s))
		return true;
	return uuid_parse(id, &uuid, &e) == 0 &&
	       uuid_split(&uuid, store_id(r->db), UUID_SESSION, &owner, &number) &&
	       session_load(r, number, s);
}

static void
period_of(const struct run *r, date on, date *start, date *end)
{
	if (strcmp(config_text(r->config, RECOVERY_PERIOD), "weekly") == 0) {
		*start = on - (date)date_weekday(on);
		*end = *start + 6;
	} else {
		*start = date_month_start(on);
		*end = date_month_end(on);
	}
}

static int64_t
insert_session(struct run *r, date start, date end, date freeze, date recovery, const char *opened_by)
{
	char code[32], day[DATE_TEXT];
	struct stmt *q = sql(r->db, "SELECT count(*) FROM session WHERE period_end_on = $end");
	int64_t number = store_number(r->db, "session");

	bind_date(q, "$end", end);
	snprintf(code, sizeof(code), "%s-%lld", date_print_compact(day, end), (long long)value(q, 0) + 1);
	q = sql(r->db,
	    "INSERT INTO session (number, code, period_start_on, period_end_on, freeze_on, recovery_on,"
	    "  status, opened_by)"
	    " VALUES ($number, $code, $start, $end, $freeze, $recovery, 'pending', $by)");
	bind_int(q, "$number", number);
	bind_text(q, "$code", code);
	bind_date(q, "$start", start);
	bind_date(q, "$end", end);
	bind_date(q, "$freeze", freeze);
	bind_date(q, "$recovery", recovery);
	bind_text(q, "$by", opened_by);
	exec(q);
	return number;
}

static int64_t
open_period(struct run *r, date start, date end)
{
	struct stmt *there =
	    sql(r->db,
	        "SELECT count(*)"
	        " FROM session"
	        " WHERE period_start_on = $start AND period_end_on = $end AND opened_by = 'configuration'");

	bind_date(there, "$start", start);
	bind_date(there, "$end", end);
	if (value(there, 0) > 0)
		return 0;
	insert_session(r, start, end, end + (date)config_int(r->config, RECOVERY_FREEZE_AFTER_DAYS),
	               calendar_open_from(end + (date)config_int(r->config, RECOVERY_RECOVERY_AFTER_DAYS)),
	               "configuration");
	return 1;
}

static void
check_days(const struct run *r, date start, date end, date freeze, date recovery)
{
	char day[DATE_TEXT];

	if (start > end || end > freeze || freeze >= recovery)
		die(EXIT_REFUSED,
		    "the days must be in order: period start, period end, freeze date, and the recovery"
		    " date after it");
	if (freeze < r->on)
		die(EXIT_REFUSED,
		    "the freeze date has passed: members could not be notified before the freeze; choose a later one");
	if (!calendar_is_open(recovery))
		die(EXIT_REFUSED, "the recovery date is not a TARGET day: the next one is %s",
		    date_print(day, calendar_open_from(recovery)));
}

bool
session_create(struct run *r, date start, date end, date freeze, date recovery, struct session *s)
{
	struct stmt *q = sql(r->db,
	    "SELECT " COLUMNS
	    " FROM session"
	    " WHERE period_start_on = $start"
	    "  AND period_end_on = $end"
	    "  AND freeze_on = $freeze"
	    "  AND recovery_on = $recovery"
	    " ORDER BY number LIMIT 1");

	bind_date(q, "$start", start);
	bind_date(q, "$end", end);
	bind_date(q, "$freeze", freeze);
	bind_date(q, "$recovery", recovery);
	if (read_session(q, s))
		return false;
	check_days(r, start, end, freeze, recovery);
	session_load(r, insert_session(r, start, end, freeze, recovery, "person"), s);
	act_add(r, &(struct act){.kind = "session", .what = s->code, .detail = "opened"});
	return true;
}

int64_t
session_open_configured(struct run *r)
{
	date start, end;
	int64_t opened;

	period_of(r, r->on, &start, &end);
	opened = open_period(r, start, end);
	period_of(r, end + 1, &start, &end);
	return opened + open_period(r, start, end);
}

bool
session_next_due(struct run *r, int64_t after, struct session *s)
{
	struct stmt *q = sql(r->db,
	    "SELECT " COLUMNS
	    " FROM open_session"
	    " WHERE freeze_on < $on"
	    "  AND ($after = 0"
	    "   OR (recovery_on, number) > ("
	    "     SELECT recovery_on, number FROM session WHERE number = $after))"
	    " ORDER BY recovery_on, number LIMIT 1");

	bind_date(q, "$on", r->on);
	bind_int(q, "$after", after);
	return read_session(q, s);
}

int64_t
session_next_open(struct run *r, int64_t other_than)
{
	struct stmt *q = sql(r->db,
	    "SELECT number"
	    " FROM open_session"
	    " WHERE number <> $other"
	    " ORDER BY recovery_on, number LIMIT 1");

	bind_int(q, "$other", other_than);
	return value(q, 0);
}

static void
put_line(struct sink *s, const char *word, struct stmt *q, int numbers)
{
	int i;

	sink_text(s, word);
	for (i = 0; i < numbers; i++) {
		sink_put(s, " ", 1);
		sink_int(s, col_int(q, i));
	}
	sink_put(s, "\n", 1);
}

void
session_digest(struct run *r, int64_t number, unsigned char digest[SHA256_SIZE])
{
	struct sink *s = sink_new(NULL, NULL);
	struct stmt *q = sql(r->db,
	    "SELECT code, period_start_on, period_end_on, freeze_on, recovery_on"
	    " FROM session"
	    " WHERE number = $number");

	bind_int(q, "$number", number);
	while (row(q))
		sink_print(s, "%s %s %s %s %s\n", col_text(q, 0), col_text(q, 1), col_text(q, 2),
		           col_text(q, 3), col_text(q, 4));
	q = sql(r->db,
	    "SELECT profile_number, amount_in_cents"
	    " FROM debt"
	    " WHERE session_number = $number"
	    " ORDER BY profile_number");
	bind_int(q, "$number", number);
	while (row(q))
		put_line(s, "debt", q, 2);
	q = sql(r->db,
	    "SELECT profile_number, number, amount_in_cents"
	    " FROM balance_transaction"
	    " WHERE session_number = $number"
	    " ORDER BY profile_number, key");
	bind_int(q, "$number", number);
	while (row(q))
		put_line(s, "row", q, 3);
	if (sink_end(s, digest, NULL) < 0)
		die(EXIT_BUG, "session %lld: its digest cannot be computed", (long long)number);
}

void
session_freeze(struct run *r, int64_t number)
{
	unsigned char digest[SHA256_SIZE];
	struct stmt *q;
	char what[40];

	session_digest(r, number, digest);
	q = sql(r->db,
	    "UPDATE session"
	    " SET frozen_at = $now, digest = $digest"
	    " WHERE number = $number AND frozen_at IS NULL");
	bind_instant(q, "$now", r->now);
	bind_blob(q, "$digest", digest, sizeof(digest));
	bind_int(q, "$number", number);
	if (exec(q) != 1)
		die(EXIT_BUG, "session %lld is frozen already", (long long)number);
	snprintf(what, sizeof(what), "session %lld", (long long)number);
	intent_add(r, "freeze", what, digest, "%s", "");
	session_refresh_status(r, number);
}

void
session_refresh_status(struct run *r, int64_t number)
{
	struct stmt *q =
	    sql(r->db,
	        "WITH found AS ("
	        "   SELECT s.number, CASE"
	        "    WHEN s.frozen_at IS NULL"
	        "     OR EXISTS (SELECT 1 FROM unsettled_debt d WHERE d.session_number = s.number)"
	        "    THEN 'pending'"
	        "    WHEN EXISTS ("
	        "      SELECT 1 FROM debt d WHERE d.session_number = s.number AND d.status = 'failed')"
	        "    THEN 'failed'"
	        "    ELSE 'succeeded' END AS status"
	        "   FROM session s"
	        "   WHERE s.number = $number)"
	        " UPDATE session"
	        " SET status = found.status"
	        " FROM found"
	        " WHERE session.number = found.number AND session.status <> found.status");

	bind_int(q, "$number", number);
	exec(q);
}

void
session_refresh_failed(struct run *r, int64_t number)
{
	struct stmt *q =
	    sql(r->db,
	    "UPDATE session"
	    " SET status = 'failed'"
	    " WHERE number = $number AND frozen_at IS NOT NULL AND status <> 'failed'"
	    "  AND NOT EXISTS (SELECT 1 FROM unsettled_debt d WHERE d.session_number = session.number)");

	bind_int(q, "$number", number);
	exec(q);
}
