/* reversal: a transfer that goes back makes the member owe its cents again, once, and never more than it brought. */
#include "tests/home.h"

#include "stages/core/books/reversal.h"

#define DAY 20515 /* 2026-03-03 */

static const struct swan_transaction received = {.id = "in-1",
                                                 .type = "SepaCreditTransferIn",
                                                 .side = "Credit",
                                                 .status = "Booked",
                                                 .amount = 1000,
                                                 .payment_id = "P-2",
                                                 .reference = "E2E-1",
                                                 .updated_at = 5000};

static struct swan_transaction
debit(const char *id, cents amount)
{
	return (struct swan_transaction){.id = id,
	                                 .type = "SepaCreditTransferInRecall",
	                                 .side = "Debit",
	                                 .status = "Booked",
	                                 .amount = amount,
	                                 .updated_at = 9000};
}

/* A transfer that was attributed from Swan, one by hand; each of another member. */
static int
open_with_transfers(void **state)
{
	struct transfer attributed = {1, 1000, DAY, "in-1", &received, 0, 0},
			by_hand = {2, 700, DAY, "E2E-9", NULL, 0, 0};

	home_setup(state);
	((struct run *)*state)->as = "alice";
	home_exec(*state, "INSERT INTO profile (number, app_id, app_user_id, status, declared_at)"
	                  " VALUES (1, 'fr', 'ada', 'inactive', 0), (2, 'fr', 'bob', 'inactive', 0)");
	assert_true(transfer_record(*state, &attributed));
	assert_true(transfer_record(*state, &by_hand));
	return 0;
}

static void
reverse(struct run *r, const char *reference, cents amount, const struct swan_transaction *swan)
{
	tx_begin(r->db);
	reversal_post(
	    r, &(struct reversal){reference, amount, DAY + 2, swan, swan == NULL ? "why" : NULL, 0, 0});
	tx_commit(r->db);
}

static cents
left(struct run *r, const char *reference)
{
	struct reversible found;

	assert_true(reversal_find(r, reference, &found));
	return found.left;
}

static void
reversal_follows_the_recovery(void **state)
{
	struct swan_transaction back = debit("back-1", 1000);
	struct run *r = *state;

	assert_int_equal(left(r, "in-1"), 1000);
	reverse(r, "in-1", 1000, &back);
	assert_int_equal(left(r, "in-1"), 0);
	assert_int_equal(home_number(r, "SELECT balance_in_cents FROM profile WHERE number = 1"), 0);
	assert_int_equal(
	    home_number(r,
	                "SELECT count(*) FROM balance_transaction WHERE profile_number = 1 AND event = 3"
	                " AND source_kind = 7 AND source = CAST('in-1/1' AS BLOB) AND amount_in_cents = -1000"
	                " AND transaction_on = '2026-03-05' AND settled_session IS NULL"),
	    1);
	assert_int_equal(home_number(r, "SELECT count(*) FROM transfer_reversal WHERE swan_id = 'back-1'"
	                                " AND why IS NULL AND reversed_by IS NULL"),
	                 1);
}

static void
transfer_goes_back_in_parts(void **state)
{
	struct run *r = *state;

	reverse(r, "E2E-9", 200, NULL);
	assert_int_equal(left(r, "E2E-9"), 500);
	reverse(r, "E2E-9", 500, NULL);
	assert_int_equal(left(r, "E2E-9"), 0);
	assert_int_equal(home_number(r, "SELECT balance_in_cents FROM profile WHERE number = 2"), 0);
	assert_int_equal(home_number(r, "SELECT count(*) FROM transfer_reversal WHERE reversed_by = 'alice'"
	                                " AND why = 'why'"),
	                 2);
}

static void
reverse_more(struct run *r)
{
	reverse(r, "in-1", 1001, NULL);
}

static void
reverse_unknown(struct run *r)
{
	reverse(r, "in-2", 1, NULL);
}

static void
never_more_goes_back_than_came(void **state)
{
	home_dies(*state, reverse_more, EXIT_BUG, "less than the reversed amount is left");
	home_dies(*state, reverse_unknown, EXIT_BUG, "less than the reversed amount is left");
}

static const char *
named(struct run *r, const char *origin, const char *payment, const char *reference, cents amount)
{
	static struct reversible found;
	struct swan_transaction t = debit("back", amount);

	t.origin_transaction_id = origin;
	t.payment_id = payment;
	t.reference = reference;
	return reversal_find_named(r, &t, &found) ? found.reference : "none";
}

static void
debit_names_its_transfer_by_origin_payment_or_reference(void **state)
{
	struct transfer second = {
	    1, 300, DAY, "in-3", &(struct swan_transaction){.id = "in-3", .payment_id = "P-2"}, 0, 0};
	struct run *r = *state;

	assert_string_equal(named(r, "in-1", NULL, NULL, 5), "in-1");
	assert_string_equal(named(r, "in-1", "P-9", "E2E-9", 700), "in-1");
	assert_string_equal(named(r, NULL, "P-2", NULL, 1), "in-1");
	assert_string_equal(named(r, "x", NULL, "E2E-9", 1), "E2E-9");
	assert_string_equal(named(r, "E2E-9", NULL, NULL, 1), "E2E-9");
	/* the reference of an attributed one is a free text */
	assert_string_equal(named(r, NULL, NULL, "in-1", 1000), "none");
	assert_string_equal(named(r, NULL, NULL, "E2E-1", 1000), "none");
	assert_string_equal(named(r, NULL, NULL, NULL, 1000), "none");
	assert_true(transfer_record(r, &second));
	assert_string_equal(named(r, NULL, "P-2", NULL, 300), "in-3");
	assert_string_equal(named(r, NULL, "P-2", NULL, 1000), "in-1");
}

