/* csv: what a record is, where it begins, and what a spreadsheet may not run. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/csv.h"
#include "formats/length.h"
#include "tests/output.h"

static const char *const columns[] = {"id", "name", "note"};

static FILE *
file_of(const char *text, size_t n)
{
	FILE *f = tmpfile();
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	rewind(f);
	return f;
}

/* Each record as "<line>:[a][b][c];" */
static int
note_row(void *ctx, long line, const char *const value[], struct err *e)
{
	struct output *o = ctx;
	(void)e;
	o->into.n += (size_t)snprintf(o->text + o->into.n, sizeof o->text - o->into.n, "%ld:[%s][%s][%s];",
	                              line, value[0], value[1], value[2]);
	return 0;
}

static int
read_text(const char *text, size_t n, bool optional, struct output *o, struct err *e)
{
	FILE *f = file_of(text, n);
	int rc = csv_read(f, columns, 3, optional ? 0 : 3, note_row, o, e);
	fclose(f);
	return rc;
}

static void
csv_reads_records_with_their_lines(void **state)
{
	static const struct {
		const char *text;
		bool optional;
		const char *records;
	} cases[] = {
	    {"id,name,note\n", false, ""},
	    {"id,name,note", false, ""},
	    {"id,name,note\n1,a,b\n2,,\n", false, "2:[1][a][b];3:[2][][];"},
	    {"id,name,note\n1,a,b", false, "2:[1][a][b];"},
	    {"note,id,name\nc,a,b\n", false, "2:[a][b][c];"},
	    {"id\n7\n", true, "2:[7][][];"},
	    {"id,name,note\r\n1,a,b\r\n2,c,d\r\n", false, "2:[1][a][b];3:[2][c][d];"},
	    {"id,name,note\n\n\r\n1,a,b\n\n2,c,d\n", false, "4:[1][a][b];6:[2][c][d];"},
	    {"id,name,note\n1,\"a\nb\n\",\"c\"\"d\"\n2,e,f\n", false, "2:[1][a\nb\n][c\"d];5:[2][e][f];"},
	    {"id,name,note\n1, a ,\"\tb \"\n", false, "2:[1][ a ][\tb ];"},
	    {"id,name,note\n1,\"a\r\nb\rc\",d\n", false, "2:[1][a\r\nb\rc][d];"},
	    {"id,name,note\n\"\",\"\",\"\"\n", false, "2:[][][];"},
	    {"\"id\",\"name\",\"note\"\n1,\u00E9,\U0001F600\n", false, "2:[1][\u00E9][\U0001F600];"},
	};
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct output o = {0};
		struct err e = {0};
		if (read_text(cases[i].text, strlen(cases[i].text), cases[i].optional, &o, &e) != 0)
			fail_msg("%s: %s at %ld", cases[i].text, e.message, e.line);
		assert_string_equal(o.text, cases[i].records);
	}
}

#define REFUSED(text, line, code)                  \
	{                                          \
		text, sizeof(text) - 1, line, code \
	}

