/* revival: the bank collected a debit of a withdrawn file all the same, and a person posts what it booked.
 *
 * The debt is free, or in the next version, which was not released: then that version is cancelled, so that nobody is debited
 * twice, and collect makes one without the debt. Or its file was withdrawn as carry: the debt has failed, and its cents are in
 * another one. The booking of such a debit a person records as a credit transfer; only a sum for the whole file, which is one
 * booking for many debts, is posted here. Once the next version was released, the bank may collect the debt twice: nothing is
 * posted to the withdrawn file. What can be posted is in the view withdrawn_collection.
 */
#ifndef CORE_REVIVAL_H
#define CORE_REVIVAL_H

#include "stages/core/bank/bankentry.h"

/* In SQL: the number of the withdrawn file that bank entry `e` names by its MsgId, or by one of its blocks. */
#define REVIVAL_NAMED(e)                                                                             \
	"(SELECT w.number FROM bank_file w WHERE w.state = 'withdrawn' AND (w.msg_id = " e ".msg_id" \
	" OR EXISTS (SELECT 1 FROM bank_block k"                                                     \
	"  WHERE k.file_number = w.number AND k.payment_information_id = " e ".payment_information_id)))"

/* A withdrawn file of which a person has posted something. */
bool revival_is_of(struct run *r, const struct bankfile *f);

/* Which debits of a withdrawn file a sum is for. */
enum revival_extent { REVIVAL_WITHOUT_REJECTED, REVIVAL_ALL, REVIVAL_EXTENTS };

/* Before the entry, which a person posts as a booking to its collection, is applied: makes that collection live, if it was
 * withdrawn. Sets the file of the entry. Inside the caller's unit of work. Codes: version_released, second_credit, debt_failed. */
int revival_of_debit(struct run *r, int64_t exception, struct bank_entry *n, struct err *e);
/* The same for a file: makes those live that can be, if it was withdrawn. */
void revival_of_file(struct run *r, int64_t exception, const struct bank_entry *n,
                     enum revival_extent extent);

#endif
