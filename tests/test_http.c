/* http: requests arrive unchanged, and an incomplete answer, a redirect or a flood is never accepted as an answer. */
#include "tests/canned.h"

#include "formats/length.h"
#include "stages/core/net/http.h"

static const char *const no_headers[] = {NULL};

static const char *
local(const struct canned *c, const char *path)
{
	static char url[128];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", c->port, path);
	return url;
}

static void
post(struct http *h, const char *url, struct http_answer *a)
{
	memset(a, 0x55, sizeof(*a));
	http_post(h, url, no_headers, "question", 8, a);
}

static void
assert_answer(const struct http_answer *a, enum http_verdict verdict, long status, const char *body)
{
	if (a->verdict != verdict || a->status != status)
		fail_msg("verdict %d, status %ld: %s", (int)a->verdict, a->status, a->why);
	assert_int_equal(a->length, strlen(body));
	assert_string_equal(a->body, body);
}

static void
every_status_has_its_verdict(void **state)
{
	static const struct {
		struct canned_answer answer;
		enum http_verdict verdict;
		long status;
	} cases[] = {
	    {{.status = "200 OK", .body = "{\"a\":1}"}, HTTP_DONE, 200},
	    {{.status = "201 Created", .body = "made"}, HTTP_DONE, 201},
	    {{.status = "204 No Content", .no_length = true}, HTTP_DONE, 204},
	    {{.status = "200 OK"}, HTTP_DONE, 200},
	    {{.status = "301 Moved Permanently", .headers = "Location: /elsewhere\r\n", .body = "there"},
	     HTTP_REFUSED,
	     301},
	    {{.status = "302 Found", .headers = "Location: http://127.0.0.1:1/\r\n"}, HTTP_REFUSED, 302},
	    {{.status = "307 Temporary Redirect", .headers = "Location: /again\r\n"}, HTTP_REFUSED, 307},
	    {{.status = "400 Bad Request", .body = "a bad question"}, HTTP_REFUSED, 400},
	    {{.status = "401 Unauthorized", .body = "who are you"}, HTTP_REFUSED, 401},
	    {{.status = "403 Forbidden", .body = "<html>no</html>"}, HTTP_REFUSED, 403},
	    {{.status = "404 Not Found", .body = "nothing here"}, HTTP_REFUSED, 404},
	    {{.status = "408 Request Timeout", .body = "too slow"}, HTTP_AGAIN, 408},
	    {{.status = "425 Too Early", .body = "too early"}, HTTP_AGAIN, 425},
	    {{.status = "429 Too Many Requests", .body = "too fast"}, HTTP_AGAIN, 429},
	    {{.status = "500 Internal Server Error", .body = "oops"}, HTTP_AGAIN, 500},
	    {{.status = "502 Bad Gateway", .body = "<html>bad</html>"}, HTTP_AGAIN, 502},
	    {{.status = "503 Service Unavailable", .body = "later"}, HTTP_AGAIN, 503},
	    {{.status = "599", .body = "odd"}, HTTP_AGAIN, 599},
	};
	struct canned_answer answers[LENGTH(cases)];
	struct http *h = http_open(10);
	struct http_answer a;
	struct canned c;
	char what[32];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		answers[i] = cases[i].answer;
	canned_open(&c, NULL, answers, LENGTH(answers));
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *body = cases[i].answer.body;

		post(h, local(&c, "/x"), &a);
		assert_answer(&a, cases[i].verdict, cases[i].status, body == NULL ? "" : body);
		assert_int_equal(a.retry_after, -1);
		snprintf(what, sizeof(what), "HTTP %ld", cases[i].status);
		assert_int_equal(strncmp(a.why, what, strlen(what)), 0);
		assert_true(body == NULL || strstr(a.why, body) == NULL);
	}
	assert_true(canned_close(&c, LENGTH(answers)));
	assert_null(canned_asked(LENGTH(answers) + 1)); /* no redirect was followed */
	http_close(h);
}

