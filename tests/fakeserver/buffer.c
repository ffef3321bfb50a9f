/* buffer: see buffer.h. */
#include "tests/fakeserver/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
buffer_put(struct buffer *b, const void *bytes, size_t n)
{
	if (b->n + n + 1 > b->room) {
		size_t room = (b->n + n + 1) * 2;
		char *more = realloc(b->at, room);

		if (more == NULL)
			abort();
		b->at = more;
		b->room = room;
	}
	if (n > 0)
		memcpy(b->at + b->n, bytes, n);
	b->n += n;
	b->at[b->n] = '\0';
}

void
buffer_text(struct buffer *b, const char *text)
{
	buffer_put(b, text, strlen(text));
}

void
buffer_print(struct buffer *b, const char *fmt, ...)
{
	char text[2048];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n > 0)
		buffer_put(b, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

void
buffer_drop(struct buffer *b, size_t n)
{
	b->n -= n;
	if (b->n > 0)
		memmove(b->at, b->at + n, b->n + 1);
}

void
buffer_free(struct buffer *b)
{
	free(b->at);
	*b = (struct buffer){0};
}

int
buffer_write(void *b, const void *bytes, size_t n)
{
	buffer_put(b, bytes, n);
	return 0;
}
