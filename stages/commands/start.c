/* start: see start.h. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stages/commands/start.h"
#include "stages/core/engine/log.h"

#define MOST_WORDS 32

static pid_t
start(const struct run *r, const char *stage, const char *const more[])
{
	char path[PATH_MAX], name[64], day[DATE_TEXT], now[INSTANT_TEXT], night[24];
	const char *argv[MOST_WORDS] = {name,
	                                "--home",
	                                r->home,
	                                "--config",
	                                r->config_path,
	                                "--date",
	                                date_print(day, r->on),
	                                "--now",
	                                instant_print(now, r->now),
	                                "--wait",
	                                "60"};
	int n = 11;
	pid_t pid;

	snprintf(name, sizeof(name), "alanpay-%s", stage);
	snprintf(path, sizeof(path), "%s/%s", run_program_folder(), name);
	if (r->as != NULL) {
		argv[n++] = "--as";
		argv[n++] = r->as;
	}
	if (r->dry_run)
		argv[n++] = "--dry-run";
	if (r->night != 0 &&
	    !r->dry_run) { /* the row of a rehearsed night is in the database of `run` only */
		snprintf(night, sizeof(night), "%lld", (long long)r->night);
		argv[n++] = "--night";
		argv[n++] = night;
	}
	if (r->quiet || r->format != FORMAT_TABLE) /* the caller prints the result */
		argv[n++] = "--quiet";
	if (r->format == FORMAT_JSON || r->format == FORMAT_JSONL) /* the stage prints its errors */
		argv[n++] = "--format=jsonl";
	for (; *more != NULL && n < MOST_WORDS - 1; more++)
		argv[n++] = *more;
	argv[n] = NULL;
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		die_errno(EXIT_IO, "fork");
	if (pid == 0) {
		execv(path, (char *const *)argv); /* execv takes them as they are */
		_exit(EXIT_CONFIG);
	}
	return pid;
}

int
start_stage(const struct run *r, const char *stage, const char *const more[])
{
	pid_t pid = start(r, stage, more);
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die_errno(EXIT_IO, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
