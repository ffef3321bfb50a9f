/* payment: see payment.h. Writes swan_transaction and card_payment. */
#include <string.h>

#include "formats/length.h"
#include "formats/swan_rules.h"
#include "stages/core/books/ledger.h"
#include "stages/core/books/transfer.h"
#include "stages/core/cards/payment.h"
#include "stages/core/cards/payment_state.h"
#include "stages/core/cards/reversed.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/membership.h"

struct payment_key {
	unsigned char bytes[STORE_KEY];
	size_t n;
};

enum verdict { HOLD, PASS_OVER, WRITE };

/* One version of a transaction on its way into the books. */
struct version {
	struct payment_work *work;
	struct run *r;
	const struct swan_transaction *t;
	const struct swan_event *event; /* NULL: not of a card payment, or of an unknown status */
	int64_t named;                  /* the member whom a person named; 0: none */
	struct payment_key id, payment;

	/* as the transaction and its payment are in the books */
	enum age { FIRST, OLDER, SAME, NEWER } age;
	int64_t profile;
	int64_t number, owner; /* of the payment: the member's n-th; 0: it is not stored yet */
	cents first_amount;    /* the greatest so far */
	instant merchant_at;   /* of the payment; INSTANT_NONE: it has no merchant yet */

	struct {
		int64_t type, status, reason, rejection; /* 0: none */
	} code;
	const struct payment_event *posts; /* NULL: nothing */
	struct posting posting;
};

/* --- check: is it a version that the books can take? -------------------------------------------------------------- */

static int
check_version(struct version *v, struct err *e)
{
	const struct swan_transaction *t = v->t;
	const char *payment = t->payment_id != NULL ? t->payment_id : t->id;

	if (strlen(t->id) >= STORE_KEY || strlen(payment) >= STORE_KEY)
		return err_set(e, ERR_BAD_FIELD, "an id has more than %d characters", STORE_KEY - 1);
	v->id.n = store_key(t->id, v->id.bytes);
	v->payment.n = store_key(payment, v->payment.bytes);
	if (ledger_is_in_future(v->r, t->created_at) ||
	    (t->released_at != INSTANT_NONE && ledger_is_in_future(v->r, t->released_at)))
		return err_set(e, ERR_DATE_IN_FUTURE, "it is dated more than a day after the business date");
	return 0;
}

/* --- decide: what is stored of it, which member it belongs to, what it posts -------------------------------------- */

static enum age
age_of(const struct swan_transaction *t, struct stmt *stored)
{
	struct swan_transaction was = {.type = t->type,
	                               .status = col_text(stored, 3),
	                               .released_reason = col_text(stored, 4),
	                               .amount = col_int(stored, 5),
	                               .updated_at = col_instant(stored, 6)};
	int by = swan_compare(t, &was);

	return by < 0 ? OLDER : by == 0 ? SAME : NEWER;
}

/* A transaction stays with the member and the payment under which it was first stored, whatever comes later. */
static bool
find_stored_transaction(struct version *v)
{
	struct stmt *q =
	    sql(v->r->db,
	    "SELECT t.profile_number, t.payment, t.first_amount_in_cents, st.word, re.word,"
	    "  t.amount_in_cents, t.updated_at, p.merchant_at, p.number, p.profile_number"
	    " FROM swan_transaction t"
	    " JOIN code st ON st.number = t.status"
	    " JOIN card_payment p ON p.payment = t.payment"
	    " LEFT JOIN code re ON re.number = t.reason"
	    " WHERE t.id = $id");
	const void *bytes;

	bind_blob(q, "$id", v->id.bytes, v->id.n);
	if (!row(q))
		return false;
	v->profile = col_int(q, 0);
	bytes = col_blob(q, 1, &v->payment.n);
	memcpy(v->payment.bytes, bytes, v->payment.n);
	v->first_amount = col_int(q, 2);
	v->age = age_of(v->t, q);
	v->merchant_at = col_instant(q, 7);
	v->number = col_int(q, 8);
	v->owner = col_int(q, 9);
	reset(q);
	return true;
}

static void
find_stored_payment(struct version *v)
{
	struct stmt *q = sql(v->r->db,
	    "SELECT number, profile_number, merchant_at"
	    " FROM card_payment"
	    " WHERE payment = $payment");

	v->number = v->owner = 0;
	v->merchant_at = INSTANT_NONE;
	bind_blob(q, "$payment", v->payment.bytes, v->payment.n);
	if (!row(q))
		return;
	v->number = col_int(q, 0);
	v->owner = col_int(q, 1);
	v->merchant_at = col_instant(q, 2);
	reset(q);
}

