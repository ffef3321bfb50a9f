/* payment: Swan transactions of known members, and the card payments they make: one payment is one Swan paymentId. */
#ifndef CORE_PAYMENT_H
#define CORE_PAYMENT_H

#include "formats/swan.h"
#include "formats/uuid.h"
#include "stages/core/run.h"

struct uuid payment_uuid(const struct run *r, int64_t profile, int64_t number);

/* Applies one version of a transaction: the transaction, its payment, and what it posts. Any order, any repetition: but for
 * the numbers, which are given as things are met, the same versions make the same rows.
 * 0, or -1: it cannot be applied and must be held; code unknown_card (nobody knows whose it is), unattributed_credit (money
 * that is no card payment's), amount_conflict (posted before with another amount), payment_conflict (the payment is another
 * member's), date_in_future, bad_field (also a side that its type never has). */
int payment_apply(struct run *r, const struct swan_transaction *t, int64_t input, long line, struct err *e);

#endif
