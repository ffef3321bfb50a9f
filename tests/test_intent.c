/* intent: what a unit of work states is numbered without a gap, and is written with its commit. */
#include "tests/home.h"

#include "stages/core/engine/intent.h"

static void
state_act(struct run *r, const char *what)
{
	intent_add(r, "test", what, NULL, "%s", "of a test");
}

static void
intents_are_numbered_in_their_order(void **state)
{
	struct run *r = *state;
	struct intent x;

	tx_begin(r->db);
	state_act(r, "first");
	tx_begin(r->db);
	state_act(r, "inner");
	tx_commit(r->db);
	state_act(r, "last");
	tx_commit(r->db);
	assert_int_equal(intent_last(r), 3);
	assert_true(intent_find(r, 2, &x));
	assert_string_equal(x.what, "inner");
	assert_string_equal(x.kind, "test");
	assert_string_equal(x.detail, "of a test");
	assert_false(x.has_sha256);
	assert_int_equal(x.on, r->on);
	assert_true(intent_find(r, 3, &x));
	assert_string_equal(x.what, "last");
}

static void
more_intents_than_wait_keep_their_order(void **state)
{
	struct run *r = *state;
	struct intent x;
	char what[8];
	int i;

	tx_begin(r->db);
	for (i = 1; i <= 20; i++) {
		snprintf(what, sizeof(what), "%d", i);
		state_act(r, what);
	}
	tx_commit(r->db);
	assert_int_equal(intent_last(r), 20);
	for (i = 1; i <= 20; i++) {
		snprintf(what, sizeof(what), "%d", i);
		assert_true(intent_find(r, i, &x));
		assert_string_equal(x.what, what);
	}
}

static void
intent_of_a_unit_that_was_rolled_back_is_none(void **state)
{
	struct run *r = *state;
	struct intent x;

	tx_begin(r->db);
	state_act(r, "never");
	tx_rollback(r->db);
	tx_begin(r->db);
	state_act(r, "outer");
	tx_begin(r->db);
	state_act(r, "never");
	tx_rollback(r->db);
	tx_commit(r->db);
	assert_int_equal(intent_last(r), 1);
	assert_true(intent_find(r, 1, &x));
	assert_string_equal(x.what, "outer");
	tx_begin(r->db);
	state_act(r, "next");
	tx_commit(r->db);
	assert_int_equal(intent_last(r), 2);
}

static void
intent_without_an_act_is_a_change(void **state)
{
	static const unsigned char digest[SHA256_SIZE] = {1};
	struct run *r = *state;
	struct intent x;

	tx_begin(r->db);
	intent_complete(r, 0, digest, 0);
	tx_commit(r->db);
	assert_true(intent_find(r, 1, &x));
	assert_string_equal(x.kind, "change");
	assert_memory_equal(x.after, digest, SHA256_SIZE);
}

#define PAGE   4096
#define HEADER 32
#define FRAME  24

static uint32_t
big_endian(const unsigned char *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Of the first commit in the write-ahead log: how many frames it has, and which of them is the first one of a page. */
static long
find_frame(uint32_t page, long *frames)
{
	FILE *wal = fopen("state/alanpay.db-wal", "rb");
	unsigned char header[FRAME];
	long i, found = -1;

	assert_non_null(wal);
	for (i = 0;; i++) {
		assert_int_equal(fseek(wal, HEADER + i * (FRAME + PAGE), SEEK_SET), 0);
		assert_int_equal(fread(header, 1, FRAME, wal), FRAME);
		if (found < 0 && big_endian(header) == page)
			found = i;
		if (big_endian(header + 4) != 0)
			break;
	}
	fclose(wal);
	*frames = i + 1;
	return found;
}

/* Else SQLite would read 16 MB once more to write their checksums anew. */
static void
intent_is_written_after_what_a_large_unit_changes(void **state)
{
	struct run *r = *state;
	long frames, found;

	home_exec(r, "CREATE TABLE pad (bytes BLOB)");
	store_write_back(r->db, true);
	store_keep_few_pages(r->db);
	tx_begin(r->db);
	state_act(r, "large");
	home_exec(r, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
	             " INSERT INTO pad SELECT zeroblob(3500) FROM n");
	intent_complete(r, 0, NULL, 0);
	tx_commit(r->db);
	found = find_frame(
	    (uint32_t)home_number(r, "SELECT rootpage FROM sqlite_schema WHERE name = 'intent'"), &frames);
	assert_true(frames > 4000);
	assert_true(found > 4000 / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(intents_are_numbered_in_their_order, home_setup, home_teardown),
	    cmocka_unit_test_setup_teardown(more_intents_than_wait_keep_their_order, home_setup,
	                                    home_teardown),
	    cmocka_unit_test_setup_teardown(intent_of_a_unit_that_was_rolled_back_is_none, home_setup,
	                                    home_teardown),
	    cmocka_unit_test_setup_teardown(intent_without_an_act_is_a_change, home_setup, home_teardown),
	    cmocka_unit_test_setup_teardown(intent_is_written_after_what_a_large_unit_changes, home_setup,
	                                    home_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
