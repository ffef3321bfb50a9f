/* swan_rules: what Swan's words mean for a payment and a balance, row by row. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "formats/length.h"
#include "formats/swan_rules.h"

#define ALLOWED "4119 5912 8011 8099"

/* The table as it is compiled in: its length shows when a row comes or goes without a case here. */
static const struct swan_event table[] = {
#include "formats/data/swan_events.inc"
};

static const struct swan_payment payments[] = {
#include "formats/data/swan_payments.inc"
};

static const struct {
	const char *reason, *category, *code, *rejection;
} answers[] = {
#include "formats/data/swan_rejections.inc"
};

static const struct {
	const char *type, *status, *rejected, *released;
	const char *payment, *amount, *event;
	int sign;
} rows[] = {
    {"CardOutAuthorization", "Pending", NULL, NULL, "authorized", "authorized", "", 0},
    {"CardOutAuthorization", "Rejected", "InsufficientFunds", NULL, "rejected", "rejected",
     "rejected_card_payment", 0},
    {"CardOutAuthorization", "Released", NULL, "Captured", "released", "authorized", "", 0},
    {"CardOutAuthorization", "Released", NULL, "AdviceReceived", "released", "ended", "", 0},
    {"CardOutAuthorization", "Released", NULL, "Expired", "released", "ended", "released_card_payment", 0},
    {"CardOutAuthorization", "Canceled", NULL, NULL, "released", "ended", "", 0},
    {"CardOutDebit", "Booked", NULL, NULL, "captured", "captured", "captured_card_payment", -1},
    {"CardOutDebitReversal", "Booked", NULL, NULL, "captured", "", "captured_card_payment", 1},
    {"CardOutCredit", "Booked", NULL, NULL, "captured", "", "captured_card_payment", 1},
    {"CardOutCreditReversal", "Booked", NULL, NULL, "captured", "", "captured_card_payment", -1},
    {"InternalCreditTransferIn", "Booked", NULL, NULL, "captured", "", "captured_card_payment", 1},
    {"CardInChargeback", "Booked", NULL, NULL, "captured", "", "captured_card_payment", -1},
    {"CheckInReturn", "Booked", NULL, NULL, "captured", "", "captured_card_payment", -1},
    {"InternalCreditTransferInRecall", "Booked", NULL, NULL, "captured", "", "captured_card_payment", -1},
    {"InternalCreditTransferInReturn", "Booked", NULL, NULL, "captured", "", "captured_card_payment", -1},
    {"InternationalCreditTransferInReturn", "Booked", NULL, NULL, "captured", "", "captured_card_payment",
     -1},
    {"SepaCreditTransferInRecall", "Booked", NULL, NULL, "captured", "", "captured_card_payment", -1},
    {"SepaCreditTransferInReturn", "Booked", NULL, NULL, "captured", "", "captured_card_payment", -1},
    {"SepaInstantCreditTransferInRecall", "Booked", NULL, NULL, "captured", "", "captured_card_payment", -1},
};

static void
every_row_of_the_table_is_found(void **state)
{
	size_t i;

	(void)state;
	assert_int_equal(LENGTH(table), LENGTH(rows));
	for (i = 0; i < LENGTH(rows); i++) {
		struct swan_transaction t = {.type = rows[i].type,
		                             .status = rows[i].status,
		                             .rejected_reason = rows[i].rejected,
		                             .released_reason = rows[i].released};
		const struct swan_event *e = swan_find_event(&t);

		if (e == NULL || strcmp(e->type, rows[i].type) != 0 ||
		    strcmp(e->status, rows[i].status) != 0 || strcmp(e->payment, rows[i].payment) != 0 ||
		    strcmp(e->amount, rows[i].amount) != 0 || strcmp(e->event, rows[i].event) != 0 ||
		    e->sign != rows[i].sign)
			fail_msg("row %zu: %s %s", i, rows[i].type, rows[i].status);
	}
}

