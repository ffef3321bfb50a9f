/* camt_amounts: see camt_amounts.h. */
#include <string.h>

#include "formats/camt_amounts.h"
#include "formats/length.h"
#include "formats/text.h"

#define MOST_SUM INT64_C(1000000000000000000)

/* Whether the charges of the details are in their amounts, or come on top of them. */
enum meaning { WITHIN, ON_TOP };

static bool
is_in(const char *word, const char *const list[], size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(word, list[i]) == 0)
			return true;
	return false;
}

static bool
is_return(const struct camt_part *p)
{
	static const char *const families[] = {"UPDD", "PRDD", "RCDD", "RRTN", "RPCR"};

	return (p->has_return && !p->is_success) || is_in(p->entry.sub_family, families, LENGTH(families)) ||
	       p->entry.reversal;
}

static bool
is_fee(const struct camt_part *p)
{
	static const char *const families[] = {"CHRG", "COME", "COMI", "COMM",
	                                       "COMT", "FEES", "INTR", "TAXE"};

	return is_in(p->entry.sub_family, families, LENGTH(families));
}

/* false when the sum is so large that no bank means it. */
static bool
add_up(cents *sum, cents amount)
{
	return money_add(sum, amount) && *sum <= MOST_SUM && *sum >= -MOST_SUM;
}

bool
camt_add_charge(struct camt_entry *n, const struct camt_charge *c)
{
	return add_up(c->is_beside ? &n->charges_beside : &n->charges, c->is_credit ? -c->amount : c->amount);
}

/* Two letters and two digits: the form of the ISO codes. */
static bool
is_reason(const char *text, size_t n)
{
	return n == 4 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z' &&
	       text[2] >= '0' && text[2] <= '9' && text[3] >= '0' && text[3] <= '9';
}

void
camt_find_reason(struct camt_entry *n)
{
	static const char *const tags[] = {"/RTYP/", "/RTRN/", "/RJCT/"};
	const char *at = n->text, *found = NULL;
	size_t i;

	if (is_reason(at, strlen(at))) {
		memcpy(n->reason, at, 5);
		return;
	}
	for (i = 0; i < LENGTH(tags) && strstr(at, tags[i]) == NULL; i++)
		;
	if (i == LENGTH(tags))
		return;
	while (*at != '\0') {
		size_t length = strcspn(at, "/");

		if (is_reason(at, length)) {
			if (found != NULL)
				return;
			found = at;
		}
		at += length;
		at += *at == '/';
	}
	if (found != NULL)
		memcpy(n->reason, found, 4);
}

void
camt_batch_start(struct camt_batch *b)
{
	b->count = 0;
	b->seen = 0;
	b->explained = b->charges = 0;
	b->is_open = false;
}

/* The amount asked for, when the bank gives it and what moved is more of a debit, or less of a credit. */
static cents
principal_of(const struct camt_part *p, cents moved, cents otherwise)
{
	cents more = p->entry.credit ? p->instructed - moved : moved - p->instructed;

	return p->instructed > 0 && more >= 0 ? p->instructed : otherwise;
}

static cents
without_charges(const struct camt_entry *n, cents amount)
{
	return n->credit ? amount + n->charges : amount - n->charges;
}

static void
settle_amount(struct camt_part *p, enum meaning meaning)
{
	struct camt_entry *n = &p->entry;

	n->amount = p->amount;
	if (meaning == ON_TOP)
		n->amount = n->credit ? p->amount - n->charges : p->amount + n->charges;
	n->principal = principal_of(p, n->amount, without_charges(n, n->amount));
}

/* The only detail, or the entry that has none, is what moved; what is less of a debit, or more of a credit, is the principal.
 * NULL, or why its amount is not the entry's. */
static const char *
settle_only(const struct camt_batch *b, struct camt_part *p)
{
	struct camt_entry *n = &p->entry;
	cents moved = b->entry.amount, more;

	n->amount = n->principal = moved;
	if (moved < 0)
		return NULL;
	if (n->credit != b->entry.entry.credit)
		return "the only detail of the entry has another direction";
	if (n->charges == 0)
		n->charges = b->entry.entry.charges;
	if (n->charges_beside == 0)
		n->charges_beside = b->entry.entry.charges_beside;
	if (p->instructed < 0)
		p->instructed = b->entry.instructed;
	if (n->text[0] == '\0')
		memcpy(n->text, b->entry.entry.text, sizeof(n->text));
	n->principal = principal_of(p, moved, without_charges(n, moved));
	more = n->credit ? p->amount - moved : moved - p->amount;
	if (p->source == CAMT_NO_AMOUNT || more == 0)
		return NULL;
	if (p->source == CAMT_OWN && (n->charges == 0 || more != n->charges))
		return "the amount of the entry is not that of its only detail";
	if (more > 0)
		n->principal = principal_of(p, moved, p->amount);
	return NULL;
}

