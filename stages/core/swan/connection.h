/* connection: the way to Swan's API: one HTTP connection, the access token, the pace of the requests.
 *
 * The token (client credentials) is renewed before it ends. Secrets are removed from every message of a server.
 * source   Swan, documentation of 2026-08-20: token and rate limit; impersonation by x-swan-user-id
 */
#ifndef CORE_CONNECTION_H
#define CORE_CONNECTION_H

#include "stages/core/engine/log.h"
#include "stages/core/engine/run.h"
#include "stages/core/net/http.h"

struct connection;

bool connection_is_configured(const struct run *r); /* client_id in [swan] is set */
/* Dies (78) when the client secret cannot be read. */
struct connection *connection_open(struct run *r);
void connection_close(struct connection *s);

/* Sends a body to the API once, as the project, or as the user of that id. Dies: 69 and 78 when there is no token. */
void connection_post(struct connection *s, const char *user, const char *body, size_t length,
                     struct http_answer *a);
/* Gets a new token, also if the old one has not ended. */
void connection_renew_token(struct connection *s);
/* Before the n-th repetition: as long as the server asks for, within limits; else longer each time. */
void connection_wait(struct connection *s, int n, int64_t retry_after);

/* After an answer that would be the same again; note: what became of the work. */
_Noreturn void connection_die_refused(struct connection *s, const struct http_answer *a, const char *note);

/* Hides this text too, which is not copied, in all that the server says from here on: what was sent, and is never printed. */
void connection_conceal(struct connection *s, const char *text);
void connection_hide(const struct connection *s, char *text, size_t size);
_Noreturn void connection_die(struct connection *s, enum exit_status status, const char *who, const char *why,
                              const char *what_to_do);

#endif
