/* acts_people: users and account memberships; see acts.h. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "formats/length.h"
#include "formats/text.h"
#include "tests/fakeswan/acts.h"
#include "tests/fakeswan/items.h"

#define MOST_WRONG 3

static bool
is_phone(const char *text)
{
	size_t n = text[0] == '+' ? strspn(text + 1, "0123456789") : 0;

	return n >= 7 && n <= 15 && text[n + 1] == '\0';
}

static void
reject_quoting(struct play *p, const char *type, const char *what)
{
	char why[80];

	snprintf(why, sizeof(why), "We do not take %.40s", what);
	play_reject(p, type, why);
}

void
act_start_user(struct play *p)
{
	const char *phone = play_text(p, "input.mobilePhoneNumber");
	struct world *w = p->w;
	struct verification *v;
	char id[ID_TEXT];

	if (!is_phone(phone) || play_text(p, "input.locale")[0] == '\0') {
		exchange_violate(p->x, "no phone number, or no locale");
	} else if (play_fault(p, FAULT_BLOCKED)) {
		play_reject(p, "BlocklistedPhoneNumberRejection", "This phone number is blocklisted");
		return;
	} else if (play_fault(p, FAULT_QUOTED)) {
		reject_quoting(p, "InvalidPhoneNumberRejection", phone);
		return;
	} else if (play_fault(p, FAULT_BOT)) {
		play_reject(p, "CalledByABotRejection", "Called by a bot");
		return;
	}
	w->verification = must_grow(w->verification, (size_t)++w->verifications, sizeof(*w->verification));
	v = &w->verification[w->verifications - 1];
	v->id = id_of(w, "verification", w->verifications);
	text_copy(v->phone, sizeof(v->phone), phone);
	play_open(p, "StartUserCreationSuccess");
	json_put_text(&p->j, "requestId", id_print(id, v->id));
	play_close(p);
}

static struct verification *
find_verification(struct play *p)
{
	const char *asked = play_text(p, "input.requestId");
	char id[ID_TEXT];
	int i;

	for (i = 0; i < p->w->verifications; i++)
		if (strcmp(id_print(id, p->w->verification[i].id), asked) == 0)
			return &p->w->verification[i];
	return NULL;
}

static int
find_by_phone(const struct world *w, const char *phone)
{
	int i = w->users - 1;

	while (i >= 0 && strcmp(w->user[i].phone, phone) != 0)
		i--;
	return i;
}

static int
add_user(struct play *p, const char *phone)
{
	struct world *w = p->w;
	struct user *u;

	w->user = must_grow(w->user, (size_t)++w->users, sizeof(*w->user));
	u = &w->user[w->users - 1];
	u->id = id_of(w, "user", w->users);
	u->created_at = p->now;
	text_copy(u->phone, sizeof(u->phone), phone);
	text_copy(u->first_name, sizeof(u->first_name), play_text(p, "input.userInformation.firstName"));
	text_copy(u->last_name, sizeof(u->last_name), play_text(p, "input.userInformation.lastName"));
	text_copy(u->birth_date, sizeof(u->birth_date), play_text(p, "input.userInformation.birthDate"));
	return w->users - 1;
}

/* A code works once; the third wrong one blocks the number. */
static bool
reject_code(struct play *p, struct verification *v)
{
	if (v == NULL) {
		play_reject(p, "ValidationRejection", "requestId is not known");
	} else if (play_fault(p, FAULT_SMS)) {
		play_reject(p, "SmsProviderRejection", "The provider does not answer");
	} else if (play_fault(p, FAULT_QUOTED)) {
		reject_quoting(p, "WrongCodeRejection", play_text(p, "input.code"));
	} else if (v->wrong >= MOST_WRONG) {
		play_reject(p, "UserBlockedRejection", "Too many wrong codes");
	} else if (v->is_used || strcmp(play_text(p, "input.code"), p->x->api->code) != 0) {
		v->wrong++;
		play_reject(p, "WrongCodeRejection", "The code is wrong");
	} else {
		return false;
	}
	return true;
}

