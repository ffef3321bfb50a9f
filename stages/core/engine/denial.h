/* denial: who owns a file or folder, and which one of a path it is that this user may not use. */
#ifndef CORE_DENIAL_H
#define CORE_DENIAL_H

#include <limits.h>
#include <sys/stat.h>

#define DENIAL_USER 64
#define DENIAL_TEXT (PATH_MAX + DENIAL_USER + 64)

/* The name of a user, or "uid 1001". */
char *denial_user(uid_t uid, char text[static DENIAL_USER]);

/* For errno EACCES or EPERM: " (state/lock belongs to root, mode 0600)", of the first part of the path that denies its use;
 * "" for another error, or when nothing is denied. */
char *denial_explain(const char *path, int error, char text[static DENIAL_TEXT]);

#endif
