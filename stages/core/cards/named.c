/* named: see named.h. Only reads. */
#include <stdio.h>
#include <string.h>

#include "formats/text.h"
#include "stages/core/cards/named.h"
#include "stages/core/engine/key.h"
#include "stages/core/members/membership.h"

bool
named_find_posted_payment(struct run *r, const char *id, struct named_payment *p)
{
	struct stmt *q = sql(r->db,
	    "SELECT payment"
	    " FROM swan_transaction"
	    " WHERE key = " SQL_TRANSACTION_KEY("$id"));
	unsigned char key[STORE_KEY];

	if (id == NULL || strlen(id) >= STORE_KEY)
		return false;
	bind_blob(q, "$id", key, store_key(id, key));
	p->key = value(q, 0);
	p->owner = key_member(p->key);
	return p->key != 0;
}

bool
named_find_origin(struct run *r, const struct swan_transaction *t, struct named_payment *p)
{
	return named_find_posted_payment(r, t->origin_transaction_id, p);
}

/* By its paymentId; without one a transaction is a payment of its own. */
static bool
find_own_payment(struct run *r, const struct swan_transaction *t, struct named_payment *p)
{
	struct stmt *q = sql(r->db, "SELECT key FROM swan_payment_id WHERE id = $id");
	unsigned char key[STORE_KEY];
	const char *id = t->payment_id != NULL ? t->payment_id : t->id;

	if (strlen(id) >= STORE_KEY)
		return false;
	bind_blob(q, "$id", key, store_key(id, key));
	p->key = value(q, 0);
	p->owner = key_member(p->key);
	return p->key != 0;
}

bool
named_find_payment(struct run *r, const struct swan_transaction *t, struct named_payment *p)
{
	return find_own_payment(r, t, p) || named_find_origin(r, t, p);
}

int64_t
named_find_owner(struct run *r, const struct swan_transaction *t)
{
	struct named_payment p;

	return find_own_payment(r, t, &p) ? p.owner : 0;
}

/* Each attribution is reversed once at most. */
bool
named_is_taken_back(struct run *r, const char *id)
{
	struct stmt *q = sql(r->db,
	    "SELECT CASE WHEN max(a.nth) = ("
	    "  SELECT count(*)"
	    "  FROM exception x"
	    "  JOIN reversed_decision d ON d.exception_number = x.number AND d.decision = 'attributed'"
	    "  WHERE x.kind = 'swan_transaction' AND x.key = $id) THEN 1 ELSE 0 END"
	    " FROM attribution a"
	    " WHERE a.transaction_id = $id");

	bind_text(q, "$id", id);
	return value(q, 0) != 0;
}

static int64_t
find_posted(struct run *r, const char *id)
{
	struct posted_transfer transfer;
	struct named_payment p;

	if (named_find_posted_payment(r, id, &p))
		return p.owner;
	return reversal_find_posted(r, id, &transfer) ? transfer.profile : 0;
}

static int64_t
find_of_card(struct run *r, const struct swan_transaction *t)
{
	return membership_find_profile(r, t->account_membership_id, t->card_id);
}

static int64_t
find_of_origin(struct run *r, const struct swan_transaction *t)
{
	return t->origin_transaction_id == NULL ? 0 : find_posted(r, t->origin_transaction_id);
}

/* The reference that the transaction of an exception has beside its id. */
static int
keep_reference(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	(void)line;
	(void)e;
	if (t->reference != NULL)
		text_copy(ctx, TRANSFER_REFERENCE + 1, t->reference);
	return 0;
}

static void
read_reference(struct run *r, const char *id, char reference[TRANSFER_REFERENCE + 1])
{
	struct stmt *q = sql(r->db,
	    "SELECT record FROM exception"
	    " WHERE kind = 'swan_transaction' AND key = $key AND record IS NOT NULL");
	struct err e = {0};
	const char *record;
	FILE *in;

	reference[0] = '\0';
	bind_text(q, "$key", id);
	if (!row(q))
		return;
	record = col_text(q, 0);
	in = fmemopen((void *)record, strlen(record), "r");
	if (in != NULL) {
		(void)transactions_csv_read(in, keep_reference, reference, &e);
		fclose(in);
	}
	reset(q);
}

static bool
find_transfer(struct run *r, const struct swan_transaction *debit, struct reversible *of)
{
	char reference[TRANSFER_REFERENCE + 1];
	struct swan_transaction origin = {.reference = reference, .amount = debit->amount};

	if (reversal_find_named(r, debit, of))
		return true;
	if (debit->origin_transaction_id == NULL)
		return false;
	read_reference(r, debit->origin_transaction_id, reference);
	return reference[0] != '\0' && reversal_find_named(r, &origin, of);
}

/* A debit that a person attributed when the books did not have its transfer. */
struct attributed_debit {
	struct run *r;
	const char *reference; /* of the transfer that is looked for */
	bool is_of_transfer;   /* by the last version of the debit */
};

static int
compare_transfer(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	struct attributed_debit *d = ctx;
	struct reversible of;

	(void)line;
	(void)e;
	d->is_of_transfer = find_transfer(d->r, t, &of) && strcmp(of.reference, d->reference) == 0;
	return 0;
}

static bool
takes_back(struct run *r, const char *record, const char *reference)
{
	struct attributed_debit d = {.r = r, .reference = reference};
	FILE *in = fmemopen((void *)record, strlen(record), "r");
	struct err e = {0};

	if (in == NULL)
		return false;
	(void)transactions_csv_read(in, compare_transfer, &d, &e);
	fclose(in);
	return d.is_of_transfer;
}

/* What attributed debits took back of a transfer; another debit takes no more than they left of it. */
static cents
count_attributed(struct run *r, const struct reversible *of)
{
	struct stmt *q = sql(r->db,
	    "SELECT x.record, -c.moves_in_cents"
	    " FROM correction c"
	    " JOIN exception x ON x.kind = 'swan_transaction' AND x.key = c.swan_id AND x.record IS NOT NULL"
	    " WHERE c.bank_reference IS NULL AND c.moves_in_cents < 0"
	    "  AND c.nth = (SELECT max(nth) FROM correction WHERE swan_id = c.swan_id)"
	    "  AND NOT EXISTS (SELECT 1 FROM swan_transaction_id t WHERE t.id = c.id)"
	    "  AND NOT EXISTS (SELECT 1 FROM transfer_reversal v WHERE v.swan_id = c.swan_id)"
	    " ORDER BY c.swan_id");
	cents taken = 0;

	while (row(q))
		if (takes_back(r, col_text(q, 0), of->reference))
			taken += col_int(q, 1);
	return taken;
}

bool
named_find_transfer(struct run *r, const struct swan_transaction *debit, struct reversible *of)
{
	if (!find_transfer(r, debit, of))
		return false;
	of->left -= count_attributed(r, of);
	return true;
}

static int64_t
find_of_named_transfer(struct run *r, const struct swan_transaction *t)
{
	struct reversible of;

	return named_find_transfer(r, t, &of) ? of.profile : 0;
}

static int64_t
find_of_itself(struct run *r, const struct swan_transaction *t)
{
	return find_posted(r, t->id);
}

int64_t
named_find_member(struct run *r, const struct swan_transaction *t)
{
	static int64_t (*const ways[])(struct run * r, const struct swan_transaction *t) = {
	    find_of_itself, named_find_owner, find_of_card, find_of_origin, find_of_named_transfer,
	};
	int64_t profile = 0;
	size_t i;

	for (i = 0; profile == 0 && i < sizeof(ways) / sizeof(ways[0]); i++)
		profile = ways[i](r, t);
	return profile;
}
