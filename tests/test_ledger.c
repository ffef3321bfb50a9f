/* ledger: posting once, the balance that is the sum, and what no statement may do to a posted row. */
#include "tests/members.h"

#include "formats/length.h"
#include "stages/core/books/ledger.h"
#include "stages/core/members/profile.h"

static enum posted
post(struct run *r, int64_t profile, enum event event, cents amount, const char *source)
{
	struct posting p = {.profile = profile,
	                    .event = event,
	                    .amount = amount,
	                    .at = home_instant("2026-03-02T10:00:00Z"),
	                    .source_kind = SOURCE_REQUEST,
	                    .source = source,
	                    .source_size = strlen(source)};

	return ledger_post(r, &p);
}

static cents
balance(struct run *r, int64_t profile)
{
	struct stmt *q = sql(r->db, "SELECT balance_in_cents FROM profile WHERE number = $n");

	bind_int(q, "$n", profile);
	return value(q, -1);
}

static int64_t
last_number(struct run *r, int64_t profile)
{
	struct stmt *q = sql(r->db, "SELECT last_transaction FROM profile WHERE number = $n");

	bind_int(q, "$n", profile);
	return value(q, -1);
}

static void
posting_keeps_every_field(void **state)
{
	struct run *r = *state;
	struct posting p = {.profile = 2,
	                    .event = EVENT_CAPTURED_CARD_PAYMENT,
	                    .amount = -1234,
	                    .at = home_instant("2026-03-02T23:30:00.007Z"), /* the third in Paris */
	                    .source_kind = SOURCE_REQUEST,
	                    .source = "a\0b",
	                    .source_size = 3,
	                    .payment = 4,
	                    .input = 1,
	                    .line = 77};
	struct stmt *q;
	size_t n;

	assert_int_equal(ledger_post(r, &p), POSTED);
	q = sql(r->db,
	        "SELECT profile_number, number, event, amount_in_cents, transaction_at, transaction_on,"
	        " source_kind, source, payment_number, session_number, settled_session,"
	        " push_notification_sent_at, input_number, line FROM balance_transaction");
	assert_true(row(q));
	assert_int_equal(col_int(q, 0), 2);
	assert_int_equal(col_int(q, 1), 1);
	assert_int_equal(col_int(q, 2), 1);
	assert_int_equal(col_int(q, 3), -1234);
	assert_true(col_instant(q, 4) == p.at);
	assert_string_equal(col_text(q, 5), "2026-03-03");
	assert_int_equal(col_int(q, 6), 3);
	assert_memory_equal(col_blob(q, 7, &n), "a\0b", 3);
	assert_int_equal(n, 3);
	assert_int_equal(col_int(q, 8), 4);
	assert_true(col_null(q, 9) && col_null(q, 10) && col_null(q, 11));
	assert_int_equal(col_int(q, 12), 1);
	assert_int_equal(col_int(q, 13), 77);
	assert_false(row(q));
}

static void
posting_leaves_absent_fields_null(void **state)
{
	struct run *r = *state;

	post(r, 1, EVENT_EXTERNAL_TRANSACTION, 5, "x");
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM balance_transaction WHERE payment_number IS NULL"
	                   "  AND settled_session IS NULL AND input_number IS NULL AND line IS NULL"),
	    1);
}

static void
posting_settles_a_session_that_is_named(void **state)
{
	struct run *r = *state;
	struct posting p = {.profile = 1,
	                    .event = EVENT_RECOVERY,
	                    .amount = 500,
	                    .at = home_instant("2026-03-02T10:00:00Z"),
	                    .source_kind = SOURCE_COLLECTION,
	                    .source = "E1",
	                    .source_size = 2,
	                    .settled_session = 9};

	assert_int_equal(ledger_post(r, &p), POSTED);
	assert_int_equal(home_number(r, "SELECT settled_session FROM balance_transaction"), 9);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM balance_transaction WHERE session_number IS NULL"), 1);
}

