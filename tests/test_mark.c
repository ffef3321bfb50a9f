/* mark: who is proved again, and that a mark cannot be changed without being found. pass: the sums. */
#include "tests/home.h"

#include "stages/core/audit/mark.h"
#include "stages/core/audit/pass.h"

/* Two members, one with two transactions. */
static void
fill(struct run *r)
{
	home_exec(
	    r,
	    "INSERT INTO profile (number, app_id, app_user_id, status, declared_at, balance_in_cents, last_transaction)"
	    " VALUES (1, 'alan', '1', 'active', 0, -300, 2), (2, 'alan', '2', 'active', 0, 0, 0)");
	home_exec(
	    r,
	    "INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on,"
	    "  source_kind, source)"
	    " VALUES (16777217, 1, -100, 0, '2026-03-01', 1, 7), (16777218, 1, -200, 0, '2026-03-01', 1, 8)");
	home_exec(r, "CREATE TEMPORARY VIEW audit_posted AS SELECT NULL AS collection WHERE 1 = 0");
}

/* What a clean audit does; returns how many differences the chain has. */
static int64_t
audit(struct run *r, bool full, int64_t *touched)
{
	struct proof p = {.r = r, .full = full};
	struct pass pass = {.r = r};

	mark_begin(&p);
	mark_find(&p, &pass);
	*touched = home_number(r, "SELECT count(*) FROM audit_touched");
	if (p.differences == 0) {
		tx_begin(r->db);
		mark_make(&p);
		tx_commit(r->db);
	}
	home_exec(r, "DROP TABLE audit_touched");
	return p.differences;
}

static void
member_is_proved_once(void **state)
{
	struct run *r = *state;
	int64_t touched;

	fill(r);
	assert_int_equal(audit(r, false, &touched), 0);
	assert_int_equal(touched, 2);
	assert_int_equal(home_number(r, "SELECT sum(transactions) FROM audit_member"), 2);
	assert_int_equal(audit(r, false, &touched), 0);
	assert_int_equal(touched, 0);
	assert_int_equal(home_number(r, "SELECT count(*) FROM audit_mark"), 1);
	assert_int_equal(audit(r, true, &touched), 0);
	assert_int_equal(touched, 2);
	assert_int_equal(home_number(r, "SELECT count(*) FROM audit_mark"), 1);
}

static void
what_is_new_of_a_member_is_found(void **state)
{
	static const char *const changes[] = {
	    "UPDATE profile SET balance_in_cents = 1 WHERE number = 2",
	    "INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on, source_kind, source)"
	    " VALUES (33554433, 1, -1, 0, '2026-03-02', 1, 9)",
	    "INSERT INTO session (number, code, period_start_on, period_end_on, freeze_on, recovery_on, status, opened_by)"
	    " VALUES (1, 'c', '2026-03-01', '2026-03-31', '2026-04-03', '2026-04-10', 'pending', 'configuration')",
	    "INSERT INTO debt (profile_number, session_number, status) VALUES (2, 1, 'pending')",
	    "UPDATE debt SET failure = 'x' WHERE profile_number = 2",
	};
	static const int64_t found[] = {1, 1, 0, 1, 1};
	struct run *r = *state;
	int64_t touched;
	size_t i;

	fill(r);
	assert_int_equal(audit(r, false, &touched), 0);
	for (i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		home_exec(r, changes[i]);
		assert_int_equal(audit(r, false, &touched), 0);
		assert_int_equal(touched, found[i]);
	}
	assert_int_equal(home_number(r, "SELECT count(*) FROM audit_mark"), 5);
	assert_int_equal(audit(r, true, &touched), 0);
}

static void
transaction_of_no_member_is_found(void **state)
{
	struct run *r = *state;
	int64_t touched;

	fill(r);
	assert_int_equal(audit(r, false, &touched), 0);
	home_exec(
	    r,
	    "INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on, source_kind,"
	    "  source) VALUES (50 * 16777216 + 1, 1, -1, 0, '2026-03-02', 1, 9)");
	assert_int_equal(audit(r, false, &touched), 0);
	assert_int_equal(touched, 1);
}

static void
chain_is_found_changed(void **state)
{
	static const char *const changes[][2] = {
	    {"UPDATE audit_member SET digest = digest + 1 WHERE profile_number = 1",
	     "UPDATE audit_member SET digest = digest - 1 WHERE profile_number = 1"},
	    {"UPDATE audit_member SET transactions = 3 WHERE profile_number = 1",
	     "UPDATE audit_member SET transactions = 2 WHERE profile_number = 1"},
	    {"UPDATE audit_mark SET members = 3 WHERE number = 1",
	     "UPDATE audit_mark SET members = 2 WHERE number = 1"},
	    {"UPDATE audit_mark SET number = 9 WHERE number = 2",
	     "UPDATE audit_mark SET number = 2 WHERE number = 9"},
	};
	struct run *r = *state;
	int64_t touched;
	size_t i;

	fill(r);
	for (i = 0; i < 3; i++) {
		assert_int_equal(audit(r, false, &touched), 0);
		home_exec(r, "UPDATE profile SET balance_in_cents = balance_in_cents + 1 WHERE number = 2");
	}
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		home_exec(r, changes[i][0]);
		assert_true(audit(r, true, &touched) > 0);
		home_exec(r, changes[i][1]);
	}
	assert_int_equal(audit(r, true, &touched), 0);
}

static void
sum_depends_on_each_value_and_its_place(void **state)
{
	(void)state;
	assert_true(pass_mix(pass_mix(1, 2), 3) != pass_mix(pass_mix(1, 3), 2));
	assert_true(pass_mix(1, 0) != pass_mix(0, 1));
	assert_true(pass_mix_bytes(1, "12345678", 8) != pass_mix_bytes(1, "12345678\0", 9));
	assert_true(pass_mix_bytes(1, "123456789", 9) != pass_mix_bytes(1, "123456780", 9));
	assert_true(pass_mix_bytes(1, "", 0) != 1);
}

static void
sums_wrap(void **state)
{
	(void)state;
	assert_true(pass_plus(INT64_MAX, 1) == INT64_MIN);
	assert_true(pass_minus(0, INT64_MIN) == INT64_MIN);
	assert_int_equal(pass_minus(3, 5), -2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(member_is_proved_once, home_setup, home_teardown),
	    cmocka_unit_test_setup_teardown(what_is_new_of_a_member_is_found, home_setup, home_teardown),
	    cmocka_unit_test_setup_teardown(transaction_of_no_member_is_found, home_setup, home_teardown),
	    cmocka_unit_test_setup_teardown(chain_is_found_changed, home_setup, home_teardown),
	    cmocka_unit_test(sum_depends_on_each_value_and_its_place),
	    cmocka_unit_test(sums_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
