/* migration: see migration.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/embed.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/text.h"
#include "stages/core/engine/intent.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/homecopy.h"
#include "stages/core/home/migration.h"

static const struct {
	int64_t to; /* version of the schema */
	const char *script;
} steps[] = {
    {10, embed_migration_0010},
};

static _Noreturn void
die_of(const char *why)
{
	die(EXIT_CONFIG,
	    "the books cannot become those of this program (schema %lld): %s: nothing is changed: run the programs of"
	    " before, and call an engineer",
	    (long long)store_schema_version(), why);
}

/* Views and triggers ---------------------------------------------------------------------------------------------- */

/* The name of a view or trigger; false: none is left. */
static bool
find_dependent(struct store *s, char type[static 16], char name[static MIGRATION_NAME])
{
	struct stmt *q = sql(s, "SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'view')"
	                        " ORDER BY type, name LIMIT 1");

	if (!row(q))
		return false;
	col_copy(q, 0, type, 16);
	col_copy(q, 1, name, MIGRATION_NAME);
	reset(q);
	return true;
}

static void
run_script(struct store *s, const char *script)
{
	struct err e = {0};

	if (store_run_script(s, script, &e) < 0)
		die_of(e.message);
}

static void
drop_views_and_triggers(struct store *s)
{
	char type[16], name[MIGRATION_NAME], text[MIGRATION_NAME + 32];

	while (find_dependent(s, type, name)) {
		snprintf(text, sizeof(text), "DROP %s \"%s\"", type, name);
		run_script(s, text);
	}
}

/* What becomes of the tables --------------------------------------------------------------------------------------- */

struct table {
	char *name, *text;
	int64_t rows;
};
struct tables {
	struct table *at;
	size_t n;
};

static int64_t
count_rows(struct store *s, const char *name)
{
	char text[MIGRATION_NAME + 32];

	snprintf(text, sizeof(text), "SELECT count(*) FROM \"%s\"", name);
	return value(sql_made(s, text), 0);
}

static struct tables
load_tables(struct store *s)
{
	struct stmt *q = sql(s, "SELECT name, sql FROM sqlite_schema"
	                        " WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'"
	                        " ORDER BY name");
	struct tables t = {0};
	size_t i;

	while (row(q)) {
		t.at = memory_resize(t.at, t.n + 1, sizeof(*t.at));
		t.at[t.n++] =
		    (struct table){.name = memory_text(col_text(q, 0)), .text = memory_text(col_text(q, 1))};
	}
	for (i = 0; i < t.n; i++)
		t.at[i].rows = count_rows(s, t.at[i].name);
	return t;
}

static void
free_tables(struct tables *t)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		free(t->at[i].name);
		free(t->at[i].text);
	}
	free(t->at);
}

static const struct table *
find_table(const struct tables *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (strcmp(t->at[i].name, name) == 0)
			return &t->at[i];
	return NULL;
}

static void
add_change(struct migration *m, const char *name, const struct table *before, const struct table *after)
{
	struct migration_table *t;

	m->table = memory_resize(m->table, m->n + 1, sizeof(*m->table));
	t = &m->table[m->n++];
	*t = (struct migration_table){.before = before == NULL ? -1 : before->rows,
	                              .after = after == NULL ? -1 : after->rows};
	(void)text_copy(t->name, sizeof(t->name), name);
}

static void
compare_tables(struct migration *m, const struct tables *before, const struct tables *after)
{
	const struct table *was, *is;
	size_t i;

	for (i = 0; i < after->n; i++) {
		is = &after->at[i];
		was = find_table(before, is->name);
		if (was == NULL || was->rows != is->rows || strcmp(was->text, is->text) != 0)
			add_change(m, is->name, was, is);
	}
	for (i = 0; i < before->n; i++)
		if (find_table(after, before->at[i].name) == NULL)
			add_change(m, before->at[i].name, &before->at[i], NULL);
}

/* One unit of work -------------------------------------------------------------------------------------------------- */

static void
report(void *ctx, const char *problem)
{
	(void)ctx;
	die_of(problem);
}

/* Begins the unit of work, and leaves its end to the caller. */
static void
change(struct store *s, struct migration *m)
{
	struct tables before, after;
	size_t i;

	*m = (struct migration){.from = store_version(s), .to = store_schema_version()};
	store_begin_migration(s);
	before = load_tables(s);
	drop_views_and_triggers(s);
	for (i = 0; i < LENGTH(steps); i++)
		if (steps[i].to > m->from)
			run_script(s, steps[i].script);
	store_end_migration(s);
	store_check(s, report, NULL);
	after = load_tables(s);
	compare_tables(m, &before, &after);
	free_tables(&before);
	free_tables(&after);
}

void
migration_apply(struct run *r, struct migration *m)
{
	char what[32];

	change(r->db, m);
	snprintf(what, sizeof(what), "schema %lld", (long long)m->to);
	intent_add(r, "migrate", what, NULL, "from schema %lld: %zu table%s changed", (long long)m->from,
	           m->n, text_plural((int64_t)m->n));
	tx_commit(r->db);
}

/* On a copy ---------------------------------------------------------------------------------------------------------- */

/* The full audit of this program, in the copy; what it finds is printed there. */
static int
audit(struct run *r, const char *copy)
{
	char path[PATH_MAX + 32], day[DATE_TEXT], now[INSTANT_TEXT];
	const char *argv[16] = {"alanpay-audit",       "--full", "--quiet", "--home", copy, "--date",
	                        date_print(day, r->on)};
	int n = 7;

	if (r->now_given) {
		argv[n++] = "--now";
		argv[n++] = instant_print(now, r->now);
	}
	if (r->config_option != NULL) {
		argv[n++] = "--config";
		argv[n] = r->config_option;
	}
	snprintf(path, sizeof(path), "%s/alanpay-audit", run_program_folder());
	return run_program(path, argv);
}

void
migration_prove(struct run *r, struct migration *m)
{
	char copy[PATH_MAX], why[64];
	struct store *s;
	int status;

	homecopy_make(r, "state/alanpay.db", copy);
	s = store_open_old(HOMECOPY_FOLDER "/state/alanpay.db", STORE_CHANGES);
	change(s, m);
	tx_commit(s);
	store_close(s);
	status = audit(r, copy);
	homecopy_remove();
	if (status == EXIT_DONE || status == EXIT_HELD)
		return;
	snprintf(why, sizeof(why), "the full audit of a copy ended with %d", status);
	die_of(why);
}

void
migration_free(struct migration *m)
{
	free(m->table);
	*m = (struct migration){.table = NULL};
}
