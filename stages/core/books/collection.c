/* collection: see collection.h. Changes the rows of the table collection, which presentation.c adds. */
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "stages/core/books/collection.h"
#include "stages/core/books/debt.h"
#include "stages/core/books/ledger.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/mandate.h"

static const char *const kinds[] = {[COLLECTION_DEBIT] = "debit", [COLLECTION_REFUND] = "refund"};

const char *
collection_kind_word(enum collection_kind kind)
{
	return kinds[kind];
}

enum collection_kind
collection_col_kind(struct stmt *q, int i)
{
	return (enum collection_kind)col_word(q, i, kinds, (int)LENGTH(kinds));
}

static const char *const states[] = {
    [COLLECTION_PRESENTED] = "presented", [COLLECTION_ACCEPTED] = "accepted",
    [COLLECTION_BOOKED] = "booked",       [COLLECTION_REJECTED] = "rejected",
    [COLLECTION_RETURNED] = "returned",   [COLLECTION_CANCELLED] = "cancelled",
    [COLLECTION_WITHDRAWN] = "withdrawn",
};

bool
collection_has_failed(const struct collection *c)
{
	return c->state == COLLECTION_REJECTED || c->state == COLLECTION_RETURNED;
}

bool
collection_is_void(const struct collection *c)
{
	return c->state == COLLECTION_CANCELLED || c->state == COLLECTION_WITHDRAWN;
}

bool
collection_awaits_note(const struct collection *c)
{
	return (c->state == COLLECTION_BOOKED || c->state == COLLECTION_RETURNED) &&
	       c->booked_on == DATE_NONE;
}

#define LOAD \
	SQL("SELECT c.end_to_end_id, c.file_number, c.profile_number, c.session_number,"                   \
	    "  c.mandate_number, c.amount_in_cents, c.state, f.collect_on, c.booked_on, f.kind,"              \
	    "  c.settled_on, c.failed_on, coalesce(c.moved_on, f.collect_on)"                                 \
	    " FROM collection c"                                                                              \
	    " JOIN bank_file f ON f.number = c.file_number"                                                   \
	    " WHERE c.end_to_end_id = $id")

static bool
read_collection(struct stmt *q, const char *end_to_end_id, struct collection *c)
{
	bind_text(q, "$id", end_to_end_id);
	if (!row(q))
		return false;
	*c = (struct collection){.file = col_int(q, 1),
	                         .profile = col_int(q, 2),
	                         .session = col_int(q, 3),
	                         .mandate = col_int(q, 4),
	                         .amount = col_int(q, 5),
	                         .collect_on = col_date(q, 12),
	                         .asked_on = col_date(q, 7),
	                         .booked_on = col_date(q, 8),
	                         .settled_on = col_date(q, 10),
	                         .failed_on = col_date(q, 11),
	                         .state = (enum collection_state)col_word(q, 6, states, (int)LENGTH(states)),
	                         .kind = collection_col_kind(q, 9)};
	col_copy(q, 0, c->end_to_end_id, sizeof(c->end_to_end_id));
	reset(q);
	return true;
}

/* At most one of an id is not cancelled: the last cancelled one counts only without it. */
bool
collection_load(struct run *r, const char *end_to_end_id, struct collection *c)
{
	return read_collection(
	    sql(r->db, LOAD " AND c.live IS NOT NULL"), end_to_end_id, c) ||
	    read_collection(sql(r->db, LOAD " AND c.live IS NULL ORDER BY c.file_number DESC LIMIT 1"),
	                        end_to_end_id, c);
}

bool
collection_next(struct run *r, struct stmt *q, struct collection *c)
{
	char id[END_TO_END_ID];

	bind_text(q, "$after", c->end_to_end_id);
	if (!row(q))
		return false;
	col_copy(q, 0, id, sizeof(id));
	reset(q);
	return collection_load(r, id, c);
}

