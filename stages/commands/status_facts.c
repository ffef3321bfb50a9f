/* status_facts: see status_facts.h. */
#include <stdio.h>
#include <string.h>

#include "stages/commands/status_facts.h"
#include "stages/core/engine/config.h"
#include "stages/core/home/home.h"

/* Nights ------------------------------------------------------------------------------------------------- */

static void
load_grid(struct run *r, struct status_nights *g)
{
	struct stmt *q = sql(r->db,
	    "SELECT DISTINCT business_on"
	    " FROM night"
	    " WHERE business_on <= $on"
	    " ORDER BY business_on DESC"
	    " LIMIT $most");

	chain_read(&g->chain);
	bind_int(q, "$most", STATUS_NIGHTS);
	bind_date(q, "$on", r->on);
	while (row(q))
		g->night[g->nights++] = col_date(q, 0);
}

const char *
status_find_outcome(struct run *r, const char *stage, date on, char word[STATUS_WORD])
{
	struct stmt *q = sql(r->db,
	    "SELECT state, exit_status, night_number, pid"
	    " FROM stage_run"
	    " WHERE stage = $stage"
	    "  AND business_on = $on"
	    "  AND state <> 'refused'"
	    " ORDER BY number DESC"
	    " LIMIT 1");

	bind_text(q, "$stage", stage);
	bind_date(q, "$on", on);
	snprintf(word, STATUS_WORD, "-");
	while (row(q))
		if (strcmp(col_text(q, 0), "done") == 0)
			snprintf(word, STATUS_WORD, "%s", col_int_or(q, 1, 0) == EXIT_HELD ? "held" : "ok");
		else if (strcmp(col_text(q, 0), "failed") == 0)
			snprintf(word, STATUS_WORD, "failed %d", (int)col_int_or(q, 1, EXIT_BUG));
		else if (strcmp(col_text(q, 0), "running") == 0 &&
		         chain_stage_is_alive(col_null(q, 2), col_int(q, 3)))
			snprintf(word, STATUS_WORD, "running");
		else
			snprintf(word, STATUS_WORD, "killed");
	return word;
}

#define RECENT 7 /* nights that show when the scheduler starts them */

/* When a night begins, in minutes of the day in Paris: as most of the recent nights did, for only the scheduler knows it, and a
 * person may have run one of them. Below 0: no two began at the same time. */
static int
find_night_minute(struct run *r)
{
	struct stmt *q = sql(r->db,
	    "SELECT min(now_at)"
	    " FROM stage_run"
	    " WHERE night_number IS NOT NULL"
	    " GROUP BY night_number"
	    " ORDER BY night_number DESC"
	    " LIMIT $most");
	int minute[RECENT], n = 0, i, j, same, most = 1, found = -1;
	instant now;

	bind_int(q, "$most", RECENT);
	for (; row(q); n++) {
		now = col_instant(q, 0);
		minute[n] = (int)((now - date_paris_midnight(date_in_paris(now))) / 60000) % (24 * 60);
	}
	for (i = 0; i < n; i++) {
		for (same = 0, j = i; j < n; j++)
			same += minute[j] == minute[i];
		if (same > most) {
			most = same;
			found = minute[i];
		}
	}
	return found;
}

bool
status_print_night_time(struct run *r, char text[static STATUS_CLOCK])
{
	int minute = find_night_minute(r);

	if (minute >= 0)
		snprintf(text, STATUS_CLOCK, "%02u:%02u", (unsigned)minute / 60 % 24, (unsigned)minute % 60);
	return minute >= 0;
}

/* Lists -------------------------------------------------------------------------------------------------- */

static const struct column session_columns[] = {
    {.name = "code", .head = "session"},
    {.name = "freeze_date", .type = COLUMN_DAY, .head = "freeze"},
    {.name = "recovery_date", .type = COLUMN_DAY, .head = "recovery"},
    {.name = "is_frozen", .type = COLUMN_BOOL, .head = "frozen"},
    {.name = "debts", .type = COLUMN_COUNT},
    {.name = "amount_to_recover_in_cents", .type = COLUMN_CENTS, .head = "to recover EUR"},
    {.name = "amount_to_refund_in_cents", .type = COLUMN_CENTS, .head = "to refund EUR"},
    {0},
};

