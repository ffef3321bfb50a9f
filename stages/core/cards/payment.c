/* payment: see payment.h. Writes swan_transaction, card_payment and own_money. */
#include <string.h>

#include "stages/core/books/correction.h"
#include "stages/core/cards/merchant.h"
#include "stages/core/cards/payment_state.h"
#include "stages/core/cards/reversed.h"
#include "stages/core/cards/version.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/key.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/membership.h"

/* --- write: the transaction --------------------------------------------------------------------------------------- */

static void
find_codes(struct version *v)
{
	const struct swan_transaction *t = v->t;
	struct code_table *found = &v->work->codes;
	const char *reason = swan_reason(t);

	if (v->age == FIRST)
		v->code.type = code_number(v->r->db, found, CODE_SWAN_TYPE, t->type);
	v->code.status = code_number(v->r->db, found, CODE_SWAN_STATUS, t->status);
	if (reason != NULL)
		v->code.reason = code_number(v->r->db, found, CODE_SWAN_REASON, reason);
	if (t->rejected_reason != NULL)
		v->code.rejection = code_number(
		    v->r->db, found, CODE_REJECTION,
		    swan_rejection(t, config_text(v->r->config, CARDS_ALLOWED_MERCHANT_CATEGORIES)));
}

static void
bind_version(struct stmt *q, const struct version *v)
{
	bind_int(q, "$key", v->key);
	bind_int(q, "$status", v->code.status);
	bind_int_or(q, "$reason", v->code.reason, 0);
	bind_int_or(q, "$rejection", v->code.rejection, 0);
	bind_int(q, "$amount", v->t->amount);
	bind_instant(q, "$updated", v->t->updated_at);
	bind_int(q, "$input", v->work->input);
	bind_int(q, "$line", v->work->line);
}

static int64_t
next_key(const struct version *v)
{
	struct stmt *q = sql(v->r->db,
	    "SELECT max(key)"
	    " FROM swan_transaction"
	    " WHERE key BETWEEN $first AND $last");
	int64_t first = version_payment(v) * KEY_PAYMENT;

	bind_int(q, "$first", first);
	bind_int(q, "$last", first + KEY_MOST_OF_PAYMENT);
	return value(q, first) + 1;
}

static int
check_room(const struct version *v, struct err *e)
{
	if (v->age != FIRST || v->number == 0 || next_key(v) % KEY_PAYMENT != 0)
		return 0;
	return err_set(e, ERR_TOO_LARGE,
	               "its payment has %d transactions: no more can be stored under one payment",
	               KEY_MOST_OF_PAYMENT);
}

static void
insert_transaction(struct version *v)
{
	struct stmt *q = sql(v->r->db, "INSERT INTO swan_transaction_id (id, key) VALUES ($id, $key)");

	v->key = next_key(v);
	bind_blob(q, "$id", v->id.bytes, v->id.n);
	bind_int(q, "$key", v->key);
	exec(q);
	q = sql(v->r->db,
	    "INSERT INTO swan_transaction (key, id, type, status, reason, rejection,"
	    "  amount_in_cents, first_amount_in_cents, created_at, updated_at, input_number, line)"
	    " VALUES ($key, $id, $type, $status, $reason, $rejection,"
	    "  $amount, $amount, $created, $updated, $input, $line)");

	bind_version(q, v);
	bind_blob(q, "$id", v->id.bytes, v->id.n);
	bind_int(q, "$type", v->code.type);
	bind_instant(q, "$created", v->t->created_at);
	exec(q);
}

static void
update_transaction(const struct version *v)
{
	struct stmt *q =
	    sql(v->r->db,
	    "UPDATE swan_transaction"
	    " SET status = $status, reason = $reason, rejection = $rejection, amount_in_cents = $amount,"
	    "  updated_at = $updated, input_number = $input, line = $line"
	    " WHERE key = $key");

	bind_version(q, v);
	exec(q);
}

