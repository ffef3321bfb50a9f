/* first_ids: which ids of Swan may be stored, while the first transactions of all come into empty books: a Bloom filter of those that the
 * unit of work added, so that the books are hardly ever asked in vain. In books that are not empty any id may be stored. */
#ifndef CORE_FIRST_IDS_H
#define CORE_FIRST_IDS_H

#include <stdbool.h>
#include <stddef.h>

#include "stages/core/engine/run.h"

struct first_ids;

/* NULL: the books are not empty. */
struct first_ids *first_ids_new(struct run *r);
void first_ids_free(struct first_ids *f);

/* An id of a transaction and one of a payment may be the same bytes. Of NULL: nothing, and true. */
void first_ids_add(struct first_ids *f, const unsigned char *id, size_t n);
bool first_ids_may_have(const struct first_ids *f, const unsigned char *id, size_t n);

#endif