/* For a transaction that is not of a card: which member sent it. A posted transfer stays a transfer, even if its card payment
 * appears later. */
static enum verdict
find_sender(struct version *v, struct err *e)
{
	enum transfer_seen seen = transfer_compare(v->r, v->t);

	if (seen == TRANSFER_OTHERWISE) {
		err_set(e, ERR_AMOUNT_CONFLICT,
		        "a transfer of this id was posted with another amount, or is no longer booked");
		return HOLD;
	}
	if (seen == TRANSFER_UNKNOWN && v->t->payment_id != NULL && v->event != NULL)
		v->profile = v->owner;
	if (v->profile != 0)
		return WRITE;
	if (seen == TRANSFER_UNKNOWN && transfer_is_booked(v->t)) {
		err_set(e, ERR_UNATTRIBUTED_CREDIT,
		        "incoming money that belongs to no card payment: a person decides");
		return HOLD;
	}
	run_count(v->r,
	          seen == TRANSFER_SAME ? COUNT_TRANSACTIONS_ATTRIBUTED : COUNT_TRANSACTIONS_WITHOUT_MEMBER,
	          1);
	return PASS_OVER;
}

/* Takes the member whom a person named. If the payment is another member's, the transaction becomes a payment of its own. */
static enum verdict
take_named_owner(struct version *v, struct err *e)
{
	int64_t holder = membership_find_profile(v->r, v->t->account_membership_id, v->t->card_id);

	if (v->owner != 0 && holder != 0 && v->named != v->owner && v->named != holder) {
		err_set(e, ERR_PAYMENT_CONFLICT, "neither the payment nor the card belongs to this member");
		return HOLD;
	}
	if (v->owner != 0 && v->owner != v->named) {
		v->payment = v->id;
		find_stored_payment(v);
	}
	v->profile = v->named;
	return WRITE;
}

/* Finds the member of a transaction that is not stored yet. */
static enum verdict
find_owner(struct version *v, struct err *e)
{
	if (v->named != 0)
		return take_named_owner(v, e);
	if (!swan_is_card(v->t->type))
		return find_sender(v, e);
	v->profile = membership_find_profile(v->r, v->t->account_membership_id, v->t->card_id);
	if (v->profile != 0)
		return WRITE;
	err_set(e, ERR_UNKNOWN_CARD, "no member is known for the card of this transaction");
	return HOLD;
}

/* Swan's side (debit, credit) gives the sign. If the type should have the other side, the direction of the money is unknown. */
static int
check_side(const struct version *v, struct err *e)
{
	const struct swan_event *event = v->event;

	if (event == NULL || event->sign == 0 || (event->sign < 0) == (strcmp(v->t->side, "Debit") == 0))
		return 0;
	return err_set(e, ERR_BAD_FIELD, "side %s is not valid for type %s", v->t->side, v->t->type);
}

struct payment_event {
	const char *name;
	enum event event;
	enum counter counter;
};

static const struct payment_event payment_events[] = {
    {"captured_card_payment", EVENT_CAPTURED_CARD_PAYMENT, COUNT_TRANSACTIONS_CAPTURED},
    {"rejected_card_payment", EVENT_REJECTED_CARD_PAYMENT, COUNT_TRANSACTIONS_REJECTED},
    {"released_card_payment", EVENT_RELEASED_CARD_PAYMENT, COUNT_TRANSACTIONS_RELEASED},
};

static const struct payment_event *
find_payment_event(const char *name)
{
	size_t i;

	for (i = 0; i < LENGTH(payment_events); i++)
		if (strcmp(payment_events[i].name, name) == 0)
			return &payment_events[i];
	die(EXIT_BUG, "formats/data/swan_events.csv: no event %s", name);
}

/* Decides what it posts, if anything. The number of its payment is set later, when the payment is stored. */
static enum verdict
decide_posting(struct version *v, struct err *e)
{
	const struct swan_transaction *t = v->t;
	const struct payment_event *posts;
	enum posted posted = POSTED;

	if (v->event == NULL || v->event->event[0] == '\0')
		return WRITE;
	posts = find_payment_event(v->event->event);
	v->posting = (struct posting){.profile = v->profile,
	                              .event = posts->event,
	                              .amount = v->event->sign * t->amount,
	                              .at = t->released_at != INSTANT_NONE ? t->released_at : t->created_at,
	                              .source_kind = SOURCE_SWAN,
	                              .source = v->id.bytes,
	                              .source_size = v->id.n,
	                              .input = v->work->input,
	                              .line = v->work->line};
	if (v->age != FIRST) /* of a first one nothing can have been posted */
		posted = ledger_compare(v->r, &v->posting);
	if (posted == POSTED_OTHERWISE) {
		err_set(e, ERR_AMOUNT_CONFLICT,
		        "this transaction was posted before with another amount or member");
		return HOLD;
	}
	if (posted == POSTED)
		v->posts = posts;
	return WRITE;
}

