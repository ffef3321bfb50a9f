/* chain: the stages of a night, in their order, as schedules/nightly has them. */
#ifndef COMMANDS_CHAIN_H
#define COMMANDS_CHAIN_H

#define CHAIN_STAGES 24
#define CHAIN_NAME   16

struct chain {
	char name[CHAIN_STAGES][CHAIN_NAME];
	int n;
};

/* Dies when the list does not fit: it is part of the program. */
void chain_read(struct chain *chain);

#endif
