/* books: a database comes back from its text, also what no statement may change; what the schema does not allow is refused with its
 * line. change: what two states differ in.
 */
#include "tests/home.h"

#include "stages/core/fixture/books.h"
#include "stages/core/fixture/change.h"

static const char *
write_books(struct store *db)
{
	static struct home_text text;
	struct sink *s = sink_new(home_keep, &text);

	text.n = 0;
	books_write(db, s);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	return text.text;
}

/* Two members, a frozen session with a debt: rows that no statement may insert once the triggers are there. */
static void
fill(struct run *r)
{
	home_exec(r, "INSERT INTO profile (number, app_id, app_user_id, status, declared_at)"
	             " VALUES (1, 'alan', 'it''s\n1', 'active', 0), (2, 'alan', '2', 'inactive', 0)");
	home_exec(
	    r,
	    "INSERT INTO session (number, code, period_start_on, period_end_on, freeze_on, recovery_on, status,"
	    "  opened_by) VALUES (1, '20260228-1', '2026-02-01', '2026-02-28', '2026-03-03', '2026-03-10',"
	    "  'pending', 'person')");
	home_exec(r, "INSERT INTO debt (profile_number, session_number, status, amount_in_cents)"
	             " VALUES (1, 1, 'pending', 500)");
	home_exec(r, "UPDATE session SET frozen_at = 1, digest = X'0A27' WHERE number = 1");
}

static int
load(const char *text, struct err *e)
{
	FILE *in;
	int status;

	home_write("books", text);
	in = fopen("books", "r");
	assert_non_null(in);
	remove("other.db");
	status = books_load("other.db", in, e);
	fclose(in);
	return status;
}

static void
books_come_back(void **state)
{
	struct run *r = *state;
	struct store *other;
	struct err e = {0};
	char *before;

	fill(r);
	before = strdup(write_books(r->db));
	if (load(before, &e) < 0)
		fail_msg("%ld: %s", e.line, e.message);
	other = store_open("other.db", STORE_CHANGES);
	assert_string_equal(write_books(other), before);
	assert_int_equal(store_id(other), HOME_STORE);
	store_close(other);
	free(before);
}

static void
insert_debt(struct run *r)
{
	struct store *other = store_open("other.db", STORE_CHANGES);

	exec(
	    sql(other, "INSERT INTO debt (profile_number, session_number, status) VALUES (2, 1, 'pending')"));
	(void)r;
}

static void
what_is_loaded_is_guarded_by_the_triggers(void **state)
{
	struct run *r = *state;
	struct err e = {0};

	fill(r);
	assert_int_equal(load(write_books(r->db), &e), 0);
	home_dies(r, insert_debt, EXIT_BUG, "the session is frozen");
}

#define HEAD  "schema 10\n"
#define STORE "store one=1\tstore_id=7\tenvironment='test'\tcreated_at=0\n"

static void
bad_books_are_refused_with_their_line(void **state)
{
	static const struct {
		const char *text, *words;
		long line;
	} bad[] = {
	    {"", "the file is cut", 0},
	    {HEAD STORE, "the last line is not `end`", 2},
	    {HEAD STORE "end", "the line has no end", 3},
	    {"store one=1\n", "books begin with", 1},
	    {"schema 9\n", "make the fixture once more", 1},
	    {HEAD "nosuch a=1\n", "a table nosuch does not exist", 2},
	    {HEAD "night number=1\n", "a table night does not exist", 2},
	    {HEAD "sqlite_schema name='x'\n", "does not exist", 2},
	    {HEAD "table card: id, colour\n", "no column colour", 2},
	    {HEAD "card id='c'\tcolour='red'\n", "no column colour", 2},
	    {HEAD "card id='c'\tid='d'\n", "twice", 2},
	    {HEAD "counter name='x'\tlast='y'\n", "cannot store TEXT", 2},
	    {HEAD "counter name='x'\tlast=-1\n", "CHECK", 2},
	    {HEAD "counter name='x'\tlast=1\ncounter name='x'\tlast=2\n", "UNIQUE", 3},
	    {HEAD "counter name='x'\n", "NOT NULL", 2},
	    {HEAD STORE "debt profile_number=1 session_number=1\tstatus='pending'\nend\n",
	     "a row of debt refers to a row of", 4},
	    {HEAD "end\n", "the row of store is missing", 2},
	    {HEAD STORE "end\ncounter name='x'\tlast=1\n", "something follows", 4},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct err e = {0};

		if (load(bad[i].text, &e) == 0 || strstr(e.message, bad[i].words) == NULL ||
		    e.line != bad[i].line)
			fail_msg("%s: line %ld: %s", bad[i].text, e.line, e.message);
	}
}

static const char *
differ(int64_t (*write)(FILE *, FILE *, struct sink *), const char *was, const char *is)
{
	static struct home_text text;
	struct sink *s = sink_new(home_keep, &text);
	FILE *before, *after;

	home_write("before", was);
	home_write("after", is);
	before = fopen("before", "r");
	after = fopen("after", "r");
	text.n = 0;
	text.text[0] = '\0';
	write(before, after, s);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	fclose(before);
	fclose(after);
	return text.text;
}

static void
rows_that_are_gone_come_first_then_new_and_changed_ones(void **state)
{
	(void)state;
	assert_string_equal(differ(change_write_rows, "a k=1\tx=1\ty='z'\na k=2\tx=1\nb k=1\n",
	                           "a k=1\tx=2\tw=3\na k=3\tx=1\tv=2\nb k=1\n"),
	                    "- a k=2 x=1\n"
	                    "~ a k=1: x=1 -> 2 w=NULL -> 3 y='z' -> NULL\n"
	                    "+ a k=3 x=1 v=2\n");
	assert_string_equal(differ(change_write_rows, "a k=1\n", "a k=1\n"), "");
}

static void
files_that_changed_together_stand_together(void **state)
{
	(void)state;
	assert_string_equal(differ(change_write_files, "a 1\nb 1\nc 1\nd 1\n", "a 2\nb 2\nc 1\ne 1\n"),
	                    "- a 1\n- b 1\n+ a 2\n+ b 2\n- d 1\n+ e 1\n");
	assert_string_equal(differ(change_write_files, "", "a 1\n"), "+ a 1\n");
	assert_string_equal(differ(change_write_files, "a 1\n", ""), "- a 1\n");
}

#define home_test(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    home_test(books_come_back),
	    home_test(what_is_loaded_is_guarded_by_the_triggers),
	    home_test(bad_books_are_refused_with_their_line),
	    home_test(rows_that_are_gone_come_first_then_new_and_changed_ones),
	    home_test(files_that_changed_together_stand_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
