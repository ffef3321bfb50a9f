/* failure: see failure.h. Writes the state of bank entries of debits that failed twice. */
#include <string.h>

#include "formats/text.h"
#include "stages/core/bank/failure.h"
#include "stages/core/bank/fileaccount.h"
#include "stages/core/engine/log.h"

/* The kinds of entries that book one, and that bring it back. */
static const struct roles {
	enum bankentry_kind booking, back[2];
} roles[] = {
    [COLLECTION_DEBIT] = {BANKENTRY_CREDIT, {BANKENTRY_RETURN, BANKENTRY_RETURN}},
    [COLLECTION_REFUND] = {BANKENTRY_DEBIT, {BANKENTRY_REFUND_RETURN, BANKENTRY_CREDIT}},
};

/* The first report of an event, in whatever kind of message. */
struct report {
	int64_t number; /* 0: none */
	date on;
	char reason[36];
	cents fee;
};

static struct report
load_report(struct stmt *q)
{
	struct report t = {.on = DATE_NONE};

	if (!row(q))
		return t;
	t = (struct report){.number = col_int(q, 0), .on = col_date(q, 1), .fee = col_int(q, 3)};
	col_copy(q, 2, t.reason, sizeof(t.reason));
	reset(q);
	return t;
}

#define FIRST_REPORT \
	SQL("SELECT number, event_on, reason, fee_in_cents + fee_beside_in_cents FROM bank_entry"          \
	    " WHERE collection = $collection AND problem IS NULL AND state IN ('applied', 'noted')")

static struct report
find_money(struct run *r, const struct collection *c, const enum bankentry_kind kinds[2])
{
	struct stmt *q = sql(r->db,
	    FIRST_REPORT
	    "  AND kind IN ($kind, $or) AND message_kind IN ('camt.052', 'camt.053', 'camt.054') AND rank = 1"
	    " ORDER BY event_on, number LIMIT 1");

	bind_text(q, "$collection", c->end_to_end_id);
	bind_text(q, "$kind", bankentry_kind_word(kinds[0]));
	bind_text(q, "$or", bankentry_kind_word(kinds[1]));
	return load_report(q);
}

static struct report
find_booking(struct run *r, const struct collection *c)
{
	enum bankentry_kind kind = roles[c->kind].booking;

	return find_money(r, c, (const enum bankentry_kind[]){kind, kind});
}

/* A reject for duplication says nothing of this debit. */
static struct report
find_reject(struct run *r, const struct collection *c)
{
	struct report t = {.on = DATE_NONE};
	int64_t after = 0;
	struct stmt *q;

	do {
		q = sql(r->db, FIRST_REPORT
		        "  AND kind = 'status' AND level = 'debit' AND status = 'RJCT'"
		        "  AND (event_on, number) > (coalesce($on, ''), $after)"
		        " ORDER BY event_on, number LIMIT 1");
		bind_text(q, "$collection", c->end_to_end_id);
		bind_date(q, "$on", t.on);
		bind_int(q, "$after", after);
		t = load_report(q);
		after = t.number;
	} while (t.number != 0 && bankentry_is_duplicate_reason(t.reason));
	return t;
}

/* A person posted an entry of it, or decided about one. */
static bool
was_decided(struct run *r, const struct collection *c)
{
	struct stmt *q = sql(r->db,
	    "SELECT EXISTS (SELECT 1 FROM bank_entry e"
	    " JOIN exception x ON x.kind = 'bank_entry' AND x.state = 'resolved'"
	    "  AND x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence"
	    " WHERE e.collection = $collection)");

	bind_text(q, "$collection", c->end_to_end_id);
	return value(q, 0) > 0;
}

static bool
has_other_money(struct run *r, const struct collection *c)
{
	struct stmt *q = sql(
	    r->db, "SELECT EXISTS (SELECT 1 FROM bank_entry"
	           " WHERE collection = $collection AND kind IN ($a, $b, 'return') AND state <> 'resolved')");
	bool is_debit = c->kind == COLLECTION_DEBIT;

	bind_text(q, "$collection", c->end_to_end_id);
	bind_text(q, "$a", bankentry_kind_word(BANKENTRY_REFUND_RETURN));
	bind_text(q, "$b", bankentry_kind_word(is_debit ? BANKENTRY_DEBIT : BANKENTRY_CREDIT));
	return value(q, 0) > 0;
}