void
act_complete_user(struct play *p)
{
	struct verification *v = find_verification(p);
	char id[ID_TEXT];
	int user;
	bool existed;

	if (reject_code(p, v))
		return;
	v->is_used = true;
	user = find_by_phone(p->w, v->phone);
	existed = user >= 0;
	if (!existed)
		user = add_user(p, v->phone);
	play_open(p, "CompleteUserCreationSuccessPayload");
	json_put_bool(&p->j, "userAlreadyExisted", existed);
	json_open(&p->j, "user", '{');
	json_put_text(&p->j, "id", id_print(id, p->w->user[user].id));
	json_put_text(&p->j, "mobilePhoneNumber", p->w->user[user].phone);
	json_close(&p->j, '}');
	play_close(p);
}

void
act_users(struct play *p)
{
	int user = find_by_phone(p->w, play_text(p, "phone"));
	char id[ID_TEXT], at[INSTANT_TEXT];

	play_open(p, "UserConnection");
	json_put_int(&p->j, "totalCount", user >= 0);
	json_open(&p->j, "edges", '[');
	if (user >= 0) {
		json_open(&p->j, NULL, '{');
		json_open(&p->j, "node", '{');
		json_put_text(&p->j, "id", id_print(id, p->w->user[user].id));
		json_put_text(&p->j, "mobilePhoneNumber", p->w->user[user].phone);
		json_put_text(&p->j, "createdAt", instant_print(at, p->w->user[user].created_at));
		json_close(&p->j, '}');
		json_close(&p->j, '}');
	}
	json_close(&p->j, ']');
	play_close(p);
}

/* Memberships ------------------------------------------------------------------------------------------------ */

/* The user of a membership that was there from the start has an id of its own. */
static void
put_user(struct play *p, int person)
{
	const struct person *m = &p->w->person[person];
	const char *status = life_status(&m->life, p->now);
	char id[ID_TEXT];

	if (m->is_added ? m->user < 0 : status[0] != 'E' && status[0] != 'D') {
		json_put_null(&p->j, "user");
		return;
	}
	json_open(&p->j, "user", '{');
	json_put_text(&p->j, "id",
	              id_print(id, m->is_added ? p->w->user[m->user].id : id_of(p->w, "holder", person)));
	json_close(&p->j, '}');
}

static void
put_state(struct play *p, int person)
{
	static const char *const errors[] = {"firstNameMatchError",     "lastNameMatchError",
	                                     "birthDateMatchError",     "phoneNumberMatchError",
	                                     "emailVerifiedMatchError", "idVerifiedMatchError"};
	const struct person *m = &p->w->person[person];
	struct membership_item item;
	size_t i;

	item_membership(p->w, person, p->now, &item);
	json_open(&p->j, "statusInfo", '{');
	json_put_text(&p->j, "__typename", item.status_branch);
	json_put_text(&p->j, "status", item.status);
	if (item.status[0] == 'B')
		for (i = 0; i < LENGTH(errors); i++)
			json_put_bool(&p->j, errors[i],
			              m->mismatch != NULL && strcmp(m->mismatch, errors[i]) == 0);
	if (item.status[0] == 'C' && m->is_added)
		play_put_consent(p, m->consent);
	if (item.status[0] == 'B' || item.status[0] == 'C' || item.status[0] == 'I') {
		json_open(&p->j, "restrictedTo", '{');
		json_put_text(&p->j, "firstName", item.first_name);
		json_put_text(&p->j, "lastName", item.last_name);
		json_put_text(&p->j, "birthDate", m->is_added ? m->birth_date : NULL);
		json_put_text(&p->j, "phoneNumber", m->is_added ? m->phone : NULL);
		json_close(&p->j, '}');
	}
	json_close(&p->j, '}');
}

static void
put_membership(struct play *p, const char *key, int person)
{
	char id[ID_TEXT], account[ID_TEXT];
	struct membership_item item;

	item_membership(p->w, person, p->now, &item);
	json_open(&p->j, key, '{');
	json_put_text(&p->j, "__typename", "AccountMembership");
	json_put_text(&p->j, "id", id_print(id, p->w->person[person].id));
	json_put_text(&p->j, "email", item.email);
	json_put_text(&p->j, "accountId", act_account(p->w, account));
	json_put_bool(&p->j, "legalRepresentative", false);
	json_put_text(&p->j, "language", text_or_null(p->w->person[person].language));
	put_user(p, person);
	put_state(p, person);
}

static void
put_success(struct play *p, const char *type, int person)
{
	play_open(p, type);
	put_membership(p, "accountMembership", person);
	json_close(&p->j, '}');
	play_close(p);
}

