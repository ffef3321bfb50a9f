/* attribution: see attribution.h. Writes the table attribution. */
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/swan_rules.h"
#include "formats/text.h"
#include "stages/core/books/correction.h"
#include "stages/core/books/debt.h"
#include "stages/core/books/reversal.h"
#include "stages/core/cards/attribution.h"
#include "stages/core/cards/held.h"
#include "stages/core/cards/named.h"
#include "stages/core/cards/payment.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/membership.h"

struct attribution {
	struct payment_work work; /* input and line are those of the exception */
	int64_t number, profile;
	int64_t nth;                            /* of the attributions of its transaction */
	char reference[TRANSFER_REFERENCE + 1]; /* of the transfer that it becomes; "": a card payment */
	const char *why;
	bool begun;        /* a version of it was posted for the member: the others stay with it */
	instant newest_at; /* of the last version in the record */
	cents moves;       /* by that version */
};

/* The id, or the first of those that follow it, which no transfer has: what was reversed keeps its reference. */
static void
find_reference(struct attribution *a, const char *id)
{
	char stored[TRANSFER_REFERENCE + 1];
	int i;

	snprintf(a->reference, sizeof(a->reference), "%s", id);
	for (i = 2; transfer_find_reference(a->work.r, a->reference, stored); i++)
		if (snprintf(a->reference, sizeof(a->reference), "%s/%d", id, i) > TRANSFER_REFERENCE)
			die(EXIT_REFUSED, "%s is too long for another bank reference", id);
}

static int
post_transfer(struct attribution *a, const struct swan_transaction *t, struct err *e)
{
	cents taken = reversal_taken(a->work.r, t->id);
	char back[MONEY_TEXT_GROUPED], left[MONEY_TEXT_GROUPED];
	struct transfer received;

	if (taken > 0)
		return err_set(
		    e, ERR_TAKE_BACK_CONFLICT,
		    "Swan took back %s EUR of it while another member had it: record %s EUR with"
		    " `recovery record_credit_transfer`, and resolve the exception as accepted_loss",
		    money_print_grouped(back, taken), money_print_grouped(left, t->amount - taken));
	find_reference(a, t->id);
	received = (struct transfer){
	    .profile = a->profile,
	    .amount = t->amount,
	    .booked_on = date_in_paris(t->booked_at != INSTANT_NONE ? t->booked_at : t->created_at),
	    .reference = a->reference,
	    .swan = t,
	    .input = a->work.input,
	    .line = a->work.line};

	transfer_record(a->work.r, &received);
	return 0;
}

static int
post_payment(struct attribution *a, const struct swan_transaction *t, struct err *e)
{
	if (named_is_taken_back(a->work.r, t->id))
		return payment_move(&a->work, t, a->profile, a->why, e);
	return payment_attribute(&a->work, t, a->profile, e);
}

/* What went back of money that the books do not have. */
static int
post_debit(struct attribution *a, const struct swan_transaction *t, struct err *e)
{
	struct correction c = {.profile = a->profile,
	                       .is_transfer = true,
	                       .why = a->why,
	                       .input = a->work.input,
	                       .line = a->work.line};

	(void)e;
	correction_take(&c, t);
	(void)correction_post(a->work.r, &c);
	debt_assign(a->work.r);
	return 0;
}

/* The codes of transactions of which only the member is missing, and what they become when a person names the member. */
static const struct {
	const char *code;
	int (*post)(struct attribution *a, const struct swan_transaction *t, struct err *e);
	const char *becomes;
} attributions[] = {
    {ERR_UNATTRIBUTED_CREDIT, post_transfer, "a transfer received, which reduces what this member owes"},
    {ERR_UNATTRIBUTED_DEBIT, post_debit, "a transfer that went back, which this member owes again"},
    {ERR_UNKNOWN_CARD, post_payment, "a card payment of this member"},
    {ERR_PAYMENT_CONFLICT, post_payment, "a card payment of this member"},
};

static size_t
find_attribution(const char *code)
{
	size_t i;

	for (i = 0; i < LENGTH(attributions) && strcmp(attributions[i].code, code) != 0; i++)
		;
	return i;
}

const char *
attribution_becomes(const char *kind, const char *code)
{
	size_t i = strcmp(kind, "swan_transaction") == 0 ? find_attribution(code) : LENGTH(attributions);

	return i < LENGTH(attributions) ? attributions[i].becomes : NULL;
}

/* The next one after those that were reversed. */
static int64_t
next_attribution(struct run *r, const char *id)
{
	struct stmt *q =
	    sql(r->db, "SELECT coalesce(max(nth), 0) + 1 FROM attribution WHERE transaction_id = $id");

	bind_text(q, "$id", id);
	return value(q, 1);
}

