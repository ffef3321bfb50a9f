/* pain: what the payment initiations, pain.008 and pain.001, have in common: header, blocks, totals, parties, accounts;
 * used only by their writers.
 *
 * A message is opened with its totals; then come its blocks (payment information), each with its totals and its
 * transactions; then it is closed. What was written is compared with the totals. The first error is kept for pain_close,
 * and makes the sink fail.
 * limits   1 to 99999999999 cents a transaction, names 70 characters, remittance 140, identifiers 35
 * source   pain.008.001.08 and pain.001.001.09 (ISO 20022, 2019), pain.008.001.02 and pain.001.001.03 (2009), EPC130-08 and
 *          EPC132-08 (customer-to-bank guidelines), EPC153-22 (addresses: town and country have fields of their own)
 */
#ifndef FORMATS_PAIN_H
#define FORMATS_PAIN_H

#include <stdbool.h>

#include "formats/date.h"
#include "formats/iban.h"
#include "formats/money.h"
#include "formats/sink.h"
#include "formats/xml.h"

/* The messages of a year; the elements are the same but for a few names. */
enum pain_version {
	PAIN_2019, /* pain.008.001.08, pain.001.001.09 */
	PAIN_2009, /* pain.008.001.02, pain.001.001.03 */
};

/* NULL: absent; of an address, town and country are required. */
struct pain_address {
	const char *street, *building, *postcode, *town, *country; /* country: alpha-2 */
	const char *line[2];
};

struct pain_file {
	enum pain_version version;
	const char *msg_id;
	instant created_at; /* written as local time in Paris, without offset and fraction */
	long count;
	cents sum;
	const char *initiating_party; /* names: any UTF-8, converted to the SEPA set and cut to 70 */
};

struct pain_block {
	const char *payment_information_id;
	enum { BOOKING_AS_CONTRACT, BOOKING_BATCH, BOOKING_SINGLE } booking;
	long count;
	cents sum;
	date on;          /* asked of the bank: collection or execution */
	const char *name; /* ours, as creditor or debtor */
	const struct iban *iban;
	const char *bic;               /* NULL: NOTPROVIDED */
	const char *ultimate_creditor; /* of debits; NULL: we collect for ourselves */
};

struct pain_totals {
	long count;
	cents sum;
};

struct pain {
	struct sink *sink;
	struct xml_writer *xml;
	enum pain_version version;
	bool in_block;
	struct pain_totals file_promised, file, block_promised, block;
	struct err why; /* code "" while all is well */
};

/* Made by open, freed by close. `root` is the element below Document. */
struct pain *pain_open(struct sink *s, const char *xmlns, const char *root, const struct pain_file *f);
/* PmtInf with what stands first in it, up to its totals; a block before it is ended. */
void pain_begin_block(struct pain *p, const struct pain_block *b, const char *method);
/* A transaction, its `element` begun and its end-to-end id in it. */
void pain_begin_transaction(struct pain *p, const char *element, const char *end_to_end_id);
void pain_end_transaction(struct pain *p, const char *remittance, cents amount); /* NULL or "": no text */
/* -1: totals differ, there is no transaction, or something cannot be written; code pain. */
int pain_close(struct pain *p, struct err *e);

/* The first error is kept. */
void pain_refuse(struct pain *p, const char *element, const char *because);
/* Names and remittance are converted to the SEPA set; identifiers only checked: a changed one would match nothing later. */
void pain_put_identifier(struct pain *p, const char *element, const char *id);
void pain_put_text(struct pain *p, const char *element, const char *text, size_t most); /* at most 140 */
void pain_put_party(struct pain *p, const char *element, const char *name);
void pain_put_party_at(struct pain *p, const char *element, const char *name,
                       const struct pain_address *address); /* NULL: without address */
void pain_put_account(struct pain *p, const char *element, const struct iban *iban);
void pain_put_agent(struct pain *p, const char *element, const char *bic);
void pain_put_day(struct pain *p, const char *element, date on);
void pain_put_amount(struct pain *p, cents amount); /* InstdAmt */
/* Writes `text` inside the elements of `path`, from the outermost; NULL ends it. */
void pain_put_nested(struct pain *p, const char *const path[], const char *text);

#endif
