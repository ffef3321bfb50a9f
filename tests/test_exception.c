/* exception: an exception is stored once, a person sees it, and it is never lost. */
#include "tests/home.h"

#include "stages/core/engine/exception.h"

static const struct exception held = {.kind = "bank_entry",
                                      .key = "k1",
                                      .code = "no_collection",
                                      .message = "no debit has this id",
                                      .record = "{\"a\":1}",
                                      .line = 4};

static void
open_it(struct run *r, const struct exception *x)
{
	r->held = false;
	tx_begin(r->db);
	exception_open(r, x);
	tx_commit(r->db);
}

static void
exception_keeps_the_record_whole(void **state)
{
	struct run *r = *state;
	struct exception x = held;
	struct stmt *q;

	x.input = home_input(r);
	open_it(r, &x);
	assert_true(r->held);
	q = sql(r->db,
	        "SELECT number, kind, key, code, message, record, input_number, line, profile_number, state,"
	        " opened_on, closed_on FROM exception");
	assert_true(row(q));
	assert_int_equal(col_int(q, 0), 1);
	assert_string_equal(col_text(q, 1), x.kind);
	assert_string_equal(col_text(q, 2), x.key);
	assert_string_equal(col_text(q, 3), x.code);
	assert_string_equal(col_text(q, 4), x.message);
	assert_string_equal(col_text(q, 5), x.record);
	assert_int_equal(col_int(q, 6), 1);
	assert_int_equal(col_int(q, 7), 4);
	assert_true(col_null(q, 8));
	assert_string_equal(col_text(q, 9), "open");
	assert_string_equal(col_text(q, 10), "2026-03-04");
	assert_true(col_null(q, 11));
	assert_false(row(q));
	assert_int_equal(exception_count_open(r), 1);
}

static void
exception_is_opened_once(void **state)
{
	struct run *r = *state;
	struct exception x = held;

	open_it(r, &x);
	x.record = "{\"a\":2}";
	x.code = "wrong_amount";
	r->on += 1;
	open_it(r, &x);
	assert_false(r->held);
	assert_int_equal(r->count[COUNT_EXCEPTIONS_OPENED], 1);
	assert_int_equal(exception_count_open(r), 1);
	assert_int_equal(
	    home_number(r,
	                "SELECT count(*) FROM exception WHERE record = '{\"a\":2}' AND code = 'wrong_amount'"
	                "  AND opened_on = '2026-03-04'"),
	    1);
	x.key = "k2";
	open_it(r, &x);
	x.kind = "swan_node";
	open_it(r, &x);
	assert_int_equal(exception_count_open(r), 3);
	assert_int_equal(home_number(r, "SELECT max(number) FROM exception"), 3);
}

static void
exception_closes_when_the_thing_was_applied(void **state)
{
	struct run *r = *state;

	exception_close(r, "bank_entry", "k1"); /* not held: nothing */
	assert_int_equal(r->count[COUNT_EXCEPTIONS_CLOSED], 0);
	open_it(r, &held);
	r->on += 2;
	exception_close(r, "bank_entry", "k1");
	exception_close(r, "bank_entry", "k1");
	assert_int_equal(exception_count_open(r), 0);
	assert_int_equal(r->count[COUNT_EXCEPTIONS_CLOSED], 1);
	assert_int_equal(
	    home_number(
		r, "SELECT count(*) FROM exception WHERE state = 'applied' AND closed_on = '2026-03-06'"),
	    1);
}

/* A transaction that was held, applied, and comes changed so that it must be held again. */
static void
exception_opens_again_what_was_applied(void **state)
{
	struct run *r = *state;

	open_it(r, &held);
	exception_close(r, "bank_entry", "k1");
	open_it(r, &held);
	assert_int_equal(exception_count_open(r), 1);
	assert_true(r->held);
}

/* What a person resolved comes back every night: it stays resolved, and the books stay as they are. */
static void
exception_leaves_what_a_person_resolved(void **state)
{
	struct run *r = *state;

	open_it(r, &held);
	r->as = "alice";
	assert_true(exception_resolve(r, 1, "not_ours", "another bank's"));
	for (int night = 0; night < 2; night++) {
		open_it(r, &held);
		assert_false(r->held);
		assert_int_equal(exception_count_open(r), 0);
	}
	assert_int_equal(home_number(r, "SELECT last FROM counter WHERE name = 'exception'"), 1);
}

