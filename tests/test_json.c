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
#include "tests/output.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

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
	for (size_t i = 0; i < COUNT(texts); i++) {
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
	for (size_t i = 0; i < COUNT(cases); i++) {
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
	for (size_t i = 0; i < COUNT(texts); i++) {
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(json_takes_the_whole_grammar),
	    cmocka_unit_test(json_refuses_with_a_place),
	    cmocka_unit_test(json_refuses_a_nul),
	    cmocka_unit_test(json_finds_members_by_path),
	    cmocka_unit_test(json_writes_one_line_or_an_indented_tree),
	    cmocka_unit_test(json_writes_text_that_it_can_read),
	    cmocka_unit_test(json_replaces_bytes_of_a_cut_character),
	    cmocka_unit_test(json_fails_the_sink_when_nested_too_deep),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
