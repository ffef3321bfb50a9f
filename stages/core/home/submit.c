/* submit: see submit.h. Writes no table: intake stores the input row. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stages/core/engine/fault.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/durable.h"
#include "stages/core/home/submit.h"

static bool
was_applied(struct run *r, const char *kind, const char *name, const unsigned char digest[SHA256_SIZE])
{
	struct stmt *q = sql(r->db,
	    "SELECT sha256 FROM input"
	    " WHERE kind = $kind AND name = $name AND state <> 'refused'");
	bool same;
	size_t n;

	bind_text(q, "$kind", kind);
	bind_text(q, "$name", name);
	if (!row(q))
		return false;
	same = memcmp(col_blob(q, 0, &n), digest, SHA256_SIZE) == 0;
	reset(q);
	if (!same)
		die(EXIT_OVERWRITE,
		    "%s: a file of this name with other bytes was applied before: use a new name", name);
	return true;
}

/* What has the name may be of anybody who writes to the inbox: nothing of another size is read. */
static bool
is_there(const char *path, const unsigned char digest[SHA256_SIZE], int64_t size)
{
	unsigned char found[SHA256_SIZE];
	struct stat st;

	if (lstat(path, &st) < 0 && errno == ENOENT)
		return false;
	if (!S_ISREG(st.st_mode) || st.st_size != size || access(path, R_OK) < 0 ||
	    !durable_digest(path, found, NULL) || memcmp(found, digest, SHA256_SIZE) != 0)
		die(EXIT_OVERWRITE, "%s exists with other bytes: use a new name", path);
	return true;
}

static void
copy_to(const char *from, const char *temp)
{
	char bytes[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC), out;
	ssize_t n;

	if (in < 0)
		die_errno(errno == ENOENT ? EXIT_ABSENT : EXIT_IO, "%s", from);
	out = durable_create(temp, false);
	fault("submit begun");
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		if (durable_write(out, bytes, (size_t)n) < 0)
			die_errno(EXIT_IO, "%s: cannot be written", temp);
	if (n < 0)
		die_errno(EXIT_IO, "%s", from);
	fault("submit written");
	durable_sync(out, temp);
	close(out);
	close(in);
}

/* The folder is synced also when the file has its name: the run that gave it may have been interrupted before the sync. */
static void
give_name(const char *temp, const char *path, const char *folder)
{
	if (temp != NULL) {
		durable_link(temp, path);
		durable_remove(temp);
	}
	durable_sync_folder(folder);
}

enum submitted
submit_file(struct run *r, const char *kind, const char *from, const char *folder, const char *name)
{
	unsigned char digest[SHA256_SIZE];
	char path[PATH_SIZE], temp[PATH_SIZE];
	bool before, there;
	int64_t size;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path) ||
	    snprintf(temp, sizeof(temp), "%s/.%s.part", folder, name) >= (int)sizeof(temp))
		die(EXIT_USAGE, "%s: name too long", name);
	if (!durable_digest(from, digest, &size))
		die(EXIT_ABSENT, "%s does not exist", from);
	before = was_applied(r, kind, name, digest);
	there = is_there(path, digest, size);
	if (r->dry_run)
		return before ? SUBMITTED_BEFORE : SUBMITTED;
	durable_remove(temp);
	if (before)
		return SUBMITTED_BEFORE;
	if (!there)
		copy_to(from, temp);
	give_name(there ? NULL : temp, path, folder);
	return SUBMITTED;
}
