/* payment_state: the status and the amounts of a card payment, derived from its transactions.
 *
 * In the order of their created_at, whatever the order in which they came: so the same transactions give the same payment. Before
 * a capture, what is authorized is Swan's latest word: the sum of the holds that hold something, as lowered or raised last. After
 * one, it is the sum of what they were at most, because Swan lowers a hold by each capture. What goes back gives no status, unless
 * nothing else is known of the payment.
 */
#ifndef CORE_PAYMENT_STATE_H
#define CORE_PAYMENT_STATE_H

#include "formats/money.h"
#include "formats/swan_rules.h"
#include "stages/core/cards/batch.h"

struct payment_state {
	const struct swan_payment *status;
	instant effective_at; /* the first created_at */
	cents authorized;     /* of a rejected payment: what was asked for last */
	cents captured;       /* the sum */
	int64_t rejection;    /* code of the last reason; 0: not rejected */

	/* what the transactions say, from which the amounts above are made; `most`: their highest amount reported */
	cents held, held_most; /* the sum of the holds that hold something, or were captured */
	cents ended;           /* of the last other hold that was for more than zero: its highest amount */
	cents rejected;        /* of the last rejected one that was for more than zero */
	bool went_back;
};

/* Of all transactions of a payment, of which there is one at least. */
void payment_state_find(struct payment_state *p, const struct batch_payment *of);

#endif
