/* settlement: what counts as recovered by its due date, what holds that back, and which files are overdue. */
#include "tests/frozen.h"

#include "formats/length.h"
#include "stages/core/bank/make.h"
#include "stages/core/bank/settlement.h"
#include "stages/core/engine/exception.h"

#define BY_DUE_DATE HOME_CONFIG "[bank]\nsettle_on = due_date\n"
#define BY_SILENCE  BY_DUE_DATE "settle_without_acceptance = yes\n"

static void
configure(struct run *r, const char *text)
{
	config_free(r->config);
	r->config = home_config(text);
}

/* A file of three debits, due on Tuesday 10 March 2026, that is marked as uploaded. */
static int
open_uploaded(void **state)
{
	struct run *r;

	frozen_open(state);
	r = *state;
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	home_exec(r, "UPDATE bank_file SET state = 'uploaded', uploaded_by = 'bob', uploaded_at = 0,"
	             " bank_reference = 'EB-1'");
	home_exec(
	    r,
	    "INSERT INTO bank_message (number, kind, msg_id, document, created_at, entries, repeated, of_others, input_number)"
	    " VALUES (1, 'pain.002', 'P1', 1, 0, 0, 0, 0, 1)");
	configure(r, BY_DUE_DATE);
	return 0;
}

/* As the night of that day does. */
static void
settle(struct run *r, const char *day)
{
	home_reopen(r);
	r->on = frozen_day(day);
	settlement_apply(r);
}

static const char *
states(struct run *r)
{
	return frozen_list(r, "SELECT state FROM collection ORDER BY end_to_end_id");
}

static const char *
overdue(struct run *r)
{
	return frozen_list(r, "SELECT coalesce(overdue || ' ' || overdue_on, 'no') FROM bank_file");
}

static void
accept_all(struct run *r)
{
	home_exec(r, "UPDATE collection SET state = 'accepted'");
	home_exec(r, "UPDATE debt SET status = 'executed' WHERE session_number = 1");
	home_exec(r, "UPDATE bank_file SET state = 'accepted'");
}

/* --- days --------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *collect_on, *settled, *paid, *answer, *booking;
} days[] = {
    {"2026-03-10", "2026-03-17", "2026-03-11", "2026-03-11", "2026-03-12"},
    {"2026-03-13", "2026-03-20", "2026-03-16", "2026-03-16", "2026-03-17"}, /* a Friday */
    {"2026-04-02", "2026-04-13", "2026-04-07", "2026-04-07", "2026-04-08"}, /* before Good Friday */
    {"2026-12-24", "2027-01-04", "2026-12-28", "2026-12-28", "2026-12-29"},
    {"2026-04-30", "2026-05-08", "2026-05-04", "2026-05-04", "2026-05-05"}, /* before 1 May */
};

static struct bankfile
file_due(const char *collect_on, enum collection_kind kind, enum bankfile_state state)
{
	return (struct bankfile){
	    .number = 1, .kind = kind, .state = state, .collect_on = frozen_day(collect_on)};
}

static void
settlement_day_counts_target_days(void **state)
{
	struct run *r = *state;
	struct bankfile f;
	size_t i;

	for (i = 0; i < LENGTH(days); i++) {
		f = file_due(days[i].collect_on, COLLECTION_DEBIT, BANKFILE_ACCEPTED);
		assert_int_equal(settlement_day(r, &f), frozen_day(days[i].settled));
		f.kind = COLLECTION_REFUND;
		assert_int_equal(settlement_day(r, &f), frozen_day(days[i].paid));
	}
	configure(r, BY_DUE_DATE "settle_after_days = 1\n");
	f = file_due("2026-03-13", COLLECTION_DEBIT, BANKFILE_ACCEPTED);
	assert_int_equal(settlement_day(r, &f), frozen_day("2026-03-16"));
	configure(r, HOME_CONFIG);
	assert_int_equal(settlement_day(r, &f), DATE_NONE);
}

