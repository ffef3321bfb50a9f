/* pass_ledger: see pass.h. Profiles, debts, collections, external transactions and the ledger, a member at a time.
 *
 * Of one member there is in memory what has to do with a bank file: its collections and the transactions of these. Of each session
 * there is one slot, for the debt that the member at hand has in it.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/memory.h"
#include "stages/core/audit/pass.h"

#define MOST_SESSIONS 100000 /* numbers above it have no slot: the statements decide */

enum debt_status { DEBT_PENDING, DEBT_INITIATED, DEBT_EXECUTED, DEBT_SUCCEEDED, DEBT_FAILED, DEBT_STATUSES };
static const char *const debt_words[DEBT_STATUSES] = {
    [DEBT_PENDING] = "pending",     [DEBT_INITIATED] = "initiated", [DEBT_EXECUTED] = "executed",
    [DEBT_SUCCEEDED] = "succeeded", [DEBT_FAILED] = "failed",
};

enum collection_state {
	STATE_PRESENTED,
	STATE_ACCEPTED,
	STATE_BOOKED,
	STATE_REJECTED,
	STATE_RETURNED,
	STATE_CANCELLED,
	STATE_WITHDRAWN,
	STATES
};
static const char *const state_words[STATES] = {
    [STATE_PRESENTED] = "presented", [STATE_ACCEPTED] = "accepted", [STATE_BOOKED] = "booked",
    [STATE_REJECTED] = "rejected",   [STATE_RETURNED] = "returned", [STATE_CANCELLED] = "cancelled",
    [STATE_WITHDRAWN] = "withdrawn",
};

struct slot {
	bool is_session, is_frozen;
	/* Of the member at hand: */
	bool is_used, is_debt;
	enum debt_status status;
	cents amount, recovered, refunded; /* of the debt; PASS_NONE: not set yet */
	cents sum;                         /* of the transactions that belong to it */
	int64_t transactions;
	cents brought, paid_out; /* by the transactions that settle it */
	int64_t live;            /* its debits or refunds that have not failed */
	bool is_booked;          /* one of them */
};

/* A debit or refund; `id`: a sum over its end-to-end id. */
struct collected {
	uint64_t id;
	int64_t session;
	enum collection_state state;
	bool is_refund;
	cents moves;
};

/* A transaction that a debit or refund made. */
struct moved {
	uint64_t id;
	int64_t source_kind, event, settled;
	cents cents;
};

struct list {
	void *at;
	size_t n, room;
};

struct ledger {
	struct pass *p;
	struct pass_cursor profiles, debts, collections, externals, rows;
	struct slot *slots;
	int64_t sessions; /* the highest number of a slot */
	int64_t *used;    /* the slots of the member at hand */
	size_t n_used;
	struct list collected, moved;
	cents booked, refunded; /* by the debits and refunds that are booked, of all members */
	/* Of the member at hand: */
	int64_t transactions, last;
	cents sum, open; /* open: in no frozen debt */
};

static void *
add(struct list *l, size_t size)
{
	if (l->n == l->room) {
		l->room = l->room == 0 ? 64 : 2 * l->room;
		l->at = memory_resize(l->at, l->room, size);
	}
	return (char *)l->at + size * l->n++;
}

static int
index_of(const char *word, const char *const words[], int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (word != NULL && strcmp(words[i], word) == 0)
			break;
	return i;
}

/* NULL: no session has a slot for this number. */
static struct slot *
slot_of(struct ledger *l, int64_t session)
{
	struct slot *s;

	if (session < 0 || session > l->sessions)
		return NULL;
	s = &l->slots[session];
	if (!s->is_used) {
		s->is_used = true;
		l->used[l->n_used++] = session;
	}
	return s;
}

/* Sessions ----------------------------------------------------------------------------------------------------- */

static void
load_sessions(struct ledger *l)
{
	struct stmt *q = sql(l->p->r->db, "SELECT number, frozen_at IS NOT NULL"
	                                  " FROM session"
	                                  " WHERE number BETWEEN 0 AND $most");

	l->sessions = value(sql(l->p->r->db, "SELECT max(number) FROM session"), 0);
	l->sessions = l->sessions < 0 ? 0 : l->sessions < MOST_SESSIONS ? l->sessions : MOST_SESSIONS;
	l->slots = memory_new((size_t)l->sessions + 1, sizeof(*l->slots));
	l->used = memory_new((size_t)l->sessions + 1, sizeof(*l->used));
	bind_int(q, "$most", l->sessions);
	while (row(q)) {
		l->slots[col_int(q, 0)].is_session = true;
		l->slots[col_int(q, 0)].is_frozen = col_int(q, 1) == 1;
	}
}

