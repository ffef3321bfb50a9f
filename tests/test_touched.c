/* touched: whatever changes a row, the export knows. */
#include "tests/home.h"

#include "stages/core/engine/touched.h"

#define INSERT \
	"INSERT INTO profile (number, app_id, app_user_id, status, declared_at) VALUES (1, 'alan', 'ada', 'active', 0)"
#define MANY_PAYMENTS                                                                                                 \
	"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"                               \
	" INSERT INTO card_payment (key, swan_payment, status, effective_at, authorized_in_cents, captured_in_cents)" \
	" SELECT 16777216 + 1 + %d * (%d - i), CAST(i AS BLOB), 13, 0, 0, 0 FROM n"

static void
run_unit(struct run *r, const char *text)
{
	tx_begin(r->db);
	home_exec(r, text);
	tx_commit(r->db);
}

struct keys {
	int64_t key[8];
	size_t n;
};

static void
keep_key(void *ctx, int64_t key)
{
	struct keys *keys = ctx;

	if (keys->n < LENGTH(keys->key))
		keys->key[keys->n] = key;
	keys->n++;
}

static void
touched_has_the_tables_that_changed(void **state)
{
	struct run *r = *state;

	run_unit(r, INSERT);
	assert_true(touched_has(r->db, TOUCHED_PROFILE));
	assert_false(touched_has(r->db, TOUCHED_DEBT));
	tx_begin(r->db);
	touched_clear(r->db);
	tx_commit(r->db);
	assert_false(touched_has(r->db, TOUCHED_PROFILE));
	run_unit(r, "UPDATE profile SET status = 'active' WHERE number = 2");
	assert_false(touched_has(r->db, TOUCHED_PROFILE));
	run_unit(r, "UPDATE profile SET status = 'offboarded' WHERE number = 1");
	assert_true(touched_has(r->db, TOUCHED_PROFILE));
}

static void
touched_has_each_row_once_for_each_unit_of_work(void **state)
{
	struct keys keys = {.n = 0};
	struct run *r = *state;
	char text[512];

	snprintf(text, sizeof(text), MANY_PAYMENTS, 3, 1, 3);
	tx_begin(r->db);
	home_exec(r, text);
	home_exec(r, "UPDATE card_payment SET status = 14 WHERE key = 16777217");
	tx_commit(r->db);
	run_unit(r, "UPDATE card_payment SET status = 14 WHERE key > 16777217");
	assert_true(touched_each(r->db, TOUCHED_CARD_PAYMENT, keep_key, &keys));
	assert_int_equal(keys.n, 5);
	assert_int_equal(keys.key[0], 16777217);
	assert_int_equal(keys.key[1], 16777218);
	assert_int_equal(keys.key[2], 16777219);
	assert_int_equal(keys.key[3], 16777218);
	assert_int_equal(keys.key[4], 16777219);
}

static void
touched_keeps_rows_side_by_side_as_one_run(void **state)
{
	struct keys keys = {.n = 0};
	struct run *r = *state;
	char text[512];

	snprintf(text, sizeof(text), MANY_PAYMENTS, 2 * TOUCHED_MOST, 1, 2 * TOUCHED_MOST);
	run_unit(r, text);
	assert_true(touched_each(r->db, TOUCHED_CARD_PAYMENT, keep_key, &keys));
	assert_int_equal(keys.n, 2 * TOUCHED_MOST);
	assert_int_equal(keys.key[0], 16777217);
	assert_int_equal(keys.key[7], 16777224);
	assert_int_equal(value(sql(r->db, "SELECT length(keys) FROM touched WHERE name = 'card_payment'"), 0),
	                       16);
}

/* Runs that meet, one within another, and rows alone between them. */
static void
touched_joins_the_runs_of_a_unit_of_work(void **state)
{
	static const int64_t expected[] = {1, 2, 3, 4, 5, 7, 9, 10};
	struct keys keys = {.n = 0};
	struct run *r = *state;
	char text[512];
	size_t i;

	snprintf(text, sizeof(text), MANY_PAYMENTS, 12, 1, 12);
	run_unit(r, text);
	tx_begin(r->db);
	touched_clear(r->db);
	tx_commit(r->db);
	tx_begin(r->db);
	home_exec(r, "UPDATE card_payment SET status = 14 WHERE number IN (4, 5)");
	home_exec(r, "UPDATE card_payment SET status = 14 WHERE number IN (1, 2)");
	home_exec(r, "UPDATE card_payment SET status = 14 WHERE number IN (9, 10)");
	home_exec(r, "UPDATE card_payment SET status = 14 WHERE number = 7");
	home_exec(r, "UPDATE card_payment SET status = 12 WHERE number BETWEEN 2 AND 4");
	tx_commit(r->db);
	assert_true(touched_each(r->db, TOUCHED_CARD_PAYMENT, keep_key, &keys));
	assert_int_equal(keys.n, LENGTH(expected));
	for (i = 0; i < LENGTH(expected); i++)
		assert_int_equal(keys.key[i], 16777216 + expected[i]);
}

static void
touched_gives_up_on_very_many_runs(void **state)
{
	struct keys keys = {.n = 0};
	struct run *r = *state;
	char text[512];

	snprintf(text, sizeof(text), MANY_PAYMENTS, TOUCHED_MOST, 2, TOUCHED_MOST);
	run_unit(r, text);
	assert_true(touched_each(r->db, TOUCHED_CARD_PAYMENT, keep_key, &keys));
	assert_int_equal(keys.n, TOUCHED_MOST);
	tx_begin(r->db);
	home_exec(r, "UPDATE card_payment SET status = 14 WHERE key > 0");
	home_exec(
	    r,
	    "INSERT INTO card_payment (key, swan_payment, status, effective_at, authorized_in_cents, captured_in_cents)"
	    " VALUES (1, x'00', 13, 0, 0, 0)");
	tx_commit(r->db);
	assert_false(touched_each(r->db, TOUCHED_CARD_PAYMENT, keep_key, &keys));
}

static void
touched_forgets_what_was_rolled_back(void **state)
{
	struct run *r = *state;

	tx_begin(r->db);
	home_exec(r, INSERT);
	tx_rollback(r->db);
	tx_begin(r->db);
	tx_commit(r->db);
	assert_false(touched_has(r->db, TOUCHED_PROFILE));
}

static void
touched_keeps_what_another_unit_inside_did(void **state)
{
	struct run *r = *state;

	tx_begin(r->db);
	tx_begin(r->db);
	home_exec(r, INSERT);
	tx_commit(r->db);
	tx_commit(r->db);
	assert_true(touched_has(r->db, TOUCHED_PROFILE));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(touched_has_the_tables_that_changed),
	    TEST(touched_has_each_row_once_for_each_unit_of_work),
	    TEST(touched_keeps_rows_side_by_side_as_one_run),
	    TEST(touched_joins_the_runs_of_a_unit_of_work),
	    TEST(touched_gives_up_on_very_many_runs),
	    TEST(touched_forgets_what_was_rolled_back),
	    TEST(touched_keeps_what_another_unit_inside_did),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
