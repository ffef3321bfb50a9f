/* transfer: money of a member without a mandate is posted once for each reference of the bank. */
#include "tests/home.h"

#include "stages/core/books/transfer.h"

static int
open_with_debt(void **state)
{
	home_setup(state);
	home_input(*state);
	home_exec(*state,
	          "INSERT INTO profile (number, app_id, app_user_id, status, declared_at, balance_in_cents,"
	          "  last_transaction) VALUES (1, 'fr', 'ada', 'inactive', 0, -700, 1),"
	          " (2, 'fr', 'bob', 'inactive', 0, 0, 0)");
	home_exec(*state,
	          "INSERT INTO session (number, code, period_start_on, period_end_on, freeze_on, recovery_on,"
	          "  status, opened_by) VALUES (1, '20260331-1', '2026-03-01', '2026-03-31', '2026-04-03',"
	          "  '2026-04-10', 'pending', 'configuration')");
	home_exec(*state,
	          "INSERT INTO debt (profile_number, session_number, status) VALUES (1, 1, 'pending')");
	home_exec(*state, "INSERT INTO balance_transaction (key, event, amount_in_cents,"
	                  "  transaction_at, transaction_on, source_kind, source, session_number)"
	                  " VALUES (1 * 16777216 + 1, 1, -700, 0, '2026-03-02', 1, 1, 1)");
	return 0;
}

#define BY_HAND(member, cents, on, text)                                                       \
	{                                                                                      \
		.profile = (member), .amount = (cents), .booked_on = (on), .reference = (text) \
	}

static const struct transfer sent = BY_HAND(1, 1000, 20515, "BNK 17"); /* 2026-03-03 */

static bool
record(struct run *r, const struct transfer *t)
{
	bool is_new;

	tx_begin(r->db);
	is_new = transfer_record(r, t);
	tx_commit(r->db);
	return is_new;
}

static void
transfer_reduces_the_open_debt_and_may_turn_it(void **state)
{
	struct run *r = *state;

	assert_true(record(r, &sent));
	assert_int_equal(home_number(r, "SELECT balance_in_cents FROM profile WHERE number = 1"), 300);
	assert_int_equal(home_number(r, "SELECT session_number FROM balance_transaction WHERE event = 4"
	                                " AND settled_session IS NULL AND transaction_on = '2026-03-03'"),
	                 1);
}

static void
transfer_is_recorded_once(void **state)
{
	struct run *r = *state;
	int64_t changes;

	assert_true(record(r, &sent));
	changes = store_changes(r->db);
	assert_false(record(r, &sent));
	assert_int_equal(store_changes(r->db), changes);
	assert_int_equal(home_number(r, "SELECT count(*) FROM balance_transaction"), 2);
}

static void
record_other_amount(struct run *r)
{
	record(r, &(struct transfer)BY_HAND(1, 1001, sent.booked_on, sent.reference));
}

static void
record_other_member(struct run *r)
{
	record(r, &(struct transfer)BY_HAND(2, sent.amount, sent.booked_on, sent.reference));
}

static void
record_other_day(struct run *r)
{
	record(r, &(struct transfer)BY_HAND(1, sent.amount, sent.booked_on + 1, sent.reference));
}

static void
reference_belongs_to_one_transfer(void **state)
{
	struct run *r = *state;

	assert_true(record(r, &sent));
	home_dies(r, record_other_amount, EXIT_REFUSED, "BNK 17 belongs to another transfer");
	home_dies(r, record_other_member, EXIT_REFUSED, "BNK 17 belongs to another transfer");
	home_dies(r, record_other_day, EXIT_REFUSED, "BNK 17 belongs to another transfer");
	assert_int_equal(home_number(r, "SELECT balance_in_cents FROM profile WHERE number = 1"), 300);
}

static void
record_nothing(struct run *r)
{
	record(r, &(struct transfer)BY_HAND(1, 0, sent.booked_on, "BNK 18"));
}

static void
record_less(struct run *r)
{
	record(r, &(struct transfer)BY_HAND(1, -1, sent.booked_on, "BNK 18"));
}

static void
record_too_early(struct run *r)
{
	record(r, &(struct transfer)BY_HAND(1, 1, r->on + 2, "BNK 18"));
}

/* Copied with a blank, it would be another reference of the same money. */
static void
record_with_a_blank(struct run *r)
{
	record(r, &(struct transfer)BY_HAND(1, 1000, sent.booked_on, "BNK 17 "));
}

static void
record_of_blanks(struct run *r)
{
	record(r, &(struct transfer)BY_HAND(1, 1000, sent.booked_on, "   "));
}

static void
record_without_reference(struct run *r)
{
	record(r, &(struct transfer)BY_HAND(1, 1, sent.booked_on, ""));
}

static void
record_two_lines(struct run *r)
{
	record(r, &(struct transfer)BY_HAND(1, 1, sent.booked_on, "BNK\n18"));
}

static void
record_what_moves_the_cursor(struct run *r)
{
	record(r, &(struct transfer)BY_HAND(1, 1, sent.booked_on, "BNK\xC2\x85 18"));
}

static const char *const spellings[] = {
    "VIR 2026/018 ABC",
    "vir 2026/018 abc",
    "VIR\xC2\xA0"
    "2026/018\xE2\x80\xAF"
    "ABC",
    "VIR  2026/018  ABC",
    "V\xE2\x80\x8BIR 2026/018 ABC\xEF\xBB\xBF",
    "VIR2026/018ABC",
    "\xEF\xBC\xB6\xEF\xBC\xA9\xEF\xBC\xB2 2026/018 ABC",
};

