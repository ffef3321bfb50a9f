/* stage: what every stage has to do.
 *
 * A stage decides in one unit of work (every id, date, amount and order becomes a row), acts (files depend only on those rows)
 * and counts. A second run on the same inputs changes no row of the books and no published file, because nothing is left to
 * do. main.c is the only main() of a stage and is linked with exactly one of them.
 */
#ifndef STAGES_STAGE_H
#define STAGES_STAGE_H

#include "stages/core/engine/log.h"
#include "stages/core/engine/options.h"

struct stage {
	const char *name;    /* as in `alanpay NAME` and schedules/nightly */
	const char *purpose; /* one line, for --help */
	const struct option_spec *options;
	void (*run)(struct run *r); /* dies, or returns; r->held: a person should look */
};

extern const struct stage this_stage;

#endif
