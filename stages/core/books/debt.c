/* debt: see debt.h. Writes debt, exclusion, and the session_number of balance_transaction. */
#include <stdio.h>
#include <string.h>

#include "stages/core/books/debt.h"
#include "stages/core/books/ledger.h"
#include "stages/core/books/session.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/key.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/mandate.h"

/* Balance transactions that need a debt and have none: they move money, and are not the recovery or refund of a debt. */
#define UNASSIGNED "session_number IS NULL AND settled_session IS NULL AND " SQL_MOVES_MONEY

/* A range of members, by number: one of them, or all. */
struct members {
	int64_t first, last;
};

static int64_t
assign_increasing(struct run *r, struct members of)
{
	struct stmt *q = sql(r->db,
	    "UPDATE balance_transaction"
	    " SET session_number = ("
	    "   SELECT s.number"
	    "   FROM open_session s"
	    "   WHERE s.period_end_on >= balance_transaction.transaction_on"
	    "   ORDER BY s.recovery_on, s.number LIMIT 1)"
	    " WHERE " UNASSIGNED
	    "  AND amount_in_cents < 0"
	    "  AND profile_number BETWEEN $first AND $last"
	    "  AND EXISTS ("
	    "    SELECT 1"
	    "    FROM open_session s"
	    "    WHERE s.period_end_on >= balance_transaction.transaction_on)");

	bind_int(q, "$first", of.first);
	bind_int(q, "$last", of.last);
	return exec(q);
}

/* The next member with rows that reduce debt, from this one on; 0 after the last one. */
static int64_t
next_reduced_member(struct run *r, int64_t from, int64_t last)
{
	struct stmt *q = sql(r->db,
	    "SELECT profile_number"
	    " FROM balance_transaction"
	    " WHERE " UNASSIGNED
	    "  AND amount_in_cents >= 0"
	    "  AND profile_number BETWEEN $from AND $last"
	    " ORDER BY profile_number LIMIT 1");

	bind_int(q, "$from", from);
	bind_int(q, "$last", last);
	return value(q, 0);
}

struct unassigned {
	int64_t profile, number;
	date on;
};

/* By their time and source, so that the order in which they arrived makes no difference. */
static bool
next_reducing(struct run *r, struct unassigned *w)
{
	struct stmt *q = sql(r->db,
	    "SELECT number, transaction_on"
	    " FROM balance_transaction"
	    " WHERE " UNASSIGNED
	    "  AND amount_in_cents >= 0"
	    "  AND profile_number = $profile"
	    " ORDER BY transaction_at, source_kind,"
	    "  CASE source_kind WHEN " SQL_CODE(SOURCE_SWAN)
	    "   THEN (SELECT t.id FROM swan_transaction t WHERE t.key = balance_transaction.source) ELSE source END,"
	    "  event LIMIT 1");

	bind_int(q, "$profile", w->profile);
	if (!row(q))
		return false;
	w->number = col_int(q, 0);
	w->on = col_date(q, 1);
	reset(q);
	return true;
}

static int64_t
session_where_member_owes(struct run *r, int64_t profile)
{
	struct stmt *q = sql(r->db,
	    "SELECT s.number"
	    " FROM debt_amount d"
	    " JOIN open_session s ON s.number = d.session_number"
	    " WHERE d.profile_number = $profile AND d.amount_in_cents > 0"
	    " ORDER BY s.recovery_on, s.number LIMIT 1");

	bind_int(q, "$profile", profile);
	return value(q, 0);
}

static int64_t
session_of_day(struct run *r, date on)
{
	struct stmt *q = sql(r->db,
	    "SELECT number"
	    " FROM open_session"
	    " WHERE period_end_on >= $on"
	    " ORDER BY recovery_on, number LIMIT 1");

	bind_date(q, "$on", on);
	return value(q, 0);
}

static void
make_missing_debts(struct run *r, struct members of)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO debt (profile_number, session_number, status)"
	    " SELECT DISTINCT b.profile_number, b.session_number, 'pending'"
	    " FROM open_session s"
	    " JOIN balance_transaction b ON b.session_number = s.number"
	    " WHERE b.profile_number BETWEEN $first AND $last"
	    " ON CONFLICT (profile_number, session_number) DO NOTHING");

	bind_int(q, "$first", of.first);
	bind_int(q, "$last", of.last);
	exec(q);
}

