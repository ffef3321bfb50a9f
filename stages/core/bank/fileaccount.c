/* fileaccount: see fileaccount.h. Writes nothing of its own: books and returns through core/books/collection.c. */
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "stages/core/bank/fileaccount.h"
#include "stages/core/engine/log.h"

/* The kinds of entries that bring money for a file, and those that take it away. */
static const struct directions {
	enum bankentry_kind in, out[2];
} directions[] = {
    [COLLECTION_DEBIT] = {BANKENTRY_CREDIT, {BANKENTRY_RETURN, BANKENTRY_DEBIT}},
    [COLLECTION_REFUND] = {BANKENTRY_DEBIT, {BANKENTRY_REFUND_RETURN, BANKENTRY_CREDIT}},
};

static void
bind_directions(struct stmt *q, const struct bankfile *f)
{
	const struct directions *d = &directions[f->kind];

	bind_int(q, "$file", f->number);
	bind_text(q, "$in", bankentry_kind_word(d->in));
	bind_text(q, "$out", bankentry_kind_word(d->out[0]));
	bind_text(q, "$plain", bankentry_kind_word(d->out[1]));
}

/* What the bank may mean by its sums for the file. */
enum variant {
	BESIDE_SINGLES,     /* debits that it credited one by one come beside the sums */
	WITH_DETAILS,       /* those on the day of a sum are its details */
	NET_BESIDE_SINGLES, /* the same without the debits that came back before any booking */
	NET_WITH_DETAILS,
	VARIANTS
};

/* What the sums must come to: the debits that were not rejected, and the rejected ones that were taken back one by one. */
static cents
sum_needed(struct run *r, const struct bankfile *f, enum variant variant)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT coalesce(CAST(sum(amount) AS BIGINT), 0)"
	    " FROM ("
	    "  SELECT c.amount_in_cents AS amount"
	    "  FROM collection c"
	    "  WHERE c.file_number = $file"
	    "   AND c.state <> 'cancelled'"
	    "   AND NOT ($net = 1 AND c.state = 'returned' AND c.booked_on IS NULL)"
	    "   AND (c.state <> 'rejected' OR EXISTS ("
	    "    SELECT 1 FROM bank_entry t"
	    "    WHERE t.collection = c.end_to_end_id AND t.kind IN ($out, $plain)))"
	    "   AND NOT EXISTS ("
	    "    SELECT 1 FROM bank_entry e"
	    "    WHERE e.collection = c.end_to_end_id AND e.kind = $in AND e.state <> 'resolved'"
	    "     AND ($details = 0 OR NOT EXISTS ("
	    "      SELECT 1 FROM bank_entry b"
	    "      WHERE b.file_number = $file AND b.collection IS NULL AND b.kind = $in"
	    "       AND b.event_on = e.event_on)))"
	    " ) AS standing");

	bind_directions(q, f);
	bind_int(q, "$details", variant == WITH_DETAILS || variant == NET_WITH_DETAILS);
	bind_int(q, "$net", variant >= NET_BESIDE_SINGLES);
	return value(q, 0);
}

/* What messages of one kind, or of all kinds, say that came and went. */
struct sums {
	cents in, out;
};
#define MOST_SUMS 4

/* First of all kinds of messages together, without the repetitions; then of each kind. */
static int
load_sums(struct run *r, const struct bankfile *f, struct sums sums[MOST_SUMS])
{
	struct stmt *q = sql(r->db,
	    "SELECT coalesce(CAST(sum(amount_in_cents + fee_in_cents) FILTER (WHERE kind = $in) AS BIGINT), 0),"
	    "  coalesce(CAST(sum(amount_in_cents - fee_in_cents) FILTER (WHERE kind IN ($out, $plain)) AS BIGINT), 0)"
	    " FROM bank_entry"
	    " WHERE file_number = $file AND collection IS NULL AND problem IS NULL"
	    "  AND state IN ('new', 'held', 'applied')");
	int n = 0;

	bind_directions(q, f);
	if (row(q)) {
		sums[n++] = (struct sums){col_int(q, 0), col_int(q, 1)};
		reset(q);
	}
	q = sql(r->db,
	    "SELECT message_kind,"
	    "  coalesce(CAST(sum(amount_in_cents + fee_in_cents) FILTER (WHERE kind = $in) AS BIGINT), 0),"
	    "  coalesce(CAST(sum(amount_in_cents - fee_in_cents) FILTER (WHERE kind IN ($out, $plain)) AS BIGINT), 0)"
	    " FROM bank_entry"
	    " WHERE file_number = $file AND collection IS NULL AND problem IS NULL AND state <> 'resolved'"
	    "  AND kind IN ($in, $out, $plain)"
	    " GROUP BY message_kind"
	    " ORDER BY message_kind"
	    " LIMIT 3");
	bind_directions(q, f);
	while (row(q))
		sums[n++] = (struct sums){col_int(q, 1), col_int(q, 2)};
	return n;
}

static cents
sum_booked(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db,
	    "SELECT coalesce(CAST(sum(amount_in_cents) AS BIGINT), 0)"
	    " FROM collection"
	    " WHERE file_number = $file AND state = 'booked'");

	bind_int(q, "$file", f->number);
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