static void
raise_first_amount(const struct version *v)
{
	struct stmt *q = sql(v->r->db,
	    "UPDATE swan_transaction"
	    " SET first_amount_in_cents = $amount"
	    " WHERE key = $key");

	bind_int(q, "$key", v->key);
	bind_int(q, "$amount", v->t->amount);
	exec(q);
}

/* Keeps the newest version, and the greatest amount: Swan only lowers an authorization, so that is the first one, in
 * whatever order the versions come. */
static void
write_transaction(struct version *v)
{
	if (v->age == FIRST)
		insert_transaction(v);
	if (v->age == NEWER)
		update_transaction(v);
	if (v->age != FIRST && v->t->amount > v->first_amount)
		raise_first_amount(v);
}

/* --- write: its payment ------------------------------------------------------------------------------------------- */

static void
bind_state(struct stmt *q, const struct version *v, const struct payment_state *p)
{
	bind_int(q, "$key", version_payment(v));
	bind_int(q, "$status", p->status->code);
	bind_int_or(q, "$rejection", p->rejection, 0);
	bind_instant(q, "$effective", p->effective_at);
	bind_int(q, "$authorized", p->authorized);
	bind_int(q, "$captured", p->captured);
}

/* In one text, to compare them. */
#define MERCHANT_WORDS                                                                               \
	"coalesce(m.id, '') || ' ' || coalesce(m.name, '') || ' ' || coalesce(m.city, '') || ' ' ||" \
	" coalesce(m.country, '') || ' ' || coalesce(m.postal_code, '') || ' ' || coalesce(m.category_code, '')"

/* The merchant, whole, of the version that Swan updated first among those that have one; of one instant the first by its
 * words. */
static void
write_merchant(const struct version *v)
{
	struct stmt *q;

	if (!merchant_is_named(v->t) || (v->merchant_at != INSTANT_NONE && v->merchant_at < v->t->updated_at))
		return;
	q = sql(v->r->db,
	    "UPDATE card_payment"
	    " SET merchant_number = $merchant, merchant_at = $at"
	    " WHERE key = $key"
	    "  AND (merchant_at IS NULL OR merchant_at > $at"
	    "   OR (SELECT " MERCHANT_WORDS " FROM merchant m WHERE m.number = card_payment.merchant_number)"
	    "    > (SELECT " MERCHANT_WORDS " FROM merchant m WHERE m.number = $merchant))");
	bind_int(q, "$key", version_payment(v));
	bind_int(q, "$merchant", merchant_number(v->r->db, v->t));
	bind_instant(q, "$at", v->t->updated_at);
	exec(q);
}

static int64_t
number_payment(struct run *r, int64_t profile)
{
	struct stmt *q = sql(r->db, "SELECT last_payment + 1 FROM profile WHERE number = $profile");
	int64_t number;

	bind_int(q, "$profile", profile);
	number = value(q, 0);
	if (number > KEY_MOST_NUMBER)
		die(EXIT_BUG, "profile %lld has %d card payments: no more can be numbered",
		    (long long)profile, KEY_MOST_NUMBER);
	q = sql(r->db, "UPDATE profile SET last_payment = $number WHERE number = $profile");
	bind_int(q, "$number", number);
	bind_int(q, "$profile", profile);
	exec(q);
	return number;
}

static void
insert_payment(struct version *v)
{
	struct stmt *q =
	    sql(v->r->db,
	    "INSERT INTO card_payment (key, swan_payment, status, rejection, effective_at,"
	    "  authorized_in_cents, captured_in_cents, merchant_number, merchant_at)"
	    " VALUES ($key, $payment, $status, $rejection, $effective,"
	    "  $authorized, $captured, $merchant, $at)");
	int64_t merchant = merchant_number(v->r->db, v->t);
	struct payment_state p;

	v->owner = v->profile;
	v->number = number_payment(v->r, v->profile);
	payment_state_first(&p, v->t, v->event, v->code.rejection);
	bind_state(q, v, &p);
	bind_blob(q, "$payment", v->payment.bytes, v->payment.n);
	bind_int_or(q, "$merchant", merchant, 0);
	bind_instant(q, "$at", merchant != 0 ? v->t->updated_at : INSTANT_NONE);
	exec(q);
	q = sql(v->r->db, "INSERT INTO swan_payment_id (id, key) VALUES ($id, $key)");
	bind_blob(q, "$id", v->payment.bytes, v->payment.n);
	bind_int(q, "$key", version_payment(v));
	exec(q);
}

