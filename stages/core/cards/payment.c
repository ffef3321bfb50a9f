/* payment: see payment.h. Writes swan_transaction, card_payment and code. */
#include <string.h>

#include "formats/length.h"
#include "formats/swan_rules.h"
#include "stages/core/books/ledger.h"
#include "stages/core/books/transfer.h"
#include "stages/core/cards/payment.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/membership.h"

#define FIRST_WORD 100 /* codes below are fixed in schema.sql */

struct key {
	unsigned char bytes[STORE_KEY];
	size_t n;
};

static int64_t
code_of(struct run *r, const char *kind, const char *word)
{
	struct stmt *q = sql(r->db, "SELECT number FROM code WHERE kind = $kind AND word = $word");
	int64_t number;

	bind_text(q, "$kind", kind);
	bind_text(q, "$word", word);
	number = value(q, 0);
	if (number != 0)
		return number;
	number = FIRST_WORD + store_number(r->db, "code") - 1;
	q = sql(r->db, "INSERT INTO code (number, kind, word) VALUES ($number, $kind, $word)");
	bind_int(q, "$number", number);
	bind_text(q, "$kind", kind);
	bind_text(q, "$word", word);
	exec(q);
	return number;
}

static int64_t
find_profile_by_payment(struct run *r, const struct key *payment)
{
	struct stmt *q = sql(r->db, "SELECT profile_number FROM card_payment WHERE payment = $payment");

	bind_blob(q, "$payment", payment->bytes, payment->n);
	return value(q, 0);
}

/* Of what is no card's. Money that is in the books as a transfer of a member stays that, even if its payment appears. */
static int64_t
find_sender(struct run *r, const struct swan_transaction *t, const struct key *payment, struct err *e)
{
	enum transfer_seen seen = transfer_compare(r, t);
	int64_t profile = 0;

	if (seen == TRANSFER_OTHERWISE) {
		err_set(e, ERR_AMOUNT_CONFLICT,
		        "a transfer of this id was posted with another amount, or is no longer booked");
		return 0;
	}
	if (seen == TRANSFER_UNKNOWN && t->payment_id != NULL && swan_find_event(t) != NULL)
		profile = find_profile_by_payment(r, payment);
	if (profile != 0)
		return profile;
	if (seen == TRANSFER_UNKNOWN && transfer_is_booked(t)) {
		err_set(e, ERR_UNATTRIBUTED_CREDIT,
		        "money that came in and is no card payment's: a person decides");
		return 0;
	}
	run_count(
	    r, seen == TRANSFER_SAME ? COUNT_TRANSACTIONS_ATTRIBUTED : COUNT_TRANSACTIONS_WITHOUT_MEMBER, 1);
	return -1;
}

/* Whose transaction it is: 0 and the reason when nobody can tell, -1 when nothing is to be done with it. */
static int64_t
find_owner(struct run *r, const struct swan_transaction *t, const struct key *payment, struct err *e)
{
	int64_t profile;

	if (!swan_is_card(t->type))
		return find_sender(r, t, payment, e);
	profile = membership_find_profile(r, t->account_membership_id, t->card_id);
	if (profile == 0)
		err_set(e, ERR_UNKNOWN_CARD, "no member is known for the card of this transaction");
	return profile;
}

/* A person says whose it is. A payment belongs to one member: what is another's becomes a payment of its own. */
static int64_t
name_owner(struct run *r, const struct swan_transaction *t, const struct key *id, struct key *payment,
           int64_t named, struct err *e)
{
	int64_t owner = find_profile_by_payment(r, payment);
	int64_t holder = membership_find_profile(r, t->account_membership_id, t->card_id);

	if (owner != 0 && holder != 0 && named != owner && named != holder) {
		err_set(e, ERR_PAYMENT_CONFLICT, "neither the payment nor the card is this member's");
		return 0;
	}
	if (owner != 0 && owner != named)
		*payment = *id;
	return named;
}

/* Its code; 0 for what was not rejected. */
static int64_t
rejection_of(struct run *r, const struct swan_transaction *t)
{
	if (t->rejected_reason == NULL)
		return 0;
	return code_of(r, "rejection",
	               swan_rejection(t, config_text(r->config, CARDS_ALLOWED_MERCHANT_CATEGORIES)));
}

