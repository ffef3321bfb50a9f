/* http: see http.h.
 *
 * source   RFC 9112 (messages, chunks), RFC 1951 and 1952 (stored blocks in a gzip member)
 */
#include "formats/length.h"
#include "tests/fakeserver/http.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *
find_end(const struct buffer *in)
{
	const char *end = in->n > 0 ? strstr(in->at, "\r\n\r\n") : NULL;

	return end == NULL ? NULL : end + 4;
}

bool
http_header(const struct request *q, const char *name, char *value, size_t size)
{
	const char *at = q->headers, *end = q->headers + q->headers_length, *lf;
	size_t n = strlen(name);

	value[0] = '\0';
	for (; at < end && (lf = memchr(at, '\n', (size_t)(end - at))) != NULL; at = lf + 1) {
		if (strncasecmp(at, name, n) != 0 || at[n] != ':')
			continue;
		at += n + 1;
		at += strspn(at, " \t");
		snprintf(value, size, "%.*s", (int)strcspn(at, "\r\n"), at);
		return true;
	}
	return false;
}

long
http_read(const struct buffer *in, struct request *q)
{
	const char *end = find_end(in), *lf;
	char length[32];
	size_t header;

	*q = (struct request){0};
	if (end == NULL)
		return in->n > 65536 ? -1 : 0;
	header = (size_t)(end - in->at);
	lf = strchr(in->at, '\n');
	if (sscanf(in->at, "%15s %255s HTTP/1.1\r", q->method, q->path) != 2)
		return -1;
	q->headers = lf + 1;
	q->headers_length = header - 2 - (size_t)(q->headers - in->at);
	if (http_header(q, "Content-Length", length, sizeof(length)))
		q->length = strtoul(length, NULL, 10);
	if (q->length > 8 << 20)
		return -1;
	q->body = end;
	return in->n - header < q->length ? 0 : (long)(header + q->length);
}

bool
http_wants_continue(const struct buffer *in)
{
	struct request q;
	char value[32];

	return find_end(in) != NULL && http_read(in, &q) == 0 &&
	       http_header(&q, "Expect", value, sizeof(value)) && strcasecmp(value, "100-continue") == 0;
}

static const char *
reason_of(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
	    {200, "OK"},
	    {302, "Found"},
	    {400, "Bad Request"},
	    {401, "Unauthorized"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {413, "Content Too Large"},
	    {422, "Unprocessable Content"},
	    {429, "Too Many Requests"},
	    {502, "Bad Gateway"},
	    {503, "Service Unavailable"},
	};
	size_t i;

	for (i = 0; i < LENGTH(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Internal Server Error";
}

static void
put_little(struct buffer *b, uint32_t n, int bytes)
{
	for (; bytes > 0; bytes--, n >>= 8)
		buffer_put(b, &(unsigned char){(unsigned char)n}, 1);
}

static uint32_t
crc32_of(const char *bytes, size_t n)
{
	uint32_t crc = 0xFFFFFFFF;
	size_t i;
	int bit;

	for (i = 0; i < n; i++) {
		crc ^= (unsigned char)bytes[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
	}
	return ~crc;
}

/* Deflate without compressing: stored blocks of at most 65535 bytes. */
static void
zip(struct buffer *body)
{
	struct buffer out = {0};
	size_t at = 0, n;

	buffer_put(&out, "\x1F\x8B\x08\0\0\0\0\0\0\xFF", 10);
	do {
		n = body->n - at < 65535 ? body->n - at : 65535;
		put_little(&out, at + n == body->n, 1);
		put_little(&out, (uint32_t)n, 2);
		put_little(&out, ~(uint32_t)n, 2);
		buffer_put(&out, body->at + at, n);
		at += n;
	} while (at < body->n);
	put_little(&out, crc32_of(body->at, body->n), 4);
	put_little(&out, (uint32_t)body->n, 4);
	buffer_free(body);
	*body = out;
}

static void
put_chunks(const struct buffer *body, struct buffer *out)
{
	static const size_t sizes[] = {1, 7, 1023, 4099, 3, 16381};
	size_t at = 0, n, i = 0;

	for (; at < body->n; at += n, i++) {
		n = sizes[i % LENGTH(sizes)];
		if (n > body->n - at)
			n = body->n - at;
		buffer_print(out, "%zx\r\n", n);
		buffer_put(out, body->at + at, n);
		buffer_text(out, "\r\n");
	}
	buffer_text(out, "0\r\n\r\n");
}

char *
http_date(char text[static HTTP_DATE], time_t at)
{
	struct tm tm;

	strftime(text, HTTP_DATE, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&at, &tm));
	return text;
}

void
http_write(struct answer *a, struct buffer *out)
{
	char date[HTTP_DATE];

	if (a->gzip)
		zip(&a->body);
	buffer_print(out, "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: %s\r\n", a->status,
	             reason_of(a->status), http_date(date, a->date == 0 ? time(NULL) : a->date), a->type);
	buffer_text(out, a->headers);
	buffer_text(out, a->gzip ? "Content-Encoding: gzip\r\n" : "");
	buffer_text(out, a->is_last ? "Connection: close\r\n" : "");
	if (a->chunked) {
		buffer_text(out, "Transfer-Encoding: chunked\r\n\r\n");
		put_chunks(&a->body, out);
		return;
	}
	buffer_print(out, "Content-Length: %zu\r\n\r\n", a->body.n);
	buffer_put(out, a->body.at == NULL ? "" : a->body.at, a->body.n);
}
