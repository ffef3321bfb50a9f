/* sumdetail: on which days the bookings of single debits are the details of a sum that the bank booked for their file.
 *
 * They are those on the day of a sum. Of another day, not far from it, they are its details when all of them come to its amount,
 * or to that of all sums: the bank reports them in a message of their own, before the sum or after it.
 */
#ifndef CORE_SUMDETAIL_H
#define CORE_SUMDETAIL_H

#include "stages/core/bank/bankentry.h"

/* Makes the temporary tables of what follows, once in a unit of work. */
void sumdetail_begin(struct run *r);

/* Finds the days of this file, for SUMDETAIL_IS_ONE and sumdetail_is_one. */
void sumdetail_find(struct run *r, const struct bankfile *f);

/* SQL condition: the entry `e` of a debit of file $file is on such a day. */
#define SUMDETAIL_IS_ONE(e) \
	SQL_PART("EXISTS (SELECT 1 FROM detail_day d WHERE d.file_number = $file AND d.on_day = " e ".event_on)")

/* n is the booking of c: did a sum book c, and is n the only report of c alone, in messages of its kind? */
bool sumdetail_may_be_one(struct run *r, const struct bank_entry *n, const struct collection *c);
/* Then: is n on such a day? Of a debit that a sum booked, on the day of that sum. */
bool sumdetail_is_one(struct run *r, const struct bank_entry *n, const struct collection *c);

#endif
