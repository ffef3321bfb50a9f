/* text: nothing leaves that a bank would refuse, and nothing silently becomes nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/text.h"

static void
text_copies_only_what_fits(void **state)
{
	char dst[4] = "???";

	(void)state;
	assert_int_equal(text_copy(dst, sizeof(dst), "abc"), 0);
	assert_string_equal(dst, "abc");
	assert_int_equal(text_copy(dst, sizeof(dst), "abcd"), -1);
	assert_string_equal(dst, "");
	assert_int_equal(text_copy(dst, sizeof(dst), NULL), 0);
	assert_string_equal(dst, "");
	assert_int_equal(text_copy(dst, 0, "a"), -1);
	assert_int_equal(text_copy(dst, 1, ""), 0);
}

static void
utf8_has_one_form_for_each_character(void **state)
{
	static const char *const good[] = {"",
	                                   "abc",
	                                   "é",
	                                   "€",
	                                   "\xF0\x9F\x98\x80",
	                                   "\x7F",
	                                   "\xC2\x80",
	                                   "\xDF\xBF",
	                                   "\xE0\xA0\x80",
	                                   "\xED\x9F\xBF",
	                                   "\xEE\x80\x80",
	                                   "\xF4\x8F\xBF\xBF"};
	static const char *const bad[] = {"\x80",
	                                  "\xBF",
	                                  "\xC0\x80",
	                                  "\xC1\xBF",
	                                  "\xC3",
	                                  "\xC3(",
	                                  "\xE0\x9F\xBF",
	                                  "\xE2\x82",
	                                  "\xED\xA0\x80",
	                                  "\xED\xBF\xBF",
	                                  "\xF0\x8F\xBF\xBF",
	                                  "\xF0\x9F\x98",
	                                  "\xF4\x90\x80\x80",
	                                  "\xF5\x80\x80\x80",
	                                  "\xFE",
	                                  "\xFF",
	                                  "a\xE9z"};

	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++)
		assert_true(text_is_utf8(good[i], strlen(good[i])));
	for (size_t i = 0; i < LENGTH(bad); i++)
		if (text_is_utf8(bad[i], strlen(bad[i])))
			fail_msg("bad text %zu was taken for UTF-8", i);
	assert_true(text_is_utf8("a\0b", 3));
	assert_false(text_is_utf8("é", 1));
}

static void
text_knows_what_a_terminal_obeys(void **state)
{
	static const uint32_t controls[] = {
	    0x00,   0x1B,   0x1F,   0x7F,   0x80,   0x9B,   0x9F,   0x061C,           0x200E,
	    0x200F, 0x2028, 0x2029, 0x202A, 0x202E, 0x2066, 0x2069, TEXT_NO_CHARACTER};
	static const uint32_t shown[] = {' ',    '~',    0xA0,   0xE9,   0x061B, 0x061D,  0x200D,
	                                 0x2010, 0x2027, 0x202F, 0x2065, 0x206A, 0x1F600, 0x10FFFF};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(controls); i++)
		if (!text_is_control(controls[i]))
			fail_msg("U+%04X is shown", (unsigned)controls[i]);
	for (i = 0; i < LENGTH(shown); i++)
		if (text_is_control(shown[i]))
			fail_msg("U+%04X is not shown", (unsigned)shown[i]);
}

static void
text_is_shown_without_what_a_terminal_obeys(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
	    {"", ""},
	    {"Zoë 😀 \xC2\xA0~", "Zoë 😀 \xC2\xA0~"},
	    {"a\x1B[2J\x7F\n", "a?[2J??"},
	    {"\xC2\x9B"
	     "2J\xC2\x85",
	     "?2J?"},
	    {"\xE2\x80\xAE"
	     "12.00\xE2\x80\xAC",
	     "?12.00?"},
	    {"\xE2\x81\xA7x\xE2\x81\xA9\xE2\x80\x8F\xD8\x9C", "?x???"},
	    {"\x9B\xFFé\xC3(\xE2\x80", "??é?(??"},
	};
	char text[64];
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		text_copy(text, sizeof(text), cases[i].text);
		assert_int_equal(text_has_control(text), strcmp(text, cases[i].shown) != 0);
		text_clean(text);
		assert_string_equal(text, cases[i].shown);
		assert_false(text_has_control(text));
	}
}

static void
text_becomes_sepa_characters(void **state)
{
	static const struct {
		const char *text;
		size_t most;
		const char *sepa;
	} cases[] = {
	    {"", 70, ""},
	    {"Hélène Lefèvre-Ångström", 70, "Helene Lefevre-Angstrom"},
	    {"HE\xCC\x81LE\xCC\x80NE", 70, "HELENE"},
	    {"Straße & Söhne", 70, "Strase + Sohne"},
	    {"info@alan.eu", 70, "info(at)alan.eu"},
	    {"10€", 70, "10E"},
	    {"abc_def", 70, "abc-def"},
	    {"a\\b|c", 70, "a/b/c"},
	    {"\"=<>!x", 70, "x"},
	    {"one\ntwo", 70, "one two"},
	    {"\none\n\ntwo\r\n", 70, "one two"},
	    {"a \t\xC2\xA0 \xE2\x80\xAF b", 70, "a b"},
	    {"ЮРИЙ Жуков", 70, "YURIY ZHukov"},
	    {"Γιώργος Ψαράς", 70, "Giorgos PSaras"},
	    {"Nguyễn Thị Ánh", 70, "Nguyen Thi Anh"},
	    {"Łukasz Ţânţar Ğül Þór", 70, "Lukasz Tantar Gul Tor"},
	    {"L’été – “fin” «ici»…", 70, "L'ete - fin ici..."},
	    {"Œuvre æther", 70, "Ouvre ather"},
	    {"😀 ok", 70, "ok"},
	    {"a😀b 😀 c", 70, "ab c"},
	    {"abcdef", 3, "abc"},
	    {"éééé", 3, "eee"},
	    {"ab cd", 3, "ab"},
	    {"ab@", 4, "ab(a"},
	    {"   abc", 2, "ab"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = {0};
		char dst[71];

		assert_int_equal(text_to_sepa(cases[i].text, dst, cases[i].most, &e), 0);
		assert_string_equal(dst, cases[i].sepa);
	}
}

static void
text_refuses_to_become_nothing(void **state)
{
	static const char *const texts[] = {"\"=<>!",       " ",       "\n\n",  "😀", "山田",
	                                    "\xE2\x80\x8B", "bad\xE9", "ok\xC3"};

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct err e = {0};
		char dst[71] = "before";

		assert_int_equal(text_to_sepa(texts[i], dst, 70, &e), -1);
		assert_string_equal(e.code, "invalid_text");
		assert_string_equal(dst, "");
	}
}

/* All of Unicode, a character at a time: what comes out is in the set, and the same when put in again. */
static void
text_to_sepa_never_leaves_the_set(void **state)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 /-?:().,'+";
	size_t kept = 0;

	(void)state;
	for (uint32_t c = 1; c < 0x11000; c++) {
		char text[8], dst[16], again[16];
		struct err e = {0};
		size_t n = 0;

		if (c < 0x80) {
			text[n++] = (char)c;
		} else if (c < 0x800) {
			text[n++] = (char)(0xC0 | c >> 6);
			text[n++] = (char)(0x80 | (c & 0x3F));
		} else if (c < 0x10000) {
			text[n++] = (char)(0xE0 | c >> 12);
			text[n++] = (char)(0x80 | (c >> 6 & 0x3F));
			text[n++] = (char)(0x80 | (c & 0x3F));
		} else {
			text[n++] = (char)(0xF0 | c >> 18);
			text[n++] = (char)(0x80 | (c >> 12 & 0x3F));
			text[n++] = (char)(0x80 | (c >> 6 & 0x3F));
			text[n++] = (char)(0x80 | (c & 0x3F));
		}
		text[n] = '\0';
		if (text_to_sepa(text, dst, 15, &e) < 0)
			continue;
		assert_int_equal(strspn(dst, allowed), strlen(dst));
		assert_int_equal(text_to_sepa(dst, again, 15, &e), 0);
		assert_string_equal(again, dst);
		kept++;
	}
	assert_true(kept > 74 + 700);
}

