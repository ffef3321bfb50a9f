/* reason: why a bank sent a debit back, and what follows.
 *
 * A policy, not only a dictionary: whether the debt may be presented again and whether the mandate may go on
 * being used. A code that is not in the table is nobody's decision: the caller asks a person.
 *
 * source   ISO 20022 ExternalStatusReason1Code and ExternalReturnReason1Code; EPC SDD Core rulebook 2025
 *          (reasons of R-transactions); table in formats/data/return_reasons.csv
 */
#ifndef FORMATS_REASON_H
#define FORMATS_REASON_H

#include <stddef.h>

enum reason_retry {
	REASON_RETRY_NO,
	REASON_RETRY_YES,       /* with a new notice */
	REASON_RETRY_AFTER_FIX, /* once what the code complains of was mended */
};

enum reason_mandate {
	REASON_MANDATE_KEEP,
	REASON_MANDATE_SUSPEND, /* no debit until a person or a new declaration lifts it */
	REASON_MANDATE_BLOCK,   /* no debit under it ever again */
};

struct reason {
	const char *code;  /* four characters, upper case */
	const char *class; /* account bank cancel debtor dispute duplicate funds mandate regulatory service
			    * technical unknown */
	const char *label_en, *label_fr;
	const char *retry;          /* yes, no, after_fix */
	const char *mandate_action; /* keep, suspend, block */
	const char *next_step;      /* what a person does, in English */
};

/* NULL for an unknown code; codes are compared as they stand. */
const struct reason *reason_find(const char *code);

enum reason_retry reason_retry(const struct reason *r);
enum reason_mandate reason_mandate(const struct reason *r);

/* In the order of their codes; NULL at the end. */
const struct reason *reason_next(size_t *i);

#endif
