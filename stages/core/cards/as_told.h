/* as_told: a person decides that what Swan reports of a transaction counts, where the books have it otherwise or not at all. */
#ifndef CORE_AS_TOLD_H
#define CORE_AS_TOLD_H

#include "stages/core/engine/run.h"

/* What an exception of this kind and code becomes by the decision `as_told`; NULL: it does not have that decision. */
const char *as_told_becomes(const char *kind, const char *code);

/* Resolves the exception as `as_told` and corrects the books to the newest version that Swan reported, by a contra row, in one
 * unit of work: what is booked now counts, and what is not booked is nothing. A debit that takes back only a part of a transfer
 * reverses that part. False when the same was decided before: then nothing changes. Dies:
 *   66  the exception does not exist
 *   73  it was applied, or decided otherwise
 *   65  it has not that decision; no member is known; more would be taken back than was given; it can be posted without */
bool as_told_decide(struct run *r, int64_t number, const char *why);

#endif