static void
wait_that_the_server_asks_for_is_read(void **state)
{
	static const struct {
		const char *headers;
		int64_t retry_after;
	} cases[] = {
	    {NULL, -1},
	    {"Retry-After: 0\r\n", 0},
	    {"Retry-After: 7\r\n", 7000},
	    {"retry-after:   120  \r\n", 120000},
	    {"Retry-After: 86400\r\n", 86400000},
	    {"Retry-After: 86401\r\n", 86400000},
	    {"Retry-After: 99999999999999999999999999\r\n", 86400000},
	    {"Retry-After: -1\r\n", -1},
	    {"Retry-After: -99999999999999999999999999\r\n", -1},
	    {"Retry-After: soon\r\n", -1},
	    {"Retry-After: 7 seconds\r\n", -1},
	    {"Retry-After: 1.5\r\n", -1},
	    {"Retry-After:\r\n", -1},
	    {"Date: Wed, 04 Mar 2026 02:30:00 GMT\r\nRetry-After: Wed, 04 Mar 2026 02:31:30 GMT\r\n", 90000},
	    {"Retry-After: Wed, 04 Mar 2026 02:31:30 GMT\r\nDate: Wed, 04 Mar 2026 02:31:30 GMT\r\n", 0},
	    {"Date: Wed, 04 Mar 2026 02:30:00 GMT\r\nRetry-After: Tue, 03 Mar 2026 02:30:00 GMT\r\n", 0},
	    {"Retry-After: Wed, 04 Mar 2026 02:31:30 GMT\r\n", -1}, /* from when? */
	    {"Date: today\r\nRetry-After: Wed, 04 Mar 2026 02:31:30 GMT\r\n", -1},
	};
	struct canned_answer answers[LENGTH(cases)];
	struct http *h = http_open(10);
	struct http_answer a;
	struct canned c;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		answers[i] = (struct canned_answer){.status = i % 2 == 0 ? "429 Too Many Requests" : "200 OK",
		                                    .headers = cases[i].headers};
	canned_open(&c, NULL, answers, LENGTH(answers));
	for (size_t i = 0; i < LENGTH(cases); i++) {
		post(h, local(&c, "/x"), &a);
		if (a.retry_after != cases[i].retry_after)
			fail_msg("%s: %lld", cases[i].headers, (long long)a.retry_after);
	}
	assert_true(canned_close(&c, LENGTH(answers)));
	http_close(h);
}

#define GZIP_HEAD   "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
#define GZIP_STORED "\x01\x0e\x00\xf1\xff{\"a\":\"stored\"}"
#define GZIP_TAIL   "\x73\xe2\x77\x93\x0e\x00\x00\x00"
#define BYTES(text) .body = (text), .length = sizeof(text) - 1
#define CHUNKED     "Transfer-Encoding: chunked\r\n"
#define GZIP        "Content-Encoding: gzip\r\n"

static void
complete_answers_are_read_however_they_are_sent(void **state)
{
	static const struct {
		struct canned_answer answer;
		const char *body;
	} cases[] = {
	    {{.status = "200 OK",
	      .headers = CHUNKED,
	      .body = "5\r\n{\"a\":\r\n1\r\n1\r\n1;x=y\r\n}\r\n0\r\n\r\n",
	      .no_length = true},
	     "{\"a\":1}"},
	    {{.status = "200 OK", .headers = CHUNKED, .body = "0\r\n\r\n", .no_length = true}, ""},
	    {{.status = "200 OK", .headers = GZIP, BYTES(GZIP_HEAD GZIP_STORED GZIP_TAIL)},
	     "{\"a\":\"stored\"}"},
	    {{.status = "200 OK",
	      .headers = GZIP CHUNKED,
	      BYTES("a\r\n" GZIP_HEAD "\r\n1b\r\n" GZIP_STORED GZIP_TAIL "\r\n0\r\n\r\n"),
	      .no_length = true},
	     "{\"a\":\"stored\"}"},
	    {{.status = "100 Continue\r\n\r\nHTTP/1.1 200 OK", .body = "at last"}, "at last"},
	    {{.status = "200 OK", .body = "until the end", .no_length = true, .closes = true},
	     "until the end"},
	};
	struct canned_answer answers[LENGTH(cases)];
	struct http *h = http_open(10);
	struct http_answer a;
	struct canned c;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		answers[i] = cases[i].answer;
	canned_open(&c, NULL, answers, LENGTH(answers));
	for (size_t i = 0; i < LENGTH(cases); i++) {
		post(h, local(&c, "/x"), &a);
		assert_answer(&a, HTTP_DONE, 200, cases[i].body);
	}
	assert_true(canned_close(&c, LENGTH(answers)));
	http_close(h);
}