/* Nothing is missing on the day before; from that day on it is. */
static void
misses_from(struct run *r, const struct bankfile *f, const char *day, enum settlement_missing what)
{
	r->on = frozen_day(day) - 1;
	assert_int_equal(settlement_find_missing(r, f), SETTLEMENT_COMPLETE);
	r->on++;
	assert_int_equal(settlement_find_missing(r, f), what);
	r->on += 400;
	assert_int_equal(settlement_find_missing(r, f), what);
}

static void
file_is_overdue_from_its_target_day_on(void **state)
{
	struct run *r = *state;
	struct bankfile f;
	size_t i;

	configure(r, HOME_CONFIG);
	for (i = 0; i < LENGTH(days); i++) {
		f = file_due(days[i].collect_on, COLLECTION_DEBIT, BANKFILE_UPLOADED);
		misses_from(r, &f, days[i].answer, SETTLEMENT_LACKS_ANSWER);
		f.state = BANKFILE_ACCEPTED;
		misses_from(r, &f, days[i].booking, SETTLEMENT_LACKS_BOOKING);
		f.state = BANKFILE_PARTIALLY_ACCEPTED;
		f.kind = COLLECTION_REFUND;
		misses_from(r, &f, days[i].booking, SETTLEMENT_LACKS_BOOKING);
	}
	f = file_due("2026-04-08", COLLECTION_DEBIT, BANKFILE_RELEASED); /* to be uploaded on 2 April */
	misses_from(r, &f, "2026-04-03", SETTLEMENT_LACKS_UPLOAD);
	/* part of it is booked, and the bank never accepted it */
	home_exec(
	    r, "UPDATE collection SET state = 'booked', booked_on = '2026-03-10' WHERE profile_number = 2");
	f = file_due("2026-03-10", COLLECTION_DEBIT, BANKFILE_UPLOADED);
	misses_from(r, &f, "2026-03-12", SETTLEMENT_LACKS_BOOKING);
}

static void
file_is_not_overdue_when_nothing_is_awaited(void **state)
{
	static const enum bankfile_state ended[] = {BANKFILE_GENERATED, BANKFILE_APPROVED,
	                                            BANKFILE_REJECTED,  BANKFILE_SETTLED,
	                                            BANKFILE_CANCELLED, BANKFILE_WITHDRAWN};
	struct run *r = *state;
	struct bankfile f;
	size_t i;

	r->on = frozen_day("2027-01-04");
	for (i = 0; i < LENGTH(ended); i++) {
		f = file_due("2026-03-10", COLLECTION_DEBIT, ended[i]);
		assert_int_equal(settlement_find_missing(r, &f), SETTLEMENT_COMPLETE);
	}
}

static void
due_date_awaits_an_answer_and_its_day(void **state)
{
	struct run *r = *state;
	struct bankfile f = file_due("2026-03-10", COLLECTION_DEBIT, BANKFILE_UPLOADED);

	misses_from(r, &f, "2026-03-11", SETTLEMENT_LACKS_ANSWER);
	assert_false(settlement_awaits_day(r, &f));
	f.state = BANKFILE_ACCEPTED;
	misses_from(r, &f, "2026-03-18", SETTLEMENT_IS_HELD);
	assert_true(settlement_awaits_day(r, &f));
	f.state = BANKFILE_UPLOADED;
	configure(r, BY_SILENCE);
	misses_from(r, &f, "2026-03-18", SETTLEMENT_IS_HELD);
	assert_true(settlement_awaits_day(r, &f));
}

/* --- settling ----------------------------------------------------------------------------------------------------- */

