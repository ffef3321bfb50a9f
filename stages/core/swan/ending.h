/* ending: a card is cancelled, or a membership disabled, permanently. What is over already is left alone, so the same again sends
 * nothing; an answer that is lost is looked for. */
#ifndef CORE_ENDING_H
#define CORE_ENDING_H

#include "stages/core/swan/seat.h"

/* card: of the membership; NULL: the membership itself. CALL_DONE: it is over, or about to be; CALL_REJECTED: *reply says why;
 * CALL_REHEARSED: a dry run; CALL_IN_DOUBT: the caller goes on, and s->doubt says why. Dies (69) when Swan does not answer, however
 * often it is asked. */
enum call_outcome ending_send(struct caller *s, const char *membership, const char *card,
                              struct swan_reply *reply);

#endif
