/* pain002: see pain002.h.
 *
 * An element is known by its path of local names, so versions .03 to .10 and any prefix read alike. A record is handed on
 * as soon as its level is complete: the group at its end, a block before its first transaction, a transaction at its end.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "formats/iso20022.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/pain002.h"
#include "formats/text.h"
#include "formats/xml.h"

#define GROUP "OrgnlGrpInfAndSts"
#define BLOCK "OrgnlPmtInfAndSts"
#define TX    BLOCK "/TxInfAndSts"

struct pain002_reading {
	pain002_fn *each;
	void *ctx;
	long line;                        /* of the element at hand */
	struct pain002_status block, now; /* the block at hand; the record being filled, of any level */
	bool block_is_reported, amount_is_euro;
};

enum pain002_kind { ID, STATUS, FREE_TEXT, COUNT, SUM, AMOUNT };

struct pain002_field {
	const char *path;
	enum pain002_kind kind;
	size_t offset, size;
};

#define STATUS_FIELD(path, kind, member)                             \
	{                                                            \
		path, kind, offsetof(struct pain002_status, member), \
		    sizeof(((struct pain002_status *)NULL)->member)  \
	}
#define REASONS(level)                                                     \
	STATUS_FIELD(level "/StsRsnInf/Rsn/Cd", FREE_TEXT, reason),        \
	    STATUS_FIELD(level "/StsRsnInf/Rsn/Prtry", FREE_TEXT, reason), \
	    STATUS_FIELD(level "/StsRsnInf/AddtlInf", FREE_TEXT, text)

static const struct pain002_field fields[] = {
    STATUS_FIELD(GROUP "/OrgnlNbOfTxs", COUNT, count),
    STATUS_FIELD(GROUP "/OrgnlCtrlSum", SUM, sum),
    STATUS_FIELD(GROUP "/GrpSts", STATUS, status),
    REASONS(GROUP),
    STATUS_FIELD(BLOCK "/OrgnlPmtInfId", ID, payment_information_id),
    STATUS_FIELD(BLOCK "/OrgnlNbOfTxs", COUNT, count),
    STATUS_FIELD(BLOCK "/OrgnlCtrlSum", SUM, sum),
    STATUS_FIELD(BLOCK "/PmtInfSts", STATUS, status),
    REASONS(BLOCK),
    STATUS_FIELD(TX "/OrgnlInstrId", ID, instruction_id),
    STATUS_FIELD(TX "/OrgnlEndToEndId", ID, end_to_end_id),
    STATUS_FIELD(TX "/TxSts", STATUS, status),
    REASONS(TX),
    STATUS_FIELD(TX "/OrgnlTxRef/Amt/InstdAmt", AMOUNT, sum),
    STATUS_FIELD(TX "/OrgnlTxRef/MndtRltdInf/MndtId", ID, mandate_reference),
};

static void
pain002_start(struct pain002_reading *r, enum pain002_level level)
{
	r->now = (struct pain002_status){
	    .level = level, .line = r->line, .count = -1, .sum = -1, .problem_code = ""};
	if (level == PAIN002_TRANSACTION)
		memcpy(r->now.payment_information_id, r->block.payment_information_id,
		       sizeof(r->now.payment_information_id));
}

static int
pain002_hand_on(struct pain002_reading *r, const struct pain002_status *s, struct err *e)
{
	if (s->level != PAIN002_TRANSACTION && s->status[0] == '\0' && s->reason[0] == '\0')
		return 0;
	return r->each(r->ctx, s, e);
}

static int
end_block_header(struct pain002_reading *r, struct err *e)
{
	if (r->block_is_reported)
		return 0;
	r->block_is_reported = true;
	r->block = r->now;
	return pain002_hand_on(r, &r->block, e);
}

int
pain002_begin(struct pain002_reading *r, const char *path, struct xml_reader *x, struct err *e)
{
	r->line = x->line;
	if (strcmp(path, GROUP) == 0) {
		pain002_start(r, PAIN002_GROUP);
	} else if (strcmp(path, BLOCK) == 0) {
		pain002_start(r, PAIN002_BLOCK);
		r->block = r->now;
		r->block_is_reported = false;
	} else if (strcmp(path, TX) == 0) {
		if (end_block_header(r, e) != 0)
			return -1;
		pain002_start(r, PAIN002_TRANSACTION);
	} else if (strcmp(path, TX "/OrgnlTxRef/Amt/InstdAmt") == 0) {
		const char *currency = xml_attribute(x, "Ccy");

		r->amount_is_euro = currency != NULL && strcmp(currency, "EUR") == 0;
	}
	return 0;
}

static int
pain002_fill(struct pain002_reading *r, const struct pain002_field *f, const char *text, struct err *e)
{
	char *to = (char *)&r->now + f->offset;

	switch (f->kind) {
	case ID:
		text_copy(to, f->size, text);
		return 0;
	case STATUS:
		return text_copy(to, f->size, text) != 0
		           ? err_set(e, ERR_BAD_FIELD,
		                     "the status is not a valid code: it must have four letters")
		           : 0;
	case FREE_TEXT:
		if (*to == '\0')
			iso_cut(to, f->size, text);
		return 0;
	case COUNT:
		return iso_count(text, &r->now.count, e);
	case SUM:
		return iso_euros(text, NULL, &r->now.sum, e);
	case AMOUNT:
		return iso_euros(text, r->amount_is_euro ? "EUR" : "", &r->now.sum, e);
	}
	return 0;
}

int
pain002_end(struct pain002_reading *r, const char *path, const char *text, struct err *e)
{
	size_t i;

	for (i = 0; i < LENGTH(fields); i++)
		if (strcmp(path, fields[i].path) == 0)
			return pain002_fill(r, &fields[i], text, e);
	if (strcmp(path, GROUP) == 0 || strcmp(path, TX) == 0)
		return pain002_hand_on(r, &r->now, e);
	if (strcmp(path, BLOCK) == 0)
		return end_block_header(r, e);
	return 0;
}

struct pain002_reading *
pain002_open(pain002_fn *each, void *ctx)
{
	struct pain002_reading *r = memory_new(1, sizeof(*r));

	r->each = each;
	r->ctx = ctx;
	return r;
}

void
pain002_close(struct pain002_reading *r)
{
	free(r);
}
