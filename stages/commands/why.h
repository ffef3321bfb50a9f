/* why: the reason that a person gives for a decision, kept with it. */
#ifndef COMMANDS_WHY_H
#define COMMANDS_WHY_H

#include "stages/core/engine/run.h"

/* The option --why, which is never blank; dies when it is not UTF-8: 64. */
const char *why_given(const struct run *r);

#endif
