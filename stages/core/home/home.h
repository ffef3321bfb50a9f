/* home: the data home of a run: a folder of ours with the store, the configuration, what comes in and what goes out.
 *
 * It is the working directory while it is open: every path of the core is below it.
 */
#ifndef CORE_HOME_H
#define CORE_HOME_H

#include "stages/core/engine/run.h"

/* Enters the home, reads the configuration, checks date and clock, takes the lock, opens the store, and finishes what an
 * interrupted run left unfinished; with ACCESS_NONE nothing of it. Dies with what to do: 77, 78, and 75 for the lock. */
void home_open(struct run *r);
void home_close(struct run *r);

#endif
