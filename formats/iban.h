/* iban: IBAN, BIC, SEPA creditor identifier, and countries.
 *
 * An IBAN is a type of its own so that no text function prints one by accident: logs, reports and listings use
 * iban_mask; only a pain.008, the comparison with the bank's account and the store see .text.
 * source   ISO 13616 (IBAN registry: length and structure by country), ISO 9362:2014 (BIC), EPC262-08 (creditor
 *          identifier), ISO 3166-1, EPC list of SEPA scheme countries; tables in formats/data
 */
#ifndef FORMATS_IBAN_H
#define FORMATS_IBAN_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/err.h"

struct iban {
	char text[35]; /* upper case, without spaces */
};

#define IBAN_MASKED 16 /* "FR76***0189" and NUL */

/* Takes spaces and lower case; checks country, length, structure by position and check digits (mod 97 = 1;
 * 00, 01 and 99 cannot occur). Code invalid_iban; the message never quotes the IBAN. */
int iban_parse(const char *text, struct iban *iban, struct err *e);
char *iban_mask(char masked[static IBAN_MASKED], const struct iban *iban);
bool iban_is_sepa(const struct iban *iban);
/* Outside it, a debit needs the debtor's address and BIC. */
bool iban_is_eea(const struct iban *iban);

/* 8 or 11 characters; code invalid_bic. */
int bic_check(const char *text, struct err *e);
/* Check digits over id and country, without positions 5 to 7; code invalid_creditor_identifier. */
int creditor_id_check(const char *text, struct err *e);

/* alpha-2, alpha-3, or an English or French name, in any case and with or without accents -> codes.
 * Code invalid_country. */
struct country {
	char alpha2[3], alpha3[4];
};
int country_parse(const char *text, struct country *country, struct err *e);

#endif
