/* database: see database.h. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "formats/length.h"
#include "stages/core/engine/database.h"
#include "stages/core/engine/denial.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/pool.h"

#define CACHE_KIB "16384" /* of pages */

/* SQLite does not say which of its files it may not use. */
static _Noreturn void
die_closed(const struct database *b, enum exit_status status)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	const char *database = sqlite3_db_filename(b->db, "main"), *why = sqlite3_errmsg(b->db);
	char path[PATH_MAX], denial[DENIAL_TEXT];
	size_t i;

	for (i = 0; i < LENGTH(ends); i++) {
		snprintf(path, sizeof(path), "%s%s", database, ends[i]);
		if (access(path, R_OK | W_OK) < 0 && errno == EACCES)
			die(status, "%s: %s%s", path, why, denial_explain(path, errno, denial));
	}
	denial_explain(database, EACCES, denial);
	die(status, "%s: %s%s: is the disk mounted read-only?", database, why, denial);
}

_Noreturn void
database_die(const struct database *b, const char *doing)
{
	int code = sqlite3_extended_errcode(b->db);
	enum exit_status status = EXIT_BUG;

	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		status = EXIT_BUSY;
		break;
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_NOMEM:
		status = EXIT_IO;
		break;
	default:
		break;
	}
	if ((code & 0xff) == SQLITE_READONLY || (code & 0xff) == SQLITE_CANTOPEN)
		die_closed(b, status);
	if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB)
		die(status, "the database is damaged: %s (%d): keep the home as it is and call an engineer",
		    sqlite3_errmsg(b->db), code);
	if (status == EXIT_BUSY)
		die(status, "database: %s (%d): run this again later", sqlite3_errmsg(b->db), code);
	if (status != EXIT_BUG)
		die(status, "database: %s (%d)", sqlite3_errmsg(b->db), code);
	die(status, "database: %s (%d): %s", sqlite3_errmsg(b->db), code, doing);
}

void
database_run(struct database *b, const char *text)
{
	if (sqlite3_exec(b->db, text, NULL, NULL, NULL) != SQLITE_OK)
		database_die(b, text);
}

void
database_open(struct database *b, const char *path, int flags)
{
	*b = (struct database){0};
	/* One thread, one connection, no statistics of memory. After the first open SQLite refuses this, which does no harm. */
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	pool_use();
	if (sqlite3_open_v2(path, &b->db, flags, NULL) != SQLITE_OK)
		die(EXIT_IO, "%s: %s", path, sqlite3_errmsg(b->db));
	sqlite3_extended_result_codes(b->db, 1);
	sqlite3_busy_timeout(b->db, 5000);
	sqlite3_db_config(b->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	database_run(
	    b,
	    "PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
	    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -" CACHE_KIB);
}

void
database_close(struct database *b)
{
	if (sqlite3_close(b->db) != SQLITE_OK)
		database_die(b, "close");
}
