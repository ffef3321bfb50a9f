/* given: texts that a person gives and that are kept, so that they must say something. */
#ifndef COMMANDS_GIVEN_H
#define COMMANDS_GIVEN_H

#include "stages/core/run.h"

/* The option of that name; dies when it is blank, with what it is for, or not UTF-8: 64. */
const char *given_text(const struct run *r, const char *name, const char *for_what);
const char *given_why(const struct run *r); /* --why, of a decision */

#endif
