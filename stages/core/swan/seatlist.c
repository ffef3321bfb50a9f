/* seatlist: see seatlist.h. */
#include <string.h>
#include <strings.h>

#include "formats/text.h"
#include "stages/core/engine/config.h"
#include "stages/core/swan/seatlist.h"

#define CURSOR 256

static _Noreturn void
die_unreadable(const char *what)
{
	die(EXIT_REFUSED, "%s: Swan's answer cannot be read: %s", call_operation(CALL_MEMBERSHIPS_BY_EMAIL),
	    what);
}

/* Copies a text of the answer; null becomes "". */
static void
take(const struct json_value *v, const char *path, char *to, size_t size)
{
	const char *text;
	struct err e = {0};

	if (json_text(v, path, &text, &e) < 0)
		die_unreadable(e.message);
	if (text_copy(to, size, text) < 0)
		die_unreadable("a text is too long");
}

/* Pages --------------------------------------------------------------------------------------------------- */

struct page {
	const char *email;
	char after[CURSOR];
};

static void
put_page(struct json *j, const void *ctx)
{
	const struct page *p = ctx;

	json_put_text(j, "email", p->email);
	json_put_text(j, "after", text_or_null(p->after));
}

/* Moves to the next page; false after the last one. */
static bool
has_next(const struct json_value *connection, struct page *p)
{
	char before[CURSOR];
	bool more = false;
	struct err e = {0};

	memcpy(before, p->after, sizeof(before));
	if (json_bool(connection, "pageInfo.hasNextPage", &more, &e) < 0)
		die_unreadable(e.message);
	take(connection, "pageInfo.endCursor", p->after, sizeof(p->after));
	if (more && (p->after[0] == '\0' || strcmp(p->after, before) == 0))
		die_unreadable("its pages have no end");
	return more;
}

/* Whether it is the membership of the legal representative, which is no member's. */
static bool
represents(const struct json_value *node)
{
	bool answer = false;
	struct err e = {0};

	if (json_bool(node, "legalRepresentative", &answer, &e) < 0)
		die_unreadable(e.message);
	return answer;
}

/* Whatever the filter of Swan takes for equal. */
static bool
has_email(const struct json_value *node, const char *email)
{
	char of[CONTACT_EMAIL];

	take(node, "email", of, sizeof(of));
	return strcasecmp(of, email) == 0;
}

/* Each node with exactly this email, until `each` returns false. */
static void
each_of_email(struct caller *s, const char *email, bool (*each)(void *ctx, const struct json_value *node),
              void *ctx)
{
	struct page p = {.email = email};
	bool more = true;

	while (more) {
		struct swan_reply reply;
		const struct json_value *edges;

		if (call_swan(s, CALL_MEMBERSHIPS_BY_EMAIL, NULL, put_page, &p, &reply) != CALL_DONE)
			call_die_rejected(CALL_MEMBERSHIPS_BY_EMAIL, &reply);
		edges = json_at(reply.value, "edges");
		if (edges == NULL || edges->type != JSON_ARRAY)
			die_unreadable("edges are missing");
		more = has_next(reply.value, &p);
		json_each (edge, edges) {
			const struct json_value *node = json_at(edge, "node");

			if (has_email(node, email) && !represents(node) && !each(ctx, node)) {
				more = false;
				break;
			}
		}
		swan_reply_free(&reply);
	}
}

/* Of a person --------------------------------------------------------------------------------------------- */

static bool
is_text(const struct json_value *node, const char *path, const char *wanted)
{
	const struct json_value *v = json_at(node, path);

	return v != NULL && v->type == JSON_TEXT && strcmp(v->text, wanted) == 0;
}

static bool
has_names(const struct json_value *node, const struct seat_person *p)
{
	return is_text(node, "statusInfo.restrictedTo.firstName", p->first_name) &&
	       is_text(node, "statusInfo.restrictedTo.lastName", p->last_name);
}

static bool
has_phone(const struct json_value *node, const struct seat_person *p)
{
	return p->phone[0] != '\0' && is_text(node, "statusInfo.restrictedTo.phoneNumber", p->phone);
}

/* Bound to the user; or not bound yet, and for the phone of the person, or for the names. */
static bool
is_of_person(const struct json_value *node, const struct seat_person *p)
{
	if (json_at(node, "user.id") != NULL)
		return is_text(node, "user.id", p->user);
	return has_phone(node, p) || has_names(node, p);
}

/* A language, or a phone of the person, that Swan does not say makes no difference. */
static enum seat_fit
fit_of(const struct json_value *node, const struct seat_person *p)
{
	if (json_at(node, "statusInfo.restrictedTo") == NULL)
		return SEAT_BOUND;
	return has_email(node, p->email) && has_names(node, p) &&
	               is_text(node, "statusInfo.restrictedTo.birthDate", p->birth_date) &&
	               (p->phone[0] == '\0' || has_phone(node, p)) &&
	               (json_at(node, "language") == NULL || is_text(node, "language", p->language))
	           ? SEAT_ALIKE
	           : SEAT_UNLIKE;
}

struct search {
	const char *account;
	const struct seat_person *person;
	seatlist_person_fn *each;
	void *ctx;
};

static bool
compare(void *ctx, const struct json_value *node)
{
	const struct search *x = ctx;
	char id[SWAN_ID + 1];

	if (!is_text(node, "accountId", x->account) || is_text(node, "statusInfo.status", "Disabled") ||
	    !is_of_person(node, x->person))
		return true;
	take(node, "id", id, sizeof(id));
	return x->each(x->ctx, id, fit_of(node, x->person));
}

void
seatlist_of_person(struct caller *s, const char *email, const struct seat_person *p, seatlist_person_fn *each,
                   void *ctx)
{
	struct search x = {
	    .account = config_text(s->run->config, SWAN_ACCOUNT_ID), .person = p, .each = each, .ctx = ctx};

	each_of_email(s, email, compare, &x);
}

/* All ----------------------------------------------------------------------------------------------------- */

struct visit {
	seatlist_fn *each;
	void *ctx;
};

static bool
visit(void *ctx, const struct json_value *node)
{
	const struct visit *v = ctx;
	char id[SWAN_ID + 1], status[SEAT_STATUS];

	take(node, "id", id, sizeof(id));
	take(node, "statusInfo.status", status, sizeof(status));
	v->each(v->ctx, id, status);
	return true;
}

void
seatlist_all(struct caller *s, const char *email, seatlist_fn *each, void *ctx)
{
	struct visit v = {each, ctx};

	each_of_email(s, email, visit, &v);
}
