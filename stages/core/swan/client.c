/* client: see client.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "formats/embed.h"
#include "formats/json.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/text.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/fault.h"
#include "stages/core/swan/client.h"
#include "stages/core/swan/http.h"
#include "stages/core/swan/pace.h"
#include "stages/core/swan/recording.h"
#include "stages/core/swan/secret.h"

#define TOKEN_SIZE     8192
#define MOST_LIFE_S    604800
#define EARLY_MS       300000 /* a token is renewed so long before its end, or at half of its life */
#define CREDENTIAL     "swan_client_secret"
#define NOTHING_STORED "nothing of this window is stored"

static const struct {
	const char *name, *operation;
	const char *document;
} lists[] = {
    [CLIENT_TRANSACTIONS] = {"transactions", "Transactions", embed_transactions_graphql},
    [CLIENT_CARDS] = {"cards", "Cards", embed_cards_graphql},
    [CLIENT_MEMBERSHIPS] = {"memberships", "Memberships", embed_memberships_graphql},
};

struct client {
	struct run *run;
	struct recording *recorded, *keep;
	struct http *http;
	struct pace pace;
	struct secret client_secret;
	char token[TOKEN_SIZE];
	int64_t renew_at; /* ticks */
	bool asked;       /* a page was asked for in this window */
};

static void
set_up_network(struct client *s)
{
	const struct run *r = s->run;

	secret_load(&s->client_secret, config_text(r->config, SWAN_CLIENT_SECRET_FILE), CREDENTIAL,
	            "client_secret_file in [swan]");
	s->http = http_open((long)config_int(r->config, SWAN_TIMEOUT_SECONDS));
	pace_init(&s->pace, (int)config_int(r->config, SWAN_REQUESTS_PER_5_MINUTES),
	          (uint64_t)r->now ^ store_id(r->db));
}

struct client *
client_open(struct run *r, const char *recorded, const char *keep)
{
	struct client *s;

	if (recorded == NULL && config_text(r->config, SWAN_CLIENT_ID)[0] == '\0')
		die(EXIT_CONFIG,
		    "%s: client_id in [swan] is not set: Swan cannot be asked"
		    " (--fixtures DIR reads recorded pages instead)",
		    r->config_path);
	s = memory_new(1, sizeof(*s));
	s->run = r;
	if (keep != NULL)
		s->keep = recording_create(keep);
	if (recorded != NULL)
		s->recorded = recording_open(recorded);
	else
		set_up_network(s);
	return s;
}

void
client_close(struct client *s)
{
	if (s == NULL)
		return;
	http_close(s->http);
	recording_close(s->recorded);
	recording_close(s->keep);
	secret_forget(&s->client_secret);
	OPENSSL_cleanse(s->token, sizeof(s->token));
	free(s);
}

bool
client_is_cut_by_day(const struct client *s)
{
	return s->recorded == NULL || recording_is_cut(s->recorded);
}

void
client_begin_window(struct client *s, const char *name)
{
	if (s->recorded != NULL)
		recording_enter_window(s->recorded, name);
	if (s->keep != NULL)
		recording_create_window(s->keep, name);
}

void
client_end_window(struct client *s)
{
	size_t i;

	for (i = 0; s->recorded != NULL && i < LENGTH(lists); i++)
		if (recording_was_asked(s->recorded, lists[i].name) &&
		    recording_has_more(s->recorded, lists[i].name))
			die(EXIT_REFUSED,
			    "%s: there are pages of %s after the last one: the recording is out of order; " NOTHING_STORED,
			    recording_folder(s->recorded), lists[i].name);
}

bool
client_can_repeat(struct client *s, enum client_list list)
{
	return s->recorded == NULL || recording_has_more(s->recorded, lists[list].name);
}

