/* store: see store.h.
 *
 * WAL with synchronous FULL, one connection, one writer (the lock of the home). SQLite does not report a folder that could not
 * be synced: the caller of store_create syncs the folder.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/embed.h"
#include "formats/memory.h"
#include "formats/text.h"
#include "stages/core/engine/database.h"
#include "stages/core/engine/fault.h"
#include "stages/core/engine/intent.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/number.h"
#include "stages/core/engine/store.h"
#include "stages/core/engine/touched.h"

#define APPLICATION_ID 1095782979 /* "APRC" */
#define SCHEMA_VERSION 10
#define INTENTS        8 /* that wait */

const char *const environment_words[3] = {
    [ENVIRONMENT_PRODUCTION] = "production", [ENVIRONMENT_SANDBOX] = "sandbox", [ENVIRONMENT_TEST] = "test"};

static_assert(TX_UNITS == NUMBER_UNITS, "each unit of work has its numbers");

struct store {
	struct database base;
	struct numbers numbers;
	uint32_t id;
	enum environment environment;
	bool rehearsal;
	bool is_held; /* a read transaction is open until the store is closed */
	struct store_hook hook;
	int64_t frames;         /* of the write-ahead log, after the last commit */
	int64_t changes;        /* rows changed when the outermost unit of work was begun */
	struct touched touched; /* in the unit of work that is open */
	struct intent waiting[INTENTS];
	int intents;
	int depth; /* units of work begun */
	struct {
		const char *file;
		int line;
	} begun[TX_UNITS]; /* where */
};

static struct store *
connect(const char *path, int flags)
{
	struct store *s = memory_new(1, sizeof(*s));

	database_open(&s->base, path, flags);
	return s;
}