static const struct column file_columns[] = {
    {.name = "msg_id", .head = "file"},
    {.name = "kind"},
    {.name = "state"},
    {.name = "count", .type = COLUMN_COUNT},
    {.name = "sum_in_cents", .type = COLUMN_CENTS, .head = "total EUR"},
    {.name = "requested_collection_date", .type = COLUMN_DAY, .head = "due on"},
    {.name = "overdue"},
    {.name = "overdue_on", .type = COLUMN_DAY},
    {.name = "approvals", .type = COLUMN_COUNT},
    {0},
};

static const struct column exception_columns[] = {
    {.name = "code"},
    {.name = "open", .type = COLUMN_COUNT},
    {.name = "sum_in_cents", .type = COLUMN_CENTS, .head = "EUR"},
    {.name = "oldest_on", .type = COLUMN_DAY, .head = "oldest"},
    {0},
};

#define OPEN_SESSIONS \
	SQL("SELECT s.code, s.freeze_on AS freeze_date, s.recovery_on AS recovery_date,"          \
	    "  CASE WHEN s.frozen_at IS NULL THEN 0 ELSE 1 END AS is_frozen,"                     \
	    "  count(*) FILTER (WHERE d.amount_in_cents <> 0) AS debts,"                          \
	    "  coalesce(CAST(sum(d.amount_in_cents) FILTER (WHERE d.amount_in_cents > 0) AS BIGINT), 0)"  \
	    "   AS amount_to_recover_in_cents,"                                                   \
	    "  coalesce(-CAST(sum(d.amount_in_cents) FILTER (WHERE d.amount_in_cents < 0) AS BIGINT), 0)" \
	    "   AS amount_to_refund_in_cents"                                                     \
	    " FROM session s"                                                                     \
	    " LEFT JOIN debt_amount d ON d.session_number = s.number"                             \
	    " WHERE s.status = 'pending'"                                                         \
	    " GROUP BY s.number, s.code, s.freeze_on, s.recovery_on, s.frozen_at"                 \
	    " ORDER BY s.recovery_on, s.number")

#define FILES \
	SQL("SELECT msg_id, kind, state, collections AS count, sum_in_cents,"                     \
	    "  collect_on AS requested_collection_date, overdue, overdue_on,"                     \
	    "  (SELECT count(*) FROM approval a WHERE a.file_number = bank_file.number) AS approvals" \
	    " FROM bank_file"                                                                     \
	    " WHERE state NOT IN ('settled', 'cancelled', 'withdrawn')"                           \
	    " ORDER BY number")

#define EXCEPTIONS \
	SQL("SELECT code, count(*) AS open,"                                                      \
	    "  coalesce(CAST(sum(amount_in_cents) AS BIGINT), 0) AS sum_in_cents,"                \
	    "  min(opened_on) AS oldest_on"                                                       \
	    " FROM exception"                                                                     \
	    " WHERE state = 'open'"                                                               \
	    " GROUP BY code"                                                                      \
	    " ORDER BY code")

const struct listing status_lists[STATUS_LISTS] = {
    [STATUS_SESSIONS] = {"open_sessions", OPEN_SESSIONS, session_columns},
    [STATUS_FILES] = {"bank_files", FILES, file_columns},
    [STATUS_EXCEPTIONS] = {"exceptions", EXCEPTIONS, exception_columns},
};

/* Money and inbox ---------------------------------------------------------------------------------------- */

/* The night that began with another configuration, if it is the newest. */
static date
find_other_config(struct run *r)
{
	struct stmt *q = sql(r->db,
	    "SELECT CASE WHEN config_sha256 <> $config THEN business_on END"
	    " FROM night"
	    " ORDER BY number DESC"
	    " LIMIT 1");

	bind_blob(q, "$config", config_sha256(r->config), SHA256_SIZE);
	return value_date(q);
}

void
status_load_facts(struct run *r, struct status_facts *f)
{
	struct stmt *q = sql(r->db,
	    "SELECT f.kind, count(*), CAST(sum(c.amount_in_cents) AS BIGINT)"
	    " FROM collection c"
	    " JOIN bank_file_given f ON f.number = c.file_number"
	    " WHERE c.live = 1 AND " COLLECTION_IS_OPEN("c")
	    " GROUP BY f.kind");
	char first[INBOX_NAME];

	load_grid(r, &f->nights);
	while (row(q))
		*(strcmp(col_text(q, 0), "refund") == 0 ? &f->refunds : &f->debits) =
		    (struct collection_sum){col_int(q, 1), col_int(q, 2)};
	concern_count(r, &f->risk);
	f->other_config = find_other_config(r);
	f->in_requests = inbox_count_unread(r, "inbox/requests", first);
}

bool
status_is_past(const struct run *r)
{
	return r->on < date_in_paris(r->now);
}
