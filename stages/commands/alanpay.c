/* alanpay: the git-style front end. Finds the command, hands the rest of the line to it; a stage is executed. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/length.h"
#include "formats/memory.h"
#include "formats/text.h"
#include "stages/commands/command.h"
#include "stages/core/engine/options.h"
#include "stages/core/home/home.h"

static const struct command *const groups[] = {init_commands,       night_commands,   status_commands,
                                               query_commands,      members_commands, requests_commands,
                                               recovery_commands,   swan_commands,    sepa_commands,
                                               exceptions_commands, support_commands, config_commands};

static char
fold(char c)
{
	return c == '_' ? '-' : c;
}

static bool
same_word(const char *a, const char *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (fold(a[i]) != fold(b[i]))
			return false;
	return b[n] == '\0';
}

/* How many leading words of argv the command's own words take; 0 when it is another. */
static int
matches(const struct command *c, int argc, char **argv)
{
	const char *word = c->words;
	int n = 0;

	while (*word != '\0') {
		size_t length = strcspn(word, " ");

		if (n >= argc || !same_word(word, argv[n], length))
			return 0;
		word += length + (word[length] == ' ');
		n++;
	}
	return n;
}

static const struct command *
find(int argc, char **argv, int *words)
{
	const struct command *c;
	size_t g;

	for (g = 0; g < LENGTH(groups); g++)
		for (c = groups[g]; c->words != NULL; c++)
			if ((*words = matches(c, argc, argv)) > 0)
				return c;
	return NULL;
}

static void
help(void)
{
	const struct command *c;
	size_t g;

	printf("usage: alanpay COMMAND [OPTION...]\n\n");
	for (g = 0; g < LENGTH(groups); g++) {
		for (c = groups[g]; c->words != NULL; c++)
			printf("  %-40s %s\n", c->words, c->purpose);
		printf("\n");
	}
	printf("`alanpay COMMAND --help` tells the options of one.\n");
}

/* Whether it is the first word of some commands. */
static bool
is_of_group(const struct command *c, const char *word)
{
	size_t n = strlen(word);

	return strncmp(c->words, word, n) == 0 && c->words[n] == ' ';
}

static bool
begins_some(const char *word)
{
	const struct command *c;
	size_t g;

	for (g = 0; g < LENGTH(groups); g++)
		for (c = groups[g]; c->words != NULL; c++)
			if (is_of_group(c, word))
				return true;
	return false;
}

static _Noreturn void
unknown(int argc, char **argv)
{
	const struct command *c, *best = groups[0];
	bool in_group = begins_some(argv[0]);
	unsigned distance, least = ~0u;
	char asked[128];
	size_t g;

	snprintf(asked, sizeof(asked), "%s%s%s", argv[0], argc > 1 && argv[1][0] != '-' ? " " : "",
	         argc > 1 && argv[1][0] != '-' ? argv[1] : "");
	for (g = 0; g < LENGTH(groups); g++)
		for (c = groups[g]; c->words != NULL; c++)
			if ((!in_group || is_of_group(c, argv[0])) &&
			    (distance = text_distance(asked, c->words)) < least) {
				least = distance;
				best = c;
			}
	die(EXIT_USAGE, "no command `%s`; the nearest is `%s` (`alanpay help` lists all)", asked,
	    best->words);
}

/* `alanpay sepa`: the commands of a group. */
static int
tell_group(int argc, char **argv)
{
	bool asked = argc > 2 && strcmp(argv[2], "--help") == 0;
	const struct command *c;
	size_t g;

	if (!asked && argc > 2 && argv[2][0] != '-')
		unknown(argc - 1, argv + 1);
	if (!asked && options_want_json(argc, argv))
		die(EXIT_USAGE, "`%s` begins several commands: `alanpay %s --help` lists them", argv[1],
		    argv[1]);
	for (g = 0; g < LENGTH(groups); g++)
		for (c = groups[g]; c->words != NULL; c++)
			if (is_of_group(c, argv[1]))
				printf("  %-40s %s\n", c->words, c->purpose);
	return asked ? EXIT_DONE : EXIT_USAGE;
}

#define STAGE_WORDS 8 /* before those that were typed */

/* alanpay-STAGE with its own options in front of the rest of the line. Its --help names what was typed. */
static _Noreturn void
exec_stage(const struct command *c, int argc, char **argv)
{
	const char *const by_name[] = {c->words, NULL};
	const char *const *stage = c->stage == NULL ? by_name : c->stage;
	const char **words = memory_new((size_t)argc + STAGE_WORDS, sizeof(*words));
	char path[PATH_MAX], name[80];
	int n = 0;

	snprintf(name, sizeof(name), "alanpay %s", c->words);
	snprintf(path, sizeof(path), "%s/alanpay-%s", run_program_folder(), stage[0]);
	words[n++] = name;
	for (; stage[n] != NULL; n++)
		words[n] = stage[n];
	memcpy(words + n, argv + 1, (size_t)(argc - 1) * sizeof(*words));
	execv(path, (char *const *)words); /* execv takes them as they are */
	die_errno(EXIT_CONFIG, "%s", path);
}

static int
act(const struct command *c, int argc, char **argv)
{
	char program[80];
	struct run r = {.program = program, .options = c->options, .access = c->access, .wait_s = 10};

	snprintf(program, sizeof(program), "alanpay %s", c->words);
	argv[0] = program;
	log_open(program, false);
	options_parse(&r, argc, argv, c->purpose, NULL, 0);
	home_open(&r);
	c->act(&r);
	home_close(&r);
	if (fflush(stdout) != 0)
		die_errno(EXIT_IO, "standard output");
	return r.held ? EXIT_HELD : EXIT_DONE;
}

int
main(int argc, char **argv)
{
	const struct command *c;
	int words = 0;

	log_open("alanpay", false);
	if (argc < 2 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0) {
		help();
		return argc < 2 ? EXIT_USAGE : EXIT_DONE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("%s\n", run_version);
		return EXIT_DONE;
	}
	log_as_json(options_want_json(argc, argv));
	c = find(argc - 1, argv + 1, &words);
	if (c == NULL && begins_some(argv[1]))
		return tell_group(argc, argv);
	if (c == NULL)
		unknown(argc - 1, argv + 1);
	if (c->act == NULL)
		exec_stage(c, argc - words, argv + words);
	return act(c, argc - words, argv + words);
}
