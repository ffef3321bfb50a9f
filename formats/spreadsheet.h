/* spreadsheet: what a spreadsheet makes of a text in a CSV that it opens, unless it is guarded.
 *
 * A formula is run. What looks like a number, a day or a time becomes one: an identifier of digits loses its
 * leading zeros and all digits after the 15th, "12E4" becomes 120000, "MAR-26" a day.
 * source   OWASP, CSV injection; Ziemann et al., Gene name errors are widespread in the scientific literature (2016)
 */
#ifndef FORMATS_SPREADSHEET_H
#define FORMATS_SPREADSHEET_H

#include <stdbool.h>

/* Begins with = + - @ TAB CR LF, also full width. */
bool spreadsheet_runs(const char *text);

/* In an English or a French spreadsheet. */
bool spreadsheet_converts(const char *text);

#endif
