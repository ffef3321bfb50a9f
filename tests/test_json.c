/* json: what the scan lets through and where it finds what it refuses, and that what is written can be read.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/json.h"
#include "formats/json_skip.h"
#include "formats/length.h"
#include "tests/output.h"

/* Parses a copy that ends exactly where the text does, so that the sanitizer sees a byte read too far. */
static struct json_value *
parse(const char *text, size_t length, struct err *e)
{
	char *exact = malloc(length ? length : 1);
	assert_non_null(exact);
	memcpy(exact, text, length);
	struct json_value *value = json_parse(exact, length, e);
	free(exact);
	return value;
}

static void
json_takes_the_whole_grammar(void **state)
{
	static const char *const texts[] = {
	    "{}",
	    "[]",
	    " \t\r\n[ 1 , -0 , 999999999999999 , true , false , null ]\n",
	    "\"\"",
	    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"",
	    "\"é😀\"",
	    "{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":2}]}",
	    "{\"a\":1,\"A\":2,\"\":3}",
	    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
	};
	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct err e = {0};
		struct json_value *value = parse(texts[i], strlen(texts[i]), &e);
		if (!value)
			fail_msg("%s: %s", texts[i], e.message);
		json_free(value);
	}
}

static void
json_refuses_with_a_place(void **state)
{
	static const struct {
		const char *text;
		long line, column;
		const char *code;
	} cases[] = {
	    {"", 1, 1, "malformed_json"},
	    {"  ", 1, 3, "malformed_json"},
	    {"{} x", 1, 4, "malformed_json"},
	    {"{}{}", 1, 3, "malformed_json"},
	    {"[1,]", 1, 4, "malformed_json"},
	    {"[1 2]", 1, 4, "malformed_json"},
	    {"[1", 1, 3, "malformed_json"},
	    {"{\"a\" 1}", 1, 6, "malformed_json"},
	    {"{a:1}", 1, 2, "malformed_json"},
	    {"{\"a\":1,}", 1, 8, "malformed_json"},
	    {"{\"a\":1]", 1, 7, "malformed_json"},
	    {"[01]", 1, 2, "malformed_json"},
	    {"[-]", 1, 2, "malformed_json"},
	    {"[+1]", 1, 2, "malformed_json"},
	    {"[1.5]", 1, 2, "malformed_json"},
	    {"[1e3]", 1, 2, "malformed_json"},
	    {"[.5]", 1, 2, "malformed_json"},
	    {"[1000000000000000]", 1, 2, "malformed_json"},
	    {"[NaN]", 1, 2, "malformed_json"},
	    {"[tru]", 1, 2, "malformed_json"},
	    {"[truex]", 1, 6, "malformed_json"},
	    {"['a']", 1, 2, "malformed_json"},
	    {"[1] // no", 1, 5, "malformed_json"},
	    {"\"a", 1, 1, "malformed_json"},
	    {"\"\\", 1, 3, "malformed_json"},
	    {"\"\\x\"", 1, 3, "malformed_json"},
	    {"\"\\u12\"", 1, 6, "malformed_json"},
	    {"\"\\u0000\"", 1, 2, "malformed_json"},
	    {"\"\\uD83D\"", 1, 2, "malformed_json"},
	    {"\"\\uD83Dx\"", 1, 2, "malformed_json"},
	    {"\"\\uD83D\\u0041\"", 1, 2, "malformed_json"},
	    {"\"\\uDE00\\uD83D\"", 1, 2, "malformed_json"},
	    {"\"a\nb\"", 1, 3, "malformed_json"},
	    {"\"a\tb\"", 1, 3, "malformed_json"},
	    {"{\n  \"é\": 1,\n  \"é\": }", 3, 3, "malformed_json"},
	    {"{\n \"é\": é}", 2, 7, "malformed_json"},
	    {"{\"a\":1,\"\\u0061\":2}", 1, 8, "malformed_json"},
	    {"{\"\\u00e9\":1,\"é\":2}", 1, 13, "malformed_json"},
	    {"{\"\\uD83D\\uDE00\":1,\"😀\":2}", 1, 19, "malformed_json"},
	    {"{\"\\n\":1,\"\\u000a\":2}", 1, 9, "malformed_json"},
	    {"{\"a\":{\"b\":1},\"a\":2}", 1, 14, "malformed_json"},
	    {"\xEF\xBB\xBF{}", 1, 1, "malformed_json"},
	    {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", 1, 33, "malformed_json"},
	    {"\"\xC3\"", 1, 0, "not_utf8"},
	    {"[1,\n\"\xED\xA0\x80\"]", 2, 0, "not_utf8"},
	    {"\"\xC0\x80\"", 1, 0, "not_utf8"},
	};
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = {0};
		struct json_value *value = parse(cases[i].text, strlen(cases[i].text), &e);
		if (value)
			fail_msg("%s was read", cases[i].text);
		if (strcmp(e.code, cases[i].code) != 0 || e.line != cases[i].line ||
		    e.column != cases[i].column)
			fail_msg("%s: %s at %ld:%ld", cases[i].text, e.code, e.line, e.column);
	}
}

