/* pain001: see pain001.h. ReqdExctnDt is a choice, of which SEPA takes Dt. */
#include "formats/embed.h"
#include "formats/pain001.h"

#define NAMESPACE "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"

struct pain *
pain001_open(struct sink *s, const struct pain_file *f)
{
	return pain_open(s, NAMESPACE, "CstmrCdtTrfInitn", f);
}

void
pain001_block(struct pain *p, const struct pain_block *b)
{
	pain_begin_block(p, b, "TRF");
	pain_put_nested(p, (const char *const[]){"PmtTpInf", "SvcLvl", "Cd", NULL}, "SEPA");
	xml_begin(p->xml, "ReqdExctnDt");
	pain_put_day(p, "Dt", b->on);
	xml_end(p->xml);
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
	pain_put_party(p, "Cdtr", t->creditor_name);
	pain_put_account(p, "CdtrAcct", t->creditor_iban);
	pain_end_transaction(p, t->remittance, t->amount);
}

int
pain001_validate(FILE *in, struct err *e)
{
	return xml_validate(in, embed_pain001_xsd, (size_t)(embed_pain001_xsd_end - embed_pain001_xsd), e);
}
