/* consequence: what the debits and refunds that a bank sent back mean for a mandate, until a person has seen them.
 *
 * Each one has a row, with what its reason does to the mandate: keep, suspend, block; the reason that a member has died acts
 * on every mandate of the member. When most of a file comes back for one reason, the cause lies with us or with a bank: none
 * of these rows acts until a person has decided, whatever came first. So the same returns leave the same mandates, in
 * whatever order they arrive. What a person has seen, by `mandates unblock`, neither acts nor counts any more.
 */
#ifndef CORE_CONSEQUENCE_H
#define CORE_CONSEQUENCE_H

#include "formats/reason.h"
#include "stages/core/engine/run.h"

/* A debit under the mandate, or a refund to its account, that the bank rejected or returned. */
struct setback {
	const char *end_to_end_id, *reason;
	int64_t file, profile, mandate;
	enum reason_of of;
};

#define CONSEQUENCE_CODE "same_reason" /* of the exception */

/* The decisions about most of a file, as exception.decision has them. */
#define CONSEQUENCE_APPLY "apply"
#define CONSEQUENCE_WAIVE "waive"

/* SQL condition: the row `q` of consequence acts and counts. `s` is the row of same_reason of its file and reason, if any. */
#define CONSEQUENCE_COUNTS(q, s) \
	SQL_PART("(" q ".seen_at IS NULL AND coalesce(" s ".state, 'few') IN ('few', 'applied'))")

/* Calls back for each member whose mandates must be looked at again. */
typedef void consequence_fn(struct run *r, int64_t profile);

void consequence_add(struct run *r, const struct setback *s, consequence_fn *changed);
/* The return was taken back: as if it had never come. */
void consequence_remove(struct run *r, const char *end_to_end_id, consequence_fn *changed);

struct consequence {
	enum reason_mandate action; /* suspend or block */
	char why[36];               /* the code of the reason */
};

/* What acts on this mandate of the member. False: nothing does. */
bool consequence_find(struct run *r, int64_t profile, int64_t mandate, struct consequence *c);

/* A person has seen what came back of this member. Returns how many rows. */
int64_t consequence_see(struct run *r, int64_t profile);

/* A person decided about an exception of kind bank_file, by its key: the reason acts on the mandates, or it does not. */
void consequence_decide(struct run *r, const char *key, bool applies, consequence_fn *changed);
/* The person takes that back: they act on no mandate until the next decision. For a decision that moved none. */
void consequence_reopen(struct run *r, const char *key);

#endif
