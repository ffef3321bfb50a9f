/* swan_rules: what Swan's words mean for a member's payment and balance. Tables in formats/data/swan_*.csv.
 *
 * source   Swan Live Partner schema of 2026-07-17 and docs.swan.io: transaction types, statuses, rejection reasons. Swan
 *          has no reason for a merchant category: category control is the partner's, and its no is PartnerRefused.
 */
#ifndef FORMATS_SWAN_RULES_H
#define FORMATS_SWAN_RULES_H

#include <stdbool.h>

#include "formats/swan.h"

struct swan_event {
	const char *type, *status, *reason; /* reason "*": any */
	const char *payment;                /* authorized, captured, rejected, released */
	const char *event;                  /* of the balance transaction; "" for none */
	int sign; /* of its amount: -1 the member owes, +1 back to the member, 0 a note */
};

/* NULL: no event of a card payment (another kind of transaction), or a status we do not know. */
const struct swan_event *swan_find_event(const struct swan_transaction *t);

/* Does the type belong to card payments at all? */
bool swan_is_card(const char *type);

/* online_payment, other_reason, spending_limit_reached or wrong_merchant_category. `allowed` is a list of merchant
 * category codes separated by blanks. */
const char *swan_rejection(const struct swan_transaction *t, const char *allowed);

#endif
