/* capture: see capture.h.
 *
 * All rows are read in one transaction, so that they are of one moment, and go into a private home; with them go the files that
 * the audit and post read: bank files, what waits in out/upload, CSV files that are not posted or not proved yet (for the audit all
 * of them, so that it can prove the whole). The other
 * published files are recorded as gone, which no stage minds. Then the private home becomes text.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/length.h"
#include "stages/commands/capture.h"
#include "stages/commands/command.h"
#include "stages/commands/tree.h"
#include "stages/core/bank/returns.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/options.h"
#include "stages/core/fixture/books.h"
#include "stages/core/home/durable.h"

#define OUR_LINK "out/exports/latest"

struct capture {
	struct run *run; /* of the home */
	struct run copy; /* of the private home, which is the working directory */
	const char *out; /* the fixture */
	const char *stage;
	char work[PATH_SIZE], home[PATH_SIZE];
	struct books_schema schema;
};

static void
remove_work(void *ctx, enum exit_status status, const char *message)
{
	(void)status;
	(void)message;
	if (chdir("/") == 0)
		tree_remove(ctx);
}

static void
make_folder(const char *path)
{
	if (mkdir(path, 0700) < 0)
		die_errno(errno == EEXIST ? EXIT_OVERWRITE : EXIT_IO, "%s", path);
}

static void
make_work(struct capture *c)
{
	snprintf(c->work, sizeof(c->work), "%s/alanpay.XXXXXX", run_temporary_folder());
	if (mkdtemp(c->work) == NULL)
		die_errno(EXIT_IO, "%s", c->work);
	log_on_die(remove_work, c->work);
	durable_join(c->home, c->work, "home");
	make_folder(c->home);
	if (chdir(c->home) < 0)
		die_errno(EXIT_IO, "%s", c->home);
	init_make_folders();
}

/* The configuration -------------------------------------------------------------------------------------- */

/* Keys that lead out of the machine, or to its secrets. */
static const enum config_key left_out[] = {
    SWAN_ENDPOINT,
    SWAN_OAUTH_ENDPOINT,
    SWAN_CLIENT_ID,
    SWAN_CLIENT_SECRET_FILE,
    SWAN_LEGAL_REPRESENTATIVE_USER_ID,
    SWAN_SIGNING_KEY_FILE,
    RELEASE_IDENTITY,
};

static bool
is_left_out(size_t key)
{
	size_t i;

	for (i = 0; i < LENGTH(left_out); i++)
		if (left_out[i] == key)
			return true;
	return false;
}

static void
write_configuration(struct capture *c)
{
	const char *section = "", *value;
	struct err e = {0};
	FILE *out = fopen("alanpay.ini", "w");
	size_t i;

	if (out == NULL)
		die_errno(EXIT_IO, "alanpay.ini");
	fprintf(out, "; What the captured home had set, without what leads to Swan or to a secret.\n");
	for (i = 0; i < CONFIG_KEYS; i++) {
		value = i == ENVIRONMENT_NAME ? "test" : config_text(c->run->config, (enum config_key)i);
		if (i != ENVIRONMENT_NAME && (config_entry(c->run->config, (enum config_key)i).line == 0 ||
		                              value[0] == '\0' || is_left_out(i)))
			continue;
		if (strcmp(section, config_key_rows[i].section) != 0)
			fprintf(out, "\n[%s]\n", config_key_rows[i].section);
		section = config_key_rows[i].section;
		fprintf(out, "%s = %s\n", config_key_rows[i].name, value);
	}
	if (fclose(out) < 0)
		die_errno(EXIT_IO, "alanpay.ini");
	c->copy.config = config_read("alanpay.ini", &e);
	if (c->copy.config == NULL)
		die(EXIT_BUG, "the configuration of the fixture: line %ld: %s", e.line, e.message);
}

/* Files -------------------------------------------------------------------------------------------------- */

