/* ledger: the balance transactions; the only code that writes them, and the balance that is their sum. */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include "formats/uuid.h"
#include "stages/core/engine/key.h"
#include "stages/core/engine/rows.h"
#include "stages/core/engine/run.h"

/* Events and source kinds have one number each, in C, in SQL text and in the books: never renumbered. The numbers of
 * events are codes of the table `code`. */
#define CODE_EVENT_CAPTURED_CARD_PAYMENT 1
#define CODE_EVENT_EXTERNAL_TRANSACTION  2
#define CODE_EVENT_FAILED_RECOVERY       3
#define CODE_EVENT_RECOVERY              4
#define CODE_EVENT_REFUND                5
#define CODE_EVENT_REJECTED_CARD_PAYMENT 6
#define CODE_EVENT_RELEASED_CARD_PAYMENT 7

#define CODE_SOURCE_SWAN        1
#define CODE_SOURCE_COLLECTION  2
#define CODE_SOURCE_REQUEST     3
#define CODE_SOURCE_TRANSFER    4
#define CODE_SOURCE_REFUND_BACK 5
#define CODE_SOURCE_TAKEN_BACK  6
#define CODE_SOURCE_REVERSAL    7
#define CODE_SOURCE_CORRECTION  8

enum event {
	EVENT_CAPTURED_CARD_PAYMENT = CODE_EVENT_CAPTURED_CARD_PAYMENT,
	EVENT_EXTERNAL_TRANSACTION = CODE_EVENT_EXTERNAL_TRANSACTION,
	EVENT_FAILED_RECOVERY = CODE_EVENT_FAILED_RECOVERY,
	EVENT_RECOVERY = CODE_EVENT_RECOVERY,
	EVENT_REFUND = CODE_EVENT_REFUND,
	EVENT_REJECTED_CARD_PAYMENT = CODE_EVENT_REJECTED_CARD_PAYMENT,
	EVENT_RELEASED_CARD_PAYMENT = CODE_EVENT_RELEASED_CARD_PAYMENT,
};

enum source_kind {
	SOURCE_SWAN = CODE_SOURCE_SWAN,
	SOURCE_COLLECTION = CODE_SOURCE_COLLECTION,
	SOURCE_REQUEST = CODE_SOURCE_REQUEST,
	SOURCE_TRANSFER = CODE_SOURCE_TRANSFER,
	/* A refund that came back: the collection that paid it is its source again, and its event is again a refund. */
	SOURCE_REFUND_BACK = CODE_SOURCE_REFUND_BACK,
	/* A return that the bank took back, and a return after that: the source is the collection, '/' and a number from 1. */
	SOURCE_TAKEN_BACK = CODE_SOURCE_TAKEN_BACK,
	/* A transfer received that went back: the source is its bank reference, '/' and a number from 1. */
	SOURCE_REVERSAL = CODE_SOURCE_REVERSAL,
	/* What a person made of a Swan transaction that is posted otherwise than reported: its id, '/' and a number from 1. */
	SOURCE_CORRECTION = CODE_SOURCE_CORRECTION,
};

/* In SQL text, by the name in C: " AND b.event = " SQL_CODE(EVENT_RECOVERY). */
#define SQL_CODE(name) SQL_NUMBER(CODE_##name)

/* Rows that move money, as the index balance_transaction_waiting has it: events are numbered so that those which
 * move none come last. */
#define SQL_MOVES_MONEY "event < " SQL_CODE(EVENT_REJECTED_CARD_PAYMENT)

/* Of a balance transaction `alias`: cents of a debt that was settled came back to the member, as a recovery that failed
 * or a refund that did not arrive. */
/* clang-format off */
#define SQL_CAME_BACK(alias) \
	"(" alias ".event = " SQL_CODE(EVENT_FAILED_RECOVERY) \
	" OR " alias ".source_kind = " SQL_CODE(SOURCE_REFUND_BACK) ")"
/* clang-format on */

