/* merchant: who sold something, as Swan names it: the table merchant, which has each combination of words once. */
#ifndef CORE_MERCHANT_H
#define CORE_MERCHANT_H

#include "formats/swan.h"
#include "stages/core/engine/store.h"

/* Does the transaction say anything of a merchant? */
bool merchant_is_named(const struct swan_transaction *t);

#define MERCHANTS      1024
#define MERCHANT_WORDS 200 /* longer ones are looked up each time */

/* The merchants that were met in one unit of work, {0} at its beginning: of those that share a place the last one. A rollback
 * forgets them with it, so that a number which was never stored is never used. */
struct merchant_table {
	struct {
		int64_t number; /* 0: nothing here */
		size_t size;
		char words[MERCHANT_WORDS];
	} row[MERCHANTS];
};

/* The number of the merchant of a transaction, which is stored if it is new; inside the caller's unit of work. 0: it names none. */
int64_t merchant_number(struct store *db, struct merchant_table *met, const struct swan_transaction *t);

#endif
