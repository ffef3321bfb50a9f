/* tree: see tree.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stages/commands/tree.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/durable.h"

void
tree_copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	char buffer[65536];
	ssize_t n;

	if (in < 0)
		die_errno(EXIT_IO, "%s", from);
	if (out < 0)
		die_errno(errno == EEXIST ? EXIT_OVERWRITE : EXIT_IO, "%s", to);
	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		if (durable_write(out, buffer, (size_t)n) < 0)
			die_errno(EXIT_IO, "%s", to);
	if (n < 0)
		die_errno(EXIT_IO, "%s", from);
	close(in);
	if (close(out) < 0)
		die_errno(EXIT_IO, "%s", to);
}

static void
make_folder(const char *path)
{
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		die_errno(EXIT_IO, "%s", path);
}

/* Calls `act` for each name in the folder; false when there is no such folder. */
static bool
each_entry(const char *folder, void (*act)(const char *path, const char *name, const char *to),
           const char *to)
{
	char path[PATH_SIZE];
	struct dirent *entry;
	DIR *dir = opendir(folder);

	if (dir == NULL && (errno == ENOENT || errno == ENOTDIR))
		return false;
	if (dir == NULL)
		die_errno(EXIT_IO, "%s", folder);
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		durable_join(path, folder, entry->d_name);
		act(path, entry->d_name, to);
	}
	closedir(dir);
	return true;
}

/* Only a link to a name beside it: another could lead anywhere. */
static void
copy_link(const char *from, const char *to)
{
	char target[PATH_SIZE];
	ssize_t n = readlink(from, target, sizeof(target) - 1);

	if (n < 0)
		die_errno(EXIT_IO, "%s", from);
	target[n] = '\0';
	if (strchr(target, '/') == NULL && strcmp(target, "..") != 0 && symlink(target, to) < 0)
		die_errno(errno == EEXIST ? EXIT_OVERWRITE : EXIT_IO, "%s", to);
}

static void
copy_entry(const char *path, const char *name, const char *to)
{
	char target[PATH_SIZE];
	struct stat st;

	durable_join(target, to, name);
	if (lstat(path, &st) < 0)
		die_errno(EXIT_IO, "%s", path);
	if (S_ISDIR(st.st_mode))
		(void)tree_copy(path, target);
	else if (S_ISLNK(st.st_mode))
		copy_link(path, target);
	else if (S_ISREG(st.st_mode))
		tree_copy_file(path, target);
}

bool
tree_copy(const char *from, const char *to)
{
	struct stat st;

	if (stat(from, &st) < 0 || !S_ISDIR(st.st_mode))
		return false;
	make_folder(to);
	return each_entry(from, copy_entry, to);
}

static void
prune_entry(const char *path, const char *name, const char *to)
{
	struct stat st;

	(void)name;
	(void)to;
	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
		tree_prune(path);
}

void
tree_prune(const char *folder)
{
	(void)each_entry(folder, prune_entry, NULL);
	if (rmdir(folder) < 0 && errno != ENOTEMPTY && errno != ENOENT && errno != EEXIST)
		die_errno(EXIT_IO, "%s", folder);
}

static void
remove_entry(const char *path, const char *name, const char *to)
{
	(void)name;
	(void)to;
	tree_remove(path);
}

void
tree_remove(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return;
	if (S_ISDIR(st.st_mode))
		(void)each_entry(path, remove_entry, NULL);
	if (remove(path) < 0)
		die_errno(EXIT_IO, "%s: cannot be removed", path);
}
