/* publish: files appear whole, and their row is committed first.
 *
 * A file is rendered into `.<name>.new` in its folder, hashed on the way, and made durable; its artifact row is committed with
 * the work it belongs to; publish_place then gives it its name with link(2), which never overwrites. What belongs together
 * is one folder, built as `.<name>.new/` and renamed. An interrupted run is finished by the next start (publish_finish).
 * There are three shapes, each one call: a file, a folder, a view. In a dry run everything is rendered, hashed and discarded.
 *
 * What rows can give again is made once more when it is gone (publish_restore): hand-off folders, notification batches,
 * request results, by the stage that makes them. Files of the import and inputs cannot be given again: a backup has them.
 * All paths are below the home.
 */
#ifndef CORE_PUBLISH_H
#define CORE_PUBLISH_H

#include <stdint.h>
#include <stdio.h>

#include "stages/core/engine/run.h"
#include "stages/core/home/durable.h"

/* Writes the bytes: a pure function of rows, inputs and configuration. */
typedef void publish_render_fn(struct sink *s, void *ctx);

/* A file, inside the caller's unit of work. kind and owner say what it was rendered from. */
struct file_digest publish_file(struct run *r, const char *kind, int64_t owner, const char *path,
                                publish_render_fn *render, void *ctx);

struct publish_entry {
	const char *name, *kind;
	int64_t owner;
	publish_render_fn *render;
	void *ctx;
	/* NULL, or looks at the finished bytes before they are recorded, and dies when they are not right. Closes `in`. */
	void (*check)(FILE *in, const struct file_digest *p, void *ctx);
};

/* A folder of n files that appear at once, inside the caller's unit of work. Each file is recorded before the next one is
 * rendered (publish_find). is_wanted: NULL, or asked in the end with the digest over the digests of all files; when it
 * says no, nothing of the folder is left and publish_folder returns false. */
bool publish_folder(struct run *r, const char *folder, const struct publish_entry *entries, size_t n,
                    bool (*is_wanted)(const unsigned char digest[static SHA256_SIZE], void *ctx), void *ctx);

/* A view: replaced by rename, without a row; it may hold wall-clock. */
void publish_view(struct run *r, const char *path, publish_render_fn *render, void *ctx);
void publish_view_link(struct run *r, const char *path, const char *target);

/* After the commit: gives names to all files that are due, and removes those that are leaving. */
void publish_place(struct run *r);
/* At every start: the same for what an interrupted run left. */
void publish_finish(struct run *r);
/* Inside a unit of work: this file is to go; publish_place removes it. */
void publish_retire(struct run *r, const char *path);

/* Digest and size of a file that was published or is about to be, by its path; false when there is no such file. */
bool publish_find(struct run *r, const char *path, struct file_digest *p);
/* The first of path, path-2, path-3 ... (before the extension) that no artifact has. */
void publish_free_path(struct run *r, const char *path, char free_path[static PATH_SIZE]);

/* A published file of which nothing is there any more. */
struct publish_lost {
	const char *path, *name, *kind;
	int64_t owner;
};
struct publish_source {
	const char *kind, *root, *door; /* door: NULL, or the door that a missing folder is made like */
	void (*render)(struct sink *s, const struct publish_lost *lost, void *ctx);
	int64_t owner; /* 0: of any */
};
/* Renders missing files of a kind once more, those below <root>/<a date from `since` on>. Outside a unit of work. Bytes that
 * differ from those that were published end with 70: a backup has the file. */
void publish_restore(struct run *r, const struct publish_source *source, date since, void *ctx);

#endif
