/* bankentry: see bankentry.h. Writes the state of bank_entry.
 *
 * First every open entry is matched with what it means, then the entries are applied in order. What is booked, returned and
 * taken back of one debit is counted, so that a booking and its return cancel out whichever came first.
 * source   EPC130-08 on rejects; SDD Core rulebook (EPC016-06) on returns and refunds; SCT rulebook (EPC125-05) on returns of
 *          the transfers by which we refund
 */
#include <stdio.h>
#include <string.h>

#include "formats/json.h"
#include "formats/length.h"
#include "formats/text.h"
#include "stages/core/bank/bankentry.h"
#include "stages/core/bank/bankmatch.h"
#include "stages/core/bank/bankmoney.h"
#include "stages/core/bank/bankstatus.h"
#include "stages/core/bank/failure.h"
#include "stages/core/bank/fileaccount.h"
#include "stages/core/bank/plainbooking.h"
#include "stages/core/bank/revival.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/log.h"

static const char *const kinds[] = {
    [BANKENTRY_STATUS] = "status",
    [BANKENTRY_CREDIT] = "credit",
    [BANKENTRY_RETURN] = "return",
    [BANKENTRY_DEBIT] = "debit",
    [BANKENTRY_REFUND_RETURN] = "refund_return",
    [BANKENTRY_FEE] = "fee",
    [BANKENTRY_OTHER] = "other",
};

static const char *const levels[] = {
    [BANKENTRY_OF_FILE] = "file", [BANKENTRY_OF_BLOCK] = "block", [BANKENTRY_OF_DEBIT] = "debit"};

static const char *const states[] = {
    [BANKENTRY_NEW] = "new",   [BANKENTRY_APPLIED] = "applied",   [BANKENTRY_NOTED] = "noted",
    [BANKENTRY_HELD] = "held", [BANKENTRY_RESOLVED] = "resolved",
};

const char *
bankentry_kind_word(enum bankentry_kind kind)
{
	return kinds[kind];
}

const char *
bankentry_level_word(enum bankentry_level level)
{
	return levels[level];
}

void
bankentry_hold(struct bank_outcome *o, const char *code, const char *message)
{
	o->state = BANKENTRY_HELD;
	err_set(&o->why, code, "%s", message);
}

void
bankentry_hold_strange(struct bank_outcome *o, const char *code, const char *message)
{
	bankentry_hold(o, code, message);
	o->is_strange = true;
}

void
bankentry_note(struct bank_outcome *o)
{
	o->state = BANKENTRY_NOTED;
}

bool
bankentry_is_credit(const struct bank_entry *n)
{
	return n->kind == BANKENTRY_CREDIT || n->kind == BANKENTRY_REFUND_RETURN;
}

cents
bankentry_principal(const struct bank_entry *n)
{
	return bankentry_is_credit(n) ? n->amount + n->fee : n->amount - n->fee;
}

bool
bankentry_is_duplicate_reason(const char *reason)
{
	static const char *const duplicates[] = {"AM05", "DU01", "DU02", "DU03", "DU04", "DU05", "DUPL"};
	size_t i;

	for (i = 0; i < LENGTH(duplicates); i++)
		if (strcmp(reason, duplicates[i]) == 0)
			return true;
	return false;
}

/* --- money of a whole file, and of nothing that is ours -------------------------------------------------------------- */

static void
apply_to_file(struct run *r, const struct bank_entry *n, struct fileaccount *account, struct bank_outcome *o)
{
	struct bankfile f;

	if (!bankfile_load(r, n->file, &f))
		die(EXIT_BUG, "bank entry %lld means a file that does not exist", (long long)n->number);
	if (!bankfile_was_given(&f) && !revival_is_of(r, &f)) {
		bankentry_hold(o, "unexpected_answer",
		               "money moved for a file that was not given to the bank: money at risk");
		return;
	}
	fileaccount_apply(r, n, &f, account, o);
	if (o->state == BANKENTRY_HELD)
		return;
	bankfile_report(r, f.number, BANKFILE_ONE_BOOKED);
	failure_note_file(r, f.number);
}

