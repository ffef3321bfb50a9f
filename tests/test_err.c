/* err: what was wrong and where; the text is cut, never the error. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "formats/err.h"

static void
err_set_fills_code_and_message(void **state)
{
	struct err e = {0};

	(void)state;
	assert_int_equal(err_set(&e, "bad_field", "%s is not %d", "amount", 7), -1);
	assert_string_equal(e.code, "bad_field");
	assert_string_equal(e.message, "amount is not 7");
	assert_int_equal(e.line, 0);
	assert_int_equal(e.column, 0);
}

static void
err_set_keeps_the_place(void **state)
{
	struct err e = {.line = 3, .column = 9};

	(void)state;
	err_set(&e, "bad_field", "no");
	assert_int_equal(e.line, 3);
	assert_int_equal(e.column, 9);
}

static void
err_at_takes_a_place(void **state)
{
	struct err e = {.code = "before", .line = 3, .column = 9, .message = "before"};

	(void)state;
	assert_int_equal(err_at(&e, 12, 0, "malformed_json", "line %ld", 12L), -1);
	assert_string_equal(e.code, "malformed_json");
	assert_string_equal(e.message, "line 12");
	assert_int_equal(e.line, 12);
	assert_int_equal(e.column, 0);
}

static void
err_cuts_what_does_not_fit(void **state)
{
	struct err e;
	char text[1000];

	(void)state;
	memset(&e, 'x', sizeof(e));
	memset(text, 'm', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(err_set(&e, text, "%s", text), -1);
	assert_int_equal(strlen(e.code), sizeof(e.code) - 1);
	assert_int_equal(strlen(e.message), sizeof(e.message) - 1);
	assert_memory_equal(e.message, text, sizeof(e.message) - 1);
}

static void
err_message_is_no_format_twice(void **state)
{
	struct err e = {0};

	(void)state;
	err_set(&e, ERR_BAD_FIELD, "%s", "100 %s %n");
	assert_string_equal(e.message, "100 %s %n");
	assert_true(err_is(&e, ERR_BAD_FIELD));
	assert_false(err_is(&e, ERR_BAD_URL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(err_set_fills_code_and_message), cmocka_unit_test(err_set_keeps_the_place),
	    cmocka_unit_test(err_at_takes_a_place),           cmocka_unit_test(err_cuts_what_does_not_fit),
	    cmocka_unit_test(err_message_is_no_format_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
