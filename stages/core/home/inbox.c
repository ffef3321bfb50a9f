/* inbox: see inbox.h. Writes the table input. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/memory.h"
#include "formats/text.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/fault.h"
#include "stages/core/engine/intent.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/inbox.h"
#include "stages/core/home/publication.h"
#include "stages/core/home/publish.h"
#include "stages/core/home/stranger.h"

#define DIGEST_END ".sha256"

static bool
is_digest(const char *name)
{
	size_t n = strlen(name), m = strlen(DIGEST_END);

	return n >= m && strcmp(name + n - m, DIGEST_END) == 0;
}

/* Removes the .sha256 of a file that an interrupted run removed from the inbox. */
static void
remove_orphan(struct run *r, const char *folder, const char *name)
{
	struct stmt *q = sql(r->db, "SELECT count(*) FROM input WHERE name || '.sha256' = $name");
	char path[PATH_SIZE];
	struct stat st;

	bind_text(q, "$name", name);
	if (value(q, 0) == 0 || r->dry_run)
		return;
	if (snprintf(path, sizeof(path), "%s/%.*s", folder, (int)(strlen(name) - strlen(DIGEST_END)), name) >=
	        PATH_SIZE ||
	    lstat(path, &st) == 0)
		return;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (unlink(path) < 0 && errno != ENOENT)
		die_errno(EXIT_IO, "%s", path);
}

