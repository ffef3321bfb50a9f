/* filesheet: what `alanpay sepa` shows of bank files: all of them in a list, or one with all that finance checks in it. */
#ifndef COMMANDS_FILESHEET_H
#define COMMANDS_FILESHEET_H

#include "stages/core/bank/bankfile.h"

/* The file that --file names. Dies (66) when it does not exist. */
void filesheet_find(struct run *r, struct bankfile *f);

void filesheet_list(struct run *r);
void filesheet_show(struct run *r);

#endif
