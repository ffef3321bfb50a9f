/* releaselog: the release log, outside of the home and never restored with it: what this home has committed, line by line. It is
 * how a database that was restored from a backup is noticed, and brought up to date (redo.h).
 *
 * Each unit of work that changes a row has a line at least: an intent (engine/intent.h) is committed with it, the line is
 * appended after the commit, and what others can see follows: the names of published files, copies for finance, what leaves
 * the inbox. So a store with an intent that has no line was interrupted, and the next start appends it; a log with a line
 * that has no intent belongs to a home that was restored. Each line has the digest of the one before it.
 * Beside the log are the pages of the database that each commit changed (pages.h).
 */
#ifndef CORE_RELEASELOG_H
#define CORE_RELEASELOG_H

#include "stages/core/home/logline.h"

/* The path: [release] log; by default /var/log/alanpay/released.log for the installed home, else state/released.log. */
const char *releaselog_path(const struct run *r);

/* At a start, before the database is opened: reads the end of the log, and dies (78) when the write-ahead log beside the
 * database is that of another one. After it was opened: dies (78) when the log has lines that the database lacks, or is not that
 * of this home; for a reader it is a warning. Then it appends a line for each unit of work. In a private copy of a home both
 * do nothing, in a dry run they append nothing. */
void releaselog_begin(struct run *r);
void releaselog_open(struct run *r);
/* Before anything that others can see: what was appended survives a loss of power. */
void releaselog_sync(struct run *r);
/* Before the database is closed. */
void releaselog_close(struct run *r);
/* False: this reader was warned. */
bool releaselog_agrees(const struct run *r);

/* For a home that is not open: reads the log from its beginning, gives each line to `take`, and dies (78) where its chain is
 * broken. Returns the number of the last line; 0: the log is empty or missing. */
typedef void releaselog_take_fn(const struct logline *line, const unsigned char digest[SHA256_SIZE],
                                void *ctx);
int64_t releaselog_read(const struct run *r, releaselog_take_fn *take, void *ctx);
/* Whether the write-ahead log beside the database belongs to it; true as well when no log is beside it. */
bool releaselog_owns_wal(struct run *r);

#endif
