/* connection: see connection.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "formats/json.h"
#include "formats/memory.h"
#include "formats/text.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"
#include "stages/core/swan/connection.h"
#include "stages/core/net/pace.h"
#include "stages/core/net/secret.h"

#define TOKEN_SIZE     8192
#define MOST_LIFE_S    604800
#define EARLY_MS       300000 /* a token is renewed so long before its end, or at half of its life */
#define CREDENTIAL     "swan_client_secret"
#define MOST_HEADERS   5
#define MOST_CONCEALED 2

struct connection {
	struct run *run;
	struct http *http;
	struct pace pace;
	struct secret client_secret;
	char token[TOKEN_SIZE];
	int64_t renew_at; /* ticks */
	const char *concealed[MOST_CONCEALED];
	int conceals;
};

bool
connection_is_configured(const struct run *r)
{
	return config_text(r->config, SWAN_CLIENT_ID)[0] != '\0';
}

struct connection *
connection_open(struct run *r)
{
	struct connection *s = memory_new(1, sizeof(*s));

	s->run = r;
	secret_load(&s->client_secret, config_text(r->config, SWAN_CLIENT_SECRET_FILE), CREDENTIAL,
	            "client_secret_file in [swan]");
	s->http = http_open((long)config_int(r->config, SWAN_TIMEOUT_SECONDS));
	pace_init(&s->pace, (int)config_int(r->config, SWAN_REQUESTS_PER_5_MINUTES),
	          (uint64_t)r->now ^ store_id(r->db));
	return s;
}

void
connection_close(struct connection *s)
{
	if (s == NULL)
		return;
	http_close(s->http);
	secret_forget(&s->client_secret);
	OPENSSL_cleanse(s->token, sizeof(s->token));
	free(s);
}

static void
keep_pace(struct connection *s)
{
	run_pause(pace_wait(&s->pace, run_ticks()));
	pace_note(&s->pace, run_ticks());
}

void
connection_wait(struct connection *s, int n, int64_t retry_after)
{
	int64_t pause = retry_after >= 0
	                    ? retry_after
	                    : pace_backoff(&s->pace, n, config_int(s->run->config, SWAN_FIRST_PAUSE_MS));

	run_pause(pause < PACE_LONGEST ? pause : PACE_LONGEST);
}

_Noreturn void
connection_die(struct connection *s, enum exit_status status, const char *who, const char *why,
               const char *what_to_do)
{
	char text[400];

	snprintf(text, sizeof(text), "%s", why);
	connection_hide(s, text, sizeof(text));
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
read_token(struct connection *s, const struct http_answer *a, struct err *e)
{
	struct json_value *answer = json_parse_tolerant(a->body, a->length, e);
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
post_form(struct connection *s, struct http_answer *a)
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

void
connection_renew_token(struct connection *s)
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
			connection_die(
			    s, EXIT_CONFIG, who, a.why,
			    "Swan rejected the credentials: check client_id and client_secret_file in [swan], and that"
			    " both belong to the environment (live or sandbox) of `endpoint`");
		if (a.verdict == HTTP_REFUSED)
			connection_die(s, EXIT_CONFIG, who, a.why, "check oauth_endpoint in [swan]");
		if (n >= tries && a.verdict == HTTP_DONE)
			connection_die(s, EXIT_REFUSED, who, e.message,
			               "this is not a token: check oauth_endpoint in [swan]");
		if (n >= tries)
			connection_die(s, EXIT_UNAVAILABLE, who, a.why, "run this again later");
		connection_wait(s, n, a.retry_after);
	}
}

void
connection_post(struct connection *s, const char *user, const char *body, size_t length,
                struct http_answer *a)
{
	char authorization[TOKEN_SIZE + 32], as_user[128];
	const char *headers[MOST_HEADERS] = {"Content-Type: application/json", "Accept: application/json",
	                                     authorization};

	if (s->token[0] == '\0' || run_ticks() >= s->renew_at)
		connection_renew_token(s);
	snprintf(authorization, sizeof(authorization), "Authorization: Bearer %s", s->token);
	if (user != NULL) {
		snprintf(as_user, sizeof(as_user), "x-swan-user-id: %s", user);
		headers[3] = as_user;
	}
	keep_pace(s);
	http_post(s->http, config_text(s->run->config, SWAN_ENDPOINT), headers, body, length, a);
	OPENSSL_cleanse(authorization, sizeof(authorization));
}

void
connection_conceal(struct connection *s, const char *text)
{
	int i;

	for (i = 0; i < s->conceals; i++)
		if (s->concealed[i] == text)
			return;
	if (s->conceals == MOST_CONCEALED)
		die(EXIT_BUG, "more than %d texts are to be concealed", MOST_CONCEALED);
	s->concealed[s->conceals++] = text;
}

void
connection_hide(const struct connection *s, char *text, size_t size)
{
	int i;

	secret_hide(s->token, text, size);
	secret_hide(s->client_secret.text, text, size);
	for (i = 0; i < s->conceals; i++)
		secret_hide(s->concealed[i], text, size);
}

void
connection_die_refused(struct connection *s, const struct http_answer *a, const char *note)
{
	const char *who = config_text(s->run->config, SWAN_ENDPOINT);
	char what[200];

	if (a->status == 401 || a->status == 403)
		connection_die(
		    s, EXIT_CONFIG, who, a->why,
		    "Swan issued a token, but does not accept it: check that endpoint, oauth_endpoint and client_id in"
		    " [swan] belong to the same environment (live or sandbox)");
	if (a->status == 0 || (a->status >= 300 && a->status < 400)) {
		snprintf(what, sizeof(what), "check endpoint in [swan]; %s", note);
		connection_die(s, EXIT_CONFIG, who, a->why, what);
	}
	snprintf(what, sizeof(what), "%s%s", a->status < 300 ? "" : "Swan rejected the query; ", note);
	connection_die(s, EXIT_REFUSED, who, a->why, what);
}
