/* bankentry: see bankentry.h. Writes the state of bank_entry.
 *
 * source   EPC130-08 on rejects; SDD Core rulebook (EPC016-06) on returns and refunds; SCT rulebook (EPC125-05) on returns of
 *          the transfers by which we refund
 */
#include <stdio.h>
#include <string.h>

#include "formats/json.h"
#include "formats/text.h"
#include "stages/core/bank/bankentry.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/books/collection.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/log.h"

/* A row of bank_entry. */
struct entry {
	int64_t number, input;
	long line;
	char kind[16], level[8], status[8], msg_id[36], block[36], end_to_end_id[36], reason[36],
	    key[SHA256_TEXT + 8];
	cents amount, fee;
	date on;
};

/* What became of an entry: the words of bank_entry.state. `why` is that of a held one. */
enum entry_state { ENTRY_APPLIED, ENTRY_NOTED, ENTRY_HELD };
static const char *const states[] = {
    [ENTRY_APPLIED] = "applied", [ENTRY_NOTED] = "noted", [ENTRY_HELD] = "held"};

struct outcome {
	enum entry_state state;
	struct err why;
	int64_t profile;
};

static void
hold(struct outcome *o, const char *code, const char *message)
{
	o->state = ENTRY_HELD;
	err_set(&o->why, code, "%s", message);
}

static bool
is_in(const char *word, const char *const list[])
{
	for (; *list != NULL; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

static bool
is_duplicate_reason(const char *reason)
{
	static const char *const duplicates[] = {"AM05", "DU01", "DU02", "DU03",
	                                         "DU04", "DU05", "DUPL", NULL};

	return is_in(reason, duplicates);
}

static bool
is_acceptance(const char *status)
{
	static const char *const accepted[] = {"ACCP", "ACSP", "ACSC", "ACCC", "ACWC", NULL};

	return is_in(status, accepted);
}

/* Verification of payee, before a transfer is made: the bank waits for our decision. */
static bool
is_of_another_name(const char *status)
{
	return strcmp(status, "RVNM") == 0;
}

static bool
fill_collection(struct run *r, struct stmt *q, int64_t file, struct collection *c)
{
	char id[END_TO_END_ID];

	bind_int(q, "$file", file);
	bind_text(q, "$after", c->end_to_end_id);
	if (!row(q))
		return false;
	col_copy(q, 0, id, sizeof(id));
	reset(q);
	return collection_load(r, id, c);
}

static bool
next_open(struct run *r, int64_t file, struct collection *c)
{
	struct stmt *q = sql(r->db,
	    "SELECT end_to_end_id FROM collection"
	    " WHERE file_number = $file AND " COLLECTION_IS_OPEN("collection")
	    "  AND end_to_end_id > $after"
	    " ORDER BY end_to_end_id LIMIT 1");

	return fill_collection(r, q, file, c);
}

static bool
next_unbooked(struct run *r, int64_t file, struct collection *c)
{
	struct stmt *q = sql(r->db,
	    "SELECT end_to_end_id FROM collection"
	    " WHERE file_number = $file AND " COLLECTION_IS_UNBOOKED("collection")
	    "  AND end_to_end_id > $after"
	    " ORDER BY end_to_end_id LIMIT 1");

	return fill_collection(r, q, file, c);
}

static void
apply_to_debit(struct run *r, const struct entry *n, const struct bankfile *f, struct outcome *o)
{
	struct collection c;

	if (!collection_load(r, n->end_to_end_id, &c) || c.file != f->number) {
		hold(o, "unknown_debit", "the status names a debit or refund that is not in the file");
		return;
	}
	o->profile = c.profile;
	if (is_acceptance(n->status) && c.state == COLLECTION_PRESENTED) {
		collection_accept(r, &c);
		return;
	}
	if (is_of_another_name(n->status) && c.state != COLLECTION_BOOKED) {
		hold(
		    o, "payee_name_differs",
		    "the member's bank says that the account has another holder: the bank waits for a decision");
		return;
	}
	if (strcmp(n->status, "RJCT") != 0 || is_duplicate_reason(n->reason)) {
		o->state = ENTRY_NOTED;
		return;
	}
	if (c.state == COLLECTION_BOOKED && c.booked_on != DATE_NONE)
		hold(o, "reject_after_booking",
		     "the bank rejected a debit or refund after it had booked it: money at risk");
	else if (collection_has_failed(&c))
		o->state = ENTRY_NOTED;
	else
		collection_reject(r, &c, n->reason, n->on, n->input, n->line);
	if (o->state == ENTRY_APPLIED)
		bankfile_set_state(r, c.file, BANKFILE_PARTIALLY_ACCEPTED);
}

static void
accept_all(struct run *r, const struct bankfile *f)
{
	struct collection c = {0};

	while (next_open(r, f->number, &c))
		collection_accept(r, &c);
	if (f->state == BANKFILE_RELEASED || f->state == BANKFILE_UPLOADED)
		bankfile_set_state(r, f->number, BANKFILE_ACCEPTED);
}

static bool
has_bookings(struct run *r, int64_t file)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT count(*) FROM collection"
	    " WHERE file_number = $file AND (booked_on IS NOT NULL OR settled_on IS NOT NULL)");

	bind_int(q, "$file", file);
	return value(q, 0) > 0;
}

