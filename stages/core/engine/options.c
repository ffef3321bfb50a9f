/* options: see options.h. Uses argp without its messages: errors are reported as all errors are. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/memory.h"
#include "formats/money.h"
#include "formats/text.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/options.h"

#define COMMON 1000 /* keys of the common options begin here, those of r->options at 2000 */

#define FORMATS_TEXT 32
#define WORDS_TEXT   64
#define DOC_TEXT     800

enum { HOME = COMMON, CONFIG, DATE, NOW, WAIT, FORMAT, DRY_RUN, AS, NIGHT, USAGE };

static const struct argp_option common[] = {
    {"home", HOME, "DIR", 0, "data home (default: out/home in a checkout, else /var/lib/alanpay)", 90},
    {"config", CONFIG, "FILE", 0,
     "configuration of a test home (default: $ALANPAY_CONFIG, <home>/alanpay.ini, /etc/alanpay/alanpay.ini)",
     90},
    {"date", DATE, "YYYY-MM-DD", 0, "business date (default: today in Paris)", 90},
    {"now", NOW, "RFC3339", 0,
     "the time stored with decisions, in a test home (default: the start of the program)", 90},
    {"wait", WAIT, "SECONDS", 0, "seconds to wait while another process changes this home", 90},
    {"format", FORMAT, NULL, 0, "output format", 90},
    {"dry-run", DRY_RUN, NULL, 0, "do everything, but store and publish nothing", 90},
    {"quiet", 'q', NULL, 0, "print only warnings and errors", 90},
    {"verbose", 'v', NULL, 0, "print which home and which configuration are used", 90},
    {"as", AS, "NAME", 0, "act as this person; only in a test home", 90},
    {"night", NIGHT, "NUMBER", OPTION_HIDDEN, "the night of `alanpay run` that starts this stage", 90},
    {"help", 'h', NULL, 0, "print this help", 91},
    {"usage", USAGE, NULL, 0, "print the options only", 91},
    {"version", 'V', NULL, 0, "print the version", 91},
    {0},
};

static const char *const formats[] = {"table", "json", "jsonl", "csv"};

const char run_version[] = "Alan Pay recovery 0.1";

struct given {
	int option;
	const char *value;
};

struct parsing {
	struct run *r;
	const char **words;
	int most, n;
	const char *date, *now;
	const struct argp_option *options;
	int argc;
	char **argv;
};

/* A blank value is a mistake in the command, for example a variable that is not set: any result would mislead. */
static _Noreturn void
refuse_blank(const struct argp_option *options, int key)
{
	const struct argp_option *o;

	for (o = options; o->name != NULL && o->key != key; o++)
		;
	if (o->name != NULL)
		die(EXIT_USAGE, "--%s is empty: %s", o->name, o->doc);
	die(EXIT_USAGE, "an argument is empty");
}

/* Texts that are stored, printed or sent are UTF-8; a path may have any bytes. */
static void
require_utf8(const char *dashes, const char *name, const char *arg)
{
	if (!text_is_utf8(arg, strlen(arg)))
		die(EXIT_USAGE, "%s%s is not UTF-8", dashes, name);
}

/* The words are read after the options. If a needed option is missing, the word is probably its value. */
static _Noreturn void
refuse_word(const struct run *r, const char *word)
{
	int i;

	for (i = 0; r->options != NULL && r->options[i].name != NULL; i++)
		if (r->options[i].is_needed && r->option[i] == NULL)
			die(EXIT_USAGE, "unexpected argument `%s`: `--%s %s`?", word, r->options[i].name,
			    word);
	die(EXIT_USAGE, "unexpected argument `%s`", word);
}

static void
take_word(struct parsing *p, char *arg)
{
	struct run *r = p->r;
	int i;

	if (p->n < p->most) {
		p->words[p->n++] = arg;
		return;
	}
	for (i = 0; r->options != NULL && r->options[i].name != NULL; i++)
		if (r->options[i].is_word && (r->option[i] == NULL || r->options[i].is_repeatable)) {
			if (!r->options[i].is_path)
				require_utf8("", r->options[i].name, arg);
			r->option[i] = arg;
			if (r->options[i].is_repeatable)
				r->given[r->givens++] = (struct given){i, arg};
			return;
		}
	refuse_word(r, arg);
}

