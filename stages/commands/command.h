/* command: what `alanpay` can do. One table (alanpay.c) feeds dispatch and help; each command opens a run of its own. */
#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

#include "stages/core/engine/log.h"
#include "stages/core/engine/options.h"

struct command {
	const char *words;   /* "sepa approve"; '-' and '_' are the same */
	const char *purpose; /* one line */
	enum access access;
	const struct option_spec *options;
	void (*act)(struct run *r); /* NULL: a stage is executed */
	const char *const *stage;   /* its name and options, ended by NULL; NULL: the words are its name */
};

/* Ended by a NULL word; one array for each file of this folder. */
extern const struct command init_commands[], config_commands[], night_commands[], query_commands[],
    recovery_commands[], swan_commands[], sepa_commands[], exceptions_commands[], status_commands[],
    support_commands[], members_commands[], requests_commands[];

#endif
