/* app: the component that sends push notifications to phones, made up: it takes chunks of notifications and answers with receipts. */
#ifndef TESTS_FAKEAPP_APP_H
#define TESTS_FAKEAPP_APP_H

#include <stdint.h>
#include <stdio.h>

#include "tests/fakeserver/http.h"

#define APP_FAULTS 16

struct app_fault { /* requests, counted from 1: from `first` on, `count` of them */
	int which;
	long first, count;
};

struct app {
	const char *secret; /* that signs requests */
	const char *folder; /* where the body of each key is stored, once; NULL: nowhere */
	FILE *log;          /* a line for each request; or NULL */
	struct app_fault fault[APP_FAULTS];
	int faults;

	long requests;
	int64_t not_before; /* end of the last Retry-After, on the monotonic clock */
};

int app_add_fault(struct app *app, const char *spec); /* NAME[@N[xM]|@*]; -1: there is no such fault */
void app_print_faults(void);
/* For server_run: ctx is the struct app. */
void app_answer(void *ctx, const struct request *q, int64_t clock_ms, struct answer *a);

#endif
