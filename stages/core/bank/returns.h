/* returns: returns.csv of a session, the living view beside the versions of its bank files: which debits and refunds failed, why,
 * and what follows. Rebuilt whole each time.
 */
#ifndef CORE_RETURNS_H
#define CORE_RETURNS_H

#include "stages/core/engine/run.h"

void returns_view(struct run *r, int64_t session_number);

#endif
