/* bankentry: entries are applied in the order in which they happened, noted, or held as an exception; none is lost. */
#include "tests/frozen.h"

#include "formats/length.h"
#include "stages/core/bank/bankentry.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/make.h"
#include "stages/core/engine/exception.h"

#define ADA    FROZEN_ID("4")
#define BOB    FROZEN_ID("8")
#define CYD    FROZEN_ID("c")
#define MSG_ID "0badcafe-20260228-1-D1"
#define BLOCK  MSG_ID "-1"

/* A file in the bank's hands, and a message for entries to come from. */
static int
open_uploaded(void **state)
{
	struct run *r;

	frozen_open(state);
	r = *state;
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	bankfile_set_state(r, 1, BANKFILE_UPLOADED);
	frozen_at(r, "2026-03-13T02:30:00Z");
	home_exec(
	    r,
	    "INSERT INTO bank_message (number, kind, msg_id, document, created_at, entries, repeated, of_others, input_number)"
	    " VALUES (1, 'camt.054', 'N1', 1, 0, 0, 0, 0, 1)");
	return 0;
}

struct reported {
	const char *kind, *level, *status, *id, *reason, *on;
	cents amount, fee;
	const char *msg_id, *block; /* NULL: those of the file for a status, none for a booking */
};

static void
report(struct run *r, const struct reported *t)
{
	bool status = strcmp(t->kind, "status") == 0;
	struct stmt *q = sql(
	    r->db,
	    "INSERT INTO bank_entry (number, message_number, nth, line, kind, level, status, msg_id, payment_information_id,"
	    "  end_to_end_id, amount_in_cents, fee_in_cents, event_on, reason, fingerprint, occurrence, message_kind, state)"
	    " SELECT count(*) + 1, 1, 1, 7, $kind, $level, $status, $msg, $block, $e2e, $amount, $fee, $on, $reason,"
	    "  randomblob(32), 1, 'camt.054', 'new' FROM bank_entry");

	bind_text(q, "$kind", t->kind);
	bind_text(q, "$level", t->level);
	bind_text(q, "$status", t->status);
	bind_text(q, "$msg", t->msg_id == NULL && status ? MSG_ID : t->msg_id);
	bind_text(q, "$block", t->block);
	bind_text(q, "$e2e", t->id);
	bind_int_or(q, "$amount", t->amount, 0); /* of a status none is reported */
	bind_int(q, "$fee", t->fee);
	bind_text(q, "$on", t->on == NULL ? "2026-03-10" : t->on);
	bind_text(q, "$reason", t->reason);
	exec(q);
}

/* As one night does. */
static void
apply(struct run *r)
{
	home_reopen(r);
	r->as = "nightly";
	bankentry_apply(r);
}

static void
report_and_apply(struct run *r, const struct reported *t)
{
	report(r, t);
	apply(r);
}

static const char *
states(struct run *r)
{
	return frozen_list(r, "SELECT state FROM collection ORDER BY end_to_end_id");
}

/* "applied", "noted" or the code it is held with, of the last entry. */
static const char *
outcome(struct run *r)
{
	return frozen_list(
	    r, "SELECT CASE WHEN e.state = 'held' THEN coalesce(x.code, 'held') ELSE e.state END"
	       " FROM bank_entry e LEFT JOIN exception x ON x.kind = 'bank_entry' AND x.state = 'open'"
	       "  AND x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence"
	       " ORDER BY e.number DESC LIMIT 1");
}

static const char *
file_state(struct run *r)
{
	return frozen_list(r, "SELECT state FROM bank_file");
}

/* --- each entry that the bank can report -------------------------------------------------------------------------- */

#define CREDIT(e2e, cents)                                                         \
	{                                                                          \
		.kind = "credit", .status = "BOOK", .id = (e2e), .amount = (cents) \
	}
#define RETURN(e2e, cents)                                                                           \
	{                                                                                            \
		.kind = "return", .status = "BOOK", .id = (e2e), .amount = (cents), .reason = "AM04" \
	}
