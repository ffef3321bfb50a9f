/* history_month: the months of history.h. */
#include <stdio.h>

#include "stages/core/api/history.h"

#define FIRST_YEAR 1996

int
history_month(instant at)
{
	int year, month, day;

	date_split(date_in_paris(at), &year, &month, &day);
	if (year < FIRST_YEAR)
		return 0;
	return (year - FIRST_YEAR) * 12 + month - 1;
}

char *
history_month_print(char text[static HISTORY_MONTH_TEXT], int month)
{
	char day[DATE_TEXT];

	snprintf(text, HISTORY_MONTH_TEXT, "%.7s",
	         date_print(day, date_of(FIRST_YEAR + month / 12, month % 12 + 1, 1)));
	return text;
}

int
history_month_parse(const char *text)
{
	char day[DATE_TEXT];
	struct err e = {0};
	date on;

	snprintf(day, sizeof(day), "%.7s-01", text);
	return date_parse(day, &on, &e) < 0 ? HISTORY_WHOLE : history_month(date_paris_midnight(on));
}

instant
history_month_begin(int month)
{
	return month == 0 ? INT64_MIN
	                  : date_paris_midnight(date_of(FIRST_YEAR + month / 12, month % 12 + 1, 1));
}

void
history_find_months(struct run *r, enum history_list list, bool there[static HISTORY_MONTHS])
{
	struct stmt *q =
	    list == HISTORY_TRANSACTIONS       ? sql(r->db, "SELECT transaction_at FROM balance_transaction")
	                                       : sql(r->db, "SELECT effective_at FROM card_payment");
	instant from = 0, until = 0, at;
	int month;

	while (row(q)) {
		at = col_int(q, 0);
		if (at >= from && at < until)
			continue;
		month = history_month(at);
		from = history_month_begin(month);
		until = history_month_begin(month + 1);
		there[month] = true;
	}
}
