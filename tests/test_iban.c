/* iban: IBANs, BICs, creditor identifiers and countries, right and nearly right. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "formats/iban.h"
#include "formats/length.h"

static void
iban_is_kept_without_spaces_in_upper_case(void **state)
{
	struct err e = {0};
	struct iban iban;

	(void)state;
	assert_int_equal(iban_parse(" fr14 2004 1010 0505 0001 3m02 606 ", &iban, &e), 0);
	assert_string_equal(iban.text, "FR1420041010050500013M02606");
	assert_int_equal(iban_parse("MT84MALT011000012345MTLCAST001S", &iban, &e), 0);
	assert_int_equal(iban_parse("NO9386011117947", &iban, &e), 0);
}

static void
iban_refuses_what_a_bank_would(void **state)
{
	static const char *const texts[] = {
	    "",
	    "F",
	    "FR",
	    "FR14",
	    "FR1420041010050500013M02607",       /* last digit */
	    "FR1420041010050500013M0260",        /* short */
	    "FR1420041010050500013M026061",      /* long */
	    "ZZ1420041010050500013M02606",       /* no such country */
	    "US1420041010050500013M02606",       /* country without IBAN */
	    "FR1420041010050500013M0260-",       /* not a letter or digit */
	    "FR14-2004-1010-0505-0001-3M02-606", /* dashes */
	    "BY00NBRB3600000000000Z00AB00",      /* check digits no IBAN has */
	    "GB72MIDLA0051539024150",            /* letter for a digit */
	    "FR14 2004 1010 0505 0001 3É02 606",
	    "FR1420041010050500013M02606000000000000000000000000000000",
	    "santander",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct iban iban = {"before"};
		struct err e = {0};

		if (iban_parse(texts[i], &iban, &e) == 0)
			fail_msg("\"%s\" was taken for an IBAN", texts[i]);
		assert_string_equal(e.code, "invalid_iban");
		assert_string_equal(iban.text, "before");
		if (strlen(texts[i]) > 8)
			assert_null(strstr(e.message, texts[i] + 4));
	}
}

/* 97 residues, of which one is right: of all check digits for one account, one is taken. */
static void
iban_has_one_pair_of_check_digits(void **state)
{
	int taken = 0;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		char text[28] = "FR0020041010050500013M02606";
		struct iban iban;
		struct err e = {0};

		text[2] = (char)('0' + i / 10);
		text[3] = (char)('0' + i % 10);
		taken += iban_parse(text, &iban, &e) == 0;
	}
	assert_int_equal(taken, 1);
}

static void
iban_mask_shows_country_and_last_four(void **state)
{
	const struct iban whole = {"FR1420041010050500013M02606"}, none = {""};
	char masked[IBAN_MASKED];

	(void)state;
	assert_string_equal(iban_mask(masked, &whole), "FR14***2606");
	assert_string_equal(iban_mask(masked, &none), "***");
}

static void
iban_knows_sepa_and_the_eea(void **state)
{
	static const struct {
		struct iban iban;
		bool sepa, eea;
	} cases[] = {
	    {{"FR14"}, true, true},   {{"NO93"}, true, true},   {{"IS14"}, true, true},
	    {{"LI21"}, true, true},   {{"CH93"}, true, false},  {{"GB82"}, true, false},
	    {{"MC58"}, true, false},  {{"SM86"}, true, false},  {{"RS35"}, true, false},
	    {{"AL47"}, true, false},  {{"TR33"}, false, false}, {{"FO62"}, false, false},
	    {{"TN59"}, false, false}, {{"QQ00"}, false, false}, {{""}, false, false},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_int_equal(iban_is_sepa(&cases[i].iban), cases[i].sepa);
		assert_int_equal(iban_is_eea(&cases[i].iban), cases[i].eea);
	}
}

