/* alanpay status: one screen at three in the morning: the last nights, what is open, what is held, where
 * the money is, and what to do next. Only reads; a stage that is shown as running may have died, which its
 * next start finds out.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "formats/length.h"
#include "stages/commands/chain.h"
#include "stages/commands/command.h"
#include "stages/commands/nextstep.h"
#include "stages/core/engine/exception.h"
#include "stages/core/lists/listing.h"
#include "stages/core/lists/table.h"

#define NIGHTS 7
#define WORD   16

/* Money that may be with two, or with nobody. */

/* Nights ------------------------------------------------------------------------------------------------- */

struct grid {
	struct chain chain;
	date night[NIGHTS]; /* newest first */
	int nights;
};

static void
load_grid(struct run *r, struct grid *g)
{
	struct stmt *q = sql(r->db, "SELECT DISTINCT business_on FROM stage_run WHERE business_on <= $on"
	                            " ORDER BY business_on DESC LIMIT $most");

	chain_read(&g->chain);
	bind_int(q, "$most", NIGHTS);
	bind_date(q, "$on", r->on);
	while (row(q))
		g->night[g->nights++] = col_date(q, 0);
}

/* Somebody who is alive holds the lock of the chain. */
static bool
is_going(void)
{
	int fd = open("state/run.lock", O_RDONLY | O_CLOEXEC);
	bool going = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0;

	if (fd >= 0)
		close(fd);
	return going;
}

/* How the last start of a stage on that date ended: ok, held, failed 74, running, aborted, or - when there
 * was none. */
static const char *
find_outcome(struct run *r, const char *stage, date on, char word[WORD])
{
	struct stmt *q =
	    sql(r->db, "SELECT state, exit_status FROM stage_run"
	               " WHERE stage = $stage AND business_on = $on ORDER BY number DESC LIMIT 1");

	bind_text(q, "$stage", stage);
	bind_date(q, "$on", on);
	snprintf(word, WORD, "-");
	while (row(q))
		if (strcmp(col_text(q, 0), "done") == 0)
			snprintf(word, WORD, "%s", col_int_or(q, 1, 0) == EXIT_HELD ? "held" : "ok");
		else if (strcmp(col_text(q, 0), "failed") == 0)
			snprintf(word, WORD, "failed %d", (int)col_int_or(q, 1, EXIT_BUG));
		else
			snprintf(word, WORD, "%s",
			         strcmp(col_text(q, 0), "running") == 0 && is_going() ? "running" : "killed");
	return word;
}

static void
write_grid(struct run *r, const struct grid *g, struct sink *s)
{
	char day[DATE_TEXT], word[WORD];
	int night, stage;

	if (g->nights == 0) {
		sink_text(s, "no night was run yet\n");
		return;
	}
	sink_text(s, "night     ");
	for (stage = 0; stage < g->chain.n; stage++)
		sink_print(s, "  %-*s", stage < g->chain.n - 1 ? 9 : 0, g->chain.name[stage]);
	sink_text(s, "\n");
	for (night = 0; night < g->nights; night++) {
		sink_text(s, date_print(day, g->night[night]));
		for (stage = 0; stage < g->chain.n; stage++)
			sink_print(s, "  %-*s", stage < g->chain.n - 1 ? 9 : 0,
			           find_outcome(r, g->chain.name[stage], g->night[night], word));
		sink_text(s, "\n");
	}
}

static void
put_grid(struct json *j, struct run *r, const struct grid *g)
{
	char day[DATE_TEXT], word[WORD];
	int night, stage;

	json_open(j, "nights", '[');
	for (night = 0; night < g->nights; night++) {
		json_open(j, NULL, '{');
		json_put_text(j, "date", date_print(day, g->night[night]));
		json_open(j, "stages", '{');
		for (stage = 0; stage < g->chain.n; stage++) {
			find_outcome(r, g->chain.name[stage], g->night[night], word);
			json_put_text(j, g->chain.name[stage], strcmp(word, "-") == 0 ? NULL : word);
		}
		json_close(j, '}');
		json_close(j, '}');
	}
	json_close(j, ']');
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
    {0},
};

static const struct column exception_columns[] = {
    {.name = "code"},
    {.name = "open", .type = COLUMN_COUNT},
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
	    "  collect_on AS requested_collection_date"                                           \
	    " FROM bank_file"                                                                     \
	    " WHERE state NOT IN ('settled', 'cancelled', 'withdrawn')"                           \
	    " ORDER BY number")

#define EXCEPTIONS \
	SQL("SELECT code, count(*) AS open, min(opened_on) AS oldest_on"                          \
	    " FROM exception"                                                                     \
	    " WHERE state = 'open'"                                                               \
	    " GROUP BY code"                                                                      \
	    " ORDER BY code")

static const struct {
	const char *title;
	struct listing listing;
} lists[] = {
    {"open sessions", {"open_sessions", OPEN_SESSIONS, session_columns}},
    {"bank files on their way", {"bank_files", FILES, file_columns}},
    {"held, until applied or resolved", {"exceptions", EXCEPTIONS, exception_columns}},
};

