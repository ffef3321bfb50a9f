/* journal: it shows how each start ended; cursors move with the work they cover. */
#include "tests/home.h"

#include "formats/length.h"
#include "stages/core/engine/journal.h"

static int64_t
runs_in(struct run *r, const char *state)
{
	struct stmt *q = sql(r->db, "SELECT count(*) FROM stage_run WHERE state = $state");

	bind_text(q, "$state", state);
	return value(q, -1);
}

static void
journal_shows_how_a_stage_ended(void **state)
{
	static const struct {
		enum exit_status status;
		const char *state;
	} cases[] = {{EXIT_DONE, "done"}, {EXIT_HELD, "done"}, {EXIT_IO, "failed"}, {EXIT_BUG, "failed"}};
	struct run *r = *state;
	struct stmt *q;

	assert_int_equal(journal_last(r, "post", r->on), -1);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		journal_begin(r, "post");
		assert_int_equal(runs_in(r, "running"), 1);
		assert_int_equal(journal_last(r, "post", r->on), -1);
		journal_end(r, cases[i].status, "5 rows");
		assert_int_equal(runs_in(r, "running"), 0);
		assert_int_equal(journal_last(r, "post", r->on), cases[i].status);
		q = sql(
		    r->db,
		    "SELECT state, message, business_on, now_at, pid, finished_at >= started_at FROM stage_run"
		    " ORDER BY number DESC LIMIT 1");
		assert_true(row(q));
		assert_string_equal(col_text(q, 0), cases[i].state);
		assert_string_equal(col_text(q, 1), "5 rows");
		assert_string_equal(col_text(q, 2), "2026-03-04");
		assert_true(col_instant(q, 3) == r->now);
		assert_int_equal(col_int(q, 4), getpid());
		assert_int_equal(col_int(q, 5), 1);
		assert_false(row(q));
	}
	assert_int_equal(home_number(r, "SELECT count(*) FROM stage_run"), 4);
}

/* What a person asked for in vain says nothing about the night, and does not hide how the stage ended in it. */
static void
journal_forgets_what_was_refused_to_a_person(void **state)
{
	static const enum exit_status refusals[] = {EXIT_USAGE, EXIT_REFUSED,   EXIT_ABSENT,
	                                            EXIT_BUSY,  EXIT_FORBIDDEN, EXIT_CONFIG};
	static const enum exit_status failures[] = {EXIT_UNAVAILABLE, EXIT_BUG, EXIT_OVERWRITE, EXIT_IO};
	struct run *r = *state;
	size_t i;

	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		journal_begin(r, "post");
		journal_end(r, EXIT_HELD, "");
		journal_begin(r, "post");
		journal_end(r, refusals[i], "no such file");
		assert_int_equal(runs_in(r, "refused"), i + 1);
		assert_int_equal(journal_last(r, "post", r->on), EXIT_HELD);
	}
	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		journal_begin(r, "post");
		journal_end(r, failures[i], "");
		assert_int_equal(journal_last(r, "post", r->on), failures[i]);
	}
	assert_int_equal(home_number(r, "SELECT count(*) FROM stage_run WHERE night_number IS NOT NULL"), 0);
}

static void
journal_keeps_what_was_refused_to_a_night(void **state)
{
	struct run *r = *state;

	r->night = journal_begin_night(r);
	journal_begin(r, "import");
	journal_end(r, EXIT_CONFIG, "client_id in [swan] is not set");
	assert_int_equal(runs_in(r, "failed"), 1);
	assert_int_equal(journal_last(r, "import", r->on), EXIT_CONFIG);
	assert_int_equal(home_number(r, "SELECT night_number FROM stage_run"), r->night);
}

static void
journal_last_is_of_one_stage_and_day(void **state)
{
	struct run *r = *state;

	journal_begin(r, "post");
	journal_end(r, EXIT_DONE, "");
	journal_begin(r, "collect");
	journal_end(r, EXIT_HELD, "");
	assert_int_equal(journal_last(r, "post", r->on), EXIT_DONE);
	assert_int_equal(journal_last(r, "collect", r->on), EXIT_HELD);
	assert_int_equal(journal_last(r, "post", r->on + 1), -1);
	assert_int_equal(journal_last(r, "post", DATE_NONE), EXIT_DONE);
	assert_int_equal(journal_last(r, "export", DATE_NONE), -1);
}

static void
begin_and_be_killed(struct run *r)
{
	journal_begin(r, "post");
	tx_begin(r->db);
	journal_move(r, "window", 9);
}

static void
journal_marks_what_was_killed(void **state)
{
	struct run *r = *state;

	assert_int_equal(home_child(r, begin_and_be_killed), 0);
	assert_int_equal(runs_in(r, "running"), 1);
	assert_int_equal(journal_last(r, "post", r->on), -1);
	journal_begin(r, "collect");
	assert_int_equal(runs_in(r, "aborted"), 1);
	assert_int_equal(runs_in(r, "running"), 1);
	journal_end(r, EXIT_DONE, "");
	assert_int_equal(journal_last(r, "post", r->on), -1);
	assert_int_equal(journal_cursor(r, "window", 0), 0);
}

