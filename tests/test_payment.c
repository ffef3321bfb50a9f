/* payment: the ways a card payment goes, in every order in which its states may be told. */
#include "tests/home.h"

#include "stages/core/membership.h"
#include "stages/core/payment.h"
#include "stages/core/profile.h"

#define N(array)  (sizeof(array) / sizeof((array)[0]))
#define MOST      6
#define minute(n) (INT64_C(1772352000000) + (n)*INT64_C(60000)) /* from 2026-03-01T08:00:00Z */

struct state {
	const char *id, *payment, *type, *status;
	cents amount;
	int created, updated; /* minutes */
	const char *why;      /* of a rejection or release */
};

#define AUTH(id, status, amount, created, updated, why)                                 \
	{                                                                               \
		id, "P1", "CardOutAuthorization", status, amount, created, updated, why \
	}
#define PENDING(id, amount, created, updated)       AUTH(id, "Pending", amount, created, updated, NULL)
#define RELEASED(id, amount, created, updated, why) AUTH(id, "Released", amount, created, updated, why)
#define REJECTED(id, amount, created, updated, why) AUTH(id, "Rejected", amount, created, updated, why)
#define BOOKED(id, type, amount, created)                                \
	{                                                                \
		id, "P1", type, "Booked", amount, created, created, NULL \
	}
#define DEBIT(id, amount, created) BOOKED(id, "CardOutDebit", amount, created)