/* The rows of the ledger: one when the bank books a collection, one that reverses it. */
static const struct {
	struct half {
		enum event event;
		enum source_kind source_kind;
		int sign;
	} booked, back;
} ledger_rows[] = {
    [COLLECTION_DEBIT] = {{EVENT_RECOVERY, SOURCE_COLLECTION, 1},
                          {EVENT_FAILED_RECOVERY, SOURCE_COLLECTION, -1}},
    [COLLECTION_REFUND] = {{EVENT_REFUND, SOURCE_COLLECTION, -1}, {EVENT_REFUND, SOURCE_REFUND_BACK, 1}},
};

/* The day and the line of input of a row of the ledger. */
struct origin {
	date on;
	int64_t input;
	long line;
};

/* After a return was taken back: such rows have sources of their own, the first '/1', so that each is posted once. */
static size_t
print_source(struct run *r, const struct collection *c, char source[END_TO_END_ID + 8])
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT count(*) FROM balance_transaction"
	    " WHERE source_kind = " SQL_CODE(SOURCE_TAKEN_BACK)
	    "  AND source > CAST($from AS BLOB) AND source < CAST($to AS BLOB)");
	char from[END_TO_END_ID + 1], to[END_TO_END_ID + 1];

	snprintf(from, sizeof(from), "%s/", c->end_to_end_id);
	snprintf(to, sizeof(to), "%s0", c->end_to_end_id); /* '0' is next to '/' */
	bind_text(q, "$from", from);
	bind_text(q, "$to", to);
	return (size_t)snprintf(source, END_TO_END_ID + 8, "%s/%d", c->end_to_end_id,
	                        (int)(value(q, 0) % 100000) + 1);
}

static void
collection_post_again(struct run *r, const struct collection *c, const struct half *half,
                      const struct origin *t)
{
	char source[END_TO_END_ID + 8];
	struct posting p = {.profile = c->profile,
	                    .event = half->event,
	                    .amount = half->sign * c->amount,
	                    .at = date_paris_midnight(t->on),
	                    .source_kind = SOURCE_TAKEN_BACK,
	                    .source = source,
	                    .source_size = print_source(r, c, source),
	                    .input = t->input,
	                    .line = t->line};

	if (ledger_post(r, &p) != POSTED)
		die(EXIT_BUG, "%s: taken back twice", c->end_to_end_id);
}

static void
collection_post(struct run *r, const struct collection *c, const struct half *half, const struct origin *t,
                bool settles)
{
	struct posting p = {.profile = c->profile,
	                    .event = half->event,
	                    .amount = half->sign * c->amount,
	                    .at = date_paris_midnight(t->on),
	                    .source_kind = half->source_kind,
	                    .source = c->end_to_end_id,
	                    .source_size = strlen(c->end_to_end_id),
	                    .settled_session = settles ? c->session : 0,
	                    .input = t->input,
	                    .line = t->line};

	if (ledger_post(r, &p) != POSTED)
		die(EXIT_BUG, "%s: posted twice", c->end_to_end_id);
}

/* Was it returned before, and that return taken back? */
static bool
has_come_back(struct run *r, const struct collection *c)
{
	const struct half *back = &ledger_rows[c->kind].back;
	struct stmt *q =
	    sql(r->db,
	    "SELECT count(*) FROM balance_transaction"
	    " WHERE source_kind = $kind AND source = CAST($id AS BLOB) AND event = $event");

	bind_int(q, "$kind", back->source_kind);
	bind_text(q, "$id", c->end_to_end_id);
	bind_int(q, "$event", back->event);
	return value(q, 0) > 0;
}

/* Without a booking no money moved: both rows are posted, leave the balance as it is, and put the cents into a new debt. */
static void
post_failure(struct run *r, const struct collection *c, const struct origin *t, bool was_booked)
{
	if (was_booked && has_come_back(r, c)) {
		collection_post_again(r, c, &ledger_rows[c->kind].back, t);
		return;
	}
	if (!was_booked)
		collection_post(r, c, &ledger_rows[c->kind].booked, t, true);
	collection_post(r, c, &ledger_rows[c->kind].back, t, false);
}

