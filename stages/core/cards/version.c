/* version: see version.h. */
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "stages/core/books/correction.h"
#include "stages/core/cards/version.h"
#include "stages/core/engine/key.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/membership.h"

/* --- check: is it a version that the books can take? -------------------------------------------------------------- */

static int
check_ids(struct version *v, struct err *e)
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

static bool
moves_money(const struct swan_event *event)
{
	return event != NULL && event->sign != 0;
}

static void
compare_stored(struct version *v)
{
	struct swan_transaction was = {.type = v->t->type,
	                               .side = v->t->side,
	                               .status = v->stored->status_word,
	                               .released_reason = v->stored->reason_word,
	                               .amount = v->stored->amount,
	                               .updated_at = v->stored->updated_at};
	int by = swan_compare(v->t, &was);

	v->age = by < 0 ? OLDER : by == 0 ? SAME : NEWER;
	v->stored_at = was.updated_at;
	v->stored_cents = swan_booked_cents(&was);
	v->stored_event = swan_find_event(&was);
}

int64_t
version_owner(const struct version *v)
{
	return v->of == NULL ? 0 : key_member(v->of->key);
}

/* A transaction stays with the member and the payment under which it was first stored, whatever comes later. */
static bool
find_stored_transaction(struct version *v)
{
	v->stored = batch_find_transaction(v->work->batch, &v->id);
	if (v->stored == NULL)
		return false;
	v->of = v->stored->payment;
	v->profile = version_owner(v);
	compare_stored(v);
	return true;
}

static void
find_stored_payment(struct version *v)
{
	v->of = batch_find_payment(v->work->batch, &v->payment);
}

void
version_take_payment(struct version *v, const struct named_payment *p)
{
	v->of = p->key == 0 ? NULL : batch_load_payment(v->work->batch, p->key);
	v->profile = version_owner(v);
}

/* For a transaction that is not of a card. A posted transfer stays a transfer, even if its card payment appears later. */
static enum verdict
find_sender(struct version *v, struct err *e)
{
	struct named_payment payment = {.key = v->of == NULL ? 0 : v->of->key, .owner = version_owner(v)};
	struct sender_found found;

	payment_write(v->work); /* it asks the books */
	if (payment.key != 0)
		v->of = batch_load_payment(v->work->batch, payment.key);
	switch (sender_find(v->r, v->t, &payment, &found, e)) {
	case SENDER_PAYMENT:
		version_take_payment(v, &found.payment);
		return WRITE;
	case SENDER_REVERSAL:
		v->transfer = found.transfer;
		return REVERSE;
	case SENDER_SEEN:
		run_count(v->r, COUNT_TRANSACTIONS_ATTRIBUTED, 1);
		return PASS_OVER;
	case SENDER_CONFIRMED:
		run_count(v->r, COUNT_TRANSACTIONS_ATTRIBUTED, 1);
		return CONFIRM;
	case SENDER_OWN_ACCOUNT:
		return NOTE_OWN;
	case SENDER_NO_MEMBER:
		run_count(v->r, COUNT_TRANSACTIONS_WITHOUT_MEMBER, 1);
		return PASS_OVER;
	case SENDER_UNKNOWN:
	default:
		return HOLD;
	}
}

/* If the payment is another member's, the transaction becomes a payment of its own: keyed by its id, or, if that was the payment of
 * a member from whom a person took it back, by its id and a number. */
static void
take_own_payment(struct version *v)
{
	char key[STORE_KEY + 16];
	int i;

	v->profile = v->named;
	for (i = 1; v->of != NULL && version_owner(v) != v->named; i++) {
		snprintf(key, sizeof(key), "%s/%d", v->t->id, i);
		v->payment.n = store_key(i == 1 ? v->t->id : key, v->payment.bytes);
		find_stored_payment(v);
	}
}

/* Takes the member whom a person named. */
static enum verdict
take_named_owner(struct version *v, struct err *e)
{
	int64_t holder = membership_find_profile(v->r, v->t->account_membership_id, v->t->card_id);

	if (v->of != NULL && holder != 0 && v->named != version_owner(v) && v->named != holder) {
		err_set(e, ERR_PAYMENT_CONFLICT, "neither the payment nor the card belongs to this member");
		return HOLD;
	}
	take_own_payment(v);
	return WRITE;
}

