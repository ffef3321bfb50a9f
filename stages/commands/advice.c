/* advice: see advice.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/money.h"
#include "formats/text.h"
#include "stages/commands/advice.h"
#include "stages/commands/chain.h"
#include "stages/core/bank/nextstep.h"
#include "stages/core/bank/settlement.h"
#include "stages/core/books/debt.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/journal.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"
#include "stages/core/members/consequence.h"
#include "stages/core/members/notification.h"

#define ADVICE_TEXT 1024
#define NOTICE_DAYS 31 /* a debit that did not come is named so long after its day */

static void __attribute__((format(printf, 4, 5)))
advise(struct advice *a, enum advice_level level, const char *command, const char *fmt, ...)
{
	char text[ADVICE_TEXT];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	a->take(a->ctx, text, command);
	a->n++;
	if (level > a->worst)
		a->worst = level;
}

/* Exceptions ------------------------------------------------------------------------------------------- */

static int64_t
count_files(struct run *r)
{
	return value(sql(r->db, "SELECT count(*) FROM exception WHERE state = 'open' AND kind = 'file'"), 0);
}

/* Overdue or not; without files and bank entries, which have an advice of their own. */
static int64_t
count_others(struct run *r, bool overdue)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT count(*)"
	    " FROM exception"
	    " WHERE state = 'open'"
	    "  AND kind NOT IN ('file', 'bank_entry', 'receipt')"
	    "  AND CASE WHEN $overdue = 1 THEN opened_on < $before ELSE opened_on >= $before END");

	bind_int(q, "$overdue", overdue);
	bind_date(q, "$before", r->on - EXCEPTION_DAYS);
	return value(q, 0);
}

static void
advise_on_exceptions(struct advice *a)
{
	struct run *r = a->run;
	const char *list = run_command(r, "exceptions list");
	const char *list_files = run_command(r, "exceptions list --kind file");
	int64_t younger = count_others(r, false), overdue = count_others(r, true);
	int64_t files = count_files(r) - a->risk.refused;
	int64_t receipts =
	    value(sql(r->db, "SELECT count(*) FROM exception WHERE state = 'open' AND kind = 'receipt'"), 0);

	if (younger > 0)
		advise(a, ADVICE_WAIT, list, "%lld exception%s opened within a week: tried again each night",
		       (long long)younger, text_plural(younger));
	if (overdue > 0)
		advise(a, ADVICE_LOOK, list, "%lld exception%s open for more than a week: decide",
		       (long long)overdue, text_plural(overdue));
	if (receipts > 0)
		advise(
		    a, ADVICE_LOOK, run_command(r, "exceptions list --kind receipt"),
		    "%lld receipt%s of notifications cannot be applied: ask the sending component, and decide",
		    (long long)receipts, text_plural(receipts));
	if (files > 0)
		advise(
		    a, ADVICE_LOOK, list_files,
		    "%lld file%s quarantined, never tried again: ask the sender for a correct one, or decide",
		    (long long)files, text_plural(files));
}

static void
advise_on_risk(struct advice *a)
{
	struct concerns c = a->risk;
	struct run *r = a->run;

	if (c.unread > 0)
		advise(
		    a, ADVICE_WAIT, run_command(r, "reconcile"),
		    "money at risk: %lld bank report%s unread in inbox/bank: the next night reads %s, and no"
		    " bank file is released before",
		    (long long)c.unread, text_plural(c.unread), c.unread == 1 ? "it" : "them");
	if (c.refused > 0)
		advise(
		    a, ADVICE_LOOK, run_command(r, "exceptions list --kind file"),
		    "money at risk: %lld bank report%s quarantined, returns may be in %s: have %s sent again,"
		    " or decide; no bank file is released before",
		    (long long)c.refused, text_plural(c.refused), c.refused == 1 ? "it" : "them",
		    c.refused == 1 ? "it" : "them");
	if (c.entries > 0)
		advise(
		    a, ADVICE_LOOK, run_command(r, "exceptions list --kind bank_entry"),
		    "money at risk: %lld bank entr%s not in the books: ask the bank, and decide before another"
		    " file is released",
		    (long long)c.entries, c.entries == 1 ? "y is" : "ies are");
}

