/* batch: Swan transactions, their payments, what they post and the balances of their members, in memory from when they are looked
 * up until they are written. What is written is sorted by key, table by table, so that each page of a table is written once.
 *
 * All that is found or added stands in the batch until batch_write, which empties it. Nobody else may read swan_transaction,
 * card_payment, balance_transaction or the balances of profile while the batch holds changes, and nobody else may post: call
 * batch_write before. A batch is of one unit of work: without batch_write nothing of it is in the books. */
#ifndef CORE_BATCH_H
#define CORE_BATCH_H

#include "formats/swan_rules.h"
#include "stages/core/books/ledger.h"
#include "stages/core/cards/merchant.h"
#include "stages/core/engine/run.h"

/* An id of Swan, as the books have it (store_key). */
struct swan_key {
	unsigned char bytes[STORE_KEY];
	size_t n;
};

enum batch_change { BATCH_KEPT, BATCH_CHANGED, BATCH_NEW };

struct batch_id {
	const unsigned char *bytes;
	size_t n;
};

/* A row of swan_transaction; words belong to the batch. */
struct batch_transaction {
	int64_t key; /* engine/key.h */
	struct batch_id id;
	struct batch_payment *payment;
	bool moved; /* to that payment, from the one of its key, by a person */
	enum batch_change change;
	int64_t type, status, reason, rejection; /* 0: none */
	const char *type_word, *status_word, *reason_word;
	cents amount, first_amount;
	instant created_at, updated_at;
	int64_t input, line;
	struct batch_posting *posted;    /* the last one of it in this batch */
	struct batch_transaction *next;  /* of the payment, by created_at and id */
	struct batch_transaction *found; /* the next one with the same hash */
};

/* A row of card_payment, with all its transactions. */
struct batch_payment {
	int64_t key;
	struct batch_id id; /* Swan's paymentId */
	int64_t status, rejection;
	instant effective_at;
	cents authorized, captured;
	int64_t merchant; /* number; 0: none */
	instant merchant_at;
	int64_t last_key; /* the last key that was given under it */
	int transactions; /* in it now, with those that were moved to it */
	enum batch_change change;
	struct batch_transaction *first;
	struct batch_payment *found, *found_by_key; /* the next one with the same hash */
};

/* A row of balance_transaction, whose source is a transaction in the batch. */
struct batch_posting {
	int64_t key;
	const struct batch_transaction *source;
	enum event event;
	cents amount;
	instant at;
	int64_t payment; /* the member's */
	int64_t input, line;
	struct batch_posting *before; /* of the same transaction */
};

struct batch;

/* The merchants met in the unit of work. */
struct merchant_table *batch_merchants(struct batch *b);

/* Until `room` transactions are in it, and some more; batch_free writes nothing. */
struct batch *batch_new(struct run *r, size_t room);
void batch_free(struct batch *b);
/* Of an empty one: nobody else stores transactions of Swan until batch_free, so that in empty books an id that was not added is known to
 * be new (first_ids.h). */
void batch_begin_alone(struct batch *b);
/* Before each version. Of a full batch the rows are written and forgotten; the balances stay in memory, because the next
 * transactions are of the same members, as long as there is room for them. */
void batch_make_room(struct batch *b);
/* Writes what is new or changed, and forgets all of it; inside the caller's unit of work. */
void batch_write(struct batch *b);

/* From the batch, else from the books. NULL: it is not stored. */
struct batch_transaction *batch_find_transaction(struct batch *b, const struct swan_key *id);
struct batch_payment *batch_find_payment(struct batch *b, const struct swan_key *id);
struct batch_payment *batch_load_payment(struct batch *b, int64_t key);

/* As membership_find_profile; from memory what was asked before, because nobody changes memberships and cards meanwhile. */
int64_t batch_find_holder(struct batch *b, const char *membership_id, const char *card_id);
/* As holder_know. */
void batch_know_holder(struct batch *b, const char *membership_id, const char *card_id, int64_t profile);

/* A new payment of this member: it has its key and its id, and nothing else yet. */
struct batch_payment *batch_add_payment(struct batch *b, int64_t profile, const struct swan_key *id);
/* May a further transaction be added to it? */
bool batch_has_room(const struct batch_payment *p);
/* A new transaction of this payment: it has its key and id, and the words, amounts and instants of t. */
struct batch_transaction *batch_add_transaction(struct batch *b, struct batch_payment *p,
                                                const struct swan_key *id, const struct swan_transaction *t);
/* The words of a code as long as the batch is not written. NULL: NULL. */
const char *batch_word(struct batch *b, const char *word);
/* May a transaction of another payment be moved to it? */
bool batch_may_move(const struct batch_payment *to);
void batch_move(struct batch_transaction *t, struct batch_payment *to);
void batch_change_transaction(struct batch_transaction *t);
void batch_change_payment(struct batch_payment *p);

/* As ledger_compare and ledger_add, of a transaction in the batch. */
enum posted batch_compare(struct batch *b, const struct batch_transaction *t, const struct posting *p);
void batch_post(struct batch *b, struct batch_transaction *t, const struct posting *p);

#endif
