/* delivery: see delivery.h. */
#include "stages/core/push/delivery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"
#include "formats/text.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/fault.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/notification.h"
#include "stages/core/members/receipt.h"
#include "stages/core/net/http.h"
#include "stages/core/net/pace.h"
#include "stages/core/net/secret.h"
#include "stages/core/net/signature.h"

#define CREDENTIAL   "notifications_hmac_secret"
#define LONGEST_WAIT 60000 /* milliseconds; a receiver that asks for more is left to the next run */
#define WHY          512

struct chunk {
	int64_t number, first, last;
	char key[RECEIPT_KEY];
};

struct delivery {
	struct run *run;
	struct http *http;
	struct secret secret;
	struct pace pace;
	char *body;
	size_t length, size;
	struct receipt_source source; /* of the chunk whose answer is read */
};

/* A request ----------------------------------------------------------------------------------------------------------- */

static bool
next_chunk(struct run *r, struct chunk *c)
{
	struct stmt *q = sql(r->db,
	    "SELECT number, first_number, last_number, batch_number, nth"
	    " FROM notification_chunk"
	    " WHERE answered_at IS NULL AND number > $after"
	    " ORDER BY number LIMIT 1");

	bind_int(q, "$after", c->number);
	if (!row(q))
		return false;
	c->number = col_int(q, 0);
	c->first = col_int(q, 1);
	c->last = col_int(q, 2);
	receipt_print_key(r, col_int(q, 3), col_int(q, 4), c->key);
	reset(q);
	return true;
}

static int
keep_bytes(void *ctx, const void *bytes, size_t n)
{
	struct delivery *d = ctx;

	if (d->length + n > d->size) {
		d->size = (d->length + n) * 2;
		d->body = memory_resize(d->body, d->size, 1);
	}
	memcpy(d->body + d->length, bytes, n);
	d->length += n;
	return 0;
}

static void
render(struct delivery *d, const struct chunk *c)
{
	struct sink *s = sink_new_plain(keep_bytes, d);

	d->length = 0;
	notification_write_lines(d->run, c->first, c->last, s);
	if (sink_end(s, NULL, NULL) < 0)
		die(EXIT_BUG, "the lines of a chunk cannot be written");
}

static void
post(struct delivery *d, const struct chunk *c, struct http_answer *a)
{
	char key[RECEIPT_KEY + 32], sign[SIGNATURE_TEXT + 32], signature[SIGNATURE_TEXT];
	const char *const headers[] = {"Content-Type: application/x-ndjson", "Accept: application/x-ndjson",
	                               key, sign, NULL};

	snprintf(key, sizeof(key), "Idempotency-Key: %s", c->key);
	snprintf(sign, sizeof(sign), "X-Alanpay-Signature: %s",
	         signature_print(signature, d->secret.text, run_clock() / 1000, d->body, d->length));
	fault("before sending a chunk");
	http_post(d->http, config_text(d->run->config, NOTIFICATIONS_URL), headers, d->body, d->length, a);
	fault("after sending a chunk");
}

/* False: it asks for more patience than this run has. */
static bool
wait_for(struct delivery *d, int n, int64_t retry_after)
{
	int64_t pause =
	    retry_after >= 0
		? retry_after
		: pace_backoff(&d->pace, n, config_int(d->run->config, NOTIFICATIONS_FIRST_PAUSE_MS));

	if (retry_after > LONGEST_WAIT)
		return false;
	run_pause(pause < LONGEST_WAIT ? pause : LONGEST_WAIT);
	return true;
}

static void
post_with_tries(struct delivery *d, const struct chunk *c, struct http_answer *a)
{
	int64_t tries = config_int(d->run->config, NOTIFICATIONS_TRIES);
	int n;

	for (n = 1;; n++) {
		post(d, c, a);
		if (a->verdict != HTTP_AGAIN || n >= tries || !wait_for(d, n, a->retry_after))
			return;
	}
}

/* An answer ----------------------------------------------------------------------------------------------------------- */

static int
apply_receipt(void *ctx, const struct receipt *q, struct err *e)
{
	const struct delivery *d = ctx;

	(void)e;
	receipt_apply(d->run, q, &d->source);
	return 0;
}

