/* pool: see pool.h.
 *
 * source   sqlite.org/c3ref/mem_methods.html: pieces are aligned to 8 bytes, and have the sizes that xRoundup gives
 */
#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stages/core/engine/pool.h"

#define STEP  32   /* sizes are multiples of it */
#define SMALL 2048 /* the largest that is kept */
#define CHUNK 65536

/* Before each piece: its size, or the next free one. */
union head {
	int64_t size;
	union head *next;
};

static union head *spare[SMALL / STEP + 1]; /* by size */
static char *chunk;                         /* what is left of the last one */
static size_t left;

static int
pool_round_up(int n)
{
	return (n + STEP - 1) / STEP * STEP;
}

static union head *
cut_off(size_t size)
{
	void *piece;

	if (left < size) {
		chunk = malloc(CHUNK);
		left = chunk == NULL ? 0 : CHUNK;
	}
	if (chunk == NULL)
		return NULL;
	piece = chunk;
	chunk += size;
	left -= size;
	return piece;
}

static void *
pool_take(int n)
{
	int size = pool_round_up(n);
	size_t whole = sizeof(union head) + (size_t)size;
	union head *h;

	if (size > SMALL)
		h = malloc(whole);
	else if ((h = spare[size / STEP]) != NULL)
		spare[size / STEP] = h->next;
	else
		h = cut_off(whole);
	if (h == NULL)
		return NULL;
	h->size = size;
	return h + 1;
}

static void
pool_give_back(void *piece)
{
	union head *h = (union head *)piece - 1;
	int64_t size = h->size;

	if (size > SMALL) {
		free(h);
		return;
	}
	h->next = spare[size / STEP];
	spare[size / STEP] = h;
}

static int
pool_size(void *piece)
{
	return piece == NULL ? 0 : (int)((union head *)piece - 1)->size;
}

static void *
pool_resize(void *piece, int n)
{
	int before = pool_size(piece);
	void *other;

	if (before > SMALL && n > SMALL) {
		union head *h = realloc((union head *)piece - 1, sizeof(*h) + (size_t)pool_round_up(n));

		if (h == NULL)
			return NULL;
		h->size = pool_round_up(n);
		return h + 1;
	}
	other = pool_take(n);
	if (other == NULL)
		return NULL;
	memcpy(other, piece, (size_t)(before < n ? before : n));
	pool_give_back(piece);
	return other;
}

static int
pool_begin(void *ctx)
{
	(void)ctx;
	return SQLITE_OK;
}

static void
pool_end(void *ctx)
{
	(void)ctx;
}

void
pool_use(void)
{
	static sqlite3_mem_methods pool = {pool_take,     pool_give_back, pool_resize, pool_size,
	                                   pool_round_up, pool_begin,     pool_end,    NULL};

	(void)sqlite3_config(SQLITE_CONFIG_MALLOC, &pool);
}
