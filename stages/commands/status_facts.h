/* status_facts: what `alanpay status` shows, read from the books and the inbox: the last nights, open sessions, bank files and
 * exceptions, money in flight and at risk. */
#ifndef COMMANDS_STATUS_FACTS_H
#define COMMANDS_STATUS_FACTS_H

#include "stages/commands/advice.h"
#include "stages/commands/chain.h"
#include "stages/core/books/collection.h"
#include "stages/core/lists/listing.h"

#define STATUS_NIGHTS 7

struct status_nights {
	struct chain chain;
	date night[STATUS_NIGHTS]; /* newest first */
	int nights;
};

struct status_facts {
	struct status_nights nights;
	struct collection_sum debits, refunds; /* in flight */
	struct concerns risk;
	int64_t in_requests; /* unread files; -1: the inbox cannot be read */
	/* The configuration has changed since this night, the newest; DATE_NONE: it has not. */
	date other_config;
};

void status_load_facts(struct run *r, struct status_facts *f);
bool status_is_past(const struct run *r); /* the business date is before today */

#define STATUS_WORD 16
/* How the last start of a stage on that date ended: ok, held, failed 74, running, killed, or - when there was none. A start
 * that a person was refused does not count: `alanpay run` resumes by the same rule. */
const char *status_find_outcome(struct run *r, const char *stage, date on, char word[STATUS_WORD]);
#define STATUS_CLOCK 6 /* "03:30" and NUL */
/* When the nights begin; false when no two of the last ones began at the same time. */
bool status_print_night_time(struct run *r, char text[static STATUS_CLOCK]);

enum { STATUS_SESSIONS, STATUS_FILES, STATUS_EXCEPTIONS, STATUS_LISTS };
extern const struct listing status_lists[STATUS_LISTS];

#endif
