/* app: see app.h. */
#include "tests/fakeapp/app.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "formats/length.h"
#include "formats/sink.h"

enum {
	FAULT_500,
	FAULT_HALF,
	FAULT_503AFTER,
	FAULT_429AFTER,
	FAULT_429LONG,
	FAULT_400,
	FAULT_401,
	FAULT_404,
	FAULT_413,
	FAULT_REDIRECT,
	FAULT_HTML,
	FAULT_EMPTY,
	FAULT_TWICE,
	FAULT_REJECT,
	FAULT_MISSING,
	FAULT_UNKNOWN,
	FAULT_CONTRADICT,
	FAULT_TRUNCATED,
	FAULT_RESET,
	FAULT_SLOW,
	FAULT_HANG,
	FAULT_GZIP,
	FAULTS
};

/* status 0: 200, with receipts. after: seconds of Retry-After. takes: the notifications were taken, whatever the answer. */
static const struct {
	const char *name;
	int status, after;
	bool takes;
	enum delivery delivery;
	const char *what;
} kinds[FAULTS] = {
    [FAULT_500] = {"500", 500, 0, false, WHOLE, "500"},
    [FAULT_HALF] = {"half", 500, 0, true, WHOLE, "500, after it has taken all notifications"},
    [FAULT_503AFTER] = {"503after", 503, 1, false, WHOLE, "503, Retry-After: 1"},
    [FAULT_429AFTER] = {"429after", 429, 1, false, WHOLE, "429, Retry-After: 1"},
    [FAULT_429LONG] = {"429long", 429, 3600, false, WHOLE, "429, Retry-After: 3600"},
    [FAULT_400] = {"400", 400, 0, false, WHOLE, "400"},
    [FAULT_401] = {"401", 401, 0, false, WHOLE, "401"},
    [FAULT_404] = {"404", 404, 0, false, WHOLE, "404"},
    [FAULT_413] = {"413", 413, 0, false, WHOLE, "413"},
    [FAULT_REDIRECT] = {"redirect", 302, 0, false, WHOLE, "302 to another host"},
    [FAULT_HTML] = {"html", 0, 0, false, WHOLE, "200, an HTML page"},
    [FAULT_EMPTY] = {"empty", 0, 0, true, WHOLE,
                     "200 without a receipt, after it has taken all notifications"},
    [FAULT_TWICE] = {"twice", 0, 0, true, WHOLE, "each receipt twice"},
    [FAULT_REJECT] = {"reject", 0, 0, true, WHOLE, "the second notification is rejected: unknown_user"},
    [FAULT_MISSING] = {"missing", 0, 0, true, WHOLE, "no receipt of the last notification"},
    [FAULT_UNKNOWN] = {"unknown", 0, 0, true, WHOLE,
                       "one more receipt, of a notification that does not exist"},
    [FAULT_CONTRADICT] = {"contradict", 0, 0, true, WHOLE,
                          "the first notification is accepted, then invalid"},
    [FAULT_TRUNCATED] = {"truncated", 0, 0, true, TRUNCATED,
                         "half of the answer, then the connection is closed"},
    [FAULT_RESET] = {"reset", 0, 0, true, RESET, "half of the answer, then the connection is reset"},
    [FAULT_SLOW] = {"slow", 0, 0, true, SLOW, "the answer in pieces"},
    [FAULT_HANG] = {"hang", 0, 0, true, HANG, "no answer"},
    [FAULT_GZIP] = {"gzip", 0, 0, true, WHOLE, "a gzip body"},
};

int
app_add_fault(struct app *app, const char *spec)
{
	size_t n = strcspn(spec, "@");
	struct app_fault f = {FAULTS, 1, 1};
	int i;

	for (i = 0; i < FAULTS; i++)
		if (strlen(kinds[i].name) == n && strncmp(kinds[i].name, spec, n) == 0)
			f.which = i;
	if (strcmp(spec + n, "@*") == 0)
		f.count = LONG_MAX;
	else if (spec[n] == '@' && sscanf(spec + n, "@%ldx%ld", &f.first, &f.count) < 1)
		return -1;
	if (f.which == FAULTS || app->faults == APP_FAULTS)
		return -1;
	app->fault[app->faults++] = f;
	return 0;
}

void
app_print_faults(void)
{
	size_t i;

	for (i = 0; i < LENGTH(kinds); i++)
		printf("%-11s %s\n", kinds[i].name, kinds[i].what);
}

/* FAULTS: none. */
static int
fault_of_request(const struct app *app)
{
	int i;

	for (i = 0; i < app->faults; i++)
		if (app->requests >= app->fault[i].first &&
		    app->requests - app->fault[i].first < app->fault[i].count)
			return app->fault[i].which;
	return FAULTS;
}

/* --- is the request as it was agreed? --------------------------------------------------------------------------------- */

