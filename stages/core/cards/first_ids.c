/* first_ids: see first_ids.h. */
#include <stdlib.h>

#include "formats/memory.h"
#include "stages/core/cards/first_ids.h"

#define BITS \
	(1u << 24) /* 2 MB: of two million ids one in 20 is asked for in vain, of ten million one in two */

struct first_ids {
	uint64_t bits[BITS / 64];
};

struct first_ids *
first_ids_new(struct run *r)
{
	if (value(sql(r->db, "SELECT 1 FROM swan_payment_id UNION ALL SELECT 1 FROM swan_transaction_id LIMIT 1"),
	              0) != 0)
		return NULL;
	return memory_new(1, sizeof(struct first_ids));
}

void
first_ids_free(struct first_ids *f)
{
	free(f);
}

static uint64_t
bit_of(uint64_t place)
{
	return UINT64_C(1) << (place & 63);
}

/* Two bits of an id. */
static uint64_t
first_place(uint64_t hash)
{
	return hash & (BITS - 1);
}

static uint64_t
second_place(uint64_t hash)
{
	return hash >> 32 & (BITS - 1);
}

void
first_ids_add(struct first_ids *f, uint64_t hash)
{
	if (f == NULL)
		return;
	f->bits[first_place(hash) / 64] |= bit_of(first_place(hash));
	f->bits[second_place(hash) / 64] |= bit_of(second_place(hash));
}

bool
first_ids_may_have(const struct first_ids *f, uint64_t hash)
{
	return f == NULL || ((f->bits[first_place(hash) / 64] & bit_of(first_place(hash))) != 0 &&
	                     (f->bits[second_place(hash) / 64] & bit_of(second_place(hash))) != 0);
}
