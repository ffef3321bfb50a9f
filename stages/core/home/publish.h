/* publish: files appear whole, and their row is committed first.
 *
 * A file is written as `.<name>.new` in its folder, hashed on the way, and made durable; its artifact row is committed
 * with the work it belongs to; publish_place() then gives it its name with link(2), which never overwrites. What belongs
 * together is one folder, built as `.<name>.new/` and renamed. A process killed in between is finished by the next
 * start (publish_finish). All paths are below the home. In a dry run everything is rendered, hashed and discarded.
 * source   reliability: plan, render, link, fsync the folder; SQLite ignores directory syncs, we do not
 */
#ifndef CORE_PUBLISH_H
#define CORE_PUBLISH_H

#include <stdint.h>
#include <stdio.h>

#include "formats/sink.h"
#include "stages/core/engine/run.h"

#define PATH_SIZE 512

struct publication {
	struct run *run;
	const char *kind;
	int64_t owner;
	char path[PATH_SIZE], temp[PATH_SIZE], folder[PATH_SIZE];
	int fd;
	struct sink *sink;
	unsigned char sha256[SHA256_SIZE];
	int64_t size;
};

/* A file of its own: render into p->sink, then end. The row is inserted by publish_end, inside the caller's unit of
 * work. kind and owner say what it was rendered from. */
void publish_begin(struct publication *p, struct run *r, const char *kind, int64_t owner, const char *path);
void publish_end(struct publication *p);

/* The two halves of publish_end, for who must look at the finished bytes in between. */
void publish_seal(struct publication *p);
void publish_record(struct publication *p);
FILE *publish_reopen(const struct publication *p); /* sealed bytes from their beginning; the caller closes */
void publish_discard(struct publication *p);       /* sealed, but not wanted */

/* A file taken in before it is known where it will be kept: begun without a path, sealed, then recorded under one. */
void publish_begin_incoming(struct publication *p, struct run *r);
void publish_keep(struct publication *p, const char *kind, int64_t owner, const char *path);

/* A folder whose files appear at once: begin, then publish_begin_in for each, then end. */
void publish_folder_begin(struct run *r, const char *folder);
void publish_begin_in(struct publication *p, struct run *r, const char *kind, int64_t owner,
                      const char *folder, const char *name);
void publish_folder_end(struct run *r, const char *folder);
void publish_folder_discard(struct run *r, const char *folder);

/* After the commit: names for all that is due, and away with what is leaving. */
void publish_place(struct run *r);
/* At every start: the same for what a killed process left. */
void publish_finish(struct run *r);
/* Inside a unit of work: this file is to go; publish_place takes it away. */
void publish_retire(struct run *r, const char *path);

/* The first of path, path-2, path-3 ... (before the extension) that no artifact has. */
void publish_free_path(struct run *r, const char *path, char free_path[PATH_SIZE]);

/* Views: replaced by rename, without a row; they may hold wall-clock. */
void publish_view(struct run *r, const char *path, void (*render)(struct sink *s, void *ctx), void *ctx);
void publish_view_link(struct run *r, const char *path, const char *target);

/* Makes a folder that the group of another one (a door that init opened) may read; without such a group, a plain one. */
void publish_make_door(struct run *r, const char *path, const char *like);
/* Digest of a file; false when it is not there. Dies on any other trouble. */
bool publish_digest(const char *path, unsigned char sha256[SHA256_SIZE], int64_t *size);

#endif
