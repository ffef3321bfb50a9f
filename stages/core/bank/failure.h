/* failure: what a debit or refund ends as that the bank both rejected and booked.
 *
 * The days decide that the bank reports, not the order in which its files come. Rejected on the day of the booking or before
 * it, the debit was never collected: it is rejected, a booking and its return cancel out, and a booking that stays is held.
 * Rejected after the booking, it is booked, and the reject is held; when it comes back it is returned. Only what the bank
 * reports by its own words counts here: what a person posted stays as it is.
 */
#ifndef CORE_FAILURE_H
#define CORE_FAILURE_H

#include "stages/core/bank/bankentry.h"

/* n is the only booking of a debit that was rejected before: is it of an earlier day than the reject? */
bool failure_comes_after_booking(struct run *r, const struct bank_entry *n, const struct collection *c);
/* Books it after all; its reject is applied once more, as that of a debit that is booked. */
void failure_book(struct run *r, const struct bank_entry *n, const struct collection *c);

/* n rejects a debit that was booked before: was it booked on that day or later, alone, and was nothing of it taken back? */
bool failure_comes_before_booking(struct run *r, const struct bank_entry *n, const struct collection *c);
/* Its booking is applied once more: it is one of a debit that is rejected. */
void failure_reopen_booking(struct run *r, const struct collection *c);

/* Something more is known of a debit that has failed, or of the sums of a file. */
void failure_note(struct run *r, const struct collection *c);
void failure_note_file(struct run *r, int64_t file);
/* Makes those that were noted rejected or returned. True: some have changed, and entries of theirs are applied once more. */
bool failure_review(struct run *r);

#endif
