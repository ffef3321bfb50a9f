/* capture: see capture.h.
 *
 * All rows are read in one transaction, so that they are of one moment, and go into a private home; with them go the files that
 * the audit and post read: bank files, what waits in out/upload, CSV files that are not posted or not proved yet (for the audit all
 * of them, so that it can prove the whole). The other published files are recorded as gone, which no stage minds. With
 * --profile or --session only the rows of some members are taken; with --anonymize values are replaced on the way; then bank files
 * are rendered from the rows that resulted, so that digests are right.
 * Then the private home becomes text.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/embed.h"
#include "formats/length.h"
#include "stages/commands/capture.h"
#include "stages/commands/command.h"
#include "stages/commands/tree.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/options.h"
#include "stages/core/fixture/selection.h"
#include "stages/core/home/durable.h"

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
	c->copy.home = c->home;
}

/* Rows --------------------------------------------------------------------------------------------------- */

/* A fixture is of a test home, whatever the captured one is. */
static void
make_test(struct books_line *line)
{
	const char *word = environment_words[ENVIRONMENT_TEST];
	int i;

	for (i = 0; i < line->n; i++)
		if (strcmp(line->column[i], "environment") == 0)
			line->value[i] =
			    (struct literal){.type = LITERAL_TEXT, .bytes = word, .n = strlen(word)};
}

static void
capture_table(struct capture *c, const struct books_table *t)
{
	struct stmt *q = books_select(c->run->db, t, c->is_cut ? selection_where(t->name) : "");
	bool is_artifact = strcmp(t->name, "artifact") == 0, is_store = strcmp(t->name, "store") == 0;
	struct books_line line;
	struct err e = {0};

	while (row(q)) {
		books_take_row(q, t, &line);
		if (is_artifact)
			capture_artifact(c, &line);
		if (is_store)
			make_test(&line);
		if (c->mask != NULL)
			mask_row(c->mask, &line);
		if (books_insert(c->copy.db, t, &line, &e) < 0)
			die(EXIT_BUG, "a row of %s cannot be captured: %s", t->name, e.message);
	}
}

static void
capture_rows(struct capture *c)
{
	struct books_schema schema;
	struct err e = {0};
	size_t i;

	c->copy.db = store_begin("state/alanpay.db");
	books_schema_load(c->run->db, &schema);
	for (i = 0; i < schema.n; i++)
		capture_table(c, &schema.table[i]);
	books_schema_free(&schema);
	if (store_check_rows(c->copy.db, &e) < 0)
		die(EXIT_BUG, "the captured rows are not whole: %s", e.message);
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
	const struct run *r = &c->copy;
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
	make_folder(home);
	for (i = 0; i < LENGTH(kept); i++) {
		durable_join(from, c->home, kept[i]);
		durable_join(to, home, kept[i]);
		(void)tree_copy(from, to);
	}
	tree_prune(home);
}

static void
print_replaced(const struct capture *c)
{
	int i;

	if (c->mask == NULL)
		return;
	printf("replaced:\n");
	for (i = 0; i < DISGUISE_KINDS; i++)
		if (c->mask->disguise.count[i] > 0)
			printf("    %-10s %lld\n", disguise_word((enum disguise_kind)i),
			       (long long)c->mask->disguise.count[i]);
}

/* Before and after ------------------------------------------------------------------------------------- */

static bool
is_of_night(const char *stage)
{
	const char *line = embed_nightly;
	size_t n = strlen(stage);

	while (line != NULL && (strncmp(line, stage, n) != 0 || line[n] != '\n')) {
		line = strchr(line, '\n');
		line = line == NULL ? NULL : line + 1;
	}
	return line != NULL;
}

static const char *
choose_stage(struct run *r)
{
	const char *stage = options_value(r, "stage");

	if (stage == NULL)
		return "audit";
	if (!is_of_night(stage))
		die(EXIT_USAGE, "--stage: %s is not a valid stage: `alanpay help` lists them", stage);
	if (strcmp(stage, "import") == 0 && options_value(r, "swan") == NULL)
		die(EXIT_USAGE,
		    "--swan DIR is required: a fixture for import has recorded pages of Swan: `%s` records them",
		    run_command(r, "import --record DIR"));
	return stage;
}

#define MOST_DAYS 36500

static int
choose_days(const struct run *r)
{
	const char *text = options_value(r, "shift-days");
	char *end;
	long days = text == NULL ? 0 : strtol(text, &end, 10);

	if (text != NULL && (end == text || *end != '\0' || days < -MOST_DAYS || days > MOST_DAYS))
		die(EXIT_USAGE, "--shift-days: %s is not a valid number of days", text);
	return (int)days;
}

/* The key is used for this fixture only, and stored nowhere. */
static struct mask *
choose_mask(const struct run *r, struct mask *m)
{
	unsigned char key[DISGUISE_KEY];

	if (options_value(r, "anonymize") == NULL && options_value(r, "shift-days") != NULL)
		die(EXIT_USAGE, "--shift-days belongs to --anonymize");
	if (options_value(r, "anonymize") == NULL)
		return NULL;
	if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
		die_errno(EXIT_IO, "no random number");
	mask_init(m, r->db, key);
	m->disguise.days = choose_days(r);
	return m;
}

void
capture(struct run *r)
{
	struct mask mask;
	struct capture c = {.run = r,
	                    .copy = *r,
	                    .out = options_value(r, "out"),
	                    .stage = choose_stage(r),
	                    .mask = choose_mask(r, &mask)};

	if (rmdir(c.out) < 0 && errno != ENOENT)
		die(EXIT_OVERWRITE, "%s exists: name a folder that does not exist yet", c.out);
	if (c.mask != NULL) {
		c.copy.on += mask.disguise.days;
		c.copy.now += (instant)mask.disguise.days * 86400000;
	}
	make_work(&c);
	capture_configuration(&c);
	store_hold_still(r->db);
	capture_choose(&c);
	capture_rows(&c);
	capture_settle(&c);
	make_folder(c.out);
	capture_bank(&c);
	capture_render(&c);
	capture_inputs(&c);
	store_complete(c.copy.db);
	capture_views(&c);
	write_books(&c);
	write_files(&c);
	write_stage(&c);
	store_close(c.copy.db);
	config_free(c.copy.config);
	print_replaced(&c);
	printf("%s is a fixture for %s; next run it:\n    alanpay fixture run %s\n", c.out, c.stage, c.out);
	if (c.mask != NULL)
		mask_free(c.mask);
	log_on_die(NULL, NULL);
	remove_work(c.work, EXIT_DONE, NULL);
}
