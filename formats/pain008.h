/* pain008: customer direct debit initiation, pain.008.001.08, SEPA Core; writer.
 *
 * A file is opened with its totals, gets its blocks (payment information), each opened with its totals and
 * getting its debits, and is closed. What was written is counted against the totals; a difference makes the
 * sink fail, and so does a name or an identifier that cannot be written.
 * source   pain.008.001.08 (ISO 20022, 2019), EPC130-08 (SDD Core customer-to-bank guidelines 2025),
 *          GBIC_4 of the German banks; address rule EPC153-22: members in the EEA get none
 */
#ifndef FORMATS_PAIN008_H
#define FORMATS_PAIN008_H

#include <stdbool.h>
#include <stdio.h>

#include "formats/date.h"
#include "formats/iban.h"
#include "formats/money.h"
#include "formats/sink.h"

struct pain008_file {
	const char *msg_id;
	instant created_at; /* written as local time in Paris, without offset and fraction */
	long count;
	cents sum;
	const char *initiating_party; /* names: any UTF-8, converted here to the SEPA set and cut to 70 */
};

struct pain008_block {
	const char *payment_information_id;
	enum { BOOKING_AS_CONTRACT, BOOKING_BATCH, BOOKING_SINGLE } booking;
	long count;
	cents sum;
	const char *sequence_type; /* FRST, RCUR, OOFF or FNAL */
	date collect_on;
	const char *creditor_name;
	const struct iban *creditor_iban;
	const char *creditor_bic; /* NULL: NOTPROVIDED */
	const char *creditor_identifier;
};

struct pain008_debit {
	const char *end_to_end_id;
	cents amount; /* 1 .. 99999999999 */
	const char *mandate_reference;
	date signed_on;
	bool amended; /* the member's IBAN changed since the last debit: AmdmntInd with SMNDA */
	const char *debtor_name;
	const struct iban *debtor_iban;
	const char *debtor_bic; /* NULL: NOTPROVIDED */
	const char *remittance; /* cut to 140 */
};

struct pain008; /* made by open, freed by close */
struct pain008 *pain008_open(struct sink *s, const struct pain008_file *f);
void pain008_block(struct pain008 *p, const struct pain008_block *b);
void pain008_debit(struct pain008 *p, const struct pain008_debit *d);
/* -1: totals differ, there is no debit, or something cannot be written; code pain008. */
int pain008_close(struct pain008 *p, struct err *e);

/* The gate every file passes before it appears: our schema of what SEPA Core and the banks accept, narrower
 * than the ISO one. Code schema, or those of xml_read, with the line. */
int pain008_validate(FILE *in, struct err *e);

#endif
