/* api: the answer of fakeswan to a request: tokens, checks of the request, faults, pages. */
#ifndef TESTS_FAKESWAN_API_H
#define TESTS_FAKESWAN_API_H

#include <stdio.h>

#include "tests/fakeserver/http.h"
#include "tests/fakeswan/world.h"

#define MOST_ACTS 32

struct token {
	long used;
	int64_t ends_at; /* on the monotonic clock */
};

struct api {
	struct world *world;
	instant now; /* INSTANT_NONE: by the clock */
	const char *client_id, *secret;
	const char *code;       /* that verifies every phone */
	const char *public_key; /* PEM; NULL: a signature is not verified, only its shape */
	FILE *log;              /* or NULL */
	long limit;

	long requests, calls, token_calls, changes;
	long act_calls[MOST_ACTS];
	struct token *token;
	long tokens;
	int64_t not_before;  /* end of the last Retry-After, on the monotonic clock; 0: none */
	int64_t *request_at; /* of the last `limit` requests */
};

void api_open(struct api *api); /* the members before the blank line are given */
void api_answer(struct api *api, const struct request *q, int64_t clock_ms, struct answer *a);
void api_close(struct api *api);

#endif
