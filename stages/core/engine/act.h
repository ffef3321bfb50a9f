/* act: what a person did by a command, where no other row says so. */
#ifndef CORE_ACT_H
#define CORE_ACT_H

#include "stages/core/engine/run.h"

struct act {
	const char *kind;                 /* a word of the release log */
	const char *what;                 /* to look it up */
	const char *detail;               /* "": nothing */
	int64_t profile;                  /* of the member; 0: none, or named by the next two */
	const char *app_id, *app_user_id; /* NULL: by the profile */
};

/* Stores it, with the person of this process, and its line in the release log. Inside the caller's unit of work. */
void act_add(struct run *r, const struct act *a);

#endif
