/* iso20022: see iso20022.h.
 *
 * Reading is wider than the schemas where banks are (zeros or a plus before an amount, a time where a day is due) and
 * never guesses: what is not clear is refused as bad_field.
 * source   XML Schema part 2 (lexical forms of dates)
 */
#include <stdbool.h>
#include <string.h>

#include "formats/iso20022.h"
#include "formats/text.h"

#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)

#define MOST_CENTS \
	INT64_C(1000000000000000) /* ten trillion euros: what is added up of a file stays far from overflow */

/* How far Paris is ahead at that instant. The offset changes at 01:00 UTC of a day: before that, it is the offset of the
 * midnight at which the day began; after that, of the next midnight. */
static instant
iso_paris_offset(instant at)
{
	date on = (date)((at - (at % DAY + DAY) % DAY) / DAY);

	if (at - on * DAY >= HOUR)
		on++;
	return on * DAY - date_paris_midnight(on);
}

char *
iso_local_time(char text[static ISO_LOCAL_TIME], instant at)
{
	char utc[INSTANT_TEXT];

	instant_print_seconds(utc, at + iso_paris_offset(at));
	memcpy(text, utc, ISO_LOCAL_TIME - 1);
	text[ISO_LOCAL_TIME - 1] = '\0';
	return text;
}

/* Of the two instants that a clock set back shows with the same time, the second. */
static instant
from_paris(instant clock)
{
	instant at = clock - HOUR;

	return at + iso_paris_offset(at) == clock ? at : clock - 2 * HOUR;
}

static bool
has_offset(const char *text)
{
	const char *time = strchr(text, 'T');

	return time != NULL && strpbrk(time, "Zz+-") != NULL;
}

int
iso_instant(const char *text, instant *at, struct err *e)
{
	char utc[48];
	struct err why = {0};
	bool local = !has_offset(text);
	size_t length = strlen(text);

	if (length < sizeof(utc) - 1) {
		memcpy(utc, text, length);
		memcpy(utc + length, local ? "Z" : "", local ? 2 : 1);
		if (instant_parse(utc, at, &why) == 0) {
			if (local)
				*at = from_paris(*at);
			return 0;
		}
	}
	return err_set(e, ERR_BAD_FIELD, "the value is not a valid date and time");
}

int
iso_date(const char *text, date *on, struct err *e)
{
	char day[DATE_TEXT];
	struct err why = {0};
	instant at = INSTANT_NONE;
	size_t length;

	if (strchr(text, 'T') != NULL) {
		if (iso_instant(text, &at, e) != 0)
			return -1;
		*on = date_in_paris(at);
		return 0;
	}
	length = strlen(text);
	if (length >= DATE_TEXT - 1 &&
	    (length == DATE_TEXT - 1 || strchr("Z+-", text[DATE_TEXT - 1]) != NULL)) {
		memcpy(day, text, DATE_TEXT - 1);
		day[DATE_TEXT - 1] = '\0';
		if (date_parse(day, on, &why) == 0)
			return 0;
	}
	return err_set(e, ERR_BAD_FIELD, "the value is not a valid date");
}

int
iso_euros(const char *text, const char *currency, cents *amount, struct err *e)
{
	struct err why = {0};
	cents parsed = -1;

	if (currency != NULL && strcmp(currency, "EUR") != 0)
		return err_set(e, ERR_BAD_FIELD, "the amount is not in EUR");
	text += text[0] == '+' && text[1] >= '0' && text[1] <= '9';
	if (money_parse(text, &parsed, &why) != 0 || parsed < 0 || parsed > MOST_CENTS)
		return err_set(e, ERR_BAD_FIELD, "the amount is not in whole euro cents");
	*amount = parsed;
	return 0;
}

int
iso_count(const char *text, long *count, struct err *e)
{
	long sum = 0;
	size_t length = strspn(text, "0123456789");

	if (length == 0 || length > 15 || text[length] != '\0')
		return err_set(e, ERR_BAD_FIELD, "the value is not a valid number of transactions");
	for (; *text != '\0'; text++)
		sum = sum * 10 + (*text - '0');
	*count = sum;
	return 0;
}
