/* alanpay fixture: homes from fixtures, stages run alone, fixtures from homes. A program of its own, for it renders bank files. */
#include <stdio.h>

#include "stages/commands/capture.h"
#include "stages/commands/program.h"
#include "stages/commands/rerun.h"
#include "stages/core/engine/options.h"

static void
load(struct run *r)
{
	struct recipe c;
	char whole[PATH_MAX], day[DATE_TEXT], now[INSTANT_TEXT];
	int i;

	if (r->home == NULL)
		die(EXIT_USAGE, "--home is missing: name a home that does not exist yet");
	recipe_read(options_value(r, "folder"), &c);
	r->home = run_absolute(r->home, whole);
	rerun_load(&c, r->home);
	rerun_drop_inputs(&c);
	printf(
	    "%s is a home in the state that %s needs; next run it:\n    alanpay %s --home %s --date %s --now %s",
	    r->home, c.stage, c.stage, r->home, date_print(day, c.on), instant_print(now, c.now));
	for (i = 0; c.word[i] != NULL; i++)
		printf(" %s", c.word[i]);
	printf("\n");
}

static const struct option_spec load_options[] = {
    {.name = "folder",
     .arg = "DIR",
     .help = "the fixture",
     .is_path = true,
     .is_needed = true,
     .is_word = true},
    {0},
};

static const struct option_spec run_options[] = {
    {.name = "folder",
     .arg = "DIR",
     .help = "the fixture",
     .is_path = true,
     .is_needed = true,
     .is_word = true},
    {.name = "keep", .help = "leave the home, and say where it is"},
    {.name = "accept", .help = "write what changed to expected/, instead of comparing"},
    {0},
};

static const struct option_spec capture_options[] = {
    {.name = "out", .arg = "DIR", .help = "the fixture to make", .is_path = true, .is_needed = true},
    {.name = "stage", .arg = "NAME", .help = "the stage to run from it (default: audit)"},
    {.name = "profile",
     .arg = "APP/USER",
     .help = "only this member; may be repeated (default: all)",
     .is_repeatable = true},
    {.name = "session", .arg = "ID|CODE", .help = "only the members of this session; it stays whole"},
    {.name = "anonymize", .help = "replace what says who somebody is by something made up that is as valid"},
    {.name = "shift-days",
     .arg = "N",
     .help =
         "with --anonymize: add so many days to each day and instant (365 keeps most months as they are)"},
    {.name = "swan", .arg = "DIR", .help = "recorded pages of Swan, for import", .is_path = true},
    {0},
};

const struct command program_commands[] = {FIXTURE_COMMANDS(PROGRAM_ROW){0}};
