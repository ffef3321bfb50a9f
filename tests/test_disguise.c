/* disguise: the same value gives the same other one, valid where it was, and nothing of it is left; what says nothing stays. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/contact.h"
#include "formats/disguise_file.h"
#include "formats/fold.h"
#include "formats/iban.h"
#include "formats/json.h"
#include "formats/length.h"
#include "formats/text.h"
#include "formats/uuid.h"
#include "formats/vocabulary.h"

static struct disguise d = {.key = "a key of thirty-two bytes, or so", .store = 0x0000a1a9};

/* Until the eighth call after it. */
static const char *
other(enum disguise_kind kind, const char *text)
{
	static char *made[8];
	static size_t next;

	free(made[next % 8]);
	made[next % 8] = disguise_text(&d, kind, text);
	return made[next++ % 8];
}

static void
the_same_value_gives_the_same_other_one(void **state)
{
	static const char value[] = "AP-1001-1";
	struct disguise stranger = d;
	char *made;

	(void)state;
	for (int kind = DISGUISE_NAME; kind <= DISGUISE_FREE; kind++) {
		if (kind == DISGUISE_CODE)
			continue;
		assert_string_equal(other((enum disguise_kind)kind, value),
		                    other((enum disguise_kind)kind, value));
		assert_string_not_equal(other((enum disguise_kind)kind, value), value);
	}
	stranger.key[0] ^= 1;
	made = disguise_text(&stranger, DISGUISE_ID, value);
	assert_string_not_equal(made, other(DISGUISE_ID, value));
	free(made);
	assert_string_equal(other(DISGUISE_NAME, ""), "");
	assert_string_equal(other(DISGUISE_KEEP, value), value);
}

static void
an_account_stays_valid_in_its_country_and_form(void **state)
{
	static const char *const ibans[] = {"FR7630006000011234567890189", "DE89370400440532013000",
	                                    "GB29 NWBK 6016 1331 9268 19", "MT84MALT011000012345MTLCAST001S",
	                                    "fr1420041010050500013m02606"};
	struct iban was, is;
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < LENGTH(ibans); i++) {
		const char *made = other(DISGUISE_IBAN, ibans[i]);

		assert_int_equal(iban_parse(ibans[i], &was, &e), 0);
		if (iban_parse(made, &is, &e) < 0)
			fail_msg("%s became %s: %s", ibans[i], made, e.message);
		assert_memory_equal(is.text, was.text, 2);
		assert_string_not_equal(is.text + 4, was.text + 4);
		assert_int_equal(strlen(made), strlen(ibans[i]));
	}
	assert_int_equal(iban_parse(other(DISGUISE_IBAN, "FR7730006000011234567890189"), &is, &e), -1);
	assert_string_equal(other(DISGUISE_ID, ibans[0]), other(DISGUISE_IBAN, ibans[0]));
}

static void
a_creditor_and_a_bic_stay_valid(void **state)
{
	struct err e = {0};

	(void)state;
	assert_int_equal(creditor_id_check(other(DISGUISE_CREDITOR, "FR72ZZZ123456"), &e), 0);
	assert_memory_equal(other(DISGUISE_CREDITOR, "FR72ZZZ123456"), "FR", 2);
	assert_int_equal(bic_check(other(DISGUISE_BIC, "AGRIFRPP882"), &e), 0);
	assert_memory_equal(other(DISGUISE_BIC, "AGRIFRPP882") + 4, "FR", 2);
	assert_int_equal(contact_check_phone(other(DISGUISE_PHONE, "+33612345678"), &e), 0);
	assert_int_equal(contact_check_email(other(DISGUISE_EMAIL, "a.b@alan.eu"), &e), 0);
	assert_int_equal(contact_check_name(other(DISGUISE_NAME, "Zo\xc3\xa9 d'Ars-Moulin"), &e), 0);
}

/* Of a few characters many values are tried: none may meet another. */
static void
identifiers_never_meet(void **state)
{
	bool seen[10000] = {false};
	char text[16];

	(void)state;
	for (int i = 0; i < 10000; i++) {
		snprintf(text, sizeof(text), "%04d", i);
		int made = atoi(other(DISGUISE_ID, text));

		assert_false(seen[made]);
		seen[made] = true;
	}
}

static void
what_is_compared_without_case_or_blanks_still_is_equal(void **state)
{
	char folded[64], again[64];

	(void)state;
	assert_int_equal(fold_text("VIR 2026-1 Ab", folded, sizeof(folded)), 0);
	assert_int_equal(fold_text(other(DISGUISE_ID, "VIR 2026-1 Ab"), again, sizeof(again)), 0);
	assert_string_equal(other(DISGUISE_ID, folded), again);
}

