/* bankdecision: a person says what a held bank entry is; it is applied once, to that, or nothing is stored. */
#include "tests/frozen.h"

#include "formats/length.h"
#include "stages/core/bank/bankdecision.h"
#include "stages/core/bank/bankentry.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/make.h"

#define ADA    FROZEN_ID("4")
#define BOB    FROZEN_ID("8")
#define CYD    FROZEN_ID("c")
#define MSG_ID "0badcafe-20260228-1-D1"

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
	home_exec(r,
	          "INSERT INTO bank_message (number, kind, msg_id, document, created_at, entries, repeated,"
	          "  of_others, input_number)"
	          " VALUES (1, 'camt.054', 'N1', 1, 0, 0, 0, 0, 1)");
	return 0;
}

/* An entry that names nothing, which the night holds; its exception is the next number. */
static void
hold(struct run *r, const char *kind, cents amount)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO bank_entry (number, message_number, nth, line, kind, status, amount_in_cents, event_on,"
	    "  fingerprint, occurrence, message_kind, state)"
	    " SELECT count(*) + 1, 1, count(*) + 1, 7 + count(*), $kind, 'BOOK', $amount, '2026-03-10',"
	    "  randomblob(32), 1, 'camt.054', 'new' FROM bank_entry");

	bind_text(q, "$kind", kind);
	bind_int(q, "$amount", amount);
	exec(q);
	bankentry_apply(r);
	assert_string_equal(frozen_list(r, "SELECT state FROM bank_entry ORDER BY number DESC LIMIT 1"),
	                    "held;");
	r->as = "alice";
}

static bool
decide(struct run *r, int64_t exception, const char *decision, const char *end_to_end_id)
{
	return bankdecision_decide(
	    r, &exception, 1, &(struct bankdecision){.decision = decision, .end_to_end_id = end_to_end_id},
	    "why");
}

static const char *
states(struct run *r)
{
	return frozen_list(r, "SELECT state FROM collection ORDER BY end_to_end_id");
}

static void
bankdecision_posts_a_credit_once(void **state)
{
	struct run *r = *state;
	int64_t changes;

	hold(r, "credit", 990);
	assert_true(decide(r, 1, "credit", BOB));
	assert_string_equal(states(r), "presented;booked;presented;");
	assert_string_equal(
	    frozen_list(r, "SELECT state || ',' || decision || ',' || posted_to || ',' || why || ','"
	                   " || resolved_by || ',' || profile_number FROM exception"),
	    "resolved,credit," BOB ",why,alice,2;");
	assert_int_equal(home_number(r, "SELECT balance_in_cents FROM profile WHERE number = 2"), 0);
	changes = store_changes(r->db);
	assert_false(decide(r, 1, "credit", BOB));
	assert_int_equal(store_changes(r->db), changes);
	bankentry_apply(r); /* the next night */
	assert_string_equal(states(r), "presented;booked;presented;");
	assert_string_equal(frozen_list(r, "SELECT state FROM bank_entry"), "applied;");
}

static void
bankdecision_posts_a_return_and_its_reversal(void **state)
{
	struct run *r = *state;
	int64_t number;

	hold(r, "credit", 990);
	hold(r, "debit", 990);
	hold(r, "credit", 990);
	decide(r, home_number(r, "SELECT number FROM exception x WHERE line = 7"), "credit", BOB);
	number = home_number(r, "SELECT number FROM exception WHERE line = 8");
	assert_true(bankdecision_decide(
	    r, &number, 1,
	    &(struct bankdecision){.decision = "return", .end_to_end_id = BOB, .reason = "AC04"}, "why"));
	assert_string_equal(
	    frozen_list(r, "SELECT state || ',' || reason FROM collection WHERE profile_number = 2"),
	    "returned,AC04;");
	assert_int_equal(home_number(r, "SELECT balance_in_cents FROM profile WHERE number = 2"), -990);
	assert_true(
	    decide(r, home_number(r, "SELECT number FROM exception WHERE line = 9"), "reversal", BOB));
	assert_string_equal(states(r), "presented;booked;presented;");
	assert_int_equal(home_number(r, "SELECT balance_in_cents FROM profile WHERE number = 2"), 0);
}

static void
bankdecision_posts_a_fee_to_nobody(void **state)
{
	struct run *r = *state;

	hold(r, "debit", 350);
	assert_true(decide(r, 1, "fee", NULL));
	assert_false(decide(r, 1, "fee", NULL));
	assert_string_equal(states(r), "presented;presented;presented;");
	assert_string_equal(frozen_list(r, "SELECT kind || ',' || state FROM bank_entry"), "fee,applied;");
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE posted_to IS NULL"), 1);
}

