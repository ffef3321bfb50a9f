/* onboarding: see onboarding.h. Writes the table onboarding. */
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/sink.h"
#include "formats/text.h"
#include "stages/core/engine/act.h"
#include "stages/core/engine/config.h"
#include "stages/core/enrol/invitation.h"
#include "stages/core/enrol/onboarding.h"
#include "stages/core/enrol/verification.h"
#include "stages/core/members/membership.h"
#include "stages/core/swan/consent.h"
#include "stages/core/swan/ending.h"
#include "stages/core/swan/identity.h"

#define CLOCKS_DIFFER_MS 60000 /* at most, between Swan's clock and ours */
#define AGAIN            "run the same command again"

enum step { VERIFY, INVITE, BIND, ORDER, CONSENT, AWAIT, DONE, STEPS };

static const char *const step_words[STEPS] = {"verify",  "invite", "bind", "order",
                                              "consent", "await",  "done"};

struct onboarding {
	struct caller *swan;
	struct run *run;
	const struct onboarding_request *asked;
	unsigned char details[SHA256_SIZE];
	bool is_changed; /* other details than Swan has */
	bool is_invited; /* by this run */
	enum step step;
	bool is_begun;           /* by this run or an earlier one */
	instant verifying_since; /* a code was sent, and its answer is not stored; INSTANT_NONE: none */
	struct identity identity;
	char membership[SWAN_ID + 1], card[SWAN_ID + 1];
	char email[CONTACT_EMAIL]; /* as it was given before; "": never, or the onboarding is done */
	const char *rehearsed;
};

/* The row --------------------------------------------------------------------------------------------------- */

static void
make_digest(const struct onboarding_request *q, unsigned char digest[SHA256_SIZE])
{
	struct sink *s = sink_new(NULL, NULL);

	sink_print(s, "%s\n%s\n%s\n%s\n%s\n", q->first_name, q->last_name, q->birth_date, q->email,
	           q->language);
	if (sink_end(s, digest, NULL) < 0)
		die(EXIT_BUG, "a digest cannot be made");
}

static void
load(struct onboarding *o)
{
	struct stmt *q = sql(o->run->db,
	    "SELECT step, details, verifying_since_at, user_id, phone_number, account_membership_id, card_id,"
	    "  email"
	    " FROM onboarding"
	    " WHERE profile_number = $profile");
	size_t n;

	o->verifying_since = INSTANT_NONE;
	bind_int(q, "$profile", o->asked->profile);
	if (!row(q))
		return;
	o->is_begun = true;
	o->step = (enum step)col_word(q, 0, step_words, STEPS);
	o->is_changed = memcmp(col_blob(q, 1, &n), o->details, SHA256_SIZE) != 0;
	if (!col_null(q, 2))
		o->verifying_since = col_instant(q, 2);
	col_copy(q, 3, o->identity.user, sizeof(o->identity.user));
	col_copy(q, 4, o->identity.phone, sizeof(o->identity.phone));
	col_copy(q, 5, o->membership, sizeof(o->membership));
	col_copy(q, 6, o->card, sizeof(o->card));
	col_copy(q, 7, o->email, sizeof(o->email));
	reset(q);
}

