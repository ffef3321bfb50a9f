/* card_limits: the spending limits of a card, as payment_supports.csv has them: "Type/Period/cents/CUR" joined by '|'.
 *
 * units    cents of whichever currency the limit is in
 * source   Swan Live Partner schema of 2026-07-17, SpendingLimit: a card may have none, or several of one type, in any
 *          order; types and periods are kept as received
 */
#ifndef FORMATS_CARD_LIMITS_H
#define FORMATS_CARD_LIMITS_H

#include "formats/err.h"
#include "formats/money.h"

#define CARD_LIMITS_TEXT 1024                   /* swan.c never writes a longer one */
#define CARD_LIMITS_MOST (CARD_LIMITS_TEXT / 8) /* "a/b/0/c|" is the shortest */

struct card_limit {
	const char *type, *period, *currency;
	cents amount; /* never negative */
};

/* The limits point into `text`: not to be copied. */
struct card_limits {
	struct card_limit limit[CARD_LIMITS_MOST];
	int n;
	char text[CARD_LIMITS_TEXT];
};

/* NULL and "" are no limits. Codes bad_field, invalid_amount. */
int card_limits_parse(const char *text, struct card_limits *l, struct err *e);

#endif