/* Of a balance transaction `alias`: it is a captured row of the card payment `p`, by its Swan transaction or by a correction. */
/* clang-format off */
#define LEDGER_CAPTURED(alias, p)                                                                            \
	"((" alias ".source_kind = " SQL_CODE(SOURCE_SWAN)                                                   \
	" AND " alias ".source BETWEEN " p ".key * " SQL_NUMBER(KEY_PAYMENT)                                 \
	" AND " p ".key * " SQL_NUMBER(KEY_PAYMENT) " + 255"                                                 \
	" AND " alias ".event = " SQL_CODE(EVENT_CAPTURED_CARD_PAYMENT) ")"                                  \
	" OR (" alias ".source_kind = " SQL_CODE(SOURCE_CORRECTION)                                          \
	" AND " alias ".profile_number = " p ".profile_number AND " alias ".payment_number = " p ".number"   \
	" AND " alias ".event = " SQL_CODE(EVENT_CAPTURED_CARD_PAYMENT) "))"
/* clang-format on */

struct posting {
	int64_t profile;
	enum event event;
	cents amount; /* negative: the member owes more */
	instant at;
	enum source_kind source_kind;
	const void *
	    source; /* with kind and event, what makes posting twice impossible; of a Swan transaction NULL: */
	size_t source_size;
	int64_t source_key; /* its key */
	int64_t payment;    /* the member's card payment; 0: not of a payment */
	int64_t
	    settled_session; /* the session of the debt that a recovery or refund settles; 0: it settles no debt */
	int64_t input, line; /* 0: not from a file */
};

/* Posts inside the caller's unit of work. POSTED_BEFORE: nothing changed. POSTED_OTHERWISE: posted before with another
 * amount or member; nothing changed, and the caller opens an exception. A balance that would overflow is our bug. */
enum posted { POSTED, POSTED_BEFORE, POSTED_OTHERWISE };
enum posted ledger_post(struct run *r, const struct posting *p);
/* Its two halves, for callers that must know before they write anything else. ledger_compare returns what ledger_post would
 * return; ledger_add posts what was not posted before, and dies (70) when it was. */
enum posted ledger_compare(struct run *r, const struct posting *p);
void ledger_add(struct run *r, const struct posting *p);

/* For many postings of one unit of work: the balance and the last numbers of a member in memory, until they are written. In between
 * nobody else may post for the member. A number that does not fit its key, or a balance that overflows, ends the process (70). */
struct ledger_member {
	int64_t profile;
	cents balance;
	int64_t last_transaction, last_payment;
	int64_t rows, payments; /* numbers given and not yet written */
};
void ledger_load_member(struct run *r, int64_t profile, struct ledger_member *m);
int64_t ledger_next_row(struct ledger_member *m, cents amount); /* of a row with this amount */
int64_t ledger_next_payment(struct ledger_member *m);
void ledger_write_member(struct run *r, const struct ledger_member *m);
/* The rows themselves, which were not posted before, between ledger_rows_new and rows_end; in ascending order of keys it is fast. */
struct rows *ledger_rows_new(struct run *r);
void ledger_insert(struct rows *w, int64_t key, const struct posting *p);

/* Posts all rows of the temporary table or view `posting`, which are new: profile, of_member (1, 2 ... for the rows of one
 * member), and the columns of struct posting: event, amount, at, on_day (in Paris), source_kind, source, settled_session, input,
 * line. None of them is of a card payment. A number that does not fit its key ends the process (70). */
void ledger_post_set(struct run *r);

/* Finds an external transaction by its id: the member it belongs to, and its number. False: no row has this id. */
bool ledger_find_external(struct run *r, const struct uuid *id, int64_t *profile, int64_t *number);
instant ledger_transaction_at(struct run *r, int64_t profile, int64_t number); /* when it happened */
/* Stores when the member was notified of it; inside the caller's unit of work. The same again changes nothing. */
void ledger_set_push_date(struct run *r, int64_t profile, int64_t number, instant sent_at);

/* A transaction dated more than a day after the business date is refused. */
bool ledger_is_in_future(const struct run *r, instant at);

#endif
