/* storefile: see storefile.h. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stages/core/engine/log.h"
#include "stages/core/engine/storefile.h"

#define PATH 600

/* A statement at its only row; NULL: it has no row, or the row cannot be read. */
static sqlite3_stmt *
find_row(sqlite3 *db, const char *text)
{
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(db, text, -1, &q, NULL) == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW)
		return q;
	sqlite3_finalize(q);
	return NULL;
}

static bool
read_place(sqlite3 *db, struct storefile_place *place)
{
	sqlite3_stmt *store = find_row(db, "SELECT store_id, environment FROM store"), *intent;

	*place = (struct storefile_place){0};
	if (store == NULL)
		return false;
	place->store_id = (uint32_t)sqlite3_column_int64(store, 0);
	while (place->environment < ENVIRONMENT_TEST && strcmp((const char *)sqlite3_column_text(store, 1),
	                                                       environment_words[place->environment]) != 0)
		place->environment++;
	sqlite3_finalize(store);
	/* An aggregate has a row always: no row is a file that cannot be read. */
	intent = find_row(db, "SELECT max(number), after FROM intent");
	if (intent == NULL)
		return false;
	place->number = sqlite3_column_int64(intent, 0);
	if (sqlite3_column_bytes(intent, 1) == SHA256_SIZE)
		memcpy(place->after, sqlite3_column_blob(intent, 1), SHA256_SIZE);
	return sqlite3_finalize(intent) == SQLITE_OK;
}

/* An immutable file has no write-ahead log for SQLite. The paths are ours, or escaped by the caller. */
static void
print_uri(char uri[PATH], const char *path, bool with_log)
{
	snprintf(uri, PATH, "file:%s%s", path, with_log ? "" : "?immutable=1");
}

bool
storefile_place(const char *path, bool with_log, struct storefile_place *place)
{
	char uri[PATH];
	sqlite3 *db = NULL;
	bool is_read;

	print_uri(uri, path, with_log);
	is_read = sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) == SQLITE_OK;
	if (is_read) {
		sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		is_read = read_place(db, place);
	}
	sqlite3_close(db);
	return is_read;
}

static _Noreturn void
die_of(sqlite3 *db, const char *path)
{
	die(EXIT_IO, "%s: %s (%d)", path, sqlite3_errmsg(db), sqlite3_extended_errcode(db));
}

static sqlite3 *
open_file(const char *path, int flags)
{
	sqlite3 *db;

	if (sqlite3_open_v2(path, &db, flags, NULL) != SQLITE_OK)
		die_of(db, path);
	sqlite3_busy_timeout(db, 5000);
	return db;
}

static void
sync_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fchmod(fd, 0600) < 0 || fsync(fd) < 0)
		die_errno(EXIT_IO, "%s: cannot be synced", path);
	close(fd);
}

void
storefile_copy(const char *from, bool with_log, const char *to)
{
	char uri[PATH];
	sqlite3 *db, *copy;
	sqlite3_backup *backup;

	print_uri(uri, from, with_log);
	db = open_file(uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
	copy = open_file(to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	backup = sqlite3_backup_init(copy, "main", db, "main");
	if (backup == NULL)
		die_of(copy, to);
	(void)sqlite3_backup_step(backup, -1); /* finish returns its error */
	if (sqlite3_backup_finish(backup) != SQLITE_OK)
		die_of(copy, to);
	if (sqlite3_close(copy) != SQLITE_OK || sqlite3_close(db) != SQLITE_OK)
		die(EXIT_IO, "%s: cannot be closed", to);
	sync_file(to);
}
