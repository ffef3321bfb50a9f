/* touched: see touched.h. Writes the table touched. */
#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/store.h"
#include "stages/core/engine/touched.h"

static const struct {
	const char *name;
	bool keeps_rows;
} tables[TOUCHED_TABLES] = {
    [TOUCHED_BALANCE_TRANSACTION] = {"balance_transaction", true},
    [TOUCHED_CARD_PAYMENT] = {"card_payment", true},
    [TOUCHED_COLLECTION] = {"collection", true},
    [TOUCHED_DEBT] = {"debt", true},
    [TOUCHED_EXTERNAL_TRANSACTION] = {"external_transaction", true},
    [TOUCHED_MANDATE] = {"mandate", false},
    [TOUCHED_NOTIFICATION] = {"notification", true},
    [TOUCHED_PROFILE] = {"profile", false},
};

static int
find_table(const char *name)
{
	int i;

	for (i = 0; i < TOUCHED_TABLES; i++)
		if (tables[i].name[0] == name[0] && strcmp(tables[i].name, name) == 0)
			return i;
	return -1;
}

void
touched_note(struct touched *t, const char *table, int64_t key)
{
	int i = find_table(table);
	struct touched_rows *rows;

	if (i < 0)
		return;
	rows = &t->of[i];
	rows->has_changed = true;
	if (!tables[i].keeps_rows || rows->is_any || (rows->n > 0 && rows->key[rows->n - 1] == key))
		return;
	rows->is_any = rows->n == TOUCHED_MOST;
	if (rows->is_any)
		return;
	if (rows->n == rows->room) {
		rows->room = 2 * rows->room + 64;
		rows->key = memory_resize(rows->key, rows->room, sizeof(*rows->key));
	}
	rows->key[rows->n++] = key;
}

static int
compare_keys(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Each row once, ascending. */
static void
sort_rows(struct touched_rows *rows)
{
	size_t i, n = 0;

	qsort(rows->key, rows->n, sizeof(*rows->key), compare_keys);
	for (i = 0; i < rows->n; i++)
		if (n == 0 || rows->key[n - 1] != rows->key[i])
			rows->key[n++] = rows->key[i];
	rows->n = n;
}

/* Number 0: any row of the table. */
static void
save_rows(struct store *db, const char *name, struct touched_rows *rows, bool is_any)
{
	struct stmt *q =
	    sql(db, "INSERT INTO touched (name, number, keys)"
	                         " SELECT $name, CASE WHEN $any = 1 THEN 0 ELSE coalesce(max(number), 0) + 1 END, $keys"
	                         " FROM touched"
	                         " WHERE name = $name"
	                         " ON CONFLICT (name, number) DO NOTHING");

	bind_text(q, "$name", name);
	bind_int(q, "$any", is_any ? 1 : 0);
	if (is_any) {
		bind_text(q, "$keys", NULL);
	} else {
		sort_rows(rows);
		bind_blob(q, "$keys", rows->key, rows->n * sizeof(*rows->key));
	}
	exec(q);
}

void
touched_save(struct touched *t, struct store *db)
{
	int i;

	for (i = 0; i < TOUCHED_TABLES; i++)
		if (t->of[i].has_changed)
			save_rows(db, tables[i].name, &t->of[i], t->of[i].is_any || !tables[i].keeps_rows);
	touched_forget(t);
}

void
touched_forget(struct touched *t)
{
	int i;

	for (i = 0; i < TOUCHED_TABLES; i++) {
		t->of[i].n = 0;
		t->of[i].has_changed = t->of[i].is_any = false;
	}
}

void
touched_free(struct touched *t)
{
	int i;

	for (i = 0; i < TOUCHED_TABLES; i++)
		free(t->of[i].key);
}

bool
touched_has(struct store *db, enum touched_table table)
{
	struct stmt *q = sql(db, "SELECT count(*) FROM touched WHERE name = $name");

	bind_text(q, "$name", tables[table].name);
	return value(q, 0) > 0;
}

bool
touched_each(struct store *db, enum touched_table table, void (*each)(void *ctx, int64_t key), void *ctx)
{
	struct stmt *q = sql(db, "SELECT keys FROM touched WHERE name = $name ORDER BY number");
	const char *bytes;
	int64_t key;
	size_t i, n;

	bind_text(q, "$name", tables[table].name);
	while (row(q)) {
		if (col_null(q, 0)) {
			reset(q);
			return false;
		}
		bytes = col_blob(q, 0, &n);
		for (i = 0; i + sizeof(key) <= n; i += sizeof(key)) {
			memcpy(&key, bytes + i, sizeof(key));
			each(ctx, key);
		}
	}
	return true;
}

void
touched_clear(struct store *db)
{
	exec(sql(db, "DELETE FROM touched WHERE 1 = 1"));
}
