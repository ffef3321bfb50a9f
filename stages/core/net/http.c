/* http: see http.h.
 *
 * source   RFC 9110: status codes (15), Retry-After (10.2.3), which may be a date: it is counted from the Date of the
 *          answer, so that the clock of this machine does not matter
 */
#include <curl/curl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"
#include "formats/url.h"
#include "stages/core/engine/log.h"
#include "stages/core/net/http.h"

#define CONNECT_S 10L

struct http {
	CURL *curl;
	char *body;
	size_t length, size;
	char error[CURL_ERROR_SIZE];
};

static size_t
take_bytes(char *bytes, size_t one, size_t n, void *ctx)
{
	struct http *h = ctx;

	n *= one;
	if (n > (size_t)HTTP_MOST_BYTES - h->length)
		return CURL_WRITEFUNC_ERROR;
	if (h->length + n + 1 > h->size) {
		h->size = (h->length + n + 1) * 2;
		h->body = memory_resize(h->body, h->size, 1);
	}
	memcpy(h->body + h->length, bytes, n);
	h->length += n;
	h->body[h->length] = '\0';
	return n;
}

static void
set_long(struct http *h, CURLoption option, long v)
{
	if (curl_easy_setopt(h->curl, option, v) != CURLE_OK)
		die(EXIT_BUG, "libcurl refuses option %d", (int)option);
}

static void
set_text(struct http *h, CURLoption option, const char *v)
{
	if (curl_easy_setopt(h->curl, option, v) != CURLE_OK)
		die(EXIT_BUG, "libcurl refuses option %d", (int)option);
}

struct http *
http_open(long timeout_s)
{
	struct http *h = memory_new(1, sizeof(*h));

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || (h->curl = curl_easy_init()) == NULL)
		die(EXIT_BUG, "libcurl cannot be started");
	curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(h->curl, CURLOPT_ERRORBUFFER, h->error);
	set_long(h, CURLOPT_NOSIGNAL, 1);
	set_long(h, CURLOPT_CONNECTTIMEOUT, timeout_s < CONNECT_S ? timeout_s : CONNECT_S);
	set_long(h, CURLOPT_TIMEOUT, timeout_s);
	set_long(h, CURLOPT_FOLLOWLOCATION, 0);
	set_long(h, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
	set_long(h, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	set_long(h, CURLOPT_SSL_VERIFYPEER, 1);
	set_long(h, CURLOPT_SSL_VERIFYHOST, 2);
	set_text(h, CURLOPT_ACCEPT_ENCODING, "gzip");
	set_text(h, CURLOPT_USERAGENT, "alanpay-recovery");
	return h;
}

void
http_close(struct http *h)
{
	if (h == NULL)
		return;
	curl_easy_cleanup(h->curl);
	if (h->body != NULL)
		OPENSSL_cleanse(h->body, h->size);
	free(h->body);
	free(h);
	curl_global_cleanup();
}

/* libcurl takes the path of a socket apart from the URL. */
static void
set_url(struct http *h, const char *url)
{
	char path[256], rest[512];
	const char *asked = url_socket(url, path, sizeof(path));

	set_text(h, CURLOPT_PROTOCOLS_STR, url_is_https(url) ? "https" : "http");
	set_text(h, CURLOPT_PROXY, url_is_https(url) ? NULL : "");
	set_text(h, CURLOPT_UNIX_SOCKET_PATH, asked == NULL ? NULL : path);
	snprintf(rest, sizeof(rest), "http://127.0.0.1%s", asked == NULL ? "" : asked);
	set_text(h, CURLOPT_URL, asked == NULL ? url : rest);
}

static int64_t
read_retry_after(struct http *h)
{
	struct curl_header *retry, *date;
	time_t until, from;
	long seconds;
	char *end;

	if (curl_easy_header(h->curl, "Retry-After", 0, CURLH_HEADER, -1, &retry) != CURLHE_OK)
		return -1;
	seconds = strtol(retry->value, &end, 10);
	if (end != retry->value && *end == '\0')
		return seconds < 0 ? -1 : seconds > 86400 ? 86400000 : seconds * 1000;
	until = curl_getdate(retry->value, NULL);
	if (until == -1 || curl_easy_header(h->curl, "Date", 0, CURLH_HEADER, -1, &date) != CURLHE_OK)
		return -1;
	from = curl_getdate(date->value, NULL);
	return from == -1 ? -1 : until < from ? 0 : (int64_t)(until - from) * 1000;
}

/* Fills the error of a request that got no complete answer. */
static void
judge_failure(const struct http *h, CURLcode rc, struct http_answer *a)
{
	const char *what = h->error[0] != '\0' ? h->error : curl_easy_strerror(rc);

	if (rc == CURLE_OUT_OF_MEMORY)
		memory_lack();
	switch (rc) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		a->verdict = HTTP_REFUSED;
		snprintf(a->why, sizeof(a->why), "its certificate does not verify: %s", what);
		return;
	case CURLE_WRITE_ERROR:
	case CURLE_FILESIZE_EXCEEDED:
		a->verdict = HTTP_REFUSED;
		snprintf(a->why, sizeof(a->why), "the answer is larger than %ld MB", HTTP_MOST_BYTES >> 20);
		return;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_BAD_FUNCTION_ARGUMENT:
		a->verdict = HTTP_REFUSED;
		break;
	default:
		a->verdict = HTTP_AGAIN;
		break;
	}
	snprintf(a->why, sizeof(a->why), "no complete answer: %s", what);
}