static void
accepted_debits_are_recovered_on_their_day(void **state)
{
	struct run *r = *state;

	accept_all(r);
	home_exec(r, "UPDATE collection SET state = 'rejected', live = 0, failed_on = '2026-03-09'"
	             " WHERE profile_number = 3");
	settle(r, "2026-03-16");
	assert_string_equal(states(r), "accepted;accepted;rejected;");
	settle(r, "2026-03-17");
	assert_string_equal(states(r), "booked;booked;rejected;");
	assert_string_equal(frozen_balances(r), "0;0;-10000;");
	assert_string_equal(frozen_list(r, "SELECT DISTINCT settled_on || ' ' || settled_by FROM collection"
	                                   " WHERE state = 'booked' AND booked_on IS NULL"),
	                    "2026-03-10 acceptance;");
	assert_string_equal(frozen_list(r, "SELECT state FROM bank_file"), "settled;");
	assert_int_equal(r->count[COUNT_DEBITS_SETTLED], 2);
	assert_false(r->held);
	settle(r, "2026-03-18");
	assert_int_equal(r->count[COUNT_DEBITS_SETTLED], 0);
	assert_string_equal(overdue(r), "no;");
}

static void
debits_without_acceptance_are_recovered_if_configured(void **state)
{
	struct run *r = *state;

	settle(r, "2026-03-17");
	assert_string_equal(states(r), "presented;presented;presented;");
	assert_string_equal(overdue(r), "answer 2026-03-17;");
	home_exec(r, "UPDATE collection SET state = 'accepted' WHERE profile_number = 2");
	configure(r, BY_SILENCE);
	settle(r, "2026-03-18");
	assert_string_equal(
	    frozen_list(r, "SELECT state || ' ' || settled_by FROM collection ORDER BY end_to_end_id"),
	    "booked silence;booked acceptance;booked silence;");
	assert_string_equal(overdue(r), "no;");
}

/* Only what the bank accepted: a list of rejects accepts nothing. */
static void
debits_beside_a_reject_are_not_recovered(void **state)
{
	struct run *r = *state;

	home_exec(r, "UPDATE bank_file SET state = 'partially_accepted'");
	home_exec(r, "UPDATE collection SET state = 'rejected', live = 0, failed_on = '2026-03-09'"
	             " WHERE profile_number = 3");
	settle(r, "2026-03-17");
	assert_string_equal(states(r), "presented;presented;rejected;");
	assert_false(r->held);
	settle(r, "2026-03-18");
	assert_true(r->held);
	assert_string_equal(overdue(r), "settlement 2026-03-18;");
}

/* On one home, rolled back after each: what stands against a settlement, and what becomes of the three debits. */
static const struct {
	const char *before, *states;
} obstacles[] = {
    {"UPDATE bank_file SET state = 'rejected'", "accepted;accepted;accepted;"},
    {"UPDATE bank_file SET state = 'withdrawn'", "accepted;accepted;accepted;"},
    {"UPDATE bank_file SET uploaded_by = NULL, uploaded_at = NULL, bank_reference = NULL",
     "accepted;accepted;accepted;"},
#define EXCEPTION(kind, key, code, input, profile)                                                                 \
	"INSERT INTO exception (number, kind, key, code, message, input_number, profile_number, state, opened_on)" \
	" VALUES (1, " kind ", " key ", " code ", 'why', " input ", " profile ", 'open', '2026-03-13')"
    {EXCEPTION("'bank_entry'", "'x-1'", "'duplicate_reject'", "1", "2"), "booked;accepted;booked;"},
    {EXCEPTION("'swan_transaction'", "'x-1'", "'unknown_type'", "1", "2"), "booked;booked;booked;"},
    {EXCEPTION("'file'", "'x-1'", "'not_xml'", "2", "NULL"), "accepted;accepted;accepted;"},
    {EXCEPTION("'file'", "'x-1'", "'not_json'", "1", "NULL"), "booked;booked;booked;"},
    {EXCEPTION("'bank_entry'", "printf('%064d-1', 0)", "'unknown_return'", "1", "NULL"),
     "accepted;accepted;accepted;"},
    {EXCEPTION("'bank_entry'", "printf('%064d-2', 0)", "'unknown_credit'", "1", "NULL"),
     "booked;booked;booked;"},
    {EXCEPTION("'bank_entry'", "printf('%064d-3', 0)", "'bulk_amount_differs'", "1", "NULL"),
     "accepted;accepted;accepted;"},
    {EXCEPTION("'bank_entry'", "printf('%064d-4', 0)", "'file_rejected'", "1", "NULL"),
     "booked;booked;booked;"},
};

