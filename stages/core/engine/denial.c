/* denial: see denial.h. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/text.h"
#include "stages/core/engine/denial.h"

char *
denial_user(uid_t uid, char text[static DENIAL_USER])
{
	const struct passwd *pw = getpwuid(uid);

	if (pw == NULL || text_copy(text, DENIAL_USER, pw->pw_name) < 0)
		snprintf(text, DENIAL_USER, "uid %lu", (unsigned long)uid);
	return text;
}

static bool
may(const char *path, int mode)
{
	return faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0;
}

/* Cuts `path` to the first folder on its way that this user cannot enter. False: the user can enter all of them. */
static bool
cut_to_closed_folder(char path[static PATH_MAX])
{
	char *slash;
	struct stat st;

	for (slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (stat(path, &st) == 0 && !may(path, X_OK))
			return true;
		*slash = '/';
	}
	return false;
}

static void
cut_to_folder(char path[static PATH_MAX])
{
	char *slash = strrchr(path, '/');

	if (slash == NULL)
		snprintf(path, PATH_MAX, ".");
	else
		slash[slash == path] = '\0';
}

/* What cannot be read is named before the folder in which nothing can be made, removed or renamed. */
static void
cut_to_denied(char path[static PATH_MAX])
{
	char whole[PATH_MAX];

	snprintf(whole, sizeof(whole), "%s", path);
	if (path[0] == '\0' || cut_to_closed_folder(path) || (may(path, F_OK) && !may(path, R_OK)))
		return;
	cut_to_folder(path);
	if (!may(path, W_OK | X_OK))
		return;
	snprintf(path, PATH_MAX, "%s", whole);
}

char *
denial_explain(const char *path, int error, char text[static DENIAL_TEXT])
{
	char part[PATH_MAX], user[DENIAL_USER];
	struct stat st;

	text[0] = '\0';
	if ((error != EACCES && error != EPERM) || snprintf(part, sizeof(part), "%s", path) >= PATH_MAX)
		return text;
	cut_to_denied(part);
	if (stat(part, &st) == 0)
		snprintf(text, DENIAL_TEXT, " (%s belongs to %s, mode %04o)",
		         strcmp(part, path) == 0 ? "it" : part, denial_user(st.st_uid, user),
		         (unsigned)(st.st_mode & 07777));
	errno = error;
	return text;
}