int64_t
collection_cancel(struct run *r, int64_t file)
{
	struct stmt *q = sql(r->db,
	    "UPDATE collection SET state = 'cancelled', live = NULL"
	    " WHERE file_number = $file AND state = 'presented'");
	int64_t cancelled;

	bind_int(q, "$file", file);
	cancelled = exec(q);
	if (debt_set_free(r, file) != cancelled)
		die(EXIT_BUG, "file %lld: its debts are not those that were presented", (long long)file);
	return cancelled;
}

void
collection_carry(struct run *r, const struct collection *c, const char *why)
{
	post_failure(r, c, &(struct origin){.on = r->on}, false);
	debt_fail(r, c->profile, c->session, why);
}

static bool
next_of_file(struct run *r, int64_t file, struct collection *c)
{
	struct stmt *q = sql(r->db,
	    "SELECT c.end_to_end_id, c.profile_number, c.session_number, c.mandate_number, c.amount_in_cents,"
	    "  f.kind"
	    " FROM collection c"
	    " JOIN bank_file f ON f.number = c.file_number"
	    " WHERE c.file_number = $file AND c.end_to_end_id > $after"
	    " ORDER BY c.end_to_end_id LIMIT 1");

	bind_int(q, "$file", file);
	bind_text(q, "$after", c->end_to_end_id);
	if (!row(q))
		return false;
	*c = (struct collection){.file = file,
	                         .profile = col_int(q, 1),
	                         .session = col_int(q, 2),
	                         .mandate = col_int(q, 3),
	                         .amount = col_int(q, 4),
	                         .kind = collection_col_kind(q, 5)};
	col_copy(q, 0, c->end_to_end_id, sizeof(c->end_to_end_id));
	reset(q);
	return true;
}

static int64_t
carry_file(struct run *r, int64_t file)
{
	struct collection c = {0};
	int64_t n = 0;

	for (; next_of_file(r, file, &c); n++)
		collection_carry(r, &c, "withdrawn");
	return n;
}

int64_t
collection_withdraw(struct run *r, int64_t file, bool was_presented, bool is_carried)
{
	struct stmt *q = sql(r->db,
	    "UPDATE collection SET state = $state, live = CASE WHEN $presented THEN 0 END"
	    " WHERE file_number = $file AND booked_on IS NULL AND " COLLECTION_IS_OPEN("collection"));
	int64_t withdrawn;

	bind_int(q, "$presented", was_presented);
	bind_text(q, "$state", states[was_presented ? COLLECTION_WITHDRAWN : COLLECTION_CANCELLED]);
	bind_int(q, "$file", file);
	withdrawn = exec(q);
	if ((is_carried ? carry_file(r, file) : debt_set_free(r, file)) != withdrawn)
		die(EXIT_BUG, "file %lld: its debts are not those that were presented", (long long)file);
	return withdrawn;
}

static void
count(struct run *r, const struct collection *c, enum collection_state state)
{
	run_count(r, counter_find(c->kind == COLLECTION_REFUND ? "refunds" : "debits", states[state]), 1);
}

/* The bank has it, whether or not a person noted the upload of its file. */
static void
use_mandate(struct run *r, const struct collection *c)
{
	if (c->kind == COLLECTION_DEBIT)
		mandate_used(r, c->mandate, c->asked_on);
}

void
collection_accept(struct run *r, const struct collection *c)
{
	struct stmt *q = sql(r->db,
	    "UPDATE collection SET state = 'accepted'"
	    " WHERE end_to_end_id = $id AND state = 'presented'");

	bind_text(q, "$id", c->end_to_end_id);
	if (exec(q) > 0)
		count(r, c, COLLECTION_ACCEPTED);
	use_mandate(r, c);
	debt_execute(r, c->profile, c->session);
}

