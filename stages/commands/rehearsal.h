/* rehearsal: what reconcile would do with a file of the bank: its own code on the home, in a transaction that is rolled back.
 *
 * Between rehearsal_begin and rehearsal_end the working directory stays where it is, but while a file is rehearsed.
 */
#ifndef COMMANDS_REHEARSAL_H
#define COMMANDS_REHEARSAL_H

#include "formats/json.h"
#include "formats/sink.h"
#include "stages/core/engine/run.h"

struct rehearsal {
	struct run *run;
	int outside;        /* the working directory of the caller; -1: no home was opened */
	char why_not[4200]; /* why no home was opened */
};

/* Opens the home when this user may change it; otherwise rehearsal_write prints why nothing is rehearsed. */
void rehearsal_begin(struct rehearsal *h, struct run *r);
/* json NULL: for people. Each file is rehearsed after those before it, as in a night. */
void rehearsal_write(struct rehearsal *h, const char *path, struct sink *s, struct json *json);
void rehearsal_end(struct rehearsal *h);

#endif
