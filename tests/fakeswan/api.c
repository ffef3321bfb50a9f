/* api: see api.h. Tokens are in tokens.c.
 *
 * Every request is checked against the documentation of Swan; one that breaks a rule is answered with 400 and logged.
 */
#include "tests/fakeswan/api.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "formats/json.h"
#include "formats/length.h"
#include "tests/fakeswan/acts.h"
#include "tests/fakeswan/answer.h"
#include "tests/fakeswan/exchange.h"
#include "tests/fakeswan/tokens.h"

#define RATE_MS INT64_C(300000)

void
api_open(struct api *api)
{
	api->request_at = must_alloc((size_t)api->limit, sizeof(*api->request_at));
}

void
api_close(struct api *api)
{
	free(api->request_at);
	free(api->token);
}

void
exchange_violate(struct exchange *x, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	buffer_print(&x->violations, "  violation: %s", text);
}

static instant
api_now(const struct api *api)
{
	struct timespec t;

	if (api->now != INSTANT_NONE)
		return api->now;
	clock_gettime(CLOCK_REALTIME, &t);
	return (instant)t.tv_sec * SECOND_MS + t.tv_nsec / 1000000;
}

/* Too many in five minutes, or too early after a Retry-After: logged, and answered as usual. */
static void
check_pace(struct api *api, struct exchange *x)
{
	int64_t *at = &api->request_at[api->requests % api->limit];

	if (api->requests >= api->limit && x->clock_ms - *at < RATE_MS)
		exchange_violate(x, "more than %ld requests in 5 minutes", api->limit);
	*at = x->clock_ms;
	if (x->clock_ms < api->not_before)
		exchange_violate(x, "%lld ms before Retry-After", (long long)(api->not_before - x->clock_ms));
	api->not_before = 0;
	api->requests++;
}

static void
check_headers(struct exchange *x)
{
	char value[128];

	http_header(x->request, "Content-Type", value, sizeof(value));
	if (strncasecmp(value, "application/json", 16) != 0 || (value[16] != '\0' && value[16] != ';'))
		exchange_violate(x, "Content-Type is not application/json");
	if (x->act == NULL && http_header(x->request, "x-swan-user-id", value, sizeof(value)))
		exchange_violate(x, "x-swan-user-id is there");
}

static instant
read_bound(struct exchange *x, const struct json_value *body, const char *path)
{
	const char *text = NULL;
	instant at = INSTANT_NONE;
	struct err e;

	if (json_text(body, path, &text, &e) != 0 || (text != NULL && instant_parse(text, &at, &e) != 0))
		exchange_violate(x, "%s is no DateTime", path);
	return at;
}

static void
check_variables(struct exchange *x, const struct json_value *body)
{
	struct query *q = &x->query;
	struct err e;

	q->first = -1;
	if (json_int(body, "variables.first", &q->first, &e) != 0 || q->first < 1)
		exchange_violate(x, "first is absent");
	else if (q->first > 100)
		exchange_violate(x, "first is more than 100");
	if (json_text(body, "variables.after", &q->after, &e) != 0 ||
	    (q->after != NULL && cursor_read(q->after) < 0))
		exchange_violate(x, "after is no cursor");
	q->from = read_bound(x, body, "variables.from");
	q->to = read_bound(x, body, "variables.to");
}

static void
check_operation(struct exchange *x, const struct json_value *body)
{
	const char *text = NULL, *name = NULL;
	char wanted[64];
	struct err e;
	int i;

	x->query.operation = OPERATIONS;
	if (json_text(body, "operationName", &name, &e) != 0 || json_text(body, "query", &text, &e) != 0)
		name = NULL;
	for (i = 0; i < OPERATIONS; i++)
		if (name != NULL && strcmp(name, operation_names[i]) == 0)
			x->query.operation = (enum operation)i;
	x->act = name == NULL ? NULL : act_find(name);
	if (x->query.operation == OPERATIONS && x->act == NULL) {
		exchange_violate(x, "operationName is not one of ours");
		return;
	}
	x->name = x->act != NULL ? x->act->name : operation_names[x->query.operation];
	x->field = x->act != NULL ? x->act->field : field_names[x->query.operation];
	snprintf(wanted, sizeof(wanted), "%s %s", x->act != NULL && x->act->is_change ? "mutation" : "query",
	         x->name);
	if (text == NULL || strstr(text, wanted) == NULL)
		exchange_violate(x, "the query text has no %s", wanted);
}

static void
answer_json(struct exchange *x, int status, const char *member, const char *message)
{
	struct json j = {.sink = sink_new(buffer_write, &x->answer->body)};

	x->answer->status = status;
	json_open(&j, NULL, '{');
	json_open(&j, "errors", '[');
	json_open(&j, NULL, '{');
	json_put_text(&j, "message", message);
	json_close(&j, '}');
	json_close(&j, ']');
	if (member != NULL)
		json_put_null(&j, member);
	json_close(&j, '}');
	sink_end(j.sink, NULL, NULL);
}

