/* recording: see recording.h. Pages hold names and payments of members: folders are 0700 and files 0600, by the umask. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/memory.h"
#include "stages/core/engine/log.h"
#include "stages/core/net/http.h"
#include "stages/core/swan/recording.h"

#define LISTS 3

struct recording {
	char root[PATH_MAX];
	char folder[PATH_MAX + 32]; /* of the window at hand */
	char path[PATH_MAX + 320];
	struct dirent **name; /* of the files in it, sorted */
	int names;
	bool cut;
	struct {
		const char *list;
		int next; /* reading: index of the next name; writing: the last number */
	} at[LISTS];
	char *text;
	size_t size;
};

static bool
is_folder(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	errno = ENOTDIR; /* the reason if it is not a folder */
	return S_ISDIR(st.st_mode);
}

static void
forget_names(struct recording *rec)
{
	while (rec->names > 0)
		free(rec->name[--rec->names]);
	free(rec->name);
	rec->name = NULL;
}

static void
name_folder(struct recording *rec, const char *window)
{
	if (snprintf(rec->folder, sizeof(rec->folder), "%s%s%s", rec->root, rec->cut ? "/" : "",
	             rec->cut ? window : "") >= (int)sizeof(rec->folder))
		die(EXIT_USAGE, "%s: path too long", rec->root);
}

static struct recording *
new_recording(const char *root)
{
	struct recording *rec = memory_new(1, sizeof(*rec));

	if (snprintf(rec->root, sizeof(rec->root), "%s", root) >= (int)sizeof(rec->root))
		die(EXIT_USAGE, "%s: path too long", root);
	return rec;
}

static bool
is_window(const struct recording *rec, const char *name)
{
	char path[sizeof(rec->path)];

	snprintf(path, sizeof(path), "%s/%s", rec->root, name);
	return name[0] != '.' && strstr(name, ".json") == NULL && is_folder(path);
}

struct recording *
recording_open(const char *root)
{
	struct recording *rec;
	int i;

	if (!is_folder(root))
		die(EXIT_ABSENT, "%s: %s", root, strerror(errno));
	rec = new_recording(root);
	rec->names = scandir(root, &rec->name, NULL, alphasort);
	if (rec->names < 0)
		die_errno(EXIT_IO, "%s", root);
	for (i = 0; i < rec->names; i++) {
		rec->cut = rec->cut || is_window(rec, rec->name[i]->d_name);
	}
	forget_names(rec);
	return rec;
}

struct recording *
recording_create(const char *root)
{
	struct recording *rec = new_recording(root);

	rec->cut = true;
	if (mkdir(root, 0700) < 0 && errno != EEXIST)
		die_errno(EXIT_IO, "%s", root);
	rec->names = scandir(root, &rec->name, NULL, alphasort);
	if (rec->names < 0)
		die_errno(EXIT_IO, "%s", root);
	if (rec->names > 2)
		die(EXIT_OVERWRITE, "%s is not empty: a recording needs a folder of its own", root);
	forget_names(rec);
	return rec;
}

void
recording_close(struct recording *rec)
{
	if (rec == NULL)
		return;
	forget_names(rec);
	free(rec->text);
	free(rec);
}

bool
recording_is_cut(const struct recording *rec)
{
	return rec->cut;
}

static void
begin_window(struct recording *rec, const char *name)
{
	memset(rec->at, 0, sizeof(rec->at));
	name_folder(rec, name);
}

void
recording_enter_window(struct recording *rec, const char *name)
{
	begin_window(rec, name);
	forget_names(rec);
	if (!is_folder(rec->folder))
		die(EXIT_REFUSED, "%s: the recording has no window %s", rec->root, name);
	rec->names = scandir(rec->folder, &rec->name, NULL, alphasort);
	if (rec->names < 0)
		die_errno(EXIT_IO, "%s", rec->folder);
}

/* The place reached in a list. */
static int *
place_of(struct recording *rec, const char *list)
{
	int i;

	for (i = 0; i < LISTS; i++) {
		if (rec->at[i].list == NULL)
			rec->at[i].list = list;
		if (strcmp(rec->at[i].list, list) == 0)
			return &rec->at[i].next;
	}
	die(EXIT_BUG, "a recording of too many lists: %s", list);
}

static bool
is_page(const char *name, const char *list)
{
	size_t n = strlen(list), length = strlen(name);

	return strncmp(name, list, n) == 0 && name[n] == '-' && length > n + 6 &&
	       strcmp(name + length - 5, ".json") == 0;
}

static int
find_page(const struct recording *rec, int from, const char *list)
{
	while (from < rec->names && !is_page(rec->name[from]->d_name, list))
		from++;
	return from;
}

static size_t
load_page(struct recording *rec)
{
	FILE *in = fopen(rec->path, "r");
	struct stat st;
	size_t n;

	if (in == NULL || fstat(fileno(in), &st) < 0)
		die_errno(EXIT_IO, "%s", rec->path);
	if (st.st_size > HTTP_MOST_BYTES)
		die(EXIT_REFUSED, "%s: a page of %lld bytes is too large", rec->path, (long long)st.st_size);
	if ((size_t)st.st_size + 1 > rec->size) {
		free(rec->text);
		rec->size = (size_t)st.st_size + 1;
		rec->text = memory_check(malloc(rec->size));
	}
	n = fread(rec->text, 1, rec->size - 1, in);
	if (ferror(in))
		die_errno(EXIT_IO, "%s", rec->path);
	fclose(in);
	rec->text[n] = '\0';
	return n;
}

bool
recording_next(struct recording *rec, const char *list, const char **text, size_t *length)
{
	int *place = place_of(rec, list), found = find_page(rec, *place, list);

	if (found == rec->names)
		return false;
	*place = found + 1;
	snprintf(rec->path, sizeof(rec->path), "%s/%s", rec->folder, rec->name[found]->d_name);
	*length = load_page(rec);
	*text = rec->text;
	return true;
}

const char *
recording_path(const struct recording *rec)
{
	return rec->path;
}

const char *
recording_folder(const struct recording *rec)
{
	return rec->folder;
}

bool
recording_has_more(struct recording *rec, const char *list)
{
	return find_page(rec, *place_of(rec, list), list) < rec->names;
}

bool
recording_was_asked(struct recording *rec, const char *list)
{
	return *place_of(rec, list) > 0;
}

void
recording_create_window(struct recording *rec, const char *name)
{
	begin_window(rec, name);
	if (mkdir(rec->folder, 0700) < 0)
		die_errno(EXIT_IO, "%s", rec->folder);
}

void
recording_put(struct recording *rec, const char *list, const char *text, size_t length)
{
	FILE *out;

	snprintf(rec->path, sizeof(rec->path), "%s/%s-%06d.json", rec->folder, list, ++*place_of(rec, list));
	out = fopen(rec->path, "wx");
	if (out == NULL)
		die_errno(EXIT_IO, "%s", rec->path);
	if (fwrite(text, 1, length, out) != length || fclose(out) != 0)
		die_errno(EXIT_IO, "%s", rec->path);
}