static void
attribution_insert(struct attribution *a, const struct swan_transaction *t)
{
	struct stmt *q = sql(a->work.r->db,
	    "INSERT INTO attribution (transaction_id, nth, id, bank_reference, profile_number, why, attributed_by,"
	    "  attributed_identity, attributed_at)"
	    " VALUES ($transaction, $nth, $id, $reference, $profile, $why, $who, $identity, $now)");
	unsigned char key[STORE_KEY];

	bind_text(q, "$transaction", t->id);
	bind_int(q, "$nth", a->nth);
	bind_text(q, "$reference", text_or_null(a->reference));
	bind_blob(q, "$id", key, store_key(t->id, key));
	bind_int(q, "$profile", a->profile);
	bind_text(q, "$why", a->why);
	run_bind_person(a->work.r, q);
	bind_instant(q, "$now", a->work.r->now);
	exec(q);
}

static int
note_newest(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	struct attribution *a = ctx;

	(void)line;
	(void)e;
	if (t->updated_at < a->newest_at)
		return 0;
	a->newest_at = t->updated_at;
	a->moves = swan_booked_cents(t);
	return 0;
}

/* A version that Swan booked, and booked with another amount later. */
static bool
is_superseded(const struct attribution *a, const struct swan_transaction *t)
{
	cents moves = swan_booked_cents(t);

	return t->updated_at < a->newest_at && moves != 0 && a->moves != 0 && moves != a->moves;
}

/* A version is attributed only if it cannot be posted without the decision: the books may know more than before. */
static int
attribute_version(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	struct attribution *a = ctx;
	struct err why = {0};
	size_t i;

	(void)line;
	(void)e;
	if (is_superseded(a, t))
		return 0;
	if (payment_apply(&a->work, t, &why) == 0) {
		if (!a->begun)
			die(EXIT_REFUSED, "%s can be posted without a decision now: `%s`", t->id,
			    run_command(a->work.r, "post"));
		return 0;
	}
	a->nth = next_attribution(a->work.r, t->id);
	i = find_attribution(why.code);
	if (i == LENGTH(attributions) || attributions[i].post(a, t, &why) < 0)
		die(EXIT_REFUSED, "%s cannot be attributed: %s (%s)", t->id, why.message, why.code);
	attribution_insert(a, t);
	a->begun = true;
	return 0;
}

/* For an exception that is not a Swan transaction, or one that could not be read. */
static _Noreturn void
die_not_attributable(struct run *r, int64_t number)
{
	struct stmt *q = sql(r->db, "SELECT kind, code, message FROM exception WHERE number = $number");

	bind_int(q, "$number", number);
	if (!row(q))
		die(EXIT_BUG, "exception %lld does not exist", (long long)number);
	if (strcmp(col_text(q, 0), "swan_node") == 0)
		die(EXIT_REFUSED, "exception %lld (%s) cannot be attributed: the record cannot be read: %s",
		    (long long)number, col_text(q, 1), col_text(q, 2));
	die(EXIT_REFUSED, "exception %lld (%s) cannot be attributed: it is not a Swan transaction",
	    (long long)number, col_text(q, 1));
}

bool
attribution_decide(struct run *r, int64_t number, int64_t profile, const char *why)
{
	static char record[HELD_RECORD];
	struct attribution a = {.work = {.r = r}, .number = number, .profile = profile, .why = why};
	struct err e = {0};
	bool is_new;

	tx_begin(r->db);
	is_new = exception_attribute(r, number, profile, why);
	if (is_new) {
		if (!held_load(&a.work, number, record))
			die_not_attributable(r, number);
		if (held_read(record, note_newest, &a, &e) < 0 ||
		    held_read(record, attribute_version, &a, &e) < 0)
			die(EXIT_BUG, "exception %lld: the record cannot be read: %s", (long long)number,
			    e.message);
	}
	tx_commit(r->db);
	return is_new;
}

struct attribution_look {
	struct run *r;
	struct attribution_case *c;
};

static int
look_at_version(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	const struct attribution_look *l = ctx;

	(void)line;
	(void)e;
	l->c->payer = named_is_taken_back(l->r, t->id) ? 0 : named_find_owner(l->r, t);
	l->c->holder = membership_find_profile(l->r, t->account_membership_id, t->card_id);
	text_copy(l->c->membership, sizeof(l->c->membership),
	          t->account_membership_id == NULL ? "" : t->account_membership_id);
	return 0;
}

void
attribution_look(struct run *r, int64_t number, struct attribution_case *c)
{
	static char record[HELD_RECORD];
	struct payment_work work = {.r = r};
	struct attribution_look l = {r, c};
	struct err e = {0};

	*c = (struct attribution_case){0};
	if (held_load(&work, number, record) && held_read(record, look_at_version, &l, &e) < 0)
		die(EXIT_BUG, "exception %lld: the record cannot be read: %s", (long long)number, e.message);
}
