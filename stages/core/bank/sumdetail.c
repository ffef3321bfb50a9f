/* sumdetail: see sumdetail.h. Writes temporary tables only. */
#include "stages/core/bank/sumdetail.h"

/* A bank reports details some days before or after their sum, but not weeks. */
#define NEAR_DAYS 5

static const enum bankentry_kind bookings[] = {
    [COLLECTION_DEBIT] = BANKENTRY_CREDIT, [COLLECTION_REFUND] = BANKENTRY_DEBIT};

void
sumdetail_begin(struct run *r)
{
	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS detail_day ("
	    "  file_number INTEGER NOT NULL, on_day TEXT NOT NULL, of_sum INTEGER NOT NULL,"
	    "  PRIMARY KEY (file_number, on_day))"));
	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS single_day ("
	    "  on_day TEXT NOT NULL PRIMARY KEY, cents INTEGER NOT NULL)"));
}

static void
forget_days(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db, "DELETE FROM detail_day WHERE file_number = $file");

	bind_int(q, "$file", f->number);
	exec(q);
}

/* Returns how many. */
static int64_t
add_days_of_sums(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO detail_day (file_number, on_day, of_sum)"
	    " SELECT DISTINCT file_number, event_on, 1"
	    " FROM bank_entry"
	    " WHERE file_number = $file AND collection IS NULL AND kind = $in");

	bind_int(q, "$file", f->number);
	bind_text(q, "$in", bankentry_kind_word(bookings[f->kind]));
	return exec(q);
}

/* What the bank booked one by one on each day that has no sum. */
static void
add_up_singles(struct run *r, const struct bankfile *f)
{
	struct stmt *q;

	exec(sql(r->db, "DELETE FROM single_day"));
	q = sql(r->db,
	    "INSERT INTO single_day (on_day, cents)"
	    " SELECT event_on, CAST(sum(amount_in_cents) AS BIGINT)"
	    " FROM ("
	    "  SELECT DISTINCT e.event_on, c.end_to_end_id, c.amount_in_cents"
	    "  FROM collection c"
	    "  JOIN bank_entry e ON e.collection = c.end_to_end_id"
	    "  WHERE c.file_number = $file AND c.state NOT IN ('cancelled', 'withdrawn')"
	    "   AND e.kind = $in AND e.rank > 0 AND e.state <> 'resolved'"
	    "   AND NOT " SUMDETAIL_IS_ONE("e") ") AS single"
	    " GROUP BY event_on");
	bind_int(q, "$file", f->number);
	bind_text(q, "$in", bankentry_kind_word(bookings[f->kind]));
	exec(q);
}

static void
add_days_with(struct run *r, const struct bankfile *f, cents amount, date first, date last)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO detail_day (file_number, on_day, of_sum)"
	    " SELECT $file, on_day, 0"
	    " FROM single_day"
	    " WHERE cents = $cents AND on_day BETWEEN $from AND $to"
	    " ON CONFLICT (file_number, on_day) DO NOTHING");

	bind_int(q, "$file", f->number);
	bind_int(q, "$cents", amount);
	bind_date(q, "$from", first - NEAR_DAYS);
	bind_date(q, "$to", last + NEAR_DAYS);
	exec(q);
}

/* Each sum, and all of them in messages of one kind. */
static void
add_days_of_details(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db,
	    "SELECT amount_in_cents + CASE kind WHEN 'credit' THEN fee_in_cents ELSE -fee_in_cents END AS cents,"
	    "  event_on, event_on"
	    " FROM bank_entry"
	    " WHERE file_number = $file AND collection IS NULL AND kind = $in AND problem IS NULL"
	    "  AND state <> 'resolved'"
	    " UNION"
	    " SELECT CAST(sum(amount_in_cents + CASE kind WHEN 'credit' THEN fee_in_cents ELSE -fee_in_cents END) AS BIGINT),"
	    "  min(event_on), max(event_on)"
	    " FROM bank_entry"
	    " WHERE file_number = $file AND collection IS NULL AND kind = $in AND problem IS NULL"
	    "  AND state <> 'resolved'"
	    " GROUP BY message_kind"
	    " ORDER BY 1, 2, 3");

	bind_int(q, "$file", f->number);
	bind_text(q, "$in", bankentry_kind_word(bookings[f->kind]));
	while (row(q))
		add_days_with(r, f, col_int(q, 0), col_date(q, 1), col_date(q, 2));
}

void
sumdetail_find(struct run *r, const struct bankfile *f)
{
	forget_days(r, f);
	if (add_days_of_sums(r, f) == 0)
		return;
	add_up_singles(r, f);
	add_days_of_details(r, f);
}

bool
sumdetail_may_be_one(struct run *r, const struct bank_entry *n, const struct collection *c)
{
	struct stmt *q = sql(r->db,
	    "SELECT EXISTS (SELECT 1 FROM bank_entry"
	    "   WHERE file_number = $file AND collection IS NULL AND kind = $kind AND state IN ('applied', 'noted'))"
	    "  AND NOT EXISTS (SELECT 1 FROM bank_entry"
	    "   WHERE collection = $collection AND kind = $kind AND state = 'applied')");

	if (n->rank != 1)
		return false;
	bind_int(q, "$file", c->file);
	bind_text(q, "$kind", bankentry_kind_word(n->kind));
	bind_text(q, "$collection", c->end_to_end_id);
	return value(q, 0) > 0;
}

bool
sumdetail_is_one(struct run *r, const struct bank_entry *n, const struct collection *c)
{
	struct stmt *q =
	    sql(r->db, "SELECT of_sum FROM detail_day WHERE file_number = $file AND on_day = $on");
	int64_t of_sum;

	bind_int(q, "$file", c->file);
	bind_date(q, "$on", n->on);
	of_sum = value(q, -1);
	return of_sum == 0 || (of_sum == 1 && (c->booked_on == DATE_NONE || c->booked_on == n->on));
}
