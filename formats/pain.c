/* pain: see pain.h.
 *
 * The same input gives the same bytes: nothing here asks a clock or makes an id.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/iso20022.h"
#include "formats/memory.h"
#include "formats/pain.h"
#include "formats/text.h"

#define MOST_NAME       70
#define MOST_BUILDING   16
#define MOST_POSTCODE   16
#define MOST_TOWN       35
#define MOST_REMITTANCE 140
#define MOST_AMOUNT     INT64_C(99999999999)

void
pain_refuse(struct pain *p, const char *element, const char *because)
{
	if (p->why.code[0] == '\0')
		err_set(&p->why, ERR_PAIN, "%s: %s", element, because);
}

void
pain_put_identifier(struct pain *p, const char *element, const char *id)
{
	struct err why = {0};

	if (id == NULL)
		pain_refuse(p, element, "is missing");
	else if (text_check_identifier(id, &why) != 0)
		pain_refuse(p, element, why.message);
	else
		xml_element(p->xml, element, id);
}

void
pain_put_text(struct pain *p, const char *element, const char *text, size_t most)
{
	char converted[MOST_REMITTANCE + 1];
	struct err why = {0};

	if (text == NULL || *text == '\0')
		pain_refuse(p, element, "is empty");
	else if (text_to_sepa(text, converted, most, &why) != 0)
		pain_refuse(p, element, why.message);
	else
		xml_element(p->xml, element, converted);
}

static void
put_totals(struct pain *p, const struct pain_totals *t)
{
	char count[24], sum[MONEY_TEXT];

	snprintf(count, sizeof(count), "%ld", t->count);
	xml_element(p->xml, "NbOfTxs", count);
	xml_element(p->xml, "CtrlSum", money_print(sum, t->sum));
}

void
pain_put_day(struct pain *p, const char *element, date on)
{
	char day[DATE_TEXT];

	if (on == DATE_NONE)
		pain_refuse(p, element, "is missing");
	else
		xml_element(p->xml, element, date_print(day, on));
}

void
pain_put_nested(struct pain *p, const char *const path[], const char *text)
{
	int depth = 0;

	for (; path[depth + 1] != NULL; depth++)
		xml_begin(p->xml, path[depth]);
	xml_element(p->xml, path[depth], text);
	while (depth-- > 0)
		xml_end(p->xml);
}

void
pain_put_account(struct pain *p, const char *element, const struct iban *iban)
{
	if (iban != NULL)
		pain_put_nested(p, (const char *const[]){element, "Id", "IBAN", NULL}, iban->text);
	else
		pain_refuse(p, element, "is missing");
}

void
pain_put_agent(struct pain *p, const char *element, const char *bic)
{
	struct err why = {0};

	if (bic == NULL)
		pain_put_nested(p, (const char *const[]){element, "FinInstnId", "Othr", "Id", NULL},
		                "NOTPROVIDED");
	else if (bic_check(bic, &why) != 0)
		pain_refuse(p, element, why.message);
	else
		pain_put_nested(p,
		                (const char *const[]){element, "FinInstnId",
		                                      p->version == PAIN_2009 ? "BIC" : "BICFI", NULL},
		                bic);
}

static void
put_optional(struct pain *p, const char *element, const char *text, size_t most)
{
	if (text != NULL && *text != '\0')
		pain_put_text(p, element, text, most);
}

static void
put_address(struct pain *p, const struct pain_address *a)
{
	xml_begin(p->xml, "PstlAdr");
	put_optional(p, "StrtNm", a->street, MOST_NAME);
	put_optional(p, "BldgNb", a->building, MOST_BUILDING);
	put_optional(p, "PstCd", a->postcode, MOST_POSTCODE);
	pain_put_text(p, "TwnNm", a->town, MOST_TOWN);
	if (a->country == NULL || strlen(a->country) != 2)
		pain_refuse(p, "Ctry", "is not a country of two letters");
	xml_element(p->xml, "Ctry", a->country);
	put_optional(p, "AdrLine", a->line[0], MOST_NAME);
	put_optional(p, "AdrLine", a->line[1], MOST_NAME);
	xml_end(p->xml);
}

void
pain_put_party_at(struct pain *p, const char *element, const char *name, const struct pain_address *address)
{
	xml_begin(p->xml, element);
	pain_put_text(p, "Nm", name, MOST_NAME);
	if (address != NULL)
		put_address(p, address);
	xml_end(p->xml);
}

void
pain_put_party(struct pain *p, const char *element, const char *name)
{
	pain_put_party_at(p, element, name, NULL);
}

void
pain_put_amount(struct pain *p, cents amount)
{
	char text[MONEY_TEXT];

	if (amount < 1 || amount > MOST_AMOUNT)
		pain_refuse(p, "InstdAmt", "must be between 0.01 and 999999999.99");
	xml_begin(p->xml, "InstdAmt");
	xml_attr(p->xml, "Ccy", "EUR");
	xml_text(p->xml, money_print(text, amount));
	xml_end(p->xml);
}

struct pain *
pain_open(struct sink *s, const char *xmlns, const char *root, const struct pain_file *f)
{
	char created[ISO_LOCAL_TIME];
	struct pain *p = memory_new(1, sizeof(*p));

	p->sink = s;
	p->xml = xml_begin_document(s);
	p->version = f->version;
	p->file_promised = (struct pain_totals){f->count, f->sum};
	xml_begin(p->xml, "Document");
	xml_attr(p->xml, "xmlns", xmlns);
	xml_begin(p->xml, root);
	xml_begin(p->xml, "GrpHdr");
	pain_put_identifier(p, "MsgId", f->msg_id);
	xml_element(p->xml, "CreDtTm", iso_local_time(created, f->created_at));
	put_totals(p, &p->file_promised);
	pain_put_party(p, "InitgPty", f->initiating_party);
	xml_end(p->xml);
	return p;
}

static void
pain_check_totals(struct pain *p, const char *what, const struct pain_totals *promised,
                  const struct pain_totals *written)
{
	char ours[MONEY_TEXT], theirs[MONEY_TEXT];

	if (p->why.code[0] != '\0' || (promised->count == written->count && promised->sum == written->sum))
		return;
	err_set(&p->why, ERR_PAIN, "%s: %ld transactions of %s in all were announced, %ld of %s were written",
	        what, promised->count, money_print(theirs, promised->sum), written->count,
	        money_print(ours, written->sum));
}

static void
end_block(struct pain *p)
{
	if (!p->in_block)
		return;
	p->in_block = false;
	xml_end(p->xml);
	pain_check_totals(p, "block", &p->block_promised, &p->block);
}

void
pain_begin_block(struct pain *p, const struct pain_block *b, const char *method)
{
	static const char *const booking[] = {
	    [BOOKING_AS_CONTRACT] = NULL, [BOOKING_BATCH] = "true", [BOOKING_SINGLE] = "false"};

	end_block(p);
	p->in_block = true;
	p->block_promised = (struct pain_totals){b->count, b->sum};
	p->block = (struct pain_totals){0};
	xml_begin(p->xml, "PmtInf");
	pain_put_identifier(p, "PmtInfId", b->payment_information_id);
	xml_element(p->xml, "PmtMtd", method);
	xml_element(p->xml, "BtchBookg", booking[b->booking]);
	put_totals(p, &p->block_promised);
}

void
pain_begin_transaction(struct pain *p, const char *element, const char *end_to_end_id)
{
	if (!p->in_block)
		pain_refuse(p, element, "is outside a block");
	xml_begin(p->xml, element);
	xml_begin(p->xml, "PmtId");
	pain_put_identifier(p, "EndToEndId", end_to_end_id);
	xml_end(p->xml);
}

void
pain_end_transaction(struct pain *p, const char *remittance, cents amount)
{
	if (remittance != NULL && *remittance != '\0') {
		xml_begin(p->xml, "RmtInf");
		pain_put_text(p, "Ustrd", remittance, MOST_REMITTANCE);
		xml_end(p->xml);
	}
	xml_end(p->xml);
	p->file.count++;
	p->block.count++;
	if (!money_add(&p->file.sum, amount) || !money_add(&p->block.sum, amount))
		pain_refuse(p, "CtrlSum", "is too large");
}

int
pain_close(struct pain *p, struct err *e)
{
	int rc = 0;

	end_block(p);
	pain_check_totals(p, "file", &p->file_promised, &p->file);
	if (p->file.count == 0)
		pain_refuse(p, "NbOfTxs", "must be at least 1: the file has no transaction");
	if (p->why.code[0] != '\0') {
		rc = err_set(e, p->why.code, "%s", p->why.message);
		sink_fail(p->sink);
	}
	xml_end_document(p->xml);
	free(p);
	return rc;
}
