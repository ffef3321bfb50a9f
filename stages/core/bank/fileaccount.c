/* fileaccount: see fileaccount.h. Writes nothing of its own: books and returns through core/books/collection.c. */
#include <string.h>

#include "stages/core/bank/fileaccount.h"
#include "stages/core/bank/sumdetail.h"
#include "stages/core/engine/log.h"

/* The kinds of entries that bring money for a file, and those that take it away. */
static const struct directions {
	enum bankentry_kind in, out[2];
} directions[] = {
    [COLLECTION_DEBIT] = {BANKENTRY_CREDIT, {BANKENTRY_RETURN, BANKENTRY_DEBIT}},
    [COLLECTION_REFUND] = {BANKENTRY_DEBIT, {BANKENTRY_REFUND_RETURN, BANKENTRY_CREDIT}},
};

static void
bind_in(struct stmt *q, const struct bankfile *f)
{
	bind_int(q, "$file", f->number);
	bind_text(q, "$in", bankentry_kind_word(directions[f->kind].in));
}

static void
bind_out(struct stmt *q, const struct bankfile *f)
{
	const struct directions *d = &directions[f->kind];

	bind_int(q, "$file", f->number);
	bind_text(q, "$out", bankentry_kind_word(d->out[0]));
	bind_text(q, "$plain", bankentry_kind_word(d->out[1]));
}

/* The bank reports it one by one. With $details, not the details of a sum, which come beside it. `c` is the name of collection in
 * the SQL. */
#define IS_SINGLE(c) \
	SQL("EXISTS ("                                                                                     \
	    "    SELECT 1 FROM bank_entry e"                                                               \
	    "    WHERE e.collection = " c ".end_to_end_id AND e.kind = $in AND e.state <> 'resolved'"      \
	    "     AND ($details = 0 OR NOT " SUMDETAIL_IS_ONE("e") "))")

#define VARIANTS FILEACCOUNT_VARIANTS

static void
bind_variant(struct stmt *q, enum fileaccount_variant v)
{
	bind_int(q, "$details", v == FILEACCOUNT_WITH_DETAILS || v == FILEACCOUNT_NET_WITH_DETAILS);
	bind_int(q, "$net", v >= FILEACCOUNT_NET_BESIDE_SINGLES);
}

/* What the sums for the whole file must come to: the debits that were not rejected, and the rejected ones that were taken back
 * one by one; without those that the bank credited one by one. */
static cents
sum_needed(struct run *r, const struct bankfile *f, enum fileaccount_variant v)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT coalesce(CAST(sum(amount) AS BIGINT), 0)"
	    " FROM ("
	    "  SELECT c.amount_in_cents AS amount"
	    "  FROM collection c"
	    "  WHERE c.file_number = $file"
	    "   AND c.state NOT IN ('cancelled', 'withdrawn')"
	    "   AND NOT ($net = 1 AND c.state IN ('rejected', 'returned') AND c.booked_on IS NULL)"
	    "   AND (c.state <> 'rejected' OR EXISTS ("
	    "    SELECT 1 FROM bank_entry t"
	    "    WHERE t.collection = c.end_to_end_id AND t.kind IN ($out, $plain)))"
	    "   AND NOT " IS_SINGLE("c")
	    " ) AS standing");

	bind_in(q, f);
	bind_out(q, f);
	bind_variant(q, v);
	return value(q, 0);
}

/* First of all kinds of messages together, without the repetitions; then of each kind. */
static void
load_sums(struct run *r, const struct bankfile *f, struct fileaccount *a)
{
	struct stmt *q = sql(r->db,
	    "SELECT '', coalesce(CAST(sum(amount_in_cents + fee_in_cents) FILTER (WHERE kind = $in) AS BIGINT), 0),"
	    "  coalesce(CAST(sum(amount_in_cents - fee_in_cents) FILTER (WHERE kind IN ($out, $plain)) AS BIGINT), 0)"
	    " FROM bank_entry"
	    " WHERE file_number = $file AND collection IS NULL AND problem IS NULL"
	    "  AND state IN ('new', 'held', 'applied')"
	    " UNION ALL"
	    " SELECT message_kind,"
	    "  coalesce(CAST(sum(amount_in_cents + fee_in_cents) FILTER (WHERE kind = $in) AS BIGINT), 0),"
	    "  coalesce(CAST(sum(amount_in_cents - fee_in_cents) FILTER (WHERE kind IN ($out, $plain)) AS BIGINT), 0)"
	    " FROM bank_entry"
	    " WHERE file_number = $file AND collection IS NULL AND problem IS NULL AND state <> 'resolved'"
	    "  AND kind IN ($in, $out, $plain)"
	    " GROUP BY message_kind"
	    " ORDER BY 1"
	    " LIMIT 4");

	bind_in(q, f);
	bind_out(q, f);
	while (row(q)) {
		struct fileaccount_sums *s = &a->sums[a->n++];

		col_copy(q, 0, s->kind, sizeof(s->kind));
		s->in = col_int(q, 1);
		s->out = col_int(q, 2);
	}
}

