/* publish: see publish.h. Writes artifact. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/length.h"
#include "formats/memory.h"
#include "formats/text.h"
#include "stages/core/engine/fault.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publication.h"
#include "stages/core/home/publish.h"
#include "stages/core/home/releaselog.h"

/* Files, folders, views -------------------------------------------------------------------------------------------- */

struct file_digest
publish_file(struct run *r, const char *kind, int64_t owner, const char *path, publish_render_fn *render,
             void *ctx)
{
	struct publication p;
	char temp[PATH_SIZE];

	publication_temp_of(path, temp);
	publication_begin(&p, r, temp);
	render(p.sink, ctx);
	publication_seal(&p);
	publication_record(&p, kind, owner, path, NULL);
	return p.bytes;
}

/* A folder that is being built. */
struct building {
	struct run *run;
	const char *folder;
	char temp[PATH_SIZE];
	const struct publish_entry *entries;
	struct publication *publications; /* one for each entry */
	size_t n;
};

static bool
link_entry(struct building *b, size_t i)
{
	const char *from = b->entries[i].same_as;
	struct file_digest bytes;
	char temp[PATH_SIZE];

	durable_join(temp, b->temp, b->entries[i].name);
	return from != NULL && publish_find(b->run, from, &bytes) &&
	       publication_link(&b->publications[i], b->run, temp, from, &bytes);
}

static void
begin_entry(struct building *b, size_t i)
{
	char temp[PATH_SIZE];

	durable_join(temp, b->temp, b->entries[i].name);
	publication_begin(&b->publications[i], b->run, temp);
}

/* All entries that have the render_all of the i-th; a linked one has no sink. */
static void
render_together(struct building *b, size_t first)
{
	const struct publish_entry *x = &b->entries[first];
	struct sink **sinks = memory_new(b->n, sizeof(struct sink *));
	size_t i, n = 0, wanted = 0;

	for (i = first; i < b->n; i++) {
		if (b->entries[i].render_all != x->render_all)
			continue;
		if (!link_entry(b, i)) {
			begin_entry(b, i);
			wanted++;
		}
		sinks[n++] = b->publications[i].sink;
	}
	if (wanted > 0)
		x->render_all(sinks, x->ctx);
	free(sinks);
	for (i = first; i < b->n; i++)
		if (b->entries[i].render_all == x->render_all && b->publications[i].sink != NULL)
			publication_seal(&b->publications[i]);
}

static void
write_entry(struct building *b, size_t i)
{
	const struct publish_entry *x = &b->entries[i];
	struct publication *p = &b->publications[i];

	if (x->render_all != NULL && p->run == NULL)
		render_together(b, i);
	if (p->run == NULL && !link_entry(b, i)) {
		begin_entry(b, i);
		x->render(p->sink, x->ctx);
		publication_seal(p);
	}
}

static void
publish_entry(struct building *b, size_t i, struct sink *digests)
{
	const struct publish_entry *x = &b->entries[i];
	struct publication *p = &b->publications[i];
	char path[PATH_SIZE];

	write_entry(b, i);
	if (x->is_wanted != NULL && !x->is_wanted(x->ctx)) {
		publication_discard(p);
		return;
	}
	if (x->check != NULL && p->fd >= 0)
		x->check(publication_reopen(p), &p->bytes, x->ctx);
	durable_join(path, b->folder, x->name);
	publication_record(p, x->kind, x->owner, path, b->folder);
	sink_put(digests, p->bytes.sha256, sizeof(p->bytes.sha256));
}

/* Returns the digest over the digests of all files. */
static void
build_folder(struct building *b, unsigned char digest[static SHA256_SIZE])
{
	struct sink *digests = sink_new(NULL, NULL);
	size_t i;

	publication_temp_of(b->folder, b->temp);
	if (!b->run->dry_run)
		durable_remove_folder(b->temp);
	b->publications = memory_new(b->n, sizeof(*b->publications));
	for (i = 0; i < b->n; i++)
		publish_entry(b, i, digests);
	free(b->publications);
	if (sink_end(digests, digest, NULL) < 0)
		die(EXIT_BUG, "the digest of %s", b->folder);
}

