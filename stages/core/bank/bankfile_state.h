/* bankfile_state: the life of a bank file, as one table: from which state which act of a person, or report of the bank, leads to
 * which state, and why not. stages/commands/finance.md has the table for finance; a test compares both.
 */
#ifndef CORE_BANKFILE_STATE_H
#define CORE_BANKFILE_STATE_H

#include "stages/core/engine/log.h"
#include "stages/core/engine/run.h"

/* In the order in which a file goes through them; cancelled (before its release) and withdrawn (after it) move no money. */
enum bankfile_state {
	BANKFILE_GENERATED,
	BANKFILE_APPROVED,
	BANKFILE_RELEASED,
	BANKFILE_UPLOADED,
	BANKFILE_ACCEPTED,
	BANKFILE_PARTIALLY_ACCEPTED,
	BANKFILE_REJECTED,
	BANKFILE_SETTLED,
	BANKFILE_CANCELLED,
	BANKFILE_WITHDRAWN,
	BANKFILE_STATES
};
const char *bankfile_state_word(enum bankfile_state state);
/* The state in column i of the row at hand; dies (70) when it is another word. */
enum bankfile_state bankfile_state_col(struct stmt *q, int i);

enum bankfile_event {
	/* acts of persons: each is allowed, changes nothing, or is refused */
	BANKFILE_APPROVE, /* the last approval that is needed */
	BANKFILE_RELEASE,
	BANKFILE_MARK_UPLOADED,
	BANKFILE_CANCEL,
	BANKFILE_WITHDRAW, /* the second statement of two */
	/* reports of the bank: each is taken, changes nothing, or is unexpected and then an exception */
	BANKFILE_IS_ACCEPTED,  /* as a whole */
	BANKFILE_ONE_REJECTED, /* a debit or refund of it */
	BANKFILE_IS_REJECTED,  /* as a whole */
	BANKFILE_ONE_BOOKED,   /* a debit or refund of it, or all */
	BANKFILE_NONE_REJECTED, /* of its debits or refunds after all: the bank had booked those, and rejected them later */
	BANKFILE_ALL_ANSWERED, /* no debit or refund of it is open any more */
	BANKFILE_EVENTS
};

struct bankfile_step {
	enum { BANKFILE_GOES, BANKFILE_STAYS, BANKFILE_REFUSES, BANKFILE_UNEXPECTED } answer;
	enum bankfile_state to; /* when it stays: the state it has */
	/* of a refusal: what is wrong, the act of `alanpay sepa` that is possible instead, and its options; NULL: none */
	enum exit_status status;
	const char *why, *instead, *options;
};

struct bankfile_step bankfile_state_after(enum bankfile_state state, enum bankfile_event event);

#endif
