/* correction: a Swan transaction that is posted otherwise than Swan reports it now, or not at all, and a person decides that
 * Swan's report counts (`as_told`), or takes such a decision back. What was posted stays as it is; a contra row makes the
 * difference. */
#ifndef CORE_CORRECTION_H
#define CORE_CORRECTION_H

#include "formats/swan.h"
#include "stages/core/engine/run.h"

struct correction {
	const char *swan_id;
	cents moves;        /* all its rows together from now on; negative: the member owes more */
	instant version_at; /* of the version that the decision is about: what is older counts no more */
	instant at;         /* of the contra row */
	int64_t profile;
	cents posted;         /* what was posted for the transaction before any correction; 0: nothing */
	bool is_transfer;     /* a transfer received, or what went back of one; else of a card payment */
	const char *transfer; /* the bank reference of the transfer received; NULL: of something else */
	int64_t payment;      /* of the member; 0: a transfer */
	const char *why;      /* the person's */
	int64_t input, line;  /* 0: not from a file */
};

/* From now on it moves what Swan has booked by this version. */
void correction_take(struct correction *c, const struct swan_transaction *t);

/* Stores the decision, and posts the difference to what was posted, if there is one; in the caller's unit of work. Returns the
 * number of the correction, of those of its transaction. */
int64_t correction_post(struct run *r, const struct correction *c);

/* Compares a version with the last correction of its transaction; one of a transfer that a person reversed since counts no more.
 * AGREES: the same money, or an older version. CONFIRMS: the same money in a later version. */
enum correction_seen { CORRECTION_NONE, CORRECTION_AGREES, CORRECTION_CONFIRMS, CORRECTION_DIFFERS };
enum correction_seen correction_compare(struct run *r, const struct swan_transaction *t);

#endif
