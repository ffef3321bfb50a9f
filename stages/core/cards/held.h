/* held: Swan transactions that could not be applied: stored as exceptions, with every version, and tried again every night. */
#ifndef CORE_HELD_H
#define CORE_HELD_H

#include "formats/swan.h"
#include "stages/core/cards/payment.h"

#define HELD_RECORD (2 * 65536) /* bytes at most: a version has at most 64 KiB, its header goes with it */

/* Stores this version beside the others of its transaction. Inside the caller's unit of work. */
void held_keep(const struct payment_work *work, const struct swan_transaction *t, const struct err *why);

/* A version of a transaction whose exception a person resolved: it is not applied, but the record has it when that decision is
 * taken back. */
void held_note(const struct payment_work *work, const struct swan_transaction *t);

/* Tries all of them once more, in a unit of work of its own: the member may be known now, and with it the payment for which
 * other transactions wait. */
void held_retry(struct run *r);

/* Copies the record of an exception, because other statements run while it is read, and notes where it is from. False: it is not a
 * Swan transaction. */
bool held_load(struct payment_work *work, int64_t number, char record[HELD_RECORD]);

/* Reads each version of one record, in the order in which they came. As transactions_csv_read. */
int held_read(char *record, transactions_csv_fn *version, void *ctx, struct err *e);

#endif
