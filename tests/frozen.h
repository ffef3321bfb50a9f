/* frozen: the home of home.h with February frozen: three members with a mandate each, and what they owe.
 *
 * Session 1 is February 2026 (20260228-1, frozen, to be recovered on Tuesday 10 March), session 2 is March, open. Member 1
 * owes 12.50, member 2 9.90, member 3 100.00, all made by the modules themselves; each has the mandate of the same number.
 * Who acts is `nightly`. Used as cmocka_unit_test_setup_teardown(test, frozen_open, home_teardown).
 */
#ifndef TESTS_FROZEN_H
#define TESTS_FROZEN_H

#include "tests/home.h"

#include "stages/core/books/debt.h"
#include "stages/core/books/freeze.h"
#include "stages/core/books/ledger.h"
#include "stages/core/books/session.h"
#include "stages/core/members/mandate.h"
#include "stages/core/members/profile.h"

#define FROZEN_DEBTS 3
#define FROZEN_SUM   12240
#define FROZEN_ID(n) \
	"0badcafe05008000800" n "000000000001" /* "4", "8", "c": end-to-end id of member 1, 2, 3 */

static inline date
frozen_day(const char *text)
{
	struct err e = {0};
	date on = DATE_NONE;

	assert_int_equal(date_parse(text, &on, &e), 0);
	return on;
}

/* The business date and the clock, from here on. */
static inline void
frozen_at(struct run *r, const char *now)
{
	struct err e = {0};

	assert_int_equal(instant_parse(now, &r->now, &e), 0);
	r->on = date_in_paris(r->now);
}

static inline void
frozen_spend(struct run *r, int64_t profile, cents amount, const char *source)
{
	struct posting p = {.profile = profile,
	                    .event = EVENT_EXTERNAL_TRANSACTION,
	                    .amount = -amount,
	                    .at = date_paris_midnight(frozen_day("2026-02-14")),
	                    .source_kind = SOURCE_REQUEST,
	                    .source = source,
	                    .source_size = strlen(source)};

	assert_int_equal(ledger_post(r, &p), POSTED);
}

static inline void
frozen_declare(struct run *r, int64_t profile, const char *reference, const char *name, const char *iban)
{
	struct mandate m = {.reference = reference,
	                    .debtor_name = name,
	                    .country = "FRA",
	                    .signed_on = frozen_day("2026-01-02")};
	struct err e = {0};

	assert_int_equal(iban_parse(iban, &m.iban, &e), 0);
	assert_int_equal(mandate_declare(r, profile, &m, 1, 1, &e), 0);
}

/* What a member owes by February, and the mandate of the same number; negative: is owed. */
struct frozen_member {
	const char *user, *reference, *name, *iban;
	cents owes;
};

/* February and March open, three members as above, each row in its debt; then it is the night of 4 March. */
static inline struct run *
frozen_prepare(void **state, const struct frozen_member members[FROZEN_DEBTS])
{
	struct run *r;
	int64_t number;
	bool created;
	int i;

	home_setup(state);
	r = *state;
	r->as = "nightly";
	home_input(r);
	tx_begin(r->db);
	frozen_at(r, "2026-02-14T02:30:00Z");
	assert_int_equal(session_open_configured(r), 2);
	for (i = 0; i < FROZEN_DEBTS; i++) {
		number = profile_declare(r, "fr", members[i].user, 1, i + 1, &created);
		frozen_declare(r, number, members[i].reference, members[i].name, members[i].iban);
		frozen_spend(r, number, members[i].owes, members[i].user);
	}
	assert_int_equal(debt_assign(r), FROZEN_DEBTS);
	tx_commit(r->db);
	frozen_at(r, "2026-03-04T02:30:00Z");
	return r;
}

static inline void
frozen_freeze(struct run *r, int64_t session)
{
	tx_begin(r->db);
	debt_assign(r);
	freeze_session(r, session);
	tx_commit(r->db);
}

static inline int
frozen_open(void **state)
{
	static const struct frozen_member members[FROZEN_DEBTS] = {
	    {"ada", "RUM-1", "Ada", "FR7630006000011234567890189", 1250},
	    {"bob", "RUM-2", "Bob", "DE89370400440532013000", 990},
	    {"cyd", "RUM-3", "Cyd", "BE68539007547034", 10000}};
	struct run *r = frozen_prepare(state, members);

	frozen_freeze(r, 1);
	memset(r->count, 0, sizeof(r->count));
	return 0;
}

/* Balance + open debt + frozen debt not yet settled = 0, and every row that found a session has a debt there. */
static inline void
frozen_check_identity(struct run *r)
{
	assert_int_equal(
	    home_number(
		r,
		"SELECT count(*) FROM profile p WHERE p.balance_in_cents"
		"  - coalesce((SELECT sum(b.amount_in_cents) FROM balance_transaction b LEFT JOIN session s"
		"    ON s.number = b.session_number WHERE b.key BETWEEN p.number * 16777216 AND p.number * 16777216 + 16777215"
		"     AND s.frozen_at IS NULL AND b.settled_session IS NULL), 0)"
		"  + coalesce((SELECT sum(d.amount_in_cents) FROM debt d JOIN session s ON s.number = d.session_number"
		"    WHERE d.profile_number = p.number AND s.frozen_at IS NOT NULL"
		"     AND d.status NOT IN ('succeeded', 'failed')), 0) <> 0"),
	    0);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM balance_transaction b WHERE session_number IS NOT NULL"
	                   " AND NOT EXISTS (SELECT 1 FROM debt d WHERE d.profile_number = b.profile_number"
	                   "  AND d.session_number = b.session_number)"),
	    0);
}

/* The texts of a query's first column, each followed by a semicolon, until the next call. `text` must be a literal. */
static inline const char *
frozen_list(struct run *r, const char *text)
{
	static char list[4096];
	struct stmt *q = sql(r->db, text);
	size_t n = 0;

	list[0] = '\0';
	while (row(q)) {
		n +=
		    (size_t)snprintf(list + n, sizeof(list) - n, "%s;", col_null(q, 0) ? "" : col_text(q, 0));
		assert_true(n < sizeof(list));
	}
	return list;
}

/* "-1250;-990;-10000;": balances, which are what the ledger adds up to. */
static inline const char *
frozen_balances(struct run *r)
{
	assert_int_equal(home_number(r, "SELECT count(*) FROM profile p WHERE p.balance_in_cents <>"
	                                " coalesce((SELECT sum(b.amount_in_cents) FROM balance_transaction b"
	                                "  WHERE " SQL_OF_MEMBER("b.key", "p.number") "), 0)"),
	                 0);
	return frozen_list(r, "SELECT balance_in_cents FROM profile ORDER BY number");
}

#define WITH_FROZEN(test) cmocka_unit_test_setup_teardown(test, frozen_open, home_teardown)

#endif
