/* home: see home.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/length.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/denial.h"
#include "stages/core/engine/guard.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/storefile.h"
#include "stages/core/home/home.h"
#include "stages/core/home/homecopy.h"
#include "stages/core/home/migration.h"
#include "stages/core/home/publish.h"
#include "stages/core/home/releaselog.h"
#include "stages/core/home/stray.h"

static void
find_config(struct run *r)
{
	r->config_path = r->config_option != NULL ? r->config_option : run_placed_config(r);
	if (r->config_path == NULL)
		die(EXIT_CONFIG,
		    "no configuration in %s/alanpay.ini or /etc/alanpay/alanpay.ini: write one, then fill it in: `%s`",
		    r->home, run_config_command(r));
}

static void
read_config(struct run *r)
{
	char denial[DENIAL_TEXT];
	struct err e;

	if (access(r->config_path, R_OK) < 0 && errno == EACCES)
		die(EXIT_CONFIG, "%s: %s%s: `sudo chmod 644 %s`", r->config_path, strerror(errno),
		    denial_explain(r->config_path, errno, denial), r->config_path);
	r->config = config_read(r->config_path, &e);
	if (r->config == NULL && e.line == 0)
		die(EXIT_CONFIG, "%s: %s", r->config_path, e.message);
	if (r->config == NULL)
		die(EXIT_CONFIG, "%s:%ld: %s", r->config_path, e.line, e.message);
}

static void
change_to_home(struct run *r)
{
	char denial[DENIAL_TEXT];

	if (chdir(r->home) == 0)
		return;
	if (errno == EACCES)
		die(EXIT_FORBIDDEN, "%s: %s%s: run this as the owner of the home, with sudo -u", r->home,
		    strerror(errno), denial_explain(r->home, errno, denial));
	die(EXIT_CONFIG, "%s: %s: make a new home with `%s`", r->home, strerror(errno),
	    run_command(r, "init"));
}

void
home_enter(struct run *r)
{
	struct rlimit no_core = {0, 0};
	struct stat st;

	umask(077);
	setrlimit(RLIMIT_CORE, &no_core);
	signal(SIGXFSZ, SIG_IGN); /* a full quota is an error of write(2), not a death */
	r->home = r->home == NULL ? run_default_home() : run_absolute(r->home, r->home_path);
	if (r->config_option == NULL)
		r->config_option = run_named_config();
	if (r->config_option != NULL)
		r->config_option = run_absolute(r->config_option, r->config_file);
	change_to_home(r);
	guard_owner(r, ".");
	r->copy_of = homecopy_original();
	if (stat(".", &st) == 0 && (st.st_mode & 022) != 0)
		die(EXIT_CONFIG, "%s has mode %04o: others can change it: `chmod go-w %s`", r->home,
		    (unsigned)(st.st_mode & 07777), r->home);
	if (stat("state", &st) < 0)
		die(EXIT_CONFIG, "%s is not a data home: it has no folder state/: make a new home with `%s`",
		    r->home, run_command(r, "init"));
	if ((st.st_mode & 077) != 0)
		die(EXIT_CONFIG, "%s/state is readable by other users: `chmod 700 %s/state`", r->home,
		    r->home);
}

/* What another user (root) made in it. */
static void
require_own_files(const struct run *r)
{
	static const char *const files[] = {
	    "state",      "state/alanpay.db", "state/alanpay.db-wal", "state/alanpay.db-shm",
	    "state/lock", "state/run.lock"};
	int mode = r->access == ACCESS_READS ? R_OK : R_OK | W_OK;
	char denial[DENIAL_TEXT];
	size_t i;

	for (i = 0; i < LENGTH(files); i++)
		if (access(files[i], mode) < 0 && errno == EACCES)
			die(EXIT_IO,
			    "%s/%s: %s%s: give the whole home to its owner: `sudo chown -R --reference=%s %s`",
			    r->home, files[i], strerror(errno), denial_explain(files[i], errno, denial),
			    r->home, r->home);
}

/* The lock of the kernel shows whether another process is alive; no row does. */
static void
take_lock(struct run *r)
{
	long tries = r->wait_s * 20;
	int fd = open("state/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		die_errno(EXIT_IO, "state/lock");
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			die_errno(EXIT_IO, "state/lock");
		if (tries-- <= 0)
			die(EXIT_BUSY,
			    "%s: another process is changing it: try again later, or with --wait SECONDS",
			    r->home);
		run_pause(50);
	}
	r->lock = fd;
}

