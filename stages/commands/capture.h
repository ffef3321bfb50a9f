/* capture: a home, while it is used, becomes a fixture. */
#ifndef COMMANDS_CAPTURE_H
#define COMMANDS_CAPTURE_H

#include "stages/core/engine/run.h"

void capture(struct run *r); /* the command `fixture capture` */

#endif