#define STATUS(lev, word)                                          \
	{                                                          \
		.kind = "status", .level = (lev), .status = (word) \
	}
#define DEBIT(word, e2e, why)                                                                      \
	{                                                                                          \
		.kind = "status", .level = "debit", .status = (word), .id = (e2e), .reason = (why) \
	}

#define SETTLED_BOB                                                                                    \
	"UPDATE collection SET state = 'booked', settled_on = '2026-03-10', settled_by = 'acceptance'" \
	" WHERE profile_number = 2"
#define SETTLED_ALL \
	"UPDATE collection SET state = 'booked', settled_on = '2026-03-10', settled_by = 'acceptance'"

/* On one home, rolled back after each: the state before, the entry, and what becomes of it. */
static const struct {
	const char *before; /* SQL; NULL: presented, uploaded */
	struct reported entry;
	const char *outcome, *collections, *file;
} cases[] = {
    {NULL, STATUS("file", "ACCP"), "applied;", "accepted;accepted;accepted;", "accepted;"},
    {NULL, STATUS("block", "ACSP"), "applied;", "accepted;accepted;accepted;", "accepted;"},
    {NULL, STATUS("file", "ACTC"), "noted;", "presented;presented;presented;", "uploaded;"},
    {NULL, STATUS("file", "PART"), "part_without_list;", "presented;presented;presented;", "uploaded;"},
    {NULL, DEBIT("ACCP", BOB, NULL), "applied;", "presented;accepted;presented;", "uploaded;"},
    {NULL, DEBIT("RJCT", BOB, "AC04"), "applied;", "presented;rejected;presented;", "partially_accepted;"},
    {NULL, DEBIT("RJCT", BOB, "AM05"), "duplicate_reject;", "presented;presented;presented;", "uploaded;"},
    {NULL, DEBIT("PDNG", BOB, NULL), "noted;", "presented;presented;presented;", "uploaded;"},
    {NULL, CREDIT(BOB, 990), "applied;", "presented;booked;presented;", "accepted;"},
    {"UPDATE collection SET state = 'accepted'", CREDIT(BOB, 990), "applied;", "accepted;booked;accepted;",
     "accepted;"},
    {NULL, RETURN(BOB, 990), "applied;", "presented;returned;presented;", "accepted;"},
    {NULL,
     {.kind = "credit", .status = "BOOK", .amount = FROZEN_SUM, .msg_id = MSG_ID},
     "applied;",
     "booked;booked;booked;",
     "settled;"},
    {NULL,
     {.kind = "credit", .status = "BOOK", .amount = FROZEN_SUM, .block = BLOCK},
     "applied;",
     "booked;booked;booked;",
     "settled;"},
    {NULL,
     {.kind = "other", .status = "PDNG", .amount = 5},
     "noted;",
     "presented;presented;presented;",
     "uploaded;"},
    /* held */
    {NULL,
     {.kind = "debit", .status = "BOOK", .amount = 5},
     "unknown_entry;",
     "presented;presented;presented;",
     "uploaded;"},
    {NULL, DEBIT("RJCT", "unknown", "AC04"), "unknown_debit;", "presented;presented;presented;", "uploaded;"},
    {NULL,
     {.kind = "status", .level = "file", .status = "ACCP", .msg_id = "another"},
     "unknown_file;",
     "presented;presented;presented;",
     "uploaded;"},
    {"UPDATE bank_file SET state = 'approved'", STATUS("file", "ACCP"), "unexpected_answer;",
     "presented;presented;presented;", "approved;"},
    {"UPDATE bank_file SET state = 'generated'", DEBIT("RJCT", BOB, "AC04"), "unexpected_answer;",
     "presented;presented;presented;", "generated;"},
    {"UPDATE bank_file SET state = 'withdrawn'", STATUS("file", "RJCT"), "noted;",
     "presented;presented;presented;", "withdrawn;"},
    {NULL, STATUS("file", "RJCT"), "file_rejected;", "presented;presented;presented;", "rejected;"},
    {NULL, STATUS("block", "RJCT"), "file_rejected;", "presented;presented;presented;", "rejected;"},
    {"UPDATE collection SET state = 'booked', booked_on = '2026-03-10' WHERE profile_number = 2",
     STATUS("file", "RJCT"), "reject_after_booking;", "presented;booked;presented;", "uploaded;"},
    {"UPDATE collection SET state = 'booked', booked_on = '2026-03-10' WHERE profile_number = 2",
     DEBIT("RJCT", BOB, "AC04"), "reject_after_booking;", "presented;booked;presented;", "uploaded;"},
    /* settled by its due date: the bank's word counts as before */
    {SETTLED_BOB, CREDIT(BOB, 990), "applied;", "presented;booked;presented;", "accepted;"},
    {SETTLED_BOB, RETURN(BOB, 990), "applied;", "presented;returned;presented;", "accepted;"},
    {SETTLED_BOB, DEBIT("RJCT", BOB, "AC04"), "applied;", "presented;rejected;presented;",
     "partially_accepted;"},
    {SETTLED_BOB, DEBIT("RJCT", BOB, "AM05"), "duplicate_reject;", "presented;booked;presented;",
     "uploaded;"},
    {SETTLED_ALL, STATUS("file", "RJCT"), "reject_after_booking;", "booked;booked;booked;", "settled;"},
    {SETTLED_ALL,
     {.kind = "status", .level = "file", .status = "RJCT", .on = "2026-03-09"},
     "reject_after_booking;",
     "booked;booked;booked;",
     "settled;"},
    {SETTLED_ALL,
     {.kind = "status", .level = "file", .status = "RJCT", .reason = "AM05"},
     "duplicate_reject;",
     "booked;booked;booked;",
     "settled;"},
    {SETTLED_BOB, STATUS("file", "RJCT"), "reject_after_booking;", "presented;booked;presented;",
     "uploaded;"},
    {SETTLED_BOB,
     {.kind = "credit", .status = "BOOK", .amount = FROZEN_SUM, .msg_id = MSG_ID},
     "applied;",
     "booked;booked;booked;",
     "settled;"},
    {NULL, CREDIT("unknown", 990), "unknown_credit;", "presented;presented;presented;", "uploaded;"},
    {NULL, CREDIT(NULL, FROZEN_SUM), "unknown_credit;", "presented;presented;presented;", "uploaded;"},
    {NULL, CREDIT(BOB, 991), "amount_differs;", "presented;presented;presented;", "uploaded;"},
    {"UPDATE collection SET state = 'booked', booked_on = '2026-03-10' WHERE profile_number = 2",
     CREDIT(BOB, 990), "second_credit;", "presented;booked;presented;", "uploaded;"},
    {"UPDATE collection SET state = 'returned', live = 0, booked_on = '2026-03-10', failed_on = '2026-03-10'"
     " WHERE profile_number = 2",
     CREDIT(BOB, 990), "credit_after_failure;", "presented;returned;presented;", "uploaded;"},
    {"UPDATE collection SET state = 'rejected', live = 0, failed_on = '2026-03-10' WHERE profile_number = 2",
     CREDIT(BOB, 990), "credit_after_failure;", "presented;rejected;presented;", "uploaded;"},
    {NULL,
     {.kind = "credit", .status = "BOOK", .amount = FROZEN_SUM - 1, .msg_id = MSG_ID},
     "bulk_amount_differs;",
     "presented;presented;presented;",
     "uploaded;"},
    {NULL, RETURN("unknown", 990), "unknown_return;", "presented;presented;presented;", "uploaded;"},
    {NULL, RETURN(BOB, 1340), "amount_differs;", "presented;presented;presented;", "uploaded;"},
    {"UPDATE collection SET state = 'rejected', live = 0, failed_on = '2026-03-10' WHERE profile_number = 2",
     RETURN(BOB, 990), "second_return;", "presented;rejected;presented;", "uploaded;"},
    {NULL,
     {.kind = "credit", .status = "BOOK", .id = BOB, .amount = 990, .on = "2026-03-15"},
     "date_in_future;",
     "presented;presented;presented;",
     "uploaded;"},
    {NULL,
     {.kind = "credit", .status = "BOOK", .id = BOB, .amount = 990, .on = "2026-03-14"},
     "applied;",
     "presented;booked;presented;",
     "accepted;"},
    {"UPDATE bank_file SET state = 'approved'", CREDIT(BOB, 990), "unexpected_answer;",
     "presented;presented;presented;", "approved;"},
    {"UPDATE bank_file SET state = 'withdrawn'", RETURN(BOB, 990), "unexpected_answer;",
     "presented;presented;presented;", "withdrawn;"},
    {"UPDATE bank_file SET state = 'approved'",
     {.kind = "credit", .status = "BOOK", .amount = FROZEN_SUM, .msg_id = MSG_ID},
     "unexpected_answer;",
     "presented;presented;presented;",
     "approved;"},
    /* and what only repeats */
    {"UPDATE collection SET state = 'rejected', live = 0, failed_on = '2026-03-10' WHERE profile_number = 2",
     DEBIT("RJCT", BOB, "AC04"), "noted;", "presented;rejected;presented;", "uploaded;"},
    {"UPDATE collection SET state = 'booked', booked_on = '2026-03-10' WHERE profile_number = 2",
     DEBIT("ACCP", BOB, NULL), "noted;", "presented;booked;presented;", "uploaded;"},
};

