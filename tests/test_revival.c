/* revival: the bank collects a withdrawn file all the same, and a person posts what it booked: once, to the debts that are free. */
#include "tests/withdrawn.h"

#include "stages/core/bank/bankdecision.h"

static bool
decide(struct run *r, int64_t exception, const char *end_to_end_id, const char *file)
{
	r->as = "alice";
	return bankdecision_decide(
	    r, &exception, 1,
	    &(struct bankdecision){.decision = "credit", .end_to_end_id = end_to_end_id, .file = file},
	    "the bank booked it");
}

static void
report_held(struct run *r, const struct reported *t)
{
	report(r, t);
	reconcile(r);
	assert_string_equal(open_codes(r), "unexpected_answer;");
}

#define FILES "SELECT msg_id || ' ' || state FROM bank_file ORDER BY number"

/* --- one debit ------------------------------------------------------------------------------------------------------ */

static void
a_debit_is_booked_in_the_withdrawn_file(void **state)
{
	struct run *r = *state;
	int64_t changes;

	withdraw(r, WITHDRAWAL_REBUILD);
	report_held(r, &(struct reported)CREDIT(BOB, 990, MSG_ID));
	assert_true(decide(r, 1, BOB, NULL));
	assert_string_equal(frozen_list(r, DEBTS), "pending;succeeded;pending;");
	assert_string_equal(frozen_list(r, COLLECTIONS),
	                    "1 " ADA " 1 cancelled;1 " BOB " 1 booked;1 " CYD " 1 cancelled;");
	assert_string_equal(frozen_balances(r), "-1250;0;-10000;");
	frozen_check_identity(r);
	changes = store_changes(r->db);
	assert_false(decide(r, 1, BOB, NULL));
	assert_int_equal(store_changes(r->db), changes);
	reconcile(r);
	assert_string_equal(open_codes(r), "");
	assert_string_equal(frozen_balances(r), "-1250;0;-10000;");
}

/* The version that has the debt is cancelled, and the next one is made without it. */
static void
check_next_version(struct run *r, enum bankfile_state from)
{
	withdraw(r, WITHDRAWAL_REBUILD);
	make_next(r);
	bankfile_set_state(r, 2, from);
	report_held(r, &(struct reported)CREDIT(BOB, 990, MSG_ID));
	assert_true(decide(r, 1, BOB, NULL));
	assert_string_equal(frozen_list(r, FILES), MSG_ID " withdrawn;" NEXT_ID " cancelled;");
	assert_string_equal(
	    frozen_list(r, "SELECT cancelled_by || ': ' || cancel_why FROM bank_file WHERE number = 2"),
	    "alice: exception 1: the bank collected " MSG_ID " all the same;");
	r->as = "nightly";
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	assert_int_equal(load(r, 3).count, 2);
	assert_int_equal(load(r, 3).sum, FROZEN_SUM - 990);
	assert_string_equal(frozen_list(r, DEBTS), "initiated;succeeded;initiated;");
	frozen_check_identity(r);
}

static void
it_leaves_the_next_version(void **state)
{
	check_next_version(*state, BANKFILE_GENERATED);
}

static void
it_leaves_an_approved_version(void **state)
{
	check_next_version(*state, BANKFILE_APPROVED);
}

static void
a_debit_that_was_rejected_with_its_file_is_booked(void **state)
{
	struct run *r = *state;

	report(r, &(struct reported)OF_ALL("RJCT", "FF01", 10));
	reconcile(r);
	withdraw(r, WITHDRAWAL_REBUILD);
	make_next(r);
	report_held(r, &(struct reported)CREDIT(BOB, 990, NULL));
	assert_true(decide(r, 2, BOB, NULL)); /* 1 was the reject */
	assert_string_equal(
	    frozen_list(r, "SELECT file_number || ' ' || end_to_end_id || ' ' || state FROM collection"
	                   " WHERE profile_number = 2 ORDER BY file_number"),
	    "1 " BOB " booked;2 " BOB "-2 cancelled;");
	assert_string_equal(frozen_balances(r), "-1250;0;-10000;");
}

static void
credit_bob(struct run *r)
{
	decide(r, 1, BOB, NULL);
}

static void
credit_bob_after_reject(struct run *r)
{
	decide(r, 2, BOB, NULL);
}

static void
another_amount_is_refused(void **state)
{
	struct run *r = *state;

	withdraw(r, WITHDRAWAL_REBUILD);
	make_next(r);
	report_held(r, &(struct reported)CREDIT(BOB, 991, MSG_ID));
	home_dies(r, credit_bob, EXIT_REFUSED, "amount_differs");
	home_reopen(r);
	assert_string_equal(frozen_list(r, FILES), MSG_ID " withdrawn;" NEXT_ID " generated;");
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
}

/* --- after it ------------------------------------------------------------------------------------------------------- */

