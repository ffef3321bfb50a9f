/* attribution: an attributed transaction is posted once, for the member who was named, and stays with this member. */
#include "tests/flows.h"
#include "tests/held.h"

#include "stages/core/books/transfer.h"
#include "stages/core/cards/attribution.h"
#include "stages/core/cards/revocation.h"
#include "stages/core/engine/exception.h"

static int
open_with_members(void **state)
{
	return open_members(state, 3);
}

static struct swan_transaction
reported(const char *id, const char *type, const char *side, cents amount, const char *payment,
         const char *membership)
{
	return (struct swan_transaction){.id = id,
	                                 .type = type,
	                                 .side = side,
	                                 .status = "Booked",
	                                 .amount = amount,
	                                 .currency = "EUR",
	                                 .created_at = minute(10),
	                                 .updated_at = minute(20),
	                                 .payment_id = payment,
	                                 .reference = "E2E-77",
	                                 .account_membership_id = membership,
	                                 .execution_at = INSTANT_NONE,
	                                 .released_at = INSTANT_NONE,
	                                 .pending_end_at = INSTANT_NONE,
	                                 .booked_at = minute(3 * 24 * 60)};
}

static struct swan_transaction
reported_debit(const char *id, cents amount, const char *payment, const char *membership)
{
	return reported(id, "CardOutDebit", "Debit", amount, payment, membership);
}

static struct swan_transaction
reported_credit(cents amount)
{
	return reported("s", "SepaCreditTransferIn", "Credit", amount, NULL, NULL);
}

/* Balances, and for each payment its member, captured cents and key; for each transfer its member and cents. */
static const char *
picture(struct run *r)
{
	return read_picture(sql(r->db,
	    "SELECT (SELECT group_concat(balance_in_cents, ' ') FROM (SELECT balance_in_cents FROM profile ORDER BY number))"
	    " || ' |' || coalesce((SELECT group_concat(line, '') FROM (SELECT ' ' || profile_number || ':' ||"
	    "   captured_in_cents || ':' || CAST(swan_payment AS TEXT) AS line FROM card_payment ORDER BY swan_payment)), '')"
	    " || ' |' || coalesce((SELECT group_concat(line, '') FROM (SELECT ' ' || profile_number || ':' ||"
	    "   amount_in_cents AS line FROM credit_transfer ORDER BY bank_reference)), '')"));
}

/* Every balance is the sum of its rows, and every transaction is of the member of its payment. */
static void
check_books(struct run *r)
{
	assert_int_equal(
	    home_number(
		r,
		"SELECT count(*) FROM profile p WHERE balance_in_cents <> coalesce((SELECT sum(amount_in_cents)"
		" FROM balance_transaction b WHERE b.profile_number = p.number), 0)"),
	    0);
	assert_int_equal(home_number(r, "SELECT count(*) FROM swan_transaction t LEFT JOIN card_payment p"
	                                " ON p.key = t.payment WHERE p.key IS NULL"),
	                 0);
}

static void
credit_becomes_a_transfer_received(void **state)
{
	struct swan_transaction credit = reported_credit(5000);
	struct run *r = *state;

	post_or_hold_and(r, credit, "unattributed_credit");
	assert_string_equal(picture(r), "0 0 0 | |");
	assert_true(attribution_decide(r, 1, ADA, "her name is on it"));
	assert_string_equal(picture(r), "5000 0 0 | | 1:5000");
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM balance_transaction WHERE profile_number = 1 AND event = 4"
	                   " AND source_kind = 4 AND source = CAST('s' AS BLOB) AND input_number = 1"
	                   " AND line = 42 AND transaction_on = '2026-03-04' AND settled_session IS NULL"),
	    1);
	assert_int_equal(
	    home_number(r,
	                "SELECT count(*) FROM exception WHERE state = 'resolved' AND decision = 'attributed'"
	                " AND profile_number = 1 AND resolved_by = 'alice' AND why = 'her name is on it'"),
	    1);
	assert_int_equal(
	    home_number(
		r, "SELECT count(*) FROM attribution WHERE transaction_id = 's' AND id = CAST('s' AS BLOB)"
		   " AND profile_number = 1 AND attributed_by = 'alice' AND why = 'her name is on it'"),
	    1);
	check_books(r);
}

