/* guard: see guard.h. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stages/core/engine/config.h"
#include "stages/core/engine/denial.h"
#include "stages/core/engine/guard.h"
#include "stages/core/engine/log.h"

#define WRITABLE_BY_OTHERS 022

void
guard_owner(const struct run *r, const char *folder)
{
	char user[DENIAL_USER];
	struct stat st;

	if (stat(folder, &st) == 0 && st.st_uid != geteuid())
		die(EXIT_FORBIDDEN, "this home belongs to %s: %s", denial_user(st.st_uid, user),
		    run_typed_for(r, st.st_uid));
}

void
guard_options(const struct run *r, enum environment environment)
{
	if (environment == ENVIRONMENT_TEST)
		return;
	if (r->config_option != NULL)
		die(EXIT_FORBIDDEN,
		    "--config and ALANPAY_CONFIG are allowed only in a test home: this one was made for %s, and its"
		    " configuration is %s/alanpay.ini or /etc/alanpay/alanpay.ini",
		    environment_words[environment], r->home);
	if (r->as != NULL)
		die(EXIT_FORBIDDEN, "--as is allowed only in a test home: act under your own login");
	if (r->on > date_in_paris(run_clock()))
		die(EXIT_FORBIDDEN, "--date is after today: allowed only in a test home");
	if (r->now_given)
		die(EXIT_FORBIDDEN,
		    "--now is allowed only in a test home: elsewhere the clock is that of the machine");
}

/* Only root and the owner of the home may have a say in what is at `path`. */
static bool
is_in_good_hands(const struct stat *st, const char *path, uid_t owner, char why[static GUARD_TEXT])
{
	bool is_foreign = st->st_uid != 0 && st->st_uid != owner;
	bool is_open = (st->st_mode & WRITABLE_BY_OTHERS) != 0;
	struct sink_text room = {.size = GUARD_TEXT};
	char user[DENIAL_USER];
	struct sink *s;

	if (!is_foreign && !is_open)
		return true;
	room.at = why;
	s = sink_into(&room);
	sink_print(s, "%s belongs to %s, mode %04o: %s: `", path, denial_user(st->st_uid, user),
	           (unsigned)(st->st_mode & 07777),
	           is_foreign ? "it must belong to root or to the owner of the home"
	                      : "others can change it");
	if (is_foreign) {
		sink_text(s, "sudo chown root ");
		run_put_word(s, path);
	}
	if (is_open) {
		sink_text(s, is_foreign ? " && sudo chmod go-w " : "sudo chmod go-w ");
		run_put_word(s, path);
	}
	sink_text(s, "`");
	(void)sink_end(s, NULL, NULL); /* a path that is too long is cut, as the message would be */
	return false;
}

/* Whoever can write to the folder can put another file there. */
static bool
is_folder_in_good_hands(const char *path, uid_t owner, char why[static GUARD_TEXT])
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	struct stat st;

	snprintf(folder, sizeof(folder), "%.*s", slash == path ? 1 : (int)(slash - path), path);
	return stat(folder, &st) < 0 || is_in_good_hands(&st, folder, owner, why);
}

static bool
is_file_in_good_hands(const char *path, const struct config *c, uid_t owner, char why[static GUARD_TEXT])
{
	const struct config_file *file = config_file(c);
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode)) {
		snprintf(why, GUARD_TEXT, "%s is a link: put the file itself there", path);
		return false;
	}
	st.st_uid = file->owner;
	st.st_mode = file->mode;
	return is_in_good_hands(&st, path, owner, why);
}

static bool
is_of_this_home(const struct run *r, enum environment environment, char why[static GUARD_TEXT])
{
	const char *is = config_text(r->config, ENVIRONMENT_NAME), *wanted = environment_words[environment];

	if (strcmp(is, wanted) == 0)
		return true;
	snprintf(
	    why, GUARD_TEXT,
	    "%s: [environment] name = %s, but this home was made for %s: correct the file, or make another"
	    " home: `alanpay init --environment %s --home DIR`",
	    r->config_path, is, wanted, is);
	return false;
}

bool
guard_config(const struct run *r, enum environment environment, char why[static GUARD_TEXT])
{
	char path[2 * PATH_MAX];
	struct stat home;

	if (!is_of_this_home(r, environment, why))
		return false;
	if (environment == ENVIRONMENT_TEST)
		return true;
	if (stat(".", &home) < 0)
		die_errno(EXIT_IO, "%s", r->home);
	if (r->config_path[0] == '/')
		snprintf(path, sizeof(path), "%s", r->config_path);
	else
		snprintf(path, sizeof(path), "%s/%s", r->home, r->config_path);
	return is_file_in_good_hands(path, r->config, home.st_uid, why) &&
	       is_folder_in_good_hands(path, home.st_uid, why);
}
