/* stale: see stale.h.
 *
 * Not followed, because it never changes once it is there: a merchant; the name, the account and the reference of a version of a
 * mandate; when a Swan transaction was created.
 */
#include <stdlib.h>

#include "formats/length.h"
#include "formats/memory.h"
#include "stages/core/api/stale.h"
#include "stages/core/books/ledger.h"
#include "stages/core/engine/key.h"
#include "stages/core/engine/touched.h"

struct search {
	struct run *run;
	struct stale *stale;
	bool lost;       /* a row is gone: nobody knows which rows of which months showed it */
	int64_t payment; /* the one that was followed last */
};

static void
add_months(struct search *s, enum history_list list, struct stmt *q)
{
	while (row(q))
		s->stale->month[list][history_month(col_int(q, 0))] = true;
}

/* Corrections have no key of a Swan transaction; they are few. */
static void
add_corrections(struct search *s)
{
	add_months(s, HISTORY_TRANSACTIONS,
	           sql(s->run->db, "SELECT transaction_at"
	                           " FROM balance_transaction"
	                           " WHERE source_kind = " SQL_CODE(SOURCE_CORRECTION)));
}

static void
add_transactions_of_payment(struct search *s, int64_t key)
{
	struct stmt *q = sql(s->run->db,
	    "SELECT transaction_at"
	    " FROM balance_transaction"
	    " WHERE source_kind = " SQL_CODE(SOURCE_SWAN)
	    "  AND source BETWEEN $key * " SQL_NUMBER(KEY_PAYMENT) " AND $key * " SQL_NUMBER(KEY_PAYMENT) " + 255");

	bind_int(q, "$key", key);
	add_months(s, HISTORY_TRANSACTIONS, q);
}

/* A payment is in the month of its first transaction, and an earlier one may have come since, or gone to another payment. */
static void
add_payment(struct search *s, int64_t key)
{
	struct stmt *q =
	    sql(s->run->db,
	    "SELECT effective_at FROM card_payment WHERE key = $key"
	    " UNION ALL SELECT created_at FROM swan_transaction WHERE moved_to = $key"
	    " UNION ALL SELECT created_at FROM swan_transaction"
	    "  WHERE key BETWEEN $key * " SQL_NUMBER(KEY_PAYMENT) " AND $key * " SQL_NUMBER(KEY_PAYMENT) " + 255");

	if (key == s->payment)
		return;
	s->payment = key;
	bind_int(q, "$key", key);
	add_months(s, HISTORY_PAYMENTS, q);
	add_transactions_of_payment(s, key);
}

static void
follow_payment(void *ctx, int64_t key)
{
	struct search *s = ctx;
	struct stmt *q = sql(s->run->db, "SELECT count(*) FROM card_payment WHERE key = $key");

	bind_int(q, "$key", key);
	if (value(q, 0) == 0)
		s->lost = true;
	else
		add_payment(s, key);
}

/* Rows of the ledger: profile_number, payment_number, transaction_at. */
static bool
follow_rows(struct search *s, struct stmt *q)
{
	bool found = false;

	for (; row(q); found = true) {
		s->stale->month[HISTORY_TRANSACTIONS][history_month(col_int(q, 2))] = true;
		if (!col_null(q, 1))
			add_payment(s, key_of(col_int(q, 0), col_int(q, 1)));
	}
	return found;
}

static void
follow_transaction(void *ctx, int64_t key)
{
	struct search *s = ctx;
	struct stmt *q = sql(s->run->db,
	        "SELECT profile_number, payment_number, transaction_at FROM balance_transaction WHERE key = $key");

	bind_int(q, "$key", key);
	if (!follow_rows(s, q))
		s->lost = true;
}