static void
json_refuses_a_nul(void **state)
{
	struct err e = {0};
	(void)state;
	assert_null(parse("[1]\0", 4, &e));
	assert_null(parse("\"a\0b\"", 5, &e));
	assert_null(parse("\"\\\0\"", 4, &e));
	assert_null(parse("\"\\u\0000\"", 7, &e));
	assert_null(parse("[1\0]", 4, &e));
}

/* A text of `length` plain characters in quotes, into which `put` was put at one place; with or without its end. */
static size_t
quote(char *text, size_t length, size_t place, const char *put, bool closed)
{
	size_t n = strlen(put), used = 0;
	text[used++] = '"';
	for (size_t i = 0; i <= length; i++) {
		if (i == place) {
			memcpy(text + used, put, n);
			used += n;
		}
		if (i < length)
			text[used++] = (char)('a' + i % 26);
	}
	if (closed)
		text[used++] = '"';
	text[used] = '\0';
	return used;
}

enum { LONGEST = 35 }; /* four times eight and a little */

/* Eight characters are looked at in one step: none of them may be taken for another, wherever it stands. */
static void
json_reads_any_character_at_any_place_of_a_long_text(void **state)
{
	static const struct {
		const char *put, *means;
	} cases[] = {
	    {"\\\"", "\""}, {"\\\\", "\\"},     {"\\n", "\n"},        {"\\u0001", "\x01"},
	    {"\\/", "/"},   {"\\u00e9", "é"},   {"é", "é"},           {"\u20AC", "\u20AC"},
	    {"😀", "😀"},     {"😀\\\"é", "😀\"é"}, {"\\\"\\\"", "\"\""},
	};
	char text[128], wanted[128];
	(void)state;
	for (size_t i = 0; i < LENGTH(cases) + 0x80 - 0x20; i++) {
		char plain[2] = {i < LENGTH(cases) ? '\0' : (char)(0x20 + i - LENGTH(cases)), '\0'};
		const char *put = plain[0] ? plain : cases[i].put, *means = plain[0] ? plain : cases[i].means;
		if (plain[0] == '"' || plain[0] == '\\')
			continue;
		for (size_t length = 0; length <= LONGEST; length++)
			for (size_t place = 0; place <= length; place++) {
				struct err e = {0};
				size_t n = quote(text, length, place, put, true);
				struct json_value *value = parse(text, n, &e);
				assert_non_null(value);
				n = quote(wanted, length, place, means, false);
				assert_int_equal(strlen(value->text), n - 1);
				assert_string_equal(value->text, wanted + 1);
				json_free(value);
			}
	}
}

