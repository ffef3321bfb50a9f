/* first_ids: which ids of Swan may be stored while transactions come into books that were empty: a Bloom filter of those that the unit of
 * work added, so that the books are hardly ever asked in vain. In books that are not empty any id may be stored. */
#ifndef CORE_FIRST_IDS_H
#define CORE_FIRST_IDS_H

#include <stdbool.h>
#include <stdint.h>

#include "stages/core/engine/run.h"

struct first_ids;

/* NULL: the books are not empty. */
struct first_ids *first_ids_new(struct run *r);
void first_ids_free(struct first_ids *f);

/* By the hash of an id, of which all bits are mixed; that of a transaction and that of a payment may be the same. Of NULL: nothing, and
 * true. */
void first_ids_add(struct first_ids *f, uint64_t hash);
bool first_ids_may_have(const struct first_ids *f, uint64_t hash);

#endif
