/* bankstatus: see bankstatus.h. Writes nothing of its own, but takes the acceptances back that a reject overtakes. */
#include <string.h>

#include "formats/length.h"
#include "formats/text.h"
#include "stages/core/bank/bankmatch.h"
#include "stages/core/bank/bankstatus.h"
#include "stages/core/bank/failure.h"

/* What a status word means for us. */
enum meaning {
	MEANS_NOTHING, /* received, checked, waiting: the bank has not decided */
	MEANS_ACCEPTED,
	MEANS_PARTLY,
	MEANS_REJECTED,
	MEANS_OTHER_NAME, /* verification of payee: the bank waits for our decision */
	MEANS_UNKNOWN,
};

static const struct {
	const char *status;
	enum meaning meaning;
} meanings[] = {
    {"RCVD", MEANS_NOTHING},    {"ACTC", MEANS_NOTHING},  {"PDNG", MEANS_NOTHING},  {"RCVC", MEANS_NOTHING},
    {"RVMC", MEANS_NOTHING},    {"RVNA", MEANS_NOTHING},  {"RVCM", MEANS_NOTHING},  {"ACCP", MEANS_ACCEPTED},
    {"ACSP", MEANS_ACCEPTED},   {"ACSC", MEANS_ACCEPTED}, {"ACCC", MEANS_ACCEPTED}, {"ACWC", MEANS_ACCEPTED},
    {"ACFC", MEANS_ACCEPTED},   {"ACWP", MEANS_ACCEPTED}, {"PART", MEANS_PARTLY},   {"RJCT", MEANS_REJECTED},
    {"RVNM", MEANS_OTHER_NAME},
};

static enum meaning
find_meaning(const char *status)
{
	size_t i;

	for (i = 0; i < LENGTH(meanings); i++)
		if (strcmp(status, meanings[i].status) == 0)
			return meanings[i].meaning;
	return MEANS_UNKNOWN;
}

/* A status that is missing, or whose meaning nobody has decided. */
static bool
check_known(const struct bank_entry *n, enum meaning meaning, struct bank_outcome *o)
{
	if (n->status[0] == '\0')
		bankentry_hold(o, "status_missing", "the bank lists it without a status");
	else if (meaning == MEANS_UNKNOWN)
		bankentry_hold(o, "unknown_status", "the meaning of this status is not known");
	return o->state != BANKENTRY_HELD;
}

/* --- when the bank rejected it ------------------------------------------------------------------------------------ */

/* The rejects that may count, as in their index. */
#define REJECTS_THEN(e) \
	SQL_PART("JOIN bank_message m ON m.number = " e ".message_number"                                     \
	         " WHERE " e ".status = 'RJCT' AND " e ".state IN ('held', 'applied')")

/* A debit by its own status, or by that of its block. */
static instant
debit_rejected_at(struct run *r, const char *end_to_end_id)
{
	struct stmt *q = sql(r->db,
	    "SELECT max(created_at)"
	    " FROM ("
	    "  SELECT m.created_at"
	    "  FROM bank_entry e " REJECTS_THEN("e") " AND e.collection = $collection AND e.state = 'applied'"
	    "  UNION ALL"
	    "  SELECT m.created_at"
	    "  FROM collection c"
	    "  JOIN bank_block b ON b.file_number = c.file_number AND b.nth = c.block"
	    "  JOIN bank_entry o ON o.file_number = c.file_number AND o.collection IS NULL "
	    REJECTS_THEN("o")
	    "   AND c.end_to_end_id = $collection AND c.state = 'rejected' AND o.state = 'applied'"
	    "   AND o.level = 'block' AND o.payment_information_id = b.payment_information_id) AS reject");

	bind_text(q, "$collection", end_to_end_id);
	return value(q, INSTANT_NONE);
}

/* A file, or a block of several. */
static instant
file_rejected_at(struct run *r, const struct bank_entry *n, const char *block)
{
	struct stmt *q = sql(r->db,
	    "SELECT max(m.created_at)"
	    " FROM bank_entry e " REJECTS_THEN("e")
	    "  AND e.file_number = $file AND e.collection IS NULL"
	    "  AND ($block IS NULL OR (e.state = 'applied' AND e.payment_information_id = $block))");

	bind_int(q, "$file", n->file);
	bind_text(q, "$block", block);
	return value(q, INSTANT_NONE);
}

/* An acceptance of what is rejected: an older one is overtaken; a newer one is for a person to decide about. */
static void
apply_late_acceptance(const struct bank_entry *n, instant at, struct bank_outcome *o)
{
	if (at != INSTANT_NONE && n->reported_at < at)
		bankentry_note(o);
	else
		bankentry_hold(o, "accepted_after_reject",
		               "the bank accepted what it had rejected before: ask the bank which is right");
}