/* Whether `word` is one of the words of an argument, "rebuild|carry". */
static bool
is_alternative(const char *words, const char *word)
{
	size_t length, wanted = strlen(word);

	for (; *words != '\0'; words += length + (words[length] == '|')) {
		length = strcspn(words, "|");
		if (length == wanted && strncmp(words, word, length) == 0)
			return true;
	}
	return false;
}

/* arg: NULL for a flag. An own option may have the name of the common --as; words that are not its own are the person. */
static void
options_take_own(struct run *r, int i, char *arg)
{
	const struct option_spec *o = &r->options[i];

	if (strcmp(o->name, "as") == 0 && !is_alternative(o->arg, arg)) {
		require_utf8("--", "as", arg);
		r->as = arg;
		return;
	}
	if (arg != NULL && !o->is_path)
		require_utf8("--", o->name, arg);
	r->option[i] = arg == NULL ? "" : arg;
	if (o->is_repeatable)
		r->given[r->givens++] = (struct given){i, arg};
}

/* Returns how many options begin with these characters (1 when they are a whole name). *found: the last of them; *nearest: the
 * name that differs least. */
static int
find_option(const struct argp_option *o, const char *name, size_t length, const struct argp_option **found,
            const char **nearest)
{
	unsigned distance, least = ~0u;
	int n = 0;

	for (*nearest = ""; o->name != NULL; o++) {
		distance = text_distance(name, o->name);
		if (distance < least) {
			least = distance;
			*nearest = o->name;
		}
		if (strncmp(o->name, name, length) != 0)
			continue;
		*found = o;
		if (o->name[length] == '\0')
			return 1;
		n++;
	}
	return n;
}

bool
options_is_slip(const char *typed, const char *meant)
{
	return 3 * (size_t)text_distance(typed, meant) <= strlen(typed);
}

/* Dies with the reason for which argp stopped at this word. */
static void
refuse_option(const struct parsing *p, const char *word, bool is_last)
{
	const struct argp_option *o = NULL;
	char name[64];
	const char *nearest;
	size_t length;
	int n;

	if (strncmp(word, "--", 2) != 0)
		return;
	length = strcspn(word + 2, "=");
	snprintf(name, sizeof(name), "%.*s", (int)length, word + 2);
	n = find_option(p->options, name, length, &o, &nearest);
	if (n == 0 && options_is_slip(name, nearest))
		die(EXIT_USAGE, "unknown option --%s; the nearest is --%s", name, nearest);
	if (n == 0)
		die(EXIT_USAGE, "unknown option --%s: `--help` lists the options", name);
	if (n > 1)
		die(EXIT_USAGE, "--%s is the beginning of several options", name);
	if (o->arg == NULL && word[2 + length] == '=')
		die(EXIT_USAGE, "--%s takes no value", o->name);
	if (o->arg != NULL && is_last)
		die(EXIT_USAGE, "--%s needs a value: %s", o->name, o->arg);
}

/* Replaces the messages of argp. `next` is the word after the one where argp stopped or, in a bundle of short options, that
 * word itself. */
static _Noreturn void
options_refuse(const struct parsing *p, int next)
{
	if (next > 0)
		refuse_option(p, p->argv[next - 1], next == p->argc);
	die(EXIT_USAGE, "unknown option %s", p->argv[next < p->argc ? next : next - 1]);
}

static _Noreturn void
print_usage(const struct argp_state *state, unsigned how)
{
	argp_help(state->root_argp, stdout, how, state->name);
	exit(fflush(stdout) == 0 ? EXIT_DONE : EXIT_IO);
}

