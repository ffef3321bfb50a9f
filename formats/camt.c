/* camt: see camt.h.
 *
 * The details of an entry are kept until it ends, because only then it is known what they mean: whether the only one takes over
 * the entry's amount, charges and text, and whether charges are in the amounts of the details or come on top of them. Of more
 * than MOST_KEPT the first are handed on before that. What comes out of it is in camt_amounts.c.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "formats/camt.h"
#include "formats/camt_amounts.h"
#include "formats/iso20022.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/text.h"

struct camt_reading {
	struct camt_reader to;
	char account_iban[35], account_other[36]; /* of the report at hand */
	int entries;
	struct camt_batch batch;
	struct camt_part *now; /* of the entry or of its last detail: the one that is being filled */
	struct camt_charge charge;
	cents charge_total;
	bool has_charges, is_euro;
};

enum element {
	REPORT = CAMT_REPORT,
	ACCOUNT,
	ACCOUNT_ID,
	IBAN,
	OTHER,
	OTHER_ID,
	ENTRY,
	ENTRY_AMOUNT,
	DIRECTION,
	REVERSAL,
	STATUS,
	STATUS_CODE,
	STATUS_OTHER,
	BOOKED,
	BOOKED_ON,
	VALUED,
	VALUED_ON,
	REFERENCE,
	BANK_CODE,
	BANK_DOMAIN,
	DOMAIN_CODE,
	FAMILY,
	FAMILY_CODE,
	SUB_FAMILY,
	ENTRY_TEXT,
	DETAILS,
	BATCH,
	BATCH_COUNT,
	MSG_ID,
	BLOCK_ID,
	DETAIL,
	REFERENCES,
	INSTRUCTION_ID,
	END_TO_END_ID,
	MANDATE,
	DETAIL_AMOUNT,
	AMOUNTS,
	INSTRUCTED,
	INSTRUCTED_AMOUNT,
	TRANSACTION,
	TRANSACTION_AMOUNT,
	COUNTER,
	COUNTER_AMOUNT,
	CHARGES,
	CHARGES_TOTAL,
	CHARGE,
	CHARGE_AMOUNT,
	CHARGE_DIRECTION,
	CHARGE_INCLUDED,
	RETURN,
	RETURN_REASON,
	REASON_CODE,
	REASON_OTHER,
	RETURN_TEXT,
	DETAIL_TEXT,
	ELEMENTS
};