static void
json_refuses_what_no_text_holds_at_any_place_of_a_long_one(void **state)
{
	static const struct {
		const char *put;
		size_t at; /* of what is refused in it */
	} cases[] = {{"\x01", 0}, {"\x1F", 0},  {"\n", 0},       {"\t", 0},      {"\\x", 1},
	             {"\"", 1},   {"é\x1F", 1}, {"\x7F\x1F", 1}, {"\x1F\x01", 0}};
	char text[128];
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		for (size_t length = 1; length <= LONGEST; length++)
			for (size_t place = 0; place < length; place++) {
				struct err e = {0};
				size_t n = quote(text, length, place, cases[i].put, true);
				if (parse(text, n, &e))
					fail_msg("%s was read", text);
				assert_string_equal(e.code, "malformed_json");
				assert_int_equal(e.line, 1);
				assert_int_equal(e.column, 2 + place + cases[i].at);
			}
}

/* What follows in memory is not read; the sanitizer sees a byte read too far. */
static void
json_text_without_its_end_ends_with_the_bytes_there_are(void **state)
{
	char text[128];
	(void)state;
	for (size_t length = 0; length <= LONGEST; length++) {
		struct err e = {0};
		size_t n = quote(text, length, length, "", false);
		assert_null(parse(text, n, &e));
		assert_string_equal(e.message, "a text is not closed");
		assert_int_equal(e.column, 1);
		n = quote(text, length, length, "\\", false);
		assert_null(parse(text, n, &e));
		assert_int_equal(e.column, length + 3);
	}
}

static void
json_finds_members_by_path(void **state)
{
	static const char text[] =
	    "{\"a\":{\"b\":\"x\",\"n\":null,\"big\":-999999999999999,\"yes\":true},\"ab\":1}";
	struct err e = {0};
	const char *found = "";
	int64_t number = 7;
	bool truth = false;
	struct json_value *value = parse(text, strlen(text), &e);
	(void)state;
	assert_non_null(value);
	assert_int_equal(json_text(value, "a.b", &found, &e), 0);
	assert_string_equal(found, "x");
	assert_null(json_at(value, "a.n"));
	assert_null(json_at(value, "a.b.c"));
	assert_null(json_at(value, "ab.c"));
	assert_null(json_at(value, "a.bb"));
	assert_int_equal(json_text(value, "a.n", &found, &e), 0);
	assert_null(found);
	assert_int_equal(json_int(value, "nowhere", &number, &e), 0);
	assert_int_equal(number, 7);
	assert_int_equal(json_int(value, "a.big", &number, &e), 0);
	assert_true(number == -999999999999999);
	assert_int_equal(json_bool(value, "a.yes", &truth, &e), 0);
	assert_true(truth);
	assert_int_equal(json_text(value, "ab", &found, &e), -1);
	assert_string_equal(e.code, "bad_field");
	assert_non_null(strstr(e.message, "ab"));
	assert_int_equal(json_int(value, "a.b", &number, &e), -1);
	assert_int_equal(json_bool(value, "a.b", &truth, &e), -1);
	json_free(value);
}

static void
write_sample(struct json *j)
{
	json_open(j, NULL, '{');
	json_put_text(j, "text", "\"\\\b\f\n\r\t\x01/é😀\x7F");
	json_put_text(j, "none", NULL);
	json_put_int(j, "least", INT64_MIN);
	json_open(j, "list", '[');
	json_put_bool(j, NULL, true);
	json_put_raw(j, NULL, "{\"a\":1}");
	json_open(j, NULL, '[');
	json_close(j, ']');
	json_close(j, ']');
	json_open(j, "empty", '{');
	json_close(j, '}');
	json_put_null(j, "null");
	json_close(j, '}');
}

static void
json_writes_one_line_or_an_indented_tree(void **state)
{
	struct output o = {0};
	struct sink *s = output_sink(&o);
	struct json line = {.sink = s}, tree = {.sink = s, .indent = true};
	(void)state;
	write_sample(&line);
	sink_text(s, "\n");
	write_sample(&tree);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	assert_string_equal(
	    o.text,
	    "{\"text\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001/é😀\x7F\",\"none\":null,"
	    "\"least\":-9223372036854775808,\"list\":[true,{\"a\":1},[]],\"empty\":{},\"null\":null}\n"
	    "{\n  \"text\": \"\\\"\\\\\\b\\f\\n\\r\\t\\u0001/é😀\x7F\",\n  \"none\": null,\n"
	    "  \"least\": -9223372036854775808,\n  \"list\": [\n    true,\n    {\"a\":1},\n    []\n  ],\n"
	    "  \"empty\": {},\n  \"null\": null\n}\n");
}