static void
posting_twice_changes_nothing(void **state)
{
	struct run *r = *state;
	int64_t before;

	assert_int_equal(post(r, 1, EVENT_CAPTURED_CARD_PAYMENT, -700, "t1"), POSTED);
	before = store_changes(r->db);
	assert_int_equal(post(r, 1, EVENT_CAPTURED_CARD_PAYMENT, -700, "t1"), POSTED_BEFORE);
	home_reopen(r);
	assert_int_equal(post(r, 1, EVENT_CAPTURED_CARD_PAYMENT, -700, "t1"), POSTED_BEFORE);
	assert_int_equal(store_changes(r->db), 0);
	assert_true(before > 0);
	assert_int_equal(balance(r, 1), -700);
	assert_int_equal(last_number(r, 1), 1);
	assert_int_equal(home_number(r, "SELECT count(*) FROM balance_transaction"), 1);
}

static void
posting_otherwise_changes_nothing(void **state)
{
	struct run *r = *state;
	int64_t before;

	post(r, 1, EVENT_CAPTURED_CARD_PAYMENT, -700, "t1");
	before = store_changes(r->db);
	assert_int_equal(post(r, 1, EVENT_CAPTURED_CARD_PAYMENT, -701, "t1"), POSTED_OTHERWISE);
	assert_int_equal(post(r, 1, EVENT_CAPTURED_CARD_PAYMENT, 700, "t1"), POSTED_OTHERWISE);
	assert_int_equal(post(r, 2, EVENT_CAPTURED_CARD_PAYMENT, -700, "t1"), POSTED_OTHERWISE);
	assert_int_equal(store_changes(r->db), before);
	assert_int_equal(balance(r, 1), -700);
	assert_int_equal(balance(r, 2), 0);
	assert_int_equal(last_number(r, 1), 1);
	assert_int_equal(last_number(r, 2), 0);
}

/* The key is source kind, source and event: a collection is recovered and fails later. */
static void
same_source_has_one_posting_for_each_event_and_kind(void **state)
{
	struct run *r = *state;
	struct posting p = {.profile = 1,
	                    .event = EVENT_RECOVERY,
	                    .amount = 900,
	                    .at = home_instant("2026-03-02T10:00:00Z"),
	                    .source_kind = SOURCE_COLLECTION,
	                    .source = "t1",
	                    .source_size = 2};

	assert_int_equal(post(r, 1, EVENT_CAPTURED_CARD_PAYMENT, -900, "t1"), POSTED);
	assert_int_equal(ledger_post(r, &p), POSTED);
	p.event = EVENT_FAILED_RECOVERY;
	p.amount = -900;
	assert_int_equal(ledger_post(r, &p), POSTED);
	assert_int_equal(ledger_post(r, &p), POSTED_BEFORE);
	p.source_kind = SOURCE_REQUEST;
	assert_int_equal(ledger_post(r, &p), POSTED);
	p.source_size = 1;
	assert_int_equal(ledger_post(r, &p), POSTED);
	assert_int_equal(balance(r, 1), -2700);
	assert_int_equal(last_number(r, 1), 5);
}

static void
balance_is_the_sum_and_numbers_are_the_members_own(void **state)
{
	static const struct {
		int64_t profile;
		cents amount;
		const char *source;
		cents ada, bob;
		int64_t number;
	} rows[] = {
	    {1, -1000, "a", -1000, 0, 1}, {2, -1, "b", -1000, -1, 1},      {1, 250, "c", -750, -1, 2},
	    {1, 0, "d", -750, -1, 3},     {2, 40000, "e", -750, 39999, 2}, {1, 750, "f", 0, 39999, 4},
	};
	size_t i;

	for (i = 0; i < LENGTH(rows); i++) {
		assert_int_equal(post(*state, rows[i].profile, EVENT_CAPTURED_CARD_PAYMENT, rows[i].amount,
		                      rows[i].source),
		                 POSTED);
		assert_int_equal(balance(*state, 1), rows[i].ada);
		assert_int_equal(balance(*state, 2), rows[i].bob);
		assert_int_equal(last_number(*state, rows[i].profile), rows[i].number);
	}
	assert_int_equal(home_number(*state,
	                             "SELECT count(*) FROM balance_transaction b JOIN profile p"
	                             "  ON p.number = b.profile_number WHERE b.number > p.last_transaction"),
	                 0);
}

