/* spending: are a card's limits those that were agreed?
 *
 * Each enabled card has a limit of type AccountHolder, which is Alan's, and one of type Partner, which is Swan's: each exactly
 * once, with the agreed period and cents, in euros. Limits are found by type, never by position. A limit of any other type
 * is reported as Swan's, because AccountHolder is the only type that Alan can set.
 * spending_check checks one card, from any source; spending_read_snapshot is one source.
 */
#ifndef CORE_SPENDING_H
#define CORE_SPENDING_H

#include "formats/card_limits.h"
#include "formats/swan.h"
#include "stages/core/engine/run.h"

struct spending_agreed {
	const char *whose; /* "Swan" or "Alan" */
	const char *type, *period;
	cents amount;
};

/* In the order in which the findings of a card are reported. */
enum { SPENDING_SWAN, SPENDING_ALAN, SPENDING_AGREED };

void spending_agreed_load(const struct run *r, struct spending_agreed agreed[static SPENDING_AGREED]);

#define SPENDING_TEXT (CARD_LIMITS_TEXT + 128)

/* text: what differs from the agreement, "Period=Weekly, Amount=500, Currency=USD"; "missing"; "2 limits of Type=Partner" (a
 * difference in one of them is a finding of its own); or the whole limit, its Type first, if none was agreed. */
struct spending_finding {
	const char *whose;
	const char *type;               /* of the limit */
	const struct card_limit *limit; /* NULL: it is missing, or there are several */
	char text[SPENDING_TEXT];
};

typedef void spending_finding_fn(void *ctx, const struct swan_payment_support *card,
                                 const struct spending_finding *f);

bool spending_is_checked(const struct swan_payment_support *p); /* an enabled card */

/* Calls `each` for every finding and returns their number; 0 for a card that is not checked. -1, without a finding, when the
 * limits cannot be read (codes of card_limits_parse). Texts are valid during the call only. */
int spending_check(const struct swan_payment_support *p,
                   const struct spending_agreed agreed[static SPENDING_AGREED], spending_finding_fn *each,
                   void *ctx, struct err *e);

/* First and last name, else the email, else "". Cut after a whole character if too long. */
#define SPENDING_HOLDER 512
char *spending_print_holder(char text[static SPENDING_HOLDER], const struct swan_payment_support *p);

/* Reads a payment_supports.csv of the import. Dies: 74 when it cannot be read; 65 when it is damaged, `each` rejects a
 * record, or its hash is not the one that the import published. */
void spending_read_snapshot(struct run *r, const char *path, swan_payment_support_fn *each, void *ctx);

#endif