static const struct xml_name names[] = {
    {REPORT, "Ntry", ENTRY},
    {REPORT, "Acct", ACCOUNT},
    {ACCOUNT, "Id", ACCOUNT_ID},
    {ACCOUNT_ID, "IBAN", IBAN},
    {ACCOUNT_ID, "Othr", OTHER},
    {OTHER, "Id", OTHER_ID},
    {ENTRY, "Amt", ENTRY_AMOUNT},
    {ENTRY, "CdtDbtInd", DIRECTION},
    {ENTRY, "RvslInd", REVERSAL},
    {ENTRY, "Sts", STATUS},
    {STATUS, "Cd", STATUS_CODE},
    {STATUS, "Prtry", STATUS_OTHER},
    {ENTRY, "BookgDt", BOOKED},
    {BOOKED, "Dt", BOOKED_ON},
    {BOOKED, "DtTm", BOOKED_ON},
    {ENTRY, "ValDt", VALUED},
    {VALUED, "Dt", VALUED_ON},
    {VALUED, "DtTm", VALUED_ON},
    {ENTRY, "AcctSvcrRef", REFERENCE},
    {ENTRY, "BkTxCd", BANK_CODE},
    {BANK_CODE, "Domn", BANK_DOMAIN},
    {BANK_DOMAIN, "Cd", DOMAIN_CODE},
    {BANK_DOMAIN, "Fmly", FAMILY},
    {FAMILY, "Cd", FAMILY_CODE},
    {FAMILY, "SubFmlyCd", SUB_FAMILY},
    {ENTRY, "AmtDtls", AMOUNTS},
    {ENTRY, "Chrgs", CHARGES},
    {ENTRY, "Intrst", CHARGES},
    {ENTRY, "AddtlNtryInf", ENTRY_TEXT},
    {ENTRY, "NtryDtls", DETAILS},
    {DETAILS, "Btch", BATCH},
    {BATCH, "MsgId", MSG_ID},
    {BATCH, "PmtInfId", BLOCK_ID},
    {BATCH, "NbOfTxs", BATCH_COUNT},
    {DETAILS, "TxDtls", DETAIL},
    {DETAIL, "Refs", REFERENCES},
    {REFERENCES, "MsgId", MSG_ID},
    {REFERENCES, "AcctSvcrRef", REFERENCE},
    {REFERENCES, "PmtInfId", BLOCK_ID},
    {REFERENCES, "InstrId", INSTRUCTION_ID},
    {REFERENCES, "EndToEndId", END_TO_END_ID},
    {REFERENCES, "MndtId", MANDATE},
    {DETAIL, "Amt", DETAIL_AMOUNT},
    {DETAIL, "CdtDbtInd", DIRECTION},
    {DETAIL, "AmtDtls", AMOUNTS},
    {AMOUNTS, "InstdAmt", INSTRUCTED},
    {INSTRUCTED, "Amt", INSTRUCTED_AMOUNT},
    {AMOUNTS, "TxAmt", TRANSACTION},
    {TRANSACTION, "Amt", TRANSACTION_AMOUNT},
    {AMOUNTS, "CntrValAmt", COUNTER},
    {COUNTER, "Amt", COUNTER_AMOUNT},
    {DETAIL, "BkTxCd", BANK_CODE},
    {DETAIL, "Chrgs", CHARGES},
    {DETAIL, "Intrst", CHARGES},
    {CHARGES, "TtlChrgsAndTaxAmt", CHARGES_TOTAL},
    {CHARGES, "TtlIntrstAndTaxAmt", CHARGES_TOTAL},
    {CHARGES, "Amt", CHARGE_AMOUNT},
    {CHARGES, "CdtDbtInd", CHARGE_DIRECTION},
    {CHARGES, "ChrgInclInd", CHARGE_INCLUDED},
    {CHARGES, "Rcrd", CHARGE},
    {CHARGE, "Amt", CHARGE_AMOUNT},
    {CHARGE, "CdtDbtInd", CHARGE_DIRECTION},
    {CHARGE, "ChrgInclInd", CHARGE_INCLUDED},
    {DETAIL, "RtrInf", RETURN},
    {RETURN, "Rsn", RETURN_REASON},
    {RETURN_REASON, "Cd", REASON_CODE},
    {RETURN_REASON, "Prtry", REASON_OTHER},
    {RETURN, "AddtlInf", RETURN_TEXT},
    {DETAIL, "AddtlTxInf", DETAIL_TEXT},
};

/* Fields that are only copied. */
enum camt_kind { NO_FIELD, ID, FREE_TEXT, DAY };
static const struct {
	enum camt_kind kind;
	size_t offset, size;
} fields[ELEMENTS - REPORT] = {
#define FIELD(element, kind, member)                                     \
	[element - REPORT] = {kind, offsetof(struct camt_entry, member), \
	                      sizeof(((struct camt_entry *)NULL)->member)}
    FIELD(BOOKED_ON, DAY, booking_on),
    FIELD(VALUED_ON, DAY, value_on),
    FIELD(REFERENCE, ID, account_servicer_ref),
    FIELD(DOMAIN_CODE, ID, domain),
    FIELD(FAMILY_CODE, ID, family),
    FIELD(SUB_FAMILY, ID, sub_family),
    FIELD(MSG_ID, ID, msg_id),
    FIELD(BLOCK_ID, ID, payment_information_id),
    FIELD(INSTRUCTION_ID, ID, instruction_id),
    FIELD(END_TO_END_ID, ID, end_to_end_id),
    FIELD(MANDATE, ID, mandate_reference),
    FIELD(ENTRY_TEXT, FREE_TEXT, text),
    FIELD(RETURN_TEXT, FREE_TEXT, text),
    FIELD(DETAIL_TEXT, FREE_TEXT, text),
};

