/* freeze: the end of a recovery session's changes: what each of its debts is, and which of them are excluded.
 */
#ifndef CORE_FREEZE_H
#define CORE_FREEZE_H

#include "stages/core/engine/run.h"

/* Fixes every amount of a session, carries what is excluded to the next one, and freezes it; inside the caller's unit of work. */
void freeze_session(struct run *r, int64_t session);

#endif
