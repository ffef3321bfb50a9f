/* ledger: see ledger.h. Writes balance_transaction, and the balance and counters of profile. */
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

void
ledger_load_member(struct run *r, int64_t profile, struct ledger_member *m)
{
	struct stmt *q = sql(r->db,
	    "SELECT balance_in_cents, last_transaction, last_payment"
	    " FROM profile"
	    " WHERE number = $profile");

	bind_int(q, "$profile", profile);
	if (!row(q))
		die(EXIT_BUG, "there is no profile %lld to post for", (long long)profile);
	*m = (struct ledger_member){.profile = profile,
	                            .balance = col_int(q, 0),
	                            .last_transaction = col_int(q, 1),
	                            .last_payment = col_int(q, 2)};
	reset(q);
}

static _Noreturn void
die_without_number(int64_t profile)
{
	die(EXIT_BUG, "profile %lld has at most %d balance transactions: no more can be numbered",
	    (long long)profile, KEY_MOST_NUMBER);
}

int64_t
ledger_next_row(struct ledger_member *m, cents amount)
{
	if (m->last_transaction == KEY_MOST_NUMBER)
		die_without_number(m->profile);
	if (!money_add(&m->balance, amount))
		die(EXIT_BUG, "the balance of profile %lld does not fit", (long long)m->profile);
	m->rows++;
	return ++m->last_transaction;
}

int64_t
ledger_next_payment(struct ledger_member *m)
{
	if (m->last_payment == KEY_MOST_NUMBER)
		die(EXIT_BUG, "profile %lld has %d card payments: no more can be numbered",
		    (long long)m->profile, KEY_MOST_NUMBER);
	m->payments++;
	return ++m->last_payment;
}

/* The numbers from before are in the condition: of a member who was changed since, nothing is written over. */
void
ledger_write_member(struct run *r, const struct ledger_member *m)
{
	struct stmt *q;

	if (m->rows == 0 && m->payments == 0)
		return;
	q = sql(r->db,
	    "UPDATE profile"
	    " SET balance_in_cents = $balance, last_transaction = $last, last_payment = $payment"
	    " WHERE number = $profile AND last_transaction = $last - $rows AND last_payment = $payment - $payments");
	bind_int(q, "$balance", m->balance);
	bind_int(q, "$last", m->last_transaction);
	bind_int(q, "$payment", m->last_payment);
	bind_int(q, "$profile", m->profile);
	bind_int(q, "$rows", m->rows);
	bind_int(q, "$payments", m->payments);
	if (exec(q) != 1)
		die(EXIT_BUG, "the balance of profile %lld was changed at the same time",
		    (long long)m->profile);
}

struct rows *
ledger_rows_new(struct run *r)
{
	return rows_new(r->db, "balance_transaction",
	                "key, event, amount_in_cents, transaction_at, transaction_on, source_kind, source,"
	                " payment_number, settled_session, input_number, line",
	                11);
}

void
ledger_insert(struct rows *w, int64_t key, const struct posting *p)
{
	rows_int(w, key);
	rows_int(w, p->event);
	rows_int(w, p->amount);
	rows_instant(w, p->at);
	rows_date(w, date_in_paris(p->at));
	rows_int(w, p->source_kind);
	if (p->source_kind == SOURCE_SWAN)
		rows_int(w, p->source_key);
	else
		rows_bytes(w, p->source, p->source_size);
	rows_int_or(w, p->payment, 0);
	rows_int_or(w, p->settled_session, 0);
	rows_int_or(w, p->input, 0);
	rows_int_or(w, p->line, 0);
}

static void
insert_one(struct run *r, int64_t key, const struct posting *p)
{
	struct stmt *q = sql(r->db,
	        "INSERT INTO balance_transaction (key, event, amount_in_cents,"
	        "  transaction_at, transaction_on, source_kind, source, payment_number, settled_session,"
	        "  input_number, line)"
	        " VALUES ($key, $event, $amount, $at, $on, $kind, $source, $payment, $settled,"
	        "  $input, $line)");

	bind_int(q, "$key", key);
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

void
ledger_add(struct run *r, const struct posting *p)
{
	struct ledger_member m;

	ledger_load_member(r, p->profile, &m);
	insert_one(r, key_of(p->profile, ledger_next_row(&m, p->amount)), p);
	ledger_write_member(r, &m);
}

enum posted
ledger_post(struct run *r, const struct posting *p)
{
	enum posted found = ledger_compare(r, p);

	if (found == POSTED)
		ledger_add(r, p);
	return found;
}

/* A number above the last one would make the key of another member. */
static void
check_numbers_of_set(struct run *r)
{
	int64_t profile = value(
	    sql(r->db, "SELECT m.number"
	                     " FROM posting p"
	                     " JOIN profile m ON m.number = p.profile"
	                     " WHERE m.last_transaction + p.of_member > " SQL_NUMBER(KEY_MOST_NUMBER)
	                     " LIMIT 1"),
	        0);

	if (profile != 0)
		die_without_number(profile);
}

void
ledger_post_set(struct run *r)
{
	check_numbers_of_set(r);
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
