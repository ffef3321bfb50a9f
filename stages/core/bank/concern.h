/* concern: what the bank reported and the books do not have yet. It may concern any member: a return in it would end a mandate,
 * or a booking would settle a debt. So no bank file is released before it is read, or a person has decided about it.
 */
#ifndef CORE_CONCERN_H
#define CORE_CONCERN_H

#include "stages/core/bank/bankfile.h"
#include "stages/core/home/inbox.h"

struct concerns {
	int64_t unread;  /* bank reports in the inbox; -1: this user cannot read it */
	int64_t refused; /* bank reports in quarantine, or that cannot be read at all, without a decision */
	int64_t entries; /* open exceptions of bank entries */
};
void concern_count(struct run *r, struct concerns *c);

/* Dies (77), with its name and the command to run, when a bank report is unread or quarantined, or an open exception may concern
 * a member in the file. */
void concern_check(struct run *r, const struct bankfile *f);

/* The first bank file that the exception would have blocked, and that was released since a person decided about it; one that was
 * withdrawn does not count. */
bool concern_find_released(struct run *r, int64_t exception, struct bankfile *f);

#endif