/* Members who believe in a debit, or in a refund, that does not come; until a month after its day. */
static void
advise_on_withdrawn(struct advice *a)
{
	struct run *r = a->run;
	struct stmt *q = sql(r->db,
	    "SELECT f.msg_id, count(*)"
	    " FROM withdrawn_notice w"
	    " JOIN bank_file f ON f.number = w.file_number"
	    " WHERE w.is_notified = 0 AND w.collect_on >= $since"
	    " GROUP BY f.msg_id"
	    " ORDER BY f.msg_id");

	bind_date(q, "$since", r->on - NOTICE_DAYS);
	while (row(q))
		advise(
		    a, ADVICE_WAIT, run_command(r, "sepa show --file %s", col_text(q, 0)),
		    "%lld member%s notified of a debit or refund in %s that will not come: have %s informed, or set"
		    " withdrawn_debits in [notifications]",
		    (long long)col_int(q, 1), col_int(q, 1) == 1 ? " was" : "s were", col_text(q, 0),
		    col_int(q, 1) == 1 ? "the member" : "them");
}

/* Debits whose members the receiver does not know: their files cannot be released. */
static void
advise_on_notices(struct advice *a)
{
	struct run *r = a->run;
	struct stmt *q =
	    sql(r->db,
	    "SELECT f.msg_id, count(*)"
	    " FROM bank_file f"
	    " JOIN collection c ON c.file_number = f.number"
	    " JOIN notification n ON " NOTIFICATION_OF_COLLECTION("n", "c")
	    "  AND n.params = " NOTIFICATION_PARAMS("c", "f")
	    "  AND n.state IN ('refused', 'expired')"
	    " WHERE f.kind = 'debit' AND f.state IN ('generated', 'approved')"
	    " GROUP BY f.msg_id"
	    " ORDER BY f.msg_id");

	if (!config_yes(r->config, RELEASE_REQUIRE_NOTICE))
		return;
	while (row(q))
		advise(
		    a, ADVICE_LOOK, run_command(r, "sepa show --file %s", col_text(q, 0)),
		    "%lld notification%s of a debit in %s refused by the receiver, or expired: it is not released"
		    " before the sending component has a better receipt",
		    (long long)col_int(q, 1), col_int(q, 1) == 1 ? " was" : "s were", col_text(q, 0));
}

/* A rejected record is not an exception: its sender corrects it. Named until the next night. */
static void
advise_on_rejected(struct advice *a)
{
	struct run *r = a->run;
	struct stmt *q = sql(r->db,
	    "SELECT i.received_on, count(*)"
	    " FROM request q"
	    " JOIN input i ON i.number = q.input_number"
	    " WHERE q.status = 'rejected'"
	    "  AND i.received_on = (SELECT max(business_on) FROM stage_run"
	    "   WHERE stage = 'intake' AND business_on <= $on)"
	    " GROUP BY i.received_on");

	bind_date(q, "$on", r->on);
	while (row(q))
		advise(a, ADVICE_LOOK, NULL,
		       "%lld record%s of requests rejected: the senders find why in"
		       " out/%s/requests/*.results.jsonl",
		       (long long)col_int(q, 1), text_plural(col_int(q, 1)), col_text(q, 0));
}

/* Members ---------------------------------------------------------------------------------------------- */

/* Excluded at a freeze, in a session that is still open, for a reason that only a person can change and nobody has changed. */
static void
advise_on_excluded(struct advice *a)
{
	struct run *r = a->run;
	struct stmt *q = sql(r->db,
	    "SELECT x.reason, count(*), CAST(sum(abs(x.amount_in_cents)) AS BIGINT)"
	    " FROM open_session o"
	    " JOIN exclusion x ON x.carried_to_session = o.number"
	    " JOIN session s ON s.number = x.session_number"
	    " LEFT JOIN current_mandate m ON m.profile_number = x.profile_number"
	    " LEFT JOIN mandate u ON u.number = m.number"
	    " WHERE CASE"
	    "   WHEN x.reason = 'below_minimum' THEN 0"
	    "   WHEN x.reason = 'above_limit' THEN abs(x.amount_in_cents) > $limit"
	    "   WHEN x.reason = 'too_many_failures' THEN coalesce(u.unblocked_at, 0) <= s.frozen_at"
	    "   WHEN x.reason = 'offset' THEN coalesce(m.status, '') NOT IN ('active', 'expired')"
	    "   WHEN x.reason IN ('invalid_iban', 'country_not_sepa') THEN m.status_at <= s.frozen_at"
	    "   ELSE coalesce(m.status, '') <> 'active' END"
	    " GROUP BY x.reason ORDER BY x.reason");
	char sum[MONEY_TEXT_GROUPED];

	bind_int(q, "$limit", config_int(r->config, RELEASE_MAX_DEBIT_CENTS));
	while (row(q))
		advise(a, ADVICE_WAIT, NULL,
		       "%lld debt%s, %s EUR, excluded at the freeze until a person acts: %s;"
		       " excluded.csv beside the bank file lists them",
		       (long long)col_int(q, 1), text_plural(col_int(q, 1)),
		       money_print_grouped(sum, col_int(q, 2)), col_text(q, 0));
}

