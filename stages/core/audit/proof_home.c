/* proof_home: see proof.h. Who may read and write below the home.
 *
 * Everything belongs to the owner of the home and is closed to everybody else, but for the doors that `init` may open to a
 * group: what finance reads is 2750 and 0640, what others drop into 2770. A link could point anywhere, so there is none but
 * the one that we make ourselves. What lies in the inbox belongs to whoever dropped it until it is taken.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/length.h"
#include "stages/core/audit/proof.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"

static struct claim claim = {
    .text =
	"no file or folder of the home is open to others, except the folders that init opened, and none is a link"};

#define OUR_LINK "out/exports/latest"

/* The most that a folder may be open, and a file right in it when it is a door; what is below has the rule of the nearest
 * folder. */
struct rule {
	const char *path;
	mode_t folder, file;
	bool only_itself; /* what is below it is closed, unless it has a rule */
	bool is_inbox;
};

static const struct rule closed = {"", 0700, 0600, false, false};
static const struct rule rules[] = {
    {"state", 0700, 0600, false, false},        {"archive", 0700, 0600, false, false},
    {"quarantine", 0700, 0600, false, false},   {"inbox", 0711, 0600, true, false},
    {"inbox/requests", 02770, 0, false, true},  {"inbox/bank", 02770, 0, false, true},
    {"out", 0711, 0600, true, false},           {"out/sepa", 02750, 0640, false, false},
    {"out/upload", 02750, 0640, false, false},  {"out/uploaded", 02750, 0640, false, false},
    {"out/exports", 02750, 0640, false, false},
};
static const struct rule of_date = {"", 0711, 0600, true, false};
static const struct rule of_results = {"", 02750, 0640, false, false};

/* out/2026-03-04 and what follows; NULL when it is none. */
static const char *
after_date(const char *path)
{
	static const char shape[] = "out/dddd-dd-dd";
	size_t i;

	for (i = 0; shape[i] != '\0'; i++)
		if (shape[i] == 'd' ? path[i] < '0' || path[i] > '9' : path[i] != shape[i])
			return NULL;
	return path + i;
}

/* For a folder: its own rule, or that of the folder above it. */
static const struct rule *
rule_of(const char *path, const struct rule *above)
{
	const char *rest = after_date(path);
	size_t i;

	for (i = 0; i < LENGTH(rules); i++)
		if (strcmp(path, rules[i].path) == 0)
			return &rules[i];
	if (rest != NULL && rest[0] == '\0')
		return &of_date;
	if (rest != NULL && strcmp(rest, "/requests") == 0)
		return &of_results;
	return above == NULL || above->only_itself ? &closed : above;
}

static void
tell(struct proof *p, const char *path, const char *what)
{
	char text[PATH_SIZE + 64];

	snprintf(text, sizeof(text), "%s %s", path, what);
	proof_fails(p, &claim, text);
}

/* A group has rights only through the bit that init sets with them. */
static void
check_folder(struct proof *p, const char *path, mode_t mode, mode_t most)
{
	if ((mode & 07777 & ~most) != 0)
		tell(p, path, "is more open than it may be");
	else if ((mode & 0070) != 0 && (mode & S_ISGID) == 0 && most != 0711)
		tell(p, path, "is open to a group, but is no door");
}

static void walk(struct proof *p, const char *path, const struct rule *rule, bool is_door, uid_t owner);

/* above: the rule of the folder it is in; is_door: whether that one is open to a group. */
static void
look_at(struct proof *p, const char *path, const struct rule *above, bool is_door, uid_t owner)
{
	mode_t most = above == NULL || !is_door ? closed.file : above->file;
	struct stat st;

	if (lstat(path, &st) < 0) {
		if (errno != ENOENT)
			die_errno(EXIT_IO, "%s", path);
		return;
	}
	if (S_ISDIR(st.st_mode)) {
		check_folder(p, path, st.st_mode, rule_of(path, above)->folder);
		if (st.st_uid != owner)
			tell(p, path, "belongs to somebody else");
		walk(p, path, rule_of(path, above), (st.st_mode & S_ISGID) != 0, owner);
	} else if (above == NULL || above->is_inbox || (S_ISLNK(st.st_mode) && strcmp(path, OUR_LINK) == 0)) {
		return;
	} else if (!S_ISREG(st.st_mode)) {
		tell(p, path, "is no file");
	} else {
		if ((st.st_mode & 07777 & ~most) != 0)
			tell(p, path, "is more open than it may be");
		if (st.st_uid != owner)
			tell(p, path, "belongs to somebody else");
	}
}

static void
walk(struct proof *p, const char *path, const struct rule *rule, bool is_door, uid_t owner)
{
	char below[PATH_SIZE];
	struct dirent *entry;
	DIR *dir = opendir(path);

	if (dir == NULL && errno == ENOENT)
		return;
	if (dir == NULL)
		die_errno(EXIT_IO, "%s", path);
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) >= (int)sizeof(below))
			die(EXIT_IO, "%s/%s: path too long", path, entry->d_name);
		look_at(p, below, rule, is_door, owner);
	}
	closedir(dir);
}

void
proof_of_home(struct proof *p)
{
	static const char *const ours[] = {"state", "archive", "quarantine", "inbox", "out"};
	struct stat home, st;
	size_t i;

	proof_begin(p, &claim);
	if (lstat(".", &home) < 0)
		die_errno(EXIT_IO, "the home");
	check_folder(p, ".", home.st_mode, 0711);
	for (i = 0; i < LENGTH(ours); i++)
		if (lstat(ours[i], &st) == 0 && !S_ISDIR(st.st_mode))
			tell(p, ours[i], "is no folder");
		else
			look_at(p, ours[i], NULL, false, home.st_uid);
}
