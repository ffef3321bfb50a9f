/* client: see client.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/embed.h"
#include "formats/json.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/fault.h"
#include "stages/core/swan/client.h"
#include "stages/core/swan/connection.h"
#include "stages/core/swan/recording.h"

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
	struct connection *connection; /* NULL: a recording answers */
	bool is_last_try;
};

struct client *
client_open(struct run *r, const char *recorded, const char *keep)
{
	struct client *s;

	if (recorded == NULL && !connection_is_configured(r))
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
		s->connection = connection_open(r);
	return s;
}

void
client_close(struct client *s)
{
	if (s == NULL)
		return;
	connection_close(s->connection);
	recording_close(s->recorded);
	recording_close(s->keep);
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
client_is_last_try(const struct client *s)
{
	return s->is_last_try;
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
	char body[16384];
	struct sink_text text = {body, sizeof(body), 0};

	put_variables(&text, q);
	connection_post(s->connection, NULL, body, text.n, a);
}

static _Noreturn void
die_after_tries(struct client *s, const struct http_answer *a, const struct err *e)
{
	const char *who = config_text(s->run->config, SWAN_ENDPOINT);
	char what[128];

	if (a->verdict != HTTP_DONE)
		connection_die(s->connection, EXIT_UNAVAILABLE, who, a->why,
		               "run this again later; " NOTHING_STORED);
	if (err_is(e, ERR_SWAN_ERRORS) || err_is(e, ERR_NO_PROGRESS))
		connection_die(s->connection, EXIT_UNAVAILABLE, who, e->message,
		               "run this again later; " NOTHING_STORED);
	snprintf(what, sizeof(what), "the answer cannot be read (%.32s, line %ld); " NOTHING_STORED, e->code,
	         e->line);
	connection_die(s->connection, EXIT_REFUSED, who, e->message, what);
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

		s->is_last_try = n >= tries;
		post_question(s, q, &a);
		if (a.verdict == HTTP_DONE && take(ctx, a.body, a.length, &e) == 0)
			break;
		if (a.status == 401 && !renewed) {
			renewed = true;
			connection_renew_token(s->connection);
			continue;
		}
		if (a.verdict == HTTP_REFUSED)
			connection_die_refused(s->connection, &a, NOTHING_STORED);
		if (n >= tries || err_is(&e, ERR_SWAN_REJECTED))
			die_after_tries(s, &a, &e);
		connection_wait(s->connection, n++, a.retry_after);
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
	s->is_last_try = true;
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
