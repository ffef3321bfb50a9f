/* advice: what a person should do next, for `alanpay status`. */
#ifndef COMMANDS_ADVICE_H
#define COMMANDS_ADVICE_H

#include "stages/core/bank/concern.h"
#include "stages/core/engine/run.h"

enum advice_level {
	ADVICE_WAIT,
	ADVICE_LOOK,
	ADVICE_FAILED
}; /* nothing to do; a person should look; a night failed */

/* command: NULL when no command helps */
typedef void advice_take_fn(void *ctx, const char *text, const char *command);

struct advice {
	struct run *run;
	struct concerns risk; /* money that may have moved while the books say otherwise */
	bool is_past;         /* propose no decision: the books are those of today */
	advice_take_fn *take;
	void *ctx;
	enum advice_level worst;
	int n;
};

/* Calls take for each advice, the most urgent one last. */
void advice_give(struct advice *a, advice_take_fn *take, void *ctx);

#define ADVICE_CLOCK 128

/* Whether nights of days after this one were run: then the clock or --date is behind, and this night may count as done
 * already. */
bool advice_doubts_clock(struct run *r, char text[static ADVICE_CLOCK]);

/* Nights before this one that are not finished, after the newest one that is. */
struct advice_nights {
	int n;
	date first, last;
};

struct advice_nights advice_missing(struct run *r);

/* The first night that `alanpay run` would run. */
date advice_next_night(struct run *r);

#endif