static bool
is_signed(const struct app *app, const struct request *q)
{
	unsigned char digest[SHA256_SIZE];
	char header[256], hex[SHA256_TEXT], wanted[256];
	struct buffer text = {0};
	unsigned n = 0;
	long long at;

	if (!http_header(q, "X-Alanpay-Signature", header, sizeof(header)) ||
	    sscanf(header, "t=%lld,", &at) != 1 || llabs(at - (long long)time(NULL)) > 300)
		return false;
	buffer_print(&text, "%lld.", at);
	buffer_put(&text, q->body, q->length);
	HMAC(EVP_sha256(), app->secret, (int)strlen(app->secret), (unsigned char *)text.at, text.n, digest,
	     &n);
	buffer_free(&text);
	snprintf(wanted, sizeof(wanted), "t=%lld,v1=%s", at, sha256_print(hex, digest));
	return n == SHA256_SIZE && strcmp(header, wanted) == 0;
}

static bool
has_type(const struct request *q)
{
	char type[64];

	return strcmp(q->method, "POST") == 0 && http_header(q, "Content-Type", type, sizeof(type)) &&
	       strcmp(type, "application/x-ndjson") == 0;
}

/* Stores the body under its key. False: another body has it. */
static bool
is_same_as_before(const struct app *app, const struct request *q, const char *key)
{
	char path[512];
	struct buffer before = {0};
	bool same = true;
	char bytes[65536];
	size_t n;
	FILE *f;

	if (app->folder == NULL || strchr(key, '/') != NULL)
		return true;
	snprintf(path, sizeof(path), "%s/%s", app->folder, key);
	f = fopen(path, "r");
	if (f != NULL) {
		while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
			buffer_put(&before, bytes, n);
		same =
		    before.n == q->length && (before.at == NULL || memcmp(before.at, q->body, before.n) == 0);
		buffer_free(&before);
		fclose(f);
		return same;
	}
	f = fopen(path, "w");
	if (f == NULL || fwrite(q->body, 1, q->length, f) != q->length || fclose(f) != 0)
		exit(74);
	return true;
}

/* --- answers ---------------------------------------------------------------------------------------------------------- */

#define ID_BEGIN "{\"notification_id\":\""

static void
put_receipt(struct buffer *b, const char *id, const char *status)
{
	buffer_print(b, "{\"notification_id\":\"%.36s\",\"status\":\"%s\"}\n", id, status);
}

/* Returns how many lines the request has. */
static long
put_receipts(struct buffer *b, const struct request *q, int fault)
{
	const char *line = q->body, *end = q->body + q->length, *next;
	long n = 0;

	for (; line < end && (next = memchr(line, '\n', (size_t)(end - line))) != NULL; line = next + 1) {
		const char *id = line + strlen(ID_BEGIN);

		n++;
		if (strncmp(line, ID_BEGIN, strlen(ID_BEGIN)) != 0 ||
		    (fault == FAULT_MISSING && next + 1 == end) || fault == FAULT_EMPTY)
			continue;
		put_receipt(b, id, fault == FAULT_REJECT && n == 2 ? "unknown_user" : "accepted");
		if (fault == FAULT_TWICE)
			put_receipt(b, id, "accepted");
		if (fault == FAULT_CONTRADICT && n == 1)
			put_receipt(b, id, "invalid");
	}
	if (fault == FAULT_UNKNOWN)
		put_receipt(b, "0000a1a9-0700-8000-8000-00000fffffff", "accepted");
	return n;
}

static void
put_answer(struct app *app, int fault, int64_t clock_ms, struct answer *a)
{
	a->status = kinds[fault].status == 0 ? 200 : kinds[fault].status;
	a->delivery = kinds[fault].delivery;
	a->gzip = fault == FAULT_GZIP;
	if (kinds[fault].after > 0) {
		snprintf(a->headers, sizeof(a->headers), "Retry-After: %d\r\n", kinds[fault].after);
		app->not_before = clock_ms + kinds[fault].after * 1000;
	}
	if (fault == FAULT_REDIRECT)
		snprintf(a->headers, sizeof(a->headers), "Location: http://127.0.0.1:9/\r\n");
	if (kinds[fault].status == 0 && fault != FAULT_HTML)
		return;
	buffer_free(&a->body);
	buffer_text(&a->body, fault == FAULT_HTML ? "<html>hello</html>\n" : "no\n");
}

void
app_answer(void *ctx, const struct request *q, int64_t clock_ms, struct answer *a)
{
	struct app *app = ctx;
	bool is_early = clock_ms < app->not_before, is_typed = has_type(q), is_ours = is_signed(app, q),
	     is_same = true;
	char key[128];
	long lines;
	int fault;

	app->requests++;
	fault = fault_of_request(app);
	*a = (struct answer){.status = 200, .type = "application/x-ndjson"};
	http_header(q, "Idempotency-Key", key, sizeof(key));
	lines = put_receipts(&a->body, q, fault);
	if (fault == FAULTS || kinds[fault].takes)
		is_same = key[0] != '\0' && is_same_as_before(app, q, key);
	if (fault != FAULTS)
		put_answer(app, fault, clock_ms, a);
	if (!is_ours)
		a->status = 401;
	if (app->log == NULL)
		return;
	fprintf(app->log, "%ld %s %ld %d %s%s%s%s%s\n", app->requests, key, lines, a->status,
	        fault == FAULTS ? "-" : kinds[fault].name, is_early ? " violation: before Retry-After" : "",
	        is_typed ? "" : " violation: not a POST of JSON lines",
	        is_ours ? "" : " violation: signature",
	        is_same ? "" : " violation: no key, or another body under it");
	fflush(app->log);
}
