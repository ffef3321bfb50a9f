/* model: what the books must say of a set of Swan's transaction versions, by rules of its own: nothing of the product is in
 * it, nothing is kept from one version to the next, and each answer is looked for again in the whole list. Slow on purpose.
 * Used by test_model.c.
 */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { AUTH, DEBIT, REVERSAL, CREDIT, CREDIT_BACK, CHARGEBACK, STRANGE, LOST, TRANSFER, RECALL, TYPES };
enum { PENDING, REJECTED, RELEASED, BOOKED, ODD, STATUSES };

/* A link makes a member known; all else is a version of a transaction. Times are minutes. A transfer is attributed to its member
 * in the end. `retold`: it comes after all others, with other money, and a person decides that it counts. */
struct version {
	bool link, retold;
	int member, payment, tx, type,
	    status; /* payment 1000 + tx: it has none, and is its own; of a recall: of no card, and
	                                          the transaction that it takes back */
	const char *reason, *merchant; /* "" for none */
	int amount, created, updated, released;
};

struct model {
	const struct version *v[200];
	int n;
	char text[8192];
};

/* NOLINTNEXTLINE(bugprone-macro-parentheses): e is declared by who uses it */
#define model_each(m, e) for (int i_##e = 0; i_##e < (m)->n && (e = (m)->v[i_##e], true); i_##e++)

#define model_add(m, ...) \
	snprintf((m)->text + strlen((m)->text), sizeof((m)->text) - strlen((m)->text), __VA_ARGS__)

/* -1, +1: it moves money; 0: it does not. */
static inline int
moves(const struct version *e)
{
	static const int sign[TYPES] = {[DEBIT] = -1,     [CREDIT_BACK] = -1, [REVERSAL] = 1, [CREDIT] = 1,
	                                [CHARGEBACK] = 1, [LOST] = -1,        [TRANSFER] = 1, [RECALL] = -1};

	return e->status == BOOKED ? sign[e->type] : 0;
}

static inline bool
means(const struct version *e)
{
	return moves(e) != 0 || (e->type == AUTH && e->status < BOOKED);
}

static inline bool
is_linked(const struct model *m, int member)
{
	const struct version *o;

	model_each (m, o)
		if (o->link && o->member == member)
			return true;
	return false;
}

static inline bool
is_of_card(const struct version *e)
{
	return !e->link && e->type < CHARGEBACK && e->status != ODD && !e->retold;
}

static inline bool
has_payment(const struct model *m, const struct version *e)
{
	const struct version *o;

	model_each (m, o)
		if (is_of_card(o) && o->payment == e->payment && is_linked(m, o->member))
			return true;
	return false;
}

/* Is there one of this type to take back, to the cent, under the payment? */
static inline bool
has_taken(const struct model *m, const struct version *e, int type)
{
	const struct version *o;

	model_each (m, o)
		if (!o->link && !o->retold && o->type == type && o->payment == e->payment &&
		    o->amount == e->amount && o->status == BOOKED)
			return true;
	return false;
}

/* Is it in the books at all? A card's is once its member is known, a chargeback when its payment has a card's, what takes back
 * when it takes what was given. A type or status that nobody knows never is. */
static inline bool
counts(const struct model *m, const struct version *e)
{
	if (e->link || e->status == ODD || e->retold)
		return false;
	switch (e->type) {
	case STRANGE:
		return false;
	case CHARGEBACK:
		return e->amount > 0 && has_payment(m, e);
	case LOST:
		return e->amount > 0 && has_payment(m, e) && has_taken(m, e, CHARGEBACK);
	case TRANSFER:
		return true;
	case RECALL:
		return has_taken(m, e, TRANSFER);
	default:
		return is_linked(m, e->member);
	}
}

/* The version that a person let count in the end, if what it contradicts was in the books. */
static inline const struct version *
find_retold(const struct model *m, int tx)
{
	const struct version *e, *o;

	model_each (m, e)
		if (e->retold && e->tx == tx)
			model_each (m, o)
				if (o->tx == tx && counts(m, o) && moves(o) != 0)
					return e;
	return NULL;
}

static inline int
rank(const struct version *e)
{
	return e->status != RELEASED ? e->status : e->reason[0] == 'C' ? 10 : e->reason[0] == 'A' ? 11 : 12;
}

static inline bool
is_newer(const struct version *a, const struct version *b)
{
	const int by[] = {means(a) - means(b), a->updated - b->updated, means(a) ? rank(a) - rank(b) : 0,
	                  b->amount - a->amount, strcmp(a->reason, b->reason)};
	int i = 0;

	while (i < 4 && by[i] == 0)
		i++;
	return by[i] > 0;
}

/* Does it give the state of its transaction: is no other version newer, and is it the first of equals in the list? */
static inline bool
is_current(const struct model *m, const struct version *e)
{
	const struct version *o;

	if (!e->link && find_retold(m, e->tx) != NULL)
		return e == find_retold(m, e->tx);
	if (!counts(m, e))
		return false;
	model_each (m, o)
		if (counts(m, o) && o->tx == e->tx && (is_newer(o, e) || (!is_newer(e, o) && o < e)))
			return false;
	return true;
}

static inline int
first_amount(const struct model *m, const struct version *e)
{
	const struct version *o;
	int most = 0;

	model_each (m, o)
		if (counts(m, o) && o->tx == e->tx && o->amount > most)
			most = o->amount;
	return most;
}

/* The last of a payment's authorizations that are rejected, or that hold nothing any more: of more than nothing, or of any. */
static inline const struct version *
find_request(const struct model *m, int payment, bool rejected, bool any)
{
	const struct version *e, *found = NULL;

	model_each (m, e)
		if (is_current(m, e) && e->payment == payment && e->type == AUTH &&
		    (e->status == REJECTED) == rejected && (any || first_amount(m, e) > 0) &&
		    (found == NULL || e->created * 1000 + e->tx > found->created * 1000 + found->tx))
			found = e;
	return found;
}