/* All of an answer, or nothing. -1: it is not made of receipts. */
static int
store_answer(struct delivery *d, const struct chunk *c, const struct http_answer *a, struct err *e)
{
	struct run counted = *d->run;
	FILE *in;
	int rc = 0;

	d->source = (struct receipt_source){.chunk = c->number};
	tx_begin(d->run->db);
	if (a->length > 0) {
		in = memory_check(fmemopen((char *)a->body, a->length, "r"));
		rc = receipt_read(in, apply_receipt, d, e);
		fclose(in);
	}
	if (rc < 0) {
		tx_rollback(d->run->db);
		memcpy(d->run->count, counted.count, sizeof(counted.count));
		d->run->held = counted.held;
		return -1;
	}
	(void)receipt_close_chunk(d->run, c->number);
	tx_commit(d->run->db);
	fault("after storing an answer");
	return 0;
}

/* Whether only this chunk is to blame, so that the next one may be taken. */
static bool
is_about_chunk(const struct http_answer *a)
{
	return a->verdict == HTTP_DONE || a->status == 400 || a->status == 409 || a->status == 413 ||
	       a->status == 422;
}

/* What to look at when the receiver rejects every request. */
static const char *
advise(long status)
{
	if (status == 401 || status == 403)
		return ": it rejects our signature: check hmac_secret_file in [notifications], and both clocks";
	return status == 404 || status == 405 ? ": check url in [notifications]" : "";
}

/* False: the delivery stops. */
static bool
send_chunk(struct delivery *d, const struct chunk *c, int64_t *failed)
{
	const char *url = config_text(d->run->config, NOTIFICATIONS_URL);
	struct http_answer a;
	struct err e = {0};
	char why[WHY];

	render(d, c);
	post_with_tries(d, c, &a);
	if (a.verdict == HTTP_DONE && store_answer(d, c, &a, &e) == 0)
		return true;
	if (a.verdict == HTTP_DONE)
		snprintf(why, sizeof(why), "the answer cannot be read (line %ld: %s)", e.line, e.message);
	else
		snprintf(why, sizeof(why), "%s%s", a.why, advise(a.status));
	secret_hide(d->secret.text, why, sizeof(why));
	warn("%s: chunk %s was not delivered: %s", url, c->key, why);
	(*failed)++;
	return is_about_chunk(&a);
}

/* --------------------------------------------------------------------------------------------------------------------- */

/* What is not pending any more needs no request. */
static bool
is_over(struct run *r, int64_t chunk)
{
	bool over;

	tx_begin(r->db);
	over = receipt_close_chunk(r, chunk);
	tx_commit(r->db);
	return over;
}

static void
delivery_open(struct delivery *d, struct run *r)
{
	*d = (struct delivery){.run = r};
	secret_load(&d->secret, config_text(r->config, NOTIFICATIONS_HMAC_SECRET_FILE), CREDENTIAL,
	            "hmac_secret_file in [notifications]");
	d->http = http_open((long)config_int(r->config, NOTIFICATIONS_TIMEOUT_SECONDS));
	pace_init(&d->pace, PACE_MOST, (uint64_t)r->now ^ store_id(r->db));
}

static void
delivery_close(struct delivery *d)
{
	http_close(d->http);
	secret_forget(&d->secret);
	free(d->body);
}

void
delivery_send(struct run *r)
{
	struct chunk c = {0};
	struct delivery *d = NULL;
	bool goes_on = true;
	int64_t failed = 0;

	if (r->dry_run || !notification_is_sent(r))
		return;
	while (goes_on && next_chunk(r, &c)) {
		if (is_over(r, c.number))
			continue;
		if (d == NULL) {
			d = memory_new(1, sizeof(*d));
			delivery_open(d, r);
		}
		goes_on = send_chunk(d, &c, &failed);
	}
	if (d != NULL)
		delivery_close(d);
	free(d);
}

void
delivery_end(struct run *r)
{
	int64_t pending = receipt_count_pending(r);

	run_count(r, COUNT_NOTIFICATIONS_PENDING, pending);
	if (r->dry_run || !notification_is_sent(r) || !receipt_is_awaited(r))
		return;
	r->held = true;
	if (r->night == 0)
		die(EXIT_UNAVAILABLE,
		    "%s: %lld notification%s not delivered yet: run `%s` again later; what has no receipt is sent again,"
		    " under the same key",
		    config_text(r->config, NOTIFICATIONS_URL), (long long)pending,
		    pending == 1 ? " is" : "s are", run_command(r, "notify"));
}
