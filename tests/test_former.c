/* former: rows up to an id are copied or passed over, also those with line ends in a field. */
#include "tests/home.h"

#include "stages/core/api/former.h"

#define ID(member, number) "0000a1a9-0300-8000-80" member "-00000000000" number
#define ONE                ID("04", "1") ",plain,1\n"
#define TWO                ID("04", "2") ",\"two\nlines, a \"\"quote\"\"\n\",2\n"
#define THREE              ID("08", "1") ",,3\n"
#define LAST               ID("0c", "1") ",no line end,4"

static const char *
path_of(const struct run *r, const char *text)
{
	static char path[] = "former.csv";
	FILE *f = fopen(path, "w");

	(void)r;
	assert_non_null(f);
	assert_int_equal(fputs(text, f) < 0, 0);
	assert_int_equal(fclose(f), 0);
	return path;
}

/* Copies up to the id; what it was. */
static const char *
copied(struct former *f, const char *until, int64_t rows)
{
	static struct home_text text;
	struct sink *s = sink_new(home_keep, &text);

	text = (struct home_text){0};
	assert_int_equal(former_copy(f, until, s), rows);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	return text.text;
}

static void
rows_are_copied_up_to_an_id(void **state)
{
	struct former *f = former_open(path_of(*state, "id,name,n\n" ONE TWO THREE LAST));

	assert_string_equal(copied(f, ID("04", "0"), 0), "");
	assert_string_equal(copied(f, ID("04", "2"), 1), ONE);
	assert_string_equal(copied(f, ID("04", "2"), 0), "");
	assert_string_equal(copied(f, ID("08", "0"), 1), TWO);
	assert_string_equal(copied(f, FORMER_END, 2), THREE LAST);
	assert_string_equal(copied(f, FORMER_END, 0), "");
	former_close(f);
}

static void
rows_are_passed_over(void **state)
{
	struct former *f = former_open(path_of(*state, "id,name,n\n" ONE TWO THREE LAST));

	assert_int_equal(former_copy(f, ID("08", "0"), NULL), 2);
	assert_string_equal(copied(f, ID("0c", "0"), 1), THREE);
	assert_int_equal(former_copy(f, FORMER_END, NULL), 1);
	former_close(f);
}

/* So long that the row grows while it is read. */
static void
row_may_be_long(void **state)
{
	static char text[20000], row[16000];
	size_t n = (size_t)snprintf(row, sizeof(row), ID("04", "1") ",\"");
	struct former *f;
	int i;

	for (i = 0; i < 3000; i++, n += 5)
		memcpy(row + n, "line\n", 5);
	memcpy(row + n, "\"\n", 3);
	snprintf(text, sizeof(text), "id,name\n%s", row);
	f = former_open(path_of(*state, text));
	assert_string_equal(copied(f, FORMER_END, 1), row);
	former_close(f);
}

static void
file_may_have_no_row(void **state)
{
	struct former *f = former_open(path_of(*state, "id\n"));

	assert_string_equal(copied(f, FORMER_END, 0), "");
	former_close(f);
	f = former_open(path_of(*state, ""));
	assert_string_equal(copied(f, FORMER_END, 0), "");
	former_close(f);
	former_close(NULL);
}

static void
open_missing(struct run *r)
{
	(void)r;
	former_close(former_open("no/such.csv"));
}

static void
open_cut_off(struct run *r)
{
	former_close(former_open(path_of(r, "id,name\n" ID("04", "1") ",\"cut")));
}

static void
what_cannot_be_read_ends_the_process(void **state)
{
	home_dies(*state, open_missing, EXIT_IO, "no/such.csv: cannot be read");
	home_dies(*state, open_cut_off, EXIT_BUG, "a quote is not closed");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(rows_are_copied_up_to_an_id),
	    TEST(rows_are_passed_over),
	    TEST(row_may_be_long),
	    TEST(file_may_have_no_row),
	    TEST(what_cannot_be_read_ends_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
