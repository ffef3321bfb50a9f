/* alanpay run: the stages of schedules/nightly for a date, missed dates first; and each stage by its name.
 *
 * It holds state/run.lock for the whole night. Each stage takes the lock of the home itself, so that a person's command may
 * run between two stages, but never during one. A stage that is done for the date is not started again: this is how an
 * interrupted night resumes. Exit statuses 69 (service unavailable), 74 (I/O) and 75 (busy) are tried again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "formats/json.h"
#include "stages/commands/advice.h"
#include "stages/commands/chain.h"
#include "stages/commands/command.h"
#include "stages/commands/start.h"
#include "stages/core/engine/journal.h"
#include "stages/core/engine/options.h"
#include "stages/core/home/home.h"
#include "stages/core/home/homecopy.h"
#include "stages/core/home/publish.h"
#include "stages/core/lists/listing.h"
#include "stages/core/swan/window.h"

#define TRIES 3

static _Noreturn void
die_unknown_stage(const struct chain *chain, const char *name)
{
	char stages[CHAIN_STAGES * (CHAIN_NAME + 2)] = "";
	int i;

	for (i = 0; i < chain->n; i++)
		snprintf(stages + strlen(stages), sizeof(stages) - strlen(stages), "%s%s", i == 0 ? "" : ", ",
		         chain->name[i]);
	die(EXIT_USAGE, "`%s` is not a stage: %s", name, stages);
}

static int
position(const struct chain *chain, const char *name, int absent)
{
	int i;

	if (name == NULL)
		return absent;
	for (i = 0; i < chain->n; i++)
		if (strcmp(chain->name[i], name) == 0)
			return i;
	die_unknown_stage(chain, name);
}

static void
hold_run_lock(void)
{
	int tries = 20, fd = open("state/run.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		die_errno(EXIT_IO, "state/run.lock");
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) { /* `status` looks at it for an instant */
		if (tries-- == 0)
			die(EXIT_BUSY, "another `alanpay run` is running: try again later");
		run_pause(50);
	}
}

static date
first_night(struct run *r)
{
	date done = value_date(sql(r->db, "SELECT max(business_on) FROM night WHERE state = 'done'"));
	date begun = value_date(sql(r->db, "SELECT min(business_on) FROM night"));

	if (done != DATE_NONE)
		return done < r->on ? done + 1 : r->on;
	return begun != DATE_NONE && begun < r->on ? begun : r->on;
}

static int
run_stage(const struct run *r, const char *stage)
{
	const char *fixtures = strcmp(stage, "import") == 0 ? options_value(r, "fixtures") : NULL;
	const char *const more[] = {fixtures == NULL ? NULL : "--fixtures", fixtures, NULL};
	int64_t pause = 2000;
	int status = 0, try;

	for (try = 1; try <= TRIES; try++) {
		status = start_stage(r, stage, more);
		if (status != EXIT_UNAVAILABLE && status != EXIT_IO && status != EXIT_BUSY)
			break;
		if (try < TRIES) {
			info("%s ended with %d: next try in %lld s", stage, status, (long long)pause / 1000);
			run_pause(pause);
			pause *= 5;
		}
	}
	return status;
}

static bool
is_well(int status)
{
	return status == EXIT_DONE || status == EXIT_HELD;
}

/* A person may have imported a half only. */
static bool
is_done(struct run *r, const char *stage)
{
	return is_well(journal_last(r, stage, r->on)) && (strcmp(stage, "import") != 0 || window_is_done(r));
}