static void
bankdecision_posts_a_whole_file(void **state)
{
	struct run *r = *state;
	struct bankdecision d = {.decision = "credit", .file = MSG_ID};

	hold(r, "credit", FROZEN_SUM);
	assert_true(bankdecision_decide(r, (int64_t[]){1}, 1, &d, "why"));
	assert_false(bankdecision_decide(r, (int64_t[]){1}, 1, &d, "why"));
	assert_string_equal(states(r), "booked;booked;booked;");
	assert_string_equal(frozen_list(r, "SELECT posted_to FROM exception"), MSG_ID ";");
}

static void
credit_ada(struct run *r)
{
	decide(r, 1, "credit", ADA);
}

/* Neither sum alone is the file; nothing else is. */
static void
credit_one_sum(struct run *r)
{
	bankdecision_decide(r, (int64_t[]){1}, 1,
	                    &(struct bankdecision){.decision = "credit", .file = MSG_ID}, "why");
}

static void
bankdecision_posts_the_sums_of_a_file_together(void **state)
{
	struct run *r = *state;
	struct bankdecision d = {.decision = "credit", .file = MSG_ID};
	static const int64_t both[] = {1, 2};

	hold(r, "credit", FROZEN_SUM - 5000);
	hold(r, "credit", 5000);
	home_dies(r, credit_one_sum, EXIT_REFUSED, "bulk_amount_differs");
	home_reopen(r);
	r->as = "alice";
	assert_true(bankdecision_decide(r, both, 2, &d, "why"));
	assert_string_equal(states(r), "booked;booked;booked;");
	assert_string_equal(frozen_list(r, "SELECT state FROM bank_entry"), "applied;applied;");
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE decision = 'credit'"), 2);
	assert_false(bankdecision_decide(r, both, 2, &d, "why"));
	home_dies(r, credit_ada, EXIT_OVERWRITE, "posted to " MSG_ID);
	/* each is the first report of its event, although one was tried twice */
	assert_int_equal(home_number(r, "SELECT max(rank) FROM bank_entry"), 1);
}

static void
return_bob(struct run *r)
{
	decide(r, 1, "return", BOB);
}

static void
credit_nobody(struct run *r)
{
	decide(r, 1, "credit", "0badcafe");
}

static void
credit_other_file(struct run *r)
{
	bankdecision_decide(r, (int64_t[]){1}, 1,
	                    &(struct bankdecision){.decision = "credit", .file = "other"}, "why");
}

static void
credit_whole_file(struct run *r)
{
	bankdecision_decide(r, (int64_t[]){1}, 1,
	                    &(struct bankdecision){.decision = "credit", .file = MSG_ID}, "why");
}

static void
decide_unknown(struct run *r)
{
	decide(r, 9, "credit", BOB);
}

static void
bankdecision_refuses_what_the_entry_cannot_be(void **state)
{
	struct run *r = *state;

	hold(r, "credit", 990);
	home_dies(r, credit_ada, EXIT_REFUSED, "nothing was posted");
	home_dies(r, return_bob, EXIT_REFUSED, "wrong_direction");
	home_dies(r, credit_nobody, EXIT_ABSENT, "no debit or refund has the end-to-end id 0badcafe");
	home_dies(r, credit_other_file, EXIT_ABSENT, "bank file other does not exist");
	home_dies(r, credit_whole_file, EXIT_REFUSED, "nothing was posted");
	home_dies(r, decide_unknown, EXIT_ABSENT, "exception 9 does not exist");
	home_reopen(r);
	assert_string_equal(states(r), "presented;presented;presented;");
	assert_string_equal(frozen_list(r, "SELECT state FROM exception"), "open;");
}

static void
bankdecision_is_final(void **state)
{
	struct run *r = *state;

	hold(r, "credit", 990);
	decide(r, 1, "credit", BOB);
	home_dies(r, credit_ada, EXIT_OVERWRITE, "posted to " BOB);
	home_dies(r, return_bob, EXIT_OVERWRITE, "resolved as credit");
}

/* What a second decision would book again: the money is at risk, and another command or the bank puts it right. */
static void
credit_bob_again(struct run *r)
{
	decide(r, 2, "credit", BOB);
}

