/* card_limits: what payment_supports.csv says of a card's limits is read whole, or not at all. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "formats/card_limits.h"
#include "formats/length.h"

static void
limits_are_read_in_their_order(void **state)
{
	struct card_limits l;
	struct err e = {0};

	(void)state;
	assert_int_equal(card_limits_parse("AccountHolder/Daily/40000/EUR|Partner/Always/0/USD", &l, &e), 0);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.limit[0].type, "AccountHolder");
	assert_string_equal(l.limit[0].period, "Daily");
	assert_int_equal(l.limit[0].amount, 40000);
	assert_string_equal(l.limit[0].currency, "EUR");
	assert_string_equal(l.limit[1].type, "Partner");
	assert_string_equal(l.limit[1].period, "Always");
	assert_int_equal(l.limit[1].amount, 0);
	assert_string_equal(l.limit[1].currency, "USD");
}

static void
absent_limits_are_none(void **state)
{
	struct card_limits l = {.n = 5};
	struct err e = {0};

	(void)state;
	assert_int_equal(card_limits_parse(NULL, &l, &e), 0);
	assert_int_equal(l.n, 0);
	l.n = 5;
	assert_int_equal(card_limits_parse("", &l, &e), 0);
	assert_int_equal(l.n, 0);
}

static void
malformed_limits_are_refused(void **state)
{
	static const struct {
		const char *text, *code;
	} cases[] = {
	    {"Partner", "bad_field"},
	    {"Partner/Monthly/60000", "bad_field"},
	    {"Partner/Monthly/60000/", "bad_field"},
	    {"Partner/Monthly/60000/EUR/", "bad_field"},
	    {"Partner/Monthly/60000/EUR/x", "bad_field"},
	    {"/Monthly/60000/EUR", "bad_field"},
	    {"Partner//60000/EUR", "bad_field"},
	    {"Partner/Monthly//EUR", "invalid_amount"},
	    {"Partner/Monthly/600.00/EUR", "invalid_amount"},
	    {"Partner/Monthly/-60000/EUR", "invalid_amount"},
	    {"Partner/Monthly/99999999999999999999/EUR", "invalid_amount"},
	    {"|Partner/Monthly/60000/EUR", "bad_field"},
	    {"Partner/Monthly/60000/EUR|", "bad_field"},
	    {"Partner/Monthly/60000/EUR||Partner/Monthly/60000/EUR", "bad_field"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		struct card_limits l;
		struct err e = {0};

		if (card_limits_parse(cases[i].text, &l, &e) != -1 || strcmp(e.code, cases[i].code) != 0)
			fail_msg("%s: %s", cases[i].text, e.code);
	}
}

static void
as_many_limits_as_the_text_holds_are_read(void **state)
{
	char text[CARD_LIMITS_TEXT + 8] = "";
	struct card_limits l;
	struct err e = {0};
	int i;

	(void)state;
	for (i = 0; i < CARD_LIMITS_MOST; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%sa/b/0/c", i > 0 ? "|" : "");
	assert_int_equal(strlen(text), CARD_LIMITS_TEXT - 1);
	assert_int_equal(card_limits_parse(text, &l, &e), 0);
	assert_int_equal(l.n, CARD_LIMITS_MOST);
	assert_string_equal(l.limit[CARD_LIMITS_MOST - 1].currency, "c");
	snprintf(text + strlen(text), sizeof(text) - strlen(text), "d");
	assert_int_equal(card_limits_parse(text, &l, &e), -1);
	assert_string_equal(e.code, "bad_field");
	assert_non_null(strstr(e.message, "longer than 1023 bytes"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(limits_are_read_in_their_order),
	    cmocka_unit_test(absent_limits_are_none),
	    cmocka_unit_test(malformed_limits_are_refused),
	    cmocka_unit_test(as_many_limits_as_the_text_holds_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