/* "table, json or jsonl", or "table|json|jsonl". */
static char *
print_formats(const struct run *r, const char *comma, const char *last, char text[static FORMATS_TEXT])
{
	unsigned prints = r->prints == 0 ? PRINTS_LIST : r->prints;
	int i, most = 3;

	while ((prints >> most & 1) == 0)
		most--;
	text[0] = '\0';
	for (i = 0; i <= most; i++)
		if ((prints >> i & 1) != 0)
			snprintf(text + strlen(text), FORMATS_TEXT - strlen(text), "%s%s",
			         text[0] == '\0' ? ""
			         : i == most     ? last
			                         : comma,
			         formats[i]);
	return text;
}

static void
take_format(struct run *r, const char *word)
{
	char text[FORMATS_TEXT];
	int i;

	for (i = 0; i < 4 && strcmp(word, formats[i]) != 0; i++)
		;
	if (i == 4 || (r->prints != 0 && (r->prints >> i & 1) == 0))
		die(EXIT_USAGE, "--format `%s` is not available here: use %s", word,
		    print_formats(r, ", ", " or ", text));
	r->format = (enum format)i;
	r->format_given = true;
}

static int64_t
take_number(const char *arg, int64_t least, int64_t most, const char *what)
{
	cents n;
	struct err e;

	if (money_parse_cents(arg, &n, &e) < 0 || n < least || n > most)
		die(EXIT_USAGE, "%s", what);
	return n;
}

static error_t
options_take(int key, char *arg, struct argp_state *state)
{
	struct parsing *p = state->input;
	struct run *r = p->r;

	if (text_is_blank(arg))
		refuse_blank(p->options, key);
	switch (key) {
	case HOME:
		r->home = arg;
		return 0;
	case CONFIG:
		r->config_option = arg;
		return 0;
	case DATE:
		p->date = arg;
		return 0;
	case NOW:
		p->now = arg;
		return 0;
	case WAIT:
		r->wait_s =
		    (long)take_number(arg, 0, 86400, "--wait requires a number of seconds from 0 to 86400");
		return 0;
	case FORMAT:
		take_format(r, arg);
		return 0;
	case DRY_RUN:
		r->dry_run = true;
		return 0;
	case 'q':
		r->quiet = true;
		return 0;
	case 'v':
		r->verbose = true;
		return 0;
	case AS:
		require_utf8("--", "as", arg);
		r->as = arg;
		return 0;
	case NIGHT:
		r->night = take_number(arg, 1, INT64_MAX, "--night requires the number of a night");
		return 0;
	case 'h':
		print_usage(state, ARGP_HELP_STD_HELP);
	case USAGE:
		print_usage(state, ARGP_HELP_USAGE);
	case 'V':
		printf("%s\n", run_version);
		exit(EXIT_DONE);
	case ARGP_KEY_ARG:
		take_word(p, arg);
		return 0;
	case ARGP_KEY_ERROR:
		options_refuse(p, state->next);
	default:
		if (key < 2000 || key >= 2000 + RUN_OPTIONS)
			return ARGP_ERR_UNKNOWN;
		options_take_own(r, key - 2000, arg);
		return 0;
	}
}

static void
check_options(struct run *r)
{
	int i;

	for (i = 0; r->options != NULL && r->options[i].name != NULL; i++) {
		if (r->options[i].is_needed && r->option[i] == NULL && r->options[i].is_word)
			die(EXIT_USAGE, "%s is required: %s", r->options[i].name, r->options[i].help);
		if (r->options[i].is_needed && r->option[i] == NULL)
			die(EXIT_USAGE, "--%s %s is required: %s", r->options[i].name, r->options[i].arg,
			    r->options[i].help);
		if (r->options[i].is_path && r->option[i] != NULL && strcmp(r->option[i], "-") != 0)
			r->option[i] = run_absolute(r->option[i], r->path[i]);
	}
}

/* No option can be given more often than there are words. */
static void
make_room_for_repeated(struct run *r, int argc)
{
	bool wanted = false;
	int i;

	for (i = 0; r->options != NULL && r->options[i].name != NULL; i++)
		wanted = wanted || r->options[i].is_repeatable;
	if (!wanted)
		return;
	r->given = memory_new((size_t)argc, sizeof(*r->given));
}

