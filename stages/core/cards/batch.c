/* batch: see batch.h. Writes swan_transaction, card_payment and the maps of Swan's ids; the ledger writes what it posts. */
#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"
#include "stages/core/cards/batch.h"
#include "stages/core/engine/key.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/rows.h"

#define SLACK 600   /* a version loads two payments at most, with all their transactions */
#define WORDS 64    /* of Swan, kept apart; further ones take their place in the block */
#define BLOCK 65536 /* bytes of ids and words */

struct block {
	struct block *before;
	size_t used;
	unsigned char bytes[BLOCK];
};

struct batch {
	struct run *r;
	size_t room;  /* entries of each of the arrays below */
	size_t slots; /* of the hashes: a power of two */
	struct batch_transaction *transaction;
	struct batch_payment *payment;
	struct batch_posting *posting;
	struct ledger_member *member;
	size_t transactions, payments, postings, members;
	struct batch_transaction **transaction_by_id;
	struct batch_payment **payment_by_id, **payment_by_key;
	size_t *member_by_number; /* index + 1 */
	const char *word[WORDS];
	size_t words;
	struct block *block;
	struct merchant_table merchants;
	void **sorted; /* room for all of one array */
};

/* Memory ----------------------------------------------------------------------------------------------------------- */

struct batch *
batch_new(struct run *r, size_t room)
{
	struct batch *b = memory_new(1, sizeof(*b));

	b->r = r;
	b->room = room + SLACK;
	for (b->slots = 1024; b->slots < b->room; b->slots *= 2)
		;
	b->transaction = memory_new(b->room, sizeof(*b->transaction));
	b->payment = memory_new(b->room, sizeof(*b->payment));
	b->posting = memory_new(b->room, sizeof(*b->posting));
	b->member = memory_new(b->room, sizeof(*b->member));
	b->sorted = memory_new(b->room, sizeof(*b->sorted));
	b->transaction_by_id = memory_new(b->slots, sizeof(struct batch_transaction *));
	b->payment_by_id = memory_new(b->slots, sizeof(struct batch_payment *));
	b->payment_by_key = memory_new(b->slots, sizeof(struct batch_payment *));
	b->member_by_number = memory_new(b->slots, sizeof(*b->member_by_number));
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
	free(b->transaction);
	free(b->payment);
	free(b->posting);
	free(b->member);
	free((void *)b->sorted);
	free((void *)b->transaction_by_id);
	free((void *)b->payment_by_id);
	free((void *)b->payment_by_key);
	free(b->member_by_number);
	free(b);
}

static void
forget(struct batch *b)
{
	free_blocks(b);
	b->transactions = b->payments = b->postings = b->members = 0;
	memset((void *)b->transaction_by_id, 0, b->slots * sizeof(struct batch_transaction *));
	memset((void *)b->payment_by_id, 0, b->slots * sizeof(struct batch_payment *));
	memset((void *)b->payment_by_key, 0, b->slots * sizeof(struct batch_payment *));
	memset(b->member_by_number, 0, b->slots * sizeof(*b->member_by_number));
}

bool
batch_is_full(const struct batch *b)
{
	return b->transactions + SLACK > b->room || b->payments + SLACK > b->room ||
	       b->postings + SLACK > b->room || b->members + SLACK > b->room;
}

struct merchant_table *
batch_merchants(struct batch *b)
{
	return &b->merchants;
}

/* A version needs less than SLACK of each: the caller asks batch_is_full before it. */
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

static size_t
hash_bytes(const struct batch *b, const unsigned char *bytes, size_t n)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	while (n-- > 0)
		hash = (hash ^ *bytes++) * 1099511628211u;
	return (size_t)(hash ^ hash >> 32) & (b->slots - 1);
}

static size_t
hash_number(const struct batch *b, int64_t number)
{
	return (size_t)((uint64_t)number * 11400714819323198485u >> 40) & (b->slots - 1);
}

static bool
is_same(const struct batch_id *a, const struct swan_key *id)
{
	return a->n == id->n && memcmp(a->bytes, id->bytes, a->n) == 0;
}

static int
compare_ids(const struct batch_id *a, const struct batch_id *b)
{
	int by = memcmp(a->bytes, b->bytes, a->n < b->n ? a->n : b->n);

	return by != 0 ? by : (a->n > b->n) - (a->n < b->n);
}