/* All that the bank can take back with the whole batch, before it did and after. */
static cents
sum_reversible(struct run *r, const struct bankfile *f)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT coalesce(CAST(sum(c.amount_in_cents) AS BIGINT), 0)"
	    " FROM collection c"
	    " WHERE c.file_number = $file"
	    "  AND (c.state = 'booked' OR (c.state = 'returned' AND NOT EXISTS ("
	    "   SELECT 1 FROM bank_entry t"
	    "   WHERE t.collection = c.end_to_end_id AND t.kind IN ($out, $plain))))");

	bind_out(q, f);
	return value(q, 0);
}

/* The bank booked it, says that it had rejected it, and has not taken it back by its id. `c` is the name of collection in the
 * SQL. */
#define IS_REJECTED_TOO(c) \
	SQL(c ".booked_on IS NOT NULL AND EXISTS ("                                                        \
	    "   SELECT 1 FROM bank_entry s"                                                                \
	    "   WHERE s.collection = " c ".end_to_end_id AND s.kind = 'status' AND s.status = 'RJCT'"      \
	    "    AND (s.state = 'held' OR (s.state = 'noted' AND " c ".state = 'returned'))"               \
	    "    AND coalesce(s.amount_in_cents, " c ".amount_in_cents) = " c ".amount_in_cents)"          \
	    "  AND NOT EXISTS ("                                                                           \
	    "   SELECT 1 FROM bank_entry t"                                                                \
	    "   WHERE t.collection = " c ".end_to_end_id AND t.kind IN ($out, $plain))")

static cents
sum_rejected(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db,
	    "SELECT coalesce(CAST(sum(c.amount_in_cents) AS BIGINT), 0)"
	    " FROM collection c"
	    " WHERE c.file_number = $file AND c.state IN ('booked', 'returned') AND " IS_REJECTED_TOO("c"));

	bind_out(q, f);
	return value(q, 0);
}

static bool
has_open(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*) FROM collection c"
	    " WHERE c.file_number = $file AND " COLLECTION_IS_OPEN("c"));

	bind_int(q, "$file", f->number);
	return value(q, 0) > 0;
}

/* A sum was taken for debits before. */
static bool
has_applied(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db,
	    "SELECT EXISTS (SELECT 1 FROM bank_entry"
	    " WHERE file_number = $file AND collection IS NULL AND kind = $in AND state = 'applied')");

	bind_in(q, f);
	return value(q, 0) > 0;
}

static void
load_account(struct run *r, const struct bankfile *f, struct fileaccount *a)
{
	enum fileaccount_variant v;

	if (a->file == f->number)
		return;
	sumdetail_find(r, f);
	*a = (struct fileaccount){.file = f->number,
	                          .rejected = sum_rejected(r, f),
	                          .reversible = sum_reversible(r, f),
	                          .has_open = has_open(r, f),
	                          .has_applied = has_applied(r, f)};
	for (v = 0; v < VARIANTS; v++)
		a->needed[v] = sum_needed(r, f, v);
	load_sums(r, f, a);
}

/* --- what explains an entry ----------------------------------------------------------------------------------------- */

enum verdict { ADDS_UP, ALL_CAME, ALL_WENT, REJECTS_WENT };

/* Without a sum that came in, the bank booked the debits one by one. */
static bool
is_explained_by(const struct fileaccount *a, const struct fileaccount_sums *s, cents needed, enum verdict v)
{
	switch (v) {
	case ADDS_UP:
		return s->in != 0 && s->in - s->out == needed;
	case ALL_CAME:
		return s->in != 0 && s->in == needed;
	case ALL_WENT:
		return s->out != 0 && s->out == a->reversible && (s->in == 0 || s->in == needed) &&
		       !a->has_open;
	case REJECTS_WENT:
		return s->in != 0 && a->rejected != 0 && s->in - s->out == needed - a->rejected;
	}
	return false;
}

