/* alanpay acts: what persons did: who, when, what and why. */
#include "stages/commands/command.h"
#include "stages/core/lists/acts.h"

static date
day_option(struct run *r, const char *name)
{
	const char *text = options_value(r, name);
	date on = DATE_NONE;
	struct err e;

	if (text != NULL && date_parse(text, &on, &e) < 0)
		die(EXIT_USAGE, "--%s: %s", name, e.message);
	return on;
}

static void
acts(struct run *r)
{
	struct acts_filter f = {.since = day_option(r, "since"),
	                        .until = day_option(r, "until"),
	                        .person = options_value(r, "person"),
	                        .with_restores = true};

	if (f.since != DATE_NONE && f.until != DATE_NONE && f.since > f.until)
		die(EXIT_USAGE, "--since is after --until: no day is between them");
	listing_print(r, &acts_listing, acts_query(r, &f));
}

static const struct option_spec options[] = {
    {.name = "since", .arg = "DAY", .help = "only acts from this day on, in Paris"},
    {.name = "until", .arg = "DAY", .help = "only acts until this day, which is included"},
    {.name = "person", .arg = "NAME", .help = "only acts of this person"},
    {0},
};

const struct command acts_commands[] = {
    {"acts", "list what persons did, and why", ACCESS_READS, options, acts, NULL},
    {0},
};