static void
csv_refuses_with_a_line(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		long line;
		const char *code;
	} cases[] = {
	    REFUSED("", 1, "missing_column"),
	    REFUSED("\n", 1, "missing_column"),
	    REFUSED("id,name\n", 1, "missing_column"),
	    REFUSED("\nid,name\n", 2, "missing_column"),
	    REFUSED("id,name,note,x\n", 1, "unknown_column"),
	    REFUSED("id,name,note,id\n", 1, "unknown_column"),
	    REFUSED("id,name,note,\n", 1, "unknown_column"),
	    REFUSED("ID,name,note\n", 1, "unknown_column"),
	    REFUSED(" id,name,note\n", 1, "unknown_column"),
	    REFUSED("\xEF\xBB\xBFid,name,note\n", 1, "malformed_csv"),
	    REFUSED("id,name,note\n1,2\n", 2, "malformed_csv"),
	    REFUSED("id,name,note\n1,2,3,4\n", 2, "malformed_csv"),
	    REFUSED("id,name,note\n1,2,3\n1,\"2\n\n,3\n", 3, "malformed_csv"),
	    REFUSED("id,name,note\n1,2,\"3", 2, "malformed_csv"),
	    REFUSED("id,name,note\n1,a\"b,3\n", 2, "malformed_csv"),
	    REFUSED("id,name,note\n1,\"a\"b,3\n", 2, "malformed_csv"),
	    REFUSED("id,name,note\n1,\"a\" ,3\n", 2, "malformed_csv"),
	    REFUSED("id,name,note\n1,\"a\nb\"c,3\n", 3, "malformed_csv"),
	    REFUSED("id,name,note\n1,a\0b,3\n", 2, "malformed_csv"),
	    REFUSED("id,name,note\n1,2,3\r4,5,6\n", 2, "malformed_csv"),
	    REFUSED("id,name,note\n1,2,3\r4,5,6", 2, "malformed_csv"),
	    REFUSED("id,name,note\r1,2,3\r", 1, "malformed_csv"),
	    REFUSED("id,name,note\n1,2,3\r \n", 2, "malformed_csv"),
	    REFUSED("id,name,note\n1,\"x\n\xC3\",3\n", 2, "not_utf8"),
	};
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct output o = {0};
		struct err e = {0};
		if (read_text(cases[i].text, cases[i].n, false, &o, &e) != -1)
			fail_msg("case %zu was read as %s", i, o.text);
		if (strcmp(e.code, cases[i].code) != 0 || e.line != cases[i].line)
			fail_msg("case %zu: %s at %ld: %s", i, e.code, e.line, e.message);
	}
}

/* Moves the records over the border of the 64 KiB chunks, byte by byte. */
static void
csv_does_not_see_the_chunks(void **state)
{
	static const char records[] = "1,\"a\r\n\"\"b\",c\r\n\r\n2,d,e\r\n";
	size_t room = 2 * 65536;
	char *text = malloc(room);
	(void)state;
	assert_non_null(text);
	for (size_t shift = 0; shift <= sizeof records; shift++) {
		struct output o = {0};
		struct err e = {0};
		size_t n = (size_t)snprintf(text, room, "id,name,note\n");
		while (n < 65536 - 200)
			n += (size_t)snprintf(text + n, room - n, "\n");
		long line = (long)n - (long)strlen("id,name,note\n") + 2;
		size_t blanks = 65536 - shift - n;
		memset(text + n, '\n', blanks);
		line += (long)blanks;
		n += blanks;
		n += (size_t)snprintf(text + n, room - n, "%s", records);
		if (read_text(text, n, false, &o, &e) != 0)
			fail_msg("shift %zu: %s at %ld", shift, e.message, e.line);
		char wanted[200];
		snprintf(wanted, sizeof wanted, "%ld:[1][a\r\n\"b][c];%ld:[2][d][e];", line, line + 3);
		assert_string_equal(o.text, wanted);
	}
	free(text);
}

static int
count_row(void *ctx, long line, const char *const value[], struct err *e)
{
	(void)line;
	(void)value;
	(void)e;
	++*(int *)ctx;
	return 0;
}

static int
read_long_record(size_t size, int *rows, struct err *e)
{
	static const char header[] = "id,name,note\n", tail[] = ",,\n1,2,3\n";
	size_t head = strlen(header), n = head + size - 3 + strlen(tail);
	char *text = malloc(n);
	assert_non_null(text);
	memcpy(text, header, head);
	memset(text + head, 'x', size - 3);
	memcpy(text + n - strlen(tail), tail, strlen(tail));
	FILE *f = file_of(text, n);
	free(text);
	*rows = 0;
	int rc = csv_read(f, columns, 3, 3, count_row, rows, e);
	fclose(f);
	return rc;
}

static void
csv_bounds_a_record_at_64_kib(void **state)
{
	struct err e = {0};
	int rows;
	(void)state;
	assert_int_equal(read_long_record(65536, &rows, &e), 0);
	assert_int_equal(rows, 2);
	assert_int_equal(read_long_record(65537, &rows, &e), -1);
	assert_string_equal(e.code, "malformed_csv");
	assert_int_equal(e.line, 2);
	assert_int_equal(read_long_record(1000000, &rows, &e), -1);
}

static int
stop_at_second(void *ctx, long line, const char *const value[], struct err *e)
{
	(void)value;
	if (++*(int *)ctx == 2)
		return err_at(e, line, 0, "enough", "two are enough");
	return 0;
}

