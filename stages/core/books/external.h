/* external: money that others have for a member (a reimbursement of care), taken to reduce what the member owes.
 *
 * At most the open debt is reduced: what is frozen is on its way to the bank and stays as it is. An external transaction id that was
 * posted is posted permanently, so that the same request never reduces a debt twice. One that found no debt may be asked for
 * again, in another message, and finds what is owed then.
 */
#ifndef CORE_EXTERNAL_H
#define CORE_EXTERNAL_H

#include "stages/core/engine/run.h"

#define EXTERNAL_ID 256 /* longest external transaction id, with its NUL */

struct external {
	const char *app_id, *id; /* the id is unique in its application */
	int64_t profile;
	cents requested; /* above 0 */
	instant at;
	int64_t input, line; /* 0: none */
};

/* Inside the caller's unit of work. POSTED: *number is the member's balance transaction, a new one or the one that the same
 * request made before. NO_DEBT: the member has no open debt now. CONFLICT: the id was posted for another member or amount,
 * nothing changed. */
enum external_outcome { EXTERNAL_POSTED, EXTERNAL_NO_DEBT, EXTERNAL_CONFLICT };
enum external_outcome external_request(struct run *r, const struct external *x, int64_t *number);

#endif
