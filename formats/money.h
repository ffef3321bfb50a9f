/* money: euro cents as signed 64-bit integers; no floating point, no rounding, no silent overflow.
 *
 * source   Swan AmountValue (a JSON string with a decimal point, SDL of 2026-07-17); ISO 20022
 *          ActiveOrHistoricCurrencyAndAmount (at most 18 digits, 5 after the point; EUR uses 2)
 */
#ifndef FORMATS_MONEY_H
#define FORMATS_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "formats/err.h"

typedef int64_t cents;

#define MONEY_TEXT 24 /* room for any amount as text, with its final NUL */

/* "20", "20.5", "-0.05", "000149.87", "8.850": decimal point, any zeros; whole cents only. Refuses (code
 * invalid_amount) the empty string, blanks, a comma, an exponent, a lone point, a third decimal that is not
 * zero, and what does not fit. Leaves *amount alone on error. */
int money_parse(const char *text, cents *amount, struct err *e);

/* A whole number of cents as our own files write it: "-1250". Same refusals; no point. */
int money_parse_cents(const char *text, cents *amount, struct err *e);

/* "-12.50", always two decimals; returns text. */
char *money_print(char text[static MONEY_TEXT], cents amount);

/* "-12 345.67": as people read it; returns text. */
#define MONEY_TEXT_GROUPED (MONEY_TEXT + 8)
char *money_print_grouped(char text[static MONEY_TEXT_GROUPED], cents amount);

/* "12 345,67": as a French reader writes it, with a no-break space (U+00A0) between thousands; returns text. */
#define MONEY_TEXT_FR 40
char *money_print_fr(char text[static MONEY_TEXT_FR], cents amount);

/* *sum += amount; false, and *sum untouched, when it would not fit. */
bool money_add(cents *sum, cents amount);

#endif