static void
csv_stops_when_the_row_says_so(void **state)
{
	static const char text[] = "id,name,note\n1,,\n2,,\n3,,\n4,,\n";
	FILE *f = file_of(text, strlen(text));
	struct err e = {0};
	int rows = 0;
	(void)state;
	assert_int_equal(csv_read(f, columns, 3, 3, stop_at_second, &rows, &e), -1);
	fclose(f);
	assert_int_equal(rows, 2);
	assert_string_equal(e.code, "enough");
	assert_int_equal(e.line, 3);
}

static int
note_header(void *ctx, const char *const names[], int n, struct err *e)
{
	struct output *o = ctx;
	(void)e;
	for (int i = 0; i < n; i++)
		o->into.n +=
		    (size_t)snprintf(o->text + o->into.n, sizeof o->text - o->into.n, "%s|", names[i]);
	return n == 3 ? 0 : err_set(e, "missing_column", "three are wanted");
}

static void
csv_hands_over_a_header_not_known_beforehand(void **state)
{
	static const char good[] = "x,y,z\n1,2,3\n", bad[] = "\nx,y\n1,2\n";
	struct output o = {0};
	struct err e = {0};
	FILE *f = file_of(good, strlen(good));
	(void)state;
	assert_int_equal(csv_read_any(f, note_header, note_row, &o, &e), 0);
	fclose(f);
	assert_string_equal(o.text, "x|y|z|2:[1][2][3];");
	f = file_of(bad, strlen(bad));
	assert_int_equal(csv_read_any(f, note_header, note_row, &o, &e), -1);
	fclose(f);
	assert_string_equal(e.code, "missing_column");
	assert_int_equal(e.line, 2);
}

static void
csv_refuses_more_columns_than_it_has_room_for(void **state)
{
	char text[CSV_MAX_COLUMNS * 5 + 10];
	(void)state;
	for (int columns_there = CSV_MAX_COLUMNS; columns_there <= CSV_MAX_COLUMNS + 1; columns_there++) {
		struct err e = {0};
		size_t n = 0;
		for (int i = 0; i < columns_there; i++)
			n += (size_t)snprintf(text + n, sizeof text - n, "%sc%d", i ? "," : "", i);
		FILE *f = file_of(text, n);
		struct output o = {0};
		assert_int_equal(csv_read_any(f, note_header, note_row, &o, &e), -1);
		fclose(f);
		assert_string_equal(e.code,
		                    columns_there == CSV_MAX_COLUMNS ? "missing_column" : "malformed_csv");
	}
}

static void
csv_quotes_only_where_needed(void **state)
{
	static const struct {
		const char *text, *plain, *spreadsheet;
	} cases[] = {
	    {NULL, "", ""},
	    {"", "", ""},
	    {"a b", "a b", "a b"},
	    {" a ", " a ", " a "},
	    {"a,b", "\"a,b\"", "a,b"},
	    {"a;b", "a;b", "\"a;b\""},
	    {"a\"b", "\"a\"\"b\"", "\"a\"\"b\""},
	    {"a\nb", "\"a\nb\"", "\"a\nb\""},
	    {"a\rb", "\"a\rb\"", "\"a\rb\""},
	    {"=1+1", "=1+1", "'=1+1"},
	    {"+1", "+1", "'+1"},
	    {"-1", "-1", "'-1"},
	    {"@a", "@a", "'@a"},
	    {"\ta", "\ta", "'\ta"},
	    {"\ra", "\"\ra\"", "\"'\ra\""},
	    {"=\"a\"", "\"=\"\"a\"\"\"", "\"'=\"\"a\"\"\""},
	    {"\uFF1D1", "\uFF1D1", "'\uFF1D1"},
	    {"\uFF20a", "\uFF20a", "'\uFF20a"},
	    {"a=1", "a=1", "a=1"},
	    {"000123", "000123", "\"=\"\"000123\"\"\""},
	    {"12E4", "12E4", "\"=\"\"12E4\"\"\""},
	    {"\u00E9", "\u00E9", "\u00E9"},
	};
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct output o = {0};
		struct sink *s = output_sink(&o);
		struct csv plain = {.sink = s, .separator = ',', .eol = "\n"};
		struct csv french = csv_for_excel(s);
		csv_text(&plain, "x");
		csv_text(&plain, cases[i].text);
		csv_end(&plain);
		csv_text(&french, cases[i].text);
		csv_int(&french, -5);
		csv_euros(&french, -123456);
		csv_date(&french, 20522); /* 2026-03-10 */
		csv_end(&french);
		assert_int_equal(sink_end(s, NULL, NULL), 0);
		char wanted[100];
		snprintf(wanted, sizeof wanted, "\xEF\xBB\xBFx,%s\n%s;-5;-1234,56;2026-03-10\r\n",
		         cases[i].plain, cases[i].spreadsheet);
		assert_string_equal(o.text, wanted);
	}
}