static void
identifiers_are_checked_not_changed(void **state)
{
	static const char *const good[] = {
	    "XYZ-123", "+?-:().,'", "x", "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX", "a/b/c", "MandtId 123"};
	static const char *const bad[] = {"",        "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
	                                  "#/*",     "Ümläüt",
	                                  "*** 123", "/a",
	                                  "a/",      "a//b",
	                                  " a",      "a ",
	                                  "a_b",     "a\nb",
	                                  "/",       "a&b"};

	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++) {
		struct err e = {0};

		assert_int_equal(text_check_identifier(good[i], &e), 0);
	}
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct err e = {0};

		if (text_check_identifier(bad[i], &e) == 0)
			fail_msg("\"%s\" was taken for an identifier", bad[i]);
		assert_string_equal(e.code, "invalid_identifier");
	}
}

static void
distance_counts_the_letters_to_change(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned distance;
	} cases[] = {
	    {"", "", 0},
	    {"", "abc", 3},
	    {"abc", "", 3},
	    {"kitten", "sitting", 3},
	    {"same", "same", 0},
	    {"cutof", "cutoff", 1},
	    {"identifer", "identifier", 1},
	    {"ab", "ba", 2},
	};
	char longest[64], longer[65];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_int_equal(text_distance(cases[i].a, cases[i].b), cases[i].distance);
		assert_int_equal(text_distance(cases[i].b, cases[i].a), cases[i].distance);
	}
	memset(longest, 'x', 63), longest[63] = '\0';
	memset(longer, 'x', 64), longer[64] = '\0';
	assert_int_equal(text_distance(longest, ""), 63);
	assert_true(text_distance(longer, longer) > 1000);
}

