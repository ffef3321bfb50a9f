/* main: the one main() of every stage: options, lock, store, journal, the stage, one summary line, exit status. */
#include <stdio.h>

#include "stages/core/checkpoint.h"
#include "stages/core/exception.h"
#include "stages/core/publish.h"
#include "stages/stage.h"

static void
tell_journal(void *ctx, enum exit_status status, const char *message)
{
	checkpoint_end(ctx, status, message);
}

int
main(int argc, char **argv)
{
	char program[64], summary[1024], day[DATE_TEXT];
	struct run r = {.program = program, .options = this_stage.options, .access = ACCESS_CHANGES};
	enum exit_status status;
	int64_t open;
	size_t n;

	snprintf(program, sizeof(program), "alanpay-%s", this_stage.name);
	log_open(program, false);
	run_parse(&r, argc, argv, this_stage.purpose, NULL, 0);
	run_open(&r);
	checkpoint_begin(&r, this_stage.name);
	log_on_die(tell_journal, &r);

	this_stage.run(&r);
	publish_place(&r);

	open = exception_count_open(&r);
	status = r.held ? EXIT_HELD : EXIT_DONE;
	n = run_summary(&r, summary, sizeof(summary));
	if (open > 0)
		snprintf(summary + n, sizeof(summary) - n, "; %lld held in all", (long long)open);
	checkpoint_end(&r, status, summary);
	log_on_die(NULL, NULL);
	if (!r.quiet || status != EXIT_DONE)
		printf("%-9s %s%s: %s\n", this_stage.name, date_print(day, r.on),
		       r.dry_run ? " (dry run)" : "", summary);
	run_close(&r);
	return (int)status;
}
