/* acts: see acts.h. */
#include "tests/fakeswan/acts.h"

#include <stdlib.h>
#include <string.h>

#include "formats/length.h"

static const struct act acts[] = {
    {"StartUserCreation", "startUserCreation", true, BY_PROJECT, act_start_user},
    {"CompleteUserCreation", "completeUserCreation", true, BY_PROJECT, act_complete_user},
    {"UsersByPhone", "users", false, BY_PROJECT, act_users},
    {"AddAccountMembership", "addAccountMembership", true, BY_REPRESENTATIVE, act_add_membership},
    {"BindAccountMembership", "bindAccountMembership", true, BY_MEMBER, act_bind_membership},
    {"AccountMembership", "accountMembership", false, BY_PROJECT, act_membership},
    {"MembershipsByEmail", "accountMemberships", false, BY_PROJECT, act_memberships},
    {"DisableAccountMembership", "disableAccountMembership", true, BY_PROJECT, act_disable_membership},
    {"SuspendAccountMembership", "suspendAccountMembership", true, BY_PROJECT, act_suspend_membership},
    {"ResumeAccountMembership", "resumeAccountMembership", true, BY_REPRESENTATIVE, act_resume_membership},
    {"AddCard", "addCard", true, BY_REPRESENTATIVE, act_add_card},
    {"AddCards", "addCards", true, BY_REPRESENTATIVE, act_add_cards},
    {"UpdateCard", "updateCard", true, BY_REPRESENTATIVE, act_update_card},
    {"CancelCard", "cancelCard", true, BY_PROJECT, act_cancel_card},
    {"Consent", "consent", false, BY_PROJECT, act_look_at_consent},
    {"GrantConsentWithServerSignature", "grantConsentWithServerSignature", true, BY_REPRESENTATIVE,
     act_grant},
    {"AcceptConsent", "acceptConsent", true, BY_MEMBER, act_accept},
    {"ViewCardNumbers", "viewCardNumbers", true, BY_MEMBER, act_view_numbers},
    {"ViewCardNumbersWithConsent", "viewCardNumbersWithConsent", true, BY_MEMBER, act_numbers},
};

_Static_assert(LENGTH(acts) <= MOST_ACTS, "calls of every act are counted");

const struct act *
act_find(const char *name)
{
	size_t i;

	for (i = 0; i < LENGTH(acts); i++)
		if (strcmp(acts[i].name, name) == 0)
			return &acts[i];
	return NULL;
}

char *
act_representative(const struct world *w, char id[static ID_TEXT])
{
	return id_print(id, id_of(w, "representative", 0));
}

char *
act_account(const struct world *w, char id[static ID_TEXT])
{
	return id_print(id, id_of(w, "account", 0));
}

const char *
play_text(struct play *p, const char *path)
{
	const char *text = NULL;
	struct err e;

	if (json_text(p->v, path, &text, &e) != 0)
		exchange_violate(p->x, "%s is not a text", path);
	return text == NULL ? "" : text;
}

bool
play_fault(struct play *p, enum fault which)
{
	if (!fault_is(&p->w->faults, which, p->x->api->act_calls[p->x->act - acts]))
		return false;
	exchange_note(p->x, which);
	return true;
}

void
play_open(struct play *p, const char *type)
{
	json_open(&p->j, p->x->field, '{');
	json_put_text(&p->j, "__typename", type);
}

void
play_close(struct play *p)
{
	json_close(&p->j, '}');
}

void
play_reject(struct play *p, const char *type, const char *why)
{
	play_open(p, type);
	json_put_text(&p->j, "message", why);
	play_close(p);
}

static bool
is_id(struct id id, const char *text)
{
	char mine[ID_TEXT];

	return strcmp(id_print(mine, id), text) == 0;
}

int
play_find_person(const struct world *w, const char *id)
{
	int i = w->members - 1;

	while (i >= 0 && !is_id(w->person[i].id, id))
		i--;
	return i;
}

int
play_find_card(const struct world *w, const char *id)
{
	int i = w->cards - 1;

	while (i >= 0 && !is_id(w->card[i].id, id))
		i--;
	return i;
}

int
play_find_user(const struct world *w, const char *id)
{
	int i = w->users - 1;

	while (i >= 0 && !is_id(w->user[i].id, id))
		i--;
	return i;
}

int
play_add_consent(struct play *p, const char *purpose, int subject)
{
	struct world *w = p->w;
	int i = w->consents++;

	w->consent = must_grow(w->consent, (size_t)w->consents, sizeof(*w->consent));
	w->consent[i] = (struct consent){
	    .id = id_of(w, "grant", i), .status = "Created", .purpose = purpose, .subject = subject};
	memcpy(w->consent[i].user, p->user, sizeof(p->user));
	return i;
}

void
play_put_consent(struct play *p, int consent)
{
	char id[ID_TEXT], url[128];

	if (consent < 0) {
		json_put_null(&p->j, "consent");
		return;
	}
	id_print(id, p->w->consent[consent].id);
	snprintf(url, sizeof(url), "https://fakeswan.example/consent/%s", id);
	json_open(&p->j, "consent", '{');
	json_put_text(&p->j, "id", id);
	json_put_text(&p->j, "status", p->w->consent[consent].status);
	json_put_text(&p->j, "consentUrl", url);
	json_close(&p->j, '}');
}

/* The header that names the user is there when it must be, and nowhere else. */
static bool
is_by_right_user(struct play *p)
{
	char representative[ID_TEXT];
	bool given = http_header(p->x->request, "x-swan-user-id", p->user, sizeof(p->user));

	if (p->x->act->by == BY_PROJECT && given)
		exchange_violate(p->x, "x-swan-user-id is there");
	if (p->x->act->by != BY_PROJECT && !given)
		exchange_violate(p->x, "x-swan-user-id is absent");
	return p->x->act->by != BY_REPRESENTATIVE ||
	       strcmp(p->user, act_representative(p->w, representative)) == 0;
}

static void
put_errors(struct json *j)
{
	json_open(j, "errors", '[');
	json_open(j, NULL, '{');
	json_put_text(j, "message", "Something went wrong");
	json_close(j, '}');
	json_close(j, ']');
}

void
act_play(struct exchange *x, const struct json_value *body, instant now)
{
	struct play p = {.x = x, .w = x->api->world, .v = json_at(body, "variables"), .now = now};
	bool is_right = is_by_right_user(&p);

	x->api->act_calls[x->act - acts]++;
	p.j.sink = sink_new(buffer_write, &x->answer->body);
	world_look(p.w, now);
	json_open(&p.j, NULL, '{');
	json_open(&p.j, "data", '{');
	if (is_right)
		x->act->play(&p);
	else
		play_reject(&p, "ForbiddenRejection", "This user may not do that");
	json_close(&p.j, '}');
	if (p.fails)
		put_errors(&p.j);
	json_close(&p.j, '}');
	sink_end(p.j.sink, NULL, NULL);
	if (x->act->is_change && fault_is(&p.w->faults, FAULT_UNANSWERED, ++x->api->changes)) {
		exchange_note(x, FAULT_UNANSWERED);
		x->answer->delivery = RESET;
	}
}

void
act_consent(struct exchange *x, const char *id)
{
	struct world *w = x->api->world;
	int i = w->consents - 1;

	while (i >= 0 && !is_id(w->consent[i].id, id))
		i--;
	if (i >= 0)
		w->consent[i].status = "Accepted";
	x->answer->status = i >= 0 ? 200 : 404;
	x->answer->type = "text/plain";
	buffer_text(&x->answer->body, i >= 0 ? "Thank you.\n" : "There is no such consent.\n");
}
