/* flows: the flows of the payments of the world, from their first transaction to their last.
 *
 * The first payments take each flow in turn; later ones are distributed as in real life. Captures come one to three days
 * after the purchase, some in batches that share one updatedAt.
 * source   Swan's documentation of card transactions: types, statuses, what a partial capture does
 */
#include <string.h>

#include "formats/length.h"
#include "tests/fakeswan/dice.h"
#include "tests/fakeswan/world.h"

#define MOST_OF_A_FLOW 8
#define COPIES         64
#define CROWD          150 /* transactions that share one updatedAt, in a world of a thousand or more */

struct flow {
	struct world *w;
	struct dice d;
	instant at; /* of the purchase */
	int payment, card;
	cents amount;
	bool is_foreign, is_pre;
};

static struct transaction *
add(struct flow *f, const char *type, instant created_at)
{
	struct world *w = f->w;
	struct transaction *t = &w->transaction[w->transactions];

	t->id = id_of(w, "transaction", w->transactions);
	t->type = type;
	t->number = w->transactions++;
	t->payment = f->payment;
	t->card = f->card;
	t->origin = -1;
	t->is_foreign = f->is_foreign;
	t->is_pre = f->is_pre;
	t->created_at = created_at;
	t->moved_at = INSTANT_NONE;
	return t;
}

static void
turn(struct transaction *t, instant at, const char *status, const char *reason, cents amount)
{
	if (t->versions < VERSIONS)
		t->version[t->versions++] = (struct version){at, amount, status, reason};
}

static instant
later(struct flow *f, int64_t least, int64_t most)
{
	return least + dice_below(&f->d, (int)(most - least));
}

static struct transaction *
authorize(struct flow *f, cents amount)
{
	struct transaction *t = add(f, "CardOutAuthorization", f->at);
	instant at = f->at + later(f, 150, SECOND_MS);

	turn(t, at, "Pending", NULL, amount);
	if (dice_below(&f->d, 4) == 0) /* enriched */
		turn(t, at + later(f, SECOND_MS, HOUR_MS), "Pending", NULL, amount);
	return t;
}

/* When the merchant's batch is cleared, `days` after the purchase: often at five o'clock sharp. */
static instant
cleared(struct flow *f, int days)
{
	instant at = f->at + days * DAY_MS + later(f, HOUR_MS, 20 * HOUR_MS);

	return dice_below(&f->d, 3) == 0 ? at / DAY_MS * DAY_MS + 29 * HOUR_MS : at;
}

static struct transaction *
book(struct flow *f, const char *type, const struct transaction *origin, instant at, cents amount)
{
	struct transaction *t = add(f, type, at - later(f, 300, SECOND_MS));

	t->origin = origin == NULL || dice_below(&f->d, 2) == 0 ? -1 : origin->number;
	turn(t, at, "Booked", NULL, amount);
	if (dice_below(&f->d, 3) == 0) /* enriched */
		turn(t, at + later(f, SECOND_MS, 6 * HOUR_MS), "Booked", NULL, amount);
	return t;
}

static void
flow_purchase(struct flow *f)
{
	struct transaction *t = authorize(f, f->amount);
	instant at = cleared(f, 1 + dice_below(&f->d, 2));

	book(f, "CardOutDebit", t, at, f->amount);
	turn(t, at + later(f, 0, 3 * SECOND_MS) - SECOND_MS, "Released", "Captured", f->amount);
}

static void
flow_foreign(struct flow *f)
{
	f->is_foreign = true;
	flow_purchase(f);
}

/* Each capture lowers the amount of the authorization to what remains of it. */
static void
flow_captures(struct flow *f)
{
	struct transaction *t = authorize(f, f->amount * 3);
	instant first = cleared(f, 1), second = cleared(f, 4);

	book(f, "CardOutDebit", t, first, f->amount * 2);
	turn(t, first + 250, "Pending", NULL, f->amount);
	book(f, "CardOutDebit", t, second, f->amount + dice_below(&f->d, 3) * 100);
	turn(t, second + 250, "Released", "Captured", f->amount);
}

static void
flow_rejected(struct flow *f)
{
	static const char *const reasons[] = {
	    "PartnerRefused",
	    "PeriodAmountLimitExceeded",
	    "TransactionTypeNotAllowed",
	    "InsufficientFunds",
	    "TransactionAmountLimitExceeded",
	    "PartnerRefused",
	    "PinInvalid",
	    "ThreeDsError",
	    "DoNotHonor",
	    "CardSuspended",
	    "InvalidExpirationDate",
	    "PeriodTransactionNumberLimitExceeded",
	    "DigitalCardSuspended",
	    "FraudSuspected",
	};
	struct transaction *t = add(f, "CardOutAuthorization", f->at);
	const char *reason = reasons[(f->payment + dice_below(&f->d, 2)) % 14];
	instant at = f->at + later(f, 150, SECOND_MS);

	if (dice_below(&f->d, 4) == 0)
		turn(t, at, "Pending", NULL, f->amount);
	turn(t, at + later(f, SECOND_MS, MINUTE_MS), "Rejected", reason, f->amount);
}