static void
is_same(size_t i, const char *actual, const char *expected)
{
	if (strcmp(actual, expected) != 0)
		fail_msg("case %zu, a %s: %s instead of %s", i, cases[i].entry.kind, actual, expected);
}

static void
entry_is_applied_noted_or_held(void **state)
{
	struct run *r = *state;
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		home_reopen(r);
		tx_begin(r->db);
		if (cases[i].before != NULL)
			exec(sql(r->db, cases[i].before));
		report(r, &cases[i].entry);
		bankentry_apply(r);
		is_same(i, outcome(r), cases[i].outcome);
		is_same(i, states(r), cases[i].collections);
		is_same(i, file_state(r), cases[i].file);
		assert_int_equal(r->held,
		                 home_number(r, "SELECT count(*) FROM bank_entry WHERE state = 'held'"));
		assert_int_equal(exception_count_open(r),
		                 home_number(r, "SELECT count(*) FROM bank_entry WHERE state = 'held'"));
		tx_rollback(r->db);
	}
}

/* The bank got a cancelled file all the same: each entry for it is held, also when it has only an end-to-end id that no later
 * version has. */
static void
status_of_a_cancelled_file_is_held(void **state)
{
	static const struct reported answers[] = {
	    STATUS("file", "ACCP"),
	    STATUS("block", "RJCT"),
	    DEBIT("RJCT", BOB, "AC04"),
	    CREDIT(BOB, 990),
	    RETURN(BOB, 990),
	    {.kind = "credit", .status = "BOOK", .amount = FROZEN_SUM, .msg_id = MSG_ID},
	};
	struct run *r = *state;
	struct bankfile f;
	size_t i;

	bankfile_set_state(r, 1, BANKFILE_GENERATED);
	assert_true(bankfile_load(r, 1, &f));
	bankfile_cancel(r, &f, "why");
	for (i = 0; i < LENGTH(answers); i++) {
		report_and_apply(r, &answers[i]);
		assert_string_equal(outcome(r), "unexpected_answer;");
	}
	assert_string_equal(states(r), "cancelled;cancelled;cancelled;");
	assert_string_equal(file_state(r), "cancelled;");
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE profile_number = 2"), 2);
}

