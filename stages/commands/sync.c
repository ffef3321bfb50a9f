/* alanpay swan sync_transactions, sync_payment_supports: what is new at Swan, up to a minute ago, in the books and to the members.
 *
 * Each starts three stages: import (its half of it), post and notify, as the night does. What they did the night finds done. With
 * --csv-only, or in a dry run, import alone: post and notify read what it stored.
 */
#include <stdio.h>
#include <stdlib.h>

#include "formats/json.h"
#include "formats/length.h"
#include "stages/commands/chain.h"
#include "stages/commands/command.h"
#include "stages/commands/start.h"
#include "stages/core/engine/options.h"
#include "stages/core/home/home.h"
#include "stages/core/lists/listing.h"
#include "stages/core/swan/client.h"

static bool
is_well(int status)
{
	return status == EXIT_DONE || status == EXIT_HELD;
}

/* The latest run of a stage on this date, as the night's results have it. */
static void
put_stage(struct json *j, struct run *r, const char *stage)
{
	struct stmt *q = sql(r->db,
	    "SELECT exit_status, message, counters"
	    " FROM stage_run"
	    " WHERE stage = $stage AND business_on = $on AND state <> 'refused'"
	    " ORDER BY number DESC LIMIT 1");

	bind_text(q, "$stage", stage);
	bind_date(q, "$on", r->on);
	if (!row(q))
		return;
	json_open(j, NULL, '{');
	json_put_text(j, "stage", stage);
	json_put_int(j, "exit_status", col_int_or(q, 0, -1));
	json_put_text(j, "summary", col_text(q, 1));
	json_put_raw(j, "counters", col_null(q, 2) ? "{}" : col_text(q, 2));
	json_close(j, '}');
	reset(q);
}

static const char *const stages[] = {"import", "post", "notify"};

/* In the other formats each stage prints its line. */
static void
print_stages(struct run *r, size_t started, int status)
{
	struct sink *s;
	struct json j;
	char day[DATE_TEXT];
	size_t i;

	if (r->format != FORMAT_JSON && r->format != FORMAT_JSONL)
		return;
	s = listing_stdout();
	j = (struct json){.sink = s, .indent = r->format == FORMAT_JSON};
	json_open(&j, NULL, '{');
	json_put_text(&j, "date", date_print(day, r->on));
	json_put_int(&j, "exit_status", status);
	json_open(&j, "stages", '[');
	for (i = 0; i < started; i++)
		put_stage(&j, r, stages[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	sink_text(s, r->format == FORMAT_JSON ? "" : "\n");
	listing_stdout_end(s);
}

/* The home is closed while stages run. */
static void
sync_half(struct run *r, const char *half)
{
	const char *recorded = options_value(r, "fixtures"), *keep = options_value(r, "record");
	const char *more[] = {"--only", half, NULL, NULL, NULL};
	static const char *const none[] = {NULL};
	int status, worst = EXIT_DONE;
	size_t i;

	if (recorded != NULL && keep != NULL)
		die(EXIT_USAGE,
		    "--record stores Swan's answers and --fixtures does not ask Swan: give one of them");
	if (chain_is_going())
		die(EXIT_BUSY,
		    "`alanpay run` is running, and imports, posts and notifies itself: try again later");
	if (recorded != NULL || keep != NULL) {
		more[2] = recorded != NULL ? "--fixtures" : "--record";
		more[3] = recorded != NULL ? recorded : keep;
	}
	home_close(r);
	if (r->dry_run || options_value(r, "csv-only") != NULL)
		start_instead(r, stages[0], more);
	for (i = 0; i < LENGTH(stages) && is_well(worst); i++) {
		status = start_stage(r, stages[i], i == 0 ? more : none);
		if (status != EXIT_DONE)
			worst = status;
	}
	home_open(r);
	print_stages(r, i, worst);
	if (worst == EXIT_DONE)
		return;
	home_close(r);
	fflush(stdout);
	exit(worst);
}

static void
sync_transactions(struct run *r)
{
	sync_half(r, "transactions");
}

static void
sync_payment_supports(struct run *r)
{
	sync_half(r, "payment_supports");
}

static const struct option_spec options[] = {
    {.name = "csv-only", .help = "write the CSV file alone: the next post reads it"},
    CLIENT_OPTIONS,
    {0},
};

const struct command sync_commands[] = {
    {"swan sync_transactions", "import, post and notify transactions", ACCESS_CHANGES, options,
     sync_transactions, NULL},
    {"swan sync_payment_supports", "import, post and notify cards", ACCESS_CHANGES, options,
     sync_payment_supports, NULL},
    {0},
};
