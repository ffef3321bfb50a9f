/* log: see log.h. Holds the one global of a run: whom to tell when it dies. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/json.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/text.h"
#include "stages/core/engine/log.h"

static struct {
	const char *program;
	bool quiet, journald, json;
	void (*tell)(void *ctx, enum exit_status status, const char *message);
	void *ctx;
} self = {.program = "alanpay"};

static void
die_for_memory(void)
{
	die(EXIT_BUG, "out of memory");
}

void
log_open(const char *program, bool quiet)
{
	self.program = program;
	self.quiet = quiet;
	self.journald = getenv("JOURNAL_STREAM") != NULL;
	memory_on_lack(die_for_memory);
}

void
log_as_json(bool wanted)
{
	self.json = wanted;
}

/* What a line of a level is called, and what to do about it. */
struct kind {
	const char *code, *hint;
	int level;               /* syslog's */
	enum exit_status status; /* EXIT_DONE: nothing ends */
};

static const struct kind warning = {"warning", NULL, 4, EXIT_DONE};
static const struct kind information = {"information", NULL, 6, EXIT_DONE};

static const struct kind errors[] = {
    {"usage", "`--help` tells the options", 3, EXIT_USAGE},
    {"refused", "mend the input; nothing was done", 3, EXIT_REFUSED},
    {"absent", NULL, 3, EXIT_ABSENT},
    {"unavailable", "run again later", 3, EXIT_UNAVAILABLE},
    {"internal", "do not release; call an engineer", 3, EXIT_BUG},
    {"would_overwrite", NULL, 3, EXIT_OVERWRITE}, /* mostly done before: the message says what is there */
    {"input_output", "check the disk, run again", 3, EXIT_IO},
    {"busy", "run again later", 3, EXIT_BUSY},
    {"forbidden", "another person, or another environment", 3, EXIT_FORBIDDEN},
    {"configuration", "mend what the message names", 3, EXIT_CONFIG},
};

static struct kind
find_error(enum exit_status status)
{
	size_t i;

	for (i = 0; i < LENGTH(errors); i++)
		if (errors[i].status == status)
			return errors[i];
	return (struct kind){"failed", NULL, 3, status};
}

static void
write_text(const struct kind *k, const char *what, const char *message)
{
	char shown[1024];

	snprintf(shown, sizeof(shown), "%s", message);
	text_clean(shown);
	if (self.journald)
		fprintf(stderr, "<%d>", k->level);
	fprintf(stderr, "%s: %s%s\n", self.program, what, shown);
}

static int
write_stderr(void *ctx, const void *bytes, size_t n)
{
	(void)ctx;
	return fwrite(bytes, 1, n, stderr) == n ? 0 : -1;
}

static void
put_line(struct sink *s, const struct kind *k, const char *message)
{
	struct json j = {.sink = s};

	json_open(&j, NULL, '{');
	json_put_text(&j, "code", k->code);
	json_put_text(&j, "message", message);
	json_put_text(&j, "hint", k->hint);
	if (k->status == EXIT_DONE)
		json_put_null(&j, "exit_status");
	else
		json_put_int(&j, "exit_status", k->status);
	json_put_text(&j, "program", self.program);
	json_close(&j, '}');
	sink_text(s, "\n");
}

/* What others said may be in it: a line stays one line, and a terminal obeys nobody. */
static void
write_line(const struct kind *k, const char *what, const char *message)
{
	struct sink *s = self.json ? sink_new_plain(write_stderr, NULL) : NULL;

	if (s == NULL) {
		write_text(k, what, message);
		return;
	}
	put_line(s, k, message);
	(void)sink_end(s, NULL, NULL); /* nobody is left to be told */
}

void
warn(const char *fmt, ...)
{
	char message[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	write_line(&warning, "warning: ", message);
}

void
info(const char *fmt, ...)
{
	char message[1024];
	va_list args;

	if (self.quiet)
		return;
	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	write_line(&information, "", message);
}

void
log_on_die(void (*tell)(void *ctx, enum exit_status status, const char *message), void *ctx)
{
	self.tell = tell;
	self.ctx = ctx;
}

/* code: NULL for that of the status. */
static _Noreturn void
end(enum exit_status status, const char *code, const char *message)
{
	void (*tell)(void *, enum exit_status, const char *) = self.tell;
	struct kind k = find_error(status);

	if (code != NULL)
		k.code = code;
	write_line(&k, "", message);
	self.tell = NULL; /* a failure while telling ends at once */
	if (tell != NULL)
		tell(self.ctx, status, message);
	exit((int)status);
}

void
die(enum exit_status status, const char *fmt, ...)
{
	char message[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	end(status, NULL, message);
}

void
die_code(enum exit_status status, const char *code, const char *fmt, ...)
{
	char message[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	end(status, code, message);
}

void
die_errno(enum exit_status status, const char *fmt, ...)
{
	const char *why = strerror(errno);
	char message[1024];
	va_list args;
	size_t n;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	n = strlen(message);
	snprintf(message + n, sizeof(message) - n, ": %s", why);
	end(status, NULL, message);
}
