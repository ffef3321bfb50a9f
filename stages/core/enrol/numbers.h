/* numbers: the numbers of a member's card, as addresses of pages at Swan that show them. They are secrets: they go to the caller's
 * descriptor, and nowhere else.
 *
 * source   Swan, documentation of viewCardNumbers: the holder must consent, in a browser unless Swan lets the project do so
 */
#ifndef CORE_NUMBERS_H
#define CORE_NUMBERS_H

#include "stages/core/swan/seat.h"

#define NUMBERS_URL 2048

struct numbers {
	char pan_url[NUMBERS_URL], expiry_date_url[NUMBERS_URL], cvv_url[NUMBERS_URL], cardholder_name[256];
};

struct numbers_consent {
	char id[SWAN_ID + 1], url[NUMBERS_URL]; /* that the member has to open */
};

/* Of the latest enabled card among the member's memberships. consent: the id of one that the member gave; NULL: a new one is asked
 * for, and accepted where Swan allows it. False: the member must give *needed first. Dies: 66 without an enabled card, else as
 * Swan rejects it. The caller forgets *n by OPENSSL_cleanse. */
bool numbers_load(struct caller *s, int64_t profile, const char *consent, struct numbers *n,
                  struct numbers_consent *needed);

#endif