static bool
assign_reducing_row(struct run *r, const struct unassigned *w)
{
	int64_t session = session_where_member_owes(r, w->profile);
	struct stmt *q;

	if (session == 0)
		session = session_of_day(r, w->on);
	if (session == 0)
		return false;
	q = sql(r->db,
	    "UPDATE balance_transaction"
	    " SET session_number = $session"
	    " WHERE key = " SQL_KEY("$profile", "$number"));
	bind_int(q, "$session", session);
	bind_int(q, "$profile", w->profile);
	bind_int(q, "$number", w->number);
	return exec(q) > 0;
}

/* A row that no session takes is the last: the member owes in none, and the rows after it are not earlier. */
static int64_t
assign_reducing(struct run *r, int64_t profile)
{
	struct unassigned w = {.profile = profile};
	int64_t assigned = 0;

	while (next_reducing(r, &w) && assign_reducing_row(r, &w))
		assigned++;
	return assigned;
}

static int64_t
assign_rows(struct run *r, struct members of)
{
	int64_t assigned = assign_increasing(r, of), profile = of.first - 1;

	make_missing_debts(r, of);
	while ((profile = next_reduced_member(r, profile + 1, of.last)) != 0)
		assigned += assign_reducing(r, profile);
	make_missing_debts(r, of);
	return assigned;
}

static const struct members everybody = {0, INT64_MAX};

int64_t
debt_assign(struct run *r)
{
	return assign_rows(r, everybody);
}

int64_t
debt_assign_member(struct run *r, int64_t profile)
{
	return assign_rows(r, (struct members){profile, profile});
}

cents
debt_open(struct run *r, int64_t profile)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT -coalesce(CAST(sum(b.amount_in_cents) AS BIGINT), 0)"
	    " FROM balance_transaction b"
	    " LEFT JOIN frozen_session s ON s.number = b.session_number"
	    " WHERE " SQL_OF_MEMBER("b.key", "$profile") " AND b.settled_session IS NULL AND s.number IS NULL");

	bind_int(q, "$profile", profile);
	return value(q, 0);
}

int64_t
debt_count_unassigned(struct run *r)
{
	return value(sql(r->db, "SELECT count(*) FROM balance_transaction WHERE " UNASSIGNED), 0);
}

void
debt_sum_unassigned(struct run *r, struct debt_unassigned *u)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*), coalesce(-CAST(sum(amount_in_cents) AS BIGINT), 0), min(transaction_on)"
	    " FROM balance_transaction WHERE " UNASSIGNED);

	(void)row(q);
	*u = (struct debt_unassigned){col_int(q, 0), col_int(q, 1), col_date(q, 2)};
	reset(q);
}

struct candidate {
	int64_t profile;
	cents amount; /* positive: the member owes */
	enum mandate_status mandate;
	char iban[35];
	bool has_address;
};

static bool
next_candidate(struct run *r, int64_t session, struct candidate *c)
{
	struct stmt *q = sql(r->db,
	    "SELECT d.profile_number, d.amount_in_cents, coalesce(m.status, ''), coalesce(m.iban, ''),"
	    "  " MANDATE_HAS_ADDRESS("m")
	    " FROM debt_amount d"
	    " LEFT JOIN current_mandate m ON m.profile_number = d.profile_number"
	    " WHERE d.session_number = $session AND d.profile_number > $after"
	    " ORDER BY d.profile_number LIMIT 1");

	bind_int(q, "$session", session);
	bind_int(q, "$after", c->profile);
	bind_text(q, "$address", config_text(r->config, BANK_ADDRESS));
	if (!row(q))
		return false;
	c->profile = col_int(q, 0);
	c->amount = col_int(q, 1);
	c->mandate = mandate_col_status(q, 2);
	snprintf(c->iban, sizeof(c->iban), "%s", col_text(q, 3));
	c->has_address = col_int(q, 4) != 0;
	reset(q);
	return true;
}

/* Debits, or refunds, of this member that came back since the last one that was booked and stayed, and since a person unblocked
 * the mandate. Of refunds only those count that went to the account that would be paid now, and came back for a reason that
 * lies with the member. */