void
exchange_note(struct exchange *x, enum fault which)
{
	buffer_print(&x->faults, "%s%s", x->faults.n > 0 ? "," : "", fault_name(which));
}

bool
exchange_fault(struct exchange *x, enum fault which)
{
	if (!fault_is(&x->api->world->faults, which, x->query.call))
		return false;
	exchange_note(x, which);
	return true;
}

static void
answer_text(struct exchange *x, int status, const char *type, const char *text)
{
	x->answer->status = status;
	x->answer->type = type;
	buffer_text(&x->answer->body, text);
}

/* Seconds, or a date one second after the Date of the answer, which the client may use as its clock. */
static void
answer_later(struct exchange *x, bool as_date)
{
	char text[HTTP_DATE];
	struct timespec t;

	answer_json(x, 429, NULL, "Too many requests");
	x->api->not_before = x->clock_ms + SECOND_MS;
	if (!as_date) {
		snprintf(x->answer->headers, sizeof(x->answer->headers), "Retry-After: 1\r\n");
		return;
	}
	clock_gettime(CLOCK_REALTIME, &t);
	x->answer->date = t.tv_sec;
	x->api->not_before -= t.tv_nsec / 1000000 + 5; /* two clocks, read one after the other */
	snprintf(x->answer->headers, sizeof(x->answer->headers), "Retry-After: %s\r\n",
	         http_date(text, t.tv_sec + 1));
}

static bool
answer_status_fault(struct exchange *x)
{
	static const struct {
		enum fault fault;
		int status;
		const char *message;
	} simple[] = {
	    {FAULT_500, 500, "Internal error"},    {FAULT_503, 503, "Unavailable"},
	    {FAULT_429, 429, "Too many requests"}, {FAULT_400, 400, "Bad request"},
	    {FAULT_403, 403, "Forbidden"},         {FAULT_UNAUTHORIZED, 401, "Unauthorized"},
	};
	size_t i;

	for (i = 0; i < LENGTH(simple); i++) {
		if (!exchange_fault(x, simple[i].fault))
			continue;
		answer_json(x, simple[i].status, NULL, simple[i].message);
		return true;
	}
	if (exchange_fault(x, FAULT_429AFTER))
		answer_later(x, false);
	else if (exchange_fault(x, FAULT_429DATE))
		answer_later(x, true);
	else
		return false;
	return true;
}

/* A message that repeats the token of the client, which must not print it. */
static void
answer_echo(struct exchange *x)
{
	char header[256], message[512];

	http_header(x->request, "Authorization", header, sizeof(header));
	snprintf(message, sizeof(message), "not allowed with Authorization: %s", header);
	answer_json(x, 200, "data", message);
}

