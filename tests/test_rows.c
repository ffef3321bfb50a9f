/* rows: what is given comes into the table, in its order, whatever the number of rows. */
#include "tests/home.h"

#include "stages/core/engine/rows.h"

static void
insert(struct run *r, int64_t n)
{
	struct rows *w = rows_new(r->db, "given", "number, place, at, day, bytes", 5);
	int64_t i;

	for (i = 0; i < n; i++) {
		rows_int(w, i);
		rows_int_or(w, i % 3, 0);
		rows_instant(w, i % 2 == 0 ? INSTANT_NONE : i * 1000);
		rows_date(w, home_day("2026-02-27") + (date)(i % 4));
		rows_bytes(w, "a\0b", (size_t)(i % 4));
	}
	rows_end(w);
}

static int
open_with_table(void **state)
{
	home_setup(state);
	home_exec(
	    *state,
	    "CREATE TABLE given (n INTEGER PRIMARY KEY, number INTEGER NOT NULL, place INTEGER, at INTEGER,"
	    " day TEXT NOT NULL, bytes BLOB NOT NULL) STRICT");
	return 0;
}

static void
every_value_of_every_row_is_there(void **state)
{
	static const int64_t counts[] = {0, 1, 2, ROWS - 1, ROWS, ROWS + 1, 3 * ROWS, 3 * ROWS + 5};
	struct run *r = *state;
	size_t i;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		home_exec(r, "DELETE FROM given");
		insert(r, counts[i]);
		assert_int_equal(home_number(r, "SELECT count(*) FROM given"), counts[i]);
		assert_int_equal(
		    home_number(r, "SELECT count(*) FROM given WHERE number = n - 1"
		                   " AND place IS CASE number % 3 WHEN 0 THEN NULL ELSE number % 3 END"
		                   " AND at IS CASE number % 2 WHEN 0 THEN NULL ELSE number * 1000 END"
		                   " AND day = date('2026-02-27', '+' || (number % 4) || ' days')"
		                   " AND bytes = substr(x'610062', 1, number % 4)"),
		    counts[i]);
	}
}

static void
leave_a_row_unfinished(struct run *r)
{
	struct rows *w = rows_new(r->db, "given", "number, place, at, day, bytes", 5);

	rows_int(w, 1);
	rows_end(w);
}

static void
unfinished_row_ends_the_process(void **state)
{
	home_dies(*state, leave_a_row_unfinished, EXIT_BUG, "the last row has 1 of 5 columns");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(every_value_of_every_row_is_there, open_with_table,
	                                    home_teardown),
	    cmocka_unit_test_setup_teardown(unfinished_row_ends_the_process, open_with_table, home_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
