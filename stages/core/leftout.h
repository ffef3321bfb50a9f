/* leftout: the debts of a frozen session that it leaves out: who, why, and in which session their cents are now.
 *
 * The reason is the word that machines get; people get why it is so, which is finer: what is `offset` is kept for want of a
 * mandate, for an account in doubt, or because the balance does not cover it. Amounts are cents, positive when the member
 * owes.
 */
#ifndef CORE_LEFTOUT_H
#define CORE_LEFTOUT_H

#include "stages/core/run.h"

struct leftout {
	int64_t profile, carried_to; /* the session */
	const char *app_id, *app_user_id, *reason, *carried_to_code;
	cents amount;
	int why; /* of leftout_words, in the order they are told; never the same for what is owed either way */
};

#define LEFTOUT_WHYS 19
const char *leftout_words(int why);

/* By member. Texts live until the next one. */
struct stmt *leftout_begin(struct run *r, int64_t session);
bool leftout_next(struct stmt *q, struct leftout *l);

#endif
