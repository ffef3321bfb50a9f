/* inbox: files that others drop, taken once.
 *
 * A file is copied into the home (hashed on the way), read from that copy to its end, and only then applied or refused,
 * in one unit of work with its input row; the copy gets its name in archive/ or quarantine/, and then the file leaves the
 * inbox. The same bytes again are known by their hash. Names are never trusted as paths; links and folders are not read.
 */
#ifndef CORE_INBOX_H
#define CORE_INBOX_H

#include <stdio.h>
#include <sys/types.h>

#include "formats/err.h"
#include "stages/core/engine/run.h"
#include "stages/core/home/durable.h"

#define INBOX_NAME 260

struct inbox_list {
	char (*name)[INBOX_NAME];
	size_t n;
};
/* What has arrived in a folder, by name; names that begin with '.' or end in .part, .tmp or .sha256 are not there yet,
 * or belong to another. Freed by inbox_free. */
void inbox_list(struct run *r, const char *folder, struct inbox_list *list);
void inbox_free(struct inbox_list *list);

struct publication;

struct inbox_file {
	struct run *run;
	const char *kind; /* requests, bank, transactions, payment_supports */
	char name[INBOX_NAME], from[PATH_SIZE], kept_at[PATH_SIZE];
	struct publication *copy;
	ino_t inode; /* of the file that was read: another one of its name is not ours to remove */
	dev_t device;
	bool agrees;    /* with the .sha256 beside it, if there is one */
	int64_t number; /* of its input row */
};

/* Reads inbox_content() to its end and applies it, inside the unit of work that inserts the file's input row (f->number).
 * copy_of: 0, or the input that had the same bytes under another name, of which nothing is to be applied again. -1 with *e
 * filled: nothing of it is applied, and the file is quarantined whole. */
typedef int inbox_apply_fn(struct inbox_file *f, int64_t copy_of, void *ctx, struct err *e);

/* From arrival to archive: taken, known or new, applied or refused, out of the inbox. A link, a folder or a device is left
 * where it is and told. A .sha256 beside the file must agree. */
void inbox_receive(struct run *r, const char *kind, const char *folder, const char *name,
                   inbox_apply_fn *apply, void *ctx);
FILE *inbox_content(const struct inbox_file *f); /* the caller closes */

/* The same for a file that somebody names on a command line: it stays where it is. Dies (66) when it is not there. */
void inbox_receive_given(struct run *r, const char *kind, const char *path, inbox_apply_fn *apply, void *ctx);

/* The input row of a file that we published ourselves and now read: its number. Inside a unit of work. */
int64_t inbox_note(struct run *r, const char *kind, const char *path);

#endif
