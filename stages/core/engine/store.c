/* store: see store.h.
 *
 * WAL with synchronous FULL, one connection, one writer (the lock of the home). SQLite does not report a folder that could not
 * be synced: the caller of store_create syncs the folder.
 */
#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/embed.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/text.h"
#include "stages/core/engine/denial.h"
#include "stages/core/engine/fault.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/store.h"

#define APPLICATION_ID 1095782979 /* "APRC" */
#define SCHEMA_VERSION 10

#define MOST_PARAMETERS \
	24 /* of one statement, remembered by the address of their names; further ones are looked up each time */

const char *const environment_words[3] = {
    [ENVIRONMENT_PRODUCTION] = "production", [ENVIRONMENT_SANDBOX] = "sandbox", [ENVIRONMENT_TEST] = "test"};

struct stmt {
	struct stmt *next;
	const char *text;
	char *own; /* of a made text: a copy */
	sqlite3_stmt *handle;
	struct store *store;
	const void *table;                          /* the table that its columns were compared with last */
	const char *parameter[MOST_PARAMETERS + 1]; /* the literal last used for each */
};

struct store {
	sqlite3 *db;
	struct stmt *stmts;
	uint32_t id;
	enum environment environment;
	bool rehearsal;
	bool is_held; /* a read transaction is open until the store is closed */
	struct store_hook hook;
	int64_t frames;  /* of the write-ahead log, after the last commit */
	int64_t changes; /* rows changed when the outermost unit of work was begun */
	uint64_t epoch;
	int depth; /* units of work begun */
	struct {
		const char *file;
		int line;
	} begun[TX_UNITS]; /* where */
};

/* SQLite does not say which of its files it may not use. */
static _Noreturn void
die_closed(const struct store *s, enum exit_status status)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	const char *database = sqlite3_db_filename(s->db, "main"), *why = sqlite3_errmsg(s->db);
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

static _Noreturn void
die_sqlite(const struct store *s, const char *doing)
{
	int code = sqlite3_extended_errcode(s->db);
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
		die_closed(s, status);
	if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB)
		die(status, "the database is damaged: %s (%d): keep the home as it is and call an engineer",
		    sqlite3_errmsg(s->db), code);
	if (status == EXIT_BUSY)
		die(status, "database: %s (%d): run this again later", sqlite3_errmsg(s->db), code);
	if (status != EXIT_BUG)
		die(status, "database: %s (%d)", sqlite3_errmsg(s->db), code);
	die(status, "database: %s (%d): %s", sqlite3_errmsg(s->db), code, doing);
}

static void
run_script(struct store *s, const char *text)
{
	if (sqlite3_exec(s->db, text, NULL, NULL, NULL) != SQLITE_OK)
		die_sqlite(s, text);
}

/* Of the process, so that two stores never have the same one, not even at the same address. */
static uint64_t
next_epoch(void)
{
	static uint64_t last;

	return ++last;
}

