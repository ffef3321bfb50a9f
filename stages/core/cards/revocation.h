/* revocation: a person takes back a decision that posted a Swan transaction: an attribution, or `as_told`. What was posted stays; a
 * contra row follows, and the exception is open again. */
#ifndef CORE_REVOCATION_H
#define CORE_REVOCATION_H

#include "stages/core/engine/run.h"

/* `decision`: attributed or as_told, or NULL: the last decision about the exception. An attribution stands also when a later version of
 * the transaction was decided otherwise, or is open.
 *
 * In one unit of work, with the debts assigned. False: it was taken back before and not decided since: then nothing changes. Dies:
 *   66  the exception does not exist
 *   65  there is no such decision; it posts nothing, or posts a bank entry; nothing is left of what it posted, or less than that;
 *       another decision must be reversed first */
bool revocation_decide(struct run *r, int64_t number, const char *decision, const char *why);

#endif