/* It is as old as it was: a decision that was reversed settled nothing. */
static void
exception_that_is_opened_again_keeps_its_day(void **state)
{
	struct run *r = *state;

	open_it(r, &held);
	r->as = "alice";
	assert_true(exception_resolve(r, 1, "accepted_loss", "why"));
	r->on += 3;
	exception_reopen(r, 1);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM exception WHERE state = 'open' AND decision IS NULL"
	                   "  AND closed_on IS NULL AND opened_on = '2026-03-04'"),
	    1);
}

static void
exception_is_resolved_by_a_person_who_says_why(void **state)
{
	struct run *r = *state;
	struct stmt *q;

	open_it(r, &held);
	r->as = "alice";
	r->on += 3;
	r->now += 1000;
	assert_true(exception_resolve(r, 1, "accepted_loss", "18.20, no \"answer\" from the bank"));
	q = sql(r->db,
	        "SELECT state, closed_on, decision, why, resolved_by, resolved_at, opened_on, code, record"
	        " FROM exception");
	assert_true(row(q));
	assert_string_equal(col_text(q, 0), "resolved");
	assert_string_equal(col_text(q, 1), "2026-03-07");
	assert_string_equal(col_text(q, 2), "accepted_loss");
	assert_string_equal(col_text(q, 3), "18.20, no \"answer\" from the bank");
	assert_string_equal(col_text(q, 4), "alice");
	assert_int_equal(col_instant(q, 5), r->now);
	assert_string_equal(col_text(q, 6), "2026-03-04");
	assert_string_equal(col_text(q, 7), held.code);
	assert_string_equal(col_text(q, 8), held.record);
	assert_false(row(q));
	assert_int_equal(exception_count_open(r), 0);
	r->on += 30;
	assert_int_equal(exception_count_overdue(r), 0);
}

static void
exception_decided_again_keeps_the_first_decision(void **state)
{
	struct run *r = *state;

	open_it(r, &held);
	r->as = "alice";
	assert_true(exception_resolve(r, 1, "duplicate", "first"));
	r->as = "bob";
	r->on += 1;
	assert_false(exception_resolve(r, 1, "duplicate", "second"));
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE why = 'first'"
	                                "  AND resolved_by = 'alice' AND closed_on = '2026-03-04'"),
	                 1);
	exception_close(r, "bank_entry", "k1");
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE state = 'resolved'"), 1);
}

static void
decide_otherwise(struct run *r)
{
	exception_resolve(r, 1, "not_ours", "as I see it");
}

static void
decide_about_none(struct run *r)
{
	exception_resolve(r, 2, "not_ours", "as I see it");
}

static void
exception_decided_otherwise_is_refused(void **state)
{
	struct run *r = *state;

	open_it(r, &held);
	r->as = "alice";
	home_dies(r, decide_about_none, EXIT_ABSENT, "exception 2 does not exist");
	assert_true(exception_resolve(r, 1, "duplicate", "first"));
	home_dies(r, decide_otherwise, EXIT_OVERWRITE, "resolved as duplicate by alice on 2026-03-04");
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE decision = 'duplicate'"), 1);
}

static void
exception_that_was_applied_is_not_decided(void **state)
{
	struct run *r = *state;

	open_it(r, &held);
	exception_close(r, "bank_entry", "k1");
	r->as = "alice";
	home_dies(r, decide_otherwise, EXIT_OVERWRITE, "exception 1 was applied on 2026-03-04");
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE decision IS NULL"), 1);
}

static void
attribute_to_another(struct run *r)
{
	exception_attribute(r, 1, 2, "his");
}

/* It was applied for that member, as the person said; what comes later of it may have to be held again. */
static void
exception_opens_again_what_was_attributed(void **state)
{
	struct run *r = *state;

	home_exec(r, "INSERT INTO profile (number, app_id, app_user_id, status, declared_at)"
	             " VALUES (1, 'fr', 'ada', 'inactive', 0), (2, 'fr', 'bob', 'inactive', 0)");
	open_it(r, &held);
	r->as = "alice";
	assert_true(exception_attribute(r, 1, 1, "hers"));
	assert_false(exception_attribute(r, 1, 1, "hers"));
	home_dies(r, attribute_to_another, EXIT_OVERWRITE, "attributed to another member by alice");
	assert_false(exception_is_resolved(r, held.kind, held.key));
	open_it(r, &held);
	assert_true(r->held);
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE number = 1 AND state = 'open'"
	                                " AND decision IS NULL AND why IS NULL AND profile_number = 1"),
	                 1);
}

static void
decide_unknown_word(struct run *r)
{
	exception_resolve(r, 1, "whatever", "as I see it");
}

static void
resolve_without_decision(struct run *r)
{
	home_exec(r, "UPDATE exception SET state = 'resolved', closed_on = '2026-03-04'");
}