/* Money -------------------------------------------------------------------------------------------------- */

struct money {
	struct collection_sum debits, refunds; /* in flight */
	int64_t at_risk;                       /* exceptions */
};

static void
load_money(struct run *r, struct money *m)
{
	struct stmt *q =
	    sql(r->db, "SELECT f.kind, count(*), CAST(sum(c.amount_in_cents) AS BIGINT) FROM collection c"
	               " JOIN bank_file f ON f.number = c.file_number"
	               " WHERE c.live = 1 AND c.state IN ('presented', 'accepted')"
	               "  AND f.state NOT IN ('generated', 'approved') GROUP BY f.kind");

	while (row(q))
		*(strcmp(col_text(q, 0), "refund") == 0 ? &m->refunds : &m->debits) =
		    (struct collection_sum){col_int(q, 1), col_int(q, 2)};
	q = sql(r->db,
	    "SELECT count(*) FROM exception"
	    " WHERE state = 'open' AND code IN " EXCEPTION_AT_RISK);
	m->at_risk = value(q, 0);
}

/* What to do next ---------------------------------------------------------------------------------------- */

/* A line of it goes into a JSON array or onto the screen. */
struct advice {
	struct json *json;
	struct sink *sink;
	int lines;
};

static void __attribute__((format(printf, 2, 3))) advise(struct advice *a, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (a->json != NULL)
		json_put_text(a->json, NULL, text);
	else
		sink_print(a->sink, "  %s\n", text);
	a->lines++;
}

/* The newest night, where a stage that did not end well stops the rest. */
static void
advise_on_night(struct advice *a, struct run *r)
{
	struct stmt *q =
	    sql(r->db, "SELECT stage, state, exit_status, message, business_on FROM stage_run s"
	               " WHERE state IN ('failed', 'aborted')"
	               "  AND business_on = (SELECT max(business_on) FROM stage_run WHERE business_on <= $on)"
	               "  AND number = (SELECT max(number) FROM stage_run t"
	               "   WHERE t.stage = s.stage AND t.business_on = s.business_on)"
	               " ORDER BY number");

	bind_date(q, "$on", r->on);
	while (row(q))
		if (col_null(q, 2))
			advise(a, "%s was killed: alanpay run --date %s goes on from there", col_text(q, 0),
			       col_text(q, 4));
		else
			advise(a, "%s failed with %lld: %s; mend it, then: alanpay run --date %s",
			       col_text(q, 0), (long long)col_int(q, 2),
			       col_null(q, 3) ? "no reason is known" : col_text(q, 3), col_text(q, 4));
}

/* Nights that `alanpay run` began and did not end, and those that nobody began. */
static void
advise_on_missing(struct advice *a, struct run *r)
{
	struct stmt *q;
	date last;

	if (is_going()) {
		advise(a, "a night is on its way: wait for its end");
		return;
	}
	q = sql(r->db, "SELECT DISTINCT business_on FROM night u WHERE business_on <= $on AND NOT EXISTS"
	               "  (SELECT 1 FROM night d WHERE d.business_on = u.business_on AND d.state = 'done')"
	               " ORDER BY business_on");
	bind_date(q, "$on", r->on);
	while (row(q))
		advise(a, "the night of %s is not finished: alanpay run --date %s", col_text(q, 0),
		       col_text(q, 0));
	q = sql(r->db, "SELECT max(business_on) FROM night WHERE state = 'done' AND business_on <= $on");
	bind_date(q, "$on", r->on);
	last = row(q) ? col_date(q, 0) : DATE_NONE;
	if (last != DATE_NONE && r->on - last > 1)
		advise(
		    a,
		    "%d nights before this one were not run: alanpay run makes them up, at most 31 at once",
		    r->on - last - 1);
	reset(q);
}

/* A rejected record is not held: its sender corrects it. Until the next night this is said of it. */
static void
advise_on_rejected(struct advice *a, struct run *r)
{
	struct stmt *q = sql(r->db, "SELECT i.received_on, count(*) FROM request q"
	                            " JOIN input i ON i.number = q.input_number WHERE q.status = 'rejected'"
	                            "  AND i.received_on ="
	                            "   (SELECT max(business_on) FROM stage_run WHERE business_on <= $on)"
	                            " GROUP BY i.received_on");

	bind_date(q, "$on", r->on);
	while (row(q))
		advise(
		    a,
		    "%lld record%s of requests rejected: out/%s/requests/*.results.jsonl tell the sender what"
		    " to correct",
		    (long long)col_int(q, 1), col_int(q, 1) == 1 ? "" : "s", col_text(q, 0));
}

