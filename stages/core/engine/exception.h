/* exception: what could not be applied, kept whole until it is applied or a person resolves it. Nothing is dropped. */
#ifndef CORE_EXCEPTION_H
#define CORE_EXCEPTION_H

#include "stages/core/engine/run.h"

#define EXCEPTION_DAYS 7 /* an open one that is older is overdue */

struct exception {
	const char *kind, *key; /* the same thing is held once */
	const char *code, *message;
	const char *record;           /* whole, or NULL when a file is kept */
	int64_t input, line, profile; /* 0: none */
};

/* Codes of what the bank told, as lists for SQL. Money at risk: it moved, and the books say otherwise. Of anybody: it may touch
 * any member, so that no file is released while it is open. */
#define EXCEPTION_AT_RISK                                                                                                  \
	"('amount_differs', 'bulk_amount_differs', 'bulk_wrong_direction', 'credit_after_failure', 'debit_after_failure'," \
	" 'reject_after_booking', 'second_credit', 'second_debit', 'second_return', 'unexpected_answer',"                  \
	" 'unknown_return', 'wrong_direction')"
#define EXCEPTION_OF_ANYBODY \
	"('bulk_amount_differs', 'bulk_wrong_direction', 'reject_after_booking', 'unexpected_answer', 'unknown_return')"

/* Opens one, or leaves the one that is open (its record is brought up to date); marks the run as one that a person should
 * look at when it is new. Inside the caller's unit of work. */
void exception_open(struct run *r, const struct exception *x);
/* The thing was applied after all; nothing happens when it was not held. */
void exception_close(struct run *r, const char *kind, const char *key);
/* A person's decision about an open one, which is final; a unit of work of its own. False when the same was decided before:
 * then nothing changes. Dies: 66 when there is none, 73 when it was applied or decided otherwise. */
bool exception_resolve(struct run *r, int64_t number, const char *decision, const char *why);
/* The same with the decision `attributed`: it is this member's, and the caller posts it in the same unit of work. What comes
 * later of it is applied like anything else, or opens it again. */
bool exception_attribute(struct run *r, int64_t number, int64_t profile, const char *why);
/* A person decided about it, and it is not attributed: it is neither applied nor held again. */
bool exception_is_resolved(struct run *r, const char *kind, const char *key);
int64_t exception_count_open(struct run *r);
/* How many open ones have passed their deadline; audit ends 3 then. */
int64_t exception_count_overdue(struct run *r);

#endif