/* Whether the input may not be: rejected then. */
static bool
reject_membership(struct play *p)
{
	static const char *const permissions[] = {"input.canViewAccount", "input.canManageBeneficiaries",
	                                          "input.canInitiatePayments",
	                                          "input.canManageAccountMembership", "input.canManageCards"};
	char account[ID_TEXT];
	struct err e;
	size_t i;

	for (i = 0; i < LENGTH(permissions); i++) {
		bool may = true;

		if (json_bool(p->v, permissions[i], &may, &e) != 0 || may) {
			play_reject(p, "PermissionCannotBeGrantedRejection",
			            "A permission cannot be granted");
			return true;
		}
	}
	if (strcmp(play_text(p, "input.accountId"), act_account(p->w, account)) != 0)
		play_reject(p, "ForbiddenRejection", "This is not your account");
	else if (!is_phone(play_text(p, "input.restrictedTo.phoneNumber")))
		play_reject(p, "MissingPhoneNumberRestrictionRejection", "A phone number is needed");
	else if (play_text(p, "input.restrictedTo.firstName")[0] == '\0' ||
	         play_text(p, "input.restrictedTo.lastName")[0] == '\0' ||
	         strchr(play_text(p, "input.email"), '@') == NULL)
		play_reject(p, "ValidationRejection", "A name or the email is not valid");
	else
		return false;
	return true;
}

void
act_add_membership(struct play *p)
{
	struct person *m;
	bool waits;
	int i;

	if (reject_membership(p))
		return;
	waits = play_fault(p, FAULT_INVITED);
	i = people_add(p->w, waits ? "ConsentPending" : "InvitationSent", p->now);
	m = &p->w->person[i];
	text_copy(m->email, sizeof(m->email), play_text(p, "input.email"));
	text_copy(m->first_name, sizeof(m->first_name), play_text(p, "input.restrictedTo.firstName"));
	text_copy(m->last_name, sizeof(m->last_name), play_text(p, "input.restrictedTo.lastName"));
	text_copy(m->birth_date, sizeof(m->birth_date), play_text(p, "input.restrictedTo.birthDate"));
	text_copy(m->phone, sizeof(m->phone), play_text(p, "input.restrictedTo.phoneNumber"));
	text_copy(m->language, sizeof(m->language), play_text(p, "input.language"));
	if (waits)
		m->consent = play_add_consent(p, "AddAccountMembership", i);
	put_success(p, "AddAccountMembershipSuccessPayload", i);
}

static bool
has_another(const struct world *w, int user, int person, instant now)
{
	int i;

	for (i = 0; i < w->members; i++)
		if (i != person && w->person[i].is_added && w->person[i].user == user &&
		    strcmp(life_status(&w->person[i].life, now), "Disabled") != 0)
			return true;
	return false;
}

static void
bind(struct play *p, int i, int user)
{
	struct person *m = &p->w->person[i];
	const struct user *u = &p->w->user[user];

	m->user = user;
	m->mismatch = NULL;
	if (play_fault(p, FAULT_BINDERROR) || strcasecmp(m->last_name, u->last_name) != 0)
		m->mismatch = "lastNameMatchError";
	else if (strcasecmp(m->first_name, u->first_name) != 0)
		m->mismatch = "firstNameMatchError";
	else if (strcmp(m->birth_date, u->birth_date) != 0)
		m->mismatch = "birthDateMatchError";
	life_change(p->w, &m->life, m->mismatch == NULL ? "Enabled" : "BindingUserError", p->now);
	put_success(p, "BindAccountMembershipSuccessPayload", i);
}

void
act_bind_membership(struct play *p)
{
	int i = play_find_person(p->w, play_text(p, "id")), user = play_find_user(p->w, p->user);
	const char *status = i < 0 ? "" : life_status(&p->w->person[i].life, p->now);

	if (i < 0 || !p->w->person[i].is_added)
		play_reject(p, "AccountMembershipNotFoundRejection", "There is no such membership");
	else if (user < 0 || strcmp(p->w->user[user].phone, p->w->person[i].phone) != 0)
		play_reject(p, "RestrictedToUserRejection", "The invitation is for another person");
	else if (has_another(p->w, user, i, p->now))
		play_reject(p, "IdentityAlreadyBindToAccountMembershipRejection",
		            "This person has a membership");
	else if ((status[0] != 'I' && status[0] != 'B') || play_fault(p, FAULT_PENDING))
		play_reject(p, "AccountMembershipNotReadyToBeBoundRejection", "The invitation is not ready");
	else
		bind(p, i, user);
}

