/* database: SQLite, as store.c and statement.c use it. No other module includes this. */
#ifndef CORE_DATABASE_H
#define CORE_DATABASE_H

#include <sqlite3.h>
#include <stddef.h>

struct database {
	sqlite3 *db;
	/* statement.c: a hash by the address of the text; an empty place is NULL. places: 0, or a power of two. */
	struct stmt **statement;
	size_t places, statements;
};

/* Dies (74) when it cannot be opened. flags: SQLITE_OPEN_... */
void database_open(struct database *b, const char *path, int flags);
void database_close(struct database *b); /* its statements are freed before */
/* Statements that take and return no values. */
void database_run(struct database *b, const char *text);
/* SQLite has returned an error. doing: the statement, or what else was done. */
_Noreturn void database_die(const struct database *b, const char *doing);

#endif
