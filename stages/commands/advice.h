/* advice: what a person does next, from what the journal and the books say; for `alanpay status`. */
#ifndef COMMANDS_ADVICE_H
#define COMMANDS_ADVICE_H

#include "stages/core/engine/run.h"

enum advice_level { ADVICE_WAIT, ADVICE_LOOK, ADVICE_FAILED }; /* nothing to do; a person; the night */

/* Money that may have moved otherwise than the books say. */
struct advice_risk {
	int64_t exceptions;
	int64_t bank_reports; /* quarantined: returns may be in them */
};

/* command: NULL where there is none */
typedef void advice_take_fn(void *ctx, const char *text, const char *command);

struct advice {
	struct run *run;
	struct advice_risk risk;
	bool is_past; /* no decision is proposed: what was right on that date may be wrong now */
	advice_take_fn *take;
	void *ctx;
	enum advice_level worst;
	int n;
};

struct advice_risk advice_load_risk(struct run *r);

/* One after the other, the most urgent last. */
void advice_give(struct advice *a, advice_take_fn *take, void *ctx);

/* The first night that `alanpay run` would do. */
date advice_next_night(struct run *r);

#endif