static void
say_bob(struct run *r)
{
	attribution_decide(r, 1, BOB, "his");
}

static void
say_not_ours(struct run *r)
{
	exception_resolve(r, 1, "not_ours", "as I see it");
}

static void
attribution_given_again_changes_nothing(void **state)
{
	struct swan_transaction credit = reported_credit(5000);
	struct run *r = *state;
	int64_t before;

	post_or_hold_and(r, credit, "unattributed_credit");
	assert_true(attribution_decide(r, 1, ADA, "hers"));
	before = store_changes(r->db);
	assert_false(attribution_decide(r, 1, ADA, "hers, I said"));
	post_or_hold_and(r, credit, "ok");
	assert_int_equal(store_changes(r->db), before);
	home_dies(r, say_bob, EXIT_OVERWRITE, "attributed to another member by alice");
	home_dies(r, say_not_ours, EXIT_OVERWRITE, "resolved as attributed by alice");
	assert_string_equal(picture(r), "5000 0 0 | | 1:5000");
}

static void
attribution_in_a_rehearsal_stores_nothing(void **state)
{
	struct swan_transaction credit = reported_credit(5000);
	struct run *r = *state;

	post_or_hold_and(r, credit, "unattributed_credit");
	home_rehearse(r);
	assert_true(attribution_decide(r, 1, ADA, "hers"));
	assert_string_equal(picture(r), "5000 0 0 | | 1:5000");
	home_reopen(r);
	assert_string_equal(picture(r), "0 0 0 | |");
	assert_int_equal(exception_count_open(r), 1);
}

/* A capture that comes under the membership to which the card has moved. */
static void
take_conflict(struct run *r)
{
	struct swan_transaction first = reported_debit("d", 4000, "P1", "m1"),
				late = reported_debit("e", 3000, "P1", "m2");

	post_or_hold_and(r, first, "ok");
	post_or_hold_and(r, late, "payment_conflict");
	assert_string_equal(picture(r), "-4000 0 0 | 1:4000:P1 |");
}

static void
conflict_is_attributed_to_the_member_of_the_payment(void **state)
{
	struct run *r = *state;

	take_conflict(r);
	assert_true(attribution_decide(r, 1, ADA, "reported late"));
	assert_string_equal(picture(r), "-7000 0 0 | 1:7000:P1 |");
	check_books(r);
}

static void
conflict_attributed_to_the_member_of_the_card_is_a_payment_of_its_own(void **state)
{
	struct run *r = *state;

	take_conflict(r);
	assert_true(attribution_decide(r, 1, BOB, "his by now"));
	assert_string_equal(picture(r), "-4000 -3000 0 | 1:4000:P1 2:3000:e |");
	check_books(r);
}

static void
say_cleo(struct run *r)
{
	attribution_decide(r, 1, CLEO, "cleo's");
}

static void
conflict_is_not_attributed_to_a_third_member(void **state)
{
	struct run *r = *state;

	take_conflict(r);
	home_dies(r, say_cleo, EXIT_REFUSED, "neither the payment nor the card belongs to this member");
	assert_string_equal(picture(r), "-4000 0 0 | 1:4000:P1 |");
	assert_int_equal(exception_count_open(r), 1);
	assert_int_equal(home_number(r, "SELECT count(*) FROM attribution"), 0);
}

