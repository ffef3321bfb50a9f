/* as_told: where Swan reports otherwise than the books have it, a person lets Swan's report count, by a contra row. */
#include "tests/flows.h"
#include "tests/held.h"

#include "stages/core/books/transfer.h"
#include "stages/core/cards/as_told.h"
#include "stages/core/cards/attribution.h"
#include "stages/core/engine/exception.h"

static int
open_with_members(void **state)
{
	return open_members(state, 2);
}

static struct swan_transaction
reported(const char *id, const char *type, const char *side, cents amount)
{
	return (struct swan_transaction){.id = id,
	                                 .type = type,
	                                 .side = side,
	                                 .status = "Booked",
	                                 .amount = amount,
	                                 .currency = "EUR",
	                                 .created_at = minute(10),
	                                 .updated_at = minute(20),
	                                 .payment_id = "P1",
	                                 .account_membership_id =
	                                     strncmp(type, "CardOut", 7) == 0 ? "m1" : NULL,
	                                 .execution_at = INSTANT_NONE,
	                                 .released_at = INSTANT_NONE,
	                                 .pending_end_at = INSTANT_NONE,
	                                 .booked_at = INSTANT_NONE};
}

/* Balances, captured cents of each payment, and the rows of the ledger: event, cents, source kind. */
static const char *
picture(struct run *r)
{
	return read_picture(sql(r->db,
	    "SELECT (SELECT group_concat(balance_in_cents, ' ') FROM (SELECT balance_in_cents FROM profile ORDER BY number))"
	    " || ' |' || coalesce((SELECT group_concat(line, '') FROM (SELECT ' ' || captured_in_cents AS line"
	    "   FROM card_payment ORDER BY swan_payment)), '')"
	    " || ' |' || coalesce((SELECT group_concat(line, '') FROM (SELECT ' ' || event || ':' || amount_in_cents || ':'"
	    "   || source_kind AS line FROM balance_transaction ORDER BY key)), '')"));
}

static int64_t
number_of(struct run *r, const char *key)
{
	struct stmt *q = sql(r->db, "SELECT number FROM exception WHERE key = $key");

	bind_text(q, "$key", key);
	return value(q, -1);
}

static void
capture_reported_with_another_amount_becomes_that_amount(void **state)
{
	struct swan_transaction first = reported("d", "CardOutDebit", "Debit", 1000), later = first,
				last = first;
	struct run *r = *state;

	later.amount = 700;
	later.updated_at = minute(30);
	last.amount = 500;
	last.updated_at = minute(40);
	post_or_hold_and(r, first, "ok");
	post_or_hold_and(r, later, "amount_conflict");
	assert_string_equal(picture(r), "-1000 0 | 1000 | 1:-1000:1");
	assert_true(as_told_decide(r, 1, "the tip was taken off"));
	assert_string_equal(picture(r), "-700 0 | 700 | 1:-1000:1 1:300:8");
	assert_int_equal(exception_count_open(r), 0);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM correction WHERE swan_id = 'd' AND id = CAST('d' AS BLOB)"
	                   " AND nth = 1 AND profile_number = 1 AND moves_in_cents = -700"
	                   " AND corrected_by = 'alice' AND why = 'the tip was taken off'"),
	    1);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM balance_transaction WHERE source = CAST('d/1' AS BLOB)"
	                   " AND payment_number = 1 AND input_number = 1 AND line = 42"),
	    1);
	assert_false(as_told_decide(r, 1, "said before"));
	post_or_hold_and(r, later, "ok");
	post_or_hold_and(r, first, "ok");
	assert_string_equal(picture(r), "-700 0 | 700 | 1:-1000:1 1:300:8");
	post_or_hold_and(r, last, "amount_conflict");
	assert_true(as_told_decide(r, 1, "and more"));
	assert_string_equal(picture(r), "-500 0 | 500 | 1:-1000:1 1:300:8 1:200:8");
	post_or_hold_and(r, later, "ok");
	assert_int_equal(exception_count_open(r), 0);
}

/* A capture of 10.00, and a later version of it that is not booked. */
static void
report_capture_and_rejection(struct swan_transaction *first, struct swan_transaction *later)
{
	*first = *later = reported("d", "CardOutDebit", "Debit", 1000);
	later->status = "Rejected";
	later->updated_at = minute(30);
}

