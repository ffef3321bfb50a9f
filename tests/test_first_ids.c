/* first_ids: an id that was added is never said to be new, and of the others few are asked for in vain. */
#include "tests/home.h"

#include "stages/core/cards/first_ids.h"

#define IDS 50000

static size_t
make_id(int i, unsigned char bytes[static 16])
{
	memset(bytes, 0, 16);
	memcpy(bytes, &i, sizeof(i));
	return i % 5 == 0 ? 5 : 16;
}

static void
what_was_added_may_be_stored(void **state)
{
	struct first_ids *f = first_ids_new(*state);
	unsigned char id[16];
	int i, in_vain = 0;
	size_t n;

	assert_non_null(f);
	for (i = 0; i < IDS; i++) {
		n = make_id(i, id);
		first_ids_add(f, id, n);
	}
	for (i = 0; i < IDS; i++) {
		n = make_id(i, id);
		assert_true(first_ids_may_have(f, id, n));
		n = make_id(IDS + i, id);
		in_vain += first_ids_may_have(f, id, n);
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
	first_ids_add(NULL, (const unsigned char *)"a", 1);
	assert_true(first_ids_may_have(NULL, (const unsigned char *)"b", 1));
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