static void
json_writes_text_that_it_can_read(void **state)
{
	static const char *const texts[] = {"", "a", "\x1F \x7F", "\xC3\xA9\xF0\x9F\x98\x80", "=1,\"2\"\r\n"};
	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct output o = {0};
		struct sink *s = output_sink(&o);
		struct json j = {.sink = s};
		struct err e = {0};
		json_put_text(&j, NULL, texts[i]);
		assert_int_equal(sink_end(s, NULL, NULL), 0);
		struct json_value *value = parse(o.text, o.into.n, &e);
		assert_non_null(value);
		assert_string_equal(value->text, texts[i]);
		json_free(value);
	}
}

static void
json_writes_a_value_as_it_was_read(void **state)
{
	static const char *const texts[] = {
	    "{}",
	    "[]",
	    "null",
	    "\"\"",
	    "-999999999999999",
	    "{\"a\":null,\"b\":true,\"c\":false,\"d\":0,\"e\":999999999999999,\"\":\"\"}",
	    "[1,\"two\",[[],{}],{\"a\":[{\"b\":[null]}]},\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001/é😀\x7F\"]",
	    "{\"key \\\"é\\n\":{\"z\":1,\"a\":2}}",
	    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[7]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
	};
	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct output o = {0};
		struct err e = {0};
		struct json_value *value = parse(texts[i], strlen(texts[i]), &e);
		struct json j = {.sink = output_sink(&o)};
		assert_non_null(value);
		json_put_value(&j, NULL, value);
		assert_int_equal(sink_end(j.sink, NULL, NULL), 0);
		assert_string_equal(o.text, texts[i]);
		json_free(value);
	}
}

static void
json_finds_members_in_any_order(void **state)
{
	static const char text[] = "{\"a\":1,\"b\":2,\"c\":null,\"d\":4,\"dd\":5}";
	static const struct {
		const char *name;
		int64_t number; /* 0: not found */
	} asked[] = {{"dd", 5}, {"a", 1}, {"b", 2}, {"d", 4}, {"c", 0}, {"x", 0}, {"", 0}};
	struct err e = {0};
	struct json_value *value = parse(text, strlen(text), &e);
	const struct json_value *found;
	size_t i;

	(void)state;
	assert_non_null(value);
	assert_null(json_member(NULL, "a"));
	assert_null(json_member(value->child, "a"));
	for (i = 0; i < LENGTH(asked); i++) {
		found = json_member(value, asked[i].name);
		assert_int_equal(found == NULL ? 0 : found->number, asked[i].number);
	}
	json_free(value);
}

/* Under another key, among other members, and as one of a list. */
static void
json_writes_a_value_where_it_belongs(void **state)
{
	static const char text[] = " { \"old\" : [ 1 , { \"\\u0061\" : \"\\u00e9\\/\" } ] , \"last\" : -0 } ";
	struct output o = {0};
	struct err e = {0};
	struct json_value *value = parse(text, strlen(text), &e);
	struct json j = {.sink = output_sink(&o)};
	(void)state;
	assert_non_null(value);
	json_open(&j, NULL, '{');
	json_put_value(&j, "new", json_member(value, "old"));
	json_put_value(&j, "all", value);
	json_open(&j, "list", '[');
	json_put_value(&j, NULL, json_member(value, "last"));
	json_put_value(&j, NULL, json_member(value, "old"));
	json_close(&j, ']');
	json_close(&j, '}');
	assert_int_equal(sink_end(j.sink, NULL, NULL), 0);
	assert_string_equal(o.text,
	                    "{\"new\":[1,{\"a\":\"é/\"}],\"all\":{\"old\":[1,{\"a\":\"é/\"}],\"last\":0},"
	                    "\"list\":[0,[1,{\"a\":\"é/\"}]]}");
	json_free(value);
}