/* Of each payment: status, authorized/captured, minute, reason; then the balance, then what was posted by source. */
static const struct {
	const char *name;
	struct state state[MOST];
	const char *told;
} flows[] = {
    {"a hold", {PENDING("a", 10000, 0, 0)}, "P1 authorized 10000/0 @0 - | 0 |"},
    {"authorized, captured",
     {PENDING("a", 10000, 0, 0), RELEASED("a", 10000, 0, 30, "Captured"), DEBIT("d", 10000, 29)},
     "P1 captured 10000/10000 @0 - | -10000 | d captured -10000"},
    {"captured in part: Swan lowers the hold",
     {PENDING("a", 10000, 0, 0), DEBIT("d", 4000, 10), PENDING("a", 6000, 0, 11)},
     "P1 captured 10000/4000 @0 - | -4000 | d captured -4000"},
    {"the rest of it is released",
     {PENDING("a", 10000, 0, 0), DEBIT("d", 4000, 10), PENDING("a", 6000, 0, 11),
      RELEASED("a", 6000, 0, 50, "Expired")},
     "P1 captured 10000/4000 @0 - | -4000 | a released 0, d captured -4000"},
    {"captured three times, beyond the hold",
     {PENDING("a", 10000, 0, 0), DEBIT("d1", 4000, 10), DEBIT("d2", 5000, 20), PENDING("a", 1000, 0, 21),
      DEBIT("d3", 1700, 30), RELEASED("a", 0, 0, 31, "Captured")},
     "P1 captured 10000/10700 @0 - | -10700 | d1 captured -4000, d2 captured -5000,"
     " d3 captured -1700"},
    {"captured without a hold", {DEBIT("d", 2500, 5)}, "P1 captured 0/2500 @5 - | -2500 | d captured -2500"},
    {"captured before the hold was made",
     {DEBIT("d", 2500, 5), PENDING("a", 2500, 9, 9)},
     "P1 captured 2500/2500 @5 - | -2500 | d captured -2500"},
    {"expired",
     {PENDING("a", 900, 0, 0), RELEASED("a", 900, 0, 60, "Expired")},
     "P1 released 900/0 @0 - | 0 | a released 0"},
    {"authorized again after an advice",
     {PENDING("a1", 10000, 0, 0), RELEASED("a1", 10000, 0, 20, "AdviceReceived"),
      PENDING("a2", 12000, 19, 19), DEBIT("d", 12000, 40), RELEASED("a2", 0, 19, 41, "Captured")},
     "P1 captured 10000/12000 @0 - | -12000 | d captured -12000"},
    {"rejected, then a hold",
     {REJECTED("a1", 700, 3, 3, "InvalidPin"), PENDING("a2", 600, 5, 5)},
     "P1 authorized 700/0 @3 - | 0 | a1 rejected 0"},
    {"rejected online: only that is allowed in the store of these tests",
     {PENDING("a", 700, 3, 3), REJECTED("a", 700, 3, 4, "PartnerRefused")},
     "P1 rejected 700/0 @3 online_payment | 0 | a rejected 0"},
    {"rejected, then captured",
     {REJECTED("a1", 700, 3, 3, "InvalidPin"), PENDING("a2", 700, 5, 5), DEBIT("d", 700, 9)},
     "P1 captured 700/700 @3 - | -700 | a1 rejected 0, d captured -700"},
    {"rejected, then a hold that expired",
     {REJECTED("a1", 700, 3, 3, "PartnerRefused"), PENDING("a2", 800, 5, 5),
      RELEASED("a2", 800, 5, 9, "Expired")},
     "P1 rejected 700/0 @3 online_payment | 0 | a1 rejected 0, a2 released 0"},
    {"rejected twice: the last one tells why",
     {REJECTED("a1", 700, 3, 3, "PeriodAmountLimitExceeded"), REJECTED("a2", 600, 5, 5, "InvalidPin")},
     "P1 rejected 700/0 @3 other_reason | 0 | a1 rejected 0, a2 rejected 0"},
    {"reversed",
     {PENDING("a", 4000, 0, 0), DEBIT("d", 4000, 10), BOOKED("r", "CardOutDebitReversal", 4000, 20)},
     "P1 captured 4000/4000 @0 - | 0 | d captured -4000, r captured 4000"},
    {"refunded under another payment",
     {DEBIT("d", 4000, 10), {"c", "P2", "CardOutCredit", "Booked", 1500, 20, 20, NULL}},
     "P1 captured 0/4000 @10 -, P2 captured 0/0 @20 - | -2500 | c captured 1500, d captured -4000"},
    {"a refund taken back",
     {DEBIT("d", 4000, 10),
      {"c", "P2", "CardOutCredit", "Booked", 1500, 20, 20, NULL},
      {"x", "P2", "CardOutCreditReversal", "Booked", 1500, 30, 30, NULL}},
     "P1 captured 0/4000 @10 -, P2 captured 0/0 @20 - | -4000 | c captured 1500, d captured -4000,"
     " x captured -1500"},
    {"a chargeback that was won",
     {DEBIT("d", 4000, 10), BOOKED("i", "InternalCreditTransferIn", 4000, 90)},
     "P1 captured 0/4000 @10 - | 0 | d captured -4000, i captured 4000"},
    {"a card that was only asked about: EUR 0",
     {PENDING("a", 0, 0, 0), RELEASED("a", 0, 0, 9, "Captured")},
     "P1 released 0/0 @0 - | 0 |"},
    {"EUR 0 captured", {DEBIT("d", 0, 0)}, "P1 captured 0/0 @0 - | 0 | d captured 0"},
    {"no payment id: the transaction is its own",
     {{"d", NULL, "CardOutDebit", "Booked", 55, 7, 7, NULL}},
     "d captured 0/55 @7 - | -55 | d captured -55"},
};

static int
open_with_cards(void **state)
{
	struct err e = {0};
	bool created;

	home_open(state);
	home_input(*state);
	assert_int_equal(profile_declare(*state, "fr", "ada", 1, 1, &created), 1);
	assert_int_equal(profile_declare(*state, "fr", "bob", 1, 2, &created), 2);
	assert_int_equal(membership_link(*state, 1, "m1", &e), 0);
	assert_int_equal(membership_link(*state, 2, "m2", &e), 0);
	return 0;
}