/* Debts and collections ---------------------------------------------------------------------------------------- */

static bool
is_settled(enum debt_status status)
{
	return status == DEBT_SUCCEEDED || status == DEBT_FAILED;
}

static void
take_debt(struct ledger *l, struct stmt *q)
{
	struct slot *s = slot_of(l, col_int(q, 1));

	if (s == NULL || !s->is_session) {
		pass_say(l->p, PASS_FREEZE, PASS_ASKS);
		pass_say(l->p, PASS_DEBTS_EXIST, PASS_ASKS);
		return;
	}
	s->is_debt = true;
	s->status = (enum debt_status)index_of(col_text(q, 2), debt_words, DEBT_STATUSES);
	s->amount = col_int_or(q, 3, PASS_NONE);
	s->recovered = col_int_or(q, 4, PASS_NONE);
	s->refunded = col_int_or(q, 5, PASS_NONE);
	pass_require(l->p, PASS_FREEZE,
	             (s->amount == PASS_NONE) == !s->is_frozen &&
	                 (s->is_frozen || s->status == DEBT_PENDING));
}

static void
take_collection(struct ledger *l, struct stmt *q)
{
	struct collected *c = add(&l->collected, sizeof(*c));
	const char *id = col_text(q, 1);
	cents amount = col_int(q, 4);
	struct slot *s;

	c->id = pass_mix_bytes(l->p->seed, id, strlen(id));
	c->session = col_int(q, 2);
	c->state = (enum collection_state)index_of(col_text(q, 3), state_words, STATES);
	c->is_refund = strcmp(col_text(q, 5), "refund") == 0;
	c->moves = c->is_refund ? pass_minus(0, amount) : amount;
	if (c->state == STATE_BOOKED && c->is_refund)
		l->refunded = pass_plus(l->refunded, amount);
	else if (c->state == STATE_BOOKED)
		l->booked = pass_plus(l->booked, amount);
	s = slot_of(l, c->session);
	if (s == NULL)
		pass_say(l->p, PASS_COLLECTED, PASS_ASKS);
	else if (c->state <= STATE_BOOKED) {
		s->live++;
		s->is_booked = c->state == STATE_BOOKED;
	}
}

/* The ledger --------------------------------------------------------------------------------------------------- */

/* Which sources an event may have, and the sign that its amount then has; 0: any. */
static const struct {
	enum pass_event event;
	enum pass_source source;
	enum { ANY, ABOVE, BELOW, ZERO } sign;
} allowed[] = {
    {CAPTURED, OF_SWAN, ANY},
    {CAPTURED, OF_CORRECTION, ANY},
    {REJECTED, OF_SWAN, ZERO},
    {RELEASED, OF_SWAN, ZERO},
    {EXTERNAL, OF_EXTERNAL, ABOVE},
    {RECOVERY, OF_COLLECTION, ABOVE},
    {RECOVERY, OF_TRANSFER, ABOVE},
    {RECOVERY, OF_TAKEN_BACK, ABOVE},
    {RECOVERY, OF_CORRECTION, ABOVE},
    {FAILED_RECOVERY, OF_COLLECTION, BELOW},
    {FAILED_RECOVERY, OF_TAKEN_BACK, BELOW},
    {FAILED_RECOVERY, OF_REVERSAL, BELOW},
    {FAILED_RECOVERY, OF_CORRECTION, BELOW},
    {REFUND, OF_COLLECTION, BELOW},
    {REFUND, OF_RETURNED_REFUND, ABOVE},
    {REFUND, OF_TAKEN_BACK, ANY},
};

static bool
is_allowed(int64_t event, int64_t source, cents amount)
{
	size_t i;

	for (i = 0; i < LENGTH(allowed); i++)
		if (allowed[i].event == event && allowed[i].source == source)
			switch (allowed[i].sign) {
			case ANY:
				return true;
			case ABOVE:
				return amount > 0;
			case BELOW:
				return amount < 0;
			case ZERO:
				return amount == 0;
			}
	return false;
}

