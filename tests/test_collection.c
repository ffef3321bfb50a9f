/* collection: presented, accepted, booked, rejected, returned; the ledger follows each step once. */
#include "tests/frozen.h"

#include "formats/length.h"
#include "stages/core/books/collection.h"

#define ADA FROZEN_ID("4")
#define BOB FROZEN_ID("8")

static void
make_debits(struct run *r, int64_t file)
{
	const struct collection_place places[SEQUENCES] = {[SEQUENCE_RECURRENT] = {file, 1}};

	collection_make(r, places, 1, COLLECTION_DEBIT);
}

/* A file that has only its row and its collections. */
static void
present(struct run *r)
{
	tx_begin(r->db);
	home_exec(
	    r,
	    "INSERT INTO bank_file (number, kind, session_number, version, msg_id, name,"
	    "  folder, created_at, wanted_on, collect_on, collections, sum_in_cents, sha256,"
	    "  state, built_by, " HOME_FILE_COLUMNS
	    ") SELECT n, 'debit', 1, n, 'M' || n, n || '.xml', 'out/sepa/' || n, 0,"
	    "  '2026-03-10', '2026-03-11', 3, 12240, zeroblob(32), 'uploaded', 'nightly', " HOME_FILE_VALUES
	    " FROM (SELECT count(*) + 1 AS n FROM bank_file)");
	home_add_blocks(r);
	make_debits(r, home_number(r, "SELECT max(number) FROM bank_file"));
	tx_commit(r->db);
}

static struct run *
presented(void **state)
{
	present(*state);
	return *state;
}

static struct collection
load(struct run *r, const char *id)
{
	struct collection c;

	assert_true(collection_load(r, id, &c));
	return c;
}

static void
book(struct run *r, const char *id)
{
	struct collection c = load(r, id);

	collection_book(r, &c, frozen_day("2026-03-11"), 1, 7);
}

static void
reject(struct run *r, const char *id, const char *reason)
{
	struct collection c = load(r, id);

	collection_reject(r, &c, reason, frozen_day("2026-03-13"), 1, 8);
}

static void
take_back(struct run *r, const char *id, const char *reason)
{
	struct collection c = load(r, id);

	collection_return(r, &c, reason, frozen_day("2026-03-13"), 350, 1, 8);
}

#define STATES \
	"SELECT end_to_end_id || ' ' || state || ' ' || live FROM collection ORDER BY presentation, profile_number"
#define DEBTS                                                                                      \
	"SELECT status || coalesce(' ' || recovered_in_cents, '') || coalesce(' ' || failure, '')" \
	" FROM debt WHERE session_number = 1 ORDER BY profile_number"
/* The rows posted for bank entries: member, event, amount, day, settled debt, and whether it has no debt yet. */
#define POSTED_ROWS                                                                                        \
	"SELECT profile_number || ' ' || c.word || ' ' || amount_in_cents || ' ' || transaction_on || ' '" \
	" || coalesce(settled_session, '-') || ' ' || coalesce(session_number, '-')"                       \
	" FROM balance_transaction b JOIN code c ON c.number = b.event WHERE source_kind = 2"              \
	" ORDER BY profile_number, b.number"

static void
collection_presents_each_debt_in_full(void **state)
{
	struct run *r = presented(state);

	assert_string_equal(
	    frozen_list(r, "SELECT end_to_end_id || ' ' || file_number || ' ' || profile_number || ' '"
	                   " || session_number || ' ' || mandate_number || ' ' || presentation || ' '"
	                   " || amount_in_cents || ' ' || amended || ' ' || live || ' ' || state"
	                   " FROM collection ORDER BY profile_number"),
	    FROZEN_ID("4") " 1 1 1 1 1 1250 0 1 presented;" FROZEN_ID(
		"8") " 1 2 1 2 1 990 0 1 presented;" FROZEN_ID("c") " 1 3 1 3 1 10000 0 1 presented;");
	assert_string_equal(frozen_list(r, DEBTS), "initiated;initiated;initiated;");
	assert_string_equal(frozen_list(r, POSTED_ROWS), "");
}