static void
json_finds_a_member_by_its_whole_name_alone(void **state)
{
	static const char text[] = "{\"a.b\":1,\"a\":{\"b\":2},\"none\":null,\"ab\":3,\"\":4,\"list\":[1]}";
	struct err e = {0};
	struct json_value *value = parse(text, strlen(text), &e);
	(void)state;
	assert_non_null(value);
	assert_int_equal(json_member(value, "a.b")->number, 1);
	assert_int_equal(json_member(json_member(value, "a"), "b")->number, 2);
	assert_int_equal(json_member(value, "ab")->number, 3);
	assert_int_equal(json_member(value, "")->number, 4);
	assert_null(json_member(value, "none"));
	assert_null(json_member(value, "b"));
	assert_null(json_member(value, "abc"));
	assert_null(json_member(json_member(value, "list"), "1"));
	assert_null(json_member(json_member(value, "ab"), "a"));
	assert_null(json_member(NULL, "a"));
	json_free(value);
}

static void
json_replaces_bytes_of_a_cut_character(void **state)
{
	struct output o = {0};
	struct sink *s = output_sink(&o);
	struct json j = {.sink = s};
	(void)state;
	json_put_text(&j, NULL, "a\xC3\xA9\xC3");
	json_put_text(&j, NULL, "\xF0\x9F\x98");
	json_put_text(&j, NULL, "\x80z");
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	assert_string_equal(o.text, "\"aé\uFFFD\"\"\uFFFD\uFFFD\uFFFD\"\"\uFFFDz\"");
}

static void
json_fails_the_sink_when_nested_too_deep(void **state)
{
	for (int depth = 32; depth <= 33; depth++) {
		struct output o = {0};
		struct sink *s = output_sink(&o);
		struct json j = {.sink = s};
		for (int i = 0; i < depth; i++)
			json_open(&j, NULL, '[');
		assert_int_equal(sink_end(s, NULL, NULL), depth == 32 ? 0 : -1);
	}
	(void)state;
}

static void
json_keeps_the_digits_of_any_number_when_asked(void **state)
{
	static const struct {
		const char *text, *digits; /* NULL: refused, ~: an exact number */
	} cases[] = {
	    {"12", "~"},
	    {"-999999999999999", "~"},
	    {"1000000000000000", "1000000000000000"},
	    {"99999999999999999999", "99999999999999999999"},
	    {"12.5", "12.5"},
	    {"-0.50e+07", "-0.50e+07"},
	    {"1E9", "1E9"},
	    {"1.", NULL},
	    {"1.e3", NULL},
	    {".5", NULL},
	    {"1e", NULL},
	    {"01", NULL},
	    {"01.5", NULL},
	    {"-", NULL},
	    {"1.5.5", NULL},
	};
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = {0};
		size_t n = strlen(cases[i].text);
		char *exact = malloc(n);
		assert_non_null(exact);
		memcpy(exact, cases[i].text, n);
		struct json_value *value = json_parse_any_number(exact, n, &e);
		free(exact);
		if (!cases[i].digits) {
			assert_null(value);
			assert_string_equal(e.code, "malformed_json");
			continue;
		}
		if (!value) {
			fail_msg("%s: %s", cases[i].text, e.message);
			return;
		}
		assert_int_equal(value->type, cases[i].digits[0] == '~' ? JSON_NUMBER : JSON_DIGITS);
		if (value->type == JSON_DIGITS)
			assert_string_equal(value->text, cases[i].digits);
		json_free(value);
	}
}

/* Parses exactly these bytes, so that a reader that goes beyond them is seen. */
static struct json_value *
parse_tolerant(const char *text, size_t n, struct err *e)
{
	char *exact = malloc(n > 0 ? n : 1);
	struct json_value *value;

	assert_non_null(exact);
	memcpy(exact, text, n);
	value = json_parse_tolerant(exact, n, e);
	free(exact);
	return value;
}

