/* delivery: sends the batches to the app's component over HTTP, where mode = http, and stores its receipts.
 *
 * A request is a chunk: consecutive lines of a batch, byte for byte. Its Idempotency-Key is the chunk's, so that a receiver takes a
 * request that comes again (an answer was lost, this program was killed) as the same one: at least once, and never under another key.
 * The answer has a receipt for each line (formats/receipt.h). A line without one stays pending, and its chunk is sent again by the
 * next run, until it expires.
 * source   RFC 9110 15.5, 15.6 (status codes), 10.2.3 (Retry-After); draft-ietf-httpapi-idempotency-key-header
 */
#ifndef CORE_DELIVERY_H
#define CORE_DELIVERY_H

#include "stages/core/engine/run.h"

/* Sends what awaits a receipt, in the order of its numbers, and stops where the receiver cannot be reached. Outside a unit of work;
 * nothing in a dry run, nor where mode = file. Dies (78) without a secret. */
void delivery_send(struct run *r);

/* Counts what has no receipt. Where mode = http and there is any: a night ends with 3, any other run dies (69). */
void delivery_end(struct run *r);

#endif
