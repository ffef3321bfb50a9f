/* withdrawal: two persons take back a released file that the bank does not have, and each cent goes on once. */
#include "tests/withdrawn.h"

static void
rebuild_as_carol(struct run *r)
{
	state_as(r, "carol", WITHDRAWAL_REBUILD);
}

static void
carry_as_carol(struct run *r)
{
	state_as(r, "carol", WITHDRAWAL_CARRY);
}

static void
rebuild_as_builder(struct run *r)
{
	state_as(r, "nightly", WITHDRAWAL_REBUILD);
}

static void
mark_uploaded(struct run *r)
{
	struct bankfile f = load(r, 1);

	release_mark_uploaded(r, &f, "EB-1");
}

/* --- the two statements ------------------------------------------------------------------------------------------- */

static void
the_first_statement_removes_the_copy_and_the_second_withdraws(void **state)
{
	struct run *r = *state;
	struct withdrawal first;

	assert_true(home_has("out/upload/" NAME));
	assert_true(state_as(r, "alice", WITHDRAWAL_REBUILD));
	assert_false(home_has("out/upload/" NAME));
	assert_int_equal(load(r, 1).state, BANKFILE_RELEASED);
	assert_string_equal(frozen_list(r, DEBTS), "initiated;initiated;initiated;");
	assert_true(withdrawal_find(r, 1, &first));
	assert_string_equal(first.person, "alice");
	assert_int_equal(first.way, WITHDRAWAL_REBUILD);
	assert_true(state_as(r, "bob", WITHDRAWAL_REBUILD));
	assert_int_equal(load(r, 1).state, BANKFILE_WITHDRAWN);
	assert_string_equal(
	    frozen_list(r, "SELECT person || ' ' || way || ' ' || why || ' ' || after_upload || after_reject"
	                   " FROM withdrawal ORDER BY person"),
	    "alice rebuild the bank does not list it 00;bob rebuild the bank does not list it 00;");
	assert_int_equal(r->count[COUNT_BANK_FILES_WITHDRAWN], 1);
	home_dies(r, mark_uploaded, EXIT_OVERWRITE, "it must not be at the bank");
}

static void
repeating_a_statement_changes_nothing(void **state)
{
	struct run *r = *state;
	int64_t before;

	assert_true(state_as(r, "alice", WITHDRAWAL_REBUILD));
	before = store_changes(r->db);
	assert_false(state_as(r, "alice", WITHDRAWAL_REBUILD));
	assert_int_equal(store_changes(r->db), before);
	assert_int_equal(load(r, 1).state, BANKFILE_RELEASED);
	assert_true(state_as(r, "bob", WITHDRAWAL_REBUILD));
	before = store_changes(r->db);
	assert_false(state_as(r, "bob", WITHDRAWAL_REBUILD));
	assert_false(state_as(r, "carol", WITHDRAWAL_REBUILD));
	assert_int_equal(store_changes(r->db), before);
	home_dies(r, carry_as_carol, EXIT_OVERWRITE, "is withdrawn as rebuild: a withdrawal is final");
}

static void
both_persons_state_the_same(void **state)
{
	struct run *r = *state;

	assert_true(state_as(r, "alice", WITHDRAWAL_REBUILD));
	home_dies(r, carry_as_carol, EXIT_OVERWRITE,
	          "alice stated --as rebuild: both persons must state the same: `alanpay sepa withdraw");
	assert_true(state_as(r, "alice", WITHDRAWAL_CARRY));
	home_dies(r, rebuild_as_carol, EXIT_OVERWRITE, "alice stated --as carry");
	assert_true(state_as(r, "bob", WITHDRAWAL_CARRY));
	assert_int_equal(load(r, 1).state, BANKFILE_WITHDRAWN);
}

static void
the_builder_does_not_withdraw(void **state)
{
	struct run *r = *state;

	home_dies(r, rebuild_as_builder, EXIT_FORBIDDEN, "nightly built it");
	assert_true(state_as(r, "alice", WITHDRAWAL_REBUILD));
	home_dies(r, rebuild_as_builder, EXIT_FORBIDDEN, "nightly built it");
	assert_int_equal(load(r, 1).state, BANKFILE_RELEASED);
}

/* Alice did not know that Rita had uploaded it. */
static void
a_statement_from_before_the_upload_does_not_count(void **state)
{
	struct run *r = *state;
	struct withdrawal first;

	assert_true(state_as(r, "alice", WITHDRAWAL_REBUILD));
	mark_uploaded(r);
	assert_true(home_has("out/uploaded/" NAME));
	assert_false(withdrawal_find(r, 1, &first));
	assert_true(state_as(r, "bob", WITHDRAWAL_REBUILD));
	assert_int_equal(load(r, 1).state, BANKFILE_UPLOADED);
	assert_true(state_as(r, "alice", WITHDRAWAL_REBUILD));
	assert_int_equal(load(r, 1).state, BANKFILE_WITHDRAWN);
	assert_true(home_has("out/uploaded/" NAME));
}

