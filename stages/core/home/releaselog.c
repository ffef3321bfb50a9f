/* releaselog: see releaselog.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/memory.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/fault.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/storefile.h"
#include "stages/core/home/durable.h"
#include "stages/core/home/pages.h"
#include "stages/core/home/releaselog.h"

#define DATABASE    "state/alanpay.db"
#define MOST_FRAMES 1000 /* the write-ahead log is copied into the database from this size on */

struct releaselog {
	struct run *run;
	const char *path;
	int fd;                            /* -1: the log is missing */
	struct logline last;               /* the last whole line; number 0: none */
	unsigned char digest[SHA256_SIZE]; /* of it, for the next line */
	off_t end;                         /* of it; what follows is half a line */
	int64_t synced;                    /* the last line that survives a loss of power */
	struct pages pages;
	bool is_doubtful; /* a reader was warned: no more is compared */
	bool writes;
	bool lacks_pages; /* those of a commit that an interrupted run left without a line */
};

const char *
releaselog_path(const struct run *r)
{
	const char *given = config_text(r->config, RELEASE_LOG);

	if (given[0] != '\0')
		return given;
	return strcmp(r->home, "/var/lib/alanpay") == 0 ? "/var/log/alanpay/released.log"
	                                                : "state/released.log";
}

/* A reader goes on. */
static void __attribute__((format(printf, 2, 3))) complain(struct releaselog *l, const char *fmt, ...)
{
	char message[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	if (l->run->access != ACCESS_READS)
		die(EXIT_CONFIG, "%s", message);
	warn("%s", message);
	l->is_doubtful = true;
}

/* Reading ------------------------------------------------------------------------------------------------------- */

static void
check_rights(struct releaselog *l)
{
	struct stat st, home;

	if (fstat(l->fd, &st) < 0 || stat(".", &home) < 0)
		die_errno(EXIT_IO, "%s", l->path);
	if (!S_ISREG(st.st_mode))
		complain(l, "%s is not a file: correct `log` in [release]", l->path);
	else if (st.st_uid != home.st_uid)
		complain(l, "%s: the owner of the home must own it: `sudo chown --reference=%s %s`", l->path,
		         l->run->home, l->path);
	else if ((st.st_mode & 022) != 0)
		complain(l, "%s: mode %03o, others can write it: `chmod 600 %s`", l->path,
		         (unsigned)(st.st_mode & 0777), l->path);
}

static void
open_log(struct releaselog *l, int flags)
{
	l->fd = open(l->path, flags | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (l->fd < 0 && errno != ENOENT) {
		complain(l, "%s: %s: correct its rights, or `log` in [release]", l->path, strerror(errno));
		return;
	}
	if (l->fd >= 0)
		check_rights(l);
}

/* Of these bytes, the last that end in a line break; NULL: there is no such line. */
static const char *
last_line(const char *text, size_t n, size_t *length, size_t *end)
{
	size_t begin;

	while (n > 0 && text[n - 1] != '\n')
		n--;
	*end = n;
	if (n == 0)
		return NULL;
	for (begin = n - 1; begin > 0 && text[begin - 1] != '\n'; begin--)
		;
	*length = n - 1 - begin;
	return text + begin;
}

static void
read_end(struct releaselog *l)
{
	char text[2 * LOGLINE_SIZE];
	struct err e = {0};
	struct stat st;
	const char *line;
	size_t length, end;
	off_t from;
	ssize_t n;

	if (fstat(l->fd, &st) < 0)
		die_errno(EXIT_IO, "%s", l->path);
	from = st.st_size > (off_t)sizeof(text) ? st.st_size - (off_t)sizeof(text) : 0;
	n = pread(l->fd, text, sizeof(text), from);
	if (n < 0)
		die_errno(EXIT_IO, "%s", l->path);
	line = last_line(text, (size_t)n, &length, &end);
	l->end = from + (off_t)end;
	if (line == NULL)
		return;
	if (logline_read(line, length, &l->last, &e) < 0) {
		complain(l, "%s: its last line is not valid (%s): bring it back from its own backup", l->path,
		         e.message);
		return;
	}
	if (l->writes)
		sha256(line, length, l->digest);
	l->synced = l->last.act.number;
}

/* The database alone and its write-ahead log have nothing in common that SQLite would compare: it would write the pages of
 * the one over the other. But each commit has an intent. */
bool
releaselog_owns_wal(struct run *r)
{
	struct releaselog *l = r->log;
	const struct pages_at *last = &l->last.pages;
	struct storefile_place alone, both;
	char id[17];

	pages_wal_id(&l->pages, id);
	if (id[0] == '\0' || l->last.act.number == 0)
		return true;
	/* A database that cannot be read was interrupted while it was written: no backup is like that. */
	if (!storefile_place(DATABASE, false, &alone))
		return strcmp(id, last->log_id) == 0;
	if (strcmp(id, last->log_id) == 0)
		return alone.number >= last->first - 1;
	if (alone.number != l->last.act.number)
		return false;
	/* Begun since the last line: the one commit that has none. */
	durable_remove("state/.peek.db");
	durable_link(DATABASE, "state/.peek.db");
	durable_remove("state/.peek.db-wal");
	durable_link(DATABASE "-wal", "state/.peek.db-wal");
	if (!storefile_place("state/.peek.db", true, &both))
		both.number = -1;
	durable_remove("state/.peek.db");
	durable_remove("state/.peek.db-wal");
	durable_remove("state/.peek.db-shm");
	return both.number >= l->last.act.number;
}

/* A writer that is at work has looked itself, and a reader does not wait for it. */
static void
check_wal(struct releaselog *l)
{
	int lock = l->run->lock > 0 ? -1 : open("state/lock", O_RDWR | O_CLOEXEC);

	if (l->run->lock > 0 || (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)) {
		if (!releaselog_owns_wal(l->run))
			die(EXIT_CONFIG,
			    "state/alanpay.db-wal belongs to another database than state/alanpay.db, which was restored from a"
			    " backup: `%s`",
			    run_command(l->run, "restore"));
	}
	if (lock >= 0)
		close(lock);
}

void
releaselog_begin(struct run *r)
{
	struct releaselog *l;

	if (r->copy_of != NULL)
		return;
	l = memory_new(1, sizeof(*l));
	*l = (struct releaselog){.run = r, .path = releaselog_path(r), .fd = -1};
	l->writes = r->access == ACCESS_CHANGES && !r->dry_run;
	r->log = l;
	pages_open(&l->pages, l->path);
	open_log(l, l->writes ? O_RDWR : O_RDONLY);
	if (l->fd >= 0 && !l->is_doubtful)
		read_end(l);
	if (l->fd >= 0 && !l->is_doubtful && r->access != ACCESS_LOCKS)
		check_wal(l);
	pages_close(&l->pages);
}

/* Comparing ----------------------------------------------------------------------------------------------------- */

static void
check_first(struct releaselog *l)
{
	char text[LOGLINE_SIZE], id[9];
	struct logline first;
	struct err e = {0};
	ssize_t n = pread(l->fd, text, sizeof(text), 0);
	const char *end = n <= 0 ? NULL : memchr(text, '\n', (size_t)n);

	snprintf(id, sizeof(id), "%08x", store_id(l->run->db));
	if (end == NULL || logline_read(text, (size_t)(end - text), &first, &e) < 0 || first.act.number != 1)
		complain(l, "%s: its first line is not valid: bring it back from its own backup", l->path);
	else if (strcmp(first.act.what, id) != 0)
		complain(
		    l,
		    "%s is the log of the store %s, and this one is %s: give each home a log of its own: `log` in"
		    " [release]",
		    l->path, first.act.what, id);
}

static bool
agrees(struct releaselog *l, int64_t number)
{
	struct intent x;

	if (number == 0)
		return true;
	return intent_find(l->run, number, &x) && x.has_after == l->last.act.has_after &&
	       memcmp(x.after, l->last.act.after, SHA256_SIZE) == 0;
}

static void
compare(struct releaselog *l)
{
	int64_t stored = intent_last(l->run), said = l->last.act.number;
	struct intent x;

	if (said > 0)
		check_first(l);
	if (l->is_doubtful)
		return;
	if (said > stored)
		complain(
		    l,
		    "the database was restored from a backup: it ends at line %lld of the release log, which has"
		    " %lld: bring it up to date: `%s`",
		    (long long)stored, (long long)said, run_command(l->run, "restore"));
	else if (l->fd < 0 && stored > 0)
		complain(l, "%s is missing, and the database has written %lld lines to it: bring it back",
		         l->path, (long long)stored);
	else if (said < stored && !intent_find(l->run, said + 1, &x))
		complain(
		    l,
		    "%s ends at line %lld, and the database has written %lld lines: bring back the newer log",
		    l->path, (long long)said, (long long)stored);
	else if (!agrees(l, said))
		complain(l, "%s: line %lld is not the one that this database wrote: bring back its log",
		         l->path, (long long)said);
}

/* Writing ------------------------------------------------------------------------------------------------------- */

struct block {
	char *text;
	size_t n;
};

static void
add_line(struct releaselog *l, struct block *block, struct logline *line)
{
	size_t n;

	memcpy(line->prev, l->digest, SHA256_SIZE);
	block->text = memory_resize(block->text, block->n + LOGLINE_SIZE, 1);
	if (logline_write(line, block->text + block->n, &n) < 0)
		die(EXIT_BUG, "%s: line %lld is too long", l->path, (long long)line->act.number);
	sha256(block->text + block->n, n, l->digest);
	block->n += n;
	block->text[block->n++] = '\n';
	l->last = *line;
}

static void
keep_pages(struct releaselog *l, struct pages_at *at)
{
	const struct pages_at *last = &l->last.pages;
	int64_t frames = store_wal_frames(l->run->db);
	bool is_same;

	pages_wal_id(&l->pages, at->log_id);
	is_same = strcmp(at->log_id, last->log_id) == 0;
	at->first = is_same ? last->first : l->last.act.number + 1;
	at->frames = frames;
	if (!pages_keep(&l->pages, is_same ? last->frames : 0, frames, l->run->on, at))
		die(EXIT_BUG, "state/alanpay.db-wal does not have the last commit");
}

/* The lines of the intents that have none. When the append fails, the next start does it. */
static void
append(struct releaselog *l)
{
	struct logline line = {.pages = {.is_lost = l->lacks_pages}}, before = l->last;
	unsigned char digest_before[SHA256_SIZE];
	int64_t number = l->last.act.number, until = intent_last(l->run);
	struct block block = {0};

	memcpy(digest_before, l->digest, SHA256_SIZE);
	keep_pages(l, &line.pages);
	while (++number <= until) {
		if (!intent_find(l->run, number, &line.act))
			die(EXIT_BUG, "the intent %lld is missing", (long long)number);
		add_line(l, &block, &line);
	}
	fault("before the line");
	if (ftruncate(l->fd, l->end) < 0 || lseek(l->fd, l->end, SEEK_SET) < 0 ||
	    durable_write(l->fd, block.text, block.n) < 0) {
		l->last = before; /* the end of the journal tries once more */
		memcpy(l->digest, digest_before, SHA256_SIZE);
		die_errno(EXIT_IO, "%s: cannot be written", l->path);
	}
	l->end += (off_t)block.n;
	l->lacks_pages = false;
	free(block.text);
	fault("after the line");
}

static void
before_commit(void *ctx)
{
	struct releaselog *l = ctx;

	intent_complete(l->run, l->last.act.number, l->last.act.number == 0 ? NULL : l->digest, l->synced);
}

static void
after_commit(void *ctx)
{
	struct releaselog *l = ctx;

	append(l);
	if (store_wal_frames(l->run->db) < MOST_FRAMES)
		return;
	releaselog_sync(l->run);
	(void)store_write_back(l->run->db, false);
}

static void
create_log(struct releaselog *l)
{
	char folder[PATH_SIZE];

	durable_folder_of(l->path, folder);
	if (access(folder, W_OK) < 0)
		complain(l, "%s: %s: make it: `sudo install -d -m 700 -o \"$(stat -c %%U %s)\" %s`", folder,
		         strerror(errno), l->run->home, folder);
	open_log(l, O_RDWR | O_CREAT | O_EXCL);
	durable_sync_folder(folder);
}

/* It says what there is already: acts on that may have no line. */
/* The acts of persons that are older than the log: the home was made from a fixture, or the log begins late. */
static void
add_earlier(struct run *r)
{
	struct stmt *q = sql(r->db,
	    "SELECT what, kind || ', by ' || acted_by"
	    " FROM acts"
	    " WHERE acted_by IS NOT NULL"
	    " ORDER BY acted_at, kind, what, acted_by, detail");

	while (row(q))
		intent_add(r, "earlier", col_text(q, 0), NULL, "%s", col_text(q, 1));
}

static void
commit_one(struct run *r, const char *kind)
{
	struct stmt *q =
	    sql(r->db, "SELECT (SELECT coalesce(max(number), 0) FROM bank_file),"
	                            " (SELECT coalesce(max(number), 0) FROM input),"
	                            " (SELECT coalesce(max(number), 0) FROM session WHERE frozen_at IS NOT NULL)");
	long long files, inputs, sessions;
	char id[9];

	(void)row(q);
	files = col_int(q, 0);
	inputs = col_int(q, 1);
	sessions = col_int(q, 2);
	reset(q);
	snprintf(id, sizeof(id), "%08x", store_id(r->db));
	tx_begin(r->db);
	intent_add(r, kind, id, NULL, "files %lld, inputs %lld, sessions %lld", files, inputs, sessions);
	if (strcmp(kind, "begin") == 0)
		add_earlier(r);
	tx_commit(r->db);
}

/* Was interrupted between a commit and its line. */
static void
resume(struct releaselog *l)
{
	struct store_hook hook = {before_commit, after_commit, l};
	struct stat wal;
	char id[17];

	pages_wal_id(&l->pages, id);
	if (id[0] == '\0' && stat(DATABASE "-wal", &wal) == 0)
		die(EXIT_CONFIG,
		    "%s ends at line %lld, and the database has written %lld lines: bring back the newer log",
		    l->path, (long long)l->last.act.number, (long long)intent_last(l->run));
	if (id[0] == '\0')
		warn("the write-ahead log of the database was removed: make a new backup");
	l->lacks_pages = id[0] == '\0';
	store_on_commit(l->run->db, &hook);
	l->synced = l->last.act.number;
	commit_one(l->run, "resume");
}

void
releaselog_open(struct run *r)
{
	struct releaselog *l = r->log;
	struct store_hook hook = {before_commit, after_commit, l};
	int64_t stored;

	if (l == NULL)
		return;
	if (!l->is_doubtful)
		compare(l);
	if (!l->writes)
		return;
	if (l->fd < 0)
		create_log(l);
	stored = intent_last(r);
	if (stored > l->last.act.number) {
		resume(l);
		return;
	}
	store_on_commit(r->db, &hook);
	if (stored == 0)
		commit_one(r, "begin");
}

void
releaselog_sync(struct run *r)
{
	struct releaselog *l = r->log;

	if (l == NULL || l->synced == l->last.act.number)
		return;
	pages_sync(&l->pages);
	durable_sync(l->fd, l->path);
	l->synced = l->last.act.number;
}

bool
releaselog_agrees(const struct run *r)
{
	return r->log == NULL || !r->log->is_doubtful;
}

void
releaselog_close(struct run *r)
{
	struct releaselog *l = r->log;
	char id[17];

	if (l == NULL)
		return;
	if (l->writes && r->db != NULL) {
		releaselog_sync(r);
		pages_wal_id(&l->pages, id);
		if (id[0] != '\0')
			(void)store_write_back(r->db, true);
	}
	pages_close(&l->pages);
	if (l->fd >= 0)
		close(l->fd);
	free(l);
	r->log = NULL;
}

/* From its beginning -------------------------------------------------------------------------------------------- */

static _Noreturn void
die_of_chain(const char *path, int64_t number, const char *why)
{
	die(EXIT_CONFIG, "%s: line %lld %s: bring the log back from its own backup", path, (long long)number,
	    why);
}

int64_t
releaselog_read(const struct run *r, releaselog_take_fn *take, void *ctx)
{
	const char *path = releaselog_path(r);
	unsigned char digest[SHA256_SIZE] = {0};
	struct logline line;
	struct err e = {0};
	FILE *in = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;
	int64_t number = 0;
	ssize_t n;

	if (in == NULL && errno == ENOENT)
		return 0;
	if (in == NULL)
		die_errno(EXIT_IO, "%s", path);
	while ((n = getline(&text, &size, in)) > 0 && text[n - 1] == '\n') {
		if (logline_read(text, (size_t)n - 1, &line, &e) < 0)
			die_of_chain(path, number + 1, "is not valid");
		if (line.act.number != ++number || memcmp(line.prev, digest, SHA256_SIZE) != 0)
			die_of_chain(path, number, "does not follow the one before it");
		sha256(text, (size_t)n - 1, digest);
		take(&line, digest, ctx);
	}
	free(text);
	fclose(in);
	return number;
}
