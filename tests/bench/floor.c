/* floor: what SQLite alone needs to write what a stage wrote: the difference between two states of a database, in one transaction, each
 * table in the order of its key, with the indexes of the schema and without its triggers; as durable as the store (WAL,
 * synchronous FULL, commit included). No stage can be cheaper with this schema.
 * usage: floor BEFORE AFTER COPY   COPY is made from BEFORE and written to; prints the seconds of CPU and the rows
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define MOST_COLUMNS 64
#define TEXT         16384

/* A table: its columns, and which make its key. */
struct table {
	char name[64], column[MOST_COLUMNS][64];
	int key[MOST_COLUMNS], keys, n;
};

/* A statement, and the values of each time that it is run, one after the other. */
struct work {
	struct work *next;
	char text[TEXT];
	int width;
	size_t n, room;
	sqlite3_value **value;
};

static sqlite3 *db;
static struct work *first, **last = &first;

static void
check(int rc, const char *doing)
{
	if (rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE)
		return;
	fprintf(stderr, "floor: %s: %s\n", doing, sqlite3_errmsg(db));
	exit(74);
}

static void
run(const char *text)
{
	check(sqlite3_exec(db, text, NULL, NULL, NULL), text);
}

static sqlite3_stmt *
prepare(const char *text)
{
	sqlite3_stmt *q;

	check(sqlite3_prepare_v2(db, text, -1, &q, NULL), text);
	return q;
}

static void
load_table(struct table *t, const char *name)
{
	char text[TEXT];
	sqlite3_stmt *q;

	*t = (struct table){.n = 0};
	snprintf(t->name, sizeof(t->name), "%s", name);
	snprintf(text, sizeof(text),
	         "SELECT name, pk FROM pragma_table_xinfo('%s') WHERE hidden = 0 ORDER BY cid", name);
	q = prepare(text);
	while (sqlite3_step(q) == SQLITE_ROW) {
		snprintf(t->column[t->n], sizeof(t->column[0]), "%s",
		         (const char *)sqlite3_column_text(q, 0));
		if (sqlite3_column_int(q, 1) > 0)
			t->key[t->keys++] = t->n;
		t->n++;
	}
	sqlite3_finalize(q);
}

/* "a.x = b.x AND a.y = b.y", or "x = ?3 AND y = ?4", or "x, y". */
static void
put_key(char *text, const struct table *t, const char *each, int parameter, const char *between)
{
	size_t n = strlen(text);
	int i;

	for (i = 0; i < t->keys; i++) {
		const char *column = t->column[t->key[i]];

		n += (size_t)snprintf(text + n, TEXT - n, "%s", i == 0 ? "" : between);
		if (strcmp(each, "joined") == 0)
			n += (size_t)snprintf(text + n, TEXT - n, "a.%s = b.%s", column, column);
		else if (strcmp(each, "bound") == 0)
			n += (size_t)snprintf(text + n, TEXT - n, "%s = ?%d", column, parameter + i);
		else
			n += (size_t)snprintf(text + n, TEXT - n, "a.%s", column);
	}
}

static struct work *
add_work(void)
{
	struct work *w = calloc(1, sizeof(*w));

	if (w == NULL)
		exit(74);
	*last = w;
	last = &w->next;
	return w;
}

/* Keeps the rows of a query for a statement. */
static void
keep(struct work *w, const char *query)
{
	sqlite3_stmt *q = prepare(query);
	int i;

	w->width = sqlite3_column_count(q);
	while (sqlite3_step(q) == SQLITE_ROW) {
		if (w->n + (size_t)w->width > w->room) {
			w->room = 2 * w->room + 4096;
			w->value = realloc(w->value, w->room * sizeof(sqlite3_value *));
		}
		for (i = 0; i < w->width; i++)
			w->value[w->n++] = sqlite3_value_dup(sqlite3_column_value(q, i));
	}
	sqlite3_finalize(q);
}

static void
find_deleted(const struct table *t)
{
	struct work *w = add_work();
	char query[TEXT] = "SELECT ";

	snprintf(w->text, TEXT, "DELETE FROM %s WHERE ", t->name);
	put_key(w->text, t, "bound", 1, " AND ");
	put_key(query, t, "listed", 0, ", ");
	snprintf(query + strlen(query), TEXT - strlen(query), " FROM old.%s a LEFT JOIN main.%s b ON ",
	         t->name, t->name);
	put_key(query, t, "joined", 0, " AND ");
	snprintf(query + strlen(query), TEXT - strlen(query), " WHERE b.%s IS NULL ORDER BY ",
	         t->column[t->key[0]]);
	put_key(query, t, "listed", 0, ", ");
	keep(w, query);
}

static void
find_inserted(const struct table *t)
{
	struct work *w = add_work();
	char query[TEXT] = "SELECT ", values[TEXT] = "";
	size_t n;
	int i;

	snprintf(w->text, TEXT, "INSERT INTO %s (", t->name);
	for (i = 0; i < t->n; i++) {
		n = strlen(w->text);
		snprintf(w->text + n, TEXT - n, "%s%s", i == 0 ? "" : ", ", t->column[i]);
		n = strlen(values);
		snprintf(values + n, TEXT - n, "%s?%d", i == 0 ? "" : ", ", i + 1);
		n = strlen(query);
		snprintf(query + n, TEXT - n, "%sa.%s", i == 0 ? "" : ", ", t->column[i]);
	}
	n = strlen(w->text);
	snprintf(w->text + n, TEXT - n, ") VALUES (%.8000s)", values);
	n = strlen(query);
	snprintf(query + n, TEXT - n, " FROM main.%s a LEFT JOIN old.%s b ON ", t->name, t->name);
	put_key(query, t, "joined", 0, " AND ");
	n = strlen(query);
	snprintf(query + n, TEXT - n, " WHERE b.%s IS NULL ORDER BY ", t->column[t->key[0]]);
	put_key(query, t, "listed", 0, ", ");
	keep(w, query);
}

