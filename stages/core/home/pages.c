/* pages: see pages.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/memory.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/durable.h"
#include "stages/core/home/pages.h"

#define WAL        "state/alanpay.db-wal"
#define WAL_HEADER 32
#define FRAME      24 /* of its header */
#define MOST_PAGE  65536

static void
folder_of_log(const char *log, char folder[PATH_MAX])
{
	size_t n = strlen(log);

	if (n > 4 && strcmp(log + n - 4, ".log") == 0)
		n -= 4;
	if (snprintf(folder, PATH_MAX, "%.*s.pages", (int)n, log) >= PATH_MAX)
		die(EXIT_CONFIG, "%s: path too long", log);
}

void
pages_open(struct pages *p, const char *log)
{
	*p = (struct pages){.wal = -1, .file = -1};
	folder_of_log(log, p->folder);
}

void
pages_close(struct pages *p)
{
	if (p->wal >= 0)
		close(p->wal);
	if (p->file >= 0)
		close(p->file);
	p->wal = p->file = -1;
}

static uint32_t
big_endian(const unsigned char b[4])
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* False when there is no whole header. */
static bool
read_header(struct pages *p, unsigned char header[WAL_HEADER])
{
	if (p->wal < 0)
		p->wal = open(WAL, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (p->wal < 0 && errno != ENOENT)
		die_errno(EXIT_IO, WAL);
	return p->wal >= 0 && pread(p->wal, header, WAL_HEADER, 0) == WAL_HEADER;
}

void
pages_wal_id(struct pages *p, char id[static 17])
{
	unsigned char header[WAL_HEADER];
	int i;

	id[0] = '\0';
	if (read_header(p, header))
		for (i = 0; i < 8; i++)
			snprintf(id + 2 * i, 3, "%02x", header[16 + i]);
}

static void
open_file(struct pages *p, date on)
{
	char path[PATH_MAX + DATE_TEXT], name[DATE_TEXT];

	if (p->file >= 0 && strcmp(p->name, date_print(name, on)) == 0)
		return;
	if (p->file >= 0) {
		pages_sync(p);
		close(p->file);
	}
	if (mkdir(p->folder, 0700) == 0)
		durable_sync_folder_of(p->folder);
	else if (errno != EEXIST)
		die_errno(EXIT_IO, "%s: the folder cannot be made", p->folder);
	date_print(p->name, on);
	snprintf(path, sizeof(path), "%s/%s", p->folder, p->name);
	p->file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (p->file < 0)
		die_errno(EXIT_IO, "%s: cannot be written", path);
	durable_sync_folder(p->folder);
}

static int
write_to(void *ctx, const void *bytes, size_t n)
{
	return durable_write(*(int *)ctx, bytes, n);
}

bool
pages_keep(struct pages *p, int64_t from, int64_t until, date on, struct pages_at *at)
{
	unsigned char header[WAL_HEADER];
	char buffer[65536];
	struct sink *out;
	int64_t frame, left;
	off_t next;
	ssize_t n;

	if (!read_header(p, header) || until <= from)
		return false;
	frame = FRAME + (int64_t)big_endian(header + 8);
	next = WAL_HEADER + from * frame;
	open_file(p, on);
	at->offset = lseek(p->file, 0, SEEK_END);
	if (at->offset < 0)
		die_errno(EXIT_IO, "%s/%s", p->folder, p->name);
	p->is_unsynced = true;
	out = sink_new(write_to, &p->file);
	for (left = (until - from) * frame; left > 0; left -= n, next += n) {
		n = pread(p->wal, buffer, left < (int64_t)sizeof(buffer) ? (size_t)left : sizeof(buffer),
		          next);
		if (n <= 0)
			die(EXIT_IO, WAL ": is shorter than its last commit");
		sink_put(out, buffer, (size_t)n);
	}
	if (sink_end(out, at->sha256, &at->bytes) < 0)
		die_errno(EXIT_IO, "%s/%s: cannot be written", p->folder, p->name);
	snprintf(at->file, sizeof(at->file), "%s", p->name);
	return true;
}

void
pages_sync(struct pages *p)
{
	if (p->is_unsynced)
		durable_sync(p->file, p->folder);
	p->is_unsynced = false;
}

/* Writing them over a database ------------------------------------------------------------------------------------- */

static _Noreturn void
die_of_lost(const char *path)
{
	die(EXIT_CONFIG,
	    "%s is missing or is not what was kept: bring it back, or put a newer backup in place, then run"
	    " `alanpay restore` once more",
	    path);
}

static int
open_kept(const char *log, const struct pages_at *at, char path[static PATH_MAX])
{
	char folder[PATH_MAX];
	int fd;

	folder_of_log(log, folder);
	if (strspn(at->file, "0123456789-") != strlen(at->file) ||
	    snprintf(path, PATH_MAX, "%s/%s", folder, at->file) >= PATH_MAX)
		die(EXIT_CONFIG,
		    "%s: it names a file that cannot be one of pages: bring back the log of this home", log);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		die_of_lost(path);
	if (fd < 0)
		die_errno(EXIT_IO, "%s", path);
	return fd;
}

void
pages_require(const char *log, const struct pages_at *at)
{
	unsigned char digest[SHA256_SIZE];
	char path[PATH_MAX], buffer[65536];
	struct sink *hash = sink_new(NULL, NULL);
	int fd = open_kept(log, at, path);
	off_t next = at->offset;
	int64_t left;
	ssize_t n;

	for (left = at->bytes; left > 0; left -= n, next += n) {
		n = pread(fd, buffer, left < (int64_t)sizeof(buffer) ? (size_t)left : sizeof(buffer), next);
		if (n <= 0)
			die_of_lost(path);
		sink_put(hash, buffer, (size_t)n);
	}
	close(fd);
	if (sink_end(hash, digest, NULL) < 0 || memcmp(digest, at->sha256, SHA256_SIZE) != 0)
		die_of_lost(path);
}

static void
read_frame(int fd, const char *path, void *to, size_t n, off_t at)
{
	if (pread(fd, to, n, at) != (ssize_t)n)
		die_of_lost(path);
}

/* The size of a page, which each database has in its header. */
static size_t
page_size(int fd, const char *path)
{
	unsigned char b[2];
	size_t size;

	if (pread(fd, b, sizeof(b), 16) != (ssize_t)sizeof(b))
		die_errno(EXIT_IO, "%s", path);
	size = (size_t)b[0] << 8 | b[1];
	return size == 1 ? MOST_PAGE : size;
}

void
pages_apply(const char *log, const struct pages_at *at, int fd, const char *path)
{
	size_t size = page_size(fd, path), frame = FRAME + size;
	unsigned char *bytes = memory_new(1, frame);
	char kept_path[PATH_MAX];
	int64_t done;
	int kept;

	pages_require(log, at);
	kept = open_kept(log, at, kept_path);
	if (at->bytes % (int64_t)frame != 0)
		die(EXIT_CONFIG, "%s is of a database with other pages: put a backup of this home in place",
		    kept_path);
	for (done = 0; done < at->bytes; done += (int64_t)frame) {
		uint32_t page, pages;

		read_frame(kept, kept_path, bytes, frame, at->offset + done);
		page = big_endian(bytes);
		pages = big_endian(bytes + 4);
		if (page == 0 ||
		    pwrite(fd, bytes + FRAME, size, (off_t)(page - 1) * (off_t)size) != (ssize_t)size)
			die_errno(EXIT_IO, "%s", path);
		if (pages != 0 && ftruncate(fd, (off_t)pages * (off_t)size) < 0)
			die_errno(EXIT_IO, "%s", path);
	}
	free(bytes);
	close(kept);
}
