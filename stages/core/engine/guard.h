/* guard: who may open a home, and with what: its owner alone, and outside a test home with the configuration of its place, under
 * the person's own login, and on the clock of the machine.
 */
#ifndef CORE_GUARD_H
#define CORE_GUARD_H

#include "stages/core/engine/run.h"

/* Dies (77) unless this user owns the folder, which is the home of the run. To be called before anything in it is opened. */
void guard_owner(const struct run *r, const char *folder);

/* Dies (77) for options that only a test home allows: --config, --as, a date or a clock to come. */
void guard_options(const struct run *r, enum environment environment);

/* Whether the configuration of the run may be used here: outside a test home it belongs to root or to the owner of the home,
 * and nobody else can change it; and it is of the environment of the home. False: the sentence, with the command. */
#define GUARD_TEXT (3 * PATH_MAX)
bool guard_config(const struct run *r, enum environment environment, char why[static GUARD_TEXT]);

#endif