static void
incomplete_answers_are_not_accepted(void **state)
{
	static const struct {
		struct canned_answer answer;
		enum http_verdict verdict;
	} cases[] = {
	    {{.closes = true}, HTTP_AGAIN}, /* not a byte */
	    {{.body = "HTTP/1.1 200 O", .closes = true}, HTTP_AGAIN},
	    {{.status = "200 OK", .body = "{}", .promised = 3, .closes = true}, HTTP_AGAIN},
	    {{.status = "200 OK", .promised = 100, .closes = true}, HTTP_AGAIN},
	    {{.status = "401 Unauthorized", .body = "no", .promised = 100, .closes = true}, HTTP_AGAIN},
	    {{.status = "200 OK",
	      .headers = CHUNKED,
	      .body = "5\r\n{\"a\":\r\n",
	      .no_length = true,
	      .closes = true},
	     HTTP_AGAIN},
	    {{.status = "200 OK",
	      .headers = CHUNKED,
	      .body = "no length\r\n",
	      .no_length = true,
	      .closes = true},
	     HTTP_AGAIN},
	    {{.status = "200 OK", .headers = GZIP, .body = "{\"a\":\"no gzip\"}", .closes = true},
	     HTTP_AGAIN},
	    {{.status = "200 OK",
	      .headers = GZIP,
	      BYTES(GZIP_HEAD GZIP_STORED "\x73\xe2\x77\x94\x0e\x00\x00\x00"),
	      .closes = true},
	     HTTP_AGAIN}, /* another checksum */
	    {{.body = "what is HTTP?\n", .closes = true}, HTTP_REFUSED},
	};
	struct canned_answer answers[LENGTH(cases)];
	struct http *h = http_open(10);
	struct http_answer a;
	struct canned c;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		answers[i] = cases[i].answer;
	canned_open(&c, NULL, answers, LENGTH(answers));
	for (size_t i = 0; i < LENGTH(cases); i++) {
		post(h, local(&c, "/x"), &a);
		if (a.verdict != cases[i].verdict)
			fail_msg("case %zu: verdict %d, status %ld: %s", i, (int)a.verdict, a.status, a.why);
		assert_non_null(strstr(a.why, "no complete answer: "));
		assert_int_equal(a.retry_after, -1);
	}
	assert_true(canned_close(&c, LENGTH(answers)));
	http_close(h);
}

static void
body_above_the_limit_is_not_accepted(void **state)
{
	static char block[1 << 20];
	static const struct canned_answer answers[] = {
	    {.status = "200 OK", .body = block, .length = sizeof(block), .times = 16},
	    {.status = "200 OK", .body = block, .length = sizeof(block), .times = 17, .closes = true},
	    {.status = "200 OK",
	     .body = block,
	     .length = sizeof(block),
	     .times = 17,
	     .no_length = true,
	     .closes = true},
	    {.status = "200 OK", .body = "small again"},
	};
	struct http *h = http_open(20);
	struct http_answer a;
	struct canned c;

	(void)state;
	memset(block, 'x', sizeof(block));
	canned_open(&c, NULL, answers, LENGTH(answers));
	post(h, local(&c, "/x"), &a);
	assert_int_equal(a.verdict, HTTP_DONE);
	assert_int_equal(a.length, HTTP_MOST_BYTES);
	assert_int_equal(a.body[HTTP_MOST_BYTES - 1], 'x');
	assert_int_equal(a.body[HTTP_MOST_BYTES], '\0');
	for (int i = 0; i < 2; i++) {
		post(h, local(&c, "/x"), &a);
		assert_int_equal(a.verdict, HTTP_REFUSED);
		assert_int_equal(a.status, 200);
		assert_string_equal(a.why, "the answer is larger than 16 MB");
	}
	post(h, local(&c, "/x"), &a);
	assert_answer(&a, HTTP_DONE, 200, "small again");
	assert_true(canned_close(&c, LENGTH(answers)));
	http_close(h);
}

