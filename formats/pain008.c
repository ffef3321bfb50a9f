/* pain008: customer direct debit initiation, pain.008.001.08, SEPA Core; writer.
 *
 * The same input gives the same bytes: nothing here asks a clock or makes an id. Names and remittance are
 * converted to the SEPA set; identifiers are only checked, because a changed one would match nothing later.
 * The first thing that cannot be written is kept for pain008_close, and the sink fails with it.
 * limits   1 to 99999999999 cents a debit, names 70 characters, remittance 140, identifiers 35
 * source   pain.008.001.08 (ISO 20022, 2019), EPC130-08 (SDD Core customer-to-bank guidelines 2025):
 *          NOTPROVIDED in the usage rules of DbtrAgt, SMNDA in those of OrgnlDbtrAcct
 */
#include <stdlib.h>
#include <string.h>

#include "formats/embed.h"
#include "formats/iso20022.h"
#include "formats/pain008.h"
#include "formats/text.h"
#include "formats/xml.h"

#define NAMESPACE       "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"
#define MOST_NAME       70
#define MOST_REMITTANCE 140
#define MOST_AMOUNT     INT64_C(99999999999)

struct totals {
	long count;
	cents sum;
};

struct pain008 {
	struct sink *sink;
	struct xml_writer *xml;
	bool in_block;
	struct totals file_promised, file, block_promised, block;
	struct err why; /* code "" while all is well */
};

static void
refuse(struct pain008 *p, const char *element, const struct err *because)
{
	if (p->why.code[0] == '\0')
		err_set(&p->why, "pain008", "%s: %s", element, because->message);
}

static void
refuse_plainly(struct pain008 *p, const char *element, const char *because)
{
	struct err why = {0};
	err_set(&why, "pain008", "%s", because);
	refuse(p, element, &why);
}

static void
put_identifier(struct pain008 *p, const char *element, const char *id)
{
	struct err why = {0};
	if (!id)
		refuse_plainly(p, element, "is missing");
	else if (text_check_identifier(id, &why))
		refuse(p, element, &why);
	else
		xml_element(p->xml, element, id);
}

/* `most` is at most MOST_REMITTANCE. */
static void
put_text(struct pain008 *p, const char *element, const char *text, size_t most)
{
	char converted[MOST_REMITTANCE + 1];
	struct err why = {0};
	if (!text || !*text)
		refuse_plainly(p, element, "is empty");
	else if (text_to_sepa(text, converted, most, &why))
		refuse(p, element, &why);
	else
		xml_element(p->xml, element, converted);
}

static void
put_totals(struct pain008 *p, const struct totals *t)
{
	char count[24], sum[MONEY_TEXT];
	snprintf(count, sizeof count, "%ld", t->count);
	xml_element(p->xml, "NbOfTxs", count);
	xml_element(p->xml, "CtrlSum", money_print(sum, t->sum));
}

static void
put_day(struct pain008 *p, const char *element, date on)
{
	char day[DATE_TEXT];
	if (on == DATE_NONE)
		refuse_plainly(p, element, "is missing");
	else
		xml_element(p->xml, element, date_print(day, on));
}

/* Writes `text` inside the elements of `path`, from the outermost. */
static void
put_nested(struct pain008 *p, const char *const path[], const char *text)
{
	int depth = 0;
	for (; path[depth + 1]; depth++)
		xml_begin(p->xml, path[depth]);
	xml_element(p->xml, path[depth], text);
	while (depth-- > 0)
		xml_end(p->xml);
}

static void
put_account(struct pain008 *p, const char *element, const struct iban *iban)
{
	if (iban)
		put_nested(p, (const char *const[]){element, "Id", "IBAN", NULL}, iban->text);
	else
		refuse_plainly(p, element, "is missing");
}

