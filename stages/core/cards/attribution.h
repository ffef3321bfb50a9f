/* attribution: a person names the member to whom a Swan transaction belongs, where the program cannot know it. */
#ifndef CORE_ATTRIBUTION_H
#define CORE_ATTRIBUTION_H

#include "formats/swan.h"
#include "stages/core/engine/run.h"

/* What an exception of this kind and code becomes when it is attributed; NULL: it cannot be attributed. */
const char *attribution_becomes(const char *kind, const char *code);

/* Resolves the exception as `attributed` and posts its transaction for the member, in one unit of work: a credit without a card
 * payment as a transfer received (transfer.h), a card transaction by payment_attribute. False when the same was decided
 * before: then nothing changes. Dies:
 *   66  the exception does not exist
 *   73  it was applied, or decided otherwise
 *   65  it cannot be attributed; it can be posted without a decision now; its versions contradict each other */
bool attribution_decide(struct run *r, int64_t number, int64_t profile, const char *why);

/* To whom the transaction may belong, as far as the books know. */
struct attribution_case {
	int64_t payer, holder;        /* profile of the payment, profile of the card; 0: not known */
	char membership[SWAN_ID + 1]; /* id of the account membership in the transaction, or "" */
};
void attribution_look(struct run *r, int64_t number, struct attribution_case *c);

#endif
