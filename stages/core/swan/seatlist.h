/* seatlist: the account memberships of an email address at Swan: those that may be one person's, or all of them. */
#ifndef CORE_SEATLIST_H
#define CORE_SEATLIST_H

#include "stages/core/swan/seat.h"

/* SEAT_BOUND: the user of the person has accepted it. SEAT_ALIKE: an invitation with all details of the person. SEAT_UNLIKE: an
 * invitation of the same phone or the same names with other details. */
enum seat_fit { SEAT_BOUND, SEAT_ALIKE, SEAT_UNLIKE };

/* Each membership of the account with exactly this email that may be the person's and is not disabled, oldest first; never that
 * of the legal representative. False ends it. */
typedef bool seatlist_person_fn(void *ctx, const char *membership_id, enum seat_fit fit);
void seatlist_of_person(struct caller *s, const char *email, const struct seat_person *p,
                        seatlist_person_fn *each, void *ctx);

/* Each membership with exactly this email, disabled ones too, oldest first; never that of the legal representative. */
typedef void seatlist_fn(void *ctx, const char *membership_id, const char *status);
void seatlist_all(struct caller *s, const char *email, seatlist_fn *each, void *ctx);

#endif
