/* publish: see publish.h. A failed fsync is never retried: the process dies, the rerun writes all bytes again. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/text.h"
#include "stages/core/engine/fault.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"

#define INCOMING "state/.incoming.new"

static void
copy_path(char dst[PATH_SIZE], const char *src)
{
	if (text_copy(dst, PATH_SIZE, src) < 0)
		die(EXIT_IO, "%s: path too long", src);
}

static void
folder_of(const char *path, char folder[PATH_SIZE])
{
	char copy[PATH_SIZE];

	copy_path(copy, path);
	copy_path(folder, dirname(copy));
}

static void
temp_of(const char *path, char temp[PATH_SIZE])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;

	if (snprintf(temp, PATH_SIZE, "%.*s.%s.new", (int)(name - path), path, name) >= PATH_SIZE)
		die(EXIT_IO, "%s: path too long", path);
}

static void
sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		die_errno(EXIT_IO, "%s: cannot sync the folder", folder);
	close(fd);
}

static void
sync_folder_of(const char *path)
{
	char folder[PATH_SIZE];

	folder_of(path, folder);
	sync_folder(folder);
}

/* A folder with the set-group-ID bit is a door that `init` opened to a group: what is in it is readable by it. */
static bool
is_door(const char *folder)
{
	struct stat st;

	return stat(folder, &st) == 0 && (st.st_mode & S_ISGID) != 0;
}

/* And those above it, with the rights of the nearest one that is there. */
static void
make_folder(const char *path)
{
	char above[PATH_SIZE];
	struct stat st;

	if (stat(path, &st) == 0)
		return;
	folder_of(path, above);
	make_folder(above);
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		die_errno(EXIT_IO, "%s: cannot make the folder", path);
	if (is_door(above) && chmod(path, S_ISGID | 0750) < 0)
		die_errno(EXIT_IO, "%s: cannot set its rights", path);
	sync_folder(above);
}

void
publish_make_door(struct run *r, const char *path, const char *like)
{
	char above[PATH_SIZE];
	struct stat st;

	if (r->dry_run)
		return;
	make_folder(path);
	if (stat(like, &st) < 0 || (st.st_mode & S_ISGID) == 0 || is_door(path))
		return;
	folder_of(path, above);
	if (chown(path, (uid_t)-1, st.st_gid) < 0 || chmod(path, S_ISGID | 0750) < 0 ||
	    chmod(above, 0711) < 0)
		die_errno(EXIT_IO, "%s: cannot give it to the group of %s", path, like);
}

