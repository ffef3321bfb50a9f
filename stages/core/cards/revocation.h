/* revocation: a person takes back the attribution of a transfer. What was posted stays; a
 * contra row follows, and the exception is open again. */
#ifndef CORE_REVOCATION_H
#define CORE_REVOCATION_H

#include "stages/core/engine/run.h"

/* In one unit of work, with the debts assigned. False: it was taken back before and not decided since: then nothing changes. Dies:
 *   66  the exception does not exist
 *   65  it is open or applied; its decision posts nothing, or posts a bank entry; nothing is left of what it posted */
bool revocation_decide(struct run *r, int64_t number, const char *why);

#endif