static void
every_other_reason_of_a_release_is_given(void **state)
{
	static const char *const reasons[] = {"Expired", "MerchantReleased",   "ManuallyReleased",
	                                      "Other",   "SomethingNewOfSwan", "captured",
	                                      NULL};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(reasons); i++) {
		struct swan_transaction t = {
		    .type = "CardOutAuthorization", .status = "Released", .released_reason = reasons[i]};

		assert_string_equal(swan_find_event(&t)->event, "released_card_payment");
	}
}

static void
unknown_words_mean_nothing(void **state)
{
	static const struct {
		const char *type, *status;
	} unknown[] = {
	    {"CardOutDebit", "Pending"},
	    {"CardOutDebit", "Upcoming"},
	    {"CardOutDebit", "Booke"},
	    {"CardOutDebit", "Booked "},
	    {"CardOutDebit", "booked"},
	    {"CardOutDebit", ""},
	    {"CardOutDebit", NULL},
	    {"CardOutAuthorization", "Booked"},
	    {"CardOutAuthorization", "Upcoming"},
	    {"CardOutDebitReversal", "Pending"},
	    {"CardOutDebitX", "Booked"},
	    {"InternalCreditTransferIn", "Pending"},
	    {"InternalCreditTransferOut", "Booked"},
	    {"SepaCreditTransferIn", "Booked"},
	    {"FeesOut", "Booked"},
	    {NULL, "Booked"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(unknown); i++) {
		struct swan_transaction t = {.type = unknown[i].type, .status = unknown[i].status};

		if (swan_find_event(&t) != NULL)
			fail_msg("%s %s has an event", unknown[i].type, unknown[i].status);
	}
}

/* A hold was never debt, and what moves money moves it one way or the other. */
static void
only_what_is_booked_moves_money(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(table); i++)
		assert_int_equal(strcmp(table[i].status, "Booked") == 0, table[i].sign != 0);
}

static void
card_types_begin_with_card_out(void **state)
{
	(void)state;
	assert_true(swan_is_card("CardOutAuthorization"));
	assert_true(swan_is_card("CardOutDebit"));
	assert_true(swan_is_card("CardOutCreditReversal"));
	assert_true(swan_is_card("CardOutSomethingNew"));
	assert_false(swan_is_card("CardInDebit"));
	assert_false(swan_is_card("InternalCreditTransferIn"));
	assert_false(swan_is_card("SepaCreditTransferIn"));
	assert_false(swan_is_card("CardOu"));
	assert_false(swan_is_card(""));
}

#define LIMIT    "spending_limit_reached"
#define ONLINE   "online_payment"
#define CATEGORY "wrong_merchant_category"
#define OTHER    "other_reason"

