/* debt: what one member owes in one session, and which balance transactions make it.
 *
 * After every change, for each member: balance + open debt + frozen debt not yet settled = 0.
 */
#ifndef CORE_DEBT_H
#define CORE_DEBT_H

#include "formats/uuid.h"
#include "stages/core/engine/run.h"

/* Gives every unassigned balance transaction its debt. What increases a debt comes first: it goes to the earliest open session
 * whose period does not end before its day. What reduces a debt goes to the earliest open session in which the member owes,
 * whatever its day, else by its day. Returns how many were assigned; the others stay unassigned until a session is open. */
int64_t debt_assign(struct run *r);
int64_t debt_assign_member(struct run *r, int64_t profile); /* the same for the rows of one member */
int64_t debt_count_unassigned(struct run *r);
/* The cursor that has how many of them the last start of `debts` left. */
#define DEBT_UNASSIGNED_CURSOR "debts.unassigned"
/* The same, with what the members owe by them, and the first of their days (DATE_NONE: there are none). */
struct debt_unassigned {
	int64_t count;
	cents sum;
	date oldest;
};
void debt_sum_unassigned(struct run *r, struct debt_unassigned *u);

/* What the member owes beside frozen debts: minus the sum of those rows. Negative: Alan owes the member. */
cents debt_open(struct run *r, int64_t profile);

/* What may be paid out to the member beyond the refunds that are already on their way: the balance less those. A refund is
 * covered as long as this is not negative when it is counted among them. */
cents debt_refundable(struct run *r, int64_t profile);

/* The status of a debt follows its collection. */
/* Of these members, from the first to the last: the debts that are in a bank file. */
void debt_initiate(struct run *r, int64_t session, int64_t first, int64_t last);
/* Its file was cancelled or withdrawn; returns how many debts. */
int64_t debt_set_free(struct run *r, int64_t file_number);
void debt_execute(struct run *r, int64_t profile, int64_t session); /* the bank accepted it */
/* The bank accepted debts of this file, and then rejected the file. */
void debt_unexecute(struct run *r, int64_t file_number);
/* Booked: recovered, or refunded, in full. */
void debt_succeed(struct run *r, int64_t profile, int64_t session);
/* The same for the debts of the temporary table `booking` (collection.h). */
void debt_succeed_set(struct run *r);
/* A debt that failed was recovered, or refunded, after all; its cents are in another debt since. */
void debt_succeed_again(struct run *r, int64_t profile, int64_t session);
void debt_fail(struct run *r, int64_t profile, int64_t session, const char *reason);
void debt_fail_for(struct run *r, int64_t profile, int64_t session,
                   const char *reason); /* of one that failed: another reason */

#endif
