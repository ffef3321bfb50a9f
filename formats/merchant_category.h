/* merchant_category: what a merchant category code (MCC) means, in English and French words of ours.
 *
 * A code has four digits, with leading zeros: a text, never a number. Those of single airlines, car hire
 * companies and hotel chains (3000 to 3999) are found by their range.
 *
 * source   ISO 18245 and the codes that Mastercard adds; tables in formats/data/merchant_categories.csv and
 *          merchant_category_ranges.csv
 */
#ifndef FORMATS_MERCHANT_CATEGORY_H
#define FORMATS_MERCHANT_CATEGORY_H

#include <stdbool.h>

enum merchant_category_lang { MERCHANT_CATEGORY_EN, MERCHANT_CATEGORY_FR };

/* The code itself when its meaning is not known. */
const char *merchant_category_label(const char *code, enum merchant_category_lang lang);

/* Every code that means something, in their order. Begins with ""; false after the last. */
bool merchant_category_next(char code[static 5]);

#endif
