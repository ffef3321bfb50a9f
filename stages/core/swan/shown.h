/* shown: the nodes that Swan shows in a window, each once, whatever came how often and in which order.
 *
 * Of a node that can be read the version with the latest updatedAt counts, of two with the same one the one that came last; and what
 * it was last taken for. They are sorted by id, in memory or in a file: memory use does not grow.
 */
#ifndef CORE_SHOWN_H
#define CORE_SHOWN_H

#include "formats/date.h"
#include "stages/core/swan/staging.h"

struct shown;

struct shown_node {
	enum client_list list;
	unsigned char id[STORE_KEY], membership[STORE_KEY]; /* as store_key has them; membership: of a card */
	size_t id_size, membership_size;                    /* membership_size 0: none */
	int64_t reading;                                    /* that showed it last */
	enum staged what;
	/* Of the version that counts: its record in the spool. INSTANT_NONE: none could be read. */
	instant updated_at;
	int64_t place, size;
};

struct shown *shown_open(void);
void shown_close(struct shown *s); /* NULL: nothing */

/* A node of which updated_at is INSTANT_NONE has no version; one that came before goes on to count. */
void shown_add(struct shown *s, const struct shown_node *n);

/* The nodes of a list, in the order of their ids. NULL: there are no more. */
void shown_begin(struct shown *s, enum client_list list);
const struct shown_node *shown_next(struct shown *s);

#endif
