/* submit: see submit.h. Writes no table: that the file came in is told by who takes it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stages/core/engine/fault.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"
#include "stages/core/home/submit.h"

static bool
has_digest(const void *bytes, size_t n, const unsigned char digest[SHA256_SIZE])
{
	return n == SHA256_SIZE && memcmp(bytes, digest, n) == 0;
}

static bool
was_applied(struct run *r, const char *kind, const char *name, const unsigned char digest[SHA256_SIZE])
{
	struct stmt *q = sql(r->db, "SELECT sha256 FROM input"
	                            " WHERE kind = $kind AND name = $name AND state <> 'refused'");
	bool same;
	size_t n;

	bind_text(q, "$kind", kind);
	bind_text(q, "$name", name);
	if (!row(q))
		return false;
	same = has_digest(col_blob(q, 0, &n), SHA256_SIZE, digest);
	reset(q);
	if (!same)
		die(EXIT_OVERWRITE,
		    "%s: a file of this name with other bytes was applied before: a name is used once", name);
	return true;
}

static bool
is_there(const char *path, const unsigned char digest[SHA256_SIZE])
{
	unsigned char found[SHA256_SIZE];

	if (!publish_digest(path, found, NULL))
		return false;
	if (!has_digest(found, sizeof(found), digest))
		die(EXIT_OVERWRITE, "%s is there already, with other bytes: a name is used once", path);
	return true;
}

static void
write_all(int fd, const char *bytes, size_t n, const char *path)
{
	while (n > 0) {
		ssize_t written = write(fd, bytes, n);

		if (written < 0 && errno != EINTR)
			die_errno(EXIT_IO, "%s: cannot write", path);
		if (written > 0) {
			bytes += written;
			n -= (size_t)written;
		}
	}
}

static void
copy_to(const char *from, const char *temp)
{
	char bytes[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC), out;
	ssize_t n;

	if (in < 0)
		die_errno(errno == ENOENT ? EXIT_ABSENT : EXIT_IO, "%s", from);
	out = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		die_errno(EXIT_IO, "%s: cannot write", temp);
	fault("submit begun");
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		write_all(out, bytes, (size_t)n, temp);
	if (n < 0)
		die_errno(EXIT_IO, "%s", from);
	fault("submit written");
	if (fsync(out) < 0 || close(out) < 0)
		die_errno(EXIT_IO, "%s: cannot sync", temp);
	close(in);
}

static void
remove_temp(const char *temp)
{
	if (unlink(temp) < 0 && errno != ENOENT)
		die_errno(EXIT_IO, "%s: cannot remove", temp);
}

/* The folder is synced even when the name is there: who was killed may not have come to it. */
static void
give_name(const char *temp, const char *path, const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		die_errno(EXIT_IO, "%s", folder);
	fault("before submitting");
	if (temp != NULL && link(temp, path) < 0)
		die_errno(errno == EEXIST ? EXIT_OVERWRITE : EXIT_IO, "%s: cannot appear", path);
	fault("after submitting");
	if (temp != NULL)
		remove_temp(temp);
	if (fsync(fd) < 0)
		die_errno(EXIT_IO, "%s: cannot sync the folder", folder);
	close(fd);
}

enum submitted
submit_file(struct run *r, const char *kind, const char *from, const char *folder, const char *name)
{
	unsigned char digest[SHA256_SIZE];
	char path[PATH_SIZE], temp[PATH_SIZE];
	bool before, there;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path) ||
	    snprintf(temp, sizeof(temp), "%s/.%s.part", folder, name) >= (int)sizeof(temp))
		die(EXIT_USAGE, "%s: name too long", name);
	if (!publish_digest(from, digest, NULL))
		die(EXIT_ABSENT, "%s is not there", from);
	before = was_applied(r, kind, name, digest);
	there = is_there(path, digest);
	if (r->dry_run)
		return before ? SUBMITTED_BEFORE : SUBMITTED;
	remove_temp(temp);
	if (before)
		return SUBMITTED_BEFORE;
	if (!there)
		copy_to(from, temp);
	give_name(there ? NULL : temp, path, folder);
	return SUBMITTED;
}
