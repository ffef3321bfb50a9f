/* server: sockets. Every client has its turn; no client can block or end the others. */
#ifndef TESTS_FAKESERVER_SERVER_H
#define TESTS_FAKESERVER_SERVER_H

#include <stdint.h>

#include "tests/fakeserver/http.h"

/* Both listen and print the URL on standard output; -1 with errno set. */
int server_listen_port(int port);
int server_listen_socket(const char *path);

/* clock_ms: monotonic. */
typedef void server_answer_fn(void *ctx, const struct request *q, int64_t clock_ms, struct answer *a);

void server_run(int listening, server_answer_fn *answer, void *ctx); /* until SIGTERM or SIGINT */

#endif
