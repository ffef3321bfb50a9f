/* iso20022: what the messages have in common: times, amounts and texts.
 *
 * units    amounts euro cents; instants milliseconds UTC; a time without an offset is that of Paris
 * source   ISO 20022 data types ISODate, ISODateTime, ActiveOrHistoricCurrencyAndAmount, Max15NumericText
 */
#ifndef FORMATS_ISO20022_H
#define FORMATS_ISO20022_H

#include <stddef.h>

#include "formats/date.h"
#include "formats/err.h"
#include "formats/money.h"

#define ISO_LOCAL_TIME 20 /* "2026-03-04T03:30:00" and NUL */

/* The day of a date or of a date and time; code bad_field. */
int iso_date(const char *text, date *on, struct err *e);
int iso_instant(const char *text, instant *at, struct err *e);

/* The clock in Paris without an offset, which is how the standard writes local time; no fraction. */
char *iso_local_time(char text[static ISO_LOCAL_TIME], instant at);

/* Not negative, whole cents; `currency` NULL where the element has none. Code bad_field. */
int iso_euros(const char *text, const char *currency, cents *amount, struct err *e);
int iso_count(const char *text, long *count, struct err *e);

#endif
