/* stranger: see stranger.h. */
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stages/core/engine/config.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/stranger.h"

#define BANK "inbox/bank/"

/* Owners -------------------------------------------------------------------------------------------------- */

bool
stranger_find_user(const char *word, uid_t *user)
{
	const struct passwd *known = getpwnam(word);
	unsigned long number;
	char *end;

	if (known != NULL) {
		*user = known->pw_uid;
		return true;
	}
	if (word[0] < '0' || word[0] > '9')
		return false;
	number = strtoul(word, &end, 10);
	*user = (uid_t)number;
	return *end == '\0' && *user == number && *user != (uid_t)-1;
}

uid_t
stranger_owner(const struct run *r, const char *path, const struct stat *st)
{
	char original[PATH_MAX];
	struct stat there;

	if (r->copy_of == NULL || path[0] == '/' ||
	    snprintf(original, sizeof(original), "%s/%s", r->copy_of, path) >= PATH_MAX)
		return st->st_uid;
	return lstat(original, &there) == 0 ? there.st_uid : st->st_uid;
}

static int
check_owner(struct run *r, const char *path, const struct stat *st, struct err *e)
{
	const char *name = config_text(r->config, BANK_INBOX_OWNER);
	const struct passwd *found;
	uid_t wanted, owner;

	if (name[0] == '\0' || strncmp(path, BANK, strlen(BANK)) != 0)
		return 0;
	if (!stranger_find_user(name, &wanted))
		die(EXIT_CONFIG, "%s: inbox_owner in [bank]: user %s does not exist: `%s`", r->config_path,
		    name, run_command(r, "config validate"));
	owner = stranger_owner(r, path, st);
	if (owner == wanted)
		return 0;
	found = getpwuid(owner);
	return err_set(e, ERR_WRONG_OWNER,
	               "it belongs to user %s (uid %lu), and only %s sends files of the bank"
	               " (inbox_owner in [bank]): remove it, or give it to that user",
	               found == NULL ? "?" : found->pw_name, (unsigned long)owner, name);
}

int
stranger_open(struct run *r, const char *path, struct stat *st, struct err *e)
{
	int fd = door_open(path, DOOR_MOST_BYTES, st, e);

	if (fd >= 0 && check_owner(r, path, st, e) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Exceptions ---------------------------------------------------------------------------------------------- */

/* What no run will ever apply; of a file that may be applied once it is corrected, a decision says nothing about the next one. */
static bool
can_be_settled(const struct err *why)
{
	return err_is(why, ERR_NOT_A_FILE) || err_is(why, ERR_WRONG_OWNER);
}

void
stranger_hold(struct run *r, const char *path, const struct err *why)
{
	bool is_file = !err_is(why, ERR_NOT_A_FILE);
	char key[DOOR_TEXT], message[sizeof(why->message) + 40];
	struct exception x = {.kind = "file", .key = key, .code = why->code, .message = message};

	door_print(key, path);
	if (can_be_settled(why) && exception_is_resolved(r, "file", key))
		return;
	snprintf(message, sizeof(message), "left where it is: %s", why->message);
	tx_begin(r->db);
	exception_open(r, &x);
	tx_commit(r->db);
	warn("%s: %s (%s)", key, message, why->code);
	run_count(r, is_file ? COUNT_INBOX_FILES_LEFT : COUNT_INBOX_NOT_FILES, 1);
}

static bool
can_be_taken(struct run *r, const char *path, struct err *why)
{
	struct stat st;
	int fd = stranger_open(r, path, &st, why);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool
is_gone(struct run *r, const char *key)
{
	char path[PATH_SIZE];
	struct err why;

	return door_parse(path, key) < 0 || can_be_taken(r, path, &why) || why.code[0] == '\0';
}

void
stranger_close_gone(struct run *r, const char *folder)
{
	struct stmt *q = sql(r->db, "SELECT key"
	                            " FROM exception"
	                            " WHERE kind = 'file'"
	                            "  AND state = 'open'"
	                            "  AND substr(key, 1, length($folder) + 1) = $folder || '/'"
	                            " ORDER BY number");

	tx_begin(r->db);
	bind_text(q, "$folder", folder);
	while (row(q))
		if (is_gone(r, col_text(q, 0)))
			exception_close(r, "file", col_text(q, 0));
	tx_commit(r->db);
}

bool
stranger_is_settled(struct run *r, const char *path)
{
	char key[DOOR_TEXT];
	struct err why;

	door_print(key, path);
	return exception_is_resolved(r, "file", key) && !can_be_taken(r, path, &why) && can_be_settled(&why);
}