static void
hold_unknown(struct run *r, const struct bank_entry *n, struct bank_outcome *o)
{
	static const char *const unknown[][2] = {
	    [BANKENTRY_STATUS] = {"unknown_file", "the status names a file that was not made here"},
	    [BANKENTRY_CREDIT] = {"unknown_credit", "the credit belongs to no debit that was made here"},
	    [BANKENTRY_RETURN] = {"unknown_return",
	                          "the return belongs to no debit or refund that was made here"},
	    [BANKENTRY_DEBIT] = {"unknown_entry",
	                         "the booking belongs to no debit or refund that was made here"},
	    [BANKENTRY_REFUND_RETURN] = {"unknown_return",
	                                 "the return belongs to no debit or refund that was made here"},
	};

	struct collection c;
	struct bankfile f;

	if (n->mandate[0] != '\0' && bankmatch_find(r, n, 0, &c, &f) == BANKMATCH_SEVERAL)
		bankentry_hold(o, unknown[n->kind][0],
		               "several debits under the mandate that it names have its amount");
	else if (n->mandate[0] != '\0' && bankmatch_knows_mandate(r, n))
		bankentry_hold(o, unknown[n->kind][0], unknown[n->kind][1]);
	else
		bankentry_hold_strange(o, unknown[n->kind][0], unknown[n->kind][1]);
}

/* --- matching ------------------------------------------------------------------------------------------------------- */

/* Finds what a new entry means, or one that meant nothing so far. One that repeats what messages of another kind reported is
 * noted. */
static bool
match(struct run *r, struct bank_entry *n)
{
	struct collection c;
	struct bankfile f;
	enum bankmatch found = bankmatch_find(r, n, 0, &c, &f);
	bool is_first = n->rank == 0;

	if (found == BANKMATCH_COLLECTION)
		text_copy(n->collection, sizeof(n->collection), c.end_to_end_id);
	else if (found == BANKMATCH_FILE)
		n->file = f.number;
	if (!is_first && n->collection[0] == '\0' && n->file == 0)
		return false;
	bankmatch_save(r, n);
	return bankmatch_is_repetition(r, n);
}

/* --- every entry ---------------------------------------------------------------------------------------------------- */

/* The record of the exception: all that a person needs to decide. */
static void
write_record(const struct bank_entry *n, struct sink_text *record)
{
	char day[DATE_TEXT];
	struct json j = {.sink = sink_into(record)};

	json_open(&j, NULL, '{');
	json_put_text(&j, "kind", kinds[n->kind]);
	json_put_text(&j, "level", n->kind == BANKENTRY_STATUS ? levels[n->level] : NULL);
	json_put_text(&j, "status", text_or_null(n->status));
	json_put_text(&j, "msg_id", text_or_null(n->msg_id));
	json_put_text(&j, "payment_information_id", text_or_null(n->block));
	json_put_text(&j, "end_to_end_id", text_or_null(n->end_to_end_id));
	json_put_text(&j, "instruction_id", text_or_null(n->instruction_id));
	json_put_text(&j, "mandate_reference", text_or_null(n->mandate));
	json_put_text(&j, "reason_code", text_or_null(n->reason));
	json_put_int(&j, "amount_in_cents", n->amount < 0 ? 0 : n->amount);
	json_put_int(&j, "fee_in_cents", n->fee);
	json_put_text(&j, "booking_date", date_print(day, n->on));
	json_close(&j, '}');
	if (sink_end(j.sink, NULL, NULL) < 0)
		die(EXIT_BUG, "bank entry %lld is too long for an exception", (long long)n->number);
}

