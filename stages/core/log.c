/* log: see log.h. Holds the one global of a run: whom to tell when it dies. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stages/core/log.h"

static struct {
	const char *program;
	bool quiet, journald;
	void (*tell)(void *ctx, enum exit_status status, const char *message);
	void *ctx;
} self = {.program = "alanpay"};

void
log_open(const char *program, bool quiet)
{
	self.program = program;
	self.quiet = quiet;
	self.journald = getenv("JOURNAL_STREAM") != NULL;
}

/* What others said may be in it: a line stays one line, and a terminal obeys nobody. */
static void
write_line(int level, const char *what, const char *message)
{
	const char *c;

	if (self.journald)
		fprintf(stderr, "<%d>", level);
	fprintf(stderr, "%s: %s", self.program, what);
	for (c = message; *c != '\0'; c++)
		fputc((unsigned char)*c < ' ' || *c == 0x7F ? '?' : *c, stderr);
	fputc('\n', stderr);
}

void
warn(const char *fmt, ...)
{
	char message[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	write_line(4, "warning: ", message);
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
	write_line(6, "", message);
}

void
log_on_die(void (*tell)(void *ctx, enum exit_status status, const char *message), void *ctx)
{
	self.tell = tell;
	self.ctx = ctx;
}

static _Noreturn void
end(enum exit_status status, const char *message)
{
	void (*tell)(void *, enum exit_status, const char *) = self.tell;

	write_line(3, "", message);
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
	end(status, message);
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
	end(status, message);
}