static void
a_later_return_is_applied(void **state)
{
	struct run *r = *state;

	withdraw(r, WITHDRAWAL_REBUILD);
	report_held(r, &(struct reported)CREDIT(BOB, 990, MSG_ID));
	decide(r, 1, BOB, NULL);
	report(r, &(struct reported)RETURN(BOB, 990, MSG_ID));
	reconcile(r);
	assert_string_equal(open_codes(r), "");
	assert_string_equal(frozen_list(r, DEBTS), "pending;failed AM04;pending;");
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
	assert_int_equal(load(r, 1).state, BANKFILE_WITHDRAWN);
	frozen_check_identity(r);
}

static void
a_second_booking_is_held(void **state)
{
	struct run *r = *state;

	withdraw(r, WITHDRAWAL_REBUILD);
	report_held(r, &(struct reported)CREDIT(BOB, 990, MSG_ID));
	decide(r, 1, BOB, NULL);
	report(r, &(struct reported)CREDIT(BOB, 990, MSG_ID));
	reconcile(r);
	assert_string_equal(open_codes(r), "second_credit;");
	assert_string_equal(frozen_balances(r), "-1250;0;-10000;");
}

/* The bank has the file: each of its other debits is held as before, until a person posts it. */
static void
the_rest_of_the_file_is_held(void **state)
{
	struct run *r = *state;

	withdraw(r, WITHDRAWAL_REBUILD);
	report_held(r, &(struct reported)CREDIT(BOB, 990, MSG_ID));
	decide(r, 1, BOB, NULL);
	report(r, &(struct reported)CREDIT(NULL, FROZEN_SUM - 990, MSG_ID));
	reconcile(r);
	assert_string_equal(open_codes(r), "bulk_amount_differs;");
	decide(r, 2, NULL, MSG_ID);
	assert_string_equal(frozen_list(r, DEBTS), "succeeded;succeeded;succeeded;");
	assert_string_equal(frozen_balances(r), "0;0;0;");
	frozen_check_identity(r);
}

static void
statuses_close_once_all_of_it_is_posted(void **state)
{
	struct run *r = *state;

	withdraw(r, WITHDRAWAL_REBUILD);
	report_held(r, &(struct reported)OF_ALL("ACCP", NULL, 10));
	report(r, &(struct reported){"status", "debit", "ACCP", MSG_ID, BOB, NULL, 0, 10});
	report(r, &(struct reported)CREDIT(NULL, FROZEN_SUM, MSG_ID));
	reconcile(r);
	assert_string_equal(open_codes(r), "unexpected_answer;unexpected_answer;unexpected_answer;");
	decide(r, home_number(r, "SELECT number FROM exception WHERE amount_in_cents > 0"), NULL, MSG_ID);
	reconcile(r);
	assert_string_equal(open_codes(r), "");
}

/* --- sums ----------------------------------------------------------------------------------------------------------- */

static void
a_sum_books_the_whole_file(void **state)
{
	struct run *r = *state;

	withdraw(r, WITHDRAWAL_REBUILD);
	make_next(r);
	report_held(r, &(struct reported)CREDIT(NULL, FROZEN_SUM, MSG_ID));
	assert_true(decide(r, 1, NULL, MSG_ID));
	assert_string_equal(frozen_list(r, DEBTS), "succeeded;succeeded;succeeded;");
	assert_string_equal(frozen_balances(r), "0;0;0;");
	assert_string_equal(frozen_list(r, FILES), MSG_ID " withdrawn;" NEXT_ID " cancelled;");
	frozen_check_identity(r);
	reconcile(r);
	assert_string_equal(open_codes(r), "");
}

static void
two_sums_book_it_together(void **state)
{
	static const int64_t both[] = {1, 2};
	struct run *r = *state;

	withdraw(r, WITHDRAWAL_REBUILD);
	report(r, &(struct reported)CREDIT(NULL, FROZEN_SUM - 5000, MSG_ID));
	report(r, &(struct reported)CREDIT(NULL, 5000, MSG_ID));
	reconcile(r);
	r->as = "alice";
	assert_true(bankdecision_decide(r, both, 2,
	                                &(struct bankdecision){.decision = "credit", .file = MSG_ID}, "why"));
	assert_string_equal(frozen_balances(r), "0;0;0;");
	assert_string_equal(frozen_list(r, "SELECT state FROM bank_entry"), "applied;applied;");
}

