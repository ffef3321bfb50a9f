/* capture_file: see capture.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/length.h"
#include "formats/memory.h"
#include "formats/request.h"
#include "stages/commands/capture.h"
#include "stages/commands/tree.h"
#include "stages/core/bank/bankxml.h"
#include "stages/core/bank/returns.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/options.h"
#include "stages/core/home/durable.h"

/* Published files ---------------------------------------------------------------------------------------- */

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
	    "   WHERE $is_cut = 0 AND kind = 'transactions' AND state = 'applied' AND kept_at = $path"
	    "    AND ($stage = 'audit'"
	    "     OR number > coalesce((SELECT value FROM cursor WHERE name = 'audit.input'), 0)))");

	bind_text(q, "$path", path);
	bind_text(q, "$stage", c->stage);
	bind_int(q, "$is_cut", c->is_cut);
	return value(q, 0) > 0;
}

static bool
is_bank_file(struct capture *c, const char *path)
{
	struct stmt *q =
	    sql(c->run->db, "SELECT count(*) FROM artifact WHERE path = $path AND kind IN ('bank_file', 'upload')");

	bind_text(q, "$path", path);
	return value(q, 0) > 0;
}

/* Bank files whose rows are other ones are rendered later. */
static void
copy_needed(struct capture *c, const char *path)
{
	char from[PATH_SIZE], folder[PATH_SIZE], cut[PATH_SIZE], *to;

	if ((c->mask != NULL || c->is_cut) && is_bank_file(c, path))
		return;
	durable_join(from, c->run->home, path);
	if (c->is_cut) {
		durable_join(cut, c->work, strrchr(path, '/') + 1);
		capture_filter(c, from, cut);
	}
	to = c->mask == NULL ? memory_text(path) : mask_path(c->mask, path);
	durable_folder_of(to, folder);
	durable_make_folder(folder);
	if (c->mask == NULL)
		tree_copy_file(c->is_cut ? cut : from, to);
	else if (!mask_file(c->mask, c->is_cut ? cut : from, to))
		die(EXIT_BUG, "%s cannot be read, though it was published", path);
	free(to);
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

void
capture_artifact(struct capture *c, struct books_line *line)
{
	static const char *const states[] = {"gone", "placed"};
	const struct literal *path = field(line, "path");
	bool needed = is_needed(c, path->bytes);

	if (needed)
		copy_needed(c, path->bytes);
	*field(line, "state") =
	    (struct literal){.type = LITERAL_TEXT, .bytes = states[needed], .n = strlen(states[needed])};
}

/* Other bytes -------------------------------------------------------------------------------------------- */

/* Everything that names the digest of the file at this path. */
static void
save_digest(struct capture *c, const char *path)
{
	struct file_digest p;
	struct stmt *q;

	if (!durable_digest(path, p.sha256, &p.size))
		die(EXIT_BUG, "%s was not written", path);
	q = sql(c->copy.db, "UPDATE artifact SET sha256 = $sha256, size = $size WHERE path = $path");
	bind_blob(q, "$sha256", p.sha256, sizeof(p.sha256));
	bind_int(q, "$size", p.size);
	bind_text(q, "$path", path);
	exec(q);
	q = sql(c->copy.db, "UPDATE input SET sha256 = $sha256, size = $size WHERE kept_at = $path");
	bind_blob(q, "$sha256", p.sha256, sizeof(p.sha256));
	bind_int(q, "$size", p.size);
	bind_text(q, "$path", path);
	exec(q);
}

static void
save_file_digest(struct capture *c, int64_t file, const unsigned char sha256[SHA256_SIZE])
{
	struct stmt *q = sql(c->copy.db, "UPDATE bank_file SET sha256 = $sha256 WHERE number = $file");

	bind_blob(q, "$sha256", sha256, SHA256_SIZE);
	bind_int(q, "$file", file);
	exec(q);
	q = sql(c->copy.db, "UPDATE approval SET sha256 = $sha256 WHERE file_number = $file");
	bind_blob(q, "$sha256", sha256, SHA256_SIZE);
	bind_int(q, "$file", file);
	exec(q);
}

static int
write_bytes(void *ctx, const void *bytes, size_t n)
{
	return fwrite(bytes, 1, n, ctx) == n ? 0 : -1;
}

static void
render_file(struct capture *c, int64_t number, const char *path)
{
	unsigned char sha256[SHA256_SIZE];
	char folder[PATH_SIZE];
	struct bankfile f;
	struct sink *s;
	FILE *out;

	durable_folder_of(path, folder);
	durable_make_folder(folder);
	out = fopen(path, "w");
	if (out == NULL || !bankfile_load(&c->copy, number, &f))
		die_errno(EXIT_IO, "%s", path);
	s = sink_new(write_bytes, out);
	bankxml_write(&c->copy, &f, s);
	if (sink_end(s, sha256, NULL) < 0 || fclose(out) < 0)
		die_errno(EXIT_IO, "%s", path);
	save_file_digest(c, number, sha256);
}

void
capture_render(struct capture *c)
{
	struct stmt *q =
	    sql(c->copy.db, "SELECT path, kind, owner FROM artifact WHERE state = 'placed' ORDER BY path");

	if (c->mask == NULL && !c->is_cut)
		return;
	while (row(q)) {
		if (strcmp(col_text(q, 1), "bank_file") == 0 || strcmp(col_text(q, 1), "upload") == 0)
			render_file(c, col_int(q, 2), col_text(q, 0));
		save_digest(c, col_text(q, 0));
	}
}

/* Beside them -------------------------------------------------------------------------------------------- */

#define OUR_LINK "out/exports/latest"

/* Which export is the newest. */
static void
copy_link(struct capture *c)
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

void
capture_views(struct capture *c)
{
	returns_view_all(&c->copy);
	copy_link(c);
}

/* Inputs ------------------------------------------------------------------------------------------------- */

/* An input that was applied before under the same bytes is recognized by them: its row gets the new digest, too. */
static void
save_input_digest(struct capture *c, const char *from, const char *to)
{
	unsigned char was[SHA256_SIZE], stored[SHA256_SIZE], is[SHA256_SIZE];
	struct stmt *q;

	if (!durable_digest(from, was, NULL) || !durable_digest(to, is, NULL))
		die_errno(EXIT_IO, "%s", from);
	disguise_digest(&c->mask->disguise, was, sizeof(was), stored);
	q = sql(c->copy.db, "UPDATE input SET sha256 = $is WHERE sha256 = $stored");
	bind_blob(q, "$is", is, sizeof(is));
	bind_blob(q, "$stored", stored, sizeof(stored));
	exec(q);
}

struct digests {
	unsigned char (*at)[SHA256_SIZE];
	size_t n;
};

static int
take_digest(void *ctx, const struct request *q, struct err *e)
{
	struct digests *d = ctx;

	(void)e;
	d->at = memory_resize(d->at, d->n + 1, sizeof(*d->at));
	memcpy(d->at[d->n++], q->digest, SHA256_SIZE);
	return 0;
}

/* Of each record; none when the file cannot be read. */
static struct digests
read_digests(const char *path, const struct request_name *name)
{
	struct digests d = {NULL, 0};
	struct err e = {0};
	FILE *in = fopen(path, "r");

	if (in == NULL)
		die_errno(EXIT_IO, "%s", path);
	if ((name->csv ? request_read_csv : request_read_jsonl)(
		in, strcmp(name->op, "mixed") == 0 ? NULL : name->op, take_digest, &d, &e) < 0)
		d.n = 0;
	fclose(in);
	return d;
}

/* A record that was sent before with the same content is recognized by its digest, too. */
static void
save_request_digests(struct capture *c, const char *from, const char *to)
{
	struct request_name name;
	struct err e = {0};
	struct digests was, is;
	unsigned char stored[SHA256_SIZE];
	struct stmt *q;
	size_t i;

	if (request_parse_name(strrchr(from, '/') + 1, &name, &e) < 0)
		return;
	was = read_digests(from, &name);
	is = read_digests(to, &name);
	for (i = 0; i < was.n && was.n == is.n; i++) {
		disguise_digest(&c->mask->disguise, was.at[i], SHA256_SIZE, stored);
		q = sql(c->copy.db, "UPDATE request SET digest = $is WHERE digest = $stored");
		bind_blob(q, "$is", is.at[i], SHA256_SIZE);
		bind_blob(q, "$stored", stored, SHA256_SIZE);
		exec(q);
	}
	free(was.at);
	free(is.at);
}

/* The pages of Swan, and requests, have names that are known here. The files of a bank are read in the order of their names, so
 * that its n-th name begins with n. */
static char *
choose_name(struct capture *c, const char *name, size_t nth, bool is_page)
{
	char *masked = mask_path(c->mask, name), *made;

	if (is_page || strcmp(masked, name) == 0) {
		free(masked);
		return memory_text(name);
	}
	made = memory_new(strlen(masked) + 24, 1);
	snprintf(made, strlen(masked) + 24, "%03zu-%s", nth, masked);
	free(masked);
	return made;
}

static void
copy_input(struct capture *c, const char *from, const char *folder, const char *name, size_t nth,
           bool is_page)
{
	char to[PATH_SIZE], *made;

	if (c->mask == NULL) {
		durable_join(to, folder, name);
		tree_copy_file(from, to);
		return;
	}
	made = choose_name(c, name, nth, is_page);
	durable_join(to, folder, made);
	free(made);
	if (mask_file(c->mask, from, to)) {
		save_input_digest(c, from, to);
		save_request_digests(c, from, to);
	} else {
		warn("%s is left out: its values cannot be read (compressed, or no XML, JSON or CSV)", from);
	}
}

static int
is_input(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* In the order of their names. Folders and links are no inputs. */
static void
copy_inputs(struct capture *c, const char *from, const char *to, bool are_pages)
{
	char path[PATH_SIZE];
	struct dirent **entry;
	struct stat st;
	int i, n = scandir(from, &entry, is_input, alphasort);

	if (n < 0)
		die_errno(errno == ENOENT || errno == ENOTDIR ? EXIT_ABSENT : EXIT_IO, "%s", from);
	for (i = 0; i < n; i++) {
		durable_join(path, from, entry[i]->d_name);
		if (lstat(path, &st) == 0 && S_ISREG(st.st_mode)) {
			durable_make_folder(to);
			copy_input(c, path, to, entry[i]->d_name, (size_t)i + 1, are_pages);
		}
		free(entry[i]);
	}
	free(entry);
}

static int64_t
count_inputs(struct store *db)
{
	return value(sql(db, "SELECT count(*) FROM input"), 0);
}

/* A stage may take a file meanwhile: then the rows are of another moment. */
static void
require_same_inputs(struct capture *c)
{
	char path[PATH_SIZE];
	struct store *now;

	durable_join(path, c->run->home, "state/alanpay.db");
	now = store_open(path, STORE_READS);
	if (count_inputs(now) != count_inputs(c->run->db))
		die(EXIT_BUSY, "a stage took files from the inbox meanwhile: run this command once more");
	store_close(now);
}

void
capture_inputs(struct capture *c)
{
	static const char *const doors[][2] = {
	    {"intake", "inbox/requests"}, {"reconcile", "inbox/bank"}, {"notify", "inbox/receipts"}};
	char from[PATH_SIZE], input[PATH_SIZE], to[PATH_SIZE];
	const char *pages = options_value(c->run, "swan");
	size_t i;

	durable_join(input, c->out, "input");
	for (i = 0; i < LENGTH(doors); i++) {
		if (strcmp(c->stage, doors[i][0]) != 0)
			continue;
		if (c->is_cut) {
			warn("%s is left out: it holds for all members", doors[i][1]);
			continue;
		}
		durable_join(from, c->run->home, doors[i][1]);
		durable_join(to, input, strrchr(doors[i][1], '/') + 1);
		copy_inputs(c, from, to, false);
	}
	if (pages != NULL) {
		durable_join(to, input, "swan");
		copy_inputs(c, pages, to, true);
	}
	require_same_inputs(c);
}
