/* pass_moved: see pass_ledger.h. Each debit and refund against the transactions that it made. */
#include <stdlib.h>

#include "stages/core/audit/pass_ledger.h"

static int
compare_ids(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int
compare_collected(const void *a, const void *b)
{
	return compare_ids(((const struct collected *)a)->id, ((const struct collected *)b)->id);
}

static int
compare_moved(const void *a, const void *b)
{
	return compare_ids(((const struct moved *)a)->id, ((const struct moved *)b)->id);
}

/* The transactions of one debit or refund. */
struct group {
	const struct moved *at;
	size_t n;
};

static bool
is_taken_back(const struct group *g, cents *taken)
{
	bool is_one = false;
	size_t i;

	for (*taken = 0, i = 0; i < g->n; i++)
		if (g->at[i].source_kind == OF_TAKEN_BACK) {
			is_one = true;
			*taken = pass_plus(*taken, g->at[i].cents);
		}
	return is_one;
}

static bool
has_its_transactions(const struct collected *c, const struct group *g)
{
	bool was_booked =
	    c->state == STATE_BOOKED || c->state == STATE_REJECTED || c->state == STATE_RETURNED;
	bool came_back = c->state == STATE_REJECTED || c->state == STATE_RETURNED;
	int64_t booking = c->is_refund ? REFUND : RECOVERY, bookings = 0, returns = 0;
	cents taken;
	bool is_taken = is_taken_back(g, &taken);
	size_t i;

	for (i = 0; i < g->n; i++) {
		const struct moved *m = &g->at[i];

		if (m->source_kind == OF_COLLECTION && m->event == booking && m->settled == c->session &&
		    m->cents == c->moves)
			bookings++;
		if (m->source_kind == (c->is_refund ? OF_RETURNED_REFUND : OF_COLLECTION) &&
		    m->event == (c->is_refund ? REFUND : FAILED_RECOVERY) &&
		    m->cents == pass_minus(0, c->moves))
			returns++;
	}
	return bookings == (was_booked ? 1 : 0) && returns == (came_back || is_taken ? 1 : 0) &&
	       (taken == 0 || taken == c->moves) && !(came_back && taken != 0) &&
	       !(c->state == STATE_BOOKED && is_taken && taken != c->moves);
}

/* What the transactions of one debit or refund did to the debt that they settle. */
static void
settle(struct pass_ledger *l, const struct group *g)
{
	cents taken, sum;
	struct slot *s;
	size_t i, k;

	is_taken_back(g, &taken);
	for (i = 0; i < g->n; i++) {
		const struct moved *t = &g->at[i];
		bool is_refund = t->event == REFUND;

		if (t->settled == PASS_NONE || (t->event != RECOVERY && !is_refund))
			continue;
		sum = pass_plus(t->cents, taken);
		for (k = 0; k < g->n; k++)
			if (g->at[k].event == (is_refund ? REFUND : FAILED_RECOVERY) &&
			    g->at[k].source_kind == (is_refund ? OF_RETURNED_REFUND : t->source_kind))
				sum = pass_plus(sum, g->at[k].cents);
		s = pass_slot(l, t->settled);
		pass_require(l->p, PASS_SETTLED, s != NULL && s->is_debt);
		if (s != NULL && is_refund)
			s->paid_out = pass_minus(s->paid_out, sum);
		else if (s != NULL)
			s->brought = pass_plus(s->brought, sum);
	}
}

/* The group of transactions whose id is the lowest of those that are left. */
static struct group
next_group(const struct moved *m, size_t n)
{
	struct group g = {m, 0};

	while (g.n < n && m[g.n].id == m[0].id)
		g.n++;
	return g;
}

/* The debt that either of them settles failed. */
static bool
has_failed(struct pass_ledger *l, const struct moved *a, const struct moved *b)
{
	int64_t session = a->settled != PASS_NONE ? a->settled : b->settled;
	const struct slot *s = session == PASS_NONE ? NULL : pass_slot(l, session);

	return s != NULL && s->is_debt && s->status == DEBT_FAILED;
}

/* Another transaction of the group took it back at once. */
static bool
is_undone(struct pass_ledger *l, const struct group *g, const struct moved *m)
{
	static const enum pass_event opposite[PASS_EVENTS] = {
	    [RECOVERY] = FAILED_RECOVERY, [FAILED_RECOVERY] = RECOVERY, [REFUND] = REFUND};
	bool is_refund = m->event == REFUND && m->source_kind == OF_COLLECTION;
	size_t i;

	for (i = 0; i < g->n; i++)
		if (m->event > 0 && m->event < PASS_EVENTS && g->at[i].event == (int64_t)opposite[m->event] &&
		    g->at[i].cents == pass_minus(0, m->cents) &&
		    g->at[i].source_kind == (is_refund ? OF_RETURNED_REFUND : OF_COLLECTION) &&
		    has_failed(l, &g->at[i], m))
			return true;
	return false;
}

/* Of a debit or refund that is not in force. */
static void
require_undone(struct pass_ledger *l, const struct group *g)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		pass_require(l->p, PASS_MOVED,
		             g->at[i].source_kind == OF_TAKEN_BACK || is_undone(l, g, &g->at[i]));
}

/* Those with this id; all of them are the same debit or refund, of several files. */
static size_t
require_group(struct pass_ledger *l, const struct collected *c, size_t n, const struct group *g)
{
	bool is_in_force = false;
	size_t i;

	for (i = 0; i < n && c[i].id == c[0].id; i++)
		if (c[i].state != STATE_CANCELLED && c[i].state != STATE_WITHDRAWN) {
			is_in_force = true;
			pass_require(l->p, PASS_MOVED, has_its_transactions(&c[i], g));
		}
	if (!is_in_force)
		require_undone(l, g);
	return i;
}

static void
sort(struct pass_list *l, size_t size, int (*compare)(const void *, const void *))
{
	if (l->n > 1)
		qsort(l->at, l->n, size, compare);
}

void
pass_require_moved(struct pass_ledger *l)
{
	const struct group none = {NULL, 0};
	const struct collected *c;
	const struct moved *m;
	size_t i = 0, k = 0;
	struct group g;

	sort(&l->collected, sizeof(*c), compare_collected);
	sort(&l->moved, sizeof(*m), compare_moved);
	for (c = l->collected.at, m = l->moved.at; k < l->moved.n; k += g.n) {
		for (; i < l->collected.n && c[i].id < m[k].id;)
			i += require_group(l, c + i, l->collected.n - i, &none);
		g = next_group(m + k, l->moved.n - k);
		settle(l, &g);
		if (i < l->collected.n && c[i].id == m[k].id)
			i += require_group(l, c + i, l->collected.n - i, &g);
		else { /* it is not the member's: the statements decide */
			pass_say(l->p, PASS_SETTLED, PASS_ASKS);
			pass_say(l->p, PASS_MOVED, PASS_ASKS);
		}
	}
	while (i < l->collected.n)
		i += require_group(l, c + i, l->collected.n - i, &none);
}
