/* ledger: the balance transactions; the only code that writes them, and the balance that is their sum. */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include "formats/uuid.h"
#include "stages/core/engine/run.h"

enum event { /* codes of the table code, kind event: never renumbered */
	     EVENT_CAPTURED_CARD_PAYMENT = 1,
	     EVENT_EXTERNAL_TRANSACTION = 2,
	     EVENT_FAILED_RECOVERY = 3,
	     EVENT_RECOVERY = 4,
	     EVENT_REFUND = 5,
	     EVENT_REJECTED_CARD_PAYMENT = 6,
	     EVENT_RELEASED_CARD_PAYMENT = 7,
};

enum source_kind {
	SOURCE_SWAN = 1,
	SOURCE_COLLECTION = 2,
	SOURCE_REQUEST = 3,
	SOURCE_TRANSFER = 4,
	SOURCE_REFUND_BACK = 5, /* a collection, once more: its event is the same as when it was paid */
};

struct posting {
	int64_t profile;
	enum event event;
	cents amount; /* negative: the member owes more */
	instant at;
	enum source_kind source_kind;
	const void *source; /* with kind and event, what makes posting twice impossible */
	size_t source_size;
	int64_t payment;         /* the member's card payment; 0: none */
	int64_t settled_session; /* the debt that a recovery or refund settles; 0: none */
	int64_t input, line;     /* 0: none */
};


/* Posts inside the caller's unit of work. POSTED_BEFORE: nothing changed; POSTED_OTHERWISE: posted before
 * with another amount or member, nothing changed: the caller holds the record. A balance that would overflow is our bug. */
enum posted { POSTED, POSTED_BEFORE, POSTED_OTHERWISE };
enum posted ledger_post(struct run *r, const struct posting *p);
/* The two halves of it, for who must know before anything else is written: what ledger_post would answer; and posting what it
 * answers POSTED for, or what cannot have been posted before (it dies, 70, when it was). */
enum posted ledger_compare(struct run *r, const struct posting *p);
void ledger_add(struct run *r, const struct posting *p);

/* The number of an external transaction by its id, and whose it is; false when it is none of ours. */
bool ledger_find_external(struct run *r, const struct uuid *id, int64_t *profile, int64_t *number);
/* When the member was told of it; inside the caller's unit of work. The same again changes nothing. */
void ledger_set_push_date(struct run *r, int64_t profile, int64_t number, instant sent_at);

/* A transaction dated more than a day after the business date is refused. */
bool ledger_is_in_future(const struct run *r, instant at);

#endif
