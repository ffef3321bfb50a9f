/* client: whatever happens between a query and its answer, the answer is complete or the night ends and says why. */
#include "tests/canned.h"
#include "tests/pages.h"

#include "formats/embed.h"
#include "formats/json.h"
#include "formats/length.h"
#include "stages/core/swan/client.h"

#define MOST 8
#define TOKEN(n, more)                                                                    \
	{                                                                                 \
		.status = "200 OK", .body = "{\"access_token\":\"t0ken-" #n "\"" more "}" \
	}
#define HOUR   ",\"token_type\":\"bearer\",\"expires_in\":3600"
#define ANSWER "{\"data\":{\"cards\":{\"totalCount\":0,\"pageInfo\":{\"hasNextPage\":false},\"edges\":[]}}}"
#define PAGE                                       \
	{                                          \
		.status = "200 OK", .body = ANSWER \
	}
#define ERRORS(text)                                                                                  \
	{                                                                                             \
		.status = "200 OK", .body = "{\"data\":null,\"errors\":[{\"message\":\"" text "\"}]}" \
	}
#define STATUS(text)                                            \
	{                                                       \
		.status = (text), .body = "s3cr3t&more t0ken-1" \
	}

static const struct client_question any = {.list = CLIENT_CARDS, .after = ""};

static int
take_card(void *ctx, const struct swan_payment_support *p, struct err *e)
{
	(void)ctx;
	(void)p;
	(void)e;
	return 0;
}

static int
take_bad(void *ctx, const struct swan_bad *bad)
{
	(void)ctx;
	(void)bad;
	return 0;
}

static int
take(void *ctx, const char *json, size_t length, struct err *e)
{
	struct swan_page page;

	(void)ctx;
	return swan_read_cards(json, length, take_card, take_bad, NULL, &page, e);
}

static int questions = 1;

static void
ask(struct run *r)
{
	struct client *s = client_open(r, NULL, NULL);

	assert_true(client_is_cut_by_day(s));
	client_begin_window(s, "window-1");
	for (int i = 0; i < questions; i++)
		client_ask(s, &any, take, NULL);
	client_end_window(s);
	client_close(s);
}

static size_t
count_answers(const struct canned_answer *answers)
{
	size_t n = 0;

	while (n < MOST && (answers[n].status != NULL || answers[n].body != NULL || answers[n].closes))
		n++;
	return n;
}

/* So many queries, which need exactly these answers. */
static void
assert_answered(struct run *r, const struct canned_answer *answers, const char *more, int n)
{
	size_t requests = count_answers(answers);
	struct canned c;

	canned_forget();
	canned_open(&c, NULL, answers, requests);
	canned_configure(r, &c, more);
	questions = n;
	ask(r);
	questions = 1;
	if (!canned_close(&c, requests))
		fail_msg("fewer than %zu requests", requests);
}

struct ending {
	struct canned_answer answers[MOST];
	const char *more;
	enum exit_status status;
	const char *words;
};

static void
assert_ends(struct run *r, const struct ending *x)
{
	size_t requests = count_answers(x->answers);
	struct canned c;
	const char *said;

	canned_forget();
	canned_open(&c, NULL, x->answers, requests);
	canned_configure(r, &c, x->more == NULL ? "" : x->more);
	home_dies(r, ask, (int)x->status, x->words);
	if (!canned_close(&c, requests))
		fail_msg("%s: fewer than %zu requests", x->words, requests);
	said = home_read("said");
	if (strstr(said, "s3cr3t") != NULL || strstr(said, "t0ken") != NULL)
		fail_msg("said: %s", said);
	assert_non_null(strstr(said, "http://127.0.0.1:"));
}

/* A line of the n-th request, or its request line. */
static void
assert_line(int n, const char *line)
{
	const char *asked = canned_asked(n);

	if (asked == NULL || strstr(asked, line) == NULL)
		fail_msg("%s is not in request %d: %s", line, n, asked);
}

/* --- the token ------------------------------------------------------------------------------------------------------ */