static void
bankdecision_books_nothing_twice(void **state)
{
	struct run *r = *state;

	hold(r, "credit", 990);
	decide(r, 1, "credit", BOB);
	hold(r, "credit", 990);
	home_dies(r, credit_bob_again, EXIT_REFUSED, "second_credit");
}

static const char *
candidates(struct run *r, int64_t exception)
{
	static char text[1024];
	struct stmt *q = bankdecision_begin(r, exception);
	struct bankdecision_candidate c;

	text[0] = '\0';
	while (bankdecision_next(q, &c))
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %s%s;", c.decision, c.to,
		         c.wants_reason ? " why" : "");
	return text;
}

static void
bankdecision_finds_what_the_entry_may_be(void **state)
{
	struct run *r = *state;

	hold(r, "credit", 990);
	hold(r, "debit", 990);
	hold(r, "credit", FROZEN_SUM);
	hold(r, "credit", 991);
	home_exec(r, "UPDATE exception SET number = line - 6 + 100");
	assert_int_equal(bankdecision_look(r, 101), BANKDECISION_CREDIT);
	assert_int_equal(bankdecision_look(r, 102), BANKDECISION_DEBIT);
	assert_int_equal(bankdecision_look(r, 109), BANKDECISION_NONE);
	assert_string_equal(candidates(r, 101), "credit " BOB ";");
	assert_string_equal(candidates(r, 102), "return " BOB " why;");
	assert_string_equal(candidates(r, 103), "credit " MSG_ID ";");
	assert_string_equal(candidates(r, 104), "");
	decide(r, 101, "credit", BOB);
	assert_string_equal(candidates(r, 101), "");
	assert_string_equal(candidates(r, 102), "return " BOB " why;");
}

/* The bank does not say in which direction the money moved: only a person knows. */
static void
bankdecision_proposes_both_ways_without_a_direction(void **state)
{
	struct run *r = *state;

	home_exec(r,
	          "INSERT INTO bank_entry (number, message_number, nth, line, kind, status, amount_in_cents,"
	          "  event_on, problem, fingerprint, occurrence, message_kind, state)"
	          " VALUES (1, 1, 1, 7, 'other', 'BOOK', 990, '2026-03-10', 'no direction',"
	          "  randomblob(32), 1, 'camt.054', 'new')");
	bankentry_apply(r);
	r->as = "alice";
	assert_int_equal(bankdecision_look(r, 1), BANKDECISION_EITHER);
	assert_string_equal(candidates(r, 1), "credit " BOB ";return " BOB " why;");
	assert_true(decide(r, 1, "credit", BOB));
	assert_string_equal(states(r), "presented;booked;presented;");
}

/* Its file was withdrawn, and its debt carried: the bank collected it all the same. */
static void
bankdecision_finds_what_was_carried(void **state)
{
	struct run *r = *state;
	struct bankdecision_conflict c;

	home_exec(r, "PRAGMA ignore_check_constraints = ON");
	home_exec(r, "UPDATE bank_file SET state = 'withdrawn'");
	home_exec(r, "UPDATE collection SET state = 'cancelled', live = NULL");
	hold(r, "credit", 990);
	assert_false(bankdecision_find_conflict(r, 1, &c));
	home_exec(r, "UPDATE bank_entry SET collection = '" BOB "'");
	assert_false(bankdecision_find_conflict(r, 1, &c)); /* its debt is free */
	home_exec(r, "UPDATE debt SET status = 'failed', failure = 'withdrawn', recovered_in_cents = 0");
	assert_true(bankdecision_find_conflict(r, 1, &c));
	assert_string_equal(c.end_to_end_id, BOB);
	assert_int_equal(c.profile, 2);
	assert_int_equal(c.amount, 990);
}

#define UPLOADED(test) cmocka_unit_test_setup_teardown(test, open_uploaded, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    UPLOADED(bankdecision_posts_a_credit_once),
	    UPLOADED(bankdecision_posts_a_return_and_its_reversal),
	    UPLOADED(bankdecision_posts_a_fee_to_nobody),
	    UPLOADED(bankdecision_posts_a_whole_file),
	    UPLOADED(bankdecision_posts_the_sums_of_a_file_together),
	    UPLOADED(bankdecision_refuses_what_the_entry_cannot_be),
	    UPLOADED(bankdecision_is_final),
	    UPLOADED(bankdecision_books_nothing_twice),
	    UPLOADED(bankdecision_finds_what_the_entry_may_be),
	    UPLOADED(bankdecision_proposes_both_ways_without_a_direction),
	    UPLOADED(bankdecision_finds_what_was_carried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