/* What is recovered follows the debt; so it does in an earlier debt that failed, and whose amount went into this one. */
static void
add_debt(struct search *s, int64_t profile, int64_t session)
{
	struct stmt *q = sql(s->run->db,
	    "WITH RECURSIVE before (session_number) AS ("
	    " SELECT CAST($session AS BIGINT)"
	    " UNION SELECT gone.settled_session"
	    " FROM before v"
	    " JOIN balance_transaction back ON back.session_number = v.session_number"
	    "  AND back.profile_number = $profile AND " SQL_CAME_BACK("back")
	    " JOIN balance_transaction gone ON gone.source = back.source"
	    "  AND gone.source_kind = " SQL_CODE(SOURCE_COLLECTION)
	    "  AND gone.event IN (" SQL_CODE(EVENT_RECOVERY) ", " SQL_CODE(EVENT_REFUND) "))"
	    " SELECT b.profile_number, b.payment_number, b.transaction_at"
	    " FROM before v"
	    " JOIN balance_transaction b ON b.session_number = v.session_number AND b.profile_number = $profile");

	bind_int(q, "$profile", profile);
	bind_int(q, "$session", session);
	(void)follow_rows(s, q);
}

static void
follow_debt(void *ctx, int64_t key)
{
	struct search *s = ctx;
	struct stmt *q =
	    sql(s->run->db, "SELECT profile_number, session_number FROM debt WHERE " TOUCHED_KEY " = $key");
	int64_t profile = 0, session = 0;

	bind_int(q, "$key", key);
	if (!row(q)) {
		s->lost = true;
		return;
	}
	profile = col_int(q, 0);
	session = col_int(q, 1);
	reset(q);
	add_debt(s, profile, session);
}

static void
follow_notification(void *ctx, int64_t key)
{
	struct search *s = ctx;
	struct stmt *q = sql(s->run->db,
	    "SELECT profile_number, subject,"
	    "  CASE name WHEN 'alan_pay__post_payment' THEN 1 WHEN 'alan_pay__external_transaction' THEN 2 ELSE 0 END"
	    " FROM notification"
	    " WHERE number = $number");
	int64_t of = 0, name = 0;

	bind_int(q, "$number", key);
	if (!row(q)) {
		s->lost = true;
		return;
	}
	name = col_int(q, 2);
	if (name != 0)
		of = key_of(col_int(q, 0), strtoll(col_text(q, 1), NULL, 10));
	reset(q);
	if (name == 1)
		add_payment(s, of);
	else if (name == 2)
		follow_transaction(s, of);
}

/* The recovery or refund that a debit or a refund became shows its mandate. */
static void
follow_collection(void *ctx, int64_t key)
{
	struct search *s = ctx;
	struct stmt *q =
	    sql(s->run->db,
	    "SELECT b.transaction_at"
	    " FROM collection c"
	    " LEFT JOIN balance_transaction b ON b.source_kind = " SQL_CODE(SOURCE_COLLECTION)
	    "  AND b.source = CAST(c.end_to_end_id AS BLOB)"
	    " WHERE c." TOUCHED_KEY " = $key");
	bool found = false;

	bind_int(q, "$key", key);
	for (; row(q); found = true)
		if (!col_null(q, 0))
			s->stale->month[HISTORY_TRANSACTIONS][history_month(col_int(q, 0))] = true;
	if (!found)
		s->lost = true;
}

static void
follow_external(void *ctx, int64_t key)
{
	struct search *s = ctx;
	struct stmt *q =
	    sql(s->run->db,
	    "SELECT profile_number, transaction_number FROM external_transaction WHERE number = $number");
	int64_t of = 0;
	bool is_posted = false;

	bind_int(q, "$number", key);
	if (!row(q)) {
		s->lost = true;
		return;
	}
	is_posted = !col_null(q, 1);
	if (is_posted)
		of = key_of(col_int(q, 0), col_int(q, 1));
	reset(q);
	if (is_posted)
		follow_transaction(s, of);
}