#define ENTRY(number, kind, status, msg_id, state)                                                                \
	"INSERT INTO bank_entry (number, message_number, nth, line, kind, status, msg_id, event_on, fingerprint," \
	"  occurrence, message_kind, state) VALUES (" number ", 1, 1, 7, " kind ", " status ", " msg_id           \
	", '2026-03-12',"                                                                                         \
	" zeroblob(32), " number ", 'camt.054', " state ")"

static void
open_exception_holds_what_it_may_concern(void **state)
{
	struct run *r = *state;
	size_t i;

	accept_all(r);
	home_exec(
	    r, "INSERT INTO input (number, kind, name, sha256, size, state, kept_at, received_on)"
	       " VALUES (2, 'bank', 'a report', zeroblob(32), 0, 'refused', 'quarantine/r', '2026-03-12')");
	home_exec(r, ENTRY("1", "'return'", "'BOOK'", "NULL", "'held'"));
	home_exec(r, ENTRY("2", "'credit'", "'BOOK'", "NULL", "'held'"));
	home_exec(r, ENTRY("3", "'credit'", "'BOOK'", "'0badcafe-20260228-1-D1'", "'held'"));
	home_exec(r, ENTRY("4", "'status'", "'RJCT'", "'of another file'", "'held'"));
	for (i = 0; i < LENGTH(obstacles); i++) {
		home_reopen(r);
		r->on = frozen_day("2026-03-18");
		tx_begin(r->db);
		exec(sql(r->db, obstacles[i].before));
		settlement_apply(r);
		if (strcmp(states(r), obstacles[i].states) != 0)
			fail_msg("case %zu: %s instead of %s", i, states(r), obstacles[i].states);
		tx_rollback(r->db);
	}
}

/* A person decides, and the file is settled. */
static void
acceptance_with_a_change_is_decided_by_a_person(void **state)
{
	struct run *r = *state;

	accept_all(r);
	home_exec(r, ENTRY("1", "'status'", "'ACWC'", "'0badcafe-20260228-1-D1'", "'applied'"));
	home_exec(r, "UPDATE bank_entry SET reason = 'DT06', text = 'due 12 March'");
	settle(r, "2026-03-06");
	assert_true(r->held);
	assert_string_equal(frozen_list(r, "SELECT code || ' ' || record FROM exception"),
	                    "accepted_with_change {\"kind\":\"status\",\"status\":\"ACWC\",\"msg_id\":"
	                    "\"0badcafe-20260228-1-D1\",\"end_to_end_id\":null,\"reason_code\":\"DT06\","
	                    "\"text\":\"due 12 March\",\"booking_date\":\"2026-03-12\"};");
	settle(r, "2026-03-17");
	assert_string_equal(states(r), "accepted;accepted;accepted;");
	assert_int_equal(exception_count_open(r), 1);
	assert_true(exception_resolve(r, 1, "applied_elsewhere", "the bank collected on the day"));
	settle(r, "2026-03-18");
	assert_string_equal(states(r), "booked;booked;booked;");
	assert_int_equal(exception_count_open(r), 0);
}

static void
acceptance_of_one_with_a_change_holds_that_one(void **state)
{
	struct run *r = *state;

	accept_all(r);
	home_exec(r, ENTRY("1", "'status'", "'ACWC'", "'0badcafe-20260228-1-D1'", "'applied'"));
	home_exec(r, "UPDATE bank_entry SET level = 'debit', collection = '" FROZEN_ID("8") "'");
	settle(r, "2026-03-17");
	assert_string_equal(states(r), "booked;accepted;booked;");
	assert_int_equal(home_number(r, "SELECT profile_number FROM exception"), 2);
}

/* The bank moves what it accepts: it counts from that day on. Moved: of the three debits. */
struct move {
	const char *of, *to, *reason; /* of: "", or a condition on the entry */
	const char *moved, *on_17, *on_18;
};

