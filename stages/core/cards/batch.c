/* batch: see batch.h. What is in it is written by batch_write.c. */
#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"
#include "stages/core/cards/batch_write.h"
#include "stages/core/cards/first_ids.h"
#include "stages/core/cards/holder.h"
#include "stages/core/engine/key.h"
#include "stages/core/engine/log.h"

#define SLACK \
	600 /* a version loads two payments with KEY_MOST_OF_PAYMENT transactions of their own, and small ones */
#define WORDS 64    /* of Swan, kept apart; further ones take their place in the block */
#define BLOCK 65536 /* bytes of ids and words */

struct block {
	struct block *before;
	size_t used;
	unsigned char bytes[BLOCK];
};

struct batch {
	struct run *r;
	size_t most;  /* with more entries, batch_make_room writes them */
	size_t room;  /* of each of the arrays below */
	size_t slots; /* of the hashes: a power of two */
	struct batch_rows rows;
	struct batch_transaction **transaction_by_id;
	struct batch_payment **payment_by_id, **payment_by_key;
	uint32_t *member_by_number; /* index + 1; of 2 * slots */
	struct holder_cache *holders;
	struct first_ids *first_ids; /* of what was added since batch_begin_alone */
	const char *word[WORDS];
	size_t words;
	struct block *block;
	struct merchant_table merchants;
};

/* Memory ----------------------------------------------------------------------------------------------------------- */

/* Payments of an older home may have any number of transactions that were moved to them. */
static size_t
count_moved(struct run *r)
{
	return (size_t)value(sql(r->db, "SELECT count(*) FROM swan_transaction WHERE moved_to IS NOT NULL"),
	                         0);
}

struct batch *
batch_new(struct run *r, size_t room)
{
	struct batch *b = memory_new(1, sizeof(*b));

	b->r = r;
	b->most = room;
	b->room = room + SLACK + count_moved(r);
	for (b->slots = 1024; b->slots < room; b->slots *= 2)
		;
	b->rows.transaction = memory_new(b->room, sizeof(*b->rows.transaction));
	b->rows.payment = memory_new(b->room, sizeof(*b->rows.payment));
	b->rows.posting = memory_new(b->room, sizeof(*b->rows.posting));
	b->rows.member = memory_new(b->room, sizeof(*b->rows.member));
	b->rows.sorted = memory_new(b->room, sizeof(*b->rows.sorted));
	b->transaction_by_id = memory_new(b->slots, sizeof(struct batch_transaction *));
	b->payment_by_id = memory_new(b->slots, sizeof(struct batch_payment *));
	b->payment_by_key = memory_new(b->slots, sizeof(struct batch_payment *));
	b->member_by_number = memory_new(2 * b->slots, sizeof(*b->member_by_number));
	b->holders = holder_cache_new(r, b->slots / 2);
	return b;
}

static void
free_blocks(struct batch *b)
{
	struct block *before;

	for (; b->block != NULL; b->block = before) {
		before = b->block->before;
		free(b->block);
	}
	b->words = 0;
}

void
batch_free(struct batch *b)
{
	free_blocks(b);
	free(b->rows.transaction);
	free(b->rows.payment);
	free(b->rows.posting);
	free(b->rows.member);
	free(b->rows.sorted);
	free((void *)b->transaction_by_id);
	free((void *)b->payment_by_id);
	free((void *)b->payment_by_key);
	free(b->member_by_number);
	holder_cache_free(b->holders);
	first_ids_free(b->first_ids);
	free(b);
}

static void
forget_rows(struct batch *b)
{
	free_blocks(b);
	b->rows.transactions = b->rows.payments = b->rows.postings = 0;
	memset((void *)b->transaction_by_id, 0, b->slots * sizeof(struct batch_transaction *));
	memset((void *)b->payment_by_id, 0, b->slots * sizeof(struct batch_payment *));
	memset((void *)b->payment_by_key, 0, b->slots * sizeof(struct batch_payment *));
}

static void
forget_members(struct batch *b)
{
	b->rows.members = 0;
	memset(b->member_by_number, 0, 2 * b->slots * sizeof(*b->member_by_number));
}

void
batch_begin_alone(struct batch *b)
{
	b->first_ids = first_ids_new(b->r);
}

struct merchant_table *
batch_merchants(struct batch *b)
{
	return &b->merchants;
}

/* A version needs less than the slack of each: the caller calls batch_make_room before it. */
static size_t
take(size_t *used, size_t room)
{
	if (*used == room)
		die(EXIT_BUG, "a batch of %zu is full", room);
	return (*used)++;
}