static void
capture_that_is_not_booked_any_more_is_taken_off(void **state)
{
	struct swan_transaction first, later;
	struct run *r = *state;

	report_capture_and_rejection(&first, &later);
	post_or_hold_and(r, first, "ok");
	post_or_hold_and(r, later, "no_longer_booked");
	assert_true(as_told_decide(r, 1, "rejected"));
	assert_string_equal(picture(r), "0 0 | 0 | 1:-1000:1 1:1000:8");
	post_or_hold_and(r, first, "ok");
	post_or_hold_and(r, later, "ok");
	later.status = "Booked"; /* after all */
	later.updated_at = minute(40);
	post_or_hold_and(r, later, "amount_conflict");
	assert_true(as_told_decide(r, 1, "booked after all"));
	assert_string_equal(picture(r), "-1000 0 | 1000 | 1:-1000:1 1:1000:8 1:-1000:8");
}

/* The files came the other way round: the later report counts. */
static void
older_booking_of_what_is_rejected_posts_nothing(void **state)
{
	struct swan_transaction booked, rejected;
	struct run *r = *state;

	report_capture_and_rejection(&booked, &rejected);
	post_or_hold_and(r, rejected, "ok");
	post_or_hold_and(r, booked, "no_longer_booked");
	assert_true(as_told_decide(r, 1, "rejected later"));
	assert_string_equal(picture(r), "0 0 | 0 |");
	post_or_hold_and(r, booked, "ok");
	assert_int_equal(exception_count_open(r), 0);
}

static void
transaction_of_a_new_type_is_posted_with_the_sign_of_its_side(void **state)
{
	struct swan_transaction debit = reported("u", "CardOutSomethingNew", "Debit", 1000),
				credit = reported("v", "CardOutSomethingNew", "Credit", 400),
				late = reported("w", "CardOutDebit", "Debit", 100);
	struct run *r = *state;

	post_or_hold_and(r, debit, "unknown_type");
	post_or_hold_and(r, credit, "unknown_type");
	assert_true(as_told_decide(r, 1, "a purchase"));
	assert_true(as_told_decide(r, 2, "of which some came back"));
	assert_string_equal(picture(r), "-600 0 | 0 | 1:-1000:8 1:400:8");
	post_or_hold_and(r, debit, "ok");
	debit.updated_at = minute(50);
	post_or_hold_and(r, debit, "ok"); /* the same money */
	late.status = "Deferred";
	post_or_hold_and(r, late, "unknown_status");
	assert_true(as_told_decide(r, 3, "it will be booked"));
	assert_string_equal(picture(r), "-600 0 | 0 | 1:-1000:8 1:400:8");
	late.status = "Booked";
	late.updated_at = minute(60);
	post_or_hold_and(r, late, "amount_conflict");
	assert_true(as_told_decide(r, 3, "now"));
	assert_string_equal(picture(r), "-700 0 | 100 | 1:-1000:8 1:400:8 1:-100:8");
}

/* A hold never moved money: what a person decided about it does not stop what Swan reports later. */
static void
hold_of_an_odd_status_goes_on_after_the_decision(void **state)
{
	struct swan_transaction hold = reported("a", "CardOutAuthorization", "Debit", 900);
	struct run *r = *state;

	hold.status = "Frozen";
	post_or_hold_and(r, hold, "unknown_status");
	assert_true(as_told_decide(r, 1, "it holds nothing"));
	hold.status = "Released";
	hold.released_reason = "Expired";
	hold.released_at = hold.updated_at = minute(60);
	post_or_hold_and(r, hold, "ok");
	assert_string_equal(picture(r), "0 0 | 0 | 7:0:1");
}

static struct swan_transaction
attributed(struct run *r, cents amount)
{
	struct swan_transaction in = reported("in", "SepaCreditTransferIn", "Credit", amount);

	in.payment_id = "P2";
	post_or_hold_and(r, in, "unattributed_credit");
	assert_true(attribution_decide(r, 1, ADA, "hers"));
	return in;
}

