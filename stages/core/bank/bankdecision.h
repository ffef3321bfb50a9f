/* bankdecision: a person says what a bank entry is that became an exception, and it is applied as if the bank had said so. */
#ifndef CORE_BANKDECISION_H
#define CORE_BANKDECISION_H

#include "stages/core/engine/run.h"

struct bankdecision {
	const char *decision;      /* credit, return, fee, reversal */
	const char *end_to_end_id; /* of the debit or refund; NULL: a file, or for a fee neither */
	const char *file;          /* the MsgId or id of the file; NULL: a debit or refund */
	const char *reason;        /* of a return; NULL: the bank's */
};

#define BANKDECISION_ENTRIES 32 /* of one file, at most */

/* Applies the entries of these exceptions and stores the decision about each, in one unit of work. Several are the sums in which the
 * bank booked one file: together they must add up. False when the same was decided before: then nothing changes. Dies:
 *   66  an exception, the debit or the file does not exist
 *   73  an exception was applied, or decided otherwise
 *   65  the entry cannot be that: direction, amount, state; it is no money that the bank booked */
bool bankdecision_decide(struct run *r, const int64_t exceptions[], int n, const struct bankdecision *p,
                         const char *why);

/* What the entry may be, as far as the books know: a debit, refund or file to which it can be posted. Texts live until the next
 * one. */
struct bankdecision_candidate {
	const char *decision, *to, *kind /* debit, refund */, *state;
	bool is_file, wants_reason /* a return, and the bank gave no reason code */;
	const char *app_id, *app_user_id, *mandate; /* NULL: a file */
	cents amount;
	date due_on;
};

/* The direction of the money, for the decisions that are possible; either, when the bank does not say it. */
enum bankdecision_direction {
	BANKDECISION_NONE,
	BANKDECISION_CREDIT,
	BANKDECISION_DEBIT,
	BANKDECISION_EITHER
};
enum bankdecision_direction bankdecision_look(struct run *r, int64_t exception);

/* The best first, at most 5: under the mandate that the entry names, then nearest to its day. False after the last. */
struct stmt *bankdecision_begin(struct run *r, int64_t exception);
bool bankdecision_next(struct stmt *q, struct bankdecision_candidate *c);

/* The bank booked a debit of a withdrawn file, or such a file, all the same, and it cannot be posted to that any more. Its debt has
 * failed, and another one has its cents: the member paid what is owed now, which a person records as a transfer. Or the next
 * version was released: the bank collected that as well, so that the member paid twice, or it may still do so. */
enum bankdecision_why { BANKDECISION_DEBT_FAILED, BANKDECISION_PAID_TWICE, BANKDECISION_VERSION_RELEASED };
struct bankdecision_conflict {
	enum bankdecision_why why;
	char end_to_end_id[36]; /* "": the whole file */
	int64_t profile;
	cents amount;
	date booked_on;
	char version[36]; /* the MsgId of the file that was released */
	bool may_withdraw /* it, in its state */, is_debit;
};
bool bankdecision_find_conflict(struct run *r, int64_t exception, struct bankdecision_conflict *c);
/* The entry is a status that names a withdrawn file. */
bool bankdecision_find_withdrawn(struct run *r, int64_t exception, char msg_id[36]);

#endif