/* No debit of the file is rejected any more, nor was the file, or a block of it. */
static void
report_file(struct run *r, int64_t file)
{
	struct stmt *q = sql(r->db,
	    "SELECT EXISTS (SELECT 1 FROM collection WHERE file_number = $file AND state = 'rejected')"
	    "  OR EXISTS (SELECT 1 FROM bank_entry"
	    "   WHERE file_number = $file AND collection IS NULL AND kind = 'status' AND status = 'RJCT')");

	bind_int(q, "$file", file);
	if (value(q, 0) == 0)
		bankfile_report(r, file, BANKFILE_NONE_REJECTED);
}

bool
failure_comes_after_booking(struct run *r, const struct bank_entry *n, const struct collection *c)
{
	struct report reject = find_reject(r, c);

	return reject.number != 0 && n->on < reject.on && !has_other_money(r, c) && !was_decided(r, c);
}

bool
failure_comes_before_booking(struct run *r, const struct bank_entry *n, const struct collection *c)
{
	struct report booking = find_booking(r, c);

	return booking.number != 0 && n->on <= booking.on && booking.on == c->booked_on &&
	       !has_other_money(r, c) && !was_decided(r, c);
}

static void
reopen(struct run *r, const struct collection *c, const char *kind, const char *or_kind)
{
	struct stmt *q =
	    sql(r->db,
	    "UPDATE bank_entry SET state = 'new'"
	    " WHERE collection = $collection AND kind IN ($kind, $or) AND state = 'applied'"
	    "  AND (kind <> 'status' OR status = 'RJCT')");

	bind_text(q, "$collection", c->end_to_end_id);
	bind_text(q, "$kind", kind);
	bind_text(q, "$or", or_kind);
	exec(q);
}

static void
reopen_reject(struct run *r, const struct collection *c)
{
	const char *kind = bankentry_kind_word(BANKENTRY_STATUS);

	reopen(r, c, kind, kind);
}

void
failure_book(struct run *r, const struct bank_entry *n, const struct collection *c)
{
	reopen_reject(r, c);
	collection_book_again(r, c, n->on, n->input, n->line);
	bankfile_report(r, c->file, BANKFILE_ONE_BOOKED);
	report_file(r, c->file);
}

void
failure_reopen_booking(struct run *r, const struct collection *c)
{
	const char *kind = bankentry_kind_word(roles[c->kind].booking);

	reopen(r, c, kind, kind);
}

/* --- those that failed twice ---------------------------------------------------------------------------------------- */

static void
begin_notes(struct run *r)
{
	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS failed_twice (end_to_end_id TEXT NOT NULL PRIMARY KEY)"));
}

void
failure_note(struct run *r, const struct collection *c)
{
	struct stmt *q;

	begin_notes(r);
	q = sql(r->db, "INSERT INTO failed_twice (end_to_end_id) VALUES ($id)"
	               " ON CONFLICT (end_to_end_id) DO NOTHING");
	bind_text(q, "$id", c->end_to_end_id);
	exec(q);
}

void
failure_note_file(struct run *r, int64_t file)
{
	struct stmt *q;

	begin_notes(r);
	q = sql(r->db,
	    "INSERT INTO failed_twice (end_to_end_id)"
	    " SELECT c.end_to_end_id FROM collection c"
	    " WHERE c.file_number = $file AND c.state IN ('rejected', 'returned')"
	    "  AND EXISTS (SELECT 1 FROM bank_entry e"
	    "   WHERE e.collection = c.end_to_end_id AND e.kind = 'status' AND e.status = 'RJCT')"
	    " ON CONFLICT (end_to_end_id) DO NOTHING");
	bind_int(q, "$file", file);
	exec(q);
}