void
bankentry_save_state(struct run *r, const struct bank_entry *n, enum bankentry_state state)
{
	struct stmt *q;

	if (n->state == state)
		return;
	q = sql(r->db, "UPDATE bank_entry SET state = $state WHERE number = $number");
	bind_text(q, "$state", states[state]);
	bind_int(q, "$number", n->number);
	exec(q);
}

static void
save_files_known(struct run *r, const struct bank_entry *n)
{
	struct stmt *q = sql(r->db,
	    "UPDATE bank_entry SET files_known = " BANKENTRY_FILES_KNOWN " WHERE number = $number");

	bind_int(q, "$number", n->number);
	exec(q);
}

void
bankentry_decide(struct run *r, struct bank_entry *n, struct fileaccount *account, struct bank_outcome *o)
{
	if (n->problem[0] != '\0') {
		bankentry_hold_strange(o, "unusable_entry", n->problem);
	} else if (n->kind == BANKENTRY_OTHER || n->kind == BANKENTRY_FEE) {
		bankentry_note(o);
	} else if (n->on > r->on + 1) {
		bankentry_hold(o, ERR_DATE_IN_FUTURE,
		               "the entry is dated more than a day after the business date");
	} else if (n->kind == BANKENTRY_STATUS) {
		bankstatus_apply(r, n, o);
	} else if (n->collection[0] != '\0') {
		bankmoney_apply(r, n, account, o);
	} else if (n->file != 0) {
		apply_to_file(r, n, account, o);
	} else {
		hold_unknown(r, n, o);
	}
}

static void
count_outcome(struct run *r, const struct bank_entry *n, const struct bank_outcome *o)
{
	if (o->state != BANKENTRY_NOTED)
		return;
	run_count(r, COUNT_BANK_ENTRIES_NOTED, 1);
	if (n->kind == BANKENTRY_FEE) {
		run_count(r, COUNT_BANK_FEES, 1);
		run_count(r, COUNT_CENTS_OF_FEES, n->amount < 0 ? 0 : n->amount);
	}
}

static void
apply(struct run *r, struct bank_entry *n, bool last, struct fileaccount *account)
{
	struct bank_outcome o = {.state = BANKENTRY_APPLIED};
	char text[2048];
	struct sink_text record = {text, sizeof(text), 0};

	bankentry_decide(r, n, account, &o);
	if (o.state == BANKENTRY_APPLIED && (n->kind == BANKENTRY_STATUS || n->collection[0] != '\0'))
		*account = (struct fileaccount){0};
	bankentry_save_state(r, n, o.state);
	count_outcome(r, n, &o);
	if (o.state == BANKENTRY_HELD && last) {
		if (o.is_strange)
			save_files_known(r, n);
		write_record(n, &record);
		exception_open(r, &(struct exception){.kind = "bank_entry",
		                                      .key = n->key,
		                                      .code = o.why.code,
		                                      .message = o.why.message,
		                                      .record = text,
		                                      .input = n->input,
		                                      .line = n->line,
		                                      .profile = o.profile,
		                                      .amount = n->amount < 0 ? 0 : n->amount});
	} else if (o.state != BANKENTRY_HELD && n->state == BANKENTRY_HELD) {
		exception_close(r, "bank_entry", n->key);
	}
}

/* --- one pass after the other --------------------------------------------------------------------------------------- */

