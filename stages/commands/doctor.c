/* alanpay doctor: is the home ready for a night? One table of checks; each is OK, or says what is wrong and the command that corrects
 * it.
 *
 * Each check runs in a process of its own: what would end a night there ends the check here, and its message is the answer. A
 * check whose home, database or configuration cannot be used is not made.
 *
 * reads    the home, its database, its configuration; with --online Swan gives a token
 * writes   nothing
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/json.h"
#include "formats/length.h"
#include "formats/text.h"
#include "stages/commands/doctor.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/home.h"
#include "stages/core/lists/listing.h"

/* What must be open before a check. */
enum needs { NEEDS_HOME, NEEDS_STORE, NEEDS_CONFIG };

struct check {
	const char *name;
	enum needs needs;
	bool opens;            /* what is checked after it and needs as much is not, when it fails */
	const char *otherwise; /* the command, when the message has none */
	void (*act)(struct run *r, struct verdict *v);
};

#define SECONDS 60 /* of one check */

/* The table ---------------------------------------------------------------------------------------------- */

#define VALIDATE "alanpay config validate"

static const struct check checks[] = {
    {"owner", NEEDS_HOME, true, "", doctor_check_owner},
    {"files", NEEDS_HOME, false, "", doctor_check_files},
    {"modes", NEEDS_HOME, false, "", doctor_check_modes},
    {"doors", NEEDS_HOME, false, "", doctor_check_doors},
    {"database", NEEDS_STORE, true, "", doctor_check_database},
    {"disk", NEEDS_STORE, false, "", doctor_check_disk},
    {"clock", NEEDS_STORE, false, "", doctor_check_clock},
    {"configuration", NEEDS_CONFIG, true, VALIDATE, doctor_check_configuration},
    {"log", NEEDS_CONFIG, false, "", doctor_check_log},
    {"creditor", NEEDS_CONFIG, false, "", doctor_check_creditor},
    {"approvers", NEEDS_CONFIG, false, VALIDATE, doctor_check_approvers},
    {"swan", NEEDS_CONFIG, false, VALIDATE, doctor_check_swan},
    {"notifications", NEEDS_CONFIG, false, VALIDATE, doctor_check_delivery},
    {"bank", NEEDS_CONFIG, false, "", doctor_check_bank},
};

/* Verdicts ----------------------------------------------------------------------------------------------- */

void
doctor_say(struct verdict *v, const char *fmt, ...)
{
	size_t n = strlen(v->text);
	va_list args;

	va_start(args, fmt);
	vsnprintf(v->text + n, sizeof(v->text) - n, fmt, args);
	va_end(args);
}

/* The first thing that is wrong stays the answer. */
void
doctor_fail(struct verdict *v, const char *command, const char *fmt, ...)
{
	va_list args;

	if (v->state == CHECK_FAILED)
		return;
	v->state = CHECK_FAILED;
	snprintf(v->command, sizeof(v->command), "%s", command);
	va_start(args, fmt);
	vsnprintf(v->text, sizeof(v->text), fmt, args);
	va_end(args);
}

static void
copy_part(char *dst, size_t size, const char *src, size_t n)
{
	n = n < size ? n : size - 1;
	memcpy(dst, src, n);
	dst[n] = '\0';
}

/* The command of a message stands in it between backquotes, or from `sudo -u` on. */
static void
take_message(struct verdict *v, const char *message)
{
	const char *from = strchr(message, '`'), *to = strrchr(message, '`');
	size_t n;

	*v = (struct verdict){.state = CHECK_FAILED};
	if (from == NULL || from == to) {
		from = strstr(message, ": sudo -u ");
		to = message + strlen(message);
		from = from == NULL ? to : from + 1;
	}
	copy_part(v->text, sizeof(v->text), message, (size_t)(from - message));
	if (from < to)
		copy_part(v->command, sizeof(v->command), from + 1, (size_t)(to - from - 1));
	for (n = strlen(v->text); n > 0 && strchr(": ", v->text[n - 1]) != NULL; n--)
		v->text[n - 1] = '\0';
}

/* A check in a process of its own ------------------------------------------------------------------------ */

static void
answer(int fd, const struct verdict *v)
{
	ssize_t n = write(fd, v, sizeof(*v));

	_exit(n == (ssize_t)sizeof(*v) ? EXIT_DONE : EXIT_IO);
}

static void
answer_death(void *ctx, enum exit_status status, const char *message)
{
	struct verdict v;

	(void)status;
	take_message(&v, message);
	answer(*(int *)ctx, &v);
}

