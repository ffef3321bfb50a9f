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
#include "stages/core/engine/log.h"
#include "stages/core/home/home.h"
#include "stages/core/home/homecopy.h"
#include "stages/core/home/publish.h"
#include "stages/core/home/releaselog.h"

static void
find_config(struct run *r)
{
	if (r->config_path == NULL)
		r->config_path = run_default_config();
	if (r->config_path == NULL)
		die(EXIT_CONFIG,
		    "no configuration in %s/alanpay.ini or /etc/alanpay/alanpay.ini: write one, then fill it in: `%s`",
		    r->home, run_config_command(r));
}

static void
read_config(struct run *r)
{
	struct err e;

	if (access(r->config_path, R_OK) < 0 && errno == EACCES)
		die(EXIT_CONFIG, "%s: %s: `sudo chmod 644 %s`", r->config_path, strerror(errno),
		    r->config_path);
	r->config = config_read(r->config_path, &e);
	if (r->config == NULL && e.line == 0)
		die(EXIT_CONFIG, "%s: %s", r->config_path, e.message);
	if (r->config == NULL)
		die(EXIT_CONFIG, "%s:%ld: %s", r->config_path, e.line, e.message);
}

static void
enter_home(struct run *r)
{
	struct rlimit no_core = {0, 0};
	struct stat st;

	umask(077);
	setrlimit(RLIMIT_CORE, &no_core);
	signal(SIGXFSZ, SIG_IGN); /* a full quota is an error of write(2), not a death */
	r->home = r->home == NULL ? run_default_home() : run_absolute(r->home, r->home_path);
	if (r->config_path != NULL)
		r->config_path = run_absolute(r->config_path, r->config_file);
	if (chdir(r->home) < 0)
		die(EXIT_CONFIG, "%s: %s: make a new home with `%s`", r->home, strerror(errno),
		    run_command(r, "init"));
	r->copy_of = homecopy_original();
	if (stat("state", &st) < 0)
		die(EXIT_CONFIG, "%s is not a data home: it has no folder state/: make a new home with `%s`",
		    r->home, run_command(r, "init"));
	if ((st.st_mode & 077) != 0)
		die(EXIT_CONFIG, "%s/state is readable by other users: `chmod 700 %s/state`", r->home,
		    r->home);
}

/* Of another user, or with a file in it that another user (root) made. */
static void
require_owner(const struct run *r)
{
	static const char *const files[] = {"state", "state/alanpay.db", "state/lock"};
	int mode = r->access == ACCESS_READS ? R_OK : R_OK | W_OK;
	const char *words = r->program + strlen("alanpay ");
	struct stat st;
	size_t i;

	for (i = 0; i < LENGTH(files); i++) {
		if (access(files[i], mode) == 0 || errno != EACCES)
			continue;
		if (stat(".", &st) == 0 && st.st_uid != geteuid())
			die(EXIT_CONFIG, "%s belongs to another user: `%s`", r->home,
			    run_command(r, "%s", words));
		die(EXIT_IO,
		    "%s/%s: Permission denied: give the whole home to its owner: `sudo chown -R --reference=%s %s`",
		    r->home, files[i], r->home, r->home);
	}
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

void
home_open(struct run *r)
{
	if (r->access == ACCESS_NONE || r->access == ACCESS_LATER)
		return;
	enter_home(r);
	find_config(r);
	if (r->access == ACCESS_HOME)
		return;
	require_owner(r);
	read_config(r);
	if (!config_is_test(r->config)) {
		if (r->on > date_in_paris(run_clock()))
			die(EXIT_FORBIDDEN,
			    "--date is after today: allowed only where [environment] name = test");
		if (r->clock_given && r->now > run_clock())
			die(EXIT_FORBIDDEN,
			    "--now is in the future: allowed only where [environment] name = test");
		if (r->as != NULL)
			die(EXIT_FORBIDDEN,
			    "--as is allowed only where [environment] name = test: act under your own login");
	}
	if (r->verbose)
		info("home %s, configuration %s", r->home, r->config_path);
	if (r->access == ACCESS_CHANGES || r->access == ACCESS_LOCKS)
		take_lock(r);
	releaselog_begin(r);
	if (r->access == ACCESS_LOCKS)
		return;
	r->db = store_open("state/alanpay.db", r->access == ACCESS_CHANGES ? STORE_CHANGES : STORE_READS);
	if (r->access == ACCESS_CHANGES && r->dry_run)
		store_rehearse(r->db);
	releaselog_open(r);
	if (r->access == ACCESS_CHANGES)
		publish_finish(r);
}

void
home_close(struct run *r)
{
	releaselog_close(r);
	store_close(r->db);
	r->db = NULL;
	config_free(r->config);
	r->config = NULL;
	free(r->given);
	r->given = NULL;
	r->givens = 0;
	if (r->lock > 0)
		close(r->lock);
	r->lock = 0;
}