static void
unknown_card_is_attributed_to_the_member_who_is_named(void **state)
{
	struct swan_transaction debit = reported_debit("d", 800, "P4", NULL), reversal = debit;
	struct run *r = *state;

	post_or_hold_and(r, debit, "unknown_card");
	assert_true(attribution_decide(r, 1, CLEO, "she has the ticket"));
	assert_string_equal(picture(r), "0 0 -800 | 3:800:P4 |");
	reversal.id = "r"; /* another transaction is another exception */
	reversal.type = "CardOutDebitReversal";
	reversal.side = "Credit";
	post_or_hold_and(r, reversal, "unknown_card");
	assert_true(attribution_decide(r, 2, CLEO, "and brought it back"));
	assert_string_equal(picture(r), "0 0 0 | 3:800:P4 |");
	check_books(r);
}

static void
all_versions_of_the_exception_are_posted(void **state)
{
	struct swan_transaction hold = reported_debit("a", 900, "P1", NULL), released = hold;
	struct run *r = *state;

	hold.type = released.type = "CardOutAuthorization";
	hold.status = "Pending";
	released.status = "Released";
	released.released_reason = "Expired";
	released.released_at = released.updated_at = minute(30);
	released.amount = 100;
	post_or_hold_and(r, released, "unknown_card");
	post_or_hold_and(r, hold, "unknown_card");
	assert_true(attribution_decide(r, 1, ADA, "hers"));
	assert_int_equal(home_number(r, "SELECT authorized_in_cents FROM card_payment WHERE status = 15"),
	                 900);
	assert_int_equal(home_number(r, "SELECT count(*) FROM balance_transaction WHERE event = 7"), 1);
}

static void
say_ada(struct run *r)
{
	attribution_decide(r, 1, ADA, "hers");
}

static void
versions_that_contradict_each_other_are_not_attributed(void **state)
{
	struct swan_transaction credit = reported_credit(5000), other = reported_credit(5001);
	struct run *r = *state;

	post_or_hold_and(r, credit, "unattributed_credit");
	post_or_hold_and(r, other, "unattributed_credit");
	home_dies(r, say_ada, EXIT_REFUSED, "amount_conflict");
	assert_string_equal(picture(r), "0 0 0 | |");
	assert_int_equal(exception_count_open(r), 1);
}

static void
say_ada_of_the_second(struct run *r)
{
	attribution_decide(r, 2, ADA, "hers");
}

static void
say_ada_of_the_third(struct run *r)
{
	attribution_decide(r, 3, ADA, "hers");
}

static void
exception_that_cannot_be_attributed_is_refused(void **state)
{
	static const struct exception entry = {
	    .kind = "bank_entry", .key = "k", .code = "no_collection", .message = "m", .record = "{}"};
	static const struct exception node = {.kind = "swan_node",
	                                      .key = "n",
	                                      .code = "invalid_amount",
	                                      .message = "amount \"12.345\" is not in whole cents",
	                                      .record = "{}"};
	struct swan_transaction debit = reported_debit("d", 800, "P4", "m1"),
				other = reported_debit("d", 801, "P4", "m1");
	struct run *r = *state;

	post_or_hold_and(r, debit, "ok");
	other.updated_at++;
	post_or_hold_and(r, other, "amount_conflict");
	exception_open(r, &entry);
	exception_open(r, &node);
	home_dies(r, say_ada, EXIT_REFUSED, "amount_conflict");
	home_dies(r, say_ada_of_the_second, EXIT_REFUSED,
	          "exception 2 (no_collection) cannot be attributed: it is not a Swan transaction");
	home_dies(
	    r, say_ada_of_the_third, EXIT_REFUSED,
	    "exception 3 (invalid_amount) cannot be attributed: the record cannot be read: amount \"12.345\"");
	assert_int_equal(exception_count_open(r), 3);
	assert_null(attribution_becomes("swan_transaction", "amount_conflict"));
	assert_null(attribution_becomes("bank_entry", "unknown_card"));
	assert_non_null(attribution_becomes("swan_transaction", "unknown_card"));
}