static void
end_in_journal(void *ctx, enum exit_status status, const char *message)
{
	journal_end(ctx, status, message);
}

static void
begin_and_die(struct run *r)
{
	journal_begin(r, "post");
	log_on_die(end_in_journal, r);
	tx_begin(r->db);
	tx_begin(r->db);
	journal_move(r, "window", 9);
	(void)row(sql(r->db, "SELECT name FROM cursor"));
	die(EXIT_IO, "line 7 is not ours");
}

static void
journal_keeps_the_reason_of_a_death_and_nothing_else(void **state)
{
	struct run *r = *state;

	home_dies(r, begin_and_die, EXIT_IO, "line 7 is not ours");
	assert_int_equal(journal_last(r, "post", r->on), EXIT_IO);
	assert_int_equal(
	    home_number(
		r,
		"SELECT count(*) FROM stage_run WHERE state = 'failed' AND message = 'line 7 is not ours'"),
	    1);
	assert_int_equal(journal_cursor(r, "window", 0), 0);
}

static void
end_without_a_commit(struct run *r)
{
	log_on_die(end_in_journal, r);
	journal_begin(r, "post");
	tx_begin(r->db);
	journal_move(r, "window", 9);
	journal_end(r, EXIT_DONE, "2 sessions opened");
}

static void
journal_refuses_to_end_well_what_was_not_committed(void **state)
{
	struct run *r = *state;

	home_dies(r, end_without_a_commit, EXIT_BUG, "the transaction begun at tests/test_journal.c:");
	assert_int_equal(journal_last(r, "post", r->on), EXIT_BUG);
	assert_int_equal(journal_cursor(r, "window", 0), 0);
}

static void
journal_end_is_nothing_for_a_command(void **state)
{
	struct run *r = *state;

	tx_begin(r->db);
	journal_move(r, "window", 9);
	journal_end(r, EXIT_DONE, "");
	assert_true(tx_open(r->db));
	tx_commit(r->db);
	assert_int_equal(home_number(r, "SELECT count(*) FROM stage_run"), 0);
}

static void
journal_keeps_a_run_for_its_day(void **state)
{
	struct run *r = *state;
	int64_t first = journal_begin_night(r), second;

	second = journal_begin_night(r);
	assert_true(second > first);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM night WHERE state = 'aborted' AND exit_status IS NULL"), 1);
	journal_end_night(r, second, EXIT_HELD, true);
	assert_int_equal(home_number(r, "SELECT count(*) FROM night WHERE state = 'done' AND exit_status = 3"
	                                "  AND business_on = '2026-03-04' AND finished_at IS NOT NULL"),
	                 1);
	journal_end_night(r, journal_begin_night(r), EXIT_UNAVAILABLE, true);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM night WHERE state = 'failed' AND exit_status = 69"), 1);
	journal_end_night(r, journal_begin_night(r), EXIT_DONE,
	                  false); /* stopped before the end of the chain */
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM night WHERE state = 'aborted' AND exit_status = 0"), 1);
}

static void
journal_cursor_moves_with_its_unit_of_work(void **state)
{
	struct run *r = *state;

	assert_int_equal(journal_cursor(r, "window", 42), 42);
	tx_begin(r->db);
	journal_move(r, "window", 7);
	tx_commit(r->db);
	assert_int_equal(journal_cursor(r, "window", 42), 7);
	tx_begin(r->db);
	journal_move(r, "window", 8);
	journal_move(r, "other", 1);
	tx_rollback(r->db);
	assert_int_equal(journal_cursor(r, "window", 42), 7);
	assert_int_equal(journal_cursor(r, "other", 42), 42);
}

static void
journal_leaves_nothing_of_a_dry_run(void **state)
{
	struct run *r = *state;

	home_rehearse(r);
	journal_begin(r, "post");
	tx_begin(r->db);
	journal_move(r, "window", 9);
	tx_commit(r->db);
	journal_end(r, EXIT_DONE, "");
	assert_int_equal(journal_last(r, "post", r->on), EXIT_DONE);
	home_reopen(r);
	assert_int_equal(home_number(r, "SELECT count(*) FROM stage_run"), 0);
	assert_int_equal(journal_cursor(r, "window", 0), 0);
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_HOME(journal_shows_how_a_stage_ended),
	    IN_HOME(journal_forgets_what_was_refused_to_a_person),
	    IN_HOME(journal_keeps_what_was_refused_to_a_night),
	    IN_HOME(journal_last_is_of_one_stage_and_day),
	    IN_HOME(journal_marks_what_was_killed),
	    IN_HOME(journal_keeps_the_reason_of_a_death_and_nothing_else),
	    IN_HOME(journal_refuses_to_end_well_what_was_not_committed),
	    IN_HOME(journal_end_is_nothing_for_a_command),
	    IN_HOME(journal_keeps_a_run_for_its_day),
	    IN_HOME(journal_cursor_moves_with_its_unit_of_work),
	    IN_HOME(journal_leaves_nothing_of_a_dry_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
