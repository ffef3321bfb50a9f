/* release: checks an approved bank file and gives it to finance. */
#ifndef CORE_RELEASE_H
#define CORE_RELEASE_H

#include "stages/core/bank/bankfile.h"

/* Dies with the reason:
 * 75: no clean audit since the file was made; a member was not notified in time
 * 77: the configuration has another creditor than the file; an approval is missing; a limit is exceeded; a mandate is not in force any more; a refund is not covered or its account
 *     is uncertain; the day is too close for the bank; a bank report is unread or quarantined, or an open exception may concern
 *     a member in the file */
void release_check(struct run *r, const struct bankfile *f);

/* Checks, then copies the file into out/upload, in a unit of work. Dies (73) when it is cancelled, withdrawn or at the bank;
 * releasing it twice changes nothing. */
void release_bank_file(struct run *r, const struct bankfile *f);

/* Records that finance uploaded the file under this reference, and moves the copy to out/uploaded, in a unit of work. False: it
 * was marked before, with this reference. Dies: 73 another reference, or a cancelled file; 75 the file is not released yet. */
bool release_mark_uploaded(struct run *r, const struct bankfile *f, const char *bank_reference);
/* The bank's reference of a file that is marked as uploaded was another one: both are kept, in a unit of work. False: it is this one
 * already. Dies (75) when the file is not marked. */
bool release_correct_upload(struct run *r, const struct bankfile *f, const char *bank_reference,
                            const char *why);

#endif