#define MOVE \
	SQL("UPDATE collection SET moved_on = $on"                                                         \
	    " WHERE " COLLECTION_IS_OPEN("collection") " AND coalesce(moved_on, '') <> $on")

void
collection_move(struct run *r, int64_t file, const char *end_to_end_id, int block, date on)
{
	struct stmt *q =
	    sql(r->db,
	    end_to_end_id == NULL ? MOVE " AND file_number = $file AND $block IN (0, block)"
	                          : MOVE " AND file_number = $file AND end_to_end_id = $id");

	bind_date(q, "$on", on);
	bind_int(q, "$file", file);
	if (end_to_end_id == NULL)
		bind_int(q, "$block", block);
	else
		bind_text(q, "$id", end_to_end_id);
	run_count(r, COUNT_DEBITS_MOVED, exec(q));
}

void
collection_book(struct run *r, const struct collection *c, date booked_on, int64_t input, long line)
{
	struct stmt *q = sql(r->db,
	    "UPDATE collection SET state = 'booked', booked_on = $on"
	    " WHERE end_to_end_id = $id AND " COLLECTION_IS_OPEN("collection"));

	bind_date(q, "$on", booked_on);
	bind_text(q, "$id", c->end_to_end_id);
	if (exec(q) != 1)
		die(EXIT_BUG, "%s: booked twice", c->end_to_end_id);
	collection_post(r, c, &ledger_rows[c->kind].booked, &(struct origin){booked_on, input, line}, true);
	debt_succeed(r, c->profile, c->session);
	use_mandate(r, c);
	count(r, c, COLLECTION_BOOKED);
}

void
collection_begin_set(struct run *r)
{
	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS booking ("
	    "  entry INTEGER NOT NULL PRIMARY KEY, collection TEXT NOT NULL, file INTEGER NOT NULL,"
	    "  profile INTEGER NOT NULL, session INTEGER NOT NULL, kind TEXT NOT NULL,"
	    "  amount INTEGER NOT NULL, booked_on TEXT NOT NULL, booked_at INTEGER, input INTEGER NOT NULL,"
	    "  line INTEGER NOT NULL, of_member INTEGER NOT NULL)"));
	exec(sql(r->db, "DELETE FROM booking"));
	/* what ledger_post_set posts: the rows of ledger_rows[].booked */
	exec(sql(r->db,
	    "CREATE TEMPORARY VIEW IF NOT EXISTS posting AS"
	    " SELECT profile, of_member,"
	    "  CASE kind WHEN 'debit' THEN " SQL_CODE(EVENT_RECOVERY) " ELSE " SQL_CODE(EVENT_REFUND) " END AS event,"
	    "  CASE kind WHEN 'debit' THEN amount ELSE -amount END AS amount,"
	    "  booked_at AS at, booked_on AS on_day, " SQL_CODE(SOURCE_COLLECTION) " AS source_kind,"
	    "  CAST(collection AS BLOB) AS source, session AS settled_session, input, line"
	    " FROM booking"));
}

void
collection_book_set(struct run *r)
{
	enum collection_kind kind;
	struct stmt *q = sql(r->db,
	    "UPDATE collection SET state = 'booked', booked_on = booking.booked_on"
	    " FROM booking"
	    " WHERE collection.end_to_end_id = booking.collection"
	    "  AND collection.file_number = booking.file"
	    "  AND " COLLECTION_IS_OPEN("collection"));

	if (exec(q) != value(sql(r->db, "SELECT count(*) FROM booking"), 0))
		die(EXIT_BUG, "debits of a set were booked before");
	ledger_post_set(r);
	debt_succeed_set(r);
	mandate_used_set(r);
	for (kind = COLLECTION_DEBIT; kind <= COLLECTION_REFUND; kind++) {
		q = sql(r->db, "SELECT count(*) FROM booking WHERE kind = $kind");
		bind_text(q, "$kind", kinds[kind]);
		run_count(r, counter_find(kind == COLLECTION_REFUND ? "refunds" : "debits", "booked"),
		          value(q, 0));
	}
}

