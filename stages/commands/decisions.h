/* decisions: what a person may decide about an exception, and the commands that do it. */
#ifndef COMMANDS_DECISIONS_H
#define COMMANDS_DECISIONS_H

#include "formats/sink.h"
#include "stages/core/engine/run.h"

#define DECISION_WORDS "attributed|applied_elsewhere|not_ours|accepted_loss|duplicate"

struct decision {
	const char *word;
	const char *meaning;
	const char *of_file; /* the same about a whole file; NULL: not proposed */
	bool names_member;   /* --app-id and --app-user-id name the member to whom it belongs */
};

/* By its word; dies (64) for a word that is not a decision. */
const struct decision *decision_find(const char *word);

/* The exception that --id names; dies (64) when it is not a number of one. */
int64_t decision_exception(struct run *r);

/* For people: when the open exception is closed automatically, and a command for each decision that is possible, with one
 * for each member to whom it may belong. */
void decision_write_all(struct run *r, int64_t number, struct sink *s);

#endif
