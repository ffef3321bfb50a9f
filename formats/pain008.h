/* pain008: customer direct debit initiation, pain.008.001.08 or .02, SEPA Core; writer.
 *
 * A file is opened with its totals; then come its blocks with their debits; then pain_close (pain.h) closes it and
 * reports what could not be written.
 * source   pain.008.001.08 (ISO 20022, 2019) and .02 (2009), EPC130-08 (SDD Core customer-to-bank guidelines 2025),
 *          GBIC_4 of the German banks; address rule EPC153-22: members with an account in the EEA get none
 */
#ifndef FORMATS_PAIN008_H
#define FORMATS_PAIN008_H

#include <stdio.h>

#include "formats/pain.h"

struct pain008_debit {
	const char *end_to_end_id;
	cents amount; /* 1 .. 99999999999 */
	const char *mandate_reference;
	date signed_on;
	/* The member's IBAN changed since the last debit: AmdmntInd with SMNDA. */
	bool amended;
	const char *debtor_name;
	const struct iban *debtor_iban;
	const char *debtor_bic; /* NULL: NOTPROVIDED */
	const char *remittance; /* cut to 140 */
	/* What follows: NULL when absent. The creditor that the bank knows of, when it is another since the last debit. */
	const char *original_creditor_name, *original_creditor_identifier;
	const struct pain_address *debtor_address;
	const char *ultimate_debtor, *purpose;
};

struct pain *pain008_open(struct sink *s, const struct pain_file *f);
/* The creditor is us; sequence_type FRST, RCUR, OOFF or FNAL. */
void pain008_block(struct pain *p, const struct pain_block *b, const char *sequence_type,
                   const char *creditor_identifier);
void pain008_debit(struct pain *p, const struct pain008_debit *d);

/* Every file must pass this check before it is published: our schema of what SEPA Core and the banks accept, narrower
 * than the ISO one. Code schema, or those of xml_read, with the line. */
int pain008_validate(FILE *in, enum pain_version version, struct err *e);

#endif
