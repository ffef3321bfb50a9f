/* reversal: a credit transfer that goes back, whole or in part, so that the member owes its cents again: Swan reports the debit
 * that takes it back, or a person reverses it. The transfer and its recovery stay as they are; a failed recovery follows. */
#ifndef CORE_REVERSAL_H
#define CORE_REVERSAL_H

#include "stages/core/books/transfer.h"

struct reversal {
	const char *reference; /* of the transfer: its bank reference */
	cents amount;
	date booked_on;
	const struct swan_transaction *swan; /* the debit that takes it back; NULL: a person */
	const char *why;                     /* a person's reason; NULL: Swan's report alone */
	int64_t input, line;                 /* 0: not from a file */
};

/* Posts the failed recovery, in the caller's unit of work. Dies (70) when no such transfer is recorded or less is left of it. */
void reversal_post(struct run *r, const struct reversal *v);

/* A person reverses what is left of a transfer, dated the business date, and the member owes it again: the debt is assigned, in the
 * caller's unit of work. False: nothing is left, and nothing changes. Dies (66) when no transfer has the reference. */
bool reversal_decide(struct run *r, const char *reference, const char *why);

/* A transfer of which something may go back. */
struct reversible {
	char reference[TRANSFER_REFERENCE + 1];
	int64_t profile;
	cents left; /* of it: what did not go back yet */
};

/* By its bank reference. False: no transfer has it. */
bool reversal_find(struct run *r, const char *reference, struct reversible *found);

/* The transfer that a debit of Swan names: as its origin; by the paymentId of both; or one that was recorded by hand with the
 * reference of the debit. Of several, one of which just this amount is left. False: it names none. */
bool reversal_find_named(struct run *r, const struct swan_transaction *debit, struct reversible *found);

/* What Swan took back of the transfers as which this transaction of Swan's was attributed, or recorded by hand, as corrected. */
cents reversal_taken(struct run *r, const char *id);

/* What is posted under an id of Swan. */
struct posted_transfer {
	char reference[TRANSFER_REFERENCE + 1]; /* of the transfer; "": the books never had it */
	int64_t profile;
	cents posted;     /* before any correction; negative: it went back */
	bool is_reversal; /* it is what went back of the transfer */
};

/* Whether a person reversed the transfer of this bank reference. */
bool reversal_by_person(struct run *r, const char *reference);

/* The transfer which this id of Swan's names, unless a person reversed it, or what went back by it: of a transfer, or of money that
 * the books never had, and that a person attributed to a member. False: neither. */
bool reversal_find_posted(struct run *r, const char *id, struct posted_transfer *p);

/* Compares a version of a Swan transaction with the reversal that was posted for it. UNKNOWN: none was. SAME: the same money, or
 * an older version. OTHERWISE: another amount, or no longer booked. */
enum transfer_seen reversal_compare(struct run *r, const struct swan_transaction *t);

#endif
