/* start: see start.h. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/length.h"
#include "stages/commands/start.h"
#include "stages/core/engine/log.h"

#define MOST_WORDS 32

/* The command line of a stage: the options of this run, then `more`. */
struct line {
	char path[PATH_MAX], name[64], day[DATE_TEXT], now[INSTANT_TEXT], night[24], format[24];
	const char *argv[MOST_WORDS];
};

/* The stage prints its result itself, or leaves that to the caller and prints only its errors. */
enum result { OF_STAGE, OF_CALLER };

static int
add_result(const struct run *r, enum result result, struct line *l, int n)
{
	static const char *const names[] = {
	    [FORMAT_TABLE] = "table", [FORMAT_JSON] = "json", [FORMAT_JSONL] = "jsonl", [FORMAT_CSV] = "csv"};

	if (r->quiet || (result == OF_CALLER && r->format != FORMAT_TABLE))
		l->argv[n++] = "--quiet";
	if (result == OF_STAGE && r->format != FORMAT_TABLE) {
		snprintf(l->format, sizeof(l->format), "--format=%s", names[r->format]);
		l->argv[n++] = l->format;
	}
	if (result == OF_CALLER && (r->format == FORMAT_JSON || r->format == FORMAT_JSONL))
		l->argv[n++] = "--format=jsonl";
	return n;
}

static void
fill_line(const struct run *r, const char *stage, const char *const more[], enum result result,
          struct line *l)
{
	const char *const first[] = {l->name,
	                             "--home",
	                             r->home,
	                             "--config",
	                             r->config_path,
	                             "--date",
	                             date_print(l->day, r->on),
	                             "--now",
	                             instant_print(l->now, r->now),
	                             "--wait",
	                             "60"};
	int n = LENGTH(first);

	memcpy(l->argv, first, sizeof(first));
	snprintf(l->name, sizeof(l->name), "alanpay-%s", stage);
	snprintf(l->path, sizeof(l->path), "%s/%s", run_program_folder(), l->name);
	if (r->as != NULL) {
		l->argv[n++] = "--as";
		l->argv[n++] = r->as;
	}
	if (r->dry_run)
		l->argv[n++] = "--dry-run";
	if (r->night != 0 &&
	    !r->dry_run) { /* the row of a rehearsed night is in the database of `run` only */
		snprintf(l->night, sizeof(l->night), "%lld", (long long)r->night);
		l->argv[n++] = "--night";
		l->argv[n++] = l->night;
	}
	n = add_result(r, result, l, n);
	for (; *more != NULL && n < MOST_WORDS - 1; more++)
		l->argv[n++] = *more;
	l->argv[n] = NULL;
	fflush(stdout);
}

static pid_t
start(const struct run *r, const char *stage, const char *const more[])
{
	struct line l;
	pid_t pid;

	fill_line(r, stage, more, OF_CALLER, &l);
	pid = fork();
	if (pid < 0)
		die_errno(EXIT_IO, "fork");
	if (pid == 0) {
		execv(l.path, (char *const *)l.argv); /* execv takes them as they are */
		_exit(EXIT_CONFIG);
	}
	return pid;
}

_Noreturn void
start_instead(const struct run *r, const char *stage, const char *const more[])
{
	struct line l;

	fill_line(r, stage, more, OF_STAGE, &l);
	execv(l.path, (char *const *)l.argv);
	die_errno(EXIT_CONFIG, "%s", l.path);
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