/* What the home was made for, before it is known whether the configuration leads to its release log. A database that may have
 * been restored stays closed, and one that cannot be read is left to who opens it. */
static enum environment
ask_environment(struct run *r)
{
	struct storefile_place place;
	enum environment environment;

	if (r->access == ACCESS_LOCKS)
		return storefile_place("state/alanpay.db", false, &place) ? place.environment
		                                                          : ENVIRONMENT_TEST;
	if (r->db != NULL)
		return store_environment(r->db);
	r->db = store_open_old("state/alanpay.db", STORE_READS);
	environment = store_environment(r->db);
	store_close(r->db);
	r->db = NULL;
	return environment;
}

void
home_look_into(struct run *r)
{
	r->db = store_open_old("state/alanpay.db", STORE_READS);
	guard_options(r, store_environment(r->db));
}

static void
require_config(struct run *r, enum environment environment)
{
	char why[GUARD_TEXT];

	if (!guard_config(r, environment, why))
		die(EXIT_CONFIG, "%s", why);
}

/* A configuration that was named is not even read outside a test home. */
void
home_read_config(struct run *r)
{
	bool asks = r->config_option != NULL || r->access == ACCESS_LOCKS || r->db != NULL;
	enum environment environment = asks ? ask_environment(r) : ENVIRONMENT_PRODUCTION;

	if (asks)
		guard_options(r, environment);
	find_config(r);
	read_config(r);
	if (asks)
		require_config(r, environment);
	if (r->verbose)
		info("home %s, configuration %s", r->home, r->config_path);
}

static void
open_database(struct run *r)
{
	r->db = store_open_old("state/alanpay.db", r->access == ACCESS_CHANGES ? STORE_CHANGES : STORE_READS);
	guard_options(r, store_environment(r->db));
	require_config(r, store_environment(r->db));
}

/* With its release log. */
static void
open_books(struct run *r)
{
	open_database(r);
	if (r->access == ACCESS_CHANGES && r->dry_run)
		store_rehearse(r->db);
	releaselog_open(r);
}

static void
close_books(struct run *r)
{
	releaselog_close(r);
	store_close(r->db);
	r->db = NULL;
}

static void
migrate(struct run *r)
{
	struct migration m;

	home_migrate(r, false, &m);
	info("the books of schema %lld are of schema %lld now", (long long)m.from, (long long)m.to);
	migration_free(&m);
}

static void
require_new_books(const struct run *r)
{
	if (store_is_old(r->db))
		die(EXIT_CONFIG,
		    "these are the books of an older program (schema %lld; this one needs %lld), and this command does not"
		    " change them%s: `%s`",
		    (long long)store_version(r->db), (long long)store_schema_version(),
		    r->dry_run ? " in a dry run" : "", run_command(r, "migrate"));
}

void
home_open_old(struct run *r)
{
	home_enter(r);
	require_own_files(r);
	if (r->access == ACCESS_CHANGES || r->access == ACCESS_LOCKS)
		take_lock(r);
	home_read_config(r);
	releaselog_begin(r);
	if (r->access != ACCESS_LOCKS)
		open_books(r);
}

void
home_migrate(struct run *r, bool is_rehearsal, struct migration *m)
{
	if (r->copy_of == NULL) { /* a copy is a rehearsal itself */
		migration_prove(r, m);
		if (is_rehearsal)
			return;
		migration_free(m);
	}
	migration_apply(r, m);
	close_books(r);
	releaselog_begin(r);
	open_books(r);
}

void
home_open(struct run *r)
{
	if (r->access == ACCESS_NONE || r->access == ACCESS_LATER)
		return;
	if (r->access == ACCESS_HOME) {
		home_enter(r);
		if (access("state/alanpay.db", F_OK) == 0) /* a home that has none yet can be looked at */
			home_look_into(r);
		find_config(r);
		return;
	}
	home_open_old(r);
	if (r->access == ACCESS_LOCKS)
		return;
	if (r->access == ACCESS_CHANGES && !r->dry_run && store_is_old(r->db))
		migrate(r);
	require_new_books(r);
	if (r->access == ACCESS_CHANGES)
		stray_require_none(r);
	if (r->access == ACCESS_CHANGES)
		publish_finish(r);
}

void
home_close(struct run *r)
{
	close_books(r);
	config_free(r->config);
	r->config = NULL;
	free(r->given);
	r->given = NULL;
	r->givens = 0;
	if (r->lock > 0)
		close(r->lock);
	r->lock = 0;
}