/* Statuses that came before the reject are looked at again, once: they may be later words of the bank. */
static void
reopen_statuses_of_debit(struct run *r, const char *end_to_end_id)
{
	struct stmt *q =
	    sql(r->db,
	    "UPDATE bank_entry SET state = 'new'"
	    " WHERE collection = $collection AND kind = 'status' AND state IN ('applied', 'noted')"
	    "  AND status <> 'RJCT'");

	bind_text(q, "$collection", end_to_end_id);
	exec(q);
}

static void
reopen_statuses(struct run *r, const struct bank_entry *n, const char *block)
{
	struct stmt *q = sql(r->db,
	    "UPDATE bank_entry SET state = 'new'"
	    " WHERE file_number = $file AND collection IS NULL AND kind = 'status'"
	    "  AND state IN ('applied', 'noted') AND status <> 'RJCT' AND ($block IS NULL OR payment_information_id = $block)");

	bind_int(q, "$file", n->file);
	bind_text(q, "$block", block);
	exec(q);
}

/* --- one debit or refund ------------------------------------------------------------------------------------------ */

/* Settled, and the bank has not booked it. */
static bool
is_by_due_date(const struct collection *c)
{
	return c->state == COLLECTION_BOOKED && c->booked_on == DATE_NONE && c->settled_on != DATE_NONE;
}

static void
reject_debit(struct run *r, const struct bank_entry *n, const struct collection *c, struct bank_outcome *o)
{
	if (bankentry_is_duplicate_reason(n->reason)) {
		if (c->state == COLLECTION_PRESENTED || c->state == COLLECTION_ACCEPTED || is_by_due_date(c))
			bankentry_hold(o, "duplicate_reject",
			               "the bank rejected it as a duplicate, and did not book the first one");
		else
			bankentry_note(o);
	} else if (c->state == COLLECTION_BOOKED && c->booked_on != DATE_NONE &&
	           !failure_comes_before_booking(r, n, c)) {
		bankentry_hold(o, "reject_after_booking",
		               "the bank rejected a debit or refund after it had booked it: money at risk");
	} else if (collection_has_failed(c)) {
		bankentry_note(o);
		failure_note(r, c);
	} else {
		if (c->state == COLLECTION_BOOKED)
			failure_reopen_booking(r, c);
		reopen_statuses_of_debit(r, c->end_to_end_id);
		collection_reject(r, c, n->reason[0] == '\0' ? "NARR" : n->reason, n->on, n->input, n->line);
		bankfile_report(r, c->file, BANKFILE_ONE_REJECTED);
	}
}

static void
apply_meaning_to_debit(struct run *r, const struct bank_entry *n, enum meaning meaning,
                       const struct collection *c, struct bank_outcome *o)
{
	switch (meaning) {
	case MEANS_ACCEPTED:
		if (c->state == COLLECTION_REJECTED)
			apply_late_acceptance(n, debit_rejected_at(r, c->end_to_end_id), o);
		else if (c->state == COLLECTION_PRESENTED)
			collection_accept(r, c);
		else
			bankentry_note(o);
		return;
	case MEANS_REJECTED:
		reject_debit(r, n, c, o);
		return;
	case MEANS_OTHER_NAME:
		if (c->state == COLLECTION_BOOKED || collection_has_failed(c))
			bankentry_note(o);
		else
			bankentry_hold(
			    o, "payee_name_differs",
			    "the member's bank says that the account has another holder: the bank waits for a decision");
		return;
	case MEANS_NOTHING:
	case MEANS_PARTLY:
	case MEANS_UNKNOWN:
		bankentry_note(o);
		return;
	}
}

static void
apply_to_debit(struct run *r, struct bank_entry *n, const struct bankfile *f, struct bank_outcome *o)
{
	enum meaning meaning = find_meaning(n->status);
	struct collection c;
	struct bankfile other;

	if (bankmatch_find(r, n, f->number, &c, &other) != BANKMATCH_COLLECTION) {
		bankentry_hold(o, "unknown_debit",
		               "the status names a debit or refund that is not in the file");
		return;
	}
	o->profile = c.profile;
	if (n->collection[0] == '\0') {
		text_copy(n->collection, sizeof(n->collection), c.end_to_end_id);
		bankmatch_save(r, n);
	}
	if (bankmatch_is_of_other_mandate(r, n, &c))
		bankentry_hold(o, "mandate_differs",
		               "the status names another mandate than that of the debit");
	else if (n->amount >= 0 && n->amount != c.amount)
		bankentry_hold(o, "amount_differs",
		               "the original amount in the status is not that of the debit or refund");
	else if (check_known(n, meaning, o))
		apply_meaning_to_debit(r, n, meaning, &c, o);
}

/* --- the file, or its block --------------------------------------------------------------------------------------- */

