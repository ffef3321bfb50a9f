/* returns: returns.csv of a session, beside the versions of its bank files: the failed debits and refunds, the reasons, and the
 * next step of each. Rewritten whole each time.
 */
#ifndef CORE_RETURNS_H
#define CORE_RETURNS_H

#include "stages/core/engine/run.h"

void returns_view(struct run *r, int64_t session_number);

#endif