static void
check_move(struct run *r, const struct move *m)
{
	struct stmt *q;

	home_reopen(r);
	tx_begin(r->db);
	home_exec(r, ENTRY("1", "'status'", "'ACWC'", "'0badcafe-20260228-1-D1'", "'applied'"));
	q = sql(r->db, "UPDATE bank_entry SET level = 'file', moved_on = $to");
	bind_text(q, "$to", m->to);
	exec(q);
	exec(sql(r->db, m->of));
	r->on = frozen_day("2026-03-17");
	settlement_apply(r);
	assert_string_equal(
	    frozen_list(r, "SELECT coalesce(moved_on, '-') FROM collection ORDER BY end_to_end_id"),
	    m->moved);
	assert_string_equal(states(r), m->on_17);
	r->on = frozen_day("2026-03-18");
	settlement_apply(r);
	assert_string_equal(states(r), m->on_18);
	tx_rollback(r->db);
}

#define NO_MORE   "UPDATE bank_entry SET line = 7"
#define OF_BOB    "UPDATE bank_entry SET level = 'debit', collection = '" FROZEN_ID("8") "'"
#define OF_BLOCK  "UPDATE bank_entry SET level = 'block', payment_information_id = '0badcafe-20260228-1-D1-1'"
#define NONE      "-;-;-;"
#define ACCEPTED  "accepted;accepted;accepted;"
#define RECOVERED "booked;booked;booked;"
#define TO_11     "2026-03-11;2026-03-11;2026-03-11;"

static void
acceptance_with_a_later_day_moves_the_settlement(void **state)
{
	static const struct move moves[] = {
	    {.of = NO_MORE, .to = "2026-03-11", .moved = TO_11, .on_17 = ACCEPTED, .on_18 = RECOVERED},
	    {.of = OF_BLOCK, .to = "2026-03-11", .moved = TO_11, .on_17 = ACCEPTED, .on_18 = RECOVERED},
	    {.of = OF_BOB,
	     .to = "2026-03-11",
	     .moved = "-;2026-03-11;-;",
	     .on_17 = "booked;accepted;booked;",
	     .on_18 = RECOVERED},
	    /* not understood: the day that was asked for, an earlier one, a Saturday, one far away */
	    {.of = NO_MORE, .to = "2026-03-10", .moved = NONE, .on_17 = ACCEPTED, .on_18 = ACCEPTED},
	    {.of = NO_MORE, .to = "2026-03-09", .moved = NONE, .on_17 = ACCEPTED, .on_18 = ACCEPTED},
	    {.of = NO_MORE, .to = "2026-03-14", .moved = NONE, .on_17 = ACCEPTED, .on_18 = ACCEPTED},
	    {.of = NO_MORE, .to = "2026-04-10", .moved = NONE, .on_17 = ACCEPTED, .on_18 = ACCEPTED},
	};
	struct run *r = *state;
	size_t i;

	accept_all(r);
	for (i = 0; i < LENGTH(moves); i++)
		check_move(r, &moves[i]);
}

/* As the bank wrote them, not as they were read. */
static void
the_last_report_of_a_day_counts(void **state)
{
	struct run *r = *state;

	accept_all(r);
	home_exec(
	    r,
	    "INSERT INTO bank_message (number, kind, msg_id, document, created_at, entries, repeated, of_others,"
	    "  input_number) VALUES (2, 'pain.002', 'P0', 1, -1, 0, 0, 0, 1)");
	home_exec(r, ENTRY("1", "'status'", "'ACWC'", "'0badcafe-20260228-1-D1'", "'applied'"));
	home_exec(r, ENTRY("2", "'status'", "'ACWC'", "'0badcafe-20260228-1-D1'", "'applied'"));
	home_exec(r, "UPDATE bank_entry SET level = 'file', moved_on = '2026-03-12'");
	home_exec(r, "UPDATE bank_entry SET message_number = 2, moved_on = '2026-03-13' WHERE number = 2");
	settle(r, "2026-03-06");
	assert_string_equal(frozen_list(r, "SELECT DISTINCT moved_on FROM collection"), "2026-03-12;");
	assert_int_equal(exception_count_open(r), 0);
}

