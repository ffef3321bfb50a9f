/* payment_state: the status and the amounts of a card payment, derived from its transactions.
 *
 * In the order of their created_at, whatever the order in which they came: so the same transactions give the same payment.
 */
#ifndef CORE_PAYMENT_STATE_H
#define CORE_PAYMENT_STATE_H

#include "formats/money.h"
#include "formats/swan_rules.h"
#include "stages/core/engine/store.h"

struct payment_state {
	const struct swan_payment *status;
	instant effective_at;       /* the first created_at */
	cents authorized, rejected; /* the first amount above zero */
	cents captured;             /* the sum */
	int64_t rejection;          /* code of the last reason; 0: not rejected */
};

/* Of a payment that has this transaction only. event: of the transaction; rejection: its code, or 0. */
void payment_state_first(struct payment_state *p, const struct swan_transaction *t,
                         const struct swan_event *event, int64_t rejection);

/* Of a payment whose transactions are stored. */
void payment_state_load(struct payment_state *p, struct store *db, const void *payment, size_t size);

#endif
