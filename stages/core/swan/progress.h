/* progress: one line on standard error that shows how far a long task is; only on a terminal, and never with --quiet. */
#ifndef CORE_PROGRESS_H
#define CORE_PROGRESS_H

#include <stdint.h>

#include "stages/core/engine/run.h"

struct progress {
	bool shown;              /* on a terminal, without --quiet */
	int64_t begun, shown_at; /* ticks */
};

void progress_begin(struct progress *p, const struct run *r);
/* "transactions: 1200 of 40000, page 12, 35 s left"; a few times a second, however often it is called. */
void progress_show(struct progress *p, const char *what, int64_t done, int64_t of, int64_t pages);
void progress_end(struct progress *p); /* clears the line */

#endif