static void
write_row(struct onboarding *o)
{
	struct stmt *q = sql(o->run->db,
	    "INSERT INTO onboarding (profile_number, step, request_id, details, verifying_since_at, user_id,"
	    "  phone_number, email, account_membership_id, card_id, begun_at, done_at)"
	    " VALUES ($profile, $step, $request, $details, $since, $user, $phone, $email, $membership, $card, $now,"
	    "  $done)"
	    " ON CONFLICT (profile_number) DO UPDATE SET step = excluded.step, request_id = excluded.request_id,"
	    "  details = excluded.details, verifying_since_at = excluded.verifying_since_at,"
	    "  user_id = excluded.user_id, phone_number = excluded.phone_number, email = excluded.email,"
	    "  account_membership_id = excluded.account_membership_id, card_id = excluded.card_id,"
	    "  done_at = excluded.done_at");

	bind_int(q, "$profile", o->asked->profile);
	bind_text(q, "$step", step_words[o->step]);
	bind_text(q, "$request", o->asked->request_id);
	bind_blob(q, "$details", o->details, sizeof(o->details));
	bind_instant(q, "$since", o->verifying_since);
	bind_text(q, "$user", text_or_null(o->identity.user));
	bind_text(q, "$phone", text_or_null(o->identity.phone));
	bind_text(q, "$email", o->step == DONE ? NULL : o->asked->email);
	bind_text(q, "$membership", text_or_null(o->membership));
	bind_text(q, "$card", text_or_null(o->card));
	bind_instant(q, "$now", o->run->now);
	bind_instant(q, "$done", o->step == DONE ? o->run->now : INSTANT_NONE);
	exec(q);
}

static void
add_act(struct onboarding *o)
{
	if (!o->is_begun)
		act_add(o->run, &(struct act){.kind = "onboarding",
		                              .what = o->asked->request_id,
		                              .detail = "",
		                              .profile = o->asked->profile});
	o->is_begun = true;
}

/* The next step, and the ids so far, before anything else is sent. */
static void
save(struct onboarding *o, enum step next)
{
	struct err e = {0};

	o->step = next;
	o->is_changed = false;
	tx_begin(o->run->db);
	write_row(o);
	add_act(o);
	if (o->membership[0] != '\0' && membership_link(o->run, o->asked->profile, o->membership, &e) < 0)
		die(EXIT_REFUSED, "the account membership %s: %s", o->membership, e.message);
	tx_commit(o->run->db);
}

/* What a change means to its step. True: it is done. False: look, for it may have been made, or in a dry run stop. */
static bool
is_done(struct onboarding *o, enum call_name name, enum call_outcome outcome, struct swan_reply *reply)
{
	if (outcome == CALL_REJECTED)
		call_die_rejected(name, reply);
	if (outcome == CALL_REHEARSED)
		o->rehearsed = call_operation(name);
	swan_reply_free(reply);
	return outcome == CALL_DONE;
}

/* verify ------------------------------------------------------------------------------------------------------ */

/* Whether the user was made by a code whose answer was lost. A user who was there before proves no code. */
static bool
find_user(struct onboarding *o)
{
	char phone[CONTACT_PHONE];

	if (o->verifying_since == INSTANT_NONE)
		return false;
	verification_find_phone(o->run, o->asked->request_id, phone);
	return phone[0] != '\0' &&
	       identity_find(o->swan, phone, o->verifying_since - CLOCKS_DIFFER_MS, &o->identity);
}

/* A rejected code may be typed again; one that may be used up already, not. */
static _Noreturn void
refuse_code(struct onboarding *o, struct swan_reply *reply, bool was_in_doubt)
{
	o->verifying_since = INSTANT_NONE;
	save(o, VERIFY);
	if (was_in_doubt && strcmp(reply->rejection, "WrongCodeRejection") == 0)
		die_code(
		    EXIT_REFUSED, "invalid_phone_number_verification_code",
		    "CompleteUserCreation: %s: %s: the code may be used up, for an answer was lost: start a new"
		    " verification with `%s`",
		    reply->rejection, reply->message, run_command(o->run, "users start-phone-verification"));
	call_die_rejected(CALL_COMPLETE_USER_CREATION, reply);
}

static void
send_code(struct onboarding *o)
{
	const struct onboarding_request *q = o->asked;
	bool was_in_doubt = o->verifying_since != INSTANT_NONE;
	struct identity_claim claim = {.request = q->request_id,
	                               .code = q->read_code(q->ctx),
	                               .first_name = q->first_name,
	                               .last_name = q->last_name,
	                               .birth_date = q->birth_date};
	struct swan_reply reply;
	enum call_outcome outcome;
	int n;

	if (!was_in_doubt)
		o->verifying_since = o->run->now;
	save(o, VERIFY);
	for (n = 1;; n++) {
		outcome = identity_complete(o->swan, &claim, &o->identity, &reply);
		if (outcome == CALL_REJECTED)
			refuse_code(o, &reply, was_in_doubt || n > 1);
		if (is_done(o, CALL_COMPLETE_USER_CREATION, outcome, &reply) || o->rehearsed != NULL ||
		    find_user(o))
			return;
		(void)call_wait(o->swan, CALL_COMPLETE_USER_CREATION, n, AGAIN);
	}
}

