/* named: what a Swan transaction names of the books: a member, by its card, its payment, its origin or its reference. */
#ifndef CORE_NAMED_H
#define CORE_NAMED_H

#include "formats/swan.h"
#include "stages/core/books/reversal.h"
#include "stages/core/engine/run.h"

/* The card payment of a transaction that is stored, and the member to whom it belongs. */
struct named_payment {
	int64_t key; /* core/engine/key.h */
	int64_t owner;
};

/* The payment that t names by its paymentId, or by its origin. False: it is not stored. */
bool named_find_payment(struct run *r, const struct swan_transaction *t, struct named_payment *p);

/* The payment of the transaction itself. False: it is not stored. */
bool named_find_posted_payment(struct run *r, const char *id, struct named_payment *p);

/* The payment of the transaction that t names as its origin. False: that one is not stored. */
bool named_find_origin(struct run *r, const struct swan_transaction *t, struct named_payment *p);

/* The transfer that a debit takes back: one that it names (reversal_find_named), or one that was recorded by hand with the
 * reference of its origin, which is an exception. What is left of it is without what attributed debits took back. False: it names
 * none. */
bool named_find_transfer(struct run *r, const struct swan_transaction *debit, struct reversible *of);

/* The member who is concerned, as far as the books know: of what was posted for it, of its payment, its card, its origin, or of
 * the transfer that it takes back. 0: they know none. */
int64_t named_find_member(struct run *r, const struct swan_transaction *t);

/* Whether a person took back the last decision about which member a transaction belongs to (revocation.h). */
bool named_is_taken_back(struct run *r, const char *id);

/* The member to whom the payment of a transaction belongs; 0: it is not stored. */
int64_t named_find_owner(struct run *r, const struct swan_transaction *t);

#endif
