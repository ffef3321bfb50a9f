/* exclusion: the debts excluded from a session, at the freeze or when a file is made: the member, the reason, and the session
 * that their cents were carried to.
 *
 * Programs get the reason; people get a finer one: an `offset` is kept because there is no mandate, because the account is
 * uncertain, or because the balance does not cover it. Amounts are cents, positive when the member owes.
 */
#ifndef CORE_EXCLUSION_H
#define CORE_EXCLUSION_H

#include "stages/core/books/collection.h"

/* SQL condition: debt `debt` was frozen but not presented, because its mandate was lost or the balance did not cover the refund
 * any more when the file was made. `kind` is the SQL of the file's kind. */
#define EXCLUSION_DROPPED(debt, kind) \
	SQL_PART(debt ".status = 'failed' AND " debt ".failure IN ('mandate', 'not_covered')" \
	         " AND CASE " kind " WHEN 'debit' THEN " debt ".amount_in_cents > 0"          \
	         " ELSE " debt ".amount_in_cents < 0 END")

struct exclusion {
	int64_t profile, carried_to; /* the session; 0: none is open yet */
	const char *app_id, *app_user_id, *reason, *carried_to_code;
	cents amount;
	bool dropped; /* after the freeze, when a file of this kind was made */
	int why;      /* for exclusion_words */
};

#define EXCLUSION_WHYS 24
/* Ordered for reports; debts and refunds have their own. */
const char *exclusion_words(int why);

/* By member. Texts live until the next one. */
struct stmt *exclusion_begin(struct run *r, int64_t session, enum collection_kind kind, const char *address);
bool exclusion_next(struct stmt *q, struct exclusion *l);

#endif
