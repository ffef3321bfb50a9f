/* bankmatch: which debit, refund or file of ours a bank entry means, and whether the bank reported it before.
 *
 * In this order: by the end-to-end id (hex digits without case), by the instruction id, by the mandate with the amount (and the
 * day, when several fit), and, when the entry names no single payment at all, by the id of a file or of its block. An entry
 * under a mandate never means a whole file, and a debit is not matched by its amount alone.
 * source   SDD Core rulebook (EPC016-06): 5 TARGET days for returns, 8 weeks and 13 months for refunds
 */
#ifndef CORE_BANKMATCH_H
#define CORE_BANKMATCH_H

#include "stages/core/bank/bankentry.h"

enum bankmatch {
	BANKMATCH_NONE,
	BANKMATCH_SEVERAL, /* several debits under that mandate fit */
	BANKMATCH_COLLECTION,
	BANKMATCH_FILE,
};

/* Fills *c, or *f. within: 0, or the only file that a collection may be of. */
enum bankmatch bankmatch_find(struct run *r, const struct bank_entry *n, int64_t within, struct collection *c,
                              struct bankfile *f);
/* Is the mandate that the entry names one of ours? */
bool bankmatch_knows_mandate(struct run *r, const struct bank_entry *n);
/* Does the entry name a mandate, and another one than that of the debit? */
bool bankmatch_is_of_other_mandate(struct run *r, const struct bank_entry *n, const struct collection *c);

/* Exactly the amount asked for, or that amount less the fee (credits), or plus the fee (debits). */
bool bankmatch_has_amount(const struct bank_entry *n, cents amount);

/* The number of an event that is not that of one debit or refund: of its content, as all kinds of messages report it. */
int64_t bankmatch_event(const struct bank_entry *n);

/* Stores in the entry's row what it means: a collection, a file, or neither; and which report of that event it is. */
void bankmatch_save(struct run *r, struct bank_entry *n);
/* The same event was reported before in messages of another kind. */
bool bankmatch_is_repetition(struct run *r, const struct bank_entry *n);

#endif
