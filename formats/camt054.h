/* camt054: bank-to-customer debit credit notification, camt.054.001.08; reader.
 *
 * Pushes one record for each transaction detail of each entry, and one for an entry without details (a
 * bulk booking); entries that are only announced (PDNG, INFO) come too, with their status. Amounts are exact
 * and not negative; `credit` is the direction. What banks write beyond the schema is read where it is clear:
 * an identifier longer than 35 characters reads as "", texts are cut.
 * source   camt.054.001.08 (ISO 20022, 2019), .02 and .04 read alike
 */
#ifndef FORMATS_CAMT054_H
#define FORMATS_CAMT054_H

#include <stdbool.h>
#include <stdio.h>

#include "formats/date.h"
#include "formats/err.h"
#include "formats/money.h"

struct camt_header {
	char msg_id[36];
	instant created_at;
	char account_iban[35]; /* of the notification at hand */
};

struct camt_entry {
	long line; /* of the entry */
	int entry; /* number of the entry in the message, from 1 */
	/* Number of the detail in the entry, from 1. 0: the entry itself (no details), or what its details leave
	 * unexplained of its amount, without ids. */
	int detail;
	/* CRDT: money came to us; the entry's own mark, or the detail's where it has one. */
	bool credit;
	bool reversal;  /* RvslInd */
	char status[5]; /* BOOK, PDNG, INFO, FUTR */
	/* Of this detail, or of the entry when there is none or only one without its own. */
	cents amount;
	cents entry_amount;
	/* What was first asked for, in euros; 0: not known. Of a return, the rest is charges or compensation. */
	cents instructed;
	cents charges;                            /* of this detail that are in the entry's amount */
	date booking_on, value_on;                /* DATE_NONE when absent */
	char domain[5], family[5], sub_family[5]; /* bank transaction code */
	char account_servicer_ref[36];            /* the detail's, else the entry's */
	char end_to_end_id[36], instruction_id[36], mandate_reference[36], msg_id[36],
	    payment_information_id[36];
	long batch_count; /* NbOfTxs of the batch, -1 when absent */
	char reason[36];  /* RtrInf: code or proprietary; "" when this is no return */
	char text[141];   /* additional information */
	/* By RtrInf, else by family UPDD PRDD RCDD RRTN, else by RvslInd. */
	bool is_return;
};

/* Codes those of xml_read, unknown_message (another root or namespace), bad_field (an amount that is not
 * whole euro cents, a direction or a date that is not valid, one of several details without an amount).
 * On -1 nothing that was handed on counts. */
typedef int camt054_fn(void *ctx, const struct camt_header *h, const struct camt_entry *n, struct err *e);
int camt054_read(FILE *in, camt054_fn *each, void *ctx, struct camt_header *h, struct err *e);

#endif
