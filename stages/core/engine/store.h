/* store: the SQLite database, and the only file that knows it is SQLite.
 *
 * Database errors do not return (Fossil's way): callers have no error branch. A conflict that is wanted is written as
 * ON CONFLICT DO NOTHING and a count of rows. A COMMIT that fails is in doubt: exit 74, and the rerun decides by keys.
 * SQL stands next to the C that runs it, is prepared once for each place, and takes its parameters by name.
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

struct store;
struct stmt;

enum store_access { STORE_READS, STORE_CHANGES };

void store_create(const char *path, uint32_t store_id, instant now); /* dies (73) when there is one */
struct store *store_open(const char *path,
                         enum store_access access); /* dies: 78 absent, or of another version */
void store_close(struct store *s);                  /* dies (70) while a unit of work is open */
uint32_t store_id(const struct store *s);
/* The id under which others see a row of this store: of a member's row owner is the profile's number, else 0. */
struct uuid store_uuid(const struct store *s, enum uuid_kind kind, int64_t owner, int64_t number);
char *store_uuid_print(const struct store *s, enum uuid_kind kind, int64_t owner, int64_t number,
                       char text[UUID_TEXT]);

/* The whole run inside one transaction that is rolled back: tx_begin and tx_commit become savepoints. */
void store_rehearse(struct store *s);

/* A unit of work; takes the write lock at once. Units nest, at most TX_UNITS deep. Where each was begun is kept: one
 * that is still open when all should be over is our bug, and its report names the place. */
#define TX_UNITS    8
#define tx_begin(s) tx_begin_at(s, __FILE__, __LINE__)
void tx_begin_at(struct store *s, const char *file, int line);
void tx_commit(struct store *s);
void tx_rollback(struct store *s); /* of this unit only */
bool tx_open(const struct store *s);
void tx_require_closed(const struct store *s); /* dies (70) when a unit was begun and never committed */

/* Around SQL outside of sql(): clang-format leaves what stands in either of them as it is. */
#define SQL(...) __VA_ARGS__
/* A number of C in SQL text: " WHERE kind = " SQL_NUMBER(KIND), where KIND is a macro. */
#define SQL_NUMBER(number)  SQL_NUMBER_(number)
#define SQL_NUMBER_(number) #number

/* The statement of this text, ready to be bound; it is reset by asking for it again. `text` must be a literal, and so must the
 * names of its parameters. */
struct stmt *sql(struct store *s, const char *text);
void bind_int(struct stmt *q, const char *name, int64_t value);
void bind_int_or(struct stmt *q, const char *name, int64_t value, int64_t absent); /* absent: null */
void bind_text(struct stmt *q, const char *name, const char *value);               /* NULL: null */
void bind_blob(struct stmt *q, const char *name, const void *bytes, size_t n);
void bind_date(struct stmt *q, const char *name, date on);       /* DATE_NONE: null */
void bind_instant(struct stmt *q, const char *name, instant at); /* INSTANT_NONE: null */

bool row(struct stmt *q);                      /* the next one; after the last the statement is reset */
void reset(struct stmt *q);                    /* no more rows are wanted; columns of the last one are gone */
int64_t exec(struct stmt *q);                  /* to the end; how many rows it changed */
int64_t value(struct stmt *q, int64_t absent); /* the first column of the only row */

/* Columns of the row at hand, from 0. Text and bytes live until the next row or reset. */
int64_t col_int(struct stmt *q, int i);
const char *col_text(struct stmt *q, int i); /* NULL when null */
/* Into room of the caller's, which the schema promises is enough: dies when it is not. Null: "". */
void col_copy(struct stmt *q, int i, char *dst, size_t size);
/* Which of the n words it is: the index. Dies when it is another. */
int col_word(struct stmt *q, int i, const char *const words[], int n);
const void *col_blob(struct stmt *q, int i, size_t *n);
date col_date(struct stmt *q, int i);
instant col_instant(struct stmt *q, int i);
bool col_null(struct stmt *q, int i);
/* How many columns a row has, and their names; also without a row. */
int col_count(struct stmt *q);
const char *col_name(struct stmt *q, int i);
/* Whether this was asked before about the statement and this table: its columns are compared with a table once. */
bool col_compared(struct stmt *q, const void *table);
int64_t col_int_or(struct stmt *q, int i, int64_t absent);

/* The next number of a counter, kept in the transaction: profile, session, bank_file ... */
int64_t store_number(struct store *s, const char *counter);
int64_t store_numbers(struct store *s, const char *counter, int64_t n); /* the first of n in a row */

/* Bytes of an outside id: 16 for a UUID in its usual form, else the text (a text of 16 gets a NUL, so that the two
 * can never meet). Returns how many; at most STORE_KEY. */
#define STORE_KEY 256
size_t store_key(const char *id, unsigned char key[STORE_KEY]);
size_t store_key_print(const void *key, size_t n, char text[STORE_KEY + 1]); /* the way back */

/* Temporary tables go to files from here on, not to memory, and caches and sorters stay small: what they hold may be
 * larger. Before the first temporary table. */
void store_spill(struct store *s);
/* What the engine finds wrong with its file and with what rows name, a line each. */
void store_check(struct store *s, void (*tell)(void *ctx, const char *what), void *ctx);

int64_t store_changes(const struct store *s); /* rows changed since it was opened */

#endif