/* What it is for now; once captured, what it was for at most. */
static inline int
amount_of(const struct model *m, const struct version *e, bool captured)
{
	return captured || e->amount == 0 ? first_amount(m, e) : e->amount;
}

/* The holds that hold something, or were captured, together; without any, the last of the others. */
static inline int
find_authorized(const struct model *m, int payment, bool is_rejected, bool captured)
{
	const struct version *e, *rejected = find_request(m, payment, true, false),
				 *ended = find_request(m, payment, false, false);
	int sum = 0;

	if (is_rejected && rejected != NULL)
		return first_amount(m, rejected);
	model_each (m, e)
		if (is_current(m, e) && e->payment == payment && e->type == AUTH &&
		    (e->status == PENDING || rank(e) == 10))
			sum += amount_of(m, e, captured);
	if (sum == 0 && ended != NULL)
		sum = first_amount(m, ended);
	return sum == 0 && rejected != NULL ? first_amount(m, rejected) : sum;
}

static inline void
print_payment(struct model *m, int payment)
{
	static const char *const whys[] = {
	    [0] = "-", ['P'] = "spending_limit_reached", ['T'] = "online_payment", ['I'] = "other_reason"};
	const struct version *e, *shown = NULL;
	int captured = 0, effective = -1, member = 0, back = 0, has[STATUSES] = {0};
	const char *status;

	model_each (m, e)
		if (e->type < TRANSFER && e->payment == payment && (counts(m, e) || is_current(m, e))) {
			member = e->member;
			effective = effective < 0 || e->created < effective ? e->created : effective;
			if (e->merchant[0] != '\0' &&
			    (shown == NULL || e->updated < shown->updated ||
			     (e->updated == shown->updated && strcmp(e->merchant, shown->merchant) < 0)))
				shown = e;
			if (is_current(m, e) && means(e)) {
				has[e->status] += e->type <= DEBIT;
				back += e->type > DEBIT;
				captured += e->type == DEBIT ? e->amount : 0;
			}
		}
	if (member == 0)
		return;
	status = has[BOOKED]     ? "captured"
	         : has[PENDING]  ? "authorized"
	         : has[REJECTED] ? "rejected"
	         : has[RELEASED] ? "released"
	         : back          ? "captured"
	                         : "received";
	model_add(m, "%c%03d of %d: %s", payment > 1000 ? 't' : 'p', payment % 1000, member, status);
	model_add(m, " %d/%d @%d %s %s\n", find_authorized(m, payment, status[2] == 'j', captured > 0),
	          captured, effective,
	          whys[status[2] == 'j' ? (unsigned char)find_request(m, payment, true, true)->reason[0] : 0],
	          shown == NULL ? "-" : shown->merchant);
}

/* What a transfer, or what went back of one, leaves there: on the day on which it was booked, which begins at minute -540. */
static inline int
print_transfer(struct model *m, int tx, int member)
{
	const struct version *e, *again = find_retold(m, tx);
	int moved = 0, last;

	model_each (m, e)
		if (moved == 0 && e->tx == tx && e->member == member && e->type == TRANSFER && counts(m, e)) {
			moved = e->amount;
			model_add(m, "t%03d recovery %d @-540\n", tx, moved);
		}
	model_each (m, e)
		if (e->type == RECALL && e->payment == tx && e->member == member && counts(m, e)) {
			model_add(m, "t%03d/1 failed_recovery %d @-540\n", tx, -e->amount);
			return moved - e->amount;
		}
	if (moved == 0 || again == NULL)
		return moved;
	last = moves(again) * again->amount;
	model_add(m, "t%03d/1 %s %d @%d\n", tx, last > moved ? "recovery" : "failed_recovery", last - moved,
	          again->updated);
	return last;
}

/* What a transaction leaves on its member's time line, whichever of its versions reported it; the cents that it moved. */
static inline int
print_events(struct model *m, int tx, int member)
{
	static const char *const events[] = {"captured", "rejected", "released"};
	const struct version *e, *shown[3] = {NULL}, *again = find_retold(m, tx);
	int moved = 0, last;

	model_each (m, e)
		if (e->type < TRANSFER && counts(m, e) && e->tx == tx && e->member == member && means(e) &&
		    (e->type != AUTH || e->status == REJECTED || rank(e) == 12))
			shown[moves(e) != 0 ? 0 : e->status] = e;
	for (int i = 0; i < 3; i++)
		if (shown[i] != NULL) {
			moved += moves(shown[i]) * shown[i]->amount;
			model_add(m, "t%03d %s %d @%d\n", tx, events[i], moves(shown[i]) * shown[i]->amount,
			          i == 2 ? shown[i]->released : shown[i]->created);
		}
	if (shown[0] == NULL || again == NULL)
		return moved;
	last = moves(again) * again->amount;
	if (last != moved)
		model_add(m, "t%03d/1 captured %d @%d\n", tx, last - moved, again->updated);
	return last;
}

static inline const char *
model_print(struct model *m, int members, int payments, int transactions)
{
	m->text[0] = '\0';
	for (int p = 1; p <= payments; p++)
		print_payment(m, p);
	for (int t = 1; t <= transactions; t++)
		print_payment(m, 1000 + t);
	for (int member = 1; member <= members; member++) {
		int balance = 0;

		for (int t = 1; t <= transactions; t++)
			balance += print_events(m, t, member) + print_transfer(m, t, member);
		model_add(m, "member %d: %d\n", member, balance);
	}
	return m->text;
}

#endif