/* What the ledger has of a Swan transaction. It belongs to the member of the payment in its key, unless a person moved it. */
static void
take_posting(struct pass *p, int64_t member, int64_t event, int64_t swan, int64_t payment, cents amount)
{
	struct stmt *q;

	if (event == CAPTURED)
		p->posted.rows += pass_posting(p, swan, member, payment, amount);
	if (swan / PASS_PAYMENT / PASS_MEMBER == member)
		return;
	q = sql(p->r->db, "SELECT profile_number FROM swan_transaction WHERE key = $key");
	bind_int(q, "$key", swan);
	if (value(q, member) != member)
		pass_say(p, PASS_OWNERS, PASS_ASKS);
}

static void
take_moved(struct ledger *l, struct stmt *q, int64_t source_kind, int64_t event, int64_t settled,
           cents amount)
{
	size_t n;
	const char *source = col_blob(q, 4, &n);
	const char *end = source_kind == OF_TAKEN_BACK && n > 0 ? memchr(source, '/', n) : NULL;
	struct moved *m = add(&l->moved, sizeof(*m));

	*m = (struct moved){pass_mix_bytes(l->p->seed, source, end == NULL ? n : (size_t)(end - source)),
	                    source_kind, event, settled, amount};
}

/* A transaction and the debt it belongs to. */
static void
take_debtor(struct ledger *l, int64_t session, int64_t settled, cents amount)
{
	struct slot *s = session == PASS_NONE ? NULL : slot_of(l, session);

	if (s != NULL) {
		s->transactions++;
		s->sum = pass_plus(s->sum, amount);
	} else
		pass_require(l->p, PASS_DEBTS_EXIST, session == PASS_NONE);
	if (settled == PASS_NONE && (s == NULL || !s->is_frozen))
		l->open = pass_plus(l->open, amount);
}

/* In the order of their numbers. */
static void
take_external(struct ledger *l, int64_t member, int64_t number, cents amount)
{
	struct pass_cursor *x = &l->externals;

	for (; x->member == member && col_int(x->q, 1) < number; pass_next(x))
		pass_say(l->p, PASS_EXTERNAL, PASS_FALSE);
	if (x->member != member || col_int(x->q, 1) != number)
		pass_say(l->p, PASS_EXTERNAL, PASS_FALSE);
	else {
		pass_require(l->p, PASS_EXTERNAL, amount >= 1 && amount <= col_int(x->q, 2));
		pass_next(x);
	}
}

static void
take_row(struct ledger *l, int64_t member, struct stmt *q)
{
	struct pass *p = l->p;
	int64_t event = col_int(q, 1), source_kind = col_int(q, 3), session = col_int_or(q, 6, PASS_NONE),
		settled = col_int_or(q, 7, PASS_NONE);
	cents amount = col_int(q, 2);

	l->transactions++;
	l->last = col_int(q, 0) % PASS_MEMBER;
	l->sum = pass_plus(l->sum, amount);
	pass_require(p, PASS_SOURCES,
	             is_allowed(event, source_kind, amount) &&
	                 (settled != PASS_NONE) ==
	                     ((event == RECOVERY || event == REFUND) && source_kind == OF_COLLECTION));
	if (event > 0 && event < PASS_EVENTS)
		p->of_event[event] = pass_plus(p->of_event[event], amount);
	if (source_kind == OF_SWAN)
		take_posting(p, member, event, col_int(q, 4), col_int_or(q, 5, PASS_NONE), amount);
	else if (source_kind == OF_COLLECTION || source_kind == OF_RETURNED_REFUND ||
	         source_kind == OF_TAKEN_BACK)
		take_moved(l, q, source_kind, event, settled, amount);
	if (event == EXTERNAL)
		take_external(l, member, l->last, amount);
	if (settled != PASS_NONE && source_kind != OF_COLLECTION)
		pass_say(p, PASS_SETTLED, PASS_ASKS);
	take_debtor(l, session, settled, amount);
}

/* What the bank moved ------------------------------------------------------------------------------------------ */

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
settle(struct ledger *l, const struct group *g)
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
		s = slot_of(l, t->settled);
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
has_failed(struct ledger *l, const struct moved *a, const struct moved *b)
{
	int64_t session = a->settled != PASS_NONE ? a->settled : b->settled;
	const struct slot *s = session == PASS_NONE ? NULL : slot_of(l, session);

	return s != NULL && s->is_debt && s->status == DEBT_FAILED;
}

