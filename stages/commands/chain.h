/* chain: the stages of a night, in their order, as schedules/nightly has them. */
#ifndef COMMANDS_CHAIN_H
#define COMMANDS_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#define CHAIN_NIGHTS 31 /* the most that one `alanpay run` makes up */
#define CHAIN_STAGES 24
#define CHAIN_NAME   16

struct chain {
	char name[CHAIN_STAGES][CHAIN_NAME];
	int n;
};

/* Dies when the list does not fit: it is part of the program. */
void chain_read(struct chain *chain);

/* Whether an `alanpay run` holds its lock, and whether a stage that the journal calls running does run. */
bool chain_is_going(void);
bool chain_stage_is_alive(bool by_hand, int64_t pid);

#endif
