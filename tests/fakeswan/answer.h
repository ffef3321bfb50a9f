/* answer: pages of the three connections, as GraphQL answers. */
#ifndef TESTS_FAKESWAN_ANSWER_H
#define TESTS_FAKESWAN_ANSWER_H

#include "tests/fakeserver/buffer.h"
#include "tests/fakeswan/world.h"

enum operation { TRANSACTIONS, CARDS, MEMBERSHIPS, OPERATIONS };

struct query {
	enum operation operation;
	int64_t first;
	const char *after;
	instant from, to; /* INSTANT_NONE: no bound */
	long call;        /* number of the API call, for the faults */
};

extern const char *const operation_names[OPERATIONS], *const field_names[OPERATIONS];

#define CURSOR_TEXT 32

/* The offset in a cursor; -1: the cursor is not one of ours. */
int64_t cursor_read(const char *text);

void answer_page(struct world *w, const struct query *q, instant now, struct buffer *body);

#endif
