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
#include "formats/camt_elements.h"
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

/* Fields that are only copied. */
enum camt_kind { NO_FIELD, ID, FREE_TEXT, DAY };
static const struct {
	enum camt_kind kind;
	size_t offset, size;
} fields[ELEMENTS - REPORT] = {
#define FIELD(element, kind, member)                                       \
	[(element)-REPORT] = {(kind), offsetof(struct camt_entry, member), \
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
	if (!n->has_direction)
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
fill_reversal(struct camt_reading *r, int element, const char *text)
{
	bool *flag = &r->now->entry.reversal;

	(void)element;
	*flag = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
	if (!*flag && strcmp(text, "false") != 0 && strcmp(text, "0") != 0)
		set_problem(r, ERR_BAD_FIELD, "RvslInd is neither true nor false");
}

static void
fill_direction(struct camt_reading *r, int element, const char *text)
{
	(void)element;
	r->now->entry.credit = strcmp(text, "CRDT") == 0;
	r->now->entry.has_direction = r->now->entry.credit || strcmp(text, "DBIT") == 0;
	if (!r->now->entry.has_direction)
		set_problem(r, ERR_BAD_FIELD, "CdtDbtInd is neither CRDT nor DBIT");
}

static void
fill_status(struct camt_reading *r, int element, const char *text)
{
	static const char *const known[] = {"BOOK", "PDNG", "INFO", "FUTR"};
	size_t i;

	if (*text == '\0') /* Sts that contains Cd or Prtry */
		return;
	for (i = 0; i < LENGTH(known) && element != STATUS_OTHER; i++)
		if (strcmp(text, known[i]) == 0)
			memcpy(r->now->entry.status, text, sizeof(r->now->entry.status));
	if (r->now->entry.status[0] == '\0')
		set_problem(r, ERR_BAD_FIELD,
		            element == STATUS_OTHER
		                ? "the entry has a status of the bank's own"
		                : "the entry has a status that is not one of the standard");
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
			text_cut(to, size, text);
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
fill_entry_amount(struct camt_reading *r, int element, const char *text)
{
	struct camt_part *p = &r->batch.entry;
	struct err why = {0};

	(void)element;
	if (!r->is_euro)
		set_problem(r, ERR_BAD_FIELD, "the amount of the entry is not in EUR");
	else if (iso_euros(text, NULL, &p->amount, &why) != 0)
		set_problem(r, ERR_BAD_FIELD, "the amount of the entry is not in whole euro cents");
}

/* An amount below the entry's, in another currency or in parts of a cent, says nothing about what moved on the account. */
static void
fill_amount(struct camt_reading *r, int element, const char *text)
{
	enum camt_source source = element == DETAIL_AMOUNT        ? CAMT_OWN
	                          : element == TRANSACTION_AMOUNT ? CAMT_TRANSACTION
	                          : element == COUNTER_AMOUNT     ? CAMT_COUNTER
	                                                          : CAMT_INSTRUCTED;
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
end_charge(struct camt_reading *r, int element, const char *text)
{
	struct camt_charge c = r->charge;

	(void)text;
	if (element == CHARGES && c.amount == 0 && !r->has_charges && r->charge_total > 0)
		c.amount = r->charge_total;
	r->charge = (struct camt_charge){0};
	r->has_charges = true;
	if (!camt_add_charge(&r->now->entry, &c))
		set_problem(r, ERR_BAD_FIELD, "the charges are too large");
}

static void
fill_reason(struct camt_reading *r, int element, const char *text)
{
	bool is_iso = element == REASON_CODE;
	struct camt_part *p = r->now;

	if (strcmp(text, "0000") == 0)
		p->is_success = true;
	else if (p->entry.reason[0] == '\0' || (is_iso && !p->has_iso_reason))
		text_cut(p->entry.reason, sizeof(p->entry.reason), text);
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
fill_count(struct camt_reading *r, int element, const char *text)
{
	struct err why = {0};

	(void)element;
	if (iso_count(text, &r->now->entry.batch_count, &why) != 0)
		set_problem(r, ERR_BAD_FIELD, "the number of transactions of the batch is not a number");
}

static void
fill_account(struct camt_reading *r, int element, const char *text)
{
	if (element == IBAN)
		fill_iban(r->account_iban, sizeof(r->account_iban), text);
	else
		text_copy(r->account_other, sizeof(r->account_other), text);
}

static void
end_detail(struct camt_reading *r, int element, const char *text)
{
	struct camt_part *p = r->now;

	(void)element, (void)text;
	if (p->has_return && !p->is_success && p->entry.reason[0] == '\0')
		camt_find_reason(&p->entry);
	r->now = &r->batch.entry;
}

/* What is done at the end of an element; that of others is copied, if it is a field. */
static void (*const fill[ELEMENTS - REPORT])(struct camt_reading *r, int element, const char *text) = {
    [IBAN - REPORT] = fill_account,
    [OTHER_ID - REPORT] = fill_account,
    [DETAIL - REPORT] = end_detail,
    [ENTRY_AMOUNT - REPORT] = fill_entry_amount,
    [DETAIL_AMOUNT - REPORT] = fill_amount,
    [TRANSACTION_AMOUNT - REPORT] = fill_amount,
    [COUNTER_AMOUNT - REPORT] = fill_amount,
    [INSTRUCTED_AMOUNT - REPORT] = fill_amount,
    [DIRECTION - REPORT] = fill_direction,
    [REVERSAL - REPORT] = fill_reversal,
    [STATUS - REPORT] = fill_status,
    [STATUS_CODE - REPORT] = fill_status,
    [STATUS_OTHER - REPORT] = fill_status,
    [BATCH_COUNT - REPORT] = fill_count,
    [CHARGES_TOTAL - REPORT] = fill_charge,
    [CHARGE_AMOUNT - REPORT] = fill_charge,
    [CHARGE_DIRECTION - REPORT] = fill_charge,
    [CHARGE_INCLUDED - REPORT] = fill_charge,
    [CHARGE - REPORT] = end_charge,
    [CHARGES - REPORT] = end_charge,
    [REASON_CODE - REPORT] = fill_reason,
    [REASON_OTHER - REPORT] = fill_reason,
};

int
camt_end(struct camt_reading *r, int element, const char *text, struct err *e)
{
	if (element == ENTRY)
		return end_entry(r, e);
	if (fill[element - REPORT] != NULL)
		fill[element - REPORT](r, element, text);
	else
		fill_field(r, element, text);
	return 0;
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
