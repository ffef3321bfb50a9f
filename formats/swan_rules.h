/* swan_rules: what Swan's words mean for a member's payment and balance. Tables in formats/data/swan_*.csv.
 *
 * source   Swan Live Partner schema of 2026-07-17 and docs.swan.io: transaction types, statuses, rejection reasons. Swan
 *          has no reason for a merchant category: category control is the partner's, and its no is PartnerRefused.
 */
#ifndef FORMATS_SWAN_RULES_H
#define FORMATS_SWAN_RULES_H

#include <stdbool.h>

#include "formats/swan.h"

/* What a transaction in a status says. The rows of a type stand in the order in which its statuses follow each other. */
struct swan_event {
	const char *type, *status, *reason; /* reason "*": any */
	const char *payment;                /* what it makes of the payment: a status of swan_payment */
	/* Which amount of the payment it has: authorized, rejected, captured; "": none. */
	const char *amount;
	const char *event; /* of the balance transaction; "" for none */
	/* Of its amount: -1 the member owes, +1 back to the member, 0 a note. */
	int sign;
};

/* NULL: no event of a card payment (another kind of transaction), or a status we do not know. */
const struct swan_event *swan_find_event(const struct swan_transaction *t);

/* The amount that a type tells when its status is one we do not know: authorized or "". What was booked is not guessed. */
const char *swan_asked_amount(const char *type);

/* A status of a payment, and its number in the table code. Of what several transactions make of one payment the row that
 * stands first counts: pointers may be compared. */
struct swan_payment {
	const char *status;
	int code;
};

/* NULL for the status: the one of a payment that no transaction makes anything of. */
const struct swan_payment *swan_find_payment(const char *status);

/* Of two versions of one transaction: below, equal to or above 0 as the first is the older, the same or the newer. The
 * later updatedAt is newer; what was told in the same instant still has an order, so that all agree on one. A version that
 * means something is newer than any that means nothing. */
int swan_compare(const struct swan_transaction *a, const struct swan_transaction *b);

/* Why it was released or rejected; NULL: neither. */
const char *swan_reason(const struct swan_transaction *t);

/* Does the type belong to card payments at all? */
bool swan_is_card(const char *type);

/* online_payment, other_reason, spending_limit_reached or wrong_merchant_category. `allowed` is a list of merchant
 * category codes separated by blanks. */
const char *swan_rejection(const struct swan_transaction *t, const char *allowed);

#endif
