/* pass_ledger: see pass.h. Profiles, debts, collections, external transactions and the ledger, a member at a time.
 *
 * Of one member there is in memory what has to do with a bank file: its collections and the transactions of these. Of each session
 * there is one slot, for the debt that the member at hand has in it.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/memory.h"
#include "stages/core/audit/pass_ledger.h"

#define MOST_SESSIONS 100000 /* numbers above it have no slot: the statements decide */

static const char *const debt_words[DEBT_STATUSES] = {
    [DEBT_PENDING] = "pending",     [DEBT_INITIATED] = "initiated", [DEBT_EXECUTED] = "executed",
    [DEBT_SUCCEEDED] = "succeeded", [DEBT_FAILED] = "failed",
};

static const char *const state_words[STATES] = {
    [STATE_PRESENTED] = "presented", [STATE_ACCEPTED] = "accepted", [STATE_BOOKED] = "booked",
    [STATE_REJECTED] = "rejected",   [STATE_RETURNED] = "returned", [STATE_CANCELLED] = "cancelled",
    [STATE_WITHDRAWN] = "withdrawn",
};

static int
index_of(const char *word, const char *const words[], int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (word != NULL && strcmp(words[i], word) == 0)
			break;
	return i;
}

struct slot *
pass_slot(struct pass_ledger *l, int64_t session)
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
load_sessions(struct pass_ledger *l)
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
take_debt(struct pass_ledger *l, struct stmt *q)
{
	struct slot *s = pass_slot(l, col_int(q, 1));

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
take_collection(struct pass_ledger *l, struct stmt *q)
{
	struct collected *c = pass_list_add(&l->collected, sizeof(*c));
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
	s = pass_slot(l, c->session);
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

	if (event == CAPTURED) {
		p->posted.rows += pass_posting(p, swan, member, payment, amount);
		if (swan / PASS_PAYMENT - member * PASS_MEMBER != payment)
			pass_say(p, PASS_OWNERS, PASS_ASKS);
	}
	if (swan / PASS_PAYMENT / PASS_MEMBER == member)
		return;
	q = sql(p->r->db, "SELECT profile_number FROM swan_transaction WHERE key = $key");
	bind_int(q, "$key", swan);
	if (value(q, member) != member)
		pass_say(p, PASS_OWNERS, PASS_ASKS);
}

static void
take_moved(struct pass_ledger *l, struct stmt *q, int64_t source_kind, int64_t event, int64_t settled,
           cents amount)
{
	size_t n;
	const char *source = col_blob(q, 4, &n);
	const char *end = source_kind == OF_TAKEN_BACK && n > 0 ? memchr(source, '/', n) : NULL;
	struct moved *m = pass_list_add(&l->moved, sizeof(*m));

	*m = (struct moved){pass_mix_bytes(l->p->seed, source, end == NULL ? n : (size_t)(end - source)),
	                    source_kind, event, settled, amount};
}

/* A transaction and the debt it belongs to. */
static void
take_debtor(struct pass_ledger *l, int64_t session, int64_t settled, cents amount)
{
	struct slot *s = session == PASS_NONE ? NULL : pass_slot(l, session);

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
take_external(struct pass_ledger *l, int64_t member, int64_t number, cents amount)
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
take_row(struct pass_ledger *l, int64_t member, struct stmt *q)
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

/* The debt in a slot, or that the slot has no debt. Returns what it owes of a frozen amount. */
static cents
require_debt(struct pass_ledger *l, struct slot *s)
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
require_balance(struct pass_ledger *l, int64_t member, cents frozen)
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
begin_member(struct pass_ledger *l)
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
prove_member(struct pass_ledger *l, int64_t member)
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
	pass_require_moved(l);
	for (i = 0; i < l->n_used; i++)
		frozen = pass_plus(frozen, require_debt(l, &l->slots[l->used[i]]));
	require_balance(l, member, frozen);
}

static int64_t
least_member(const struct pass_ledger *l)
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
prepare_cursors(struct pass_ledger *l)
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
walk(struct pass_ledger *l, const struct pass_range *range)
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
require_totals(struct pass_ledger *l)
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
	struct pass_ledger l = {.p = p};

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
