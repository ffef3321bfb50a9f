/* as_told: see as_told.h. */
#include <string.h>

#include "formats/length.h"
#include "formats/swan_rules.h"
#include "stages/core/books/correction.h"
#include "stages/core/books/debt.h"
#include "stages/core/books/reversal.h"
#include "stages/core/cards/as_told.h"
#include "stages/core/cards/held.h"
#include "stages/core/cards/named.h"
#include "stages/core/cards/payment.h"
#include "stages/core/cards/sender.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/log.h"

struct as_told {
	struct payment_work work; /* input and line are those of the exception */
	int64_t number;
	const char *why;
	instant newest_at; /* of the versions in the record */
	long newest;       /* the last of those, counted from 1 */
	long nth;          /* the version at hand */
};

static const struct {
	const char *code, *becomes;
} codes[] = {
    {ERR_AMOUNT_CONFLICT, "what was posted becomes what Swan reports now"},
    {ERR_NO_LONGER_BOOKED, "what was posted is taken off again, for Swan has not booked it"},
    {ERR_UNKNOWN_TYPE, "its amount is posted to the member with the sign of its side, if it is booked"},
    {ERR_UNKNOWN_STATUS, "only what Swan calls Booked is posted to the member"},
    {ERR_TAKE_BACK_CONFLICT, "the member owes these cents again"},
    {ERR_PAYMENT_CONFLICT,
     "its amount is posted to the member to whom its card belongs, as a payment of its own, if it is booked"},
    {ERR_BAD_FIELD, "its amount is posted to the member with the sign of its side, if it is booked"},
};

static size_t
find_code(const char *code)
{
	size_t i;

	for (i = 0; i < LENGTH(codes) && strcmp(codes[i].code, code) != 0; i++)
		;
	return i;
}

const char *
as_told_becomes(const char *kind, const char *code)
{
	size_t i = strcmp(kind, "swan_transaction") == 0 ? find_code(code) : LENGTH(codes);

	return i < LENGTH(codes) ? codes[i].becomes : NULL;
}

/* --- a transfer received, or what went back of one ---------------------------------------------------------------- */

static void
correct_transfer(struct as_told *a, const struct swan_transaction *t, const struct posted_transfer *p)
{
	struct correction c = {.profile = p->profile,
	                       .posted = p->posted,
	                       .is_transfer = true,
	                       .transfer = p->is_reversal ? NULL : p->reference,
	                       .why = a->why,
	                       .input = a->work.input,
	                       .line = a->work.line};
	struct reversible after;

	if (p->is_reversal && reversal_by_person(a->work.r, p->reference))
		die(EXIT_REFUSED,
		    "%s: a person reversed the transfer %s since: record what came back with"
		    " `recovery record_credit_transfer`, and resolve the exception as accepted_loss",
		    t->id, p->reference);
	correction_take(&c, t);
	(void)correction_post(a->work.r, &c);
	if (p->reference[0] == '\0')
		return;
	if (!reversal_find(a->work.r, p->reference, &after) || after.left < 0)
		die(EXIT_REFUSED,
		    "%s: more would have gone back of the transfer %s than came: decide otherwise", t->id,
		    p->reference);
}

/* A part of a transfer, for the whole is reversed without a decision. */
static void
reverse_part(struct as_told *a, const struct swan_transaction *t, const struct reversible *of)
{
	struct reversal v = {.reference = of->reference,
	                     .amount = t->amount,
	                     .booked_on =
	                         date_in_paris(t->booked_at != INSTANT_NONE ? t->booked_at : t->created_at),
	                     .swan = t,
	                     .why = a->why,
	                     .input = a->work.input,
	                     .line = a->work.line};

	if (t->amount > of->left)
		die(EXIT_REFUSED, "%s takes back more than is left of the transfer %s: decide otherwise",
		    t->id, of->reference);
	reversal_post(a->work.r, &v);
}

/* --- a transaction of a card payment ------------------------------------------------------------------------------ */

/* A debit that is not of the card takes back no more than was given under its payment. */
static void
check_given(struct as_told *a, const struct swan_transaction *t)
{
	struct named_payment payment;

	if (swan_is_card(t->type) || !named_find_payment(a->work.r, t, &payment))
		return;
	if (sender_given(a->work.r, &payment) < 0)
		die(EXIT_REFUSED,
		    "%s takes back more than was given under its card payment: decide otherwise", t->id);
}

static void
correct_payment(struct as_told *a, const struct swan_transaction *t)
{
	struct err e = {0};

	if (payment_correct(&a->work, t, a->why, &e) < 0)
		die(EXIT_REFUSED, "%s cannot be posted as Swan reports it: %s (%s)", t->id, e.message,
		    e.code);
	check_given(a, t);
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static void
correct(struct as_told *a, const struct swan_transaction *t, const char *code)
{
	struct posted_transfer p;
	struct reversible of;

	if (find_code(code) == LENGTH(codes))
		die(EXIT_REFUSED, "exception %lld (%s) is not one of a report that contradicts the books",
		    (long long)a->number, code);
	if (reversal_find_posted(a->work.r, t->id, &p))
		correct_transfer(a, t, &p);
	else if (strcmp(code, ERR_TAKE_BACK_CONFLICT) == 0 && named_find_transfer(a->work.r, t, &of))
		reverse_part(a, t, &of);
	else
		correct_payment(a, t);
}

static int
note_newest(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	struct as_told *a = ctx;

	(void)line;
	(void)e;
	a->nth++;
	if (a->newest == 0 || t->updated_at >= a->newest_at) {
		a->newest_at = t->updated_at;
		a->newest = a->nth;
	}
	return 0;
}

/* Of the newest version; it must be one that cannot be posted without the decision. */
static int
correct_newest(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	struct as_told *a = ctx;
	struct err why = {0};

	(void)line;
	(void)e;
	if (++a->nth != a->newest)
		return 0;
	if (payment_apply(&a->work, t, &why) == 0)
		die(EXIT_REFUSED, "%s can be posted without a decision now: `%s`", t->id,
		    run_command(a->work.r, "post"));
	correct(a, t, why.code);
	return 0;
}

static void
read_versions(struct as_told *a, char *record, transactions_csv_fn *version)
{
	struct err e = {0};

	a->nth = 0;
	if (held_read(record, version, a, &e) < 0)
		die(EXIT_BUG, "exception %lld: the record cannot be read: %s", (long long)a->number,
		    e.message);
}

bool
as_told_decide(struct run *r, int64_t number, const char *why)
{
	static char record[HELD_RECORD];
	struct as_told a = {.work = {.r = r}, .number = number, .why = why};
	bool is_new;

	tx_begin(r->db);
	is_new = exception_resolve(r, number, "as_told", why);
	if (is_new) {
		if (!held_load(&a.work, number, record))
			die(EXIT_REFUSED, "exception %lld is not a Swan transaction that can be read",
			    (long long)number);
		read_versions(&a, record, note_newest);
		read_versions(&a, record, correct_newest);
		debt_assign(r);
	}
	tx_commit(r->db);
	return is_new;
}
