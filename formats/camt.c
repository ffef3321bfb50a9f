/* camt: see camt.h.
 *
 * An element is known by its path of local names, so any prefix reads alike.
 * A detail is kept until the next one begins or the entry ends, because only then it is known whether it is
 * the only one and may take over the entry's amount, charges and text. Of several details each must have an
 * amount. Charges are counted unless the bank says that they are not in the entry (ChrgInclInd false). Reason
 * 0000, with which some Spanish banks report success, is not a return.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "formats/camt.h"
#include "formats/iso20022.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/text.h"
#include "formats/xml.h"

#define ENTRY  "Ntry"
#define DETAIL ENTRY "/NtryDtls/TxDtls"

/* Where the amount of a detail came from: the higher, the better the source. */
enum source { NO_AMOUNT, INSTRUCTED, TRANSACTION, OWN };

struct charge {
	cents amount;
	bool is_euro, is_credit, is_elsewhere;
};

struct camt_reading {
	struct camt_reader to;
	long line; /* of the element at hand */
	char account_iban[35], account_other[36];
	struct camt_entry entry, detail; /* an entry has what its details inherit */
	struct camt_entry *now;          /* the one of both that is being filled */
	struct charge charge;
	enum source source;
	cents explained, explained_charges; /* of the entry at hand, by its details so far */
	cents instructed;                   /* of the detail at hand; 0: not known */
	bool has_amount, has_direction, has_return, is_euro;
};

enum camt_kind { ID, CODE, STATUS, DIRECTION, REVERSAL, DAY, FREE_TEXT, REASON, COUNT };

struct camt_field {
	const char *path;
	enum camt_kind kind;
	size_t offset, size;
};

#define FIELD(path, kind, member)                                                                            \
	{                                                                                                    \
		path, kind, offsetof(struct camt_entry, member), sizeof(((struct camt_entry *)NULL)->member) \
	}
#define BANK_TRANSACTION_CODE(level)                                                                     \
	FIELD(level "/BkTxCd/Domn/Cd", CODE, domain), FIELD(level "/BkTxCd/Domn/Fmly/Cd", CODE, family), \
	    FIELD(level "/BkTxCd/Domn/Fmly/SubFmlyCd", CODE, sub_family)

static const struct camt_field fields[] = {
    FIELD(ENTRY "/CdtDbtInd", DIRECTION, credit),
    FIELD(ENTRY "/RvslInd", REVERSAL, reversal),
    FIELD(ENTRY "/Sts", STATUS, status),
    FIELD(ENTRY "/Sts/Cd", STATUS, status),
    FIELD(ENTRY "/BookgDt/Dt", DAY, booking_on),
    FIELD(ENTRY "/BookgDt/DtTm", DAY, booking_on),
    FIELD(ENTRY "/ValDt/Dt", DAY, value_on),
    FIELD(ENTRY "/ValDt/DtTm", DAY, value_on),
    FIELD(ENTRY "/AcctSvcrRef", ID, account_servicer_ref),
    BANK_TRANSACTION_CODE(ENTRY),
    FIELD(ENTRY "/AddtlNtryInf", FREE_TEXT, text),
    FIELD(ENTRY "/NtryDtls/Btch/MsgId", ID, msg_id),
    FIELD(ENTRY "/NtryDtls/Btch/PmtInfId", ID, payment_information_id),
    FIELD(ENTRY "/NtryDtls/Btch/NbOfTxs", COUNT, batch_count),
    FIELD(DETAIL "/CdtDbtInd", DIRECTION, credit),
    FIELD(DETAIL "/Refs/MsgId", ID, msg_id),
    FIELD(DETAIL "/Refs/AcctSvcrRef", ID, account_servicer_ref),
    FIELD(DETAIL "/Refs/PmtInfId", ID, payment_information_id),
    FIELD(DETAIL "/Refs/InstrId", ID, instruction_id),
    FIELD(DETAIL "/Refs/EndToEndId", ID, end_to_end_id),
    FIELD(DETAIL "/Refs/MndtId", ID, mandate_reference),
    BANK_TRANSACTION_CODE(DETAIL),
    FIELD(DETAIL "/RtrInf/Rsn/Cd", REASON, reason),
    FIELD(DETAIL "/RtrInf/Rsn/Prtry", REASON, reason),
    FIELD(DETAIL "/RtrInf/AddtlInf", FREE_TEXT, text),
    FIELD(DETAIL "/AddtlTxInf", FREE_TEXT, text),
};

