/* paging: reads one of Swan's lists to its end, and holds it against its own count.
 *
 * Cursors are opaque: if they count places, whatever leaves the list in mid-reading shifts the rest by one, and something is
 * skipped without a word. So a list counts only if its last reading showed as many things as it says it has. A window of
 * transactions that shrinks (something in it was updated, so it is the next window's) is read on from the last updatedAt
 * that was reached, by a new question without a cursor: everything before it was shown, unless the window grew as well. Any
 * other difference: it is read once more from its beginning, and if that does not agree either, not at all. What no count
 * can tell is that one thing left in the moment in which another appeared late: a window ends in the past, where nothing
 * appears any more, and overlaps the one before.
 */
#ifndef CORE_PAGING_H
#define CORE_PAGING_H

#include "stages/core/swan/client.h"

struct paging {
	struct run *run;
	enum client_list list;
	instant from, to; /* of transactions */

	/* One answer: hands its nodes on, fills *page. `reading` grows with every new question without a cursor. */
	int (*read)(void *ctx, int64_t reading, const char *json, size_t length, struct swan_page *page,
	            struct err *e);
	/* How many different things that reading showed. */
	int64_t (*shown)(void *ctx, int64_t reading);
	/* The latest updatedAt that this reading showed; INSTANT_NONE when it was out of order. Of transactions only. */
	instant (*reached)(void *ctx);
	void *ctx;
};

/* Dies as client_ask does; 69 when the list and its count do not agree, 65 when its cursors lead nowhere. */
void paging_read(struct client *s, const struct paging *p);

#endif
