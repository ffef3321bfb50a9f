/* decisions: what a person may decide about an exception, and the commands that do it. */
#ifndef COMMANDS_DECISIONS_H
#define COMMANDS_DECISIONS_H

#include "formats/sink.h"
#include "stages/core/engine/run.h"

#define DECISION_WORDS "attributed|applied_elsewhere|not_ours|accepted_loss|duplicate"

struct decision {
	const char *word;
	const char *meaning;
	bool names_member; /* says whose it is: --app-id, --app-user-id */
};

/* By its word; dies (64) when there is none. */
const struct decision *decision_find(const char *word);

/* For people: how the open exception may go away by itself, and a command for each decision that is possible about it, with a
 * line for each member whose it may be. */
void decision_write_all(struct run *r, int64_t number, struct sink *s);

#endif