/* The variant in which this comes to what stands in the file; VARIANTS: in none. */
static enum variant
find_variant(const cents needed[VARIANTS], cents sum)
{
	enum variant v = 0;

	while (v < VARIANTS && needed[v] != sum)
		v++;
	return v;
}

/* Without a sum that came in, the bank booked the debits one by one. */
static bool
takes_all_back(const struct sums *s, const cents needed[VARIANTS], cents booked)
{
	return s->out != 0 && s->out == booked && (s->in == 0 || find_variant(needed, s->in) < VARIANTS);
}

static void
load_needed(struct run *r, const struct bankfile *f, cents needed[VARIANTS])
{
	enum variant v;

	for (v = 0; v < VARIANTS; v++)
		needed[v] = sum_needed(r, f, v);
}

static void
judge(struct run *r, const struct bankfile *f, struct fileaccount *a)
{
	cents needed[VARIANTS], booked = sum_booked(r, f);
	struct sums sums[MOST_SUMS];
	int n = load_sums(r, f, sums), i;
	enum variant v = VARIANTS, best = VARIANTS;

	load_needed(r, f, needed);
	*a = (struct fileaccount){.file = f->number};
	for (i = 0; i < n; i++) {
		if (sums[i].in != 0 && (v = find_variant(needed, sums[i].in - sums[i].out)) < VARIANTS) {
			a->adds_up = true;
			best = v < best ? v : best;
		}
		if (sums[i].in != 0 && (v = find_variant(needed, sums[i].in)) < VARIANTS) {
			a->is_booked = true;
			best = v < best ? v : best;
		}
		a->is_reversed |= takes_all_back(&sums[i], needed, booked);
	}
	a->is_net = best >= NET_BESIDE_SINGLES;
	a->is_reversed &= !has_open(r, f);
}

/* One sum alone is all that stands in the file, and no other sum was taken for it: others that are wrong do not matter. */
static bool
is_whole_sum(struct run *r, const struct bank_entry *n, const struct bankfile *f)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT count(*) FROM bank_entry"
	    " WHERE file_number = $file AND collection IS NULL AND kind = $kind AND state = 'applied'");
	cents needed[VARIANTS];

	bind_int(q, "$file", f->number);
	bind_text(q, "$kind", bankentry_kind_word(n->kind));
	if (value(q, 0) > 0)
		return false;
	load_needed(r, f, needed);
	return find_variant(needed, bankentry_principal(n)) < NET_BESIDE_SINGLES;
}

/* Of a net sum, those that came back are not a part. One with an open booking of its own waits for that. */
static bool
next_unbooked(struct run *r, const struct bankfile *f, bool net, struct collection *c)
{
	struct stmt *q = sql(r->db,
	    "SELECT end_to_end_id FROM collection"
	    " WHERE file_number = $file"
	    "  AND " COLLECTION_IS_UNBOOKED("collection")
	    "  AND NOT ($net = 1 AND state = 'returned')"
	    "  AND NOT EXISTS ("
	    "   SELECT 1 FROM bank_entry e"
	    "   WHERE e.collection = collection.end_to_end_id AND e.kind = $in AND e.problem IS NULL"
	    "    AND e.state IN ('new', 'held'))"
	    "  AND end_to_end_id > $after"
	    " ORDER BY end_to_end_id LIMIT 1");
	char id[END_TO_END_ID];

	bind_int(q, "$file", f->number);
	bind_text(q, "$in", bankentry_kind_word(directions[f->kind].in));
	bind_int(q, "$net", net);
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

static void
book_all(struct run *r, const struct bank_entry *n, const struct bankfile *f, bool net)
{
	struct collection c = {0};

	while (next_unbooked(r, f, net, &c)) {
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

void
fileaccount_apply(struct run *r, const struct bank_entry *n, const struct bankfile *f, struct fileaccount *a,
                  struct bank_outcome *o)
{
	bool is_in = n->kind == directions[f->kind].in;

	if (a->file != f->number)
		judge(r, f, a);
	if (is_in && (a->adds_up || a->is_booked || is_whole_sum(r, n, f))) {
		book_all(r, n, f, a->is_net);
	} else if (is_in) {
		bankentry_hold(o, "bulk_amount_differs",
		               "the sums booked for the file do not add up to what stands in it yet");
	} else if (a->is_reversed) {
		return_all(r, n, f);
		*a = (struct fileaccount){0};
	} else if (a->is_booked) {
		bankentry_hold(o, "bulk_amount_differs",
		               "the bank took back a part of what it booked for the file as a whole");
	} else if (!a->adds_up) {
		bankentry_hold(o, "bulk_wrong_direction",
		               "money moved in the opposite direction to the file: money at risk");
	}
}

bool
fileaccount_explains(struct run *r, const struct collection *c)
{
	struct fileaccount a;
	struct bankfile f;

	if (!bankfile_load(r, c->file, &f))
		return false;
	judge(r, &f, &a);
	return a.adds_up;
}