/* By created_at and id: as the state of the payment is made of them. */
static void
link_to(struct batch_payment *p, struct batch_transaction *t)
{
	struct batch_transaction **at = &p->first;

	while (*at != NULL && ((*at)->created_at < t->created_at ||
	                       ((*at)->created_at == t->created_at && compare_ids(&(*at)->id, &t->id) < 0)))
		at = &(*at)->next;
	t->payment = p;
	t->next = *at;
	*at = t;
}

static void
index_transaction(struct batch *b, struct batch_transaction *t)
{
	struct batch_transaction **slot = &b->transaction_by_id[hash_bytes(b, t->id.bytes, t->id.n)];

	t->found = *slot;
	*slot = t;
}

static void
index_payment(struct batch *b, struct batch_payment *p)
{
	struct batch_payment **slot = &b->payment_by_id[hash_bytes(b, p->id.bytes, p->id.n)];

	p->found = *slot;
	*slot = p;
	slot = &b->payment_by_key[hash_number(b, p->key)];
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
	struct batch_transaction *t = &b->transaction[take(&b->transactions, b->room)];
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
	struct batch_payment *p = &b->payment[take(&b->payments, b->room)];
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
	struct batch_payment *p = b->payment_by_key[hash_number(b, key)];

	while (p != NULL && p->key != key)
		p = p->found_by_key;
	return p != NULL ? p : load_payment(b, key);
}

static struct batch_transaction *
find_transaction(struct batch *b, const struct swan_key *id)
{
	struct batch_transaction *t = b->transaction_by_id[hash_bytes(b, id->bytes, id->n)];

	while (t != NULL && !is_same(&t->id, id))
		t = t->found;
	return t;
}

struct batch_transaction *
batch_find_transaction(struct batch *b, const struct swan_key *id)
{
	struct batch_transaction *t = find_transaction(b, id);
	struct stmt *q;
	int64_t payment;

	if (t != NULL)
		return t;
	q = sql(b->r->db, "SELECT payment FROM swan_transaction WHERE key = " SQL_TRANSACTION_KEY("$id"));
	bind_blob(q, "$id", id->bytes, id->n);
	payment = value(q, 0);
	if (payment == 0)
		return NULL;
	(void)batch_load_payment(b, payment);
	return find_transaction(b, id);
}

struct batch_payment *
batch_find_payment(struct batch *b, const struct swan_key *id)
{
	struct batch_payment *p = b->payment_by_id[hash_bytes(b, id->bytes, id->n)];
	struct stmt *q;
	int64_t key;

	while (p != NULL && !is_same(&p->id, id))
		p = p->found;
	if (p != NULL)
		return p;
	q = sql(b->r->db, "SELECT key FROM swan_payment_id WHERE id = $id");
	bind_blob(q, "$id", id->bytes, id->n);
	key = value(q, 0);
	return key == 0 ? NULL : batch_load_payment(b, key);
}

static struct ledger_member *
find_member(struct batch *b, int64_t profile)
{
	size_t slot = hash_number(b, profile), i;

	for (; b->member_by_number[slot] != 0; slot = (slot + 1) & (b->slots - 1)) {
		i = b->member_by_number[slot] - 1;
		if (b->member[i].profile == profile)
			return &b->member[i];
	}
	i = take(&b->members, b->room);
	b->member_by_number[slot] = i + 1;
	ledger_load_member(b->r, profile, &b->member[i]);
	return &b->member[i];
}

/* Adding and changing ---------------------------------------------------------------------------------------------- */

struct batch_payment *
batch_add_payment(struct batch *b, int64_t profile, const struct swan_key *id)
{
	struct batch_payment *p = &b->payment[take(&b->payments, b->room)];

	*p = (struct batch_payment){.key = key_of(profile, ledger_next_payment(find_member(b, profile))),
	                            .id = keep_id(b, id->bytes, id->n),
	                            .merchant_at = INSTANT_NONE,
	                            .change = BATCH_NEW};
	p->last_key = p->key * KEY_PAYMENT;
	index_payment(b, p);
	return p;
}

bool
batch_has_room(const struct batch_payment *p)
{
	return p->last_key % KEY_PAYMENT < KEY_MOST_OF_PAYMENT;
}

