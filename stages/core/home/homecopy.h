/* homecopy: a private copy of the home, in which a night is rehearsed: each stage finds there what the stages before it did.
 *
 * It has a copy of the database, second names of the published files, and copies of what is in the inbox. It lies in state/,
 * so that no other user can read it. What runs in it changes neither the home nor Swan: see run_is_rehearsal.
 */
#ifndef CORE_HOMECOPY_H
#define CORE_HOMECOPY_H

#include "stages/core/engine/run.h"

#define HOMECOPY_FOLDER "state/rehearsal"
#define HOMECOPY_MARK   "state/copy_of" /* in a copy: the path of the home that it is a copy of */

/* Of the open home, which must be locked; replaces a copy that an interrupted rehearsal left. Dies (75) when another rehearsal of
 * this home is running; later ones wait for the end of this process. The copy has the books of `database`. */
void homecopy_make(const struct run *r, const char *database, char path[static PATH_MAX]);
/* In a copy, which is the working directory: the home that it is a copy of. Else NULL. */
const char *homecopy_original(void);
/* The copy of the home that is the working directory: removes it, by the process that made it; and by others, what an
 * interrupted rehearsal left of it. */
void homecopy_remove(void);
void homecopy_clear(void);

#endif