void
client_give_up(struct client *s, enum exit_status status, const char *fmt, ...)
{
	char why[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	if (s->recorded != NULL)
		die(EXIT_REFUSED, "%s: %s; is the recording complete and in order? (" NOTHING_STORED ")",
		    recording_path(s->recorded), why);
	die(status, "%s: %s; " NOTHING_STORED, config_text(s->run->config, SWAN_ENDPOINT), why);
}

/* --- waiting ------------------------------------------------------------------------------------------------------ */

static void
keep_pace(struct client *s)
{
	run_pause(pace_wait(&s->pace, run_ticks()));
	pace_note(&s->pace, run_ticks());
}

/* Before the n-th repetition: as long as the server asks for, within limits; else longer each time. */
static void
wait_for_again(struct client *s, int n, int64_t retry_after)
{
	int64_t pause = retry_after >= 0
	                    ? retry_after
	                    : pace_backoff(&s->pace, n, config_int(s->run->config, SWAN_FIRST_PAUSE_MS));

	run_pause(pause < PACE_LONGEST ? pause : PACE_LONGEST);
}

static _Noreturn void
die_hiding(struct client *s, enum exit_status status, const char *who, const char *why,
           const char *what_to_do)
{
	char text[400];

	snprintf(text, sizeof(text), "%s", why);
	secret_hide(s->token, text, sizeof(text));
	secret_hide(s->client_secret.text, text, sizeof(text));
	die(status, "%s: %s; %s", who, text, what_to_do);
}

/* --- the token ------------------------------------------------------------------------------------------------------ */

/* In ticks. A token without a valid life is used until Swan rejects it. */
static int64_t
renew_at(int64_t life_s)
{
	if (life_s <= 0 || life_s > MOST_LIFE_S)
		return INT64_MAX;
	return run_ticks() + (life_s * 500 > EARLY_MS ? life_s * 1000 - EARLY_MS : life_s * 500);
}

static int
read_token(struct client *s, const struct http_answer *a, struct err *e)
{
	struct json_value *answer = json_parse(a->body, a->length, e);
	const char *token;
	int64_t life_s = 0;
	int rc = -1;

	if (answer == NULL)
		return -1;
	if (json_text(answer, "access_token", &token, e) == 0 &&
	    json_int(answer, "expires_in", &life_s, e) == 0) {
		if (token == NULL || token[0] == '\0' || token[strcspn(token, " \r\n")] != '\0' ||
		    text_copy(s->token, sizeof(s->token), token) < 0)
			err_set(e, ERR_BAD_FIELD, "access_token is missing or not valid");
		else
			rc = 0;
	}
	s->renew_at = renew_at(life_s);
	json_free(answer);
	return rc;
}

static void
post_form(struct client *s, struct http_answer *a)
{
	static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded",
	                                      "Accept: application/json", NULL};
	char form[4 * SECRET_SIZE] = "";

	if (http_put_field(s->http, form, sizeof(form), "grant_type", "client_credentials") < 0 ||
	    http_put_field(s->http, form, sizeof(form), "client_id",
	                   config_text(s->run->config, SWAN_CLIENT_ID)) < 0 ||
	    http_put_field(s->http, form, sizeof(form), "client_secret", s->client_secret.text) < 0)
		die(EXIT_CONFIG, "client_id or the client secret in [swan] is too long");
	keep_pace(s);
	http_post(s->http, config_text(s->run->config, SWAN_OAUTH_ENDPOINT), headers, form, strlen(form), a);
	OPENSSL_cleanse(form, sizeof(form));
}

/* Gets a new token, also if the old one has not ended. */
static void
renew_token(struct client *s)
{
	const char *who = config_text(s->run->config, SWAN_OAUTH_ENDPOINT);
	int64_t tries = config_int(s->run->config, SWAN_TRIES);
	struct http_answer a;
	struct err e = {0};
	int n;

	for (n = 1;; n++) {
		post_form(s, &a);
		if (a.verdict == HTTP_DONE && read_token(s, &a, &e) == 0)
			return;
		if (a.verdict == HTTP_REFUSED && a.status >= 400)
			die_hiding(
			    s, EXIT_CONFIG, who, a.why,
			    "Swan rejected the credentials: check client_id and client_secret_file in [swan], and that"
			    " both belong to the environment (live or sandbox) of `endpoint`");
		if (a.verdict == HTTP_REFUSED)
			die_hiding(s, EXIT_CONFIG, who, a.why, "check oauth_endpoint in [swan]");
		if (n >= tries && a.verdict == HTTP_DONE)
			die_hiding(s, EXIT_REFUSED, who, e.message,
			           "this is not a token: check oauth_endpoint in [swan]");
		if (n >= tries)
			die_hiding(s, EXIT_UNAVAILABLE, who, a.why, "run this again later");
		wait_for_again(s, n, a.retry_after);
	}
}

/* --- a query ------------------------------------------------------------------------------------------------------ */

static char *
put_variables(struct sink_text *text, const struct client_question *q)
{
	struct json j = {.sink = sink_into(text)};
	char at[INSTANT_TEXT];

	json_open(&j, NULL, '{');
	json_put_text(&j, "query", lists[q->list].document);
	json_put_text(&j, "operationName", lists[q->list].operation);
	json_open(&j, "variables", '{');
	json_put_int(&j, "first", CLIENT_PAGE);
	json_put_text(&j, "after", q->after[0] != '\0' ? q->after : NULL);
	if (q->list == CLIENT_TRANSACTIONS) {
		json_put_text(&j, "from", instant_print(at, q->from));
		json_put_text(&j, "to", instant_print(at, q->to));
	}
	json_close(&j, '}');
	json_close(&j, '}');
	if (sink_end(j.sink, NULL, NULL) < 0)
		die(EXIT_BUG, "the query for %s is too long", lists[q->list].name);
	return text->at;
}

