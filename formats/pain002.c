/* pain002: see pain002.h.
 *
 * A record is handed on as soon as its level is complete: the group at its end, a block before its first transaction, a
 * transaction at its end.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "formats/iso20022.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/pain002.h"
#include "formats/text.h"

struct pain002_reading {
	pain002_fn *each;
	void *ctx;
	struct pain002_status block, now; /* the block at hand; the record being filled, of any level */
	bool block_is_reported, has_iso_reason, is_euro;
	bool has_other_reason;     /* of a change: not of the day */
	date settled_on, asked_on; /* as the bank repeats the transaction */
};

enum element {
	MESSAGE = PAIN002_MESSAGE,
	GROUP = PAIN002_ORIGINAL,
	BLOCK,
	TX,
	COUNT,
	SUM,
	STATUS,
	BLOCK_ID,
	REASONS,
	REASON,
	REASON_CODE,
	REASON_OTHER,
	REASON_TEXT,
	INSTRUCTION_ID,
	END_TO_END_ID,
	ORIGINAL,
	AMOUNTS,
	AMOUNT,
	MANDATE_INFO,
	MANDATE,
	SETTLEMENT_DAY,
	REQUESTED_DAY,
	DAY_CHOICE,
};

static const struct xml_name names[] = {
    {MESSAGE, GROUP, "OrgnlGrpInfAndSts"},
    {GROUP, COUNT, "OrgnlNbOfTxs"},
    {GROUP, SUM, "OrgnlCtrlSum"},
    {GROUP, STATUS, "GrpSts"},
    {GROUP, REASONS, "StsRsnInf"},
    {MESSAGE, BLOCK, "OrgnlPmtInfAndSts"},
    {BLOCK, BLOCK_ID, "OrgnlPmtInfId"},
    {BLOCK, COUNT, "OrgnlNbOfTxs"},
    {BLOCK, SUM, "OrgnlCtrlSum"},
    {BLOCK, STATUS, "PmtInfSts"},
    {BLOCK, REASONS, "StsRsnInf"},
    {BLOCK, TX, "TxInfAndSts"},
    {TX, INSTRUCTION_ID, "OrgnlInstrId"},
    {TX, END_TO_END_ID, "OrgnlEndToEndId"},
    {TX, STATUS, "TxSts"},
    {TX, REASONS, "StsRsnInf"},
    {REASONS, REASON, "Rsn"},
    {REASON, REASON_CODE, "Cd"},
    {REASON, REASON_OTHER, "Prtry"},
    {REASONS, REASON_TEXT, "AddtlInf"},
    {TX, ORIGINAL, "OrgnlTxRef"},
    {ORIGINAL, AMOUNTS, "Amt"},
    {AMOUNTS, AMOUNT, "InstdAmt"},
    {ORIGINAL, MANDATE_INFO, "MndtRltdInf"},
    {MANDATE_INFO, MANDATE, "MndtId"},
    {MANDATE_INFO, MANDATE_INFO, "DrctDbtMndt"},
    {TX, DAY_CHOICE, "FctvIntrBkSttlmDt"},
    {DAY_CHOICE, SETTLEMENT_DAY, "Dt"},
    {ORIGINAL, SETTLEMENT_DAY, "IntrBkSttlmDt"},
    {ORIGINAL, REQUESTED_DAY, "ReqdColltnDt"},
    {ORIGINAL, REQUESTED_DAY, "ReqdExctnDt"},
    {REQUESTED_DAY, REQUESTED_DAY, "Dt"},
};

struct xml_names
pain002_names(void)
{
	return (struct xml_names){names, LENGTH(names)};
}

/* The first problem is the one that is reported. */
static void
set_problem(struct pain002_reading *r, const char *problem)
{
	if (r->now.problem[0] != '\0')
		return;
	r->now.problem_code = ERR_BAD_FIELD;
	text_copy(r->now.problem, sizeof(r->now.problem), problem);
}

static void
pain002_start(struct pain002_reading *r, enum pain002_level level, long line)
{
	r->now = (struct pain002_status){
	    .level = level, .line = line, .count = -1, .sum = -1, .day = DATE_NONE, .problem_code = ""};
	r->has_iso_reason = r->has_other_reason = false;
	r->settled_on = r->asked_on = DATE_NONE;
	if (level == PAIN002_TRANSACTION)
		memcpy(r->now.payment_information_id, r->block.payment_information_id,
		       sizeof(r->now.payment_information_id));
}

/* The day in a text, if there is one and no other. */
static date
find_only_day(const char *text)
{
	date found = DATE_NONE, on;
	char word[DATE_TEXT];
	struct err why = {0};
	size_t i, n;

	for (i = 0; text[i] != '\0'; i += n > 0 ? n : 1) {
		n = strspn(text + i, "0123456789-");
		if (n != sizeof(word) - 1)
			continue;
		memcpy(word, text + i, n);
		word[n] = '\0';
		if (date_parse(word, &on, &why) != 0)
			continue;
		if (found != DATE_NONE && found != on)
			return DATE_NONE;
		found = on;
	}
	return found;
}

/* An absent day is before all others. */
static date
later(date a, date b)
{
	return a > b ? a : b;
}

