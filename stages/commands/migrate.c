/* alanpay migrate: the books of an older program become those of this one, as they do at the first start of any other command
 * that changes the home (core/home/migration.h).
 */
#include <stdio.h>

#include "formats/json.h"
#include "stages/commands/chain.h"
#include "stages/commands/command.h"
#include "stages/core/home/home.h"
#include "stages/core/lists/listing.h"

static void
put_rows(struct json *j, const char *key, int64_t rows)
{
	if (rows < 0)
		json_put_text(j, key, NULL);
	else
		json_put_int(j, key, rows);
}

static void
put_migration(struct json *j, const struct run *r, const struct migration *m)
{
	size_t i;

	json_open(j, NULL, '{');
	json_put_bool(j, "dry_run", r->dry_run);
	json_put_int(j, "from_schema", m->from);
	json_put_int(j, "to_schema", m->to);
	json_open(j, "tables", '[');
	for (i = 0; i < m->n; i++) {
		json_open(j, NULL, '{');
		json_put_text(j, "name", m->table[i].name);
		put_rows(j, "rows_before", m->table[i].before);
		put_rows(j, "rows_after", m->table[i].after);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

static void
print_table(const struct migration_table *t)
{
	if (t->before < 0)
		printf("  %-24s new, %lld rows\n", t->name, (long long)t->after);
	else if (t->after < 0)
		printf("  %-24s removed; it had %lld rows\n", t->name, (long long)t->before);
	else if (t->after == t->before)
		printf("  %-24s rebuilt, %lld rows as before\n", t->name, (long long)t->after);
	else
		printf("  %-24s %lld rows; it had %lld\n", t->name, (long long)t->after,
		       (long long)t->before);
}

static void
print_migration(const struct run *r, const struct migration *m)
{
	size_t i;

	if (m->from == m->to) {
		printf("the books have schema %lld, which is that of this program: nothing to do\n",
		       (long long)m->to);
		return;
	}
	printf(
	    r->dry_run
		? "a copy of the books was changed from schema %lld to %lld, and audit --full proved it:\n"
		: "the books were changed from schema %lld to %lld; audit --full had proved a copy first:\n",
	    (long long)m->from, (long long)m->to);
	for (i = 0; i < m->n; i++)
		print_table(&m->table[i]);
	if (r->dry_run)
		printf("%s\nnext, change the books: `%s`\n", DRY_RUN_NOTE, run_command(r, "migrate"));
}

static void
migrate(struct run *r)
{
	struct json j = {.indent = r->format == FORMAT_JSON};
	struct migration m;

	if (chain_is_going())
		die(EXIT_BUSY, "`alanpay run` is running: try again when it has ended");
	home_close(r);
	r->access = ACCESS_CHANGES;
	home_open_old(r);
	m = (struct migration){.from = store_schema_version(), .to = store_schema_version()};
	if (store_is_old(r->db))
		home_migrate(r, r->dry_run, &m);
	if (r->format == FORMAT_TABLE) {
		print_migration(r, &m);
	} else {
		j.sink = listing_stdout();
		put_migration(&j, r, &m);
		sink_text(j.sink, r->format == FORMAT_JSONL ? "\n" : "");
		listing_stdout_end(j.sink);
	}
	migration_free(&m);
}

const struct command migrate_commands[] = {
    {"migrate", "change the books of an older program", ACCESS_LOCKS, NULL, migrate, NULL},
    {0},
};
