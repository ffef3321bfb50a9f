/* settlement: debits that count as recovered by their due date, and files of which the bank says nothing.
 *
 * With `settle_on = due_date` in [bank], for a bank that reports only what is unpaid: the debits of a file count as recovered
 * `settle_after_days` TARGET days after their collection day, and refunds as paid one TARGET day after their execution day, when
 * - the file is marked as uploaded, and neither rejected nor withdrawn;
 * - the bank has accepted the debit, or `settle_without_acceptance` is set and it has not answered;
 * - no open exception concerns the member, the file, or anybody, and every report of the bank could be read.
 * A return or a reject that comes later takes the money back; a booking is noted.
 */
#ifndef CORE_SETTLEMENT_H
#define CORE_SETTLEMENT_H

#include "stages/core/bank/bankfile.h"

/* What is missing of a file that was released. TARGET days; D is its collection day, or the first one
 * of what is open, where the bank moved it. */
enum settlement_missing {
	SETTLEMENT_COMPLETE,
	SETTLEMENT_LACKS_UPLOAD, /* not marked as uploaded: from the day after the last one on which the bank takes it */
	SETTLEMENT_LACKS_ANSWER,  /* neither accepted, rejected nor booked: from D+1 */
	SETTLEMENT_LACKS_BOOKING, /* accepted or booked in part, the rest open: from D+2 */
	SETTLEMENT_IS_HELD,       /* the day on which it counts as recovered has passed, and a part is open */
};
enum settlement_missing settlement_find_missing(struct run *r, const struct bankfile *f);

/* The day from which all debits of a file count as recovered; DATE_NONE: only a booking settles them. */
date settlement_day(struct run *r, const struct bankfile *f);

/* Nothing but that day is awaited: the bank has the file, and has accepted it where that is required. */
bool settlement_awaits_day(struct run *r, const struct bankfile *f);

/* After the bank's entries were applied: settles what is due, and warns of each file of which something is missing, once: the
 * night that finds it ends with 3, unless only the bank's answer to a transfer is missing. One unit of work. */
void settlement_apply(struct run *r);

#endif