static void
update_payment(const struct version *v)
{
	struct stmt *q = sql(v->r->db,
	    "UPDATE card_payment"
	    " SET status = $status, rejection = $rejection, effective_at = coalesce($effective, effective_at),"
	    "  authorized_in_cents = $authorized, captured_in_cents = $captured"
	    " WHERE key = $key");
	struct payment_state p;

	payment_state_load(&p, v->r->db, version_payment(v));
	bind_state(q, v, &p);
	exec(q);
}

/* The transaction and its payment; the key of a transaction is made of that of its payment. */
static void
write_both(struct version *v)
{
	bool has_payment = v->number != 0;

	if (v->age == FIRST || v->age == NEWER)
		find_codes(v);
	if (!has_payment)
		insert_payment(v);
	write_transaction(v);
	if (!has_payment)
		return;
	write_merchant(v);
	if (v->age != SAME)
		update_payment(v);
}

static void
write_version(struct version *v)
{
	write_both(v);
	if (v->posts == NULL)
		return;
	v->posting.payment = v->number;
	v->posting.source_key = v->key;
	ledger_add(v->r, &v->posting);
	run_count(v->r, v->posts->counter, 1);
	if (strcmp(v->t->type, "CardOutDebitReversal") == 0)
		reversed_note(v->r, version_payment(v));
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

/* The transfer stays as it is; the member owes its cents again. */
static void
reverse_transfer(const struct version *v)
{
	const struct swan_transaction *t = v->t;
	struct reversal reversal = {
	    .reference = v->transfer.reference,
	    .amount = t->amount,
	    .booked_on = date_in_paris(t->booked_at != INSTANT_NONE ? t->booked_at : t->created_at),
	    .swan = t,
	    .input = v->work->input,
	    .line = v->work->line};

	reversal_post(v->r, &reversal);
	run_count(v->r, COUNT_TRANSACTIONS_TAKEN_BACK, 1);
}

static void
note_own_money(const struct version *v)
{
	struct stmt *q =
	    sql(v->r->db,
	    "INSERT INTO own_money (swan_id, amount_in_cents, input_number, line)"
	    " VALUES ($id, $amount, $input, $line)"
	    " ON CONFLICT (swan_id) DO UPDATE SET amount_in_cents = excluded.amount_in_cents"
	    " WHERE own_money.amount_in_cents <> excluded.amount_in_cents");

	bind_text(q, "$id", v->t->id);
	bind_int(q, "$amount", swan_booked_cents(v->t));
	bind_int_or(q, "$input", v->work->input, 0);
	bind_int(q, "$line", v->work->line);
	exec(q);
	run_count(v->r, COUNT_TRANSACTIONS_WITHOUT_MEMBER, 1);
}

/* What an earlier version left for a person to decide is settled. */
static void
confirm_correction(struct version *v)
{
	if (v->age == NEWER)
		write_both(v);
	exception_close(v->r, "swan_transaction", v->t->id);
}

/* Checks and decides everything before it writes anything: a version that is held leaves only the exception that the caller
 * opens. */
static int
apply_version(struct payment_work *work, const struct swan_transaction *t, int64_t named, struct err *e)
{
	enum verdict verdict;
	struct version v;

	if (version_init(&v, work, t, named, e) < 0)
		return -1;
	verdict = version_decide(&v, e);
	if (verdict == WRITE && check_room(&v, e) < 0)
		return -1;
	if (verdict == WRITE)
		write_version(&v);
	if (verdict == REVERSE)
		reverse_transfer(&v);
	if (verdict == CONFIRM)
		confirm_correction(&v);
	if (verdict == NOTE_OWN)
		note_own_money(&v);
	return verdict == HOLD ? -1 : 0;
}

int
payment_apply(struct payment_work *work, const struct swan_transaction *t, struct err *e)
{
	return apply_version(work, t, 0, e);
}

int
payment_attribute(struct payment_work *work, const struct swan_transaction *t, int64_t profile, struct err *e)
{
	return apply_version(work, t, profile, e);
}

/* What was posted for the transaction itself, before any correction. */
static cents
find_posted(const struct version *v)
{
	struct stmt *q =
	    sql(v->r->db,
	    "SELECT amount_in_cents"
	    " FROM balance_transaction"
	    " WHERE source_kind = " SQL_CODE(SOURCE_SWAN)
	    "  AND source = $key"
	    "  AND event = " SQL_CODE(EVENT_CAPTURED_CARD_PAYMENT));

	bind_int(q, "$key", v->key);
	return value(q, 0);
}

/* The payment and the member of a transaction that is not stored: to whom its card belongs, before all. 0: neither is known. */
static int64_t
find_concerned(struct version *v)
{
	int64_t holder = membership_find_profile(v->r, v->t->account_membership_id, v->t->card_id);
	struct named_payment origin;
	struct err e = {0};

	if (holder != 0 && v->owner != 0 && v->owner != holder) {
		v->named = holder;
		(void)version_take_named(v, &e);
		return v->profile;
	}
	if (v->owner == 0 && named_find_origin(v->r, v->t, &origin))
		version_take_payment(v, &origin);
	return v->owner != 0 ? v->owner : named_find_member(v->r, v->t);
}

/* From now on it moves what the newest version has booked: this one, or the stored one. True: this one. */
static bool
correct_to_newest(struct correction *c, const struct version *v)
{
	correction_take(c, v->t);
	if (v->stored_at <= v->t->updated_at)
		return true;
	c->moves = v->stored_cents;
	c->version_at = c->at = v->stored_at;
	return false;
}

int
payment_correct(struct payment_work *work, const struct swan_transaction *t, const char *why, struct err *e)
{
	struct correction c = {.why = why, .input = work->input, .line = work->line};
	struct version v;
	bool is_stored;

	if (version_init(&v, work, t, 0, e) < 0)
		return -1;
	is_stored = version_find(&v);
	if (!is_stored)
		v.profile = find_concerned(&v);
	if (v.profile == 0)
		return err_set(e, ERR_UNKNOWN_CARD, "no member is known for this transaction");
	v.age = is_stored ? NEWER : FIRST;
	if (check_room(&v, e) < 0)
		return -1;
	if (correct_to_newest(&c, &v))
		write_both(&v);
	c.profile = v.profile;
	c.payment = v.number;
	c.posted = find_posted(&v);
	(void)correction_post(work->r, &c);
	return 0;
}

static void
move_transaction(const struct version *v)
{
	struct stmt *q = sql(v->r->db,
	    "UPDATE swan_transaction"
	    " SET moved_to = $payment"
	    " WHERE key = $key");

	bind_int(q, "$payment", version_payment(v));
	bind_int(q, "$key", v->key);
	exec(q);
}

int
payment_move(struct payment_work *work, const struct swan_transaction *t, int64_t profile, const char *why,
             struct err *e)
{
	struct correction c = {.why = why, .input = work->input, .line = work->line};
	struct version v, was;

	if (version_init(&v, work, t, profile, e) < 0)
		return -1;
	if (!version_find(&v))
		die(EXIT_BUG, "%s is attributed, and not stored", t->id);
	was = v;
	if (version_take_named(&v, e) < 0)
		return -1;
	v.age = NEWER;
	find_codes(&v);
	if (v.number == 0)
		insert_payment(&v);
	move_transaction(&v);
	if (correct_to_newest(&c, &v))
		write_transaction(&v);
	write_merchant(&v);
	update_payment(&v);
	update_payment(&was);
	c.profile = v.profile;
	c.payment = v.number;
	(void)correction_post(work->r, &c);
	return 0;
}
