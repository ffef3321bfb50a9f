/* membership: account memberships and cards at Swan, and whose they are. */
#ifndef CORE_MEMBERSHIP_H
#define CORE_MEMBERSHIP_H

#include "formats/swan.h"
#include "stages/core/engine/run.h"

/* Links a membership to a member. 0, or -1 (code bad_field) when it is another member's. The same again changes nothing. */
int membership_link(struct run *r, int64_t profile, const char *membership_id, struct err *e);

/* The latest state of a card and its membership, as the snapshot tells it. An older state changes nothing. */
void membership_save(struct run *r, const struct swan_payment_support *p);

/* Whose a membership is; 0 when nobody knows. The card tells where the membership does not: NULL, or unheard of. One that
 * nobody has linked yet is nobody's, whoever may have the card by now. Either id may be NULL. */
int64_t membership_find_profile(struct run *r, const char *membership_id, const char *card_id);

#endif
