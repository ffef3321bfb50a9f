/* reversed: payments of which a merchant reverses more than was captured. The reversal is posted like any other, and reported. */
#ifndef CORE_REVERSED_H
#define CORE_REVERSED_H

#include "stages/core/engine/run.h"

/* A reversal was posted for the payment with this key. Inside the caller's unit of work. */
void reversed_note(struct run *r, int64_t payment);

/* Names and counts those of them of which more was reversed than captured, once all transactions are posted: so their order is not
 * relevant. */
void reversed_report(struct run *r);

#endif