static void
token_is_asked_for_once_and_sent_with_every_query(void **state)
{
	static const struct canned_answer answers[MOST] = {TOKEN(1, HOUR), PAGE, PAGE, PAGE};

	assert_answered(*state, answers, "", 3);
	assert_line(1, "\nPOST /token HTTP/1.1\r\n");
	assert_line(1, "\r\nContent-Type: application/x-www-form-urlencoded\r\n");
	assert_null(strstr(canned_asked(1), "Authorization"));
	assert_string_equal(canned_body(1),
	                    "grant_type=client_credentials&client_id=client-1&client_secret=s3cr3t%26more");
	for (int i = 2; i <= 4; i++) {
		assert_line(i, "\nPOST /graphql HTTP/1.1\r\n");
		assert_line(i, "\r\nContent-Type: application/json\r\n");
		assert_line(i, "\r\nAuthorization: Bearer t0ken-1\r\n");
		assert_null(strstr(canned_asked(i), "s3cr3t"));
		assert_null(strstr(canned_asked(i), "x-swan-user-id"));
	}
}

static void
token_is_renewed_before_its_life_ends(void **state)
{
	static const struct {
		struct canned_answer answers[MOST];
	} cases[] = {
	    /* without a known life: until Swan rejects it */
	    {{TOKEN(1, ",\"expires_in\":0"), PAGE, PAGE}},
	    {{TOKEN(1, ""), PAGE, PAGE}},
	    {{TOKEN(1, ",\"expires_in\":null"), PAGE, PAGE}},
	    {{TOKEN(1, ",\"expires_in\":-1"), PAGE, PAGE}},
	    /* long enough */
	    {{TOKEN(1, ",\"expires_in\":600"), PAGE, PAGE}},
	    {{TOKEN(1, ",\"expires_in\":601"), PAGE, PAGE}},
	    {{TOKEN(1, ",\"expires_in\":86400"), PAGE, PAGE}},
	    {{TOKEN(1, ",\"expires_in\":999999999999999"), PAGE, PAGE}},
	};

	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_answered(*state, cases[i].answers, "", 2);
}

/* Of a short life the first half counts. */
static void
token_is_renewed_after_half_of_a_short_life(void **state)
{
	static const struct canned_answer answers[] = {TOKEN(1, ",\"expires_in\":1"), PAGE, TOKEN(2, HOUR),
	                                               PAGE};
	struct run *r = *state;
	struct canned c;
	struct client *s;

	canned_open(&c, NULL, answers, LENGTH(answers));
	canned_configure(r, &c, "");
	s = client_open(r, NULL, NULL);
	client_ask(s, &any, take, NULL);
	run_pause(500);
	client_ask(s, &any, take, NULL);
	client_close(s);
	assert_true(canned_close(&c, LENGTH(answers)));
	assert_line(4, "\r\nAuthorization: Bearer t0ken-2\r\n");
}

static void
token_that_swan_no_longer_accepts_is_renewed_once_a_query(void **state)
{
	static const struct canned_answer answers[MOST] = {
	    TOKEN(1, HOUR),   STATUS("401 No"), TOKEN(2, HOUR), PAGE, /* the first query */
	    STATUS("401 No"), TOKEN(3, HOUR),   PAGE,                 /* the second one */
	};
	static const struct ending twice = {
	    {TOKEN(1, HOUR), STATUS("401 No"), TOKEN(1, HOUR), STATUS("401 No")},
	    NULL,
	    EXIT_CONFIG,
	    "HTTP 401; Swan issued a token, but does not accept it: check that endpoint, oauth_endpoint and client_id"};
	/* it does not count as a try */
	static const struct ending tries = {
	    {TOKEN(1, HOUR), STATUS("401 No"), TOKEN(1, HOUR), STATUS("500 Oops"), STATUS("500 Oops")},
	    "tries = 2\n",
	    EXIT_UNAVAILABLE,
	    "HTTP 500; run this again later"};
	char first[8192];

	assert_answered(*state, answers, "tries = 1\n", 2);
	snprintf(first, sizeof(first), "%s", canned_body(2));
	assert_string_equal(canned_body(4), first); /* the same query */
	assert_line(2, "\r\nAuthorization: Bearer t0ken-1\r\n");
	assert_line(4, "\r\nAuthorization: Bearer t0ken-2\r\n");
	assert_line(5, "\r\nAuthorization: Bearer t0ken-2\r\n");
	assert_line(7, "\r\nAuthorization: Bearer t0ken-3\r\n");
	assert_ends(*state, &twice);
	assert_ends(*state, &tries);
}