/* The folders inside, each once, then the folder and its name. */
static void
sync_building(const struct building *b)
{
	char path[PATH_SIZE], folder[PATH_SIZE], last[PATH_SIZE] = "";
	size_t i;

	for (i = 0; i < b->n; i++) {
		durable_join(path, b->temp, b->entries[i].name);
		durable_folder_of(path, folder);
		if (strcmp(folder, b->temp) != 0 && strcmp(folder, last) != 0)
			durable_sync_folder(folder);
		memcpy(last, folder, sizeof(last));
	}
	durable_sync_folder(b->temp);
	durable_sync_folder_of(b->temp);
}

static void
discard_folder(struct run *r, const char *folder, const char *temp)
{
	struct stmt *q =
	    sql(r->db,
	    "DELETE FROM artifact WHERE path > $folder || '/' AND path < $folder || '0'"
	    " AND state = 'due'");

	bind_text(q, "$folder", folder);
	exec(q);
	if (!r->dry_run)
		durable_remove_folder(temp);
}

bool
publish_folder(struct run *r, const char *folder, const struct publish_entry *entries, size_t n,
               bool (*is_wanted)(const unsigned char digest[static SHA256_SIZE], void *ctx), void *ctx)
{
	struct building b = {.run = r, .folder = folder, .entries = entries, .n = n};
	unsigned char digest[SHA256_SIZE];

	build_folder(&b, digest);
	if (is_wanted != NULL && !is_wanted(digest, ctx)) {
		discard_folder(r, folder, b.temp);
		return false;
	}
	if (!r->dry_run)
		sync_building(&b);
	return true;
}

void
publish_views(struct run *r, const char *const paths[], size_t n, publish_render_all_fn *render, void *ctx)
{
	struct publication p[PUBLISH_TOGETHER];
	struct sink *sinks[PUBLISH_TOGETHER] = {NULL};
	char temp[PATH_SIZE];
	size_t i;

	if (n > PUBLISH_TOGETHER)
		die(EXIT_BUG, "%s: written with too many others", paths[0]);
	for (i = 0; i < n; i++) {
		publication_temp_of(paths[i], temp);
		publication_begin_view(&p[i], r, temp);
		sinks[i] = p[i].sink;
	}
	render(sinks, ctx);
	for (i = 0; i < n; i++) {
		publication_seal(&p[i]);
		close(p[i].fd);
		if (r->dry_run)
			continue;
		durable_rename(p[i].temp, paths[i]);
		durable_sync_folder_of(paths[i]);
	}
}

struct lone_view {
	publish_render_fn *render;
	void *ctx;
};

static void
render_lone(struct sink *const sinks[], void *ctx)
{
	const struct lone_view *v = ctx;

	v->render(sinks[0], v->ctx);
}

void
publish_view(struct run *r, const char *path, publish_render_fn *render, void *ctx)
{
	publish_views(r, &path, 1, render_lone, &(struct lone_view){render, ctx});
}

void
publish_view_link(struct run *r, const char *path, const char *target)
{
	char temp[PATH_SIZE];

	if (r->dry_run)
		return;
	publication_temp_of(path, temp);
	durable_remove(temp);
	if (symlink(target, temp) < 0)
		die_errno(EXIT_IO, "%s: the name cannot be given", path);
	durable_rename(temp, path);
	durable_sync_folder_of(path);
}

/* Names, after the commit ------------------------------------------------------------------------------------------ */

/* The stage that can render a missing file from rows, by the kind of the file. */
static const struct {
	const char *kind, *stage;
} renewed[] = {
    {"bank_file", "collect"},    {"handoff", "collect"}, {"export", "export"},
    {"notifications", "notify"}, {"manifest", "notify"}, {"results", "intake"},
};

/* A file that is due, but missing. At a start the stage that can render it is left to do so. */
static void
miss(const char *path, const char *kind, bool at_start)
{
	size_t i;

	for (i = 0; at_start && i < LENGTH(renewed); i++)
		if (strcmp(kind, renewed[i].kind) == 0) {
			warn(
			    "%s is recorded as published, but missing: publish it once more with `alanpay %s`",
			    path, renewed[i].stage);
			return;
		}
	die(EXIT_BUG, "%s is recorded as published, but missing: restore the file from a backup", path);
}