static int
write_fd(void *ctx, const void *bytes, size_t n)
{
	const struct publication *p = ctx;
	const char *at = bytes;

	while (n > 0) {
		ssize_t written = write(p->fd, at, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		at += written;
		n -= (size_t)written;
	}
	return 0;
}

static int
open_new(const char *temp, bool door)
{
	int fd;

	if (unlink(temp) < 0 && errno != ENOENT)
		die_errno(EXIT_IO, "%s: cannot remove what a killed process left", temp);
	fd = open(temp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		die_errno(EXIT_IO, "%s: cannot write", temp);
	if (door && fchmod(fd, 0640) < 0)
		die_errno(EXIT_IO, "%s: cannot set its rights", temp);
	return fd;
}

static void
begin(struct publication *p, struct run *r, const char *kind, int64_t owner)
{
	char folder[PATH_SIZE];

	p->run = r;
	p->kind = kind;
	p->owner = owner;
	folder_of(p->temp, folder);
	if (r->dry_run) {
		char name[] = "state/.rehearsal.XXXXXX";

		p->fd = mkstemp(name);
		if (p->fd < 0 || unlink(name) < 0)
			die_errno(EXIT_IO, "%s: cannot write", name);
	} else {
		make_folder(folder);
		p->fd = open_new(p->temp, is_door(folder));
	}
	p->sink = sink_new(write_fd, p);
	fault("file begun");
}

void
publish_begin(struct publication *p, struct run *r, const char *kind, int64_t owner, const char *path)
{
	*p = (struct publication){0};
	copy_path(p->path, path);
	temp_of(path, p->temp);
	begin(p, r, kind, owner);
}

void
publish_begin_incoming(struct publication *p, struct run *r)
{
	*p = (struct publication){0};
	copy_path(p->temp, INCOMING);
	begin(p, r, "incoming", 0);
}

void
publish_begin_in(struct publication *p, struct run *r, const char *kind, int64_t owner, const char *folder,
                 const char *name)
{
	char temp_folder[PATH_SIZE];

	*p = (struct publication){0};
	temp_of(folder, temp_folder);
	if (snprintf(p->path, PATH_SIZE, "%s/%s", folder, name) >= PATH_SIZE ||
	    snprintf(p->temp, PATH_SIZE, "%s/%s", temp_folder, name) >= PATH_SIZE)
		die(EXIT_IO, "%s/%s: path too long", folder, name);
	copy_path(p->folder, folder);
	begin(p, r, kind, owner);
}

void
publish_seal(struct publication *p)
{
	if (sink_end(p->sink, p->sha256, &p->size) < 0)
		die_errno(EXIT_IO, "%s: cannot write", p->temp);
	p->sink = NULL;
	fault("file written");
	if (!p->run->dry_run && fsync(p->fd) < 0)
		die_errno(EXIT_IO, "%s: cannot sync", p->temp);
}

FILE *
publish_reopen(const struct publication *p)
{
	int fd = dup(p->fd);
	FILE *in;

	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0 || (in = fdopen(fd, "r")) == NULL)
		die_errno(EXIT_IO, "%s: cannot read back", p->temp);
	return in;
}

void
publish_discard(struct publication *p)
{
	close(p->fd);
	if (!p->run->dry_run && unlink(p->temp) < 0 && errno != ENOENT)
		die_errno(EXIT_IO, "%s: cannot remove", p->temp);
}

void
publish_record(struct publication *p)
{
	unsigned char there[SHA256_SIZE];
	struct stmt *q =
	    sql(p->run->db, "INSERT INTO artifact (path, kind, owner, folder, sha256, size, state)"
	                    " VALUES ($path, $kind, $owner, $folder, $sha256, $size, 'due')"
	                    " ON CONFLICT (path) DO NOTHING");

	if (publish_digest(p->path, there, NULL) && memcmp(there, p->sha256, SHA256_SIZE) != 0)
		die(EXIT_OVERWRITE, "%s is there already and is not ours: move it away, then run this again",
		    p->path);
	close(p->fd);
	if (!p->run->dry_run && p->folder[0] == '\0')
		sync_folder_of(p->temp);
	bind_text(q, "$path", p->path);
	bind_text(q, "$kind", p->kind);
	bind_int(q, "$owner", p->owner);
	bind_text(q, "$folder", p->folder[0] == '\0' ? NULL : p->folder);
	bind_blob(q, "$sha256", p->sha256, sizeof(p->sha256));
	bind_int(q, "$size", p->size);
	if (exec(q) == 0)
		die(EXIT_OVERWRITE, "%s was published before: a name is given once", p->path);
}

void
publish_end(struct publication *p)
{
	publish_seal(p);
	publish_record(p);
}

void
publish_keep(struct publication *p, const char *kind, int64_t owner, const char *path)
{
	char temp[PATH_SIZE], folder[PATH_SIZE];

	p->kind = kind;
	p->owner = owner;
	copy_path(p->path, path);
	temp_of(path, temp);
	if (!p->run->dry_run) {
		folder_of(path, folder);
		make_folder(folder);
		fault("before keeping");
		if (rename(p->temp, temp) < 0)
			die_errno(EXIT_IO, "%s: cannot move to %s", p->temp, temp);
	}
	copy_path(p->temp, temp);
	publish_record(p);
}

static void
remove_temp_folder(const char *temp)
{
	char path[PATH_SIZE];
	struct dirent *entry;
	DIR *dir = opendir(temp);

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", temp, entry->d_name) >= (int)sizeof(path) ||
		    unlink(path) < 0)
			die_errno(EXIT_IO, "%s/%s: cannot remove what a killed process left", temp,
			          entry->d_name);
	}
	closedir(dir);
	if (rmdir(temp) < 0)
		die_errno(EXIT_IO, "%s: cannot remove what a killed process left", temp);
}