static void
posted_bytes_arrive_unchanged(void **state)
{
	static const char *const headers[] = {"Content-Type: application/json", "Authorization: Bearer abc",
	                                      NULL};
	static const struct canned_answer answers[] = {
	    {.status = "200 OK"}, {.status = "200 OK"}, {.status = "200 OK"}};
	static const char bytes[] = "a=1&b=\xC3\xA9\r\n\r\n{\"end\"}";
	static char large[20001];
	struct http *h = http_open(10);
	struct http_answer a;
	struct canned c;
	const char *asked;

	(void)state;
	memset(large, 'y', sizeof(large) - 1);
	canned_open(&c, NULL, answers, LENGTH(answers));
	http_post(h, local(&c, "/graphql?x=1"), headers, bytes, sizeof(bytes) - 1, &a);
	asked = canned_asked(1);
	assert_non_null(asked);
	assert_non_null(strstr(asked, "\nPOST /graphql?x=1 HTTP/1.1\r\n"));
	assert_non_null(strstr(asked, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(asked, "\r\nAuthorization: Bearer abc\r\n"));
	assert_non_null(strstr(asked, "\r\nAccept-Encoding: gzip\r\n"));
	assert_non_null(strstr(asked, "\r\nUser-Agent: alanpay-recovery\r\n"));
	assert_null(strstr(asked, "\r\nExpect:"));
	assert_string_equal(canned_body(1), bytes);

	http_post(h, local(&c, "/"), no_headers, large, sizeof(large) - 1,
	          &a); /* without the headers of before */
	asked = canned_asked(2);
	assert_null(strstr(asked, "Authorization"));
	assert_null(strstr(asked, "\r\nExpect:"));
	assert_string_equal(canned_body(2), large);

	http_post(h, local(&c, "/"), no_headers, "", 0, &a);
	assert_non_null(strstr(canned_asked(3), "\r\nContent-Length: 0\r\n"));
	assert_string_equal(canned_body(3), "");
	assert_true(canned_close(&c, LENGTH(answers)));
	http_close(h);
}

static void
one_connection_is_used_as_long_as_it_lives(void **state)
{
	static const struct {
		struct canned_answer answer;
		int connection;
	} cases[] = {
	    {{.status = "200 OK", .body = "one"}, 1},
	    {{.status = "500 Oops", .body = "two"}, 1},
	    {{.status = "200 OK", .headers = "Connection: close\r\n", .body = "three", .closes = true}, 1},
	    {{.status = "200 OK", .body = "four", .closes = true}, 2}, /* without notice */
	    {{.status = "200 OK", .body = "five"}, 3},
	    {{.status = "200 OK", .body = "six"}, 3},
	};
	struct canned_answer answers[LENGTH(cases)];
	struct http *h = http_open(10);
	struct http_answer a;
	struct canned c;
	char wanted[32];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		answers[i] = cases[i].answer;
	canned_open(&c, NULL, answers, LENGTH(answers));
	for (size_t i = 0; i < LENGTH(cases); i++) {
		post(h, local(&c, "/x"), &a);
		assert_string_equal(a.body, cases[i].answer.body);
		snprintf(wanted, sizeof(wanted), "connection %d\nPOST", cases[i].connection);
		if (strncmp(canned_asked((int)i + 1), wanted, strlen(wanted)) != 0)
			fail_msg("%s: %.16s", cases[i].answer.body, canned_asked((int)i + 1));
	}
	assert_true(canned_close(&c, LENGTH(answers)));
	http_close(h);
}

static void
socket_is_asked_like_a_host(void **state)
{
	static const struct canned_answer answers[] = {{.status = "200 OK", .body = "by socket"}};
	static const struct canned_answer others[] = {{.status = "200 OK", .body = "by port"}};
	struct run *r = *state;
	struct http *h = http_open(10);
	struct http_answer a;
	struct canned c, other;
	char path[64], url[128];

	snprintf(path, sizeof(path), "%s/socket", r->home);
	snprintf(url, sizeof(url), "http://unix:%s:/graphql?x=1", path);
	canned_open(&c, path, answers, 1);
	post(h, url, &a);
	assert_answer(&a, HTTP_DONE, 200, "by socket");
	assert_non_null(strstr(canned_asked(1), "\nPOST /graphql?x=1 HTTP/1.1\r\n"));
	assert_true(canned_close(&c, 1));
	canned_forget();
	canned_open(&other, NULL, others, 1);
	post(h, local(&other, "/x"), &a); /* the socket is not remembered */
	assert_answer(&a, HTTP_DONE, 200, "by port");
	assert_true(canned_close(&other, 1));
	post(h, url, &a);
	assert_int_equal(a.verdict, HTTP_AGAIN);
	assert_int_equal(a.status, 0);
	http_close(h);
}

/* Settings for other programs in the environment must not send a query elsewhere. */
static void
plain_http_uses_no_proxy(void **state)
{
	static const char *const names[] = {"http_proxy", "all_proxy", "ALL_PROXY"};
	static const struct canned_answer answers[] = {{.status = "200 OK", .body = "straight"}};
	struct http *h;
	struct http_answer a;
	struct canned c;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(names); i++)
		assert_int_equal(setenv(names[i], "http://127.0.0.1:1", 1), 0);
	h = http_open(10);
	canned_open(&c, NULL, answers, 1);
	post(h, local(&c, "/x"), &a);
	for (i = 0; i < LENGTH(names); i++)
		assert_int_equal(unsetenv(names[i]), 0);
	assert_answer(&a, HTTP_DONE, 200, "straight");
	assert_true(canned_close(&c, 1));
	http_close(h);
}

