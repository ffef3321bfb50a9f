/* stale: each change names the months, and the members, that show it. */
#include "tests/home.h"

#include "stages/core/api/stale.h"
#include "stages/core/engine/key.h"
#include "stages/core/engine/touched.h"

/* Member 1 has a payment whose first transaction is of January; it was captured in February, in a debt that failed (session 1).
 * That came back in April, in session 2. Payment 2 is of May; an external transaction is of June. */
#define AT(day) "CAST(strftime('%s', '2026-" day "') AS INTEGER) * 1000"
#define KEY(n)  "(16777216 + " n ")"

static const char *const world[] = {
    "INSERT INTO profile (number, app_id, app_user_id, status, declared_at) VALUES (1, 'alan', 'ada', 'active', 0)",
    "INSERT INTO session (number, code, period_start_on, period_end_on, freeze_on, recovery_on, status, opened_by)"
    " VALUES (1, '20260228-1', '2026-02-01', '2026-02-28', '2026-03-03', '2026-03-10', 'failed', 'configuration'),"
    "  (2, '20260430-1', '2026-04-01', '2026-04-30', '2026-05-03', '2026-05-10', 'pending', 'configuration')",
    "INSERT INTO debt (profile_number, session_number, status, amount_in_cents, recovered_in_cents, refunded_in_cents)"
    " VALUES (1, 1, 'failed', 100, 0, 0), (1, 2, 'pending', NULL, NULL, NULL)",
    "INSERT INTO swan_transaction (key, id, type, status, amount_in_cents, first_amount_in_cents, created_at, updated_at,"
    "  input_number, line)"
    " VALUES (" KEY("1") " * 256 + 1, x'01', 1, 1, 100, 100, " AT(
	"01-15") ", 0, 1, 1),"
		 "  (" KEY("1") " * 256 + 2, x'02', 1, 1, 100, 100, " AT(
		     "02-15") ", 0, 1, 2),"
			      "  (" KEY("2") " * 256 + 1, x'03', 1, 1, 100, 100, " AT("05-15") ", 0, 1, 3)",
    "INSERT INTO card_payment (key, swan_payment, status, effective_at, authorized_in_cents, captured_in_cents)"
    " VALUES (" KEY("1") ", x'01', 13, " AT("01-15") ", 100, 100), (" KEY("2") ", x'02', 12, " AT(
	"05-15") ", 100, 0)",
    "INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on, source_kind, source,"
    "  payment_number, session_number, settled_session)"
    " VALUES (" KEY("1") ", 1, -100, " AT("02-15") ", '2026-02-15', 1, " KEY(
	"1") " * 256 + 2, 1, 1, NULL),"
	     "  (" KEY("2") ", 4, 100, " AT(
		 "03-15") ", '2026-03-15', 2, CAST('E1' AS BLOB), NULL, NULL, 1),"
			  "  (" KEY("3") ", 3, -100, " AT(
			      "04-15") ", '2026-04-15', 2, CAST('E1' AS BLOB), NULL, 2, NULL),"
				       "  (" KEY("4") ", 2, 10, " AT(
					   "06-15") ", '2026-06-15', 3, CAST('X1' AS BLOB), NULL, 2, NULL)",
    "INSERT INTO notification_batch (number, name, business_on, nth, lines, first_number, last_number)"
    " VALUES (1, 'alan_pay__post_payment', '2026-02-10', 1, 2, 1, 2)",
    "INSERT INTO notification (number, name, subject_type, subject, attempt, profile_number, params, batch_number,"
    "  created_at, expires_at, state)"
    " VALUES (1, 'alan_pay__post_payment', 'card_payment', '1/2', 1, 1, '{}', 1, 0, 0, 'pending'),"
    "  (2, 'alan_pay__external_transaction', 'balance_transaction', '4', 1, 1, '{}', 1, 0, 0, 'pending')",
};

static int
world_open(void **state)
{
	struct run *r;
	size_t i;

	if (home_setup(state) != 0)
		return -1;
	r = *state;
	tx_begin(r->db);
	for (i = 0; i < LENGTH(world); i++)
		home_exec(r, world[i]);
	tx_commit(r->db);
	tx_begin(r->db);
	touched_clear(r->db);
	tx_commit(r->db);
	return 0;
}

/* The months of 2026 as digits, of transactions, then of payments: "24 1". */
static const char *
months_after(struct run *r, const char *change)
{
	static char text[32];
	struct stale *stale = calloc(1, sizeof(*stale));
	int list, month, january = history_month_parse("2026-01");
	size_t n = 0;

	tx_begin(r->db);
	home_exec(r, change);
	tx_commit(r->db);
	if (!stale_find(r, stale)) {
		free(stale);
		return "any";
	}
	for (list = 0; list < HISTORY_LISTS; list++) {
		for (month = 0; month < HISTORY_MONTHS; month++)
			if (stale->month[list][month])
				text[n++] = (char)('1' + month - january);
		text[n++] = list == HISTORY_TRANSACTIONS ? ' ' : '\0';
	}
	free(stale);
	return text;
}