static void
bic_has_a_country_and_8_or_11_characters(void **state)
{
	static const char *const good[] = {"DEUTDEFF",    "DEUTDEDBDUE", "SWNBFR22",
	                                   "BNPAFRPPXXX", "NLPRXKPR",    "ABC1FRPP"};
	static const char *const bad[] = {"",           "DEUTDEF",  "DEUTDEFFX", "DEUTDEFFXX", "DEUTDEFFXXXX",
	                                  "deutdeff",   "DEUTQQFF", "DEUT1EFF",  "DEUTDEF-",   "ASDFGHJO",
	                                  "DEUTDEFF   "};

	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++) {
		struct err e = {0};

		assert_int_equal(bic_check(good[i], &e), 0);
	}
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct err e = {0};

		if (bic_check(bad[i], &e) == 0)
			fail_msg("\"%s\" was taken for a BIC", bad[i]);
		assert_string_equal(e.code, "invalid_bic");
	}
}

static void
creditor_id_is_checked_without_its_business_code(void **state)
{
	static const char *const good[] = {"FR72ZZZ123456", "FR72ABC123456", "DE98ZZZ09999999999",
	                                   "ES59ZZZX1234567L"};
	static const char *const bad[] = {"",
	                                  "FR72ZZZ",
	                                  "FR72ZZZ12345",
	                                  "FR72ZZZ123457",
	                                  "FR72ZZZ1234567",
	                                  "fr72zzz123456",
	                                  "FR72 ZZZ123456",
	                                  "FR72--Z123456",
	                                  "QQ72ZZZ123456",
	                                  "FRA2ZZZ123456",
	                                  "DE98ZZZ099999999990",
	                                  "FR72ZZZ12345678901234567890123456789"};

	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++) {
		struct err e = {0};

		assert_int_equal(creditor_id_check(good[i], &e), 0);
	}
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct err e = {0};

		if (creditor_id_check(bad[i], &e) == 0)
			fail_msg("\"%s\" was taken for a creditor identifier", bad[i]);
		assert_string_equal(e.code, "invalid_creditor_identifier");
	}
}

static void
country_is_known_by_code_and_name(void **state)
{
	static const struct {
		const char *text, *alpha2, *alpha3;
	} cases[] = {
	    {"FR", "FR", "FRA"},
	    {"fr", "FR", "FRA"},
	    {"FRA", "FR", "FRA"},
	    {" France ", "FR", "FRA"},
	    {"AD", "AD", "AND"},
	    {"ZWE", "ZW", "ZWE"},
	    {"Germany", "DE", "DEU"},
	    {"ALLEMAGNE", "DE", "DEU"},
	    {"Belgique", "BE", "BEL"},
	    {"Espagne", "ES", "ESP"},
	    {"Côte d’Ivoire", "CI", "CIV"},
	    {"cote d'ivoire", "CI", "CIV"},
	    {"Etats-Unis", "US", "USA"},
	    {"états unis", "US", "USA"},
	    {"E\xCC\x81tats-Unis", "US", "USA"},
	    {"Réunion", "RE", "REU"},
	    {"La Réunion", "RE", "REU"},
	    {"åland", "AX", "ALA"},
	    {"Pays-Bas", "NL", "NLD"},
	    {"the netherlands", "NL", "NLD"},
	    {"Royaume-Uni", "GB", "GBR"},
	    {"UK", "GB", "GBR"},
	    {"Turquie", "TR", "TUR"},
	    {"Türkiye", "TR", "TUR"},
	    {"Czech Republic", "CZ", "CZE"},
	    {"Monaco", "MC", "MCO"},
	    {"Bonaire, Sint Eustatius and Saba", "BQ", "BES"},
	    {"Niger", "NE", "NER"},
	    {"Guinée", "GN", "GIN"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct country country = {0};
		struct err e = {0};

		if (country_parse(cases[i].text, &country, &e) < 0)
			fail_msg("\"%s\": %s", cases[i].text, e.message);
		assert_string_equal(country.alpha2, cases[i].alpha2);
		assert_string_equal(country.alpha3, cases[i].alpha3);
	}
}

/* All pairs of letters: as many as ISO 3166-1 lists, each leading to an alpha-3 that leads back. */
static void
countries_are_those_of_iso_3166(void **state)
{
	int n = 0;

	(void)state;
	for (char a = 'A'; a <= 'Z'; a++)
		for (char b = 'A'; b <= 'Z'; b++) {
			const char code[3] = {a, b, '\0'};
			struct country country, back;
			struct err e = {0};

			if (strcmp(code, "UK") == 0 || country_parse(code, &country, &e) < 0)
				continue;
			assert_string_equal(country.alpha2, code);
			assert_int_equal(country_parse(country.alpha3, &back, &e), 0);
			assert_string_equal(back.alpha2, code);
			n++;
		}
	assert_int_equal(n, 249);
}

static void
country_refuses_what_is_none(void **state)
{
	static const char *const texts[] = {"",
	                                    " ",
	                                    "F",
	                                    "ZZ",
	                                    "ZZZ",
	                                    "Atlantis",
	                                    "Franc",
	                                    "Frances",
	                                    "|",
	                                    "France|Gabon",
	                                    "FR\xE9",
	                                    "山田",
	                                    "DEUTSCHLANDDEUTSCHLANDDEUTSCHLAND"};

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct country country = {"??", "???"};
		struct err e = {0};

		if (country_parse(texts[i], &country, &e) == 0)
			fail_msg("\"%s\" was taken for %s", texts[i], country.alpha2);
		assert_string_equal(e.code, "invalid_country");
		assert_string_equal(country.alpha2, "??");
	}
}

