/* numbers: see numbers.h. Stores nothing. */
#include <string.h>

#include "formats/text.h"
#include "stages/core/engine/config.h"
#include "stages/core/enrol/numbers.h"

#define AGAIN "run the same command again"

struct holder {
	char user[SWAN_ID + 1], card[SWAN_ID + 1];
	instant created_at;
};

/* Takes the latest enabled card of a membership when it is newer than the one before. */
static void
take_card(struct caller *s, const char *membership, struct holder *h)
{
	const struct seat_card *c;
	struct seat t;

	if (!seat_load(s, membership, &t))
		return;
	c = seat_latest_card(&t);
	if (c == NULL || (h->card[0] != '\0' && c->created_at <= h->created_at))
		return;
	text_copy(h->card, sizeof(h->card), c->id);
	text_copy(h->user, sizeof(h->user), t.user);
	h->created_at = c->created_at;
}

static void
find_holder(struct caller *s, int64_t profile, struct holder *h)
{
	struct stmt *q =
	    sql(s->run->db,
	    "SELECT id FROM account_membership WHERE profile_number = $profile ORDER BY id");
	int memberships = 0;

	*h = (struct holder){.card = ""};
	bind_int(q, "$profile", profile);
	for (; row(q); memberships++)
		take_card(s, col_text(q, 0), h);
	if (h->card[0] == '\0')
		die(EXIT_ABSENT, "the member has no active card: %s",
		    memberships == 0 ? "no account membership is linked"
		                     : "none of the member's cards is enabled at Swan");
	if (h->user[0] == '\0')
		die(EXIT_REFUSED, "the card %s belongs to a membership without a user: ask Swan", h->card);
}

/* Copies a text of an answer; it must be there. */
static void
take(enum call_name name, const struct json_value *v, const char *path, char *to, size_t size)
{
	const char *text;
	struct err e;

	if (json_text(v, path, &text, &e) < 0 || text == NULL || text[0] == '\0' ||
	    text_copy(to, size, text) < 0)
		die(EXIT_REFUSED, "%s: Swan's answer has no valid %s", call_operation(name), path);
}

static void
require_done(struct caller *s, enum call_name name, enum call_outcome outcome, const struct swan_reply *reply)
{
	if (outcome == CALL_REJECTED)
		call_die_rejected(name, reply);
	if (outcome != CALL_DONE)
		die(EXIT_UNAVAILABLE, "%s: Swan does not answer (%s): " AGAIN, call_operation(name),
		    s->doubt);
}

struct view {
	const char *card, *url;
};

static void
put_view(struct json *j, const void *ctx)
{
	const struct view *v = ctx;

	json_put_text(j, "id", v->card);
	json_put_text(j, "url", v->url);
}

static void
ask_consent(struct caller *s, const struct holder *h, struct numbers_consent *c)
{
	const struct view v = {h->card, config_text(s->run->config, SWAN_CONSENT_REDIRECT_URL)};
	struct swan_reply reply;

	require_done(s, CALL_VIEW_CARD_NUMBERS,
	             call_swan(s, CALL_VIEW_CARD_NUMBERS, h->user, put_view, &v, &reply), &reply);
	take(CALL_VIEW_CARD_NUMBERS, reply.value, "consent.id", c->id, sizeof(c->id));
	take(CALL_VIEW_CARD_NUMBERS, reply.value, "consent.consentUrl", c->url, sizeof(c->url));
	swan_reply_free(&reply);
}

/* Only where Swan allows the project to accept; else the member does. */
static bool
accept_consent(struct caller *s, const struct holder *h, const char *id)
{
	struct swan_reply reply;
	bool accepted = call_swan_about(s, CALL_ACCEPT_CONSENT, h->user, id, &reply) == CALL_DONE &&
	                json_at(reply.value, "consent.id") != NULL;

	swan_reply_free(&reply);
	return accepted;
}

static void
load_numbers(struct caller *s, const struct holder *h, const char *consent, struct numbers *n)
{
	struct swan_reply reply;

	require_done(s, CALL_CARD_NUMBERS, call_swan_about(s, CALL_CARD_NUMBERS, h->user, consent, &reply),
	             &reply);
	take(CALL_CARD_NUMBERS, reply.value, "panIframeUrl", n->pan_url, sizeof(n->pan_url));
	take(CALL_CARD_NUMBERS, reply.value, "expiryDateIframeUrl", n->expiry_date_url,
	     sizeof(n->expiry_date_url));
	take(CALL_CARD_NUMBERS, reply.value, "cvvIframeUrl", n->cvv_url, sizeof(n->cvv_url));
	take(CALL_CARD_NUMBERS, reply.value, "cardholderName", n->cardholder_name,
	     sizeof(n->cardholder_name));
	swan_reply_free(&reply);
}

bool
numbers_load(struct caller *s, int64_t profile, const char *consent, struct numbers *n,
             struct numbers_consent *needed)
{
	struct holder h;

	find_holder(s, profile, &h);
	if (consent == NULL) {
		ask_consent(s, &h, needed);
		if (!accept_consent(s, &h, needed->id))
			return false;
		consent = needed->id;
	}
	load_numbers(s, &h, consent, n);
	return true;
}
