/* touched: which rows of the books changed since the last export, so that it reads none that did not change.
 *
 * The store notes each row that is inserted, updated or deleted, whatever statement does it, in memory until the unit of work is
 * committed; then the table `touched` gets them: the rows of many members lie side by side, so that what is kept are runs of keys. Of
 * tables of which nobody asks for the rows only the name is kept, and so it is when what changed of a table in one unit of work is
 * more than TOUCHED_MOST runs. The export reads them, writes the files, by month or whole, that show such a row (80-export.c,
 * api/stale.h), of which it copies the rows of members of whom nothing changed (api/former.h), links the others, and removes the notes
 * when it has published.
 *
 * What changes the database in another way than through a store leaves no note, and no night sees it: the row is linked or copied as it
 * was. The weekly full audit finds that the export differs from the books (audit/proof_export.c; where rows are noted since
 * the export, by day, it is the next one that does), and `alanpay export --all` writes every file anew.
 *
 * A debt and a collection have no key of one number, so a note has SQLite's own number for the row. VACUUM, or a dump that is read
 * back, may give those numbers to other rows: never do that to a database that is in use. After a migration it does not
 * matter: it comes with another program, and then the export writes every file.
 */
#ifndef CORE_TOUCHED_H
#define CORE_TOUCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

enum touched_table {
	TOUCHED_BALANCE_TRANSACTION,
	TOUCHED_CARD_PAYMENT,
	TOUCHED_COLLECTION,
	TOUCHED_DEBT,
	TOUCHED_EXTERNAL_TRANSACTION,
	TOUCHED_MANDATE,
	TOUCHED_NOTIFICATION,
	TOUCHED_PROFILE,
	TOUCHED_TABLES
};
#define TOUCHED_MOST 65536

/* For the store. */
struct touched {
	struct touched_rows {
		struct touched_run {
			int64_t first, last;
		} * run;
		size_t n, room;
		bool has_changed, is_any; /* is_any: more runs than are kept */
	} of[TOUCHED_TABLES];
};
void touched_note(struct touched *t, const char *table, int64_t key);
void touched_save(struct touched *t, struct store *db); /* inside the unit of work, before its commit */
void touched_forget(struct touched *t);
void touched_free(struct touched *t);

/* Whether a row of it changed. */
bool touched_has(struct store *db, enum touched_table table);
/* Calls `each` with the key of each row that changed, in ascending order for each unit of work; rows may come more than once, and
 * may be gone. False: any row may have changed. The key of a row is the value of its integer PRIMARY KEY, or of TOUCHED_KEY. */
bool touched_each(struct store *db, enum touched_table table, void (*each)(void *ctx, int64_t key),
                  void *ctx);
#define TOUCHED_KEY "rowid"           /* SQLite's own number for a row: of a debt or a collection */
void touched_clear(struct store *db); /* inside a unit of work */

#endif