static void
a_rehearsed_statement_leaves_nothing(void **state)
{
	struct run *r = *state;

	home_rehearse(r);
	assert_true(state_as(r, "alice", WITHDRAWAL_REBUILD));
	assert_true(home_has("out/upload/" NAME));
	home_reopen(r);
	assert_int_equal(home_number(r, "SELECT count(*) FROM withdrawal"), 0);
}

/* Killed between the commit and the removal: the next program removes the copy. */
static void
a_copy_that_was_left_goes_with_the_next_start(void **state)
{
	struct run *r = *state;

	tx_begin(r->db);
	publish_retire(r, "out/upload/" NAME);
	tx_commit(r->db);
	home_reopen(r);
	publish_finish(r);
	assert_false(home_has("out/upload/" NAME));
}

/* --- what the bank has said --------------------------------------------------------------------------------------- */

static void
a_file_that_the_bank_reported_on_is_not_withdrawn(void **state)
{
	static const struct reported reports[] = {
	    OF_ALL("RCVD", NULL, 10),
	    OF_ALL("ACTC", NULL, 10),
	    OF_ALL("RJCT", "AM05", 10), /* it has another copy */
	    {"status", "debit", "PDNG", NULL, BOB, NULL, 0, 10},
	    {"other", NULL, "PDNG", MSG_ID, NULL, NULL, FROZEN_SUM, 10},
	    {"credit", NULL, "BOOK", NULL, CYD, NULL, 12345, 10}, /* held: another amount */
	};
	struct run *r = *state;
	size_t i;

	for (i = 0; i < LENGTH(reports); i++) {
		report(r, &reports[i]);
		reconcile(r);
		home_dies(r, rebuild_as_carol, EXIT_FORBIDDEN, "the bank has reported on it");
		home_exec(r, "DELETE FROM exception");
		home_exec(r, "DELETE FROM bank_entry");
		home_exec(r, "DELETE FROM bank_message");
	}
	withdraw(r, WITHDRAWAL_REBUILD);
}

static void
a_file_with_an_outcome_is_not_withdrawn(void **state)
{
	static const char *const outcomes[] = {
	    "UPDATE collection SET state = 'booked', booked_on = '2026-03-10' WHERE profile_number = 2",
	    "UPDATE collection SET state = 'rejected', live = 0, failed_on = '2026-03-10' WHERE profile_number = 2",
	    "UPDATE collection SET state = 'returned', live = 0, failed_on = '2026-03-10' WHERE profile_number = 2",
	};
	struct run *r = *state;
	size_t i;

	home_exec(r, "DROP TRIGGER collection_stays_dead");
	bankfile_set_state(r, 1, BANKFILE_REJECTED);
	for (i = 0; i < LENGTH(outcomes); i++) {
		exec(sql(r->db, outcomes[i]));
		home_dies(r, rebuild_as_carol, EXIT_FORBIDDEN,
		          "has booked, rejected or returned 1 of its 3 debits");
		home_exec(
		    r,
		    "UPDATE collection SET state = 'presented', live = 1, booked_on = NULL, failed_on = NULL");
	}
	withdraw(r, WITHDRAWAL_REBUILD);
}

/* Acknowledged in the morning, rejected whole in the afternoon: that is normal. */
static void
a_file_that_the_bank_rejected_whole_is_withdrawn(void **state)
{
	struct run *r = *state;

	report(r, &(struct reported)OF_ALL("ACTC", NULL, 10));
	report(r, &(struct reported)OF_ALL("RJCT", "FF01", 14));
	reconcile(r);
	assert_int_equal(load(r, 1).state, BANKFILE_REJECTED);
	withdraw(r, WITHDRAWAL_REBUILD);
	assert_string_equal(frozen_list(r, COLLECTIONS), OF_FILE("1", "", "1", "withdrawn"));
	reconcile(r);
	assert_string_equal(open_codes(r), "");
}

