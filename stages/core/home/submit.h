/* submit: puts a file into a door of the inbox at once and whole, as any other component does.
 *
 * The file is written as `.<name>.part`, which inbox_list ignores, synced, then given its name with link(2), which never
 * overwrites. Submitting the same bytes under the same name twice changes nothing, also after an interrupted run.
 */
#ifndef CORE_SUBMIT_H
#define CORE_SUBMIT_H

#include "stages/core/engine/run.h"

enum submitted {
	SUBMITTED,        /* by this run, or by an interrupted one */
	SUBMITTED_BEFORE, /* intake has applied it: there is nothing to do */
};

/* from: a path; folder: a door below the home; kind: that of its inputs (inbox.h). Dies (73) when the name was used for other
 * bytes: a name is used once. In a dry run nothing is written. */
enum submitted submit_file(struct run *r, const char *kind, const char *from, const char *folder,
                           const char *name);

#endif
