/* nextstep: what becomes of a bank file next, and who must do it; told by `sepa` and by `status`. */
#ifndef COMMANDS_NEXTSTEP_H
#define COMMANDS_NEXTSTEP_H

#include "stages/core/bank/bankfile.h"

#define NEXTSTEP_TEXT 320

/* In words, with the command that does it. */
char *nextstep_print(struct run *r, const struct bankfile *f, char text[static NEXTSTEP_TEXT]);

#endif
