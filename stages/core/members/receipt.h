/* receipt: what receivers answered about notifications, and so which members count as notified, and since when. */
#ifndef CORE_RECEIPT_H
#define CORE_RECEIPT_H

#include "formats/receipt.h"
#include "stages/core/engine/run.h"

/* Where a receipt stands: in an input, or in the answer to a chunk; the other one is 0. */
struct receipt_source {
	int64_t input, chunk;
};

/* Stores a receipt, inside the caller's unit of work. The first acceptance counts. The same answer again is only counted. A receipt
 * of an unknown notification, with an impossible instant, or with another answer than before opens an exception. */
void receipt_apply(struct run *r, const struct receipt *q, const struct receipt_source *source);

/* Inside the caller's unit of work: notifications without a receipt whose time is over. Whatever is delivered later is not expired. */
void receipt_expire(struct run *r);

/* Inside the caller's unit of work: marks a chunk as answered when none of its notifications is pending. */
bool receipt_close_chunk(struct run *r, int64_t chunk);

int64_t receipt_count_pending(struct run *r);
/* Whether a chunk awaits its answer: what was published only, before mode = http, does not. */
bool receipt_is_awaited(struct run *r);

/* The key of a chunk: that of its request, whenever it is sent. */
#define RECEIPT_KEY 64
char *receipt_print_key(const struct run *r, int64_t batch, int64_t nth, char key[static RECEIPT_KEY]);

/* All receipts of the notifications of a day, in their order. The days that have new ones since receipt_note_written: DATE_NONE
 * after the last. */
void receipt_write_day(struct run *r, date on, struct sink *s);
date receipt_next_day(struct run *r, date after);
date receipt_next_answered_day(struct run *r, date after); /* that has receipts, new or not */
void receipt_note_written(struct run *r);                  /* inside the caller's unit of work */

#endif