/* Open, or settled by its due date only. nth: in this block; 0: in all. */
static bool
has_unbooked(struct run *r, int64_t file, int nth)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT count(*) FROM collection c"
	    " WHERE c.file_number = $file AND $block IN (0, c.block)"
	    "  AND (" COLLECTION_IS_OPEN("c")
	    "   OR (c.state = 'booked' AND c.booked_on IS NULL AND c.settled_on IS NOT NULL))");

	bind_int(q, "$file", file);
	bind_int(q, "$block", nth);
	return value(q, 0) > 0;
}

static date
first_booking(struct run *r, int64_t file, int nth)
{
	struct stmt *q = sql(r->db,
	    "SELECT min(coalesce(booked_on, settled_on)) FROM collection"
	    " WHERE file_number = $file AND $block IN (0, block)");

	bind_int(q, "$file", file);
	bind_int(q, "$block", nth);
	return value_date(q);
}

static bool
next_presented(struct run *r, const struct bankfile *f, struct collection *c)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT end_to_end_id FROM collection"
	    " WHERE file_number = $file AND state = 'presented' AND end_to_end_id > $after"
	    " ORDER BY end_to_end_id LIMIT 1");

	bind_int(q, "$file", f->number);
	return collection_next(r, q, c);
}

static bool
next_open(struct run *r, const struct bankfile_block *b, struct collection *c)
{
	struct stmt *q = sql(r->db,
	    "SELECT end_to_end_id FROM collection"
	    " WHERE file_number = $file AND block = $block AND " COLLECTION_IS_OPEN("collection")
	    "  AND end_to_end_id > $after"
	    " ORDER BY end_to_end_id LIMIT 1");

	bind_int(q, "$file", b->file);
	bind_int(q, "$block", b->nth);
	return collection_next(r, q, c);
}

static void
accept_file(struct run *r, const struct bank_entry *n, const struct bankfile *f, struct bank_outcome *o)
{
	struct collection c = {0};

	if (f->state == BANKFILE_REJECTED) {
		apply_late_acceptance(n, file_rejected_at(r, n, NULL), o);
		return;
	}
	while (next_presented(r, f, &c))
		collection_accept(r, &c);
	bankfile_report(r, f->number, BANKFILE_IS_ACCEPTED);
}

/* A reject that changes nothing, or that a person must look at. nth: of the block that it is of; 0: the whole file. */
static bool
check_reject(struct run *r, const struct bank_entry *n, int64_t file, int nth, struct bank_outcome *o)
{
	date booked_on = first_booking(r, file, nth);
	bool open = has_unbooked(r, file, nth);

	if (bankentry_is_duplicate_reason(n->reason) && open)
		bankentry_hold(o, "duplicate_reject",
		               "the bank rejected the file as a duplicate, and did not book the first one");
	else if (bankentry_is_duplicate_reason(n->reason) ||
	         (!open && (booked_on == DATE_NONE || booked_on > n->on)))
		bankentry_note(o); /* or each was rejected alone, or the bank booked all, to the last debit */
	else if (booked_on != DATE_NONE)
		bankentry_hold(o, "reject_after_booking",
		               "the bank rejected a file of which it booked a part: money at risk");
	return o->state == BANKENTRY_APPLIED;
}

static void
reject_file(struct run *r, const struct bank_entry *n, const struct bankfile *f, struct bank_outcome *o)
{
	if (!check_reject(r, n, f->number, 0, o))
		return;
	if (n->state == BANKENTRY_NEW)
		reopen_statuses(r, n, NULL);
	collection_unaccept(r, f->number);
	bankfile_report(r, f->number, BANKFILE_IS_REJECTED);
	bankentry_hold(o, "file_rejected",
	               "the bank rejected the whole file: its debts stay as they are until a person decides");
}

/* The next entry of the same message is about what this one is made of. */
static bool
has_list(struct run *r, const struct bank_entry *n)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT CASE WHEN message_number = $message AND level IN ('debit', $block) THEN 1 ELSE 0 END"
	    " FROM bank_entry"
	    " WHERE number > $number"
	    " ORDER BY number LIMIT 1");

	bind_int(q, "$message", n->message);
	bind_int(q, "$number", n->number);
	bind_text(q, "$block", n->level == BANKENTRY_OF_FILE ? "block" : "debit");
	return value(q, 0) > 0;
}

/* The bank holds other content than that of our file, or of its block. */
static bool
check_totals(const struct bank_entry *n, enum meaning meaning, int64_t count, cents sum,
             struct bank_outcome *o)
{
	if (meaning == MEANS_NOTHING ||
	    ((n->transactions < 0 || n->transactions == count) && (n->amount < 0 || n->amount == sum)))
		return true;
	bankentry_hold(
	    o, "totals_differ",
	    "the number or the sum of the original file is not that of ours: the bank has other content");
	return false;
}

