/* list: the CSV that the import must make of the world, written without any of its code. */
#ifndef TESTS_FAKESWAN_LIST_H
#define TESTS_FAKESWAN_LIST_H

#include "tests/fakeswan/world.h"

/* What a right import ends with, whatever goes wrong on the way: the faults that change values change the list; rows
 * that leave the window after they were served (`moving`) are in it as they were served, copies that come in before
 * the second page (`growing`) are in it too, and so are rows that are never shown (`lost`): no import may do without.
 *
 * Transactions updated in [from, to), as seen at `now`; what is left out, for the import holds it, is
 * counted on standard error. Payment supports: cards by id, after the members who have none. */
void list_transactions(struct world *w, instant from, instant to, instant now);
void list_payment_supports(struct world *w, instant now);

#endif