/* Moved, and not booked: overdue two TARGET days after that day. */
static void
what_was_moved_is_overdue_later(void **state)
{
	struct run *r = *state;

	accept_all(r);
	configure(r, HOME_CONFIG);
	home_exec(r, ENTRY("1", "'status'", "'ACWC'", "'0badcafe-20260228-1-D1'", "'applied'"));
	home_exec(r, "UPDATE bank_entry SET level = 'file', moved_on = '2026-03-11'");
	settle(r, "2026-03-12");
	assert_string_equal(overdue(r), "no;");
	settle(r, "2026-03-13");
	assert_string_equal(overdue(r), "booking 2026-03-13;");
}

static void
booking_is_awaited_without_the_setting(void **state)
{
	struct run *r = *state;

	accept_all(r);
	configure(r, HOME_CONFIG);
	settle(r, "2026-04-15");
	assert_string_equal(states(r), "accepted;accepted;accepted;");
	assert_string_equal(overdue(r), "booking 2026-04-15;");
}

/* --- the watch ---------------------------------------------------------------------------------------------------- */

static void
night_that_finds_a_file_overdue_ends_with_3_once(void **state)
{
	struct run *r = *state;

	configure(r, HOME_CONFIG);
	settle(r, "2026-03-10");
	assert_false(r->held);
	settle(r, "2026-03-11");
	assert_true(r->held);
	assert_int_equal(r->count[COUNT_BANK_FILES_OVERDUE], 1);
	assert_string_equal(overdue(r), "answer 2026-03-11;");
	settle(r, "2026-03-11");
	assert_false(r->held);
	settle(r, "2026-03-12");
	assert_false(r->held);
	assert_string_equal(overdue(r), "answer 2026-03-11;");
	accept_all(r);
	settle(r, "2026-03-12"); /* another thing is missing now */
	assert_true(r->held);
	assert_string_equal(overdue(r), "booking 2026-03-12;");
	home_exec(r, "UPDATE bank_file SET state = 'settled'");
	settle(r, "2026-03-13");
	assert_false(r->held);
	assert_string_equal(overdue(r), "no;");
	assert_int_equal(r->count[COUNT_BANK_FILES_OVERDUE], 0);
}

static void
rehearsal_settles_nothing(void **state)
{
	struct run *r = *state;

	accept_all(r);
	home_reopen(r);
	home_rehearse(r);
	r->on = frozen_day("2026-03-17");
	settlement_apply(r);
	assert_int_equal(r->count[COUNT_DEBITS_SETTLED], 3);
	home_reopen(r);
	assert_string_equal(states(r), "accepted;accepted;accepted;");
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, open_uploaded, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_FILE(settlement_day_counts_target_days),
	    WITH_FILE(file_is_overdue_from_its_target_day_on),
	    WITH_FILE(file_is_not_overdue_when_nothing_is_awaited),
	    WITH_FILE(due_date_awaits_an_answer_and_its_day),
	    WITH_FILE(accepted_debits_are_recovered_on_their_day),
	    WITH_FILE(debits_without_acceptance_are_recovered_if_configured),
	    WITH_FILE(debits_beside_a_reject_are_not_recovered),
	    WITH_FILE(open_exception_holds_what_it_may_concern),
	    WITH_FILE(acceptance_with_a_change_is_decided_by_a_person),
	    WITH_FILE(acceptance_of_one_with_a_change_holds_that_one),
	    WITH_FILE(acceptance_with_a_later_day_moves_the_settlement),
	    WITH_FILE(the_last_report_of_a_day_counts),
	    WITH_FILE(what_was_moved_is_overdue_later),
	    WITH_FILE(booking_is_awaited_without_the_setting),
	    WITH_FILE(night_that_finds_a_file_overdue_ends_with_3_once),
	    WITH_FILE(rehearsal_settles_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