/* The next version has the same ids: a status that names the cancelled file is held, a debit id means the next version. */
static void
status_after_a_cancelled_file_is_of_the_next_version(void **state)
{
	struct run *r = *state;
	struct bankfile f;

	bankfile_set_state(r, 1, BANKFILE_GENERATED);
	assert_true(bankfile_load(r, 1, &f));
	bankfile_cancel(r, &f, "why");
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	bankfile_set_state(r, 2, BANKFILE_UPLOADED);
	report_and_apply(r, &(struct reported)DEBIT("RJCT", BOB, "AC04"));
	assert_string_equal(outcome(r), "unexpected_answer;");
	report_and_apply(r, &(struct reported)CREDIT(BOB, 990));
	assert_string_equal(outcome(r), "applied;");
	assert_string_equal(frozen_list(r, "SELECT file_number || ' ' || state FROM collection"
	                                   " WHERE profile_number = 2 ORDER BY 1"),
	                    "1 cancelled;2 booked;");
}

static void
return_may_include_the_fee_that_the_bank_reports(void **state)
{
	struct run *r = *state;

	report(r, &(struct reported)CREDIT(BOB, 990));
	report_and_apply(r, &(struct reported){.kind = "return",
	                                       .status = "BOOK",
	                                       .id = BOB,
	                                       .amount = 1340,
	                                       .fee = 350,
	                                       .reason = "MD01",
	                                       .on = "2026-03-12"});
	assert_string_equal(outcome(r), "applied;");
	assert_string_equal(
	    frozen_list(r, "SELECT state || ' ' || booked_on || ' ' || failed_on || ' ' || fee_in_cents"
	                   " || ' ' || reason FROM collection WHERE profile_number = 2"),
	    "returned 2026-03-10 2026-03-12 350 MD01;");
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
	assert_string_equal(frozen_list(r, "SELECT status FROM mandate ORDER BY number"),
	                    "active;blocked;active;");
}