#define KNOWN "Swan rejected the credentials: check client_id and client_secret_file in [swan]"
#define ODD   "this is not a token: check oauth_endpoint in [swan]"

static void
night_without_a_token_says_what_to_check(void **state)
{
	static const struct ending cases[] = {
	    {{STATUS("401 No")}, NULL, EXIT_CONFIG, "/token: HTTP 401; " KNOWN},
	    {{STATUS("400 invalid_client")}, NULL, EXIT_CONFIG, "/token: HTTP 400; " KNOWN},
	    {{STATUS("403 No")}, NULL, EXIT_CONFIG, "/token: HTTP 403; " KNOWN},
	    {{{.status = "302 Found", .headers = "Location: /s3cr3t&more\r\n"}},
	     NULL,
	     EXIT_CONFIG,
	     "/token: HTTP 302: a redirect, which is not followed; check oauth_endpoint in [swan]"},
	    {{STATUS("500 s3cr3t&more"), STATUS("500 Oops")},
	     "tries = 2\n",
	     EXIT_UNAVAILABLE,
	     "/token: HTTP 500; run this again later"},
	    {{STATUS("429 Slow"), STATUS("503 Oops"), STATUS("401 No")}, "tries = 5\n", EXIT_CONFIG, KNOWN},
	    {{{.closes = true}}, "tries = 1\n", EXIT_UNAVAILABLE, "/token: no complete answer: "},
	    {{{.body = "what is HTTP? s3cr3t&more\n", .closes = true}},
	     NULL,
	     EXIT_CONFIG,
	     "check oauth_endpoint in [swan]"},
	};

	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_ends(*state, &cases[i]);
}

static void
token_that_is_not_valid_is_asked_for_again(void **state)
{
	static const struct canned_answer odd[] = {
	    {.status = "200 OK", .body = "<html>s3cr3t&more</html>"},
	    {.status = "200 OK", .body = "{\"error\":\"s3cr3t&more\"}"},
	    {.status = "200 OK", .body = "{\"access_token\":\"\",\"expires_in\":3600}"},
	    {.status = "200 OK", .body = "{\"access_token\":null,\"expires_in\":3600}"},
	    {.status = "200 OK", .body = "{\"access_token\":7,\"expires_in\":3600}"},
	    {.status = "200 OK", .body = "{\"access_token\":\"t0ken 1\",\"expires_in\":3600}"},
	    {.status = "200 OK", .body = "{\"access_token\":\"t0ken\\r\\nHost: x\",\"expires_in\":3600}"},
	    {.status = "200 OK", .body = "{\"access_token\":\"t0ken-1\",\"expires_in\":\"3600\"}"},
	    {.status = "200 OK", .body = "{\"access_token\":\"t0ken-1\",\"expires_in\":36.5}"},
	    {.status = "204 No Content", .no_length = true},
	};

	for (size_t i = 0; i < LENGTH(odd); i++) {
		struct canned_answer fixed[MOST] = {odd[i], TOKEN(2, HOUR), PAGE};
		struct ending twice = {{odd[i], odd[i]}, "tries = 2\n", EXIT_REFUSED, ODD};

		assert_answered(*state, fixed, "", 1);
		assert_line(3, "\r\nAuthorization: Bearer t0ken-2\r\n");
		assert_ends(*state, &twice);
	}
}

