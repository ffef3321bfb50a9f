/* membership: account memberships and cards at Swan, and which member they belong to. */
#ifndef CORE_MEMBERSHIP_H
#define CORE_MEMBERSHIP_H

#include "formats/swan.h"
#include "stages/core/engine/run.h"

/* Links a membership to a member. 0, or -1 (code bad_field) when it is another member's. The same again changes nothing. */
int membership_link(struct run *r, int64_t profile, const char *membership_id, struct err *e);

/* Stores the latest state of a card and its membership, from a snapshot. An older state changes nothing. */
void membership_save(struct run *r, const struct swan_payment_support *p);

/* The member a membership belongs to; 0: unknown. The card decides only when the membership is NULL or not stored: a stored
 * membership that is not linked belongs to no member, also when its card has another membership now. Either id may be NULL. */
int64_t membership_find_profile(struct run *r, const char *membership_id, const char *card_id);

#endif