static const struct {
	const char *path;
	enum source source;
} amounts[] = {
    {ENTRY "/Amt", NO_AMOUNT},
    {DETAIL "/Amt", OWN},
    {DETAIL "/AmtDtls/TxAmt/Amt", TRANSACTION},
    {DETAIL "/AmtDtls/InstdAmt/Amt", INSTRUCTED},
};

static const char *const charges[] = {
    ENTRY "/Chrgs",
    ENTRY "/Chrgs/Rcrd",
    DETAIL "/Chrgs",
    DETAIL "/Chrgs/Rcrd",
};

static bool
is_return(const struct camt_entry *n, bool has_return)
{
	static const char *const families[] = {"UPDD", "PRDD", "RCDD", "RRTN"};
	size_t i;

	for (i = 0; i < LENGTH(families); i++)
		if (strcmp(n->sub_family, families[i]) == 0)
			return true;
	return has_return || n->reversal;
}

/* The bank's own charges may name a file, but they do not book it. */
static bool
is_fee(const struct camt_entry *n)
{
	static const char *const codes[] = {"CHRG", "COMM", "FEES", "INTR"};
	size_t i;

	for (i = 0; i < LENGTH(codes); i++)
		if (strcmp(n->sub_family, codes[i]) == 0)
			return true;
	return false;
}

static int
give(struct camt_reading *r, struct camt_entry *n, struct err *e)
{
	cents more = n->credit ? r->instructed - n->amount : n->amount - r->instructed;

	n->is_fee = is_fee(n);
	if (r->instructed > 0 && more > 0)
		n->principal = r->instructed;
	else
		n->principal = n->credit ? n->amount + n->charges : n->amount - n->charges;
	return r->to.entry(r->to.ctx, n, e);
}

/* The detail at hand, if any; `last` when the entry is complete. */
static int
camt_hand_on(struct camt_reading *r, bool last, struct err *e)
{
	struct camt_entry *n = &r->detail;
	bool only = last && n->detail <= 1;

	if (n->detail == 0 && !last)
		return 0;
	if (n->detail == 0)
		*n = r->entry;
	n->entry_amount = r->entry.entry_amount;
	if (r->source == NO_AMOUNT) {
		if (!only)
			return err_at(e, n->line, 0, ERR_BAD_FIELD,
			              "an entry has several details, and one of them has no amount");
		n->amount = r->entry.entry_amount;
	}
	if (only && n->charges == 0)
		n->charges = r->entry.charges;
	if (only && n->text[0] == '\0')
		memcpy(n->text, r->entry.text, sizeof(n->text));
	n->is_return = is_return(n, r->has_return);
	if (n->detail > 0) {
		r->explained += n->credit == r->entry.credit ? n->amount : -n->amount;
		r->explained_charges += n->charges;
	}
	return give(r, n, e);
}

/* Money of an entry that its details do not explain, neither as amounts nor as charges: handed on without any id, so that
 * it cannot vanish. */
static int
hand_on_rest(struct camt_reading *r, struct err *e)
{
	cents rest = r->entry.entry_amount - r->explained;
	cents taken = r->entry.credit ? -rest : rest; /* charges make a debit more, and a credit less */
	struct camt_entry n = r->entry;

	if (r->detail.detail == 0 || rest == 0 || taken == r->explained_charges || taken == r->entry.charges)
		return 0;
	n.credit = rest > 0 ? n.credit : !n.credit;
	n.amount = rest > 0 ? rest : -rest;
	n.charges = r->instructed = 0;
	n.reversal = false;
	n.end_to_end_id[0] = n.instruction_id[0] = n.mandate_reference[0] = '\0';
	n.msg_id[0] = n.payment_information_id[0] = n.sub_family[0] = '\0';
	iso_cut(n.text, sizeof(n.text),
	        "the details of this entry do not add up to its amount: this is the difference");
	return give(r, &n, e);
}

