/* publication: one file on its way to its name, for publish.c and inbox.c alone: nobody else needs its steps.
 *
 * begin, write into p->sink, seal; then record (the row, inside a unit of work) or discard.
 */
#ifndef CORE_PUBLICATION_H
#define CORE_PUBLICATION_H

#include <stdio.h>

#include "stages/core/engine/run.h"
#include "stages/core/home/durable.h"

#define INCOMING "state/.incoming.new" /* an input, before it is known under which name it is kept */

struct publication {
	struct run *run;
	char temp[PATH_SIZE];
	int fd;
	struct sink *sink;
	struct file_digest bytes; /* from seal on */
};

/* `.<name>.new` beside a path: what a file is until its row is committed. */
void publication_temp_of(const char *path, char temp[static PATH_SIZE]);

/* In a dry run the bytes go into a file without a name. */
void publication_begin(struct publication *p, struct run *r, const char *temp);
void publication_seal(struct publication *p);
FILE *
publication_reopen(const struct publication *p); /* sealed bytes from their beginning; the caller closes */
/* folder: NULL, or the one that is built around the file and that appears at once. */
void publication_record(struct publication *p, const char *kind, int64_t owner, const char *path,
                        const char *folder);
/* Records what came in as INCOMING under its path. */
void publication_keep(struct publication *p, const char *kind, int64_t owner, const char *path);
void publication_discard(struct publication *p);

#endif