/* A port that is taken but does not listen. */
static int
deaf_port(int *fd)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(in);

	*fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(*fd >= 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&in, &size), 0);
	return ntohs(in.sin_port);
}

static void
server_that_is_not_there_is_tried_again_later(void **state)
{
	struct http *h = http_open(10);
	struct http_answer a;
	struct canned c;
	char url[64];
	int fd;

	(void)state;
	c.port = deaf_port(&fd);
	post(h, local(&c, "/x"), &a);
	assert_answer(&a, HTTP_AGAIN, 0, "");
	assert_non_null(strstr(a.why, "no complete answer: "));
	assert_int_equal(a.retry_after, -1);
	snprintf(url, sizeof(url), "https://127.0.0.1:%d/x", c.port);
	post(h, url, &a);
	assert_answer(&a, HTTP_AGAIN, 0, "");
	close(fd);
	http_close(h);
}

static void
address_that_is_not_valid_is_refused(void **state)
{
	static const char *const urls[] = {"http://127.0.0.1:abc/", "ftp://127.0.0.1/", "file:///etc/passwd",
	                                   "gopher://127.0.0.1:1/", "https://"};
	struct http *h = http_open(10);
	struct http_answer a;

	(void)state;
	for (size_t i = 0; i < LENGTH(urls); i++) {
		post(h, urls[i], &a);
		if (a.verdict != HTTP_REFUSED || a.status != 0 || a.length != 0)
			fail_msg("%s: verdict %d: %s", urls[i], (int)a.verdict, a.why);
	}
	http_close(h);
}

static void
silent_server_is_not_waited_for(void **state)
{
	static const struct canned_answer answers[] = {{.silent = true},
	                                               {.status = "200 OK", .body = "later"}};
	struct http *h = http_open(1);
	struct http_answer a;
	struct canned c;

	(void)state;
	canned_open(&c, NULL, answers, LENGTH(answers));
	post(h, local(&c, "/x"), &a);
	assert_answer(&a, HTTP_AGAIN, 0, "");
	assert_non_null(strstr(a.why, "no complete answer: "));
	post(h, local(&c, "/x"), &a);
	assert_answer(&a, HTTP_DONE, 200, "later");
	assert_true(canned_close(&c, LENGTH(answers)));
	http_close(h);
}

static void
fields_of_a_form_are_escaped_and_never_cut(void **state)
{
	static const struct {
		const char *before, *name, *value, *wanted;
	} cases[] = {
	    {"", "grant_type", "client_credentials", "grant_type=client_credentials"},
	    {"a=1", "b", "", "a=1&b="},
	    {"a=1", "b", "-._~aZ9", "a=1&b=-._~aZ9"},
	    {"a=1", "b", "&=+%/ \"'\r\n", "a=1&b=%26%3D%2B%25%2F%20%22%27%0D%0A"},
	    {"", "b", "\xC3\xA9", "b=%C3%A9"},
	};
	struct http *h = http_open(10);

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		size_t n = strlen(cases[i].wanted);
		char *text = malloc(n + 1);

		assert_non_null(text);
		memcpy(text, cases[i].before, strlen(cases[i].before) + 1);
		assert_int_equal(http_put_field(h, text, n + 1, cases[i].name, cases[i].value), 0);
		assert_string_equal(text, cases[i].wanted);
		memcpy(text, cases[i].before, strlen(cases[i].before) + 1);
		assert_int_equal(http_put_field(h, text, n, cases[i].name, cases[i].value), -1);
		free(text);
	}
	http_close(h);
	http_close(NULL);
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_HOME(every_status_has_its_verdict),
	    IN_HOME(wait_that_the_server_asks_for_is_read),
	    IN_HOME(complete_answers_are_read_however_they_are_sent),
	    IN_HOME(incomplete_answers_are_not_accepted),
	    IN_HOME(body_above_the_limit_is_not_accepted),
	    IN_HOME(posted_bytes_arrive_unchanged),
	    IN_HOME(one_connection_is_used_as_long_as_it_lives),
	    IN_HOME(socket_is_asked_like_a_host),
	    IN_HOME(plain_http_uses_no_proxy),
	    IN_HOME(server_that_is_not_there_is_tried_again_later),
	    IN_HOME(address_that_is_not_valid_is_refused),
	    IN_HOME(silent_server_is_not_waited_for),
	    IN_HOME(fields_of_a_form_are_escaped_and_never_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
