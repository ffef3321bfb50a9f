/* batch_write: see batch_write.h. Writes swan_transaction, card_payment and the maps of Swan's ids; the ledger writes what is posted. */
#include <stdlib.h>

#include "stages/core/cards/batch_write.h"
#include "stages/core/engine/rows.h"

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

/* Sorting ---------------------------------------------------------------------------------------------------------- */

static struct batch_sorted
by_number(int64_t number, void *row)
{
	return (struct batch_sorted){.by = (uint64_t)number, .row = row};
}

static struct batch_sorted
by_id(const struct batch_id *id, void *row)
{
	struct batch_sorted s = {.id = id, .row = row};
	size_t i;

	for (i = 0; i < sizeof(s.by); i++)
		s.by = s.by << 8 | (i < id->n ? id->bytes[i] : 0);
	return s;
}

static int
compare(const void *a, const void *b)
{
	const struct batch_sorted *x = a, *y = b;

	if (x->by != y->by)
		return x->by > y->by ? 1 : -1;
	return x->id == NULL ? 0 : batch_compare_ids(x->id, y->id);
}

static int
by_profile(const void *a, const void *b)
{
	const struct ledger_member *x = a, *y = b;

	return (x->profile > y->profile) - (x->profile < y->profile);
}

static void
sort(struct batch_rows *b, size_t n)
{
	qsort(b->sorted, n, sizeof(*b->sorted), compare);
}

/* Writing ---------------------------------------------------------------------------------------------------------- */

static void
insert_id(struct rows *w, const struct batch_id *id, int64_t key)
{
	rows_bytes(w, id->bytes, id->n);
	rows_int(w, key);
}

static void
write_transaction_ids(struct run *r, struct batch_rows *b)
{
	struct rows *w = rows_new(r->db, "swan_transaction_id", "id, key", 2);
	const struct batch_transaction *t;
	size_t i, n = 0;

	for (i = 0; i < b->transactions; i++)
		if (b->transaction[i].change == BATCH_NEW)
			b->sorted[n++] = by_id(&b->transaction[i].id, &b->transaction[i]);
	sort(b, n);
	for (i = 0; i < n; i++) {
		t = b->sorted[i].row;
		insert_id(w, &t->id, t->key);
	}
	rows_end(w);
}

static void
write_transactions(struct run *r, struct batch_rows *b)
{
	struct rows *w = rows_new(r->db, "swan_transaction", TRANSACTION_COLUMNS, 13);
	const struct batch_transaction *t;
	size_t i, n = 0;

	for (i = 0; i < b->transactions; i++)
		if (b->transaction[i].change != BATCH_KEPT)
			b->sorted[n++] = by_number(b->transaction[i].key, &b->transaction[i]);
	sort(b, n);
	for (i = 0; i < n; i++) {
		t = b->sorted[i].row;
		if (t->change == BATCH_NEW)
			insert_transaction(w, t);
		else
			update_transaction(r->db, t);
	}
	rows_end(w);
}

static void
write_payment_ids(struct run *r, struct batch_rows *b)
{
	struct rows *w = rows_new(r->db, "swan_payment_id", "id, key", 2);
	const struct batch_payment *p;
	size_t i, n = 0;

	for (i = 0; i < b->payments; i++)
		if (b->payment[i].change == BATCH_NEW)
			b->sorted[n++] = by_id(&b->payment[i].id, &b->payment[i]);
	sort(b, n);
	for (i = 0; i < n; i++) {
		p = b->sorted[i].row;
		insert_id(w, &p->id, p->key);
	}
	rows_end(w);
}

static void
write_payments(struct run *r, struct batch_rows *b)
{
	struct rows *w = rows_new(r->db, "card_payment", PAYMENT_COLUMNS, 9);
	const struct batch_payment *p;
	size_t i, n = 0;

	for (i = 0; i < b->payments; i++)
		if (b->payment[i].change != BATCH_KEPT)
			b->sorted[n++] = by_number(b->payment[i].key, &b->payment[i]);
	sort(b, n);
	for (i = 0; i < n; i++) {
		p = b->sorted[i].row;
		if (p->change == BATCH_NEW)
			insert_payment(w, p);
		else
			update_payment(r->db, p);
	}
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
write_ledger(struct run *r, struct batch_rows *b)
{
	struct rows *w = ledger_rows_new(r);
	size_t i;

	for (i = 0; i < b->postings; i++)
		b->sorted[i] = by_number(b->posting[i].key, &b->posting[i]);
	sort(b, b->postings);
	for (i = 0; i < b->postings; i++)
		insert_posting(w, b->sorted[i].row);
	rows_end(w);
}

/* Payments are last: the index of their days is not in the order of the batch, so that a page of it may be changed once more after it
 * left the cache. What was written since then, SQLite reads once more at the commit (store_intend). */
void
batch_write_rows(struct run *r, struct batch_rows *b)
{
	write_payment_ids(r, b);
	write_transaction_ids(r, b);
	write_transactions(r, b);
	write_ledger(r, b);
	write_payments(r, b);
}

void
batch_write_members(struct run *r, struct batch_rows *b)
{
	size_t i;

	qsort(b->member, b->members, sizeof(*b->member), by_profile);
	for (i = 0; i < b->members; i++)
		ledger_write_member(r, &b->member[i]);
}