static enum verdict
decide_version(struct version *v, struct err *e)
{
	enum verdict owner = WRITE;

	if (!find_stored_transaction(v)) {
		find_stored_payment(v);
		owner = find_owner(v, e);
	}
	if (owner != WRITE)
		return owner;
	if (check_side(v, e) < 0)
		return HOLD;
	if (v->event == NULL)
		run_count(v->r, COUNT_TRANSACTIONS_UNKNOWN, 1);
	if (v->age == SAME) /* all but the merchant was done when it was first seen */
		return WRITE;
	if (v->owner != 0 && v->owner != v->profile) {
		err_set(e, ERR_PAYMENT_CONFLICT, "the payment of this transaction belongs to another member");
		return HOLD;
	}
	return decide_posting(v, e);
}

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
	bind_blob(q, "$id", v->id.bytes, v->id.n);
	bind_int(q, "$status", v->code.status);
	bind_int_or(q, "$reason", v->code.reason, 0);
	bind_int_or(q, "$rejection", v->code.rejection, 0);
	bind_int(q, "$amount", v->t->amount);
	bind_instant(q, "$updated", v->t->updated_at);
	bind_int(q, "$input", v->work->input);
	bind_int(q, "$line", v->work->line);
}

static void
insert_transaction(const struct version *v)
{
	struct stmt *q =
	    sql(v->r->db,
	    "INSERT INTO swan_transaction (id, profile_number, payment, type, status, reason, rejection,"
	    "  amount_in_cents, first_amount_in_cents, created_at, updated_at, input_number, line)"
	    " VALUES ($id, $profile, $payment, $type, $status, $reason, $rejection,"
	    "  $amount, $amount, $created, $updated, $input, $line)");

	bind_version(q, v);
	bind_int(q, "$profile", v->profile);
	bind_blob(q, "$payment", v->payment.bytes, v->payment.n);
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
	    " WHERE id = $id");

	bind_version(q, v);
	exec(q);
}

static void
raise_first_amount(const struct version *v)
{
	struct stmt *q = sql(v->r->db,
	    "UPDATE swan_transaction"
	    " SET first_amount_in_cents = $amount"
	    " WHERE id = $id");

	bind_blob(q, "$id", v->id.bytes, v->id.n);
	bind_int(q, "$amount", v->t->amount);
	exec(q);
}

/* Keeps the newest version, and the greatest amount: Swan only lowers an authorization, so that is the first one, in
 * whatever order the versions come. */
static void
write_transaction(struct version *v)
{
	if (v->age == FIRST || v->age == NEWER)
		find_codes(v);
	if (v->age == FIRST)
		insert_transaction(v);
	if (v->age == NEWER)
		update_transaction(v);
	if (v->age != FIRST && v->t->amount > v->first_amount)
		raise_first_amount(v);
}

/* --- write: its payment ------------------------------------------------------------------------------------------- */

static bool
has_merchant(const struct swan_transaction *t)
{
	return t->merchant_id != NULL || t->merchant_name != NULL || t->merchant_city != NULL ||
	       t->merchant_country != NULL || t->merchant_postal_code != NULL ||
	       t->merchant_category_code != NULL;
}

static void
bind_merchant(struct stmt *q, const struct swan_transaction *t)
{
	bind_text(q, "$mid", t->merchant_id);
	bind_text(q, "$name", t->merchant_name);
	bind_text(q, "$city", t->merchant_city);
	bind_text(q, "$country", t->merchant_country);
	bind_text(q, "$postal", t->merchant_postal_code);
	bind_text(q, "$mcc", t->merchant_category_code);
	bind_instant(q, "$at", has_merchant(t) ? t->updated_at : INSTANT_NONE);
}

static void
bind_state(struct stmt *q, const struct version *v, const struct payment_state *p)
{
	bind_blob(q, "$payment", v->payment.bytes, v->payment.n);
	bind_int(q, "$status", p->status->code);
	bind_int_or(q, "$rejection", p->rejection, 0);
	bind_instant(q, "$effective", p->effective_at);
	bind_int(q, "$authorized", p->authorized);
	bind_int(q, "$captured", p->captured);
}

/* The merchant, whole, of the version that Swan updated first among those that have one; of one instant the first by its
 * words. */