bool
options_want_json(int argc, char **argv)
{
	const char *format = "";
	int i;

	for (i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--format=", 9) == 0)
			format = argv[i] + 9;
		else if (strcmp(argv[i], "--format") == 0 && i + 1 < argc)
			format = argv[++i];
	}
	return strcmp(format, "json") == 0 || strcmp(format, "jsonl") == 0;
}

/* Options that do not concern a home, its configuration or dates. */
static bool
needs_no_home(int key)
{
	static const int keys[] = {HOME, NOW, FORMAT, 'q', 'h', USAGE, 'V'};
	size_t i;

	for (i = 0; i < LENGTH(keys); i++)
		if (keys[i] == key)
			return true;
	return false;
}

/* The arguments that are no options: as the usage names them, and what each is, below the purpose. */
static void
describe_words(const struct run *r, const char *purpose, char usage[static WORDS_TEXT],
               char doc[static DOC_TEXT])
{
	const struct option_spec *o;

	usage[0] = '\0';
	snprintf(doc, DOC_TEXT, "%s", purpose);
	for (o = r->options; o != NULL && o->name != NULL; o++)
		if (o->is_word) {
			snprintf(doc + strlen(doc), DOC_TEXT - strlen(doc), "%s%s: %s",
			         usage[0] == '\0' ? "\n\n" : "\n", o->name, o->help);
			snprintf(usage + strlen(usage), WORDS_TEXT - strlen(usage), "%s%s%s%s%s",
			         usage[0] == '\0' ? "" : " ", o->is_needed ? "" : "[", o->name,
			         o->is_repeatable ? "..." : "", o->is_needed ? "" : "]");
		}
}

void
options_parse(struct run *r, int argc, char **argv, const char *purpose, const char *words[], int most)
{
	struct argp_option options[RUN_OPTIONS + LENGTH(common)] = {0};
	struct parsing p = {
	    .r = r, .words = words, .most = most, .options = options, .argc = argc, .argv = argv};
	char taken[FORMATS_TEXT], usage[WORDS_TEXT], doc[DOC_TEXT];
	struct argp argp = {.options = options, .parser = options_take, .doc = doc};
	int i, n = 0;

	r->argc = argc;
	r->argv = argv;
	describe_words(r, purpose, usage, doc);
	argp.args_doc = usage[0] == '\0' ? NULL : usage;
	log_as_json(options_want_json(argc, argv));
	make_room_for_repeated(r, argc);
	for (i = 0; r->options != NULL && r->options[i].name != NULL; i++)
		if (!r->options[i].is_word)
			options[n++] = (struct argp_option){
			    r->options[i].name, 2000 + i, r->options[i].arg, 0, r->options[i].help, 1};
	for (i = 0; common[i].name != NULL; i++)
		if (r->access != ACCESS_NONE || needs_no_home(common[i].key)) {
			options[n++] = common[i];
			if (common[i].key == FORMAT)
				options[n - 1].arg = print_formats(r, "|", "|", taken);
		}
	argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, NULL, &p);
	log_open(r->program, r->quiet);
	log_as_json(r->format == FORMAT_JSON || r->format == FORMAT_JSONL);
	check_options(r);
	run_set_clock(r, p.date, p.now);
}

static int
option_index(const struct run *r, const char *name)
{
	int i;

	for (i = 0; r->options != NULL && r->options[i].name != NULL; i++)
		if (strcmp(r->options[i].name, name) == 0)
			return i;
	die(EXIT_BUG, "this program has no option --%s", name);
}

const char *
options_value(const struct run *r, const char *name)
{
	return r->option[option_index(r, name)];
}

const char *
options_values(const struct run *r, const char *name, int i)
{
	int option = option_index(r, name), at;

	for (at = 0; at < r->givens; at++)
		if (r->given[at].option == option && i-- == 0)
			return r->given[at].value;
	return NULL;
}