static void
open_what_it_needs(struct run *r, enum needs needs)
{
	r->access = ACCESS_READS;
	home_enter(r);
	if (needs >= NEEDS_STORE)
		home_look_into(r);
	if (needs >= NEEDS_CONFIG)
		home_read_config(r);
}

static _Noreturn void
make_check(struct run *r, const struct check *c, int fd)
{
	struct verdict v = {.state = CHECK_OK};
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (nowhere >= 0)
		(void)dup2(nowhere, STDERR_FILENO); /* what it says is the answer */
	log_on_die(answer_death, &fd);
	(void)alarm(SECONDS);
	open_what_it_needs(r, c->needs);
	c->act(r, &v);
	answer(fd, &v);
	_exit(EXIT_BUG);
}

static void
probe(struct run *r, const struct check *c, struct verdict *v)
{
	int ends[2], status = 0;
	ssize_t n;
	pid_t pid;

	if (pipe(ends) < 0)
		die_errno(EXIT_IO, "pipe");
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die_errno(EXIT_IO, "fork");
	if (pid == 0)
		make_check(r, c, ends[1]);
	close(ends[1]);
	while ((n = read(ends[0], v, sizeof(*v))) < 0 && errno == EINTR)
		;
	close(ends[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (n != (ssize_t)sizeof(*v)) {
		*v = (struct verdict){.state = CHECK_FAILED};
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
			doctor_say(v, "no answer in %d seconds", SECONDS);
		else
			doctor_say(v, "the check itself ended (status %d): call an engineer", status);
	}
	if (v->state == CHECK_FAILED && v->command[0] == '\0')
		snprintf(v->command, sizeof(v->command), "%s", c->otherwise);
}

/* Output ------------------------------------------------------------------------------------------------- */

static const char *const state_words[] = {
    [CHECK_OK] = "ok", [CHECK_FAILED] = "failed", [CHECK_SKIPPED] = "not_checked"};

static void
print_verdict(const struct check *c, const struct verdict *v, struct sink *s)
{
	static const char *const heads[] = {
	    [CHECK_OK] = "OK", [CHECK_FAILED] = "FAIL", [CHECK_SKIPPED] = "-"};

	sink_print(s, "%-5s %-14s ", heads[v->state], c->name);
	sink_clean(s, v->text);
	if (v->command[0] != '\0')
		sink_print(s, ": %s", v->command);
	sink_text(s, "\n");
}

static void
put_verdict(struct json *j, const struct check *c, const struct verdict *v)
{
	json_open(j, NULL, '{');
	json_put_text(j, "check", c->name);
	json_put_text(j, "state", state_words[v->state]);
	json_put_text(j, "message", v->text);
	json_put_text(j, "command", text_or_null(v->command));
	json_close(j, '}');
}

static int
make_checks(struct run *r, struct sink *s, struct json *j)
{
	int failed = 0, closed = NEEDS_CONFIG + 1; /* what needs so much cannot be checked */
	struct verdict v;
	size_t i;

	for (i = 0; i < LENGTH(checks); i++) {
		const struct check *c = &checks[i];

		v = (struct verdict){.state = CHECK_SKIPPED,
		                     .text = "not checked: first correct what failed above"};
		if ((int)c->needs < closed)
			probe(r, c, &v);
		if (v.state == CHECK_FAILED && c->opens)
			closed = (int)c->needs;
		failed += v.state == CHECK_FAILED;
		if (j == NULL)
			print_verdict(c, &v, s);
		else
			put_verdict(j, c, &v);
	}
	return failed;
}

void
doctor(struct run *r)
{
	struct sink *s = listing_stdout();
	struct json j = {.sink = s, .indent = r->format == FORMAT_JSON};
	int failed;

	if (r->format == FORMAT_TABLE) {
		failed = make_checks(r, s, NULL);
	} else {
		json_open(&j, NULL, '{');
		json_open(&j, "checks", '[');
		failed = make_checks(r, s, &j);
		json_close(&j, ']');
		json_put_int(&j, "exit_status", failed == 0 ? EXIT_DONE : EXIT_CONFIG);
		json_close(&j, '}');
		sink_text(s, r->format == FORMAT_JSONL ? "\n" : "");
	}
	listing_stdout_end(s);
	fflush(stdout);
	if (failed > 0)
		die(EXIT_CONFIG, "%d check%s failed", failed, text_plural(failed));
}
