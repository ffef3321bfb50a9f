/* plainbooking: the new bank entries that leave no question, booked in sets: most of a night's.
 *
 * Such an entry names by its end-to-end id one debit (or refund) that is open, has its amount, names no other mandate, comes in
 * the right direction, names no other file, and is the only open entry with that id; nothing else was reported of the money of that debit, and no
 * status of its file waits. Everything else is for bankentry.h, one by one, which would do the same with these.
 */
#ifndef CORE_PLAINBOOKING_H
#define CORE_PLAINBOOKING_H

#include "stages/core/engine/run.h"

/* Inside the caller's unit of work. */
void plainbooking_apply(struct run *r);

#endif
