/* reason: see reason.h. The rows stand in the order of their codes, which the search needs and test_reason checks. */
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/reason.h"

static const struct reason debits[] = {
#include "formats/data/return_reasons.inc"
};

static const struct reason refunds[] = {
#include "formats/data/refund_reasons.inc"
};

static const struct {
	const struct reason *rows;
	size_t n;
} tables[] = {
    [REASON_OF_DEBIT] = {debits, LENGTH(debits)},
    [REASON_OF_REFUND] = {refunds, LENGTH(refunds)},
};

static int
compare_code(const void *code, const void *row)
{
	const struct reason *r = row;

	return strcmp(code, r->code);
}

const struct reason *
reason_find(enum reason_of of, const char *code)
{
	return bsearch(code, tables[of].rows, tables[of].n, sizeof(tables[of].rows[0]), compare_code);
}

enum reason_retry
reason_retry(const struct reason *r)
{
	if (strcmp(r->retry, "yes") == 0)
		return REASON_RETRY_YES;
	if (strcmp(r->retry, "after_fix") == 0)
		return REASON_RETRY_AFTER_FIX;
	return REASON_RETRY_NO;
}

/* Any word but keep and suspend blocks: a mistake in the table must not let a debit through. */
enum reason_mandate
reason_mandate(const struct reason *r)
{
	if (strcmp(r->mandate_action, "keep") == 0)
		return REASON_MANDATE_KEEP;
	if (strcmp(r->mandate_action, "suspend") == 0)
		return REASON_MANDATE_SUSPEND;
	return REASON_MANDATE_BLOCK;
}

enum reason_mandate
reason_effect(enum reason_of of, const char *code)
{
	const struct reason *r = reason_find(of, code);

	if (r == NULL || (reason_mandate(r) == REASON_MANDATE_KEEP && reason_retry(r) == REASON_RETRY_NO))
		return REASON_MANDATE_SUSPEND;
	return reason_mandate(r);
}

bool
reason_is_of_member(enum reason_of of, const char *code)
{
	const struct reason *r = reason_find(of, code);

	return r != NULL && strcmp(r->class, "deceased") == 0;
}

bool
reason_is_members(const struct reason *r)
{
	static const char *const members[] = {"account", "debtor", "deceased", "regulatory", "unknown"};
	size_t i;

	for (i = 0; i < LENGTH(members); i++)
		if (strcmp(r->class, members[i]) == 0)
			return true;
	return false;
}

const struct reason *
reason_next(enum reason_of of, size_t *i)
{
	return *i < tables[of].n ? &tables[of].rows[(*i)++] : NULL;
}
