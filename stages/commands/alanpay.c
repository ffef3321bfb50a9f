/* alanpay: the front end. Finds the command that the first words name, and calls it with the rest of the line; a stage is a
 * program of its own. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/json.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/text.h"
#include "stages/commands/command.h"
#include "stages/commands/program.h"
#include "stages/core/engine/options.h"
#include "stages/core/home/home.h"
#include "stages/core/lists/listing.h"

static const char *const sepa_program[] = {"sepa", NULL}, *const swan_program[] = {"swan", NULL},
			 *const users_program[] = {"users", NULL},
			 *const fixture_program[] = {"fixture", NULL}, *const push_program[] = {"push", NULL};

#define SEPA_ROW(words, purpose, access, options, act) {words, purpose, access, NULL, NULL, sepa_program},
#define SWAN_ROW(words, purpose, access, options, act) {words, purpose, access, NULL, NULL, swan_program},

#define USERS_ROW(words, purpose, access, options, act) {words, purpose, access, NULL, NULL, users_program},

static const struct command sepa_commands[] = {SEPA_COMMANDS(SEPA_ROW){0}};
static const struct command swan_commands[] = {
    SWAN_COMMANDS(SWAN_ROW){0},
};

#define FIXTURE_ROW(words, purpose, access, options, act) \
	{words, purpose, access, NULL, NULL, fixture_program},

static const struct command fixture_commands[] = {FIXTURE_COMMANDS(FIXTURE_ROW){0}};
static const struct command users_commands[] = {USERS_COMMANDS(USERS_ROW){0}};

#define PUSH_ROW(words, purpose, access, options, act) {words, purpose, access, NULL, NULL, push_program},

static const struct command push_commands[] = {PUSH_COMMANDS(PUSH_ROW){0}};

/* In the order of help, which groups commands by their reader. */
static const struct group {
	const char *reader;
	const struct command *commands;
} groups[] = {
    {"operator", night_commands},         {"operator", status_commands},
    {"operator", exceptions_commands},    {"operator", resolve_commands},
    {"operator", explain_commands},       {"operator", acts_commands},
    {"operator", sync_commands},          {"operator", swan_commands},
    {"operator", backup_commands},        {"operator", migrate_commands},
    {"operator", init_commands},          {"operator", settings_commands},
    {"finance", sepa_commands},           {"finance", recovery_commands},
    {"other components", query_commands}, {"other components", members_commands},
    {"other components", users_commands}, {"other components", requests_commands},
    {"other components", push_commands},  {"engineers", fixture_commands},
};

/* The command after c, the first one after NULL, in the order of help; *group moves with it. NULL after the last. */
static const struct command *
next_command(const struct command *c, size_t *group)
{
	if (c == NULL)
		*group = 0;
	c = c == NULL ? groups[0].commands : c + 1;
	while (c->words == NULL) {
		if (++*group == LENGTH(groups))
			return NULL;
		c = groups[*group].commands;
	}
	return c;
}

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

/* The number of words of argv that name this command; 0 when they name another. */
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
	const struct command *c = NULL;
	size_t g;

	while ((c = next_command(c, &g)) != NULL)
		if ((*words = matches(c, argc, argv)) > 0)
			return c;
	return NULL;
}

/* Help ------------------------------------------------------------------------------------------------- */

#define NAME_WIDTH 36 /* of names in help; a longer name stands on a line of its own */

static void
print_line(const struct command *c)
{
	if (strlen(c->words) > NAME_WIDTH)
		printf("  %s\n  %-*s %s\n", c->words, NAME_WIDTH, "", c->purpose);
	else
		printf("  %-*s %s\n", NAME_WIDTH, c->words, c->purpose);
}

static void
print_help(void)
{
	const struct command *c = NULL;
	const char *reader = "";
	size_t g, before = 0;

	printf("usage: alanpay COMMAND [OPTION...]\n");
	while ((c = next_command(c, &g)) != NULL) {
		if (strcmp(reader, groups[g].reader) != 0)
			printf("\nfor %s%s\n", strcmp(groups[g].reader, "operator") == 0 ? "the " : "",
			       groups[g].reader);
		else if (g != before)
			printf("\n");
		reader = groups[g].reader;
		before = g;
		print_line(c);
	}
	printf("\n`alanpay COMMAND --help` lists the options of one command.\n");
}

static void
put_command(struct json *j, const char *reader, const struct command *c)
{
	static const char *const formats[] = {"table", "json", "jsonl", "csv"};
	size_t i;

	json_open(j, NULL, '{');
	json_put_text(j, "command", c->words);
	json_put_text(j, "reader", reader);
	json_put_text(j, "purpose", c->purpose);
	json_open(j, "formats", '[');
	for (i = 0; i < LENGTH(formats); i++)
		if ((command_prints(c) >> i & 1) != 0)
			json_put_text(j, NULL, formats[i]);
	json_close(j, ']');
	json_close(j, '}');
}

static void
print_commands(enum format format)
{
	struct sink *s = listing_stdout();
	struct json j = {.sink = s, .indent = format == FORMAT_JSON};
	const struct command *c = NULL;
	size_t g;

	if (format == FORMAT_JSON)
		json_open(&j, NULL, '[');
	while ((c = next_command(c, &g)) != NULL) {
		if (format == FORMAT_JSONL)
			j = (struct json){.sink = s};
		put_command(&j, groups[g].reader, c);
		if (format == FORMAT_JSONL)
			sink_text(s, "\n");
	}
	if (format == FORMAT_JSON)
		json_close(&j, ']');
	listing_stdout_end(s);
}

