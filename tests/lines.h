/* lines: what a reader of files from banks hands on, printed as one line for each record. */
#ifndef TESTS_LINES_H
#define TESTS_LINES_H

#include <stdarg.h>
#include <stdio.h>

#include "formats/answer.h"
#include "tests/text.h"

struct lines {
	char text[16384];
	size_t length;
	struct answer_message message; /* the last one */
	struct pain002_status status;  /* the last one */
	int statuses;
	int refuse_after; /* the status that the callback refuses; 0: it refuses none */
};

static inline void __attribute__((format(printf, 2, 3))) put(struct lines *t, const char *format, ...)
{
	va_list list;
	int size;

	va_start(list, format);
	size = vsnprintf(t->text + t->length, sizeof(t->text) - t->length, format, list);
	va_end(list);
	assert_true(size >= 0 && (size_t)size < sizeof(t->text) - t->length);
	t->length += (size_t)size;
}

static inline int
begin_message(void *ctx, const struct answer_message *m, struct err *e)
{
	(void)ctx, (void)m, (void)e;
	return 0;
}

static inline int
end_message(void *ctx, const struct answer_message *m, struct err *e)
{
	struct lines *t = ctx;

	(void)e;
	t->message = *m;
	return 0;
}

/* Closes the file. `each` prints the records of its kind. */
static inline int
read_file(FILE *in, struct lines *t, struct answer_reader each, struct err *e)
{
	int rc;

	each.ctx = t;
	each.begin = begin_message;
	each.end = end_message;
	rc = answer_read(in, &each, e);
	fclose(in);
	return rc;
}

static inline int
read_text(const char *text, struct lines *t, struct answer_reader each, struct err *e)
{
	return read_file(open_text(text), t, each, e);
}

#endif
