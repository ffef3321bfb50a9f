/* http: one client over libcurl, for JSON and forms sent by POST.
 *
 * One handle, so one connection is kept and used again; HTTP/2 where TLS offers it; gzip. Certificates are verified.
 * URLs are those that url_check takes.
 * A redirect is never followed. Of the environment https_proxy and no_proxy are heeded, as libcurl does.
 */
#ifndef CORE_HTTP_H
#define CORE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http;

enum http_verdict {
	HTTP_DONE, /* 2xx, and the body came to its end (of a compressed one, that says little) */
	HTTP_REFUSED, /* asking again would bring the same: 3xx, most of 4xx, a certificate that does not verify, too large */
	HTTP_AGAIN, /* may be better later: no or half an answer, a time limit, 408, 425, 429, 5xx */
};

struct http_answer {
	enum http_verdict verdict;
	long status;      /* 0: there was not even the head of an answer */
	const char *body; /* closed by a NUL; of the client, until the next call */
	size_t length;
	int64_t retry_after; /* milliseconds; -1: not told */
	char why[320];       /* what happened, unless done; nothing of the body is in it */
};

#define HTTP_MOST_BYTES (16L << 20) /* of one body */

struct http *http_open(long timeout_s);
void http_close(struct http *h);

/* headers: whole lines, ended by NULL; none of them is kept. */
void http_post(struct http *h, const char *url, const char *const headers[], const char *body, size_t length,
               struct http_answer *a);

/* A form's field, "name=value", percent-encoded, onto text; 0, or -1 when it does not fit. */
int http_put_field(struct http *h, char *text, size_t size, const char *name, const char *value);

#endif
