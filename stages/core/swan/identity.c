/* identity: see identity.h. */
#include <string.h>

#include "formats/text.h"
#include "stages/core/swan/identity.h"

struct start {
	const char *phone, *language;
};

static void
put_start(struct json *j, const void *ctx)
{
	const struct start *x = ctx;

	json_open(j, "input", '{');
	json_put_text(j, "mobilePhoneNumber", x->phone);
	json_put_text(j, "locale", x->language);
	json_close(j, '}');
}

/* Copies a text of the answer; null becomes "". */
static void
take(enum call_name name, const struct json_value *v, const char *path, char *to, size_t size)
{
	const char *text;
	struct err e = {0};

	if (json_text(v, path, &text, &e) < 0 || text_copy(to, size, text) < 0)
		die(EXIT_REFUSED, "%s: Swan's answer cannot be read: %s", call_operation(name), path);
}

enum call_outcome
identity_start(struct caller *s, const char *phone, const char *language, char request[static SWAN_ID + 1])
{
	const struct start x = {phone, language};
	struct swan_reply reply;
	enum call_outcome outcome;

	connection_conceal(s->connection, phone);
	outcome = call_swan(s, CALL_START_USER_CREATION, NULL, put_start, &x, &reply);
	if (outcome == CALL_REJECTED)
		call_die_rejected(CALL_START_USER_CREATION, &reply);
	request[0] = '\0';
	if (outcome == CALL_DONE)
		take(CALL_START_USER_CREATION, reply.value, "requestId", request, SWAN_ID + 1);
	if (outcome == CALL_DONE && request[0] == '\0')
		die(EXIT_REFUSED, "StartUserCreation: Swan's answer has no requestId");
	swan_reply_free(&reply);
	return outcome;
}

static void
put_claim(struct json *j, const void *ctx)
{
	const struct identity_claim *c = ctx;

	json_open(j, "input", '{');
	json_put_text(j, "requestId", c->request);
	json_put_text(j, "code", c->code);
	json_open(j, "userInformation", '{');
	json_put_text(j, "firstName", c->first_name);
	json_put_text(j, "lastName", c->last_name);
	json_put_text(j, "birthDate", c->birth_date);
	json_close(j, '}');
	json_close(j, '}');
}

static void
take_user(enum call_name name, const struct json_value *v, struct identity *u)
{
	take(name, v, "id", u->user, sizeof(u->user));
	take(name, v, "mobilePhoneNumber", u->phone, sizeof(u->phone));
	if (u->user[0] == '\0')
		die(EXIT_REFUSED, "%s: Swan's answer has a user without an id", call_operation(name));
}

enum call_outcome
identity_complete(struct caller *s, const struct identity_claim *c, struct identity *u,
                  struct swan_reply *reply)
{
	enum call_outcome outcome;

	connection_conceal(s->connection, c->code);
	outcome = call_swan(s, CALL_COMPLETE_USER_CREATION, NULL, put_claim, c, reply);
	*u = (struct identity){.user = ""};
	if (outcome == CALL_DONE)
		take_user(CALL_COMPLETE_USER_CREATION, json_at(reply->value, "user"), u);
	return outcome;
}

static void
put_phone(struct json *j, const void *ctx)
{
	json_put_text(j, "phone", ctx);
}

/* Whether this is the user; the filter of Swan may take more for equal. */
static bool
is_wanted(const struct json_value *node, const char *phone, instant since)
{
	char text[64];
	instant at;
	struct err e = {0};

	take(CALL_USERS_BY_PHONE, node, "mobilePhoneNumber", text, sizeof(text));
	if (strcmp(text, phone) != 0)
		return false;
	take(CALL_USERS_BY_PHONE, node, "createdAt", text, sizeof(text));
	return instant_parse(text, &at, &e) == 0 && at >= since;
}

bool
identity_find(struct caller *s, const char *phone, instant since, struct identity *u)
{
	struct swan_reply reply;
	const struct json_value *edges;

	*u = (struct identity){.user = ""};
	if (call_swan(s, CALL_USERS_BY_PHONE, NULL, put_phone, phone, &reply) != CALL_DONE)
		call_die_rejected(CALL_USERS_BY_PHONE, &reply);
	edges = json_at(reply.value, "edges");
	if (edges == NULL || edges->type != JSON_ARRAY)
		die(EXIT_REFUSED, "UsersByPhone: Swan's answer has no edges");
	json_each (edge, edges)
		if (is_wanted(json_at(edge, "node"), phone, since))
			take_user(CALL_USERS_BY_PHONE, json_at(edge, "node"), u);
	swan_reply_free(&reply);
	return u->user[0] != '\0';
}
