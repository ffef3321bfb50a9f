/* reopening: a person takes back a decision that posted nothing, before anything followed from it. The exception is open again: what
 * it blocked is blocked, a bank entry is held, and the next night tries it once more. The decision stays as a row of
 * reversed_decision. What posted a Swan transaction is taken back by cards/revocation.h, what posted a bank entry by nothing. */
#ifndef CORE_REOPENING_H
#define CORE_REOPENING_H

#include "stages/core/engine/run.h"

/* Whether this concerns the last decision about the exception, or the one that a person names, and not cards/revocation.h. */
bool reopening_is_for(struct run *r, int64_t number, const char *decision);

/* `decision`: NULL, or that of the exception, as a person repeats it. In one unit of work. False: it was taken back before and not
 * decided since: then nothing changes. Dies:
 *   65  there is no decision, or another one
 *   66  the exception does not exist
 *   77  the decision posted a bank entry, or something followed from it, which the message names: a bank file that the open
 *       exception would have blocked was released since; the file that the entry names was withdrawn, or its debit settled, or
 *       reported on; the decision moved mandates; the input was read after all; the member was reset */
bool reopening_decide(struct run *r, int64_t number, const char *decision, const char *why);

#endif
