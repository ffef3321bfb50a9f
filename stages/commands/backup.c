/* alanpay backup, alanpay restore: a copy of the database that is known to be whole, and the way back from it to the newest state.
 *
 * A restored database lacks what was committed since: without it the next night would write a second file of the same debits.
 * The release log has it (core/home/releaselog.h, redo.h). Nothing is asked of Swan and nothing is sent.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/json.h"
#include "formats/length.h"
#include "formats/text.h"
#include "stages/commands/chain.h"
#include "stages/commands/command.h"
#include "stages/commands/start.h"
#include "stages/core/engine/journal.h"
#include "stages/core/engine/options.h"
#include "stages/core/engine/storefile.h"
#include "stages/core/home/durable.h"
#include "stages/core/home/home.h"
#include "stages/core/home/homecopy.h"
#include "stages/core/home/redo.h"
#include "stages/core/home/releaselog.h"
#include "stages/core/lists/listing.h"

/* backup --------------------------------------------------------------------------------------------------- */

struct backup {
	const char *path;
	char work[PATH_MAX], manifest[PATH_MAX]; /* work: the file until it is checked */
	struct storefile_place place;
	struct file_digest bytes;
	int64_t schema;
	unsigned char line[SHA256_SIZE]; /* of the log, the last one that the copy has */
	bool is_in_log;
};

static void
choose_names(struct backup *b)
{
	char folder[PATH_SIZE];

	if (snprintf(b->work, sizeof(b->work), "%s.part", b->path) >= PATH_SIZE ||
	    snprintf(b->manifest, sizeof(b->manifest), "%s.manifest.json", b->path) >= PATH_SIZE)
		die(EXIT_USAGE, "%s: path too long", b->path);
	if (access(b->path, F_OK) == 0 || access(b->manifest, F_OK) == 0)
		die(EXIT_OVERWRITE, "%s exists: a backup is never written over: choose a new name", b->path);
	durable_folder_of(b->path, folder);
	if (access(folder, W_OK) < 0)
		die_errno(EXIT_IO, "%s", folder);
	durable_remove(b->work);
}

static void
find_line(const struct logline *line, const unsigned char digest[SHA256_SIZE], void *ctx)
{
	struct backup *b = ctx;

	if (line->act.number != b->place.number || memcmp(line->act.after, b->place.after, SHA256_SIZE) != 0)
		return;
	memcpy(b->line, digest, SHA256_SIZE);
	b->is_in_log = true;
}

static void
report_broken(void *ctx, const char *problem)
{
	const struct backup *b = ctx;

	die(EXIT_BUG, "%s is not intact: %s: it is no backup", b->work, problem);
}

/* A night may be running: a line comes a moment after its commit. */
static void
check_copy(struct run *r, struct backup *b)
{
	struct store *copy = store_open_old(b->work, STORE_READS);
	int tries = 100;

	b->schema = store_version(copy);
	store_check(copy, report_broken, b);
	store_close(copy);
	if (!storefile_place(b->work, false, &b->place))
		report_broken(b, "it cannot be read");
	while (b->place.number > 0 && !b->is_in_log && tries-- > 0) {
		(void)releaselog_read(r, find_line, b);
		if (!b->is_in_log)
			run_pause(50);
	}
	if (b->place.number > 0 && !b->is_in_log)
		die(EXIT_CONFIG, "%s does not have line %lld: the copy is no backup: `%s`",
		    releaselog_path(r), (long long)b->place.number, run_command(r, "status"));
}

static void
remove_beside(const struct backup *b)
{
	static const char *const ends[] = {"-wal", "-shm"};
	char path[PATH_SIZE];
	size_t i;

	for (i = 0; i < LENGTH(ends); i++)
		if (snprintf(path, sizeof(path), "%s%s", b->work, ends[i]) < PATH_SIZE)
			durable_remove(path);
}

static void
put_manifest(struct json *j, const struct run *r, const struct backup *b)
{
	char text[SHA256_TEXT], id[9], at[INSTANT_TEXT];

	snprintf(id, sizeof(id), "%08x", b->place.store_id);
	json_open(j, NULL, '{');
	json_put_text(j, "file", strrchr(b->path, '/') + 1);
	json_put_text(j, "store_id", id);
	json_put_text(j, "made_at", instant_print(at, r->now));
	json_put_text(j, "version", run_version);
	json_put_int(j, "schema_version", b->schema);
	json_put_int(j, "size", b->bytes.size);
	json_put_text(j, "sha256", sha256_print(text, b->bytes.sha256));
	json_put_int(j, "log_line", b->place.number);
	json_put_text(j, "log_sha256", sha256_print(text, b->line));
	json_close(j, '}');
}

