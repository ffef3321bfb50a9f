/* calendar: TARGET business days, on which euro payments settle.
 *
 * Closed: Saturday, Sunday, 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December. National holidays do
 * not count.
 * source   ECB, long-term calendar of TARGET closing days (in force since 2002); Gregorian Easter (Meeus/Jones/Butcher)
 */
#ifndef FORMATS_CALENDAR_H
#define FORMATS_CALENDAR_H

#include <stdbool.h>

#include "formats/date.h"

date calendar_easter(int year); /* Easter Sunday */
bool calendar_is_open(date on);
date calendar_open_from(date on);          /* the first open day on or after it */
date calendar_add_open(date on, int days); /* that many open days after calendar_open_from */

#endif