static void
longest_token_is_sent_whole_and_a_longer_one_is_not_cut(void **state)
{
	static char body[9000], line[9000], token[8193];
	struct canned_answer answers[MOST] = {{.status = "200 OK", .body = body}, PAGE};
	struct ending longer = {{{.status = "200 OK", .body = body}}, "tries = 1\n", EXIT_REFUSED, ODD};

	memset(token, 'T', sizeof(token) - 1);
	snprintf(body, sizeof(body), "{\"access_token\":\"%.8191s\",\"expires_in\":3600}", token);
	assert_answered(*state, answers, "", 1);
	snprintf(line, sizeof(line), "\r\nAuthorization: Bearer %.8191s\r\n", token);
	assert_line(2, line);
	snprintf(body, sizeof(body), "{\"access_token\":\"%.8192s\",\"expires_in\":3600}", token);
	assert_ends(*state, &longer);
}

/* --- answers, also bad ones ----------------------------------------------------------------------------------------- */

static void
query_is_sent_again_until_it_is_answered(void **state)
{
	static const struct {
		struct canned_answer answers[MOST];
	} cases[] = {
	    {{TOKEN(1, HOUR), STATUS("500 Oops"), STATUS("502 Oops"), STATUS("429 Slow"), STATUS("503 Oops"),
	      PAGE}},
	    {{TOKEN(1, HOUR), {.closes = true}, PAGE}},
	    {{TOKEN(1, HOUR), {.status = "200 OK", .body = ANSWER, .promised = 1000, .closes = true}, PAGE}},
	    {{TOKEN(1, HOUR), ERRORS("Oops"), PAGE}},
	    {{TOKEN(1, HOUR), {.status = "200 OK", .body = "{\"data\":"}, PAGE}},
	    {{TOKEN(1, HOUR), {.status = "200 OK", .body = "<html>Oops</html>"}, PAGE}},
	    {{TOKEN(1, HOUR), {.status = "200 OK", .body = "{\"data\":{\"cards\":null}}"}, PAGE}},
	    {{TOKEN(1, HOUR), {.status = "204 No Content", .no_length = true}, PAGE}},
	    /* gzip of which only the end is missing */
	    {{TOKEN(1, HOUR),
	      {.status = "200 OK",
	       .headers = "Content-Encoding: gzip\r\n",
	       .body = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x01\x0e\x00\xf1\xff{\"data\":",
	       .length = 23},
	      PAGE}},
	};

	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_answered(*state, cases[i].answers, "", 1);
}

/* The pause that the server asks for counts, not the first pause of the configuration. */
static void
wait_that_the_server_wants_is_kept(void **state)
{
	static const struct canned_answer answers[MOST] = {
	    {.status = "429 Slow", .headers = "Retry-After: 0\r\n"},
	    TOKEN(1, HOUR),
	    {.status = "429 Slow", .headers = "Retry-After: 0\r\n"},
	    {.status = "200 OK",
	     .headers = "Retry-After: 0\r\n",
	     .body = "{\"errors\":[{\"message\":\"Oops\"}]}"},
	    PAGE,
	};

	assert_answered(*state, answers, "first_pause_ms = 60000\n", 1);
}

static void
night_without_an_answer_says_what_to_do(void **state)
{
	static const struct ending cases[] = {
	    {{TOKEN(1, HOUR), STATUS("500 Oops"), STATUS("500 Oops"), STATUS("500 Oops")},
	     "tries = 3\n",
	     EXIT_UNAVAILABLE,
	     "/graphql: HTTP 500; run this again later; nothing of this window is stored"},
	    {{TOKEN(1, HOUR), STATUS("429 Slow")},
	     "tries = 1\n",
	     EXIT_UNAVAILABLE,
	     "HTTP 429; run this again later"},
	    {{TOKEN(1, HOUR), {.closes = true}},
	     "tries = 1\n",
	     EXIT_UNAVAILABLE,
	     "/graphql: no complete answer: "},
	    {{TOKEN(1, HOUR), ERRORS("Oops"), ERRORS("Oops again")},
	     "tries = 2\n",
	     EXIT_UNAVAILABLE,
	     "/graphql: Swan answered with errors: Oops again; run this again later"},
	    {{TOKEN(1, HOUR),
	      {.status = "200 OK", .body = "<html>t0ken-1</html>"},
	      {.status = "200 OK", .body = "[1"}},
	     "tries = 2\n",
	     EXIT_REFUSED,
	     "; the answer cannot be read (malformed_json, line 1); nothing of this window is stored"},
	    /* only the last error is reported */
	    {{TOKEN(1, HOUR), ERRORS("Oops"), {.status = "200 OK", .body = "[1"}},
	     "tries = 2\n",
	     EXIT_REFUSED,
	     "the answer cannot be read"},
	    {{TOKEN(1, HOUR), ERRORS("Oops"), STATUS("500 Oops")},
	     "tries = 2\n",
	     EXIT_UNAVAILABLE,
	     "HTTP 500"},
	    /* a query that would fail again is not repeated */
	    {{TOKEN(1, HOUR), STATUS("403 No")},
	     NULL,
	     EXIT_CONFIG,
	     "HTTP 403; Swan issued a token, but does not accept it"},
	    {{TOKEN(1, HOUR), STATUS("400 Bad")}, NULL, EXIT_REFUSED, "HTTP 400; Swan rejected the query"},
	    {{TOKEN(1, HOUR), STATUS("404 Gone")}, NULL, EXIT_REFUSED, "HTTP 404; Swan rejected the query"},
	    {{TOKEN(1, HOUR), {.status = "302 Found", .headers = "Location: /x\r\n"}},
	     NULL,
	     EXIT_CONFIG,
	     "a redirect, which is not followed"},
	    {{TOKEN(1, HOUR), {.body = "what is HTTP?\n", .closes = true}},
	     NULL,
	     EXIT_CONFIG,
	     "check endpoint in [swan]"},
	    {{TOKEN(1, HOUR), STATUS("500 Oops"), STATUS("400 Bad")}, NULL, EXIT_REFUSED, "HTTP 400"},
	};

	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_ends(*state, &cases[i]);
}

#define TEN(text) text text text text text text text text text text

/* A server that repeats the secret, whole or cut by the end of its message. */
static void
no_message_of_a_server_shows_a_secret(void **state)
{
	static const struct ending cases[] = {
	    {{TOKEN(1, HOUR), ERRORS("no s3cr3t&more with t0ken-1 here")},
	     "tries = 1\n",
	     EXIT_UNAVAILABLE,
	     "Swan answered with errors: no [secret] with [secret] here; run"},
	    {{TOKEN(1, HOUR), ERRORS(TEN("seventeen letters") "12345s3cr3t&more")},
	     "tries = 1\n",
	     EXIT_UNAVAILABLE,
	     "letters12345[secret]; run"},
	    {{TOKEN(1, HOUR), ERRORS(TEN("seventeen letters") "12345t0ken-1")},
	     "tries = 1\n",
	     EXIT_UNAVAILABLE,
	     "letters12345[secret]; run"},
	    {{TOKEN(1, HOUR), ERRORS(TEN("t0ken-1s3cr3t&more"))},
	     "tries = 1\n",
	     EXIT_UNAVAILABLE,
	     "[secret][secret]"},
	};

	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_ends(*state, &cases[i]);
}

/* The limit is Swan's for everything together, tokens too: the third request would have to wait for minutes. */
static void
give_up_waiting(int number)
{
	(void)number;
	_exit(42);
}

static void
ask_in_haste(struct run *r)
{
	if (signal(SIGALRM, give_up_waiting) == SIG_ERR)
		_exit(1);
	alarm(1);
	questions = 2;
	ask(r);
}

static void
no_more_requests_are_sent_than_the_limit_allows(void **state)
{
	static const struct canned_answer answers[] = {TOKEN(1, HOUR), PAGE, PAGE};
	struct run *r = *state;
	struct canned c;

	canned_open(&c, NULL, answers, LENGTH(answers));
	canned_configure(r, &c, "requests_per_5_minutes = 2\n");
	assert_int_equal(home_child(r, ask_in_haste), 42);
	assert_false(canned_close(&c, LENGTH(answers)));
	assert_null(canned_asked(3));
}

/* --- the query ------------------------------------------------------------------------------------------------------ */

static void
query_is_the_document_its_name_and_its_variables(void **state)
{
	static char long_cursor[256];
	struct {
		struct client_question q;
		const char *document, *rest;
	} cases[] = {
	    {{CLIENT_TRANSACTIONS, pages_at(0), pages_at(59), ""},
	     embed_transactions_graphql,
	     ",\"operationName\":\"Transactions\",\"variables\":{\"first\":100,\"after\":null,"
	     "\"from\":\"2026-03-03T10:00:00.000Z\",\"to\":\"2026-03-03T10:59:00.000Z\"}}"},
	    {{CLIENT_TRANSACTIONS, pages_at(1), pages_at(2) + 7, "a\"\\b"},
	     embed_transactions_graphql,
	     ",\"operationName\":\"Transactions\",\"variables\":{\"first\":100,\"after\":\"a\\\"\\\\b\","
	     "\"from\":\"2026-03-03T10:01:00.000Z\",\"to\":\"2026-03-03T10:02:00.007Z\"}}"},
	    {{CLIENT_CARDS, pages_at(0), pages_at(59), ""},
	     embed_cards_graphql,
	     ",\"operationName\":\"Cards\",\"variables\":{\"first\":100,\"after\":null}}"},
	    {{CLIENT_MEMBERSHIPS, pages_at(0), pages_at(59), "x"},
	     embed_memberships_graphql,
	     ",\"operationName\":\"Memberships\",\"variables\":{\"first\":100,\"after\":\"x\"}}"},
	    {{CLIENT_TRANSACTIONS, pages_at(0), pages_at(59), long_cursor}, embed_transactions_graphql, NULL},
	};
	static const struct canned_answer answers[] = {CANNED_TOKEN, PAGE, PAGE, PAGE, PAGE, PAGE};
	struct run *r = *state;
	struct canned c;
	struct client *s;

	memset(long_cursor, '\x01', sizeof(long_cursor) - 1); /* the longest there is, and six times that */
	canned_open(&c, NULL, answers, LENGTH(answers));
	canned_configure(r, &c, "");
	s = client_open(r, NULL, NULL);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *body;
		struct json_value *read;
		struct err e = {0};

		client_ask(s, &cases[i].q, take, NULL);
		body = canned_body((int)i + 2);
		read = json_parse(body, strlen(body), &e);
		assert_non_null(read);
		assert_int_equal(strncmp(body, "{\"query\":\"", 10), 0);
		assert_string_equal(json_member(read, "query")->text, cases[i].document);
		if (cases[i].rest != NULL)
			assert_string_equal(strstr(body, ",\"operationName\":"), cases[i].rest);
		else
			assert_string_equal(json_at(read, "variables.after")->text, long_cursor);
		json_free(read);
	}
	client_close(s);
	assert_true(canned_close(&c, LENGTH(answers)));
}

