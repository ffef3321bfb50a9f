/* journal: the journal (which stage ran when, and how it ended) and the cursors (how far a reader has come).
 *
 * The journal is for people and for `alanpay run`; no stage asks it whether its work is done. A row of a dead process is
 * marked aborted by the next start: the lock of the home says that it is dead.
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

/* The exit status of the last start of a stage; -1 when it never ran, or did not end. What was refused to a person does
 * not count. `on` DATE_NONE: of any date. */
int journal_last(struct run *r, const char *stage, date on);

#endif
