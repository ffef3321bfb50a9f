/* client: asks Swan, and takes no answer that is not one.
 *
 * Everything that can stand between a question and its answer is settled here: the token (client credentials, renewed
 * before it ends, and once when Swan no longer takes it), the pace, waiting and asking again, and what an answer is: a
 * whole body, of HTTP 2xx, in which there are no `errors`. Where there is a recording, it answers instead.
 * source   Swan, documentation of 2026-08-20: token and rate limit; GraphQL over HTTP; formats/swan/ has the documents
 */
#ifndef CORE_CLIENT_H
#define CORE_CLIENT_H

#include "formats/err.h"
#include "formats/swan.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/run.h"

struct client;

enum client_list { CLIENT_TRANSACTIONS, CLIENT_CARDS, CLIENT_MEMBERSHIPS };

#define CLIENT_PAGE 100 /* nodes of a page, the most that Swan gives */

struct client_question {
	enum client_list list;
	instant from, to;  /* of transactions: updatedAt, inclusive and exclusive */
	const char *after; /* cursor; "" for the first page */
};

/* By [swan] of the configuration, or from --fixtures, as `recorded` says; `keep` (or NULL): where raw pages are kept.
 * Dies: 78 without credentials. */
struct client *client_open(struct run *r, const char *recorded, const char *keep);
void client_close(struct client *s);

/* A recording in one piece answers one window only, however long it is. */
bool client_is_cut_by_day(const struct client *s);
/* `name` says what is asked for; it is what a window of a recording is known by. */
void client_begin_window(struct client *s, const char *name);

/* Reads an answer; -1 with *e when it is void. Then it is asked for again, until [swan] tries are used up. */
typedef int client_take_fn(void *ctx, const char *json, size_t length, struct err *e);

/* Until `take` has taken the answer. Dies: 69 when Swan does not answer, 65 when it refuses or what it says cannot be
 * read, 78 when it does not know us. Nothing a server said is repeated with a secret in it. */
void client_ask(struct client *s, const struct client_question *q, client_take_fn *take, void *ctx);

/* The list as it was read contradicts itself or its own count: read it once more? False where it would be the same. */
bool client_can_repeat(struct client *s, enum client_list list);
/* Dies, naming the place, with `status` if Swan itself was asked, 65 if a recording was. */
_Noreturn void client_give_up(struct client *s, enum exit_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* After the last list of a window: a recording has nothing that was not asked for. */
void client_end_window(struct client *s);

#endif