/* --- recordings, and what must be there before ---------------------------------------------------------------------- */

static void
answers_are_recorded_and_can_be_read_again(void **state)
{
	static const struct canned_answer answers[] = {CANNED_TOKEN, ERRORS("Oops"), PAGE, STATUS("500 Oops"),
	                                               PAGE};
	struct run *r = *state;
	struct canned c;
	struct client *s;

	canned_open(&c, NULL, answers, LENGTH(answers));
	canned_configure(r, &c, "");
	s = client_open(r, NULL, "kept");
	for (int i = 0; i < 2; i++) {
		client_begin_window(s, i == 0 ? "window-1" : "window-2");
		client_ask(s, &any, take, NULL);
		client_end_window(s);
	}
	client_close(s);
	assert_true(canned_close(&c, LENGTH(answers)));
	assert_string_equal(home_read("kept/window-1/cards-000001.json"), ANSWER);
	assert_int_equal(home_names_in("kept/window-1"), 1);
	assert_string_equal(home_read("kept/window-2/cards-000001.json"), ANSWER);

	s = client_open(r, "kept", NULL);
	assert_true(client_is_cut_by_day(s));
	for (int i = 2; i > 0; i--) { /* an import that goes on may begin with a later window */
		client_begin_window(s, i == 1 ? "window-1" : "window-2");
		assert_true(client_can_repeat(s, CLIENT_CARDS));
		client_ask(s, &any, take, NULL);
		assert_false(client_can_repeat(s, CLIENT_CARDS));
		client_end_window(s);
	}
	client_close(s);
}