struct batch_transaction *
batch_add_transaction(struct batch *b, struct batch_payment *p, const struct swan_key *id,
                      const struct swan_transaction *t)
{
	struct batch_transaction *new = &b->transaction[take(&b->transactions, b->room)];

	*new = (struct batch_transaction){.key = ++p->last_key,
	                                  .id = keep_id(b, id->bytes, id->n),
	                                  .type_word = batch_word(b, t->type),
	                                  .amount = t->amount,
	                                  .first_amount = t->amount,
	                                  .created_at = t->created_at,
	                                  .change = BATCH_NEW};
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
	link_to(to, t);
	t->moved = true;
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
	struct batch_posting *x = &b->posting[take(&b->postings, b->room)];

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

/* Writing ---------------------------------------------------------------------------------------------------------- */

#define TRANSACTION_COLUMNS                                                                                       \
	"key, id, moved_to, type, status, reason, rejection, amount_in_cents, first_amount_in_cents, created_at," \
	" updated_at, input_number, line"

static void
insert_transaction(struct rows *w, const struct batch_transaction *t)
{
	rows_int(w, t->key);
	rows_bytes(w, t->id.bytes, t->id.n);
	rows_int_or(w, t->moved ? t->payment->key : 0, 0);
	rows_int(w, t->type);
	rows_int(w, t->status);
	rows_int_or(w, t->reason, 0);
	rows_int_or(w, t->rejection, 0);
	rows_int(w, t->amount);
	rows_int(w, t->first_amount);
	rows_instant(w, t->created_at);
	rows_instant(w, t->updated_at);
	rows_int(w, t->input);
	rows_int(w, t->line);
}

static void
update_transaction(struct store *db, const struct batch_transaction *t)
{
	struct stmt *q =
	    sql(db,
	    "UPDATE swan_transaction"
	    " SET moved_to = $moved, status = $status, reason = $reason, rejection = $rejection,"
	    "  amount_in_cents = $amount, first_amount_in_cents = $first, updated_at = $updated,"
	    "  input_number = $input, line = $line"
	    " WHERE key = $key");

	bind_int(q, "$key", t->key);
	bind_int_or(q, "$moved", t->moved ? t->payment->key : 0, 0);
	bind_int(q, "$status", t->status);
	bind_int_or(q, "$reason", t->reason, 0);
	bind_int_or(q, "$rejection", t->rejection, 0);
	bind_int(q, "$amount", t->amount);
	bind_int(q, "$first", t->first_amount);
	bind_instant(q, "$updated", t->updated_at);
	bind_int(q, "$input", t->input);
	bind_int(q, "$line", t->line);
	exec(q);
}

#define PAYMENT_COLUMNS \
	"key, swan_payment, status, rejection, effective_at, authorized_in_cents, captured_in_cents, merchant_number, merchant_at"

static void
insert_payment(struct rows *w, const struct batch_payment *p)
{
	rows_int(w, p->key);
	rows_bytes(w, p->id.bytes, p->id.n);
	rows_int(w, p->status);
	rows_int_or(w, p->rejection, 0);
	rows_instant(w, p->effective_at);
	rows_int(w, p->authorized);
	rows_int(w, p->captured);
	rows_int_or(w, p->merchant, 0);
	rows_instant(w, p->merchant_at);
}

static void
update_payment(struct store *db, const struct batch_payment *p)
{
	struct stmt *q = sql(db,
	    "UPDATE card_payment"
	    " SET status = $status, rejection = $rejection, effective_at = $effective,"
	    "  authorized_in_cents = $authorized, captured_in_cents = $captured,"
	    "  merchant_number = $merchant, merchant_at = $at"
	    " WHERE key = $key");

	bind_int(q, "$key", p->key);
	bind_int(q, "$status", p->status);
	bind_int_or(q, "$rejection", p->rejection, 0);
	bind_instant(q, "$effective", p->effective_at);
	bind_int(q, "$authorized", p->authorized);
	bind_int(q, "$captured", p->captured);
	bind_int_or(q, "$merchant", p->merchant, 0);
	bind_instant(q, "$at", p->merchant_at);
	exec(q);
}

static int
by_transaction_id(const void *a, const void *b)
{
	const struct batch_transaction *const *x = a, *const *y = b;

	return compare_ids(&(*x)->id, &(*y)->id);
}

static int
by_transaction_key(const void *a, const void *b)
{
	const struct batch_transaction *const *x = a, *const *y = b;

	return ((*x)->key > (*y)->key) - ((*x)->key < (*y)->key);
}

static int
by_payment_id(const void *a, const void *b)
{
	const struct batch_payment *const *x = a, *const *y = b;

	return compare_ids(&(*x)->id, &(*y)->id);
}

static int
by_payment_key(const void *a, const void *b)
{
	const struct batch_payment *const *x = a, *const *y = b;

	return ((*x)->key > (*y)->key) - ((*x)->key < (*y)->key);
}

static int
by_posting_key(const void *a, const void *b)
{
	const struct batch_posting *const *x = a, *const *y = b;

	return ((*x)->key > (*y)->key) - ((*x)->key < (*y)->key);
}

static int
by_member(const void *a, const void *b)
{
	const struct ledger_member *const *x = a, *const *y = b;

	return ((*x)->profile > (*y)->profile) - ((*x)->profile < (*y)->profile);
}

static void
sort(struct batch *b, size_t n, int (*compare)(const void *a, const void *b))
{
	qsort((void *)b->sorted, n, sizeof(*b->sorted), compare);
}

static void
insert_id(struct rows *w, const struct batch_id *id, int64_t key)
{
	rows_bytes(w, id->bytes, id->n);
	rows_int(w, key);
}

static void
write_transaction_ids(struct batch *b)
{
	struct batch_transaction **t = (struct batch_transaction **)b->sorted;
	struct rows *w = rows_new(b->r->db, "swan_transaction_id", "id, key", 2);
	size_t i, n = 0;

	for (i = 0; i < b->transactions; i++)
		if (b->transaction[i].change == BATCH_NEW)
			t[n++] = &b->transaction[i];
	sort(b, n, by_transaction_id);
	for (i = 0; i < n; i++)
		insert_id(w, &t[i]->id, t[i]->key);
	rows_end(w);
}

static void
write_transactions(struct batch *b)
{
	struct batch_transaction **t = (struct batch_transaction **)b->sorted;
	struct rows *w = rows_new(b->r->db, "swan_transaction", TRANSACTION_COLUMNS, 13);
	size_t i, n = 0;

	for (i = 0; i < b->transactions; i++)
		if (b->transaction[i].change != BATCH_KEPT)
			t[n++] = &b->transaction[i];
	sort(b, n, by_transaction_key);
	for (i = 0; i < n; i++)
		if (t[i]->change == BATCH_NEW)
			insert_transaction(w, t[i]);
		else
			update_transaction(b->r->db, t[i]);
	rows_end(w);
}

static void
write_payment_ids(struct batch *b)
{
	struct batch_payment **p = (struct batch_payment **)b->sorted;
	struct rows *w = rows_new(b->r->db, "swan_payment_id", "id, key", 2);
	size_t i, n = 0;

	for (i = 0; i < b->payments; i++)
		if (b->payment[i].change == BATCH_NEW)
			p[n++] = &b->payment[i];
	sort(b, n, by_payment_id);
	for (i = 0; i < n; i++)
		insert_id(w, &p[i]->id, p[i]->key);
	rows_end(w);
}

static void
write_payments(struct batch *b)
{
	struct batch_payment **p = (struct batch_payment **)b->sorted;
	struct rows *w = rows_new(b->r->db, "card_payment", PAYMENT_COLUMNS, 9);
	size_t i, n = 0;

	for (i = 0; i < b->payments; i++)
		if (b->payment[i].change != BATCH_KEPT)
			p[n++] = &b->payment[i];
	sort(b, n, by_payment_key);
	for (i = 0; i < n; i++)
		if (p[i]->change == BATCH_NEW)
			insert_payment(w, p[i]);
		else
			update_payment(b->r->db, p[i]);
	rows_end(w);
}

static void
insert_posting(struct rows *w, const struct batch_posting *x)
{
	ledger_insert(w, x->key,
	              &(struct posting){.event = x->event,
	                                .amount = x->amount,
	                                .at = x->at,
	                                .source_kind = SOURCE_SWAN,
	                                .source_key = x->source->key,
	                                .payment = x->payment,
	                                .input = x->input,
	                                .line = x->line});
}

static void
write_ledger(struct batch *b)
{
	struct batch_posting **x = (struct batch_posting **)b->sorted;
	struct rows *w = ledger_rows_new(b->r);
	size_t i;

	for (i = 0; i < b->postings; i++)
		x[i] = &b->posting[i];
	sort(b, b->postings, by_posting_key);
	for (i = 0; i < b->postings; i++)
		insert_posting(w, x[i]);
	rows_end(w);
}

static void
write_members(struct batch *b)
{
	struct ledger_member **m = (struct ledger_member **)b->sorted;
	size_t i;

	for (i = 0; i < b->members; i++)
		m[i] = &b->member[i];
	sort(b, b->members, by_member);
	for (i = 0; i < b->members; i++)
		ledger_write_member(b->r, m[i]);
}

void
batch_write(struct batch *b)
{
	write_payment_ids(b);
	write_payments(b);
	write_transaction_ids(b);
	write_transactions(b);
	write_ledger(b);
	write_members(b);
	forget(b);
}
