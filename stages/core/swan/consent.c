/* consent: see consent.h. */
#include <openssl/crypto.h>
#include <string.h>

#include "formats/jwt.h"
#include "formats/length.h"
#include "formats/text.h"
#include "stages/core/engine/config.h"
#include "stages/core/swan/consent.h"
#include "stages/core/net/secret.h"

#define CHALLENGE  512
#define CREDENTIAL "swan_signing_key"

struct state {
	char status[CONSENT_STATUS], challenge[CHALLENGE];
};

static void
look(struct caller *s, const char *id, struct state *t)
{
	const char *status, *challenge;
	struct swan_reply reply;
	struct err e = {0};

	*t = (struct state){.status = ""};
	if (call_swan_about(s, CALL_CONSENT, NULL, id, &reply) != CALL_DONE)
		call_die_rejected(CALL_CONSENT, &reply);
	if (json_text(reply.value, "status", &status, &e) < 0 ||
	    json_text(reply.value, "challenge", &challenge, &e) < 0 ||
	    text_copy(t->status, sizeof(t->status), status) < 0 ||
	    text_copy(t->challenge, sizeof(t->challenge), challenge) < 0)
		die(EXIT_REFUSED, "Consent: Swan's answer cannot be read: %s", e.message);
	swan_reply_free(&reply);
}

static bool
is_one_of(const char *status, const char *const words[], size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(status, words[i]) == 0)
			return true;
	return false;
}

static bool
is_open(const char *status)
{
	static const char *const words[] = {"Created", "Started"};

	return is_one_of(status, words, LENGTH(words));
}

bool
consent_is_accepted(const char *status)
{
	return strcmp(status, "Accepted") == 0;
}

bool
consent_is_refused(const char *status)
{
	static const char *const words[] = {"CustomerRefused", "CredentialRefused", "Expired", "Failed",
	                                    "Canceled"};

	return is_one_of(status, words, LENGTH(words));
}

struct grant {
	const char *id;
	char token[JWT_TEXT];
};

static void
put_grant(struct json *j, const void *ctx)
{
	const struct grant *g = ctx;

	json_put_text(j, "id", g->id);
	json_put_text(j, "signature", g->token);
}

static void
sign(struct caller *s, const char *challenge, char token[static JWT_TEXT])
{
	const char *path = config_text(s->run->config, SWAN_SIGNING_KEY_FILE);
	struct secret key;
	struct err e = {0};
	int rc;

	secret_load_lines(&key, path, CREDENTIAL, "signing_key_file in [swan]");
	rc = jwt_sign(token, "challenge", challenge, key.text, &e);
	secret_forget(&key);
	if (rc < 0)
		die(EXIT_CONFIG, "signing_key_file in [swan]: %s", e.message);
}

/* Sends the signature. A grant in doubt is looked for by the caller. */
static enum call_outcome
send_grant(struct caller *s, const char *id, const char *challenge)
{
	const char *who = config_text(s->run->config, SWAN_LEGAL_REPRESENTATIVE_USER_ID);
	struct grant g = {.id = id};
	struct swan_reply reply;
	enum call_outcome outcome;

	if (challenge[0] == '\0')
		die(EXIT_REFUSED, "the consent %s has no challenge to be signed: ask Swan", id);
	sign(s, challenge, g.token);
	outcome = call_swan(s, CALL_GRANT_CONSENT, who, put_grant, &g, &reply);
	OPENSSL_cleanse(&g, sizeof(g));
	if (outcome == CALL_REJECTED && strcmp(reply.rejection, "NotReachableConsentStatusRejection") != 0)
		call_die_rejected(CALL_GRANT_CONSENT, &reply);
	swan_reply_free(&reply);
	return outcome;
}

void
consent_grant(struct caller *s, const char *id, char status[static CONSENT_STATUS])
{
	int64_t until = run_ticks() + config_int(s->run->config, SWAN_CARD_WAIT_SECONDS) * 1000;
	enum call_outcome outcome = CALL_IN_DOUBT;
	struct state t;
	int n = 0;

	for (look(s, id, &t); is_open(t.status) && outcome == CALL_IN_DOUBT; look(s, id, &t)) {
		if (n++ > 0)
			(void)call_wait(s, CALL_GRANT_CONSENT, n - 1, "run the same command again");
		outcome = send_grant(s, id, t.challenge);
	}
	n = 0;
	while (t.status[0] != '\0' && !consent_is_accepted(t.status) && !consent_is_refused(t.status) &&
	       outcome != CALL_REHEARSED && run_ticks() < until) {
		call_pause(n++);
		look(s, id, &t);
	}
	text_copy(status, CONSENT_STATUS, outcome == CALL_REHEARSED ? "" : t.status);
}