static int64_t
failures_in_a_row(struct run *r, const struct candidate *c)
{
	struct stmt *q = sql(r->db,
	    "SELECT q.reason"
	    " FROM consequence q"
	    " JOIN collection c ON c.end_to_end_id = q.end_to_end_id AND c.file_number = q.file_number"
	    " JOIN mandate m ON m.number = q.mandate_number"
	    " LEFT JOIN same_reason s ON s.file_number = q.file_number AND s.reason = q.reason"
	    " WHERE q.profile_number = $profile AND q.kind = $kind"
	    "  AND ($kind = 'debit' OR m.iban = $iban)"
	    "  AND " CONSEQUENCE_COUNTS("q", "s")
	    "  AND c.session_number > coalesce(("
	    "    SELECT max(good.session_number) FROM collection good"
	    "    JOIN bank_file f ON f.number = good.file_number"
	    "    WHERE good.profile_number = $profile AND good.state = 'booked' AND f.kind = $kind), 0)");
	const struct reason *reason;
	int64_t n = 0;

	bind_int(q, "$profile", c->profile);
	bind_text(q, "$kind", c->amount < 0 ? "refund" : "debit");
	bind_text(q, "$iban", c->iban);
	while (row(q)) {
		reason = c->amount > 0 ? NULL : reason_find(REASON_OF_REFUND, col_text(q, 0));
		n += reason == NULL || reason_is_members(reason);
	}
	return n;
}

cents
debt_refundable(struct run *r, int64_t profile)
{
	struct stmt *q = sql(r->db,
	    "SELECT p.balance_in_cents + coalesce(("
	    "   SELECT CAST(sum(d.amount_in_cents) AS BIGINT)"
	    "   FROM unsettled_debt d"
	    "   JOIN frozen_session s ON s.number = d.session_number"
	    "   WHERE d.profile_number = p.number AND d.amount_in_cents < 0), 0)"
	    " FROM profile p"
	    " WHERE p.number = $profile");

	bind_int(q, "$profile", profile);
	return value(q, 0);
}

/* Why Alan does not pay out what it owes a member, but sets it off against what the member owes next. NULL: it is paid. */
static const char *
keep_because(struct run *r, const struct candidate *c)
{
	if (-c->amount > config_int(r->config, RELEASE_MAX_DEBIT_CENTS))
		return "above_limit";
	if (!mandate_names_account(c->mandate) || mandate_uncollectable(c->iban, c->has_address) != NULL)
		return "offset";
	if (debt_refundable(r, c->profile) < -c->amount)
		return "offset"; /* the balance does not cover it: the member owes more, or a debit may still come back */
	return failures_in_a_row(r, c) >= config_int(r->config, RECOVERY_MAX_FAILURES) ? "too_many_failures"
	                                                                               : NULL;
}

/* Why a debt that is not zero is excluded. NULL: it is collected. */
static const char *
exclude_because(struct run *r, const struct candidate *c)
{
	static const char *const unusable[MANDATE_STATUSES] = {
	    [MANDATE_NONE] = "no_mandate",
	    [MANDATE_SUSPENDED] = "mandate_suspended",
	    [MANDATE_BLOCKED] = "mandate_blocked",
	    [MANDATE_EXPIRED] = "mandate_expired",
	};
	const char *reason;

	if (c->amount < 0)
		return keep_because(r, c);
	if (c->amount < config_int(r->config, RECOVERY_MINIMUM_CENTS))
		return "below_minimum";
	if (c->amount > config_int(r->config, RELEASE_MAX_DEBIT_CENTS))
		return "above_limit";
	if (unusable[c->mandate] != NULL)
		return unusable[c->mandate];
	reason = mandate_uncollectable(c->iban, c->has_address);
	if (reason != NULL)
		return reason;
	if (failures_in_a_row(r, c) >= config_int(r->config, RECOVERY_MAX_FAILURES))
		return "too_many_failures";
	return NULL;
}

static void
fix_amount(struct run *r, int64_t session, int64_t profile, cents amount)
{
	struct stmt *q = sql(r->db,
	    "UPDATE debt"
	    " SET amount_in_cents = $amount,"
	    "  status = CASE WHEN $amount = 0 THEN 'succeeded' ELSE 'pending' END,"
	    "  recovered_in_cents = CASE WHEN $amount = 0 THEN 0 ELSE NULL END,"
	    "  refunded_in_cents = CASE WHEN $amount = 0 THEN 0 ELSE NULL END"
	    " WHERE profile_number = $profile AND session_number = $session");

	bind_int(q, "$amount", amount);
	bind_int(q, "$profile", profile);
	bind_int(q, "$session", session);
	exec(q);
}