static unsigned char *
take_bytes(struct batch *b, size_t n)
{
	struct block *block = b->block;

	if (block == NULL || block->used + n > BLOCK) {
		block = memory_new(1, sizeof(*block));
		block->before = b->block;
		b->block = block;
	}
	block->used += n;
	return block->bytes + block->used - n;
}

static struct batch_id
keep_id(struct batch *b, const void *bytes, size_t n)
{
	unsigned char *copy = take_bytes(b, n);

	memcpy(copy, bytes, n);
	return (struct batch_id){copy, n};
}

const char *
batch_word(struct batch *b, const char *word)
{
	unsigned char *copy;
	size_t i, n;

	if (word == NULL)
		return NULL;
	for (i = 0; i < b->words; i++)
		if (strcmp(b->word[i], word) == 0)
			return b->word[i];
	n = strlen(word) + 1;
	if (n > BLOCK)
		die(EXIT_BUG, "a word of Swan has %zu characters", n - 1);
	copy = take_bytes(b, n);
	memcpy(copy, word, n);
	if (b->words < WORDS)
		b->word[b->words++] = (const char *)copy;
	return (const char *)copy;
}

/* Finding ---------------------------------------------------------------------------------------------------------- */

static uint64_t
hash_id(const unsigned char *bytes, size_t n)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	while (n-- > 0)
		hash = (hash ^ *bytes++) * 1099511628211u;
	return hash ^ hash >> 32;
}

static size_t
slot_of(const struct batch *b, uint64_t hash)
{
	return (size_t)hash & (b->slots - 1);
}

static size_t
hash_number(int64_t number, size_t slots)
{
	return (size_t)((uint64_t)number * 11400714819323198485u >> 40) & (slots - 1);
}

static bool
is_same(const struct batch_id *a, const struct swan_key *id)
{
	return a->n == id->n && memcmp(a->bytes, id->bytes, a->n) == 0;
}

int
batch_compare_ids(const struct batch_id *a, const struct batch_id *b)
{
	int by = memcmp(a->bytes, b->bytes, a->n < b->n ? a->n : b->n);

	return by != 0 ? by : (a->n > b->n) - (a->n < b->n);
}

/* By created_at and id: as the state of the payment is made of them. */
static void
link_to(struct batch_payment *p, struct batch_transaction *t)
{
	struct batch_transaction **at = &p->first;

	while (*at != NULL &&
	       ((*at)->created_at < t->created_at ||
	        ((*at)->created_at == t->created_at && batch_compare_ids(&(*at)->id, &t->id) < 0)))
		at = &(*at)->next;
	t->payment = p;
	t->next = *at;
	*at = t;
	p->transactions++;
}

static void
index_transaction(struct batch *b, struct batch_transaction *t)
{
	struct batch_transaction **slot = &b->transaction_by_id[slot_of(b, hash_id(t->id.bytes, t->id.n))];

	t->found = *slot;
	*slot = t;
}

static void
index_payment(struct batch *b, struct batch_payment *p)
{
	struct batch_payment **slot = &b->payment_by_id[slot_of(b, hash_id(p->id.bytes, p->id.n))];

	p->found = *slot;
	*slot = p;
	slot = &b->payment_by_key[hash_number(p->key, b->slots)];
	p->found_by_key = *slot;
	*slot = p;
}

/* The transactions of a payment in the columns that take_row reads. */
#define TRANSACTIONS                                                                                               \
	"SELECT t.key, t.id, t.moved_to, t.type, t.status, t.reason, t.rejection, t.amount_in_cents,"              \
	"  t.first_amount_in_cents, t.created_at, t.updated_at, t.input_number, t.line, ty.word, st.word, re.word" \
	" FROM swan_transaction t"                                                                                 \
	" JOIN code ty ON ty.number = t.type"                                                                      \
	" JOIN code st ON st.number = t.status"                                                                    \
	" LEFT JOIN code re ON re.number = t.reason"                                                               \
	" WHERE " SQL_OF_PAYMENT("t", "$payment")

static void
take_row(struct batch *b, struct batch_payment *p, struct stmt *q)
{
	struct batch_transaction *t = &b->rows.transaction[take(&b->rows.transactions, b->room)];
	size_t n;
	const void *id = col_blob(q, 1, &n);

	*t = (struct batch_transaction){.key = col_int(q, 0),
	                                .id = keep_id(b, id, n),
	                                .moved = !col_null(q, 2),
	                                .type = col_int(q, 3),
	                                .status = col_int(q, 4),
	                                .reason = col_int_or(q, 5, 0),
	                                .rejection = col_int_or(q, 6, 0),
	                                .amount = col_int(q, 7),
	                                .first_amount = col_int(q, 8),
	                                .created_at = col_instant(q, 9),
	                                .updated_at = col_instant(q, 10),
	                                .input = col_int(q, 11),
	                                .line = col_int(q, 12),
	                                .type_word = batch_word(b, col_text(q, 13)),
	                                .status_word = batch_word(b, col_text(q, 14)),
	                                .reason_word = batch_word(b, col_text(q, 15))};
	link_to(p, t);
	index_transaction(b, t);
}