static void
help(int argc, char **argv)
{
	struct run r = {.program = "alanpay help", .access = ACCESS_NONE, .prints = PRINTS_DOCUMENT};

	options_parse(&r, argc, argv, "list the commands", NULL, 0);
	if (r.format == FORMAT_TABLE)
		print_help();
	else
		print_commands(r.format);
}

/* Unknown commands ------------------------------------------------------------------------------------- */

/* Whether the word is the first one of this command, and others follow it. */
static bool
is_of_group(const struct command *c, const char *word)
{
	size_t n = strlen(word);

	return strncmp(c->words, word, n) == 0 && c->words[n] == ' ';
}

static bool
begins_some(const char *word)
{
	const struct command *c = NULL;
	size_t g;

	while ((c = next_command(c, &g)) != NULL)
		if (is_of_group(c, word))
			return true;
	return false;
}

#define WORDS_TEXT 128

/* Joins words with `-`, and makes every separator a `-`: `sepa_list` means `sepa list`. */
static char *
join(char text[static WORDS_TEXT], const char *a, const char *b)
{
	char *c;

	snprintf(text, WORDS_TEXT, "%s%s%s", a, b[0] == '\0' ? "" : "-", b);
	for (c = text; *c != '\0'; c++)
		if (*c == ' ' || *c == '_')
			*c = '-';
	return text;
}

/* Compares without the words at the beginning that are equal: they do not make a wrong word nearer. */
static bool
is_slip(const char *asked, const char *words)
{
	size_t i, same = 0;

	for (i = 0; asked[i] != '\0' && asked[i] == words[i]; i++)
		if (asked[i] == '-')
			same = i + 1;
	return options_is_slip(asked + same, words + same);
}

/* The nearest command, or first word of commands; "" when none is near. */
static void
find_meant(const char *asked, char meant[static WORDS_TEXT])
{
	const struct command *c = NULL;
	unsigned distance, least = ~0u;
	char words[2][WORDS_TEXT], joined[WORDS_TEXT];
	size_t g, i;

	meant[0] = '\0';
	while ((c = next_command(c, &g)) != NULL) {
		snprintf(words[0], WORDS_TEXT, "%s", c->words);
		snprintf(words[1], WORDS_TEXT, "%.*s", (int)strcspn(c->words, " "), c->words);
		for (i = 0; i < 2; i++) {
			distance = text_distance(asked, join(joined, words[i], ""));
			if (distance < least && is_slip(asked, joined)) {
				least = distance;
				memcpy(meant, words[i], WORDS_TEXT);
			}
		}
	}
}

static _Noreturn void
refuse_unknown(int argc, char **argv)
{
	const char *second = argc > 1 && argv[1][0] != '-' ? argv[1] : "";
	char asked[WORDS_TEXT], meant[WORDS_TEXT];

	find_meant(join(asked, argv[0], second), meant);
	if (meant[0] == '\0' && !begins_some(argv[0]))
		find_meant(join(asked, argv[0], ""), meant);
	snprintf(asked, sizeof(asked), "%s%s%s", argv[0], second[0] == '\0' ? "" : " ", second);
	if (meant[0] != '\0')
		die(EXIT_USAGE, "no command `%s`: did you mean `%s`?", asked, meant);
	if (begins_some(argv[0]))
		die(EXIT_USAGE, "no command `%s`: `alanpay %s --help` lists the commands of `%s`", asked,
		    argv[0], argv[0]);
	die(EXIT_USAGE, "no command `%s`: `alanpay help` lists all commands", asked);
}

static bool
is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* `alanpay sepa`: the commands of a group. */
static int
print_group(int argc, char **argv)
{
	bool asked = argc > 2 && is_help(argv[2]);
	const struct command *c = NULL;
	size_t g;

	if (!asked && argc > 2 && argv[2][0] != '-')
		refuse_unknown(argc - 1, argv + 1);
	if (!asked && options_want_json(argc, argv))
		die(EXIT_USAGE, "`%s` begins several commands: `alanpay %s --help` lists them", argv[1],
		    argv[1]);
	while ((c = next_command(c, &g)) != NULL)
		if (is_of_group(c, argv[1]))
			print_line(c);
	return asked ? EXIT_DONE : EXIT_USAGE;
}

/* Calling ---------------------------------------------------------------------------------------------- */

#define STAGE_WORDS 8 /* before those that were typed */

/* The program alanpay-NAME that does it, with the options of the command before those that were typed. Its --help names
 * the command. */
static _Noreturn void
exec_program(const struct command *c, int argc, char **argv)
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
begin(int argc, char **argv)
{
	const struct command *c;
	int words = 0;

	log_as_json(options_want_json(argc, argv));
	c = find(argc - 1, argv + 1, &words);
	if (c == NULL && begins_some(argv[1]))
		return print_group(argc, argv);
	if (c == NULL)
		refuse_unknown(argc - 1, argv + 1);
	if (c->act == NULL)
		exec_program(c, argc - words, argv + words);
	return command_act(c, argc - words, argv + words);
}

/* `alanpay help WORDS...` is `alanpay WORDS... --help`. */
static int
help_with(int argc, char **argv)
{
	static char option[] = "--help";
	int i;

	for (i = 1; i < argc - 1; i++)
		argv[i] = argv[i + 1];
	argv[argc - 1] = option;
	return begin(argc, argv);
}

int
main(int argc, char **argv)
{
	log_open("alanpay", false);
	if (argc < 2) {
		print_help();
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		printf("%s\n", run_version);
		return EXIT_DONE;
	}
	if (strcmp(argv[1], "help") != 0 && !is_help(argv[1]))
		return begin(argc, argv);
	if (argc > 2 && argv[2][0] != '-')
		return help_with(argc, argv);
	help(argc - 1, argv + 1);
	return EXIT_DONE;
}