static void
our_own_ids_are_kept(void **state)
{
	(void)state;
	assert_string_equal(other(DISGUISE_ID, "0000a1a9-20260228-1-D1"), "0000a1a9-20260228-1-D1");
	assert_string_equal(other(DISGUISE_ID, "0000A1A9050080008010000000000001"),
	                    "0000A1A9050080008010000000000001");
	assert_string_equal(other(DISGUISE_ID, "0000a1a9-0500-8000-8008-000000000001"),
	                    "0000a1a9-0500-8000-8008-000000000001");
	assert_string_not_equal(other(DISGUISE_ID, "0000a1a95"), "0000a1a95");
}

static void
ids_of_others_keep_their_order(void **state)
{
	static const char id[] = "92687037-f165-5480-b25c-919a7b0ae3bb",
			  swan[] = "bosci_7d36d9466429593ba0b528ee56385bc8";
	unsigned char byte[16], expected[16];
	struct uuid u;
	struct err e = {0};

	(void)state;
	assert_memory_equal(other(DISGUISE_ID, id), id, 9);
	assert_string_not_equal(other(DISGUISE_ID, id), id);
	assert_memory_equal(other(DISGUISE_ID, swan), swan, 14);
	assert_int_equal(uuid_parse(id, &u, &e), 0);
	memcpy(byte, u.byte, 16);
	disguise_uuid(&d, byte);
	assert_int_equal(uuid_parse(other(DISGUISE_ID, id), &u, &e), 0);
	memcpy(expected, u.byte, 16);
	assert_memory_equal(byte, expected, 16);
}

