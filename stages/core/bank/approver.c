/* approver: see approver.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stages/core/bank/approver.h"
#include "stages/core/engine/config.h"

static const char *
find_path(const struct run *r, const char *name)
{
	int i;

	for (i = 0; i < config_approvers(r->config); i++)
		if (strcmp(config_approver_name(r->config, i), name) == 0)
			return config_approver_path(r->config, i);
	return NULL;
}

static int
check_owner(const char *path, const struct stat *st, struct err *e)
{
	struct stat home;

	if (!S_ISREG(st->st_mode))
		return err_set(e, "bad_key", "%s is not a file", path);
	if (st->st_uid != 0 && (stat(".", &home) < 0 || st->st_uid != home.st_uid))
		return err_set(e, "bad_key", "%s belongs to another user than root and the owner of the home",
		               path);
	if ((st->st_mode & 022) != 0)
		return err_set(e, "bad_key", "%s can be written by others: `chmod go-w %s`", path, path);
	return 0;
}

static int
read_key(const char *path, int fd, unsigned char key[static SSHSIG_KEY], struct err *e)
{
	char text[SSHSIG_MOST + 1];
	struct err why = {0};
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return err_set(e, "bad_key", "%s: %s", path, strerror(errno));
	if (check_owner(path, &st, e) < 0)
		return -1;
	n = read(fd, text, sizeof(text));
	if (n < 0)
		return err_set(e, "bad_key", "%s: %s", path, strerror(errno));
	if (sshsig_parse_key(text, (size_t)n, key, &why) < 0)
		return err_set(e, "bad_key", "%s %s", path, why.message);
	return 0;
}

int
approver_load(const struct run *r, const char *name, unsigned char key[static SSHSIG_KEY], struct err *e)
{
	const char *path = find_path(r, name);
	int fd, rc;

	if (path == NULL)
		return err_set(e, "bad_key", "[approvers] in the configuration has no key of %s", name);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, "bad_key", "%s: %s", path, strerror(errno));
	rc = read_key(path, fd, key, e);
	close(fd);
	return rc;
}
