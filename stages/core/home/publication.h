/* publication: the steps by which a file is published, one at a time; only publish.c and inbox.c use them.
 *
 * The order: begin, write into p->sink, seal; then record (inserts the row, inside a unit of work) or discard.
 */
#ifndef CORE_PUBLICATION_H
#define CORE_PUBLICATION_H

#include <stdio.h>

#include "stages/core/engine/run.h"
#include "stages/core/home/durable.h"

#define INCOMING "state/.incoming.new" /* an input, before its path in archive/ or quarantine/ is known */

struct publication {
	struct run *run;
	char temp[PATH_SIZE];
	int fd; /* -1: linked */
	struct sink *sink;
	bool is_view;
	struct file_digest bytes; /* valid after seal; of a view without the digest */
};

/* `.<name>.new` beside a path: the name of a file until its row is committed. */
void publication_temp_of(const char *path, char temp[static PATH_SIZE]);

/* In a dry run the bytes are written to a file without a name. */
void publication_begin(struct publication *p, struct run *r, const char *temp);
/* Of a view, which has no row: nobody asks for its digest. */
void publication_begin_view(struct publication *p, struct run *r, const char *temp);
/* In the place of begin and seal: a second name for a published file, whose digest and size the caller knows. False when it is
 * not there with that size, or the file system has no links: then it is to be written. */
bool publication_link(struct publication *p, struct run *r, const char *temp, const char *from,
                      const struct file_digest *bytes);
void publication_seal(struct publication *p);
FILE *publication_reopen(
    const struct publication *p); /* reads the sealed bytes from their beginning; the caller closes */
/* folder: NULL, or the folder that is published as a whole with this file in it. */
void publication_record(struct publication *p, const char *kind, int64_t owner, const char *path,
                        const char *folder);
/* Records the file that was begun as INCOMING under its final path. */
void publication_keep(struct publication *p, const char *kind, int64_t owner, const char *path);
void publication_discard(struct publication *p);

/* At the start, once what is recorded has its name: removes the temporary files and folders that an earlier run began and, as its
 * unit of work was rolled back, never recorded. */
void publication_remove_begun(void);

#endif