static struct store *
connect(const char *path, int flags)
{
	struct store *s = memory_new(1, sizeof(*s));

	s->epoch = next_epoch();
	/* One thread, one connection, no statistics of memory. After the first open SQLite refuses this, which does no harm. */
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK)
		die(EXIT_IO, "%s: %s", path, sqlite3_errmsg(s->db));
	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_busy_timeout(s->db, 5000);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	run_script(
	    s,
	    "PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
	    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384");
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
	run_script(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN IMMEDIATE");
	run_script(s, embed_schema_sql);
	run_script(s, embed_views_sql);
	return s;
}

void
store_complete(struct store *s)
{
	run_script(s, embed_triggers_sql);
	run_script(s, SQL("PRAGMA application_id = " SQL_NUMBER(APPLICATION_ID) ";"
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

	run_script(s, "PRAGMA defer_foreign_keys = ON; DELETE FROM code");
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

struct store *
store_open(const char *path, enum store_access access)
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
	sqlite3_file_control(s->db, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
	if (access == STORE_CHANGES)
		run_script(s, "PRAGMA synchronous = FULL");
	if (value(sql(s, "PRAGMA application_id"), 0) != APPLICATION_ID)
		die(EXIT_CONFIG, "%s is not a database of Alan Pay recovery", path);
	if (value(sql(s, "PRAGMA user_version"), 0) != SCHEMA_VERSION)
		die(EXIT_CONFIG,
		    "%s has schema version %lld, and this program needs %d: run the programs of its version",
		    path, (long long)value(sql(s, "PRAGMA user_version"), 0), SCHEMA_VERSION);
	load_identity(s);
	return s;
}

void
store_close(struct store *s)
{
	struct stmt *q;

	if (s == NULL)
		return;
	tx_require_closed(s);
	if (s->rehearsal || s->is_held)
		run_script(s, "ROLLBACK");
	while ((q = s->stmts) != NULL) {
		s->stmts = q->next;
		sqlite3_finalize(q->handle);
		free(q->own);
		free(q);
	}
	if (sqlite3_close(s->db) != SQLITE_OK)
		die_sqlite(s, "close");
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
	run_script(s, "BEGIN");
	s->is_held = true;
	(void)value(sql(s, "SELECT count(*) FROM store"), 0);
}

void
store_rehearse(struct store *s)
{
	run_script(s, "BEGIN IMMEDIATE");
	s->rehearsal = true;
}

void
tx_begin_at(struct store *s, const char *file, int line)
{
	if (s->depth == TX_UNITS)
		die(EXIT_BUG, "database: more than %d nested transactions at %s:%d", TX_UNITS, file, line);
	run_script(s, s->rehearsal || s->depth > 0 ? "SAVEPOINT unit" : "BEGIN IMMEDIATE");
	if (s->depth == 0)
		s->changes = store_changes(s);
	s->begun[s->depth].file = file;
	s->begun[s->depth].line = line;
	s->depth++;
}

void
tx_commit(struct store *s)
{
	bool is_hooked;

	if (s->depth == 0)
		die(EXIT_BUG, "database: a commit without a transaction");
	is_hooked = s->hook.before != NULL && !s->rehearsal && s->depth == 1 && store_changes(s) > s->changes;
	if (is_hooked)
		s->hook.before(s->hook.ctx);
	s->depth--;
	if (s->rehearsal || s->depth > 0) {
		run_script(s, "RELEASE unit");
		return;
	}
	fault("before commit");
	if (sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		die(EXIT_IO,
		    "database: the commit failed, and it is not known whether it was done (%s): run this command once more",
		    sqlite3_errmsg(s->db));
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
	(void)sqlite3_wal_hook(s->db, on_wal, s); /* in the place of the automatic checkpoint */
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
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

	if (sqlite3_wal_checkpoint_v2(s->db, "main", SQLITE_CHECKPOINT_PASSIVE, &frames, &copied) !=
	        SQLITE_OK &&
	    (sqlite3_errcode(s->db) & 0xff) != SQLITE_BUSY)
		die_sqlite(s, "checkpoint");
	if (!and_empty || copied < frames)
		return frames;
	sqlite3_busy_timeout(s->db, 0); /* a reader may have begun since: then the next one empties it */
	(void)sqlite3_wal_checkpoint_v2(s->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_timeout(s->db, 5000);
	return frames;
}

void
tx_rollback(struct store *s)
{
	struct stmt *q;

	if (s->depth == 0)
		return;
	for (q = s->stmts; q != NULL; q = q->next)
		sqlite3_reset(q->handle);
	s->depth--;
	s->epoch = next_epoch();
	if (sqlite3_get_autocommit(s->db)) /* SQLite did it, when memory or the disk lacked */
		return;
	if (s->rehearsal || s->depth > 0)
		run_script(s, "ROLLBACK TO unit; RELEASE unit");
	else
		run_script(s, "ROLLBACK");
}

uint64_t
store_epoch(const struct store *s)
{
	return s->epoch;
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

static struct stmt *
prepare(struct store *s, const char *text)
{
	struct stmt *q;

	q = memory_new(1, sizeof(*q));
	*q = (struct stmt){.text = text, .store = s, .next = s->stmts};
	if (sqlite3_prepare_v3(s->db, text, -1, SQLITE_PREPARE_PERSISTENT, &q->handle, NULL) != SQLITE_OK)
		die_sqlite(s, text);
	s->stmts = q;
	return q;
}

/* clang-format off: it is set to leave the arguments of sql(...) as they are, and would do so here */
struct stmt *sql(struct store *s, const char *text)
/* clang-format on */
{
	struct stmt *q;

	for (q = s->stmts; q != NULL; q = q->next)
		if (q->text == text) {
			sqlite3_reset(q->handle);
			return q;
		}
	return prepare(s, text);
}

struct stmt *
sql_made(struct store *s, const char *text)
{
	struct stmt *q;
	char *own;

	for (q = s->stmts; q != NULL; q = q->next)
		if (q->own != NULL && strcmp(q->own, text) == 0) {
			sqlite3_reset(q->handle);
			return q;
		}
	own = memory_text(text);
	q = prepare(s, own);
	q->own = own;
	return q;
}
static int
parameter(struct stmt *q, const char *name)
{
	int i;

	for (i = 1; i <= MOST_PARAMETERS && q->parameter[i] != NULL; i++)
		if (q->parameter[i] == name)
			return i;
	i = sqlite3_bind_parameter_index(q->handle, name);
	if (i == 0)
		die(EXIT_BUG, "database: no parameter %s: %s", name, q->text);
	if (i <= MOST_PARAMETERS)
		q->parameter[i] = name;
	return i;
}

static void
check_bound(struct stmt *q, int rc)
{
	if (rc != SQLITE_OK)
		die_sqlite(q->store, q->text);
}

void
bind_int(struct stmt *q, const char *name, int64_t v)
{
	check_bound(q, sqlite3_bind_int64(q->handle, parameter(q, name), v));
}

void
bind_int_or(struct stmt *q, const char *name, int64_t v, int64_t absent)
{
	if (v == absent)
		check_bound(q, sqlite3_bind_null(q->handle, parameter(q, name)));
	else
		bind_int(q, name, v);
}

void
bind_text(struct stmt *q, const char *name, const char *v)
{
	check_bound(q, sqlite3_bind_text(q->handle, parameter(q, name), v, -1, SQLITE_TRANSIENT));
}

void
bind_blob(struct stmt *q, const char *name, const void *bytes, size_t n)
{
	check_bound(q, sqlite3_bind_blob64(q->handle, parameter(q, name), bytes, n, SQLITE_TRANSIENT));
}

void
bind_literal(struct stmt *q, int i, const struct literal *v)
{
	switch (v->type) {
	case LITERAL_NULL:
		check_bound(q, sqlite3_bind_null(q->handle, i));
		break;
	case LITERAL_INTEGER:
		check_bound(q, sqlite3_bind_int64(q->handle, i, v->integer));
		break;
	case LITERAL_TEXT:
		check_bound(q, sqlite3_bind_text(q->handle, i, v->bytes, (int)v->n, SQLITE_TRANSIENT));
		break;
	case LITERAL_BYTES:
		check_bound(
		    q, sqlite3_bind_blob64(q->handle, i, v->n == 0 ? "" : v->bytes, v->n, SQLITE_TRANSIENT));
		break;
	}
}

void
bind_date(struct stmt *q, const char *name, date on)
{
	char text[DATE_TEXT];

	bind_text(q, name, on == DATE_NONE ? NULL : date_print(text, on));
}

void
bind_instant(struct stmt *q, const char *name, instant at)
{
	bind_int_or(q, name, at, INSTANT_NONE);
}

bool
row(struct stmt *q)
{
	int rc = sqlite3_step(q->handle);

	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		die_sqlite(q->store, q->text);
	sqlite3_reset(q->handle);
	return false;
}

void
reset(struct stmt *q)
{
	sqlite3_reset(q->handle);
}

int64_t
exec(struct stmt *q)
{
	while (row(q))
		;
	return sqlite3_changes64(q->store->db);
}

int
exec_checked(struct stmt *q, struct err *e)
{
	int rc = sqlite3_step(q->handle);

	if (rc != SQLITE_DONE && (sqlite3_errcode(q->store->db) & 0xff) != SQLITE_CONSTRAINT)
		die_sqlite(q->store, q->text);
	if (rc != SQLITE_DONE)
		(void)err_set(e, ERR_BAD_FIELD, "%s", sqlite3_errmsg(q->store->db));
	sqlite3_reset(q->handle);
	return rc == SQLITE_DONE ? 0 : -1;
}

int64_t
value(struct stmt *q, int64_t absent)
{
	int64_t v = row(q) && !col_null(q, 0) ? col_int(q, 0) : absent;

	sqlite3_reset(q->handle);
	return v;
}

date
value_date(struct stmt *q)
{
	date on = row(q) ? col_date(q, 0) : DATE_NONE;

	sqlite3_reset(q->handle);
	return on;
}

int64_t
col_int(struct stmt *q, int i)
{
	return sqlite3_column_int64(q->handle, i);
}

int
col_count(struct stmt *q)
{
	return sqlite3_column_count(q->handle);
}

const char *
col_name(struct stmt *q, int i)
{
	return sqlite3_column_name(q->handle, i);
}

bool
col_compared(struct stmt *q, const void *table)
{
	bool before = q->table == table;

	q->table = table;
	return before;
}

int64_t
col_int_or(struct stmt *q, int i, int64_t absent)
{
	return col_null(q, i) ? absent : col_int(q, i);
}

bool
col_null(struct stmt *q, int i)
{
	return sqlite3_column_type(q->handle, i) == SQLITE_NULL;
}

const char *
col_text(struct stmt *q, int i)
{
	return (const char *)sqlite3_column_text(q->handle, i);
}

void
col_copy(struct stmt *q, int i, char *dst, size_t size)
{
	if (text_copy(dst, size, col_text(q, i)) < 0)
		die(EXIT_BUG, "database: a text of more than %zu bytes: %s", size - 1, q->text);
}

int
col_word(struct stmt *q, int i, const char *const words[], int n)
{
	const char *word = col_text(q, i);
	int k;

	for (k = 0; word != NULL && k < n; k++)
		if (strcmp(words[k], word) == 0)
			return k;
	die(EXIT_BUG, "database: an unknown word: %s", q->text);
}

const void *
col_blob(struct stmt *q, int i, size_t *n)
{
	const void *bytes = sqlite3_column_blob(q->handle, i);

	*n = (size_t)sqlite3_column_bytes(q->handle, i);
	return bytes;
}

void
col_literal(struct stmt *q, int i, struct literal *v)
{
	*v = (struct literal){.type = LITERAL_NULL};
	switch (sqlite3_column_type(q->handle, i)) {
	case SQLITE_INTEGER:
		v->type = LITERAL_INTEGER;
		v->integer = sqlite3_column_int64(q->handle, i);
		break;
	case SQLITE_TEXT:
		v->type = LITERAL_TEXT;
		v->bytes = sqlite3_column_text(q->handle, i);
		v->n = (size_t)sqlite3_column_bytes(q->handle, i);
		break;
	case SQLITE_BLOB:
		v->type = LITERAL_BYTES;
		v->bytes = sqlite3_column_blob(q->handle, i);
		v->n = (size_t)sqlite3_column_bytes(q->handle, i);
		break;
	default:
		break;
	}
}

date
col_date(struct stmt *q, int i)
{
	struct err e = {0};
	date on;

	if (col_null(q, i))
		return DATE_NONE;
	if (date_parse(col_text(q, i), &on, &e) < 0)
		die(EXIT_BUG, "database: not a day: %s: %s", col_text(q, i), q->text);
	return on;
}

instant
col_instant(struct stmt *q, int i)
{
	return col_int_or(q, i, INSTANT_NONE);
}

int64_t
store_numbers(struct store *s, const char *counter, int64_t n)
{
	struct stmt *q = sql(s, "INSERT INTO counter (name, last) VALUES ($name, $n)"
	                        " ON CONFLICT (name) DO UPDATE SET last = counter.last + excluded.last"
	                        " RETURNING last");
	int64_t last;

	bind_text(q, "$name", counter);
	bind_int(q, "$n", n);
	last = value(q, 0);
	if (last >= UUID_NUMBERS)
		die(EXIT_BUG, "database: the counter %s is used up", counter);
	return last - n + 1;
}

int64_t
store_number(struct store *s, const char *counter)
{
	return store_numbers(s, counter, 1);
}

size_t
store_key(const char *id, unsigned char key[STORE_KEY])
{
	struct err e = {0};
	struct uuid u;
	char again[UUID_TEXT];
	size_t n;

	if (uuid_parse(id, &u, &e) == 0 && strcmp(uuid_print(again, &u), id) == 0) {
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

int64_t
store_changes(const struct store *s)
{
	return sqlite3_total_changes64(s->db);
}

int64_t
store_steps(const struct store *s)
{
	const struct stmt *q;
	int64_t steps = 0;

	for (q = s->stmts; q != NULL; q = q->next)
		steps += sqlite3_stmt_status(q->handle, SQLITE_STMTSTATUS_VM_STEP, 0);
	return steps;
}

void
store_copy(const char *from, const char *to)
{
	struct store *s = connect(from, SQLITE_OPEN_READONLY),
		     *copy = connect(to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	sqlite3_backup *backup;

	run_script(copy, "PRAGMA synchronous = OFF");
	backup = sqlite3_backup_init(copy->db, "main", s->db, "main");
	if (backup == NULL)
		die_sqlite(copy, "copying");
	(void)sqlite3_backup_step(backup, -1); /* finish returns its error */
	if (sqlite3_backup_finish(backup) != SQLITE_OK)
		die_sqlite(copy, "copying");
	store_close(copy);
	store_close(s);
}

void
store_spill(struct store *s)
{
	run_script(s, "PRAGMA temp_store = FILE; PRAGMA cache_size = -3072; PRAGMA temp.cache_size = -1024");
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
