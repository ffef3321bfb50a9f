/* reason: the table of return reasons, and how to find a row of it.
 *
 * The rows stand in the order of their codes, which the search needs and test_reason holds them to.
 * source   formats/data/return_reasons.csv
 */
#include <stdlib.h>
#include <string.h>

#include "formats/reason.h"

static const struct reason reasons[] = {
#include "formats/data/return_reasons.inc"
};

#define REASONS (sizeof(reasons) / sizeof(reasons[0]))

static int
compare_code(const void *code, const void *row)
{
	const struct reason *r = row;

	return strcmp(code, r->code);
}

const struct reason *
reason_find(const char *code)
{
	return bsearch(code, reasons, REASONS, sizeof(reasons[0]), compare_code);
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

/* What is neither keep nor suspend blocks: a slip in the table must not let a debit through. */
enum reason_mandate
reason_mandate(const struct reason *r)
{
	if (strcmp(r->mandate_action, "keep") == 0)
		return REASON_MANDATE_KEEP;
	if (strcmp(r->mandate_action, "suspend") == 0)
		return REASON_MANDATE_SUSPEND;
	return REASON_MANDATE_BLOCK;
}

const struct reason *
reason_next(size_t *i)
{
	return *i < REASONS ? &reasons[(*i)++] : NULL;
}
