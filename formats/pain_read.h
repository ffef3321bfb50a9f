/* pain_read: the content of a payment initiation, ours or anybody's: pain.008 (direct debits), pain.001 (credit transfers).
 *
 * Reads by local names, so every version and prefix is read alike, as a stream. A field that is not valid makes no error: its
 * record says so (`problem`), and the rest is read. Texts are cut to their room.
 * source   pain.008.001.02 to .11, pain.001.001.03 to .12 (ISO 20022)
 */
#ifndef FORMATS_PAIN_READ_H
#define FORMATS_PAIN_READ_H

#include <stdbool.h>
#include <stdio.h>

#include "formats/date.h"
#include "formats/err.h"
#include "formats/money.h"

struct pain_read_file {
	bool is_debit;    /* pain.008, else pain.001 */
	char name_id[36]; /* "pain.008.001.08", from the namespace; "pain.008" without one */
	char msg_id[36];
	instant created_at; /* INSTANT_NONE: absent */
	long count;         /* as stated, -1: absent */
	cents sum;
	char initiating_party[141];
	long line; /* of the header */
	char problem[100];
};

struct pain_read_block {
	char payment_information_id[36], sequence_type[5], batch_booking[6];
	long count; /* as stated, -1: absent */
	cents sum;
	date on; /* collection or execution; DATE_NONE: absent */
	char name[141], iban[35], bic[12],
	    creditor_identifier[36]; /* ours: of the creditor, or of who pays */
	long line;
	char problem[100];
};

struct pain_read_transaction {
	char end_to_end_id[36], instruction_id[36];
	cents amount; /* -1: absent, or not in whole euro cents */
	char mandate_reference[36];
	date signed_on;
	char amended[6];                   /* "true", "false", "": absent */
	char name[141], iban[35], bic[12]; /* of the other side */
	char remittance[141], purpose[5];
	long line;
	char problem[100];
};

struct pain_read {
	void *ctx;
	/* The file before its first block; a block before its transactions. Each returns 0, or -1 with *e filled. */
	int (*file)(void *ctx, const struct pain_read_file *f, struct err *e);
	int (*block)(void *ctx, const struct pain_read_block *b, struct err *e);
	int (*transaction)(void *ctx, const struct pain_read_transaction *t, struct err *e);
};

/* Codes those of xml_read, unknown_message for any other document, or what a callback said. */
int pain_read(FILE *in, const struct pain_read *g, struct err *e);

#endif
