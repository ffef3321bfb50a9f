/* code: words become numbers, once. */
#include "tests/home.h"

#include "stages/core/cards/code.h"

static void
word_keeps_its_number(void **state)
{
	struct run *r = *state;
	struct code_table first = {0}, second = {0};
	int64_t number = code_number(r->db, &first, CODE_SWAN_TYPE, "CardOutDebit");

	assert_int_equal(number, 100);
	assert_int_equal(code_number(r->db, &first, CODE_SWAN_TYPE, "CardOutDebit"), number);
	assert_int_equal(code_number(r->db, &second, CODE_SWAN_TYPE, "CardOutDebit"), number);
	assert_int_equal(home_number(r, "SELECT count(*) FROM code WHERE number >= 100"), 1);
}

static void
same_word_of_two_kinds_has_two_numbers(void **state)
{
	struct run *r = *state;
	struct code_table found = {0};

	assert_int_equal(code_number(r->db, &found, CODE_SWAN_STATUS, "Released"), 100);
	assert_int_equal(code_number(r->db, &found, CODE_SWAN_REASON, "Released"), 101);
	assert_int_equal(code_number(r->db, &found, CODE_SWAN_STATUS, "Released"), 100);
}

static void
word_of_the_schema_keeps_the_number_it_has_there(void **state)
{
	struct run *r = *state;
	struct code_table found = {0};

	assert_int_equal(code_number(r->db, &found, CODE_REJECTION, "other_reason"), 22);
	assert_int_equal(home_number(r, "SELECT count(*) FROM code WHERE number >= 100"), 0);
}

static void
number_of_a_word_is_given_again_after_a_rollback(void **state)
{
	struct run *r = *state;
	struct code_table lost = {0}, found = {0};

	tx_begin(r->db);
	assert_int_equal(code_number(r->db, &lost, CODE_SWAN_STATUS, "Booked"), 100);
	tx_rollback(r->db);
	tx_begin(r->db);
	assert_int_equal(code_number(r->db, &found, CODE_SWAN_STATUS, "Pending"), 100);
	assert_int_equal(code_number(r->db, &found, CODE_SWAN_STATUS, "Booked"), 101);
	tx_commit(r->db);
	assert_int_equal(home_number(r, "SELECT number FROM code WHERE word = 'Booked'"), 101);
}

/* Swan's words are outside text: any number of them, of any length. */
static void
words_that_find_no_room_in_memory_keep_their_numbers_too(void **state)
{
	struct run *r = *state;
	struct code_table found = {0};
	char word[2 * CODE_WORD];
	int64_t number[CODE_WORDS + 10];
	int i;

	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	number[0] = code_number(r->db, &found, CODE_SWAN_REASON, word);
	assert_int_equal(code_number(r->db, &found, CODE_SWAN_REASON, word), number[0]);
	assert_int_equal(found.n, 0);
	for (i = 0; i < CODE_WORDS + 10; i++) {
		snprintf(word, sizeof(word), "word %d", i);
		number[i] = code_number(r->db, &found, CODE_SWAN_REASON, word);
	}
	for (i = 0; i < CODE_WORDS + 10; i++) {
		snprintf(word, sizeof(word), "word %d", i);
		assert_int_equal(code_number(r->db, &found, CODE_SWAN_REASON, word), number[i]);
	}
	assert_int_equal(found.n, CODE_WORDS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(word_keeps_its_number, home_setup, home_teardown),
	    cmocka_unit_test_setup_teardown(same_word_of_two_kinds_has_two_numbers, home_setup,
	                                    home_teardown),
	    cmocka_unit_test_setup_teardown(word_of_the_schema_keeps_the_number_it_has_there, home_setup,
	                                    home_teardown),
	    cmocka_unit_test_setup_teardown(number_of_a_word_is_given_again_after_a_rollback, home_setup,
	                                    home_teardown),
	    cmocka_unit_test_setup_teardown(words_that_find_no_room_in_memory_keep_their_numbers_too,
	                                    home_setup, home_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
