/* payment: see payment.h. Writes swan_transaction, card_payment and what they post by batch.c, and own_money. */
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

static int
refuse_more(struct err *e)
{
	return err_set(e, ERR_TOO_LARGE,
	               "its payment has %d transactions: no more can be stored under one payment",
	               KEY_MOST_OF_PAYMENT);
}

static int
check_room(const struct version *v, struct err *e)
{
	return v->stored != NULL || v->of == NULL || batch_has_room(v->of) ? 0 : refuse_more(e);
}

/* The version becomes the one that is stored. */
static void
take_version(const struct version *v)
{
	struct batch *b = v->work->batch;
	struct batch_transaction *x = v->stored;

	x->status = v->code.status;
	x->reason = v->code.reason;
	x->rejection = v->code.rejection;
	x->status_word = batch_word(b, v->t->status);
	x->reason_word = batch_word(b, swan_reason(v->t));
	x->amount = v->t->amount;
	x->updated_at = v->t->updated_at;
	x->input = v->work->input;
	x->line = v->work->line;
	batch_change_transaction(x);
}

/* Keeps the newest version, and the greatest amount: Swan only lowers an authorization, so that is the first one, in
 * whatever order the versions come. */
static void
write_transaction(struct version *v)
{
	if (v->age == FIRST) {
		v->stored = batch_add_transaction(v->work->batch, v->of, &v->id, v->t);
		v->stored->type = v->code.type;
	}
	if (v->age == FIRST || v->age == NEWER)
		take_version(v);
	if (v->t->amount > v->stored->first_amount) {
		v->stored->first_amount = v->t->amount;
		batch_change_transaction(v->stored);
	}
}

/* --- write: its payment ------------------------------------------------------------------------------------------- */

/* In one text, to compare them. */
#define ALL_WORDS                                                                                    \
	"coalesce(m.id, '') || ' ' || coalesce(m.name, '') || ' ' || coalesce(m.city, '') || ' ' ||" \
	" coalesce(m.country, '') || ' ' || coalesce(m.postal_code, '') || ' ' || coalesce(m.category_code, '')"

static bool
comes_before(struct run *r, int64_t merchant, int64_t other)
{
	struct stmt *q =
	    sql(r->db, "SELECT CASE WHEN (SELECT " ALL_WORDS " FROM merchant m WHERE m.number = $merchant)"
	                            "  < (SELECT " ALL_WORDS " FROM merchant m WHERE m.number = $other)"
	                            " THEN 1 ELSE 0 END");

	bind_int(q, "$merchant", merchant);
	bind_int(q, "$other", other);
	return value(q, 0) != 0;
}

/* The merchant, whole, of the version that Swan updated first among those that have one; of one instant the first by its
 * words. */
static void
write_merchant(const struct version *v)
{
	struct batch_payment *p = v->of;
	int64_t merchant;

	if (!merchant_is_named(v->t) || (p->merchant != 0 && p->merchant_at < v->t->updated_at))
		return;
	merchant = merchant_number(v->r->db, batch_merchants(v->work->batch), v->t);
	if (p->merchant != 0 && p->merchant_at == v->t->updated_at &&
	    !comes_before(v->r, merchant, p->merchant))
		return;
	p->merchant = merchant;
	p->merchant_at = v->t->updated_at;
	batch_change_payment(p);
}

static void
write_state(struct batch_payment *of)
{
	struct payment_state p;

	if (of->first == NULL) /* its only transaction was moved away */
		p = (struct payment_state){.status = swan_find_payment(NULL),
		                           .effective_at = of->effective_at};
	else
		payment_state_find(&p, of);
	of->status = p.status->code;
	of->rejection = p.rejection;
	of->effective_at = p.effective_at;
	of->authorized = p.authorized;
	of->captured = p.captured;
	batch_change_payment(of);
}

/* The transaction and its payment; the key of a transaction is made of that of its payment. */
static void
write_both(struct version *v)
{
	if (v->age == FIRST || v->age == NEWER)
		find_codes(v);
	if (v->of == NULL)
		v->of = batch_add_payment(v->work->batch, v->profile, &v->payment);
	write_transaction(v);
	write_merchant(v);
	if (v->age != SAME)
		write_state(v->of);
}

