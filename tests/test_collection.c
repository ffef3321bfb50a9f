/* collection: accepted, booked, rejected, returned; the ledger follows each step once. */
#include "tests/presented.h"

#include "stages/core/books/collection.h"

#define ADA FROZEN_ID("4")
#define BOB FROZEN_ID("8")

static void
take_back(struct run *r, const char *id, const char *reason)
{
	struct collection c = presented_load(r, id);

	collection_return(r, &c, reason, frozen_day("2026-03-13"), 350, 1, 8);
}

static void
collection_is_loaded_by_its_id(void **state)
{
	struct run *r = presented(state);
	struct collection c = presented_load(r, BOB);

	assert_string_equal(c.end_to_end_id, BOB);
	assert_int_equal(c.file, 1);
	assert_int_equal(c.profile, 2);
	assert_int_equal(c.session, 1);
	assert_int_equal(c.mandate, 2);
	assert_int_equal(c.amount, 990);
	assert_int_equal(c.state, COLLECTION_PRESENTED);
	assert_int_equal(c.collect_on, frozen_day("2026-03-11"));
	assert_int_equal(c.booked_on, DATE_NONE);
	assert_false(collection_load(r, BOB "-2", &c));
	assert_false(collection_load(r, "", &c));
}

/* Its last file counts, and before all cancelled ones the file that is not. */
static void
collection_of_several_versions_is_that_of_the_last(void **state)
{
	struct run *r = presented(state);
	int64_t file;

	for (file = 1; file <= 3; file++) {
		if (file > 1)
			presented_add(r);
		assert_int_equal(presented_load(r, FROZEN_ID("4")).file, file);
		if (file == 3)
			return;
		tx_begin(r->db);
		assert_int_equal(collection_cancel(r, file), 3);
		tx_commit(r->db);
		home_exec(r, "UPDATE bank_file SET state = 'withdrawn'");
		assert_int_equal(presented_load(r, FROZEN_ID("4")).file, file);
	}
}

static void
collection_accepted_moves_no_money(void **state)
{
	struct run *r = presented(state);
	struct collection c = presented_load(r, ADA);
	int64_t before;

	collection_accept(r, &c);
	assert_int_equal(presented_load(r, ADA).state, COLLECTION_ACCEPTED);
	assert_string_equal(frozen_list(r, PRESENTED_DEBTS), "executed;initiated;initiated;");
	assert_string_equal(frozen_list(r, PRESENTED_LEDGER), "");
	assert_int_equal(r->count[COUNT_DEBITS_ACCEPTED], 1);
	before = store_changes(r->db);
	collection_accept(r, &c);
	assert_int_equal(store_changes(r->db), before);
	assert_int_equal(r->count[COUNT_DEBITS_ACCEPTED], 1);
}

static void
collection_booked_settles_its_debt(void **state)
{
	struct run *r = presented(state);
	struct collection c = presented_load(r, BOB);

	collection_accept(r, &c);
	presented_book(r, ADA);
	presented_book(r, BOB);
	assert_string_equal(frozen_list(r, PRESENTED_DEBTS), "succeeded 1250;succeeded 990;initiated;");
	assert_string_equal(frozen_list(r, PRESENTED_LEDGER),
	                    "1 recovery 1250 2026-03-11 1 -;2 recovery 990 2026-03-11 1 -;");
	assert_string_equal(frozen_balances(r), "0;0;-10000;");
	assert_int_equal(presented_load(r, ADA).booked_on, frozen_day("2026-03-11"));
	assert_int_equal(presented_load(r, BOB).state, COLLECTION_BOOKED);
	assert_string_equal(frozen_list(r, "SELECT status FROM session ORDER BY number"), "pending;pending;");
	assert_int_equal(home_number(r, "SELECT count(*) FROM balance_transaction"
	                                " WHERE source_kind = 2 AND input_number = 1 AND line = 7"),
	                 2);
	presented_book(r, FROZEN_ID("c"));
	assert_string_equal(frozen_list(r, "SELECT status FROM session ORDER BY number"),
	                    "succeeded;pending;");
	assert_int_equal(r->count[COUNT_DEBITS_BOOKED], 3);
}