static void
verify(struct onboarding *o)
{
	if (!find_user(o))
		send_code(o);
	if (o->rehearsed != NULL)
		return;
	o->verifying_since = INSTANT_NONE;
	if (o->identity.phone[0] == '\0')
		verification_find_phone(o->run, o->asked->request_id, o->identity.phone);
	save(o, INVITE);
}

/* invite ------------------------------------------------------------------------------------------------------- */

static struct seat_person
person_of(const struct onboarding *o)
{
	const struct onboarding_request *q = o->asked;

	return (struct seat_person){.first_name = q->first_name,
	                            .last_name = q->last_name,
	                            .birth_date = q->birth_date,
	                            .phone = o->identity.phone,
	                            .email = q->email,
	                            .language = q->language,
	                            .user = o->identity.user};
}

/* True: it is at Swan already. */
static bool
find_invitation(struct onboarding *o, const struct seat_person *person)
{
	enum invitation_found found =
	    invitation_find(o->swan, person, o->email, o->asked->profile, o->membership);

	if (found == INVITATION_REHEARSED)
		o->rehearsed = call_operation(CALL_DISABLE_MEMBERSHIP);
	return found == INVITATION_FOUND;
}

/* An invitation with these details is sent only after they are stored: with others given later, its email is looked for. */
static void
invite(struct onboarding *o)
{
	struct seat_person person = person_of(o);
	struct swan_reply reply;
	enum call_outcome outcome;
	int n;

	for (n = 1; !find_invitation(o, &person); n++) {
		if (o->rehearsed != NULL)
			return;
		if (o->is_changed)
			save(o, INVITE);
		outcome = seat_add(o->swan, &person, o->membership, &reply);
		o->is_invited = true;
		if (is_done(o, CALL_ADD_MEMBERSHIP, outcome, &reply))
			break;
		if (o->rehearsed != NULL)
			return;
		(void)call_wait(o->swan, CALL_ADD_MEMBERSHIP, n, AGAIN);
	}
	save(o, BIND);
}

/* bind ------------------------------------------------------------------------------------------------------------- */

static void
load_seat(struct onboarding *o, struct seat *t)
{
	if (!seat_load(o->swan, o->membership, t))
		die(EXIT_ABSENT, "the account membership %s does not exist at Swan (any more): ask Swan",
		    o->membership);
}

/* Who is bound has proved the first ones: such a membership is not disabled for others. */
static void
require_same_details(const struct onboarding *o, bool is_bound)
{
	if (o->is_changed && is_bound)
		die(EXIT_OVERWRITE,
		    "the onboarding was begun with another name, birth date, email or language: give the same ones");
}

/* Ends the invitation that was made with other details: another one is sent. */
static void
begin_again(struct onboarding *o)
{
	struct swan_reply reply;

	if (!is_done(o, CALL_DISABLE_MEMBERSHIP, ending_send(o->swan, o->membership, NULL, &reply), &reply))
		return;
	o->membership[0] = '\0';
	save(o, INVITE);
}

/* The invitation itself waits for a consent when Swan asks for one. */
static void
consent_to_invitation(struct onboarding *o, const struct seat *t)
{
	char status[CONSENT_STATUS];

	consent_grant(o->swan, t->consent, status);
	if (o->run->dry_run)
		o->rehearsed = call_operation(CALL_GRANT_CONSENT);
	else if (consent_is_refused(status))
		die(EXIT_REFUSED,
		    "the consent to the invitation %s is %s: disable the membership at Swan, then " AGAIN,
		    o->membership, status);
	else if (!consent_is_accepted(status))
		die(EXIT_BUSY, "the consent to the invitation %s is still %s: " AGAIN " later", o->membership,
		    status);
}