/* One of several blocks: its debits follow it one by one, and the other blocks are collected all the same. */
static void
apply_to_block(struct run *r, const struct bank_entry *n, const struct bankfile_block *b,
               struct bank_outcome *o)
{
	enum meaning meaning = find_meaning(n->status);
	struct collection c = {0};
	instant at;

	if (!check_known(n, meaning, o) || !check_totals(n, meaning, b->count, b->sum, o))
		return;
	if (meaning != MEANS_ACCEPTED && meaning != MEANS_REJECTED) {
		bankentry_note(o);
		return;
	}
	if (meaning == MEANS_REJECTED) {
		if (!check_reject(r, n, b->file, b->nth, o))
			return;
		reopen_statuses(r, n, b->payment_information_id);
	} else if ((at = file_rejected_at(r, n, b->payment_information_id)) != INSTANT_NONE) {
		apply_late_acceptance(n, at, o);
		return;
	}
	while (next_open(r, b, &c))
		apply_meaning_to_debit(r, n, meaning, &c, o);
	o->state = BANKENTRY_APPLIED;
}

static void
apply_to_file(struct run *r, const struct bank_entry *n, const struct bankfile *f, struct bank_outcome *o)
{
	enum meaning meaning = find_meaning(n->status);

	if (!check_known(n, meaning, o) || !check_totals(n, meaning, f->count, f->sum, o))
		return;
	switch (meaning) {
	case MEANS_ACCEPTED:
		accept_file(r, n, f, o);
		return;
	case MEANS_REJECTED:
		reject_file(r, n, f, o);
		return;
	case MEANS_PARTLY:
		if (has_list(r, n))
			bankentry_note(o);
		else
			bankentry_hold(o, "part_without_list",
			               "the bank accepted a part of the file, and does not say which part");
		return;
	case MEANS_OTHER_NAME:
		bankentry_hold(o, "payee_name_differs",
		               "the bank found other names for the accounts, and waits for a decision");
		return;
	case MEANS_NOTHING:
	case MEANS_UNKNOWN:
		bankentry_note(o);
		return;
	}
}

/* --- a withdrawn file --------------------------------------------------------------------------------------------- */

/* A debit of which a person has posted that the bank collected it. */
static bool
is_posted(struct run *r, const struct bank_entry *n, const struct bankfile *f)
{
	struct collection c;
	struct bankfile other;

	return f->state == BANKFILE_WITHDRAWN && n->level == BANKENTRY_OF_DEBIT &&
	       bankmatch_find(r, n, f->number, &c, &other) == BANKMATCH_COLLECTION && bankfile_gave(f, &c);
}

/* That the bank rejects the whole file, or accepts one of which a person has posted everything. */
static bool
is_expected(struct run *r, const struct bank_entry *n, const struct bankfile *f)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*) FROM collection"
	    " WHERE file_number = $file AND state IN ('cancelled', 'withdrawn')");

	if (n->level == BANKENTRY_OF_DEBIT || bankentry_is_duplicate_reason(n->reason))
		return false;
	if (strcmp(n->status, "RJCT") == 0)
		return true;
	bind_int(q, "$file", f->number);
	return value(q, 0) == 0;
}

/* --- every status ------------------------------------------------------------------------------------------------- */

void
bankstatus_apply(struct run *r, struct bank_entry *n, struct bank_outcome *o)
{
	struct bankfile f, of_block;
	struct bankfile_block block;

	if (!bankfile_find_msg_id(r, n->msg_id, &f)) {
		bankentry_hold_strange(o, "unknown_file", "the status names a file that was not made here");
		return;
	}
	if (n->file == 0) {
		n->file = f.number;
		if (n->level != BANKENTRY_OF_DEBIT)
			bankmatch_save(r, n);
	}
	if (!bankfile_was_given(&f) && !is_posted(r, n, &f)) {
		if (f.state == BANKFILE_WITHDRAWN && is_expected(r, n, &f))
			bankentry_note(o);
		else
			bankentry_hold(o, "unexpected_answer",
			               "the status names a file that was not given to the bank");
		return;
	}
	if (n->block[0] != '\0' &&
	    (!bankfile_find_block(r, n->block, &of_block, &block) || of_block.number != f.number)) {
		bankentry_hold(o, "unknown_file", "the status names a block that is not in that file");
		return;
	}
	if (n->level == BANKENTRY_OF_DEBIT)
		apply_to_debit(r, n, &f, o);
	else if (n->level == BANKENTRY_OF_BLOCK && n->block[0] != '\0' && block.count < f.count)
		apply_to_block(r, n, &block, o);
	else
		apply_to_file(r, n, &f, o);
}