/* What the bank means, by the messages of all kinds or of the entry's own: others do not count the entry. VARIANTS: nothing. */
static enum fileaccount_variant
find_explained(const struct fileaccount *a, const char *kind, enum verdict verdict)
{
	enum fileaccount_variant v;
	int i;

	for (v = 0; v < VARIANTS; v++)
		for (i = 0; i < a->n; i++)
			if ((a->sums[i].kind[0] == '\0' || strcmp(a->sums[i].kind, kind) == 0) &&
			    is_explained_by(a, &a->sums[i], a->needed[v], verdict))
				return v;
	return VARIANTS;
}

/* One sum alone is all that stands in the file, and no other sum was taken for it: others that are wrong do not matter. */
static enum fileaccount_variant
find_whole_sum(const struct bank_entry *n, const struct fileaccount *a)
{
	enum fileaccount_variant v;

	for (v = 0; v < FILEACCOUNT_NET_BESIDE_SINGLES; v++)
		if (!a->has_applied && bankentry_principal(n) == a->needed[v])
			return v;
	return VARIANTS;
}

/* --- what an entry does --------------------------------------------------------------------------------------------- */

/* Not those that the bank reports one by one, except as details of a sum, which wait for their own booking; nor, of a net sum,
 * those that came back. */
static bool
next_unbooked(struct run *r, const struct bankfile *f, enum fileaccount_variant v, struct collection *c)
{
	struct stmt *q = sql(r->db,
	    "SELECT end_to_end_id FROM collection c"
	    " WHERE file_number = $file"
	    "  AND " COLLECTION_IS_UNBOOKED("c")
	    "  AND NOT ($net = 1 AND c.state = 'returned')"
	    "  AND NOT " IS_SINGLE("c")
	    "  AND NOT EXISTS ("
	    "   SELECT 1 FROM bank_entry o"
	    "   WHERE o.collection = c.end_to_end_id AND o.kind = $in AND o.state IN ('new', 'held') AND o.rank > 0)"
	    "  AND end_to_end_id > $after"
	    " ORDER BY end_to_end_id LIMIT 1");
	char id[END_TO_END_ID];

	bind_in(q, f);
	bind_variant(q, v);
	bind_text(q, "$after", c->end_to_end_id);
	if (!row(q))
		return false;
	col_copy(q, 0, id, sizeof(id));
	reset(q);
	return collection_load(r, id, c);
}

static bool
next_booked(struct run *r, const struct bankfile *f, struct collection *c)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT end_to_end_id FROM collection"
	    " WHERE file_number = $file AND state = 'booked' AND end_to_end_id > $after"
	    " ORDER BY end_to_end_id LIMIT 1");
	char id[END_TO_END_ID];

	bind_int(q, "$file", f->number);
	bind_text(q, "$after", c->end_to_end_id);
	if (!row(q))
		return false;
	col_copy(q, 0, id, sizeof(id));
	reset(q);
	return collection_load(r, id, c);
}

static bool
next_rejected(struct run *r, const struct bankfile *f, struct collection *c, char reason[36])
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT c.end_to_end_id,"
	    "  (SELECT coalesce(max(s.reason), 'NARR') FROM bank_entry s"
	    "   WHERE s.collection = c.end_to_end_id AND s.kind = 'status' AND s.status = 'RJCT'"
	    "    AND s.state = 'held')"
	    " FROM collection c"
	    " WHERE c.file_number = $file AND c.state = 'booked' AND " IS_REJECTED_TOO("c")
	    "  AND c.end_to_end_id > $after"
	    " ORDER BY c.end_to_end_id LIMIT 1");
	char id[END_TO_END_ID];

	bind_out(q, f);
	bind_text(q, "$after", c->end_to_end_id);
	if (!row(q))
		return false;
	col_copy(q, 0, id, sizeof(id));
	col_copy(q, 1, reason, 36);
	reset(q);
	return collection_load(r, id, c);
}

static void
book_all(struct run *r, const struct bank_entry *n, const struct bankfile *f, enum fileaccount_variant v,
         struct fileaccount *a)
{
	struct collection c = {0};

	a->has_applied = true;
	if (a->is_booked[v])
		return;
	a->is_booked[v] = true;
	while (next_unbooked(r, f, v, &c)) {
		if (collection_awaits_note(&c))
			collection_note_booked(r, &c, n->on);
		else
			collection_book(r, &c, n->on, n->input, n->line);
	}
}

static void
return_all(struct run *r, const struct bank_entry *n, const struct bankfile *f)
{
	struct collection c = {0};
	const char *reason = n->reason[0] == '\0' ? "NARR" : n->reason;

	while (next_booked(r, f, &c))
		collection_reverse(r, &c, reason, n->on, n->input, n->line);
}

