/* stray: see stray.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/length.h"
#include "formats/text.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/durable.h"
#include "stages/core/home/releaselog.h"
#include "stages/core/home/stray.h"

/* The folders of a day or a session lie so deep; below them each file is published. */
static const struct {
	const char *path;
	int depth;
} trees[] = {
    {"archive", 3}, {"quarantine", 3}, {"out/notifications", 1}, {"out/sepa", 1}, {"out/uploaded", 0}};

/* The folder in it whose name is the last one; false: it has no folder. */
static bool
newest_in(const char *folder, char path[static PATH_SIZE])
{
	char newest[256] = "";
	struct dirent *entry;
	struct stat st;
	DIR *dir = opendir(folder);

	if (dir == NULL && errno != ENOENT)
		die_errno(EXIT_IO, "%s", folder);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, newest) <= 0)
			continue;
		durable_join(path, folder, entry->d_name);
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			(void)text_copy(newest, sizeof(newest), entry->d_name);
	}
	if (dir != NULL)
		closedir(dir);
	if (newest[0] != '\0')
		durable_join(path, folder, newest);
	return newest[0] != '\0';
}

static bool
is_published(struct run *r, const char *path)
{
	struct stmt *q = sql(r->db, "SELECT EXISTS (SELECT 1 FROM artifact WHERE path = $path)");

	bind_text(q, "$path", path);
	return value(q, 0) != 0;
}

/* Views have no row. Beside the versions of a bank file are only views; what lies in a folder there is published. */
#define VIEW "receipts.jsonl"

/* Sets `path` to the first file that nothing published. */
static bool
find_stray(struct run *r, const char *folder, bool has_views, char path[static PATH_SIZE])
{
	struct dirent *entry;
	struct stat st;
	bool found = false;
	DIR *dir = opendir(folder);

	if (dir == NULL && errno != ENOENT)
		die_errno(EXIT_IO, "%s", folder);
	while (dir != NULL && !found && (entry = readdir(dir)) != NULL) {
		char below[PATH_SIZE];

		if (entry->d_name[0] == '.')
			continue;
		durable_join(below, folder, entry->d_name);
		if (lstat(below, &st) == 0 && S_ISDIR(st.st_mode)) {
			found = find_stray(r, below, false, path);
		} else if (!has_views && strcmp(entry->d_name, VIEW) != 0 && !is_published(r, below)) {
			memcpy(path, below, PATH_SIZE);
			found = true;
		}
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

void
stray_require_none(struct run *r)
{
	char folder[PATH_SIZE], below[PATH_SIZE] = "", stray[PATH_SIZE];
	int depth;
	size_t i;

	for (i = 0; i < LENGTH(trees); i++) {
		bool is_there = true;

		snprintf(folder, sizeof(folder), "%s", trees[i].path);
		for (depth = trees[i].depth; depth > 0 && is_there; depth--) {
			is_there = newest_in(folder, below);
			memcpy(folder, below, sizeof(folder));
		}
		if (is_there && find_stray(r, folder, strcmp(trees[i].path, "out/sepa") == 0, stray))
			die(EXIT_CONFIG,
			    "%s is not known to the books: the home was restored from a backup together with %s: bring back"
			    " the newest copy of that log, then run `%s`",
			    stray, releaselog_path(r), run_command(r, "restore"));
	}
}
