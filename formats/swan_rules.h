/* swan_rules: what Swan's words mean for a member's payment and balance. Tables in formats/data/swan_*.csv.
 *
 * source   Swan Live Partner schema of 2026-07-17 and docs.swan.io: transaction types, statuses, rejection reasons. Swan
 *          has no reason for a merchant category: the partner controls categories, and its refusal is PartnerRefused.
 */
#ifndef FORMATS_SWAN_RULES_H
#define FORMATS_SWAN_RULES_H

#include <stdbool.h>

#include "formats/swan.h"

/* What a transaction in a status says. The rows of a type stand in the order in which its statuses follow each other. */
struct swan_event {
	const char *type, *status, *reason; /* reason "*": any */
	const char *payment;                /* the status that the payment gets, one of swan_payment */
	/* Which amount of the payment it has: authorized, ended (a hold that holds nothing any more), rejected, captured; "": none. */
	const char *amount;
	const char *event; /* of the balance transaction; "" for none */
	/* Of its amount: -1 the member owes, +1 back to the member, 0 a note. */
	int sign;
};

/* NULL: no event of a card payment (another kind of transaction), or a status we do not know. */
const struct swan_event *swan_find_event(const struct swan_transaction *t);

/* What one transaction does to money, by its type, side and status. Every one of Swan's words is in the table. */
enum swan_moves {
	SWAN_POSTS,      /* a card payment: swan_find_event says what */
	SWAN_MOVES_NONE, /* a hold, or what is not booked yet, or never */
	SWAN_IS_OWN,     /* Alan's own money: no member's, unless it names a member's payment or transfer */
	SWAN_BRINGS,     /* money of a member, or of a chargeback, or from an account of Alan's */
	SWAN_TAKES_BACK, /* what was brought goes back */
	SWAN_UNCLEAR, /* a person decides: a word whose meaning for money is not known, a side that its type never has */
};

struct swan_money {
	enum swan_moves moves;
	const char *
	    rule; /* which kind of Alan's own money, or why none moved; else the code if a person must decide */
};

/* Never fails: a type or status that is not in the table is unclear, with the code unknown_type or unknown_status. */
struct swan_money swan_find_money(const struct swan_transaction *t);

/* -1 when it is unclear: *e has the code, and says why. */
int swan_check_clear(const struct swan_transaction *t, struct err *e);

/* What Swan has booked of it: negative when it left the account. 0: it is not booked. */
cents swan_booked_cents(const struct swan_transaction *t);

/* The amount that a type gives when we do not know its status: authorized or "". A booked amount is not guessed. */
const char *swan_asked_amount(const char *type);

/* A status of a payment, and its number in the table code. When several transactions give one payment different statuses,
 * the first row counts: pointers may be compared. */
struct swan_payment {
	const char *status;
	int code;
};

/* With NULL: the status of a payment that gets no status from any of its transactions. */
const struct swan_payment *swan_find_payment(const char *status);

/* Of two versions of one transaction: below, equal to or above 0 as the first is the older, the same or the newer. The
 * later updatedAt is newer. Versions of the same instant have an order too, so that the result is always the same. A version
 * that means something is newer than any that means nothing. */
int swan_compare(const struct swan_transaction *a, const struct swan_transaction *b);

/* Why it was released or rejected; NULL: neither. */
const char *swan_reason(const struct swan_transaction *t);

/* Does the type belong to card payments at all? */
bool swan_is_card(const char *type);

/* online_payment, other_reason, spending_limit_reached or wrong_merchant_category. `allowed` is a list of merchant
 * category codes separated by blanks. */
const char *swan_rejection(const struct swan_transaction *t, const char *allowed);

#endif
