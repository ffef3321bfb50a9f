/* bankentry: applies bank entries, in the order in which they happened, whatever order their files came in.
 *
 * A reject for duplication changes nothing. A booking is worth more than a status. Amounts must agree exactly, with the fees
 * that the bank reports. An entry that cannot be applied becomes an exception for a person to decide about.
 */
#ifndef CORE_BANKENTRY_H
#define CORE_BANKENTRY_H

#include "stages/core/engine/run.h"

/* Applies new entries, and tries open ones again; one unit of work. */
void bankentry_apply(struct run *r);

#endif
