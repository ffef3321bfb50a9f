/* sorter: takes records in any order and gives them back in the order of their keys, as bytes; the shorter of two that begin alike comes
 * first, and records with the same key come in the order in which they were put.
 *
 * It uses little more memory than it is given: what is more goes into a file without a name, in sorted runs that are merged.
 */
#ifndef CORE_SORTER_H
#define CORE_SORTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sorter;

struct sorter_record {
	const unsigned char *key, *body; /* until the next call */
	uint32_t key_size, body_size;    /* both together at most SORTER_MOST */
};

#define SORTER_MOST 131072

struct sorter *sorter_open(size_t memory); /* its file is in state/, in the home */
void sorter_close(struct sorter *s);       /* NULL: nothing */

void sorter_put(struct sorter *s, const struct sorter_record *record);

/* From the first record. More may be put after it: then it is to be called once more before the next one is asked for. What stands in
 * the file needs no memory but a buffer for each run. */
void sorter_begin(struct sorter *s);
/* NULL: there are no more. */
const struct sorter_record *sorter_next(struct sorter *s);
/* Whether there is a record with this key. Goes on from the last one: keys are asked for in their order. */
bool sorter_meets(struct sorter *s, const struct sorter_record *key);

#endif