static void
later_versions_of_a_debit_are_compared(void **state)
{
	struct swan_transaction back = debit("back-1", 1000);
	struct run *r = *state;

	assert_int_equal(reversal_compare(r, &back), TRANSFER_UNKNOWN);
	reverse(r, "in-1", 1000, &back);
	assert_int_equal(reversal_compare(r, &back), TRANSFER_SAME);
	back.amount = 999;
	assert_int_equal(reversal_compare(r, &back), TRANSFER_OTHERWISE);
	back.status = "Pending";
	back.updated_at = 8999;
	assert_int_equal(reversal_compare(r, &back), TRANSFER_SAME);
	back.status = "Rejected";
	back.updated_at = 9001;
	assert_int_equal(reversal_compare(r, &back), TRANSFER_OTHERWISE);
}

static void
person_reverses_what_is_left_once(void **state)
{
	struct swan_transaction back = debit("back-1", 400);
	struct run *r = *state;

	reverse(r, "in-1", 400, &back);
	tx_begin(r->db);
	assert_true(reversal_decide(r, "in-1", "hers, not his"));
	assert_false(reversal_decide(r, "in-1", "once more"));
	tx_commit(r->db);
	assert_int_equal(left(r, "in-1"), 0);
	assert_int_equal(home_number(r, "SELECT balance_in_cents FROM profile WHERE number = 1"), 0);
	assert_int_equal(home_number(r, "SELECT amount_in_cents FROM transfer_reversal"
	                                " WHERE nth = 2 AND why = 'hers, not his' AND reversed_by = 'alice'"),
	                 600);
}

static void
record_again(struct run *r)
{
	transfer_record(r, &(struct transfer){2, 700, DAY, "E2E-9", NULL, 0, 0});
}

static void
decide_unknown(struct run *r)
{
	reversal_decide(r, "in-2", "why");
}

static void
reference_of_a_reversed_transfer_is_not_used_again(void **state)
{
	struct run *r = *state;

	reverse(r, "E2E-9", 700, NULL);
	home_dies(r, record_again, EXIT_OVERWRITE, "was reversed by alice");
	home_dies(r, decide_unknown, EXIT_ABSENT, "no transfer is recorded under the bank reference in-2");
	assert_true(transfer_record(r, &(struct transfer){1, 700, DAY, "E2E-9/2", NULL, 0, 0}));
}

/* Swan's transaction with the id or the reference of a transfer that was reversed: its money is not in the books. */
static void
reversed_transfer_is_unknown_to_swan(void **state)
{
	struct swan_transaction same = {.id = "E2E-9",
	                                .type = "SepaCreditTransferIn",
	                                .side = "Credit",
	                                .status = "Booked",
	                                .amount = 700};
	struct swan_transaction beside = {
	    .id = "in-9", .side = "Credit", .status = "Booked", .amount = 700, .reference = "E2E-9"};
	struct run *r = *state;

	assert_int_equal(transfer_compare(r, &same), TRANSFER_SAME);
	reverse(r, "E2E-9", 700, NULL);
	assert_int_equal(transfer_compare(r, &same), TRANSFER_UNKNOWN);
	assert_true(transfer_record(r, &(struct transfer){1, 700, DAY, "in-9", &beside, 0, 0}));
}

static void
correction_counts_in_what_is_left(void **state)
{
	struct swan_transaction back = debit("back-1", 400);
	struct run *r = *state;

	reverse(r, "in-1", 400, &back);
	home_exec(
	    r,
	    "INSERT INTO correction (swan_id, nth, id, profile_number, bank_reference, moves_in_cents, swan_updated_at,"
	    "  why, corrected_by, corrected_at)"
	    " VALUES ('s-1', 1, x'01', 1, 'in-1', 500, 0, 'w', 'w', 0), ('s-1', 2, x'01', 1, 'in-1', 800, 0, 'w', 'w', 0)");
	assert_int_equal(left(r, "in-1"), 400);
	home_exec(
	    r,
	    "INSERT INTO correction (swan_id, nth, id, profile_number, moves_in_cents, swan_updated_at, why,"
	    "  corrected_by, corrected_at) VALUES ('back-1', 1, x'02', 1, 0, 0, 'w', 'w', 0)");
	assert_int_equal(left(r, "in-1"), 800);
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, open_with_transfers, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_HOME(reversal_follows_the_recovery),
	    IN_HOME(transfer_goes_back_in_parts),
	    IN_HOME(never_more_goes_back_than_came),
	    IN_HOME(debit_names_its_transfer_by_origin_payment_or_reference),
	    IN_HOME(later_versions_of_a_debit_are_compared),
	    IN_HOME(person_reverses_what_is_left_once),
	    IN_HOME(reference_of_a_reversed_transfer_is_not_used_again),
	    IN_HOME(reversed_transfer_is_unknown_to_swan),
	    IN_HOME(correction_counts_in_what_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