struct xml_names
camt_names(void)
{
	return (struct xml_names){names, LENGTH(names)};
}

/* The first problem is the one that is reported. */
static void
set_problem(struct camt_reading *r, const char *code, const char *problem)
{
	struct camt_entry *n = &r->now->entry;

	if (n->problem[0] != '\0')
		return;
	n->problem_code = code;
	text_copy(n->problem, sizeof(n->problem), problem);
}

static void
start_entry(struct camt_reading *r, long line)
{
	struct camt_part *p = &r->batch.entry;

	*p = (struct camt_part){
	    .amount = -1,
	    .instructed = -1,
	    .entry = {.line = line,
	              .entry = ++r->entries,
	              .booking_on = DATE_NONE,
	              .value_on = DATE_NONE,
	              .batch_count = -1,
	              .problem_code = ""},
	};
	memcpy(p->entry.account_iban, r->account_iban, sizeof(r->account_iban));
	memcpy(p->entry.account_other, r->account_other, sizeof(r->account_other));
	camt_batch_start(&r->batch);
	r->now = p;
}

static int
hand_on(struct camt_reading *r, struct err *e)
{
	size_t i;

	for (i = 0; i < r->batch.count; i++)
		if (r->to.entry(r->to.ctx, &r->batch.details[i].entry, e) != 0)
			return -1;
	return 0;
}

static int
start_detail(struct camt_reading *r, struct err *e)
{
	struct camt_batch *b = &r->batch;
	struct camt_part *p;

	if (b->count == MOST_KEPT) {
		camt_batch_settle_part(b);
		if (hand_on(r, e) != 0)
			return -1;
		b->count = 0;
	}
	p = &b->details[b->count++];
	*p = (struct camt_part){.amount = -1, .instructed = -1, .entry = b->entry.entry};
	p->entry.detail = ++b->seen;
	p->entry.charges = p->entry.charges_beside = 0;
	r->now = p;
	return 0;
}

/* What an entry cannot do without. */
static void
check_entry(struct camt_reading *r)
{
	const struct camt_part *p = &r->batch.entry;
	const struct camt_entry *n = &p->entry;

	r->now = &r->batch.entry;
	if (p->amount < 0)
		set_problem(r, ERR_MISSING_FIELD, "the entry has no amount");
	if (!p->has_direction)
		set_problem(r, ERR_MISSING_FIELD, "the entry does not say whether it is a credit or a debit");
	if (n->status[0] == '\0')
		set_problem(r, ERR_MISSING_FIELD, "the entry has no status");
	if (strcmp(n->status, "BOOK") == 0 && n->booking_on == DATE_NONE && n->value_on == DATE_NONE)
		set_problem(r, ERR_MISSING_FIELD, "the entry has neither a booking date nor a value date");
}

static int
end_entry(struct camt_reading *r, struct err *e)
{
	struct camt_batch *b = &r->batch;
	const char *problem;

	check_entry(r);
	problem = camt_batch_settle(b);
	if (hand_on(r, e) != 0)
		return -1;
	return problem == NULL ? 0
	                       : r->to.contradict(r->to.ctx, b->entry.entry.entry, b->entry.entry.line,
	                                          ERR_DETAILS_DIFFER, problem, e);
}

int
camt_begin(struct camt_reading *r, int element, const struct xml_elements *x, struct err *e)
{
	const char *currency;

	switch (element) {
	case REPORT:
		r->account_iban[0] = r->account_other[0] = '\0';
		return 0;
	case ENTRY:
		start_entry(r, x->line);
		return 0;
	case DETAIL:
		return start_detail(r, e);
	case CHARGES:
		r->charge_total = -1;
		r->has_charges = false;
		r->charge = (struct camt_charge){0};
		return 0;
	case CHARGE:
		r->charge = (struct camt_charge){0};
		return 0;
	case RETURN:
		r->now->has_return = true;
		return 0;
	case ENTRY_AMOUNT:
	case DETAIL_AMOUNT:
	case INSTRUCTED_AMOUNT:
	case TRANSACTION_AMOUNT:
	case COUNTER_AMOUNT:
	case CHARGE_AMOUNT:
	case CHARGES_TOTAL:
		currency = xml_element_attribute(x, "Ccy");
		r->is_euro = currency != NULL && strcmp(currency, "EUR") == 0;
		if (element == ENTRY_AMOUNT && currency != NULL)
			text_copy(r->now->entry.currency, sizeof(r->now->entry.currency), currency);
		return 0;
	default:
		return 0;
	}
}