/* Finds the member of a transaction that is not stored yet. */
static enum verdict
find_owner(struct version *v, struct err *e)
{
	if (v->named == 0 && !swan_is_card(v->t->type))
		return find_sender(v, e);
	if (swan_check_clear(v->t, e) < 0)
		return HOLD;
	if (v->named != 0)
		return take_named_owner(v, e);
	v->profile = batch_find_holder(v->work->batch, v->t->account_membership_id, v->t->card_id);
	if (v->profile != 0)
		return WRITE;
	err_set(e, ERR_UNKNOWN_CARD, "no member is known for the card of this transaction");
	return HOLD;
}

#define NO_LONGER_BOOKED "Swan booked this transaction, and reports it as not booked later"

static enum verdict
hold_corrected(struct version *v, struct err *e)
{
	if (swan_booked_cents(v->t) == 0)
		err_set(e, ERR_NO_LONGER_BOOKED, NO_LONGER_BOOKED);
	else if (named_is_taken_back(v->r, v->t->id))
		err_set(e, ERR_UNKNOWN_CARD, "a person took back to which member this transaction belongs");
	else
		err_set(e, ERR_AMOUNT_CONFLICT,
		        "a person corrected this transaction, and Swan reports another amount now");
	return HOLD;
}

/* Of a transaction that is stored: does the version say otherwise than the books that money moved? What a person corrected is
 * compared with the correction. A word that is not known says nothing when a later version is stored. */
static enum verdict
check_stored(struct version *v, struct err *e)
{
	bool is_hold = v->event != NULL && v->event->sign == 0; /* which no correction concerns */
	enum correction_seen corrected = is_hold ? CORRECTION_NONE : correction_compare(v->r, v->t);
	bool moves = moves_money(v->event), moved = moves_money(v->stored_event),
	     is_later = v->t->updated_at > v->stored_at;

	if (corrected == CORRECTION_AGREES || corrected == CORRECTION_CONFIRMS)
		return corrected == CORRECTION_AGREES ? PASS_OVER : CONFIRM;
	if (corrected == CORRECTION_DIFFERS)
		return hold_corrected(v, e);
	if ((moved && !moves && is_later) || (!moved && moves && v->t->updated_at < v->stored_at)) {
		err_set(e, ERR_NO_LONGER_BOOKED, NO_LONGER_BOOKED);
		return HOLD;
	}
	if (swan_find_money(v->t).moves == SWAN_UNCLEAR && !is_later && v->stored_event != NULL)
		return PASS_OVER;
	return swan_check_clear(v->t, e) < 0 ? HOLD : WRITE;
}

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
	                              .source_key = v->stored == NULL ? 0 : v->stored->key,
	                              .input = v->work->input,
	                              .line = v->work->line};
	if (v->age != FIRST) /* of a first one nothing can have been posted */
		posted = batch_compare(v->work->batch, v->stored, &v->posting);
	if (posted == POSTED_OTHERWISE) {
		err_set(e, ERR_AMOUNT_CONFLICT,
		        "this transaction was posted before with another amount or member");
		return HOLD;
	}
	if (posted == POSTED)
		v->posts = posts;
	return WRITE;
}

int
version_init(struct version *v, struct payment_work *work, const struct swan_transaction *t, int64_t named,
             struct err *e)
{
	*v =
	    (struct version){.work = work, .r = work->r, .t = t, .event = swan_find_event(t), .named = named};
	return check_ids(v, e);
}

bool
version_find(struct version *v)
{
	if (find_stored_transaction(v))
		return true;
	find_stored_payment(v);
	return false;
}

int
version_take_named(struct version *v, struct err *e)
{
	const char *payment = v->t->payment_id != NULL ? v->t->payment_id : v->t->id;

	v->payment.n = store_key(payment, v->payment.bytes);
	find_stored_payment(v);
	return take_named_owner(v, e) == HOLD ? -1 : 0;
}

enum verdict
version_decide(struct version *v, struct err *e)
{
	enum verdict verdict;

	verdict = version_find(v) ? check_stored(v, e) : find_owner(v, e);
	if (verdict != WRITE)
		return verdict;
	if (v->age == SAME) /* all but the merchant was done when it was first seen */
		return WRITE;
	if (v->of != NULL && version_owner(v) != v->profile) {
		err_set(e, ERR_PAYMENT_CONFLICT, "the payment of this transaction belongs to another member");
		return HOLD;
	}
	return decide_posting(v, e);
}