static const struct {
	const char *reason, *category, *code, *because;
} rejections[] = {
    {"PeriodAmountLimitExceeded", "InStore", "8011", LIMIT},
    {"TransactionAmountLimitExceeded", "InStore", "8011", LIMIT},
    {"PeriodTransactionNumberLimitExceeded", "InStore", "8011", LIMIT},
    {"PeriodNbTransactionLimitExceeded", "InStore", "8011", LIMIT},
    {"TermsAndConditionsLimitExceeded", "InStore", "8011", LIMIT},
    {"PeriodAmountLimitExceeded", "eCommerce", "5411", LIMIT}, /* the limit comes first */
    {"PartnerRefused", "eCommerce", "8011", ONLINE},
    {"PartnerRefused", "eCommerceWith3DS", "8011", ONLINE},
    {"PartnerRefused", "eCommerce", "5411", ONLINE}, /* before the category */
    {"TransactionTypeNotAllowed", "eCommerce", "8011", ONLINE},
    {"TransactionTypeNotAllowed", "eCommerceWith3DS", "5411", ONLINE},
    {"PartnerRefused", "InStore", "5411", CATEGORY},
    {"PartnerRefused", "Withdrawal", "6011", CATEGORY},
    {"PartnerRefused", NULL, "5411", CATEGORY},
    {"PartnerRefused", "InStore", "801", CATEGORY}, /* a piece of an allowed code is not one */
    {"PartnerRefused", "InStore", "011", CATEGORY},
    {"PartnerRefused", "InStore", "1", CATEGORY},
    {"PartnerRefused", "InStore", "4119", OTHER}, /* the first, one between, the last */
    {"PartnerRefused", "InStore", "8011", OTHER},
    {"PartnerRefused", "InStore", "8099", OTHER},
    {"PartnerRefused", "InStore", NULL, OTHER},
    {"TransactionTypeNotAllowed", "InStore", "8011", OTHER},
    {"TransactionTypeNotAllowed", "InStore", "5411", OTHER},
    {"TransactionTypeNotAllowed", "Withdrawal", "6011", OTHER},
    {"TransactionTypeNotAllowed", NULL, NULL, OTHER},
    {"InsufficientFunds", "InStore", "8011", OTHER},
    {"InsufficientFunds", "eCommerce", "5411", OTHER},
    {"InvalidPin", "InStore", "5411", OTHER},
    {"PinAttemptsExceeded", "InStore", "8011", OTHER},
    {"CardSuspended", "InStore", "8011", OTHER},
    {"DigitalCardNotEnabled", "InStore", "8011", OTHER},
    {"ThreeDsError", "eCommerceWith3DS", "8011", OTHER}, /* the card was allowed online */
    {"MerchantShouldResubmitAuthorization", "InStore", "5411", OTHER},
    {"FraudSuspected", "eCommerce", "5411", OTHER},
    {"PartnerTechnicalErrorOccurred", "InStore", "5411", OTHER},
    {"SwanTechnicalErrorOccurred", "InStore", "5411", OTHER},
    {"DoNotHonor", "InStore", "5411", OTHER},
    {"SomethingNewOfSwan", "eCommerce", "5411", OTHER},
    {"PeriodAmountLimitExceede", "InStore", "8011", OTHER},
    {NULL, "eCommerce", "5411", OTHER},
};

static void
rejections_are_given_in_four_words(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(rejections); i++) {
		struct swan_transaction t = {.rejected_reason = rejections[i].reason,
		                             .merchant_category = rejections[i].category,
		                             .merchant_category_code = rejections[i].code};
		const char *because = swan_rejection(&t, ALLOWED);

		if (strcmp(because, rejections[i].because) != 0)
			fail_msg("rejection %zu, %s in %s at %s: %s", i, rejections[i].reason,
			         rejections[i].category, rejections[i].code, because);
	}
}

/* Of the table each row but the last gives its own answer to some case. */
static void
every_rejection_of_the_table_has_a_case(void **state)
{
	size_t i, j;

	(void)state;
	assert_int_equal(LENGTH(answers), 11);
	for (i = 0; i < LENGTH(answers) - 1; i++) {
		for (j = 0; j < LENGTH(rejections) - 1; j++)
			if (strcmp(rejections[j].reason, answers[i].reason) == 0 &&
			    strcmp(rejections[j].because, answers[i].rejection) == 0 &&
			    (answers[i].category[0] == '*' ||
			     strcmp(rejections[j].category, answers[i].category) == 0))
				break;
		if (j == LENGTH(rejections) - 1)
			fail_msg("%s in %s", answers[i].reason, answers[i].category);
	}
	assert_string_equal(answers[i].rejection, OTHER);
}

static void
captured_counts_before_authorized_rejected_and_released(void **state)
{
	static const char *const order[] = {"captured", "authorized", "rejected", "released", "received"};
	size_t i;

	(void)state;
	assert_int_equal(LENGTH(payments), LENGTH(order));
	for (i = 0; i < LENGTH(order); i++)
		assert_string_equal(payments[i].status, order[i]);
	for (i = 1; i < LENGTH(order); i++)
		assert_true(swan_find_payment(order[i - 1]) < swan_find_payment(order[i]));
	for (i = 0; i < LENGTH(table); i++)
		assert_string_equal(swan_find_payment(table[i].payment)->status, table[i].payment);
	assert_string_equal(swan_find_payment(NULL)->status, "received");
	assert_string_equal(swan_find_payment("something new")->status, "received");
}

