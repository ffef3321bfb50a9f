/* history: the balance transactions and card payments of all members, in one pass over both tables; or those of some members, among
 * the rows of all others as they were written before.
 *
 * The rows are those of `alanpay query` (query.h), in the order of their ids: of the members, then of the numbers. Both tables are
 * in that order, so the payment of a transaction is found by stepping. What is asked about a member (debts, notifications) is
 * asked once. Memory grows with the payments of one member only.
 */
#ifndef CORE_HISTORY_H
#define CORE_HISTORY_H

#include "stages/core/lists/listing.h"

enum history_list { HISTORY_TRANSACTIONS, HISTORY_PAYMENTS, HISTORY_LISTS };
extern const struct listing history_listings[HISTORY_LISTS];

/* Months: the first is that of 1996, as Paris has none before (date.h). */
#define HISTORY_MONTHS (12 * 8004)
#define HISTORY_WHOLE  (-1)
/* In Paris: of a transaction_at or effective_at. */
int history_month(instant at);
instant history_month_begin(int month); /* what is older than the first month is in it */
#define HISTORY_MONTH_TEXT 8            /* "2026-03" and NUL */
char *history_month_print(char text[static HISTORY_MONTH_TEXT], int month);
int history_month_parse(const char *text); /* HISTORY_WHOLE: not a month */

/* Members by their numbers: ranges that do not meet, ascending. */
struct history_members {
	struct history_range {
		int64_t first, last;
	} * range;
	size_t n;
};

/* One CSV: a whole list, or the rows of a month. */
struct history_part {
	enum history_list list;
	int month;         /* or HISTORY_WHOLE */
	struct sink *sink; /* NULL: not wanted */
	const char *
	    former; /* NULL: it had no row; or the same CSV as it was written before. Not read when all members changed */
	int64_t rows; /* filled */
};
/* Writes n parts, all in one pass; of one list either the whole or months, each once. `changed`: the members whose rows are read
 * from the books, those of others are copied from `former`; NULL: all members. */
void history_write(struct run *r, struct history_part *parts, size_t n,
                   const struct history_members *changed);

/* Sets there[month] for the months that have a row. Reads the whole list. */
void history_find_months(struct run *r, enum history_list list, bool there[static HISTORY_MONTHS]);

#endif
