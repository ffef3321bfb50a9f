/* rejection: a person refuses a bank file that is not released. It blocks the release until the same person withdraws it, or the file is
 * cancelled; it is never deleted. */
#ifndef CORE_REJECTION_H
#define CORE_REJECTION_H

#include "stages/core/bank/bankfile.h"

/* By the person who runs this, in a unit of work. False: it stands already, or no longer. Die: 73 the file is released or cancelled;
 * 66 there is nothing to withdraw. */
bool rejection_give(struct run *r, const struct bankfile *f, const char *why);
bool rejection_withdraw(struct run *r, const struct bankfile *f);

bool rejection_stands_by(struct run *r, int64_t file, const char *person);
/* Dies (73) when this person rejects the file: it cannot be approved by the same person. */
void rejection_check_own(struct run *r, const struct bankfile *f, const char *person);

#define REJECTION_WHY 200
struct rejection {
	char person[RUN_PERSON], why[REJECTION_WHY]; /* why: its first characters */
};
/* The first that stands. False: none does. */
bool rejection_find(struct run *r, int64_t file, struct rejection *first);

#endif
