/* transfer: money that a member sent by credit transfer, without a mandate: recorded by a person, or a Swan transaction that
 * a person attributed to the member. Once for each bank reference; of a Swan transaction that is its id. */
#ifndef CORE_TRANSFER_H
#define CORE_TRANSFER_H

#include "formats/err.h"
#include "formats/money.h"
#include "formats/swan.h"
#include "stages/core/engine/run.h"

#define TRANSFER_REFERENCE SWAN_ID /* most bytes of a bank reference */

/* A bank reference as references are compared: without blanks and case (formats/fold.h). NULL: nothing is left of it, or it is too
 * long for one. */
const char *transfer_key(const char *reference, char key[static TRANSFER_REFERENCE + 1]);
/* The reference of the transfer that was recorded under this one, as it was typed then; false: none was. */
bool transfer_find_reference(struct run *r, const char *reference,
                             char stored[static TRANSFER_REFERENCE + 1]);

struct transfer {
	int64_t profile;
	cents amount;
	date booked_on;
	const char *reference;               /* of the bank */
	const struct swan_transaction *swan; /* NULL: recorded by hand */
	int64_t input, line;                 /* 0: not from a file */
};

/* Posts the recovery and assigns it to a debt, in the caller's unit of work. True when it is new, false when the same was
 * recorded before. Dies (65):
 *   an amount that is not above 0; a day more than one day ahead; a reference that is not one line of text
 *   recorded by hand: an amount above max_debit_cents; a day more than 400 days ago
 *   a reference that belongs to another transfer, or to a transaction of a card payment; 73: to one that a person reversed
 *   the same amount once by hand and once as a Swan transaction with that reference */
bool transfer_record(struct run *r, const struct transfer *t);

/* The transfer that a Swan transaction is: recorded under its id, or attributed. False: none is, or a person reversed it. */
bool transfer_find_swan(struct run *r, const char *id, char reference[static TRANSFER_REFERENCE + 1],
                        int64_t *profile, cents *amount);

/* Compares a version of a Swan transaction with the transfer that has its id as reference. UNKNOWN: no transfer has it, or a
 * person reversed it. SAME:
 * the same money, or an older version that was not booked yet. OTHERWISE: another amount, or no longer booked. */
enum transfer_seen { TRANSFER_UNKNOWN, TRANSFER_SAME, TRANSFER_OTHERWISE };
enum transfer_seen transfer_compare(struct run *r, const struct swan_transaction *t);

/* Whether it is a booked credit: only that can be money of a member. */
bool transfer_is_booked(const struct swan_transaction *t);

#endif
