/* pain001: see pain001.h. Since 2019 ReqdExctnDt is a choice, of which SEPA takes Dt. */
#include "formats/embed.h"
#include "formats/pain001.h"

static const char *const namespaces[] = {
    [PAIN_2019] = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09",
    [PAIN_2009] = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03",
};

struct pain *
pain001_open(struct sink *s, const struct pain_file *f)
{
	return pain_open(s, namespaces[f->version], "CstmrCdtTrfInitn", f);
}

static void
put_execution_day(struct pain *p, date on)
{
	if (p->version == PAIN_2009) {
		pain_put_day(p, "ReqdExctnDt", on);
		return;
	}
	xml_begin(p->xml, "ReqdExctnDt");
	pain_put_day(p, "Dt", on);
	xml_end(p->xml);
}

void
pain001_block(struct pain *p, const struct pain_block *b)
{
	pain_begin_block(p, b, "TRF");
	pain_put_nested(p, (const char *const[]){"PmtTpInf", "SvcLvl", "Cd", NULL}, "SEPA");
	put_execution_day(p, b->on);
	pain_put_party(p, "Dbtr", b->name);
	pain_put_account(p, "DbtrAcct", b->iban);
	pain_put_agent(p, "DbtrAgt", b->bic);
	xml_element(p->xml, "ChrgBr", "SLEV");
}

void
pain001_transfer(struct pain *p, const struct pain001_transfer *t)
{
	pain_begin_transaction(p, "CdtTrfTxInf", t->end_to_end_id);
	xml_begin(p->xml, "Amt");
	pain_put_amount(p, t->amount);
	xml_end(p->xml);
	if (t->creditor_bic != NULL)
		pain_put_agent(p, "CdtrAgt", t->creditor_bic);
	pain_put_party_at(p, "Cdtr", t->creditor_name, t->creditor_address);
	pain_put_account(p, "CdtrAcct", t->creditor_iban);
	pain_end_transaction(p, t->remittance, t->amount);
}

int
pain001_validate(FILE *in, enum pain_version version, struct err *e)
{
	const char *xsd = version == PAIN_2009 ? embed_pain001_03_xsd : embed_pain001_xsd;
	const char *end = version == PAIN_2009 ? embed_pain001_03_xsd_end : embed_pain001_xsd_end;

	return xml_validate(in, xsd, (size_t)(end - xsd), e);
}