/* False when the file exists neither under its name nor under its temporary one. Dies (73) when another file has the name. */
static bool
place_file(const char *path, const unsigned char digest[SHA256_SIZE])
{
	char temp[PATH_SIZE];
	unsigned char found[SHA256_SIZE];

	publication_temp_of(path, temp);
	if (!durable_digest(path, found, NULL)) {
		if (!durable_has_digest(temp, digest))
			return false;
		durable_link(temp, path);
	} else if (memcmp(found, digest, SHA256_SIZE) != 0) {
		die(EXIT_OVERWRITE,
		    "%s exists and has not the published bytes: keep it, and call an engineer", path);
	}
	durable_remove(temp);
	durable_sync_folder_of(path);
	return true;
}

/* The folder above is synced also when the folder has its name: the run that gave it may have been interrupted before. */
static void
place_folder(const char *folder)
{
	char temp[PATH_SIZE];
	struct stat st;

	publication_temp_of(folder, temp);
	if (stat(folder, &st) < 0 && stat(temp, &st) == 0)
		durable_rename(temp, folder);
	durable_sync_folder_of(folder);
}

/* An export with a second name was published before, and compared then. Nothing else is linked: what has two names is compared. */
static bool
is_linked(const char *path, const char *kind, int64_t size)
{
	struct stat st;

	return strcmp(kind, "export") == 0 && lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_nlink > 1 && st.st_size == size;
}

static bool
check_in_folder(const char *path, const unsigned char digest[SHA256_SIZE], const char *kind, int64_t size)
{
	unsigned char found[SHA256_SIZE];

	if (is_linked(path, kind, size))
		return true;
	if (!durable_digest(path, found, NULL))
		return false;
	if (memcmp(found, digest, SHA256_SIZE) != 0)
		die(EXIT_OVERWRITE,
		    "%s exists and has not the published bytes: keep it, and call an engineer", path);
	return true;
}

static void
place_due(struct run *r, bool at_start)
{
	struct stmt *q = sql(r->db, "SELECT path, folder, sha256, kind, size FROM artifact"
	               " WHERE state IN ('due', 'leaving') AND state = 'due' ORDER BY path");
	char folder[PATH_SIZE] = "";
	const void *digest;
	bool is_there;
	size_t n;

	while (row(q)) {
		digest = col_blob(q, 2, &n);
		if (col_null(q, 1)) {
			is_there = place_file(col_text(q, 0), digest);
		} else {
			if (strcmp(folder, col_text(q, 1)) != 0) {
				col_copy(q, 1, folder, sizeof(folder));
				place_folder(folder);
			}
			is_there = check_in_folder(col_text(q, 0), digest, col_text(q, 3), col_int(q, 4));
		}
		if (!is_there)
			miss(col_text(q, 0), col_text(q, 3), at_start);
	}
}

/* Removes the file under both names: it may be marked as leaving before it has its final one. */
static void
remove_leaving(struct run *r)
{
	struct stmt *q = sql(r->db, "SELECT path FROM artifact"
	                            " WHERE state IN ('due', 'leaving') AND state = 'leaving' ORDER BY path");
	char temp[PATH_SIZE];

	while (row(q)) {
		fault("before leaving");
		publication_temp_of(col_text(q, 0), temp);
		durable_remove(col_text(q, 0));
		durable_remove(temp);
		durable_sync_folder_of(col_text(q, 0));
	}
}

static int64_t
count_unfinished(struct run *r)
{
	return value(sql(r->db, "SELECT count(*) FROM artifact WHERE state IN ('due', 'leaving')"), 0);
}

static void
place(struct run *r, bool at_start)
{
	tx_require_closed(r->db);
	if (r->dry_run || count_unfinished(r) == 0)
		return;
	releaselog_sync(r);
	place_due(r, at_start);
	remove_leaving(r);
	tx_begin(r->db);
	exec(sql(r->db,
	    "UPDATE artifact SET state = CASE state WHEN 'due' THEN 'placed' ELSE 'gone' END"
	    " WHERE state IN ('due', 'leaving')"));
	tx_commit(r->db);
}

void
publish_place(struct run *r)
{
	place(r, false);
}

void
publish_finish(struct run *r)
{
	int64_t left;

	if (r->dry_run)
		return;
	durable_remove(INCOMING);
	left = count_unfinished(r);
	place(r, true);
	publication_remove_begun();
	if (left > 0)
		info("completed %lld file%s left unfinished by an interrupted run", (long long)left,
		     text_plural(left));
}

