/* ledger: see ledger.h. Writes balance_transaction, and the balance and counter of profile. */
#include "stages/core/ledger.h"
#include "stages/core/log.h"

struct uuid
ledger_uuid(const struct run *r, int64_t profile, int64_t number)
{
	return uuid_of(store_id(r->db), UUID_BALANCE_TRANSACTION, (uint32_t)profile, (uint32_t)number);
}

bool
ledger_is_in_future(const struct run *r, instant at)
{
	return date_in_paris(at) > r->on + 1;
}

static bool
was_posted(struct run *r, const struct posting *p, bool *otherwise)
{
	struct stmt *q = sql(r->db, "SELECT profile_number, amount_in_cents FROM balance_transaction"
	                            " WHERE source_kind = $kind AND source = $source AND event = $event");

	bind_int(q, "$kind", p->source_kind);
	bind_blob(q, "$source", p->source, p->source_size);
	bind_int(q, "$event", p->event);
	if (!row(q))
		return false;
	*otherwise = col_int(q, 0) != p->profile || col_int(q, 1) != p->amount;
	reset(q);
	return true;
}

static int64_t
add_to_balance(struct run *r, const struct posting *p)
{
	struct stmt *q = sql(r->db, "SELECT balance_in_cents FROM profile WHERE number = $profile");
	cents balance;

	bind_int(q, "$profile", p->profile);
	balance = value(q, 0);
	if (!money_add(&balance, p->amount))
		die(EXIT_BUG, "the balance of profile %lld does not fit", (long long)p->profile);
	q = sql(r->db,
	        "UPDATE profile SET balance_in_cents = $balance, last_transaction = last_transaction + 1"
	        " WHERE number = $profile RETURNING last_transaction");
	bind_int(q, "$balance", balance);
	bind_int(q, "$profile", p->profile);
	return value(q, 0);
}

enum posted
ledger_post(struct run *r, const struct posting *p)
{
	bool otherwise;
	struct stmt *q;

	if (was_posted(r, p, &otherwise))
		return otherwise ? POSTED_OTHERWISE : POSTED_BEFORE;
	q = sql(
	    r->db,
	    "INSERT INTO balance_transaction (profile_number, number, event, amount_in_cents, transaction_at,"
	    "  transaction_on, source_kind, source, payment_number, settled_session, input_number, line)"
	    " VALUES ($profile, $number, $event, $amount, $at, $on, $kind, $source, $payment, $settled, $input, $line)");
	bind_int(q, "$profile", p->profile);
	bind_int(q, "$number", add_to_balance(r, p));
	bind_int(q, "$event", p->event);
	bind_int(q, "$amount", p->amount);
	bind_instant(q, "$at", p->at);
	bind_date(q, "$on", date_in_paris(p->at));
	bind_int(q, "$kind", p->source_kind);
	bind_blob(q, "$source", p->source, p->source_size);
	bind_int_or(q, "$payment", p->payment, 0);
	bind_int_or(q, "$settled", p->settled_session, 0);
	bind_int_or(q, "$input", p->input, 0);
	bind_int_or(q, "$line", p->line, 0);
	exec(q);
	return POSTED;
}

bool
ledger_find_external(struct run *r, const struct uuid *id, int64_t *profile, int64_t *number)
{
	uint32_t owner, nth;
	struct stmt *q;

	if (!uuid_split(id, store_id(r->db), UUID_BALANCE_TRANSACTION, &owner, &nth))
		return false;
	*profile = owner;
	*number = nth;
	q = sql(r->db, "SELECT count(*) FROM balance_transaction"
	               " WHERE profile_number = $profile AND number = $number AND event = 2");
	bind_int(q, "$profile", *profile);
	bind_int(q, "$number", *number);
	return value(q, 0) > 0;
}

void
ledger_set_push_date(struct run *r, int64_t profile, int64_t number, instant sent_at)
{
	struct stmt *q = sql(r->db, "UPDATE balance_transaction SET push_notification_sent_at = $at"
	                            " WHERE profile_number = $profile AND number = $number"
	                            "  AND push_notification_sent_at IS DISTINCT FROM $at");

	bind_instant(q, "$at", sent_at);
	bind_int(q, "$profile", profile);
	bind_int(q, "$number", number);
	exec(q);
}
