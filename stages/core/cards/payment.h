/* payment: Swan transactions of known members, and the card payments they make: one payment is one Swan paymentId. */
#ifndef CORE_PAYMENT_H
#define CORE_PAYMENT_H

#include "formats/swan.h"
#include "stages/core/cards/code.h"
#include "stages/core/engine/run.h"

struct batch;

/* One unit of work in which versions of transactions are applied: {.r = r, .input = number} at its beginning. */
struct payment_work {
	struct run *r;
	int64_t input; /* where the version at hand comes from */
	long line;
	struct code_table codes;
	struct batch *batch; /* payment_begin */
	bool has_decisions;  /* the same: persons decided about Swan transactions */
};

/* For many versions: between these two what is applied stands in memory, until it is written sorted (batch.h). payment_write must be
 * called before others read or post, and before payment_end, which forgets what is not written. payment_move and payment_correct
 * between them end the process (70). */
void payment_begin(struct payment_work *work);
void payment_write(struct payment_work *work);
void payment_end(struct payment_work *work);

/* Applies one version of a transaction, in the caller's unit of work: the transaction, its payment, and what it posts. Versions
 * may come in any order and repeatedly: the same versions make the same rows, apart from the numbers, which are given in the
 * order of arrival. 0, or -1: it cannot be applied and must be held. Codes:
 *   unknown_card         no member is known for its card
 *   unknown_type         Swan's type is not known (formats/data/swan_money.csv)
 *   unknown_status       what its status means for money is not known
 *   unattributed_credit  money that came in and belongs to no card payment
 *   unattributed_debit   money that came in went back, and the books do not have it
 *   take_back_conflict   it names a member's payment or transfer, and takes other cents than were given
 *   amount_conflict      it was posted before with another amount
 *   no_longer_booked     it was posted, and Swan reports later that it is not booked
 *   payment_conflict     the payment is another member's
 *   date_in_future       it is dated more than a day after the business date
 *   bad_field            a side that its type never has, an id that is too long
 *   too_large            its payment has 255 transactions, with those that were moved to it
 * A transaction that a person corrected (correction.h) is compared with the correction only. */
int payment_apply(struct payment_work *work, const struct swan_transaction *t, struct err *e);

/* The same for a card transaction that a person attributed to this member: one with unknown_card or payment_conflict. A
 * payment belongs to one member: if it is another member's, the transaction becomes a payment of its own, keyed by its own
 * id. -1 also (payment_conflict) when payment and card belong to two other members. Later versions of the transaction stay
 * with the member. */
int payment_attribute(struct payment_work *work, const struct swan_transaction *t, int64_t profile,
                      struct err *e);

/* The same for one whose attribution a person took back (named_is_taken_back): the transaction becomes one of this member. What was
 * posted stays with the member who had it, and a correction posts it here. -1 also (too_large) when the payment is full. */
int payment_move(struct payment_work *work, const struct swan_transaction *t, int64_t profile,
                 const char *why, struct err *e);

/* Stores a person's decision that Swan's report counts: what was posted for the transaction, nothing included, becomes what this
 * version has booked, by a contra row. A later version that is stored counts instead. For a transaction of a card, or one that
 * names a card payment: under that payment. -1 (code unknown_card): the books know no member for it. */
int payment_correct(struct payment_work *work, const struct swan_transaction *t, const char *why,
                    struct err *e);

#endif
