/* ledger: see ledger.h. Writes balance_transaction, and the balance and counter of profile. */
#include "stages/core/books/ledger.h"
#include "stages/core/engine/key.h"
#include "stages/core/engine/log.h"

bool
ledger_is_in_future(const struct run *r, instant at)
{
	return date_in_paris(at) > r->on + 1;
}

static void
bind_source(struct stmt *q, const struct posting *p)
{
	if (p->source_kind == SOURCE_SWAN)
		bind_int(q, "$source", p->source_key);
	else
		bind_blob(q, "$source", p->source, p->source_size);
}

enum posted
ledger_compare(struct run *r, const struct posting *p)
{
	struct stmt *q = sql(r->db,
	    "SELECT key, amount_in_cents"
	    " FROM balance_transaction"
	    " WHERE source_kind = $kind AND source = $source AND event = $event");
	bool same;

	bind_int(q, "$kind", p->source_kind);
	bind_source(q, p);
	bind_int(q, "$event", p->event);
	if (!row(q))
		return POSTED;
	same = key_member(col_int(q, 0)) == p->profile && col_int(q, 1) == p->amount;
	reset(q);
	return same ? POSTED_BEFORE : POSTED_OTHERWISE;
}

/* Returns the number of the new transaction. (SQLite makes a temporary table for each RETURNING: too slow.) */
static int64_t
add_to_balance(struct run *r, const struct posting *p)
{
	struct stmt *q =
	    sql(r->db,
	        "SELECT balance_in_cents, last_transaction FROM profile WHERE number = $profile");
	cents balance;
	int64_t number;

	bind_int(q, "$profile", p->profile);
	if (!row(q))
		die(EXIT_BUG, "there is no profile %lld to post for", (long long)p->profile);
	balance = col_int(q, 0);
	number = col_int(q, 1) + 1;
	reset(q);
	if (number > KEY_MOST_NUMBER)
		die(EXIT_BUG, "profile %lld has %d balance transactions: no more can be numbered",
		    (long long)p->profile, KEY_MOST_NUMBER);
	if (!money_add(&balance, p->amount))
		die(EXIT_BUG, "the balance of profile %lld does not fit", (long long)p->profile);
	q = sql(r->db,
	    "UPDATE profile"
	    " SET balance_in_cents = $balance, last_transaction = $number"
	    " WHERE number = $profile");
	bind_int(q, "$balance", balance);
	bind_int(q, "$number", number);
	bind_int(q, "$profile", p->profile);
	exec(q);
	return number;
}

void
ledger_add(struct run *r, const struct posting *p)
{
	struct stmt *q = sql(r->db,
	        "INSERT INTO balance_transaction (key, event, amount_in_cents,"
	        "  transaction_at, transaction_on, source_kind, source, payment_number, settled_session,"
	        "  input_number, line)"
	        " VALUES ($key, $event, $amount, $at, $on, $kind, $source, $payment, $settled,"
	        "  $input, $line)");

	bind_int(q, "$key", key_of(p->profile, add_to_balance(r, p)));
	bind_int(q, "$event", p->event);
	bind_int(q, "$amount", p->amount);
	bind_instant(q, "$at", p->at);
	bind_date(q, "$on", date_in_paris(p->at));
	bind_int(q, "$kind", p->source_kind);
	bind_source(q, p);
	bind_int_or(q, "$payment", p->payment, 0);
	bind_int_or(q, "$settled", p->settled_session, 0);
	bind_int_or(q, "$input", p->input, 0);
	bind_int_or(q, "$line", p->line, 0);
	exec(q);
}

enum posted
ledger_post(struct run *r, const struct posting *p)
{
	enum posted found = ledger_compare(r, p);

	if (found == POSTED)
		ledger_add(r, p);
	return found;
}

void
ledger_post_set(struct run *r)
{
	exec(sql(r->db,
	    "INSERT INTO balance_transaction (key, event, amount_in_cents,"
	    "  transaction_at, transaction_on, source_kind, source, settled_session, input_number, line)"
	    " SELECT " SQL_KEY("p.profile", "m.last_transaction + p.of_member") ", p.event, p.amount,"
	    "  p.at, p.on_day, p.source_kind, p.source, p.settled_session, p.input, p.line"
	    " FROM posting p"
	    " JOIN profile m ON m.number = p.profile"
	    " ORDER BY p.profile, p.of_member"));
	exec(sql(r->db,
	    "UPDATE profile"
	    " SET balance_in_cents = balance_in_cents + moved.cents, last_transaction = last_transaction + moved.n"
	    " FROM (SELECT profile, sum(amount) AS cents, count(*) AS n FROM posting GROUP BY profile) AS moved"
	    " WHERE profile.number = moved.profile"));
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
	q = sql(r->db,
	    "SELECT count(*)"
	    " FROM balance_transaction"
	    " WHERE key = " SQL_KEY("$profile", "$number") " AND event = " SQL_CODE(EVENT_EXTERNAL_TRANSACTION));
	bind_int(q, "$profile", *profile);
	bind_int(q, "$number", *number);
	return value(q, 0) > 0;
}

instant
ledger_transaction_at(struct run *r, int64_t profile, int64_t number)
{
	struct stmt *q = sql(r->db,
	    "SELECT transaction_at"
	    " FROM balance_transaction"
	    " WHERE key = " SQL_KEY("$profile", "$number"));

	bind_int(q, "$profile", profile);
	bind_int(q, "$number", number);
	return value(q, INSTANT_NONE);
}

void
ledger_set_push_date(struct run *r, int64_t profile, int64_t number, instant sent_at)
{
	struct stmt *q =
	    sql(r->db,
	    "UPDATE balance_transaction"
	    " SET push_notification_sent_at = $at"
	    " WHERE key = " SQL_KEY("$profile", "$number")
	    "  AND push_notification_sent_at IS DISTINCT FROM $at");

	bind_instant(q, "$at", sent_at);
	bind_int(q, "$profile", profile);
	bind_int(q, "$number", number);
	exec(q);
}