/* The member of the card is known now: post can do without the decision. */
static void
transaction_that_can_be_posted_is_not_attributed(void **state)
{
	struct swan_transaction debit = reported_debit("d", 800, "P4", "m9");
	struct run *r = *state;
	struct err e = {0};

	post_or_hold_and(r, debit, "unknown_card");
	assert_int_equal(membership_link(r, BOB, "m9", &e), 0);
	home_dies(r, say_ada, EXIT_REFUSED, "without a decision now: `alanpay post");
	assert_string_equal(picture(r), "0 0 0 | |");
	held_retry(r);
	assert_string_equal(picture(r), "0 -800 0 | 2:800:P4 |");
}

static void
newer_version_of_a_credit_is_the_same_or_opens_the_exception_again(void **state)
{
	struct swan_transaction credit = reported_credit(5000), newer = credit, older = credit;
	struct run *r = *state;

	post_or_hold_and(r, credit, "unattributed_credit");
	assert_true(attribution_decide(r, 1, ADA, "hers"));
	newer.updated_at = minute(60);
	post_or_hold_and(r, newer, "ok");
	older.updated_at = minute(15);
	older.status = "Pending"; /* it was not booked yet */
	post_or_hold_and(r, older, "ok");
	assert_int_equal(exception_count_open(r), 0);
	newer.amount = 4999;
	post_or_hold_and(r, newer, "amount_conflict");
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE number = 1 AND state = 'open'"
	                                " AND decision IS NULL AND profile_number = 1"),
	                 1);
	assert_int_equal(home_number(r, "SELECT count(*) FROM attribution WHERE why = 'hers'"), 1);
	held_retry(r);
	assert_int_equal(exception_count_open(r), 1);
	home_dies(r, say_ada, EXIT_REFUSED, "amount_conflict");
	assert_true(exception_resolve(r, 1, "accepted_loss", "a cent"));
	post_or_hold_and(r, newer, "amount_conflict");
	assert_int_equal(exception_count_open(r), 0); /* the decision is final */
	assert_string_equal(picture(r), "5000 0 0 | | 1:5000");
}

static void
credit_that_is_no_longer_booked_opens_the_exception_again(void **state)
{
	struct swan_transaction credit = reported_credit(5000);
	struct run *r = *state;

	post_or_hold_and(r, credit, "unattributed_credit");
	assert_true(attribution_decide(r, 1, ADA, "hers"));
	credit.status = "Canceled";
	credit.updated_at = minute(60);
	post_or_hold_and(r, credit, "no_longer_booked");
	assert_int_equal(exception_count_open(r), 1);
}

static void
newer_version_of_a_card_transaction_stays_with_the_member(void **state)
{
	struct swan_transaction late = reported_debit("e", 3000, "P1", "m2");
	struct run *r = *state;

	take_conflict(r);
	assert_true(attribution_decide(r, 1, BOB, "his by now"));
	late.updated_at = minute(60);
	post_or_hold_and(r, late, "ok");
	assert_string_equal(picture(r), "-4000 -3000 0 | 1:4000:P1 2:3000:e |");
	late.amount = 3001;
	late.updated_at = minute(70);
	post_or_hold_and(r, late, "amount_conflict");
	assert_int_equal(exception_count_open(r), 1);
	assert_string_equal(picture(r), "-4000 -3000 0 | 1:4000:P1 2:3000:e |");
	check_books(r);
}

/* It might be a chargeback: the decision of a person is not changed by what comes later. */
static void
credit_stays_a_transfer_when_its_payment_appears(void **state)
{
	struct swan_transaction credit =
				    reported("i", "InternalCreditTransferIn", "Credit", 1200, "P9", NULL),
				debit = reported_debit("d", 1200, "P9", "m2");
	struct run *r = *state;

	post_or_hold_and(r, credit, "unattributed_credit");
	assert_true(attribution_decide(r, 1, ADA, "Swan wrote so"));
	post_or_hold_and(r, debit, "ok");
	post_or_hold_and(r, credit, "ok");
	held_retry(r);
	assert_string_equal(picture(r), "1200 -1200 0 | 2:1200:P9 | 1:1200");
	check_books(r);
}

