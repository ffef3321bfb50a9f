/* date: civil days and instants, by arithmetic alone: no libc calendar, no time zone files, no clock.
 *
 * units    date: days since 1970-01-01 (proleptic Gregorian); instant: milliseconds since the
 *          beginning of that day in UTC
 * source   RFC 3339; directive 2000/84/EC for summer time: from the last Sunday of March to the last
 *          Sunday of October, both at 01:00 UTC (tested against tzdata where it is installed)
 */
#ifndef FORMATS_DATE_H
#define FORMATS_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "formats/err.h"

typedef int32_t date;
typedef int64_t instant;

#define DATE_NONE    INT32_MIN /* absent */
#define INSTANT_NONE INT64_MIN
#define DATE_TEXT    11 /* "2026-03-04" and NUL */
#define INSTANT_TEXT 25 /* "2026-03-04T02:30:00.000Z" and NUL */

enum weekday { MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY };

date date_of(int year, int month, int day); /* of a day that exists */
void date_split(date on, int *year, int *month, int *day);
enum weekday date_weekday(date on);
date date_month_start(date on);
date date_month_end(date on);
date date_add_months(date on, int months); /* the same day of that month, or its last one */

/* "YYYY-MM-DD", years 1583 to 9999; code invalid_date. */
int date_parse(const char *text, date *on, struct err *e);
char *date_print(char text[static DATE_TEXT], date on);         /* "" for DATE_NONE, as all of these */
char *date_print_compact(char text[static DATE_TEXT], date on); /* "20260304" */

/* RFC 3339 with Z or an offset, 0 to 9 decimals of a second (what is beyond milliseconds is cut); a second of
 * 60 is refused. Code invalid_date. */
int instant_parse(const char *text, instant *at, struct err *e);
char *instant_print(char text[static INSTANT_TEXT], instant at);
char *instant_print_seconds(char text[static INSTANT_TEXT], instant at); /* "2026-03-04T02:30:00Z" */

/* Europe/Paris, for years 1996 to 9999. */
date date_in_paris(instant at);
instant date_paris_midnight(date on); /* the instant that day begins there */

#endif
