/* sorter: records come back in the order of their keys, equal ones in the order in which they were put, from memory and from the file. */
#include "tests/home.h"

#include "formats/length.h"
#include "stages/core/home/sorter.h"

#define MOST 6000

struct pair {
	unsigned char key[12];
	uint32_t key_size;
	int number; /* in the order of putting */
};

static struct pair pairs[MOST];

static unsigned
next_random(void)
{
	static unsigned state = 7;

	state = state * 1103515245u + 12345u;
	return state >> 8;
}

/* Few different ones, also such that begin alike. */
static void
put_pair(struct sorter *s, int i)
{
	struct pair *p = &pairs[i];
	unsigned char body[SORTER_MOST - sizeof(p->key)];
	uint32_t k;

	p->number = i;
	p->key_size = next_random() % (sizeof(p->key) + 1);
	for (k = 0; k < p->key_size; k++)
		p->key[k] = (unsigned char)(next_random() % 3 * 127);
	memset(body, i, sizeof(body));
	memcpy(body, &i, sizeof(i));
	sorter_put(s, &(struct sorter_record){.key = p->key,
	                                      .body = body,
	                                      .key_size = p->key_size,
	                                      .body_size = i % 50 == 0
	                                                       ? (uint32_t)sizeof(body)
	                                                       : (uint32_t)sizeof(i) + next_random() % 20});
}

static int
compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	uint32_t least = x->key_size < y->key_size ? x->key_size : y->key_size;
	int order = memcmp(x->key, y->key, least);

	if (order != 0)
		return order;
	if (x->key_size != y->key_size)
		return x->key_size < y->key_size ? -1 : 1;
	return x->number - y->number;
}

static void
require_sorted(struct sorter *s, int n)
{
	static struct pair wanted[MOST];
	const struct sorter_record *r;
	int i, number;

	memcpy(wanted, pairs, (size_t)n * sizeof(*pairs));
	qsort(wanted, (size_t)n, sizeof(*wanted), compare_pairs);
	sorter_begin(s);
	for (i = 0; i < n; i++) {
		r = sorter_next(s);
		assert_non_null(r);
		assert_int_equal(r->key_size, wanted[i].key_size);
		assert_memory_equal(r->key, wanted[i].key, r->key_size);
		memcpy(&number, r->body, sizeof(number));
		assert_int_equal(number, wanted[i].number);
		assert_int_equal(r->body[r->body_size - 1],
		                 r->body_size == sizeof(number) ? r->body[3] : (unsigned char)number);
	}
	assert_null(sorter_next(s));
	assert_null(sorter_next(s));
}

static void
sorter_gives_records_in_the_order_of_their_keys(void **state)
{
	static const size_t memories[] = {0, 4096, 100000, 1 << 24};
	size_t k;
	int i;

	(void)state;
	for (k = 0; k < LENGTH(memories); k++) {
		struct sorter *s = sorter_open(memories[k]);

		require_sorted(s, 0);
		for (i = 0; i < MOST; i++)
			put_pair(s, i);
		require_sorted(s, MOST);
		require_sorted(s, MOST);
		sorter_close(s);
	}
}

static void
sorter_takes_more_after_it_was_read(void **state)
{
	struct sorter *s = sorter_open(20000);
	int i;

	(void)state;
	for (i = 0; i < MOST; i++) {
		put_pair(s, i);
		if (i % 500 == 0)
			require_sorted(s, i + 1);
		if (i % 70 == 0) {
			sorter_begin(s);
			(void)sorter_next(s);
		}
	}
	require_sorted(s, MOST);
	sorter_close(s);
}

static bool
meets(struct sorter *s, const char *key)
{
	return sorter_meets(
	    s, &(struct sorter_record){.key = (const unsigned char *)key, .key_size = (uint32_t)strlen(key)});
}

static void
sorter_says_which_keys_it_has(void **state)
{
	static const char *const keys[] = {"b", "d", "", "d", "bb"};
	struct sorter *s = sorter_open(0);
	size_t i;

	(void)state;
	sorter_begin(s);
	assert_false(meets(s, ""));
	assert_false(meets(s, "b"));
	for (i = 0; i < LENGTH(keys); i++)
		sorter_put(s, &(struct sorter_record){.key = (const unsigned char *)keys[i],
		                                      .key_size = (uint32_t)strlen(keys[i])});
	sorter_begin(s);
	assert_true(meets(s, ""));
	assert_false(meets(s, "a"));
	assert_true(meets(s, "b"));
	assert_true(meets(s, "b"));
	assert_true(meets(s, "bb"));
	assert_false(meets(s, "c"));
	assert_true(meets(s, "d"));
	assert_false(meets(s, "e"));
	assert_false(meets(s, "f"));
	sorter_close(s);
}

static void
put_too_much(struct run *r)
{
	unsigned char key[SORTER_MOST + 1] = {0};

	(void)r;
	sorter_put(sorter_open(0), &(struct sorter_record){.key = key, .key_size = sizeof(key)});
}

static void
sorter_dies_of_a_record_that_is_too_long(void **state)
{
	home_dies(*state, put_too_much, EXIT_BUG, "is sorted");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(sorter_gives_records_in_the_order_of_their_keys, home_setup,
	                                    home_teardown),
	    cmocka_unit_test_setup_teardown(sorter_takes_more_after_it_was_read, home_setup, home_teardown),
	    cmocka_unit_test_setup_teardown(sorter_says_which_keys_it_has, home_setup, home_teardown),
	    cmocka_unit_test_setup_teardown(sorter_dies_of_a_record_that_is_too_long, home_setup,
	                                    home_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
