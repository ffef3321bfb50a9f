/* attribution: a person says whose a Swan transaction is that was held, because nobody could tell. */
#ifndef CORE_ATTRIBUTION_H
#define CORE_ATTRIBUTION_H

#include "formats/swan.h"
#include "stages/core/engine/run.h"

/* What an exception of this kind and code becomes when a person says whose it is; NULL: that is not the question. */
const char *attribution_becomes(const char *kind, const char *code);

/* Resolves the exception as `attributed` and posts what it holds for the member, in one unit of work: a credit of no card
 * payment as a transfer received (transfer.h), a card transaction as payment_attribute. False when the same was said before:
 * then nothing changes. Dies: 66 when there is no such exception, 73 when it was applied or decided otherwise, 65 when it is
 * no question of whose it is, when it can be posted by itself by now, or when the versions held contradict each other. */
bool attribution_decide(struct run *r, int64_t number, int64_t profile, const char *why);

/* Whose it may be, as far as the books know. */
struct attribution_case {
	int64_t payer, holder;        /* profile of the payment, of the card; 0: nobody's yet */
	char membership[SWAN_ID + 1]; /* Swan's id of the one that it names; "" */
};
void attribution_look(struct run *r, int64_t number, struct attribution_case *c);

#endif
