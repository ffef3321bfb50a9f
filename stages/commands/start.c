/* start: see start.h. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/length.h"
#include "stages/commands/chain.h"
#include "stages/commands/start.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/options.h"
#include "stages/core/home/home.h"
#include "stages/core/home/homecopy.h"

#define MOST_WORDS 64

/* The command line of a stage, or of a command. */
struct line {
	char path[PATH_MAX], name[64], day[DATE_TEXT], now[INSTANT_TEXT], night[24], format[24];
	const char *argv[MOST_WORDS];
	int n;
};

/* The stage prints its result itself, or leaves that to the caller and prints only its errors. */
enum result { OF_STAGE, OF_CALLER };

static void
add(struct line *l, const char *word)
{
	if (l->n == MOST_WORDS - 1)
		die(EXIT_BUG, "%s: more than %d words", l->name, MOST_WORDS);
	l->argv[l->n++] = word;
	l->argv[l->n] = NULL;
}

static void
add_all(struct line *l, const char *const words[])
{
	while (*words != NULL)
		add(l, *words++);
}

static void
add_result(struct line *l, const struct run *r, enum result result)
{
	static const char *const names[] = {
	    [FORMAT_TABLE] = "table", [FORMAT_JSON] = "json", [FORMAT_JSONL] = "jsonl", [FORMAT_CSV] = "csv"};

	if (r->quiet || (result == OF_CALLER && r->format != FORMAT_TABLE))
		add(l, "--quiet");
	if (result == OF_STAGE && r->format != FORMAT_TABLE) {
		snprintf(l->format, sizeof(l->format), "--format=%s", names[r->format]);
		add(l, l->format);
	}
	if (result == OF_CALLER && (r->format == FORMAT_JSON || r->format == FORMAT_JSONL))
		add(l, "--format=jsonl");
}

/* The options that every program has, as this run has them. */
static void
add_common(struct line *l, const struct run *r, enum result result)
{
	const char *const common[] = {"--home", r->home, "--date", date_print(l->day, r->on),
	                              "--wait", "60",    NULL};

	add_all(l, common);
	if (r->now_given) {
		add(l, "--now");
		add(l, instant_print(l->now, r->now));
	}
	if (r->config_option != NULL) {
		add(l, "--config");
		add(l, r->config_option);
	}
	if (r->as != NULL) {
		add(l, "--as");
		add(l, r->as);
	}
	if (r->dry_run)
		add(l, "--dry-run");
	if (r->night != 0) {
		snprintf(l->night, sizeof(l->night), "%lld", (long long)r->night);
		add(l, "--night");
		add(l, l->night);
	}
	add_result(l, r, result);
	fflush(stdout);
}

static void
fill_line(struct line *l, const struct run *r, const char *stage, const char *const more[],
          enum result result)
{
	l->n = 0;
	snprintf(l->name, sizeof(l->name), "alanpay-%s", stage);
	snprintf(l->path, sizeof(l->path), "%s/%s", run_program_folder(), l->name);
	add(l, l->name);
	add_common(l, r, result);
	add_all(l, more);
}

_Noreturn void
start_instead(const struct run *r, const char *stage, const char *const more[])
{
	struct line l;

	fill_line(&l, r, stage, more, OF_STAGE);
	execv(l.path, (char *const *)l.argv);
	die_errno(EXIT_CONFIG, "%s", l.path);
}

int
start_stage(const struct run *r, const char *stage, const char *const more[])
{
	struct line l;

	fill_line(&l, r, stage, more, OF_CALLER);
	return run_program(l.path, l.argv);
}

/* The options of this command, as they were given. */
static void
add_own(struct line *l, const struct run *r)
{
	static char name[RUN_OPTIONS][48];
	int i;

	for (i = 0; r->options != NULL && r->options[i].name != NULL; i++) {
		if (r->option[i] == NULL)
			continue;
		snprintf(name[i], sizeof(name[i]), "--%s", r->options[i].name);
		add(l, name[i]);
		if (r->options[i].arg != NULL)
			add(l, r->option[i]);
	}
}

_Noreturn void
start_rehearsal(struct run *r)
{
	char words[128], copy[PATH_MAX], *word, *rest;
	struct line l = {.name = "alanpay"};
	int status;

	if (chain_is_going())
		die(EXIT_BUSY, "`alanpay run` is running: try again when it has ended");
	if (r->access != ACCESS_CHANGES) { /* the lock is wanted: nobody changes what is copied */
		home_close(r);
		r->access = ACCESS_CHANGES;
		home_open(r);
	}
	homecopy_make(r, "state/alanpay.db", copy);
	home_close(r);
	r->home = copy;
	r->dry_run = false;
	snprintf(l.path, sizeof(l.path), "%s/alanpay", run_program_folder());
	snprintf(words, sizeof(words), "%s", r->program); /* "alanpay recovery run_session" */
	for (word = strtok_r(words, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
		add(&l, word);
	add_common(&l, r, OF_STAGE);
	add_own(&l, r);
	status = run_program(l.path, l.argv);
	homecopy_remove();
	if (r->format == FORMAT_TABLE && !r->quiet)
		puts(DRY_RUN_NOTE);
	fflush(stdout);
	exit(status);
}