void
collection_settle_due(struct run *r, const struct collection *c, bool accepted)
{
	struct stmt *q =
	    sql(r->db,
	    "UPDATE collection SET state = 'booked', settled_on = $on, settled_by = $by"
	    " WHERE end_to_end_id = $id AND " COLLECTION_IS_OPEN("collection"));

	bind_date(q, "$on", c->collect_on);
	bind_text(q, "$by", accepted ? "acceptance" : "silence");
	bind_text(q, "$id", c->end_to_end_id);
	if (exec(q) != 1)
		die(EXIT_BUG, "%s: settled twice", c->end_to_end_id);
	collection_post(r, c, &ledger_rows[c->kind].booked, &(struct origin){.on = c->collect_on}, true);
	debt_succeed(r, c->profile, c->session);
	run_count(r, counter_find(c->kind == COLLECTION_REFUND ? "refunds" : "debits", "settled"), 1);
}

static void
act_on_mandate(struct run *r, const struct collection *c, const char *reason)
{
	mandate_act(
	    r, &(struct setback){.end_to_end_id = c->end_to_end_id,
	                         .reason = reason,
	                         .file = c->file,
	                         .profile = c->profile,
	                         .mandate = c->mandate,
	                         .of = c->kind == COLLECTION_REFUND ? REASON_OF_REFUND : REASON_OF_DEBIT});
}

static void
fail(struct run *r, const struct collection *c, enum collection_state state, const char *reason, cents fee,
     const struct origin *t)
{
	bool booked = c->state == COLLECTION_BOOKED;
	struct stmt *q =
	    sql(r->db,
	    "UPDATE collection SET state = $state, live = 0, failed_on = $on, reason = $reason,"
	    "  fee_in_cents = $fee, booked_on = CASE $state WHEN 'rejected' THEN NULL ELSE booked_on END"
	    " WHERE end_to_end_id = $id AND live = 1");

	bind_text(q, "$state", states[state]);
	bind_date(q, "$on", t->on);
	bind_text(q, "$reason", reason);
	bind_int(q, "$fee", fee);
	bind_text(q, "$id", c->end_to_end_id);
	if (exec(q) != 1)
		die(EXIT_BUG, "%s: failed twice", c->end_to_end_id);
	post_failure(r, c, t, booked);
	debt_fail(r, c->profile, c->session, reason);
	use_mandate(r, c);
	count(r, c, state);
}

void
collection_reject(struct run *r, const struct collection *c, const char *reason, date on, int64_t input,
                  long line)
{
	fail(r, c, COLLECTION_REJECTED, reason, 0, &(struct origin){on, input, line});
	act_on_mandate(r, c, reason);
}

void
collection_return(struct run *r, const struct collection *c, const char *reason, date on, cents fee,
                  int64_t input, long line)
{
	fail(r, c, COLLECTION_RETURNED, reason, fee, &(struct origin){on, input, line});
	act_on_mandate(r, c, reason);
}

void
collection_reverse(struct run *r, const struct collection *c, const char *reason, date on, int64_t input,
                   long line)
{
	fail(r, c, COLLECTION_RETURNED, reason, 0, &(struct origin){on, input, line});
}