static int
write_file(void *ctx, const void *bytes, size_t n)
{
	return durable_write(*(int *)ctx, bytes, n);
}

static void
write_manifest(const struct run *r, const struct backup *b)
{
	int fd = open(b->manifest, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct json j = {.indent = true};

	if (fd < 0)
		die_errno(EXIT_IO, "%s", b->manifest);
	j.sink = sink_new(write_file, &fd);
	put_manifest(&j, r, b);
	if (sink_end(j.sink, NULL, NULL) < 0)
		die_errno(EXIT_IO, "%s: cannot be written", b->manifest);
	durable_sync(fd, b->manifest);
	close(fd);
}

static void
backup(struct run *r)
{
	struct backup b = {.path = options_value(r, "out")};
	struct json j = {.indent = r->format == FORMAT_JSON};

	r->access = ACCESS_READS;
	home_open_old(r); /* also before a migration */
	if (!releaselog_agrees(r))
		die(EXIT_CONFIG,
		    "the database is not the newest one: a backup of it would be one of a backup: `%s`",
		    run_command(r, "restore"));
	choose_names(&b);
	storefile_copy("state/alanpay.db", true, b.work);
	check_copy(r, &b);
	remove_beside(&b);
	if (!durable_digest(b.work, b.bytes.sha256, &b.bytes.size))
		die_errno(EXIT_IO, "%s", b.work);
	write_manifest(r, &b);
	durable_link(b.work, b.path);
	durable_remove(b.work);
	durable_sync_folder_of(b.path);
	if (r->format == FORMAT_TABLE) {
		printf("%s: %lld bytes, checked, up to line %lld of the release log\n", b.path,
		       (long long)b.bytes.size, (long long)b.place.number);
		return;
	}
	j.sink = listing_stdout();
	put_manifest(&j, r, &b);
	sink_text(j.sink, r->format == FORMAT_JSONL ? "\n" : "");
	listing_stdout_end(j.sink);
}

/* restore -------------------------------------------------------------------------------------------------- */

#define RESTORED "state/.restore.db" /* until it takes the place of the database */

/* The acts that finance or the bank can have seen. */
static const struct {
	const char *kind, *state;
} at_the_bank[] = {
    {"release", "released"},
    {"upload", "uploaded"},
    {"statement", "stated as not at the bank by one person"},
    {"withdrawal", "withdrawn"},
};

static const char *
state_at_the_bank(const struct intent *act)
{
	size_t i;

	for (i = 0; i < LENGTH(at_the_bank); i++)
		if (strcmp(act->kind, at_the_bank[i].kind) == 0)
			return at_the_bank[i].state;
	return NULL;
}

static bool
is_last_of_file(const struct redo *redo, size_t i)
{
	size_t k;

	for (k = i + 1; k < redo->n; k++)
		if (strcmp(redo->acts[k].what, redo->acts[i].what) == 0 &&
		    state_at_the_bank(&redo->acts[k]) != NULL)
			return false;
	return true;
}

static void
print_acts(const struct redo *redo)
{
	size_t i;

	for (i = 0; i < redo->n; i++)
		printf("  %-10s %s%s%s\n", redo->acts[i].kind, redo->acts[i].what,
		       redo->acts[i].detail[0] == '\0' ? "" : ": ", redo->acts[i].detail);
}

static void
print_bank(const struct redo *redo)
{
	const char *state;
	bool is_first = true;
	size_t i;

	for (i = 0; i < redo->n; i++) {
		state = state_at_the_bank(&redo->acts[i]);
		if (state == NULL || !is_last_of_file(redo, i))
			continue;
		if (is_first)
			puts("check that the bank lists these files, each once:");
		is_first = false;
		printf("  %s: %s, %s\n", redo->acts[i].what, state, redo->acts[i].detail);
	}
}

static void
put_act(struct json *j, const struct intent *act, const char *state)
{
	char hex[SHA256_TEXT];

	json_open(j, NULL, '{');
	json_put_text(j, state == NULL ? "kind" : "state", state == NULL ? act->kind : state);
	json_put_text(j, "what", act->what);
	json_put_text(j, "detail", act->detail);
	json_put_text(j, "sha256", act->has_sha256 ? sha256_print(hex, act->sha256) : NULL);
	json_close(j, '}');
}

static void
put_restored(struct json *j, const struct redo *redo, bool is_rehearsal, int audit)
{
	size_t i;

	json_open(j, NULL, '{');
	json_put_bool(j, "dry_run", is_rehearsal);
	json_put_int(j, "from_line", redo->from);
	json_put_int(j, "to_line", redo->to);
	json_put_int(j, "audit_exit_status", audit);
	json_open(j, "put_back", '[');
	for (i = 0; i < redo->n; i++)
		put_act(j, &redo->acts[i], NULL);
	json_close(j, ']');
	json_open(j, "check_at_the_bank", '[');
	for (i = 0; i < redo->n; i++)
		if (state_at_the_bank(&redo->acts[i]) != NULL && is_last_of_file(redo, i))
			put_act(j, &redo->acts[i], state_at_the_bank(&redo->acts[i]));
	json_close(j, ']');
	json_close(j, '}');
}

static void
print_restored(const struct run *r, const struct redo *redo, bool is_rehearsal, int audit)
{
	struct json j = {.indent = r->format == FORMAT_JSON};

	if (r->format != FORMAT_TABLE) {
		j.sink = listing_stdout();
		put_restored(&j, redo, is_rehearsal, audit);
		sink_text(j.sink, r->format == FORMAT_JSONL ? "\n" : "");
		listing_stdout_end(j.sink);
		return;
	}
	if (redo->from == redo->to)
		printf("the database is up to date: line %lld of the release log\n", (long long)redo->to);
	else
		printf("the database was at line %lld of the release log and is at line %lld now%s\n",
		       (long long)redo->from, (long long)redo->to, redo->n == 0 ? "" : "; put back:");
	print_acts(redo);
	print_bank(redo);
	if (is_rehearsal)
		puts(DRY_RUN_NOTE);
	fflush(stdout);
}

static const char *const whole_audit[] = {"--full", NULL};

/* The audit of a copy of the home that has the database. */
static int
rehearse(struct run *r)
{
	char copy[PATH_MAX], config[PATH_MAX];
	const char *home = r->home, *config_path = r->config_path;
	int status;

	homecopy_make(r, RESTORED, copy);
	home_close(r);
	r->home = copy;
	r->config_path = run_absolute(r->config_path, config);
	r->dry_run = false;
	status = start_stage(r, "audit", whole_audit);
	homecopy_remove();
	r->home = home;
	r->config_path = config_path;
	return status;
}

static void
reopen(struct run *r)
{
	home_close(r);
	r->access = ACCESS_CHANGES;
	home_open(r);
}

/* The database takes its place, and the home is opened as at every start: that completes what an interrupted run left. */
static int
replace(struct run *r, const struct redo *redo)
{
	int status;

	redo_replace(RESTORED);
	home_close(r);
	r->access = ACCESS_CHANGES;
	home_open(r);
	tx_begin(r->db);
	journal_restored(r, redo->from, redo->to);
	tx_commit(r->db);
	home_close(r);
	r->dry_run = true; /* an audit that stores nothing: the books are those that were lost */
	status = start_stage(r, "audit", whole_audit);
	r->dry_run = false;
	return status;
}

static void
restore(struct run *r)
{
	bool is_rehearsal = r->dry_run;
	struct redo redo;
	int audit = EXIT_DONE;

	if (chain_is_going())
		die(EXIT_BUSY, "`alanpay run` is running: try again when it has ended");
	(void)run_actor(r); /* dies before anything is done when the person is not known */
	redo_plan(r, &redo);
	if (redo.from < redo.to || !redo.has_own_wal) {
		redo_build(r, &redo, RESTORED);
		audit = is_rehearsal ? rehearse(r) : replace(r, &redo);
		if (is_rehearsal)
			redo_discard(RESTORED);
	} else {
		reopen(r); /* dies when the log was restored, too */
	}
	print_restored(r, &redo, is_rehearsal, audit);
	redo_free(&redo);
	if (audit != EXIT_DONE && audit != EXIT_HELD)
		die((enum exit_status)audit, "the audit of the restored books ended with %d: `%s`", audit,
		    run_command(r, "audit --full"));
}

/* ---------------------------------------------------------------------------------------------------------- */

static const struct option_spec backup_options[] = {
    {.name = "out",
     .arg = "FILE",
     .help = "the new file; FILE.manifest.json is made beside it",
     .is_path = true,
     .is_needed = true},
    {0},
};

const struct command backup_commands[] = {
    {"backup", "copy the database, checked, to a file", ACCESS_LATER, backup_options, backup, NULL},
    {"restore", "bring a restored database up to date", ACCESS_LOCKS, NULL, restore, NULL},
    {0},
};
