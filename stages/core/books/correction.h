/* correction: a Swan transaction that is posted otherwise than Swan reports it now, or not at all, and a person decides that
 * Swan's report counts (`as_told`). What was posted stays as it is; a contra row makes the difference. */
#ifndef CORE_CORRECTION_H
#define CORE_CORRECTION_H

#include "formats/swan.h"
#include "stages/core/engine/run.h"

struct correction {
	const struct swan_transaction *swan; /* the version that counts from now on */
	int64_t profile;
	cents posted;         /* what was posted for the transaction before any correction; 0: nothing */
	bool is_transfer;     /* a transfer received, or what went back of one; else of a card payment */
	const char *transfer; /* the bank reference of the transfer received; NULL: of something else */
	int64_t payment;      /* of the member; 0: a transfer */
	const char *why;      /* the person's */
	int64_t input, line;  /* 0: not from a file */
};

/* Stores the decision, and posts the difference between what Swan has booked and what was posted, if there is one; in the
 * caller's unit of work. */
void correction_post(struct run *r, const struct correction *c);

/* Compares a version with the last correction of its transaction. AGREES: the same money, or an older version. */
enum correction_seen { CORRECTION_NONE, CORRECTION_AGREES, CORRECTION_DIFFERS };
enum correction_seen correction_compare(struct run *r, const struct swan_transaction *t);

#endif
