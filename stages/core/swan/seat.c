/* seat: see seat.h. */
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/text.h"
#include "stages/core/engine/config.h"
#include "stages/core/swan/seat.h"

/* Reading ------------------------------------------------------------------------------------------------- */

static _Noreturn void
die_unreadable(enum call_name name, const char *what)
{
	die(EXIT_REFUSED, "%s: Swan's answer cannot be read: %s", call_operation(name), what);
}

/* Copies a text of the answer; null becomes "". */
static int
copy(const struct json_value *v, const char *path, char *to, size_t size, struct err *e)
{
	const char *text;

	if (json_text(v, path, &text, e) < 0)
		return -1;
	if (text_copy(to, size, text) < 0)
		return err_set(e, ERR_BAD_FIELD, "a text is too long");
	return 0;
}

static void
take(enum call_name name, const struct json_value *v, const char *path, char *to, size_t size)
{
	struct err e = {0};

	if (copy(v, path, to, size, &e) < 0)
		die_unreadable(name, e.message);
}

static int
read_card(struct seat *t, const struct json_value *node, struct err *e)
{
	struct seat_card *c = &t->card[t->cards];
	char at[64];

	if (copy(node, "id", c->id, sizeof(c->id), e) < 0 ||
	    copy(node, "statusInfo.status", c->status, sizeof(c->status), e) < 0 ||
	    copy(node, "statusInfo.consent.id", c->consent, sizeof(c->consent), e) < 0 ||
	    copy(node, "createdAt", at, sizeof(at), e) < 0)
		return -1;
	if (c->id[0] == '\0' || instant_parse(at, &c->created_at, e) < 0)
		return err_set(e, ERR_BAD_FIELD, "a card has no id or no date");
	t->cards++;
	return 0;
}

static int
read_mismatch(struct seat *t, const struct json_value *v, struct err *e)
{
	static const struct {
		const char *path, *word;
	} errors[] = {
	    {"statusInfo.firstNameMatchError", "first name"},
	    {"statusInfo.lastNameMatchError", "last name"},
	    {"statusInfo.birthDateMatchError", "birth date"},
	    {"statusInfo.phoneNumberMatchError", "phone number"},
	    {"statusInfo.emailVerifiedMatchError", "email"},
	    {"statusInfo.idVerifiedMatchError", "identity"},
	};
	struct sink_text text = {t->mismatch, sizeof(t->mismatch), 0};
	struct sink *s = sink_into(&text);
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < LENGTH(errors); i++) {
		bool differs = false;

		rc = json_bool(v, errors[i].path, &differs, e) < 0 ? -1 : 0;
		if (differs)
			sink_print(s, "%s%s", sink_size(s) > 0 ? ", " : "", errors[i].word);
	}
	(void)sink_end(s, NULL, NULL);
	return rc;
}

static int
read_seat(struct seat *t, const struct json_value *v, struct err *e)
{
	const struct json_value *cards = json_at(v, "cards.edges");

	if (copy(v, "id", t->id, sizeof(t->id), e) < 0 ||
	    copy(v, "email", t->email, sizeof(t->email), e) < 0 ||
	    copy(v, "user.id", t->user, sizeof(t->user), e) < 0 ||
	    copy(v, "statusInfo.status", t->status, sizeof(t->status), e) < 0 ||
	    copy(v, "statusInfo.consent.id", t->consent, sizeof(t->consent), e) < 0 ||
	    read_mismatch(t, v, e) < 0)
		return -1;
	if (cards == NULL || cards->type != JSON_ARRAY)
		return err_set(e, ERR_BAD_FIELD, "cards are missing");
	json_each (edge, cards)
		if (t->cards < SEAT_CARDS && read_card(t, json_at(edge, "node"), e) < 0)
			return -1;
	return 0;
}

bool
seat_look(struct caller *s, const char *id, struct seat *t)
{
	struct swan_reply reply;
	struct err e = {0};
	enum call_outcome outcome = call_swan_about(s, CALL_MEMBERSHIP, NULL, id, &reply);

	*t = (struct seat){.cards = 0};
	if (outcome == CALL_REJECTED && !s->goes_on)
		call_die_rejected(CALL_MEMBERSHIP, &reply);
	if (outcome == CALL_REJECTED)
		call_doubt(s, reply.message);
	if (outcome == CALL_DONE && reply.value != NULL && read_seat(t, reply.value, &e) < 0) {
		if (!s->goes_on)
			die_unreadable(CALL_MEMBERSHIP, e.message);
		call_doubt(s, e.message);
		outcome = CALL_IN_DOUBT;
	}
	swan_reply_free(&reply);
	return outcome == CALL_DONE;
}

bool
seat_load(struct caller *s, const char *id, struct seat *t)
{
	return seat_look(s, id, t) && t->id[0] != '\0';
}

bool
seat_is_over(const struct seat *t)
{
	return strcmp(t->status, "Disabled") == 0;
}

