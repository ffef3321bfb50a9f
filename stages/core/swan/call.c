/* call: see call.h. */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "formats/embed.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/fault.h"
#include "stages/core/swan/call.h"

#define BODY             8192
#define LONGEST_PAUSE_MS 2000

static const struct {
	const char *operation, *document, *field, *type;
	bool is_change;
} calls[] = {
    [CALL_START_USER_CREATION] = {"StartUserCreation", embed_start_user_creation_graphql, "startUserCreation",
                                  "StartUserCreationSuccess", true},
    [CALL_COMPLETE_USER_CREATION] = {"CompleteUserCreation", embed_complete_user_creation_graphql,
                                     "completeUserCreation", "CompleteUserCreationSuccessPayload", true},
    [CALL_USERS_BY_PHONE] = {"UsersByPhone", embed_users_by_phone_graphql, "users", "UserConnection", false},
    [CALL_ADD_MEMBERSHIP] = {"AddAccountMembership", embed_add_account_membership_graphql,
                             "addAccountMembership", "AddAccountMembershipSuccessPayload", true},
    [CALL_BIND_MEMBERSHIP] = {"BindAccountMembership", embed_bind_account_membership_graphql,
                              "bindAccountMembership", "BindAccountMembershipSuccessPayload", true},
    [CALL_DISABLE_MEMBERSHIP] = {"DisableAccountMembership", embed_disable_account_membership_graphql,
                                 "disableAccountMembership", "DisableAccountMembershipSuccessPayload", true},
    [CALL_MEMBERSHIPS_BY_EMAIL] = {"MembershipsByEmail", embed_memberships_by_email_graphql,
                                   "accountMemberships", "AccountMembershipConnection", false},
    [CALL_MEMBERSHIP] = {"AccountMembership", embed_account_membership_graphql, "accountMembership",
                         "AccountMembership", false},
    [CALL_ADD_CARD] = {"AddCard", embed_add_card_graphql, "addCard", "AddCardSuccessPayload", true},
    [CALL_CANCEL_CARD] = {"CancelCard", embed_cancel_card_graphql, "cancelCard", "CancelCardSuccessPayload",
                          true},
    [CALL_CONSENT] = {"Consent", embed_consent_graphql, "consent", "Consent", false},
    [CALL_GRANT_CONSENT] = {"GrantConsentWithServerSignature", embed_grant_consent_graphql,
                            "grantConsentWithServerSignature",
                            "GrantConsentWithServerSignatureSuccessPayload", true},
    [CALL_ACCEPT_CONSENT] = {"AcceptConsent", embed_accept_consent_graphql, "acceptConsent",
                             "AcceptConsentSuccessPayload", true},
    [CALL_VIEW_CARD_NUMBERS] = {"ViewCardNumbers", embed_view_card_numbers_graphql, "viewCardNumbers",
                                "ViewCardNumbersSuccessPayload", true},
    [CALL_CARD_NUMBERS] = {"ViewCardNumbersWithConsent", embed_view_card_numbers_with_consent_graphql,
                           "viewCardNumbersWithConsent", "ViewCardNumbersWithConsentSuccessPayload", true},
};

void
caller_open(struct caller *s, struct run *r)
{
	*s = (struct caller){.run = r};
	if (!connection_is_configured(r))
		die(EXIT_CONFIG, "%s: client_id in [swan] is not set: Swan cannot be asked", r->config_path);
	s->connection = connection_open(r);
}

void
caller_close(struct caller *s)
{
	connection_close(s->connection);
	s->connection = NULL;
}

const char *
call_operation(enum call_name name)
{
	return calls[name].operation;
}

bool
call_is_change(enum call_name name)
{
	return calls[name].is_change;
}

static void
write_body(enum call_name name, call_put_fn *put, const void *ctx, struct sink_text *text)
{
	struct json j = {.sink = sink_into(text)};

	json_open(&j, NULL, '{');
	json_put_text(&j, "query", calls[name].document);
	json_put_text(&j, "operationName", calls[name].operation);
	json_open(&j, "variables", '{');
	put(&j, ctx);
	json_close(&j, '}');
	json_close(&j, '}');
	if (sink_end(j.sink, NULL, NULL) < 0)
		die(EXIT_REFUSED, "%s: what it says is too long", calls[name].operation);
}

/* Once, and once more when the token is no longer accepted: that changes nothing at Swan. */
static void
post_once(struct caller *s, const char *user, const char *body, size_t length, struct http_answer *a)
{
	connection_post(s->connection, user, body, length, a);
	if (a->status == 401) {
		connection_renew_token(s->connection);
		connection_post(s->connection, user, body, length, a);
	}
}

