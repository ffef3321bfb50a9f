/* start: starts stages as processes, for a command that does the work of several. */
#ifndef COMMANDS_START_H
#define COMMANDS_START_H

#include "stages/core/engine/run.h"

/* Starts alanpay-STAGE with the options of this run and `more` (name, value, ... NULL), waits for its end; its exit status,
 * 128 and the signal when it was killed. The caller holds no lock meanwhile. */
int start_stage(const struct run *r, const char *stage, const char *const more[]);
/* For --dry-run of a command that starts stages: the same command in a private copy of the open home, where each stage finds what
 * the stages before it did; ends with its exit status. */
_Noreturn void start_rehearsal(struct run *r);
/* The stage in place of this program, which has closed its home: it prints in this run's format, and its exit status counts. */
_Noreturn void start_instead(const struct run *r, const char *stage, const char *const more[]);

#endif
