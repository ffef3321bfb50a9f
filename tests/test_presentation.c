/* presentation: which debts are presented, once and in full, and under which id. */
#include "tests/presented.h"

#include "formats/length.h"

#define ADA FROZEN_ID("4")
#define BOB FROZEN_ID("8")

static void
presentation_presents_each_debt_in_full(void **state)
{
	struct run *r = presented(state);

	assert_string_equal(
	    frozen_list(r, "SELECT end_to_end_id || ' ' || file_number || ' ' || profile_number || ' '"
	                   " || session_number || ' ' || mandate_number || ' ' || presentation || ' '"
	                   " || amount_in_cents || ' ' || amended || ' ' || live || ' ' || state"
	                   " FROM collection ORDER BY profile_number"),
	    FROZEN_ID("4") " 1 1 1 1 1 1250 0 1 presented;" FROZEN_ID(
		"8") " 1 2 1 2 1 990 0 1 presented;" FROZEN_ID("c") " 1 3 1 3 1 10000 0 1 presented;");
	assert_string_equal(frozen_list(r, PRESENTED_DEBTS), "initiated;initiated;initiated;");
	assert_string_equal(frozen_list(r, PRESENTED_LEDGER), "");
}

static void
presentation_presents_a_debt_once(void **state)
{
	struct run *r = presented(state);
	int64_t before = store_changes(r->db);

	tx_begin(r->db);
	presented_make(r, 1);
	tx_commit(r->db);
	assert_int_equal(store_changes(r->db), before);
}

static void
presentation_skips_a_debt_of_zero(void **state)
{
	struct run *r = *state;

	home_exec(r, "DROP TRIGGER debt_amount_is_frozen");
	home_exec(r, "UPDATE debt SET amount_in_cents = 0 WHERE profile_number = 2 AND session_number = 1");
	presented_add(r);
	assert_int_equal(home_number(r, "SELECT count(*) FROM collection"), 2);
	assert_int_equal(home_number(r, "SELECT count(*) FROM collection WHERE profile_number = 2"), 0);
}

static void
presentation_needs_a_mandate_in_force(void **state)
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
		presented_add(r);
		assert_string_equal(frozen_list(r, PRESENTED_DEBTS), "initiated;failed 0 mandate;initiated;");
		assert_string_equal(frozen_list(r, PRESENTED_LEDGER),
		                    "2 recovery 990 2026-03-04 1 -;"
		                    "2 failed_recovery -990 2026-03-04 - -;");
		assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
		assert_int_equal(r->count[COUNT_DEBTS_NOT_PRESENTED], (int64_t)i + 1);
		tx_rollback(r->db);
	}
}

static void
presentation_failed_cents_are_in_the_next_debt(void **state)
{
	struct run *r = *state;

	home_exec(r, "UPDATE mandate SET status = 'suspended' WHERE number = 2");
	presented_add(r);
	presented_reject(r, ADA, "AM04");
	assert_int_equal(debt_assign(r), 2);
	assert_string_equal(
	    frozen_list(r, "SELECT profile_number || ' ' || -sum(amount_in_cents) FROM balance_transaction"
	                   " WHERE session_number = 2 GROUP BY profile_number ORDER BY profile_number"),
	    "1 1250;2 990;");
}

static void
presentation_reports_an_amended_mandate(void **state)
{
	struct run *r = *state;

	presented_add(r); /* the bank has the debits of the first file, of which no debt is presented again */
	home_exec(r, "UPDATE bank_file SET state = 'uploaded'");
	frozen_declare(r, 2, "RUM-2", "Bob", "FR7630006000011234567890189");
	assert_true(mandate_is_amended(r, 4));
	assert_false(mandate_is_amended(r, 1));
	presented_reject(r, BOB, "AM04");
	assert_false(mandate_is_amended(r, 4));
}

/* A debt can be presented again when its debit has failed: the id has the number of the presentation. */
static void
presentation_presented_again_has_another_id(void **state)
{
	struct run *r = presented(state);

	presented_reject(r, ADA, "AM04");
	home_exec(r, "UPDATE bank_file SET state = 'withdrawn'");
	home_exec(r,
	          "UPDATE debt SET status = 'pending', recovered_in_cents = NULL, refunded_in_cents = NULL,"
	          " failure = NULL WHERE profile_number = 1 AND session_number = 1");
	presented_add(r);
	assert_string_equal(frozen_list(r, PRESENTED_STATES),
	                    FROZEN_ID("4") " rejected 0;" FROZEN_ID("8") " presented 1;" FROZEN_ID(
				"c") " presented 1;" FROZEN_ID("4") "-2 presented 1;");
	assert_int_equal(presented_load(r, ADA "-2").file, 2);
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
presentation_of_a_cancelled_file_passes_its_id_on(void **state)
{
	struct run *r = presented(state);

	cancel(r, 1);
	assert_int_equal(presented_load(r, BOB).file, 1);
	assert_int_equal(presented_load(r, BOB).state, COLLECTION_CANCELLED);
	assert_string_equal(frozen_list(r, PRESENTED_DEBTS), "pending;pending;pending;");
	presented_add(r);
	assert_int_equal(presented_load(r, BOB).file, 2);
	assert_int_equal(presented_load(r, BOB).state, COLLECTION_PRESENTED);
	presented_book(r, BOB);
	assert_string_equal(frozen_list(r, "SELECT file_number || ' ' || state FROM collection"
	                                   " WHERE profile_number = 2 ORDER BY 1"),
	                    "1 cancelled;2 booked;");
	assert_string_equal(frozen_list(r, PRESENTED_LEDGER), "2 recovery 990 2026-03-11 1 -;");
}

/* A bank that got the first version would debit another account under the same id. */
static void
presentation_keeps_the_mandate_of_a_cancelled_version(void **state)
{
	static const char *const references[] = {"RUM-2", "RUM-2b"}; /* amended, declared again */
	struct run *r = presented(state);
	size_t i;

	cancel(r, 1);
	for (i = 0; i < LENGTH(references); i++) {
		tx_begin(r->db);
		frozen_declare(r, 2, references[i], "Bob", "FR7630006000011234567890189");
		presented_add(r);
		assert_string_equal(frozen_list(r, PRESENTED_DEBTS), "initiated;failed 0 mandate;initiated;");
		assert_string_equal(frozen_list(r, PRESENTED_LEDGER),
		                    "2 recovery 990 2026-03-04 1 -;"
		                    "2 failed_recovery -990 2026-03-04 - -;");
		assert_int_equal(presented_load(r, BOB).state, COLLECTION_CANCELLED);
		assert_int_equal(presented_load(r, FROZEN_ID("c")).file, 2);
		tx_rollback(r->db);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_FROZEN(presentation_presents_each_debt_in_full),
	    WITH_FROZEN(presentation_presents_a_debt_once),
	    WITH_FROZEN(presentation_skips_a_debt_of_zero),
	    WITH_FROZEN(presentation_needs_a_mandate_in_force),
	    WITH_FROZEN(presentation_failed_cents_are_in_the_next_debt),
	    WITH_FROZEN(presentation_reports_an_amended_mandate),
	    WITH_FROZEN(presentation_presented_again_has_another_id),
	    WITH_FROZEN(presentation_of_a_cancelled_file_passes_its_id_on),
	    WITH_FROZEN(presentation_keeps_the_mandate_of_a_cancelled_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