bool
seat_card_is_over(const struct seat_card *c)
{
	return strcmp(c->status, "Canceled") == 0 || strcmp(c->status, "Canceling") == 0;
}

const struct seat_card *
seat_latest_card(const struct seat *t)
{
	const struct seat_card *latest = NULL;
	int i;

	for (i = 0; i < t->cards; i++)
		if (strcmp(t->card[i].status, "Enabled") == 0 &&
		    (latest == NULL || t->card[i].created_at > latest->created_at))
			latest = &t->card[i];
	return latest;
}

/* Adding ---------------------------------------------------------------------------------------------------- */

struct addition {
	const struct config *config;
	const struct seat_person *person;
	const char *membership;
};

static void
put_person(struct json *j, const void *ctx)
{
	const struct addition *a = ctx;
	const struct seat_person *p = a->person;

	json_open(j, "input", '{');
	json_put_text(j, "accountId", config_text(a->config, SWAN_ACCOUNT_ID));
	json_put_text(j, "email", p->email);
	json_open(j, "restrictedTo", '{');
	json_put_text(j, "firstName", p->first_name);
	json_put_text(j, "lastName", p->last_name);
	json_put_text(j, "birthDate", p->birth_date);
	json_put_text(j, "phoneNumber", text_or_null(p->phone));
	json_close(j, '}');
	json_put_bool(j, "canViewAccount", false);
	json_put_bool(j, "canManageBeneficiaries", false);
	json_put_bool(j, "canInitiatePayments", false);
	json_put_bool(j, "canManageAccountMembership", false);
	json_put_bool(j, "canManageCards", false);
	json_put_text(j, "consentRedirectUrl",
	              text_or_null(config_text(a->config, SWAN_CONSENT_REDIRECT_URL)));
	json_put_text(j, "language", p->language);
	json_close(j, '}');
}

/* "400", or "400.50". */
static void
put_euros(struct json *j, const char *key, cents amount)
{
	char text[32];

	snprintf(text, sizeof(text), amount % 100 == 0 ? "%lld" : "%lld.%02d", (long long)(amount / 100),
	         (int)(amount % 100));
	json_put_text(j, key, text);
}

static void
put_card(struct json *j, const void *ctx)
{
	const struct addition *a = ctx;

	json_open(j, "input", '{');
	json_put_text(j, "accountMembershipId", a->membership);
	json_put_bool(j, "withdrawal", config_yes(a->config, CARDS_WITHDRAWAL));
	json_put_bool(j, "international", config_yes(a->config, CARDS_INTERNATIONAL));
	json_put_bool(j, "nonMainCurrencyTransactions", config_yes(a->config, CARDS_NON_MAIN_CURRENCY));
	json_put_bool(j, "eCommerce", config_yes(a->config, CARDS_E_COMMERCE));
	json_put_text(j, "consentRedirectUrl", config_text(a->config, SWAN_CONSENT_REDIRECT_URL));
	json_put_text(j, "name", config_text(a->config, CARDS_NAME));
	json_put_text(j, "cardProductId", text_or_null(config_text(a->config, SWAN_CARD_PRODUCT_ID)));
	json_open(j, "spendingLimit", '{');
	json_put_text(j, "period", config_text(a->config, SPENDING_LIMITS_ACCOUNT_HOLDER_PERIOD));
	json_open(j, "amount", '{');
	put_euros(j, "value", config_int(a->config, SPENDING_LIMITS_ACCOUNT_HOLDER_CENTS));
	json_put_text(j, "currency", "EUR");
	json_close(j, '}');
	json_close(j, '}');
	json_close(j, '}');
}

/* As the legal representative. */
static enum call_outcome
add(struct caller *s, enum call_name name, call_put_fn *put, const struct addition *a, const char *path,
    char *id, struct swan_reply *reply)
{
	const char *who = config_text(s->run->config, SWAN_LEGAL_REPRESENTATIVE_USER_ID);
	enum call_outcome outcome = call_swan(s, name, who, put, a, reply);

	if (outcome != CALL_DONE)
		return outcome;
	take(name, reply->value, path, id, SWAN_ID + 1);
	if (id[0] == '\0')
		die_unreadable(name, "it has no id");
	return CALL_DONE;
}

enum call_outcome
seat_add(struct caller *s, const struct seat_person *p, char id[static SWAN_ID + 1], struct swan_reply *reply)
{
	const struct addition a = {.config = s->run->config, .person = p};

	return add(s, CALL_ADD_MEMBERSHIP, put_person, &a, "accountMembership.id", id, reply);
}

enum call_outcome
seat_add_card(struct caller *s, const char *membership_id, char id[static SWAN_ID + 1],
              struct swan_reply *reply)
{
	const struct addition a = {.config = s->run->config, .membership = membership_id};

	return add(s, CALL_ADD_CARD, put_card, &a, "card.id", id, reply);
}
