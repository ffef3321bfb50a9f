/* bankpost: a person posts a held bank entry: it is applied to the debit, refund or file that the person names, as if the bank had
 * named it.
 */
#ifndef CORE_BANKPOST_H
#define CORE_BANKPOST_H

#include "stages/core/bank/bankentry.h"

enum bankpost_decision {
	BANKPOST_CREDIT,   /* the booking of a debit, or of a file */
	BANKPOST_RETURN,   /* the return of a debit, or of a refund, or of a whole file */
	BANKPOST_FEE,      /* a fee of the bank */
	BANKPOST_REVERSAL, /* the bank took a return back */
	BANKPOST_DECISIONS
};
const char *bankpost_decision_word(enum bankpost_decision decision); /* credit, return, fee, reversal */

/* Applies the open exception's bank entry to this debit or refund, or to this file (one of both is NULL; of a fee both may
 * be), inside the caller's unit of work, which must be rolled back on -1 in the end. reason: NULL leaves the
 * bank's. Codes: exception_not_postable (it is no open exception about a bank entry, or one about a status), unknown_debit,
 * unknown_file, no_effect (the books have it already), those of revival.h, or those with which the entry would be held. The
 * caller resolves the exception. */
int bankpost_apply(struct run *r, int64_t exception, enum bankpost_decision decision,
                   const char *end_to_end_id, const char *msg_id, const char *reason, struct err *e);

#endif