static void
put_agent(struct pain008 *p, const char *element, const char *bic)
{
	struct err why = {0};
	if (!bic)
		put_nested(p, (const char *const[]){element, "FinInstnId", "Othr", "Id", NULL},
		           "NOTPROVIDED");
	else if (bic_check(bic, &why))
		refuse(p, element, &why);
	else
		put_nested(p, (const char *const[]){element, "FinInstnId", "BICFI", NULL}, bic);
}

static void
put_creditor_identifier(struct pain008 *p, const char *id)
{
	struct err why = {0};
	static const char *const around[] = {"CdtrSchmeId", "Id", "PrvtId", "Othr"};
	const int depth = sizeof around / sizeof around[0];
	if (!id) {
		refuse_plainly(p, "CdtrSchmeId", "is missing");
		return;
	}
	if (creditor_id_check(id, &why))
		refuse(p, "CdtrSchmeId", &why);
	for (int i = 0; i < depth; i++)
		xml_begin(p->xml, around[i]);
	xml_element(p->xml, "Id", id);
	put_nested(p, (const char *const[]){"SchmeNm", "Prtry", NULL}, "SEPA");
	for (int i = 0; i < depth; i++)
		xml_end(p->xml);
}

static void
put_payment_type(struct pain008 *p, const char *sequence)
{
	static const char *const known[] = {"FRST", "RCUR", "OOFF", "FNAL"};
	size_t i = 0;
	while (i < sizeof known / sizeof known[0] && (!sequence || strcmp(sequence, known[i]) != 0))
		i++;
	if (i == sizeof known / sizeof known[0])
		refuse_plainly(p, "SeqTp", "is none of FRST, RCUR, OOFF, FNAL");
	xml_begin(p->xml, "PmtTpInf");
	put_nested(p, (const char *const[]){"SvcLvl", "Cd", NULL}, "SEPA");
	put_nested(p, (const char *const[]){"LclInstrm", "Cd", NULL}, "CORE");
	xml_element(p->xml, "SeqTp", sequence);
	xml_end(p->xml);
}

static void
put_party(struct pain008 *p, const char *element, const char *name)
{
	xml_begin(p->xml, element);
	put_text(p, "Nm", name, MOST_NAME);
	xml_end(p->xml);
}

struct pain008 *
pain008_open(struct sink *s, const struct pain008_file *f)
{
	char created[ISO_LOCAL_TIME];
	struct pain008 *p = calloc(1, sizeof *p);
	if (!p)
		abort();
	p->sink = s;
	p->xml = xml_begin_document(s);
	p->file_promised = (struct totals){f->count, f->sum};
	xml_begin(p->xml, "Document");
	xml_attr(p->xml, "xmlns", NAMESPACE);
	xml_begin(p->xml, "CstmrDrctDbtInitn");
	xml_begin(p->xml, "GrpHdr");
	put_identifier(p, "MsgId", f->msg_id);
	xml_element(p->xml, "CreDtTm", iso_local_time(created, f->created_at));
	put_totals(p, &p->file_promised);
	put_party(p, "InitgPty", f->initiating_party);
	xml_end(p->xml);
	return p;
}

static void
check_totals(struct pain008 *p, const char *what, const struct totals *promised, const struct totals *written)
{
	char ours[MONEY_TEXT], theirs[MONEY_TEXT];
	if (p->why.code[0] != '\0' || (promised->count == written->count && promised->sum == written->sum))
		return;
	err_set(&p->why, "pain008", "%s: %ld debits of %s in all were announced, %ld of %s were written",
	        what, promised->count, money_print(theirs, promised->sum), written->count,
	        money_print(ours, written->sum));
}

static void
end_block(struct pain008 *p)
{
	if (!p->in_block)
		return;
	p->in_block = false;
	xml_end(p->xml);
	check_totals(p, "block", &p->block_promised, &p->block);
}

