/* secret: see secret.h.
 *
 * source   systemd.exec(5), LoadCredential=: the folder of credentials belongs to the service, so the rights of a credential
 *          are not checked
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stages/core/engine/denial.h"
#include "stages/core/engine/log.h"
#include "stages/core/net/secret.h"

#define LEAST_HIDDEN 4 /* a shorter beginning of a secret says nothing */

static void
check_rights(int fd, const char *path, const char *key)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		die_errno(EXIT_IO, "%s", path);
	if (!S_ISREG(st.st_mode))
		die(EXIT_CONFIG, "%s (%s): is not a file", path, key);
	if ((st.st_mode & 077) != 0)
		die(EXIT_CONFIG, "%s (%s): can be read by others: `chmod 600 %s`", path, key, path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		die(EXIT_CONFIG, "%s (%s): must belong to root or to the user who runs this", path, key);
}

#define NAMES_NO_FILE \
	"names a file that does not exist; the path of a file with the secret in it stands here, never the secret itself"

/* A path that does not begin with a slash may be the secret itself: it is not printed. */
static _Noreturn void
die_unread(const char *place, const char *path, const char *key)
{
	char denial[DENIAL_TEXT];

	if (errno == ENOENT && path[0] != '\0' && path[0] != '/')
		die(EXIT_CONFIG, "%s " NAMES_NO_FILE, key);
	die(EXIT_CONFIG, "%s (%s): %s%s", place, key, strerror(errno), denial_explain(place, errno, denial));
}

/* What people put into the file beside the secret. */
static const char *
find_mistake(const char *text, size_t n)
{
	if (n == 0)
		return "is empty";
	if (strncmp(text, "\xEF\xBB\xBF", 3) == 0)
		return "begins with a byte order mark";
	if (strchr(text, '\r') != NULL)
		return "has a line end of Windows (CR)";
	if (n > 1 && text[0] == text[n - 1] && strchr("'\"`", text[0]) != NULL)
		return "has quotes around the secret";
	if (strchr(" \t", text[0]) != NULL || strchr(" \t", text[n - 1]) != NULL)
		return "has a blank before or after the secret";
	if (strncmp(text, "client_secret", strlen("client_secret")) == 0)
		return "has the name of a key before the secret";
	return NULL;
}

/* Reads the whole file, without the line break at its end. */
static void
read_secret(struct secret *s, const char *path, const char *credential, const char *key, bool has_lines)
{
	char place[PATH_MAX];
	const char *folder = run_credentials(), *mistake;
	bool whole; /* there was room for more */
	ssize_t n;
	int fd;

	if (path[0] == '\0' && folder == NULL)
		die(EXIT_CONFIG, "%s is not set, and systemd provides no credential %s", key, credential);
	if (snprintf(place, PATH_MAX, "%s%s%s", path[0] != '\0' ? path : folder, path[0] != '\0' ? "" : "/",
	             path[0] != '\0' ? "" : credential) >= PATH_MAX)
		die(EXIT_CONFIG, "%s: path too long", key);
	fd = open(place, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		die_unread(place, path, key);
	if (path[0] != '\0')
		check_rights(fd, place, key);
	n = read(fd, s->text, sizeof(s->text) - 1);
	close(fd);
	if (n < 0)
		die_errno(EXIT_IO, "%s", place);
	whole = n < SECRET_SIZE - 1;
	if (n > 0 && s->text[n - 1] == '\n')
		n--;
	s->text[n] = '\0';
	mistake = has_lines ? NULL : find_mistake(s->text, (size_t)n);
	if (mistake != NULL)
		die(EXIT_CONFIG, "%s (%s): %s: it must contain only the secret, on one line", place, key,
		    mistake);
	if (!whole || n == 0 || strlen(s->text) != (size_t)n ||
	    (!has_lines && strpbrk(s->text, "\r\n") != NULL))
		die(EXIT_CONFIG, "%s (%s): must contain only the secret, %s", place, key,
		    has_lines ? "as text" : "on one line");
}

void
secret_load(struct secret *s, const char *path, const char *credential, const char *key)
{
	read_secret(s, path, credential, key, false);
}

void
secret_load_lines(struct secret *s, const char *path, const char *credential, const char *key)
{
	read_secret(s, path, credential, key, true);
}

void
secret_forget(struct secret *s)
{
	OPENSSL_cleanse(s, sizeof(*s));
}

/* Puts "[secret]" in place of n characters at `at`; the end of the text may be cut. */
static size_t
cover(char *text, size_t size, char *at, size_t n)
{
	static const char hidden[] = "[secret]";
	size_t room = size - (size_t)(at - text), rest = strlen(at + n) + 1;
	size_t put = sizeof(hidden) - 1 < room ? sizeof(hidden) - 1 : room - 1;

	if (put + rest > room)
		rest = room - put;
	memmove(at + put, at + n, rest);
	memcpy(at, hidden, put);
	text[size - 1] = '\0';
	return put;
}

void
secret_hide(const char *secret, char *text, size_t size)
{
	size_t n = strlen(secret), used;
	char *at = text;

	while (n > 0 && (at = strstr(at, secret)) != NULL)
		at += cover(text, size, at, n);
	used = strlen(text);
	for (; n >= LEAST_HIDDEN; n--) /* a text that was cut may end inside the secret */
		if (used >= n && memcmp(text + used - n, secret, n) == 0) {
			cover(text, size, text + used - n, n);
			return;
		}
}
