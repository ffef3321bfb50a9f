/* merchant: who sold something, as Swan names it: the table merchant, which has each combination of words once. */
#ifndef CORE_MERCHANT_H
#define CORE_MERCHANT_H

#include "formats/swan.h"
#include "stages/core/engine/store.h"

/* Does the transaction say anything of a merchant? */
bool merchant_is_named(const struct swan_transaction *t);

/* The number of the merchant of a transaction, which is stored if it is new; inside the caller's unit of work. 0: it names none. */
int64_t merchant_number(struct store *db, const struct swan_transaction *t);

#endif