/* In place of x, among values that are read all the same. */
static void
json_reads_on_after_a_value_that_no_program_can_take(void **state)
{
	static const struct {
		const char *value;
		enum json_type type;
		const char *words;
	} cases[] = {
	    {"\"a\\ud83d\"", JSON_FAULT, "surrogate"},
	    {"\"\\ud83d\\u0041\"", JSON_FAULT, "surrogate"},
	    {"\"\\ude00\"", JSON_FAULT, "surrogate"},
	    {"\"\\ud83d\\ud83d\"", JSON_FAULT, "surrogate"},
	    {"\"\\ud83d\\u12\"", JSON_FAULT, "hexadecimal"},
	    {"\"SHOP\\u0000\"", JSON_FAULT, "u0000"},
	    {"\"\\u00\"", JSON_FAULT, "hexadecimal"},
	    {"\"\\q\\\"\"", JSON_FAULT, "escape"},
	    {"\"a\nb\tc\"", JSON_FAULT, "control"},
	    {"\"\xE9t\xE9\"", JSON_FAULT, "UTF-8"},
	    {"\"\xED\xA0\x80\"", JSON_FAULT, "UTF-8"},
	    {"1.5", JSON_DIGITS, "1.5"},
	    {"-2e-7", JSON_DIGITS, "-2e-7"},
	    {"1234567890123456", JSON_DIGITS, "1234567890123456"},
	    {"123456789012345", JSON_NUMBER, NULL},
	    {"01", JSON_FAULT, "not valid"},
	    {"+1", JSON_FAULT, "not valid"},
	    {".5", JSON_FAULT, "not valid"},
	    {"-", JSON_FAULT, "not valid"},
	    {"NaN", JSON_FAULT, "not valid"},
	    {"-Infinity", JSON_FAULT, "not valid"},
	    {"nullx", JSON_FAULT, "not valid"},
	    {"None", JSON_FAULT, "not valid"},
	    {"null", JSON_NULL, NULL},
	    {"false", JSON_BOOL, NULL},
	    {"\"\\ud83d\\ude00\"", JSON_TEXT, "\xF0\x9F\x98\x80"},
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = {0};
		const struct json_value *x;
		struct json_value *value;

		snprintf(text, sizeof(text), "{\"b\":\"before\", \"x\":%s ,\"l\":[%s,%s],\"a\":\"after\"}",
		         cases[i].value, cases[i].value, cases[i].value);
		value = parse_tolerant(text, strlen(text), &e);
		assert_non_null(value);
		x = json_at(value, "x");
		if (cases[i].type == JSON_NULL)
			assert_null(x);
		else if (x->type != cases[i].type ||
		         (cases[i].words != NULL && strstr(x->text, cases[i].words) == NULL))
			fail_msg("%s: type %d, %s", text, (int)x->type, x->text);
		assert_int_equal(json_at(value, "l")->child->next->type, cases[i].type);
		assert_string_equal(json_at(value, "b")->text, "before");
		assert_string_equal(json_at(value, "a")->text, "after");
		assert_int_equal(value->number, 0);
		json_free(value);
	}
}

static void
json_marks_an_object_whose_keys_are_not_clear(void **state)
{
	static const struct {
		const char *text;
		bool outer, inner;
	} cases[] = {
	    {"{\"a\":1,\"in\":{\"b\":1}}", false, false},
	    {"{\"a\":1,\"a\":2,\"in\":{}}", true, false},
	    {"{\"a\":1,\"\\u0061\":2,\"in\":{}}", true, false},
	    {"{\"a\":1,\"in\":{\"b\":1,\"c\":2,\"b\":3}}", false, true},
	    {"{\"a\\ud83d\":1,\"in\":{}}", true, false},
	    {"{\"in\":{\"\xE9\":1}}", false, true},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = {0};
		struct json_value *value = parse_tolerant(cases[i].text, strlen(cases[i].text), &e);

		assert_non_null(value);
		assert_int_equal(value->number, cases[i].outer);
		assert_int_equal(json_at(value, "in")->number, cases[i].inner);
		json_free(value);
	}
}

