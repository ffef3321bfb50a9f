/* literal, books_line: each value comes back from its text, and a line that was cut or changed says what is wrong with it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "formats/books_line.h"
#include "formats/length.h"

static const char *
print(const struct literal *l)
{
	static char text[256];
	struct sink_text room = {text, sizeof(text), 0};
	struct sink *s = sink_into(&room);

	literal_print(s, l);
	return sink_end(s, NULL, NULL) < 0 ? NULL : text;
}

static void
assert_comes_back(const struct literal *l, const char *expected)
{
	char line[256];
	char *at = line;
	struct literal again;
	struct err e = {0};

	assert_string_equal(print(l), expected);
	snprintf(line, sizeof(line), "%s", expected);
	assert_int_equal(literal_parse(&at, &again, &e), 0);
	assert_int_equal(*at, '\0');
	assert_int_equal(again.type, l->type);
	assert_int_equal(again.integer, l->integer);
	assert_int_equal(again.n, l->n);
	if (l->n > 0)
		assert_memory_equal(again.bytes, l->bytes, l->n);
}

static void
every_value_comes_back(void **state)
{
	static const char text[] = "it's \\ a\ttab\nand \xc3\xa9", cut[] = "d\xe9j\xc3",
			  bytes[] = {0, '\'', (char)0xff};

	(void)state;
	assert_comes_back(&(struct literal){.type = LITERAL_NULL}, "NULL");
	assert_comes_back(&(struct literal){.type = LITERAL_INTEGER, .integer = INT64_MIN},
	                  "-9223372036854775808");
	assert_comes_back(&(struct literal){.type = LITERAL_TEXT, .bytes = "", .n = 0}, "''");
	assert_comes_back(&(struct literal){.type = LITERAL_TEXT, .bytes = text, .n = sizeof(text) - 1},
	                  "'it''s \\\\ a\\ttab\\nand \xc3\xa9'");
	assert_comes_back(&(struct literal){.type = LITERAL_TEXT, .bytes = cut, .n = sizeof(cut) - 1},
	                  "'d\\xE9j\\xC3'");
	assert_comes_back(&(struct literal){.type = LITERAL_BYTES, .bytes = bytes, .n = sizeof(bytes)},
	                  "X'0027FF'");
	assert_comes_back(&(struct literal){.type = LITERAL_BYTES, .bytes = "", .n = 0}, "X''");
}

static void
a_text_with_a_nul_is_not_written(void **state)
{
	(void)state;
	assert_null(print(&(struct literal){.type = LITERAL_TEXT, .bytes = "a\0b", .n = 3}));
}

static void
a_line_comes_back(void **state)
{
	char text[] = "card id='c=1 x'\tcreated_at=-5\tname=X'0A'";
	struct books_line line;
	struct err e = {0};

	(void)state;
	assert_int_equal(books_line_parse(text, &line, &e), 0);
	assert_int_equal(line.kind, BOOKS_ROW);
	assert_string_equal(line.table, "card");
	assert_int_equal(line.n, 3);
	assert_string_equal(line.column[1], "created_at");
	assert_memory_equal(line.value[0].bytes, "c=1 x", 5);
	assert_int_equal(line.value[1].integer, -5);
	assert_int_equal(line.value[2].n, 1);
}

static void
a_line_that_was_cut_or_changed_is_refused(void **state)
{
	static const struct {
		const char *text, *words;
	} bad[] = {
	    {"card", "a name"},
	    {"card ", "a name"},
	    {"card id", "a name"},
	    {"card id=", "a value is"},
	    {"card id='c1", "a text does not end"},
	    {"card id='c1''", "a text does not end"},
	    {"card id='c\\", "after a backslash"},
	    {"card id='c\\x41'", "after a backslash"},
	    {"card id='c\\x8'", "after a backslash"},
	    {"card id='c\\x8G'", "after a backslash"},
	    {"card id='\xff'", "UTF-8"},
	    {"card id='\xc3'", "UTF-8"},
	    {"card id=X'0", "pairs"},
	    {"card id=X'0G'", "pairs"},
	    {"card id=12x", "follows a value"},
	    {"card id=1.5", "follows a value"},
	    {"card id=99999999999999999999", "a value is"},
	    {"card id=(SELECT 1)", "a value is"},
	    {"card id=1; DROP TABLE card", "follows a value"},
	    {"Card id=1", "a name"},
	    {"schema nine", "the number of a schema"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		char text[64];
		struct books_line line;
		struct err e = {0};

		snprintf(text, sizeof(text), "%s", bad[i].text);
		if (books_line_parse(text, &line, &e) == 0 || strstr(e.message, bad[i].words) == NULL)
			fail_msg("%s: %s", bad[i].text, e.message);
	}
}

static void
a_table_names_its_columns(void **state)
{
	char text[] = "table card: id, created_at";
	struct books_line line;
	struct err e = {0};

	(void)state;
	assert_int_equal(books_line_parse(text, &line, &e), 0);
	assert_int_equal(line.kind, BOOKS_TABLE);
	assert_int_equal(line.n, 2);
	assert_string_equal(line.column[1], "created_at");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_value_comes_back),
	    cmocka_unit_test(a_text_with_a_nul_is_not_written),
	    cmocka_unit_test(a_line_comes_back),
	    cmocka_unit_test(a_line_that_was_cut_or_changed_is_refused),
	    cmocka_unit_test(a_table_names_its_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