/* A file or block that is rejected as a whole posts nothing: its debts stay as they are until a person decides. */
static void
apply_status(struct run *r, const struct entry *n, struct outcome *o)
{
	struct bankfile_block b;
	struct bankfile f, of_block;

	if (!bankfile_find_msg_id(r, n->msg_id, &f)) {
		hold(o, "unknown_file", "the status names a file that was not made here");
		return;
	}
	if (!bankfile_was_given(&f)) {
		hold(o, "unexpected_answer", "the status names a file that was not given to the bank");
		return;
	}
	if (n->block[0] != '\0' &&
	    (!bankfile_find_block(r, n->block, &of_block, &b) || of_block.number != f.number)) {
		hold(o, "unknown_file", "the status names a block that is not in that file");
		return;
	}
	if (strcmp(n->level, "debit") == 0) {
		apply_to_debit(r, n, &f, o);
		return;
	}
	if (is_acceptance(n->status)) {
		accept_all(r, &f);
	} else if (strcmp(n->status, "RJCT") != 0 || is_duplicate_reason(n->reason)) {
		o->state = ENTRY_NOTED;
	} else if (has_bookings(r, f.number)) {
		hold(o, "reject_after_booking",
		     "the bank rejected the file after it had booked a part of it: money at risk");
	} else {
		bankfile_set_state(r, f.number, BANKFILE_REJECTED);
		hold(o, "file_rejected",
		     "the bank rejected the whole file: its debts stay as they are until a person decides");
	}
}

/* A bank that reports on a file has received it, even if no person has marked it as uploaded yet. */
static void
mark_received(struct run *r, const struct bankfile *f)
{
	if (f->state == BANKFILE_RELEASED)
		bankfile_set_state(r, f->number, BANKFILE_ACCEPTED);
}

static void
book(struct run *r, const struct entry *n, const struct collection *c)
{
	if (collection_awaits_note(c))
		collection_note_booked(r, c, n->on);
	else
		collection_book(r, c, n->on, n->input, n->line);
}

static void
book_bulk(struct run *r, const struct entry *n, const struct bankfile *f, struct outcome *o)
{
	struct stmt *q = sql(r->db,
	    "SELECT coalesce(CAST(sum(amount_in_cents) AS BIGINT), 0) FROM collection"
	    " WHERE file_number = $file AND " COLLECTION_IS_UNBOOKED("collection"));
	struct collection c = {0};

	bind_int(q, "$file", f->number);
	if (value(q, 0) != n->amount) {
		hold(o, "bulk_amount_differs",
		     "the bulk booking differs from the sum of what is open in its file");
		return;
	}
	while (next_unbooked(r, f->number, &c))
		book(r, n, &c);
	mark_received(r, f);
}

static bool
find_bulk(struct run *r, const struct entry *n, struct bankfile *f)
{
	struct bankfile_block b;

	return bankfile_find_msg_id(r, n->msg_id, f) || bankfile_find_block(r, n->block, f, &b);
}

