/* offboarding: members who leave, and what is still to do at Swan: cards to cancel, memberships to disable.
 *
 * A member is offboarded at once. Swan's part is done when Swan reports that no card and no membership is left.
 */
#ifndef CORE_OFFBOARDING_H
#define CORE_OFFBOARDING_H

#include "stages/core/engine/run.h"

#define OFFBOARDING_DAYS 7 /* after them an offboarding that Swan has not done is an exception */

/* Offboards a member inside the caller's unit of work. The same again changes nothing. */
void offboarding_begin(struct run *r, int64_t profile, int64_t input, int64_t line);

/* Swan did not end a card or membership of the member, and message says why: an exception until it is done. Inside the caller's unit
 * of work. */
void offboarding_hold(struct run *r, int64_t profile, const char *message);

/* Compares each offboarding with what Swan last reported: it is done, or open again when a card or membership turned up. Opens
 * an exception for those that are open for more than OFFBOARDING_DAYS, and at once for a member whose card paid after the
 * offboarding was asked for. A unit of work of its own. */
void offboarding_refresh(struct run *r);

#endif