/* The bank took it after all: who is right is for a person to find out first. */
static void
a_file_accepted_after_its_rejection_is_not_withdrawn(void **state)
{
	struct run *r = *state;

	report(r, &(struct reported)OF_ALL("RJCT", "FF01", 10));
	report(r, &(struct reported)OF_ALL("ACTC", NULL, 14));
	reconcile(r);
	bankfile_set_state(r, 1, BANKFILE_REJECTED);
	home_dies(r, rebuild_as_carol, EXIT_FORBIDDEN, "(ACTC of 2026-03-05, in an input)");
	report(r, &(struct reported)OF_ALL("RJCT", "FF01", 16));
	reconcile(r);
	withdraw(r, WITHDRAWAL_REBUILD);
}

/* --- what becomes of the debts ------------------------------------------------------------------------------------ */

static void
debts_never_presented_keep_their_ids_in_the_next_version(void **state)
{
	struct run *r = *state;

	withdraw(r, WITHDRAWAL_REBUILD);
	assert_string_equal(frozen_list(r, DEBTS), "pending;pending;pending;");
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
	make_next(r);
	assert_string_equal(frozen_list(r, COLLECTIONS),
	                    OF_FILE("1", "", "1", "cancelled") OF_FILE("2", "", "1", "presented"));
}

static void
debts_that_the_bank_rejected_get_new_ids(void **state)
{
	struct run *r = *state;

	report(r, &(struct reported)OF_ALL("RJCT", "FF01", 10));
	reconcile(r);
	withdraw(r, WITHDRAWAL_REBUILD);
	assert_string_equal(frozen_list(r, DEBTS), "pending;pending;pending;");
	make_next(r);
	assert_string_equal(frozen_list(r, COLLECTIONS),
	                    OF_FILE("1", "", "1", "withdrawn") OF_FILE("2", "-2", "2", "presented"));
}

/* Accepted first, then rejected whole. */
static void
debts_that_were_accepted_are_free_too(void **state)
{
	struct run *r = *state;

	report(r, &(struct reported)OF_ALL("ACCP", NULL, 10));
	reconcile(r);
	assert_string_equal(frozen_list(r, DEBTS), "executed;executed;executed;");
	report(r, &(struct reported)OF_ALL("RJCT", "FF01", 14));
	reconcile(r);
	withdraw(r, WITHDRAWAL_REBUILD);
	assert_string_equal(frozen_list(r, DEBTS), "pending;pending;pending;");
	make_next(r);
}

static void
carried_debts_fail_and_their_cents_are_in_the_next_session(void **state)
{
	struct run *r = *state;

	withdraw(r, WITHDRAWAL_CARRY);
	assert_string_equal(frozen_list(r, DEBTS), "failed withdrawn;failed withdrawn;failed withdrawn;");
	assert_string_equal(frozen_list(r, "SELECT profile_number || ' ' || amount_in_cents FROM debt_amount"
	                                   " WHERE session_number = 2 ORDER BY profile_number"),
	                    "1 1250;2 990;3 10000;");
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
	assert_string_equal(frozen_list(r, "SELECT status FROM session WHERE number = 1"), "failed;");
	assert_string_equal(frozen_list(r, "SELECT DISTINCT status FROM mandate"), "active;");
	assert_int_equal(r->count[COUNT_DEBTS_CARRIED], 3);
	frozen_check_identity(r);
	frozen_at(r, "2026-03-06T02:30:00Z");
	assert_false(make_bank_file(r, 1, COLLECTION_DEBIT));
}

/* Even with max_failures = 1 the carried debts are collected: it was no failure of the members. */
static void
carried_debts_do_not_count_as_failures(void **state)
{
	struct run *r = *state;

	config_free(r->config);
	r->config = home_config(HOME_CONFIG "[recovery]\nmax_failures = 1\n");
	withdraw(r, WITHDRAWAL_CARRY);
	frozen_at(r, "2026-04-04T02:30:00Z");
	r->as = "nightly";
	frozen_freeze(r, 2);
	assert_int_equal(home_number(r, "SELECT count(*) FROM exclusion WHERE session_number = 2"), 0);
	assert_true(make_bank_file(r, 2, COLLECTION_DEBIT));
	assert_int_equal(load(r, 2).sum, FROZEN_SUM);
}

/* --- what the bank reports later ---------------------------------------------------------------------------------- */

static void
a_late_rejection_of_a_withdrawn_file_is_noted(void **state)
{
	struct run *r = *state;

	withdraw(r, WITHDRAWAL_REBUILD);
	report(r, &(struct reported)OF_ALL("RJCT", "FF01", 16));
	reconcile(r);
	assert_string_equal(open_codes(r), "");
	report(r, &(struct reported)OF_ALL("RJCT", "DU01", 17));
	reconcile(r);
	assert_string_equal(open_codes(r), "unexpected_answer;");
}

