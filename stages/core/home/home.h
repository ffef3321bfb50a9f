/* home: the data home of a run: the folder with the database, the configuration, the inputs and the published files.
 *
 * It is the working directory while it is open: every path of the core is below it.
 */
#ifndef CORE_HOME_H
#define CORE_HOME_H

#include "stages/core/engine/run.h"

/* Enters the home as its owner, takes the lock, opens the store, checks the options against the environment of the home, reads
 * the configuration, and completes the files that an interrupted run left unfinished. With ACCESS_NONE and ACCESS_LATER it does
 * nothing. Dies: 75 when another process has the lock, 77 for another user, or an option that only a test home allows, 78 for
 * home or configuration. */
void home_open(struct run *r);
/* For who wants to know at which step it ends: the folder becomes the working directory; the database is read; the configuration. */
void home_enter(struct run *r);
void home_look_into(struct run *r);
void home_read_config(struct run *r);
void home_close(struct run *r);

#endif
