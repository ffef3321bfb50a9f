/* payment_state: see payment_state.h. */
#include <string.h>

#include "stages/core/cards/payment_state.h"
#include "stages/core/engine/log.h"

static void
sum_up(cents *sum, cents amount)
{
	if (!money_add(sum, amount))
		die(EXIT_BUG, "the amounts of a payment do not fit");
}

static void
add_hold(struct payment_state *p, bool holds, cents amount, cents most)
{
	if (holds) {
		sum_up(&p->held, amount != 0 ? amount : most); /* 0: it says no more how much it was */
		sum_up(&p->held_most, most);
	} else if (most != 0) {
		p->ended = most;
	}
}

/* Of a hold whose status is not known only the amount counts, if nothing else is known. */
static void
add_transaction(struct payment_state *p, const struct swan_transaction *t, const struct swan_event *event,
                cents most, int64_t rejection)
{
	const struct swan_payment *status = swan_find_payment(event == NULL ? NULL : event->payment);
	const char *amount = event != NULL                           ? event->amount
	                     : swan_asked_amount(t->type)[0] != '\0' ? "ended"
	                                                             : "";

	if (event != NULL && amount[0] == '\0')
		p->went_back = true;
	else if (status < p->status)
		p->status = status;
	if (strcmp(amount, "captured") == 0)
		sum_up(&p->captured, t->amount);
	if (strcmp(amount, "authorized") == 0 || strcmp(amount, "ended") == 0)
		add_hold(p, strcmp(amount, "authorized") == 0, t->amount, most);
	if (strcmp(amount, "rejected") == 0) {
		p->rejected = most != 0 ? most : p->rejected;
		p->rejection = rejection;
	}
}

static cents
find_authorized(const struct payment_state *p)
{
	if (p->held_most == 0)
		return p->ended;
	return p->captured > 0 ? p->held_most : p->held;
}

static void
settle_state(struct payment_state *p)
{
	bool is_rejected = p->status == swan_find_payment("rejected");

	if (p->went_back && p->status == swan_find_payment(NULL))
		p->status = swan_find_payment("captured");
	if (!is_rejected)
		p->rejection = 0;
	p->authorized = find_authorized(p);
	if (p->authorized == 0 || (is_rejected && p->rejected != 0))
		p->authorized = p->rejected;
}

void
payment_state_find(struct payment_state *p, const struct batch_payment *of)
{
	const struct batch_transaction *x;

	*p = (struct payment_state){.status = swan_find_payment(NULL), .effective_at = of->first->created_at};
	for (x = of->first; x != NULL; x = x->next) {
		struct swan_transaction t = {.type = x->type_word,
		                             .status = x->status_word,
		                             .released_reason = x->reason_word,
		                             .amount = x->amount};

		add_transaction(p, &t, swan_find_event(&t), x->first_amount, x->rejection);
	}
	settle_state(p);
}