static void
start_entry(struct camt_reading *r)
{
	int number = r->entry.entry + 1;

	r->entry = (struct camt_entry){
	    .line = r->line,
	    .entry = number,
	    .problem_code = "",
	    .booking_on = DATE_NONE,
	    .value_on = DATE_NONE,
	    .batch_count = -1,
	};
	r->detail = (struct camt_entry){0};
	r->now = &r->entry;
	memcpy(r->entry.account_iban, r->account_iban, sizeof(r->account_iban));
	memcpy(r->entry.account_other, r->account_other, sizeof(r->account_other));
	r->source = NO_AMOUNT;
	r->instructed = 0;
	r->has_amount = r->has_direction = r->has_return = false;
	r->explained = r->explained_charges = 0;
}

static int
start_detail(struct camt_reading *r, struct err *e)
{
	int number;

	if (camt_hand_on(r, false, e) != 0)
		return -1;
	number = r->detail.detail + 1;
	r->detail = r->entry;
	r->detail.detail = number;
	r->detail.charges = r->instructed = 0;
	r->now = &r->detail;
	r->source = NO_AMOUNT;
	r->has_return = false;
	return 0;
}

static int
end_entry(struct camt_reading *r, struct err *e)
{
	if (!r->has_amount || !r->has_direction)
		return err_at(e, r->entry.line, 0, ERR_BAD_FIELD, "the entry has no %s",
		              r->has_amount ? "CdtDbtInd" : "amount");
	if (camt_hand_on(r, true, e) != 0)
		return -1;
	return hand_on_rest(r, e);
}

int
camt_begin(struct camt_reading *r, const char *path, struct xml_reader *x, struct err *e)
{
	const char *name = strrchr(path, '/');
	size_t i;

	r->line = x->line;
	if (name != NULL && strcmp(name, "/Amt") == 0) {
		const char *currency = xml_attribute(x, "Ccy");

		r->is_euro = currency != NULL && strcmp(currency, "EUR") == 0;
		if (strcmp(path, ENTRY "/Amt") == 0)
			text_copy(r->entry.currency, sizeof(r->entry.currency), currency);
	}
	if (*path == '\0')
		r->account_iban[0] = r->account_other[0] = '\0';
	else if (strcmp(path, ENTRY) == 0)
		start_entry(r);
	else if (strcmp(path, DETAIL) == 0)
		return start_detail(r, e);
	else if (strcmp(path, DETAIL "/RtrInf") == 0)
		r->has_return = true;
	for (i = 0; i < LENGTH(charges); i++)
		if (strcmp(path, charges[i]) == 0)
			r->charge = (struct charge){0};
	return 0;
}

static int
fill_direction(struct camt_reading *r, const char *text, struct err *e)
{
	r->now->credit = strcmp(text, "CRDT") == 0;
	if (!r->now->credit && strcmp(text, "DBIT") != 0)
		return err_set(e, ERR_BAD_FIELD, "CdtDbtInd must be CRDT or DBIT");
	r->has_direction |= r->now == &r->entry;
	return 0;
}

static int
fill_flag(bool *flag, const char *text, struct err *e)
{
	*flag = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
	if (!*flag && strcmp(text, "false") != 0 && strcmp(text, "0") != 0)
		return err_set(e, ERR_BAD_FIELD, "must be true or false");
	return 0;
}

static int
camt_fill(struct camt_reading *r, const struct camt_field *f, const char *text, struct err *e)
{
	/* the text of an entry comes after its details, and belongs to the entry all the same */
	struct camt_entry *n = strncmp(f->path, DETAIL, strlen(DETAIL)) == 0 ? &r->detail : &r->entry;
	char *to = (char *)n + f->offset;

	switch (f->kind) {
	case ID:
	case CODE:
		text_copy(to, f->size, text);
		return 0;
	case STATUS:
		if (*text == '\0') /* Sts that contains Cd or Prtry */
			return 0;
		return text_copy(to, f->size, text) != 0
		           ? err_set(e, ERR_BAD_FIELD,
		                     "the status is not a valid code: it must have four letters")
		           : 0;
	case DIRECTION:
		return fill_direction(r, text, e);
	case REVERSAL:
		return fill_flag(&n->reversal, text, e);
	case DAY:
		return iso_date(
		    text, f->offset == offsetof(struct camt_entry, value_on) ? &n->value_on : &n->booking_on,
		    e);
	case REASON:
		if (*to == '\0' && strcmp(text, "0000") != 0)
			iso_cut(to, f->size, text);
		r->has_return = r->has_return && strcmp(text, "0000") != 0;
		return 0;
	case FREE_TEXT:
		if (*to == '\0')
			iso_cut(to, f->size, text);
		return 0;
	case COUNT:
		return iso_count(text, &n->batch_count, e);
	}
	return 0;
}

