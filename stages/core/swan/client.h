/* client: sends queries to Swan, and accepts complete answers only.
 *
 * The client asks through a connection (connection.h): it waits and asks again, and renews the token once when Swan no longer
 * accepts it. An answer is a complete body with HTTP 2xx and without `errors`. A recording, if there is
 * one, answers instead of Swan.
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

/* The options of a program that imports, among its own. */
#define CLIENT_OPTIONS                                                                                      \
	{.name = "fixtures",                                                                                \
	 .arg = "DIR",                                                                                      \
	 .help =                                                                                            \
	     "read recorded pages, do not ask Swan: transactions-*.json, cards-*.json, memberships-*.json", \
	 .is_path = true},                                                                                  \
	{                                                                                                   \
		.name = "record", .arg = "DIR", .help = "store Swan's pages there, for --fixtures",         \
		.is_path = true                                                                             \
	}

/* recorded: folder of a recording that answers; NULL: Swan answers, as [swan] of the configuration says. keep: folder to
 * record in, or NULL. Dies: 78 without credentials. */
struct client *client_open(struct run *r, const char *recorded, const char *keep);
void client_close(struct client *s);

/* Whether windows are of one day; a recording without folders answers one window only, however long it is. */
bool client_is_cut_by_day(const struct client *s);
/* name: of the window; a recording has a folder of that name. */
void client_begin_window(struct client *s, const char *name);

/* Reads an answer; -1 with *e when it is not valid: then the query is sent again, as often as `tries` in [swan] allows. */
typedef int client_take_fn(void *ctx, const char *json, size_t length, struct err *e);

/* Sends the query until `take` has read the answer. Dies: 69 when Swan does not answer, or its answers lead
 * nowhere (code no_progress), 65 when Swan rejects the query or the
 * answer cannot be read, 78 when Swan rejects the credentials. Secrets are removed from every message of a server. */
void client_ask(struct client *s, const struct client_question *q, client_take_fn *take, void *ctx);

/* Whether an answer that cannot be taken now ends the import: it is not asked for again. Of `take` only. */
bool client_is_last_try(const struct client *s);

/* Whether reading the list once more can give another result: not from a recording that has no more pages. */
bool client_can_repeat(struct client *s, enum client_list list);
/* Dies, naming the endpoint with `status`, or the page of a recording with 65. */
_Noreturn void client_give_up(struct client *s, enum exit_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* After the last list of a window. Dies (65) when the recording has pages that were not read. */
void client_end_window(struct client *s);

#endif
