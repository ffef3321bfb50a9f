/* list: the CSV that the import must make of the world, written without any code of the import. */
#ifndef TESTS_FAKESWAN_LIST_H
#define TESTS_FAKESWAN_LIST_H

#include "tests/fakeswan/world.h"

/* The result of a correct import, whatever faults there were: the faults that change values change the list; rows that
 * leave the window after they were served (`moving`) are in it as they were served; copies that come in before the second
 * page (`growing`) are in it, and so are rows that are never shown (`lost`), because an import without them is wrong.
 *
 * Transactions updated in [from, to), as seen at `now`; those that the import holds are
 * not listed, but counted on standard error. Payment supports: cards by id, after the members who have none. */
void list_transactions(struct world *w, instant from, instant to, instant now);
void list_payment_supports(struct world *w, instant now);

/* The requests (JSON Lines) that declare every member with a mandate and link its membership; and what [swan] of the
 * configuration needs to know of this world. */
void list_requests(const struct world *w);
void list_configuration(const struct world *w);
void list_key(void); /* a new private key on the curve P-256, in PEM */

#endif
