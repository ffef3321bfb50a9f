/* reversed: only a payment of which more was reversed than captured is counted, whatever comes first. */
#include "tests/home.h"

#include "stages/core/cards/payment.h"
#include "stages/core/cards/reversed.h"

static void
apply(struct run *r, const char *id, const char *type, const char *payment, cents amount)
{
	struct payment_work work = {.r = r, .input = 1, .line = 2};
	struct err e = {0};
	struct swan_transaction t = {.id = id,
	                             .type = type,
	                             .side = strcmp(type, "CardOutDebit") == 0 ? "Debit" : "Credit",
	                             .status = "Booked",
	                             .amount = amount,
	                             .created_at = 1000,
	                             .updated_at = 1000,
	                             .booked_at = INSTANT_NONE,
	                             .released_at = INSTANT_NONE,
	                             .payment_id = payment,
	                             .card_id = "c",
	                             .account_membership_id = "m"};

	assert_int_equal(payment_apply(&work, &t, &e), 0);
}

static int
open_with_member(void **state)
{
	home_setup(state);
	home_input(*state);
	home_exec(*state, "INSERT INTO profile (number, app_id, app_user_id, status, declared_at)"
	                  " VALUES (1, 'fr', 'ada', 'active', 0)");
	home_exec(*state, "INSERT INTO account_membership (id, profile_number) VALUES ('m', 1)");
	return 0;
}

static void
only_more_than_was_captured_is_reported(void **state)
{
	struct run *r = *state;

	apply(r, "r1", "CardOutDebitReversal", "P1", 500); /* its debit comes after it */
	apply(r, "d1", "CardOutDebit", "P1", 500);
	apply(r, "d2", "CardOutDebit", "P2", 500);
	apply(r, "r2", "CardOutDebitReversal", "P2", 300);
	apply(r, "r3", "CardOutDebitReversal", "P2", 201);
	apply(r, "c4", "CardOutCredit", "P4", 900); /* a refund that is linked to no debit */
	reversed_report(r);
	assert_int_equal(r->count[COUNT_PAYMENTS_REVERSED_BEYOND], 1);
	reversed_report(r);
	assert_int_equal(r->count[COUNT_PAYMENTS_REVERSED_BEYOND], 1);
	assert_int_equal(home_number(r, "SELECT balance_in_cents FROM profile"), 901);
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, open_with_member, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_HOME(only_more_than_was_captured_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