/* Nothing that the program or the member does by paying changes the reason: a limit, failures, or no account to use. */
static bool
is_left_to_a_person(const struct candidate *c, const char *reason)
{
	if (strcmp(reason, "offset") == 0)
		return !mandate_names_account(c->mandate) ||
		       mandate_uncollectable(c->iban, c->has_address) != NULL;
	return strcmp(reason, "below_minimum") != 0;
}

static void
count_excluded(struct run *r, const struct candidate *c, const char *reason)
{
	run_count(r, COUNT_DEBTS_EXCLUDED, 1);
	if (!is_left_to_a_person(c, reason))
		return;
	run_count(r, COUNT_DEBTS_LEFT_TO_A_PERSON, 1);
	run_count(r, COUNT_CENTS_LEFT_TO_A_PERSON, c->amount < 0 ? -c->amount : c->amount);
	r->held = true;
}

/* The rows go to the member's debt in the next session; the debt without rows is settled at once. */
static void
carry_over(struct run *r, int64_t session, int64_t next, const struct candidate *c, const char *reason)
{
	struct stmt *q;

	if (next == 0)
		die(EXIT_BUG, "session %lld: no open session takes the debts that it excludes",
		    (long long)session);
	q = sql(r->db,
	    "UPDATE balance_transaction"
	    " SET session_number = $next"
	    " WHERE session_number = $session AND profile_number = $profile");
	bind_int(q, "$next", next);
	bind_int(q, "$session", session);
	bind_int(q, "$profile", c->profile);
	exec(q);
	q = sql(r->db,
	    "INSERT INTO exclusion (profile_number, session_number, reason, amount_in_cents,"
	    "  carried_to_session)"
	    " VALUES ($profile, $session, $reason, $amount, $next)");
	bind_int(q, "$profile", c->profile);
	bind_int(q, "$session", session);
	bind_text(q, "$reason", reason);
	bind_int(q, "$amount", c->amount);
	bind_int(q, "$next", next);
	exec(q);
	fix_amount(r, session, c->profile, 0);
	count_excluded(r, c, reason);
}

void
debt_freeze_session(struct run *r, int64_t session)
{
	int64_t next = session_next_open(r, session);
	struct candidate c = {0};
	const char *reason;

	run_count(r, COUNT_MANDATES_EXPIRED, mandate_expire(r, r->on));
	while (next_candidate(r, session, &c)) {
		reason = c.amount == 0 ? NULL : exclude_because(r, &c);
		if (reason != NULL) {
			carry_over(r, session, next, &c, reason);
			continue;
		}
		fix_amount(r, session, c.profile, c.amount);
		run_count(r, c.amount == 0 ? COUNT_DEBTS_ZERO : COUNT_DEBTS_FROZEN, 1);
	}
	make_missing_debts(r, everybody);
	session_freeze(r, session);
	run_count(r, COUNT_SESSIONS_FROZEN, 1);
}

/* As debt.status has them. */
enum debt_status { DEBT_PENDING, DEBT_INITIATED, DEBT_EXECUTED };

static const char *const statuses[] = {
    [DEBT_PENDING] = "pending",
    [DEBT_INITIATED] = "initiated",
    [DEBT_EXECUTED] = "executed",
};

static void
set_status(struct run *r, int64_t profile, int64_t session, enum debt_status from, enum debt_status to)
{
	struct stmt *q =
	    sql(r->db,
	        "UPDATE debt"
	        " SET status = $to"
	        " WHERE profile_number = $profile AND session_number = $session AND status = $from");

	bind_text(q, "$to", statuses[to]);
	bind_int(q, "$profile", profile);
	bind_int(q, "$session", session);
	bind_text(q, "$from", statuses[from]);
	exec(q);
}

void
debt_initiate(struct run *r, int64_t profile, int64_t session)
{
	set_status(r, profile, session, DEBT_PENDING, DEBT_INITIATED);
}

int64_t
debt_set_free(struct run *r, int64_t file_number)
{
	struct stmt *q = sql(r->db,
	    "UPDATE debt"
	    " SET status = 'pending'"
	    " WHERE status IN ('initiated', 'executed')"
	    "  AND (profile_number, session_number) IN ("
	    "    SELECT profile_number, session_number FROM collection WHERE file_number = $file)");

	bind_int(q, "$file", file_number);
	return exec(q);
}