/* Each row of a vector file: the value, and the first word of what is expected of it. */
static int
each_vector(const char *path, void (*check)(const char *value, const char *expected))
{
	FILE *in = fopen(path, "r");
	char line[512];
	int rows = 0;

	if (!in) {
		print_message("# skipped: %s is not here\n", path);
		return -1;
	}
	while (fgets(line, sizeof(line), in)) {
		char *expected = strchr(line, '\t');

		if (line[0] == '#' || !expected)
			continue;
		*expected++ = '\0';
		expected[strcspn(expected, "\t\n")] = '\0';
		check(line, expected);
		rows++;
	}
	fclose(in);
	return rows;
}

/* We take spaces and lower case, but no dashes and points; and no national check. */
static void
check_iban(const char *value, const char *expected)
{
	bool good = strcmp(expected, "invalid") != 0 && !strpbrk(value, "-.");
	struct iban iban;
	struct err e = {0};

	if ((iban_parse(value, &iban, &e) == 0) != good)
		fail_msg("IBAN \"%s\" should be %s", value, expected);
}

static void
check_bic(const char *value, const char *expected)
{
	struct err e = {0};

	if ((bic_check(value, &e) == 0) != (strcmp(expected, "valid") == 0))
		fail_msg("BIC \"%s\" should be %s", value, expected);
}

/* It is our own, from the configuration: nothing is cleaned. */
static void
check_creditor_id(const char *value, const char *expected)
{
	struct err e = {0};

	if ((creditor_id_check(value, &e) == 0) != (strcmp(expected, "valid") == 0))
		fail_msg("creditor identifier \"%s\" should be %s", value, expected);
}

static void
iban_agrees_with_the_shared_vectors(void **state)
{
	int rows = each_vector("../shared/vectors/iban.tsv", check_iban);

	(void)state;
	assert_true(rows < 0 || rows > 300);
	rows = each_vector("../shared/vectors/bic.tsv", check_bic);
	assert_true(rows < 0 || rows > 5);
	rows = each_vector("../shared/vectors/creditor_id.tsv", check_creditor_id);
	assert_true(rows < 0 || rows > 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(iban_is_kept_without_spaces_in_upper_case),
	    cmocka_unit_test(iban_refuses_what_a_bank_would),
	    cmocka_unit_test(iban_has_one_pair_of_check_digits),
	    cmocka_unit_test(iban_mask_shows_country_and_last_four),
	    cmocka_unit_test(iban_knows_sepa_and_the_eea),
	    cmocka_unit_test(bic_has_a_country_and_8_or_11_characters),
	    cmocka_unit_test(creditor_id_is_checked_without_its_business_code),
	    cmocka_unit_test(country_is_known_by_code_and_name),
	    cmocka_unit_test(countries_are_those_of_iso_3166),
	    cmocka_unit_test(country_refuses_what_is_none),
	    cmocka_unit_test(iban_agrees_with_the_shared_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