/* What the bank repeats may be the day that was asked for: a collection is moved to a later one only. */
static date
find_day(const struct pain002_reading *r)
{
	if (strcmp(r->now.status, "ACWC") != 0 || r->has_other_reason)
		return DATE_NONE;
	return later(r->settled_on, later(r->asked_on, find_only_day(r->now.text)));
}

static int
pain002_hand_on(struct pain002_reading *r, const struct pain002_status *s, struct err *e)
{
	if (s->level != PAIN002_TRANSACTION && s->status[0] == '\0' && s->reason[0] == '\0' &&
	    s->problem[0] == '\0')
		return 0;
	return r->each(r->ctx, s, e);
}

static int
end_block_header(struct pain002_reading *r, struct err *e)
{
	if (r->block_is_reported)
		return 0;
	r->block_is_reported = true;
	r->now.day = find_day(r);
	r->block = r->now;
	return pain002_hand_on(r, &r->block, e);
}

int
pain002_begin(struct pain002_reading *r, int element, const struct xml_elements *x, struct err *e)
{
	const char *currency;

	switch (element) {
	case GROUP:
		pain002_start(r, PAIN002_GROUP, x->line);
		return 0;
	case BLOCK:
		pain002_start(r, PAIN002_BLOCK, x->line);
		r->block = r->now;
		r->block_is_reported = false;
		return 0;
	case TX:
		if (end_block_header(r, e) != 0)
			return -1;
		pain002_start(r, PAIN002_TRANSACTION, x->line);
		return 0;
	case AMOUNT:
		currency = xml_element_attribute(x, "Ccy");
		r->is_euro = currency != NULL && strcmp(currency, "EUR") == 0;
		return 0;
	default:
		return 0;
	}
}

static void
fill_status(struct pain002_reading *r, const char *text)
{
	static const char *const known[] = {"ACCC", "ACCP", "ACFC", "ACFW", "ACIS", "ACPD", "ACSC",
	                                    "ACSP", "ACTC", "ACWC", "ACWP", "BLCK", "CANC", "CPUC",
	                                    "PART", "PATC", "PDNG", "PRES", "RCVC", "RCVD", "RJCT",
	                                    "RVCM", "RVMC", "RVNA", "RVNC", "RVNM"};
	size_t i;

	for (i = 0; i < LENGTH(known); i++)
		if (strcmp(text, known[i]) == 0) {
			memcpy(r->now.status, text, sizeof(r->now.status));
			return;
		}
	set_problem(r, "the status is not one of the standard");
}

static void
fill_reason(struct pain002_reading *r, bool is_iso, const char *text)
{
	if (r->now.reason[0] == '\0' || (is_iso && !r->has_iso_reason))
		text_cut(r->now.reason, sizeof(r->now.reason), text);
	r->has_iso_reason |= is_iso;
	r->has_other_reason |= strcmp(text, "DT06") != 0 && strcmp(text, "CH19") != 0;
}

static void
fill_number(struct pain002_reading *r, int element, const char *text)
{
	struct err why = {0};

	if (element == COUNT && iso_count(text, &r->now.count, &why) != 0)
		set_problem(r, "the number of transactions is not a number");
	else if (element == SUM && iso_euros(text, NULL, &r->now.sum, &why) != 0)
		set_problem(r, "the control sum is not in whole euro cents");
	else if (element == AMOUNT && iso_euros(text, r->is_euro ? "EUR" : "", &r->now.sum, &why) != 0)
		set_problem(r, why.message);
}

static void
fill_id(char to[36], const char *text)
{
	text_copy(to, 36, text);
}

/* What is no day is left to a person, as if it were absent. */
static void
fill_day(date *to, const char *text)
{
	struct err why = {0};
	date on;

	if (iso_date(text, &on, &why) == 0)
		*to = on;
}

int
pain002_end(struct pain002_reading *r, int element, const char *text, struct err *e)
{
	switch (element) {
	case GROUP:
	case TX:
		r->now.day = find_day(r);
		return pain002_hand_on(r, &r->now, e);
	case BLOCK:
		return end_block_header(r, e);
	case COUNT:
	case SUM:
	case AMOUNT:
		fill_number(r, element, text);
		return 0;
	case STATUS:
		fill_status(r, text);
		return 0;
	case REASON_CODE:
	case REASON_OTHER:
		fill_reason(r, element == REASON_CODE, text);
		return 0;
	case REASON_TEXT:
		if (r->now.text[0] == '\0')
			text_cut(r->now.text, sizeof(r->now.text), text);
		return 0;
	case BLOCK_ID:
		fill_id(r->now.payment_information_id, text);
		return 0;
	case INSTRUCTION_ID:
		fill_id(r->now.instruction_id, text);
		return 0;
	case END_TO_END_ID:
		fill_id(r->now.end_to_end_id, text);
		return 0;
	case MANDATE:
		fill_id(r->now.mandate_reference, text);
		return 0;
	case SETTLEMENT_DAY:
		fill_day(&r->settled_on, text);
		return 0;
	case REQUESTED_DAY:
		fill_day(&r->asked_on, text);
		return 0;
	default:
		return 0;
	}
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