/* Another transaction of the group took it back at once. */
static bool
is_undone(struct ledger *l, const struct group *g, const struct moved *m)
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
require_undone(struct ledger *l, const struct group *g)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		pass_require(l->p, PASS_MOVED,
		             g->at[i].source_kind == OF_TAKEN_BACK || is_undone(l, g, &g->at[i]));
}

/* Those with this id; all of them are the same debit or refund, of several files. */
static size_t
require_group(struct ledger *l, const struct collected *c, size_t n, const struct group *g)
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
sort(struct list *l, size_t size, int (*compare)(const void *, const void *))
{
	if (l->n > 1)
		qsort(l->at, l->n, size, compare);
}

static void
require_moved(struct ledger *l)
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

/* One member --------------------------------------------------------------------------------------------------- */

static bool
is_paid_as_said(const struct slot *s)
{
	cents recovered = s->recovered == PASS_NONE ? 0 : s->recovered,
	      refunded = s->refunded == PASS_NONE ? 0 : s->refunded;

	return s->brought == recovered && s->paid_out == refunded &&
	       (s->status != DEBT_FAILED || (s->recovered == 0 && s->refunded == 0)) &&
	       (s->status != DEBT_SUCCEEDED || s->amount == PASS_NONE ||
	        pass_minus(s->recovered == PASS_NONE ? -1 : s->recovered, refunded) == s->amount);
}

static bool
is_collected_as_said(const struct slot *s)
{
	bool is_on_its_way =
	    s->status == DEBT_INITIATED || s->status == DEBT_EXECUTED || s->status == DEBT_SUCCEEDED;

	return s->live == (s->amount != 0 && is_on_its_way ? 1 : 0) &&
	       (s->live == 0 || s->is_booked == (s->status == DEBT_SUCCEEDED));
}

/* The debt in a slot, or that there is none. Returns what it owes of a frozen amount. */
static cents
require_debt(struct ledger *l, struct slot *s)
{
	struct pass *p = l->p;

	pass_require(p, PASS_DEBTS_EXIST, s->transactions == 0 || s->is_debt);
	if (!s->is_debt)
		return 0;
	pass_require(p, PASS_FROZEN_DEBTS,
	             !s->is_frozen || pass_plus(s->amount == PASS_NONE ? 0 : s->amount, s->sum) == 0);
	pass_require(p, PASS_SETTLED, is_paid_as_said(s));
	pass_require(p, PASS_COLLECTED, is_collected_as_said(s));
	return s->is_frozen && !is_settled(s->status) && s->amount != PASS_NONE ? s->amount : 0;
}

static void
require_balance(struct ledger *l, int64_t member, cents frozen)
{
	struct pass *p = l->p;
	cents balance;

	if (l->profiles.member != member) {
		pass_require(p, PASS_SOURCES, l->transactions == 0);
		return;
	}
	balance = col_int(l->profiles.q, 1);
	pass_require(p, PASS_BALANCE, balance == l->sum);
	pass_require(p, PASS_OPEN_DEBT, pass_plus(balance, frozen) == l->open);
	pass_require(p, PASS_NUMBERS,
	             col_int(l->profiles.q, 2) == l->transactions && col_int(l->profiles.q, 2) == l->last);
	pass_next(&l->profiles);
}

static void
begin_member(struct ledger *l)
{
	l->transactions = l->last = 0;
	l->sum = l->open = 0;
	l->collected.n = l->moved.n = 0;
	for (; l->n_used > 0; l->n_used--) {
		struct slot *s = &l->slots[l->used[l->n_used - 1]];

		*s = (struct slot){.is_session = s->is_session, .is_frozen = s->is_frozen};
	}
}

static void
prove_member(struct ledger *l, int64_t member)
{
	cents frozen = 0;
	size_t i;

	begin_member(l);
	for (; l->debts.member == member; pass_next(&l->debts))
		take_debt(l, l->debts.q);
	for (; l->collections.member == member; pass_next(&l->collections))
		take_collection(l, l->collections.q);
	for (; l->rows.member == member; pass_next(&l->rows))
		take_row(l, member, l->rows.q);
	for (; l->externals.member == member; pass_next(&l->externals))
		pass_say(l->p, PASS_EXTERNAL, PASS_FALSE);
	require_moved(l);
	for (i = 0; i < l->n_used; i++)
		frozen = pass_plus(frozen, require_debt(l, &l->slots[l->used[i]]));
	require_balance(l, member, frozen);
}