/* Takes one of them. */
static bool
next_noted(struct run *r, struct collection *c)
{
	struct stmt *q = sql(r->db, "SELECT min(end_to_end_id) FROM failed_twice");
	char id[END_TO_END_ID];

	if (!row(q) || col_null(q, 0)) {
		reset(q);
		return false;
	}
	col_copy(q, 0, id, sizeof(id));
	reset(q);
	q = sql(r->db, "DELETE FROM failed_twice WHERE end_to_end_id = $id");
	bind_text(q, "$id", id);
	exec(q);
	if (!collection_load(r, id, c))
		die(EXIT_BUG, "%s: failed twice and does not exist", id);
	return true;
}

/* The whole batch was reversed: no reason acts on a mandate, and none is stored. */
static bool
is_of_reversed_batch(struct run *r, const struct collection *c)
{
	struct stmt *q = sql(r->db, "SELECT EXISTS (SELECT 1 FROM consequence WHERE end_to_end_id = $id)");

	bind_text(q, "$id", c->end_to_end_id);
	return value(q, 0) == 0;
}

/* All that the bank reported of one. */
struct twice {
	struct report reject, booking, back;
};

/* What a sum of the file booked or brought back has no entry of its own. */
static void
add_sums(struct run *r, const struct collection *c, struct fileaccount_days *days, struct twice *t)
{
	if (t->booking.number != 0 && t->back.number != 0)
		return;
	if (c->state == COLLECTION_REJECTED && days->file != c->file)
		fileaccount_find_days(r, c->file, days);
	if (t->booking.number == 0)
		t->booking.on = c->state == COLLECTION_RETURNED ? c->booked_on : days->in;
	if (t->back.number == 0)
		t->back.on = c->state == COLLECTION_RETURNED ? c->failed_on : days->out;
}

static bool
load_twice(struct run *r, const struct collection *c, struct fileaccount_days *days, struct twice *t)
{
	*t = (struct twice){.reject = find_reject(r, c)};
	if (t->reject.number == 0 || was_decided(r, c) || is_of_reversed_batch(r, c))
		return false;
	t->booking = find_booking(r, c);
	t->back = find_money(r, c, roles[c->kind].back);
	add_sums(r, c, days, t);
	return t->back.on != DATE_NONE;
}

/* The report that counts from now on. A sum has no report of this debit: its number is 0, and nothing changes. */
static void
apply_report(struct run *r, const struct report *t)
{
	struct stmt *q = sql(r->db, "UPDATE bank_entry SET state = 'applied' WHERE number = $number");

	bind_int(q, "$number", t->number);
	exec(q);
}

static void
make_rejected(struct run *r, const struct collection *c, const struct twice *t)
{
	const enum bankentry_kind *back = roles[c->kind].back;

	failure_reopen_booking(r, c);
	reopen(r, c, bankentry_kind_word(back[0]), bankentry_kind_word(back[1]));
	apply_report(r, &t->reject);
	collection_fail_as(r, c,
	                   &(struct collection_failure){.state = COLLECTION_REJECTED,
	                                                .reason = t->reject.reason,
	                                                .booked_on = DATE_NONE,
	                                                .failed_on = t->reject.on});
	bankfile_report(r, c->file, BANKFILE_ONE_REJECTED);
}

static void
make_returned(struct run *r, const struct collection *c, const struct twice *t)
{
	reopen_reject(r, c);
	apply_report(r, &t->booking);
	apply_report(r, &t->back);
	collection_fail_as(
	    r, c,
	    &(struct collection_failure){.state = COLLECTION_RETURNED,
	                                 .reason = t->back.number == 0 ? t->reject.reason : t->back.reason,
	                                 .booked_on = t->booking.on,
	                                 .failed_on = t->back.on,
	                                 .fee = t->back.fee});
	report_file(r, c->file);
}

bool
failure_review(struct run *r)
{
	struct fileaccount_days days = {0};
	struct collection c;
	struct twice t;
	bool changed = false;

	begin_notes(r);
	while (next_noted(r, &c)) {
		date first;
		bool is_reject;

		if (!collection_has_failed(&c) || !load_twice(r, &c, &days, &t))
			continue;
		first = t.booking.on != DATE_NONE ? t.booking.on : t.back.on;
		is_reject = t.reject.on <= first;
		if (is_reject == (c.state == COLLECTION_REJECTED))
			continue;
		if (is_reject)
			make_rejected(r, &c, &t);
		else
			make_returned(r, &c, &t);
		changed = true;
	}
	return changed;
}