/* What the bank rejected is not in the sum, and stays in the next version. */
static void
a_net_sum_books_what_was_not_rejected(void **state)
{
	struct run *r = *state;

	withdraw(r, WITHDRAWAL_REBUILD);
	make_next(r);
	report_held(r, &(struct reported){"status", "debit", "RJCT", MSG_ID, BOB, "AC04", 0, 10});
	report(r, &(struct reported)CREDIT(NULL, FROZEN_SUM - 990, MSG_ID));
	reconcile(r);
	assert_true(decide(r, 2, NULL, MSG_ID));
	assert_string_equal(frozen_list(r, DEBTS), "succeeded;pending;succeeded;");
	assert_string_equal(frozen_balances(r), "0;-990;0;");
	assert_string_equal(open_codes(r), "unexpected_answer;"); /* the reject */
}

static void
credit_file(struct run *r)
{
	decide(r, 1, NULL, MSG_ID);
}

static void
a_sum_that_does_not_add_up_is_refused(void **state)
{
	struct run *r = *state;

	withdraw(r, WITHDRAWAL_REBUILD);
	make_next(r);
	report_held(r, &(struct reported)CREDIT(NULL, FROZEN_SUM - 1, MSG_ID));
	home_dies(r, credit_file, EXIT_REFUSED, "bulk_amount_differs");
	home_reopen(r);
	assert_string_equal(frozen_list(r, FILES), MSG_ID " withdrawn;" NEXT_ID " generated;");
	assert_string_equal(frozen_list(r, DEBTS), "initiated;initiated;initiated;");
}

/* Its debts failed, and their cents are in March: each is recovered after all. */
static void
a_sum_books_a_carried_file(void **state)
{
	struct run *r = *state;

	withdraw(r, WITHDRAWAL_CARRY);
	report_held(r, &(struct reported)CREDIT(NULL, FROZEN_SUM, MSG_ID));
	assert_true(decide(r, 1, NULL, MSG_ID));
	assert_string_equal(frozen_list(r, DEBTS), "succeeded;succeeded;succeeded;");
	assert_string_equal(frozen_balances(r), "0;0;0;");
	frozen_check_identity(r);
}

/* --- what cannot be posted ------------------------------------------------------------------------------------------ */

static enum bankdecision_why
find_conflict(struct run *r, struct bankdecision_conflict *c)
{
	assert_true(bankdecision_find_conflict(r, 1, c));
	return c->why;
}

static void
a_carried_debit_is_a_transfer(void **state)
{
	struct run *r = *state;
	struct bankdecision_conflict c;

	withdraw(r, WITHDRAWAL_CARRY);
	report_held(r, &(struct reported)CREDIT(BOB, 990, MSG_ID));
	assert_int_equal(find_conflict(r, &c), BANKDECISION_DEBT_FAILED);
	assert_string_equal(c.end_to_end_id, BOB);
	assert_int_equal(c.profile, 2);
	assert_int_equal(c.amount, 990);
	home_dies(r, credit_bob, EXIT_REFUSED, "debt_failed");
}

static void
a_released_version_is_named(void **state)
{
	struct run *r = *state;
	struct bankdecision_conflict c;

	present_next(r);
	report_held(r, &(struct reported)CREDIT(BOB, 990, MSG_ID));
	assert_int_equal(find_conflict(r, &c), BANKDECISION_VERSION_RELEASED);
	assert_string_equal(c.version, NEXT_ID);
	assert_true(c.may_withdraw);
	report(r, &(struct reported)CREDIT(BOB, 990, NULL)); /* that of the version */
	reconcile(r);
	assert_int_equal(find_conflict(r, &c), BANKDECISION_PAID_TWICE);
	assert_string_equal(c.end_to_end_id, BOB);
	home_dies(r, credit_bob, EXIT_REFUSED, "second_credit");
}

static void
a_released_version_of_a_sum_is_named(void **state)
{
	struct run *r = *state;
	struct bankdecision_conflict c;

	present_next(r);
	report_held(r, &(struct reported)CREDIT(NULL, FROZEN_SUM, MSG_ID));
	assert_int_equal(find_conflict(r, &c), BANKDECISION_VERSION_RELEASED);
	assert_string_equal(c.end_to_end_id, "");
	home_dies(r, credit_file, EXIT_REFUSED, "unexpected_answer");
}

static void
a_released_version_with_new_ids_is_named(void **state)
{
	struct run *r = *state;

	report(r, &(struct reported)OF_ALL("RJCT", "FF01", 10));
	reconcile(r);
	present_next(r);
	report_held(r, &(struct reported)CREDIT(BOB, 990, MSG_ID));
	home_dies(r, credit_bob_after_reject, EXIT_REFUSED, "version_released");
}

/* --- refunds -------------------------------------------------------------------------------------------------------- */

#define REFUNDS_ID "0badcafe-20260228-1-C1"