/* A text of that length with one byte that is other than the rest. */
static void
assert_quoted(size_t length, size_t at, char odd, bool is_quoted)
{
	struct output o = {0};
	struct sink *s = output_sink(&o);
	struct csv c = {.sink = s, .separator = ',', .eol = ""};
	char text[32];

	memset(text, '\xE9', length); /* its highest bit is set */
	text[length] = '\0';
	text[at] = odd;
	csv_text(&c, "");
	csv_text(&c, text);
	csv_end(&c);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	assert_int_equal(o.text[1] == '"', is_quoted);
}

static void
csv_sees_what_needs_quotes_at_any_place(void **state)
{
	static const char odd[] = "\",\r\n", even[] = "!#+-;\t\x0b\x0c\x0e";
	size_t length, at, k;

	(void)state;
	for (length = 1; length < 26; length++)
		for (at = 0; at < length; at++) {
			for (k = 0; odd[k] != '\0'; k++)
				assert_quoted(length, at, odd[k], true);
			for (k = 0; even[k] != '\0'; k++)
				assert_quoted(length, at, even[k], false);
		}
}

static void
csv_writes_a_lone_empty_field_so_that_it_is_a_record(void **state)
{
	struct output o = {0};
	struct sink *s = output_sink(&o);
	struct csv c = {.sink = s, .separator = ',', .eol = "\n"};
	(void)state;
	csv_header(&c, columns, 3);
	csv_text(&c, NULL);
	csv_end(&c);
	csv_text(&c, NULL);
	csv_text(&c, NULL);
	csv_end(&c);
	csv_int(&c, INT64_MIN);
	csv_end(&c);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	assert_string_equal(o.text, "id,name,note\n\"\"\n,\n-9223372036854775808\n");
}

static void
csv_reads_back_what_it_wrote(void **state)
{
	static char big[1500];
	static const char *const texts[] = {"",     " ",    "\"", "\"\"",   ",", "\n",
	                                    "\r\n", "a\rb", "=1", "\u00A0", big};
	(void)state;
	memset(big, '"', sizeof big - 1);
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct output o = {0}, again = {0};
		struct err e = {0};
		struct sink *s = output_sink(&o);
		struct csv c = {.sink = s, .separator = ',', .eol = "\n"};
		csv_header(&c, columns, 3);
		csv_text(&c, texts[i]);
		csv_text(&c, "x");
		csv_text(&c, texts[i]);
		csv_end(&c);
		assert_int_equal(sink_end(s, NULL, NULL), 0);
		assert_int_equal(read_text(o.text, o.into.n, false, &again, &e), 0);
		char wanted[4000];
		snprintf(wanted, sizeof wanted, "2:[%s][x][%s];", texts[i], texts[i]);
		assert_string_equal(again.text, wanted);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(csv_reads_records_with_their_lines),
	    cmocka_unit_test(csv_refuses_with_a_line),
	    cmocka_unit_test(csv_does_not_see_the_chunks),
	    cmocka_unit_test(csv_bounds_a_record_at_64_kib),
	    cmocka_unit_test(csv_stops_when_the_row_says_so),
	    cmocka_unit_test(csv_hands_over_a_header_not_known_beforehand),
	    cmocka_unit_test(csv_refuses_more_columns_than_it_has_room_for),
	    cmocka_unit_test(csv_quotes_only_where_needed),
	    cmocka_unit_test(csv_sees_what_needs_quotes_at_any_place),
	    cmocka_unit_test(csv_writes_a_lone_empty_field_so_that_it_is_a_record),
	    cmocka_unit_test(csv_reads_back_what_it_wrote),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
