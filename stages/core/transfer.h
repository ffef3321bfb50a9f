/* transfer: money that a member sent by credit transfer, without a mandate; a person records it, once per bank reference. */
#ifndef CORE_TRANSFER_H
#define CORE_TRANSFER_H

#include "formats/err.h"
#include "formats/money.h"
#include "stages/core/run.h"

#define TRANSFER_REFERENCE 70 /* most characters of a bank reference */

struct transfer {
	int64_t profile;
	cents amount;
	date booked_on;
	const char *reference; /* the bank's */
};

/* Posts the recovery and gives it its debt, in the caller's unit of work. True when it is new, false when the same was
 * recorded before. Dies: 65 for an amount that is none, a day beyond tomorrow, a reference that is no line of text or
 * stands for another transfer. */
bool transfer_record(struct run *r, const struct transfer *t);

#endif
