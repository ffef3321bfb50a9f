/* sender: what a Swan transaction that is not of a card is to the books: money of a member, of a card payment, or Alan's own.
 *
 * Which type and side is which stands in formats/data/swan_money.csv. What names a member's payment or transfer is never
 * Alan's own. A debit takes back a transfer received, or a chargeback that was won, if its cents are those. */
#ifndef CORE_SENDER_H
#define CORE_SENDER_H

#include "stages/core/books/reversal.h"
#include "stages/core/cards/named.h"

enum sender {
	SENDER_UNKNOWN,     /* a person decides: *e says what is missing */
	SENDER_NO_MEMBER,   /* Alan's own money, or none that moved: passed over */
	SENDER_OWN_ACCOUNT, /* the same, for its other side is in [swan] own_accounts */
	SENDER_SEEN,        /* a transfer, or what went back of one, that the books have */
	SENDER_CONFIRMED,   /* the same, corrected by a person, in a later version */
	SENDER_PAYMENT,     /* of the card payment *payment */
	SENDER_REVERSAL,    /* takes back *transfer */
};

struct sender_found {
	struct named_payment payment;
	struct reversible transfer;
};

/* `payment`: that of the transaction itself, owner 0 when it is not stored. Codes of *e: amount_conflict, no_longer_booked,
 * unattributed_credit, unattributed_debit, take_back_conflict, and those of swan_check_clear. */
enum sender sender_find(struct run *r, const struct swan_transaction *t, const struct named_payment *payment,
                        struct sender_found *found, struct err *e);

/* Of a payment: what was given by chargebacks that were won, and not taken back yet. */
cents sender_given(struct run *r, const struct named_payment *payment);

#endif
