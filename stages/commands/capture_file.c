/* capture_file: see capture.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/memory.h"
#include "stages/commands/capture.h"
#include "stages/commands/tree.h"
#include "stages/core/bank/bankxml.h"
#include "stages/core/bank/sessionview.h"
#include "stages/core/engine/log.h"
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

/* What is to be done next depends on the day: the pages are those that the last stage left. */
static void
write_views(struct capture *c)
{
	struct run at = c->copy;
	struct stmt *q = sql(c->run->db, "SELECT business_on FROM stage_run ORDER BY number DESC LIMIT 1");

	if (row(q)) {
		at.on = col_date(q, 0) + (c->copy.on - c->run->on);
		reset(q);
	}
	sessionview_refresh_all(&at);
}

void
capture_views(struct capture *c)
{
	write_views(c);
	copy_link(c);
}