/* The persons were wrong: the money is at risk, and is not taken for that of the next version. */
static void
reports_that_name_a_withdrawn_file_are_held(void **state)
{
	static const struct reported reports[] = {
	    OF_ALL("ACCP", NULL, 16),
	    CREDIT(BOB, 990, MSG_ID),
	    RETURN(BOB, 990, MSG_ID),
	    CREDIT(NULL, FROZEN_SUM, MSG_ID),
	};
	struct run *r = *state;
	size_t i;

	present_next(r);
	for (i = 0; i < LENGTH(reports); i++) {
		home_reopen(r);
		tx_begin(r->db);
		report(r, &reports[i]);
		bankentry_apply(r);
		assert_string_equal(open_codes(r), "unexpected_answer;");
		assert_string_equal(
		    frozen_list(r, "SELECT DISTINCT state FROM collection WHERE file_number = 2"),
		    "presented;");
		tx_rollback(r->db);
	}
}

/* A person found out that the bank meant the next version. */
static void
a_person_posts_what_named_a_withdrawn_file(void **state)
{
	struct run *r = *state;
	struct err e = {0};

	present_next(r);
	report(r, &(struct reported)CREDIT(BOB, 990, MSG_ID));
	reconcile(r);
	assert_string_equal(open_codes(r), "unexpected_answer;");
	tx_begin(r->db);
	if (bankpost_apply(r, 1, BANKPOST_CREDIT, BOB, NULL, NULL, &e) < 0)
		fail_msg("%s", e.message);
	tx_commit(r->db);
	assert_string_equal(frozen_balances(r), "-1250;0;-10000;");
}

/* A booking is that of its id: once. The second one is money at risk. */
static void
an_id_that_lives_on_is_booked_once(void **state)
{
	struct run *r = *state;

	withdraw(r, WITHDRAWAL_REBUILD);
	make_next(r);
	report(r, &(struct reported)CREDIT(BOB, 990, NULL));
	reconcile(r);
	assert_string_equal(open_codes(r), "unexpected_answer;"); /* the next version has not left yet */
	bankfile_set_state(r, 2, BANKFILE_UPLOADED);
	reconcile(r);
	assert_string_equal(open_codes(r), "");
	assert_string_equal(frozen_balances(r), "-1250;0;-10000;");
	report(r, &(struct reported)CREDIT(BOB, 990, NULL));
	reconcile(r);
	assert_string_equal(open_codes(r), "second_credit;");
	assert_string_equal(frozen_balances(r), "-1250;0;-10000;");
}

static void
an_id_that_is_spent_is_not_booked(void **state)
{
	struct run *r = *state;

	report(r, &(struct reported)OF_ALL("RJCT", "FF01", 10));
	reconcile(r);
	present_next(r);
	report(r, &(struct reported)CREDIT(BOB, 990, NULL));
	reconcile(r);
	assert_string_equal(open_codes(r), "unexpected_answer;");
	report(r, &(struct reported)CREDIT(BOB "-2", 990, NULL));
	reconcile(r);
	assert_string_equal(open_codes(r), "unexpected_answer;");
	assert_string_equal(frozen_balances(r), "-1250;0;-10000;");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RELEASED(the_first_statement_removes_the_copy_and_the_second_withdraws),
	    RELEASED(repeating_a_statement_changes_nothing),
	    RELEASED(both_persons_state_the_same),
	    RELEASED(the_builder_does_not_withdraw),
	    RELEASED(a_statement_from_before_the_upload_does_not_count),
	    RELEASED(a_rehearsed_statement_leaves_nothing),
	    RELEASED(a_copy_that_was_left_goes_with_the_next_start),
	    UPLOADED(a_file_that_the_bank_reported_on_is_not_withdrawn),
	    UPLOADED(a_file_with_an_outcome_is_not_withdrawn),
	    UPLOADED(a_file_that_the_bank_rejected_whole_is_withdrawn),
	    UPLOADED(a_file_accepted_after_its_rejection_is_not_withdrawn),
	    UPLOADED(debts_never_presented_keep_their_ids_in_the_next_version),
	    UPLOADED(debts_that_the_bank_rejected_get_new_ids),
	    UPLOADED(debts_that_were_accepted_are_free_too),
	    UPLOADED(carried_debts_fail_and_their_cents_are_in_the_next_session),
	    UPLOADED(carried_debts_do_not_count_as_failures),
	    UPLOADED(a_late_rejection_of_a_withdrawn_file_is_noted),
	    UPLOADED(reports_that_name_a_withdrawn_file_are_held),
	    UPLOADED(a_person_posts_what_named_a_withdrawn_file),
	    UPLOADED(an_id_that_lives_on_is_booked_once),
	    UPLOADED(an_id_that_is_spent_is_not_booked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