/* Money for a file that is not at the bank is an exception. */
static bool
check_given(const struct bankfile *f, struct outcome *o)
{
	if (bankfile_was_given(f))
		return true;
	hold(o, "unexpected_answer", "money moved for a file that was not given to the bank: money at risk");
	return false;
}

/* Code and message for a booking that cannot be applied. */
struct reasons {
	const char *unknown[2], *second[2], *after_failure[2];
};

static void
hold_as(struct outcome *o, const char *const reason[2])
{
	hold(o, reason[0], reason[1]);
}

/* Exactly the amount asked for, or that amount less the fee (credits), or plus the fee (debits). */
static bool
bankentry_agrees(const struct entry *n, const struct collection *c)
{
	bool is_credit = strcmp(n->kind, "credit") == 0 || strcmp(n->kind, "refund_return") == 0;

	return n->amount == c->amount || (is_credit ? n->amount + n->fee : n->amount - n->fee) == c->amount;
}

/* The collection that the entry names, if it is of the right kind and was given to the bank; otherwise the entry is held. Money
 * that moved in the opposite direction is at risk; the exception then names the member. */
static bool
find_collection(struct run *r, const struct entry *n, enum collection_kind kind, struct collection *c,
                const char *const unknown[2], struct outcome *o)
{
	struct bankfile f;

	if (!collection_load(r, n->end_to_end_id, c)) {
		hold_as(o, unknown);
		return false;
	}
	o->profile = c->profile;
	if (c->kind != kind) {
		hold(o, "wrong_direction", "money moved in the opposite direction: money at risk");
		return false;
	}
	return !bankfile_load(r, c->file, &f) || check_given(&f, o);
}

/* The credit of a debit, or the debit of a refund: once. */
static void
apply_booking(struct run *r, const struct entry *n, enum collection_kind kind, const struct reasons *why,
              struct outcome *o)
{
	struct collection c;
	struct bankfile f;
	bool failed;

	if (n->end_to_end_id[0] == '\0' && find_bulk(r, n, &f)) {
		if (f.kind != kind)
			hold(o, "bulk_wrong_direction",
			     "money moved in the opposite direction to the file: money at risk");
		else if (check_given(&f, o))
			book_bulk(r, n, &f, o);
		return;
	}
	if (!find_collection(r, n, kind, &c, why->unknown, o))
		return;
	failed = collection_has_failed(&c);
	if (!bankentry_agrees(n, &c))
		hold(o, "amount_differs",
		     "the booked amount differs from the amount asked for, even with the reported fees");
	else if (c.state == COLLECTION_BOOKED && !collection_awaits_note(&c))
		hold_as(o, why->second);
	else if (failed && !collection_awaits_note(&c))
		hold_as(o, why->after_failure);
	else {
		book(r, n, &c);
		if (bankfile_load(r, c.file, &f))
			mark_received(r, &f);
	}
}

static void
apply_credit(struct run *r, const struct entry *n, struct outcome *o)
{
	static const struct reasons why = {
	    {"unknown_credit", "the credit belongs to no debit that was made here"},
	    {"second_credit", "the debit was already credited: money at risk"},
	    {"credit_after_failure",
	     "the debit was credited after it was rejected or returned: money at risk"}};

	apply_booking(r, n, COLLECTION_DEBIT, &why, o);
}

static void
apply_debit(struct run *r, const struct entry *n, struct outcome *o)
{
	static const struct reasons why = {
	    {"unknown_entry", "the booking belongs to no debit or refund that was made here"},
	    {"second_debit", "the refund was already paid: money at risk"},
	    {"debit_after_failure", "the refund was paid after it was rejected or returned: money at risk"}};

	apply_booking(r, n, COLLECTION_REFUND, &why, o);
}

