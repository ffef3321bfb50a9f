/* durable: see durable.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/text.h"
#include "stages/core/engine/fault.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/durable.h"

void
durable_join(char path[static PATH_SIZE], const char *folder, const char *name)
{
	if (snprintf(path, PATH_SIZE, "%s/%s", folder, name) >= PATH_SIZE)
		die(EXIT_IO, "%s/%s: path too long", folder, name);
}

void
durable_folder_of(const char *path, char folder[static PATH_SIZE])
{
	char copy[PATH_SIZE];

	if (text_copy(copy, sizeof(copy), path) < 0 || text_copy(folder, PATH_SIZE, dirname(copy)) < 0)
		die(EXIT_IO, "%s: path too long", path);
}

static bool
is_door(const char *folder)
{
	struct stat st;

	return stat(folder, &st) == 0 && (st.st_mode & S_ISGID) != 0;
}

int
durable_create(const char *path, bool for_door)
{
	char folder[PATH_SIZE];
	int fd;

	durable_remove(path);
	durable_folder_of(path, folder);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		die_errno(EXIT_IO, "%s: cannot be written", path);
	if (for_door && is_door(folder) && fchmod(fd, 0640) < 0)
		die_errno(EXIT_IO, "%s: its rights cannot be set", path);
	return fd;
}

int
durable_create_nameless(const char *folder)
{
	char name[PATH_SIZE];
	int fd;

	durable_join(name, folder, ".nameless.XXXXXX");
	fd = mkstemp(name);
	if (fd < 0 || unlink(name) < 0)
		die_errno(EXIT_IO, "%s: cannot be written", name);
	return fd;
}

int
durable_write(int fd, const void *bytes, size_t n)
{
	const char *at = bytes;

	while (n > 0) {
		ssize_t written = write(fd, at, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		at += written;
		n -= (size_t)written;
	}
	return 0;
}

void
durable_sync(int fd, const char *path)
{
	if (fsync(fd) < 0)
		die_errno(EXIT_IO, "%s: cannot be synced", path);
}

void
durable_sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		die_errno(EXIT_IO, "%s: the folder cannot be synced", folder);
	close(fd);
}

void
durable_sync_folder_of(const char *path)
{
	char folder[PATH_SIZE];

	durable_folder_of(path, folder);
	durable_sync_folder(folder);
}

void
durable_link(const char *from, const char *path)
{
	fault("before link");
	if (link(from, path) < 0)
		die_errno(errno == EEXIST ? EXIT_OVERWRITE : EXIT_IO, "%s: the name cannot be given", path);
	fault("after link");
}

void
durable_rename(const char *from, const char *path)
{
	fault("before rename");
	if (rename(from, path) < 0)
		die_errno(EXIT_IO, "%s: the name cannot be given", path);
	fault("after rename");
}

void
durable_remove(const char *path)
{
	if (unlink(path) < 0 && errno != ENOENT)
		die_errno(EXIT_IO, "%s: cannot be removed", path);
}

void
durable_remove_folder(const char *folder)
{
	char path[PATH_SIZE];
	struct dirent *entry;
	struct stat st;
	DIR *dir = opendir(folder);

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		durable_join(path, folder, entry->d_name);
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			durable_remove_folder(path);
		else
			durable_remove(path);
	}
	closedir(dir);
	if (rmdir(folder) < 0)
		die_errno(EXIT_IO, "%s: cannot be removed", folder);
}

void
durable_make_folder(const char *path)
{
	char above[PATH_SIZE];
	struct stat st;

	if (stat(path, &st) == 0)
		return;
	durable_folder_of(path, above);
	durable_make_folder(above);
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		die_errno(EXIT_IO, "%s: the folder cannot be made", path);
	if (is_door(above) && chmod(path, S_ISGID | 0750) < 0)
		die_errno(EXIT_IO, "%s: its rights cannot be set", path);
	durable_sync_folder(above);
}

void
durable_make_door(const char *path, const char *like)
{
	char above[PATH_SIZE];
	struct stat st;

	durable_make_folder(path);
	if (stat(like, &st) < 0 || (st.st_mode & S_ISGID) == 0 || is_door(path))
		return;
	durable_folder_of(path, above);
	if (chown(path, (uid_t)-1, st.st_gid) < 0 || chmod(path, S_ISGID | 0750) < 0 ||
	    chmod(above, 0711) < 0)
		die_errno(EXIT_IO, "%s: cannot be opened to the group of %s", path, like);
}

bool
durable_digest(const char *path, unsigned char sha256[static SHA256_SIZE], int64_t *size)
{
	struct sink *sink;
	char buffer[65536];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return false;
	if (fd < 0)
		die_errno(EXIT_IO, "%s: cannot be read", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		die(EXIT_IO, "%s: is not a regular file", path);
	sink = sink_new(NULL, NULL);
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		sink_put(sink, buffer, (size_t)n);
	if (n < 0 || sink_end(sink, sha256, size) < 0)
		die_errno(EXIT_IO, "%s: cannot be read", path);
	close(fd);
	return true;
}

bool
durable_has_digest(const char *path, const unsigned char sha256[static SHA256_SIZE])
{
	unsigned char found[SHA256_SIZE];

	return durable_digest(path, found, NULL) && memcmp(found, sha256, SHA256_SIZE) == 0;
}