/* What `debts` left without a session is owed, and never collected. */
static void
advise_on_unassigned(struct advice *a)
{
	struct debt_unassigned u;
	char sum[MONEY_TEXT_GROUPED], day[DATE_TEXT];

	debt_sum_unassigned(a->run, &u);
	if (u.count > 0 && journal_cursor(a->run, DEBT_UNASSIGNED_CURSOR, 0) > 0)
		advise(a, ADVICE_LOOK,
		       run_command(a->run, "recovery create_session --period-start DAY --period-end DAY"
		                           " --freeze-date DAY --recovery-date DAY"),
		       "%lld balance transaction%s, %s EUR, since %s, without a session: not collected before"
		       " [recovery] or a person opens one",
		       (long long)u.count, text_plural(u.count), money_print_grouped(sum, u.sum),
		       date_print(day, u.oldest));
}

static void
advise_on_deceased(struct advice *a)
{
	struct run *r = a->run;
	struct stmt *q = sql(r->db,
	    "SELECT count(*), coalesce(-CAST(sum(p.balance_in_cents) AS BIGINT), 0)"
	    " FROM profile p"
	    " WHERE p.balance_in_cents < 0 AND p.number IN (SELECT q.profile_number FROM consequence q"
	    "   LEFT JOIN same_reason s ON s.file_number = q.file_number AND s.reason = q.reason"
	    "   WHERE q.of_member = 1 AND " CONSEQUENCE_COUNTS("q", "s") ")");
	char sum[MONEY_TEXT_GROUPED];

	while (row(q))
		if (col_int(q, 0) > 0)
			advise(a, ADVICE_WAIT, NULL,
			       "%lld member%s died owing %s EUR: not collected, a person turns to the estate",
			       (long long)col_int(q, 0), text_plural(col_int(q, 0)),
			       money_print_grouped(sum, col_int(q, 1)));
}

/* Bank files ------------------------------------------------------------------------------------------- */

/* Nobody has to act: the bank still has time, or the next night makes the next version. */
static bool
is_waiting(struct run *r, const struct bankfile *f)
{
	bool is_overdue = settlement_find_missing(r, f) != SETTLEMENT_COMPLETE;
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "out/upload/%s", f->name);
	switch (f->state) {
	case BANKFILE_CANCELLED:
	case BANKFILE_WITHDRAWN:
		return true;
	case BANKFILE_UPLOADED:
		return !is_overdue;
	case BANKFILE_ACCEPTED:
	case BANKFILE_PARTIALLY_ACCEPTED:
		return !is_overdue && access(path, F_OK) < 0; /* else its upload was not recorded */
	default:
		return false;
	}
}

static void
advise_on_file(struct advice *a, const struct bankfile *f)
{
	struct nextstep n;

	nextstep_find(a->run, f, &n);
	advise(a, is_waiting(a->run, f) ? ADVICE_WAIT : ADVICE_LOOK, n.command[0] == '\0' ? NULL : n.command,
	       "%s: %s", f->msg_id, n.words);
}

/* Every debit of it is settled, and no person has noted its upload. */
static void
advise_on_notes(struct advice *a)
{
	struct run *r = a->run;
	struct stmt *q = sql(r->db,
	    "SELECT msg_id FROM bank_file WHERE state = 'settled' AND uploaded_at IS NULL ORDER BY number");

	while (row(q))
		advise(
		    a, ADVICE_LOOK,
		    run_command(r, "sepa mark-uploaded --file %s --bank-reference REFERENCE", col_text(q, 0)),
		    "%s: the bank has settled it, and its upload was not noted", col_text(q, 0));
}