/* As booked on its collection day, and the bank may still report the booking, a return, or a reject. */
static void
collection_settled_by_its_due_date_is_recovered(void **state)
{
	struct run *r = presented(state);
	struct collection c = presented_load(r, ADA);

	collection_accept(r, &c);
	collection_settle_due(r, &c, true);
	c = presented_load(r, BOB);
	collection_settle_due(r, &c, false);
	assert_string_equal(frozen_list(r, PRESENTED_DEBTS), "succeeded 1250;succeeded 990;initiated;");
	assert_string_equal(frozen_list(r, PRESENTED_LEDGER),
	                    "1 recovery 1250 2026-03-11 1 -;2 recovery 990 2026-03-11 1 -;");
	assert_string_equal(frozen_balances(r), "0;0;-10000;");
	assert_string_equal(
	    frozen_list(r, "SELECT state || ' ' || settled_on || ' ' || settled_by FROM collection"
	                   " WHERE booked_on IS NULL AND profile_number < 3"),
	    "booked 2026-03-11 acceptance;booked 2026-03-11 silence;");
	c = presented_load(r, ADA);
	assert_true(collection_awaits_note(&c));
	collection_note_booked(r, &c, frozen_day("2026-03-11"));
	c = presented_load(r, ADA);
	assert_false(collection_awaits_note(&c));
	assert_string_equal(frozen_balances(r), "0;0;-10000;");
	assert_int_equal(r->count[COUNT_DEBITS_SETTLED], 2);
	assert_int_equal(r->count[COUNT_BOOKINGS_AFTER_SETTLEMENT], 1);
}

static void
collection_settled_by_its_due_date_comes_back(void **state)
{
	struct run *r = presented(state);
	struct collection c = presented_load(r, ADA);

	collection_settle_due(r, &c, true);
	c = presented_load(r, BOB);
	collection_settle_due(r, &c, true);
	take_back(r, ADA, "AM04");
	presented_reject(r, BOB, "AC04");
	assert_string_equal(frozen_list(r, PRESENTED_DEBTS), "failed 0 AM04;failed 0 AC04;initiated;");
	assert_string_equal(frozen_list(r,
	                                "SELECT CAST(sum(amount_in_cents) AS TEXT) FROM balance_transaction"
	                                " WHERE source_kind = 2 GROUP BY profile_number"),
	                    "0;0;");
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
	c = presented_load(r, ADA);
	assert_true(collection_awaits_note(&c));
	collection_note_booked(r, &c, frozen_day("2026-03-11"));
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
	assert_int_equal(r->count[COUNT_BOOKINGS_AFTER_RETURN], 1);
}

static void
collection_rejected_leaves_the_balance(void **state)
{
	struct run *r = presented(state);

	presented_reject(r, ADA, "AM04");
	assert_string_equal(
	    frozen_list(r, PRESENTED_STATES),
	    FROZEN_ID("4") " rejected 0;" FROZEN_ID("8") " presented 1;" FROZEN_ID("c") " presented 1;");
	assert_string_equal(frozen_list(r, PRESENTED_DEBTS), "failed 0 AM04;initiated;initiated;");
	assert_string_equal(frozen_list(r, PRESENTED_LEDGER),
	                    "1 recovery 1250 2026-03-13 1 -;1 failed_recovery -1250 2026-03-13 - -;");
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
	assert_string_equal(
	    frozen_list(r, "SELECT failed_on || ' ' || reason || ' ' || fee_in_cents FROM collection"
	                   " WHERE profile_number = 1"),
	    "2026-03-13 AM04 0;");
	assert_int_equal(r->count[COUNT_DEBITS_REJECTED], 1);
	assert_int_equal(r->count[COUNT_DEBITS_RETURNED], 0);
}

static void
collection_returned_reverses_the_money(void **state)
{
	struct run *r = presented(state);

	presented_book(r, ADA);
	take_back(r, ADA, "AM04");
	assert_int_equal(presented_load(r, ADA).state, COLLECTION_RETURNED);
	assert_string_equal(frozen_list(r, PRESENTED_DEBTS), "failed 0 AM04;initiated;initiated;");
	assert_string_equal(frozen_list(r, PRESENTED_LEDGER),
	                    "1 recovery 1250 2026-03-11 1 -;1 failed_recovery -1250 2026-03-13 - -;");
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
	assert_int_equal(r->count[COUNT_DEBITS_RETURNED], 1);
}

/* A bank may report the return first: then both rows are posted at once, and the credit only adds the day. */
static void
collection_returned_before_its_credit_moves_no_money_twice(void **state)
{
	struct run *r = presented(state);
	struct collection c;

	take_back(r, ADA, "AM04");
	c = presented_load(r, ADA);
	assert_int_equal(c.state, COLLECTION_RETURNED);
	assert_int_equal(c.booked_on, DATE_NONE);
	assert_string_equal(frozen_list(r, PRESENTED_LEDGER),
	                    "1 recovery 1250 2026-03-13 1 -;1 failed_recovery -1250 2026-03-13 - -;");
	collection_note_booked(r, &c, frozen_day("2026-03-11"));
	assert_int_equal(presented_load(r, ADA).booked_on, frozen_day("2026-03-11"));
	assert_int_equal(presented_load(r, ADA).state, COLLECTION_RETURNED);
	assert_int_equal(home_number(r, "SELECT count(*) FROM balance_transaction WHERE source_kind = 2"), 2);
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
	assert_int_equal(home_number(r, "SELECT fee_in_cents FROM collection WHERE profile_number = 1"), 350);
}

