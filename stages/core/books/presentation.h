/* presentation: makes the collections of a session's bank files: which debts are presented, under which end-to-end id, and what the
 * bank must know of each: its sequence type, and that the creditor has changed. What becomes of them is collection.h.
 */
#ifndef CORE_PRESENTATION_H
#define CORE_PRESENTATION_H

#include "stages/core/books/collection.h"

/* Sequence types, in the order of the blocks of a file: with `sequence_first = FRST` the first debit of a mandate is FRST, once more
 * when it was rejected before its settlement; all others are RCUR. OOFF and FNAL are never sent. */
enum presentation_sequence { SEQUENCE_FIRST, SEQUENCE_RECURRENT, SEQUENCE_NONE /* refunds */, SEQUENCES };
const char *presentation_sequence_word(enum presentation_sequence sequence); /* "": none */

/* Finds the debts of a session that are to be presented: each frozen one that the member owes (refunds: that Alan owes) and that was
 * not presented yet; and how many of each sequence type there are, with their sums. Inside the unit of work of
 * presentation_make, which comes next. */
void presentation_find(struct run *r, int64_t session, enum collection_kind kind,
                       struct collection_sum totals[static SEQUENCES]);

/* Makes the collections of a session's files, of the debts that were found: each in the block of its sequence type. A debt fails
 * here, and its cents are carried to the next session, when it has no usable mandate, or another mandate than in a cancelled
 * version, or when it is a refund that the balance does not cover any more. */
struct presentation_place {
	int64_t file; /* 0: the type has no block */
	int block;
};
void presentation_make(struct run *r, const struct presentation_place places[static SEQUENCES],
                       int64_t session, enum collection_kind kind);

#endif
