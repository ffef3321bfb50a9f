/* own_account: Alan's accounts by IBAN and by name, and nobody else's. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/own_account.h"

#define LIST "fr76 3000 6000 0112 3456 7890 189, ALAN SA , Swan*top-up*,DE89370400440532013000"

static void
own_account_is_matched_by_iban_or_name(void **state)
{
	static const struct {
		const char *name, *account;
		bool own;
	} cases[] = {
	    {NULL, "FR7630006000011234567890189", true},
	    {"Zoë Martin", "fr76 3000 6000 0112 3456 7890 189", true},
	    {"Zoë Martin", "FR1420041010050500013M02606", false},
	    {"Zoë Martin", NULL, false},
	    {"Alan  sa", NULL, true},
	    {"ALAN\xC2\xA0SA", "FR1420041010050500013M02606", true},
	    {"ALAN SA Turing", NULL, false},
	    {"Monsieur ALAN SA", NULL, false},
	    {"SWAN: Top-Up of March", NULL, true},
	    {"Swan top-up", NULL, true},
	    {"Swan refund", NULL, false},
	    {"FR7630006000011234567890189", NULL, false}, /* anybody can take that for a name */
	    {"", "", false},
	    {NULL, NULL, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++)
		if (own_account_matches(LIST, cases[i].name, cases[i].account) != cases[i].own)
			fail_msg("%s, %s", cases[i].name, cases[i].account);
	assert_false(own_account_matches("", "ALAN SA", "FR7630006000011234567890189"));
	assert_true(own_account_matches("0012345*", "Zoë Martin", "00123456"));
}

static void
list_of_own_accounts_is_checked(void **state)
{
	static const struct {
		const char *list, *words; /* NULL: it is taken */
	} cases[] = {
	    {LIST, NULL},
	    {"", NULL},
	    {" , ALAN SA,, ", NULL},
	    {"ÉÀÜ", NULL},
	    {"FR7630006000011234567890188", "not a valid IBAN"},
	    {"ALAN SA, DE88370400440532013000", "not a valid IBAN"},
	    {"*", "not a valid pattern"},
	    {"ALAN SA, a*b", "not a valid pattern"},
	    {"\xFF\xFF\xFF", "not UTF-8"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		struct err e = {0};
		int rc = own_account_check(cases[i].list, &e);

		if (rc != (cases[i].words == NULL ? 0 : -1) ||
		    (rc != 0 && strstr(e.message, cases[i].words) == NULL))
			fail_msg("%s: %s", cases[i].list, e.message);
		assert_null(strstr(e.message, "3000600001"));
	}
}

static void
list_of_own_accounts_is_kept_plain_and_shown_masked(void **state)
{
	char text[128], small[20];

	(void)state;
	assert_int_equal(own_account_normalise(LIST, text, sizeof(text)), 0);
	assert_string_equal(text, "FR7630006000011234567890189,ALAN SA,Swan*top-up*,DE89370400440532013000");
	assert_int_equal(own_account_normalise(LIST, small, sizeof(small)), -1);
	assert_int_equal(own_account_mask(LIST, text, sizeof(text)), 0);
	assert_string_equal(text, "FR76***0189,ALAN SA,Swan*top-up*,DE89***3000");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(own_account_is_matched_by_iban_or_name),
	    cmocka_unit_test(list_of_own_accounts_is_checked),
	    cmocka_unit_test(list_of_own_accounts_is_kept_plain_and_shown_masked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