static _Noreturn void
refuse_binding(const struct onboarding *o, const struct seat *t)
{
	if (strcmp(t->status, "BindingUserError") == 0)
		die_code(
		    EXIT_REFUSED, ERR_SWAN_REJECTED,
		    "BindAccountMembership: the user and the invitation %s differ in: %s: give the right details, and " AGAIN,
		    o->membership, t->mismatch[0] == '\0' ? "something" : t->mismatch);
	die(EXIT_BUSY, "the account membership %s is still %s: " AGAIN " later", o->membership, t->status);
}

static bool
waits_for_user(const struct seat *t)
{
	return strcmp(t->status, "InvitationSent") == 0 || strcmp(t->status, "BindingUserError") == 0;
}

/* True: the answer says so. */
static bool
send_bind(struct onboarding *o)
{
	struct swan_reply reply;

	return is_done(
	    o, CALL_BIND_MEMBERSHIP,
	    call_swan_about(o->swan, CALL_BIND_MEMBERSHIP, o->identity.user, o->membership, &reply), &reply);
}

static void
bind(struct onboarding *o)
{
	bool is_bound = false;
	struct seat t;
	int n;

	load_seat(o, &t);
	require_same_details(o, strcmp(t.status, "Enabled") == 0);
	if (seat_is_over(&t) && o->is_invited)
		die(EXIT_REFUSED, "the account membership %s was disabled at once: ask Swan", o->membership);
	if (o->is_changed || seat_is_over(&t)) {
		begin_again(o);
		return;
	}
	if (strcmp(t.status, "ConsentPending") == 0) {
		consent_to_invitation(o, &t);
		load_seat(o, &t);
	}
	for (n = 1; o->rehearsed == NULL && waits_for_user(&t) && !is_bound; n++) {
		is_bound = send_bind(o);
		load_seat(o, &t);
		if (!is_bound && o->rehearsed == NULL && waits_for_user(&t))
			(void)call_wait(o->swan, CALL_BIND_MEMBERSHIP, n, AGAIN);
	}
	if (o->rehearsed != NULL)
		return;
	if (strcmp(t.status, "Enabled") != 0)
		refuse_binding(o, &t);
	save(o, ORDER);
}

/* order, consent, await ---------------------------------------------------------------------------------------- */

/* The one that is enabled, else the newest that is not over. */
static const struct seat_card *
live_card(const struct seat *t)
{
	const struct seat_card *enabled = seat_latest_card(t), *found = NULL;
	int i;

	for (i = 0; i < t->cards && enabled == NULL; i++)
		if (!seat_card_is_over(&t->card[i]) &&
		    (found == NULL || t->card[i].created_at > found->created_at))
			found = &t->card[i];
	return enabled != NULL ? enabled : found;
}

static void
order(struct onboarding *o)
{
	const struct seat_card *c = NULL;
	struct swan_reply reply;
	struct seat t;
	int n;

	for (n = 1; c == NULL; n++) {
		load_seat(o, &t);
		c = live_card(&t);
		if (c != NULL)
			text_copy(o->card, sizeof(o->card), c->id);
		else if (is_done(o, CALL_ADD_CARD, seat_add_card(o->swan, o->membership, o->card, &reply),
		                 &reply))
			break;
		else if (o->rehearsed != NULL)
			return;
		else
			(void)call_wait(o->swan, CALL_ADD_CARD, n, AGAIN);
	}
	save(o, CONSENT);
}

static const struct seat_card *
find_card(struct onboarding *o, struct seat *t)
{
	int i;

	load_seat(o, t);
	for (i = 0; i < t->cards; i++)
		if (strcmp(t->card[i].id, o->card) == 0)
			return &t->card[i];
	return NULL;
}

