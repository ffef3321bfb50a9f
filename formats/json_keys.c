/* json_keys: see json_keys.h. */
#include "formats/json_keys.h"

#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"

void
json_keys_begin(struct json_keys *k)
{
	k->n = 0;
	k->taken = 0;
	k->size = JSON_KEYS_FEW;
	k->at = k->few;
}

static int
compare_keys(const void *a, const void *b)
{
	const struct json_key *m = a, *n = b;

	if (m->length != n->length)
		return m->length < n->length ? -1 : 1;
	return memcmp(m->text, n->text, m->length);
}

static uint64_t
bit_of(const struct json_key *key)
{
	size_t n = key->length;
	unsigned first = n > 0 ? (unsigned char)key->text[0] : 0,
		 last = n > 0 ? (unsigned char)key->text[n - 1] : 0;

	return UINT64_C(1) << ((n * 7 + first * 3 + last) % 64);
}

static struct json_key *
add_key(struct json_keys *k)
{
	if (k->n == k->size) {
		struct json_key *more =
		    memory_resize(k->at == k->few ? NULL : k->at, k->size * 2, sizeof(*more));

		if (k->at == k->few)
			memcpy(more, k->few, sizeof(k->few));
		k->at = more;
		k->size *= 2;
	}
	return &k->at[k->n++];
}

bool
json_keys_add(struct json_keys *k, const struct json_key *key)
{
	struct json_key *last = add_key(k);
	uint64_t bit = bit_of(key);
	size_t i;

	*last = *key;
	for (i = 0; (k->taken & bit) != 0 && k->n <= JSON_KEYS_FEW && i < k->n - 1; i++)
		if (compare_keys(&k->at[i], last) == 0)
			return false;
	k->taken |= bit;
	return true;
}

const char *
json_keys_doubled(struct json_keys *k)
{
	const char *twice = NULL;
	size_t i;

	if (k->n <= JSON_KEYS_FEW)
		return NULL;
	qsort(k->at, k->n, sizeof(*k->at), compare_keys);
	for (i = 1; i < k->n; i++)
		if (compare_keys(&k->at[i - 1], &k->at[i]) == 0) {
			const char *a = k->at[i - 1].from, *b = k->at[i].from, *later = a > b ? a : b;

			if (twice == NULL || later < twice)
				twice = later;
		}
	return twice;
}

void
json_keys_end(struct json_keys *k)
{
	if (k->at != k->few)
		free(k->at);
}
