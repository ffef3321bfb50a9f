/* pass: the claims that a walk over the books in the order of the members proves: a few cursors that go on together, sums of one
 * member at a time, and 64-bit sums over what two tables must have in common. The rules stand in claims.sql, and here once more, on
 * purpose. A pass says only whether a claim is true; where it is not, or where a pass cannot say, the statement of claims.sql runs
 * and names the difference.
 */
#ifndef CORE_PASS_H
#define CORE_PASS_H

#include "formats/money.h"
#include "stages/core/audit/proof.h"

/* In the order of the words in pass.c. */
enum pass_claim {
	PASS_BALANCE,
	PASS_OPEN_DEBT,
	PASS_NUMBERS,
	PASS_SOURCES,
	PASS_CARDS,
	PASS_POSTED,
	PASS_TAKEN_BACK,
	PASS_IDS,
	PASS_OWNERS,
	PASS_EXTERNAL,
	PASS_FROZEN_DEBTS,
	PASS_FREEZE,
	PASS_SETTLED,
	PASS_DEBTS_EXIST,
	PASS_SESSIONS, /* mark.c */
	PASS_COLLECTED,
	PASS_RECOVERIES,
	PASS_REFUNDS,
	PASS_MOVED,
	PASS_CLAIMS
};

enum pass_verdict {
	PASS_TRUE,
	PASS_ASKS, /* the statement of claims.sql decides */
	PASS_FALSE /* the statement must find a difference */
};

/* The numbers of the ledger, as claims.sql has them. */
enum pass_source {
	OF_SWAN = 1,
	OF_COLLECTION,
	OF_EXTERNAL,
	OF_TRANSFER,
	OF_RETURNED_REFUND,
	OF_TAKEN_BACK,
	OF_REVERSAL,
	OF_CORRECTION
};
enum pass_event {
	CAPTURED = 1,
	EXTERNAL,
	FAILED_RECOVERY,
	RECOVERY,
	REFUND,
	REJECTED,
	RELEASED,
	PASS_EVENTS
};

/* The keys of the bulk tables: a payment or balance transaction is member * PASS_MEMBER + number, a Swan transaction is payment *
 * PASS_PAYMENT + number. */
#define PASS_MEMBER  16777216
#define PASS_PAYMENT 256

#define PASS_NONE INT64_MIN /* null */

/* A cursor over rows in the order of the members; column 0 is the member, or a key. */
struct pass_cursor {
	struct stmt *q;
	int64_t of;     /* what column 0 is divided by: 1, or PASS_MEMBER */
	int64_t member; /* of its row; PASS_END after the last one */
};
#define PASS_END INT64_MAX
void pass_next(struct pass_cursor *c);
void pass_begin(struct pass_cursor *c, int64_t first, int64_t last); /* binds $first and $last */

/* What is in memory of the member at hand. */
struct pass_list {
	void *at; /* to be freed */
	size_t n, room;
};
void *pass_list_add(struct pass_list *l, size_t size); /* a place for one more of that size */

/* A sum over rows, whatever their order: equal for two tables that have the same rows in common, and only by a chance of 2^-64 for
 * two that have not. */
struct pass_sum {
	uint64_t rows;
	cents cents;
};

struct pass {
	struct run *r;
	bool whole; /* all members; else those of audit_touched */
	enum pass_verdict of[PASS_CLAIMS];
	uint64_t seed;          /* of the sums */
	struct pass_sum posted; /* what the ledger has of what Swan booked */
	cents of_event[PASS_EVENTS];
};

void pass_say(struct pass *p, enum pass_claim claim, enum pass_verdict verdict);
void pass_require(struct pass *p, enum pass_claim claim, bool is_true); /* PASS_FALSE when it is not */
/* The same of sums over members: what moved between two of them, of whom one is not looked at, makes them differ. */
void pass_require_sums(struct pass *p, enum pass_claim claim, bool is_true);
/* Cents that a hand may have put there: what does not fit wraps, and then something differs. */
cents pass_plus(cents a, cents b);
cents pass_minus(cents a, cents b);
uint64_t pass_mix(uint64_t sum, uint64_t value);
uint64_t pass_mix_bytes(uint64_t sum, const void *bytes, size_t n);

/* What the ledger has, or must have, of a Swan transaction. */
uint64_t pass_posting(const struct pass *p, int64_t swan, int64_t member, int64_t payment_number,
                      cents amount);

/* The members of audit_touched, and those that the marks find; with --full all (pass.c). The views of claims.sql must be there. */
void pass_run(struct pass *p, struct proof *proof);
/* The members from one to another, twice the same to name one; false after the last one: all at once, or one after the other. */
struct pass_range {
	int64_t first, last;           /* members */
	int64_t first_key, last_key;   /* of payments and balance transactions */
	int64_t first_swan, last_swan; /* of Swan transactions */
	struct stmt *q;                /* NULL: all */
	bool is_begun;
};
bool pass_next_range(struct pass *p, struct pass_range *range);
/* True when a pass proves the claim with this text. */
bool pass_knows(const char *text, enum pass_claim *claim);

/* The ledger, the debts and the collections, in the order of the members (pass_ledger.c). */
void pass_ledger(struct pass *p);
/* What a type and a status of Swan mean for a balance (pass_card.c). */
struct pass_words;
struct pass_words *pass_words_new(struct run *r); /* freed by pass_words_free */
void pass_words_free(struct pass_words *w);
/* True when it moves a balance: *moves is what the member then has more. */
bool pass_moves(const struct pass_words *w, int64_t type, int64_t status, cents amount, cents *moves);

/* The Swan transactions and the payments against what the ledger has of them (pass_card.c). After pass_ledger. */
void pass_cards(struct pass *p);

#endif