static void
advise_on_files(struct advice *a, struct run *r)
{
	struct stmt *q =
	    sql(r->db,
	        "SELECT f.number FROM bank_file f"
	        " WHERE f.state NOT IN ('settled', 'cancelled', 'withdrawn') OR (f.state = 'cancelled'"
	        "  AND NOT EXISTS (SELECT 1 FROM bank_file l WHERE l.session_number = f.session_number"
	        "   AND l.kind = f.kind AND l.version > f.version)"
	        "  AND EXISTS (SELECT 1 FROM debt d"
	        "   WHERE d.session_number = f.session_number AND d.status = 'pending'"
	        "    AND CASE f.kind WHEN 'debit' THEN d.amount_in_cents > 0 ELSE d.amount_in_cents < 0 END))"
	        " ORDER BY f.number");
	char step[NEXTSTEP_TEXT];
	struct bankfile f;

	while (row(q))
		if (bankfile_load(r, col_int(q, 0), &f))
			advise(a, "%s: %s", f.msg_id, nextstep_print(r, &f, step));
}

static void
advise_all(struct advice *a, struct run *r, const struct money *m)
{
	int64_t overdue = exception_count_overdue(r), younger = exception_count_open(r) - overdue;

	advise_on_night(a, r);
	advise_on_missing(a, r);
	if (m->at_risk > 0)
		advise(
		    a,
		    "money at risk: ask the bank about the %lld held above before another file is released",
		    (long long)m->at_risk);
	advise_on_files(a, r);
	advise_on_rejected(a, r);
	if (overdue > 0)
		advise(a,
		       "%lld held for more than a week: a person decides about them: alanpay exceptions list",
		       (long long)overdue);
	if (younger > 0)
		advise(a, "%lld held for less: tried again each night; alanpay exceptions list tells why",
		       (long long)younger);
}

/* -------------------------------------------------------------------------------------------------------- */

static void
write_screen(struct run *r, const struct grid *g, const struct money *m, struct sink *s)
{
	struct advice a = {.sink = s};
	char euros[MONEY_TEXT_GROUPED], refunded[MONEY_TEXT_GROUPED];
	size_t i;

	write_grid(r, g, s);
	for (i = 0; i < LENGTH(lists); i++) {
		sink_print(s, "\n%s\n", lists[i].title);
		listing_write(r, &lists[i].listing, listing_query(r, &lists[i].listing), FORMAT_TABLE, s);
	}
	sink_print(s, "\nmoney in flight  %s EUR in %lld debit%s, %s EUR in %lld refund%s\n",
	           money_print_grouped(euros, m->debits.sum), (long long)m->debits.count,
	           m->debits.count == 1 ? "" : "s", money_print_grouped(refunded, m->refunds.sum),
	           (long long)m->refunds.count, m->refunds.count == 1 ? "" : "s");
	if (m->at_risk > 0)
		sink_print(s, "money at risk    %lld held\n", (long long)m->at_risk);
	else
		sink_text(s, "money at risk    nothing held\n");
	sink_text(s, "\nnext\n");
	advise_all(&a, r, m);
	if (a.lines == 0)
		sink_text(s, "  nothing: nobody has to act\n");
}

static void
write_json(struct run *r, const struct grid *g, const struct money *m, struct sink *s)
{
	struct json j = {.sink = s, .indent = r->format == FORMAT_JSON};
	struct advice a = {.json = &j};
	char day[DATE_TEXT];
	size_t i;

	json_open(&j, NULL, '{');
	json_put_text(&j, "date", date_print(day, r->on));
	put_grid(&j, r, g);
	for (i = 0; i < LENGTH(lists); i++)
		listing_put_array(&j, lists[i].listing.name, r, &lists[i].listing,
		                  listing_query(r, &lists[i].listing));
	json_open(&j, "money_in_flight", '{');
	json_put_int(&j, "debits", m->debits.count);
	json_put_int(&j, "sum_in_cents", m->debits.sum);
	json_put_int(&j, "refunds", m->refunds.count);
	json_put_int(&j, "refunds_sum_in_cents", m->refunds.sum);
	json_close(&j, '}');
	json_open(&j, "money_at_risk", '{');
	json_put_int(&j, "exceptions", m->at_risk);
	json_close(&j, '}');
	json_open(&j, "next", '[');
	advise_all(&a, r, m);
	json_close(&j, ']');
	json_close(&j, '}');
	if (r->format == FORMAT_JSONL)
		sink_text(s, "\n");
}

static void
status(struct run *r)
{
	struct grid g = {0};
	struct money m = {0};
	struct sink *s;

	if (r->format == FORMAT_CSV)
		die(EXIT_USAGE, "the status is no list: --format json, or no --format");
	load_grid(r, &g);
	load_money(r, &m);
	s = listing_stdout();
	if (r->format == FORMAT_TABLE)
		write_screen(r, &g, &m, s);
	else
		write_json(r, &g, &m, s);
	listing_stdout_end(s);
}

const struct command status_commands[] = {
    {"status", "one screen: nights, sessions, files, what is held, what to do next", ACCESS_READS, NULL,
     status, NULL},
    {0},
};
