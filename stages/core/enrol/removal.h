/* removal: what Swan still has of offboarded members ends: every live card is cancelled, every membership disabled. */
#ifndef CORE_REMOVAL_H
#define CORE_REMOVAL_H

#include "stages/core/engine/run.h"

/* Of each offboarding that is not done. Looks at Swan first, so the same again sends nothing. What Swan rejects is an exception of
 * that member at once, and the others go on. Units of work of its own. Dies: 69 when Swan does not answer, 78 when it cannot be
 * asked; not when there is nothing to end. */
void removal_run(struct run *r);

#endif
