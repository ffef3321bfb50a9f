/* bankstatus: what a status of the bank (pain.002) changes.
 *
 * The status of a debit is worth more than that of its block, that of the block more than that of the file. A later report is
 * worth more than an earlier one, but what was rejected is never accepted again without a person. A file that is rejected as a
 * whole posts nothing: its debts stay as they are until a person withdraws it; of one of several blocks the debits are rejected
 * one by one. A reject for duplication changes nothing: the bank has the debit already, and books it, or a person must look.
 * source   EPC130-08 (rejects); ISO 20022 ExternalPaymentGroupStatus1Code, ExternalPaymentTransactionStatus1Code
 */
#ifndef CORE_BANKSTATUS_H
#define CORE_BANKSTATUS_H

#include "stages/core/bank/bankentry.h"

/* Applies, notes or holds the status: unknown_file, unexpected_answer, totals_differ, status_missing, unknown_status,
 * unknown_debit, accepted_after_reject, part_without_list, duplicate_reject, file_rejected, reject_after_booking,
 * amount_differs, payee_name_differs, mandate_differs. */
void bankstatus_apply(struct run *r, struct bank_entry *n, struct bank_outcome *o);

#endif
