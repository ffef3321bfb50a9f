/* reversal: see reversal.h. Writes the table transfer_reversal. */
#include <stdio.h>
#include <string.h>

#include "stages/core/books/debt.h"
#include "stages/core/books/ledger.h"
#include "stages/core/books/reversal.h"
#include "stages/core/engine/intent.h"
#include "stages/core/engine/log.h"

static int64_t
next_nth(struct run *r, const char *reference)
{
	struct stmt *q =
	    sql(r->db, "SELECT coalesce(max(nth), 0) + 1 FROM transfer_reversal WHERE bank_reference = $reference");

	bind_text(q, "$reference", reference);
	return value(q, 0);
}

static void
insert_reversal(struct run *r, const struct reversal *v, int64_t nth)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO transfer_reversal (bank_reference, nth, swan_id, swan_updated_at, amount_in_cents,"
	    "  booked_on, why, reversed_by, reversed_identity, reversed_at)"
	    " VALUES ($reference, $nth, $swan, $updated, $amount, $on, $why, $who, $identity, $now)");
	struct run_actor by = v->why == NULL ? (struct run_actor){NULL, NULL} : run_actor(r);

	bind_text(q, "$reference", v->reference);
	bind_int(q, "$nth", nth);
	bind_text(q, "$swan", v->swan == NULL ? NULL : v->swan->id);
	bind_instant(q, "$updated", v->swan == NULL ? INSTANT_NONE : v->swan->updated_at);
	bind_int(q, "$amount", v->amount);
	bind_date(q, "$on", v->booked_on);
	bind_text(q, "$why", v->why);
	bind_text(q, "$who", by.name);
	bind_text(q, "$identity", by.identity);
	bind_instant(q, "$now", r->now);
	exec(q);
	if (v->swan == NULL)
		intent_add(r, "transfer", v->reference, NULL, "%lld cents went back, by %s",
		           (long long)v->amount, run_person(r));
}

void
reversal_post(struct run *r, const struct reversal *v)
{
	char source[TRANSFER_REFERENCE + 24];
	int64_t nth = next_nth(r, v->reference);
	struct reversible of;
	struct posting p = {.event = EVENT_FAILED_RECOVERY,
	                    .amount = -v->amount,
	                    .at = date_paris_midnight(v->booked_on),
	                    .source_kind = SOURCE_REVERSAL,
	                    .source = source,
	                    .input = v->input,
	                    .line = v->line};

	if (v->amount <= 0 || !reversal_find(r, v->reference, &of) || of.left < v->amount)
		die(EXIT_BUG, "less than the reversed amount is left of the transfer %s", v->reference);
	snprintf(source, sizeof(source), "%s/%lld", v->reference, (long long)nth);
	p.profile = of.profile;
	p.source_size = strlen(source);
	insert_reversal(r, v, nth);
	ledger_add(r, &p);
}

static bool
read_reversible(struct stmt *q, struct reversible *found)
{
	if (!row(q))
		return false;
	col_copy(q, 0, found->reference, sizeof(found->reference));
	found->profile = col_int(q, 1);
	found->left = col_int(q, 2);
	reset(q);
	return true;
}

bool
reversal_find(struct run *r, const char *reference, struct reversible *found)
{
	struct stmt *q = sql(r->db,
	    "SELECT bank_reference, profile_number, left_in_cents"
	    " FROM transfer_left"
	    " WHERE reference_key = $key");
	char key[TRANSFER_REFERENCE + 1];

	bind_text(q, "$key", transfer_key(reference, key));
	return read_reversible(q, found);
}

/* By the id of Swan's transaction; of one that was attributed again, the transfer of which something is left. */
static bool
find_origin(struct run *r, const char *id, struct reversible *found)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT bank_reference, profile_number, left_in_cents"
	    " FROM transfer_left"
	    " WHERE reference_key = $key"
	    "  OR bank_reference IN (SELECT bank_reference FROM attribution WHERE transaction_id = $id)"
	    " ORDER BY left_in_cents DESC, bank_reference DESC LIMIT 1");
	char key[TRANSFER_REFERENCE + 1];

	bind_text(q, "$key", transfer_key(id, key));
	bind_text(q, "$id", id);
	return read_reversible(q, found);
}

