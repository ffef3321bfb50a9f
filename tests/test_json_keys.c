/* json_keys: a key that an object has twice is found, and soon in a large one. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "formats/json.h"
#include "formats/json_keys.h"
#include "formats/length.h"

/* Of many keys the first that was there before is named, whatever order they are sorted into. */
static void
json_keys_name_the_first_that_is_doubled(void **state)
{
	static const char letters[] = "zyxwvutsrqponmlkjihgfedcbaZYXWVUTSRQPONMLKJIHGFEDCBA";
	static const char *const places = "0123456789012345678901234567890123456789012345678901234";
	static const char last[] = "bZ";
	struct json_keys k;
	size_t i, n = sizeof(letters) - 1;

	(void)state;
	json_keys_begin(&k);
	for (i = 0; i < n; i++)
		assert_true(json_keys_add(&k, &(struct json_key){&letters[i], 1, &places[i]}));
	assert_null(json_keys_doubled(&k));
	json_keys_end(&k);
	json_keys_begin(&k);
	for (i = 0; i < n + 2; i++)
		assert_true(
		    json_keys_add(&k, &(struct json_key){i < n ? &letters[i] : &last[i - n], 1, &places[i]}));
	assert_ptr_equal(json_keys_doubled(&k), &places[n]);
	json_keys_end(&k);
}

static void
json_keys_refuse_one_of_few_at_once(void **state)
{
	struct json_keys k;

	(void)state;
	json_keys_begin(&k);
	assert_true(json_keys_add(&k, &(struct json_key){"ab", 2, NULL}));
	assert_true(json_keys_add(&k, &(struct json_key){"ab", 1, NULL}));
	assert_true(json_keys_add(&k, &(struct json_key){"", 0, NULL}));
	assert_false(json_keys_add(&k, &(struct json_key){"abc", 2, NULL}));
	json_keys_end(&k);
}

/* Keys of one length that differ in their last characters only; `twice` repeats one of them at the end. The memory ends where the
 * text does, so that the sanitizer sees a byte read too far. */
static char *
many_keys(size_t n, bool twice, size_t *length)
{
	char *text = malloc(n * 32 + 64), *at = text;
	assert_non_null(text);
	*at++ = '{';
	for (size_t i = 0; i < n; i++)
		at += sprintf(at, "\"key-of-one-shape%08zu\":1,\n", i);
	at += sprintf(at, "\"%s\":1}", twice ? "key-of-one-shape\\u00300000007" : "other");
	*length = (size_t)(at - text);
	text = realloc(text, *length);
	assert_non_null(text);
	return text;
}

static void
json_keys_find_a_doubled_key_among_many(void **state)
{
	static const size_t sizes[] = {8, 31, 32, 33, 1000, 64000};
	(void)state;
	for (size_t i = 0; i < LENGTH(sizes); i++)
		for (int twice = 0; twice < 2; twice++) {
			struct err e = {0};
			size_t length;
			char *text = many_keys(sizes[i], twice, &length);
			struct json_value *value = json_parse(text, length, &e);
			assert_true((value == NULL) == twice);
			assert_int_equal(e.line, twice ? (long)sizes[i] + 1 : 0);
			json_free(value);
			free(text);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(json_keys_name_the_first_that_is_doubled),
	    cmocka_unit_test(json_keys_refuse_one_of_few_at_once),
	    cmocka_unit_test(json_keys_find_a_doubled_key_among_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
