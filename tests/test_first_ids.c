/* first_ids: an id that was added is never said to be new, and of the others few are asked for in vain. */
#include "tests/home.h"

#include "stages/core/cards/first_ids.h"

#define IDS 50000

/* All bits mixed. */
static uint64_t
hash_of(int i)
{
	uint64_t hash = (uint64_t)(i + 1) * 0x9E3779B97F4A7C15u;

	hash = (hash ^ hash >> 30) * 0xBF58476D1CE4E5B9u;
	hash = (hash ^ hash >> 27) * 0x94D049BB133111EBu;
	return hash ^ hash >> 31;
}

static void
what_was_added_may_be_stored(void **state)
{
	struct first_ids *f = first_ids_new(*state);
	int i, in_vain = 0;

	assert_non_null(f);
	for (i = 0; i < IDS; i++)
		first_ids_add(f, hash_of(i));
	for (i = 0; i < IDS; i++) {
		assert_true(first_ids_may_have(f, hash_of(i)));
		in_vain += first_ids_may_have(f, hash_of(IDS + i));
	}
	assert_true(in_vain < IDS / 100);
	first_ids_free(f);
}

static void
in_books_that_are_not_empty_any_id_may_be_stored(void **state)
{
	home_exec(*state, "INSERT INTO swan_payment_id (id, key) VALUES (x'01', 16777217)");
	assert_null(first_ids_new(*state));
	home_exec(*state, "DELETE FROM swan_payment_id");
	home_exec(*state, "INSERT INTO swan_transaction_id (id, key) VALUES (x'01', 4294967553)");
	assert_null(first_ids_new(*state));
	first_ids_add(NULL, hash_of(1));
	assert_true(first_ids_may_have(NULL, hash_of(2)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_was_added_may_be_stored, home_setup, home_teardown),
	    cmocka_unit_test_setup_teardown(in_books_that_are_not_empty_any_id_may_be_stored, home_setup,
	                                    home_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