/* What the books have of a transaction, against the version that is told. */
struct known {
	enum age { FIRST, OLDER, SAME, NEWER } age;
	int64_t profile;
	struct key payment;
	int64_t number, owner; /* of its payment: the member's n-th; 0: there is none yet */
	cents first_amount;    /* the greatest told */
	instant merchant_at;   /* of its payment; INSTANT_NONE: none was told */
};

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

/* A transaction stays with the member and the payment under which it was first told, whatever comes later. */
static void
find_known(struct run *r, const struct swan_transaction *t, const struct key *id, struct known *k)
{
	struct stmt *q =
	    sql(r->db, "SELECT t.profile_number, t.payment, t.first_amount_in_cents, st.word, re.word,"
	               "  t.amount_in_cents, t.updated_at, p.merchant_at, p.number, p.profile_number"
	               " FROM swan_transaction t JOIN code st ON st.number = t.status"
	               "  JOIN card_payment p ON p.payment = t.payment"
	               "  LEFT JOIN code re ON re.number = t.reason"
	               " WHERE t.id = $id");
	const void *bytes;

	bind_blob(q, "$id", id->bytes, id->n);
	if (!row(q))
		return;
	k->profile = col_int(q, 0);
	bytes = col_blob(q, 1, &k->payment.n);
	memcpy(k->payment.bytes, bytes, k->payment.n);
	k->first_amount = col_int(q, 2);
	k->age = age_of(t, q);
	k->merchant_at = col_instant(q, 7);
	k->number = col_int(q, 8);
	k->owner = col_int(q, 9);
	reset(q);
}

/* Of a transaction that is told for the first time. */
static void
find_payment(struct run *r, struct known *k)
{
	struct stmt *q = sql(
	    r->db, "SELECT number, profile_number, merchant_at FROM card_payment WHERE payment = $payment");

	bind_blob(q, "$payment", k->payment.bytes, k->payment.n);
	if (!row(q))
		return;
	k->number = col_int(q, 0);
	k->owner = col_int(q, 1);
	k->merchant_at = col_instant(q, 2);
	reset(q);
}

static void
insert_transaction(struct run *r, const struct swan_transaction *t, const struct key *id,
                   const struct known *k, int64_t input, long line)
{
	struct stmt *q =
	    sql(r->db,
	        "INSERT INTO swan_transaction (id, profile_number, payment, type, status, reason, rejection,"
	        "  amount_in_cents, first_amount_in_cents, created_at, updated_at, input_number, line)"
	        " VALUES ($id, $profile, $payment, $type, $status, $reason, $rejection,"
	        "  $amount, $amount, $created, $updated, $input, $line)");
	const char *reason = swan_reason(t);

	bind_blob(q, "$id", id->bytes, id->n);
	bind_int(q, "$profile", k->profile);
	bind_blob(q, "$payment", k->payment.bytes, k->payment.n);
	bind_int(q, "$type", code_of(r, "swan_type", t->type));
	bind_int(q, "$status", code_of(r, "swan_status", t->status));
	bind_int_or(q, "$reason", reason == NULL ? 0 : code_of(r, "swan_reason", reason), 0);
	bind_int_or(q, "$rejection", rejection_of(r, t), 0);
	bind_int(q, "$amount", t->amount);
	bind_instant(q, "$created", t->created_at);
	bind_instant(q, "$updated", t->updated_at);
	bind_int(q, "$input", input);
	bind_int(q, "$line", line);
	exec(q);
}

static void
update_transaction(struct run *r, const struct swan_transaction *t, const struct key *id, int64_t input,
                   long line)
{
	struct stmt *q = sql(
	    r->db, "UPDATE swan_transaction SET status = $status, reason = $reason, rejection = $rejection,"
		   "  amount_in_cents = $amount, updated_at = $updated, input_number = $input, line = $line"
		   " WHERE id = $id");
	const char *reason = swan_reason(t);

	bind_blob(q, "$id", id->bytes, id->n);
	bind_int(q, "$status", code_of(r, "swan_status", t->status));
	bind_int_or(q, "$reason", reason == NULL ? 0 : code_of(r, "swan_reason", reason), 0);
	bind_int_or(q, "$rejection", rejection_of(r, t), 0);
	bind_int(q, "$amount", t->amount);
	bind_instant(q, "$updated", t->updated_at);
	bind_int(q, "$input", input);
	bind_int(q, "$line", line);
	exec(q);
}

