/* payment: Swan transactions of known members, and the card payments they make: one payment is one Swan paymentId. */
#ifndef CORE_PAYMENT_H
#define CORE_PAYMENT_H

#include "formats/swan.h"
#include "formats/uuid.h"
#include "stages/core/engine/run.h"


/* Applies one version of a transaction, in the caller's unit of work: the transaction, its payment, and what it posts. Any order, any repetition: but for
 * the numbers, which are given as things are met, the same versions make the same rows.
 * 0, or -1: it cannot be applied and must be held; code unknown_card (nobody knows whose it is), unattributed_credit (money
 * that is no card payment's), amount_conflict (posted before with another amount), payment_conflict (the payment is another
 * member's), date_in_future, bad_field (also a side that its type never has). Money that is in the books as a transfer (see
 * transfer.h) is passed over; code amount_conflict when it is told otherwise now. */
int payment_apply(struct run *r, const struct swan_transaction *t, int64_t input, long line, struct err *e);

/* The same for a card transaction of which a person says that it is this member's: one with unknown_card or payment_conflict.
 * A payment belongs to one member: of another's payment it becomes a payment of its own, keyed by its own id. -1 also
 * (payment_conflict) when payment and card are two other members'. What comes later of the transaction stays with the member. */
int payment_attribute(struct run *r, const struct swan_transaction *t, int64_t profile, int64_t input,
                      long line, struct err *e);

/* Whose the payment of a transaction is; 0: nobody's yet. */
int64_t payment_find_owner(struct run *r, const struct swan_transaction *t);

#endif