static void
collection_is_loaded_by_its_id(void **state)
{
	struct run *r = presented(state);
	struct collection c = load(r, BOB);

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

static void
collection_presents_a_debt_once(void **state)
{
	struct run *r = presented(state);
	int64_t before = store_changes(r->db);

	tx_begin(r->db);
	make_debits(r, 1);
	tx_commit(r->db);
	assert_int_equal(store_changes(r->db), before);
}

static void
collection_skips_a_debt_of_zero(void **state)
{
	struct run *r = *state;

	home_exec(r, "DROP TRIGGER debt_amount_is_frozen");
	home_exec(r, "UPDATE debt SET amount_in_cents = 0 WHERE profile_number = 2 AND session_number = 1");
	present(r);
	assert_int_equal(home_number(r, "SELECT count(*) FROM collection"), 2);
	assert_int_equal(home_number(r, "SELECT count(*) FROM collection WHERE profile_number = 2"), 0);
}

static void
collection_needs_a_mandate_in_force(void **state)
{
	static const char *const why[] = {
	    "UPDATE mandate SET status = 'suspended' WHERE number = 2",
	    "UPDATE mandate SET status = 'blocked' WHERE number = 2",
	    "UPDATE mandate SET status = 'expired' WHERE number = 2",
	    "UPDATE mandate SET status = 'superseded' WHERE number = 2",
	    "UPDATE mandate SET iban = 'GB29NWBK60161331926819' WHERE number = 2", /* declared anew since the freeze */
	    "UPDATE mandate SET iban = 'SA0380000000608010167519' WHERE number = 2",
	};
	struct run *r = *state;
	size_t i;

	for (i = 0; i < LENGTH(why); i++) {
		tx_begin(r->db);
		exec(sql(r->db, why[i]));
		present(r);
		assert_string_equal(frozen_list(r, DEBTS), "initiated;failed 0 mandate;initiated;");
		assert_string_equal(frozen_list(r, POSTED_ROWS), "2 recovery 990 2026-03-04 1 -;"
		                                                 "2 failed_recovery -990 2026-03-04 - -;");
		assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
		assert_int_equal(r->count[COUNT_DEBTS_NOT_PRESENTED], (int64_t)i + 1);
		tx_rollback(r->db);
	}
}

static void
collection_failed_cents_are_in_the_next_debt(void **state)
{
	struct run *r = *state;

	home_exec(r, "UPDATE mandate SET status = 'suspended' WHERE number = 2");
	present(r);
	reject(r, ADA, "AM04");
	assert_int_equal(debt_assign(r), 2);
	assert_string_equal(
	    frozen_list(r, "SELECT profile_number || ' ' || -sum(amount_in_cents) FROM balance_transaction"
	                   " WHERE session_number = 2 GROUP BY profile_number ORDER BY profile_number"),
	    "1 1250;2 990;");
}

static void
collection_reports_an_amended_mandate(void **state)
{
	struct run *r = *state;

	present(r); /* the bank has the debits of the first file, of which no debt is presented again */
	home_exec(r, "UPDATE bank_file SET state = 'uploaded'");
	frozen_declare(r, 2, "RUM-2", "Bob", "FR7630006000011234567890189");
	assert_true(mandate_is_amended(r, 4));
	assert_false(mandate_is_amended(r, 1));
	reject(r, BOB, "AM04");
	assert_false(mandate_is_amended(r, 4));
}

/* A debt can be presented again when its debit has failed: the id has the number of the presentation. */
static void
collection_presented_again_has_another_id(void **state)
{
	struct run *r = presented(state);

	reject(r, ADA, "AM04");
	home_exec(r, "UPDATE bank_file SET state = 'withdrawn'");
	home_exec(r,
	          "UPDATE debt SET status = 'pending', recovered_in_cents = NULL, refunded_in_cents = NULL,"
	          " failure = NULL WHERE profile_number = 1 AND session_number = 1");
	present(r);
	assert_string_equal(frozen_list(r, STATES),
	                    FROZEN_ID("4") " rejected 0;" FROZEN_ID("8") " presented 1;" FROZEN_ID(
				"c") " presented 1;" FROZEN_ID("4") "-2 presented 1;");
	assert_int_equal(load(r, ADA "-2").file, 2);
}

static void
cancel(struct run *r, int64_t file)
{
	tx_begin(r->db);
	home_exec(
	    r,
	    "UPDATE bank_file SET state = 'cancelled', cancelled_by = 'a', cancelled_at = 0, cancel_why = 'w'"
	    " WHERE number = 1");
	assert_int_equal(collection_cancel(r, file), 3);
	tx_commit(r->db);
}

/* Nothing was presented, so the next version has the same ids; a search by id finds the one in force. */
static void
collection_of_a_cancelled_file_passes_its_id_on(void **state)
{
	struct run *r = presented(state);

	cancel(r, 1);
	assert_int_equal(load(r, BOB).file, 1);
	assert_int_equal(load(r, BOB).state, COLLECTION_CANCELLED);
	assert_string_equal(frozen_list(r, DEBTS), "pending;pending;pending;");
	present(r);
	assert_int_equal(load(r, BOB).file, 2);
	assert_int_equal(load(r, BOB).state, COLLECTION_PRESENTED);
	book(r, BOB);
	assert_string_equal(frozen_list(r, "SELECT file_number || ' ' || state FROM collection"
	                                   " WHERE profile_number = 2 ORDER BY 1"),
	                    "1 cancelled;2 booked;");
	assert_string_equal(frozen_list(r, POSTED_ROWS), "2 recovery 990 2026-03-11 1 -;");
}

/* A bank that got the first version would debit another account under the same id. */
static void
collection_keeps_the_mandate_of_a_cancelled_version(void **state)
{
	static const char *const references[] = {"RUM-2", "RUM-2b"}; /* amended, declared again */
	struct run *r = presented(state);
	size_t i;

	cancel(r, 1);
	for (i = 0; i < LENGTH(references); i++) {
		tx_begin(r->db);
		frozen_declare(r, 2, references[i], "Bob", "FR7630006000011234567890189");
		present(r);
		assert_string_equal(frozen_list(r, DEBTS), "initiated;failed 0 mandate;initiated;");
		assert_string_equal(frozen_list(r, POSTED_ROWS), "2 recovery 990 2026-03-04 1 -;"
		                                                 "2 failed_recovery -990 2026-03-04 - -;");
		assert_int_equal(load(r, BOB).state, COLLECTION_CANCELLED);
		assert_int_equal(load(r, FROZEN_ID("c")).file, 2);
		tx_rollback(r->db);
	}
}

static void
collection_accepted_moves_no_money(void **state)
{
	struct run *r = presented(state);
	struct collection c = load(r, ADA);
	int64_t before;

	collection_accept(r, &c);
	assert_int_equal(load(r, ADA).state, COLLECTION_ACCEPTED);
	assert_string_equal(frozen_list(r, DEBTS), "executed;initiated;initiated;");
	assert_string_equal(frozen_list(r, POSTED_ROWS), "");
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
	struct collection c = load(r, BOB);

	collection_accept(r, &c);
	book(r, ADA);
	book(r, BOB);
	assert_string_equal(frozen_list(r, DEBTS), "succeeded 1250;succeeded 990;initiated;");
	assert_string_equal(frozen_list(r, POSTED_ROWS),
	                    "1 recovery 1250 2026-03-11 1 -;2 recovery 990 2026-03-11 1 -;");
	assert_string_equal(frozen_balances(r), "0;0;-10000;");
	assert_int_equal(load(r, ADA).booked_on, frozen_day("2026-03-11"));
	assert_int_equal(load(r, BOB).state, COLLECTION_BOOKED);
	assert_string_equal(frozen_list(r, "SELECT status FROM session ORDER BY number"), "pending;pending;");
	assert_int_equal(home_number(r, "SELECT count(*) FROM balance_transaction"
	                                " WHERE source_kind = 2 AND input_number = 1 AND line = 7"),
	                 2);
	book(r, FROZEN_ID("c"));
	assert_string_equal(frozen_list(r, "SELECT status FROM session ORDER BY number"),
	                    "succeeded;pending;");
	assert_int_equal(r->count[COUNT_DEBITS_BOOKED], 3);
}

/* As booked on its collection day, and the bank may still report the booking, a return, or a reject. */
static void
collection_settled_by_its_due_date_is_recovered(void **state)
{
	struct run *r = presented(state);
	struct collection c = load(r, ADA);

	collection_accept(r, &c);
	collection_settle_due(r, &c, true);
	c = load(r, BOB);
	collection_settle_due(r, &c, false);
	assert_string_equal(frozen_list(r, DEBTS), "succeeded 1250;succeeded 990;initiated;");
	assert_string_equal(frozen_list(r, POSTED_ROWS),
	                    "1 recovery 1250 2026-03-11 1 -;2 recovery 990 2026-03-11 1 -;");
	assert_string_equal(frozen_balances(r), "0;0;-10000;");
	assert_string_equal(
	    frozen_list(r, "SELECT state || ' ' || settled_on || ' ' || settled_by FROM collection"
	                   " WHERE booked_on IS NULL AND profile_number < 3"),
	    "booked 2026-03-11 acceptance;booked 2026-03-11 silence;");
	c = load(r, ADA);
	assert_true(collection_awaits_note(&c));
	collection_note_booked(r, &c, frozen_day("2026-03-11"));
	c = load(r, ADA);
	assert_false(collection_awaits_note(&c));
	assert_string_equal(frozen_balances(r), "0;0;-10000;");
	assert_int_equal(r->count[COUNT_DEBITS_SETTLED], 2);
	assert_int_equal(r->count[COUNT_BOOKINGS_AFTER_SETTLEMENT], 1);
}

static void
collection_settled_by_its_due_date_comes_back(void **state)
{
	struct run *r = presented(state);
	struct collection c = load(r, ADA);

	collection_settle_due(r, &c, true);
	c = load(r, BOB);
	collection_settle_due(r, &c, true);
	take_back(r, ADA, "AM04");
	reject(r, BOB, "AC04");
	assert_string_equal(frozen_list(r, DEBTS), "failed 0 AM04;failed 0 AC04;initiated;");
	assert_string_equal(frozen_list(r,
	                                "SELECT CAST(sum(amount_in_cents) AS TEXT) FROM balance_transaction"
	                                " WHERE source_kind = 2 GROUP BY profile_number"),
	                    "0;0;");
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
	c = load(r, ADA);
	assert_true(collection_awaits_note(&c));
	collection_note_booked(r, &c, frozen_day("2026-03-11"));
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
	assert_int_equal(r->count[COUNT_BOOKINGS_AFTER_RETURN], 1);
}

static void
collection_rejected_leaves_the_balance(void **state)
{
	struct run *r = presented(state);

	reject(r, ADA, "AM04");
	assert_string_equal(frozen_list(r, STATES), FROZEN_ID("4") " rejected 0;" FROZEN_ID(
							"8") " presented 1;" FROZEN_ID("c") " presented 1;");
	assert_string_equal(frozen_list(r, DEBTS), "failed 0 AM04;initiated;initiated;");
	assert_string_equal(frozen_list(r, POSTED_ROWS),
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

	book(r, ADA);
	take_back(r, ADA, "AM04");
	assert_int_equal(load(r, ADA).state, COLLECTION_RETURNED);
	assert_string_equal(frozen_list(r, DEBTS), "failed 0 AM04;initiated;initiated;");
	assert_string_equal(frozen_list(r, POSTED_ROWS),
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
	c = load(r, ADA);
	assert_int_equal(c.state, COLLECTION_RETURNED);
	assert_int_equal(c.booked_on, DATE_NONE);
	assert_string_equal(frozen_list(r, POSTED_ROWS),
	                    "1 recovery 1250 2026-03-13 1 -;1 failed_recovery -1250 2026-03-13 - -;");
	collection_note_booked(r, &c, frozen_day("2026-03-11"));
	assert_int_equal(load(r, ADA).booked_on, frozen_day("2026-03-11"));
	assert_int_equal(load(r, ADA).state, COLLECTION_RETURNED);
	assert_int_equal(home_number(r, "SELECT count(*) FROM balance_transaction WHERE source_kind = 2"), 2);
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
	assert_int_equal(home_number(r, "SELECT fee_in_cents FROM collection WHERE profile_number = 1"), 350);
}

static void
collection_failed_acts_on_its_mandate_only(void **state)
{
	struct run *r = presented(state);

	reject(r, ADA, "AM04");
	reject(r, BOB, "MD01");
	assert_string_equal(frozen_list(r, "SELECT status FROM mandate ORDER BY number"),
	                    "active;blocked;active;");
}

/* --- a call that would lose or double money ends the process ------------------------------------------------------ */

static void
book_as_loaded_twice(struct run *r)
{
	struct collection c = load(r, ADA);

	collection_book(r, &c, r->on, 1, 1);
	collection_book(r, &c, r->on, 1, 1);
}

static void
fail_as_loaded_twice(struct run *r)
{
	struct collection c = load(r, ADA);

	collection_reject(r, &c, "AM04", r->on, 1, 1);
	collection_reject(r, &c, "AM04", r->on, 1, 1);
}

static void
book_what_failed(struct run *r)
{
	struct collection c = load(r, ADA);

	collection_reject(r, &c, "AM04", r->on, 1, 1);
	collection_book(r, &c, r->on, 1, 1);
}

static void
note_booked_twice(struct run *r)
{
	struct collection c = load(r, ADA);

	collection_return(r, &c, "AM04", r->on, 0, 1, 1);
	collection_note_booked(r, &c, r->on);
	collection_note_booked(r, &c, r->on);
}

static void
note_what_was_rejected_as_booked(struct run *r)
{
	struct collection c = load(r, BOB);

	collection_reject(r, &c, "AM04", r->on, 1, 1);
	collection_note_booked(r, &c, r->on);
}

static void
collection_is_settled_once(void **state)
{
	struct run *r = presented(state);

	home_dies(r, book_as_loaded_twice, EXIT_BUG, "booked twice");
	assert_int_equal(load(r, ADA).state, COLLECTION_BOOKED);
	assert_string_equal(frozen_balances(r), "0;-990;-10000;");
}

static void
settle_what_is_booked(struct run *r)
{
	struct collection c;

	book(r, ADA);
	c = load(r, ADA);
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
	assert_int_equal(load(r, ADA).state, COLLECTION_REJECTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_FROZEN(collection_presents_each_debt_in_full),
	    WITH_FROZEN(collection_is_loaded_by_its_id),
	    WITH_FROZEN(collection_presents_a_debt_once),
	    WITH_FROZEN(collection_skips_a_debt_of_zero),
	    WITH_FROZEN(collection_needs_a_mandate_in_force),
	    WITH_FROZEN(collection_failed_cents_are_in_the_next_debt),
	    WITH_FROZEN(collection_reports_an_amended_mandate),
	    WITH_FROZEN(collection_presented_again_has_another_id),
	    WITH_FROZEN(collection_of_a_cancelled_file_passes_its_id_on),
	    WITH_FROZEN(collection_keeps_the_mandate_of_a_cancelled_version),
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
