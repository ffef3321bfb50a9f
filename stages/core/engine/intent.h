/* intent: what the release log (home/releaselog.h) is about to say. A row is inserted in the unit of work of the act; its line
 * is appended when that is committed, and what others can see of the act follows. */
#ifndef CORE_INTENT_H
#define CORE_INTENT_H

#include "formats/sink.h"
#include "stages/core/engine/run.h"

#define INTENT_TEXT 400

struct intent {
	int64_t number;
	char kind[24], what[INTENT_TEXT], detail[INTENT_TEXT], program[80];
	unsigned char sha256[SHA256_SIZE], after[SHA256_SIZE];
	bool has_sha256, has_after;
	date on;
	instant now;
};

/* kind: a word, as "release"; what: the thing it is about; sha256: of its file, or NULL; the rest: a detail for people. Inside
 * the caller's unit of work. */
void intent_add(struct run *r, const char *kind, const char *what, const unsigned char *sha256,
                const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* For the store. */
void intent_insert(struct store *db, const struct intent *x);

/* For the release log: the number of the newest row (0: none), and of the oldest one; a row by its number (false: not there). */
int64_t intent_last(struct run *r);
bool intent_find(struct run *r, int64_t number, struct intent *x);
/* Before a commit: gives the new rows, those after `last`, the digest of the line they follow (NULL: none), removes those before
 * `kept`, and adds a row when the unit of work has none. */
void intent_complete(struct run *r, int64_t last, const unsigned char *after, int64_t kept);

#endif