#define TEST_OF(name, expected, change)                                      \
	static void name(void **state)                                       \
	{                                                                    \
		assert_string_equal(months_after(*state, change), expected); \
	}

TEST_OF(stale_is_nothing_after_a_change_of_others, " ",
        "UPDATE profile SET status = 'offboarded' WHERE number = 1")
TEST_OF(stale_is_where_a_transaction_and_its_payment_are, "2 12",
        "UPDATE balance_transaction SET session_number = 2 WHERE key = " KEY("1"))
TEST_OF(stale_is_the_month_of_a_transaction_without_a_payment, "6 ",
        "UPDATE balance_transaction SET push_notification_sent_at = 1 WHERE key = " KEY("4"))
TEST_OF(stale_is_where_a_payment_was_before_an_earlier_transaction, "2 12",
        "UPDATE card_payment SET effective_at = " AT("01-15") " WHERE key = " KEY("1"))
TEST_OF(stale_follows_a_payment_without_transactions, " 5",
        "UPDATE card_payment SET status = 15 WHERE key = " KEY("2"))
TEST_OF(stale_follows_a_debt, "2 12", "UPDATE debt SET failure = 'AM04' WHERE session_number = 1")
TEST_OF(stale_follows_a_debt_to_what_failed_before, "246 12",
        "UPDATE debt SET status = 'initiated' WHERE session_number = 2")
TEST_OF(stale_follows_the_notification_of_a_payment, "2 12",
        "UPDATE notification SET state = 'expired' WHERE number = 1")
TEST_OF(stale_follows_the_notification_of_an_external_transaction, "6 ",
        "UPDATE notification SET state = 'expired' WHERE number = 2")
TEST_OF(
    stale_follows_an_external_transaction, "6 ",
    "INSERT INTO external_transaction (number, app_id, external_transaction_id, profile_number, requested_in_cents, outcome,"
    "  transaction_number) VALUES (1, 'fr', 'X1', 1, 10, 'posted', 4)")
TEST_OF(stale_may_be_any_month_when_a_row_is_gone, "any", "DELETE FROM card_payment WHERE key = " KEY("2"))

/* Row 1000 was noted, and nobody has it. */
#define GONE(table) "INSERT INTO touched (name, number, keys) VALUES ('" table "', 1, x'E803000000000000')"

TEST_OF(stale_may_be_any_month_when_a_debt_is_gone, "any", GONE("debt"))
TEST_OF(stale_may_be_any_month_when_a_collection_is_gone, "any", GONE("collection"))
TEST_OF(stale_may_be_any_month_when_a_notification_is_gone, "any", GONE("notification"))
TEST_OF(stale_may_be_any_month_when_an_external_transaction_is_gone, "any", GONE("external_transaction"))

/* Members ----------------------------------------------------------------------------------------------------------- */

/* As ranges: "1 3-5". */
static const char *
members_changed(struct run *r)
{
	static char text[256];
	struct history_members members;
	size_t i, n = 0;

	text[0] = '\0';
	if (!stale_find_members(r, &members))
		return free(members.range), "any";
	for (i = 0; i < members.n; i++)
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n,
		    members.range[i].first == members.range[i].last ? "%s%lld" : "%s%lld-%lld",
		    i == 0 ? "" : " ", (long long)members.range[i].first, (long long)members.range[i].last);
	free(members.range);
	return text;
}

static const char *
members_after(struct run *r, const char *change)
{
	tx_begin(r->db);
	home_exec(r, change);
	tx_commit(r->db);
	return members_changed(r);
}

#define MEMBERS_OF(name, expected, change)                                    \
	static void name(void **state)                                        \
	{                                                                     \
		assert_string_equal(members_after(*state, change), expected); \
	}

MEMBERS_OF(nobody_is_stale_after_a_change_of_others, "",
           "UPDATE profile SET status = 'offboarded' WHERE number = 1")
MEMBERS_OF(member_of_a_transaction_is_stale, "1",
           "UPDATE balance_transaction SET session_number = 2 WHERE key = " KEY("1"))
