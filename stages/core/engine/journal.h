/* journal: which stage ran when and how it ended, and the cursors (how far a reader has read).
 *
 * The journal is for people and for `alanpay run`; no stage reads it to find out whether its work is done. The next start marks
 * the row of a dead process as aborted: the process is dead when the lock of the home is free.
 */
#ifndef CORE_JOURNAL_H
#define CORE_JOURNAL_H

#include "stages/core/engine/log.h"
#include "stages/core/engine/run.h"

void journal_begin(struct run *r, const char *stage);
void journal_end(struct run *r, enum exit_status status, const char *message);

/* One `alanpay run` for r->on; whole: to the end of the chain. */
int64_t journal_begin_night(struct run *r);
void journal_end_night(struct run *r, int64_t number, enum exit_status status, bool whole);

int64_t journal_cursor(struct run *r, const char *name, int64_t absent);
void journal_move(struct run *r, const char *name, int64_t value); /* inside the unit of work it covers */

/* The exit status of the last start of a stage; -1 when it never ran, or did not end. A refused command does not
 * count. `on` DATE_NONE: any date. */
int journal_last(struct run *r, const char *stage, date on);

/* A person brought a restored database up to date, from this line of the release log to that. Inside the caller's unit of work. */
void journal_restored(struct run *r, int64_t from, int64_t to);

#endif
