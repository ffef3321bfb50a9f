/* paging: reads one of Swan's lists to its end, and compares it with Swan's own count.
 *
 * A page with more to follow but without a cursor that leads on is asked for again, as if Swan had not answered. Cursors are
 * opaque. If a cursor counts places, a node that leaves the list while it is read shifts the rest by one, and a
 * node is skipped silently. So a list is accepted only if its last reading showed as many different nodes as Swan counts.
 * A window of transactions can shrink: a transaction in it was updated, and belongs to the next window now. Then reading goes
 * on from the last updatedAt that was reached, by a new query without a cursor: everything before it was shown, unless the
 * window also grew. After any other difference the list is read once more from its beginning; if the count differs again,
 * the import ends. A count cannot show that one node left in the moment in which another one appeared late. For this a
 * window ends in the past, where nothing appears any more, and overlaps the window before.
 */
#ifndef CORE_PAGING_H
#define CORE_PAGING_H

#include "stages/core/swan/client.h"

struct paging {
	struct run *run;
	enum client_list list;
	instant from, to; /* of transactions */

	/* Reads the nodes of one answer and fills *page. `reading` grows with every new query without a cursor. */
	int (*read)(void *ctx, int64_t reading, const char *json, size_t length, struct swan_page *page,
	            struct err *e);
	/* How many different nodes that reading showed. */
	int64_t (*shown)(void *ctx, int64_t reading);
	/* The latest updatedAt that this reading showed; INSTANT_NONE when it was out of order. Of transactions only. */
	instant (*reached)(void *ctx);
	void *ctx;
};

/* Dies as client_ask does; 69 when the list and its count differ, or a page that is asked for again leads nowhere, 65 when the
 * list has no end. */
void paging_read(struct client *s, const struct paging *p);

#endif
