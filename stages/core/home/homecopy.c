/* homecopy: see homecopy.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/length.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/door.h"
#include "stages/core/home/durable.h"
#include "stages/core/home/homecopy.h"

/* Published files are replaced, never changed: a second name is a copy. Others may still write to a file in a door of the
 * inbox; what is in a folder that they made there is never read, and nothing to us. */
enum manner { LINKED, INBOX, DOOR, UNREAD };

static const enum manner below[] = {[LINKED] = LINKED, [INBOX] = DOOR, [DOOR] = UNREAD};

static const struct {
	const char *folder;
	enum manner manner;
} trees[] = {{"out", LINKED}, {"archive", LINKED}, {"quarantine", LINKED}, {"inbox", INBOX}};

/* Up to the size that it had: its sender may be writing. */
static void
copy_all(int in, int out, int64_t left, const char *from, const char *to)
{
	char bytes[1 << 16];
	ssize_t n;

	while (left > 0 && (n = read(in, bytes, sizeof(bytes))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			die_errno(EXIT_IO, "%s", from);
		if (durable_write(out, bytes, (size_t)n) < 0)
			die_errno(EXIT_IO, "%s", to);
		left -= n;
	}
}

/* A file that this user cannot read has the mode that says so in the copy too; one that is too large is as large, and empty. */
static void
copy_bytes(const char *from, const char *to, const struct stat *st, bool is_whole)
{
	int in = open(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), out;

	if (in < 0 && (errno == ENOENT || errno == ELOOP || errno == ENXIO))
		return; /* its sender has just renamed or replaced it */
	if (in < 0 && errno != EACCES)
		die_errno(EXIT_IO, "%s", from);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0 || fchmod(out, st->st_mode & 0777) < 0)
		die_errno(EXIT_IO, "%s", to);
	if (!is_whole && ftruncate(out, st->st_size) < 0)
		die_errno(EXIT_IO, "%s", to);
	if (in >= 0 && is_whole)
		copy_all(in, out, st->st_size, from, to);
	if (in >= 0)
		close(in);
	if (close(out) < 0)
		die_errno(EXIT_IO, "%s", to);
}

static void
copy_link(const char *from, const char *to)
{
	char target[PATH_MAX];
	ssize_t n = readlink(from, target, sizeof(target) - 1);

	if (n < 0 && (errno == ENOENT || errno == EINVAL))
		return;
	if (n < 0)
		die_errno(EXIT_IO, "%s", from);
	target[n] = '\0';
	if (symlink(target, to) < 0)
		die_errno(EXIT_IO, "%s", to);
}

static void copy_folder(const char *from, const char *to, enum manner manner, mode_t mode);

static void
copy_entry(const char *from, const char *to, enum manner manner)
{
	struct stat st;

	if (lstat(from, &st) < 0) {
		if (errno != ENOENT)
			die_errno(EXIT_IO, "%s", from);
		return;
	}
	if (S_ISDIR(st.st_mode))
		copy_folder(from, to, manner, st.st_mode);
	else if (S_ISLNK(st.st_mode))
		copy_link(from, to);
	else if (!S_ISREG(st.st_mode) && mkfifo(to, 0600) < 0)
		die_errno(EXIT_IO, "%s", to);
	else if (S_ISREG(st.st_mode) && (manner != LINKED || link(from, to) < 0))
		copy_bytes(from, to, &st, manner == LINKED || st.st_size <= DOOR_MOST_BYTES);
}

static void
copy_folder(const char *from, const char *to, enum manner manner, mode_t mode)
{
	char below_from[PATH_SIZE], below_to[PATH_SIZE];
	struct dirent *entry;
	DIR *dir;

	if (mkdir(to, 0700) < 0)
		die_errno(EXIT_IO, "%s", to);
	dir = manner == UNREAD ? NULL : opendir(from);
	if (dir == NULL && manner != UNREAD && errno != EACCES)
		die_errno(EXIT_IO, "%s", from);
	while (dir != NULL && (errno = 0, entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		durable_join(below_from, from, entry->d_name);
		durable_join(below_to, to, entry->d_name);
		copy_entry(below_from, below_to, below[manner]);
	}
	if (dir != NULL && errno != 0)
		die_errno(EXIT_IO, "%s", from);
	if (dir != NULL)
		closedir(dir);
	if (chmod(to, mode & 07777) < 0)
		die_errno(EXIT_IO, "%s", to);
}

static void
remove_tree(const char *folder)
{
	char path[PATH_SIZE];
	struct dirent *entry;
	struct stat st;
	DIR *dir;

	(void)chmod(folder, 0700); /* when that fails, so does what follows */
	dir = opendir(folder);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		durable_join(path, folder, entry->d_name);
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			remove_tree(path);
		else if (unlink(path) < 0)
			die_errno(EXIT_IO, "%s", path);
	}
	if (dir != NULL)
		closedir(dir);
	if (rmdir(folder) < 0 && errno != ENOENT)
		die_errno(EXIT_IO, "%s: cannot be removed", folder);
}

/* Held while the descriptor is open; -1: a rehearsal is running. */
static int
take_lock(void)
{
	int fd = open("state/rehearsal.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		die_errno(EXIT_IO, "state/rehearsal.lock");
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	return -1;
}

static void
write_mark(const char *home)
{
	const char *path = HOMECOPY_FOLDER "/" HOMECOPY_MARK;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || durable_write(fd, home, strlen(home)) < 0 || close(fd) < 0)
		die_errno(EXIT_IO, "%s", path);
}

void
homecopy_make(const struct run *r, const char *database, char path[static PATH_MAX])
{
	char to[PATH_SIZE];
	size_t i;

	if (take_lock() < 0) /* the end of the process gives it back */
		die(EXIT_BUSY, "another rehearsal of this home is running: try again later");
	homecopy_remove();
	if (snprintf(path, PATH_MAX, "%s/" HOMECOPY_FOLDER, r->home) >= PATH_MAX)
		die(EXIT_USAGE, "%s: path too long", r->home);
	if (mkdir(HOMECOPY_FOLDER, 0700) < 0 || mkdir(HOMECOPY_FOLDER "/state", 0700) < 0)
		die_errno(EXIT_IO, "%s", path);
	write_mark(r->home);
	store_copy(database, HOMECOPY_FOLDER "/state/alanpay.db");
	for (i = 0; i < LENGTH(trees); i++) {
		durable_join(to, HOMECOPY_FOLDER, trees[i].folder);
		copy_entry(trees[i].folder, to, trees[i].manner);
	}
}

const char *
homecopy_original(void)
{
	static char home[PATH_MAX];
	int fd = open(HOMECOPY_MARK, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return NULL;
	n = read(fd, home, sizeof(home) - 1);
	if (n < 0)
		die_errno(EXIT_IO, HOMECOPY_MARK);
	close(fd);
	home[n] = '\0';
	return home;
}

void
homecopy_remove(void)
{
	if (access(HOMECOPY_FOLDER, F_OK) == 0)
		remove_tree(HOMECOPY_FOLDER);
}

void
homecopy_clear(void)
{
	int lock;

	if (access(HOMECOPY_FOLDER, F_OK) < 0)
		return;
	lock = take_lock();
	if (lock < 0)
		return;
	homecopy_remove();
	close(lock);
}