static void
a_name_is_the_same_in_every_spelling_and_order(void **state)
{
	char name[256], plain[80];
	struct err e = {0};

	(void)state;
	snprintf(name, sizeof(name), "%s %s", other(DISGUISE_NAME, "Zo\xc3\xa9"),
	         other(DISGUISE_NAME, "Martin"));
	assert_string_equal(other(DISGUISE_NAME, "Zo\xc3\xa9 Martin"), name);
	assert_int_equal(text_to_sepa("Zo\xc3\xa9 Martin", plain, 70, &e), 0);
	assert_string_equal(other(DISGUISE_NAME, plain), name);
	for (char *c = name; *c != '\0'; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
	assert_string_equal(other(DISGUISE_NAME, "ZOE MARTIN"), name);
}

static void
a_sentence_keeps_its_words_and_loses_its_values(void **state)
{
	const char *made = other(DISGUISE_MESSAGE, "Profile not found for app [alan] and user [9999]");

	(void)state;
	assert_true(vocabulary_has("profile") && !vocabulary_has("camille"));
	assert_memory_equal(made, "Profile not found for app [", 27);
	assert_null(strstr(made, "9999"));
	made = other(DISGUISE_MESSAGE, "\"Atlantis\" is not a valid country");
	assert_null(strstr(made, "Atlantis"));
	assert_non_null(strstr(made, "\" is not a valid country"));
	assert_string_equal(
	    other(DISGUISE_MESSAGE, "3 of 5 debits of 0000a1a9-20260228-1-D1 came back with the reason AC04"),
	    "3 of 5 debits of 0000a1a9-20260228-1-D1 came back with the reason AC04");
}

static void
days_are_shifted_where_they_are_kept(void **state)
{
	static const struct {
		enum disguise_kind kind;
		const char *text, *expected;
	} rows[] = {
	    {DISGUISE_KEEP, "2026-02-28", "2027-02-28"},
	    {DISGUISE_KEEP, "2026-02-28T09:00:00.000Z", "2027-02-28T09:00:00.000Z"},
	    {DISGUISE_KEEP, "20260228-1", "20270228-1"},
	    {DISGUISE_KEEP, "out/sepa/2026-03-10_20260228-1/v1", "out/sepa/2027-03-10_20270228-1/v1"},
	    {DISGUISE_ID, "0000a1a9-20260228-1-D1", "0000a1a9-20270228-1-D1"},
	    {DISGUISE_PATH, "archive/2026/03/04/declare_profile.web.20260304T180000Z.1.jsonl",
	     "archive/2027/03/04/declare_profile.web.20270304T180000Z.1.jsonl"},
	    {DISGUISE_KEEP, "20260228", "20260228"},
	    {DISGUISE_KEEP, "2026-02-30", "2026-02-30"},
	    {DISGUISE_KEEP, "12026-02-28", "12026-02-28"},
	    {DISGUISE_KEEP, "Alan Pay 2026-02", "Alan Pay 2026-02"},
	};

	(void)state;
	d.days = 365;
	for (size_t i = 0; i < LENGTH(rows); i++)
		assert_string_equal(other(rows[i].kind, rows[i].text), rows[i].expected);
	d.days = -59;
	assert_string_equal(other(DISGUISE_KEEP, "2026-03-01"), "2026-01-01");
	d.days = 0;
}

/* What a file becomes. */
static const char *
other_file(const char *text)
{
	static char made[4096];
	struct sink_text room = {made, sizeof(made), 0};
	struct sink *s = sink_into(&room);
	int status = disguise_file(&d, text, strlen(text), s);

	return sink_end(s, NULL, NULL) < 0 || status < 0 ? NULL : made;
}

static void
assert_file(const char *text, const char *format, const char *value)
{
	char expected[2048];
	const char *at = strstr(format, "@"), *made = other_file(text);

	snprintf(expected, sizeof(expected), "%.*s%s%s", (int)(at - format), format, value, at + 1);
	if (made == NULL || strcmp(made, expected) != 0)
		fail_msg("%s\nbecame\n%s\nnot\n%s", text, made, expected);
}

static void
of_a_file_only_the_values_change(void **state)
{
	(void)state;
	assert_file("<a:Nm> Zoe &amp; Co </a:Nm>", "<a:Nm> @ </a:Nm>", other(DISGUISE_NAME, "Zoe & Co"));
	assert_file("<Doc xmlns=\"urn:x\"><Amt Ccy=\"EUR\">12.50</Amt><Nm>Zoe</Nm></Doc>",
	            "<Doc xmlns=\"urn:x\"><Amt Ccy=\"EUR\">12.50</Amt><Nm>@</Nm></Doc>",
	            other(DISGUISE_NAME, "Zoe"));
	assert_file("{\"op\": \"x\", \"debtor_name\":\"Zo\\u00e9\",\"n\":[1]}",
	            "{\"op\": \"x\", \"debtor_name\":\"@\",\"n\":[1]}", other(DISGUISE_NAME, "Zo\xc3\xa9"));
	assert_file("<?xml encoding='ISO-8859-1'?><Nm>Zo\xe9</Nm>", "<?xml encoding='ISO-8859-1'?><Nm>@</Nm>",
	            other(DISGUISE_NAME, "Zo\xc3\xa9"));
	assert_file("<Nm>Zo&#233; &#xE9;</Nm>", "<Nm>@</Nm>", other(DISGUISE_NAME, "Zo\xc3\xa9 \xc3\xa9"));
	assert_file("op,app_user_id\r\nm,\"4,2\"\r\n", "op,app_user_id\r\nm,@\r\n",
	            other(DISGUISE_USER, "4,2"));
}

static void
a_field_that_is_not_known_is_free_text(void **state)
{
	(void)state;
	assert_int_equal(disguise_field("nosuchfield"), DISGUISE_FREE);
	assert_file("{\"nickname\":\"Zoe\"}", "{\"nickname\":\"@\"}", other(DISGUISE_FREE, "Zoe"));
	assert_file("<Doc><Nick>Zoe</Nick><!-- Zoe --></Doc>", "<Doc><Nick>@</Nick></Doc>",
	            other(DISGUISE_FREE, "Zoe"));
	assert_file("<Nick><![CDATA[Zoe]]></Nick>", "<Nick>@</Nick>", other(DISGUISE_FREE, "Zoe"));
}

static void
what_is_wrong_with_a_file_stays_wrong(void **state)
{
	(void)state;
	assert_string_equal(other_file("{\"debtor_name\":\"Zoe\n{\"op\":\"x\"}\n"),
	                    "{\"debtor_name\":\"xxx\n{\"op\":\"x\"}\n");
	assert_non_null(strstr(other_file("{\"app_user_id\":\"1\\u00001\"}"), "\\u0000\"}"));
	assert_non_null(strstr(other_file("{\"app_user_id\":\"a\xff\"}"), "\xff\"}"));
	assert_string_equal(other_file("<Doc><Amt>1</Amt"), "<Doc><Amt>1</Amt");
	assert_null(other_file("PK\x03\x04 Zoe"));
	assert_null(other_file("Dear Zoe,\n"));
	assert_null(other_file("\xef\xbb\xbf"
	                       "Dear Zoe,\n"));
	assert_string_equal(other_file("\xef\xbb\xbfop\nx\n"), "\xef\xbb\xbfop\nx\n");
	assert_string_equal(other_file(" \n"), " \n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_same_value_gives_the_same_other_one),
	    cmocka_unit_test(an_account_stays_valid_in_its_country_and_form),
	    cmocka_unit_test(a_creditor_and_a_bic_stay_valid),
	    cmocka_unit_test(identifiers_never_meet),
	    cmocka_unit_test(what_is_compared_without_case_or_blanks_still_is_equal),
	    cmocka_unit_test(our_own_ids_are_kept),
	    cmocka_unit_test(ids_of_others_keep_their_order),
	    cmocka_unit_test(a_name_is_the_same_in_every_spelling_and_order),
	    cmocka_unit_test(a_sentence_keeps_its_words_and_loses_its_values),
	    cmocka_unit_test(days_are_shifted_where_they_are_kept),
	    cmocka_unit_test(of_a_file_only_the_values_change),
	    cmocka_unit_test(a_field_that_is_not_known_is_free_text),
	    cmocka_unit_test(what_is_wrong_with_a_file_stays_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
