/* debt: see debt.h. Writes debt, and the session_number of balance_transaction. */
#include <stdio.h>
#include <string.h>

#include "stages/core/books/debt.h"
#include "stages/core/books/ledger.h"
#include "stages/core/books/session.h"
#include "stages/core/engine/key.h"
#include "stages/core/engine/log.h"

/* Balance transactions that need a debt and have none: they move money, and are not the recovery or refund of a debt. */
#define UNASSIGNED "session_number IS NULL AND settled_session IS NULL AND " SQL_MOVES_MONEY

/* A range of members, by number. */
struct members {
	int64_t first, last;
};

#define OF_MEMBERS UNASSIGNED " AND profile_number BETWEEN $first AND $last"

static void
bind_members(struct stmt *q, struct members of)
{
	bind_int(q, "$first", of.first);
	bind_int(q, "$last", of.last);
}

/* Rows. Of old books each is in a page of its own, and a statement keeps the pages that it changes in memory until it is done. */
#define BATCH 512

/* The next of these members with such rows, as many as make a batch; the rows of a member are in one. False: there are no more. */
static bool
next_batch(struct run *r, struct members of, struct members *batch)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT min(profile_number), max(profile_number)"
	    " FROM ("
	    "   SELECT profile_number"
	    "   FROM balance_transaction"
	    "   WHERE " OF_MEMBERS
	    "   ORDER BY profile_number LIMIT " SQL_NUMBER(BATCH) ") AS t");

	bind_members(q, (struct members){batch->last + 1, of.last});
	(void)row(q);
	*batch = (struct members){col_int_or(q, 0, 0), col_int_or(q, 1, 0)};
	reset(q);
	return batch->first != 0;
}

/* An open session, to which rows of days up to this one go. */
struct taker {
	int64_t session;
	date until;
};

/* The earliest one, or the next one after it, by recovery date and number. */
static bool
next_taker(struct run *r, struct taker *t)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT number, period_end_on"
	    " FROM open_session"
	    " WHERE $after = 0"
	    "  OR (recovery_on, number) > (SELECT recovery_on, number FROM session WHERE number = $after)"
	    " ORDER BY recovery_on, number LIMIT 1");

	bind_int(q, "$after", t->session);
	if (!row(q))
		return false;
	*t = (struct taker){col_int(q, 0), col_date(q, 1)};
	reset(q);
	return true;
}

#define INCREASING OF_MEMBERS " AND amount_in_cents < 0 AND transaction_on <= $until"

/* The rows that no earlier session took. Their debts are made before they are in them, so that nothing has to be searched later. */
static int64_t
take_increasing(struct run *r, const struct taker *t, struct members of)
{
	struct stmt *q =
	    sql(r->db,
	    "INSERT INTO debt (profile_number, session_number, status)"
	    " SELECT DISTINCT profile_number, $session, 'pending'"
	    " FROM balance_transaction"
	    " WHERE " INCREASING
	    " ON CONFLICT (profile_number, session_number) DO NOTHING");

	bind_int(q, "$session", t->session);
	bind_date(q, "$until", t->until);
	bind_members(q, of);
	exec(q);
	q = sql(r->db, "UPDATE balance_transaction SET session_number = $session WHERE " INCREASING);
	bind_int(q, "$session", t->session);
	bind_date(q, "$until", t->until);
	bind_members(q, of);
	return exec(q);
}

static int64_t
assign_increasing(struct run *r, struct members of)
{
	struct taker t = {0};
	int64_t assigned = 0;

	while (next_taker(r, &t))
		assigned += take_increasing(r, &t, of);
	return assigned;
}

/* The next member with rows that reduce debt, from this one on; 0 after the last one. */
static int64_t
next_reduced_member(struct run *r, struct members of)
{
	struct stmt *q = sql(r->db,
	    "SELECT profile_number"
	    " FROM balance_transaction"
	    " WHERE " OF_MEMBERS
	    "  AND amount_in_cents >= 0"
	    " ORDER BY profile_number LIMIT 1");

	bind_members(q, of);
	return value(q, 0);
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
make_debt(struct run *r, int64_t profile, int64_t session)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO debt (profile_number, session_number, status) VALUES ($profile, $session, 'pending')"
	    " ON CONFLICT (profile_number, session_number) DO NOTHING");

	bind_int(q, "$profile", profile);
	bind_int(q, "$session", session);
	exec(q);
}

/* False: no session takes it. */
static bool
assign_reducing_row(struct run *r, int64_t profile, int64_t key, date on)
{
	int64_t session = session_where_member_owes(r, profile);
	struct stmt *q;

	if (session == 0)
		session = session_of_day(r, on);
	if (session == 0)
		return false;
	make_debt(r, profile, session);
	q = sql(r->db, "UPDATE balance_transaction SET session_number = $session WHERE key = $key");
	bind_int(q, "$session", session);
	bind_int(q, "$key", key);
	return exec(q) > 0;
}

/* By their time and source, so that the order in which they arrived makes no difference: they are sorted, so all of them are read
 * before the first one is changed. A row that no session takes is the last: the member owes in none, and the rows after it are
 * not earlier. */
static int64_t
assign_reducing(struct run *r, int64_t profile)
{
	struct stmt *q = sql(r->db,
	    "SELECT key, transaction_on"
	    " FROM balance_transaction"
	    " WHERE " UNASSIGNED
	    "  AND amount_in_cents >= 0"
	    "  AND profile_number = $profile"
	    " ORDER BY transaction_at, source_kind,"
	    "  CASE source_kind WHEN " SQL_CODE(SOURCE_SWAN)
	    "   THEN (SELECT t.id FROM swan_transaction t WHERE t.key = balance_transaction.source) ELSE source END,"
	    "  event");
	int64_t assigned = 0;

	bind_int(q, "$profile", profile);
	while (row(q)) {
		if (!assign_reducing_row(r, profile, col_int(q, 0), col_date(q, 1)))
			break;
		assigned++;
	}
	reset(q);
	return assigned;
}

static int64_t
assign_rows(struct run *r, struct members of)
{
	struct members batch = {.last = of.first - 1}, rest;
	int64_t assigned = 0;

	while (next_batch(r, of, &batch)) {
		assigned += assign_increasing(r, batch);
		for (rest = batch; (rest.first = next_reduced_member(r, rest)) != 0; rest.first++)
			assigned += assign_reducing(r, rest.first);
	}
	return assigned;
}

int64_t
debt_assign(struct run *r)
{
	return assign_rows(r, (struct members){1, INT64_MAX - 1});
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

void
debt_initiate(struct run *r, int64_t session, int64_t first, int64_t last)
{
	struct stmt *q = sql(r->db,
	    "UPDATE debt"
	    " SET status = 'initiated'"
	    " WHERE session_number = $session AND profile_number BETWEEN $first AND $last AND status = 'pending'"
	    "  AND EXISTS ("
	    "    SELECT 1 FROM collection c"
	    "    WHERE c.profile_number = debt.profile_number AND c.session_number = debt.session_number"
	    "     AND c.live = 1)");

	bind_int(q, "$session", session);
	bind_int(q, "$first", first);
	bind_int(q, "$last", last);
	exec(q);
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
	struct stmt *q = sql(r->db,
	        "UPDATE debt"
	        " SET status = 'executed'"
	        " WHERE profile_number = $profile AND session_number = $session AND status = 'initiated'");

	bind_int(q, "$profile", profile);
	bind_int(q, "$session", session);
	exec(q);
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
	session_refresh_failed(r, session);
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