MEMBERS_OF(member_of_a_payment_is_stale, "1", "UPDATE card_payment SET status = 15 WHERE key = " KEY("2"))
MEMBERS_OF(member_of_a_payment_that_is_gone_is_stale, "1", "DELETE FROM card_payment WHERE key = " KEY("2"))
MEMBERS_OF(member_of_a_debt_is_stale, "1", "UPDATE debt SET failure = 'AM04' WHERE session_number = 1")
MEMBERS_OF(member_of_a_notification_is_stale, "1",
           "UPDATE notification SET state = 'expired' WHERE number = 1")
MEMBERS_OF(member_of_an_external_transaction_is_stale, "1",
           "INSERT INTO external_transaction (number, app_id, external_transaction_id, profile_number,"
           "  requested_in_cents, outcome, transaction_number) VALUES (1, 'fr', 'X1', 1, 10, 'posted', 4)")
MEMBERS_OF(any_member_is_stale_when_a_debt_is_gone, "any", GONE("debt"))
MEMBERS_OF(any_member_is_stale_when_a_collection_is_gone, "any", GONE("collection"))
MEMBERS_OF(any_member_is_stale_when_a_notification_is_gone, "any", GONE("notification"))
MEMBERS_OF(any_member_is_stale_when_an_external_transaction_is_gone, "any", GONE("external_transaction"))
MEMBERS_OF(any_member_is_stale_when_any_row_may_be_another, "any",
           "INSERT INTO touched (name, number, keys) VALUES ('card_payment', 0, NULL)")

/* Notes a payment of each of n members, step apart, from the first one on. */
static void
note_members(struct run *r, int64_t nth, int64_t first, int64_t step, size_t n)
{
	int64_t *keys = calloc(n, sizeof(*keys));
	struct stmt *q =
	    sql(r->db, "INSERT INTO touched (name, number, keys) VALUES ('card_payment', $nth, $keys)");
	size_t i;

	for (i = 0; i < n; i++)
		keys[i] = key_of(first + (int64_t)i * step, 1);
	bind_int(q, "$nth", nth);
	bind_blob(q, "$keys", keys, n * sizeof(*keys));
	exec(q);
	free(keys);
}

static void
members_are_ranges_in_order(void **state)
{
	struct run *r = *state;
	struct history_members members;

	tx_begin(r->db);
	note_members(r, 1, 10, 1, 3);
	note_members(r, 2, 3, 1, 2);
	note_members(r, 3, 5, 5, 2);
	note_members(r, 4, 20, 2, 2);
	assert_string_equal(members_changed(r), "3-5 10-12 20 22");
	note_members(r, 5, 1000001, 2, 5000);
	note_members(r, 6, 1000000, 2, 5000);
	note_members(r, 7, 1000001, 2, 5000);
	assert_string_equal(members_changed(r), "3-5 10-12 20 22 1000000-1009999");
	note_members(r, 8, 2000000, 2, 5000);
	assert_true(stale_find_members(r, &members));
	assert_int_equal(members.n, 5005);
	free(members.range);
	tx_commit(r->db);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, world_open, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(stale_is_nothing_after_a_change_of_others),
	    TEST(stale_is_where_a_transaction_and_its_payment_are),
	    TEST(stale_is_the_month_of_a_transaction_without_a_payment),
	    TEST(stale_is_where_a_payment_was_before_an_earlier_transaction),
	    TEST(stale_follows_a_payment_without_transactions),
	    TEST(stale_follows_a_debt),
	    TEST(stale_follows_a_debt_to_what_failed_before),
	    TEST(stale_follows_the_notification_of_a_payment),
	    TEST(stale_follows_the_notification_of_an_external_transaction),
	    TEST(stale_follows_an_external_transaction),
	    TEST(stale_may_be_any_month_when_a_row_is_gone),
	    TEST(stale_may_be_any_month_when_a_debt_is_gone),
	    TEST(stale_may_be_any_month_when_a_collection_is_gone),
	    TEST(stale_may_be_any_month_when_a_notification_is_gone),
	    TEST(stale_may_be_any_month_when_an_external_transaction_is_gone),
	    TEST(nobody_is_stale_after_a_change_of_others),
	    TEST(member_of_a_transaction_is_stale),
	    TEST(member_of_a_payment_is_stale),
	    TEST(member_of_a_payment_that_is_gone_is_stale),
	    TEST(member_of_a_debt_is_stale),
	    TEST(member_of_a_notification_is_stale),
	    TEST(member_of_an_external_transaction_is_stale),
	    TEST(any_member_is_stale_when_a_debt_is_gone),
	    TEST(any_member_is_stale_when_a_collection_is_gone),
	    TEST(any_member_is_stale_when_a_notification_is_gone),
	    TEST(any_member_is_stale_when_an_external_transaction_is_gone),
	    TEST(any_member_is_stale_when_any_row_may_be_another),
	    TEST(members_are_ranges_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
