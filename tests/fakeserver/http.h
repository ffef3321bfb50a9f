/* http: reads one request from the bytes received, writes one answer to the bytes to send. HTTP/1.1. */
#ifndef TESTS_FAKESERVER_HTTP_H
#define TESTS_FAKESERVER_HTTP_H

#include <stdbool.h>
#include <time.h>

#include "tests/fakeserver/buffer.h"

struct request {
	char method[16], path[256];
	const char *headers; /* the lines after the first, each with its line break */
	size_t headers_length, length;
	const char *body; /* `length` bytes */
};

/* Size of the first request; 0: it is not complete yet; -1: it is not a request. */
long http_read(const struct buffer *in, struct request *q);
bool http_wants_continue(
    const struct buffer *in); /* its header is complete and asks whether the body may follow */

/* The value of a header; "" and false when it is absent. */
bool http_header(const struct request *q, const char *name, char *value, size_t size);

enum delivery { WHOLE, TRUNCATED, RESET, SLOW, HANG };

struct answer {
	int status;
	time_t date;      /* 0: now */
	const char *type; /* of the body */
	struct buffer body;
	char headers[256]; /* further ones, each with its line break */
	enum delivery delivery;
	bool chunked, gzip;
	bool is_last; /* the connection is closed after it */
};

#define HTTP_DATE 64
char *http_date(char text[static HTTP_DATE], time_t at);

/* Header and body as they are sent; the body is encoded as the answer says. */
void http_write(struct answer *a, struct buffer *out);

#endif
