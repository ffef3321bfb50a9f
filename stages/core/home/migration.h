/* migration: the books of an older program become those of this one.
 *
 * Each version of the schema has a script, stages/core/migrations/<version>.sql, which makes it of the version before: the tables
 * alone, for views and triggers are always those of this program. The tables `store` and `intent` stay what they are, so that
 * the release log of older books can be read before they are changed.
 *
 * First it is done on a private copy of the home, which the full audit of this program then proves; then, by the same
 * scripts, on the database of the home, in one unit of work. Interrupted anywhere, the next start does it.
 */
#ifndef CORE_MIGRATION_H
#define CORE_MIGRATION_H

#include "stages/core/engine/run.h"

#define MIGRATION_NAME 64

/* A table that was made anew, or changed. */
struct migration_table {
	char name[MIGRATION_NAME];
	int64_t before, after; /* rows; -1: the table did not exist, does not exist any more */
};

struct migration {
	int64_t from, to; /* versions of the schema */
	struct migration_table *table;
	size_t n;
};

/* Of an open home with older books: on a copy. Dies (78) when the result is not clean; then nothing of the home has changed. */
void migration_prove(struct run *r, struct migration *m);
/* On the database of the home, or of a copy of one, as a unit of work. Then the home is to be closed. */
void migration_apply(struct run *r, struct migration *m);
void migration_free(struct migration *m);

#endif