static void
write_version(struct version *v)
{
	write_both(v);
	if (v->posts == NULL)
		return;
	v->posting.payment = key_number(v->of->key);
	v->posting.source_key = v->stored->key;
	batch_post(v->work->batch, v->stored, &v->posting);
	run_count(v->r, v->posts->counter, 1);
	if (strcmp(v->t->type, "CardOutDebitReversal") == 0)
		reversed_note(v->r, v->of->key);
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

#define ROOM 16384 /* transactions in memory until they are written: some 9 MB */

void
payment_begin(struct payment_work *work)
{
	work->batch = batch_new(work->r, ROOM);
	work->has_decisions = exception_any_resolved(work->r, "swan_transaction");
}

void
payment_write(struct payment_work *work)
{
	batch_write(work->batch);
}

void
payment_end(struct payment_work *work)
{
	batch_free(work->batch);
	work->batch = NULL;
}

/* For one version, outside of payment_begin and payment_end: true. */
static bool
begin_alone(struct payment_work *work)
{
	if (work->batch != NULL) {
		batch_make_room(work->batch);
		return false;
	}
	work->batch = batch_new(work->r, 1);
	return true;
}

static void
end_alone(struct payment_work *work, bool alone)
{
	if (!alone)
		return;
	payment_write(work);
	payment_end(work);
}

static int
apply_one(struct payment_work *work, const struct swan_transaction *t, int64_t named, struct err *e)
{
	bool alone = begin_alone(work);
	int rc = apply_version(work, t, named, e);

	end_alone(work, alone);
	return rc;
}

int
payment_apply(struct payment_work *work, const struct swan_transaction *t, struct err *e)
{
	return apply_one(work, t, 0, e);
}

int
payment_attribute(struct payment_work *work, const struct swan_transaction *t, int64_t profile, struct err *e)
{
	return apply_one(work, t, profile, e);
}

/* A correction asks the books what was posted, and posts for itself. */
static void
begin_correction(struct payment_work *work, const struct swan_transaction *t)
{
	if (work->batch != NULL)
		die(EXIT_BUG, "%s is corrected between payment_begin and payment_end", t->id);
	(void)begin_alone(work);
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

	if (v->stored == NULL)
		return 0;
	bind_int(q, "$key", v->stored->key);
	return value(q, 0);
}

/* The payment and the member of a transaction that is not stored: to whom its card belongs, before all. 0: neither is known. */
static int64_t
find_concerned(struct version *v)
{
	int64_t holder = membership_find_profile(v->r, v->t->account_membership_id, v->t->card_id);
	struct named_payment origin;
	struct err e = {0};

	if (holder != 0 && v->of != NULL && version_owner(v) != holder) {
		v->named = holder;
		(void)version_take_named(v, &e);
		return v->profile;
	}
	if (v->of == NULL && named_find_origin(v->r, v->t, &origin))
		version_take_payment(v, &origin);
	return v->of != NULL ? version_owner(v) : named_find_member(v->r, v->t);
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

static int
correct_version(struct version *v, struct correction *c, struct err *e)
{
	bool is_stored = version_find(v);

	if (!is_stored)
		v->profile = find_concerned(v);
	if (v->profile == 0)
		return err_set(e, ERR_UNKNOWN_CARD, "no member is known for this transaction");
	if (check_room(v, e) < 0)
		return -1;
	c->posted = find_posted(v);
	if (correct_to_newest(c, v)) {
		v->age = is_stored ? NEWER : FIRST;
		write_both(v);
	}
	c->profile = v->profile;
	c->payment = v->of == NULL ? 0 : key_number(v->of->key);
	return 0;
}

int
payment_correct(struct payment_work *work, const struct swan_transaction *t, const char *why, struct err *e)
{
	struct correction c = {.why = why, .input = work->input, .line = work->line};
	struct version v;
	int rc;

	if (version_init(&v, work, t, 0, e) < 0)
		return -1;
	begin_correction(work, t);
	rc = correct_version(&v, &c, e);
	end_alone(work, true);
	if (rc == 0)
		(void)correction_post(work->r, &c);
	return rc;
}

static int
move_version(struct version *v, struct correction *c, struct err *e)
{
	struct batch_payment *was;

	if (!version_find(v))
		die(EXIT_BUG, "%s is attributed, and not stored", v->t->id);
	was = v->of;
	if (version_take_named(v, e) < 0)
		return -1;
	if (v->of != NULL && v->of != was && !batch_may_move(v->of))
		return refuse_more(e);
	v->age = NEWER;
	find_codes(v);
	if (v->of == NULL)
		v->of = batch_add_payment(v->work->batch, v->profile, &v->payment);
	if (v->of != was)
		batch_move(v->stored, v->of);
	if (correct_to_newest(c, v))
		write_transaction(v);
	write_merchant(v);
	write_state(v->of);
	write_state(was);
	c->profile = v->profile;
	c->payment = key_number(v->of->key);
	return 0;
}

int
payment_move(struct payment_work *work, const struct swan_transaction *t, int64_t profile, const char *why,
             struct err *e)
{
	struct correction c = {.why = why, .input = work->input, .line = work->line};
	struct version v;
	int rc;

	if (version_init(&v, work, t, profile, e) < 0)
		return -1;
	begin_correction(work, t);
	rc = move_version(&v, &c, e);
	end_alone(work, true);
	if (rc == 0)
		(void)correction_post(work->r, &c);
	return rc;
}