bool
stale_find(struct run *r, struct stale *stale)
{
	static const struct {
		enum touched_table table;
		void (*follow)(void *ctx, int64_t key);
	} ways[] = {
	    {TOUCHED_BALANCE_TRANSACTION, follow_transaction},
	    {TOUCHED_CARD_PAYMENT, follow_payment},
	    {TOUCHED_DEBT, follow_debt},
	    {TOUCHED_NOTIFICATION, follow_notification},
	    {TOUCHED_COLLECTION, follow_collection},
	    {TOUCHED_EXTERNAL_TRANSACTION, follow_external},
	};
	struct search s = {.run = r, .stale = stale};
	size_t i;

	*stale = (struct stale){0};
	for (i = 0; i < LENGTH(ways); i++)
		if (!touched_each(r->db, ways[i].table, ways[i].follow, &s))
			return false;
	if (touched_has(r->db, TOUCHED_CARD_PAYMENT) || touched_has(r->db, TOUCHED_DEBT) ||
	    touched_has(r->db, TOUCHED_BALANCE_TRANSACTION))
		add_corrections(&s);
	return !s.lost;
}

/* Members ---------------------------------------------------------------------------------------------------------- */

struct gathering {
	struct run *run;
	struct history_members *members;
	size_t room;
	const char *text; /* asks for the member of a row; NULL: its key says so */
	bool lost;        /* a row is gone, and with it whose it was */
};

static int
compare_ranges(const void *a, const void *b)
{
	const struct history_range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* Each member once, ascending. */
static void
join_ranges(struct history_members *m)
{
	struct history_range *range = m->range;
	size_t i, n = 0;

	if (range == NULL)
		return;
	qsort(range, m->n, sizeof(*range), compare_ranges);
	for (i = 0; i < m->n; i++)
		if (n == 0 || range[i].first > range[n - 1].last + 1)
			range[n++] = range[i];
		else if (range[i].last > range[n - 1].last)
			range[n - 1].last = range[i].last;
	m->n = n;
}

/* Room for one more. */
static void
make_room(struct gathering *g)
{
	struct history_members *m = g->members;

	join_ranges(m);
	if (m->range != NULL && m->n < g->room / 2)
		return;
	g->room = 2 * g->room + 1024;
	m->range = memory_resize(m->range, g->room, sizeof(*m->range));
}

static void
add_member(struct gathering *g, int64_t member)
{
	struct history_members *m = g->members;
	struct history_range *last = m->n == 0 ? NULL : &m->range[m->n - 1];

	if (last != NULL && last->first <= member && member <= last->last)
		return;
	if (last != NULL && member == last->last + 1) {
		last->last = member;
		return;
	}
	if (m->range == NULL || m->n == g->room)
		make_room(g);
	m->range[m->n++] = (struct history_range){member, member};
}

static void
gather(void *ctx, int64_t key)
{
	struct gathering *g = ctx;
	struct stmt *q;

	if (g->text == NULL) {
		add_member(g, key_member(key));
		return;
	}
	q = sql(g->run->db, g->text);
	bind_int(q, "$key", key);
	if (!row(q)) {
		g->lost = true;
		return;
	}
	add_member(g, col_int(q, 0));
	reset(q);
}

bool
stale_find_members(struct run *r, struct history_members *members)
{
	static const struct {
		enum touched_table table;
		const char *text;
	} ways[] = {
	    {TOUCHED_BALANCE_TRANSACTION, NULL},
	    {TOUCHED_CARD_PAYMENT, NULL},
	    {TOUCHED_DEBT, SQL("SELECT profile_number FROM debt WHERE " TOUCHED_KEY " = $key")},
	     {TOUCHED_NOTIFICATION, SQL("SELECT profile_number FROM notification WHERE number = $key")},
	      {TOUCHED_COLLECTION, SQL("SELECT profile_number FROM collection WHERE " TOUCHED_KEY " = $key")},
	       {TOUCHED_EXTERNAL_TRANSACTION,
	        SQL("SELECT profile_number FROM external_transaction WHERE number = $key")},
	      };
	struct gathering g = {.run = r, .members = members};
	size_t i;

	*members = (struct history_members){0};
	for (i = 0; i < LENGTH(ways); i++) {
		g.text = ways[i].text;
		if (!touched_each(r->db, ways[i].table, gather, &g))
			return false;
	}
	join_ranges(members);
	return !g.lost;
}