static void
apply_return_of(struct run *r, const struct entry *n, enum collection_kind kind, struct outcome *o)
{
	static const char *const unknown[2] = {"unknown_return",
	                                       "the return belongs to no debit or refund that was made here"};
	struct collection c;

	if (!find_collection(r, n, kind, &c, unknown, o))
		return;
	if (!bankentry_agrees(n, &c))
		hold(o, "amount_differs",
		     "the returned amount differs from the amount asked for, even with the reported fees");
	else if (collection_has_failed(&c))
		hold(o, "second_return",
		     "the debit or refund was already rejected or returned: money at risk");
	else
		collection_return(r, &c, n->reason[0] == '\0' ? "NARR" : n->reason, n->on, n->fee, n->input,
		                  n->line);
}

static void
apply_return(struct run *r, const struct entry *n, struct outcome *o)
{
	apply_return_of(r, n, COLLECTION_DEBIT, o);
}

static void
apply_refund_return(struct run *r, const struct entry *n, struct outcome *o)
{
	apply_return_of(r, n, COLLECTION_REFUND, o);
}

/* Announced by the bank, not booked. */
static void
note(struct run *r, const struct entry *n, struct outcome *o)
{
	(void)r;
	(void)n;
	o->state = ENTRY_NOTED;
}

static const struct {
	const char *kind;
	void (*apply)(struct run *r, const struct entry *n, struct outcome *o);
} kinds[] = {{"status", apply_status},
             {"credit", apply_credit},
             {"debit", apply_debit},
             {"return", apply_return},
             {"refund_return", apply_refund_return},
             {"other", note}};

/* The entry at place `nth` of entry_order. */
static bool
next_entry(struct run *r, int64_t nth, struct entry *n)
{
	struct stmt *q = sql(r->db,
	    "SELECT e.number, m.input_number, e.line, e.kind, e.level, e.status, e.msg_id,"
	    "  e.payment_information_id, e.end_to_end_id, e.reason, e.amount_in_cents, e.fee_in_cents,"
	    "  e.event_on, e.fingerprint, e.occurrence"
	    " FROM entry_order o"
	    " JOIN bank_entry e ON e.number = o.number"
	    " JOIN bank_message m ON m.number = e.message_number"
	    " WHERE o.nth = $nth");
	size_t size;

	bind_int(q, "$nth", nth);
	if (!row(q))
		return false;
	*n = (struct entry){.number = col_int(q, 0),
	                    .input = col_int(q, 1),
	                    .line = (long)col_int(q, 2),
	                    .amount = col_int_or(q, 10, 0),
	                    .fee = col_int(q, 11),
	                    .on = col_date(q, 12)};
	col_copy(q, 3, n->kind, sizeof(n->kind));
	col_copy(q, 4, n->level, sizeof(n->level));
	col_copy(q, 5, n->status, sizeof(n->status));
	col_copy(q, 6, n->msg_id, sizeof(n->msg_id));
	col_copy(q, 7, n->block, sizeof(n->block));
	col_copy(q, 8, n->end_to_end_id, sizeof(n->end_to_end_id));
	col_copy(q, 9, n->reason, sizeof(n->reason));
	sha256_print(n->key, col_blob(q, 13, &size));
	snprintf(n->key + SHA256_TEXT - 1, sizeof(n->key) - SHA256_TEXT, "-%d",
	         (int)(col_int(q, 14) % 100000));
	reset(q);
	return true;
}

/* The record of the exception: all that a person needs to decide. */
static void
bankentry_write_record(const struct entry *n, struct sink_text *record)
{
	char day[DATE_TEXT];
	struct json j = {.sink = sink_into(record)};

	json_open(&j, NULL, '{');
	json_put_text(&j, "kind", n->kind);
	json_put_text(&j, "level", text_or_null(n->level));
	json_put_text(&j, "status", text_or_null(n->status));
	json_put_text(&j, "msg_id", text_or_null(n->msg_id));
	json_put_text(&j, "payment_information_id", text_or_null(n->block));
	json_put_text(&j, "end_to_end_id", text_or_null(n->end_to_end_id));
	json_put_text(&j, "reason_code", text_or_null(n->reason));
	json_put_int(&j, "amount_in_cents", n->amount);
	json_put_int(&j, "fee_in_cents", n->fee);
	json_put_text(&j, "booking_date", date_print(day, n->on));
	json_close(&j, '}');
	if (sink_end(j.sink, NULL, NULL) < 0)
		die(EXIT_BUG, "bank entry %lld is too long for an exception", (long long)n->number);
}

