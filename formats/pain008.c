/* pain008: see pain008.h. EPC130-08 has NOTPROVIDED in the usage rules of DbtrAgt, SMNDA in those of OrgnlDbtrAcct. */
#include <string.h>

#include "formats/embed.h"
#include "formats/length.h"
#include "formats/pain008.h"

#define NAMESPACE "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"

static void
put_creditor_identifier(struct pain *p, const char *id)
{
	struct err why = {0};
	static const char *const around[] = {"CdtrSchmeId", "Id", "PrvtId", "Othr"};
	const int depth = LENGTH(around);
	int i;

	if (id == NULL) {
		pain_refuse(p, "CdtrSchmeId", "is missing");
		return;
	}
	if (creditor_id_check(id, &why) != 0)
		pain_refuse(p, "CdtrSchmeId", why.message);
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
	return pain_open(s, NAMESPACE, "CstmrDrctDbtInitn", f);
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
	xml_element(p->xml, "ChrgBr", "SLEV");
	put_creditor_identifier(p, creditor_identifier);
}

static void
put_mandate(struct pain *p, const struct pain008_debit *d)
{
	xml_begin(p->xml, "DrctDbtTx");
	xml_begin(p->xml, "MndtRltdInf");
	pain_put_identifier(p, "MndtId", d->mandate_reference);
	pain_put_day(p, "DtOfSgntr", d->signed_on);
	/* optional when false, but some banks want it always */
	xml_element(p->xml, "AmdmntInd", d->amended ? "true" : "false");
	if (d->amended)
		pain_put_nested(
		    p, (const char *const[]){"AmdmntInfDtls", "OrgnlDbtrAcct", "Id", "Othr", "Id", NULL},
		    "SMNDA");
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
	pain_put_party(p, "Dbtr", d->debtor_name);
	pain_put_account(p, "DbtrAcct", d->debtor_iban);
	pain_end_transaction(p, d->remittance, d->amount);
}

int
pain008_validate(FILE *in, struct err *e)
{
	return xml_validate(in, embed_pain008_xsd, (size_t)(embed_pain008_xsd_end - embed_pain008_xsd), e);
}
