/* publish: writes the files that others read. A file appears whole, and its row is committed before it.
 *
 * A file is rendered into `.<name>.new` in its folder, hashed meanwhile, and synced; its artifact row is committed with the rows
 * it is made from; publish_place then gives it its name with link(2), which never overwrites. Files that belong together are a
 * folder, built as `.<name>.new/` and renamed. The next start completes what an interrupted run left (publish_finish). There
 * are three kinds, each one call: a file, a folder, a view. A dry run renders, hashes and discards.
 *
 * A published file that is missing is rendered once more from its rows, by the stage that made it (publish_restore): hand-off
 * folders, notification batches, request results, the newest export. Inputs and the files of the import have no such rows:
 * they must be restored from a backup.
 * All paths are below the home.
 */
#ifndef CORE_PUBLISH_H
#define CORE_PUBLISH_H

#include <stdint.h>
#include <stdio.h>

#include "stages/core/engine/run.h"
#include "stages/core/home/durable.h"

/* Writes the bytes; they depend only on rows, inputs and the configuration. */
typedef void publish_render_fn(struct sink *s, void *ctx);

/* Publishes a file, inside the caller's unit of work. kind and owner name the row that it is rendered from. */
struct file_digest publish_file(struct run *r, const char *kind, int64_t owner, const char *path,
                                publish_render_fn *render, void *ctx);

/* The same for several files that are written in one pass: sinks[i] is that of the i-th. */
typedef void publish_render_all_fn(struct sink *const sinks[], void *ctx);

struct publish_entry {
	const char *name, *kind; /* name: may be in a folder of its own, "2026/03.csv" */
	int64_t owner;
	publish_render_fn *render;
	void *ctx;
	/* Instead of `render`, for all entries that have the same one: called once, with the ctx of the first. Its i-th sink is that
	 * of the i-th of them; NULL: it is linked. */
	publish_render_all_fn *render_all;
	/* NULL, or a published file that has the same bytes: it gets a second name, and is only written when it is missing or the
	 * file system has no links. Of the kind `export` it is not read again to compare it. */
	const char *same_as;
	bool (*is_wanted)(void *ctx); /* NULL, or asked when it is rendered: false leaves it out */
	/* NULL, or checks the finished bytes before they are recorded, and dies when they are wrong. Closes `in`. */
	void (*check)(FILE *in, const struct file_digest *p, void *ctx);
};

/* Publishes a folder of n files that appear at once, inside the caller's unit of work. What is rendered is recorded before the next
 * ones are (publish_find). is_wanted: NULL, or called at the end with the digest over the digests of all files; when it
 * returns false, the folder is discarded and publish_folder returns false. */
bool publish_folder(struct run *r, const char *folder, const struct publish_entry *entries, size_t n,
                    bool (*is_wanted)(const unsigned char digest[static SHA256_SIZE], void *ctx), void *ctx);

/* A view is replaced by rename and has no row; it may hold wall-clock time. */
void publish_view(struct run *r, const char *path, publish_render_fn *render, void *ctx);
#define PUBLISH_TOGETHER 3
/* The same of n views, at most PUBLISH_TOGETHER, that are written in one pass. */
void publish_views(struct run *r, const char *const paths[], size_t n, publish_render_all_fn *render,
                   void *ctx);
void publish_view_link(struct run *r, const char *path, const char *target);

/* To be called after the commit: gives their names to the files that are due, and removes those that are leaving. */
void publish_place(struct run *r);
/* At every start: does the same for an interrupted run. */
void publish_finish(struct run *r);
/* Inside a unit of work: marks a file as leaving; publish_place removes it. */
void publish_retire(struct run *r, const char *path);

/* Digest and size of a file that was published or is about to be, by its path; false when there is no such file. */
bool publish_find(struct run *r, const char *path, struct file_digest *p);
/* The first of path, path-2, path-3 ... (before the extension) that no artifact has. */
void publish_free_path(struct run *r, const char *path, char free_path[static PATH_SIZE]);

/* A published file that is missing. */
struct publish_lost {
	const char *path, *name, *kind;
	int64_t owner;
};
struct publish_source {
	const char *kind, *root, *door; /* door: NULL, or the door whose group may read a missing folder */
	void (*render)(struct sink *s, const struct publish_lost *lost, void *ctx);
	int64_t owner; /* 0: any */
};
/* Renders missing files of a kind once more: those below <root>/<date>, from the date `since` on. Outside a unit of work. Dies
 * (70) when the bytes differ from the published ones: the file must be restored from a backup. */
void publish_restore(struct run *r, const struct publish_source *source, date since, void *ctx);

#endif
