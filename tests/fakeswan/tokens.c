/* tokens: see tokens.h.
 *
 * A token is its number and some letters that look like a secret; it lives for an hour of the monotonic clock.
 * source   RFC 6749, sections 4.4 and 5
 */
#include "tests/fakeswan/tokens.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/json.h"
#include "formats/text.h"
#include "tests/fakeswan/dice.h"

#define TOKEN_TEXT 64
#define LIFE_MS    INT64_C(3600000)

static void
print_token(const struct api *api, long number, char text[static TOKEN_TEXT])
{
	struct dice d = dice_of(api->world->seed, FOR_TEXT, INT64_MAX - number);
	uint64_t high = dice_throw(&d), low = dice_throw(&d);

	snprintf(text, TOKEN_TEXT, "fst_%016" PRIx64 "%016" PRIx64 "_%06ld", high, low, number);
}

/* The token of the call; NULL: not one that was issued. */
static struct token *
find_token(const struct exchange *x)
{
	char header[128], text[TOKEN_TEXT];
	const char *number;
	long n;

	http_header(x->request, "Authorization", header, sizeof(header));
	number = strrchr(header, '_');
	n = number == NULL ? 0 : strtol(number + 1, NULL, 10);
	if (n < 1 || n > x->api->tokens || strncmp(header, "Bearer ", 7) != 0)
		return NULL;
	print_token(x->api, n, text);
	return strcmp(header + 7, text) == 0 ? &x->api->token[n - 1] : NULL;
}

bool
token_is_live(struct exchange *x)
{
	struct token *t = find_token(x);
	const struct faulty *lying = fault_find(&x->api->world->faults, FAULT_LYING);

	if (t == NULL || x->clock_ms >= t->ends_at)
		return false;
	if (lying != NULL && ++t->used > lying->first) {
		exchange_note(x, FAULT_LYING);
		return false;
	}
	return true;
}

void
token_revoke(struct exchange *x)
{
	struct token *t = find_token(x);

	if (t != NULL)
		t->ends_at = 0;
}

/* One value of a form, decoded; false when it is absent or too long. */
static bool
form_value(const struct request *q, const char *name, char *value, size_t size)
{
	const char *at = q->body, *end = q->body + q->length;
	size_t n = strlen(name), used = 0;

	while (at < end && (strncmp(at, name, n) != 0 || at[n] != '=')) {
		const char *next = memchr(at, '&', (size_t)(end - at));

		at = next == NULL ? end : next + 1;
	}
	if (at >= end)
		return false;
	for (at += n + 1; at < end && *at != '&' && used + 1 < size; at++) {
		value[used] = *at == '+' ? ' ' : *at;
		if (*at == '%' && end - at > 2) {
			value[used] = (char)(text_hex(at[1]) << 4 | text_hex(at[2]));
			at += 2;
		}
		used++;
	}
	value[used] = '\0';
	return at == end || *at == '&';
}

static bool
is_ours(const struct exchange *x)
{
	char value[1024], type[128];

	http_header(x->request, "Content-Type", type, sizeof(type));
	return strncmp(type, "application/x-www-form-urlencoded", 33) == 0 &&
	       form_value(x->request, "client_id", value, sizeof(value)) &&
	       strcmp(value, x->api->client_id) == 0 &&
	       form_value(x->request, "client_secret", value, sizeof(value)) &&
	       strcmp(value, x->api->secret) == 0 &&
	       form_value(x->request, "grant_type", value, sizeof(value)) &&
	       strcmp(value, "client_credentials") == 0;
}

static void
put_refusal(struct exchange *x, bool with_secret)
{
	struct json j = {.sink = sink_new(buffer_write, &x->answer->body)};
	char secret[1024] = "", text[1100];

	x->answer->status = 401;
	json_open(&j, NULL, '{');
	json_put_text(&j, "error", "invalid_client");
	if (with_secret) {
		form_value(x->request, "client_secret", secret, sizeof(secret));
		snprintf(text, sizeof(text), "client_secret %s is wrong", secret);
		json_put_text(&j, "error_description", text);
	}
	json_close(&j, '}');
	sink_end(j.sink, NULL, NULL);
}

static void
put_token(struct exchange *x)
{
	struct json j = {.sink = sink_new(buffer_write, &x->answer->body)};
	struct api *api = x->api;
	struct token *more = realloc(api->token, (size_t)(api->tokens + 1) * sizeof(*more));
	char text[TOKEN_TEXT];

	if (more == NULL)
		abort();
	api->token = more;
	api->token[api->tokens++] = (struct token){0, x->clock_ms + LIFE_MS};
	print_token(api, api->tokens, text);
	json_open(&j, NULL, '{');
	json_put_text(&j, "access_token", text);
	json_put_text(&j, "token_type", "bearer");
	if (!exchange_fault(x, FAULT_SHORTLIFE))
		json_put_int(&j, "expires_in", 3600);
	else if (api->tokens % 2 == 1)
		json_put_int(&j, "expires_in", 0);
	json_put_text(&j, "scope", "");
	json_close(&j, '}');
	sink_end(j.sink, NULL, NULL);
}

void
answer_token(struct exchange *x)
{
	x->query.call = ++x->api->token_calls;
	if (exchange_fault(x, FAULT_OAUTH500)) {
		x->answer->status = 500;
		buffer_text(&x->answer->body, "{\"error\":\"server_error\"}");
	} else if (exchange_fault(x, FAULT_OAUTHHTML)) {
		x->answer->type = "text/html";
		buffer_text(&x->answer->body, "<html><body>Sign in</body></html>\n");
	} else if (exchange_fault(x, FAULT_OAUTHECHO)) {
		put_refusal(x, true);
	} else if (exchange_fault(x, FAULT_BADSECRET) || !is_ours(x)) {
		put_refusal(x, false);
	} else {
		put_token(x);
	}
}
