/* bankmoney: see bankmoney.h. Writes nothing of its own: books and returns through core/books/collection.c.
 *
 * source   SDD Core rulebook (EPC016-06) on returns and refunds; SCT rulebook (EPC125-05) on returns of the transfers by which
 *          we refund
 */
#include "stages/core/bank/bankmatch.h"
#include "stages/core/bank/bankmoney.h"
#include "stages/core/bank/failure.h"
#include "stages/core/bank/fileaccount.h"
#include "stages/core/bank/sumdetail.h"
#include "stages/core/engine/log.h"

/* What an entry does to a debit, or to a refund, which the bank books the other way round. */
enum role { ROLE_BOOKING, ROLE_RETURN, ROLE_TAKES_RETURN_BACK, ROLE_NONE };

static enum role
find_role(const struct bank_entry *n, enum collection_kind kind)
{
	static const enum role roles[2][BANKENTRY_OTHER + 1] = {
	    [COLLECTION_DEBIT] = {[BANKENTRY_STATUS] = ROLE_NONE,
	                          [BANKENTRY_CREDIT] = ROLE_BOOKING,
	                          [BANKENTRY_RETURN] = ROLE_RETURN,
	                          [BANKENTRY_DEBIT] = ROLE_NONE,
	                          [BANKENTRY_REFUND_RETURN] = ROLE_TAKES_RETURN_BACK,
	                          [BANKENTRY_FEE] = ROLE_NONE,
	                          [BANKENTRY_OTHER] = ROLE_NONE},
	    /* a transfer comes back as a plain credit, too */
	    [COLLECTION_REFUND] = {[BANKENTRY_STATUS] = ROLE_NONE,
	                           [BANKENTRY_CREDIT] = ROLE_RETURN,
	                           [BANKENTRY_RETURN] = ROLE_TAKES_RETURN_BACK,
	                           [BANKENTRY_DEBIT] = ROLE_BOOKING,
	                           [BANKENTRY_REFUND_RETURN] = ROLE_RETURN,
	                           [BANKENTRY_FEE] = ROLE_NONE,
	                           [BANKENTRY_OTHER] = ROLE_NONE},
	};

	return roles[kind][n->kind];
}

/* How many events of these kinds messages report about a collection. Each kind of message reports them all, or some. */
static int64_t
count_events(struct run *r, const struct collection *c, enum bankentry_kind kind, enum bankentry_kind or_kind)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT coalesce(max(n), 0)"
	    " FROM ("
	    "  SELECT count(*) AS n"
	    "  FROM bank_entry"
	    "  WHERE collection = $collection AND kind IN ($kind, $or) AND problem IS NULL"
	    "   AND state <> 'resolved' AND rank > 0"
	    "  GROUP BY message_kind) AS by_kind");

	bind_text(q, "$collection", c->end_to_end_id);
	bind_text(q, "$kind", bankentry_kind_word(kind));
	bind_text(q, "$or", bankentry_kind_word(or_kind));
	return value(q, 0);
}

struct balance {
	int64_t bookings, returns;
};

static struct balance
count_all(struct run *r, const struct collection *c)
{
	if (c->kind == COLLECTION_DEBIT)
		return (struct balance){count_events(r, c, BANKENTRY_CREDIT, BANKENTRY_CREDIT),
		                        count_events(r, c, BANKENTRY_RETURN, BANKENTRY_RETURN)};
	return (struct balance){count_events(r, c, BANKENTRY_DEBIT, BANKENTRY_DEBIT),
	                        count_events(r, c, BANKENTRY_CREDIT, BANKENTRY_REFUND_RETURN)};
}

void
bankmoney_begin(struct run *r)
{
	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS counted ("
	    "  end_to_end_id TEXT NOT NULL PRIMARY KEY, bookings INTEGER NOT NULL, returns INTEGER NOT NULL)"));
	exec(sql(r->db, "DELETE FROM counted"));
	sumdetail_begin(r);
}

