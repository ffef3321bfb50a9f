/* pain001: customer credit transfer initiation, pain.001.001.09 or .03, SEPA credit transfer; writer.
 *
 * A file is opened with its totals; then come its blocks with their transfers; then pain_close (pain.h) closes it and
 * reports what could not be written.
 * source   pain.001.001.09 (ISO 20022, 2019) and .03 (2009), EPC132-08 (SCT customer-to-bank guidelines 2025), GBIC_4 of
 *          the German banks; no CdtrAgt within the EEA: an IBAN is enough, and some banks refuse NOTPROVIDED there
 */
#ifndef FORMATS_PAIN001_H
#define FORMATS_PAIN001_H

#include <stdio.h>

#include "formats/pain.h"

struct pain001_transfer {
	const char *end_to_end_id;
	cents amount;              /* 1 .. 99999999999 */
	const char *creditor_name; /* who is paid */
	const struct iban *creditor_iban;
	const char *remittance; /* cut to 140 */
	/* Of an account outside of the EEA; otherwise NULL. */
	const char *creditor_bic;
	const struct pain_address *creditor_address;
};

struct pain *pain001_open(struct sink *s, const struct pain_file *f);
void pain001_block(struct pain *p, const struct pain_block *b); /* the debtor is us */
void pain001_transfer(struct pain *p, const struct pain001_transfer *t);

/* Every file must pass this check before it is published, as with pain008_validate. */
int pain001_validate(FILE *in, enum pain_version version, struct err *e);

#endif
