/* contact: what Swan would refuse is refused before it is asked. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "formats/contact.h"
#include "formats/length.h"

typedef int check_fn(const char *text, struct err *e);

static void
assert_takes(check_fn *check, const char *const good[], const char *const bad[], const char *code)
{
	struct err e = {0};

	for (; *good != NULL; good++)
		if (check(*good, &e) != 0)
			fail_msg("%s is refused: %s", *good, e.message);
	for (; *bad != NULL; bad++) {
		e = (struct err){0};
		if (check(*bad, &e) == 0)
			fail_msg("%s is taken", *bad);
		assert_string_equal(e.code, code);
	}
}

static void
contact_takes_phone_numbers_of_e164(void **state)
{
	static const char *const good[] = {"+33612345678", "+1234567", "+123456789012345", NULL};
	static const char *const bad[] = {"",
	                                  "+",
	                                  "0612345678",
	                                  "33612345678",
	                                  "+33 6 12 34 56 78",
	                                  "+3361234567a",
	                                  "+0612345678",
	                                  "+123456",
	                                  "+1234567890123456",
	                                  "0033612345678",
	                                  "+33612345678 ",
	                                  "+\xd9\xa3\xd9\xa3",
	                                  NULL};

	(void)state;
	assert_takes(contact_check_phone, good, bad, "invalid_phone_number");
}

static void
contact_takes_names_as_swan_does(void **state)
{
	static const char *const good[] = {
	    "Zoé",  "Jean-François", "D'Été", "O'Brien", "de La Tour", "Łukasz", "李",
	    "Ömer", "Nic'",          "Μαρία", "Ben Ali", "Strauß",     "Иванов", NULL};
	static const char *const bad[] = {"",
	                                  " Zoé",
	                                  "Zoé ",
	                                  "Marie, Anne",
	                                  "Jean--Luc",
	                                  "Jean  Luc",
	                                  "\"Le Grand\"",
	                                  "R2D2",
	                                  "Zoé\n",
	                                  "-Zoé",
	                                  "Zoe\xcc\x81",
	                                  "Zo\xe9",
	                                  "Zoé\xc2\xa0",
	                                  "💊",
	                                  "Jean\xe2\x80\x99s",
	                                  "Nic-",
	                                  "N''",
	                                  NULL};
	char longest[CONTACT_NAME + 1];
	struct err e = {0};

	(void)state;
	assert_takes(contact_check_name, good, bad, "bad_field");
	memset(longest, 'a', sizeof(longest));
	longest[CONTACT_NAME] = '\0';
	assert_int_equal(contact_check_name(longest, &e), -1);
	longest[CONTACT_NAME - 1] = '\0';
	assert_int_equal(contact_check_name(longest, &e), 0);
}

static void
contact_takes_email_addresses(void **state)
{
	static const char *const good[] = {"a@b.fr", "jean.d'ete+alan@mail.example.com", "x_1@1-2.org", NULL};
	static const char *const bad[] = {
	    "",         "a",        "a@",        "@b.fr",   "a@b",      "a b@c.fr",    "a@b..fr",
	    ".a@b.fr",  "a.@b.fr",  "a..b@c.fr", "a@-b.fr", "a@b-.fr",  "a@b.f",       "a@b@c.fr",
	    "a@b.fr\n", "zoé@b.fr", "a@b.12",    "a@b.fr.", "<a@b.fr>", "a@[1.2.3.4]", NULL};
	char longest[300];
	struct err e = {0};

	(void)state;
	assert_takes(contact_check_email, good, bad, "bad_field");
	memset(longest, 'a', sizeof(longest));
	memcpy(longest + 65, "@b.fr", 6);
	assert_int_equal(contact_check_email(longest, &e), -1);
	memcpy(longest + 64, "@b.fr", 6);
	assert_int_equal(contact_check_email(longest, &e), 0);
}

static void
contact_takes_birth_dates_of_people(void **state)
{
	static const struct {
		const char *text;
		int rc;
	} cases[] = {
	    {"1990-02-28", 0}, {"2010-11-30", 0},  {"2010-12-01", -1}, {"2030-01-01", -1}, {"1906-11-29", -1},
	    {"1906-11-30", 0}, {"1990-02-30", -1}, {"28/02/1990", -1}, {"1990-2-28", -1},  {"", -1},
	};
	date on;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = {0};

		if (contact_parse_birth_date(cases[i].text, date_of(2026, 11, 30), &on, &e) != cases[i].rc)
			fail_msg("%s", cases[i].text);
		assert_string_equal(e.code, cases[i].rc == 0 ? "" : "bad_field");
	}
}

static void
contact_takes_the_languages_of_the_app(void **state)
{
	static const char *const good[] = {"en", "fr", "es", "nl", NULL};
	static const char *const bad[] = {"", "de", "FR", "fr-FR", "french", NULL};

	(void)state;
	assert_takes(contact_check_language, good, bad, "bad_field");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(contact_takes_phone_numbers_of_e164),
	    cmocka_unit_test(contact_takes_names_as_swan_does),
	    cmocka_unit_test(contact_takes_email_addresses),
	    cmocka_unit_test(contact_takes_birth_dates_of_people),
	    cmocka_unit_test(contact_takes_the_languages_of_the_app),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