/* A card is enabled after it was looked at a few times. */
static const char *
look_at_card(struct play *p, struct card *c)
{
	if (c->is_added && strcmp(life_status(&c->life, p->now), "Processing") == 0 && c->looks > 0 &&
	    --c->looks == 0)
		life_change(p->w, &c->life, "Enabled", p->now);
	return life_status(&c->life, p->now);
}

static void
put_cards(struct play *p, int person)
{
	char id[ID_TEXT], at[INSTANT_TEXT], branch[64];
	int i;

	json_open(&p->j, "cards", '{');
	json_open(&p->j, "edges", '[');
	for (i = 0; i < p->w->cards; i++) {
		struct card *c = &p->w->card[i];

		if (c->owner != person || c->life.created_at > p->now)
			continue;
		json_open(&p->j, NULL, '{');
		json_open(&p->j, "node", '{');
		json_put_text(&p->j, "id", id_print(id, c->id));
		json_put_text(&p->j, "createdAt", instant_print(at, c->life.created_at));
		json_open(&p->j, "statusInfo", '{');
		snprintf(branch, sizeof(branch), "Card%sStatusInfo", look_at_card(p, c));
		json_put_text(&p->j, "__typename", branch);
		json_put_text(&p->j, "status", life_status(&c->life, p->now));
		if (c->is_added && strcmp(life_status(&c->life, p->now), "ConsentPending") == 0)
			play_put_consent(p, c->consent);
		json_close(&p->j, '}');
		json_close(&p->j, '}');
		json_close(&p->j, '}');
	}
	json_close(&p->j, ']');
	json_close(&p->j, '}');
}

void
act_membership(struct play *p)
{
	int i = play_find_person(p->w, play_text(p, "id"));

	p->fails = play_fault(p, FAULT_NOSEAT);
	if (p->fails || i < 0 || p->w->person[i].life.created_at > p->now) {
		json_put_null(&p->j, p->x->field);
		return;
	}
	put_membership(p, p->x->field, i);
	put_cards(p, i);
	json_close(&p->j, '}');
}

void
act_memberships(struct play *p)
{
	const char *email = play_text(p, "email");
	struct membership_item item;
	int i, n = 0;

	play_open(p, "AccountMembershipConnection");
	json_open(&p->j, "edges", '[');
	for (i = 0; i < p->w->members; i++) {
		item_membership(p->w, i, p->now, &item);
		if (strcasecmp(item.email, email) != 0 || item.created_at > p->now)
			continue;
		json_open(&p->j, NULL, '{');
		put_membership(p, "node", i);
		json_close(&p->j, '}');
		json_close(&p->j, '}');
		n++;
	}
	json_close(&p->j, ']');
	json_put_int(&p->j, "totalCount", n);
	json_open(&p->j, "pageInfo", '{');
	json_put_bool(&p->j, "hasNextPage", false);
	json_put_null(&p->j, "endCursor");
	json_close(&p->j, '}');
	play_close(p);
}

static void
change(struct play *p, const char *status, const char *type)
{
	int i = play_find_person(p->w, play_text(p, "id"));

	if (i < 0) {
		play_reject(p, "AccountMembershipNotFoundRejection", "There is no such membership");
		return;
	}
	if (strcmp(life_status(&p->w->person[i].life, p->now), "Disabled") == 0) {
		play_reject(p, "ValidationRejection", "The membership is disabled");
		return;
	}
	life_change(p->w, &p->w->person[i].life, status, p->now);
	put_success(p, type, i);
}

void
act_disable_membership(struct play *p)
{
	change(p, "Disabled", "DisableAccountMembershipSuccessPayload");
}

void
act_suspend_membership(struct play *p)
{
	change(p, "Suspended", "SuspendAccountMembershipSuccessPayload");
}

void
act_resume_membership(struct play *p)
{
	int i = play_find_person(p->w, play_text(p, "id"));

	if (i < 0) {
		play_reject(p, "AccountMembershipNotFoundRejection", "There is no such membership");
		return;
	}
	play_open(p, "ResumeAccountMembershipSuccessPayload");
	play_put_consent(p, play_add_consent(p, "ResumeAccountMembership", i));
	play_close(p);
}