/* The last key under it, also of a transaction that was moved away. */
static int64_t
find_last_key(struct batch *b, int64_t payment)
{
	struct stmt *q =
	    sql(b->r->db, "SELECT max(key) FROM swan_transaction WHERE key BETWEEN $first AND $last");
	int64_t first = payment * KEY_PAYMENT;

	bind_int(q, "$first", first);
	bind_int(q, "$last", first + KEY_MOST_OF_PAYMENT);
	return value(q, first);
}

static struct batch_payment *
load_payment(struct batch *b, int64_t key)
{
	struct stmt *q = sql(b->r->db,
	    "SELECT swan_payment, status, rejection, effective_at, authorized_in_cents, captured_in_cents,"
	    "  merchant_number, merchant_at"
	    " FROM card_payment"
	    " WHERE key = $key");
	struct batch_payment *p = &b->rows.payment[take(&b->rows.payments, b->room)];
	const void *id;
	size_t n;

	bind_int(q, "$key", key);
	if (!row(q))
		die(EXIT_BUG, "the payment with key %lld is not stored", (long long)key);
	id = col_blob(q, 0, &n);
	*p = (struct batch_payment){.key = key,
	                            .id = keep_id(b, id, n),
	                            .status = col_int(q, 1),
	                            .rejection = col_int_or(q, 2, 0),
	                            .effective_at = col_instant(q, 3),
	                            .authorized = col_int(q, 4),
	                            .captured = col_int(q, 5),
	                            .merchant = col_int_or(q, 6, 0),
	                            .merchant_at = col_instant(q, 7)};
	reset(q);
	p->last_key = find_last_key(b, key);
	index_payment(b, p);
	q = sql(b->r->db, TRANSACTIONS);
	bind_int(q, "$payment", key);
	while (row(q))
		take_row(b, p, q);
	return p;
}

struct batch_payment *
batch_load_payment(struct batch *b, int64_t key)
{
	struct batch_payment *p = b->payment_by_key[hash_number(key, b->slots)];

	while (p != NULL && p->key != key)
		p = p->found_by_key;
	return p != NULL ? p : load_payment(b, key);
}

static struct batch_transaction *
find_transaction(struct batch *b, const struct swan_key *id, uint64_t hash)
{
	struct batch_transaction *t = b->transaction_by_id[slot_of(b, hash)];

	while (t != NULL && !is_same(&t->id, id))
		t = t->found;
	return t;
}

struct batch_transaction *
batch_find_transaction(struct batch *b, const struct swan_key *id)
{
	uint64_t hash = hash_id(id->bytes, id->n);
	struct batch_transaction *t = find_transaction(b, id, hash);
	struct stmt *q;
	int64_t payment;

	if (t != NULL || !first_ids_may_have(b->first_ids, hash))
		return t;
	q = sql(b->r->db, "SELECT payment FROM swan_transaction WHERE key = " SQL_TRANSACTION_KEY("$id"));
	bind_blob(q, "$id", id->bytes, id->n);
	payment = value(q, 0);
	if (payment == 0)
		return NULL;
	(void)batch_load_payment(b, payment);
	return find_transaction(b, id, hash);
}

struct batch_payment *
batch_find_payment(struct batch *b, const struct swan_key *id)
{
	uint64_t hash = hash_id(id->bytes, id->n);
	struct batch_payment *p = b->payment_by_id[slot_of(b, hash)];
	struct stmt *q;
	int64_t key;

	while (p != NULL && !is_same(&p->id, id))
		p = p->found;
	if (p != NULL || !first_ids_may_have(b->first_ids, hash))
		return p;
	q = sql(b->r->db, "SELECT key FROM swan_payment_id WHERE id = $id");
	bind_blob(q, "$id", id->bytes, id->n);
	key = value(q, 0);
	return key == 0 ? NULL : batch_load_payment(b, key);
}

