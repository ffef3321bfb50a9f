/* identity: users of Swan: a phone is verified by a code, and its owner becomes a user, or is one already. */
#ifndef CORE_IDENTITY_H
#define CORE_IDENTITY_H

#include "formats/contact.h"
#include "formats/swan.h"
#include "stages/core/swan/call.h"

/* Has a code sent to the phone; the id of this request goes to `request`. Dies with Swan's own message when it is rejected. CALL_IN_DOUBT:
 * a message may be on its way. */
enum call_outcome identity_start(struct caller *s, const char *phone, const char *language,
                                 char request[static SWAN_ID + 1]);

struct identity_claim {
	const char *request, *code; /* code: a secret; it stays where it is until the caller is closed */
	const char *first_name, *last_name, *birth_date;
};

struct identity {
	char user[SWAN_ID + 1], phone[CONTACT_PHONE]; /* phone: "" when Swan does not say */
};

enum call_outcome identity_complete(struct caller *s, const struct identity_claim *c, struct identity *u,
                                    struct swan_reply *reply);
/* The user with this phone who was made at `since` or later. False: Swan has no such user. */
bool identity_find(struct caller *s, const char *phone, instant since, struct identity *u);

#endif
