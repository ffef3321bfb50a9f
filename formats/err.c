/* err: see err.h. A text that does not fit is cut: a long message must never hide the error itself. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/err.h"

static void err_fill(struct err *e, const char *code, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));

static void
err_fill(struct err *e, const char *code, const char *fmt, va_list args)
{
	snprintf(e->code, sizeof(e->code), "%s", code);
	vsnprintf(e->message, sizeof(e->message), fmt, args);
}

int
err_set(struct err *e, const char *code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	err_fill(e, code, fmt, args);
	va_end(args);
	return -1;
}

int
err_at(struct err *e, long line, long column, const char *code, const char *fmt, ...)
{
	va_list args;

	e->line = line;
	e->column = column;
	va_start(args, fmt);
	err_fill(e, code, fmt, args);
	va_end(args);
	return -1;
}

bool
err_is(const struct err *e, const char *code)
{
	return strcmp(e->code, code) == 0;
}