static void
write_night_results(struct sink *s, void *ctx)
{
	struct run *r = ctx;
	struct json j = {.sink = s, .indent = true};
	char day[DATE_TEXT];
	struct stmt *q =
	    sql(r->db, "SELECT stage, state, exit_status, message, counters FROM stage_run s"
	               " WHERE business_on = $on AND number ="
	               "  (SELECT max(number) FROM stage_run t"
	               "   WHERE t.stage = s.stage AND t.business_on = $on AND t.state <> 'refused')"
	               " ORDER BY number");

	json_open(&j, NULL, '{');
	json_put_text(&j, "date", date_print(day, r->on));
	json_open(&j, "stages", '[');
	bind_date(q, "$on", r->on);
	while (row(q)) {
		json_open(&j, NULL, '{');
		json_put_text(&j, "stage", col_text(q, 0));
		json_put_text(&j, "state", col_text(q, 1));
		json_put_int(&j, "exit_status", col_int_or(q, 2, -1));
		json_put_text(&j, "summary", col_text(q, 3));
		json_put_raw(&j, "counters", col_null(q, 4) ? "{}" : col_text(q, 4));
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
}

/* How a night ended. */
struct night {
	date on;
	int status;                        /* the worst exit status of its stages */
	int started;                       /* number of stages */
	const char *at;                    /* stage at which it stopped; NULL: it went to its end */
	int64_t files_before, files_after; /* the newest bank file of each */
};

static const struct column file_columns[] = {
    {.name = "msg_id", .head = "file"},
    {.name = "kind"},
    {.name = "count", .type = COLUMN_COUNT},
    {.name = "sum_in_cents", .type = COLUMN_CENTS, .head = "total EUR"},
    {.name = "requested_collection_date", .type = COLUMN_DAY, .head = "due on"},
    {0},
};

/* What a rehearsed night would write for the bank. */
static const struct listing files = {
    .name = "bank files of run",
    .columns = file_columns,
    .text = SQL(
	"SELECT msg_id, kind, collections AS count, sum_in_cents, collect_on AS requested_collection_date"
	" FROM bank_file"
	" WHERE number > $before AND number <= $after"
	" ORDER BY number"),
};

static int64_t
newest_file(struct run *r)
{
	return value(sql(r->db, "SELECT coalesce(max(number), 0) FROM bank_file"), 0);
}

static struct stmt *
query_files(struct run *r, const struct night *night)
{
	struct stmt *q = listing_query(r, &files);

	bind_int(q, "$before", night->files_before);
	bind_int(q, "$after", night->files_after);
	return q;
}

static void
print_night(struct run *r, const struct night *night, const char *until)
{
	const char *rehearsed = r->copy_of == NULL ? "" : " (dry run)";
	char day[DATE_TEXT];

	if (r->quiet && night->status == EXIT_DONE)
		return;
	if (r->copy_of != NULL && night->files_after > night->files_before)
		listing_print(r, &files, query_files(r, night));
	date_print(day, night->on);
	printf("run       %s%s: ", day, rehearsed);
	if (night->at != NULL)
		printf("stopped at %s, exit %d; %s: %s\n", night->at, night->status,
		       chain_remedy(night->status), run_command(r, "run --date %s", day));
	else if (night->started == 0)
		printf("done already up to %s; to run it again: %s\n", until,
		       run_command(r, "run --from intake --date %s", day));
	else if (night->status == EXIT_HELD)
		printf("done; a person should look: %s\n", run_command(r, "status"));
	else
		printf("done\n");
}

static void
put_night(struct json *j, struct run *r, const struct night *night)
{
	char day[DATE_TEXT];

	json_open(j, NULL, '{');
	json_put_text(j, "date", date_print(day, night->on));
	json_put_bool(j, "dry_run", r->copy_of != NULL);
	json_put_int(j, "exit_status", night->status);
	json_put_int(j, "stages_started", night->started);
	json_put_text(j, "stopped_at", night->at);
	listing_put_array(j, "bank_files", r, &files, query_files(r, night));
	json_close(j, '}');
}

static void
print_nights(struct run *r, const struct night nights[], int n)
{
	struct sink *s;
	int i;

	if (r->format != FORMAT_JSON && r->format != FORMAT_JSONL)
		return; /* each was printed when it ended */
	s = listing_stdout();
	if (r->format == FORMAT_JSON) {
		struct json j = {.sink = s, .indent = true};

		json_open(&j, NULL, '[');
		for (i = 0; i < n; i++)
			put_night(&j, r, &nights[i]);
		json_close(&j, ']');
	}
	for (i = 0; i < n && r->format == FORMAT_JSONL; i++) {
		struct json j = {.sink = s};

		put_night(&j, r, &nights[i]);
		sink_text(s, "\n");
	}
	listing_stdout_end(s);
}

/* Each stage is done, whichever of them this run was asked for. */
static bool
is_whole(struct run *r, const struct chain *chain)
{
	int i;

	for (i = 0; i < chain->n; i++)
		if (!is_done(r, chain->name[i]))
			return false;
	return true;
}

/* The night of r->on. The home is closed while stages run. */
static struct night
run_night(struct run *r, const struct chain *chain, int from, int until, bool again)
{
	struct night night = {.on = r->on};
	bool skip[CHAIN_STAGES] = {0}, resuming = !again;
	char path[PATH_SIZE], day[DATE_TEXT];
	int i, status;

	r->night = journal_begin_night(r);
	night.files_before = newest_file(r);
	for (i = 0; i < chain->n; i++) {
		resuming = resuming &&
		           is_done(r, chain->name[i]); /* what follows a stage that runs must run as well */
		skip[i] = i < from || i > until || resuming;
	}
	home_close(r);
	for (i = 0; i < chain->n && is_well(night.status); i++) {
		if (skip[i])
			continue;
		night.started++;
		status = run_stage(r, chain->name[i]);
		if (status != EXIT_DONE)
			night.status = status;
		if (!is_well(status))
			night.at = chain->name[i];
	}
	home_open(r);
	night.files_after = newest_file(r);
	journal_end_night(r, r->night, (enum exit_status)night.status, is_whole(r, chain));
	snprintf(path, sizeof(path), "out/%s/run_results.json", date_print(day, r->on));
	publish_view(r, path, write_night_results, r);
	if (r->format == FORMAT_TABLE || r->format == FORMAT_CSV)
		print_night(r, &night, chain->name[until]);
	return night;
}

/* What the options select: stages of the chain, from one to another. */
struct part {
	int from, until;
	bool is_given; /* of this night alone, even if it is done */
};

static struct part
find_part(const struct run *r, const struct chain *chain)
{
	const char *from = options_value(r, "from"), *until = options_value(r, "until"),
		   *only = options_value(r, "only");
	struct part part;

	if (only != NULL && (from != NULL || until != NULL))
		die(EXIT_USAGE, "--only names one stage: leave out --from and --until");
	part.from = position(chain, only == NULL ? from : only, 0);
	part.until = position(chain, only == NULL ? until : only, chain->n - 1);
	part.is_given = from != NULL || only != NULL;
	if (part.until < part.from)
		die(EXIT_USAGE, "--until %s comes before --from %s", chain->name[part.until],
		    chain->name[part.from]);
	return part;
}

static void
warn_of_skipped(struct run *r)
{
	char first[DATE_TEXT], last[DATE_TEXT];
	struct advice_nights skipped = advice_missing(r);

	if (skipped.n == 0)
		return;
	date_print(first, skipped.first);
	date_print(last, skipped.last);
	if (skipped.n == 1)
		warn("the night of %s is not finished, and this run skips it", first);
	else
		warn("%d nights from %s to %s are not finished, and this run skips them", skipped.n, first,
		     last);
}

static _Noreturn void
die_of_missing(struct run *r, int n, int missing)
{
	char day[DATE_TEXT];

	date_print(day, r->on);
	fflush(stdout);
	die(EXIT_BUSY, "%d nights were run, and %d up to %s %s still missing: run the next ones: `%s`", n,
	    missing, day, missing == 1 ? "is" : "are",
	    run_command(r, r->clock_given ? "run --date %s" : "run", day));
}

static void
run(struct run *r)
{
	struct chain chain;
	struct part part;
	struct night nights[CHAIN_NIGHTS];
	int n = 0, worst = EXIT_DONE;
	date wanted = r->on, first, last;
	char doubt[ADVICE_CLOCK];

	chain_read(&chain);
	part = find_part(r, &chain);
	if (r->copy_of == NULL && advice_doubts_clock(r, doubt))
		warn("%s", doubt);
	if (r->copy_of == NULL && part.is_given)
		warn_of_skipped(r);
	if (r->dry_run)
		start_rehearsal(r);
	hold_run_lock();
	homecopy_clear();
	first = part.is_given ? r->on : first_night(r);
	last = wanted - first < CHAIN_NIGHTS ? wanted : first + CHAIN_NIGHTS - 1;
	for (r->on = first; r->on <= last && is_well(worst); r->on++) {
		nights[n] = run_night(r, &chain, part.from, part.until, part.is_given);
		if (nights[n++].status != EXIT_DONE)
			worst = nights[n - 1].status;
	}
	r->on = wanted;
	print_nights(r, nights, n);
	if (is_well(worst) && last < wanted)
		die_of_missing(r, n, wanted - last);
	if (worst != EXIT_DONE) {
		home_close(r);
		fflush(stdout);
		exit(worst);
	}
}

static const struct option_spec options[] = {
    {.name = "from", .arg = "STAGE", .help = "begin with this stage, even if it is done"},
    {.name = "until", .arg = "STAGE", .help = "end with this stage"},
    {.name = "only", .arg = "STAGE", .help = "run this stage alone, even if it is done"},
    {.name = "fixtures", .arg = "DIR", .help = "import recorded pages of Swan from there", .is_path = true},
    {0},
};

const struct command night_commands[] = {
    {"run", "run the night, missed nights first", ACCESS_CHANGES, options, run, NULL},
    {"intake", "stage: apply the files of inbox/requests", ACCESS_CHANGES, NULL, NULL, NULL},
    {"reconcile", "stage: apply the bank's reports", ACCESS_CHANGES, NULL, NULL, NULL},
    {"import", "stage: fetch the data of Swan as CSV", ACCESS_CHANGES, NULL, NULL, NULL},
    {"post", "stage: post payments from the CSV", ACCESS_CHANGES, NULL, NULL, NULL},
    {"debts", "stage: build debts, freeze sessions", ACCESS_CHANGES, NULL, NULL, NULL},
    {"collect", "stage: write pain.008 and pain.001 files", ACCESS_CHANGES, NULL, NULL, NULL},
    {"notify", "stage: write push notifications", ACCESS_CHANGES, NULL, NULL, NULL},
    {"export", "stage: write CSV for other components", ACCESS_CHANGES, NULL, NULL, NULL},
    {"audit", "stage: check the books", ACCESS_CHANGES, NULL, NULL, NULL},
    {0},
};
