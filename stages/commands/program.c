/* program: the main() of a program that has commands of its own (program.h). `alanpay` executes it under the name of the
 * command: argv[0] is "alanpay sepa list".
 */
#include <string.h>

#include "stages/commands/program.h"

int
main(int argc, char **argv)
{
	static const char front[] = "alanpay ";
	const struct command *c;

	log_open("alanpay", false);
	for (c = program_commands; argc > 0 && c->words != NULL; c++)
		if (strncmp(argv[0], front, strlen(front)) == 0 &&
		    strcmp(argv[0] + strlen(front), c->words) == 0)
			return command_act(c, argc, argv);
	die(EXIT_USAGE, "this program is part of another one: `alanpay help` lists the commands");
}
