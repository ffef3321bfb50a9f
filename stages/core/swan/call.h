/* call: one operation of Swan by its name: a look at a single thing, or a change.
 *
 * A question is asked again until there is an answer. A change is sent once: when its answer does not come, it may have been
 * made all the same (CALL_IN_DOUBT), and the caller looks before it sends the change again. In a dry run no change is sent.
 * source   formats/swan/ has the documents; Swan, documentation: errors, impersonation by x-swan-user-id
 */
#ifndef CORE_CALL_H
#define CORE_CALL_H

#include "formats/swan_reply.h"
#include "stages/core/engine/log.h"
#include "stages/core/swan/connection.h"

enum call_name {
	CALL_START_USER_CREATION,
	CALL_COMPLETE_USER_CREATION,
	CALL_USERS_BY_PHONE,
	CALL_ADD_MEMBERSHIP,
	CALL_BIND_MEMBERSHIP,
	CALL_DISABLE_MEMBERSHIP,
	CALL_MEMBERSHIPS_BY_EMAIL,
	CALL_MEMBERSHIP,
	CALL_ADD_CARD,
	CALL_CANCEL_CARD,
	CALL_CONSENT,
	CALL_GRANT_CONSENT,
	CALL_ACCEPT_CONSENT,
	CALL_VIEW_CARD_NUMBERS,
	CALL_CARD_NUMBERS,
};

enum call_outcome { CALL_DONE, CALL_REJECTED, CALL_IN_DOUBT, CALL_REHEARSED };

struct caller {
	struct run *run;
	struct connection *connection;
	/* One of many: where Swan is there, and gives no answer about this one that can be used, the outcome is CALL_IN_DOUBT after
	 * all tries, of a question too. Else the program ends. */
	bool goes_on;
	char doubt[320];  /* why the last call is in doubt */
	bool is_answered; /* Swan is there: what is in doubt was answered somehow */
};

/* Dies (78) when Swan cannot be asked. */
void caller_open(struct caller *s, struct run *r);
void caller_close(struct caller *s);

/* Writes the variables into the open object. */
typedef void call_put_fn(struct json *j, const void *ctx);

/* user: who makes the call; NULL: the project. The reply is to be freed by swan_reply_free, whatever the outcome; its value is
 * NULL unless CALL_DONE. Dies: 69 when a question gets no answer, 65 when Swan takes it for wrong, 78 for credentials. */
enum call_outcome call_swan(struct caller *s, enum call_name name, const char *user, call_put_fn *put,
                            const void *ctx, struct swan_reply *reply);
/* The same with the one variable `id`. */
enum call_outcome call_swan_about(struct caller *s, enum call_name name, const char *user, const char *id,
                                  struct swan_reply *reply);

const char *call_operation(enum call_name name); /* "AddCard" */
bool call_is_change(enum call_name name);

/* Before the n-th repetition of a change that is in doubt. After as many as `tries` in [swan] allows it dies (69; `retry`: what to
 * do then), or returns false where the caller goes on. */
bool call_wait(struct caller *s, enum call_name name, int n, const char *retry);
/* Before Swan is looked at once more for the n-th time, from 0: a tenth of a second, doubled each time, at most 2 seconds. */
void call_pause(int n);
/* An answer that was read is not what it should be: the call is in doubt for this reason. */
void call_doubt(struct caller *s, const char *why);
/* Dies with Swan's own message, the code of its rejection, and what to do. */
_Noreturn void call_die_rejected(enum call_name name, const struct swan_reply *reply);

#endif