static void
return_without_a_reason_gets_the_code_for_no_reason(void **state)
{
	struct run *r = *state;

	report_and_apply(r, &(struct reported){.kind = "return", .status = "BOOK", .id = BOB, .amount = 990});
	assert_string_equal(frozen_list(r, "SELECT reason FROM collection WHERE profile_number = 2"),
	                    "NARR;");
}

static void
bulk_credit_must_equal_what_is_still_open(void **state)
{
	struct run *r = *state;

	report(r, &(struct reported)DEBIT("RJCT", BOB, "AM04"));
	report_and_apply(r,
	                 &(struct reported){
			     .kind = "credit", .status = "BOOK", .amount = FROZEN_SUM - 990, .block = BLOCK});
	assert_string_equal(states(r), "booked;rejected;booked;");
	assert_string_equal(file_state(r), "settled;");
	assert_string_equal(frozen_balances(r), "0;-990;0;");
}

/* --- one order, whatever order it came in ------------------------------------------------------------------------- */

static void
entries_are_applied_by_their_day(void **state)
{
	struct run *r = *state;

	report(r, &(struct reported){
		      .kind = "return", .status = "BOOK", .id = ADA, .amount = 1250, .on = "2026-03-12"});
	report_and_apply(
	    r, &(struct reported){
		   .kind = "credit", .status = "BOOK", .id = ADA, .amount = 1250, .on = "2026-03-11"});
	assert_string_equal(states(r), "returned;presented;presented;");
	assert_int_equal(home_number(r, "SELECT count(*) FROM bank_entry WHERE state = 'applied'"), 2);
	assert_string_equal(frozen_list(r, "SELECT booked_on FROM collection WHERE profile_number = 1"),
	                    "2026-03-11;");
}

static void
day_comes_before_kind(void **state)
{
	struct run *r = *state;

	report(r, &(struct reported){
		      .kind = "status", .level = "debit", .status = "RJCT", .id = ADA, .on = "2026-03-12"});
	report_and_apply(
	    r, &(struct reported){
		   .kind = "credit", .status = "BOOK", .id = ADA, .amount = 1250, .on = "2026-03-11"});
	assert_string_equal(states(r), "booked;presented;presented;");
	assert_string_equal(frozen_list(r, "SELECT code FROM exception"), "reject_after_booking;");
}

static void
status_of_a_day_comes_before_its_money(void **state)
{
	struct run *r = *state;

	report(r, &(struct reported)CREDIT(ADA, 1250));
	report_and_apply(r, &(struct reported)DEBIT("RJCT", ADA, "AM04"));
	assert_string_equal(states(r), "rejected;presented;presented;");
	assert_string_equal(frozen_list(r, "SELECT code FROM exception"), "credit_after_failure;");
}

