/* debt: what one member owes in one session, and which balance transactions make it.
 *
 * One identity judges every change, for each member, always: balance + open debt + frozen debt not yet settled = 0.
 */
#ifndef CORE_DEBT_H
#define CORE_DEBT_H

#include "formats/uuid.h"
#include "stages/core/engine/run.h"

/* Gives every balance transaction that waits its debt: first what makes debt goes to the earliest session that is not frozen
 * and whose period has not ended before its day; then what reduces debt goes to the earliest open session in which the member
 * owes, whatever its day, else by its day. Returns how many found one; those that find none wait. */
int64_t debt_assign(struct run *r);
int64_t debt_assign_member(struct run *r, int64_t profile); /* the same for the rows of one */
int64_t debt_count_waiting(struct run *r);

/* Minus the sum of the member's rows in no frozen debt: what may still change. Negative: Alan owes the member. */
cents debt_open(struct run *r, int64_t profile);

/* What may be paid out to the member beyond the refunds on their way: the balance less those. A refund is covered as long
 * as this is not negative with it counted among them. */
cents debt_refundable(struct run *r, int64_t profile);

/* Fixes every amount of a session, moves on what is not collected, and freezes it; one unit of work with the caller's. */
void debt_freeze_session(struct run *r, int64_t session);

void debt_initiate(struct run *r, int64_t profile, int64_t session); /* in a bank file */
int64_t debt_set_free(struct run *r, int64_t file_number); /* out of one that was cancelled: how many */
void debt_execute(struct run *r, int64_t profile, int64_t session); /* the bank accepted it */
void debt_succeed(struct run *r, int64_t profile,
                  int64_t session); /* booked: recovered, or refunded, in full */
void debt_fail(struct run *r, int64_t profile, int64_t session, const char *reason);

#endif