/* The sum of the details so far, in the direction of the entry, and of their charges. */
static void
add_details(struct camt_batch *b)
{
	size_t i;

	for (i = 0; i < b->count; i++) {
		const struct camt_part *p = &b->details[i];
		bool same = p->entry.credit == b->entry.entry.credit;

		if (p->source == CAMT_NO_AMOUNT || !add_up(&b->explained, same ? p->amount : -p->amount) ||
		    !add_up(&b->charges, p->entry.charges))
			b->is_open = true;
	}
}

static void
settle_each(struct camt_batch *b, enum meaning meaning)
{
	size_t i;

	for (i = 0; i < b->count; i++) {
		struct camt_part *p = &b->details[i];

		if (p->source != CAMT_NO_AMOUNT) {
			settle_amount(p, meaning);
			continue;
		}
		p->entry.amount = p->entry.principal = -1;
		if (p->entry.problem[0] == '\0') {
			p->entry.problem_code = ERR_MISSING_FIELD;
			text_copy(p->entry.problem, sizeof(p->entry.problem),
			          "the entry has several details, and this one has no amount in EUR");
		}
	}
}

/* Charges of the entry that are in none of its details: a record of their own, so that they cannot vanish. */
static void
add_charges_of_entry(struct camt_batch *b)
{
	struct camt_part *p = &b->details[b->count];
	struct camt_entry *n = &p->entry;

	*p = b->entry;
	n->credit = n->charges < 0;
	n->amount = n->principal = n->charges < 0 ? -n->charges : n->charges;
	n->charges = n->charges_beside = 0;
	n->reversal = false;
	n->msg_id[0] = n->payment_information_id[0] = '\0';
	memcpy(n->sub_family, "CHRG", sizeof(n->sub_family));
	b->count++;
}

static const char *
settle_several(struct camt_batch *b)
{
	cents moved = b->entry.amount, more;

	add_details(b);
	more = b->entry.entry.credit ? b->explained - moved : moved - b->explained;
	if (b->is_open || moved < 0 || more == 0) {
		settle_each(b, WITHIN);
		return NULL;
	}
	if (more == b->charges && (size_t)b->seen == b->count) {
		settle_each(b, ON_TOP);
		return NULL;
	}
	settle_each(b, WITHIN);
	if (more != b->entry.entry.charges)
		return "the details of the entry do not add up to its amount";
	add_charges_of_entry(b);
	return NULL;
}

/* What the bank did with a part, and what it takes over from the entry. */
static void
describe(const struct camt_batch *b, struct camt_part *p)
{
	struct camt_entry *n = &p->entry;
	const struct camt_entry *whole = &b->entry.entry;

	n->entry_amount = b->entry.amount;
	n->is_fee = is_fee(p);
	n->is_return = !n->is_fee && is_return(p);
	if (n->principal < 0)
		n->principal = n->amount;
	if (whole->problem[0] != '\0' && n->problem[0] == '\0') {
		n->problem_code = whole->problem_code;
		memcpy(n->problem, whole->problem, sizeof(n->problem));
	}
	if (n->amount < 0 && n->problem[0] == '\0') {
		n->problem_code = ERR_BAD_FIELD;
		text_copy(n->problem, sizeof(n->problem), "the charges are more than the amount");
	}
}

void
camt_batch_settle_part(struct camt_batch *b)
{
	size_t i;

	add_details(b);
	settle_each(b, WITHIN);
	for (i = 0; i < b->count; i++)
		describe(b, &b->details[i]);
}

const char *
camt_batch_settle(struct camt_batch *b)
{
	const char *problem;
	size_t i;

	if (b->seen == 0) {
		b->details[0] = b->entry;
		b->count = 1;
	}
	if (b->seen > 1)
		problem = settle_several(b);
	else
		problem = settle_only(b, &b->details[0]);
	for (i = 0; i < b->count; i++)
		describe(b, &b->details[i]);
	return b->entry.entry.problem[0] == '\0' ? problem : NULL;
}