static void
entries_of_one_day_are_status_then_credit_then_return(void **state)
{
	struct run *r = *state;

	report(r, &(struct reported)RETURN(ADA, 1250));
	report(r, &(struct reported)CREDIT(ADA, 1250));
	report(r, &(struct reported)DEBIT("RJCT", BOB, "AM04"));
	report_and_apply(r, &(struct reported)STATUS("file", "ACCP"));
	assert_string_equal(states(r), "returned;rejected;accepted;");
	assert_int_equal(home_number(r, "SELECT count(*) FROM bank_entry WHERE state = 'applied'"), 4);
	assert_string_equal(file_state(r), "partially_accepted;");
}

/* An early entry may need a later one: the bulk credit here is net of a reject of the next day. */
static void
entries_that_need_later_ones_are_applied_in_the_same_night(void **state)
{
	struct run *r = *state;

	report(r, &(struct reported){.kind = "credit",
	                             .status = "BOOK",
	                             .amount = FROZEN_SUM - 990,
	                             .block = BLOCK,
	                             .on = "2026-03-11"});
	report_and_apply(
	    r, &(struct reported){
		   .kind = "status", .level = "debit", .status = "RJCT", .id = BOB, .on = "2026-03-12"});
	assert_string_equal(states(r), "booked;rejected;booked;");
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception"), 0);
	assert_false(r->held);
}

/* The debit that was rejected is booked, taken back, and that is taken back: the money is there, and a person must know. */
static void
return_of_a_rejected_debit_that_is_taken_back_is_held(void **state)
{
	struct run *r = *state;

	report(r, &(struct reported)DEBIT("RJCT", ADA, "AM04"));
	report(r, &(struct reported)CREDIT(ADA, 1250));
	report_and_apply(r, &(struct reported)RETURN(ADA, 1250));
	assert_int_equal(exception_count_open(r), 0);
	report_and_apply(
	    r, &(struct reported){
		   .kind = "refund_return", .status = "BOOK", .id = ADA, .amount = 1250, .on = "2026-03-12"});
	assert_string_equal(outcome(r), "reversal_after_reject;");
	assert_int_equal(exception_count_open(r), 1);
	assert_string_equal(states(r), "rejected;presented;presented;");
}

/* The same when the sum for the whole file booked it. */
static void
reversal_beside_the_sum_of_the_file_is_held(void **state)
{
	struct run *r = *state;

	report(r, &(struct reported)DEBIT("RJCT", ADA, "AM04"));
	report(r,
	       &(struct reported){.kind = "credit", .status = "BOOK", .amount = FROZEN_SUM, .block = BLOCK});
	report_and_apply(r, &(struct reported)RETURN(ADA, 1250));
	assert_int_equal(exception_count_open(r), 0);
	report_and_apply(
	    r, &(struct reported){
		   .kind = "refund_return", .status = "BOOK", .id = ADA, .amount = 1250, .on = "2026-03-12"});
	assert_string_equal(outcome(r), "reversal_after_reject;");
	apply(r);
	assert_int_equal(exception_count_open(r), 1);
}

static void
credit_reported_after_its_return_completes_it(void **state)
{
	struct run *r = *state;

	report_and_apply(r, &(struct reported)RETURN(ADA, 1250));
	report_and_apply(
	    r, &(struct reported){
		   .kind = "credit", .status = "BOOK", .id = ADA, .amount = 1250, .on = "2026-03-09"});
	assert_string_equal(outcome(r), "applied;");
	assert_string_equal(states(r), "returned;presented;presented;");
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
	report_and_apply(r, &(struct reported)CREDIT(ADA, 1250));
	assert_string_equal(outcome(r), "credit_after_failure;");
}

