/* merchant_category: a code gives words in two languages, a range of brands the words of its range. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "formats/length.h"
#include "formats/merchant_category.h"
#include "formats/text.h"

static void
a_code_has_words_in_two_languages(void **state)
{
	(void)state;
	assert_string_equal(merchant_category_label("5912", MERCHANT_CATEGORY_EN), "Pharmacies");
	assert_string_equal(merchant_category_label("0742", MERCHANT_CATEGORY_EN), "Veterinarians");
	assert_string_equal(merchant_category_label("0742", MERCHANT_CATEGORY_FR), "Vétérinaires");
	assert_string_equal(merchant_category_label("8043", MERCHANT_CATEGORY_FR), "Opticiens");
	assert_string_equal(merchant_category_label("9406", MERCHANT_CATEGORY_EN),
	                    "State lottery (outside the United States)");
}

static void
a_brand_is_found_by_its_range(void **state)
{
	static const struct {
		const char *code, *en, *fr;
	} cases[] = {
	    {"2999", "2999", "2999"},
	    {"3000", "Airlines", "Compagnies aériennes"},
	    {"3350", "Airlines", "Compagnies aériennes"},
	    {"3351", "Car hire", "Location de voitures"},
	    {"3500", "Car hire", "Location de voitures"},
	    {"3501", "Hotels and other lodging", "Hôtels et hébergement"},
	    {"3999", "Hotels and other lodging", "Hôtels et hébergement"},
	    {"4000", "4000", "4000"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		assert_string_equal(merchant_category_label(cases[i].code, MERCHANT_CATEGORY_EN),
		                    cases[i].en);
		assert_string_equal(merchant_category_label(cases[i].code, MERCHANT_CATEGORY_FR),
		                    cases[i].fr);
	}
}

static void
an_unknown_code_is_printed_as_it_stands(void **state)
{
	static const char *const codes[] = {"0000", "742", "07420", "", "300x", " 742", "9999", "3 00"};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(codes); i++)
		assert_ptr_equal(merchant_category_label(codes[i], MERCHANT_CATEGORY_FR), codes[i]);
}

static void
all_codes_come_once_in_their_order(void **state)
{
	char code[5] = "", before[5] = "";
	int n = 0, brands = 0;

	(void)state;
	for (; merchant_category_next(code); n++) {
		const char *en = merchant_category_label(code, MERCHANT_CATEGORY_EN);
		const char *fr = merchant_category_label(code, MERCHANT_CATEGORY_FR);

		assert_true(strcmp(before, code) < 0);
		assert_true(en[0] != '\0' && fr[0] != '\0' && en != code && fr != code);
		assert_true(text_is_utf8(fr, strlen(fr)));
		brands += code[0] == '3';
		memcpy(before, code, sizeof(before));
	}
	assert_int_equal(n, 301 + 1000); /* one that bsearch does not find is missing here */
	assert_int_equal(brands, 1000);
	assert_string_equal(before, "9406");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_code_has_words_in_two_languages),
	    cmocka_unit_test(a_brand_is_found_by_its_range),
	    cmocka_unit_test(an_unknown_code_is_printed_as_it_stands),
	    cmocka_unit_test(all_codes_come_once_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