static void
advise_on_files(struct advice *a)
{
	struct run *r = a->run;
	struct stmt *q = sql(r->db,
	    "SELECT f.number"
	    " FROM bank_file f"
	    " WHERE f.state NOT IN ('settled', 'cancelled', 'withdrawn')"
	    "  OR (f.state IN ('cancelled', 'withdrawn')"
	    "   AND EXISTS (SELECT 1 FROM collection c"
	    "    JOIN debt d ON d.profile_number = c.profile_number AND d.session_number = c.session_number"
	    "     AND d.status = 'pending'"
	    "    WHERE c.file_number = f.number"
	    "     AND NOT EXISTS (SELECT 1 FROM collection later"
	    "      WHERE later.profile_number = c.profile_number AND later.session_number = c.session_number"
	    "       AND later.file_number > c.file_number)))"
	    " ORDER BY f.number");
	struct bankfile f;

	while (row(q))
		if (bankfile_load(r, col_int(q, 0), &f))
			advise_on_file(a, &f);
}

/* Nights ----------------------------------------------------------------------------------------------- */

static date
newest_done(struct run *r)
{
	struct stmt *q =
	    sql(r->db, "SELECT max(business_on) FROM night WHERE state = 'done' AND business_on <= $on");

	bind_date(q, "$on", r->on);
	return value_date(q);
}

date
advice_next_night(struct run *r)
{
	date done = newest_done(r), begun;
	struct stmt *q;

	if (done != DATE_NONE)
		return done + 1;
	q = sql(r->db, "SELECT min(business_on) FROM night WHERE business_on <= $on");
	bind_date(q, "$on", r->on);
	begun = value_date(q);
	return begun != DATE_NONE ? begun : r->on;
}

struct advice_nights
advice_missing(struct run *r)
{
	date first = advice_next_night(r);

	if (first >= r->on)
		return (struct advice_nights){0};
	return (struct advice_nights){r->on - first, first, r->on - 1};
}

bool
advice_doubts_clock(struct run *r, char text[static ADVICE_CLOCK])
{
	date newest = value_date(sql(r->db, "SELECT max(business_on) FROM night"));
	char day[DATE_TEXT], today[DATE_TEXT];

	if (newest == DATE_NONE || newest <= r->on)
		return false;
	snprintf(text, ADVICE_CLOCK, "the newest night is %s, and %s %s: is %s right?",
	         date_print(day, newest), r->clock_given ? "--date is" : "today is", date_print(today, r->on),
	         r->clock_given ? "that date" : "the clock of this machine");
	return true;
}

static void
advise_on_clock(struct advice *a)
{
	char text[ADVICE_CLOCK];

	if (!a->run->clock_given && advice_doubts_clock(a->run, text))
		advise(a, ADVICE_LOOK, NULL, "%s", text);
}

static void
advise_on_first(struct advice *a)
{
	if (value(sql(a->run->db, "SELECT count(*) FROM night"), 0) == 0)
		advise(a, ADVICE_WAIT, run_command(a->run, "run"), "no night was run yet");
}

static int64_t
count_started(struct run *r, date first, date last)
{
	struct stmt *q = sql(r->db, "SELECT count(DISTINCT business_on) FROM night"
	                            " WHERE business_on >= $first AND business_on <= $last");

	bind_date(q, "$first", first);
	bind_date(q, "$last", last);
	return value(q, 0);
}

/* Nights before this one that were never started. */
static void
advise_on_missing(struct advice *a)
{
	struct run *r = a->run;
	struct advice_nights nights = advice_missing(r);
	int64_t missing;

	if (nights.n == 0 || newest_done(r) == DATE_NONE)
		return;
	missing = nights.n - count_started(r, nights.first, nights.last);
	if (missing > 0)
		advise(a, ADVICE_FAILED, run_command(r, "run"), "%lld night%s before this one %s not run",
		       (long long)missing, text_plural(missing), missing == 1 ? "was" : "were");
}

/* Nights that were never started, and that a later one overtook. They are named for a while. */
static void
advise_on_skipped(struct advice *a)
{
	struct run *r = a->run;
	date done = newest_done(r), begun = value_date(sql(r->db, "SELECT min(business_on) FROM night"));
	date on, first = DATE_NONE, last = DATE_NONE;
	char day[2][DATE_TEXT];
	int n = 0;

	if (done == DATE_NONE)
		return;
	for (on = begun > done - CHAIN_NIGHTS ? begun : done - CHAIN_NIGHTS; on < done; on++) {
		if (count_started(r, on, on) > 0)
			continue;
		first = n++ == 0 ? on : first;
		last = on;
	}
	if (n > 0)
		advise(a, ADVICE_WAIT, NULL,
		       "%d night%s between %s and %s %s skipped: the next one that was run did %s work", n,
		       text_plural(n), date_print(day[0], first), date_print(day[1], last),
		       n == 1 ? "was" : "were", n == 1 ? "its" : "their");
}