/* The same home, where Ada and Cyd are owed what they owe there; the refunds are at the bank. */
static int
open_refunds(void **state)
{
	static const struct frozen_member members[FROZEN_DEBTS] = {
	    {"ada", "RUM-1", "Ada", "FR7630006000011234567890189", -1250},
	    {"bob", "RUM-2", "Bob", "DE89370400440532013000", 990},
	    {"cyd", "RUM-3", "Cyd", "BE68539007547034", -10000}};
	struct run *r = frozen_prepare(state, members);

	frozen_freeze(r, 1);
	assert_true(make_bank_file(r, 1, COLLECTION_REFUND));
	bankfile_set_state(r, 1, BANKFILE_UPLOADED);
	return 0;
}

static void
a_refund_is_paid_by_the_withdrawn_file(void **state)
{
	static const struct reported paid = {"debit", NULL, "BOOK", REFUNDS_ID, ADA, NULL, 1250, 12};
	static const struct reported rest = {"debit", NULL, "BOOK", REFUNDS_ID, NULL, NULL, 10000, 12};
	struct run *r = *state;

	withdraw(r, WITHDRAWAL_REBUILD);
	frozen_at(r, "2026-03-06T02:30:00Z");
	r->as = "nightly";
	assert_true(make_bank_file(r, 1, COLLECTION_REFUND));
	report_held(r, &paid);
	assert_true(decide(r, 1, ADA, NULL));
	assert_string_equal(frozen_balances(r), "0;-990;10000;");
	assert_string_equal(frozen_list(r, "SELECT state FROM bank_file ORDER BY number"),
	                    "withdrawn;cancelled;");
	report(r, &rest);
	reconcile(r);
	assert_string_equal(open_codes(r), "bulk_amount_differs;");
	assert_true(decide(r, 2, NULL, REFUNDS_ID));
	assert_string_equal(frozen_balances(r), "0;-990;0;");
	frozen_check_identity(r);
}

/* --- several withdrawn files ---------------------------------------------------------------------------------------- */

static void
withdraw_next(struct run *r)
{
	struct bankfile f = load(r, 2);

	r->as = "alice";
	assert_true(withdrawal_give(r, &f, WITHDRAWAL_REBUILD, "why"));
	r->as = "bob";
	assert_true(withdrawal_give(r, &f, WITHDRAWAL_REBUILD, "why"));
}

static void
check_second_rebuild(struct run *r, const char *msg_id, const char *expected)
{
	present_next(r);
	withdraw_next(r);
	report_held(r, &(struct reported)CREDIT(BOB, 990, msg_id));
	assert_true(decide(r, 1, BOB, NULL));
	assert_string_equal(
	    frozen_list(r, "SELECT state FROM collection WHERE profile_number = 2 ORDER BY file_number"),
	    expected);
	assert_string_equal(frozen_balances(r), "-1250;0;-10000;");
	frozen_check_identity(r);
}

static void
the_file_that_the_bank_names_is_meant(void **state)
{
	check_second_rebuild(*state, MSG_ID, "booked;cancelled;");
}

static void
else_the_newest(void **state)
{
	check_second_rebuild(*state, NULL, "cancelled;booked;");
}

static void
both_at_the_bank_are_two_payments(void **state)
{
	struct run *r = *state;
	struct bankdecision_conflict c;

	check_second_rebuild(r, MSG_ID, "booked;cancelled;");
	report(r, &(struct reported)CREDIT(BOB, 990, NEXT_ID));
	reconcile(r);
	assert_string_equal(open_codes(r), "unexpected_answer;");
	assert_true(bankdecision_find_conflict(r, 2, &c));
	assert_int_equal(c.why, BANKDECISION_PAID_TWICE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    UPLOADED(a_debit_is_booked_in_the_withdrawn_file),
	    UPLOADED(it_leaves_the_next_version),
	    UPLOADED(it_leaves_an_approved_version),
	    UPLOADED(a_debit_that_was_rejected_with_its_file_is_booked),
	    UPLOADED(another_amount_is_refused),
	    UPLOADED(a_later_return_is_applied),
	    UPLOADED(a_second_booking_is_held),
	    UPLOADED(the_rest_of_the_file_is_held),
	    UPLOADED(statuses_close_once_all_of_it_is_posted),
	    UPLOADED(a_sum_books_the_whole_file),
	    UPLOADED(two_sums_book_it_together),
	    UPLOADED(a_net_sum_books_what_was_not_rejected),
	    UPLOADED(a_sum_that_does_not_add_up_is_refused),
	    UPLOADED(a_sum_books_a_carried_file),
	    UPLOADED(a_carried_debit_is_a_transfer),
	    UPLOADED(a_released_version_is_named),
	    UPLOADED(a_released_version_of_a_sum_is_named),
	    UPLOADED(a_released_version_with_new_ids_is_named),
	    cmocka_unit_test_setup_teardown(a_refund_is_paid_by_the_withdrawn_file, open_refunds,
	                                    home_teardown),
	    UPLOADED(the_file_that_the_bank_names_is_meant),
	    UPLOADED(else_the_newest),
	    UPLOADED(both_at_the_bank_are_two_payments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
