/* release: checks an approved bank file and gives it to finance. */
#ifndef CORE_RELEASE_H
#define CORE_RELEASE_H

#include "stages/core/bank/bankfile.h"

/* Dies with the reason:
 * 75: no clean audit since the file was made; a member was not notified in time
 * 77: an approval is missing; a limit is exceeded; a mandate is not in force any more; a refund is not covered or its account
 *     is uncertain; the day is too close for the bank; an open exception may concern a member in the file */
void release_check(struct run *r, const struct bankfile *f);

/* Checks, then copies the file into out/upload, in a unit of work. Dies (73) when it is cancelled, withdrawn or at the bank;
 * releasing it twice changes nothing. */
void release_bank_file(struct run *r, const struct bankfile *f);

#endif