static void
json_skips_what_is_nested_too_deep(void **state)
{
	enum { DEPTH = 1000 };
	char text[2 * DEPTH + 64];
	struct err e = {0};
	struct json_value *value;
	const struct json_value *x;
	size_t n;

	(void)state;
	n = (size_t)snprintf(text, sizeof(text), "\xEF\xBB\xBF{\"x\":");
	memset(text + n, '[', DEPTH);
	n += DEPTH;
	n += (size_t)snprintf(text + n, sizeof(text) - n, "\"]\\\"]\"");
	memset(text + n, ']', DEPTH);
	n += DEPTH;
	n += (size_t)snprintf(text + n, sizeof(text) - n, ",\"a\":\"after\"}");
	value = parse_tolerant(text, n, &e);
	if (value == NULL)
		fail_msg("%s", e.message);
	assert_string_equal(json_at(value, "a")->text, "after");
	n = 1;
	for (x = json_at(value, "x"); x->type == JSON_ARRAY; x = x->child)
		n++;
	assert_int_equal(n, 32);
	assert_int_equal(x->type, JSON_FAULT);
	assert_non_null(strstr(x->text, "nested"));
	json_free(value);
}

static void
json_refuses_what_has_no_end_even_if_tolerant(void **state)
{
	static const char *const texts[] = {"",           "{",       "{\"a\"",       "{\"a\":", "{\"a\":1",
	                                    "[1,]",       "[1 2]",   "{\"a\" 1}",    "{a:1}",   "\"a\\",
	                                    "\"a\\u",     "\"a\\u0", "\"a\\ud83d\\", "<html>",  "1 2",
	                                    "{\"a\":1}}", "]",       "\xEF\xBB\xBF", "[\xE9]"};

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct err e = {0};
		struct json_value *value = parse_tolerant(texts[i], strlen(texts[i]), &e);

		if (value != NULL)
			fail_msg("%s was read", texts[i]);
		assert_string_equal(e.code, "malformed_json");
	}
}

static void
json_knows_where_a_value_ends(void **state)
{
	static const struct {
		const char *text, *rest;
	} cases[] = {
	    {"{\"a\":[1,{\"b\":\"}]\\\"\"}]} ,x", " ,x"},
	    {"[]]", "]"},
	    {"\"a\\\\\",", ","},
	    {"null}", "}"},
	    {"12", ""},
	    {"{\"a", ""},
	    {"\"a\\", ""},
	    {"[[", ""},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_string_equal(json_skip(cases[i].text, cases[i].text + strlen(cases[i].text)),
		                    cases[i].rest);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(json_reads_on_after_a_value_that_no_program_can_take),
	    cmocka_unit_test(json_marks_an_object_whose_keys_are_not_clear),
	    cmocka_unit_test(json_skips_what_is_nested_too_deep),
	    cmocka_unit_test(json_refuses_what_has_no_end_even_if_tolerant),
	    cmocka_unit_test(json_knows_where_a_value_ends),
	    cmocka_unit_test(json_takes_the_whole_grammar),
	    cmocka_unit_test(json_refuses_with_a_place),
	    cmocka_unit_test(json_refuses_a_nul),
	    cmocka_unit_test(json_reads_any_character_at_any_place_of_a_long_text),
	    cmocka_unit_test(json_refuses_what_no_text_holds_at_any_place_of_a_long_one),
	    cmocka_unit_test(json_text_without_its_end_ends_with_the_bytes_there_are),
	    cmocka_unit_test(json_keeps_the_digits_of_any_number_when_asked),
	    cmocka_unit_test(json_finds_members_by_path),
	    cmocka_unit_test(json_finds_a_member_by_its_whole_name_alone),
	    cmocka_unit_test(json_writes_one_line_or_an_indented_tree),
	    cmocka_unit_test(json_writes_text_that_it_can_read),
	    cmocka_unit_test(json_writes_a_value_as_it_was_read),
	    cmocka_unit_test(json_finds_members_in_any_order),
	    cmocka_unit_test(json_writes_a_value_where_it_belongs),
	    cmocka_unit_test(json_replaces_bytes_of_a_cut_character),
	    cmocka_unit_test(json_fails_the_sink_when_nested_too_deep),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
