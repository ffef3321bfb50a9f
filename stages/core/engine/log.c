/* log: see log.h. Holds the only global of a run: what to call when it dies. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/json.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/text.h"
#include "stages/core/engine/denial.h"
#include "stages/core/engine/log.h"

#define STACK (512 * 1024)
#define PAGE  4096

#define LOG_TEXT 8192

static struct {
	const char *program;
	bool quiet, journald, json;
	void (*on_die)(void *ctx, enum exit_status status, const char *message);
	void *ctx;
	enum exit_status first; /* the process ends with it; EXIT_DONE: it goes on */
} self = {.program = "alanpay"};

/* While the process ends for lack of memory, more is not there: it ends at once. */
static void
end_for_memory(void)
{
	_exit(EXIT_IO);
}

static void
die_for_memory(void)
{
	memory_on_lack(end_for_memory);
	die(EXIT_IO, "out of memory");
}

static void __attribute__((noinline)) touch_stack(void)
{
	volatile char stack[STACK];
	size_t i;

	for (i = 0; i < sizeof(stack); i += PAGE)
		stack[i] = 0;
}

/* The stack grows as it is used, and where no memory is left that is a signal, not a message: so much of it as the deepest call
 * needs is taken at the start. Once: what is freed the second time stays in the heap, where the stack cannot take it. */
static void
take_stack(void)
{
	static bool is_taken;
	void *volatile room;

	if (is_taken)
		return;
	is_taken = true;
	room = malloc(STACK);
	if (room == NULL)
		die_for_memory();
	free(room);
	touch_stack();
}

void
log_open(const char *program, bool quiet)
{
	self.program = program;
	self.quiet = quiet;
	self.journald = getenv("JOURNAL_STREAM") != NULL;
	memory_on_lack(die_for_memory);
	take_stack();
}

void
log_as_json(bool wanted)
{
	self.json = wanted;
}

/* The code of a line, what to do about it, and its level. */
struct kind {
	const char *code, *hint;
	int level;               /* syslog's */
	enum exit_status status; /* EXIT_DONE: the program continues */
};

static const struct kind warning = {"warning", NULL, 4, EXIT_DONE};
static const struct kind information = {"information", NULL, 6, EXIT_DONE};

static const struct kind errors[] = {
    {"usage", "`--help` lists the options", 3, EXIT_USAGE},
    {"refused", "correct the input; nothing was done", 3, EXIT_REFUSED},
    {"absent", NULL, 3, EXIT_ABSENT},
    {"unavailable", "run this command later", 3, EXIT_UNAVAILABLE},
    {"internal", "do not release; call an engineer", 3, EXIT_BUG},
    {"would_overwrite", NULL, 3, EXIT_OVERWRITE}, /* the message names what exists */
    {"input_output", "check the disk, then run this command once more", 3, EXIT_IO},
    {"busy", "run this command later", 3, EXIT_BUSY},
    {"forbidden", "do as the message says, or ask another person", 3, EXIT_FORBIDDEN},
    {"configuration", "correct what the message names", 3, EXIT_CONFIG},
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
log_write_text(const struct kind *k, const char *what, const char *message)
{
	char shown[LOG_TEXT];

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
log_put_line(struct sink *s, const struct kind *k, const char *message)
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

/* The message may quote texts from outside: control characters are replaced, so that it stays one line. */
static void
write_line(const struct kind *k, const char *what, const char *message)
{
	struct sink *s = self.json ? sink_new_plain(write_stderr, NULL) : NULL;

	if (s == NULL) {
		log_write_text(k, what, message);
		return;
	}
	log_put_line(s, k, message);
	(void)sink_end(s, NULL, NULL); /* there is no other place to report to */
}

void
warn(const char *fmt, ...)
{
	char message[LOG_TEXT];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	write_line(&warning, "warning: ", message);
}

void
info(const char *fmt, ...)
{
	char message[LOG_TEXT];
	va_list args;

	if (self.quiet)
		return;
	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	write_line(&information, "", message);
}

void
log_on_die(void (*on_die)(void *ctx, enum exit_status status, const char *message), void *ctx)
{
	self.on_die = on_die;
	self.ctx = ctx;
}

/* code: NULL stands for that of the status. */
static _Noreturn void
end(enum exit_status status, const char *code, const char *message)
{
	void (*on_die)(void *, enum exit_status, const char *) = self.on_die;
	struct kind k = find_error(status);

	if (code != NULL)
		k.code = code;
	write_line(&k, "", message);
	self.on_die = NULL; /* when on_die fails itself, the process ends at once, for its first reason */
	if (self.first == EXIT_DONE)
		self.first = status;
	if (on_die != NULL)
		on_die(self.ctx, status, message);
	exit((int)self.first);
}

void
die(enum exit_status status, const char *fmt, ...)
{
	char message[LOG_TEXT];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	end(status, NULL, message);
}

void
die_code(enum exit_status status, const char *code, const char *fmt, ...)
{
	char message[LOG_TEXT];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	end(status, code, message);
}

void
die_errno(enum exit_status status, const char *fmt, ...)
{
	int error = errno;
	const char *why = strerror(error);
	char path[LOG_TEXT], denial[DENIAL_TEXT];
	char message[LOG_TEXT];
	va_list args;
	size_t n;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	n = strcspn(message, ":"); /* a message begins with what it is about */
	snprintf(path, sizeof(path), "%.*s", (int)n, message);
	n = strlen(message);
	snprintf(message + n, sizeof(message) - n, ": %s%s", why, denial_explain(path, error, denial));
	end(status, NULL, message);
}