void
publish_folder_begin(struct run *r, const char *folder)
{
	char temp[PATH_SIZE];

	if (r->dry_run)
		return;
	temp_of(folder, temp);
	remove_temp_folder(temp);
	make_folder(temp);
}

void
publish_folder_end(struct run *r, const char *folder)
{
	char temp[PATH_SIZE];

	if (r->dry_run)
		return;
	temp_of(folder, temp);
	sync_folder(temp);
	sync_folder_of(temp);
}

void
publish_folder_discard(struct run *r, const char *folder)
{
	char temp[PATH_SIZE];

	if (r->dry_run)
		return;
	temp_of(folder, temp);
	remove_temp_folder(temp);
}

bool
publish_digest(const char *path, unsigned char digest[SHA256_SIZE], int64_t *size)
{
	struct sink *sink;
	char buffer[65536];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return false;
	if (fd < 0)
		die_errno(EXIT_IO, "%s: cannot read", path);
	sink = sink_new(NULL, NULL);
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		sink_put(sink, buffer, (size_t)n);
	if (n < 0 || sink_end(sink, digest, size) < 0)
		die_errno(EXIT_IO, "%s: cannot read", path);
	close(fd);
	return true;
}

static bool
has_digest(const char *path, const unsigned char digest[SHA256_SIZE])
{
	unsigned char found[SHA256_SIZE];

	return publish_digest(path, found, NULL) && memcmp(found, digest, SHA256_SIZE) == 0;
}

static void
place_file(const char *path, const unsigned char digest[SHA256_SIZE])
{
	char temp[PATH_SIZE];
	unsigned char found[SHA256_SIZE];

	temp_of(path, temp);
	if (!publish_digest(path, found, NULL)) {
		if (!has_digest(temp, digest))
			die(EXIT_BUG,
			    "%s is promised by the books, but neither it nor %s is there as it was written",
			    path, temp);
		fault("before link");
		if (link(temp, path) < 0)
			die_errno(errno == EEXIST ? EXIT_OVERWRITE : EXIT_IO, "%s: cannot appear", path);
		fault("after link");
	} else if (memcmp(found, digest, SHA256_SIZE) != 0) {
		die(EXIT_OVERWRITE,
		    "%s is there already and is not what we wrote: move it away, then run this again", path);
	}
	if (unlink(temp) < 0 && errno != ENOENT)
		die_errno(EXIT_IO, "%s: cannot remove", temp);
	sync_folder_of(path);
}

static void
place_in_folder(const char *folder, const char *path, const unsigned char digest[SHA256_SIZE])
{
	char temp[PATH_SIZE];
	struct stat st;

	temp_of(folder, temp);
	if (stat(folder, &st) < 0) {
		fault("before rename");
		if (rename(temp, folder) < 0)
			die_errno(EXIT_IO, "%s: cannot appear", folder);
		fault("after rename");
		sync_folder_of(folder);
	}
	if (!has_digest(path, digest))
		die(EXIT_OVERWRITE, "%s is not what we wrote: the folder %s is not ours", path, folder);
}

