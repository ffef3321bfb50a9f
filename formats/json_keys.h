/* json_keys: the keys of one object, to find one that is there twice. They are compared as the characters they mean: "a" and
 * "\u0061" are one.
 *
 * Few are compared with each other as they come; many are sorted at the end, which takes no longer for keys that are alike.
 */
#ifndef FORMATS_JSON_KEYS_H
#define FORMATS_JSON_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_KEYS_FEW 32

struct json_key {
	const char *text;
	size_t length;
	const char *from; /* where it stands */
};

struct json_keys {
	size_t n, size;
	uint64_t taken; /* a bit for each key: only those that share it need be compared */
	struct json_key *at, few[JSON_KEYS_FEW];
};

void json_keys_begin(struct json_keys *k);
/* Adds a key; its text must stay until the end. False: it is one of few, and is there already. */
bool json_keys_add(struct json_keys *k, const struct json_key *key);
/* When all were added. Of the keys among many that are there before, where the first stands; NULL: each is there once. */
const char *json_keys_doubled(struct json_keys *k);
void json_keys_end(struct json_keys *k);

#endif
