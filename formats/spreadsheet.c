/* spreadsheet: see spreadsheet.h. */
#include <string.h>
#include <strings.h>

#include "formats/length.h"
#include "formats/spreadsheet.h"

#define DIGITS     "0123456789"
#define MOST_PARTS 3 /* of a day or a time */

/* The full-width forms (U+FF1D U+FF0B U+FF0D U+FF20) become the plain ones in spreadsheets of Asian locales. */
bool
spreadsheet_runs(const char *text)
{
	static const char *const wide[] = {"\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};
	size_t i;

	if (text[0] != '\0' && strchr("=+-@\t\r\n", text[0]) != NULL)
		return true;
	for (i = 0; i < LENGTH(wide); i++)
		if (strncmp(text, wide[i], strlen(wide[i])) == 0)
			return true;
	return false;
}

/* Passes over one of the narrow or wide spaces that group digits. */
static const char *
skip_group_mark(const char *c)
{
	static const char *const marks[] = {" ", ".", ",", "'", "\u00A0", "\u202F"};
	size_t i;

	for (i = 0; i < LENGTH(marks); i++)
		if (strncmp(c, marks[i], strlen(marks[i])) == 0)
			return c + strlen(marks[i]);
	return c;
}

/* Digits with marks between them, an exponent, a percent sign. */
static bool
is_number(const char *text)
{
	const char *c = skip_group_mark(text), *next;
	size_t n = strspn(c, DIGITS);

	if (n == 0)
		return false;
	for (c += n; (next = skip_group_mark(c)) != c; c = next + n) {
		n = strspn(next, DIGITS);
		if (n == 0 && next[*next == '%'] != '\0')
			return false;
	}
	if (*c == 'e' || *c == 'E') {
		c++;
		c += *c == '+' || *c == '-';
		n = strspn(c, DIGITS);
		if (n == 0)
			return false;
		c += n;
	}
	return c[*c == '%'] == '\0';
}

/* Two or three short numbers with one sign between them: 2026-03-10, 3/4, 10:30. */
static bool
is_day_or_time(const char *text)
{
	const char *c = text;
	char sign = '\0';
	int parts = 0;
	size_t n;

	for (;;) {
		n = strspn(c, DIGITS);
		if (n == 0 || n > 4)
			return false;
		parts++;
		c += n;
		if (*c == '\0')
			return parts > 1;
		if (strchr("-/.:", *c) == NULL || (sign != '\0' && *c != sign) || parts == MOST_PARTS)
			return false;
		sign = *c++;
	}
}

/* What may stand around the name of a month. */
static bool
is_around(char c)
{
	return (c >= '0' && c <= '9') || c == ' ' || c == '-' || c == '/' || c == '.' || c == ',';
}

#define LONGEST_MONTH 9 /* bytes */

/* A month by its name, with numbers before or behind it: MAR-26, 3 mars, sept2. */
static bool
is_day_of_month(const char *text)
{
	static const char *const months[] = {
	    "jan",          "january",       "janv",    "janvier",  "feb",       "february",  "f\u00E9vr",
	    "f\u00E9vrier", "fevr",          "fevrier", "mar",      "march",     "mars",      "apr",
	    "april",        "avr",           "avril",   "may",      "mai",       "jun",       "june",
	    "juin",         "jul",           "july",    "juil",     "juillet",   "aug",       "august",
	    "ao\u00FBt",    "aout",          "sep",     "sept",     "september", "septembre", "oct",
	    "october",      "octobre",       "nov",     "november", "novembre",  "dec",       "december",
	    "d\u00E9c",     "d\u00E9cembre", "decembre"};
	size_t before = 0, end = strlen(text), last = end, i;

	while (is_around(text[before]))
		before++;
	while (last > before && is_around(text[last - 1]))
		last--;
	if ((before == 0 && last == end) || last - before > LONGEST_MONTH)
		return false;
	for (i = 0; i < LENGTH(months); i++)
		if (strlen(months[i]) == last - before &&
		    strncasecmp(months[i], text + before, last - before) == 0)
			return true;
	return false;
}

bool
spreadsheet_converts(const char *text)
{
	return is_number(text) || is_day_or_time(text) || is_day_of_month(text);
}