static struct swan_transaction
transaction(const struct state *s)
{
	bool credit = strcmp(s->type, "CardOutDebitReversal") == 0 || strcmp(s->type, "CardOutCredit") == 0 ||
	              strcmp(s->type, "InternalCreditTransferIn") == 0;
	bool released = strcmp(s->status, "Released") == 0;

	return (struct swan_transaction){
	    .id = s->id,
	    .type = s->type,
	    .side = credit ? "Credit" : "Debit",
	    .status = s->status,
	    .amount = s->amount,
	    .currency = "EUR",
	    .created_at = minute(s->created),
	    .updated_at = minute(s->updated),
	    .execution_at = INSTANT_NONE,
	    .payment_id = s->payment,
	    .card_id = "c1",
	    .account_membership_id = strncmp(s->type, "CardOut", 7) == 0 ? "m1" : NULL,
	    .merchant_id = "M",
	    .merchant_name = "Caf\xc3\xa9",
	    .merchant_city = "Paris",
	    .merchant_country = "FRA",
	    .merchant_postal_code = "01000",
	    .merchant_category_code = "8011",
	    .merchant_category = "eCommerce",
	    .rejected_reason = released ? NULL : s->why,
	    .released_reason = released ? s->why : NULL,
	    .released_at = released ? minute(s->updated) : INSTANT_NONE,
	    .pending_end_at = INSTANT_NONE,
	    .booked_at = INSTANT_NONE,
	};
}

/* "ok", or the code it was held with. */
static const char *
apply(struct run *r, const struct swan_transaction *t)
{
	static struct err e;

	e = (struct err){.code = "ok"};
	return payment_apply(r, t, 1, 42, &e) == 0 ? "ok" : e.code;
}

static const char *
apply_state(struct run *r, const struct state *s)
{
	struct swan_transaction t = transaction(s);

	return apply(r, &t);
}

static const char *
picture(struct run *r)
{
	static char text[1024];
	struct stmt *q = sql(
	    r->db,
	    "WITH payments AS (SELECT CAST(p.payment AS TEXT) || ' ' || s.word || ' ' || p.authorized_in_cents || '/'"
	    "   || p.captured_in_cents || ' @' || ((p.effective_at - $start) / 60000) || ' ' || coalesce(x.word, '-') AS told"
	    "  FROM card_payment p JOIN code s ON s.number = p.status LEFT JOIN code x ON x.number = p.rejection"
	    "  ORDER BY p.payment),"
	    " posted AS (SELECT ' ' || CAST(b.source AS TEXT) || ' ' || replace(c.word, '_card_payment', '') || ' ' || b.amount_in_cents AS told"
	    "  FROM balance_transaction b JOIN code c ON c.number = b.event ORDER BY b.source, b.event)"
	    " SELECT coalesce((SELECT group_concat(told, ', ') FROM payments), '') || ' | ' ||"
	    "  (SELECT balance_in_cents FROM profile WHERE number = 1) || ' |' ||"
	    "  coalesce((SELECT group_concat(told) FROM posted), '')");

	bind_instant(q, "$start", minute(0));
	assert_true(row(q));
	assert_true(snprintf(text, sizeof(text), "%s", col_text(q, 0)) < (int)sizeof(text));
	reset(q);
	return text;
}

/* The sum is the balance, and the members' own counters count every row. */
static void
check_books(struct run *r)
{
	assert_int_equal(
	    home_number(
		r,
		"SELECT count(*) FROM profile p WHERE balance_in_cents <> coalesce((SELECT sum(amount_in_cents)"
		"   FROM balance_transaction b WHERE b.profile_number = p.number), 0)"
		"  OR last_transaction <> (SELECT count(*) FROM balance_transaction b"
		"   WHERE b.profile_number = p.number)"
		"  OR last_payment <> (SELECT count(*) FROM card_payment b WHERE b.profile_number = p.number)"),
	    0);
}

/* Whatever must not be left behind by what is held. */
static int64_t
traces(struct run *r)
{
	return home_number(
	    r, "SELECT (SELECT count(*) FROM swan_transaction) + (SELECT count(*) FROM card_payment)"
	       " + (SELECT count(*) FROM balance_transaction) + (SELECT count(*) FROM code)"
	       " + (SELECT coalesce(sum(last), 0) FROM counter)"
	       " + (SELECT sum(last_payment) + sum(last_transaction) FROM profile)"
	       " + (SELECT coalesce(sum(updated_at + amount_in_cents), 0) FROM swan_transaction)");
}