void
publish_place(struct run *r)
{
	char temp[PATH_SIZE];
	struct stmt *q;
	size_t n;

	tx_require_closed(r->db);
	if (r->dry_run)
		return;
	q = sql(r->db, "SELECT path, folder, sha256 FROM artifact WHERE state = 'due' ORDER BY path");
	while (row(q))
		if (col_null(q, 1))
			place_file(col_text(q, 0), col_blob(q, 2, &n));
		else
			place_in_folder(col_text(q, 1), col_text(q, 0), col_blob(q, 2, &n));
	q = sql(r->db, "SELECT path FROM artifact WHERE state = 'leaving' ORDER BY path");
	while (row(q)) {
		fault("before leaving");
		temp_of(col_text(q, 0), temp); /* it may go before it appeared */
		if ((unlink(col_text(q, 0)) < 0 && errno != ENOENT) || (unlink(temp) < 0 && errno != ENOENT))
			die_errno(EXIT_IO, "%s: cannot take it away", col_text(q, 0));
		sync_folder_of(col_text(q, 0));
	}
	if (value(sql(r->db, "SELECT count(*) FROM artifact WHERE state IN ('due', 'leaving')"), 0) == 0)
		return;
	tx_begin(r->db);
	exec(sql(r->db, "UPDATE artifact SET state = CASE state WHEN 'due' THEN 'placed' ELSE 'gone' END"
	                " WHERE state IN ('due', 'leaving')"));
	tx_commit(r->db);
}

void
publish_finish(struct run *r)
{
	int64_t left;

	if (r->dry_run)
		return;
	if (unlink(INCOMING) < 0 && errno != ENOENT)
		die_errno(EXIT_IO, "%s: cannot remove what a killed process left", INCOMING);
	left = value(sql(r->db, "SELECT count(*) FROM artifact WHERE state IN ('due', 'leaving')"), 0);
	if (left == 0)
		return;
	publish_place(r);
	info("finished %lld file%s that a killed process had left", (long long)left, left == 1 ? "" : "s");
}

void
publish_retire(struct run *r, const char *path)
{
	struct stmt *q = sql(
	    r->db, "UPDATE artifact SET state = 'leaving' WHERE path = $path AND state IN ('due', 'placed')");

	bind_text(q, "$path", path);
	exec(q);
}

void
publish_free_path(struct run *r, const char *path, char free_path[PATH_SIZE])
{
	struct stmt *q;
	const char *slash = strrchr(path, '/');
	const char *dot = strchr(slash == NULL ? path : slash, '.');
	int n, stem = (int)(dot == NULL ? strlen(path) : (size_t)(dot - path));

	copy_path(free_path, path);
	for (n = 2;; n++) {
		q = sql(r->db, "SELECT count(*) FROM artifact WHERE path = $path OR folder = $path");
		bind_text(q, "$path", free_path);
		if (value(q, 0) == 0)
			return;
		if (snprintf(free_path, PATH_SIZE, "%.*s-%d%s", stem, path, n, dot == NULL ? "" : dot) >=
		    PATH_SIZE)
			die(EXIT_IO, "%s: path too long", path);
	}
}

void
publish_view(struct run *r, const char *path, void (*render)(struct sink *s, void *ctx), void *ctx)
{
	struct publication p = {0};

	copy_path(p.path, path);
	temp_of(path, p.temp);
	begin(&p, r, "view", 0);
	render(p.sink, ctx);
	publish_seal(&p);
	close(p.fd);
	if (r->dry_run)
		return;
	if (rename(p.temp, path) < 0)
		die_errno(EXIT_IO, "%s: cannot appear", path);
	sync_folder_of(path);
}

void
publish_view_link(struct run *r, const char *path, const char *target)
{
	char temp[PATH_SIZE];

	if (r->dry_run)
		return;
	temp_of(path, temp);
	if (unlink(temp) < 0 && errno != ENOENT)
		die_errno(EXIT_IO, "%s: cannot remove", temp);
	if (symlink(target, temp) < 0 || rename(temp, path) < 0)
		die_errno(EXIT_IO, "%s: cannot appear", path);
	sync_folder_of(path);
}