static struct balance
count_balance(struct run *r, const struct collection *c)
{
	struct stmt *q = sql(r->db, "SELECT bookings, returns FROM counted WHERE end_to_end_id = $id");
	struct balance b;

	bind_text(q, "$id", c->end_to_end_id);
	if (row(q)) {
		b = (struct balance){col_int(q, 0), col_int(q, 1)};
		reset(q);
		return b;
	}
	b = count_all(r, c);
	q = sql(r->db,
	    "INSERT INTO counted (end_to_end_id, bookings, returns) VALUES ($id, $bookings, $returns)");
	bind_text(q, "$id", c->end_to_end_id);
	bind_int(q, "$bookings", b.bookings);
	bind_int(q, "$returns", b.returns);
	exec(q);
	return b;
}

static bool
is_same_reason(struct run *r, const struct bank_entry *n, const struct collection *c)
{
	struct stmt *q =
	    sql(r->db, "SELECT count(*) FROM collection WHERE end_to_end_id = $id AND reason = $reason");

	if (n->reason[0] == '\0')
		return true;
	bind_text(q, "$id", c->end_to_end_id);
	bind_text(q, "$reason", n->reason);
	return value(q, 0) > 0;
}

static void
note_of_failed(struct run *r, const struct collection *c, struct bank_outcome *o)
{
	bankentry_note(o);
	failure_note(r, c);
}

/* Money of a debit that the bank rejected before: a booking and its return cancel out. A return alone is the reject reported
 * once more, or belongs to what the bank booked for the whole file, of which a booking alone is a detail. A return that is taken
 * back leaves the money here, and only a person can say of which booking it is. */
static void
apply_to_rejected(struct run *r, const struct bank_entry *n, enum role role, const struct collection *c,
                  struct fileaccount *a, struct bank_outcome *o)
{
	struct balance b;

	if (role == ROLE_TAKES_RETURN_BACK) {
		bankentry_hold(
		    o, "reversal_after_reject",
		    "the bank takes back the return of a debit or refund that it rejected: money at risk");
		return;
	}
	b = count_balance(r, c);
	if (b.bookings == b.returns ||
	    (role == ROLE_RETURN &&
	     (b.bookings > b.returns || is_same_reason(r, n, c) || fileaccount_explains(r, c, a))) ||
	    (role == ROLE_BOOKING && fileaccount_has_detail(r, n, c, a) && fileaccount_explains(r, c, a)))
		note_of_failed(r, c, o);
	else if (role == ROLE_BOOKING && b.bookings == 1 && failure_comes_after_booking(r, n, c))
		failure_book(r, n, c);
	else if (role == ROLE_RETURN)
		bankentry_hold(o, "second_return",
		               "the debit or refund was rejected before, and never booked: money at risk");
	else if (c->kind == COLLECTION_DEBIT)
		bankentry_hold(o, "credit_after_failure",
		               "the debit was credited after it was rejected: money at risk");
	else
		bankentry_hold(o, "debit_after_failure",
		               "the refund was paid after it was rejected: money at risk");
}

static void
apply_booking(struct run *r, const struct bank_entry *n, const struct collection *c, struct fileaccount *a,
              struct bank_outcome *o)
{
	if (collection_awaits_note(c)) {
		collection_note_booked(r, c, n->on);
		bankfile_report(r, c->file, BANKFILE_ONE_BOOKED);
		failure_note(r, c);
	} else if (c->state == COLLECTION_PRESENTED || c->state == COLLECTION_ACCEPTED) {
		collection_book(r, c, n->on, n->input, n->line);
		bankfile_report(r, c->file, BANKFILE_ONE_BOOKED);
	} else if (c->booked_on != DATE_NONE && fileaccount_has_detail(r, n, c, a)) {
		bankentry_note(o);
	} else if (c->state == COLLECTION_RETURNED) {
		if (c->kind == COLLECTION_DEBIT)
			bankentry_hold(o, "credit_after_failure",
			               "the debit was credited after it was returned: money at risk");
		else
			bankentry_hold(o, "debit_after_failure",
			               "the refund was paid after it was returned: money at risk");
	} else if (c->kind == COLLECTION_DEBIT) {
		bankentry_hold(o, "second_credit", "the debit was already credited: money at risk");
	} else {
		bankentry_hold(o, "second_debit", "the refund was already paid: money at risk");
	}
}

