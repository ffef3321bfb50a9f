/* change: what the bank changes in what it accepts (status ACWC).
 *
 * A later TARGET day of the collection, or of the payment, is stored with the debits (or refunds) that it is reported of. It counts
 * from then on: for the settlement by due date, for what is overdue, and for the days on which a booking or return is expected.
 * Any other change is for a person, where debits are settled by their due date.
 * source   ExternalStatusReason1Code DT06, CH19; pain.002.001.10: OriginalTransactionReference28
 */
#ifndef CORE_CHANGE_H
#define CORE_CHANGE_H

#include "stages/core/bank/bankfile.h"

/* In SQL: bank entry `e` accepts the file whose MsgId is $msg, or a part of it, with a change. */
#define CHANGE_IS_OF_FILE(e) SQL_PART(e ".msg_id = $msg AND " e ".status = 'ACWC'")

/* After the entries of the bank were applied; inside the caller's unit of work. `asks`: about any other change, once. */
void change_apply(struct run *r, const struct bankfile *f, bool asks);

#endif
