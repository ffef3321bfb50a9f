/* stray: files that only this program makes, and that no row of the books names: the home was restored from a backup together with
 * its release log, so that the log cannot show it. */
#ifndef CORE_STRAY_H
#define CORE_STRAY_H

#include "stages/core/engine/run.h"

/* Looks at the newest day of the archive, of quarantine and of the notifications, and at the newest bank files; the full
 * audit looks at all. Dies (78) when there is one. */
void stray_require_none(struct run *r);

#endif
