/* exchange: one request on its way to its answer. */
#ifndef TESTS_FAKESWAN_EXCHANGE_H
#define TESTS_FAKESWAN_EXCHANGE_H

#include "tests/fakeswan/answer.h"
#include "tests/fakeswan/api.h"

struct exchange {
	struct api *api;
	const struct request *request;
	struct answer *answer;
	int64_t clock_ms;
	const char *name, *field; /* of the operation; the name is for the log */
	const struct act *act;    /* NULL: a page */
	struct query query;
	struct buffer faults, violations;
	size_t
	    paced; /* so many characters of the violations are about the pace only, and do not refuse the request */
};

void exchange_violate(struct exchange *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void exchange_note(struct exchange *x, enum fault which); /* names it in the log */

/* Whether the fault acts on this call; it is named in the log then. */
bool exchange_fault(struct exchange *x, enum fault which);

#endif
