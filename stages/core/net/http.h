/* http: one client over libcurl, for JSON and forms sent by POST.
 *
 * One handle, so one connection is kept and used again; HTTP/2 where TLS offers it; gzip. Certificates are verified.
 * URLs are those that url_check accepts. A redirect is never followed. From the environment libcurl takes https_proxy and
 * no_proxy.
 */
#ifndef CORE_HTTP_H
#define CORE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http;

enum http_verdict {
	/* 2xx with a complete body, as far as can be known of a compressed one */
	HTTP_DONE,
	/* the same again would fail again: 3xx, most of 4xx, a certificate that does not verify, a body that is too large */
	HTTP_REFUSED,
	/* may succeed later: no complete answer, a time limit, 408, 425, 429, 5xx */
	HTTP_AGAIN,
};

struct http_answer {
	enum http_verdict verdict;
	long status;      /* 0: not even a header came */
	const char *body; /* ended by a NUL; valid until the next call */
	size_t length;
	int64_t retry_after; /* milliseconds; -1: not given */
	char why[320];       /* what happened, unless HTTP_DONE; without any of the body */
};

#define HTTP_MOST_BYTES (16L << 20) /* of one body */

struct http *http_open(long timeout_s);
void http_close(struct http *h);

/* headers: complete lines, ended by NULL; forgotten after the call. */
void http_post(struct http *h, const char *url, const char *const headers[], const char *body, size_t length,
               struct http_answer *a);

/* Appends a form field, "name=value", percent-encoded; 0, or -1 when it does not fit. */
int http_put_field(struct http *h, char *text, size_t size, const char *name, const char *value);

#endif