static void
collection_failed_acts_on_its_mandate_only(void **state)
{
	struct run *r = presented(state);

	presented_reject(r, ADA, "AM04");
	presented_reject(r, BOB, "MD01");
	assert_string_equal(frozen_list(r, "SELECT status FROM mandate ORDER BY number"),
	                    "active;blocked;active;");
}

/* --- a call that would lose or double money ends the process ------------------------------------------------------ */

static void
book_as_loaded_twice(struct run *r)
{
	struct collection c = presented_load(r, ADA);

	collection_book(r, &c, r->on, 1, 1);
	collection_book(r, &c, r->on, 1, 1);
}

static void
fail_as_loaded_twice(struct run *r)
{
	struct collection c = presented_load(r, ADA);

	collection_reject(r, &c, "AM04", r->on, 1, 1);
	collection_reject(r, &c, "AM04", r->on, 1, 1);
}

static void
book_what_failed(struct run *r)
{
	struct collection c = presented_load(r, ADA);

	collection_reject(r, &c, "AM04", r->on, 1, 1);
	collection_book(r, &c, r->on, 1, 1);
}

static void
note_booked_twice(struct run *r)
{
	struct collection c = presented_load(r, ADA);

	collection_return(r, &c, "AM04", r->on, 0, 1, 1);
	collection_note_booked(r, &c, r->on);
	collection_note_booked(r, &c, r->on);
}

static void
note_what_was_rejected_as_booked(struct run *r)
{
	struct collection c = presented_load(r, BOB);

	collection_reject(r, &c, "AM04", r->on, 1, 1);
	collection_note_booked(r, &c, r->on);
}

static void
collection_is_settled_once(void **state)
{
	struct run *r = presented(state);

	home_dies(r, book_as_loaded_twice, EXIT_BUG, "booked twice");
	assert_int_equal(presented_load(r, ADA).state, COLLECTION_BOOKED);
	assert_string_equal(frozen_balances(r), "0;-990;-10000;");
}

static void
settle_what_is_booked(struct run *r)
{
	struct collection c;

	presented_book(r, ADA);
	c = presented_load(r, ADA);
	collection_settle_due(r, &c, true);
}

static void
collection_booked_is_not_settled_by_its_due_date(void **state)
{
	struct run *r = presented(state);

	home_dies(r, settle_what_is_booked, EXIT_BUG, "settled twice");
	assert_string_equal(frozen_balances(r), "0;-990;-10000;");
}

static void
collection_is_credited_once(void **state)
{
	struct run *r = presented(state);

	home_dies(r, note_booked_twice, EXIT_BUG, "booked twice");
	home_dies(r, note_what_was_rejected_as_booked, EXIT_BUG, "booked twice");
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
}

static void
collection_fails_once(void **state)
{
	struct run *r = presented(state);

	home_dies(r, fail_as_loaded_twice, EXIT_BUG, "failed twice");
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
}

static void
collection_that_failed_is_not_booked(void **state)
{
	struct run *r = presented(state);

	home_dies(r, book_what_failed, EXIT_BUG, "booked twice");
	assert_int_equal(presented_load(r, ADA).state, COLLECTION_REJECTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_FROZEN(collection_is_loaded_by_its_id),
	    WITH_FROZEN(collection_of_several_versions_is_that_of_the_last),
	    WITH_FROZEN(collection_accepted_moves_no_money),
	    WITH_FROZEN(collection_booked_settles_its_debt),
	    WITH_FROZEN(collection_settled_by_its_due_date_is_recovered),
	    WITH_FROZEN(collection_settled_by_its_due_date_comes_back),
	    WITH_FROZEN(collection_booked_is_not_settled_by_its_due_date),
	    WITH_FROZEN(collection_rejected_leaves_the_balance),
	    WITH_FROZEN(collection_returned_reverses_the_money),
	    WITH_FROZEN(collection_returned_before_its_credit_moves_no_money_twice),
	    WITH_FROZEN(collection_failed_acts_on_its_mandate_only),
	    WITH_FROZEN(collection_is_settled_once),
	    WITH_FROZEN(collection_is_credited_once),
	    WITH_FROZEN(collection_fails_once),
	    WITH_FROZEN(collection_that_failed_is_not_booked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
