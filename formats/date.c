/* date: see date.h.
 *
 * units    years counted from March, so that the leap day ends a year
 * refuses  a day that does not exist, a leap second, an instant whose UTC year is not 1583 to 9999
 */
#include "formats/date.h"

#define DAY_MS        INT64_C(86400000)
#define HOUR_MS       INT64_C(3600000)
#define DAYS_PER_ERA  146097 /* 400 years */
#define EPOCH_IN_ERAS 719468 /* days from 0000-03-01 to 1970-01-01 */
#define YEAR_MIN      1583
#define YEAR_MAX      9999

date
date_of(int year, int month, int day)
{
	int y = month <= 2 ? year - 1 : year;
	int era = (y >= 0 ? y : y - 399) / 400;
	int of_era = y - era * 400;
	int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_IN_ERAS;
}

void
date_split(date on, int *year, int *month, int *day)
{
	int64_t z = (int64_t)on + EPOCH_IN_ERAS;
	int64_t era = (z >= 0 ? z : z - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
	int in_era = (int)(z - era * DAYS_PER_ERA);
	int of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int of_year = in_era - (365 * of_era + of_era / 4 - of_era / 100);
	int m = (5 * of_year + 2) / 153;

	*day = of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = (int)(era * 400) + of_era + (*month <= 2);
}

enum weekday
date_weekday(date on)
{
	int since_monday = (int)(((int64_t)on + 3) % 7); /* 1970-01-01 was a Thursday */

	return (enum weekday)(since_monday < 0 ? since_monday + 7 : since_monday);
}

static int
month_length(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

date
date_month_start(date on)
{
	int year, month, day;

	date_split(on, &year, &month, &day);
	return on - (day - 1);
}

date
date_month_end(date on)
{
	int year, month, day;

	date_split(on, &year, &month, &day);
	return on + month_length(year, month) - day;
}

date
date_add_months(date on, int months)
{
	int year, month, day, length;
	int64_t count, y;

	date_split(on, &year, &month, &day);
	count = (int64_t)year * 12 + (month - 1) + months;
	y = count >= 0 ? count / 12 : (count - 11) / 12;
	month = (int)(count - y * 12) + 1;
	length = month_length((int)y, month);
	return date_of((int)y, month, day < length ? day : length);
}

/* Reads exactly n digits and moves past them; -1 when there are fewer. */
static int
date_take_digits(const char **text, int n)
{
	int value = 0;

	for (; n > 0; n--, (*text)++) {
		if (**text < '0' || **text > '9')
			return -1;
		value = value * 10 + (**text - '0');
	}
	return value;
}

static bool
take_char(const char **text, char upper)
{
	char c = **text;

	if (c != upper && !(upper >= 'A' && upper <= 'Z' && c == upper - 'A' + 'a'))
		return false;
	(*text)++;
	return true;
}

static bool
take_date(const char **text, date *on)
{
	int year, month, day;

	if ((year = date_take_digits(text, 4)) < YEAR_MIN || !take_char(text, '-'))
		return false;
	if ((month = date_take_digits(text, 2)) < 1 || month > 12 || !take_char(text, '-'))
		return false;
	if ((day = date_take_digits(text, 2)) < 1 || day > month_length(year, month))
		return false;
	*on = date_of(year, month, day);
	return true;
}

int
date_parse(const char *text, date *on, struct err *e)
{
	const char *c = text;
	date read;

	if (!take_date(&c, &read) || *c != '\0')
		return err_set(e, ERR_INVALID_DATE, "\"%.40s\" is not a valid day such as 2026-03-04", text);
	*on = read;
	return 0;
}

/* Writes the last `width` digits, and returns where they end. */
static char *
put_number(char *at, int value, int width)
{
	unsigned rest = (unsigned)value;
	int i;

	for (i = width - 1; i >= 0; i--, rest /= 10)
		at[i] = (char)('0' + rest % 10);
	return at + width;
}

static char *
put_day(char *at, date on, bool dashes)
{
	int year, month, day;

	date_split(on, &year, &month, &day);
	at = put_number(at, year, 4);
	if (dashes)
		*at++ = '-';
	at = put_number(at, month, 2);
	if (dashes)
		*at++ = '-';
	return put_number(at, day, 2);
}

static char *
print_day(char text[static DATE_TEXT], date on, bool dashes)
{
	char *end = on == DATE_NONE ? text : put_day(text, on, dashes);

	*end = '\0';
	return text;
}

char *
date_print(char text[static DATE_TEXT], date on)
{
	return print_day(text, on, true);
}

char *
date_print_compact(char text[static DATE_TEXT], date on)
{
	return print_day(text, on, false);
}

static bool
take_time(const char **text, int64_t *ms)
{
	int hour, minute, second, fraction = 0, scale = 100, digits = 0;

	if ((hour = date_take_digits(text, 2)) < 0 || hour > 23 || !take_char(text, ':'))
		return false;
	if ((minute = date_take_digits(text, 2)) < 0 || minute > 59 || !take_char(text, ':'))
		return false;
	if ((second = date_take_digits(text, 2)) < 0 || second > 59)
		return false;
	if (take_char(text, '.')) {
		for (; **text >= '0' && **text <= '9'; (*text)++, digits++, scale /= 10)
			fraction += (**text - '0') * scale;
		if (digits == 0 || digits > 9)
			return false;
	}
	*ms = ((hour * 60 + minute) * 60 + second) * INT64_C(1000) + fraction;
	return true;
}

static bool
take_offset(const char **text, int64_t *ms)
{
	int sign, hour, minute;

	*ms = 0;
	if (take_char(text, 'Z'))
		return true;
	if (take_char(text, '+'))
		sign = 1;
	else if (take_char(text, '-'))
		sign = -1;
	else
		return false;
	if ((hour = date_take_digits(text, 2)) < 0 || hour > 23 || !take_char(text, ':'))
		return false;
	if ((minute = date_take_digits(text, 2)) < 0 || minute > 59)
		return false;
	*ms = sign * (hour * 60 + minute) * INT64_C(60000);
	return true;
}

int
instant_parse(const char *text, instant *at, struct err *e)
{
	const char *c = text;
	int64_t of_day, offset;
	instant read;
	date on;

	if (!take_date(&c, &on) || !take_char(&c, 'T') || !take_time(&c, &of_day) ||
	    !take_offset(&c, &offset) || *c != '\0')
		return err_set(e, ERR_INVALID_DATE,
		               "\"%.40s\" is not a valid instant such as 2026-03-04T02:30:00Z", text);
	read = on * DAY_MS + of_day - offset;
	if (read < date_of(YEAR_MIN, 1, 1) * DAY_MS || read >= date_of(YEAR_MAX + 1, 1, 1) * DAY_MS)
		return err_set(e, ERR_INVALID_DATE, "\"%.40s\" is outside the years 1583 to 9999", text);
	*at = read;
	return 0;
}

/* The day in UTC, and the milliseconds since it began. */
static date
day_of(instant at, int *of_day)
{
	int64_t day = (at >= 0 ? at : at - (DAY_MS - 1)) / DAY_MS;

	*of_day = (int)(at - day * DAY_MS);
	return (date)day;
}

static char *
print_instant(char text[static INSTANT_TEXT], instant at, bool with_ms)
{
	int ms;
	char *c;

	text[0] = '\0';
	if (at == INSTANT_NONE)
		return text;
	c = put_day(text, day_of(at, &ms), true);
	*c++ = 'T';
	c = put_number(c, ms / 3600000, 2);
	*c++ = ':';
	c = put_number(c, ms / 60000 % 60, 2);
	*c++ = ':';
	c = put_number(c, ms / 1000 % 60, 2);
	if (with_ms) {
		*c++ = '.';
		c = put_number(c, ms % 1000, 3);
	}
	*c++ = 'Z';
	*c = '\0';
	return text;
}

char *
instant_print(char text[static INSTANT_TEXT], instant at)
{
	return print_instant(text, at, true);
}

char *
instant_print_seconds(char text[static INSTANT_TEXT], instant at)
{
	return print_instant(text, at, false);
}

/* 01:00 UTC on the last Sunday of a month that has 31 days, as March and October do. */
static instant
switch_of(int year, int month)
{
	date last = date_of(year, month, 31);

	return (last - ((int)date_weekday(last) + 1) % 7) * DAY_MS + HOUR_MS;
}

static int64_t
date_paris_offset(instant at)
{
	int of_day, year, month, day;

	date_split(day_of(at, &of_day), &year, &month, &day);
	return at >= switch_of(year, 3) && at < switch_of(year, 10) ? 2 * HOUR_MS : HOUR_MS;
}

date
date_in_paris(instant at)
{
	int of_day;

	return day_of(at + date_paris_offset(at), &of_day);
}

/* The clocks change at 02:00 or 03:00 there, so the hour before midnight has the offset of midnight. */
instant
date_paris_midnight(date on)
{
	instant winter = on * DAY_MS - HOUR_MS;

	return on * DAY_MS - date_paris_offset(winter - HOUR_MS / 2);
}