void
collection_fail_as(struct run *r, const struct collection *c, const struct collection_failure *f)
{
	const char *reason = f->reason[0] == '\0' ? "NARR" : f->reason;
	struct stmt *q =
	    sql(r->db, "SELECT count(*) FROM collection WHERE end_to_end_id = $id AND reason = $reason");
	bool is_same;

	bind_text(q, "$id", c->end_to_end_id);
	bind_text(q, "$reason", reason);
	is_same = value(q, 0) > 0;
	q = sql(r->db,
	    "UPDATE collection SET state = $state, booked_on = $booked, failed_on = $failed, reason = $reason,"
	    "  fee_in_cents = $fee"
	    " WHERE end_to_end_id = $id AND state IN ('rejected', 'returned')");
	bind_text(q, "$state", states[f->state]);
	bind_date(q, "$booked", f->booked_on);
	bind_date(q, "$failed", f->failed_on);
	bind_text(q, "$reason", reason);
	bind_int(q, "$fee", f->fee);
	bind_text(q, "$id", c->end_to_end_id);
	if (exec(q) != 1)
		die(EXIT_BUG, "%s: has not failed", c->end_to_end_id);
	if (is_same)
		return;
	debt_fail_for(r, c->profile, c->session, reason);
	mandate_take_back(r, c->end_to_end_id);
	act_on_mandate(r, c, reason);
}

void
collection_note_booked(struct run *r, const struct collection *c, date booked_on)
{
	struct stmt *q = sql(r->db,
	    "UPDATE collection SET booked_on = $on"
	    " WHERE end_to_end_id = $id AND state IN ('booked', 'returned') AND booked_on IS NULL");

	bind_date(q, "$on", booked_on);
	bind_text(q, "$id", c->end_to_end_id);
	if (exec(q) != 1)
		die(EXIT_BUG, "%s: booked twice", c->end_to_end_id);
	run_count(r,
	          c->state == COLLECTION_RETURNED ? COUNT_BOOKINGS_AFTER_RETURN
	                                          : COUNT_BOOKINGS_AFTER_SETTLEMENT,
	          1);
}

void
collection_book_again(struct run *r, const struct collection *c, date on, int64_t input, long line)
{
	struct stmt *q =
	    sql(r->db,
	    "UPDATE collection SET state = 'booked', live = 1, failed_on = NULL, reason = NULL,"
	    "  booked_on = CASE state WHEN 'rejected' THEN $on ELSE booked_on END"
	    " WHERE end_to_end_id = $id AND state IN ('rejected', 'returned')");

	bind_date(q, "$on", on);
	bind_text(q, "$id", c->end_to_end_id);
	if (exec(q) != 1)
		die(EXIT_BUG, "%s: booked again, and had not failed", c->end_to_end_id);
	collection_post_again(r, c, &ledger_rows[c->kind].booked, &(struct origin){on, input, line});
	debt_succeed_again(r, c->profile, c->session);
	mandate_take_back(r, c->end_to_end_id);
	run_count(r, COUNT_RETURNS_TAKEN_BACK, 1);
}

void
collection_revive(struct run *r, const struct collection *c, date on, int64_t input, long line)
{
	const struct half *booked = &ledger_rows[c->kind].booked;
	struct origin t = {on, input, line};
	struct stmt *q =
	    sql(r->db,
	    "UPDATE collection SET state = 'booked', live = 1"
	    " WHERE end_to_end_id = $id AND file_number = $file AND state IN ('cancelled', 'withdrawn')");

	bind_text(q, "$id", c->end_to_end_id);
	bind_int(q, "$file", c->file);
	if (exec(q) != 1)
		die(EXIT_BUG, "%s: revived, and was not withdrawn", c->end_to_end_id);
	if (has_come_back(r, c)) {
		collection_post_again(r, c, booked, &t);
		debt_succeed_again(r, c->profile, c->session);
	} else {
		collection_post(r, c, booked, &t, true);
		debt_succeed(r, c->profile, c->session);
	}
	use_mandate(r, c);
}

void
collection_unaccept(struct run *r, int64_t file)
{
	struct stmt *q = sql(r->db,
	    "UPDATE collection SET state = 'presented'"
	    " WHERE file_number = $file AND state = 'accepted'");

	debt_unexecute(r, file);
	bind_int(q, "$file", file);
	exec(q);
}
