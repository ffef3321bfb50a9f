/* freeze: see freeze.h. Writes exclusion, the amounts of debt, and the session_number of the rows that it carries. */
#include <stdio.h>
#include <string.h>

#include "stages/core/books/debt.h"
#include "stages/core/books/freeze.h"
#include "stages/core/books/session.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/mandate.h"

struct candidate {
	int64_t profile;
	cents amount; /* positive: the member owes */
	enum mandate_status mandate;
	char iban[35];
	bool has_address, has_failed; /* a debit or refund of the member came back once */
};

/* The debts of a session that are not zero, with the member's mandate. */
static struct stmt *
begin_candidates(struct run *r, int64_t session)
{
	struct stmt *q = sql(r->db,
	    "SELECT d.profile_number, d.amount_in_cents, coalesce(m.status, ''), coalesce(m.iban, ''),"
	    "  " MANDATE_HAS_ADDRESS("m") ","
	    "  EXISTS (SELECT 1 FROM consequence q WHERE q.profile_number = d.profile_number)"
	    " FROM debt d"
	    " LEFT JOIN current_mandate m ON m.profile_number = d.profile_number"
	    " WHERE d.session_number = $session AND d.amount_in_cents <> 0"
	    " ORDER BY d.profile_number");

	bind_int(q, "$session", session);
	bind_text(q, "$address", config_text(r->config, BANK_ADDRESS));
	return q;
}

static bool
next_candidate(struct stmt *q, struct candidate *c)
{
	if (!row(q))
		return false;
	c->profile = col_int(q, 0);
	c->amount = col_int(q, 1);
	c->mandate = mandate_col_status(q, 2);
	snprintf(c->iban, sizeof(c->iban), "%s", col_text(q, 3));
	c->has_address = col_int(q, 4) != 0;
	c->has_failed = col_int(q, 5) != 0;
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

	if (!c->has_failed)
		return 0;
	bind_int(q, "$profile", c->profile);
	bind_text(q, "$kind", c->amount < 0 ? "refund" : "debit");
	bind_text(q, "$iban", c->iban);
	while (row(q)) {
		reason = c->amount > 0 ? NULL : reason_find(REASON_OF_REFUND, col_text(q, 0));
		n += reason == NULL || reason_is_members(reason);
	}
	return n;
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

#define BATCH 16384 /* debts: what a statement changes is kept in memory until it is done */

/* The last member of the batch of debts after this member; 0: no debt follows. */
static int64_t
find_batch(struct run *r, int64_t session, int64_t after)
{
	struct stmt *q = sql(r->db,
	    "SELECT max(profile_number)"
	    " FROM ("
	    "   SELECT profile_number"
	    "   FROM debt"
	    "   WHERE session_number = $session AND profile_number > $after"
	    "   ORDER BY profile_number LIMIT " SQL_NUMBER(BATCH) ") AS t");

	bind_int(q, "$session", session);
	bind_int(q, "$after", after);
	return value(q, 0);
}

static void
fix_amounts(struct run *r, int64_t session)
{
	int64_t after = 0, last;
	struct stmt *q;

	for (; (last = find_batch(r, session, after)) != 0; after = last) {
		q = sql(r->db,
		    "UPDATE debt"
		    " SET amount_in_cents = coalesce("
		    "  -(SELECT CAST(sum(b.amount_in_cents) AS BIGINT)"
		    "    FROM balance_transaction b"
		    "    WHERE b.session_number = debt.session_number AND b.profile_number = debt.profile_number), 0)"
		    " WHERE session_number = $session AND profile_number > $after AND profile_number <= $last");
		bind_int(q, "$session", session);
		bind_int(q, "$after", after);
		bind_int(q, "$last", last);
		exec(q);
	}
}

static void
exclude(struct run *r, const struct candidate *c, const char *reason)
{
	struct stmt *q =
	    sql(r->db, "INSERT INTO excluded (profile, reason, amount) VALUES ($profile, $reason, $amount)");

	bind_int(q, "$profile", c->profile);
	bind_text(q, "$reason", reason);
	bind_int(q, "$amount", c->amount);
	exec(q);
	count_excluded(r, c, reason);
}

/* Fills the temporary table `excluded`. */
static void
choose_excluded(struct run *r, int64_t session)
{
	struct candidate c;
	const char *reason;
	struct stmt *q;

	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS excluded ("
	    "  profile INTEGER NOT NULL PRIMARY KEY, reason TEXT NOT NULL, amount INTEGER NOT NULL)"));
	exec(sql(r->db, "DELETE FROM excluded"));
	q = begin_candidates(r, session);
	while (next_candidate(q, &c)) {
		reason = exclude_because(r, &c);
		if (reason != NULL)
			exclude(r, &c, reason);
		else
			run_count(r, COUNT_DEBTS_FROZEN, 1);
	}
}

/* The rows of the excluded debts go to the members' debts in the next session. */
static void
move_rows(struct run *r, int64_t session, int64_t next)
{
	struct stmt *q =
	    sql(r->db,
	    "INSERT INTO debt (profile_number, session_number, status)"
	    " SELECT profile, $next, 'pending' FROM excluded WHERE amount <> 0 ORDER BY profile"
	    " ON CONFLICT (profile_number, session_number) DO NOTHING");

	bind_int(q, "$next", next);
	exec(q);
	q = sql(r->db,
	    "UPDATE balance_transaction SET session_number = $next"
	    " WHERE session_number = $session AND profile_number IN (SELECT profile FROM excluded)");
	bind_int(q, "$next", next);
	bind_int(q, "$session", session);
	exec(q);
}

/* Returns how many. */
static int64_t
carry_excluded(struct run *r, int64_t session, int64_t next)
{
	struct stmt *q;

	if (value(sql(r->db, "SELECT count(*) FROM excluded"), 0) == 0)
		return 0;
	if (next == 0)
		die(EXIT_BUG, "session %lld: no open session takes the debts that it excludes",
		    (long long)session);
	move_rows(r, session, next);
	q = sql(r->db,
	    "UPDATE debt SET amount_in_cents = 0"
	    " WHERE session_number = $session AND profile_number IN (SELECT profile FROM excluded)");
	bind_int(q, "$session", session);
	exec(q);
	q = sql(r->db,
	    "INSERT INTO exclusion (profile_number, session_number, reason, amount_in_cents,"
	    "  carried_to_session)"
	    " SELECT profile, $session, reason, amount, $next FROM excluded ORDER BY profile");
	bind_int(q, "$session", session);
	bind_int(q, "$next", next);
	return exec(q);
}

/* A debt of nothing is settled at once. Returns how many. */
static int64_t
settle_zeroes(struct run *r, int64_t session)
{
	struct stmt *q =
	    sql(r->db,
	    "UPDATE debt SET status = 'succeeded', recovered_in_cents = 0, refunded_in_cents = 0"
	    " WHERE session_number = $session AND amount_in_cents = 0");

	bind_int(q, "$session", session);
	return exec(q);
}

void
freeze_session(struct run *r, int64_t session)
{
	int64_t excluded;

	run_count(r, COUNT_MANDATES_EXPIRED, mandate_expire(r, r->on));
	fix_amounts(r, session);
	choose_excluded(r, session);
	excluded = carry_excluded(r, session, session_next_open(r, session));
	run_count(r, COUNT_DEBTS_ZERO, settle_zeroes(r, session) - excluded);
	session_freeze(r, session);
	run_count(r, COUNT_SESSIONS_FROZEN, 1);
}