bool
reversal_find_named(struct run *r, const struct swan_transaction *debit, struct reversible *found)
{
	char key[TRANSFER_REFERENCE + 1];
	struct stmt *q;

	if (debit->origin_transaction_id != NULL && find_origin(r, debit->origin_transaction_id, found))
		return true;
	q = sql(r->db,
	    "SELECT bank_reference, profile_number, left_in_cents"
	    " FROM transfer_left"
	    " WHERE swan_payment = $payment"
	    "  OR (reference_key = $key AND swan_updated_at IS NULL)"
	    " ORDER BY CASE WHEN left_in_cents = $amount THEN 0 ELSE 1 END, bank_reference LIMIT 1");
	bind_text(q, "$payment", debit->payment_id);
	bind_text(q, "$key", transfer_key(debit->reference, key));
	bind_int(q, "$amount", debit->amount);
	return read_reversible(q, found);
}

cents
reversal_taken(struct run *r, const char *id)
{
	struct stmt *q = sql(r->db,
	    "SELECT coalesce(CAST(sum(coalesce("
	    "   (SELECT -c.moves_in_cents FROM correction c WHERE c.swan_id = v.swan_id ORDER BY c.nth DESC LIMIT 1),"
	    "   v.amount_in_cents)) AS BIGINT), 0)"
	    " FROM credit_transfer t"
	    " JOIN transfer_reversal v ON v.bank_reference = t.bank_reference AND v.swan_id IS NOT NULL"
	    " WHERE t.reference_key = $key"
	    "  OR t.bank_reference IN (SELECT bank_reference FROM attribution WHERE transaction_id = $id)");
	char key[TRANSFER_REFERENCE + 1];

	bind_text(q, "$key", transfer_key(id, key));
	bind_text(q, "$id", id);
	return value(q, 0);
}

bool
reversal_by_person(struct run *r, const char *reference)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*) FROM transfer_reversal WHERE bank_reference = $reference AND swan_id IS NULL");

	bind_text(q, "$reference", reference);
	return value(q, 0) > 0;
}

bool
reversal_find_posted(struct run *r, const char *id, struct posted_transfer *p)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT v.bank_reference, t.profile_number, -v.amount_in_cents"
	    " FROM transfer_reversal v"
	    " JOIN credit_transfer t ON t.bank_reference = v.bank_reference"
	    " WHERE v.swan_id = $id"
	    " UNION ALL"
	    " SELECT '', c.profile_number, 0"
	    " FROM correction c"
	    " WHERE c.swan_id = $id AND c.bank_reference IS NULL"
	    "  AND c.nth = (SELECT max(nth) FROM correction WHERE swan_id = $id)"
	    "  AND NOT EXISTS (SELECT 1 FROM swan_transaction_id t WHERE t.id = c.id)"
	    "  AND NOT EXISTS (SELECT 1 FROM transfer_reversal v WHERE v.swan_id = c.swan_id)");

	*p = (struct posted_transfer){0};
	if (transfer_find_swan(r, id, p->reference, &p->profile, &p->posted))
		return true;
	bind_text(q, "$id", id);
	if (!row(q))
		return false;
	col_copy(q, 0, p->reference, sizeof(p->reference));
	p->profile = col_int(q, 1);
	p->posted = col_int(q, 2);
	p->is_reversal = true;
	reset(q);
	return true;
}

enum transfer_seen
reversal_compare(struct run *r, const struct swan_transaction *t)
{
	struct stmt *q = sql(r->db,
	    "SELECT amount_in_cents, swan_updated_at"
	    " FROM transfer_reversal"
	    " WHERE swan_id = $id");
	cents amount;
	instant posted_version;

	bind_text(q, "$id", t->id);
	if (!row(q))
		return TRANSFER_UNKNOWN;
	amount = col_int(q, 0);
	posted_version = col_instant(q, 1);
	reset(q);
	if (strcmp(t->status, "Booked") == 0)
		return t->amount == amount ? TRANSFER_SAME : TRANSFER_OTHERWISE;
	return t->updated_at > posted_version ? TRANSFER_OTHERWISE : TRANSFER_SAME;
}

bool
reversal_decide(struct run *r, const char *reference, const char *why)
{
	struct reversible of;

	if (!reversal_find(r, reference, &of))
		die(EXIT_ABSENT, "no transfer is recorded under the bank reference %s", reference);
	if (of.left == 0)
		return false;
	reversal_post(r, &(struct reversal){
			     .reference = of.reference, .amount = of.left, .booked_on = r->on, .why = why});
	debt_assign(r);
	return true;
}
