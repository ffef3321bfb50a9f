/* spending: are a card's limits those that were agreed?
 *
 * Of each enabled card the limit of type AccountHolder is Alan's, that of type Partner is Swan's; both must be there
 * once, with the agreed period and cents, in euros. Limits are told apart by type, never by position. A limit of another
 * type is told as Swan's, for AccountHolder is the only type that Alan can set.
 * Where the cards come from is the caller's: spending_check takes one record, spending_read_snapshot is one source.
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

/* In the order in which a card's findings are told. */
enum { SPENDING_SWAN, SPENDING_ALAN, SPENDING_AGREED };

void spending_agreed_load(const struct run *r, struct spending_agreed agreed[static SPENDING_AGREED]);

#define SPENDING_TEXT (CARD_LIMITS_TEXT + 128)

/* "Period=Weekly, Amount=500, Currency=USD" (only what differs), "missing", "2 limits of Type=Partner" (then what differs
 * in each of them is a finding of its own), or, of a limit that nobody agreed to, all of it, its Type first. */
struct spending_finding {
	const char *whose;
	const char *type;               /* of the limit that is meant */
	const struct card_limit *limit; /* NULL when none is there, or more than one is meant */
	char text[SPENDING_TEXT];
};

typedef void spending_finding_fn(void *ctx, const struct swan_payment_support *card,
                                 const struct spending_finding *f);

bool spending_is_checked(const struct swan_payment_support *p); /* an enabled card */

/* How many findings were told; of what is not checked, 0. -1 when the limits cannot be read (codes of card_limits_parse):
 * then none was told. Texts live during the call only. */
int spending_check(const struct swan_payment_support *p,
                   const struct spending_agreed agreed[static SPENDING_AGREED], spending_finding_fn *each,
                   void *ctx, struct err *e);

/* First and last name, else the email, else "". Longer ones are cut behind a whole character. */
#define SPENDING_HOLDER 512
char *spending_print_holder(char text[static SPENDING_HOLDER], const struct swan_payment_support *p);

/* All records of a payment_supports.csv of the import. Dies: 74 when it cannot be read, 65 when it is broken, `each`
 * refuses a record, or it is not as the import published it. */
void spending_read_snapshot(struct run *r, const char *path, swan_payment_support_fn *each, void *ctx);

#endif
