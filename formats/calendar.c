/* calendar: see calendar.h. */
#include <stddef.h>

#include "formats/calendar.h"
#include "formats/length.h"

date
calendar_easter(int year)
{
	int a = year % 19, b = year / 100, c = year % 100, d = b / 4, e = b % 4;
	int f = (b + 8) / 25, g = (b - f + 1) / 3, h = (19 * a + b - d - g + 15) % 30;
	int i = c / 4, k = c % 4, l = (32 + 2 * e + 2 * i - h - k) % 7, m = (a + 11 * h + 22 * l) / 451;

	return date_of(year, (h + l - 7 * m + 114) / 31, (h + l - 7 * m + 114) % 31 + 1);
}

bool
calendar_is_open(date on)
{
	static const struct {
		int month, day;
	} closed[] = {{1, 1}, {5, 1}, {12, 25}, {12, 26}};
	int year, month, day;
	date easter;
	size_t i;

	if (date_weekday(on) >= SATURDAY)
		return false;
	date_split(on, &year, &month, &day);
	for (i = 0; i < LENGTH(closed); i++)
		if (month == closed[i].month && day == closed[i].day)
			return false;
	easter = calendar_easter(year);
	return on != easter - 2 && on != easter + 1;
}

date
calendar_open_from(date on)
{
	while (!calendar_is_open(on))
		on++;
	return on;
}

date
calendar_add_open(date on, int days)
{
	on = calendar_open_from(on);
	for (; days > 0; days--)
		on = calendar_open_from(on + 1);
	return on;
}
