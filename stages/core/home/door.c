/* door: see door.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/text.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/door.h"

static bool
ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && strcmp(name + n - m, end) == 0;
}

bool
door_is_unfinished(const char *name)
{
	return name[0] == '.' || ends_in(name, ".part") || ends_in(name, ".tmp");
}

/* Names --------------------------------------------------------------------------------------------------- */

void
door_print(char text[static DOOR_TEXT], const char *path)
{
	size_t left = strlen(path), n, i;
	char *end = text;
	uint32_t point;

	if (left >= PATH_SIZE)
		die(EXIT_IO, "%.100s...: path too long", path);
	for (; left > 0; left -= n, path += n) {
		n = text_next(path, left, &point);
		if (text_is_control(point)) {
			for (i = 0; i < n; i++)
				end += snprintf(end, 5, "\\x%02x", (unsigned)(unsigned char)path[i]);
			continue;
		}
		if (point == '\\')
			*end++ = '\\';
		memcpy(end, path, n);
		end += n;
	}
	*end = '\0';
}

/* The byte that an escape stands for, and its length in *n; -1: it is not valid. */
static int
parse_escape(const char *text, size_t *n)
{
	*n = 2;
	if (text[1] == '\\')
		return '\\';
	*n = 4;
	if (text[1] != 'x' || text_hex(text[2]) < 0 || text_hex(text[3]) < 0)
		return -1;
	return text_hex(text[2]) << 4 | text_hex(text[3]);
}

int
door_parse(char path[static PATH_SIZE], const char *text)
{
	size_t length = 0, n;
	int byte;

	for (; *text != '\0'; text += n) {
		n = 1;
		byte = (unsigned char)*text;
		if (*text == '\\')
			byte = parse_escape(text, &n);
		if (byte <= 0 || length + 1 >= PATH_SIZE)
			return -1;
		path[length++] = (char)byte;
	}
	path[length] = '\0';
	return 0;
}

static int
check_name(const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;

	if (strlen(name) > DOOR_MOST_NAME)
		return err_set(e, ERR_ODD_FILE_NAME, "its name has more than %d bytes: rename it",
		               DOOR_MOST_NAME);
	if (!text_is_utf8(name, strlen(name)))
		return err_set(e, ERR_ODD_FILE_NAME, "its name is not UTF-8: rename it");
	if (text_has_control(name))
		return err_set(e, ERR_ODD_FILE_NAME,
		               "its name has a line break or another control character: rename it");
	return 0;
}

/* Files --------------------------------------------------------------------------------------------------- */

/* Says why a call failed; a lack of our own is not the fault of a file. */
static int
fail(const char *path, struct err *e)
{
	if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
		die_errno(EXIT_IO, "%s: cannot be read", path);
	if (errno == ENOENT || errno == ENOTDIR)
		return err_set(e, "", "it is gone");
	if (errno == ELOOP || errno == ENXIO || errno == ENODEV)
		return err_set(e, ERR_NOT_A_FILE, "it is not a regular file: remove it");
	if (errno == EACCES || errno == EPERM)
		return err_set(e, ERR_UNREADABLE_FILE,
		               "%s: its sender must let its group read it (chmod g+r)", strerror(errno));
	return err_set(e, ERR_UNREADABLE_FILE, "it cannot be read: %s", strerror(errno));
}

static int
check_file(const struct stat *st, int64_t most, struct err *e)
{
	if (!S_ISREG(st->st_mode))
		return err_set(e, ERR_NOT_A_FILE, "it is not a regular file: remove it");
	if (most > 0 && st->st_size > most)
		return err_set(e, ERR_FILE_TOO_LARGE,
		               "it has %lld bytes, %lld are the most: have it sent in parts",
		               (long long)st->st_size, (long long)most);
	return 0;
}

/* Looked at before it is opened: opening a device may do something. */
int
door_open(const char *path, int64_t most, struct stat *st, struct err *e)
{
	int fd;

	*e = (struct err){0};
	if (lstat(path, st) < 0)
		return fail(path, e);
	if (check_name(path, e) < 0 || check_file(st, most, e) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return fail(path, e);
	if (fstat(fd, st) < 0)
		die_errno(EXIT_IO, "%s: cannot be read", path);
	if (check_file(st, most, e) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool
is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool
door_is_unchanged(const char *path, const struct stat *st)
{
	struct stat now;

	return lstat(path, &now) == 0 && now.st_ino == st->st_ino && now.st_dev == st->st_dev &&
	       now.st_size == st->st_size && is_same_time(&now.st_mtim, &st->st_mtim) &&
	       is_same_time(&now.st_ctim, &st->st_ctim);
}