static void
record_of_another_amount(struct run *r)
{
	record(r, &(struct transfer)BY_HAND(1, 2, r->on, "vir 2026/018 abc"));
}

static void
record_of_another_member(struct run *r)
{
	record(r, &(struct transfer)BY_HAND(2, 1, r->on, "Vir 2026/018 Abc"));
}

static void
record_by_hand_what_swan_brought(struct run *r)
{
	record(r, &(struct transfer)BY_HAND(1, 5, r->on, "e2e 7x"));
}

static void
record_swan_that_is_there_by_hand(struct run *r)
{
	struct swan_transaction t = {.id = "swan-2",
	                             .side = "Credit",
	                             .status = "Booked",
	                             .amount = 1,
	                             .reference = "Vir 2026/018\tABC"};
	struct transfer of_swan = BY_HAND(1, 1, r->on, "swan-2");

	of_swan.swan = &t;
	record(r, &of_swan);
}

/* However it is typed: and it is stored as it was typed first. */
static void
transfer_in_other_spellings_is_one_transfer(void **state)
{
	struct run *r = *state;
	struct swan_transaction t = {.id = "swan-1",
	                             .side = "Credit",
	                             .status = "Booked",
	                             .amount = 5,
	                             .reference = "E2E\xC2\xA0"
	                                          "7X"};
	struct transfer of_swan = BY_HAND(1, 5, r->on, "swan-1");
	char stored[TRANSFER_REFERENCE + 1];

	for (size_t i = 0; i < LENGTH(spellings); i++)
		assert_int_equal(record(r, &(struct transfer)BY_HAND(1, 1, r->on, spellings[i])), i == 0);
	assert_int_equal(home_number(r, "SELECT count(*) FROM credit_transfer"), 1);
	assert_true(transfer_find_reference(r, spellings[4], stored));
	assert_string_equal(stored, spellings[0]);
	assert_false(transfer_find_reference(r, "VIR 2026/018 ABCD", stored));
	home_dies(r, record_of_another_amount, EXIT_REFUSED, "VIR 2026/018 ABC belongs to another transfer");
	home_dies(r, record_of_another_member, EXIT_REFUSED, "VIR 2026/018 ABC belongs to another transfer");
	of_swan.swan = &t;
	assert_true(record(r, &of_swan));
	home_dies(r, record_by_hand_what_swan_brought, EXIT_REFUSED, "nothing is recorded twice");
	home_dies(r, record_swan_that_is_there_by_hand, EXIT_REFUSED, "nothing is recorded twice");
	assert_true(record(r, &(struct transfer)BY_HAND(1, 1, r->on, "VIR 2026/019 ABC")));
}

static void
record_too_much(struct run *r)
{
	record(r, &(struct transfer)BY_HAND(1, 100001, sent.booked_on, "BNK 18"));
}

static void
record_too_late(struct run *r)
{
	record(r, &(struct transfer)BY_HAND(1, 1, r->on - 401, "BNK 18"));
}

static void
transfer_with_a_likely_typing_error_is_refused(void **state)
{
	struct run *r = *state;
	struct swan_transaction t = {.id = "swan-1", .side = "Credit", .status = "Booked", .amount = 100001};
	struct transfer of_swan = BY_HAND(1, 100001, sent.booked_on, "swan-1");

	home_dies(r, record_too_much, EXIT_REFUSED, "above the limit of 1 000.00 EUR");
	home_dies(r, record_too_late, EXIT_REFUSED, "more than 400 days before");
	assert_int_equal(home_number(r, "SELECT count(*) FROM credit_transfer"), 0);
	assert_true(record(r, &(struct transfer)BY_HAND(1, 100000, r->on - 400, "BNK 18")));
	of_swan.swan = &t; /* a fact of Swan: a person only attributes it */
	assert_true(record(r, &of_swan));
}

static void
text_that_is_not_a_transfer_is_refused(void **state)
{
	struct run *r = *state;

	home_dies(r, record_nothing, EXIT_REFUSED, "at least one cent");
	home_dies(r, record_less, EXIT_REFUSED, "at least one cent");
	home_dies(r, record_too_early, EXIT_REFUSED, "more than a day after");
	home_dies(r, record_without_reference, EXIT_REFUSED, "one line");
	home_dies(r, record_what_moves_the_cursor, EXIT_REFUSED, "one line");
	home_dies(r, record_with_a_blank, EXIT_REFUSED, "begins or ends with a blank");
	home_dies(r, record_of_blanks, EXIT_REFUSED, "one line");
	home_dies(r, record_two_lines, EXIT_REFUSED, "one line");
	assert_int_equal(home_number(r, "SELECT count(*) FROM credit_transfer"), 0);
	assert_true(record(r, &(struct transfer)BY_HAND(1, 1, r->on + 1, "BNK 18")));
}

#define WITH_DEBT(test) cmocka_unit_test_setup_teardown(test, open_with_debt, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_DEBT(transfer_reduces_the_open_debt_and_may_turn_it),
	    WITH_DEBT(transfer_is_recorded_once),
	    WITH_DEBT(reference_belongs_to_one_transfer),
	    WITH_DEBT(transfer_in_other_spellings_is_one_transfer),
	    WITH_DEBT(transfer_with_a_likely_typing_error_is_refused),
	    WITH_DEBT(text_that_is_not_a_transfer_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
