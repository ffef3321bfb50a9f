/* timeline: all that happened to a debt, a card payment or a bank file, in the order in which it happened.
 *
 * Collected from the books into a temporary table that the listing reads: the day, the instant where one is stored, what
 * happened, cents, who did it, and the input with the line that said so. IBANs and names are masked unless r->unmasked.
 */
#ifndef COMMANDS_TIMELINE_H
#define COMMANDS_TIMELINE_H

#include "stages/core/lists/listing.h"

/* For people, and for programs: these get the archived path of the input too. */
extern const struct listing timeline, timeline_whole;

/* Each begins an empty timeline and fills it; the subject exists. */
void timeline_of_debt(struct run *r, int64_t profile, int64_t session);
void timeline_of_payment(struct run *r, int64_t profile, int64_t number);
void timeline_of_file(struct run *r, int64_t file);

#endif
