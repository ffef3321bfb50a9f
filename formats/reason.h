/* reason: why a bank sent back a debit, or a transfer that refunds a member, and what to do then.
 *
 * A policy, not only a dictionary: whether the debt may be presented again and whether the mandate may go on
 * being used (of a refund: whether its account may be paid again). The same code has two meanings: the member
 * is the debtor of a debit and the creditor of a refund. A code that is not in the table
 * waits for a person.
 *
 * source   ISO 20022 ExternalStatusReason1Code and ExternalReturnReason1Code; EPC SDD Core rulebook 2025
 *          (reasons of R-transactions), SCT rulebook 2025 (reasons of rejects and returns); tables in
 *          formats/data/return_reasons.csv and refund_reasons.csv
 */
#ifndef FORMATS_REASON_H
#define FORMATS_REASON_H

#include <stdbool.h>
#include <stddef.h>

enum reason_of { REASON_OF_DEBIT, REASON_OF_REFUND };

enum reason_retry {
	REASON_RETRY_NO,
	REASON_RETRY_YES,       /* with a new notice */
	REASON_RETRY_AFTER_FIX, /* once the cause of the code was fixed */
};

enum reason_mandate {
	REASON_MANDATE_KEEP,
	REASON_MANDATE_SUSPEND, /* no debit until a person or a new declaration lifts it */
	REASON_MANDATE_BLOCK,   /* no debit under it ever again */
};

struct reason {
	const char *code; /* four characters, upper case */
	/* account bank cancel deceased debtor dispute duplicate funds mandate regulatory service technical unknown */
	const char *class;
	const char *label_en, *label_fr;
	const char *retry;          /* yes, no, after_fix */
	const char *mandate_action; /* keep, suspend, block */
	const char *next_step;      /* what a person does, in English */
};

/* NULL for an unknown code; codes are compared as they stand. */
const struct reason *reason_find(enum reason_of of, const char *code);

enum reason_retry reason_retry(const struct reason *r);
enum reason_mandate reason_mandate(const struct reason *r);
/* What a code does to the mandate: what its row says; but a debit that must not be presented again unseen (retry no) suspends
 * the mandate that it kept, and so does an unknown code. After a fix that is ours (after_fix, keep) the mandate goes on. */
enum reason_mandate reason_effect(enum reason_of of, const char *code);
/* The reason is one of the person, not of the account or the mandate: the member has died. It acts on all mandates. */
bool reason_is_of_member(enum reason_of of, const char *code);

/* The cause lies with the member or their account, not with our account, our file or a bank: it may happen again. */
bool reason_is_members(const struct reason *r);

/* In the order of their codes; NULL at the end. */
const struct reason *reason_next(enum reason_of of, size_t *i);

#endif