static void
apply(struct run *r, const struct entry *n, bool last)
{
	struct outcome o = {.state = ENTRY_APPLIED};
	char text[1024];
	struct sink_text record = {text, sizeof(text), 0};
	struct stmt *q;
	size_t i;

	for (i = 0; strcmp(kinds[i].kind, n->kind) != 0; i++)
		;
	if (n->on > r->on + 1 && strcmp(n->kind, "other") != 0)
		hold(&o, ERR_DATE_IN_FUTURE, "the entry is dated more than a day after the business date");
	else
		kinds[i].apply(r, n, &o);
	q = sql(r->db, "UPDATE bank_entry SET state = $state WHERE number = $number");
	bind_text(q, "$state", states[o.state]);
	bind_int(q, "$number", n->number);
	exec(q);
	if (o.state == ENTRY_HELD && last) {
		bankentry_write_record(n, &record);
		exception_open(r, &(struct exception){.kind = "bank_entry",
		                                      .key = n->key,
		                                      .code = o.why.code,
		                                      .message = o.why.message,
		                                      .record = text,
		                                      .input = n->input,
		                                      .line = n->line,
		                                      .profile = o.profile});
	} else if (o.state != ENTRY_HELD) {
		exception_close(r, "bank_entry", n->key);
	}
	if (o.state == ENTRY_NOTED)
		run_count(r, COUNT_BANK_ENTRIES_NOTED, 1);
}

static void
refresh_files(struct run *r)
{
	int64_t number = 0;
	struct stmt *q;

	for (;;) {
		q = sql(r->db,
		    "SELECT f.number FROM bank_file f WHERE f.number > $after"
		    "  AND " BANKFILE_AWAITS_BANK("f")
		    " ORDER BY f.number LIMIT 1");
		bind_int(q, "$after", number);
		number = value(q, 0);
		if (number == 0)
			return;
		bankfile_refresh_settled(r, number);
	}
}

/* One pass over all open entries, in order: by day, then statuses, bookings, returns. Returns how many are still open. */
static int64_t
apply_open(struct run *r, bool last)
{
	struct entry n;
	int64_t nth;

	exec(sql(r->db, "DELETE FROM entry_order"));
	exec(sql(r->db,
	    "INSERT INTO entry_order (nth, number)"
	    " SELECT row_number() OVER (ORDER BY event_on,"
	    "   CASE WHEN kind = 'status' THEN 0 WHEN kind IN ('credit', 'debit') THEN 1 ELSE 2 END,"
	    "   CASE level WHEN 'file' THEN 0 WHEN 'block' THEN 1 ELSE 2 END,"
	    "   coalesce(end_to_end_id, ''), fingerprint, occurrence), number"
	    " FROM bank_entry"
	    " WHERE state IN ('new', 'held')"));
	for (nth = 1; next_entry(r, nth, &n); nth++)
		apply(r, &n, last);
	return value(sql(r->db, "SELECT count(*) FROM bank_entry WHERE state IN ('new', 'held')"), 0);
}

/* An entry may need one that comes later in the order (a bulk credit needs the rejects that it is net of). So passes are
 * repeated until one changes nothing; only the entries that are open then become exceptions. */
void
bankentry_apply(struct run *r)
{
	int64_t open = -1, before;

	tx_begin(r->db);
	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS entry_order ("
	    "  nth INTEGER NOT NULL PRIMARY KEY, number INTEGER NOT NULL)"));
	exec(sql(r->db,
	    "UPDATE bank_entry SET state = 'noted' WHERE state = 'held' AND EXISTS"
	    "  (SELECT 1 FROM exception x WHERE x.kind = 'bank_entry' AND x.state = 'resolved'"
	    "    AND x.key = lower(hex(bank_entry.fingerprint)) || '-' || bank_entry.occurrence)"));
	do {
		before = open;
		open = apply_open(r, false);
	} while (open > 0 && open != before);
	if (open > 0)
		apply_open(r, true);
	refresh_files(r);
	tx_commit(r->db);
}
