/* exception: an input that could not be applied, stored whole until it is applied or a person resolves it. Nothing is dropped. */
#ifndef CORE_EXCEPTION_H
#define CORE_EXCEPTION_H

#include "formats/money.h"
#include "stages/core/engine/run.h"

#define EXCEPTION_DAYS 7 /* an open one that is older is overdue */

struct exception {
	const char *kind, *key; /* together unique */
	const char *code, *message;
	const char *record;           /* whole; NULL when the file is in quarantine/ */
	int64_t input, line, profile; /* 0: none */
	cents amount;                 /* that it is about, whatever the direction; 0: none */
};

/* Opens an exception, or updates the open one with its record. A new one makes the run end with 3. Inside the caller's unit of
 * work. */
void exception_open(struct run *r, const struct exception *x);
/* Closes the exception, because its input was applied. Does nothing when it is not open. */
void exception_close(struct run *r, const char *kind, const char *key);
/* Stores a person's decision about an open exception, in a unit of work of its own. False when the same was decided before: then
 * nothing changes. Dies: 66 when it does not exist, 73 when it was applied or decided otherwise. */
bool exception_resolve(struct run *r, int64_t number, const char *decision, const char *why);
/* The same with the decision `attributed`: the Swan transaction belongs to this member, and the caller posts it in the same unit
 * of work. Later versions of the transaction are applied like others, or open the exception once more. */
bool exception_attribute(struct run *r, int64_t number, int64_t profile, const char *why);
/* A decision that posts a bank entry. */
struct exception_posting {
	const char *decision; /* credit, return, fee, reversal */
	const char *to;     /* the end-to-end id of a debit or refund, or the MsgId of a file; "": neither */
	const char *reason; /* the reason code that the person gives; "": that of the bank */
	int64_t profile;    /* the member of that debit or refund; 0: a file */
};
/* Was just this decided before? Dies as above when it was applied or decided otherwise; false: it is open. */
bool exception_was_posted(struct run *r, int64_t number, const struct exception_posting *p);
/* Stores that decision about an open exception. The caller posts the entry in the same unit of work. */
void exception_post(struct run *r, int64_t number, const struct exception_posting *p, const char *why);
/* Whether a person decided about it otherwise than `attributed` or `as_told`: then its input is not applied, and it stays closed. */
bool exception_is_resolved(struct run *r, const char *kind, const char *key);
/* Whether there is any such decision about an exception of this kind. */
bool exception_any_resolved(struct run *r, const char *kind);
/* Of one that a person resolved: its record as it is now, for the case that the decision is taken back. */
void exception_note(struct run *r, const char *kind, const char *key, const char *record);
/* Opens an exception again, whose decision a person took back: the caller stores the decision first. Inside the caller's
 * unit of work. */
void exception_reopen(struct run *r, int64_t number);
int64_t exception_count_open(struct run *r);
/* How many open exceptions are older than EXCEPTION_DAYS. */
int64_t exception_count_overdue(struct run *r);
/* Marks those that became overdue since the last time, inside the caller's unit of work. Returns how many: audit ends with 3 then,
 * once; what has been waiting since is only counted. */
int64_t exception_mark_overdue(struct run *r);

#endif
