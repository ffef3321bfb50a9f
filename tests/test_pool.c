/* pool: pieces of all sizes keep what was written into them, while others come and go. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <string.h>

#include "stages/core/engine/pool.h"

#define PIECES 700
#define TURNS  20000

static struct {
	unsigned char *at;
	size_t size;
	unsigned char mark;
} pieces[PIECES];

static unsigned
next_random(void)
{
	static unsigned state = 1;

	state = state * 1103515245u + 12345u;
	return state >> 8;
}

/* Small ones most of the time, as SQLite asks for them. */
static size_t
random_size(void)
{
	return 1 + next_random() % (next_random() % 8 == 0 ? 9000 : 300);
}

static void
mark_piece(int i, size_t size)
{
	assert_non_null(pieces[i].at);
	assert_true((uintptr_t)pieces[i].at % 8 == 0);
	assert_true(sqlite3_msize(pieces[i].at) >= size);
	pieces[i].size = size;
	pieces[i].mark = (unsigned char)next_random();
	memset(pieces[i].at, pieces[i].mark, size);
}

static void
require_marked(int i, size_t size)
{
	size_t k;

	for (k = 0; k < size; k++)
		assert_int_equal(pieces[i].at[k], pieces[i].mark);
}

static void
resize_piece(int i)
{
	size_t size = random_size(), before = pieces[i].size;

	pieces[i].at = sqlite3_realloc64(pieces[i].at, size);
	assert_non_null(pieces[i].at);
	require_marked(i, size < before ? size : before);
	mark_piece(i, size);
}

static void
drop_piece(int i)
{
	require_marked(i, pieces[i].size);
	sqlite3_free(pieces[i].at);
	pieces[i].at = NULL;
}

static void
pool_keeps_what_is_in_each_piece(void **state)
{
	int turn, i;

	(void)state;
	for (turn = 0; turn < TURNS; turn++) {
		i = (int)(next_random() % PIECES);
		if (pieces[i].at == NULL) {
			size_t size = random_size();

			pieces[i].at = sqlite3_malloc64(size);
			mark_piece(i, size);
		} else if (next_random() % 3 == 0) {
			resize_piece(i);
		} else {
			drop_piece(i);
		}
	}
	for (i = 0; i < PIECES; i++)
		if (pieces[i].at != NULL)
			drop_piece(i);
}

static void
pool_gives_a_piece_once_more(void **state)
{
	void *first = sqlite3_malloc(100), *second;

	(void)state;
	assert_non_null(first);
	sqlite3_free(first);
	second = sqlite3_malloc(97);
	assert_ptr_equal(second, first);
	sqlite3_free(second);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pool_keeps_what_is_in_each_piece),
	    cmocka_unit_test(pool_gives_a_piece_once_more),
	};

	pool_use();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