static void
postings_that_are_rolled_back_give_their_number_back(void **state)
{
	struct run *r = *state;

	tx_begin(r->db);
	assert_int_equal(post(r, 1, EVENT_CAPTURED_CARD_PAYMENT, -700, "t1"), POSTED);
	tx_rollback(r->db);
	assert_int_equal(balance(r, 1), 0);
	assert_int_equal(last_number(r, 1), 0);
	assert_int_equal(post(r, 1, EVENT_CAPTURED_CARD_PAYMENT, -800, "t1"), POSTED);
	assert_int_equal(balance(r, 1), -800);
	assert_int_equal(last_number(r, 1), 1);
}

static void
overflow(struct run *r)
{
	post(r, 1, EVENT_CAPTURED_CARD_PAYMENT, INT64_MIN, "t1");
	post(r, 1, EVENT_CAPTURED_CARD_PAYMENT, -1, "t2");
}

static void
overflow_upwards(struct run *r)
{
	post(r, 2, EVENT_CAPTURED_CARD_PAYMENT, INT64_MAX, "t3");
	post(r, 2, EVENT_CAPTURED_CARD_PAYMENT, 1, "t4");
}

static void
balance_that_does_not_fit_ends_the_process(void **state)
{
	home_dies(*state, overflow, EXIT_BUG, "the balance of profile 1 does not fit");
	home_dies(*state, overflow_upwards, EXIT_BUG, "the balance of profile 2 does not fit");
	assert_int_equal(home_number(*state, "SELECT count(*) FROM balance_transaction"), 2);
}

/* A set of n rows of 5.00 for the first member. */
static void
post_set(struct run *r, int64_t n)
{
	struct stmt *q;

	tx_begin(r->db);
	home_exec(
	    r, "CREATE TEMPORARY TABLE posting (profile, of_member, event, amount, at, on_day, source_kind,"
	       " source, settled_session, input, line)");
	q = sql(r->db,
	    "WITH RECURSIVE one (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < $n)"
	    " INSERT INTO posting"
	    " SELECT 1, n, 4, 500, 0, '1970-01-01', 4, CAST('t' || n AS BLOB), NULL, NULL, NULL FROM one");
	bind_int(q, "$n", n);
	exec(q);
	ledger_post_set(r);
	tx_commit(r->db);
}

static void
post_one_more(struct run *r)
{
	(void)post(r, 1, EVENT_RECOVERY, 500, "t0");
}

static void
post_set_of_two(struct run *r)
{
	post_set(r, 2);
}

static void
set_that_has_no_more_numbers_ends_the_process(void **state)
{
	struct run *r = *state;

	home_exec(r, "UPDATE profile SET last_transaction = 16777214 WHERE number = 1");
	home_dies(r, post_set_of_two, EXIT_BUG, "profile 1 has at most 16777215 balance transactions");
	post_set(r, 1);
	assert_int_equal(balance(r, 1), 500);
	assert_int_equal(last_number(r, 1), 16777215);
	assert_int_equal(home_number(r, "SELECT number FROM balance_transaction"), 16777215);
	home_dies(r, post_one_more, EXIT_BUG, "profile 1 has at most 16777215 balance transactions");
}

static void
note_that_moves_money(struct run *r)
{
	post(r, 1, EVENT_REJECTED_CARD_PAYMENT, -1, "t1");
}

static void
change_amount(struct run *r)
{
	home_exec(r, "UPDATE balance_transaction SET amount_in_cents = -1");
}

static void
delete_posting(struct run *r)
{
	home_exec(r, "DELETE FROM balance_transaction");
}

static void
posted_row_never_changes(void **state)
{
	assert_int_equal(post(*state, 1, EVENT_RELEASED_CARD_PAYMENT, 0, "t0"), POSTED);
	home_dies(*state, note_that_moves_money, EXIT_BUG, "CHECK");
	home_dies(*state, change_amount, EXIT_BUG, "never changed");
	home_dies(*state, delete_posting, EXIT_BUG, "never deleted");
	assert_int_equal(
	    home_number(*state, "SELECT count(*) FROM balance_transaction WHERE amount_in_cents = 0"), 1);
}