/* Keeps the newest version, and the greatest amount: a hold is only lowered, so that is the first one, in whatever order
 * the versions are told. */
static void
save_transaction(struct run *r, const struct swan_transaction *t, const struct key *id, const struct known *k,
                 int64_t input, long line)
{
	struct stmt *q;

	if (k->age == FIRST)
		insert_transaction(r, t, id, k, input, line);
	if (k->age == NEWER)
		update_transaction(r, t, id, input, line);
	if (k->age == FIRST || t->amount <= k->first_amount)
		return;
	q = sql(r->db, "UPDATE swan_transaction SET first_amount_in_cents = $amount WHERE id = $id");
	bind_blob(q, "$id", id->bytes, id->n);
	bind_int(q, "$amount", t->amount);
	exec(q);
}

/* The payment as all its transactions tell it. */
struct told {
	const struct swan_payment *status;
	instant effective_at;
	cents authorized, rejected, captured; /* the first authorization of more than nothing; the sum */
	int64_t rejection;                    /* the last one's reason */
};

static void
keep_first(cents *first, cents amount)
{
	if (*first == 0)
		*first = amount;
}

/* Of a status that nobody knows only what was asked for counts. */
static void
add_transaction(struct told *p, const struct swan_transaction *t, cents first_amount, int64_t rejection)
{
	const struct swan_event *event = swan_find_event(t);
	const struct swan_payment *status = swan_find_payment(event == NULL ? NULL : event->payment);
	const char *amount = event == NULL ? swan_asked_amount(t->type) : event->amount;

	if (status < p->status)
		p->status = status;
	if (strcmp(amount, "captured") == 0 && !money_add(&p->captured, t->amount))
		die(EXIT_BUG, "what was captured does not fit");
	if (strcmp(amount, "authorized") == 0)
		keep_first(&p->authorized, first_amount);
	if (strcmp(amount, "rejected") == 0) {
		keep_first(&p->rejected, first_amount);
		p->rejection = rejection;
	}
}

static struct told
end_telling(struct told p)
{
	bool is_rejected = p.status == swan_find_payment("rejected");

	if (!is_rejected)
		p.rejection = 0;
	if (p.authorized == 0 || (is_rejected && p.rejected != 0))
		p.authorized = p.rejected;
	return p;
}

static struct told
tell_payment(struct run *r, const struct key *payment)
{
	struct stmt *q =
	    sql(r->db, "SELECT ty.word, st.word, re.word, t.amount_in_cents, t.first_amount_in_cents,"
	               "  t.rejection, t.created_at"
	               " FROM swan_transaction t JOIN code ty ON ty.number = t.type"
	               "  JOIN code st ON st.number = t.status"
	               "  LEFT JOIN code re ON re.number = t.reason"
	               " WHERE t.payment = $payment ORDER BY t.created_at, t.id");
	struct told p = {.status = swan_find_payment(NULL), .effective_at = INSTANT_NONE};

	bind_blob(q, "$payment", payment->bytes, payment->n);
	while (row(q)) {
		struct swan_transaction t = {.type = col_text(q, 0),
		                             .status = col_text(q, 1),
		                             .released_reason = col_text(q, 2),
		                             .amount = col_int(q, 3)};

		if (p.effective_at == INSTANT_NONE)
			p.effective_at = col_instant(q, 6);
		add_transaction(&p, &t, col_int(q, 4), col_int_or(q, 5, 0));
	}
	return end_telling(p);
}

/* The same of a payment of which this is all that was told. */
static struct told
tell_first(struct run *r, const struct swan_transaction *t)
{
	struct told p = {.status = swan_find_payment(NULL), .effective_at = t->created_at};

	add_transaction(&p, t, t->amount, rejection_of(r, t));
	return end_telling(p);
}

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
	bind_instant(q, "$at", t->updated_at);
}

/* The merchant, whole, of the version that Swan updated first among those that have one; of one instant the first by its
 * words. */
