/* acts: what changes members and cards, and what looks at one of them: the mutations, and the queries of a single thing. */
#ifndef TESTS_FAKESWAN_ACTS_H
#define TESTS_FAKESWAN_ACTS_H

#include "formats/json.h"
#include "tests/fakeswan/exchange.h"

struct play { /* an act on its way to its answer */
	struct exchange *x;
	struct world *w;
	const struct json_value *v; /* its variables */
	struct json j;
	char user[ID_TEXT]; /* who makes the call; "": the project */
	instant now;
	bool fails; /* the answer has errors beside its data */
};

enum act_user { BY_PROJECT, BY_REPRESENTATIVE, BY_MEMBER };

struct act {
	const char *name, *field; /* of the operation, and of its payload */
	bool is_change;
	enum act_user by;
	void (*play)(struct play *p); /* writes the payload */
};

const struct act *act_find(const char *name); /* NULL: no act has this name */
void act_play(struct exchange *x, const struct json_value *body, instant now);
void act_consent(struct exchange *x, const char *id); /* a person consents in a browser */

/* The user whom every consent of the account needs. */
char *act_representative(const struct world *w, char id[static ID_TEXT]);
char *act_account(const struct world *w, char id[static ID_TEXT]);

/* For the acts: */
const char *play_text(struct play *p, const char *path); /* "" when absent */
bool play_fault(struct play *p, enum fault which);       /* of the Nth act of its kind */
void play_reject(struct play *p, const char *type, const char *why);
void play_open(struct play *p, const char *type); /* the payload */
void play_close(struct play *p);
int play_find_person(const struct world *w, const char *id); /* by the id of the membership; -1 */
int play_find_card(const struct world *w, const char *id);
int play_find_user(const struct world *w, const char *id);
int play_add_consent(struct play *p, const char *purpose, int subject);
void play_put_consent(struct play *p, int consent);

void act_start_user(struct play *p);
void act_complete_user(struct play *p);
void act_users(struct play *p);
void act_add_membership(struct play *p);
void act_bind_membership(struct play *p);
void act_membership(struct play *p);
void act_memberships(struct play *p);
void act_disable_membership(struct play *p);
void act_suspend_membership(struct play *p);
void act_resume_membership(struct play *p);
void act_add_card(struct play *p);
void act_add_cards(struct play *p);
void act_update_card(struct play *p);
void act_cancel_card(struct play *p);
void act_look_at_consent(struct play *p);
void act_grant(struct play *p);
void act_accept(struct play *p);
void act_view_numbers(struct play *p);
void act_numbers(struct play *p);

#endif