/* Whether the stages read the file, so that the fixture needs it. */
static bool
is_needed(struct capture *c, const char *path)
{
	struct stmt *q =
	    sql(c->run->db,
	    "SELECT EXISTS (SELECT 1 FROM artifact"
	    "   WHERE path = $path AND kind IN ('bank_file', 'upload') AND state IN ('due', 'placed'))"
	    "  OR EXISTS (SELECT 1 FROM import_window"
	    "   WHERE number > coalesce((SELECT value FROM cursor WHERE name = 'post.import_window'), 0)"
	    "    AND (transactions_path = $path OR payment_supports_path = $path))"
	    "  OR EXISTS (SELECT 1 FROM input"
	    "   WHERE kind = 'transactions' AND state = 'applied' AND kept_at = $path"
	    "    AND ($stage = 'audit'"
	    "     OR number > coalesce((SELECT value FROM cursor WHERE name = 'audit.input'), 0)))");

	bind_text(q, "$path", path);
	bind_text(q, "$stage", c->stage);
	return value(q, 0) > 0;
}

static void
copy_needed(struct capture *c, const char *path)
{
	char from[PATH_SIZE], folder[PATH_SIZE];

	durable_join(from, c->run->home, path);
	durable_folder_of(path, folder);
	durable_make_folder(folder);
	tree_copy_file(from, path);
}

static void
set_text(struct literal *l, const char *text)
{
	*l = (struct literal){.type = LITERAL_TEXT, .bytes = text, .n = strlen(text)};
}

static struct literal *
field(struct books_line *line, const char *column)
{
	int i;

	for (i = 0; i < line->n; i++)
		if (strcmp(line->column[i], column) == 0)
			return &line->value[i];
	die(EXIT_BUG, "the table %s has no column %s", line->table, column);
}

static void
capture_artifact(struct capture *c, struct books_line *line)
{
	const struct literal *path = field(line, "path");
	char text[PATH_SIZE];
	bool needed;

	snprintf(text, sizeof(text), "%.*s", (int)path->n, (const char *)path->bytes);
	needed = is_needed(c, text);
	set_text(field(line, "state"), needed ? "placed" : "gone");
	if (needed)
		copy_needed(c, text);
}

/* Rows --------------------------------------------------------------------------------------------------- */

static void
capture_table(struct capture *c, const struct books_table *t)
{
	struct stmt *q = books_select(c->run->db, t, "");
	bool is_artifact = strcmp(t->name, "artifact") == 0;
	struct books_line line;
	struct err e = {0};

	while (row(q)) {
		books_take_row(q, t, &line);
		if (is_artifact)
			capture_artifact(c, &line);
		if (books_insert(c->copy.db, t, &line, &e) < 0)
			die(EXIT_BUG, "a row of %s cannot be captured: %s", t->name, e.message);
	}
}

static void
capture_rows(struct capture *c)
{
	struct err e = {0};
	size_t i;

	c->copy.db = store_begin("state/alanpay.db");
	books_schema_load(c->run->db, &c->schema);
	for (i = 0; i < c->schema.n; i++)
		capture_table(c, &c->schema.table[i]);
	books_schema_free(&c->schema);
	if (store_complete(c->copy.db, &e) < 0)
		die(EXIT_BUG, "the captured rows are not whole: %s", e.message);
}

/* The one link of a home: which export is the newest. */
static void
capture_link(struct capture *c)
{
	char from[PATH_SIZE], target[PATH_SIZE];
	ssize_t n;

	durable_join(from, c->run->home, OUR_LINK);
	n = readlink(from, target, sizeof(target) - 1);
	if (n < 0 && errno == ENOENT)
		return;
	if (n < 0)
		die_errno(EXIT_IO, "%s", from);
	target[n] = '\0';
	if (symlink(target, OUR_LINK) < 0)
		die_errno(EXIT_IO, "%s", OUR_LINK);
}

/* Inputs ------------------------------------------------------------------------------------------------- */

static int64_t
count_inputs(struct store *db)
{
	return value(sql(db, "SELECT count(*) FROM input"), 0);
}

/* What the inbox has that the stage reads. A stage may take it meanwhile: then the rows are of another moment. */
static void
capture_inputs(struct capture *c)
{
	static const char *const doors[][2] = {{"intake", "requests"}, {"reconcile", "bank"}};
	char from[PATH_SIZE], input[PATH_SIZE], to[PATH_SIZE], path[PATH_SIZE];
	const char *pages = options_value(c->run, "swan");
	struct store *now;
	size_t i;

	durable_join(input, c->out, "input");
	for (i = 0; i < LENGTH(doors); i++) {
		if (strcmp(c->stage, doors[i][0]) != 0)
			continue;
		snprintf(from, sizeof(from), "%s/inbox/%s", c->run->home, doors[i][1]);
		durable_join(to, input, doors[i][1]);
		durable_make_folder(input);
		(void)tree_copy(from, to);
		(void)rmdir(to); /* nothing is there */
	}
	if (pages != NULL) {
		durable_join(to, input, "swan");
		durable_make_folder(input);
		if (!tree_copy(pages, to))
			die(EXIT_ABSENT, "%s is not a folder", pages);
	}
	durable_join(path, c->run->home, "state/alanpay.db");
	now = store_open(path, STORE_READS);
	if (count_inputs(now) != count_inputs(c->run->db))
		die(EXIT_BUSY, "a stage took files from the inbox meanwhile: run this command once more");
	store_close(now);
}