static struct swan_transaction
recall(const char *id, cents amount)
{
	struct swan_transaction back = reported(id, "SepaCreditTransferInRecall", "Debit", amount);

	back.payment_id = "P2";
	back.origin_transaction_id = "in";
	return back;
}

static void
transfer_becomes_what_swan_reports(void **state)
{
	struct run *r = *state;
	struct swan_transaction in = attributed(r, 1000), back = recall("b", 700);

	in.amount = 700;
	in.updated_at = minute(30);
	post_or_hold_and(r, in, "amount_conflict");
	assert_true(as_told_decide(r, number_of(r, "in"), "a fee was in it"));
	assert_string_equal(picture(r), "700 0 | | 4:1000:4 3:-300:8");
	post_or_hold_and(r, in, "ok");
	in.amount = 1000; /* after all */
	in.updated_at = minute(50);
	tx_begin(r->db);
	post_or_hold_and(r, in, "amount_conflict");
	assert_true(as_told_decide(r, number_of(r, "in"), "no fee was in it"));
	assert_string_equal(picture(r), "1000 0 | | 4:1000:4 3:-300:8 4:300:8");
	tx_rollback(r->db);
	post_or_hold_and(r, back, "ok"); /* of what is left of it */
	assert_string_equal(picture(r), "0 0 | | 4:1000:4 3:-300:8 3:-700:7");
	back.status = "Canceled";
	back.updated_at = minute(40);
	post_or_hold_and(r, back, "no_longer_booked");
	assert_true(as_told_decide(r, number_of(r, "b"), "the recall was called off"));
	assert_string_equal(picture(r), "700 0 | | 4:1000:4 3:-300:8 3:-700:7 4:700:8");
	assert_int_equal(exception_count_open(r), 0);
}

static void
say_as_told(struct run *r)
{
	as_told_decide(r, 1, "so be it");
}

static void
say_as_told_of_the_second(struct run *r)
{
	as_told_decide(r, 2, "so be it");
}

static void
recall_goes_back_to_the_cent_or_a_person_decides(void **state)
{
	struct run *r = *state;
	struct swan_transaction in = attributed(r, 1000), part = recall("b1", 400), more = recall("b2", 601),
				rest = recall("b3", 600);

	(void)in;
	post_or_hold_and(r, part, "take_back_conflict");
	assert_true(as_told_decide(r, 2, "a part"));
	assert_string_equal(picture(r), "600 0 | | 4:1000:4 3:-400:7");
	post_or_hold_and(r, part, "ok");
	post_or_hold_and(r, more, "take_back_conflict");
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM exception WHERE state = 'open' AND profile_number = 1"), 1);
	exception_resolve(r, 3, "accepted_loss", "a cent too much");
	post_or_hold_and(r, rest, "ok");
	assert_string_equal(picture(r), "0 0 | | 4:1000:4 3:-400:7 3:-600:7");
	rest.id = "b4"; /* reported twice */
	post_or_hold_and(r, rest, "take_back_conflict");
}

/* By the reference of the debit, or of the transfer that it names as its origin. */
static void
transfer_recorded_by_hand_is_taken_back_by_its_reference(void **state)
{
	struct swan_transaction in = reported("in", "SepaCreditTransferIn", "Credit", 1000),
				back = recall("b", 1000), other = recall("c", 300);
	struct transfer by_hand = {.profile = ADA, .amount = 1000, .booked_on = 20515, .reference = "E2E-78"},
			second = {.profile = BOB, .amount = 300, .booked_on = 20515, .reference = "E2E-79"};
	struct run *r = *state;

	in.payment_id = "P2";
	in.reference = "E2E-78";
	post_or_hold_and(r, in, "unattributed_credit");
	tx_begin(r->db);
	assert_true(transfer_record(r, &by_hand));
	assert_true(transfer_record(r, &second));
	tx_commit(r->db);
	exception_resolve(r, 1, "applied_elsewhere", "recorded by hand as E2E-78");
	post_or_hold_and(r, back, "ok");
	other.origin_transaction_id = NULL;
	other.reference = "E2E-79";
	post_or_hold_and(r, other, "ok");
	assert_string_equal(picture(r), "0 0 | | 4:1000:4 3:-1000:7 4:300:4 3:-300:7");
}