static void
width_counts_characters(void **state)
{
	(void)state;
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("12.50 EUR"), 9);
	assert_int_equal(text_width("D'\u00c9t\u00e9"), 5);
	assert_int_equal(text_width("\u20ac\U0001f600"), 2);
}

static FILE *
open_vectors(const char *path)
{
	FILE *in = fopen(path, "r");

	if (!in)
		print_message("# skipped: %s is not here\n", path);
	return in;
}

/* "\n" in the vectors stands for a line break */
static void
unescape(char *text)
{
	for (char *at; (at = strstr(text, "\\n"));) {
		*at = '\n';
		memmove(at + 1, at + 2, strlen(at + 2) + 1);
	}
}

/* Only the rows of our flavour: the EPC default, and those of no flavour. */
static void
text_agrees_with_the_shared_vectors(void **state)
{
	FILE *in = open_vectors("../shared/vectors/text_sanitize.tsv");
	char line[8192], dst[2000];
	int rows = 0;

	(void)state;
	if (!in)
		return;
	while (fgets(line, sizeof(line), in)) {
		char *expected = strchr(line, '\t'), *flavour = expected ? strchr(expected + 1, '\t') : NULL;
		struct err e = {0};

		if (line[0] == '#' || !flavour)
			continue;
		*expected++ = '\0', *flavour++ = '\0';
		if (strncmp(flavour, "German", 6) == 0 || strncmp(flavour, "bad characters", 14) == 0)
			continue;
		if (!strstr(line, "[\\]"))
			unescape(line);
		if (expected[0] == '\0') { /* all of it is dropped */
			assert_int_equal(text_to_sepa(line, dst, sizeof(dst) - 1, &e), -1);
		} else {
			assert_int_equal(text_to_sepa(line, dst, sizeof(dst) - 1, &e), 0);
			if (expected[0] == '(' && strstr(expected, "must not become empty"))
				assert_true(dst[0] != '\0');
			else
				assert_string_equal(dst, expected);
		}
		rows++;
	}
	fclose(in);
	assert_true(rows >= 10);
}

static void
identifiers_agree_with_the_shared_vectors(void **state)
{
	FILE *in = open_vectors("../shared/vectors/mandate_id.tsv");
	char line[512];
	int rows = 0;

	(void)state;
	if (!in)
		return;
	while (fgets(line, sizeof(line), in)) {
		char *expected = strchr(line, '\t');
		struct err e = {0};

		if (strncmp(line, "#value", 6) == 0 || !expected)
			continue;
		*expected++ = '\0';
		if ((text_check_identifier(line, &e) == 0) != (strncmp(expected, "valid", 5) == 0))
			fail_msg("\"%s\" should be %s", line, expected);
		rows++;
	}
	fclose(in);
	assert_true(rows >= 9);
}

static void
text_is_blank_when_nothing_can_be_seen(void **state)
{
	(void)state;
	assert_false(text_is_blank(NULL));
	assert_true(text_is_blank(""));
	assert_true(text_is_blank(" \t\r\n"));
	assert_false(text_is_blank(" a "));
	assert_false(text_is_blank("0"));
}

static void
text_plural_is_for_all_but_one(void **state)
{
	(void)state;
	assert_string_equal(text_plural(1), "");
	assert_string_equal(text_plural(0), "s");
	assert_string_equal(text_plural(2), "s");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_plural_is_for_all_but_one),
	    cmocka_unit_test(text_copies_only_what_fits),
	    cmocka_unit_test(utf8_has_one_form_for_each_character),
	    cmocka_unit_test(text_knows_what_a_terminal_obeys),
	    cmocka_unit_test(text_is_shown_without_what_a_terminal_obeys),
	    cmocka_unit_test(text_becomes_sepa_characters),
	    cmocka_unit_test(text_refuses_to_become_nothing),
	    cmocka_unit_test(text_to_sepa_never_leaves_the_set),
	    cmocka_unit_test(identifiers_are_checked_not_changed),
	    cmocka_unit_test(text_is_blank_when_nothing_can_be_seen),
	    cmocka_unit_test(distance_counts_the_letters_to_change),
	    cmocka_unit_test(width_counts_characters),
	    cmocka_unit_test(text_agrees_with_the_shared_vectors),
	    cmocka_unit_test(identifiers_agree_with_the_shared_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