static void
return_rejected(struct run *r, const struct bank_entry *n, const struct bankfile *f)
{
	struct collection c = {0};
	char reason[36];

	while (next_rejected(r, f, &c, reason))
		collection_return(r, &c, reason, n->on, 0, n->input, n->line);
}

static void
apply_in(struct run *r, const struct bank_entry *n, const struct bankfile *f, struct fileaccount *a,
         struct bank_outcome *o)
{
	enum fileaccount_variant v = find_explained(a, n->message_kind, ADDS_UP),
				 all = find_explained(a, n->message_kind, ALL_CAME);

	if (all < v)
		v = all;
	if (v == VARIANTS)
		v = find_whole_sum(n, a);
	if (v == VARIANTS)
		bankentry_hold(o, "bulk_amount_differs",
		               "the sums booked for the file do not add up to what stands in it yet");
	else
		book_all(r, n, f, v, a);
}

static void
apply_out(struct run *r, const struct bank_entry *n, const struct bankfile *f, struct fileaccount *a,
          struct bank_outcome *o)
{
	if (find_explained(a, n->message_kind, ALL_WENT) < VARIANTS)
		return_all(r, n, f);
	else if (find_explained(a, n->message_kind, REJECTS_WENT) < VARIANTS)
		return_rejected(r, n, f);
	else if (find_explained(a, n->message_kind, ALL_CAME) < VARIANTS)
		bankentry_hold(o, "bulk_amount_differs",
		               "the bank took back a part of what it booked for the file as a whole");
	else if (find_explained(a, n->message_kind, ADDS_UP) == VARIANTS)
		bankentry_hold(o, "bulk_wrong_direction",
		               "money moved in the opposite direction to the file: money at risk");
}

/* A return that is taken back for the whole file is never explained: nobody says of which debit. */
void
fileaccount_apply(struct run *r, const struct bank_entry *n, const struct bankfile *f, struct fileaccount *a,
                  struct bank_outcome *o)
{
	const struct directions *d = &directions[f->kind];

	load_account(r, f, a);
	if (n->kind == d->in)
		apply_in(r, n, f, a, o);
	else if (n->kind == d->out[0] || n->kind == d->out[1])
		apply_out(r, n, f, a, o);
	else
		bankentry_hold(
		    o, "bulk_wrong_direction",
		    "the bank took a return back for the file, and does not say which: money at risk");
}

/* By messages of any kind. */
static enum fileaccount_variant
find_adding_up(const struct fileaccount *a)
{
	enum fileaccount_variant v;
	int i;

	for (v = 0; v < VARIANTS; v++)
		for (i = 0; i < a->n; i++)
			if (is_explained_by(a, &a->sums[i], a->needed[v], ADDS_UP))
				return v;
	return VARIANTS;
}

static void
load_account_of(struct run *r, const struct collection *c, struct fileaccount *a)
{
	struct bankfile f;

	if (a->file == c->file)
		return;
	if (!bankfile_load(r, c->file, &f))
		die(EXIT_BUG, "%s: its file does not exist", c->end_to_end_id);
	load_account(r, &f, a);
}

bool
fileaccount_explains(struct run *r, const struct collection *c, struct fileaccount *a)
{
	load_account_of(r, c, a);
	return find_adding_up(a) < VARIANTS;
}

bool
fileaccount_has_detail(struct run *r, const struct bank_entry *n, const struct collection *c,
                       struct fileaccount *a)
{
	if (!sumdetail_may_be_one(r, n, c))
		return false;
	load_account_of(r, c, a);
	return sumdetail_is_one(r, n, c);
}

void
fileaccount_find_days(struct run *r, int64_t file, struct fileaccount_days *days)
{
	struct fileaccount a = {0};
	struct bankfile f;
	struct stmt *q;

	if (!bankfile_load(r, file, &f))
		die(EXIT_BUG, "bank file %lld does not exist", (long long)file);
	*days = (struct fileaccount_days){.file = file, .in = DATE_NONE, .out = DATE_NONE};
	load_account(r, &f, &a);
	if (!a.has_applied || find_adding_up(&a) >= FILEACCOUNT_NET_BESIDE_SINGLES)
		return;
	q = sql(r->db,
	    "SELECT min(event_on) FILTER (WHERE kind = $in), min(event_on) FILTER (WHERE kind IN ($out, $plain))"
	    " FROM bank_entry"
	    " WHERE file_number = $file AND collection IS NULL AND state = 'applied'");
	bind_in(q, &f);
	bind_out(q, &f);
	while (row(q)) {
		days->in = col_date(q, 0);
		days->out = col_date(q, 1);
	}
}