static void
post_question(struct client *s, const struct client_question *q, struct http_answer *a)
{
	char body[8192], authorization[TOKEN_SIZE + 32];
	struct sink_text text = {body, sizeof(body), 0};
	const char *const headers[] = {"Content-Type: application/json", "Accept: application/json",
	                               authorization, NULL};

	if (s->token[0] == '\0' || run_ticks() >= s->renew_at)
		renew_token(s);
	put_variables(&text, q);
	snprintf(authorization, sizeof(authorization), "Authorization: Bearer %s", s->token);
	keep_pace(s);
	http_post(s->http, config_text(s->run->config, SWAN_ENDPOINT), headers, body, text.n, a);
	OPENSSL_cleanse(authorization, sizeof(authorization));
}

static _Noreturn void
die_refused(struct client *s, const struct http_answer *a)
{
	const char *who = config_text(s->run->config, SWAN_ENDPOINT);

	if (a->status == 401 || a->status == 403)
		die_hiding(
		    s, EXIT_CONFIG, who, a->why,
		    "Swan issued a token, but does not accept it: check that endpoint, oauth_endpoint and client_id in"
		    " [swan] belong to the same environment (live or sandbox)");
	if (a->status == 0 || (a->status >= 300 && a->status < 400))
		die_hiding(s, EXIT_CONFIG, who, a->why, "check endpoint in [swan]; " NOTHING_STORED);
	die_hiding(s, EXIT_REFUSED, who, a->why,
	           a->status < 300 ? NOTHING_STORED : "Swan rejected the query; " NOTHING_STORED);
}

static _Noreturn void
die_after_tries(struct client *s, const struct http_answer *a, const struct err *e)
{
	const char *who = config_text(s->run->config, SWAN_ENDPOINT);
	char what[128];

	if (a->verdict != HTTP_DONE)
		die_hiding(s, EXIT_UNAVAILABLE, who, a->why, "run this again later; " NOTHING_STORED);
	if (err_is(e, ERR_SWAN_ERRORS))
		die_hiding(s, EXIT_UNAVAILABLE, who, e->message, "run this again later; " NOTHING_STORED);
	snprintf(what, sizeof(what), "the answer cannot be read (%.32s, line %ld); " NOTHING_STORED, e->code,
	         e->line);
	die_hiding(s, EXIT_REFUSED, who, e->message, what);
}

static void
ask_network(struct client *s, const struct client_question *q, client_take_fn *take, void *ctx)
{
	int64_t tries = config_int(s->run->config, SWAN_TRIES);
	bool renewed = false;
	struct http_answer a;
	int n;

	for (n = 1;;) {
		struct err e = {0};

		post_question(s, q, &a);
		if (a.verdict == HTTP_DONE && take(ctx, a.body, a.length, &e) == 0)
			break;
		if (a.status == 401 && !renewed) {
			renewed = true;
			renew_token(s);
			continue;
		}
		if (a.verdict == HTTP_REFUSED)
			die_refused(s, &a);
		if (n >= tries || err_is(&e, ERR_SWAN_REJECTED))
			die_after_tries(s, &a, &e);
		wait_for_again(s, n++, a.retry_after);
	}
	if (s->keep != NULL)
		recording_put(s->keep, lists[q->list].name, a.body, a.length);
	fault("page taken");
}

static void
ask_recording(struct client *s, const struct client_question *q, client_take_fn *take, void *ctx)
{
	struct err e = {0};
	const char *text;
	char line[24] = "";
	size_t length;

	if (!recording_next(s->recorded, lists[q->list].name, &text, &length))
		die(EXIT_REFUSED, "%s: the last page of %s is missing; " NOTHING_STORED,
		    recording_folder(s->recorded), lists[q->list].name);
	if (take(ctx, text, length, &e) == 0)
		return;
	if (e.line > 0)
		snprintf(line, sizeof(line), ":%ld", e.line);
	die(EXIT_REFUSED, "%s%s: %s (%s); " NOTHING_STORED, recording_path(s->recorded), line, e.message,
	    e.code);
}

void
client_ask(struct client *s, const struct client_question *q, client_take_fn *take, void *ctx)
{
	if (s->recorded != NULL)
		ask_recording(s, q, take, ctx);
	else
		ask_network(s, q, take, ctx);
}