static void
ask_recording(struct run *r)
{
	struct client *s = client_open(r, PAGES_FOLDER, NULL);

	client_begin_window(s, "window-1");
	client_ask(s, &any, take, NULL);
	client_end_window(s);
	client_close(s);
}

static void
message_names_the_page_of_a_recording_that_cannot_be_read(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
	    {"{\n\"data\":\n", "pages/cards-1.json:3: "},
	    {"{\"errors\":[{\"message\":\"Oops\"}]}",
	     "pages/cards-1.json: Swan answered with errors: Oops (swan_errors)"},
	    {"{}", "pages/cards-1.json: data.cards is missing (bad_field)"},
	};

	assert_int_equal(mkdir(PAGES_FOLDER, 0700), 0);
	home_dies(*state, ask_recording, EXIT_REFUSED, "pages: the last page of cards is missing");
	for (size_t i = 0; i < LENGTH(cases); i++) {
		home_write(PAGES_FOLDER "/cards-1.json", cases[i].text);
		home_dies(*state, ask_recording, EXIT_REFUSED, cases[i].words);
	}
	home_write(PAGES_FOLDER "/cards-1.json", ANSWER);
	assert_int_equal(home_child(*state, ask_recording), 0);
	home_write(PAGES_FOLDER "/memberships-1.json", ANSWER); /* they were never asked for */
	assert_int_equal(home_child(*state, ask_recording), 0);
	home_write(PAGES_FOLDER "/cards-2.json", ANSWER);
	home_dies(*state, ask_recording, EXIT_REFUSED, "pages of cards after the last one");
}

