/* collection: one debit in one bank file, and what became of it.
 *
 * At most one collection of a debt is live: the index under the table says so. Its end-to-end id names one debt and one
 * presentation for ever.
 */
#ifndef CORE_COLLECTION_H
#define CORE_COLLECTION_H

#include "stages/core/run.h"

#define END_TO_END_ID 36

struct collection {
	char end_to_end_id[END_TO_END_ID];
	int64_t file, profile, session, mandate;
	cents amount;
	char state[12]; /* presented, accepted, booked, rejected, returned */
	date collect_on, booked_on;
};

bool collection_load(struct run *r, const char *end_to_end_id, struct collection *c);

/* Makes the collections of a file: every debt of the session that is frozen, owed, and not yet presented. A debt whose
 * mandate is no longer the one in force fails here, and its cents move on. */
void collection_total(struct run *r, int64_t session, int64_t *debits, cents *sum); /* what it would make */
void collection_make(struct run *r, int64_t file, int64_t session);

void collection_accept(struct run *r, const struct collection *c);
/* The bank's credit: posts the recovery, settles the debt. */
void collection_book(struct run *r, const struct collection *c, date booked_on, int64_t input, long line);
/* Rejected before it was booked: posts recovery and failed_recovery together, so that the cents move on to a new debt. */
void collection_reject(struct run *r, const struct collection *c, const char *reason, date on, int64_t input,
                       long line);
/* The bank took it back: after its credit, or told before its credit, which then only completes it. */
void collection_return(struct run *r, const struct collection *c, const char *reason, date on, cents fee,
                       int64_t input, long line);
void collection_note_booked(struct run *r, const struct collection *c, date booked_on);

#endif
