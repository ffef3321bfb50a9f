/* submit: a file of ours into a door of the inbox, whole, as any other component drops one.
 *
 * Written as `.<name>.part`, which inbox_list does not see, made durable, then given its name with link(2), which never
 * overwrites. The same bytes under the same name again change nothing, wherever a process before was killed.
 */
#ifndef CORE_SUBMIT_H
#define CORE_SUBMIT_H

#include "stages/core/engine/run.h"

enum submitted {
	SUBMITTED,        /* now, or by a process that was killed since */
	SUBMITTED_BEFORE, /* it was taken from the inbox and applied: nothing is to be done */
};

/* from: a path; folder: a door below the home; kind: that of its inputs (inbox.h). A name that is there, or was applied,
 * with other bytes ends 73: a name is used once. In a dry run nothing is written. */
enum submitted submit_file(struct run *r, const char *kind, const char *from, const char *folder,
                           const char *name);

#endif
