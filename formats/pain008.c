/* pain008: see pain008.h. EPC130-08 has NOTPROVIDED in the usage rules of DbtrAgt, SMNDA in those of OrgnlDbtrAcct. */
#include <string.h>

#include "formats/embed.h"
#include "formats/length.h"
#include "formats/pain008.h"

static const char *const namespaces[] = {
    [PAIN_2019] = "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08",
    [PAIN_2009] = "urn:iso:std:iso:20022:tech:xsd:pain.008.001.02",
};

/* The elements around the identifier, inside `element` which is open. */
static void
put_creditor_identifier(struct pain *p, const char *element, const char *id)
{
	struct err why = {0};
	static const char *const around[] = {"Id", "PrvtId", "Othr"};
	const int depth = LENGTH(around);
	int i;

	if (id == NULL) {
		pain_refuse(p, element, "is missing");
		return;
	}
	if (creditor_id_check(id, &why) != 0)
		pain_refuse(p, element, why.message);
	for (i = 0; i < depth; i++)
		xml_begin(p->xml, around[i]);
	xml_element(p->xml, "Id", id);
	pain_put_nested(p, (const char *const[]){"SchmeNm", "Prtry", NULL}, "SEPA");
	for (i = 0; i < depth; i++)
		xml_end(p->xml);
}

static void
put_payment_type(struct pain *p, const char *sequence)
{
	static const char *const known[] = {"FRST", "RCUR", "OOFF", "FNAL"};
	size_t i = 0;

	while (i < LENGTH(known) && (sequence == NULL || strcmp(sequence, known[i]) != 0))
		i++;
	if (i == LENGTH(known))
		pain_refuse(p, "SeqTp", "must be FRST, RCUR, OOFF or FNAL");
	xml_begin(p->xml, "PmtTpInf");
	pain_put_nested(p, (const char *const[]){"SvcLvl", "Cd", NULL}, "SEPA");
	pain_put_nested(p, (const char *const[]){"LclInstrm", "Cd", NULL}, "CORE");
	xml_element(p->xml, "SeqTp", sequence);
	xml_end(p->xml);
}

struct pain *
pain008_open(struct sink *s, const struct pain_file *f)
{
	return pain_open(s, namespaces[f->version], "CstmrDrctDbtInitn", f);
}

void
pain008_block(struct pain *p, const struct pain_block *b, const char *sequence_type,
              const char *creditor_identifier)
{
	pain_begin_block(p, b, "DD");
	put_payment_type(p, sequence_type);
	pain_put_day(p, "ReqdColltnDt", b->on);
	pain_put_party(p, "Cdtr", b->name);
	pain_put_account(p, "CdtrAcct", b->iban);
	pain_put_agent(p, "CdtrAgt", b->bic);
	if (b->ultimate_creditor != NULL)
		pain_put_party(p, "UltmtCdtr", b->ultimate_creditor);
	xml_element(p->xml, "ChrgBr", "SLEV");
	xml_begin(p->xml, "CdtrSchmeId");
	put_creditor_identifier(p, "CdtrSchmeId", creditor_identifier);
	xml_end(p->xml);
}

static void
put_original_creditor(struct pain *p, const struct pain008_debit *d)
{
	xml_begin(p->xml, "OrgnlCdtrSchmeId");
	if (d->original_creditor_name != NULL)
		pain_put_text(p, "Nm", d->original_creditor_name, 70);
	if (d->original_creditor_identifier != NULL)
		put_creditor_identifier(p, "OrgnlCdtrSchmeId", d->original_creditor_identifier);
	xml_end(p->xml);
}

/* What changed since the bank last took a debit under the mandate. */
static void
put_amendment(struct pain *p, const struct pain008_debit *d)
{
	static const char *const same_mandate[] = {"OrgnlDbtrAcct", "Id", "Othr", "Id", NULL};

	xml_begin(p->xml, "AmdmntInfDtls");
	if (d->original_creditor_name != NULL || d->original_creditor_identifier != NULL)
		put_original_creditor(p, d);
	if (d->amended)
		pain_put_nested(p, same_mandate, "SMNDA");
	xml_end(p->xml);
}

static void
put_mandate(struct pain *p, const struct pain008_debit *d)
{
	bool amended =
	    d->amended || d->original_creditor_name != NULL || d->original_creditor_identifier != NULL;

	xml_begin(p->xml, "DrctDbtTx");
	xml_begin(p->xml, "MndtRltdInf");
	pain_put_identifier(p, "MndtId", d->mandate_reference);
	pain_put_day(p, "DtOfSgntr", d->signed_on);
	/* optional when false, but some banks want it always */
	xml_element(p->xml, "AmdmntInd", amended ? "true" : "false");
	if (amended)
		put_amendment(p, d);
	xml_end(p->xml);
	xml_end(p->xml);
}

void
pain008_debit(struct pain *p, const struct pain008_debit *d)
{
	pain_begin_transaction(p, "DrctDbtTxInf", d->end_to_end_id);
	pain_put_amount(p, d->amount);
	put_mandate(p, d);
	pain_put_agent(p, "DbtrAgt", d->debtor_bic);
	pain_put_party_at(p, "Dbtr", d->debtor_name, d->debtor_address);
	pain_put_account(p, "DbtrAcct", d->debtor_iban);
	if (d->ultimate_debtor != NULL)
		pain_put_party(p, "UltmtDbtr", d->ultimate_debtor);
	if (d->purpose != NULL)
		pain_put_nested(p, (const char *const[]){"Purp", "Cd", NULL}, d->purpose);
	pain_end_transaction(p, d->remittance, d->amount);
}

int
pain008_validate(FILE *in, enum pain_version version, struct err *e)
{
	const char *xsd = version == PAIN_2009 ? embed_pain008_02_xsd : embed_pain008_xsd;
	const char *end = version == PAIN_2009 ? embed_pain008_02_xsd_end : embed_pain008_xsd_end;

	return xml_validate(in, xsd, (size_t)(end - xsd), e);
}