static void
fill_flag(struct camt_reading *r, bool *flag, const char *text)
{
	*flag = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
	if (!*flag && strcmp(text, "false") != 0 && strcmp(text, "0") != 0)
		set_problem(r, ERR_BAD_FIELD, "a field must be true or false, and is neither");
}

static void
fill_direction(struct camt_reading *r, const char *text)
{
	r->now->entry.credit = strcmp(text, "CRDT") == 0;
	r->now->has_direction = r->now->entry.credit || strcmp(text, "DBIT") == 0;
	if (!r->now->has_direction)
		set_problem(r, ERR_BAD_FIELD, "CdtDbtInd is neither CRDT nor DBIT");
}

static void
fill_status(struct camt_reading *r, const char *text)
{
	static const char *const known[] = {"BOOK", "PDNG", "INFO", "FUTR"};
	size_t i;

	if (*text == '\0') /* Sts that contains Cd or Prtry */
		return;
	for (i = 0; i < LENGTH(known); i++)
		if (strcmp(text, known[i]) == 0)
			memcpy(r->now->entry.status, text, sizeof(r->now->entry.status));
	if (r->now->entry.status[0] == '\0')
		set_problem(r, ERR_BAD_FIELD, "the entry has a status that is not one of the standard");
}

static void
fill_field(struct camt_reading *r, int element, const char *text)
{
	char *to = (char *)&r->now->entry + fields[element - REPORT].offset;
	size_t size = fields[element - REPORT].size;
	struct err why = {0};

	switch (fields[element - REPORT].kind) {
	case ID:
		text_copy(to, size, text);
		return;
	case FREE_TEXT:
		if (*to == '\0')
			iso_cut(to, size, text);
		return;
	case DAY:
		if (iso_date(text, (date *)(void *)to, &why) != 0)
			set_problem(r, ERR_BAD_FIELD, "a date is not valid");
		return;
	case NO_FIELD:
		return;
	}
}

static void
fill_entry_amount(struct camt_reading *r, const char *text)
{
	struct camt_part *p = &r->batch.entry;
	struct err why = {0};

	if (!r->is_euro)
		set_problem(r, ERR_BAD_FIELD, "the amount of the entry is not in EUR");
	else if (iso_euros(text, NULL, &p->amount, &why) != 0)
		set_problem(r, ERR_BAD_FIELD, "the amount of the entry is not in whole euro cents");
}

/* An amount below the entry's, in another currency or in parts of a cent, says nothing about what moved on the account. */
static void
fill_amount(struct camt_reading *r, enum camt_source source, const char *text)
{
	struct camt_part *p = r->now;
	struct err why = {0};
	cents amount;

	if (!r->is_euro || iso_euros(text, NULL, &amount, &why) != 0)
		return;
	if (source == CAMT_INSTRUCTED)
		p->instructed = amount;
	if (p != &r->batch.entry && source > p->source) {
		p->amount = amount;
		p->source = source;
	}
}

static void
fill_charge(struct camt_reading *r, int element, const char *text)
{
	struct err why = {0};
	cents amount = -1;

	if (element == CHARGE_DIRECTION)
		r->charge.is_credit = strcmp(text, "CRDT") == 0;
	else if (element == CHARGE_INCLUDED)
		r->charge.is_beside = strcmp(text, "false") == 0 || strcmp(text, "0") == 0;
	else if (!r->is_euro || iso_euros(text, NULL, &amount, &why) != 0)
		return;
	if (element == CHARGES_TOTAL)
		r->charge_total = amount;
	else if (element == CHARGE_AMOUNT)
		r->charge.amount = amount;
}