static void
apply_return(struct run *r, const struct bank_entry *n, const struct collection *c, struct bank_outcome *o)
{
	if (c->state == COLLECTION_RETURNED) {
		bankentry_hold(o, "second_return", "the debit or refund was already returned: money at risk");
		return;
	}
	collection_return(r, c, n->reason[0] == '\0' ? "NARR" : n->reason, n->on, n->fee + n->fee_beside,
	                  n->input, n->line);
	bankfile_report(r, c->file, BANKFILE_ONE_BOOKED);
}

static void
take_return_back(struct run *r, const struct bank_entry *n, const struct collection *c,
                 struct bank_outcome *o)
{
	if (c->state == COLLECTION_RETURNED)
		collection_book_again(r, c, n->on, n->input, n->line);
	else
		bankentry_hold(o, "reversal_without_return",
		               "the bank takes a return back that it has not reported: money at risk");
}

static void
apply_role(struct run *r, const struct bank_entry *n, enum role role, const struct collection *c,
           struct fileaccount *a, struct bank_outcome *o)
{
	switch (role) {
	case ROLE_BOOKING:
		apply_booking(r, n, c, a, o);
		return;
	case ROLE_RETURN:
		apply_return(r, n, c, o);
		return;
	case ROLE_TAKES_RETURN_BACK:
		take_return_back(r, n, c, o);
		return;
	case ROLE_NONE:
		bankentry_hold(o, "wrong_direction", "money moved in the opposite direction: money at risk");
		return;
	}
}

/* The id lives on in the next version, but the bank names a version that it should not have. */
static bool
names_file_not_given(struct run *r, const struct bank_entry *n, const struct collection *c)
{
	struct bankfile_block block;
	struct bankfile f;

	return (bankfile_find_msg_id(r, n->msg_id, &f) || bankfile_find_block(r, n->block, &f, &block)) &&
	       f.number != c->file && !bankfile_was_given(&f);
}

void
bankmoney_apply(struct run *r, const struct bank_entry *n, struct fileaccount *a, struct bank_outcome *o)
{
	struct collection c;
	struct bankfile f;
	enum role role;

	if (!collection_load(r, n->collection, &c) || !bankfile_load(r, c.file, &f))
		die(EXIT_BUG, "bank entry %lld means %s, which does not exist", (long long)n->number,
		    n->collection);
	o->profile = c.profile;
	role = find_role(n, c.kind);
	if (!bankfile_gave(&f, &c) || names_file_not_given(r, n, &c))
		bankentry_hold(o, "unexpected_answer",
		               "money moved for a file that was not given to the bank: money at risk");
	else if (bankmatch_is_of_other_mandate(r, n, &c))
		bankentry_hold(o, "mandate_differs",
		               "the entry names another mandate than that of the debit: money at risk");
	else if (role != ROLE_NONE && !bankmatch_has_amount(n, c.amount))
		bankentry_hold(
		    o, "amount_differs",
		    "the amount that moved differs from the amount asked for, even with the reported fees");
	else if (c.state == COLLECTION_REJECTED && role != ROLE_NONE)
		apply_to_rejected(r, n, role, &c, a, o);
	else
		apply_role(r, n, role, &c, a, o);
}

bool
bankmoney_books_again(struct run *r, const struct bank_entry *n)
{
	struct collection c;
	enum role role;

	if (n->collection[0] == '\0' || !collection_load(r, n->collection, &c) || !collection_has_failed(&c))
		return false;
	role = find_role(n, c.kind);
	return (role == ROLE_TAKES_RETURN_BACK || (role == ROLE_BOOKING && !collection_awaits_note(&c))) &&
	       bankmatch_has_amount(n, c.amount);
}