static size_t
states_of(size_t flow)
{
	size_t n = 0;

	while (n < MOST && flows[flow].state[n].id != NULL)
		n++;
	return n;
}

/* In this order; what is held is tried again after each, as post does. Then all of it once more. */
static void
play(struct run *r, size_t flow, const size_t order[], size_t n)
{
	bool done[MOST] = {false};
	size_t i, j;

	for (i = 0; i < n; i++) {
		done[i] = strcmp(apply_state(r, &flows[flow].state[order[i]]), "ok") == 0;
		for (j = 0; j < i; j++)
			if (!done[j])
				done[j] = strcmp(apply_state(r, &flows[flow].state[order[j]]), "ok") == 0;
	}
	for (i = 0; i < n; i++) {
		assert_true(done[i]);
		assert_string_equal(apply_state(r, &flows[flow].state[order[i]]), "ok");
	}
}

static bool
next_order(size_t order[], size_t n)
{
	size_t i = n - 1, j = n - 1, k;

	while (i > 0 && order[i - 1] >= order[i])
		i--;
	if (i == 0)
		return false;
	while (order[j] <= order[i - 1])
		j--;
	k = order[i - 1], order[i - 1] = order[j], order[j] = k;
	for (j = n - 1; i < j; i++, j--)
		k = order[i], order[i] = order[j], order[j] = k;
	return true;
}

static void
every_order_of_a_payment_tells_the_same(void **state)
{
	struct run *r = *state;
	size_t flow, n, order[MOST] = {0};

	for (flow = 0; flow < N(flows); flow++) {
		n = states_of(flow);
		for (size_t i = 0; i < n; i++)
			order[i] = i;
		do {
			tx_begin(r->db);
			play(r, flow, order, n);
			if (strcmp(picture(r), flows[flow].told) != 0)
				fail_msg("%s, in the order %zu %zu %zu %zu %zu %zu of %zu:\n%s\n%s",
				         flows[flow].name, order[0], order[1], order[2], order[3], order[4],
				         order[5], n, picture(r), flows[flow].told);
			check_books(r);
			tx_rollback(r->db);
		} while (next_order(order, n));
	}
}

static void
transaction_and_payment_are_kept_with_every_field(void **state)
{
	static const struct state hold = PENDING("a", 900, 0, 5), debit = DEBIT("d", 850, 70);
	struct run *r = *state;
	struct stmt *q;

	assert_string_equal(apply_state(r, &hold), "ok");
	assert_string_equal(apply_state(r, &debit), "ok");
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM card_payment WHERE profile_number = 1 AND number = 1"
	                   "  AND merchant_id = 'M' AND merchant_name = 'Caf\xc3\xa9'"
	                   "  AND merchant_city = 'Paris' AND merchant_country = 'FRA'"
	                   "  AND merchant_postal_code = '01000' AND merchant_category_code = '8011'"),
	    1);
	q = sql(r->db,
	        "SELECT payment_number, transaction_at, source_kind, input_number, line, session_number"
	        " FROM balance_transaction");
	assert_true(row(q));
	assert_int_equal(col_int(q, 0), 1);
	assert_true(col_instant(q, 1) == minute(70));
	assert_int_equal(col_int(q, 2), 1);
	assert_int_equal(col_int(q, 3), 1);
	assert_int_equal(col_int(q, 4), 42);
	assert_true(col_null(q, 5));
	assert_false(row(q));
	assert_int_equal(
	    home_number(
		r,
		"SELECT count(*) FROM swan_transaction t JOIN code y ON y.number = t.type"
		"  AND y.kind = 'swan_type' JOIN code s ON s.number = t.status AND s.kind = 'swan_status'"
		" WHERE t.profile_number = 1 AND t.input_number = 1 AND t.line = 42 AND reason IS NULL"
		"  AND ((y.word = 'CardOutDebit' AND s.word = 'Booked' AND amount_in_cents = 850)"
		"   OR (y.word = 'CardOutAuthorization' AND s.word = 'Pending' AND amount_in_cents = 900))"),
	    2);
	assert_int_equal(home_counted(r, "captured"), 1);
}

