/* stale: the months of history (history.h) of which a row is another one than in the last export.
 *
 * From the rows that changed since (touched.h), each followed to the rows that show it: a debt that was recovered to its payments, a
 * payment and a notification to their transactions. It may name a month too many, never one too few.
 */
#ifndef CORE_STALE_H
#define CORE_STALE_H

#include "stages/core/api/history.h"

struct stale {
	bool month[HISTORY_LISTS][HISTORY_MONTHS];
};

/* False: any month may be stale. */
bool stale_find(struct run *r, struct stale *stale);

/* The members of whom a row of history may be another one than in the last export; free the ranges. False: any member may be one. */
bool stale_find_members(struct run *r, struct history_members *members);

#endif
