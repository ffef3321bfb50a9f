/* proof_home: see proof.h. Owner and permissions of everything in the home.
 *
 * Everything belongs to the owner of the home and is closed to everybody else, except the doors: folders that `init` may
 * open to a group, 2750 with files of 0640 where others read, 3770 where they put files for us: sticky, so that nobody removes
 * what another put there. A link could point anywhere, so there is only the one that `export` makes. What lies in a door of the
 * inbox belongs to the user who put it there, until it is taken in; nothing of it is looked at. The private copy of a rehearsal
 * is closed as a whole.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/length.h"
#include "stages/core/audit/proof.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/homecopy.h"
#include "stages/core/home/publish.h"

static struct claim claim = {
    .text =
	"no file or folder of the home is open to others, except the folders that init opened, and none is a link"};

#define OUR_LINK "out/exports/latest"
#define STICKY   01000 /* POSIX has its name only with XSI */

/* The most permissions that a folder may have, and a file in it when the folder is a door. A folder without a rule of its
 * own has that of the folder above it. */
struct rule {
	const char *path;
	mode_t folder, file;
	bool only_itself; /* a folder below it without a rule is closed */
	bool is_inbox;
};

static const struct rule closed = {"", 0700, 0600, false, false};
static const struct rule rules[] = {
    {"state", 0700, 0600, false, false},         {"archive", 0700, 0600, false, false},
    {"quarantine", 0700, 0600, false, false},    {"inbox", 0711, 0600, true, false},
    {"inbox/requests", 03770, 0, false, true},   {"inbox/bank", 03770, 0, false, true},
    {"inbox/approvals", 03770, 0, false, true},  {"out", 0711, 0600, true, false},
    {"out/sepa", 02750, 0640, false, false},     {"out/upload", 02750, 0640, false, false},
    {"out/uploaded", 02750, 0640, false, false}, {"out/exports", 02750, 0640, false, false},
    {"inbox/receipts", 03770, 0, false, true},   {"out/notifications", 02750, 0640, false, false},
};
static const struct rule of_date = {"", 0711, 0600, true, false};
static const struct rule of_results = {"", 02750, 0640, false, false};

/* What follows out/2026-03-04 or another day; NULL: the path does not begin so. */
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

static bool
check_mode(struct proof *p, const char *path, mode_t mode, mode_t most)
{
	if ((mode & 07777 & ~most) == 0)
		return true;
	proof_differs(p, &claim, "%s: is open to others: its mode is %04o, at most %04o is allowed", path,
	              (unsigned)(mode & 07777), (unsigned)most);
	return false;
}

/* A group has rights only together with the setgid bit, and writes only where the sticky bit is: `init` sets them. */
static void
check_folder(struct proof *p, const char *path, mode_t mode, mode_t most)
{
	if (!check_mode(p, path, mode, most))
		return;
	if ((mode & 0070) != 0 && (mode & S_ISGID) == 0 && most != 0711)
		proof_differs(p, &claim, "%s: is open to its group, but `alanpay init` did not open it",
		              path);
	if ((mode & 0020) != 0 && (mode & STICKY) == 0)
		proof_differs(p, &claim,
		              "%s: each member of its group can remove the files of another: `chmod %04o %s`",
		              path, (unsigned)(mode & 07777) | STICKY, path);
}

static void
check_owner(struct proof *p, const char *path, uid_t found, uid_t owner)
{
	if (found != owner)
		proof_differs(p, &claim, "%s: does not belong to the owner of the home", path);
}

static void walk(struct proof *p, const char *path, const struct rule *rule, bool is_door, uid_t owner);

/* above: the rule of the folder that the path is in; is_door: that folder is open to a group. */
static void
check_path(struct proof *p, const char *path, const struct rule *above, bool is_door, uid_t owner)
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
		check_owner(p, path, st.st_uid, owner);
		if (strcmp(path, HOMECOPY_FOLDER) != 0)
			walk(p, path, rule_of(path, above), (st.st_mode & S_ISGID) != 0, owner);
	} else if (above == NULL || (S_ISLNK(st.st_mode) && strcmp(path, OUR_LINK) == 0)) {
		return;
	} else if (!S_ISREG(st.st_mode)) {
		proof_differs(p, &claim, "%s: is not a regular file", path);
	} else {
		(void)check_mode(p, path, st.st_mode, most);
		check_owner(p, path, st.st_uid, owner);
	}
}

static void
walk(struct proof *p, const char *path, const struct rule *rule, bool is_door, uid_t owner)
{
	char below[PATH_SIZE];
	struct dirent *entry;
	DIR *dir;

	if (rule->is_inbox)
		return;
	dir = opendir(path);
	if (dir == NULL && errno == ENOENT)
		return;
	if (dir == NULL)
		die_errno(EXIT_IO, "%s", path);
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) >= (int)sizeof(below))
			die(EXIT_IO, "%s/%s: path too long", path, entry->d_name);
		check_path(p, below, rule, is_door, owner);
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
			proof_differs(p, &claim, "%s: is not a folder", ours[i]);
		else
			check_path(p, ours[i], NULL, false, home.st_uid);
}
