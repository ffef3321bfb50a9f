/* home: the data home of a run: the folder with the database, the configuration, the inputs and the published files.
 *
 * It is the working directory while it is open: every path of the core is below it.
 */
#ifndef CORE_HOME_H
#define CORE_HOME_H

#include "stages/core/home/migration.h"

/* Enters the home as its owner, takes the lock, opens the store, checks the options against the environment of the home, reads
 * the configuration, and completes the files that an interrupted run left unfinished. With ACCESS_NONE and ACCESS_LATER it does
 * nothing. Dies: 75 when another process has the lock, 77 for another user, or an option that only a test home allows, 78 for
 * home or configuration. */
void home_open(struct run *r);
/* The same for books of an older program, which home_open changes first (migration.h), and which end the process (78) with
 * ACCESS_READS and in a dry run: they stay as they are, and no unfinished file is completed. home_migrate changes them; in a
 * rehearsal only a copy. */
void home_open_old(struct run *r);
void home_migrate(struct run *r, bool is_rehearsal, struct migration *m);
/* For who wants to know at which step it ends: the folder becomes the working directory; the database is read; the configuration. */
void home_enter(struct run *r);
void home_look_into(struct run *r);
void home_read_config(struct run *r);
void home_close(struct run *r);

#endif
