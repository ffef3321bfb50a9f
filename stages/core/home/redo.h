/* redo: brings a database that was restored from a backup up to date: the pages that commits changed since (pages.h) are written
 * over a copy of it, in the order of the release log, and the copy takes its place. Nothing is computed a second time: the result
 * is the database that was lost, whatever program and configuration made it. */
#ifndef CORE_REDO_H
#define CORE_REDO_H

#include "stages/core/home/logline.h"

struct redo {
	int64_t from,
	    to; /* lines: the last that the database has, the last of the log; equal: there is nothing to do */
	bool has_own_wal;    /* the write-ahead log beside the database belongs to it */
	struct intent *acts; /* what these lines are about, but plain changes */
	size_t n;
};

/* Of a home that is locked but not open. Dies (78) when the log cannot be used, or when an input of these lines is neither in
 * the archive nor in quarantine: its message names the file and its digest. */
void redo_plan(struct run *r, struct redo *redo);
/* Makes the database, and checks it: it is whole, and ends with the last line of the log. Dies (78) when pages are missing or
 * the database is no copy of one that this home had. */
void redo_build(struct run *r, const struct redo *redo, const char *path);
/* Gives it the place of the restored one; interrupted anywhere, the next restore does it. */
void redo_replace(const char *path);
void redo_discard(const char *path); /* the database that was made, and what SQLite left beside it */
void redo_free(struct redo *redo);

#endif