static void
fill_entry(struct stmt *q, struct bank_entry *n)
{
	size_t size;

	*n = (struct bank_entry){
	    .number = col_int(q, 0),
	    .message = col_int(q, 1),
	    .input = col_int(q, 2),
	    .line = (long)col_int(q, 3),
	    .kind = (enum bankentry_kind)col_word(q, 4, kinds, (int)LENGTH(kinds)),
	    .amount = col_int_or(q, 13, -1),
	    .fee = col_int(q, 14),
	    .fee_beside = col_int(q, 26),
	    .transactions = col_int_or(q, 15, -1),
	    .on = col_date(q, 16),
	    .reported_at = col_instant(q, 17),
	    .file = col_int_or(q, 22, 0),
	    .rank = col_int_or(q, 23, 0),
	    .state = (enum bankentry_state)col_word(q, 24, states, (int)LENGTH(states)),
	};
	if (!col_null(q, 5))
		n->level = (enum bankentry_level)col_word(q, 5, levels, (int)LENGTH(levels));
	col_copy(q, 6, n->status, sizeof(n->status));
	col_copy(q, 7, n->msg_id, sizeof(n->msg_id));
	col_copy(q, 8, n->block, sizeof(n->block));
	col_copy(q, 9, n->end_to_end_id, sizeof(n->end_to_end_id));
	col_copy(q, 10, n->instruction_id, sizeof(n->instruction_id));
	col_copy(q, 11, n->mandate, sizeof(n->mandate));
	col_copy(q, 12, n->reason, sizeof(n->reason));
	col_copy(q, 18, n->problem, sizeof(n->problem));
	sha256_print(n->key, col_blob(q, 19, &size));
	snprintf(n->key + SHA256_TEXT - 1, sizeof(n->key) - SHA256_TEXT, "-%d",
	         (int)(col_int(q, 20) % 100000));
	col_copy(q, 21, n->collection, sizeof(n->collection));
	col_copy(q, 25, n->message_kind, sizeof(n->message_kind));
}

#define ENTRY_COLUMNS \
	SQL("e.number, e.message_number, m.input_number, e.line, e.kind, e.level, e.status, e.msg_id,"   \
	    "  e.payment_information_id, e.end_to_end_id, e.instruction_id, e.mandate_reference, e.reason,"  \
	    "  e.amount_in_cents, e.fee_in_cents, e.transactions, e.event_on, m.created_at, e.problem,"      \
	    "  e.fingerprint, e.occurrence, e.collection, e.file_number, e.rank, e.state, e.message_kind,"     \
	    "  e.fee_beside_in_cents")

/* The entry at place `nth` of entry_order. */
static bool
next_entry(struct run *r, int64_t nth, struct bank_entry *n)
{
	struct stmt *q = sql(r->db,
	    "SELECT " ENTRY_COLUMNS
	    " FROM entry_order o"
	    " JOIN bank_entry e ON e.number = o.number"
	    " JOIN bank_message m ON m.number = e.message_number"
	    " WHERE o.nth = $nth");

	bind_int(q, "$nth", nth);
	if (!row(q))
		return false;
	fill_entry(q, n);
	reset(q);
	return true;
}

/* All open entries, by day; then statuses as they were reported, bookings, and what takes them back. */
static void
order_open(struct run *r)
{
	exec(sql(r->db, "DELETE FROM entry_order"));
	exec(sql(r->db,
	    "INSERT INTO entry_order (nth, number)"
	    " SELECT row_number() OVER (ORDER BY e.event_on,"
	    "   CASE WHEN e.kind = 'status' THEN 0 WHEN e.kind IN ('credit', 'debit') THEN 1 ELSE 2 END,"
	    "   CASE WHEN e.kind = 'status' THEN m.created_at ELSE 0 END,"
	    "   CASE e.level WHEN 'file' THEN 0 WHEN 'block' THEN 1 ELSE 2 END,"
	    "   CASE WHEN e.kind = 'status' THEN 0 ELSE coalesce(e.file_number, 0) END,"
	    "   coalesce(e.end_to_end_id, ''), e.fingerprint, e.occurrence), e.number"
	    " FROM bank_entry e"
	    " JOIN bank_message m ON m.number = e.message_number"
	    " WHERE " BANKENTRY_IS_TRIED("e")));
}