static void
only_an_authorization_asks_for_an_amount(void **state)
{
	(void)state;
	assert_string_equal(swan_asked_amount("CardOutAuthorization"), "authorized");
	assert_string_equal(swan_asked_amount("CardOutDebit"), "");
	assert_string_equal(swan_asked_amount("CardOutCredit"), "");
	assert_string_equal(swan_asked_amount("CardOutSomethingNew"), "");
	assert_string_equal(swan_asked_amount(NULL), "");
}

#define VERSION(type_, status_, reason_, amount_, updated)                                               \
	{                                                                                                \
		.type = (type_), .status = (status_), .released_reason = (reason_), .amount = (amount_), \
		.updated_at = (updated)                                                                  \
	}

/* Each newer than all before it. */
static void
versions_have_one_order(void **state)
{
	static const struct swan_transaction versions[] = {
	    VERSION("CardOutAuthorization", "Deferred", NULL, 100, 8),
	    VERSION("CardOutAuthorization", "Settled", NULL, 100, 8),
	    VERSION("CardOutAuthorization", "Deferred", NULL, 100, 9),
	    VERSION("CardOutAuthorization", "Pending", NULL, 100, 1),
	    VERSION("CardOutAuthorization", "Pending", NULL, 100, 2),
	    VERSION("CardOutAuthorization", "Pending", NULL, 60, 2),
	    VERSION("CardOutAuthorization", "Rejected", NULL, 100, 2),
	    VERSION("CardOutAuthorization", "Released", "Captured", 100, 2),
	    VERSION("CardOutAuthorization", "Released", "Expired", 100, 2),
	    VERSION("CardOutAuthorization", "Released", "Other", 100, 2),
	    VERSION("CardOutAuthorization", "Released", "Expired", 60, 2),
	    VERSION("CardOutAuthorization", "Canceled", NULL, 100, 2),
	    VERSION("CardOutAuthorization", "Pending", NULL, 100, 3),
	    VERSION("CardOutAuthorization", "Canceled", NULL, 100, 4),
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < LENGTH(versions); i++)
		for (j = 0; j < LENGTH(versions); j++) {
			int by = swan_compare(&versions[i], &versions[j]);

			if ((by > 0) - (by < 0) != (i > j) - (i < j))
				fail_msg("version %zu against %zu: %d", i, j, by);
		}
}

static void
empty_list_allows_no_category(void **state)
{
	struct swan_transaction t = {.rejected_reason = "PartnerRefused",
	                             .merchant_category = "InStore",
	                             .merchant_category_code = "8011"};

	(void)state;
	assert_string_equal(swan_rejection(&t, ""), CATEGORY);
	assert_string_equal(swan_rejection(&t, "8011"), OTHER);
	assert_string_equal(swan_rejection(&t, "18011 80110 8011"), OTHER);
	assert_string_equal(swan_rejection(&t, "18011 80110"), CATEGORY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_row_of_the_table_is_found),
	    cmocka_unit_test(every_other_reason_of_a_release_is_given),
	    cmocka_unit_test(unknown_words_mean_nothing),
	    cmocka_unit_test(only_what_is_booked_moves_money),
	    cmocka_unit_test(card_types_begin_with_card_out),
	    cmocka_unit_test(rejections_are_given_in_four_words),
	    cmocka_unit_test(every_rejection_of_the_table_has_a_case),
	    cmocka_unit_test(captured_counts_before_authorized_rejected_and_released),
	    cmocka_unit_test(only_an_authorization_asks_for_an_amount),
	    cmocka_unit_test(versions_have_one_order),
	    cmocka_unit_test(empty_list_allows_no_category),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