static void
swan_without_credentials_is_not_asked(void **state)
{
	static const struct canned_answer answers[] = {CANNED_TOKEN};
	struct run *r = *state;
	struct canned c;

	canned_open(&c, NULL, answers, 1);
	canned_configure(r, &c, "");
	home_remove("secret");
	home_dies(r, ask, EXIT_CONFIG, "client_secret_file in [swan] names a file that does not exist");
	config_free(r->config);
	r->config = home_config(HOME_CONFIG "[swan]\nclient_id = client-1\n");
	unsetenv("CREDENTIALS_DIRECTORY");
	home_dies(r, ask, EXIT_CONFIG, "client_secret_file in [swan] is not set");
	config_free(r->config);
	r->config = home_config(HOME_CONFIG);
	home_dies(r, ask, EXIT_CONFIG, "alanpay.ini: client_id in [swan] is not set");
	assert_false(canned_close(&c, 1));
	assert_null(canned_asked(1));
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_HOME(token_is_asked_for_once_and_sent_with_every_query),
	    IN_HOME(token_is_renewed_before_its_life_ends),
	    IN_HOME(token_is_renewed_after_half_of_a_short_life),
	    IN_HOME(token_that_swan_no_longer_accepts_is_renewed_once_a_query),
	    IN_HOME(night_without_a_token_says_what_to_check),
	    IN_HOME(token_that_is_not_valid_is_asked_for_again),
	    IN_HOME(longest_token_is_sent_whole_and_a_longer_one_is_not_cut),
	    IN_HOME(query_is_sent_again_until_it_is_answered),
	    IN_HOME(wait_that_the_server_wants_is_kept),
	    IN_HOME(night_without_an_answer_says_what_to_do),
	    IN_HOME(no_message_of_a_server_shows_a_secret),
	    IN_HOME(no_more_requests_are_sent_than_the_limit_allows),
	    IN_HOME(query_is_the_document_its_name_and_its_variables),
	    IN_HOME(answers_are_recorded_and_can_be_read_again),
	    IN_HOME(message_names_the_page_of_a_recording_that_cannot_be_read),
	    IN_HOME(swan_without_credentials_is_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
