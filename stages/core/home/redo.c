/* redo: see redo.h. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/memory.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/storefile.h"
#include "stages/core/home/durable.h"
#include "stages/core/home/pages.h"
#include "stages/core/home/publication.h"
#include "stages/core/home/redo.h"
#include "stages/core/home/releaselog.h"

#define DATABASE "state/alanpay.db"

/* Before a line is reached that the database has too, lines are only counted. */
struct reading {
	struct redo *redo;
	struct storefile_place place;
	char store[9];
	const char *log, *path; /* of the database that is made */
	int fd;
	struct pages_at written; /* lines of one commit have the same pages */
};

static void
collect(const struct logline *line, const unsigned char digest[SHA256_SIZE], void *ctx)
{
	struct reading *g = ctx;
	struct redo *redo = g->redo;

	(void)digest;
	if (line->act.number == 1 && strcmp(line->act.what, g->store) != 0)
		die(EXIT_CONFIG,
		    "state/alanpay.db is of the store %s, and the release log of %s: put a backup of this home in its"
		    " place",
		    g->store, line->act.what);
	if (line->act.number == redo->from &&
	    memcmp(line->act.after, g->place.after, sizeof(g->place.after)) != 0)
		die(EXIT_CONFIG,
		    "state/alanpay.db has another line %lld than the release log: put a backup of this home in its"
		    " place",
		    (long long)redo->from);
	if (line->act.number <= redo->from || strcmp(line->act.kind, "change") == 0)
		return;
	redo->acts = memory_resize(redo->acts, redo->n + 1, sizeof(*redo->acts));
	redo->acts[redo->n++] = line->act;
}

/* It was archived, or its run was killed before it had its name. */
static bool
is_kept(const struct intent *input)
{
	char temp[PATH_SIZE];

	publication_temp_of(input->what, temp);
	return durable_has_digest(input->what, input->sha256) || durable_has_digest(temp, input->sha256);
}

static void
require_inputs(const struct run *r, const struct redo *redo)
{
	char hex[SHA256_TEXT];
	size_t i, missing = 0;

	for (i = 0; i < redo->n; i++) {
		if (strcmp(redo->acts[i].kind, "input") != 0 || is_kept(&redo->acts[i]))
			continue;
		missing++;
		warn("%s/%s is missing, or has not the SHA-256 %s: put it there", r->home, redo->acts[i].what,
		     sha256_print(hex, redo->acts[i].sha256));
	}
	if (missing > 0)
		die(EXIT_CONFIG,
		    "%zu of the inputs since the backup are missing: bring them back from a backup of the home, then run"
		    " `%s`",
		    missing, run_command(r, "restore"));
}

void
redo_plan(struct run *r, struct redo *redo)
{
	struct reading g = {.redo = redo};

	*redo = (struct redo){.has_own_wal = releaselog_owns_wal(r)};
	if (!storefile_place(DATABASE, redo->has_own_wal, &g.place))
		die(EXIT_CONFIG,
		    "%s/state/alanpay.db cannot be read: put a backup in its place, then run `%s`", r->home,
		    run_command(r, "restore"));
	snprintf(g.store, sizeof(g.store), "%08x", g.place.store_id);
	redo->from = g.place.number;
	redo->to = releaselog_read(r, collect, &g);
	if (redo->to == 0)
		die(EXIT_CONFIG, "%s is missing or empty: bring it back from its own backup",
		    releaselog_path(r));
	if (redo->from > redo->to) /* interrupted before its line: the next start appends it */
		redo->from = redo->to;
	require_inputs(r, redo);
}

static void
apply(const struct logline *line, const unsigned char digest[SHA256_SIZE], void *ctx)
{
	struct reading *g = ctx;
	const struct pages_at *at = &line->pages;

	(void)digest;
	if (line->act.number <= g->redo->from)
		return;
	if (at->is_lost)
		die(EXIT_CONFIG,
		    "the change of line %lld was not kept: put a backup in place that was made after it",
		    (long long)line->act.number);
	if (at->file[0] == '\0' ||
	    (strcmp(at->file, g->written.file) == 0 && at->offset == g->written.offset))
		return;
	pages_apply(g->log, at, g->fd, g->path);
	g->written = *at;
}

void
redo_discard(const char *path)
{
	char beside[PATH_SIZE];
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(beside, sizeof(beside), "%s%s", path, ends[i]);
		durable_remove(beside);
	}
}

static void
report(void *ctx, const char *problem)
{
	(void)ctx;
	die(EXIT_CONFIG,
	    "the database with all changes is not intact (%s): the backup is not a copy of this home's database: put another"
	    " one in place",
	    problem);
}

static void
check(const struct redo *redo, const char *path)
{
	struct storefile_place place;
	struct store *s;

	if (!storefile_place(path, true, &place) || place.number != redo->to)
		report(NULL, "it does not end with the last line");
	s = store_open_old(path, STORE_READS);
	store_check(s, report, NULL);
	store_close(s);
}

void
redo_build(struct run *r, const struct redo *redo, const char *path)
{
	struct reading g = {.redo = (struct redo *)redo, .log = releaselog_path(r), .path = path, .fd = -1};

	redo_discard(path);
	storefile_copy(DATABASE, redo->has_own_wal, path);
	g.fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (g.fd < 0)
		die_errno(EXIT_IO, "%s", path);
	(void)releaselog_read(r, apply, &g);
	durable_sync(g.fd, path);
	close(g.fd);
	check(redo, path);
}

void
redo_replace(const char *path)
{
	durable_rename(path, DATABASE);
	durable_remove(DATABASE "-wal");
	redo_discard(path);
	durable_remove(DATABASE "-shm");
	durable_sync_folder_of(DATABASE);
}

void
redo_free(struct redo *redo)
{
	free(redo->acts);
	*redo = (struct redo){.acts = NULL};
}
