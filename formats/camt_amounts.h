/* camt_amounts: what the amounts of an entry and of its details mean together (camt.h).
 *
 * The entry's amount is what moved on the account. Of the details, each has an amount of its own or one of AmtDtls, with the
 * charges in it or on top of it: their sum shows which.
 */
#ifndef FORMATS_CAMT_AMOUNTS_H
#define FORMATS_CAMT_AMOUNTS_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/camt.h"

#define MOST_KEPT 64 /* details of one entry */

/* Where the amount of a detail came from: the higher, the better the source. */
enum camt_source { CAMT_NO_AMOUNT, CAMT_INSTRUCTED, CAMT_COUNTER, CAMT_TRANSACTION, CAMT_OWN };

struct camt_charge {
	cents amount; /* in euros; 0 when it is in another currency */
	bool is_credit, is_beside;
};

/* An entry, or a detail of it. */
struct camt_part {
	struct camt_entry entry;
	cents amount, instructed; /* -1: not known */
	enum camt_source source;
	bool has_return, is_success, has_iso_reason;
};

struct camt_batch {
	struct camt_part entry, details[MOST_KEPT + 1]; /* one more for the charges of the entry */
	size_t count;                                   /* of `details` */
	int seen;                                       /* details so far, also of those handed on */
	cents explained,
	    charges;  /* by details that were handed on, in the direction of the entry; their charges */
	bool is_open; /* one of those had no amount */
};

bool camt_add_charge(struct camt_entry *n, const struct camt_charge *c); /* false when it does not fit */

/* A reason that is only in the text of a return, when it can only be that: "MS03", "/RTYP/RTRN/RSN/MS03". */
void camt_find_reason(struct camt_entry *n);

void camt_batch_start(struct camt_batch *b);
void camt_batch_settle_part(struct camt_batch *b); /* the details so far, which go before the entry ends */

/* At the end of the entry: `details` become what is handed on, the entry itself when it has none. NULL, or why they do not add
 * up. */
const char *camt_batch_settle(struct camt_batch *b);

#endif
