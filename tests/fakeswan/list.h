/* list: the CSV that the import must make of the world, written without any of its code. */
#ifndef TESTS_FAKESWAN_LIST_H
#define TESTS_FAKESWAN_LIST_H

#include "tests/fakeswan/world.h"

/* Transactions updated in [from, to), as seen at `now`; what is left out, for the import holds it, is counted on
 * standard error. Payment supports: cards by id, after the members who have none. */
void list_transactions(struct world *w, instant from, instant to, instant now);
void list_payment_supports(struct world *w, instant now);

#endif
