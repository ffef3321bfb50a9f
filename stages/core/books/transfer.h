/* transfer: money that a member sent by credit transfer, without a mandate: recorded by a person, or a Swan transaction of
 * which a person said whose it is. Once per reference of the bank; Swan's is the transaction's id. */
#ifndef CORE_TRANSFER_H
#define CORE_TRANSFER_H

#include "formats/err.h"
#include "formats/money.h"
#include "formats/swan.h"
#include "stages/core/engine/run.h"

#define TRANSFER_REFERENCE SWAN_ID /* most bytes of a bank reference */

struct transfer {
	int64_t profile;
	cents amount;
	date booked_on;
	const char *reference;               /* the bank's */
	const struct swan_transaction *swan; /* NULL: recorded by hand */
	int64_t input, line;                 /* 0: none */
};

/* Posts the recovery and gives it its debt, in the caller's unit of work. True when it is new, false when the same was
 * recorded before. Dies: 65 for an amount that is none, a day beyond tomorrow, a reference that is no line of text or
 * stands for another transfer; recorded by hand, for an amount above max_debit_cents or a day of more than 400 days ago; also for the same cents under the reference that Swan's transaction has beside its id, once
 * by hand and once as that transaction. */
bool transfer_record(struct run *r, const struct transfer *t);

/* A version of a Swan transaction against the transfer that has its id as reference. UNKNOWN: there is none. SAME: it is that
 * money, or not booked yet as far as it knows. OTHERWISE: booked with another amount, or no longer booked as it was. */
enum transfer_seen { TRANSFER_UNKNOWN, TRANSFER_SAME, TRANSFER_OTHERWISE };
enum transfer_seen transfer_compare(struct run *r, const struct swan_transaction *t);

/* A credit that is booked: only that can be money of a member. */
bool transfer_is_booked(const struct swan_transaction *t);

#endif