void
call_doubt(struct caller *s, const char *why)
{
	snprintf(s->doubt, sizeof(s->doubt), "%s", why);
	connection_hide(s->connection, s->doubt, sizeof(s->doubt));
}

static bool
goes_on(const struct caller *s)
{
	return s->goes_on && s->is_answered;
}

static bool
is_read(enum call_name name, const struct http_answer *a, struct swan_reply *reply, struct err *e)
{
	return a->verdict == HTTP_DONE &&
	       swan_reply_read(a->body, a->length, calls[name].field, calls[name].type, reply, e) == 0;
}

/* Asks until there is an answer, or until a change may have been made. */
static enum call_outcome
ask(struct caller *s, enum call_name name, const char *user, const char *body, size_t length,
    struct swan_reply *reply)
{
	int64_t tries = config_int(s->run->config, SWAN_TRIES);
	struct http_answer a;
	struct err e = {0};
	int n;

	for (n = 1;; n++) {
		post_once(s, user, body, length, &a);
		if (is_read(name, &a, reply, &e)) {
			connection_hide(s->connection, reply->message, sizeof(reply->message));
			connection_hide(s->connection, reply->rejection, sizeof(reply->rejection));
			return reply->rejection[0] == '\0' ? CALL_DONE : CALL_REJECTED;
		}
		if (a.verdict == HTTP_REFUSED)
			connection_die_refused(s->connection, &a, "Swan rejected the query");
		s->is_answered = a.verdict == HTTP_DONE;
		call_doubt(s, s->is_answered ? e.message : a.why);
		if (calls[name].is_change && a.status != 429)
			return CALL_IN_DOUBT;
		if (n >= tries && goes_on(s))
			return CALL_IN_DOUBT;
		if (n >= tries)
			connection_die(s->connection, EXIT_UNAVAILABLE, calls[name].operation, s->doubt,
			               "run this again later");
		connection_wait(s->connection, n, a.retry_after);
	}
}

enum call_outcome
call_swan(struct caller *s, enum call_name name, const char *user, call_put_fn *put, const void *ctx,
          struct swan_reply *reply)
{
	char body[BODY];
	struct sink_text text = {body, sizeof(body), 0};
	enum call_outcome outcome;

	write_body(name, put, ctx, &text);
	*reply = (struct swan_reply){0};
	if (calls[name].is_change && run_is_rehearsal(s->run))
		return CALL_REHEARSED;
	fault("before a call");
	outcome = ask(s, name, user, body, text.n, reply);
	OPENSSL_cleanse(body, sizeof(body));
	fault("after a call");
	return outcome;
}

static void
put_id(struct json *j, const void *ctx)
{
	json_put_text(j, "id", ctx);
}

enum call_outcome
call_swan_about(struct caller *s, enum call_name name, const char *user, const char *id,
                struct swan_reply *reply)
{
	return call_swan(s, name, user, put_id, id, reply);
}

bool
call_wait(struct caller *s, enum call_name name, int n, const char *retry)
{
	bool is_last = n >= config_int(s->run->config, SWAN_TRIES);

	if (is_last && goes_on(s))
		return false;
	if (is_last)
		die(EXIT_UNAVAILABLE, "%s: Swan does not answer (%s): %s", calls[name].operation, s->doubt,
		    retry);
	connection_wait(s->connection, n, -1);
	return true;
}

void
call_pause(int n)
{
	int64_t pause = n < 5 ? 100 << n : LONGEST_PAUSE_MS;

	run_pause(pause < LONGEST_PAUSE_MS ? pause : LONGEST_PAUSE_MS);
}

void
call_die_rejected(enum call_name name, const struct swan_reply *reply)
{
	static const enum exit_status statuses[] = {
	    [SWAN_INPUT] = EXIT_REFUSED, [SWAN_LATER] = EXIT_BUSY, [SWAN_SETUP] = EXIT_CONFIG};
	static const struct swan_refusal unknown = {"", "", ERR_SWAN_REJECTED, "input", "ask Swan"};
	const struct swan_refusal *found = swan_refusal_find(reply->rejection, calls[name].operation);
	const struct swan_refusal *f = found != NULL ? found : &unknown;

	die_code(statuses[swan_refusal_blame(f)], f->code, "%s: %s: %s: %s", calls[name].operation,
	         reply->rejection, reply->message, f->advice);
}
