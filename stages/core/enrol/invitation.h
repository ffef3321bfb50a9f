/* invitation: the account membership that a member is invited to at Swan, before it is stored which one it is.
 *
 * Swan changes an invitation only with the consent of a person, so one with other details than the member gives now is disabled,
 * and another one is sent.
 */
#ifndef CORE_INVITATION_H
#define CORE_INVITATION_H

#include "stages/core/swan/seat.h"

enum invitation_found { INVITATION_ABSENT, INVITATION_FOUND, INVITATION_REHEARSED };

/* Looks among the memberships of the person's email and of `earlier`, an email that was given before ("": no other one). What no
 * other member has and is bound to the user, or has just these details, is FOUND: its id goes to `id`; what has other ones is
 * disabled. REHEARSED: a dry run stops before that. Dies as Swan rejects it. */
enum invitation_found invitation_find(struct caller *s, const struct seat_person *p, const char *earlier,
                                      int64_t profile, char id[static SWAN_ID + 1]);

#endif