/* Nights that were started and are not done, without the one of which advise_on_stages names a stage. */
static void
advise_on_unfinished(struct advice *a)
{
	struct run *r = a->run;
	struct stmt *q =
	    sql(r->db,
	    "SELECT DISTINCT business_on FROM night u"
	    " WHERE business_on <= $on"
	    "  AND NOT EXISTS (SELECT 1 FROM night d"
	    "   WHERE d.business_on = u.business_on AND d.state = 'done')"
	    "  AND NOT (business_on = (SELECT max(business_on) FROM night WHERE business_on <= $on)"
	    "   AND EXISTS (SELECT 1 FROM stage_run s"
	    "    WHERE s.business_on = u.business_on AND s.night_number IS NOT NULL"
	    "     AND s.state IN ('running', 'failed', 'aborted')"
	    "     AND s.number = (SELECT max(number) FROM stage_run t"
	    "      WHERE t.stage = s.stage AND t.business_on = s.business_on AND t.state <> 'refused')))"
	    " ORDER BY business_on");

	bind_date(q, "$on", r->on);
	while (row(q))
		advise(a, ADVICE_FAILED, run_command(r, "run --date %s", col_text(q, 0)),
		       "the night of %s is not finished", col_text(q, 0));
}

/* What to do about a stage that failed or was interrupted. */
static void
advise_on_stage(struct advice *a, struct stmt *q)
{
	const char *stage = col_text(q, 0), *on = col_text(q, 4);
	bool by_hand = col_null(q, 5);
	const char *command = by_hand ? run_command(a->run, "%s --date %s", stage, on)
	                              : run_command(a->run, "run --date %s", on);
	const char *why = col_null(q, 3) ? "no reason was stored" : col_text(q, 3);
	int status = (int)col_int_or(q, 2, 0);

	if (col_null(q, 2))
		advise(a, ADVICE_FAILED, command, "%s of %s was interrupted: a rerun is safe", stage, on);
	else if (status == EXIT_UNAVAILABLE || status == EXIT_BUSY) /* its message says: again later */
		advise(a, ADVICE_FAILED, command, "%s of %s failed with %d: %s", stage, on, status, why);
	else
		advise(a, ADVICE_FAILED, command, "%s of %s failed with %d: %s; %s", stage, on, status, why,
		       chain_remedy(status));
}

/* The stages that failed or were interrupted, of the newest night and started by a person since. */
static void
advise_on_stages(struct advice *a)
{
	struct run *r = a->run;
	struct stmt *q = sql(r->db,
	    "SELECT stage, state, exit_status, message, business_on, night_number, pid"
	    " FROM stage_run s"
	    " WHERE state IN ('running', 'failed', 'aborted')"
	    "  AND business_on <= $on"
	    "  AND business_on >= coalesce((SELECT max(business_on) FROM night WHERE business_on <= $on), '')"
	    "  AND number = (SELECT max(number) FROM stage_run t"
	    "   WHERE t.stage = s.stage AND t.business_on = s.business_on AND t.state <> 'refused')"
	    " ORDER BY number");

	bind_date(q, "$on", r->on);
	while (row(q))
		if (strcmp(col_text(q, 1), "running") != 0 ||
		    !chain_stage_is_alive(col_null(q, 5), col_int(q, 6)))
			advise_on_stage(a, q);
}

/* -------------------------------------------------------------------------------------------------------- */

void
advice_give(struct advice *a, advice_take_fn *take, void *ctx)
{
	a->take = take;
	a->ctx = ctx;
	advise_on_exceptions(a);
	advise_on_rejected(a);
	advise_on_excluded(a);
	advise_on_withdrawn(a);
	advise_on_notices(a);
	advise_on_unassigned(a);
	advise_on_deceased(a);
	if (!a->is_past) {
		advise_on_files(a);
		advise_on_notes(a);
	}
	advise_on_risk(a);
	if (chain_is_going()) {
		advise(a, ADVICE_WAIT, NULL, "`alanpay run` is running: wait for its end");
		return;
	}
	advise_on_clock(a);
	advise_on_first(a);
	advise_on_skipped(a);
	advise_on_missing(a);
	advise_on_unfinished(a);
	advise_on_stages(a);
}
