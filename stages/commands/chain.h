/* chain: the stages of a night, in the order of schedules/nightly. */
#ifndef COMMANDS_CHAIN_H
#define COMMANDS_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#define CHAIN_NIGHTS 31 /* the most nights that one `alanpay run` runs */
#define CHAIN_STAGES 24
#define CHAIN_NAME   16

struct chain {
	char name[CHAIN_STAGES][CHAIN_NAME];
	int n;
};

/* The list is part of the program: one that does not fit is a bug, and dies. */
void chain_read(struct chain *chain);

/* What to do after a stage or a night that ended with this status, before its command. */
const char *chain_remedy(int status);

/* Whether an `alanpay run` is running; and whether a stage that is `running` in the journal still is. */
bool chain_is_going(void);
bool chain_stage_is_alive(bool by_hand, int64_t pid);

#endif
