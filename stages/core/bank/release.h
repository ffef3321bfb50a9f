/* release: what must be true of a bank file before it may leave. */
#ifndef CORE_RELEASE_H
#define CORE_RELEASE_H

#include "stages/core/bank/bankfile.h"

/* Dies with what is missing: 75 too early (no clean audit younger than the file, members not told in time), 77 four eyes,
 * limits, a mandate that is no longer in force, a refund that is not covered or whose account is in doubt, a date the bank cannot
 * make, something held that concerns a member in it. */
void release_check(struct run *r, const struct bankfile *f);

#endif
