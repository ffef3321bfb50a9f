/* reason: the table is in order, says nothing but the known words, and decides what the rulebook asks. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <string.h>

#include "formats/length.h"
#include "formats/reason.h"
#include "formats/text.h"

static bool
is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

static void
reasons_are_in_order_and_found(void **state)
{
	static const size_t least[] = {[REASON_OF_DEBIT] = 49, [REASON_OF_REFUND] = 40};
	const struct reason *r, *last;
	size_t i, n;

	(void)state;
	for (enum reason_of of = REASON_OF_DEBIT; of <= REASON_OF_REFUND; of++) {
		last = NULL;
		for (i = n = 0; (r = reason_next(of, &i)); last = r, n++) {
			assert_int_equal(strlen(r->code), 4);
			if (last)
				assert_true(strcmp(last->code, r->code) < 0);
			assert_ptr_equal(reason_find(of, r->code), r);
		}
		assert_true(n >= least[of]);
	}
}

static void
reasons_use_the_known_words(void **state)
{
	static const char *const classes[] = {"account", "bank",      "cancel",  "debtor",  "deceased",
	                                      "dispute", "duplicate", "funds",   "mandate", "regulatory",
	                                      "service", "technical", "unknown", NULL};
	static const char *const retries[] = {"yes", "no", "after_fix", NULL};
	static const char *const actions[] = {"keep", "suspend", "block", NULL};
	const struct reason *r;

	(void)state;
	for (enum reason_of of = REASON_OF_DEBIT; of <= REASON_OF_REFUND; of++)
		for (size_t i = 0; (r = reason_next(of, &i));) {
			assert_true(is_one_of(r->class, classes));
			assert_true(is_one_of(r->retry, retries));
			assert_true(is_one_of(r->mandate_action, actions));
			assert_true(r->label_en[0] && r->label_fr[0] && r->next_step[0]);
			assert_true(text_is_utf8(r->label_fr, strlen(r->label_fr)));
		}
}

static void
reasons_decide_retry_and_mandate(void **state)
{
	static const struct {
		const char *code;
		enum reason_retry retry;
		enum reason_mandate mandate;
	} cases[] = {
	    {"AM04", REASON_RETRY_YES, REASON_MANDATE_KEEP},
	    {"MS03", REASON_RETRY_YES, REASON_MANDATE_KEEP},
	    {"ED05", REASON_RETRY_YES, REASON_MANDATE_KEEP},
	    {"AC01", REASON_RETRY_AFTER_FIX, REASON_MANDATE_SUSPEND},
	    {"AC04", REASON_RETRY_NO, REASON_MANDATE_BLOCK},
	    {"AC06", REASON_RETRY_NO, REASON_MANDATE_SUSPEND},
	    {"MD01", REASON_RETRY_NO, REASON_MANDATE_BLOCK},
	    {"MD06", REASON_RETRY_NO, REASON_MANDATE_SUSPEND},
	    {"MD07", REASON_RETRY_NO, REASON_MANDATE_BLOCK},
	    {"MS02", REASON_RETRY_NO, REASON_MANDATE_SUSPEND},
	    {"AM05", REASON_RETRY_NO, REASON_MANDATE_KEEP},
	    {"DU01", REASON_RETRY_NO, REASON_MANDATE_KEEP},
	    {"TM01", REASON_RETRY_AFTER_FIX, REASON_MANDATE_KEEP},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const struct reason *r = reason_find(REASON_OF_DEBIT, cases[i].code);

		assert_non_null(r);
		assert_int_equal(reason_retry(r), cases[i].retry);
		assert_int_equal(reason_mandate(r), cases[i].mandate);
	}
}

/* The member is the debtor of a debit and the creditor of a refund: the same code says something else. */
static void
reasons_of_refunds_are_of_the_creditor(void **state)
{
	static const struct {
		const char *code;
		enum reason_mandate mandate;
		bool is_members;
	} cases[] = {
	    {"AC01", REASON_MANDATE_SUSPEND, true}, {"AC02", REASON_MANDATE_KEEP, false},
	    {"AC03", REASON_MANDATE_SUSPEND, true}, {"AC04", REASON_MANDATE_BLOCK, true},
	    {"AM04", REASON_MANDATE_KEEP, false},   {"TM01", REASON_MANDATE_KEEP, false},
	    {"MS03", REASON_MANDATE_KEEP, true},    {"MS02", REASON_MANDATE_KEEP, true},
	    {"MD07", REASON_MANDATE_SUSPEND, true}, {"DUPL", REASON_MANDATE_KEEP, false},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const struct reason *r = reason_find(REASON_OF_REFUND, cases[i].code);

		assert_non_null(r);
		assert_int_equal(reason_mandate(r), cases[i].mandate);
		assert_int_equal(reason_is_members(r), cases[i].is_members);
	}
}

static void
a_mandate_action_that_is_misspelt_blocks(void **state)
{
	const struct reason r = {.retry = "maybe", .mandate_action = "kept"};

	(void)state;
	assert_int_equal(reason_retry(&r), REASON_RETRY_NO);
	assert_int_equal(reason_mandate(&r), REASON_MANDATE_BLOCK);
}

static void
an_unknown_reason_is_nobodys_decision(void **state)
{
	static const char *const codes[] = {"", "ZZ99", "AM0", "AM044", "am04", "0000", "AM04 "};

	(void)state;
	for (size_t i = 0; i < LENGTH(codes); i++) {
		assert_null(reason_find(REASON_OF_DEBIT, codes[i]));
		assert_null(reason_find(REASON_OF_REFUND, codes[i]));
	}
}

static void
reasons_suspend_what_must_not_come_again_unseen(void **state)
{
	static const char *const unseen[] = {"AM05", "AM06", "DU01", "DUPL", "FOCR", "NARR",
	                                     "SL13", "TECH", "XX99", "01",   ""};
	static const char *const kept[] = {"AM04", "MS03", "ED05", "FF01", "TM01", "RR01", "SL14"};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(unseen); i++)
		assert_int_equal(reason_effect(REASON_OF_DEBIT, unseen[i]), REASON_MANDATE_SUSPEND);
	for (i = 0; i < LENGTH(kept); i++)
		assert_int_equal(reason_effect(REASON_OF_DEBIT, kept[i]), REASON_MANDATE_KEEP);
	assert_int_equal(reason_effect(REASON_OF_DEBIT, "MD01"), REASON_MANDATE_BLOCK);
	assert_int_equal(reason_effect(REASON_OF_REFUND, "MS02"), REASON_MANDATE_SUSPEND);
	assert_int_equal(reason_effect(REASON_OF_REFUND, "MS03"), REASON_MANDATE_KEEP);
	assert_int_equal(reason_effect(REASON_OF_REFUND, "AC04"), REASON_MANDATE_BLOCK);
	assert_true(reason_is_of_member(REASON_OF_DEBIT, "MD07"));
	assert_true(reason_is_of_member(REASON_OF_REFUND, "MD07"));
	assert_false(reason_is_of_member(REASON_OF_DEBIT, "MD01"));
	assert_false(reason_is_of_member(REASON_OF_DEBIT, "XX99"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reasons_are_in_order_and_found),
	    cmocka_unit_test(reasons_use_the_known_words),
	    cmocka_unit_test(reasons_decide_retry_and_mandate),
	    cmocka_unit_test(reasons_of_refunds_are_of_the_creditor),
	    cmocka_unit_test(reasons_suspend_what_must_not_come_again_unseen),
	    cmocka_unit_test(a_mandate_action_that_is_misspelt_blocks),
	    cmocka_unit_test(an_unknown_reason_is_nobodys_decision),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