static void
flow_released(struct flow *f)
{
	static const char *const reasons[] = {"Expired", "MerchantReleased", "ManuallyReleased", "Expired",
	                                      "Other"};
	const char *reason = reasons[f->payment % 5];
	struct transaction *t;

	f->is_pre = dice_below(&f->d, 4) == 0;
	t = authorize(f, f->amount);
	turn(t, f->at + later(f, 2 * HOUR_MS, 10 * HOUR_MS) + (reason[0] == 'E' ? 10 * DAY_MS : 0),
	     "Released", reason, f->amount);
}

/* A second authorization takes the place of the first. */
static void
flow_advice(struct flow *f)
{
	struct transaction *t = authorize(f, f->amount);

	f->at += later(f, 2 * HOUR_MS, 5 * HOUR_MS);
	turn(t, f->at, "Released", "AdviceReceived", f->amount);
	flow_purchase(f);
}

static void
flow_offline(struct flow *f)
{
	book(f, "CardOutDebit", NULL, cleared(f, 1), f->amount);
}

static void
flow_reversed(struct flow *f)
{
	flow_purchase(f);
	book(f, "CardOutDebitReversal", &f->w->transaction[f->w->transactions - 1], cleared(f, 4), f->amount);
}

static void
flow_refund(struct flow *f)
{
	const struct transaction *t = book(f, "CardOutCredit", NULL, cleared(f, 1), f->amount);

	if (dice_below(&f->d, 2) == 0)
		book(f, "CardOutCreditReversal", t, cleared(f, 3), f->amount);
}

static void
flow_data_request(struct flow *f)
{
	struct transaction *t = authorize(f, 0);

	turn(t, f->at + later(f, 2 * HOUR_MS, 3 * HOUR_MS), "Released", "Other", 0);
}

/* Transactions without a card. */
static void
flow_transfer(struct flow *f)
{
	f->card = -1;
	book(f, "SepaCreditTransferIn", NULL, f->at + SECOND_MS, f->amount);
}

static void
flow_fee(struct flow *f)
{
	f->card = -1;
	book(f, "FeesOut", NULL, f->at + SECOND_MS, f->amount % 1000 + 1);
}

static void
flow_chargeback(struct flow *f)
{
	flow_offline(f);
	f->card = -1;
	book(f, "InternalCreditTransferIn", &f->w->transaction[f->w->transactions - 1], cleared(f, 5),
	     f->amount);
}

static void
go(struct flow *f)
{
	static const struct {
		void (*flow)(struct flow *f);
		int weight; /* of a hundred */
	} ways[] = {
	    {flow_purchase, 52},  {flow_rejected, 10}, {flow_captures, 6}, {flow_released, 8},
	    {flow_offline, 5},    {flow_reversed, 4},  {flow_refund, 4},   {flow_data_request, 2},
	    {flow_foreign, 4},    {flow_advice, 2},    {flow_transfer, 1}, {flow_fee, 1},
	    {flow_chargeback, 1},
	};
	int way = 0, chance = dice_below(&f->d, 100);

	if (f->payment < (int)LENGTH(ways))
		way = f->payment;
	else
		while (chance >= ways[way].weight)
			chance -= ways[way++].weight;
	ways[way].flow(f);
}

static cents
some_amount(struct dice *d)
{
	cents amount = 100 + dice_below(d, 9000);

	switch (dice_below(d, 3)) {
	case 0:
		return amount / 100 * 100;
	case 1:
		return amount / 10 * 10;
	default:
		return amount;
	}
}

/* From one instant on a crowd shares its updatedAt, as after a migration at the bank. */
static void
gather_crowd(struct world *w)
{
	instant at = (instant)w->start * DAY_MS + w->days * DAY_MS / 2 + 12 * HOUR_MS + 789;
	int i, n = 0;

	for (i = w->wanted / 10; w->wanted >= 1000 && i < w->transactions && n < CROWD; i++) {
		struct transaction *t = &w->transaction[i];
		const struct version *last = &t->version[t->versions - 1];

		if (last->at >= at || t->versions == VERSIONS)
			continue;
		turn(t, at, last->status, last->reason, last->amount);
		n++;
	}
}

static void
make_payment(struct world *w, int payment)
{
	struct flow f = {.w = w, .d = dice_of(w->seed, FOR_PAYMENT, payment), .payment = payment};
	instant span = w->days * DAY_MS;

	f.at = (instant)w->start * DAY_MS + span * w->transactions / w->wanted;
	f.at += dice_below(&f.d, (int)(6 * HOUR_MS));
	f.card = dice_below(&f.d, w->old_cards);
	f.amount = some_amount(&f.d);
	go(&f);
}

void
world_make(struct world *w)
{
	int payment;

	people_make(w);
	w->room = w->wanted + COPIES;
	w->transaction = must_alloc((size_t)w->room + MOST_OF_A_FLOW, sizeof(*w->transaction));
	w->by_update.row = must_alloc((size_t)w->room + MOST_OF_A_FLOW, sizeof(struct seen));
	for (payment = 0; w->transactions < w->wanted; payment++)
		make_payment(w, payment);
	memset(&w->transaction[w->wanted], 0, MOST_OF_A_FLOW * sizeof(*w->transaction));
	w->transactions = w->wanted;
	gather_crowd(w);
	w->is_stale = true;
}