/* At the end of Chrgs, which is the charge itself in .02, and of each Rcrd in it later. The total counts only without them. */
static void
end_charge(struct camt_reading *r, bool is_last)
{
	struct camt_charge c = r->charge;

	if (is_last && c.amount == 0 && !r->has_charges && r->charge_total > 0)
		c.amount = r->charge_total;
	r->charge = (struct camt_charge){0};
	r->has_charges = true;
	if (!camt_add_charge(&r->now->entry, &c))
		set_problem(r, ERR_BAD_FIELD, "the charges are too large");
}

static void
fill_reason(struct camt_reading *r, bool is_iso, const char *text)
{
	struct camt_part *p = r->now;

	if (strcmp(text, "0000") == 0)
		p->is_success = true;
	else if (p->entry.reason[0] == '\0' || (is_iso && !p->has_iso_reason))
		iso_cut(p->entry.reason, sizeof(p->entry.reason), text);
	p->has_iso_reason |= is_iso;
}

/* An IBAN is written in groups or in small letters by some. */
static void
fill_iban(char *to, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text != '\0' && n < size - 1; text++)
		if (*text != ' ')
			to[n++] = *text >= 'a' && *text <= 'z' ? (char)(*text - 'a' + 'A') : *text;
	to[n] = '\0';
}

static void
fill_count(struct camt_reading *r, const char *text)
{
	struct err why = {0};

	if (iso_count(text, &r->now->entry.batch_count, &why) != 0)
		set_problem(r, ERR_BAD_FIELD, "the number of transactions of the batch is not a number");
}

int
camt_end(struct camt_reading *r, int element, const char *text, struct err *e)
{
	switch (element) {
	case IBAN:
		fill_iban(r->account_iban, sizeof(r->account_iban), text);
		return 0;
	case OTHER_ID:
		text_copy(r->account_other, sizeof(r->account_other), text);
		return 0;
	case ENTRY:
		return end_entry(r, e);
	case DETAIL:
		if (r->now->has_return && !r->now->is_success && r->now->entry.reason[0] == '\0')
			camt_find_reason(&r->now->entry);
		r->now = &r->batch.entry;
		return 0;
	case ENTRY_AMOUNT:
		fill_entry_amount(r, text);
		return 0;
	case DETAIL_AMOUNT:
		fill_amount(r, CAMT_OWN, text);
		return 0;
	case TRANSACTION_AMOUNT:
		fill_amount(r, CAMT_TRANSACTION, text);
		return 0;
	case COUNTER_AMOUNT:
		fill_amount(r, CAMT_COUNTER, text);
		return 0;
	case INSTRUCTED_AMOUNT:
		fill_amount(r, CAMT_INSTRUCTED, text);
		return 0;
	case DIRECTION:
		fill_direction(r, text);
		return 0;
	case REVERSAL:
		fill_flag(r, &r->now->entry.reversal, text);
		return 0;
	case STATUS:
	case STATUS_CODE:
		fill_status(r, text);
		return 0;
	case STATUS_OTHER:
		set_problem(r, ERR_BAD_FIELD, "the entry has a status of the bank's own");
		return 0;
	case BATCH_COUNT:
		fill_count(r, text);
		return 0;
	case CHARGES_TOTAL:
	case CHARGE_AMOUNT:
	case CHARGE_DIRECTION:
	case CHARGE_INCLUDED:
		fill_charge(r, element, text);
		return 0;
	case CHARGE:
	case CHARGES:
		end_charge(r, element == CHARGES);
		return 0;
	case REASON_CODE:
	case REASON_OTHER:
		fill_reason(r, element == REASON_CODE, text);
		return 0;
	default:
		fill_field(r, element, text);
		return 0;
	}
}

struct camt_reading *
camt_open(const struct camt_reader *to)
{
	struct camt_reading *r = memory_new(1, sizeof(*r));

	r->to = *to;
	r->now = &r->batch.entry;
	return r;
}

void
camt_start(struct camt_reading *r)
{
	r->entries = 0;
}

void
camt_close(struct camt_reading *r)
{
	free(r);
}