/* An instructed amount in another currency says nothing about what moved here. */
static int
fill_amount(struct camt_reading *r, enum source source, const char *text, struct err *e)
{
	cents amount;

	if (source == INSTRUCTED && !r->is_euro)
		return 0;
	if (iso_euros(text, r->is_euro ? "EUR" : "", &amount, e) != 0)
		return -1;
	if (source == INSTRUCTED)
		r->instructed = amount;
	if (source != NO_AMOUNT && source < r->source)
		return 0;
	if (source == NO_AMOUNT) {
		r->entry.entry_amount = r->entry.amount = amount;
		r->has_amount = true;
	} else {
		r->detail.amount = amount;
		r->source = source;
	}
	return 0;
}

static int
fill_charge(struct camt_reading *r, const char *member, const char *text, struct err *e)
{
	if (strcmp(member, "/CdtDbtInd") == 0) {
		r->charge.is_credit = strcmp(text, "CRDT") == 0;
	} else if (strcmp(member, "/ChrgInclInd") == 0) {
		bool included;

		if (fill_flag(&included, text, e) != 0)
			return -1;
		r->charge.is_elsewhere = !included;
	} else if (strcmp(member, "/Amt") == 0) {
		r->charge.is_euro = r->is_euro;
		return iso_euros(text, NULL, &r->charge.amount, e);
	}
	return 0;
}

/* At the end of Chrgs, which is the charge itself in .02, and of each Rcrd in it later. */
static int
end_charge(struct camt_reading *r, struct err *e)
{
	struct charge c = r->charge;

	r->charge = (struct charge){0};
	if (c.amount == 0 || c.is_elsewhere)
		return 0;
	if (!c.is_euro)
		return err_set(e, ERR_BAD_FIELD, "the charges are not in EUR");
	if (!money_add(&r->now->charges, c.is_credit ? -c.amount : c.amount))
		return err_set(e, ERR_BAD_FIELD, "the charges are too large");
	return 0;
}

/* 1 when the path is about charges and all is well. */
static int
read_charge(struct camt_reading *r, const char *path, const char *text, struct err *e)
{
	size_t i;

	for (i = 0; i < LENGTH(charges); i++) {
		size_t length = strlen(charges[i]);

		if (strncmp(path, charges[i], length) != 0)
			continue;
		if (path[length] == '\0')
			return end_charge(r, e) != 0 ? -1 : 1;
		if (path[length] == '/' && strchr(path + length + 1, '/') == NULL &&
		    strcmp(path + length, "/Rcrd") != 0)
			return fill_charge(r, path + length, text, e) != 0 ? -1 : 1;
	}
	return 0;
}

int
camt_end(struct camt_reading *r, const char *path, const char *text, struct err *e)
{
	size_t i;
	int rc;

	for (i = 0; i < LENGTH(amounts); i++)
		if (strcmp(path, amounts[i].path) == 0)
			return fill_amount(r, amounts[i].source, text, e);
	for (i = 0; i < LENGTH(fields); i++)
		if (strcmp(path, fields[i].path) == 0)
			return camt_fill(r, &fields[i], text, e);
	rc = read_charge(r, path, text, e);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (strcmp(path, DETAIL) == 0)
		r->now = &r->entry;
	else if (strcmp(path, ENTRY) == 0)
		return end_entry(r, e);
	else if (strcmp(path, "Acct/Id/IBAN") == 0)
		text_copy(r->account_iban, sizeof(r->account_iban), text);
	else if (strcmp(path, "Acct/Id/Othr/Id") == 0)
		text_copy(r->account_other, sizeof(r->account_other), text);
	return 0;
}

struct camt_reading *
camt_open(const struct camt_reader *to)
{
	struct camt_reading *r = memory_new(1, sizeof(*r));

	r->to = *to;
	r->now = &r->entry;
	return r;
}

void
camt_close(struct camt_reading *r)
{
	free(r);
}
