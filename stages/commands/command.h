/* command: the commands of `alanpay`, as tables. alanpay.c reads them for dispatch and help. */
#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

#include <sys/types.h>

#include "stages/core/engine/log.h"
#include "stages/core/engine/options.h"

struct command {
	const char *words;   /* "sepa approve"; '-' and '_' are the same */
	const char *purpose; /* for help: one line, imperative, at most 41 characters */
	enum access access;
	const struct option_spec *options;
	void (*act)(struct run *r); /* NULL: the command is a stage, a program of its own */
	/* Name and options of the stage, ended by NULL; NULL: `words` is its name. A name alone: the program of program.h. */
	const char *const *stage;
};

/* One array for each file of this folder; ended by NULL words. */
extern const struct command init_commands[], settings_commands[], night_commands[], query_commands[],
    recovery_commands[], exceptions_commands[], resolve_commands[], status_commands[], members_commands[],
    requests_commands[], explain_commands[], sync_commands[], backup_commands[], acts_commands[],
    migrate_commands[];

/* The formats that a command prints, PRINTS_... of run.h. */
unsigned command_prints(const struct command *c);
/* Parses argv, opens the home, acts, closes it; argv[0] becomes the name of the command. Returns the exit status. */
int command_act(const struct command *c, int argc, char **argv);

/* The folders that init makes below the home, ended by a NULL path. A group shares those behind a door. */
enum init_door {
	INIT_NO_DOOR,
	INIT_REQUESTS_DOOR,
	INIT_BANK_DOOR,
	INIT_FINANCE_DOOR,
	INIT_READERS_DOOR,
	INIT_NOTIFICATIONS_DOOR,
	INIT_RECEIPTS_DOOR,
	INIT_DOORS
};

struct init_folder {
	const char *path;
	mode_t mode;
	enum init_door door;
};

extern const struct init_folder init_folders[];
/* Makes them in the working directory, closed to others. */
void init_make_folders(void);

#endif
