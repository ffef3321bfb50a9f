/* transfer: see transfer.h. Writes the table credit_transfer. */
#include <string.h>

#include "formats/fold.h"
#include "formats/text.h"
#include "stages/core/books/debt.h"
#include "stages/core/books/ledger.h"
#include "stages/core/books/transfer.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/intent.h"
#include "stages/core/engine/log.h"

#define LATEST_DAYS 400 /* more than the 13 months in which a bank still moves money of a debit */

const char *
transfer_key(const char *reference, char key[static TRANSFER_REFERENCE + 1])
{
	if (reference == NULL || fold_text(reference, key, TRANSFER_REFERENCE + 1) != 0 || key[0] == '\0')
		return NULL;
	return key;
}

static void
bind_key(struct stmt *q, const char *name, const char *reference)
{
	char key[TRANSFER_REFERENCE + 1];

	bind_text(q, name, transfer_key(reference, key));
}

bool
transfer_find_reference(struct run *r, const char *reference, char stored[static TRANSFER_REFERENCE + 1])
{
	struct stmt *q = sql(r->db,
	    "SELECT bank_reference FROM credit_transfer WHERE reference_key = $key");

	bind_key(q, "$key", reference);
	if (!row(q))
		return false;
	col_copy(q, 0, stored, TRANSFER_REFERENCE + 1);
	reset(q);
	return true;
}

/* Limits for what a person types: a typing error changes a balance. */
static void
check_typed(struct run *r, const struct transfer *t)
{
	int64_t most = config_int(r->config, RELEASE_MAX_DEBIT_CENTS);
	char limit[MONEY_TEXT_GROUPED];

	if (t->amount > most)
		die(EXIT_REFUSED,
		    "the amount is above the limit of %s EUR for one member: see max_debit_cents in [release]",
		    money_print_grouped(limit, most));
	if (t->booked_on < r->on - LATEST_DAYS)
		die(EXIT_REFUSED, "the booking date is more than %d days before the business date",
		    LATEST_DAYS);
}

static void
check_transfer(struct run *r, const struct transfer *t)
{
	char key[TRANSFER_REFERENCE + 1];
	size_t n = strlen(t->reference);

	if (t->amount <= 0)
		die(EXIT_REFUSED, "the amount must be at least one cent");
	if (ledger_is_in_future(r, date_paris_midnight(t->booked_on)))
		die(EXIT_REFUSED, "the booking date is more than a day after the business date");
	if (transfer_key(t->reference, key) == NULL || n > TRANSFER_REFERENCE ||
	    text_has_control(t->reference))
		die(EXIT_REFUSED, "the bank reference is not valid: it must be one line of 1 to %d bytes",
		    TRANSFER_REFERENCE);
	if (t->reference[0] == ' ' || t->reference[n - 1] == ' ')
		die(EXIT_REFUSED, "the bank reference begins or ends with a blank");
}

/* Of a credit_transfer t: a person reversed it, so that its money is in the books no more. */
#define IS_REVERSED                                 \
	"EXISTS (SELECT 1 FROM transfer_reversal v" \
	" WHERE v.bank_reference = t.bank_reference AND v.swan_id IS NULL)"

/* What was reversed stays as it is: the same money needs another reference. */
static void
check_not_reversed(struct run *r, const char *reference)
{
	struct stmt *q = sql(r->db,
	    "SELECT reversed_by"
	    " FROM transfer_reversal"
	    " WHERE bank_reference = $reference AND swan_id IS NULL"
	    " ORDER BY nth DESC LIMIT 1");

	bind_text(q, "$reference", reference);
	if (row(q))
		die(EXIT_OVERWRITE,
		    "the transfer %s was reversed by %s, which is permanent: record its money under another"
		    " reference, such as \"%s/2\"",
		    reference, col_text(q, 0), reference);
}

/* False when no transfer has this reference. */
static bool
was_recorded(struct run *r, const struct transfer *t)
{
	struct stmt *q = sql(r->db,
	    "SELECT profile_number, amount_in_cents, booked_on, bank_reference"
	    " FROM credit_transfer"
	    " WHERE reference_key = $key");
	char stored[TRANSFER_REFERENCE + 1];
	bool same;

	bind_key(q, "$key", t->reference);
	if (!row(q))
		return false;
	col_copy(q, 3, stored, sizeof(stored));
	same = col_int(q, 0) == t->profile && col_int(q, 1) == t->amount && col_date(q, 2) == t->booked_on;
	reset(q);
	check_not_reversed(r, stored);
	if (!same)
		die(EXIT_REFUSED, "the bank reference %s belongs to another transfer: nothing is recorded",
		    stored);
	return true;
}

/* By Swan's id, which has small letters: the money of a card payment. */
static void
check_posted_as_payment(struct run *r, const struct transfer *t)
{
	struct stmt *q = sql(r->db, "SELECT count(*) FROM swan_transaction_id WHERE id IN ($id, $folded)");
	char folded[TRANSFER_REFERENCE + 1];
	unsigned char key[STORE_KEY];

	bind_blob(q, "$id", key, store_key(t->reference, key));
	bind_blob(q, "$folded", key, store_key(transfer_key(t->reference, folded), key));
	if (value(q, 0) > 0)
		die(EXIT_REFUSED, "%s is a transaction of a card payment: nothing is recorded twice",
		    t->reference);
}