static struct ledger_member *
find_member(struct batch *b, int64_t profile)
{
	size_t slot = hash_number(profile, 2 * b->slots), i;

	for (; b->member_by_number[slot] != 0; slot = (slot + 1) & (2 * b->slots - 1)) {
		i = b->member_by_number[slot] - 1;
		if (b->rows.member[i].profile == profile)
			return &b->rows.member[i];
	}
	i = take(&b->rows.members, b->room);
	b->member_by_number[slot] = (uint32_t)i + 1;
	ledger_load_member(b->r, profile, &b->rows.member[i]);
	return &b->rows.member[i];
}

int64_t
batch_find_holder(struct batch *b, const char *membership, const char *card)
{
	return holder_find(b->holders, membership, card);
}

void
batch_know_holder(struct batch *b, const char *membership, const char *card, int64_t profile)
{
	holder_know(b->holders, membership, card, profile);
}

/* Adding and changing ---------------------------------------------------------------------------------------------- */

struct batch_payment *
batch_add_payment(struct batch *b, int64_t profile, const struct swan_key *id)
{
	struct batch_payment *p = &b->rows.payment[take(&b->rows.payments, b->room)];

	*p = (struct batch_payment){.key = key_of(profile, ledger_next_payment(find_member(b, profile))),
	                            .id = keep_id(b, id->bytes, id->n),
	                            .merchant_at = INSTANT_NONE,
	                            .change = BATCH_NEW};
	first_ids_add(b->first_ids, hash_id(id->bytes, id->n));
	p->last_key = p->key * KEY_PAYMENT;
	index_payment(b, p);
	return p;
}

bool
batch_may_move(const struct batch_payment *to)
{
	return to->transactions < KEY_MOST_OF_PAYMENT;
}

bool
batch_has_room(const struct batch_payment *p)
{
	return batch_may_move(p) && p->last_key % KEY_PAYMENT < KEY_MOST_OF_PAYMENT;
}

struct batch_transaction *
batch_add_transaction(struct batch *b, struct batch_payment *p, const struct swan_key *id,
                      const struct swan_transaction *t)
{
	struct batch_transaction *new = &b->rows.transaction[take(&b->rows.transactions, b->room)];

	*new = (struct batch_transaction){.key = ++p->last_key,
	                                  .id = keep_id(b, id->bytes, id->n),
	                                  .type_word = batch_word(b, t->type),
	                                  .amount = t->amount,
	                                  .first_amount = t->amount,
	                                  .created_at = t->created_at,
	                                  .change = BATCH_NEW};
	first_ids_add(b->first_ids, hash_id(id->bytes, id->n));
	link_to(p, new);
	index_transaction(b, new);
	return new;
}

void
batch_change_transaction(struct batch_transaction *t)
{
	if (t->change == BATCH_KEPT)
		t->change = BATCH_CHANGED;
}

void
batch_change_payment(struct batch_payment *p)
{
	if (p->change == BATCH_KEPT)
		p->change = BATCH_CHANGED;
}

void
batch_move(struct batch_transaction *t, struct batch_payment *to)
{
	struct batch_transaction **at = &t->payment->first;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	t->payment->transactions--;
	link_to(to, t);
	t->moved = to->key != t->key / KEY_PAYMENT;
	batch_change_transaction(t);
}

enum posted
batch_compare(struct batch *b, const struct batch_transaction *t, const struct posting *p)
{
	const struct batch_posting *x;

	for (x = t->posted; x != NULL; x = x->before)
		if (x->event == p->event)
			return key_member(x->key) == p->profile && x->amount == p->amount ? POSTED_BEFORE
			                                                                  : POSTED_OTHERWISE;
	return t->change == BATCH_NEW ? POSTED : ledger_compare(b->r, p);
}

void
batch_post(struct batch *b, struct batch_transaction *t, const struct posting *p)
{
	struct batch_posting *x = &b->rows.posting[take(&b->rows.postings, b->room)];

	*x = (struct batch_posting){.source = t,
	                            .event = p->event,
	                            .amount = p->amount,
	                            .at = p->at,
	                            .payment = p->payment,
	                            .input = p->input,
	                            .line = p->line,
	                            .before = t->posted};
	x->key = key_of(p->profile, ledger_next_row(find_member(b, p->profile), p->amount));
	t->posted = x;
}

void
batch_write(struct batch *b)
{
	batch_write_rows(b->r, &b->rows);
	forget_rows(b);
	batch_write_members(b->r, &b->rows);
	forget_members(b);
}

void
batch_make_room(struct batch *b)
{
	if (b->rows.members > b->most)
		batch_write(b);
	if (b->rows.transactions <= b->most && b->rows.payments <= b->most && b->rows.postings <= b->most)
		return;
	batch_write_rows(b->r, &b->rows);
	forget_rows(b);
}
