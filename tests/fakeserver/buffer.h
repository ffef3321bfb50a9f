/* buffer: bytes that grow. */
#ifndef TESTS_FAKESERVER_BUFFER_H
#define TESTS_FAKESERVER_BUFFER_H

#include <stddef.h>

struct buffer {
	char *at;
	size_t n, room; /* a NUL always stands behind the n bytes once there are any */
};

void buffer_put(struct buffer *b, const void *bytes, size_t n);
void buffer_text(struct buffer *b, const char *text);
void buffer_print(struct buffer *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buffer_drop(struct buffer *b, size_t n); /* the first n bytes */
void buffer_free(struct buffer *b);
int buffer_write(void *b, const void *bytes, size_t n); /* for sink_new */

#endif
