/* fold: what looks the same is one, and nothing else is. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "formats/fold.h"
#include "formats/length.h"

static const char *
folded(const char *text)
{
	static char dst[256];

	assert_int_equal(fold_text(text, dst, sizeof(dst)), 0);
	assert_true(strlen(dst) <= strlen(text));
	return dst;
}

static void
fold_makes_one_of_what_looks_the_same(void **state)
{
	static const char *const spellings[] = {
	    "VIR-2026/001 é",
	    "vir-2026/001 É",
	    " VIR-2026/001  é ",
	    "VIR-2026/001\xC2\xA0é",
	    "V\xE2\x80\x8BIR-2026/001\xE2\x80\xAF\xC3\xA9\xEF\xBB\xBF",
	    "VIR\xC2\xAD-2026/001\t\xC3\xA9\xEF\xB8\x8F",
	    "\xEF\xBC\xB6\xEF\xBC\xA9\xEF\xBC\xB2-\xEF\xBC\x92\xEF\xBC\x90\x32\x36/001\xE3\x80\x80\xC3\xA9",
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(spellings); i++)
		assert_string_equal(folded(spellings[i]), "vir-2026/001\xC3\xA9");
}

static void
fold_compares_without_folding_first(void **state)
{
	(void)state;
	assert_true(fold_is_same("", " \xE2\x80\x8B"));
	assert_true(fold_is_same("VIR 1", "v\xC2\xADir1\xC2\xA0"));
	assert_false(fold_is_same("VIR 1", "VIR 12"));
	assert_false(fold_is_same("VIR 12", "VIR 1"));
	assert_false(fold_is_same("VIR 1", "VIR-1"));
}

static void
id_is_as_it_looks(void **state)
{
	static const char *const good[] = {
	    "", "a", "a b", "Z-1\xC2\xA0x", "\xC3\xA9t\xC3\xA9", "\xF0\x9F\x92\xB6"};
	static const char *const bad[] = {" a",
	                                  "a ",
	                                  "a\xC2\xA0",
	                                  "\ta",
	                                  ("\xE3\x80\x80"
	                                   "a"),
	                                  " ",
	                                  "a\xE2\x80\x8B",
	                                  "\xEF\xBB\xBFid",
	                                  "a\xC2\xADz",
	                                  "a\nb",
	                                  "a\xE2\x80\xAEz",
	                                  "a\xE2\x80\x8Dz"};
	struct err e;

	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++)
		assert_int_equal(fold_check_id(good[i], &e), 0);
	for (size_t i = 0; i < LENGTH(bad); i++)
		if (fold_check_id(bad[i], &e) != -1)
			fail_msg("%s was taken", bad[i]);
}

static void
fold_keeps_apart_what_differs(void **state)
{
	static const struct {
		const char *text, *folded;
	} cases[] = {
	    {"", ""},
	    {" \t\xE2\x80\x8B", ""},
	    {"A-1_B", "a-1_b"},
	    {"e\xC3\xA9", "e\xC3\xA9"},
	    {"\xC3\x97\xC3\xB7\xC3\x9F", "\xC3\x97\xC3\xB7\xC3\x9F"}, /* multiplied, divided, sharp s */
	    {"\xC5\x81\xC5\x82\xC5\xB8\xC5\xBD", "\xC5\x82\xC5\x82\xC3\xBF\xC5\xBE"},
	    {"\xCE\xA9\xD0\x96\xD0\x81", "\xCF\x89\xD0\xB6\xD1\x91"},
	    {"\xF0\x9F\x92\xB6", "\xF0\x9F\x92\xB6"},
	    {"a\xFF\xC3", "a\xFF\xC3"}, /* not UTF-8 */
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++)
		assert_string_equal(folded(cases[i].text), cases[i].folded);
}

static void
fold_says_when_there_is_no_room(void **state)
{
	char dst[4] = "???";

	(void)state;
	assert_int_equal(fold_text("A B C", dst, sizeof(dst)), 0);
	assert_string_equal(dst, "abc");
	assert_int_equal(fold_text("ABCD", dst, sizeof(dst)), -1);
	assert_string_equal(dst, "");
	assert_int_equal(fold_text("", dst, 0), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fold_makes_one_of_what_looks_the_same),
	    cmocka_unit_test(fold_compares_without_folding_first),
	    cmocka_unit_test(id_is_as_it_looks),
	    cmocka_unit_test(fold_keeps_apart_what_differs),
	    cmocka_unit_test(fold_says_when_there_is_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
