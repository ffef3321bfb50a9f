/* payment: see payment.h. Writes swan_transaction, card_payment and code. */
#include <string.h>

#include "formats/swan_rules.h"
#include "stages/core/config.h"
#include "stages/core/ledger.h"
#include "stages/core/log.h"
#include "stages/core/membership.h"
#include "stages/core/payment.h"

#define FIRST_WORD 100 /* codes below are fixed in schema.sql */

struct key {
	unsigned char bytes[STORE_KEY];
	size_t n;
};

struct uuid
payment_uuid(const struct run *r, int64_t profile, int64_t number)
{
	return uuid_of(store_id(r->db), UUID_CARD_PAYMENT, (uint32_t)profile, (uint32_t)number);
}

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

/* Whose transaction it is: 0 and the reason when nobody can tell, -1 when it is no member's by its nature. */
static int64_t
find_owner(struct run *r, const struct swan_transaction *t, const struct key *payment, struct err *e)
{
	int64_t profile;

	if (swan_is_card(t->type)) {
		profile = membership_find_profile(r, t->account_membership_id, t->card_id);
		if (profile == 0)
			err_set(e, "unknown_card", "no member is known for the card of this transaction");
		return profile;
	}
	profile =
	    t->payment_id == NULL || swan_find_event(t) == NULL ? 0 : find_profile_by_payment(r, payment);
	if (profile != 0)
		return profile;
	if (strcmp(t->side, "Credit") != 0 || strcmp(t->status, "Booked") != 0)
		return -1;
	err_set(e, "unattributed_credit", "money that came in and is no card payment's: a person decides");
	return 0;
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

/* Keeps the latest state, and the greatest amount: a hold is only lowered, so that is the first one, in whatever order the
 * states are told. */
static void
save_transaction(struct run *r, const struct swan_transaction *t, const struct key *id,
                 const struct key *payment, int64_t profile, int64_t input, long line)
{
	struct stmt *q =
	    sql(r->db,
	        "INSERT INTO swan_transaction (id, profile_number, payment, type, status, reason, rejection,"
	        "  amount_in_cents, first_amount_in_cents, created_at, updated_at, input_number, line)"
	        " VALUES ($id, $profile, $payment, $type, $status, $reason, $rejection,"
	        "  $amount, $amount, $created, $updated, $input, $line)"
	        " ON CONFLICT (id) DO UPDATE SET status = excluded.status,"
	        "  reason = excluded.reason, rejection = excluded.rejection,"
	        "  amount_in_cents = excluded.amount_in_cents, updated_at = excluded.updated_at,"
	        "  input_number = excluded.input_number, line = excluded.line"
	        " WHERE excluded.updated_at > swan_transaction.updated_at");
	const char *reason = t->released_reason != NULL ? t->released_reason : t->rejected_reason;

	bind_blob(q, "$id", id->bytes, id->n);
	bind_int(q, "$profile", profile);
	bind_blob(q, "$payment", payment->bytes, payment->n);
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
	q = sql(r->db, "UPDATE swan_transaction SET first_amount_in_cents = $amount"
	               " WHERE id = $id AND first_amount_in_cents < $amount");
	bind_blob(q, "$id", id->bytes, id->n);
	bind_int(q, "$amount", t->amount);
	exec(q);
}

/* 0 when the payment is another member's. */
static int64_t
find_or_make_payment(struct run *r, const struct swan_transaction *t, const struct key *payment,
                     int64_t profile)
{
	struct stmt *q =
	    sql(r->db, "SELECT number, profile_number FROM card_payment WHERE payment = $payment");
	int64_t number;

	bind_blob(q, "$payment", payment->bytes, payment->n);
	if (row(q)) {
		number = col_int(q, 1) == profile ? col_int(q, 0) : 0;
		reset(q);
		return number;
	}
	q = sql(
	    r->db,
	    "UPDATE profile SET last_payment = last_payment + 1 WHERE number = $profile RETURNING last_payment");
	bind_int(q, "$profile", profile);
	number = value(q, 0);
	q = sql(
	    r->db,
	    "INSERT INTO card_payment (profile_number, number, payment, status, effective_at, authorized_in_cents,"
	    "  captured_in_cents, merchant_id, merchant_name, merchant_city, merchant_country,"
	    "  merchant_postal_code, merchant_category_code)"
	    " VALUES ($profile, $number, $payment, 11, $created, 0,"
	    "  0, $mid, $name, $city, $country,"
	    "  $postal, $mcc)");
	bind_int(q, "$profile", profile);
	bind_int(q, "$number", number);
	bind_blob(q, "$payment", payment->bytes, payment->n);
	bind_instant(q, "$created", t->created_at);
	bind_text(q, "$mid", t->merchant_id);
	bind_text(q, "$name", t->merchant_name);
	bind_text(q, "$city", t->merchant_city);
	bind_text(q, "$country", t->merchant_country);
	bind_text(q, "$postal", t->merchant_postal_code);
	bind_text(q, "$mcc", t->merchant_category_code);
	exec(q);
	return number;
}

/* The payment as all its transactions tell it: captured if anything was booked, else authorized while a hold stands, else
 * rejected, for the reason of the last one, else released; what was captured, else what was first authorized. */
static void
refresh_payment(struct run *r, const struct key *payment)
{
	struct stmt *q = sql(
	    r->db,
	    "WITH word AS (SELECT t.id, t.created_at, t.first_amount_in_cents, t.amount_in_cents, t.rejection, ty.word AS type, st.word AS status"
	    "  FROM swan_transaction t JOIN code ty ON ty.number = t.type JOIN code st ON st.number = t.status"
	    "  WHERE t.payment = $payment),"
	    " told AS (SELECT min(created_at) AS effective_at,"
	    "  coalesce(CAST(sum(amount_in_cents) FILTER (WHERE type = 'CardOutDebit' AND status = 'Booked') AS BIGINT), 0) AS captured,"
	    "  count(*) FILTER (WHERE status = 'Booked') AS booked,"
	    "  count(*) FILTER (WHERE type = 'CardOutAuthorization' AND status = 'Pending') AS pending,"
	    "  count(*) FILTER (WHERE type = 'CardOutAuthorization' AND status = 'Rejected') AS rejected,"
	    "  count(*) FILTER (WHERE type = 'CardOutAuthorization' AND status = 'Released') AS released,"
	    "  coalesce((SELECT first_amount_in_cents FROM word WHERE type = 'CardOutAuthorization' ORDER BY created_at, id LIMIT 1), 0)"
	    "   AS authorized,"
	    "  (SELECT rejection FROM word WHERE type = 'CardOutAuthorization' AND status = 'Rejected'"
	    "   ORDER BY created_at DESC, id DESC LIMIT 1) AS rejection"
	    "  FROM word)"
	    " UPDATE card_payment SET effective_at = told.effective_at, captured_in_cents = told.captured,"
	    "  authorized_in_cents = told.authorized,"
	    "  status = CASE WHEN told.booked > 0 THEN 13 WHEN told.pending > 0 THEN 12 WHEN told.rejected > 0 THEN 14"
	    "   WHEN told.released > 0 THEN 15 ELSE 11 END,"
	    "  rejection = CASE WHEN told.booked > 0 OR told.pending > 0 THEN NULL ELSE told.rejection END"
	    " FROM told WHERE card_payment.payment = $payment AND told.effective_at IS NOT NULL");

	bind_blob(q, "$payment", payment->bytes, payment->n);
	exec(q);
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

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (strcmp(events[i].name, name) == 0)
			return events[i].event;
	die(EXIT_BUG, "formats/data/swan_events.csv: no event %s", name);
}

static int
post_event(struct run *r, const struct swan_transaction *t, const struct swan_event *event,
           const struct key *id, int64_t profile, int64_t payment, int64_t input, long line, struct err *e)
{
	struct posting p = {.profile = profile,
	                    .event = event_of(event->event),
	                    .amount = event->sign * t->amount,
	                    .at = t->released_at != INSTANT_NONE ? t->released_at : t->created_at,
	                    .source_kind = SOURCE_SWAN,
	                    .source = id->bytes,
	                    .source_size = id->n,
	                    .payment = payment,
	                    .input = input,
	                    .line = line};

	switch (ledger_post(r, &p)) {
	case POSTED:
		run_count(r, event->payment, 1);
		return 0;
	case POSTED_BEFORE:
		return 0;
	case POSTED_OTHERWISE:
		break;
	}
	return err_set(e, "amount_conflict",
	               "this transaction was posted before with another amount or member");
}

/* A transaction stays with the payment under which it was first told, whatever paymentId comes later. */
static void
keep_first_payment(struct run *r, const struct key *id, struct key *payment)
{
	struct stmt *q = sql(r->db, "SELECT payment FROM swan_transaction WHERE id = $id");
	const void *bytes;

	bind_blob(q, "$id", id->bytes, id->n);
	if (row(q)) {
		bytes = col_blob(q, 0, &payment->n);
		memcpy(payment->bytes, bytes, payment->n);
	}
	reset(q);
}

static int
apply(struct run *r, const struct swan_transaction *t, int64_t input, long line, struct err *e)
{
	const struct swan_event *event = swan_find_event(t);
	struct key id, payment;
	int64_t profile, number;

	if (strlen(t->id) >= STORE_KEY || (t->payment_id != NULL && strlen(t->payment_id) >= STORE_KEY))
		return err_set(e, "bad_field", "an id of more than %d characters", STORE_KEY - 1);
	id.n = store_key(t->id, id.bytes);
	payment.n = store_key(t->payment_id != NULL ? t->payment_id : t->id, payment.bytes);
	keep_first_payment(r, &id, &payment);
	if (ledger_is_in_future(r, t->created_at) ||
	    (t->released_at != INSTANT_NONE && ledger_is_in_future(r, t->released_at)))
		return err_set(e, "date_in_future", "dated more than a day after the business date");
	profile = find_owner(r, t, &payment, e);
	if (profile == 0)
		return -1;
	if (profile < 0) {
		run_count(r, "transactions of no member", 1);
		return 0;
	}
	save_transaction(r, t, &id, &payment, profile, input, line);
	number = find_or_make_payment(r, t, &payment, profile);
	if (number == 0)
		return err_set(e, "payment_conflict", "the payment of this transaction is another member's");
	refresh_payment(r, &payment);
	if (event == NULL) {
		run_count(r, "transactions of an unknown kind", 1);
		return 0;
	}
	if (event->event[0] == '\0')
		return 0;
	return post_event(r, t, event, &id, profile, number, input, line, e);
}

/* What cannot be posted leaves no trace but the exception that the caller makes of it. */
int
payment_apply(struct run *r, const struct swan_transaction *t, int64_t input, long line, struct err *e)
{
	int rc;

	tx_begin(r->db);
	rc = apply(r, t, input, line, e);
	if (rc < 0)
		tx_rollback(r->db);
	else
		tx_commit(r->db);
	return rc;
}
