/* rerun: a fixture becomes a home, and its stage is run in it. */
#ifndef COMMANDS_RERUN_H
#define COMMANDS_RERUN_H

#include "stages/core/engine/run.h"
#include "stages/core/fixture/recipe.h"

/* Makes the home, enters it, and loads the books and files of the fixture. Dies: 73 when it exists, 65 with file and line when the
 * fixture cannot be read; then the home is removed. */
void rerun_load(const struct recipe *c, const char *home);
void
rerun_drop_inputs(const struct recipe *c); /* into the inbox of the home, which is the working directory */

void rerun(struct run *r); /* the command `fixture run` */

#endif