void
publish_retire(struct run *r, const char *path)
{
	struct stmt *q = sql(
	    r->db, "UPDATE artifact SET state = 'leaving' WHERE path = $path AND state IN ('due', 'placed')");

	bind_text(q, "$path", path);
	exec(q);
}

bool
publish_find(struct run *r, const char *path, struct file_digest *p)
{
	struct stmt *q = sql(r->db, "SELECT sha256, size FROM artifact WHERE path = $path");
	size_t n;

	bind_text(q, "$path", path);
	if (!row(q))
		return false;
	memcpy(p->sha256, col_blob(q, 0, &n), SHA256_SIZE);
	p->size = col_int(q, 1);
	reset(q);
	return true;
}

void
publish_free_path(struct run *r, const char *path, char free_path[static PATH_SIZE])
{
	struct stmt *q;
	const char *slash = strrchr(path, '/');
	const char *dot = strchr(slash == NULL ? path : slash, '.');
	int n, stem = (int)(dot == NULL ? strlen(path) : (size_t)(dot - path));

	snprintf(free_path, PATH_SIZE, "%s", path);
	for (n = 2;; n++) {
		q = sql(r->db,
		    "SELECT EXISTS (SELECT 1 FROM artifact WHERE path = $path)"
		    " OR EXISTS (SELECT 1 FROM artifact"
		    "  WHERE path > $path || '/' AND path < $path || '0' AND folder = $path)");
		bind_text(q, "$path", free_path);
		if (value(q, 0) == 0)
			return;
		if (snprintf(free_path, PATH_SIZE, "%.*s-%d%s", stem, path, n, dot == NULL ? "" : dot) >=
		    PATH_SIZE)
			die(EXIT_IO, "%s: path too long", path);
	}
}

/* Missing files --------------------------------------------------------------------------------------------------- */

static bool
is_gone(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0)
		return false;
	if (errno != ENOENT && errno != ENOTDIR)
		die_errno(EXIT_IO, "%s", path);
	return true;
}

static void
publish_restore_one(struct run *r, const struct publish_source *source, const struct publish_lost *lost,
                    const unsigned char digest[SHA256_SIZE], void *ctx)
{
	struct publication p;
	char temp[PATH_SIZE], folder[PATH_SIZE];

	publication_temp_of(lost->path, temp);
	durable_folder_of(lost->path, folder);
	if (source->door != NULL && !r->dry_run)
		durable_make_door(folder, source->door);
	publication_begin(&p, r, temp);
	source->render(p.sink, lost, ctx);
	publication_seal(&p);
	if (memcmp(p.bytes.sha256, digest, SHA256_SIZE) != 0) {
		publication_discard(&p);
		die(EXIT_BUG,
		    "%s is missing, and the books and the configuration give other bytes than the published ones: restore"
		    " the file from a backup",
		    lost->path);
	}
	close(p.fd);
	if (r->dry_run)
		return;
	durable_rename(temp, lost->path); /* interrupted here, it leaves no second name */
	durable_sync_folder_of(lost->path);
	warn("%s was missing and is published once more, with the same bytes", lost->path);
}

void
publish_restore(struct run *r, const struct publish_source *source, date since, void *ctx)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT path, owner, sha256 FROM artifact WHERE path >= $from AND path < $until"
	    " AND kind = $kind AND state = 'placed' AND ($owner = 0 OR owner = $owner)"
	    " ORDER BY path");
	char from[PATH_SIZE], until[PATH_SIZE], day[DATE_TEXT];
	struct publish_lost lost = {.kind = source->kind};
	size_t n;

	tx_require_closed(r->db);
	durable_join(from, source->root, date_print(day, since));
	durable_join(until, source->root, ":"); /* the first text after every date: ':' follows '9' */
	bind_text(q, "$from", from);
	bind_text(q, "$until", until);
	bind_text(q, "$kind", source->kind);
	bind_int(q, "$owner", source->owner);
	while (row(q)) {
		lost.path = col_text(q, 0);
		lost.name = strrchr(lost.path, '/') + 1;
		lost.owner = col_int(q, 1);
		if (is_gone(lost.path))
			publish_restore_one(r, source, &lost, col_blob(q, 2, &n), ctx);
	}
}
