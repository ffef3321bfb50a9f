/* exclusion: the debts of a session that it leaves out, at the freeze or when a file is made: who, why, and in which session
 * their cents are now.
 *
 * The reason is the word that machines get; people get why it is so, which is finer: what is `offset` is kept for want of a
 * mandate, for an account in doubt, or because the balance does not cover it. Amounts are cents, positive when the member
 * owes.
 */
#ifndef CORE_EXCLUSION_H
#define CORE_EXCLUSION_H

#include "stages/core/books/collection.h"

/* A condition on a debt that was frozen and never presented: its mandate was lost, or it is a refund that the balance did not
 * cover any more, when the file was made. `kind` is that of the file, as SQL. */
#define EXCLUSION_DROPPED(debt, kind) \
	SQL(debt ".status = 'failed' AND " debt ".failure IN ('mandate', 'not_covered')" \
	    " AND CASE " kind " WHEN 'debit' THEN " debt ".amount_in_cents > 0"          \
	    " ELSE " debt ".amount_in_cents < 0 END")

struct exclusion {
	int64_t profile, carried_to; /* the session; 0: the cents still wait for one */
	const char *app_id, *app_user_id, *reason, *carried_to_code;
	cents amount;
	bool dropped; /* after the freeze, from the files of this kind */
	int why; /* of exclusion_words, in the order they are told; never the same for what is owed either way */
};

#define EXCLUSION_WHYS 22
const char *exclusion_words(int why);

/* By member. Texts live until the next one. */
struct stmt *exclusion_begin(struct run *r, int64_t session, enum collection_kind kind);
bool exclusion_next(struct stmt *q, struct exclusion *l);

#endif
