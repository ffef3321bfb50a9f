/* seat: the account membership of one member at Swan, with its cards: what it is now, and what changes it.
 *
 * A change whose answer did not come is CALL_IN_DOUBT: load the seat and see.
 */
#ifndef CORE_SEAT_H
#define CORE_SEAT_H

#include "formats/contact.h"
#include "formats/swan.h"
#include "stages/core/swan/call.h"

#define SEAT_CARDS  100 /* the most that are looked at, the page of Swan */
#define SEAT_STATUS 32

struct seat_card {
	char id[SWAN_ID + 1], status[SEAT_STATUS];
	char consent[SWAN_ID + 1]; /* that it waits for; "": none */
	instant created_at;
};

struct seat {
	char id[SWAN_ID + 1], status[SEAT_STATUS], email[CONTACT_EMAIL];
	char user[SWAN_ID + 1];    /* who is bound; "": nobody */
	char consent[SWAN_ID + 1]; /* that the invitation waits for */
	char mismatch[160]; /* of a BindingUserError: what differs between the user and the invitation */
	int cards;
	struct seat_card card[SEAT_CARDS];
};

/* The seat, with the id "" when Swan knows no such membership. False: the caller goes on, and s->doubt says why it is unknown. */
bool seat_look(struct caller *s, const char *id, struct seat *t);
/* The same for a caller that does not go on. False: Swan knows no such membership. */
bool seat_load(struct caller *s, const char *id, struct seat *t);

struct seat_person {
	const char *first_name, *last_name, *birth_date, *phone, *email, *language;
	const char *user; /* id at Swan */
};

/* Invites the person, without any permission; as the legal representative. */
enum call_outcome seat_add(struct caller *s, const struct seat_person *p, char id[static SWAN_ID + 1],
                           struct swan_reply *reply);
enum call_outcome seat_add_card(struct caller *s, const char *membership_id, char id[static SWAN_ID + 1],
                                struct swan_reply *reply);

bool seat_is_over(const struct seat *t);           /* disabled, permanently */
bool seat_card_is_over(const struct seat_card *c); /* cancelled, or about to be */
/* The newest card that is Enabled; NULL: none is. */
const struct seat_card *seat_latest_card(const struct seat *t);

#endif