static void
write_merchant(const struct version *v)
{
	struct stmt *q;

	if (!has_merchant(v->t) || (v->merchant_at != INSTANT_NONE && v->merchant_at < v->t->updated_at))
		return;
	q = sql(v->r->db,
	    "UPDATE card_payment"
	    " SET merchant_id = $mid, merchant_name = $name, merchant_city = $city, merchant_country = $country,"
	    "  merchant_postal_code = $postal, merchant_category_code = $mcc, merchant_at = $at"
	    " WHERE payment = $payment"
	    "  AND (merchant_at IS NULL OR merchant_at > $at"
	    "   OR coalesce(merchant_id, '') || ' ' || coalesce(merchant_name, '')"
	    "     || ' ' || coalesce(merchant_city, '') || ' ' || coalesce(merchant_country, '')"
	    "     || ' ' || coalesce(merchant_postal_code, '') || ' ' || coalesce(merchant_category_code, '')"
	    "    > coalesce($mid, '') || ' ' || coalesce($name, '')"
	    "     || ' ' || coalesce($city, '') || ' ' || coalesce($country, '')"
	    "     || ' ' || coalesce($postal, '') || ' ' || coalesce($mcc, ''))");
	bind_merchant(q, v->t);
	bind_blob(q, "$payment", v->payment.bytes, v->payment.n);
	exec(q);
}

static int64_t
number_payment(struct run *r, int64_t profile)
{
	struct stmt *q = sql(r->db, "SELECT last_payment + 1 FROM profile WHERE number = $profile");
	int64_t number;

	bind_int(q, "$profile", profile);
	number = value(q, 0);
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
	    "INSERT INTO card_payment (profile_number, number, payment, status, rejection, effective_at,"
	    "  authorized_in_cents, captured_in_cents, merchant_id, merchant_name, merchant_city,"
	    "  merchant_country, merchant_postal_code, merchant_category_code, merchant_at)"
	    " VALUES ($profile, $number, $payment, $status, $rejection, $effective,"
	    "  $authorized, $captured, $mid, $name, $city,"
	    "  $country, $postal, $mcc, $at)");
	struct payment_state p;

	v->number = number_payment(v->r, v->profile);
	payment_state_first(&p, v->t, v->event, v->code.rejection);
	bind_state(q, v, &p);
	bind_int(q, "$profile", v->profile);
	bind_int(q, "$number", v->number);
	bind_merchant(q, v->t);
	exec(q);
}

static void
update_payment(const struct version *v)
{
	struct stmt *q =
	    sql(v->r->db,
	    "UPDATE card_payment"
	    " SET status = $status, rejection = $rejection, effective_at = $effective,"
	    "  authorized_in_cents = $authorized, captured_in_cents = $captured"
	    " WHERE payment = $payment");
	struct payment_state p;

	payment_state_load(&p, v->r->db, v->payment.bytes, v->payment.n);
	bind_state(q, v, &p);
	exec(q);
}

static void
write_payment(struct version *v)
{
	if (v->number == 0) {
		insert_payment(v);
		return;
	}
	write_merchant(v);
	if (v->age != SAME)
		update_payment(v);
}

static void
write_version(struct version *v)
{
	write_transaction(v);
	write_payment(v);
	if (v->posts == NULL)
		return;
	v->posting.payment = v->number;
	ledger_add(v->r, &v->posting);
	run_count(v->r, v->posts->counter, 1);
	if (strcmp(v->t->type, "CardOutDebitReversal") == 0)
		reversed_note(v->r, v->payment.bytes, v->payment.n);
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

/* Checks and decides everything before it writes anything: a version that is held leaves only the exception that the caller
 * opens. */
static int
apply_version(struct payment_work *work, const struct swan_transaction *t, int64_t named, struct err *e)
{
	struct version v = {.work = work,
	                    .r = work->r,
	                    .t = t,
	                    .event = swan_find_event(t),
	                    .named = named,
	                    .merchant_at = INSTANT_NONE};
	enum verdict verdict;

	if (check_version(&v, e) < 0)
		return -1;
	verdict = decide_version(&v, e);
	if (verdict == WRITE)
		write_version(&v);
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

int64_t
payment_find_owner(struct run *r, const struct swan_transaction *t)
{
	struct stmt *q = sql(r->db, "SELECT profile_number FROM card_payment WHERE payment = $payment");
	const char *id = t->payment_id != NULL ? t->payment_id : t->id;
	unsigned char key[STORE_KEY];

	if (strlen(id) >= STORE_KEY)
		return 0;
	bind_blob(q, "$payment", key, store_key(id, key));
	return value(q, 0);
}
