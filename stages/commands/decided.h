/* decided: what a decision about an exception did, for the person who took it. */
#ifndef COMMANDS_DECIDED_H
#define COMMANDS_DECIDED_H

#include "stages/core/engine/run.h"

/* To standard output, a line each; nothing when nothing moved. Several are the sums of one bank file. */
void decided_print(struct run *r, const int64_t exceptions[], int n);

#endif