static bool
record_by_hand(struct run *r, cents amount, const char *reference)
{
	struct transfer t = {.profile = ADA,
	                     .amount = amount,
	                     .booked_on = date_in_paris(minute(3 * 24 * 60)),
	                     .reference = reference};
	bool is_new;

	tx_begin(r->db);
	is_new = transfer_record(r, &t);
	tx_commit(r->db);
	return is_new;
}

static void
record_its_reference(struct run *r)
{
	record_by_hand(r, 5000, "E2E-77");
}

static void
record_other_amount_of_its_id(struct run *r)
{
	record_by_hand(r, 5001, "s");
}

static void
same_money_by_hand_and_from_swan_is_posted_once(void **state)
{
	struct swan_transaction credit = reported_credit(5000);
	struct run *r = *state;

	post_or_hold_and(r, credit, "unattributed_credit");
	assert_true(attribution_decide(r, 1, ADA, "hers"));
	home_dies(r, record_its_reference, EXIT_REFUSED,
	          "alice recorded the same amount under the bank reference s");
	home_dies(r, record_other_amount_of_its_id, EXIT_REFUSED, "belongs to another transfer");
	assert_false(record_by_hand(r, 5000, "s"));
	assert_true(record_by_hand(r, 4000, "E2E-77")); /* another amount is another transfer */
	assert_string_equal(picture(r), "9000 0 0 | | 1:4000 1:5000");
}

static void
credit_recorded_by_hand_is_not_attributed(void **state)
{
	struct swan_transaction credit = reported_credit(5000);
	struct run *r = *state;

	assert_true(record_by_hand(r, 5000, "E2E-77"));
	post_or_hold_and(r, credit, "unattributed_credit");
	home_dies(r, say_ada, EXIT_REFUSED, "alice recorded the same amount under the bank reference E2E-77");
	assert_int_equal(exception_count_open(r), 1);
	assert_string_equal(picture(r), "5000 0 0 | | 1:5000");
}

static void
credit_recorded_by_hand_under_its_swan_id_opens_no_exception(void **state)
{
	struct swan_transaction credit = reported_credit(5000), other = credit;
	struct run *r = *state;

	post_or_hold_and(r, credit, "unattributed_credit");
	assert_true(record_by_hand(r, 5000, "s"));
	held_retry(r);
	assert_int_equal(exception_count_open(r), 0);
	post_or_hold_and(r, credit, "ok");
	other.amount = 5001;
	post_or_hold_and(r, other, "amount_conflict");
	assert_string_equal(picture(r), "5000 0 0 | | 1:5000");
}

/* Two transfers of one sender may have the same reference. */
static void
two_credits_with_one_reference_are_two_transfers(void **state)
{
	struct swan_transaction one = reported_credit(5000), two = reported_credit(5000);
	struct run *r = *state;

	two.id = "s2";
	post_or_hold_and(r, one, "unattributed_credit");
	post_or_hold_and(r, two, "unattributed_credit");
	assert_true(attribution_decide(r, 1, ADA, "hers"));
	assert_true(attribution_decide(r, 2, ADA, "hers too"));
	assert_string_equal(picture(r), "10000 0 0 | | 1:5000 1:5000");
}

static void
look_finds_the_members_to_whom_it_may_belong(void **state)
{
	struct swan_transaction nobody = reported_debit("x", 1, "P7", "m7");
	struct attribution_case c;
	struct run *r = *state;

	take_conflict(r);
	post_or_hold_and(r, nobody, "unknown_card");
	attribution_look(r, 1, &c);
	assert_int_equal(c.payer, ADA);
	assert_int_equal(c.holder, BOB);
	assert_string_equal(c.membership, "m2");
	attribution_look(r, 2, &c);
	assert_int_equal(c.payer, 0);
	assert_int_equal(c.holder, 0);
	assert_string_equal(c.membership, "m7");
}

