/* offboarding: members who leave, and what Swan still owes them: cards to cancel, memberships to disable.
 *
 * A member is offboarded at once; Swan's part takes its time, and is done when Swan tells so.
 */
#ifndef CORE_OFFBOARDING_H
#define CORE_OFFBOARDING_H

#include "stages/core/engine/run.h"

#define OFFBOARDING_DAYS 7 /* after which a person should look at what Swan has not done */

/* Offboards a member, inside the caller's unit of work. The same again changes nothing. */
void offboarding_ask(struct run *r, int64_t profile, int64_t input, int64_t line);

/* Holds each against what Swan last told: done, or open again when a card or membership turned up. What is open for longer
 * than OFFBOARDING_DAYS is held for a person. A unit of work of its own. */
void offboarding_refresh(struct run *r);

#endif
