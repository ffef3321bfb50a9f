/* inbox: reads the files that other components drop, each once.
 *
 * A file is copied into the home and hashed meanwhile; the copy is read to its end, and only then applied or quarantined, in
 * one unit of work with its input row. The copy gets its name in archive/ or quarantine/, and then the file is removed from the
 * inbox. The same bytes are recognized by their hash. Names are never used as paths; what cannot be taken stays where it is
 * (stranger.h), and what changes while it is read is left to the next run.
 */
#ifndef CORE_INBOX_H
#define CORE_INBOX_H

#include <stdio.h>
#include <sys/stat.h>

#include "formats/err.h"
#include "stages/core/engine/run.h"
#include "stages/core/home/durable.h"

#define INBOX_NAME 260

struct inbox_list {
	char (*name)[INBOX_NAME];
	size_t n;
};
/* The files in a folder, in the order of their names. Names that begin with '.' or end in .part or .tmp are ignored (not
 * finished yet), and so are those that end in .sha256 (they belong to another file). Freed by inbox_free. Closes the exceptions of
 * entries that could not be taken and are gone; outside a unit of work. */
void inbox_list(struct run *r, const char *folder, struct inbox_list *list);
void inbox_free(struct inbox_list *list);

/* How many of them no run has read yet, and the first in the order of their names ("": none); removes nothing. What cannot be
 * taken counts until a person has decided about its exception. -1: the folder cannot be read. */
int64_t inbox_count_unread(struct run *r, const char *folder, char first[INBOX_NAME]);

struct publication;

struct inbox_file {
	struct run *run;
	const char *kind; /* requests, receipts, bank, transactions, payment_supports */
	char name[INBOX_NAME], from[PATH_SIZE], kept_at[PATH_SIZE];
	struct publication *copy;
	struct stat seen; /* the file that was read: another file of its name is not removed */
	bool agrees;      /* with the .sha256 beside it; true without a .sha256 */
	int64_t number;   /* of its input row */
};

/* Reads inbox_content() to its end and applies it, inside the unit of work that inserts the file's input row (f->number).
 * copy_of: 0, or the number of an input with the same bytes under another name: then nothing is to be applied. Returns -1 with
 * *e filled when nothing is applied: the file is quarantined whole. */
typedef int inbox_apply_fn(struct inbox_file *f, int64_t copy_of, void *ctx, struct err *e);

/* Copies a file, applies or quarantines it, and removes it from the inbox. What cannot be taken stays where it is and becomes an
 * exception. A .sha256 of the same user beside the file must agree. */
void inbox_receive(struct run *r, const char *kind, const char *folder, const char *name,
                   inbox_apply_fn *apply, void *ctx);
FILE *inbox_content(const struct inbox_file *f); /* the caller closes */

/* The same for a file named on a command line: it stays where it is. Dies: 66 when it does not exist, 74
 * when it cannot be read. */
void inbox_receive_given(struct run *r, const char *kind, const char *path, inbox_apply_fn *apply, void *ctx);

/* Inserts the input row of a file that an earlier stage published; returns its number. Inside a unit of work. */
int64_t inbox_note(struct run *r, const char *kind, const char *path);

#endif