static void
decide_without_resolving(struct run *r)
{
	home_exec(
	    r, "UPDATE exception SET decision = 'not_ours', why = 'w', resolved_by = 'a', resolved_at = 1");
}

static void
leave_out_who_decided(struct run *r)
{
	home_exec(r,
	          "UPDATE exception SET state = 'resolved', closed_on = '2026-03-04', decision = 'not_ours',"
	          " why = 'w', resolved_at = 1");
}

/* The schema's own word, whoever writes the row. */
static void
exception_is_resolved_exactly_when_a_decision_stands_in_it(void **state)
{
	struct run *r = *state;

	open_it(r, &held);
	r->as = "alice";
	home_dies(r, decide_unknown_word, EXIT_BUG, "CHECK");
	home_dies(r, resolve_without_decision, EXIT_BUG, "CHECK");
	home_dies(r, decide_without_resolving, EXIT_BUG, "CHECK");
	home_dies(r, leave_out_who_decided, EXIT_BUG, "CHECK");
	assert_int_equal(exception_count_open(r), 1);
}

static void
exception_decided_in_a_rehearsal_stays_open(void **state)
{
	struct run *r = *state;

	open_it(r, &held);
	r->as = "alice";
	home_rehearse(r);
	assert_true(exception_resolve(r, 1, "not_ours", "rehearsed"));
	assert_int_equal(exception_count_open(r), 0);
	home_reopen(r);
	assert_int_equal(exception_count_open(r), 1);
}

static void
exception_is_overdue_after_seven_days(void **state)
{
	struct run *r = *state;
	date on = r->on;

	open_it(r, &held);
	assert_int_equal(exception_count_overdue(r), 0);
	r->on = on + 7;
	assert_int_equal(exception_count_overdue(r), 0);
	r->on = on + 8;
	assert_int_equal(exception_count_overdue(r), 1);
	exception_close(r, "bank_entry", "k1");
	assert_int_equal(exception_count_overdue(r), 0);
}

static void
exception_becomes_overdue_once(void **state)
{
	struct run *r = *state;
	date on = r->on;

	open_it(r, &held);
	r->on = on + 7;
	assert_int_equal(exception_mark_overdue(r), 0);
	r->on = on + 10;
	assert_int_equal(exception_mark_overdue(r), 1);
	assert_int_equal(exception_mark_overdue(r), 0);
	r->on = on + 11;
	open_it(r, &held);
	assert_int_equal(exception_mark_overdue(r), 0);
	assert_int_equal(exception_count_overdue(r), 1);
	exception_close(r, "bank_entry", "k1");
	open_it(r, &held);
	r->on = on + 19;
	assert_int_equal(exception_mark_overdue(r), 1);
}

static void
exception_has_the_amount_that_it_is_about(void **state)
{
	struct run *r = *state;
	struct exception other = held;

	other.amount = 1250;
	open_it(r, &other);
	assert_int_equal(value(sql(r->db, "SELECT amount_in_cents FROM exception"), 0), 1250);
	other.amount = 900;
	open_it(r, &other);
	assert_int_equal(value(sql(r->db, "SELECT amount_in_cents FROM exception"), 0), 900);
	open_it(r, &held);
	assert_int_equal(value(sql(r->db, "SELECT amount_in_cents FROM exception"), 0), 0);
}

static void
exception_goes_with_its_unit_of_work(void **state)
{
	struct run *r = *state;

	tx_begin(r->db);
	exception_open(r, &held);
	tx_rollback(r->db);
	assert_int_equal(exception_count_open(r), 0);
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_HOME(exception_keeps_the_record_whole),
	    IN_HOME(exception_is_opened_once),
	    IN_HOME(exception_that_is_opened_again_keeps_its_day),
	    IN_HOME(exception_closes_when_the_thing_was_applied),
	    IN_HOME(exception_opens_again_what_was_applied),
	    IN_HOME(exception_leaves_what_a_person_resolved),
	    IN_HOME(exception_is_resolved_by_a_person_who_says_why),
	    IN_HOME(exception_decided_again_keeps_the_first_decision),
	    IN_HOME(exception_decided_otherwise_is_refused),
	    IN_HOME(exception_that_was_applied_is_not_decided),
	    IN_HOME(exception_opens_again_what_was_attributed),
	    IN_HOME(exception_is_resolved_exactly_when_a_decision_stands_in_it),
	    IN_HOME(exception_decided_in_a_rehearsal_stays_open),
	    IN_HOME(exception_is_overdue_after_seven_days),
	    IN_HOME(exception_becomes_overdue_once),
	    IN_HOME(exception_has_the_amount_that_it_is_about),
	    IN_HOME(exception_goes_with_its_unit_of_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