/* The fixture -------------------------------------------------------------------------------------------- */

static int
write_file(void *ctx, const void *bytes, size_t n)
{
	return fwrite(bytes, 1, n, ctx) == n ? 0 : -1;
}

static FILE *
create(const char *folder, const char *name, char path[static PATH_SIZE])
{
	FILE *out;

	durable_join(path, folder, name);
	out = fopen(path, "w");
	if (out == NULL)
		die_errno(EXIT_IO, "%s", path);
	return out;
}

static void
write_books(struct capture *c)
{
	char path[PATH_SIZE];
	FILE *out = create(c->out, "books", path);
	struct sink *s = sink_new_plain(write_file, out);

	books_write(c->copy.db, s);
	if (sink_end(s, NULL, NULL) < 0 || fclose(out) < 0)
		die_errno(EXIT_IO, "%s", path);
}

static void
write_stage(struct capture *c)
{
	char path[PATH_SIZE], day[DATE_TEXT], now[INSTANT_TEXT];
	const struct run *r = c->run;
	FILE *out = create(c->out, "stage", path);

	fprintf(out, "%s %s %s 0%s\n", c->stage, date_print(day, r->on),
	        r->now % 1000 == 0 ? instant_print_seconds(now, r->now) : instant_print(now, r->now),
	        options_value(r, "swan") == NULL ? "" : " --fixtures {input}/swan");
	if (fclose(out) < 0)
		die_errno(EXIT_IO, "%s", path);
}

/* Of the private home only what the stages read. */
static void
write_files(struct capture *c)
{
	static const char *const kept[] = {"out", "archive"};
	char from[PATH_SIZE], to[PATH_SIZE], home[PATH_SIZE];
	size_t i;

	durable_join(from, c->home, "alanpay.ini");
	durable_join(to, c->out, "alanpay.ini");
	tree_copy_file(from, to);
	durable_join(home, c->out, "home");
	for (i = 0; i < LENGTH(kept); i++) {
		durable_join(from, c->home, kept[i]);
		durable_join(to, home, kept[i]);
		make_folder(i == 0 ? home : to);
		if (i == 0)
			make_folder(to);
		(void)tree_copy(from, to);
	}
	tree_prune(home);
}

static const char *
choose_stage(const struct run *r)
{
	const char *stage = options_value(r, "stage");
	char program[PATH_MAX];

	if (stage == NULL)
		return "audit";
	snprintf(program, sizeof(program), "%s/alanpay-%s", run_program_folder(), stage);
	if (strchr(stage, '/') != NULL || access(program, X_OK) < 0)
		die(EXIT_USAGE, "--stage: %s is not a valid stage: `alanpay run --help` names them", stage);
	return stage;
}

void
capture(struct run *r)
{
	struct capture c = {.run = r, .copy = *r, .out = options_value(r, "out"), .stage = choose_stage(r)};

	if (rmdir(c.out) < 0 && errno != ENOENT)
		die(EXIT_OVERWRITE, "%s exists: name a folder that does not exist yet", c.out);
	make_work(&c);
	c.copy.home = c.home;
	write_configuration(&c);
	store_hold_still(r->db);
	capture_rows(&c);
	returns_view_all(&c.copy);
	capture_link(&c);
	make_folder(c.out);
	capture_inputs(&c);
	write_books(&c);
	write_files(&c);
	write_stage(&c);
	store_close(c.copy.db);
	config_free(c.copy.config);
	printf("%s is a fixture for %s; next run it:\n    alanpay fixture run %s\n", c.out, c.stage, c.out);
	log_on_die(NULL, NULL);
	remove_work(c.work, EXIT_DONE, NULL);
}