/* A category that the insurer allows is not why its partner refused. */
static void
rejection_asks_the_configuration_for_allowed_categories(void **state)
{
	static const struct state refused = REJECTED("a", 900, 0, 0, "PartnerRefused");
	struct swan_transaction t = transaction(&refused);
	struct run *r = *state;

	t.merchant_category = "InStore";
	apply(r, &t);
	assert_string_equal(picture(r), "P1 rejected 900/0 @0 other_reason | 0 | a rejected 0");
	config_free(r->config);
	r->config = home_config(HOME_CONFIG "[cards]\nallowed_merchant_categories = 5912\n");
	t.id = t.payment_id = "b";
	apply(r, &t);
	assert_string_equal(
	    picture(r), "P1 rejected 900/0 @0 other_reason, b rejected 900/0 @0 wrong_merchant_category | 0 |"
			" a rejected 0, b rejected 0");
}

static void
older_version_after_a_newer_changes_nothing(void **state)
{
	static const struct state newer = RELEASED("a", 900, 0, 60, "Expired"),
				  older = PENDING("a", 900, 0, 0);
	struct run *r = *state;

	apply_state(r, &newer);
	assert_true(value(sql(r->db, "SELECT transaction_at FROM balance_transaction"), 0) == minute(60));
	assert_string_equal(apply_state(r, &older), "ok");
	assert_string_equal(picture(r), "P1 released 900/0 @0 - | 0 | a released 0");
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM swan_transaction t JOIN code x ON x.number = t.reason"
	                   " WHERE x.word = 'Expired' AND (updated_at - created_at) / 60000 = 60"),
	    1);
}

static void
what_cannot_be_applied_leaves_no_trace(void **state)
{
	static const struct state debit = DEBIT("d", 4000, 10), other = DEBIT("d", 4001, 10),
				  later = DEBIT("e", 5, 11),
				  late = {"d", "P1", "CardOutDebit", "Booked", 3999, 10, 99, NULL},
				  chargeback = {"i", "P9", "InternalCreditTransferIn", "Booked", 4000, 90,
	                                        90,  NULL},
				  alone = {"j", NULL, "InternalCreditTransferIn", "Booked", 4000, 90,
	                                   90,  NULL};
	struct swan_transaction unknown = transaction(&later), future = unknown, moved = transaction(&debit),
				sepa = transaction(&alone);
	struct run *r = *state;
	int64_t before;

	assert_string_equal(apply_state(r, &debit), "ok");
	before = traces(r);
	unknown.account_membership_id = "m9";
	unknown.card_id = "c9";
	unknown.status = "A new status";
	assert_string_equal(apply(r, &unknown), "unknown_card");
	unknown.account_membership_id = unknown.card_id = NULL;
	assert_string_equal(apply(r, &unknown), "unknown_card");
	assert_string_equal(apply_state(r, &other), "amount_conflict");
	assert_string_equal(apply_state(r, &late), "amount_conflict");
	moved.account_membership_id = "m2";
	assert_string_equal(apply(r, &moved), "payment_conflict");
	assert_string_equal(apply_state(r, &chargeback), "unattributed_credit");
	assert_string_equal(apply_state(r, &alone), "unattributed_credit");
	sepa.type = "SepaCreditTransferIn";
	assert_string_equal(apply(r, &sepa), "unattributed_credit");
	sepa.payment_id = "P1"; /* no chargeback, whatever it names */
	assert_string_equal(apply(r, &sepa), "unattributed_credit");
	future.created_at = minute(5 * 24 * 60);
	assert_string_equal(apply(r, &future), "date_in_future");
	assert_int_equal(traces(r), before);
	assert_string_equal(picture(r), "P1 captured 0/4000 @10 - | -4000 | d captured -4000");
	assert_false(tx_open(r->db));
}