static int64_t
least_member(const struct ledger *l)
{
	const struct pass_cursor *const cursors[] = {&l->profiles, &l->debts, &l->collections, &l->externals,
	                                             &l->rows};
	int64_t least = PASS_END;
	size_t i;

	for (i = 0; i < LENGTH(cursors); i++)
		if (cursors[i]->member < least)
			least = cursors[i]->member;
	return least;
}

static void
prepare_cursors(struct ledger *l)
{
	struct store *db = l->p->r->db;

	l->profiles = (struct pass_cursor){.of = 1,
	                                   .q = sql(db, "SELECT number, balance_in_cents, last_transaction"
	                 " FROM profile"
	                 " WHERE number BETWEEN $first AND $last"
	                 " ORDER BY number")};
	l->debts = (struct pass_cursor){
	    .of = 1,
	    .q = sql(db, "SELECT profile_number, session_number, status, amount_in_cents, recovered_in_cents,"
	                 "  refunded_in_cents"
	                 " FROM debt"
	                 " WHERE profile_number BETWEEN $first AND $last"
	                 " ORDER BY profile_number, session_number")};
	l->collections = (struct pass_cursor){
	    .of = 1,
	    .q = sql(db, "SELECT c.profile_number, c.end_to_end_id, c.session_number, c.state, c.amount_in_cents, f.kind"
	                 " FROM collection c"
	                 " CROSS JOIN bank_file f ON f.number = c.file_number"
	                 " WHERE c.profile_number BETWEEN $first AND $last"
	                 " ORDER BY c.profile_number, c.session_number, c.presentation, c.file_number")};
	l->externals = (struct pass_cursor){
	    .of = 1,
	    .q = sql(db, "SELECT profile_number, transaction_number, requested_in_cents"
	                 " FROM external_transaction"
	                 " WHERE transaction_number IS NOT NULL AND profile_number BETWEEN $first AND $last"
	                 " ORDER BY profile_number, transaction_number")};
	l->rows = (struct pass_cursor){
	    .of = PASS_MEMBER,
	    .q = sql(db, "SELECT key, event, amount_in_cents, source_kind, source, payment_number, session_number,"
	                 "  settled_session"
	                 " FROM balance_transaction"
	                 " WHERE key BETWEEN $first AND $last"
	                 " ORDER BY key")};
}

static void
walk(struct ledger *l, const struct pass_range *range)
{
	int64_t member;

	pass_begin(&l->profiles, range->first, range->last);
	pass_begin(&l->debts, range->first, range->last);
	pass_begin(&l->collections, range->first, range->last);
	pass_begin(&l->externals, range->first, range->last);
	pass_begin(&l->rows, range->first_key, range->last_key);
	while ((member = least_member(l)) != PASS_END)
		prove_member(l, member);
}

/* Totals ------------------------------------------------------------------------------------------------------- */

static void
require_totals(struct ledger *l)
{
	struct pass *p = l->p;
	struct stmt *q = sql(p->r->db, "WITH brought AS ("
	                               "  SELECT profile_number, amount_in_cents AS cents FROM audit_transfer"
	                               "  UNION ALL SELECT profile_number, moves_in_cents FROM audit_unfounded"
	                               " )"
	                               " SELECT sum(cents)"
	                               " FROM brought"
	                               " WHERE $whole = 1 OR profile_number IN (SELECT profile_number FROM audit_touched)");
	cents recoveries = pass_plus(p->of_event[FAILED_RECOVERY], p->of_event[RECOVERY]);

	bind_int(q, "$whole", p->whole);
	pass_require_sums(p, PASS_RECOVERIES, recoveries == pass_plus(l->booked, value(q, 0)));
	pass_require_sums(p, PASS_REFUNDS, pass_plus(p->of_event[REFUND], l->refunded) == 0);
	pass_require(p, PASS_FREEZE,
	             value(sql(p->r->db, "SELECT count(*)"
	                                                 " FROM bank_file f"
	                                                 " LEFT JOIN session s ON s.number = f.session_number"
	                                                 " WHERE s.frozen_at IS NULL"),
	                       0) == 0);
}

void
pass_ledger(struct pass *p)
{
	struct pass_range range = {0};
	struct ledger l = {.p = p};

	load_sessions(&l);
	prepare_cursors(&l);
	while (pass_next_range(p, &range))
		walk(&l, &range);
	require_totals(&l);
	free(l.slots);
	free(l.used);
	free(l.collected.at);
	free(l.moved.at);
}