/* A .sha256 belongs to the file beside it; one that is no file belongs to nothing. */
static void
look_at_digest(struct run *r, const char *folder, const char *name)
{
	char path[PATH_SIZE];
	struct stat st;
	struct err why;

	durable_join(path, folder, name);
	if (lstat(path, &st) < 0)
		return;
	if (S_ISREG(st.st_mode)) {
		remove_orphan(r, folder, name);
		return;
	}
	(void)err_set(&why, ERR_NOT_A_FILE, "it is not a regular file: remove it");
	stranger_hold(r, path, &why);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

void
inbox_list(struct run *r, const char *folder, struct inbox_list *list)
{
	struct dirent *entry;
	DIR *dir = opendir(folder);

	*list = (struct inbox_list){0};
	if (dir == NULL)
		die_errno(EXIT_IO, "%s", folder);
	while ((errno = 0, entry = readdir(dir)) != NULL) {
		const char *name = entry->d_name;

		if (door_is_unfinished(name))
			continue;
		if (is_digest(name)) {
			look_at_digest(r, folder, name);
			continue;
		}
		list->name = memory_resize(list->name, list->n + 1, sizeof(*list->name));
		if (text_copy(list->name[list->n++], INBOX_NAME, name) < 0)
			die(EXIT_IO, "%s: a name is too long", folder);
	}
	if (errno != 0)
		die_errno(EXIT_IO, "%s", folder);
	closedir(dir);
	stranger_close_gone(r, folder);
	if (list->n > 1)
		qsort(list->name, list->n, sizeof(*list->name), by_name);
}

void
inbox_free(struct inbox_list *list)
{
	free(list->name);
	*list = (struct inbox_list){0};
}

/* A person decided about it: no run waits for it. */
static bool
is_settled(struct run *r, const char *folder, const char *name)
{
	char path[PATH_SIZE];

	durable_join(path, folder, name);
	return stranger_is_settled(r, path);
}

int64_t
inbox_count_unread(struct run *r, const char *folder, char first[INBOX_NAME])
{
	struct dirent *entry;
	DIR *dir = opendir(folder);
	int64_t n = 0;

	first[0] = '\0';
	if (dir == NULL)
		return -1;
	while ((entry = readdir(dir)) != NULL) {
		const char *name = entry->d_name;

		if (door_is_unfinished(name) || is_digest(name) || is_settled(r, folder, name))
			continue;
		if (n++ == 0 || strcmp(name, first) < 0)
			(void)text_copy(first, INBOX_NAME, name);
	}
	closedir(dir);
	return n;
}

/* Reads no more than the file had when it was opened: one that grows has no end. -1: *e says why it is not whole. */
static int
copy_in(struct inbox_file *f, int fd, struct err *e)
{
	char buffer[65536];
	int64_t left = f->seen.st_size;
	struct stat now;
	ssize_t n;

	*e = (struct err){0};
	publication_begin(f->copy, f->run, INCOMING);
	while ((n = read(fd, buffer, sizeof(buffer))) > 0 && (left -= n) >= 0)
		sink_put(f->copy->sink, buffer, (size_t)n);
	if (n < 0)
		(void)err_set(e, ERR_UNREADABLE_FILE, "it cannot be read: %s", strerror(errno));
	publication_seal(f->copy);
	fault("input taken");
	if (n == 0 && left == 0 && door_is_unchanged(f->from, &f->seen))
		return 0;
	publication_discard(f->copy);
	if (lstat(f->from, &now) < 0 && errno == ENOENT)
		return err_set(e, "", "it is gone");
	return n < 0 ? -1 : err_set(e, ERR_FILE_CHANGED, "it changed while it was read");
}

/* Compares with the sender's digest, `<64 hex digits>  <name>` beside the file; true when the sender gave no digest. One of
 * another user is not the sender's. */
static bool
agrees_with_sender(const struct inbox_file *f)
{
	unsigned char sent[SHA256_SIZE];
	char path[PATH_SIZE + 8], text[SHA256_TEXT] = "";
	struct stat st;
	struct err e;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s" DIGEST_END, f->from);
	if (lstat(path, &st) < 0)
		return true;
	if (stranger_owner(f->run, path, &st) != stranger_owner(f->run, f->from, &f->seen)) {
		warn("%s belongs to another user than the file: it is not compared", path);
		return true;
	}
	fd = door_open(path, 0, &st, &e);
	if (fd < 0)
		return false;
	n = read(fd, text, SHA256_TEXT - 1);
	close(fd);
	return n == SHA256_TEXT - 1 && sha256_parse(text, sent) == 0 &&
	       memcmp(sent, f->copy->bytes.sha256, SHA256_SIZE) == 0;
}

/* What happened to a file between two looks at it is no exception: its sender may be at work, and the next run takes it. */
static void
leave_for_later(struct run *r, const char *path, const struct err *why)
{
	char shown[DOOR_TEXT];

	door_print(shown, path);
	warn("%s: %s: the next run reads it", shown, why->message);
	run_count(r, COUNT_INBOX_FILES_LEFT, 1);
	r->held = true;
}

static void
leave_where_it_is(struct run *r, const char *path, const struct err *why)
{
	if (why->code[0] == '\0') /* its sender removed it */
		info("%s: %s", path, why->message);
	else if (err_is(why, ERR_FILE_CHANGED))
		leave_for_later(r, path, why);
	else
		stranger_hold(r, path, why);
}

static void
inbox_begin(struct inbox_file *f, struct publication *copy, struct run *r, const char *kind, const char *from)
{
	const char *slash = strrchr(from, '/');

	*f = (struct inbox_file){.run = r, .kind = kind, .copy = copy};
	if (text_copy(f->name, sizeof(f->name), slash == NULL ? from : slash + 1) < 0 ||
	    text_copy(f->from, sizeof(f->from), from) < 0)
		die(EXIT_IO, "%s: name too long", from);
}

/* fd: of the opened file; -1: it could not be opened, and *why says so. */
static bool
inbox_take(struct inbox_file *f, int fd, struct err *why)
{
	bool is_taken = fd >= 0 && copy_in(f, fd, why) == 0;

	if (fd >= 0)
		close(fd);
	if (is_taken)
		f->agrees = agrees_with_sender(f);
	return is_taken;
}

/* How these bytes are known: not at all; as the same file, applied or quarantined before (an interrupted run left it in the inbox,
 * or it was dropped twice); or under another name. A file that was quarantined only for its .sha256 counts as new when it comes
 * with the right one. */
enum known { NEW, APPLIED, REFUSED, COPY };

static enum known
look_up(struct inbox_file *f, int64_t *copy_of)
{
	struct stmt *q =
	    sql(f->run->db,
	    "SELECT number, name, state FROM input"
	    " WHERE kind = $kind AND sha256 = $sha256"
	    "  AND (state <> 'refused' OR code <> 'wrong_digest' OR $agrees = 0)"
	    " ORDER BY CASE WHEN name = $name THEN 0 ELSE 1 END, state, number LIMIT 1");
	enum known known = NEW;

	bind_int(q, "$agrees", f->agrees);
	bind_text(q, "$kind", f->kind);
	bind_text(q, "$name", f->name);
	bind_blob(q, "$sha256", f->copy->bytes.sha256, SHA256_SIZE);
	if (row(q)) {
		bool refused = strcmp(col_text(q, 2), "refused") == 0;

		if (strcmp(col_text(q, 1), f->name) == 0)
			known = refused ? REFUSED : APPLIED;
		else if (!refused)
			known = COPY;
		*copy_of = known == COPY ? col_int(q, 0) : 0;
	}
	reset(q);
	return known;
}

static void
choose_path(const struct inbox_file *f, const char *folder, char path[PATH_SIZE])
{
	char wanted[PATH_SIZE];
	int year, month, day;

	date_split(f->run->on, &year, &month, &day);
	if (snprintf(wanted, sizeof(wanted), "%s/%04d/%02d/%02d/%s", folder, year, month, day, f->name) >=
	    PATH_SIZE)
		die(EXIT_IO, "%s: name too long", f->name);
	publish_free_path(f->run, wanted, path);
}

static void
inbox_insert(struct inbox_file *f, const char *state, int64_t duplicate_of, const struct err *why,
             const char *folder)
{
	struct stmt *q;

	choose_path(f, folder, f->kept_at);
	f->number = store_number(f->run->db, "input");
	q = sql(f->run->db,
	    "INSERT INTO input (number, kind, name, sha256, size, state, duplicate_of, code, message,"
	    "  kept_at, received_on)"
	    " VALUES ($number, $kind, $name, $sha256, $size, $state, $of, $code, $message, $path, $on)");
	bind_int(q, "$number", f->number);
	bind_text(q, "$kind", f->kind);
	bind_text(q, "$name", f->name);
	bind_blob(q, "$sha256", f->copy->bytes.sha256, SHA256_SIZE);
	bind_int(q, "$size", f->copy->bytes.size);
	bind_text(q, "$state", state);
	bind_int_or(q, "$of", duplicate_of, 0);
	bind_text(q, "$code", why == NULL ? NULL : why->code);
	bind_text(q, "$message", why == NULL ? NULL : why->message);
	bind_text(q, "$path", f->kept_at);
	bind_date(q, "$on", f->run->on);
	exec(q);
	intent_add(f->run, "input", f->kept_at, f->copy->bytes.sha256, "input %lld of %s, %s",
	           (long long)f->number, f->kind, state);
}

FILE *
inbox_content(const struct inbox_file *f)
{
	return publication_reopen(f->copy);
}

static void
inbox_refuse(struct inbox_file *f, const struct err *why)
{
	struct exception x = {.kind = "file", .code = why->code, .message = why->message};
	char place[64] = "";

	tx_begin(f->run->db);
	inbox_insert(f, "refused", 0, why, "quarantine");
	x.key = f->kept_at;
	x.input = f->number;
	x.line = why->line;
	exception_open(f->run, &x);
	publication_keep(f->copy, f->kind, f->number, f->kept_at);
	tx_commit(f->run->db);
	if (why->line > 0)
		snprintf(place, sizeof(place), ":%ld", why->line);
	warn("%s%s: %s (%s): quarantined in %s", f->name, place, why->message, why->code, f->kept_at);
	run_count(f->run, COUNT_FILES_QUARANTINED, 1);
	publish_place(f->run);
}

static void
remove_digest(const struct inbox_file *f)
{
	char path[PATH_SIZE + 8];
	struct stat st;

	snprintf(path, sizeof(path), "%s" DIGEST_END, f->from);
	if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	if (unlink(path) < 0 && errno != ENOENT)
		die_errno(EXIT_IO, "%s: cannot be removed from the inbox", path);
}

static void
leave(struct inbox_file *f)
{
	struct stat st;

	if (f->run->dry_run)
		return;
	fault("before leaving the inbox");
	if (lstat(f->from, &st) == 0 && !door_is_unchanged(f->from, &f->seen)) {
		warn("%s was replaced while it was read: the new file is read by the next run", f->from);
		return;
	}
	if (unlink(f->from) < 0 && errno != ENOENT)
		die_errno(EXIT_IO, "%s: cannot be removed from the inbox", f->from);
	fault("between a file and its .sha256");
	remove_digest(f);
	fault("after leaving the inbox");
}

/* A name of a request or receipt file is used once; banks reuse their names. */
static bool
name_is_taken(struct inbox_file *f)
{
	struct stmt *q = sql(f->run->db,
	    "SELECT count(*) FROM input"
	    " WHERE kind IN ('requests', 'receipts') AND kind = $kind AND name = $name AND state <> 'refused'");

	bind_text(q, "$kind", f->kind);
	bind_text(q, "$name", f->name);
	return value(q, 0) > 0;
}

/* Closes the exceptions of files with these bytes: they are applied now. */
static void
close_refusals(struct inbox_file *f)
{
	struct stmt *q =
	    sql(f->run->db,
	    "SELECT kept_at FROM input"
	    " WHERE kind = $kind AND sha256 = $sha256 AND state = 'refused' ORDER BY number");

	bind_text(q, "$kind", f->kind);
	bind_blob(q, "$sha256", f->copy->bytes.sha256, SHA256_SIZE);
	while (row(q))
		exception_close(f->run, "file", col_text(q, 0));
}

/* One unit of work: applied whole, or not at all. */
static int
try(struct inbox_file *f, int64_t copy_of, inbox_apply_fn *apply, void *ctx, struct err *e)
{
	struct run counted = *f->run; /* restored when the file is quarantined */

	if (!f->agrees)
		return err_set(e, ERR_WRONG_DIGEST,
		               "the .sha256 beside it does not agree with its bytes: send both once more");
	if (name_is_taken(f))
		return err_set(e, ERR_FILE_NAME_CONFLICT,
		               "a file of this name with other bytes was applied before: use a new name");
	tx_begin(f->run->db);
	inbox_insert(f, copy_of == 0 ? "applied" : "duplicate", copy_of, NULL, "archive");
	if (apply(f, copy_of, ctx, e) < 0) {
		tx_rollback(f->run->db);
		memcpy(f->run->count, counted.count, sizeof(counted.count));
		f->run->held = counted.held;
		return -1;
	}
	return 0;
}

static void
keep_applied(struct inbox_file *f, int64_t copy_of)
{
	publication_keep(f->copy, f->kind, f->number, f->kept_at);
	tx_commit(f->run->db);
	run_count(f->run, copy_of == 0 ? COUNT_FILES_APPLIED : COUNT_FILES_IDENTICAL, 1);
	publish_place(f->run);
}

/* A file that was quarantined before may be right now: the configuration was corrected, a member declared. */
static void
try_refused(struct inbox_file *f, inbox_apply_fn *apply, void *ctx)
{
	struct err e = {0};

	if (try(f, 0, apply, ctx, &e) == 0) {
		close_refusals(f);
		keep_applied(f, 0);
		return;
	}
	run_count(f->run, COUNT_FILES_QUARANTINED_BEFORE, 1);
	f->run->held = true;
	publication_discard(f->copy);
}

static void
receive(struct inbox_file *f, inbox_apply_fn *apply, void *ctx)
{
	struct err e = {0};
	int64_t copy_of = 0;

	switch (look_up(f, &copy_of)) {
	case APPLIED:
		run_count(f->run, COUNT_FILES_APPLIED_BEFORE, 1);
		publication_discard(f->copy);
		break;
	case REFUSED:
		try_refused(f, apply, ctx);
		break;
	case NEW:
	case COPY:
		if (try(f, copy_of, apply, ctx, &e) == 0)
			keep_applied(f, copy_of);
		else
			inbox_refuse(f, &e);
		break;
	}
}

void
inbox_receive(struct run *r, const char *kind, const char *folder, const char *name, inbox_apply_fn *apply,
              void *ctx)
{
	struct publication copy;
	struct inbox_file f;
	char path[PATH_SIZE];
	struct err why;

	durable_join(path, folder, name);
	inbox_begin(&f, &copy, r, kind, path);
	if (!inbox_take(&f, stranger_open(r, path, &f.seen, &why), &why)) {
		leave_where_it_is(r, path, &why);
		return;
	}
	receive(&f, apply, ctx);
	leave(&f);
}

void
inbox_receive_given(struct run *r, const char *kind, const char *path, inbox_apply_fn *apply, void *ctx)
{
	struct publication copy;
	struct inbox_file f;
	struct err why;

	inbox_begin(&f, &copy, r, kind, path);
	if (inbox_take(&f, door_open(path, 0, &f.seen, &why), &why))
		receive(&f, apply, ctx);
	else if (why.code[0] == '\0')
		die(EXIT_ABSENT, "%s does not exist", path);
	else if (err_is(&why, ERR_UNREADABLE_FILE) || err_is(&why, ERR_FILE_CHANGED))
		die(EXIT_IO, "%s: %s", path, why.message);
	else
		stranger_hold(r, path, &why);
}

int64_t
inbox_note(struct run *r, const char *kind, const char *path)
{
	int64_t number = store_number(r->db, "input");
	struct file_digest bytes;
	struct stmt *q =
	    sql(r->db,
	    "INSERT INTO input (number, kind, name, sha256, size, state, kept_at, received_on)"
	    " SELECT $number, $kind, path, sha256, size, 'applied', path, $on"
	    " FROM artifact WHERE path = $path");

	bind_int(q, "$number", number);
	bind_text(q, "$kind", kind);
	bind_date(q, "$on", r->on);
	bind_text(q, "$path", path);
	if (exec(q) != 1 || !publish_find(r, path, &bytes))
		die(EXIT_BUG, "%s was never published", path);
	intent_add(r, "input", path, bytes.sha256, "input %lld of %s, applied", (long long)number, kind);
	return number;
}
