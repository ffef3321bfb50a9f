/* logline: one line of the release log, as text and back. A line is a JSON object; `prev` is the digest of the line before it,
 * without its line break. */
#ifndef CORE_LOGLINE_H
#define CORE_LOGLINE_H

#include "formats/err.h"
#include "stages/core/engine/intent.h"

#define LOGLINE_SIZE 8192 /* no line is longer */

/* The pages of the database that a commit changed, as they are kept beside the log (pages.h). Lines of one commit have the same. */
struct pages_at {
	char file[DATE_TEXT];  /* "": none; the change is lost, when is_lost */
	int64_t offset, bytes; /* where in it */
	unsigned char sha256[SHA256_SIZE];
	char log_id[17]; /* of the write-ahead log: its salts, in hex */
	int64_t first;   /* the first line of that write-ahead log */
	int64_t frames;  /* that it had after the commit */
	bool is_lost;
};

struct logline {
	struct intent act;
	struct pages_at pages;
	unsigned char prev[SHA256_SIZE]; /* zeros in the first line */
};

int logline_write(const struct logline *line, char text[static LOGLINE_SIZE],
                  size_t *n); /* without the line break */
int logline_read(const char *text, size_t n, struct logline *line, struct err *e);

#endif
