/* release: an approved bank file is given to finance, when all that must be true of it is. */
#ifndef CORE_RELEASE_H
#define CORE_RELEASE_H

#include "stages/core/bank/bankfile.h"

/* Dies with what is missing: 75 too early (no clean audit younger than the file, members not told in time), 77 four eyes,
 * limits, a mandate that is no longer in force, a refund that is not covered or whose account is in doubt, a date the bank cannot
 * make, something held that concerns a member in it. */
void release_check(struct run *r, const struct bankfile *f);

/* Checks, then copies the file into out/upload, in a unit of work of its own. Dies (73) when the file is past that; a file that
 * is released already stays as it is. */
void release_bank_file(struct run *r, const struct bankfile *f);

#endif