/* Of all rows that changed, the columns that changed in any of them. */
static int
find_changed_columns(const struct table *t, int changed[])
{
	char query[TEXT] = "SELECT ";
	sqlite3_stmt *q;
	size_t n;
	int i, count = 0;

	for (i = 0; i < t->n; i++) {
		n = strlen(query);
		snprintf(query + n, TEXT - n, "%smax(a.%s IS NOT b.%s)", i == 0 ? "" : ", ", t->column[i],
		         t->column[i]);
	}
	n = strlen(query);
	snprintf(query + n, TEXT - n, " FROM main.%s a JOIN old.%s b ON ", t->name, t->name);
	put_key(query, t, "joined", 0, " AND ");
	q = prepare(query);
	check(sqlite3_step(q), query);
	for (i = 0; i < t->n; i++)
		if (sqlite3_column_int(q, i) != 0)
			changed[count++] = i;
	sqlite3_finalize(q);
	return count;
}

static void
find_changed(const struct table *t)
{
	char query[TEXT] = "SELECT ", where[TEXT] = "";
	int changed[MOST_COLUMNS], count = find_changed_columns(t, changed), i;
	struct work *w;
	size_t n;

	if (count == 0)
		return;
	w = add_work();
	snprintf(w->text, TEXT, "UPDATE %s SET ", t->name);
	for (i = 0; i < count; i++) {
		const char *column = t->column[changed[i]];

		n = strlen(w->text);
		snprintf(w->text + n, TEXT - n, "%s%s = ?%d", i == 0 ? "" : ", ", column, i + 1);
		n = strlen(query);
		snprintf(query + n, TEXT - n, "a.%s, ", column);
		n = strlen(where);
		snprintf(where + n, TEXT - n, "%sa.%s IS NOT b.%s", i == 0 ? "" : " OR ", column, column);
	}
	strncat(w->text, " WHERE ", TEXT - strlen(w->text) - 1);
	put_key(w->text, t, "bound", count + 1, " AND ");
	put_key(query, t, "listed", 0, ", ");
	n = strlen(query);
	snprintf(query + n, TEXT - n, " FROM main.%s a JOIN old.%s b ON ", t->name, t->name);
	put_key(query, t, "joined", 0, " AND ");
	n = strlen(query);
	snprintf(query + n, TEXT - n, " WHERE %.8000s ORDER BY ", where);
	put_key(query, t, "listed", 0, ", ");
	keep(w, query);
}

static void
compare(const char *before, const char *after)
{
	char text[TEXT];
	struct table t;
	sqlite3_stmt *q;

	check(sqlite3_open(after, &db), after);
	snprintf(text, sizeof(text), "ATTACH '%s' AS old", before);
	run(text);
	q = prepare(
	    "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT IN"
	    " ('night', 'stage_run', 'restoration', 'intent') ORDER BY name");
	while (sqlite3_step(q) == SQLITE_ROW) {
		load_table(&t, (const char *)sqlite3_column_text(q, 0));
		find_deleted(&t);
		find_changed(&t);
		find_inserted(&t);
	}
	sqlite3_finalize(q);
	sqlite3_close(db);
}

static void
copy(const char *from, const char *to)
{
	sqlite3 *source;
	sqlite3_backup *backup;

	remove(to);
	check(sqlite3_open(from, &source), from);
	check(sqlite3_open(to, &db), to);
	backup = sqlite3_backup_init(db, "main", source, "main");
	(void)sqlite3_backup_step(backup, -1);
	check(sqlite3_backup_finish(backup), "copying");
	sqlite3_close(source);
	sqlite3_close(db);
	check(sqlite3_open(to, &db), to);
}

static void
drop_triggers(void)
{
	char text[256] = "";
	sqlite3_stmt *q;

	do {
		if (text[0] != '\0')
			run(text);
		text[0] = '\0';
		q = prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' LIMIT 1");
		if (sqlite3_step(q) == SQLITE_ROW)
			snprintf(text, sizeof(text), "DROP TRIGGER %s",
			         (const char *)sqlite3_column_text(q, 0));
		sqlite3_finalize(q);
	} while (text[0] != '\0');
}

static size_t
write_all(const struct work *w)
{
	sqlite3_stmt *q = prepare(w->text);
	size_t i;
	int k;

	for (i = 0; i < w->n; i += (size_t)w->width) {
		for (k = 0; k < w->width; k++)
			sqlite3_bind_value(q, k + 1, w->value[i + (size_t)k]);
		check(sqlite3_step(q), w->text);
		sqlite3_reset(q);
	}
	sqlite3_finalize(q);
	return w->n / (size_t)w->width;
}

static double
cpu(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int
main(int argc, char **argv)
{
	const struct work *w;
	size_t rows = 0;
	double begun;

	if (argc != 4)
		return 64;
	compare(argv[1], argv[2]);
	copy(argv[1], argv[3]);
	drop_triggers();
	run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384; PRAGMA foreign_keys = OFF");
	begun = cpu();
	run("BEGIN IMMEDIATE");
	for (w = first; w != NULL; w = w->next)
		if (w->n > 0)
			rows += write_all(w);
	run("COMMIT");
	printf("%f %zu\n", cpu() - begun, rows);
	return 0;
}