/* The open entries of which it is not known what they mean. Once entries were applied, only a mandate can mean another debit. */
static void
order_unmatched(struct run *r, bool again)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO entry_order (nth, number)"
	    " SELECT row_number() OVER (ORDER BY event_on, coalesce(end_to_end_id, ''), fingerprint, occurrence),"
	    "  number"
	    " FROM bank_entry e"
	    " WHERE " BANKENTRY_IS_TRIED("e")
	    "  AND collection IS NULL AND file_number IS NULL AND problem IS NULL"
	    "  AND kind IN ('credit', 'return', 'debit', 'refund_return')"
	    "  AND (NOT $again OR mandate_reference IS NOT NULL)");

	exec(sql(r->db, "DELETE FROM entry_order"));
	bind_int(q, "$again", again);
	exec(q);
}

/* Returns how many were found. */
static int64_t
match_open(struct run *r, bool again)
{
	int64_t nth, found = 0;
	struct bank_entry n;

	order_unmatched(r, again);
	for (nth = 1; next_entry(r, nth, &n); nth++) {
		if (match(r, &n)) {
			bankentry_save_state(r, &n, BANKENTRY_NOTED);
			if (n.state == BANKENTRY_HELD)
				exception_close(r, "bank_entry", n.key);
			run_count(r, COUNT_BANK_ENTRIES_NOTED, 1);
		}
		found += n.collection[0] != '\0' || n.file != 0;
	}
	return found;
}

/* One pass over all open entries. Returns how many are still open. */
static int64_t
apply_open(struct run *r, bool last)
{
	struct fileaccount account = {0};
	struct bank_entry n;
	int64_t nth;

	order_open(r);
	bankmoney_begin(r);
	for (nth = 1; next_entry(r, nth, &n); nth++)
		apply(r, &n, last, &account);
	return value(sql(r->db, "SELECT count(*) FROM bank_entry e WHERE " BANKENTRY_IS_TRIED("e")), 0);
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

/* An entry may need one that comes later in the order (a sum for a file needs the rejects that it is net of). So passes are
 * repeated until one changes nothing, and nothing more is known of what entries mean; only the entries that are open then
 * become exceptions. */
void
bankentry_apply(struct run *r)
{
	int64_t open, before;

	tx_begin(r->db);
	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS entry_order ("
	    "  nth INTEGER NOT NULL PRIMARY KEY, number INTEGER NOT NULL)"));
	exec(sql(r->db,
	    "UPDATE bank_entry SET state = 'resolved'"
	    " WHERE state IN ('new', 'held') AND state = 'held' AND EXISTS"
	    "  (SELECT 1 FROM exception x WHERE x.kind = 'bank_entry' AND x.state = 'resolved'"
	    "    AND x.key = lower(hex(bank_entry.fingerprint)) || '-' || bank_entry.occurrence)"));
	plainbooking_apply(r);
	match_open(r, false);
	do {
		open = -1;
		do {
			before = open;
			open = apply_open(r, false);
		} while (open > 0 && open != before);
	} while ((open > 0 && match_open(r, true) > 0) || failure_review(r));
	if (open > 0)
		apply_open(r, true);
	refresh_files(r);
	tx_commit(r->db);
}

bool
bankentry_load(struct run *r, int64_t number, struct bank_entry *n)
{
	struct stmt *q = sql(r->db,
	    "SELECT " ENTRY_COLUMNS
	    " FROM bank_entry e"
	    " JOIN bank_message m ON m.number = e.message_number"
	    " WHERE e.number = $number");

	bind_int(q, "$number", number);
	if (!row(q))
		return false;
	fill_entry(q, n);
	reset(q);
	return true;
}

bool
bankentry_load_held(struct run *r, int64_t exception, struct bank_entry *n)
{
	struct stmt *q = sql(r->db,
	    "SELECT " ENTRY_COLUMNS
	    " FROM exception x"
	    " JOIN bank_entry e ON x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence"
	    " JOIN bank_message m ON m.number = e.message_number"
	    " WHERE x.number = $number AND x.kind = 'bank_entry' AND x.state = 'open' AND e.state = 'held'");

	bind_int(q, "$number", exception);
	if (!row(q))
		return false;
	fill_entry(q, n);
	reset(q);
	return n->kind != BANKENTRY_STATUS;
}