static struct store *
begin_database(const char *path)
{
	struct store *s;
	struct stat st;

	if (stat(path, &st) == 0)
		die(EXIT_OVERWRITE, "%s exists: init makes a new home and never empties one", path);
	s = connect(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	database_run(&s->base, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN IMMEDIATE");
	database_run(&s->base, embed_schema_sql);
	database_run(&s->base, embed_views_sql);
	return s;
}

void
store_complete(struct store *s)
{
	database_run(&s->base, embed_triggers_sql);
	database_run(&s->base,
	             SQL("PRAGMA application_id = " SQL_NUMBER(APPLICATION_ID) ";"
	                  " PRAGMA user_version = " SQL_NUMBER(SCHEMA_VERSION) "; COMMIT"));
}

void
store_create(const char *path, uint32_t id, enum environment environment, instant now)
{
	struct store *s = begin_database(path);
	struct stmt *q = sql(s, "INSERT INTO store (one, store_id, environment, created_at)"
	                        " VALUES (1, $id, $environment, $now)");

	bind_int(q, "$id", id);
	bind_text(q, "$environment", environment_words[environment]);
	bind_int(q, "$now", now);
	exec(q);
	store_complete(s);
	store_close(s);
}

struct store *
store_begin(const char *path)
{
	struct store *s = begin_database(path);

	database_run(&s->base, "PRAGMA defer_foreign_keys = ON; DELETE FROM code");
	return s;
}

static void
load_identity(struct store *s)
{
	struct stmt *q = sql(s, "SELECT store_id, environment FROM store");

	if (!row(q))
		die(EXIT_BUG, "database: the row of store is missing");
	s->id = (uint32_t)col_int(q, 0);
	s->environment = (enum environment)col_word(q, 1, environment_words, 3);
	reset(q);
}

int
store_check_rows(struct store *s, struct err *e)
{
	struct stmt *q = sql(s, "PRAGMA foreign_key_check");

	if (row(q)) {
		(void)err_set(e, ERR_BAD_FIELD, "a row of %s refers to a row of %s that does not exist",
		              col_text(q, 0), col_text(q, 2));
		reset(q);
		return -1;
	}
	if (value(sql(s, "SELECT count(*) FROM store"), 0) == 0)
		return err_set(e, ERR_MISSING_FIELD, "the row of store is missing");
	load_identity(s);
	return 0;
}

int64_t
store_schema_version(void)
{
	return SCHEMA_VERSION;
}

int64_t
store_version(struct store *s)
{
	return value(sql(s, "PRAGMA user_version"), 0);
}

bool
store_is_old(struct store *s)
{
	return store_version(s) < SCHEMA_VERSION;
}

/* Called for each row that changes. */
static void
on_change(void *ctx, int what, const char *database, const char *table, sqlite3_int64 number)
{
	struct store *s = ctx;

	(void)what;
	if (strcmp(database, "main") == 0)
		touched_note(&s->touched, table, number);
}

struct store *
store_open_old(const char *path, enum store_access access)
{
	struct store *s;
	struct stat st;
	int on = 1;

	if (stat(path, &st) < 0 && errno != ENOENT)
		die_errno(EXIT_IO, "%s", path);
	if (stat(path, &st) < 0)
		die(EXIT_CONFIG, "%s: %s: put a backup in its place, then run `alanpay restore`", path,
		    strerror(errno));
	s = connect(path, access == STORE_READS ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
	sqlite3_file_control(s->base.db, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
	if (access == STORE_CHANGES) {
		database_run(&s->base, "PRAGMA synchronous = FULL");
		(void)sqlite3_update_hook(s->base.db, on_change, s);
	}
	if (value(sql(s, "PRAGMA application_id"), 0) != APPLICATION_ID)
		die(EXIT_CONFIG, "%s is not a database of Alan Pay recovery", path);
	if (store_version(s) > SCHEMA_VERSION)
		die(EXIT_CONFIG,
		    "%s has schema version %lld, and this program needs %d: newer programs changed it: put the newer programs"
		    " back",
		    path, (long long)store_version(s), SCHEMA_VERSION);
	if (store_version(s) < STORE_OLDEST)
		die(EXIT_CONFIG,
		    "%s has schema version %lld, and this program can migrate from %d: migrate it with an older program first",
		    path, (long long)store_version(s), STORE_OLDEST);
	load_identity(s);
	return s;
}

struct store *
store_open(const char *path, enum store_access access)
{
	struct store *s = store_open_old(path, access);

	if (store_is_old(s))
		die(EXIT_CONFIG,
		    "%s has schema version %lld, and this program needs %d: run `alanpay migrate`", path,
		    (long long)store_version(s), SCHEMA_VERSION);
	return s;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	tx_require_closed(s);
	if (s->rehearsal || s->is_held)
		database_run(&s->base, "ROLLBACK");
	statement_free_all(&s->base);
	touched_free(&s->touched);
	database_close(&s->base);
	free(s);
}

uint32_t
store_id(const struct store *s)
{
	return s->id;
}

enum environment
store_environment(const struct store *s)
{
	return s->environment;
}

bool
store_is_test(const struct store *s)
{
	return s->environment == ENVIRONMENT_TEST;
}

struct uuid
store_uuid(const struct store *s, enum uuid_kind kind, int64_t owner, int64_t number)
{
	return uuid_of(s->id, kind, (uint32_t)owner, (uint32_t)number);
}

char *
store_uuid_print(const struct store *s, enum uuid_kind kind, int64_t owner, int64_t number,
                 char text[UUID_TEXT])
{
	struct uuid id = store_uuid(s, kind, owner, number);

	return uuid_print(text, &id);
}

void
store_hold_still(struct store *s)
{
	database_run(&s->base, "BEGIN");
	s->is_held = true;
	(void)value(sql(s, "SELECT count(*) FROM store"), 0);
}

void
store_rehearse(struct store *s)
{
	database_run(&s->base, "BEGIN IMMEDIATE");
	s->rehearsal = true;
}

void
tx_begin_at(struct store *s, const char *file, int line)
{
	if (s->depth == TX_UNITS)
		die(EXIT_BUG, "database: more than %d nested transactions at %s:%d", TX_UNITS, file, line);
	store_save_intents(s);
	exec(s->rehearsal || s->depth > 0 ? sql(s, "SAVEPOINT unit") : sql(s, "BEGIN IMMEDIATE"));
	if (s->depth == 0)
		s->changes = store_changes(s);
	s->begun[s->depth].file = file;
	s->begun[s->depth].line = line;
	s->depth++;
	number_begin(&s->numbers);
}

void
tx_commit(struct store *s)
{
	bool is_hooked;

	if (s->depth == 0)
		die(EXIT_BUG, "database: a commit without a transaction");
	if (s->depth == 1) {
		number_write(&s->numbers, &s->base);
		touched_save(&s->touched, s);
		store_save_intents(s);
	}
	is_hooked = s->hook.before != NULL && !s->rehearsal && s->depth == 1 && store_changes(s) > s->changes;
	if (is_hooked)
		s->hook.before(s->hook.ctx);
	s->depth--;
	number_commit(&s->numbers);
	if (s->rehearsal || s->depth > 0) {
		exec(sql(s, "RELEASE unit"));
		return;
	}
	fault("before commit");
	if (sqlite3_exec(s->base.db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		die(EXIT_IO,
		    "database: the commit failed, and it is not known whether it was done (%s): run this command once more",
		    sqlite3_errmsg(s->base.db));
	fault("after commit");
	if (is_hooked)
		s->hook.after(s->hook.ctx);
}

static int
on_wal(void *ctx, sqlite3 *db, const char *name, int frames)
{
	struct store *s = ctx;

	(void)db;
	(void)name;
	s->frames = frames;
	return SQLITE_OK;
}

void
store_on_commit(struct store *s, const struct store_hook *hook)
{
	s->hook = *hook;
	(void)sqlite3_wal_hook(s->base.db, on_wal, s); /* in the place of the automatic checkpoint */
	sqlite3_db_config(s->base.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

int64_t
store_wal_frames(const struct store *s)
{
	return s->frames;
}

int64_t
store_write_back(struct store *s, bool and_empty)
{
	int frames = 0, copied = 0;

	if (sqlite3_wal_checkpoint_v2(s->base.db, "main", SQLITE_CHECKPOINT_PASSIVE, &frames, &copied) !=
	        SQLITE_OK &&
	    (sqlite3_errcode(s->base.db) & 0xff) != SQLITE_BUSY)
		database_die(&s->base, "checkpoint");
	if (!and_empty || copied < frames)
		return frames;
	sqlite3_busy_timeout(s->base.db, 0); /* a reader may have begun since: then the next one empties it */
	(void)sqlite3_wal_checkpoint_v2(s->base.db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_timeout(s->base.db, 5000);
	return frames;
}

void
tx_rollback(struct store *s)
{
	if (s->depth == 0)
		return;
	statement_reset_all(&s->base);
	if (--s->depth == 0) {
		touched_forget(&s->touched);
		s->intents = 0;
	}
	number_rollback(&s->numbers);
	if (sqlite3_get_autocommit(s->base.db)) /* SQLite did it, when memory or the disk lacked */
		return;
	if (s->rehearsal || s->depth > 0) {
		exec(sql(s, "ROLLBACK TO unit"));
		exec(sql(s, "RELEASE unit"));
	} else {
		exec(sql(s, "ROLLBACK"));
	}
}

bool
tx_open(const struct store *s)
{
	return s->depth > 0;
}

void
tx_require_closed(const struct store *s)
{
	if (s->depth > 0)
		die(EXIT_BUG,
		    "database: the transaction begun at %s:%d was not committed: nothing of it is kept",
		    s->begun[s->depth - 1].file, s->begun[s->depth - 1].line);
}

size_t
store_key(const char *id, unsigned char key[STORE_KEY])
{
	struct err e = {0};
	struct uuid u;
	size_t n;

	/* a UUID in upper case would come back in lower case */
	if (uuid_parse(id, &u, &e) == 0 && strpbrk(id, "ABCDEF") == NULL) {
		memcpy(key, u.byte, sizeof(u.byte));
		return sizeof(u.byte);
	}
	n = strlen(id);
	if (n == 0 || n >= STORE_KEY)
		die(EXIT_BUG, "database: an external id of %zu characters", n);
	memcpy(key, id, n);
	if (n == sizeof(u.byte))
		key[n++] = '\0';
	return n;
}

size_t
store_key_print(const void *key, size_t n, char text[STORE_KEY + 1])
{
	struct uuid u;

	if (n == sizeof(u.byte)) {
		memcpy(u.byte, key, n);
		return strlen(uuid_print(text, &u));
	}
	if (n > STORE_KEY)
		die(EXIT_BUG, "database: a key of %zu bytes", n);
	memcpy(text, key, n);
	text[n] = '\0';
	return strlen(text);
}

/* clang-format off: it is set to leave the arguments of sql(...) as they are, and would do so here */
struct stmt *sql(struct store *s, const char *text)
/* clang-format on */
{
	return statement_find(&s->base, text);
}

struct stmt *
sql_made(struct store *s, const char *text)
{
	return statement_make(&s->base, text);
}

void
store_save_intents(struct store *s)
{
	int i;

	for (i = 0; i < s->intents; i++)
		intent_insert(s, &s->waiting[i]);
	s->intents = 0;
}

void
store_intend(struct store *s, const struct intent *x)
{
	if (s->intents == INTENTS)
		store_save_intents(s);
	if (s->depth == 1)
		s->waiting[s->intents++] = *x;
	else
		intent_insert(s, x);
}

int64_t
store_numbers(struct store *s, const char *counter, int64_t n)
{
	int64_t first;

	if (s->depth > 0)
		return number_take(&s->numbers, &s->base, counter, n);
	tx_begin(s);
	first = number_take(&s->numbers, &s->base, counter, n);
	tx_commit(s);
	return first;
}

int64_t
store_number(struct store *s, const char *counter)
{
	return store_numbers(s, counter, 1);
}

int64_t
store_changes(const struct store *s)
{
	return sqlite3_total_changes64(s->base.db);
}

int64_t
store_steps(const struct store *s)
{
	return statement_steps(&s->base);
}

void
store_copy(const char *from, const char *to)
{
	struct store *s = connect(from, SQLITE_OPEN_READONLY),
		     *copy = connect(to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	sqlite3_backup *backup;

	database_run(&copy->base, "PRAGMA synchronous = OFF");
	backup = sqlite3_backup_init(copy->base.db, "main", s->base.db, "main");
	if (backup == NULL)
		database_die(&copy->base, "copying");
	(void)sqlite3_backup_step(backup, -1); /* finish returns its error */
	if (sqlite3_backup_finish(backup) != SQLITE_OK)
		database_die(&copy->base, "copying");
	store_close(copy);
	store_close(s);
}

void
store_spill(struct store *s)
{
	database_run(&s->base,
	             "PRAGMA temp_store = FILE; PRAGMA cache_size = -6144; PRAGMA temp.cache_size = -1024");
}

void
store_keep_few_pages(struct store *s)
{
	database_run(&s->base, "PRAGMA cache_size = -4096");
}

void
store_begin_migration(struct store *s)
{
	store_spill(s);
	database_run(&s->base, "PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON");
	tx_begin(s);
}

int
store_run_script(struct store *s, const char *script, struct err *e)
{
	if (sqlite3_exec(s->base.db, script, NULL, NULL, NULL) != SQLITE_OK)
		return err_set(e, ERR_SCHEMA, "%s", sqlite3_errmsg(s->base.db));
	return 0;
}

void
store_end_migration(struct store *s)
{
	database_run(&s->base, embed_views_sql);
	database_run(&s->base, embed_triggers_sql);
	database_run(&s->base, "PRAGMA user_version = " SQL_NUMBER(SCHEMA_VERSION));
}

static void
report_problems(struct stmt *q, void (*report)(void *ctx, const char *problem), void *ctx)
{
	while (row(q))
		if (strcmp(col_text(q, 0), "ok") != 0)
			report(ctx, col_text(q, 0));
}

void
store_check_quickly(struct store *s, void (*report)(void *ctx, const char *problem), void *ctx)
{
	report_problems(sql(s, "PRAGMA quick_check"), report, ctx);
}

void
store_check(struct store *s, void (*report)(void *ctx, const char *problem), void *ctx)
{
	struct stmt *q = sql(s, "PRAGMA foreign_key_check");

	report_problems(sql(s, "PRAGMA integrity_check"), report, ctx);
	while (row(q))
		report(ctx, col_text(q, 0));
}
