/* command: what `alanpay` can do. One table (alanpay.c) feeds dispatch and help; each command opens a run of its own. */
#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

#include <sys/types.h>

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
extern const struct command init_commands[], settings_commands[], night_commands[], query_commands[],
    recovery_commands[], swan_commands[], sepa_commands[], exceptions_commands[], status_commands[],
    members_commands[], requests_commands[];

/* What init makes below the home, ended by a NULL path. A mode with S_ISGID is of a folder that a group shares. */
enum init_door { INIT_NO_DOOR, INIT_INBOX_DOOR, INIT_FINANCE_DOOR };

struct init_folder {
	const char *path;
	mode_t mode;
	enum init_door door;
};

extern const struct init_folder init_folders[];

#endif