static void
judge_status(struct http *h, struct http_answer *a)
{
	a->retry_after = read_retry_after(h);
	snprintf(a->why, sizeof(a->why), "HTTP %ld", a->status);
	if (a->status >= 200 && a->status < 300)
		a->verdict = HTTP_DONE;
	else if (a->status >= 500 || a->status == 408 || a->status == 425 || a->status == 429)
		a->verdict = HTTP_AGAIN;
	else
		a->verdict = HTTP_REFUSED;
	if (a->status >= 300 && a->status < 400)
		snprintf(a->why, sizeof(a->why), "HTTP %ld: a redirect, which is not followed", a->status);
}

static struct curl_slist *
list_headers(const char *const headers[])
{
	struct curl_slist *list = NULL;
	size_t i;

	for (i = 0; headers[i] != NULL; i++)
		list = memory_check(curl_slist_append(list, headers[i]));
	return list;
}

/* Headers may contain a secret. */
static void
forget_headers(struct curl_slist *list)
{
	struct curl_slist *at;

	for (at = list; at != NULL; at = at->next)
		OPENSSL_cleanse(at->data, strlen(at->data));
	curl_slist_free_all(list);
}

void
http_post(struct http *h, const char *url, const char *const headers[], const char *body, size_t length,
          struct http_answer *a)
{
	struct curl_slist *list = list_headers(headers);
	CURLcode rc;

	h->length = 0;
	h->error[0] = '\0';
	(void)take_bytes("", 1, 0, h); /* a NUL after an empty body too */
	set_url(h, url);
	set_long(h, CURLOPT_POSTFIELDSIZE, (long)length);
	set_text(h, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, list);
	rc = curl_easy_perform(h->curl);
	*a = (struct http_answer){.body = h->body, .length = h->length, .retry_after = -1};
	(void)curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &a->status);
	if (rc == CURLE_OK)
		judge_status(h, a);
	else
		judge_failure(h, rc, a);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, NULL);
	forget_headers(list);
}

int
http_put_field(struct http *h, char *text, size_t size, const char *name, const char *value)
{
	size_t used = strlen(text);
	char *escaped = memory_check(curl_easy_escape(h->curl, value, (int)strlen(value)));
	int n;

	n = snprintf(text + used, size - used, "%s%s=%s", used > 0 ? "&" : "", name, escaped);
	OPENSSL_cleanse(escaped, strlen(escaped));
	curl_free(escaped);
	return n >= 0 && (size_t)n < size - used ? 0 : -1;
}
