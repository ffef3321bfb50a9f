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

static int
compare_runs(const void *a, const void *b)
{
	const struct touched_run *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* Each row once, ascending. */
static void
join_runs(struct touched_rows *rows)
{
	struct touched_run *run = rows->run;
	size_t i, n = 0;

	qsort(run, rows->n, sizeof(*run), compare_runs);
	for (i = 0; i < rows->n; i++)
		if (n == 0 || run[i].first > run[n - 1].last + 1)
			run[n++] = run[i];
		else if (run[i].last > run[n - 1].last)
			run[n - 1].last = run[i].last;
	rows->n = n;
}

#define MOST_ROOM (TOUCHED_MOST + TOUCHED_MOST / 4)

/* Room for one more. */
static void
make_room(struct touched_rows *rows)
{
	if (rows->n > 0)
		join_runs(rows);
	rows->is_any = rows->n > TOUCHED_MOST;
	if (rows->is_any || (rows->run != NULL && (rows->n < rows->room / 2 || rows->room == MOST_ROOM)))
		return;
	rows->room = 2 * rows->room + 64 < MOST_ROOM ? 2 * rows->room + 64 : MOST_ROOM;
	rows->run = memory_resize(rows->run, rows->room, sizeof(*rows->run));
}

void
touched_note(struct touched *t, const char *table, int64_t key)
{
	int i = find_table(table);
	struct touched_rows *rows;
	struct touched_run *last;

	if (i < 0)
		return;
	rows = &t->of[i];
	rows->has_changed = true;
	if (!tables[i].keeps_rows || rows->is_any)
		return;
	last = rows->n == 0 ? NULL : &rows->run[rows->n - 1];
	if (last != NULL && last->first <= key && key <= last->last)
		return;
	if (last != NULL && key == last->last + 1) {
		last->last = key;
		return;
	}
	if (rows->run == NULL || rows->n == rows->room)
		make_room(rows);
	if (!rows->is_any)
		rows->run[rows->n++] = (struct touched_run){key, key};
}

/* In place, as the table has them: the key of one row alone, or that of the first one made negative and that of the last. */
static size_t
pack_runs(struct touched_rows *rows)
{
	int64_t *key = &rows->run->first, first, last;
	size_t i, n = 0;

	for (i = 0; i < rows->n; i++) {
		first = rows->run[i].first;
		last = rows->run[i].last;
		if (first != last)
			key[n++] = -first;
		key[n++] = last;
	}
	return n;
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
	size_t n;

	if (rows->n > 0)
		join_runs(rows);
	is_any = is_any || rows->n > TOUCHED_MOST;
	bind_text(q, "$name", name);
	bind_int(q, "$any", is_any ? 1 : 0);
	if (is_any) {
		bind_text(q, "$keys", NULL);
	} else {
		n = pack_runs(rows);
		bind_blob(q, "$keys", rows->run, n * sizeof(int64_t));
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
		free(t->of[i].run);
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
	int64_t key, first = 0;
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
			if (key < 0) {
				first = -key;
				continue;
			}
			for (first = first == 0 ? key : first; first < key; first++)
				each(ctx, first);
			each(ctx, key);
			first = 0;
		}
	}
	return true;
}

void
touched_clear(struct store *db)
{
	exec(sql(db, "DELETE FROM touched WHERE 1 = 1"));
}