/* A card that will never be: the next run orders another one. */
static _Noreturn void
give_card_up(struct onboarding *o, const char *what)
{
	char card[SWAN_ID + 1];

	memcpy(card, o->card, sizeof(card));
	o->card[0] = '\0';
	save(o, ORDER);
	die(EXIT_REFUSED, "the card %s %s: " AGAIN ": it orders another card", card, what);
}

/* The consent was refused: so that there is one card at last, this one is cancelled. */
static _Noreturn void
cancel_card(struct onboarding *o, const char *status)
{
	struct swan_reply reply;
	char what[128];

	(void)is_done(o, CALL_CANCEL_CARD, ending_send(o->swan, o->membership, o->card, &reply), &reply);
	snprintf(what, sizeof(what), "is cancelled, for its consent is %s", status);
	give_card_up(o, what);
}

static void
consent(struct onboarding *o)
{
	char status[CONSENT_STATUS] = "Accepted";
	const struct seat_card *c;
	struct seat t;

	c = find_card(o, &t);
	if (c == NULL || seat_card_is_over(c))
		give_card_up(o, "was cancelled at Swan");
	if (strcmp(c->status, "ConsentPending") == 0)
		consent_grant(o->swan, c->consent, status);
	if (status[0] == '\0' && o->run->dry_run) {
		o->rehearsed = call_operation(CALL_GRANT_CONSENT);
		return;
	}
	if (consent_is_refused(status))
		cancel_card(o, status);
	if (!consent_is_accepted(status))
		die(EXIT_BUSY, "the consent to the card %s is still %s: " AGAIN " later", o->card,
		    status[0] == '\0' ? "unknown to Swan" : status);
	save(o, AWAIT);
}

static void
await(struct onboarding *o)
{
	int64_t until = run_ticks() + config_int(o->run->config, SWAN_CARD_WAIT_SECONDS) * 1000;
	const struct seat_card *c;
	struct seat t;
	int n = 0;

	for (;;) {
		c = find_card(o, &t);
		if (c == NULL || seat_card_is_over(c))
			give_card_up(o, "was cancelled at Swan");
		if (strcmp(c->status, "Enabled") == 0)
			break;
		if (run_ticks() >= until)
			die(EXIT_BUSY, "the card %s is still %s after %lld s: " AGAIN " later", o->card,
			    c->status, (long long)config_int(o->run->config, SWAN_CARD_WAIT_SECONDS));
		call_pause(n++);
	}
	tx_begin(o->run->db);
	verification_forget(o->run, o->asked->request_id, o->identity.phone);
	o->identity.phone[0] = '\0';
	save(o, DONE);
	tx_commit(o->run->db);
}

static void (*const acts[DONE])(struct onboarding *o) = {
    [VERIFY] = verify, [INVITE] = invite,   [BIND] = bind,
    [ORDER] = order,   [CONSENT] = consent, [AWAIT] = await};

void
onboarding_require_configuration(const struct run *r)
{
	static const enum config_key keys[] = {SWAN_ACCOUNT_ID, SWAN_LEGAL_REPRESENTATIVE_USER_ID};
	size_t i;

	for (i = 0; i < LENGTH(keys); i++)
		if (config_text(r->config, keys[i])[0] == '\0')
			die(EXIT_CONFIG, "%s: %s in [swan] is not set: no member can be onboarded",
			    r->config_path, config_entry(r->config, keys[i]).name);
}

void
onboarding_run(struct caller *s, const struct onboarding_request *q, struct onboarding_result *result)
{
	struct onboarding o = {.swan = s, .run = s->run, .asked = q};

	make_digest(q, o.details);
	load(&o);
	require_same_details(&o, o.step > BIND);
	while (o.step != DONE && o.rehearsed == NULL)
		acts[o.step](&o);
	*result = (struct onboarding_result){.rehearsed = o.rehearsed};
	text_copy(result->membership, sizeof(result->membership), o.membership);
	text_copy(result->card, sizeof(result->card), o.card);
}
