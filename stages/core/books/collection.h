/* collection: one debit, or one refund, in one bank file, and what became of it.
 *
 * At most one collection of a debt is live: the index under the table says so. Its end-to-end id names one debt and one
 * presentation for ever: of a file that was cancelled nothing was presented, so that the next version takes the same ids, and
 * a bank that holds both refuses the second.
 */
#ifndef CORE_COLLECTION_H
#define CORE_COLLECTION_H

#include "stages/core/engine/run.h"

#define END_TO_END_ID 36

/* As bank_file.kind has them. */
enum collection_kind { COLLECTION_DEBIT, COLLECTION_REFUND };
const char *collection_kind_word(enum collection_kind kind); /* debit, refund */
enum collection_kind collection_col_kind(struct stmt *q, int i);

enum collection_state {
	COLLECTION_PRESENTED,
	COLLECTION_ACCEPTED,
	COLLECTION_BOOKED,
	COLLECTION_REJECTED, /* failed before it was booked */
	COLLECTION_RETURNED, /* came back afterwards */
	COLLECTION_CANCELLED,
};

struct collection {
	enum collection_kind kind;
	char end_to_end_id[END_TO_END_ID];
	int64_t file, profile, session, mandate;
	cents amount; /* what moves, either way */
	enum collection_state state;
	date collect_on, booked_on;
};

/* In SQL, of a collection named `c`: the bank has still to book it, or to reject it. */
#define COLLECTION_IS_OPEN(c) c ".state IN ('presented', 'accepted')"

bool collection_has_failed(const struct collection *c); /* rejected or returned */

/* Of those with this id the one that is not cancelled, else the newest. */
bool collection_load(struct run *r, const char *end_to_end_id, struct collection *c);

/* Makes the collections of a file: every debt of the session that is frozen, owed (of refunds: to the member), and not yet
 * presented. A debt without a mandate that can be used, or with another than in a version that was cancelled, and a refund
 * that is no longer covered, fail here, and their cents move on. */
struct collection_sum {
	int64_t count;
	cents sum;
};
struct collection_sum collection_total(struct run *r, int64_t session,
                                       enum collection_kind kind); /* what it would make */
void collection_make(struct run *r, int64_t file, int64_t session, enum collection_kind kind);

/* Its file was cancelled before anybody was given it: nothing was presented, the debts are free. Returns how many. */
int64_t collection_cancel(struct run *r, int64_t file);

void collection_accept(struct run *r, const struct collection *c);
/* The bank's credit, or its debit for a refund: posts it, settles the debt. */
void collection_book(struct run *r, const struct collection *c, date booked_on, int64_t input, long line);
/* Rejected before it was booked: posts both rows together, recovery and failed_recovery, or a refund and its return, so that
 * the cents move on to a new debt. */
void collection_reject(struct run *r, const struct collection *c, const char *reason, date on, int64_t input,
                       long line);
/* It came back: after it was booked, or told before, which then only completes it. */
void collection_return(struct run *r, const struct collection *c, const char *reason, date on, cents fee,
                       int64_t input, long line);
void collection_note_booked(struct run *r, const struct collection *c, date booked_on);

#endif
