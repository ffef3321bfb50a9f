/* reason: the table is in order, says nothing but the known words, and decides what the rulebook asks. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <string.h>

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
	const struct reason *r, *last = NULL;
	size_t i = 0, n = 0;

	(void)state;
	for (; (r = reason_next(&i)); last = r, n++) {
		assert_int_equal(strlen(r->code), 4);
		if (last)
			assert_true(strcmp(last->code, r->code) < 0);
		assert_ptr_equal(reason_find(r->code), r);
	}
	assert_true(n >= 49);
}

static void
reasons_use_the_known_words(void **state)
{
	static const char *const classes[] = {"account",   "bank",    "cancel",  "debtor",     "dispute",
	                                      "duplicate", "funds",   "mandate", "regulatory", "service",
	                                      "technical", "unknown", NULL};
	static const char *const retries[] = {"yes", "no", "after_fix", NULL};
	static const char *const actions[] = {"keep", "suspend", "block", NULL};
	const struct reason *r;
	size_t i = 0;

	(void)state;
	while ((r = reason_next(&i))) {
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
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct reason *r = reason_find(cases[i].code);

		assert_non_null(r);
		assert_int_equal(reason_retry(r), cases[i].retry);
		assert_int_equal(reason_mandate(r), cases[i].mandate);
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
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		assert_null(reason_find(codes[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reasons_are_in_order_and_found),
	    cmocka_unit_test(reasons_use_the_known_words),
	    cmocka_unit_test(reasons_decide_retry_and_mandate),
	    cmocka_unit_test(a_mandate_action_that_is_misspelt_blocks),
	    cmocka_unit_test(an_unknown_reason_is_nobodys_decision),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