/* Beside its id a Swan transaction has a reference, a free text that other transfers may have too. With the same amount, once
 * recorded by hand and once from Swan, it is the same money. */
static void
check_recorded_otherwise(struct run *r, const struct transfer *t)
{
	struct stmt *q = sql(r->db,
	    "SELECT bank_reference, recorded_by"
	    " FROM credit_transfer t"
	    " WHERE amount_in_cents = $amount"
	    "  AND NOT " IS_REVERSED
	    "  AND reference_key <> $key"
	    "  AND ((reference_key = $swan AND swan_updated_at IS NULL)"
	    "   OR ($by_hand = 1 AND swan_reference_key = $key))"
	    " ORDER BY bank_reference");

	bind_int(q, "$amount", t->amount);
	bind_key(q, "$key", t->reference);
	bind_key(q, "$swan", t->swan == NULL ? NULL : t->swan->reference);
	bind_int(q, "$by_hand", t->swan == NULL);
	if (row(q))
		die(EXIT_REFUSED,
		    "%s recorded the same amount under the bank reference %s: nothing is recorded twice",
		    col_text(q, 1), col_text(q, 0));
}

static void
insert_transfer(struct run *r, const struct transfer *t)
{
	struct stmt *q = sql(r->db,
	        "INSERT INTO credit_transfer (bank_reference, reference_key, swan_reference, swan_reference_key,"
	        "  swan_updated_at, swan_payment, profile_number, amount_in_cents, booked_on, recorded_by, recorded_identity, recorded_at)"
	        " VALUES ($reference, $key, $swan, $swankey, $updated, $payment, $profile, $amount, $on, $who, $identity, $now)");

	bind_text(q, "$reference", t->reference);
	bind_key(q, "$key", t->reference);
	bind_text(q, "$swan", t->swan == NULL ? NULL : t->swan->reference);
	bind_key(q, "$swankey", t->swan == NULL ? NULL : t->swan->reference);
	bind_instant(q, "$updated", t->swan == NULL ? INSTANT_NONE : t->swan->updated_at);
	bind_text(q, "$payment", t->swan == NULL ? NULL : t->swan->payment_id);
	bind_int(q, "$profile", t->profile);
	bind_int(q, "$amount", t->amount);
	bind_date(q, "$on", t->booked_on);
	run_bind_person(r, q);
	bind_instant(q, "$now", r->now);
	exec(q);
	if (t->swan == NULL)
		intent_add(r, "transfer", t->reference, NULL, "%lld cents, by %s", (long long)t->amount,
		           run_person(r));
}

bool
transfer_record(struct run *r, const struct transfer *t)
{
	struct posting p = {.profile = t->profile,
	                    .event = EVENT_RECOVERY,
	                    .amount = t->amount,
	                    .at = date_paris_midnight(t->booked_on),
	                    .source_kind = SOURCE_TRANSFER,
	                    .source = t->reference,
	                    .source_size = strlen(t->reference),
	                    .input = t->input,
	                    .line = t->line};

	check_transfer(r, t);
	if (was_recorded(r, t))
		return false;
	if (t->swan == NULL)
		check_typed(r, t);
	check_posted_as_payment(r, t);
	check_recorded_otherwise(r, t);
	insert_transfer(r, t);
	if (ledger_post(r, &p) != POSTED)
		die(EXIT_BUG, "the transfer %s was posted before it was recorded", t->reference);
	debt_assign(r);
	return true;
}

bool
transfer_is_booked(const struct swan_transaction *t)
{
	return strcmp(t->side, "Credit") == 0 && strcmp(t->status, "Booked") == 0;
}

/* Of a credit_transfer t: it is the Swan transaction with this id, and the books have its money. */
#define IS_OF_SWAN                                                                                   \
	"(reference_key = $key"                                                                      \
	" OR bank_reference IN (SELECT bank_reference FROM attribution WHERE transaction_id = $id))" \
	" AND NOT " IS_REVERSED

bool
transfer_find_swan(struct run *r, const char *id, char reference[static TRANSFER_REFERENCE + 1],
                   int64_t *profile, cents *amount)
{
	struct stmt *q = sql(r->db,
	    "SELECT bank_reference, profile_number, amount_in_cents"
	    " FROM credit_transfer t"
	    " WHERE " IS_OF_SWAN);

	bind_key(q, "$key", id);
	bind_text(q, "$id", id);
	if (!row(q))
		return false;
	col_copy(q, 0, reference, TRANSFER_REFERENCE + 1);
	*profile = col_int(q, 1);
	*amount = col_int(q, 2);
	reset(q);
	return true;
}

enum transfer_seen
transfer_compare(struct run *r, const struct swan_transaction *t)
{
	struct stmt *q = sql(r->db,
	    "SELECT amount_in_cents, swan_updated_at"
	    " FROM credit_transfer t"
	    " WHERE " IS_OF_SWAN);
	cents amount;
	instant posted_version;

	bind_key(q, "$key", t->id);
	bind_text(q, "$id", t->id);
	if (!row(q))
		return TRANSFER_UNKNOWN;
	amount = col_int(q, 0);
	posted_version = col_instant(q, 1);
	reset(q);
	if (transfer_is_booked(t))
		return t->amount == amount ? TRANSFER_SAME : TRANSFER_OTHERWISE;
	return posted_version != INSTANT_NONE && t->updated_at > posted_version ? TRANSFER_OTHERWISE
	                                                                        : TRANSFER_SAME;
}
