/* inbox: see inbox.h. Writes the table input. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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

#define MOST_NAME 200 /* the names we make of it are a little longer; 255 is the limit */

static bool
ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && strcmp(name + n - m, end) == 0;
}

/* The sender has not finished it. */
static bool
is_unfinished(const char *name)
{
	return name[0] == '.' || ends_in(name, ".part") || ends_in(name, ".tmp");
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
	if (snprintf(path, sizeof(path), "%s/%.*s", folder, (int)(strlen(name) - strlen(".sha256")), name) >=
	        PATH_SIZE ||
	    stat(path, &st) == 0)
		return;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (unlink(path) < 0 && errno != ENOENT)
		die_errno(EXIT_IO, "%s", path);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Whether it was removed, or is a file by now. */
static bool
is_stranger_gone(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT;
	return S_ISREG(st.st_mode) && strlen(strrchr(path, '/') + 1) <= MOST_NAME;
}

/* Closes the exceptions of entries that were no files. */
static void
close_strangers(struct run *r, const char *folder)
{
	struct stmt *q = sql(r->db, "SELECT key"
	                            " FROM exception"
	                            " WHERE kind = 'file'"
	                            "  AND state = 'open'"
	                            "  AND code = 'not_a_file'"
	                            "  AND substr(key, 1, length($folder) + 1) = $folder || '/'"
	                            " ORDER BY number");

	tx_begin(r->db);
	bind_text(q, "$folder", folder);
	while (row(q))
		if (is_stranger_gone(col_text(q, 0)))
			exception_close(r, "file", col_text(q, 0));
	tx_commit(r->db);
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

		if (is_unfinished(name))
			continue;
		if (ends_in(name, ".sha256")) {
			remove_orphan(r, folder, name);
			continue;
		}
		list->name = memory_resize(list->name, list->n + 1, sizeof(*list->name));
		if (text_copy(list->name[list->n++], INBOX_NAME, name) < 0)
			die(EXIT_IO, "%s: a name is too long", folder);
	}
	if (errno != 0)
		die_errno(EXIT_IO, "%s", folder);
	closedir(dir);
	close_strangers(r, folder);
	if (list->n > 1)
		qsort(list->name, list->n, sizeof(*list->name), by_name);
}

void
inbox_free(struct inbox_list *list)
{
	free(list->name);
	*list = (struct inbox_list){0};
}

/* What is not a file stays in the inbox; a person may have decided about it. */
static bool
is_settled(struct run *r, const char *folder, const char *name)
{
	char path[PATH_SIZE];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= PATH_SIZE)
		return false;
	return lstat(path, &st) == 0 && !S_ISREG(st.st_mode) && exception_is_resolved(r, "file", path);
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

		if (is_unfinished(name) || ends_in(name, ".sha256") || is_settled(r, folder, name))
			continue;
		if (n++ == 0 || strcmp(name, first) < 0)
			(void)text_copy(first, INBOX_NAME, name);
	}
	closedir(dir);
	return n;
}

static void
copy_in(struct inbox_file *f, int fd)
{
	char buffer[65536];
	ssize_t n;

	publication_begin(f->copy, f->run, INCOMING);
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		sink_put(f->copy->sink, buffer, (size_t)n);
	if (n < 0)
		die_errno(EXIT_IO, "%s: cannot be read", f->from);
	publication_seal(f->copy);
	fault("input taken");
}

/* Compares with the sender's digest, `<64 hex digits>  <name>` beside the file; true when the sender gave no digest. */
static bool
agrees_with_sender(const struct inbox_file *f)
{
	unsigned char sent[SHA256_SIZE];
	char path[PATH_SIZE + 8], text[SHA256_TEXT] = "";
	struct stat st;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s.sha256", f->from);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT;
	n = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? read(fd, text, SHA256_TEXT - 1) : -1;
	close(fd);
	return n == SHA256_TEXT - 1 && sha256_parse(text, sent) == 0 &&
	       memcmp(sent, f->copy->bytes.sha256, SHA256_SIZE) == 0;
}

/* Opens an exception for an entry of the inbox that cannot be read. It stays there until its owner removes it. */
static void
hold_stranger(struct run *r, const char *path)
{
	struct exception x = {
	    .kind = "file",
	    .key = path,
	    .code = "not_a_file",
	    .message =
		"not a regular file, or its name has more than 200 bytes: it stays where it is, remove it"};

	tx_begin(r->db);
	exception_open(r, &x);
	tx_commit(r->db);
	warn("%s: %s", path, x.message);
	run_count(r, COUNT_INBOX_NOT_FILES, 1);
}

static bool
inbox_take(struct inbox_file *f, struct publication *copy, struct run *r, const char *kind, const char *from,
           const char *name)
{
	struct stat st;
	int fd;

	*f = (struct inbox_file){.run = r, .kind = kind, .copy = copy};
	if (text_copy(f->name, sizeof(f->name), name) < 0 || text_copy(f->from, sizeof(f->from), from) < 0)
		die(EXIT_IO, "%s: name too long", from);
	fd = open(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == EACCES)
		die(EXIT_IO, "%s: %s: give it to the owner of the home: `sudo chown --reference=%s %s/%s`",
		    from, strerror(errno), r->home, r->home, from);
	if (fd < 0 && errno != ELOOP)
		die_errno(EXIT_IO, "%s: cannot be read", from);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || strlen(name) > MOST_NAME) {
		hold_stranger(r, from);
		if (fd >= 0)
			close(fd);
		return false;
	}
	f->inode = st.st_ino;
	f->device = st.st_dev;
	copy_in(f, fd);
	close(fd);
	f->agrees = agrees_with_sender(f);
	return true;
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
leave(struct inbox_file *f)
{
	char path[PATH_SIZE + 8];
	struct stat st;

	if (f->run->dry_run)
		return;
	fault("before leaving the inbox");
	if (lstat(f->from, &st) == 0 &&
	    (st.st_ino != f->inode || st.st_dev != f->device || st.st_size != f->copy->bytes.size)) {
		warn("%s was replaced while it was read: the new file is read by the next run", f->from);
		return;
	}
	if (unlink(f->from) < 0 && errno != ENOENT)
		die_errno(EXIT_IO, "%s: cannot be removed from the inbox", f->from);
	fault("between a file and its .sha256");
	snprintf(path, sizeof(path), "%s.sha256", f->from);
	if (unlink(path) < 0 && errno != ENOENT)
		die_errno(EXIT_IO, "%s: cannot be removed from the inbox", path);
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

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= PATH_SIZE)
		die(EXIT_IO, "%s: name too long", name);
	if (!inbox_take(&f, &copy, r, kind, path, name))
		return;
	receive(&f, apply, ctx);
	leave(&f);
}

void
inbox_receive_given(struct run *r, const char *kind, const char *path, inbox_apply_fn *apply, void *ctx)
{
	const char *slash = strrchr(path, '/');
	struct publication copy;
	struct inbox_file f;
	struct stat st;

	if (lstat(path, &st) < 0 && errno == ENOENT)
		die_errno(EXIT_ABSENT, "%s", path);
	if (inbox_take(&f, &copy, r, kind, path, slash == NULL ? path : slash + 1))
		receive(&f, apply, ctx);
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
