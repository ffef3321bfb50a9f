/* held: Swan transactions that could not be applied: kept whole, every version of them, and tried again every night. */
#ifndef CORE_HELD_H
#define CORE_HELD_H

#include "formats/swan.h"
#include "stages/core/engine/run.h"

#define HELD_RECORD \
	(2 * 65536) /* most bytes of one: a version is at most 64 KiB, and its header goes with it */

/* Keeps this version beside those that are held of its transaction. Inside the caller's unit of work. */
void held_keep(struct run *r, const struct swan_transaction *t, int64_t input, long line,
               const struct err *why);

/* Everything held, once more, in a unit of work of its own: the member may have appeared since, and with it the payment that
 * others wait for. */
void held_retry(struct run *r);

/* Each version of one record, in the order in which they were kept. As transactions_csv_read. */
int held_read(char *record, transactions_csv_fn *version, void *ctx, struct err *e);

#endif
