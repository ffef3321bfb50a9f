/* key: the keys of card_payment, balance_transaction and swan_transaction (stages/core/schema.sql), which grow in the order of the
 * members.
 *
 * A payment or balance transaction: member * 2^24 + number, so that a member has at most KEY_MOST_NUMBER of each. A Swan transaction:
 * key of a payment * 2^8 + number, at most KEY_MOST_OF_PAYMENT of each payment. Members are numbered below 2^31: a key is positive. */
#ifndef CORE_KEY_H
#define CORE_KEY_H

#include <stdint.h>

#include "stages/core/engine/store.h"

#define KEY_MEMBER          16777216
#define KEY_PAYMENT         256
#define KEY_MOST_NUMBER     (KEY_MEMBER - 1)
#define KEY_MOST_OF_PAYMENT (KEY_PAYMENT - 1)

/* In SQL text. `profile`, `number` and `payment` are expressions; a payment is its key. */
#define SQL_KEY(profile, number) "(" profile " * " SQL_NUMBER(KEY_MEMBER) " + " number ")"
#define SQL_OF_MEMBER(key, profile)                                          \
	key " BETWEEN " profile " * " SQL_NUMBER(KEY_MEMBER) " AND " profile \
							     " * " SQL_NUMBER(KEY_MEMBER) " + 16777215"
/* The Swan transactions t of a payment. */
#define SQL_OF_PAYMENT(t, payment)                                                                     \
	"((" t ".key BETWEEN " payment " * " SQL_NUMBER(KEY_PAYMENT) " AND " payment " * " SQL_NUMBER( \
	    KEY_PAYMENT) " + 255 AND " t ".moved_to IS NULL) OR " t ".moved_to = " payment ")"
/* The row that has this id of Swan. */
#define SQL_TRANSACTION_KEY(id) "(SELECT i.key FROM swan_transaction_id i WHERE i.id = " id ")"
#define SQL_PAYMENT_KEY(id)     "(SELECT i.key FROM swan_payment_id i WHERE i.id = " id ")"

static inline int64_t
key_of(int64_t profile, int64_t number)
{
	return profile * KEY_MEMBER + number;
}

static inline int64_t
key_member(int64_t key)
{
	return key / KEY_MEMBER;
}

static inline int64_t
key_number(int64_t key)
{
	return key % KEY_MEMBER;
}

#endif