static bool
answer_other_fault(struct exchange *x)
{
	if (exchange_fault(x, FAULT_502HTML)) {
		answer_text(x, 502, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>\n");
	} else if (exchange_fault(x, FAULT_ERRORS)) {
		answer_json(x, 200, "data", "Something went wrong");
	} else if (exchange_fault(x, FAULT_ECHO)) {
		answer_echo(x);
	} else if (exchange_fault(x, FAULT_REJECTION)) {
		buffer_print(
		    &x->answer->body,
		    "{\"data\":{\"%s\":{\"__typename\":\"ForbiddenRejection\",\"message\":\"Not for you\"}}}",
		    x->field);
	} else if (exchange_fault(x, FAULT_NOTJSON)) {
		answer_text(x, 200, "text/plain", "We will be back soon.\n");
	} else if (exchange_fault(x, FAULT_REDIRECT)) {
		answer_text(x, 302, "text/plain", "");
		snprintf(x->answer->headers, sizeof(x->answer->headers),
		         "Location: http://127.0.0.1:1/elsewhere\r\n");
	} else {
		return false;
	}
	return true;
}

/* Not UTF-8: the first name begins with a Latin-1 e with acute. */
/* The first letter of a member's text, if it is not empty. */
static char *
find_letter(char *body, const char *member)
{
	char *at = body;

	while ((at = strstr(at, member)) != NULL) {
		at += strlen(member);
		if (*at != '"' && *at != '\\')
			break;
	}
	return at;
}

static void
put_latin1(struct buffer *body)
{
	static const char *const members[] = {"\"counterparty\":\"", "\"firstName\":\"", "\"email\":\""};
	char *at = NULL;
	size_t i;

	for (i = 0; i < LENGTH(members) && at == NULL; i++)
		at = find_letter(body->at, members[i]);
	if (at != NULL)
		*at = '\xE9';
}

static void
put_blanks(struct buffer *body, size_t n)
{
	static const char blanks[] = "                                                                ";

	for (; n > 0; n -= sizeof(blanks) - 1)
		buffer_put(body, blanks, sizeof(blanks) - 1);
}

/* Faults in how a page is sent, or in its bytes. */
static void
spoil_page(struct exchange *x)
{
	static const struct {
		enum fault fault;
		enum delivery delivery;
	} deliveries[] = {
	    {FAULT_TRUNCATED, TRUNCATED}, {FAULT_RESET, RESET}, {FAULT_SLOW, SLOW}, {FAULT_HANG, HANG}};
	char accepted[128];
	size_t i;

	if (exchange_fault(x, FAULT_LATIN1))
		put_latin1(&x->answer->body);
	if (exchange_fault(x, FAULT_HUGE))
		put_blanks(&x->answer->body, (size_t)65 << 20);
	for (i = 0; i < LENGTH(deliveries); i++)
		if (exchange_fault(x, deliveries[i].fault))
			x->answer->delivery = deliveries[i].delivery;
	x->answer->chunked = exchange_fault(x, FAULT_CHUNKED);
	http_header(x->request, "Accept-Encoding", accepted, sizeof(accepted));
	x->answer->gzip = strstr(accepted, "gzip") != NULL && exchange_fault(x, FAULT_GZIP);
}

/* Makes the page, and logs its faults. */
static void
make_page(struct exchange *x)
{
	static const enum fault once[] = {FAULT_PARTIAL, FAULT_DUPLICATES, FAULT_EMPTY, FAULT_NULLCURSOR},
				since[] = {FAULT_ENDLESS, FAULT_LOST, FAULT_STUCK, FAULT_MOVING_ALWAYS};
	struct world *w = x->api->world;
	bool had_moved = w->has_moved, had_grown = w->has_grown;
	size_t i, n = x->query.after == NULL ? 2 : 4; /* the others need a page before */

	for (i = 0; i < LENGTH(once); i++)
		exchange_fault(x, once[i]);
	for (i = 0; i < n; i++)
		if (fault_since(&w->faults, since[i], x->query.call))
			exchange_note(x, since[i]);
	answer_page(w, &x->query, api_now(x->api), &x->answer->body);
	if (w->has_moved != had_moved)
		exchange_note(x, FAULT_MOVING);
	if (w->has_grown != had_grown)
		exchange_note(x, FAULT_GROWING);
}

static void
answer_call(struct exchange *x, const struct json_value *body)
{
	if (x->violations.n > x->paced) {
		answer_json(x, 400, NULL, "Bad request");
		return;
	}
	if (exchange_fault(x, FAULT_EXPIRED))
		token_revoke(x);
	if (!token_is_live(x)) {
		answer_json(x, 401, NULL, "Unauthorized");
		return;
	}
	if (answer_status_fault(x) || answer_other_fault(x))
		return;
	if (x->act != NULL)
		act_play(x, body, api_now(x->api));
	else
		make_page(x);
	spoil_page(x);
}

static void
answer_api(struct exchange *x)
{
	struct err e;
	struct json_value *body = json_parse(x->request->body, x->request->length, &e);

	x->query.call = ++x->api->calls;
	if (body == NULL || body->type != JSON_OBJECT) {
		exchange_violate(x, "the body is no JSON object");
	} else {
		check_operation(x, body);
		if (x->act == NULL)
			check_variables(x, body);
	}
	check_headers(x);
	answer_call(x, body);
	json_free(body);
}

static void
write_log(struct api *api, const struct exchange *x)
{
	if (api->log == NULL)
		return;
	fprintf(api->log, "%ld %s %d %s%s\n", api->requests, x->name, x->answer->status,
	        x->faults.n > 0 ? x->faults.at : "-", x->violations.n > 0 ? x->violations.at : "");
	fflush(api->log);
}

void
api_answer(struct api *api, const struct request *q, int64_t clock_ms, struct answer *a)
{
	struct exchange x = {.api = api, .request = q, .answer = a, .clock_ms = clock_ms, .name = "-"};

	*a = (struct answer){.status = 200, .type = "application/json"};
	check_pace(api, &x);
	x.paced = x.violations.n;
	if (strcmp(q->path, "/oauth2/token") == 0 && strcmp(q->method, "POST") == 0) {
		x.name = "token";
		answer_token(&x);
	} else if (strcmp(q->path, "/graphql") == 0 && strcmp(q->method, "POST") == 0) {
		answer_api(&x);
	} else if (strncmp(q->path, "/consent/", 9) == 0 && strcmp(q->method, "GET") == 0) {
		x.name = "browser";
		act_consent(&x, q->path + 9);
	} else {
		exchange_violate(&x, "%s %s", q->method, q->path);
		answer_json(&x, 404, NULL, "Not found");
	}
	write_log(api, &x);
	buffer_free(&x.violations);
	buffer_free(&x.faults);
}