void
debt_execute(struct run *r, int64_t profile, int64_t session)
{
	set_status(r, profile, session, DEBT_INITIATED, DEBT_EXECUTED);
}

void
debt_unexecute(struct run *r, int64_t file_number)
{
	struct stmt *q = sql(r->db,
	    "UPDATE debt SET status = 'initiated'"
	    " WHERE status = 'executed'"
	    "  AND (profile_number, session_number) IN ("
	    "    SELECT profile_number, session_number FROM collection"
	    "    WHERE file_number = $file AND state = 'accepted')");

	bind_int(q, "$file", file_number);
	exec(q);
}

/* From any of the unsettled statuses, or from `failed`. */
static void
settle(struct run *r, int64_t profile, int64_t session, bool had_failed)
{
	struct stmt *q =
	    sql(r->db,
	    "UPDATE debt"
	    " SET status = 'succeeded', failure = NULL,"
	    "  recovered_in_cents = CASE WHEN amount_in_cents > 0 THEN amount_in_cents ELSE 0 END,"
	    "  refunded_in_cents = CASE WHEN amount_in_cents < 0 THEN -amount_in_cents ELSE 0 END"
	    " WHERE profile_number = $profile"
	    "  AND session_number = $session"
	    "  AND status <> 'succeeded'"
	    "  AND CASE status WHEN 'failed' THEN 1 ELSE 0 END = $failed");

	bind_int(q, "$profile", profile);
	bind_int(q, "$session", session);
	bind_int(q, "$failed", had_failed);
	if (exec(q) != 1)
		die(EXIT_BUG, "the debt of profile %lld in session %lld is settled already",
		    (long long)profile, (long long)session);
	session_refresh_status(r, session);
}

void
debt_succeed(struct run *r, int64_t profile, int64_t session)
{
	settle(r, profile, session, false);
}

void
debt_succeed_set(struct run *r)
{
	int64_t session = 0;
	struct stmt *q =
	    sql(r->db,
	    "UPDATE debt"
	    " SET status = 'succeeded',"
	    "  recovered_in_cents = CASE WHEN amount_in_cents > 0 THEN amount_in_cents ELSE 0 END,"
	    "  refunded_in_cents = CASE WHEN amount_in_cents < 0 THEN -amount_in_cents ELSE 0 END"
	    " FROM booking"
	    " WHERE debt.profile_number = booking.profile"
	    "  AND debt.session_number = booking.session"
	    "  AND debt.status NOT IN ('succeeded', 'failed')");

	if (exec(q) != value(sql(r->db, "SELECT count(*) FROM booking"), 0))
		die(EXIT_BUG, "debts of a set are settled already");
	for (;;) {
		q = sql(r->db, "SELECT min(session) FROM booking WHERE session > $after");
		bind_int(q, "$after", session);
		session = value(q, 0);
		if (session == 0)
			return;
		session_refresh_status(r, session);
	}
}

void
debt_succeed_again(struct run *r, int64_t profile, int64_t session)
{
	settle(r, profile, session, true);
}

void
debt_fail(struct run *r, int64_t profile, int64_t session, const char *reason)
{
	struct stmt *q = sql(r->db,
	    "UPDATE debt"
	    " SET status = 'failed', recovered_in_cents = 0, refunded_in_cents = 0, failure = $reason"
	    " WHERE profile_number = $profile AND session_number = $session AND status <> 'failed'");

	bind_text(q, "$reason", reason);
	bind_int(q, "$profile", profile);
	bind_int(q, "$session", session);
	if (exec(q) != 1)
		die(EXIT_BUG, "the debt of profile %lld in session %lld failed already", (long long)profile,
		    (long long)session);
	session_refresh_status(r, session);
}

void
debt_fail_for(struct run *r, int64_t profile, int64_t session, const char *reason)
{
	struct stmt *q = sql(r->db,
	    "UPDATE debt SET failure = $reason"
	    " WHERE profile_number = $profile AND session_number = $session AND status = 'failed'");

	bind_text(q, "$reason", reason);
	bind_int(q, "$profile", profile);
	bind_int(q, "$session", session);
	exec(q);
}