static void
save_merchant(struct run *r, const struct swan_transaction *t, const struct key *payment, instant merchant_at)
{
	struct stmt *q;

	if (!has_merchant(t) || (merchant_at != INSTANT_NONE && merchant_at < t->updated_at))
		return;
	q = sql(
	    r->db,
	    "UPDATE card_payment SET merchant_id = $mid, merchant_name = $name, merchant_city = $city,"
	    "  merchant_country = $country, merchant_postal_code = $postal, merchant_category_code = $mcc,"
	    "  merchant_at = $at"
	    " WHERE payment = $payment AND (merchant_at IS NULL OR merchant_at > $at OR coalesce(merchant_id, '') || ' '"
	    "  || coalesce(merchant_name, '') || ' ' || coalesce(merchant_city, '') || ' '"
	    "  || coalesce(merchant_country, '') || ' ' || coalesce(merchant_postal_code, '') || ' '"
	    "  || coalesce(merchant_category_code, '') > coalesce($mid, '') || ' ' || coalesce($name, '') || ' '"
	    "  || coalesce($city, '') || ' ' || coalesce($country, '') || ' ' || coalesce($postal, '') || ' '"
	    "  || coalesce($mcc, ''))");
	bind_merchant(q, t);
	bind_blob(q, "$payment", payment->bytes, payment->n);
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

static int64_t
insert_payment(struct run *r, const struct swan_transaction *t, const struct key *payment, int64_t profile)
{
	struct told told = tell_first(r, t);
	int64_t number = number_payment(r, profile);
	struct stmt *q = sql(
	    r->db,
	    "INSERT INTO card_payment (profile_number, number, payment, status, rejection, effective_at,"
	    "  authorized_in_cents, captured_in_cents, merchant_id, merchant_name, merchant_city, merchant_country,"
	    "  merchant_postal_code, merchant_category_code, merchant_at)"
	    " VALUES ($profile, $number, $payment, $status, $rejection, $effective,"
	    "  $authorized, $captured, $mid, $name, $city, $country,"
	    "  $postal, $mcc, $at)");
	bind_int(q, "$profile", profile);
	bind_int(q, "$number", number);
	bind_blob(q, "$payment", payment->bytes, payment->n);
	bind_int(q, "$status", told.status->code);
	bind_int_or(q, "$rejection", told.rejection, 0);
	bind_instant(q, "$effective", told.effective_at);
	bind_int(q, "$authorized", told.authorized);
	bind_int(q, "$captured", told.captured);
	bind_merchant(q, t);
	if (!has_merchant(t))
		bind_instant(q, "$at", INSTANT_NONE);
	exec(q);
	return number;
}

static void
update_payment(struct run *r, const struct key *payment)
{
	struct stmt *q =
	    sql(r->db,
	        "UPDATE card_payment SET status = $status, rejection = $rejection, effective_at = $effective,"
	        "  authorized_in_cents = $authorized, captured_in_cents = $captured"
	        " WHERE payment = $payment");
	struct told told = tell_payment(r, payment);

	bind_blob(q, "$payment", payment->bytes, payment->n);
	bind_int(q, "$status", told.status->code);
	bind_int_or(q, "$rejection", told.rejection, 0);
	bind_instant(q, "$effective", told.effective_at);
	bind_int(q, "$authorized", told.authorized);
	bind_int(q, "$captured", told.captured);
	exec(q);
}

static int64_t
save_payment(struct run *r, const struct swan_transaction *t, const struct known *k)
{
	if (k->number == 0)
		return insert_payment(r, t, &k->payment, k->profile);
	save_merchant(r, t, &k->payment, k->merchant_at);
	update_payment(r, &k->payment);
	return k->number;
}

static const struct {
	const char *name;
	enum event event;
} events[] = {
    {"captured_card_payment", EVENT_CAPTURED_CARD_PAYMENT},
    {"rejected_card_payment", EVENT_REJECTED_CARD_PAYMENT},
    {"released_card_payment", EVENT_RELEASED_CARD_PAYMENT},
};

static enum event
event_of(const char *name)
{
	size_t i;

	for (i = 0; i < LENGTH(events); i++)
		if (strcmp(events[i].name, name) == 0)
			return events[i].event;
	die(EXIT_BUG, "formats/data/swan_events.csv: no event %s", name);
}

/* What it posts; its payment has its number only when it is saved. */
static struct posting
posting_of(const struct swan_transaction *t, const struct swan_event *event, const struct key *id,
           int64_t profile)
{
	return (struct posting){.profile = profile,
	                        .event = event_of(event->event),
	                        .amount = event->sign * t->amount,
	                        .at = t->released_at != INSTANT_NONE ? t->released_at : t->created_at,
	                        .source_kind = SOURCE_SWAN,
	                        .source = id->bytes,
	                        .source_size = id->n};
}

/* Swan's side carries the sign; where it is not the one its type has for us, nobody can tell whose money it is. */
static int
check_side(const struct swan_transaction *t, const struct swan_event *event, struct err *e)
{
	if (event == NULL || event->sign == 0 || (event->sign < 0) == (strcmp(t->side, "Debit") == 0))
		return 0;
	return err_set(e, ERR_BAD_FIELD, "side is %s, which %s never is", t->side, t->type);
}

/* Writes what was found to be right. */
static void
save(struct run *r, const struct swan_transaction *t, const struct key *id, const struct known *k,
     struct posting *p, int64_t input, long line)
{
	int64_t number;

	save_transaction(r, t, id, k, input, line);
	number = save_payment(r, t, k);
	if (p == NULL)
		return;
	p->payment = number;
	p->input = input;
	p->line = line;
	ledger_add(r, p);
	run_count(r, counter_find("transactions", swan_find_event(t)->payment), 1);
}

/* named: the member, as a person says; 0: nobody does. Nothing is written before all is known to be right: what cannot be
 * posted leaves no trace but the exception that the caller makes of it. */
static int
apply(struct run *r, const struct swan_transaction *t, int64_t named, int64_t input, long line, struct err *e)
{
	const struct swan_event *event = swan_find_event(t);
	struct known k = {.merchant_at = INSTANT_NONE};
	enum posted posted = POSTED;
	struct posting p;
	struct key id;

	if (strlen(t->id) >= STORE_KEY || (t->payment_id != NULL && strlen(t->payment_id) >= STORE_KEY))
		return err_set(e, ERR_BAD_FIELD, "an id of more than %d characters", STORE_KEY - 1);
	id.n = store_key(t->id, id.bytes);
	k.payment.n = store_key(t->payment_id != NULL ? t->payment_id : t->id, k.payment.bytes);
	if (ledger_is_in_future(r, t->created_at) ||
	    (t->released_at != INSTANT_NONE && ledger_is_in_future(r, t->released_at)))
		return err_set(e, ERR_DATE_IN_FUTURE, "dated more than a day after the business date");
	find_known(r, t, &id, &k);
	if (k.age == FIRST)
		k.profile = named != 0 ? name_owner(r, t, &id, &k.payment, named, e)
		                       : find_owner(r, t, &k.payment, e);
	if (k.profile <= 0)
		return k.profile < 0 ? 0 : -1;
	if (check_side(t, event, e) < 0)
		return -1;
	if (event == NULL)
		run_count(r, COUNT_TRANSACTIONS_UNKNOWN, 1);
	if (k.age == SAME) { /* all else was done when it was first seen */
		save_merchant(r, t, &k.payment, k.merchant_at);
		return 0;
	}
	if (k.age == FIRST)
		find_payment(r, &k);
	if (k.owner != 0 && k.owner != k.profile)
		return err_set(e, ERR_PAYMENT_CONFLICT,
		               "the payment of this transaction is another member's");
	if (event == NULL || event->event[0] == '\0') {
		save(r, t, &id, &k, NULL, input, line);
		return 0;
	}
	p = posting_of(t, event, &id, k.profile);
	if (k.age != FIRST) /* else nothing of it can have been posted */
		posted = ledger_compare(r, &p);
	if (posted == POSTED_OTHERWISE)
		return err_set(e, ERR_AMOUNT_CONFLICT,
		               "this transaction was posted before with another amount or member");
	save(r, t, &id, &k, posted == POSTED ? &p : NULL, input, line);
	return 0;
}

int
payment_apply(struct run *r, const struct swan_transaction *t, int64_t input, long line, struct err *e)
{
	return apply(r, t, 0, input, line, e);
}

int
payment_attribute(struct run *r, const struct swan_transaction *t, int64_t profile, int64_t input, long line,
                  struct err *e)
{
	return apply(r, t, profile, input, line, e);
}

int64_t
payment_find_owner(struct run *r, const struct swan_transaction *t)
{
	const char *id = t->payment_id != NULL ? t->payment_id : t->id;
	struct key payment;

	if (strlen(id) >= STORE_KEY)
		return 0;
	payment.n = store_key(id, payment.bytes);
	return find_profile_by_payment(r, &payment);
}