static void
more_than_was_given_is_not_taken_back(void **state)
{
	struct run *r = *state;
	struct swan_transaction in = attributed(r, 1000), back = recall("b", 1001);

	post_or_hold_and(r, back, "take_back_conflict");
	home_dies(r, say_as_told_of_the_second, EXIT_REFUSED,
	          "takes back more than is left of the transfer in");
	back.amount = 1000;
	back.id = "c";
	post_or_hold_and(r, back, "ok");
	in.amount = 900;
	in.updated_at = minute(30);
	post_or_hold_and(r, in, "amount_conflict");
	home_dies(r, say_as_told, EXIT_REFUSED, "more would have gone back of the transfer in than came");
	assert_string_equal(picture(r), "0 0 | | 4:1000:4 3:-1000:7");
}

static void
chargeback_is_lost_in_part_and_no_further(void **state)
{
	struct swan_transaction debit = reported("d", "CardOutDebit", "Debit", 1000),
				won = reported("i", "InternalCreditTransferIn", "Credit", 1000),
				lost = reported("l", "InternalCreditTransferInRecall", "Debit", 400),
				fee = reported("f", "FeesOut", "Debit", 601);
	struct run *r = *state;

	post_or_hold_and(r, debit, "ok");
	post_or_hold_and(r, won, "ok");
	post_or_hold_and(r, lost, "take_back_conflict");
	assert_true(as_told_decide(r, 1, "a part of it"));
	assert_string_equal(picture(r), "-400 0 | 1000 | 1:-1000:1 1:1000:1 1:-400:8");
	post_or_hold_and(r, lost, "ok");
	post_or_hold_and(r, fee, "take_back_conflict");
	home_dies(r, say_as_told_of_the_second, EXIT_REFUSED,
	          "takes back more than was given under its card payment");
	assert_string_equal(picture(r), "-400 0 | 1000 | 1:-1000:1 1:1000:1 1:-400:8");
}

static void
say_as_told_of_what_can_be_posted(struct run *r)
{
	struct err e = {0};

	membership_link(r, BOB, "m9", &e);
	as_told_decide(r, 1, "so be it");
}

static void
decision_that_does_not_fit_is_refused(void **state)
{
	struct swan_transaction unknown = reported("d", "CardOutDebit", "Debit", 1000);
	struct run *r = *state;

	unknown.account_membership_id = "m9";
	post_or_hold_and(r, unknown, "unknown_card");
	home_dies(r, say_as_told, EXIT_REFUSED,
	          "exception 1 (unknown_card) is not one of a report that contradicts");
	home_dies(r, say_as_told_of_what_can_be_posted, EXIT_REFUSED, "can be posted without a decision now");
	unknown.id = "e";
	unknown.payment_id = "P7";
	unknown.account_membership_id = "m7";
	unknown.type = "CardOutSomethingNew";
	post_or_hold_and(r, unknown, "unknown_type");
	home_dies(r, say_as_told_of_the_second, EXIT_REFUSED, "no member is known for this transaction");
	assert_null(as_told_becomes("swan_transaction", "unknown_card"));
	assert_null(as_told_becomes("bank_entry", "amount_conflict"));
	assert_non_null(as_told_becomes("swan_transaction", "amount_conflict"));
	assert_string_equal(picture(r), "0 0 | |");
}

static int64_t
member_of(struct run *r, const char *key)
{
	struct stmt *q = sql(r->db, "SELECT coalesce(profile_number, 0) FROM exception WHERE key = $key");

	bind_text(q, "$key", key);
	return value(q, -1);
}

