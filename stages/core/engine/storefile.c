/* storefile: see storefile.h. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stages/core/engine/log.h"
#include "stages/core/engine/storefile.h"

#define PATH 600

static int64_t
number_of(sqlite3 *db, const char *text, bool *is_read)
{
	sqlite3_stmt *q = NULL;
	int64_t number = 0;

	if (sqlite3_prepare_v2(db, text, -1, &q, NULL) != SQLITE_OK || sqlite3_step(q) != SQLITE_ROW)
		*is_read = false;
	else
		number = sqlite3_column_int64(q, 0);
	if (sqlite3_finalize(q) != SQLITE_OK)
		*is_read = false;
	return number;
}

bool
storefile_place(const char *path, bool with_log, struct storefile_place *place)
{
	char uri[PATH];
	sqlite3 *db = NULL;
	bool is_read = true;

	/* An immutable file has no write-ahead log for SQLite. The paths are ours: no character of them needs an escape. */
	snprintf(uri, sizeof(uri), "file:%s%s", path, with_log ? "" : "?immutable=1");
	if (sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) != SQLITE_OK)
		is_read = false;
	if (is_read) {
		sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		place->store_id = (uint32_t)number_of(db, "SELECT store_id FROM store", &is_read);
		place->number = number_of(db, "SELECT coalesce(max(number), 0) FROM intent", &is_read);
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
storefile_copy(const char *from, const char *to)
{
	sqlite3 *db = open_file(from, SQLITE_OPEN_READONLY),
		*copy = open_file(to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	sqlite3_backup *backup = sqlite3_backup_init(copy, "main", db, "main");

	if (backup == NULL)
		die_of(copy, to);
	(void)sqlite3_backup_step(backup, -1); /* finish returns its error */
	if (sqlite3_backup_finish(backup) != SQLITE_OK)
		die_of(copy, to);
	if (sqlite3_close(copy) != SQLITE_OK || sqlite3_close(db) != SQLITE_OK)
		die(EXIT_IO, "%s: cannot be closed", to);
	sync_file(to);
}

void
storefile_fold(const char *path)
{
	sqlite3 *db = open_file(path, SQLITE_OPEN_READWRITE);

	if (sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK)
		die_of(db, path);
	if (sqlite3_close(db) != SQLITE_OK)
		die(EXIT_IO, "%s: cannot be closed", path);
	sync_file(path);
}
