/* counter: sentences for people, keys for programs, and no counter without a key of its own. */
#include "formats/length.h"
#include "stages/core/engine/counter.h"
#include "tests/home.h"

static void
counter_says_what_was_counted(void **state)
{
	static const struct {
		struct {
			enum counter c;
			int64_t n;
		} count[3];
		const char *text, *json;
	} cases[] = {
	    {{{COUNT_FILES_APPLIED, 0}}, "nothing to do", "{}"},
	    {{{COUNT_FILES_APPLIED, 1}}, "1 file applied", "{\"files_applied\":1}"},
	    {{{COUNT_BANK_ENTRIES_READ, 2}}, "2 bank entries read", "{\"bank_entries_read\":2}"},
	    {{{COUNT_CENTS_TO_COLLECT, 181654}, {COUNT_DEBITS_WRITTEN, 24}, {COUNT_BANK_FILES_WRITTEN, 1}},
	     "1 bank file written, 24 debits, 1 816.54 EUR to collect",
	     "{\"bank_files_written\":1,\"debits_written\":24,\"cents_to_collect\":181654}"},
	};
	char text[256], json[256];
	size_t i, k;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		int64_t count[COUNTER_COUNT] = {0};
		struct sink_text room = {json, sizeof(json), 0};
		struct json j = {.sink = sink_into(&room)};

		for (k = 0; k < 3; k++)
			count[cases[i].count[k].c] += cases[i].count[k].n;
		assert_int_equal(counter_print_summary(count, text, sizeof(text)), strlen(cases[i].text));
		assert_string_equal(text, cases[i].text);
		json_open(&j, NULL, '{');
		counter_put(&j, count);
		json_close(&j, '}');
		assert_int_equal(sink_end(j.sink, NULL, NULL), 0);
		assert_string_equal(json, cases[i].json);
	}
}

static void
counter_keeps_to_the_size_of_the_text(void **state)
{
	int64_t count[COUNTER_COUNT] = {0};
	char text[64];
	size_t size, n;

	(void)state;
	count[COUNT_FILES_APPLIED] = 1;
	count[COUNT_DEBITS_WRITTEN] = 24;
	for (size = 1; size <= sizeof(text); size++) {
		memset(text, 'x', sizeof(text));
		n = counter_print_summary(count, text, size);
		assert_true(n < size);
		assert_int_equal(strlen(text), n);
		assert_memory_equal(text, "1 file applied, 24 debits", n);
	}
}

static void
counter_has_a_key_that_fits_and_is_its_own(void **state)
{
	char key[COUNTER_KEY], other[COUNTER_KEY];
	int c, d;

	(void)state;
	for (c = 0; c < COUNTER_COUNT; c++) {
		counter_print_key(key, (enum counter)c);
		assert_true(strlen(key) > 0 && strlen(key) < COUNTER_KEY - 1);
		for (d = 0; d < c; d++)
			assert_string_not_equal(key, counter_print_key(other, (enum counter)d));
	}
	assert_int_equal(counter_find("requests", "rejected"), COUNT_REQUESTS_REJECTED);
}

static void
find_what_is_not_counted(struct run *r)
{
	(void)r;
	counter_find("requests", "forgotten");
}

static void
counter_dies_of_a_word_without_a_counter(void **state)
{
	home_dies(*state, find_what_is_not_counted, EXIT_BUG,
	          "the counter requests_forgotten does not exist");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counter_says_what_was_counted),
	    cmocka_unit_test(counter_keeps_to_the_size_of_the_text),
	    cmocka_unit_test(counter_has_a_key_that_fits_and_is_its_own),
	    cmocka_unit_test_setup_teardown(counter_dies_of_a_word_without_a_counter, home_setup,
	                                    home_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
