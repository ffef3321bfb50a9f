/* own_account: which accounts are Alan's own, so that money from or to them is no member's.
 *
 * A list in one line, parted by commas: IBANs, and patterns of a counterparty's name or account number, in which * is any
 * text. Compared as fold.h folds: "ALAN SA, FR76 3000 6000 0112 3456 7890 189, Alan Insurance *".
 */
#ifndef FORMATS_OWN_ACCOUNT_H
#define FORMATS_OWN_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/err.h"

/* A list that can be used: each item an IBAN that is valid, or a pattern with at least three letters or digits, so that
 * none matches everybody. Code config. */
int own_account_check(const char *list, struct err *e);
/* The list as it is kept: IBANs as the machines write them, without empty items. -1 when it does not fit. */
int own_account_normalise(const char *list, char *text, size_t size);
/* The list as people may see it: IBANs masked. -1 when it does not fit. */
int own_account_mask(const char *list, char *text, size_t size);

/* Whether the other side of a transaction is one of them: its name, and its IBAN or account number. Each may be NULL. */
bool own_account_matches(const char *list, const char *name, const char *account);

#endif