/* So that the release of a file with that member waits. */
static void
exception_names_the_member_whenever_the_books_know_one(void **state)
{
	static const struct {
		const char *id, *type, *side, *status, *payment, *origin, *membership, *code;
		int64_t member;
	} held[] = {
	    {"x1", "CardOutSomethingNew", "Debit", "Booked", "P9", NULL, "m2", "unknown_type", BOB},
	    {"x2", "CardOutDebit", "Debit", "Booked", "P1", NULL, "m2", "payment_conflict", ADA},
	    {"x3", "CardOutDebit", "Debit", "Settled", "P9", NULL, "m2", "unknown_status", BOB},
	    {"x4", "FeesOut", "Debit", "Booked", "P1", NULL, NULL, "take_back_conflict", ADA},
	    {"x5", "FeesOut", "Debit", "Booked", NULL, "d", NULL, "take_back_conflict", ADA},
	    {"x6", "SepaCreditTransferIn", "Credit", "Booked", "P1", NULL, NULL, "unattributed_credit", ADA},
	    {"x7", "FeesIn", "Credit", "Booked", NULL, "d", NULL, "unattributed_credit", ADA},
	    {"x8", "CryptoOut", "Debit", "Booked", NULL, "d", NULL, "unknown_type", ADA},
	    {"x9", "SepaCreditTransferIn", "Credit", "Booked", "P8", NULL, NULL, "unattributed_credit", 0},
	    {"xa", "SepaCreditTransferInReturn", "Debit", "Booked", "P8", "y", NULL, "unattributed_debit", 0},
	    {"xb", "CardOutDebit", "Debit", "Booked", "P9", NULL, "m7", "unknown_card", 0},
	};
	struct swan_transaction debit = reported("d", "CardOutDebit", "Debit", 1000);
	struct run *r = *state;
	size_t i;

	post_or_hold_and(r, debit, "ok");
	for (i = 0; i < LENGTH(held); i++) {
		struct swan_transaction t = reported(held[i].id, held[i].type, held[i].side, 1000);

		t.status = held[i].status;
		t.payment_id = held[i].payment;
		t.origin_transaction_id = held[i].origin;
		t.account_membership_id = held[i].membership;
		post_or_hold_and(r, t, held[i].code);
		if (member_of(r, held[i].id) != held[i].member)
			fail_msg("%s names member %lld", held[i].id, (long long)member_of(r, held[i].id));
	}
	debit.amount = 700;
	debit.updated_at = minute(30);
	post_or_hold_and(r, debit, "amount_conflict");
	assert_int_equal(member_of(r, "d"), ADA);
}

static void
own_account_is_alans_unless_it_names_a_member(void **state)
{
	struct swan_transaction debit = reported("d", "CardOutDebit", "Debit", 1000),
				top_up = reported("t", "SepaCreditTransferIn", "Credit", 500000),
				back = top_up;
	struct run *r = *state;

	config_free(r->config);
	r->config = home_config(HOME_CONFIG "[swan]\nown_accounts = Alan SA\n");
	post_or_hold_and(r, debit, "ok");
	top_up.payment_id = NULL;
	top_up.counterparty = "ALAN SA";
	post_or_hold_and(r, top_up, "ok");
	back = top_up;
	back.id = "b";
	back.type = "SepaCreditTransferInReturn";
	back.side = "Debit";
	post_or_hold_and(r, back, "ok");
	top_up.id = "s";
	top_up.counterparty = "Alan Sands";
	post_or_hold_and(r, top_up, "unattributed_credit");
	back.payment_id = "P1";
	back.id = "c";
	post_or_hold_and(r, back, "take_back_conflict");
}

#define WITH_MEMBERS(test) cmocka_unit_test_setup_teardown(test, open_with_members, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_MEMBERS(capture_reported_with_another_amount_becomes_that_amount),
	    WITH_MEMBERS(capture_that_is_not_booked_any_more_is_taken_off),
	    WITH_MEMBERS(older_booking_of_what_is_rejected_posts_nothing),
	    WITH_MEMBERS(transaction_of_a_new_type_is_posted_with_the_sign_of_its_side),
	    WITH_MEMBERS(hold_of_an_odd_status_goes_on_after_the_decision),
	    WITH_MEMBERS(transfer_becomes_what_swan_reports),
	    WITH_MEMBERS(recall_goes_back_to_the_cent_or_a_person_decides),
	    WITH_MEMBERS(transfer_recorded_by_hand_is_taken_back_by_its_reference),
	    WITH_MEMBERS(more_than_was_given_is_not_taken_back),
	    WITH_MEMBERS(chargeback_is_lost_in_part_and_no_further),
	    WITH_MEMBERS(decision_that_does_not_fit_is_refused),
	    WITH_MEMBERS(exception_names_the_member_whenever_the_books_know_one),
	    WITH_MEMBERS(own_account_is_alans_unless_it_names_a_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