/* A second run does not change the rejected file. Once each of its debits is rejected in another message, nothing is open. */
static void
file_rejected_as_a_whole_stays_rejected(void **state)
{
	struct run *r = *state;

	report_and_apply(r, &(struct reported)STATUS("file", "RJCT"));
	assert_string_equal(file_state(r), "rejected;");
	apply(r);
	assert_string_equal(file_state(r), "rejected;");
	report(r, &(struct reported)DEBIT("RJCT", ADA, "AM04"));
	report(r, &(struct reported)DEBIT("RJCT", BOB, "AM04"));
	report_and_apply(r, &(struct reported)DEBIT("RJCT", CYD, "AM04"));
	assert_string_equal(file_state(r), "settled;");
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
}

/* --- held entries ------------------------------------------------------------------------------------------------- */

static void
held_entry_is_applied_once_it_fits(void **state)
{
	struct run *r = *state;

	bankfile_set_state(r, 1, BANKFILE_GENERATED);
	report_and_apply(r, &(struct reported)STATUS("file", "ACCP"));
	assert_string_equal(outcome(r), "unexpected_answer;");
	apply(r);
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception"), 1);
	assert_false(r->held);
	bankfile_set_state(r, 1, BANKFILE_RELEASED);
	apply(r);
	assert_string_equal(outcome(r), "applied;");
	assert_int_equal(exception_count_open(r), 0);
	assert_string_equal(states(r), "accepted;accepted;accepted;");
}

static void
exception_of_an_entry_has_the_whole_record(void **state)
{
	struct run *r = *state;

	report_and_apply(r, &(struct reported)RETURN(BOB, 1340));
	assert_string_equal(
	    frozen_list(
		r,
		"SELECT input_number || ' ' || line || ' ' || profile_number || ' ' || record FROM exception"),
	    "1 7 2 {\"kind\":\"return\",\"level\":null,\"status\":\"BOOK\",\"msg_id\":null,\"payment_information_id\":null,"
	    "\"end_to_end_id\":\"" BOB
	    "\",\"instruction_id\":null,\"mandate_reference\":null,\"reason_code\":\"AM04\",\"amount_in_cents\":1340,\"fee_in_cents\":0,"
	    "\"booking_date\":\"2026-03-10\"};");
}

static void
applied_entry_is_not_applied_again(void **state)
{
	struct run *r = *state;
	int64_t before;

	report(r, &(struct reported)CREDIT(ADA, 1250));
	report_and_apply(r, &(struct reported)RETURN(CYD, 10000));
	home_reopen(r);
	before = home_number(r, "SELECT count(*) FROM balance_transaction");
	bankentry_apply(r);
	assert_int_equal(home_number(r, "SELECT count(*) FROM balance_transaction"), before);
	assert_string_equal(states(r), "booked;presented;returned;");
	assert_string_equal(frozen_balances(r), "0;-990;-10000;");
}

#define UPLOADED(test) cmocka_unit_test_setup_teardown(test, open_uploaded, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    UPLOADED(entry_is_applied_noted_or_held),
	    UPLOADED(return_may_include_the_fee_that_the_bank_reports),
	    UPLOADED(status_of_a_cancelled_file_is_held),
	    UPLOADED(status_after_a_cancelled_file_is_of_the_next_version),
	    UPLOADED(return_without_a_reason_gets_the_code_for_no_reason),
	    UPLOADED(bulk_credit_must_equal_what_is_still_open),
	    UPLOADED(entries_are_applied_by_their_day),
	    UPLOADED(day_comes_before_kind),
	    UPLOADED(status_of_a_day_comes_before_its_money),
	    UPLOADED(entries_of_one_day_are_status_then_credit_then_return),
	    UPLOADED(entries_that_need_later_ones_are_applied_in_the_same_night),
	    UPLOADED(return_of_a_rejected_debit_that_is_taken_back_is_held),
	    UPLOADED(reversal_beside_the_sum_of_the_file_is_held),
	    UPLOADED(credit_reported_after_its_return_completes_it),
	    UPLOADED(file_rejected_as_a_whole_stays_rejected),
	    UPLOADED(held_entry_is_applied_once_it_fits),
	    UPLOADED(exception_of_an_entry_has_the_whole_record),
	    UPLOADED(applied_entry_is_not_applied_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