/* The business date is 2026-03-04; days are days in Paris. */
static void
future_begins_two_midnights_after_the_business_date(void **state)
{
	static const struct {
		const char *at;
		bool is_future;
	} rows[] = {
	    {"2020-01-01T00:00:00Z", false}, {"2026-03-04T23:30:00Z", false},
	    {"2026-03-05T00:00:00Z", false}, {"2026-03-05T22:59:59.999Z", false},
	    {"2026-03-05T23:00:00Z", true},  {"2026-03-06T12:00:00Z", true},
	};
	struct run *r = *state;
	struct err e = {0};
	size_t i;

	for (i = 0; i < LENGTH(rows); i++)
		if (ledger_is_in_future(r, home_instant(rows[i].at)) != rows[i].is_future)
			fail_msg("%s", rows[i].at);
	assert_int_equal(date_parse("2026-07-31", &r->on, &e), 0);
	assert_false(ledger_is_in_future(r, home_instant("2026-08-01T21:59:59.999Z"))); /* summer time */
	assert_true(ledger_is_in_future(r, home_instant("2026-08-01T22:00:00Z")));
}

static void
ledger_events_are_the_codes_of_the_books(void **state)
{
	static const struct {
		enum event event;
		const char *word, *in_sql;
	} events[] = {
	    {EVENT_CAPTURED_CARD_PAYMENT, "captured_card_payment", SQL_CODE(EVENT_CAPTURED_CARD_PAYMENT)},
	    {EVENT_EXTERNAL_TRANSACTION, "external_transaction", SQL_CODE(EVENT_EXTERNAL_TRANSACTION)},
	    {EVENT_FAILED_RECOVERY, "failed_recovery", SQL_CODE(EVENT_FAILED_RECOVERY)},
	    {EVENT_RECOVERY, "recovery", SQL_CODE(EVENT_RECOVERY)},
	    {EVENT_REFUND, "refund", SQL_CODE(EVENT_REFUND)},
	    {EVENT_REJECTED_CARD_PAYMENT, "rejected_card_payment", SQL_CODE(EVENT_REJECTED_CARD_PAYMENT)},
	    {EVENT_RELEASED_CARD_PAYMENT, "released_card_payment", SQL_CODE(EVENT_RELEASED_CARD_PAYMENT)},
	};
	struct run *r = *state;
	struct stmt *q = sql(r->db, "SELECT number, word FROM code WHERE kind = 'event' ORDER BY number");
	size_t i;

	for (i = 0; row(q); i++) {
		assert_true(i < LENGTH(events));
		assert_int_equal(col_int(q, 0), events[i].event);
		assert_int_equal(strtoll(events[i].in_sql, NULL, 10), events[i].event);
		assert_string_equal(col_text(q, 1), events[i].word);
	}
	assert_int_equal(i, LENGTH(events));
}

#define WITH_TWO(test) cmocka_unit_test_setup_teardown(test, members_open, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_TWO(ledger_events_are_the_codes_of_the_books),
	    WITH_TWO(posting_keeps_every_field),
	    WITH_TWO(posting_leaves_absent_fields_null),
	    WITH_TWO(posting_settles_a_session_that_is_named),
	    WITH_TWO(posting_twice_changes_nothing),
	    WITH_TWO(posting_otherwise_changes_nothing),
	    WITH_TWO(same_source_has_one_posting_for_each_event_and_kind),
	    WITH_TWO(balance_is_the_sum_and_numbers_are_the_members_own),
	    WITH_TWO(postings_that_are_rolled_back_give_their_number_back),
	    WITH_TWO(balance_that_does_not_fit_ends_the_process),
	    WITH_TWO(set_that_has_no_more_numbers_ends_the_process),
	    WITH_TWO(posted_row_never_changes),
	    WITH_TWO(future_begins_two_midnights_after_the_business_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