static void
card_held_as_unknown_is_posted_once_it_is_known(void **state)
{
	static const struct state debit = DEBIT("d", 4000, 10);
	struct swan_transaction t = transaction(&debit);
	struct run *r = *state;
	struct err e = {0};

	t.account_membership_id = "m9";
	assert_string_equal(apply(r, &t), "unknown_card");
	assert_int_equal(membership_link(r, 1, "m9", &e), 0);
	assert_string_equal(apply(r, &t), "ok");
	assert_string_equal(picture(r), "P1 captured 0/4000 @10 - | -4000 | d captured -4000");
}

static void
what_is_no_members_is_passed_over(void **state)
{
	static const struct state fee = {"f", NULL, "FeesOut", "Booked", 4000, 90, 90, NULL},
				  out = {"o", "P1", "SepaCreditTransferOut", "Booked", 4000, 90, 90, NULL},
				  coming = {"i", "P1", "InternalCreditTransferIn", "Pending", 4000, 90,
	                                    90,  NULL};
	static const struct state debit = DEBIT("d", 4000, 10);
	struct run *r = *state;
	int64_t before;

	apply_state(r, &debit);
	before = traces(r);
	assert_string_equal(apply_state(r, &fee), "ok");
	assert_string_equal(apply_state(r, &out), "ok");
	assert_string_equal(apply_state(r, &coming), "ok");
	assert_int_equal(traces(r), before);
	assert_int_equal(home_counted(r, "transactions of no member"), 3);
}

static void
unknown_word_is_kept_and_counted(void **state)
{
	static const struct state strange = {"d", "P1", "CardOutDebit", "Deferred", 4000, 10, 10, NULL},
				  booked = {"d", "P1", "CardOutDebit", "Booked", 4000, 10, 20, NULL};
	struct run *r = *state;

	assert_string_equal(apply_state(r, &strange), "ok");
	assert_string_equal(picture(r), "P1 received 0/0 @10 - | 0 |");
	assert_int_equal(home_counted(r, "transactions of an unknown kind"), 1);
	assert_string_equal(apply_state(r, &booked), "ok");
	assert_string_equal(picture(r), "P1 captured 0/4000 @10 - | -4000 | d captured -4000");
}

static void
payments_are_numbered_for_each_member(void **state)
{
	static const struct state one = {"d1", "P1", "CardOutDebit", "Booked", 1, 1, 1, NULL},
				  two = {"d2", "P2", "CardOutDebit", "Booked", 2, 2, 2, NULL},
				  other = {"d3", "P3", "CardOutDebit", "Booked", 4, 3, 3, NULL};
	struct swan_transaction t = transaction(&other);
	struct uuid id = payment_uuid(*state, 2, 1);
	uint32_t owner, number;

	apply_state(*state, &one);
	apply_state(*state, &two);
	t.account_membership_id = "m2";
	assert_string_equal(apply(*state, &t), "ok");
	assert_int_equal(home_number(*state, "SELECT sum(balance_in_cents * 10 * number) FROM profile"),
	                 -30 - 80);
	assert_int_equal(
	    home_number(*state, "SELECT sum(profile_number * 100 + number * 10) FROM card_payment"), 440);
	check_books(*state);
	assert_true(uuid_split(&id, HOME_STORE, UUID_CARD_PAYMENT, &owner, &number));
	assert_int_equal(owner, 2);
	assert_int_equal(number, 1);
}

#define WITH_CARDS(test) cmocka_unit_test_setup_teardown(test, open_with_cards, home_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_CARDS(every_order_of_a_payment_tells_the_same),
	    WITH_CARDS(transaction_and_payment_are_kept_with_every_field),
	    WITH_CARDS(rejection_asks_the_configuration_for_allowed_categories),
	    WITH_CARDS(older_version_after_a_newer_changes_nothing),
	    WITH_CARDS(what_cannot_be_applied_leaves_no_trace),
	    WITH_CARDS(card_held_as_unknown_is_posted_once_it_is_known),
	    WITH_CARDS(what_is_no_members_is_passed_over),
	    WITH_CARDS(unknown_word_is_kept_and_counted),
	    WITH_CARDS(payments_are_numbered_for_each_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
