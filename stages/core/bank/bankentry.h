/* bankentry: what the bank told us, applied in one order whatever order it came in.
 *
 * A reject for duplication changes nothing. Booked money beats status messages. An amount must agree exactly; by what a
 * debit is more, or a credit less, the bank names as its rest, or the entry is held. What cannot be matched is held for a person; it never vanishes.
 */
#ifndef CORE_BANKENTRY_H
#define CORE_BANKENTRY_H

#include "stages/core/engine/run.h"

/* Applies all that is new, and tries again what is held; one unit of work. */
void bankentry_apply(struct run *r);

#endif
