/* main: the main() of every stage: reads the options, opens home and store, keeps the journal, runs the stage, prints one summary
 * line, and ends with the exit status. */
#include <stdio.h>

#include "formats/json.h"
#include "formats/text.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/journal.h"
#include "stages/core/engine/options.h"
#include "stages/core/home/home.h"
#include "stages/core/home/publish.h"
#include "stages/core/lists/listing.h"
#include "stages/stage.h"

static void
end_journal(void *ctx, enum exit_status status, const char *message)
{
	journal_end(ctx, status, message);
}

static void
print_json(const struct run *r, enum exit_status status, const char *summary)
{
	struct sink *s = listing_stdout();
	struct json j = {.sink = s, .indent = r->format == FORMAT_JSON};
	char day[DATE_TEXT];

	json_open(&j, NULL, '{');
	json_put_text(&j, "stage", this_stage.name);
	json_put_text(&j, "date", date_print(day, r->on));
	json_put_bool(&j, "dry_run", run_is_rehearsal(r));
	json_put_int(&j, "exit_status", status);
	json_put_text(&j, "summary", summary);
	json_open(&j, "counters", '{');
	counter_put(&j, r->count);
	json_close(&j, '}');
	json_close(&j, '}');
	sink_text(s, r->format == FORMAT_JSON ? "" : "\n");
	listing_stdout_end(s);
}

static void
print_summary(const struct run *r, enum exit_status status, const char *summary)
{
	char day[DATE_TEXT];

	if (r->format == FORMAT_JSON || r->format == FORMAT_JSONL)
		print_json(r, status, summary);
	else
		printf("%-9s %s%s: %s\n", this_stage.name, date_print(day, r->on),
		       run_is_rehearsal(r) ? " (dry run)" : "", summary);
}

/* With --quiet only a summary that a person should look at is printed; a program reads the exit status. */
static bool
is_silent(const struct run *r, enum exit_status status)
{
	return r->quiet && (status == EXIT_DONE || r->format != FORMAT_TABLE);
}

int
main(int argc, char **argv)
{
	char program[64], summary[1024];
	struct run r = {.program = program,
	                .options = this_stage.options,
	                .access = ACCESS_CHANGES,
	                .prints = PRINTS_DOCUMENT};
	enum exit_status status;
	int64_t open;
	size_t n;

	snprintf(program, sizeof(program), "alanpay-%s", this_stage.name);
	log_open(program, false);
	options_parse(&r, argc, argv, this_stage.purpose, NULL, 0);
	home_open(&r);
	journal_begin(&r, this_stage.name);
	log_on_die(end_journal, &r);

	this_stage.run(&r);
	tx_require_closed(r.db);
	publish_place(&r);

	open = exception_count_open(&r);
	status = r.held ? EXIT_HELD : EXIT_DONE;
	n = counter_print_summary(r.count, summary, sizeof(summary));
	if (open > 0)
		snprintf(summary + n, sizeof(summary) - n, "; %lld open exception%s in all", (long long)open,
		         text_plural(open));
	journal_end(&r, status, summary);
	log_on_die(NULL, NULL);
	if (!is_silent(&r, status))
		print_summary(&r, status, summary);
	home_close(&r);
	return (int)status;
}
