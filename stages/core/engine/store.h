/* store: the database. Only store.c, storefile.c, database.c, statement.c and pool.c know that it is SQLite.
 *
 * Database errors end the process, so callers have no error branch. An expected conflict is written as ON CONFLICT DO NOTHING
 * and a count of rows. A COMMIT that fails may have been done or not: exit 74, and the next run decides by keys. SQL stands
 * next to the C that runs it, is prepared once for each place, and takes its parameters by name (statement.h).
 */
#ifndef CORE_STORE_H
#define CORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/date.h"
#include "formats/money.h"
#include "formats/sink.h"
#include "formats/uuid.h"
#include "stages/core/engine/statement.h"

struct store;

enum store_access { STORE_READS, STORE_CHANGES };

/* What a home is for, given when it is made and for good. */
enum environment { ENVIRONMENT_PRODUCTION, ENVIRONMENT_SANDBOX, ENVIRONMENT_TEST };
extern const char *const environment_words[3];

/* Dies (73) when it exists. */
void store_create(const char *path, uint32_t store_id, enum environment environment, instant now);
/* The same in steps, for rows that come from elsewhere: after store_begin the tables are there, without the triggers and without a
 * row in `store`. store_check_rows returns -1, with *e filled, when a row refers to one that does not exist; from then on the
 * store has its id. store_complete makes the triggers, and commits: a store that is closed before it has no tables. */
struct store *store_begin(const char *path);
int store_check_rows(struct store *s, struct err *e);
void store_complete(struct store *s);
int64_t store_schema_version(void);
/* Dies (78) when it is absent, or of another version. */
struct store *store_open(const char *path, enum store_access access);
/* The same, but books of an older program, which has migrations (home/migration.h), will do. */
#define STORE_OLDEST 9
struct store *store_open_old(const char *path, enum store_access access);
int64_t store_version(struct store *s); /* of the schema of these books */
bool store_is_old(struct store *s);
void store_close(struct store *s); /* dies (70) while a unit of work is open */
uint32_t store_id(const struct store *s);
enum environment store_environment(const struct store *s);
bool store_is_test(const struct store *s);
/* The public id of a row of this store. owner: the number of the profile that the row belongs to, or 0. */
struct uuid store_uuid(const struct store *s, enum uuid_kind kind, int64_t owner, int64_t number);
char *store_uuid_print(const struct store *s, enum uuid_kind kind, int64_t owner, int64_t number,
                       char text[UUID_TEXT]);

/* From here on every statement reads the same state of the database, whatever others change meanwhile. */
void store_hold_still(struct store *s);

/* For a dry run: the whole run is one transaction that is rolled back; tx_begin and tx_commit become savepoints. */
void store_rehearse(struct store *s);

/* A unit of work; takes the write lock at once. Units nest, at most TX_UNITS deep. A unit that is still open at the end of a
 * run is a bug: the message names the file and line where it was begun. */
#define TX_UNITS    8
#define tx_begin(s) tx_begin_at(s, __FILE__, __LINE__)
void tx_begin_at(struct store *s, const char *file, int line);
void tx_commit(struct store *s);
void tx_rollback(struct store *s); /* of this unit only */
bool tx_open(const struct store *s);
/* Called around the commit of each unit of work that is not inside another: `before` inside of it, when it changed a row;
 * `after` when it is committed. From then on changes are copied from the write-ahead log into the database only by
 * store_write_back. */
struct store_hook {
	void (*before)(void *ctx);
	void (*after)(void *ctx);
	void *ctx;
};
void store_on_commit(struct store *s, const struct store_hook *hook);
/* Pages in the write-ahead log after the last commit of this process. */
int64_t store_wal_frames(const struct store *s);
/* Copies the write-ahead log into the database, as far as no reader needs it; and_empty: makes it empty, when all was copied.
 * Returns how many pages it had. */
int64_t store_write_back(struct store *s, bool and_empty);
void tx_require_closed(const struct store *s); /* dies (70) when a unit was begun and never committed */

/* The statement of this text, ready to be bound; a second call with the same text resets it. The text and the names of its
 * parameters must be literals. */
struct stmt *sql(struct store *s, const char *text);
/* The same of a text that is made from names of the schema; the store keeps a copy of it. Its parameters are ?1, ?2 ... */
struct stmt *sql_made(struct store *s, const char *text);

/* For intent.c. The row is inserted when an inner unit of work begins or the outermost is committed: a page of the table that is
 * written first and changed last may have left the cache between, and then SQLite reads the whole write-ahead log of the unit once
 * more at the commit, to write its checksums anew (wal.c, walRewriteChecksums). */
struct intent;
void store_intend(struct store *s, const struct intent *x);
void store_save_intents(struct store *s);

/* The next number of a counter (profile, session, bank_file ...; a literal). Its row is written with the commit of the outermost unit
 * of work. */
int64_t store_number(struct store *s, const char *counter);
int64_t store_numbers(struct store *s, const char *counter, int64_t n); /* the first of n in a row */

/* The bytes of an id of another system: 16 for a UUID in its usual form, else the text (a text of 16 bytes gets a NUL, so that
 * it never equals a UUID). Returns how many; at most STORE_KEY. */
#define STORE_KEY 256
size_t store_key(const char *id, unsigned char key[STORE_KEY]);
size_t store_key_print(const void *key, size_t n, char text[STORE_KEY + 1]); /* from bytes to text */

/* From here on temporary tables are stored in files, not in memory, and caches and sorters stay small. To be called before the
 * first temporary table. */
void store_spill(struct store *s);
/* From here on 4 MB of pages are kept in memory, a quarter of the usual: for a stage that sorts what it writes. */
void store_keep_few_pages(struct store *s);
/* Checks the database file and the references between rows; calls `report` for each problem. */
/* store_check_quickly looks at the database file alone, without its indexes. */
void store_check_quickly(struct store *s, void (*report)(void *ctx, const char *problem), void *ctx);
void store_check(struct store *s, void (*report)(void *ctx, const char *problem), void *ctx);

/* Writes a new database with the committed rows of another. It is not synced: a loss of power may leave half of it. */
void store_copy(const char *from, const char *to);

/* For home/migration.c. A unit of work without foreign keys is begun, in which a table can be given another name and nothing that
 * refers to it changes; the caller ends it by tx_commit, after store_end_migration, which makes the views and the triggers of
 * this program. Then the store is to be closed. store_run_script returns -1, with *e filled, when the script cannot be run. */
void store_begin_migration(struct store *s);
int store_run_script(struct store *s, const char *script, struct err *e);
void store_end_migration(struct store *s);

int64_t store_changes(const struct store *s); /* rows changed since it was opened */
/* Steps of all statements so far: their work, whatever the machine. */
int64_t store_steps(const struct store *s);

#endif
