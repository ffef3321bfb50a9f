/* bankmoney: what money that the bank booked, or took back, does to one debit or refund.
 *
 * A booking settles it, a return fails it, and a return that is taken back settles it again. Of a debit that was rejected before,
 * a booking and a return cancel out, in whatever order they come.
 */
#ifndef CORE_BANKMONEY_H
#define CORE_BANKMONEY_H

#include "stages/core/bank/bankentry.h"
#include "stages/core/bank/fileaccount.h"

/* To be called when entries were matched, and before any is applied: what was reported of each collection is counted once. */
void bankmoney_begin(struct run *r);

/* Applies, notes or holds an entry that means a debit or refund: unexpected_answer, mandate_differs, amount_differs,
 * wrong_direction, second_credit, second_debit, credit_after_failure, debit_after_failure, second_return,
 * reversal_without_return, reversal_after_reject. */
void bankmoney_apply(struct run *r, const struct bank_entry *n, struct fileaccount *a,
                     struct bank_outcome *o);
/* Is the entry the booking of one that has failed? A person may say that it is, the bank's word alone is not enough. */
bool bankmoney_books_again(struct run *r, const struct bank_entry *n);

#endif