void
pain008_block(struct pain008 *p, const struct pain008_block *b)
{
	static const char *const booking[] = {
	    [BOOKING_AS_CONTRACT] = NULL, [BOOKING_BATCH] = "true", [BOOKING_SINGLE] = "false"};
	end_block(p);
	p->in_block = true;
	p->block_promised = (struct totals){b->count, b->sum};
	p->block = (struct totals){0};
	xml_begin(p->xml, "PmtInf");
	put_identifier(p, "PmtInfId", b->payment_information_id);
	xml_element(p->xml, "PmtMtd", "DD");
	xml_element(p->xml, "BtchBookg", booking[b->booking]);
	put_totals(p, &p->block_promised);
	put_payment_type(p, b->sequence_type);
	put_day(p, "ReqdColltnDt", b->collect_on);
	put_party(p, "Cdtr", b->creditor_name);
	put_account(p, "CdtrAcct", b->creditor_iban);
	put_agent(p, "CdtrAgt", b->creditor_bic);
	xml_element(p->xml, "ChrgBr", "SLEV");
	put_creditor_identifier(p, b->creditor_identifier);
}

static void
put_amount(struct pain008 *p, cents amount)
{
	char text[MONEY_TEXT];
	if (amount < 1 || amount > MOST_AMOUNT)
		refuse_plainly(p, "InstdAmt", "is not between 0.01 and 999999999.99");
	xml_begin(p->xml, "InstdAmt");
	xml_attr(p->xml, "Ccy", "EUR");
	xml_text(p->xml, money_print(text, amount));
	xml_end(p->xml);
}

static void
put_mandate(struct pain008 *p, const struct pain008_debit *d)
{
	xml_begin(p->xml, "DrctDbtTx");
	xml_begin(p->xml, "MndtRltdInf");
	put_identifier(p, "MndtId", d->mandate_reference);
	put_day(p, "DtOfSgntr", d->signed_on);
	/* optional when false, but some banks want it always */
	xml_element(p->xml, "AmdmntInd", d->amended ? "true" : "false");
	if (d->amended)
		put_nested(p,
		           (const char *const[]){"AmdmntInfDtls", "OrgnlDbtrAcct", "Id", "Othr", "Id", NULL},
		           "SMNDA");
	xml_end(p->xml);
	xml_end(p->xml);
}

static void
add_up(struct pain008 *p, cents amount)
{
	p->file.count++;
	p->block.count++;
	if (!money_add(&p->file.sum, amount) || !money_add(&p->block.sum, amount))
		refuse_plainly(p, "CtrlSum", "is too large");
}

void
pain008_debit(struct pain008 *p, const struct pain008_debit *d)
{
	if (!p->in_block)
		refuse_plainly(p, "DrctDbtTxInf", "stands outside any block");
	xml_begin(p->xml, "DrctDbtTxInf");
	xml_begin(p->xml, "PmtId");
	put_identifier(p, "EndToEndId", d->end_to_end_id);
	xml_end(p->xml);
	put_amount(p, d->amount);
	put_mandate(p, d);
	put_agent(p, "DbtrAgt", d->debtor_bic);
	put_party(p, "Dbtr", d->debtor_name);
	put_account(p, "DbtrAcct", d->debtor_iban);
	if (d->remittance && *d->remittance) {
		xml_begin(p->xml, "RmtInf");
		put_text(p, "Ustrd", d->remittance, MOST_REMITTANCE);
		xml_end(p->xml);
	}
	xml_end(p->xml);
	add_up(p, d->amount);
}

int
pain008_close(struct pain008 *p, struct err *e)
{
	int rc = 0;
	end_block(p);
	check_totals(p, "file", &p->file_promised, &p->file);
	if (p->file.count == 0)
		refuse_plainly(p, "DrctDbtTxInf", "there is none");
	if (p->why.code[0] != '\0') {
		rc = err_set(e, p->why.code, "%s", p->why.message);
		sink_fail(p->sink);
	}
	xml_end_document(p->xml);
	free(p);
	return rc;
}

int
pain008_validate(FILE *in, struct err *e)
{
	return xml_validate(in, embed_pain008_xsd, (size_t)(embed_pain008_xsd_end - embed_pain008_xsd), e);
}