/* The payment P1 gets n transactions that were moved to it. */
static void
move_many(struct run *r, int64_t n)
{
	struct stmt *q =
	    sql(r->db,
	    "WITH RECURSIVE one (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < $n)"
	    " INSERT INTO swan_transaction (key, id, moved_to, type, status, amount_in_cents,"
	    "  first_amount_in_cents, created_at, updated_at, input_number, line)"
	    " SELECT (16777216 * 3 + n) * 256 + 1, CAST('m' || n AS BLOB), p.key, t.type, t.status, 0, 0,"
	    "  t.created_at, t.updated_at, 1, 1"
	    " FROM one, card_payment p, swan_transaction t"
	    " WHERE p.swan_payment = CAST('P1' AS BLOB) AND t.id = CAST('d' AS BLOB)");

	bind_int(q, "$n", n);
	exec(q);
}

static void
what_was_moved_to_a_payment_counts_for_its_room(void **state)
{
	struct swan_transaction more = reported_debit("f", 100, "P1", "m1"), newer;
	struct run *r = *state;

	take_conflict(r);
	assert_true(attribution_decide(r, 1, BOB, "his by now"));
	assert_true(revocation_decide(r, 1, NULL, "a slip"));
	move_many(r, 253);
	post_or_hold_and(r, more, "ok");
	more.id = "g";
	post_or_hold_and(r, more, "too_large");
	home_dies(r, say_ada, EXIT_REFUSED, "too_large");
	newer = reported_debit("d", 4000, "P1", "m1"); /* of one that is in it */
	newer.updated_at = minute(60);
	post_or_hold_and(r, newer, "ok");
	assert_string_equal(picture(r), "-4100 0 0 | 1:4100:P1 2:3000:e |");
}

#define WITH_MEMBERS(test) cmocka_unit_test_setup_teardown(test, open_with_members, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_MEMBERS(credit_becomes_a_transfer_received),
	    WITH_MEMBERS(attribution_given_again_changes_nothing),
	    WITH_MEMBERS(attribution_in_a_rehearsal_stores_nothing),
	    WITH_MEMBERS(conflict_is_attributed_to_the_member_of_the_payment),
	    WITH_MEMBERS(conflict_attributed_to_the_member_of_the_card_is_a_payment_of_its_own),
	    WITH_MEMBERS(conflict_is_not_attributed_to_a_third_member),
	    WITH_MEMBERS(unknown_card_is_attributed_to_the_member_who_is_named),
	    WITH_MEMBERS(all_versions_of_the_exception_are_posted),
	    WITH_MEMBERS(versions_that_contradict_each_other_are_not_attributed),
	    WITH_MEMBERS(exception_that_cannot_be_attributed_is_refused),
	    WITH_MEMBERS(transaction_that_can_be_posted_is_not_attributed),
	    WITH_MEMBERS(newer_version_of_a_credit_is_the_same_or_opens_the_exception_again),
	    WITH_MEMBERS(credit_that_is_no_longer_booked_opens_the_exception_again),
	    WITH_MEMBERS(newer_version_of_a_card_transaction_stays_with_the_member),
	    WITH_MEMBERS(credit_stays_a_transfer_when_its_payment_appears),
	    WITH_MEMBERS(same_money_by_hand_and_from_swan_is_posted_once),
	    WITH_MEMBERS(credit_recorded_by_hand_is_not_attributed),
	    WITH_MEMBERS(credit_recorded_by_hand_under_its_swan_id_opens_no_exception),
	    WITH_MEMBERS(two_credits_with_one_reference_are_two_transfers),
	    WITH_MEMBERS(look_finds_the_members_to_whom_it_may_belong),
	    WITH_MEMBERS(what_was_moved_to_a_payment_counts_for_its_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
