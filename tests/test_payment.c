/* payment: the flows of card payments, in every order in which their versions may come. */
#include "tests/flows.h"
#include "tests/home.h"

#include "formats/length.h"
#include "stages/core/cards/payment.h"
#include "stages/core/members/membership.h"
#include "stages/core/members/profile.h"

static int
open_with_cards(void **state)
{
	struct err e = {0};
	bool created;

	home_setup(state);
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
	    .original_amount = "9.99", /* debts are in euros, never in francs */
	    .original_currency = "CHF",
	    .pending_end_at = INSTANT_NONE,
	    .booked_at = INSTANT_NONE,
	};
}

/* "ok", or the code of the exception. */
static const char *
apply(struct run *r, const struct swan_transaction *t)
{
	struct payment_work work = {.r = r, .input = 1, .line = 42};
	static struct err e;

	e = (struct err){.code = "ok"};
	return payment_apply(&work, t, &e) == 0 ? "ok" : e.code;
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
	    "WITH payments AS (SELECT CAST(p.swan_payment AS TEXT) || ' ' || s.word || ' ' || p.authorized_in_cents || '/'"
	    "   || p.captured_in_cents || ' @' || ((p.effective_at - $start) / 60000) || ' ' || coalesce(x.word, '-') AS line"
	    "  FROM card_payment p JOIN code s ON s.number = p.status LEFT JOIN code x ON x.number = p.rejection"
	    "  ORDER BY p.swan_payment),"
	    " posted AS (SELECT ' ' || " HOME_SOURCE " || ' ' || replace(c.word, '_card_payment', '') || ' ' || b.amount_in_cents AS line"
	    "  FROM balance_transaction b JOIN code c ON c.number = b.event"
	    "  LEFT JOIN swan_transaction t ON b.source_kind = 1 AND t.key = b.source ORDER BY " HOME_SOURCE ", b.event)"
	    " SELECT coalesce((SELECT group_concat(line, ', ') FROM payments), '') || ' | ' ||"
	    "  (SELECT balance_in_cents FROM profile WHERE number = 1) || ' |' ||"
	    "  coalesce((SELECT group_concat(line) FROM posted), '')");

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

/* What a version that is held must not leave behind. */
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

static bool
is_held(size_t flow, const struct state *s)
{
	bool is_capture = strcmp(s->type, "CardOutDebit") == 0 && strcmp(s->status, "Booked") == 0;
	size_t i;

	for (i = 0; i < LENGTH(staying); i++)
		if (strcmp(staying[i].flow, flows[flow].name) == 0)
			return strstr(staying[i].ids, s->id) != NULL && !is_capture;
	return false;
}

/* In this order; versions that are held are tried again after each one, as post does. Then all of them once more. */
static void
play(struct run *r, size_t flow, const size_t order[], size_t n)
{
	bool done[MOST] = {false}, again;
	size_t i, j;

	for (i = 0; i < n; i++)
		for (again = true; again;) {
			again = false;
			for (j = 0; j <= i; j++)
				if (!done[j]) {
					done[j] =
					    strcmp(apply_state(r, &flows[flow].state[order[j]]), "ok") == 0;
					again |= done[j];
				}
		}
	for (i = 0; i < n; i++) {
		const struct state *s = &flows[flow].state[order[i]];

		if (is_held(flow, s)) {
			assert_string_not_equal(apply_state(r, s), "ok");
			continue;
		}
		assert_true(done[i]);
		assert_string_equal(apply_state(r, s), "ok");
	}
}

static bool
next_order(size_t order[], size_t n)
{
	size_t i = n - 1, j = n - 1, k;

	if (n < 2)
		return false;
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
every_order_of_versions_gives_the_same_payment(void **state)
{
	struct run *r = *state;
	size_t flow, n, order[MOST] = {0};

	for (flow = 0; flow < LENGTH(flows); flow++) {
		n = states_of(flow);
		for (size_t i = 0; i < n; i++)
			order[i] = i;
		do {
			tx_begin(r->db);
			play(r, flow, order, n);
			if (strcmp(picture(r), flows[flow].expected) != 0)
				fail_msg("%s, in the order %zu %zu %zu %zu %zu %zu of %zu:\n%s\n%s",
				         flows[flow].name, order[0], order[1], order[2], order[3], order[4],
				         order[5], n, picture(r), flows[flow].expected);
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
	    home_number(r,
	                "SELECT count(*) FROM card_payment p JOIN merchant m ON m.number = p.merchant_number"
	                " WHERE p.key = " SQL_KEY(
			    "1", "1") " AND m.id = 'M' AND m.name = 'Caf\xc3\xa9'"
	                              "  AND m.city = 'Paris' AND m.country = 'FRA'"
	                              "  AND m.postal_code = '01000' AND m.category_code = '8011'"),
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
	assert_int_equal(r->count[COUNT_TRANSACTIONS_CAPTURED], 1);
}

/* A category that is allowed is not the reason why the partner refused. */
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

/* Merchants of a payment's transactions, '-' for none, and the one that the payment has at last. */
static const struct {
	const char *name;
	struct {
		const char *id, *merchant;
		int created, updated;
	} version[4];
	const char *merchant;
} merchants[] = {
    {"one", {{"a", "M1", 0, 0}}, "M1"},
    {"none", {{"a", "-", 0, 0}, {"d", "-", 5, 5}}, "-"},
    {"the first has none", {{"a", "-", 0, 0}, {"d", "M2", 5, 5}, {"e", "M3", 6, 6}}, "M2"},
    {"they differ", {{"a", "M2", 0, 0}, {"d", "M1", 5, 5}, {"e", "M3", 6, 6}}, "M2"},
    {"a later version has another", {{"a", "M2", 0, 0}, {"a", "M1", 0, 9}, {"d", "M3", 5, 5}}, "M2"},
    {"a later version has one at last", {{"a", "-", 0, 0}, {"a", "M1", 0, 9}, {"d", "M3", 5, 7}}, "M3"},
    {"a later version has none", {{"a", "M1", 0, 1}, {"a", "-", 0, 9}, {"a", "M2", 0, 5}}, "M1"},
    {"of one instant", {{"a", "M2", 0, 5}, {"d", "M1", 5, 5}, {"e", "M3", 5, 5}, {"f", "-", 0, 0}}, "M1"},
    {"of one version twice", {{"a", "M2", 0, 5}, {"a", "M1", 0, 5}, {"a", "-", 0, 5}}, "M1"},
};

static void
apply_merchant(struct run *r, size_t row, size_t i)
{
	const struct state s = {merchants[row].version[i].id,
	                        "P1",
	                        "CardOutAuthorization",
	                        "Pending",
	                        100,
	                        merchants[row].version[i].created,
	                        merchants[row].version[i].updated,
	                        NULL};
	struct swan_transaction t = transaction(&s);

	t.merchant_id = t.merchant_name = merchants[row].version[i].merchant;
	if (strcmp(t.merchant_id, "-") == 0)
		t.merchant_id = t.merchant_name = t.merchant_city = t.merchant_country =
		    t.merchant_postal_code = t.merchant_category_code = NULL;
	assert_string_equal(apply(r, &t), "ok");
}

static void
check_merchant(struct run *r, size_t merchant_row)
{
	struct stmt *q = sql(r->db, "SELECT coalesce(m.id, '-'), coalesce(m.name, '-') FROM card_payment p"
	               " LEFT JOIN merchant m ON m.number = p.merchant_number");

	assert_true(row(q));
	if (strcmp(col_text(q, 0), merchants[merchant_row].merchant) != 0)
		fail_msg("%s: %s", merchants[merchant_row].name, col_text(q, 0));
	assert_string_equal(col_text(q, 0), col_text(q, 1));
	assert_false(row(q));
}

static void
merchant_is_the_first_that_swan_reported(void **state)
{
	struct run *r = *state;
	size_t i, j, n, order[4] = {0};

	for (i = 0; i < LENGTH(merchants); i++) {
		for (n = 0; n < LENGTH(order) && merchants[i].version[n].id != NULL; n++)
			order[n] = n;
		do {
			tx_begin(r->db);
			for (j = 0; j < 2 * n; j++)
				apply_merchant(r, i, order[j % n]);
			check_merchant(r, i);
			tx_rollback(r->db);
		} while (next_order(order, n));
	}
}

static void
version_seen_again_changes_no_row(void **state)
{
	static const struct state hold = PENDING("a", 900, 0, 0), lowered = PENDING("a", 500, 0, 5),
				  debit = DEBIT("d", 400, 5);
	struct run *r = *state;
	int64_t before;

	apply_state(r, &hold);
	apply_state(r, &debit);
	apply_state(r, &lowered);
	before = store_changes(r->db);
	assert_string_equal(apply_state(r, &debit), "ok");
	assert_string_equal(apply_state(r, &lowered), "ok");
	assert_int_equal(store_changes(r->db), before);
}

/* The card of a stored transaction may have moved to another membership: the transaction stays with its member. */
static void
known_transaction_stays_with_its_member(void **state)
{
	static const struct state hold = PENDING("a", 900, 0, 0),
				  released = RELEASED("a", 900, 0, 60, "Expired");
	struct swan_transaction t = transaction(&released);
	struct run *r = *state;

	assert_string_equal(apply_state(r, &hold), "ok");
	t.account_membership_id = "m2";
	assert_string_equal(apply(r, &t), "ok");
	t.account_membership_id = "unheard of";
	assert_string_equal(apply(r, &t), "ok");
	assert_string_equal(picture(r), "P1 released 900/0 @0 - | 0 | a released 0");
	assert_int_equal(home_number(r, "SELECT count(*) FROM card_payment WHERE profile_number = 1"), 1);
}

static void
version_that_cannot_be_applied_leaves_no_trace(void **state)
{
	static const struct state debit = DEBIT("d", 4000, 10), other = DEBIT("d", 4001, 10),
				  later = DEBIT("e", 5, 11),
				  late = {"d", "P1", "CardOutDebit", "Booked", 3999, 10, 99, NULL},
				  chargeback = {"i", "P9", "InternalCreditTransferIn", "Booked", 4000, 90,
	                                        90,  NULL},
				  alone = {"j", NULL, "InternalCreditTransferIn", "Booked", 4000, 90,
	                                   90,  NULL};
	struct swan_transaction unknown = transaction(&later), future = unknown, moved = transaction(&debit),
				turned = unknown, sepa = transaction(&alone);
	struct run *r = *state;
	int64_t before;

	assert_string_equal(apply_state(r, &debit), "ok");
	before = traces(r);
	unknown.account_membership_id = "m9";
	unknown.card_id = "c9";
	assert_string_equal(apply(r, &unknown), "unknown_card");
	unknown.account_membership_id = unknown.card_id = NULL;
	assert_string_equal(apply(r, &unknown), "unknown_card");
	unknown.status = "A new status";
	assert_string_equal(apply(r, &unknown), "unknown_status");
	unknown.type = "CardOutSomethingNew";
	assert_string_equal(apply(r, &unknown), "unknown_type");
	assert_string_equal(apply_state(r, &other), "amount_conflict");
	assert_string_equal(apply_state(r, &late), "amount_conflict");
	moved.id = "f"; /* another transaction of the same payment */
	moved.account_membership_id = "m2";
	assert_string_equal(apply(r, &moved), "payment_conflict");
	turned.side = "Credit";
	assert_string_equal(apply(r, &turned), "bad_field");
	assert_string_equal(apply_state(r, &chargeback), "unattributed_credit");
	assert_string_equal(apply_state(r, &alone), "unattributed_credit");
	sepa.type = "SepaCreditTransferIn";
	assert_string_equal(apply(r, &sepa), "unattributed_credit");
	sepa.payment_id = "P1"; /* not a chargeback, although it names a payment */
	assert_string_equal(apply(r, &sepa), "unattributed_credit");
	future.created_at = minute(5 * 24 * 60);
	assert_string_equal(apply(r, &future), "date_in_future");
	assert_int_equal(traces(r), before);
	assert_string_equal(picture(r), "P1 captured 0/4000 @10 - | -4000 | d captured -4000");
	assert_false(tx_open(r->db));
}

static void
correct_in_a_batch(struct run *r)
{
	static const struct state debit = DEBIT("d", 4000, 10), other = DEBIT("d", 4001, 11);
	struct payment_work work = {.r = r, .input = 1, .line = 42};
	struct swan_transaction t = transaction(&debit), corrected = transaction(&other);
	struct err e = {0};

	tx_begin(r->db);
	payment_begin(&work);
	(void)payment_apply(&work, &t, &e);
	(void)payment_correct(&work, &corrected, "it is so", &e);
}

static void
move_in_a_batch(struct run *r)
{
	static const struct state debit = DEBIT("d", 4000, 10);
	struct payment_work work = {.r = r, .input = 1, .line = 42};
	struct swan_transaction t = transaction(&debit);
	struct err e = {0};

	tx_begin(r->db);
	payment_begin(&work);
	(void)payment_apply(&work, &t, &e);
	(void)payment_move(&work, &t, 2, "it is his", &e);
}

/* The books lack what is in the batch: the correction would be posted beside it. */
static void
correction_in_a_batch_ends_the_process(void **state)
{
	home_dies(*state, correct_in_a_batch, EXIT_BUG,
	          "d is corrected between payment_begin and payment_end");
	home_dies(*state, move_in_a_batch, EXIT_BUG, "d is corrected between payment_begin and payment_end");
}

static void
transaction_of_an_unknown_card_is_posted_once_it_is_known(void **state)
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
transaction_without_a_member_is_passed_over(void **state)
{
	static const struct state fee = {"f", NULL, "FeesOut", "Booked", 4000, 90, 90, NULL},
				  out = {"o", "P8", "SepaCreditTransferOut", "Booked", 4000, 90, 90, NULL},
				  nothing = {"z", "P1", "InternalCreditTransferInRecall", "Booked", 0, 90,
	                                     90,  NULL},
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
	assert_string_equal(apply_state(r, &nothing), "ok");
	assert_int_equal(traces(r), before);
	assert_int_equal(r->count[COUNT_TRANSACTIONS_WITHOUT_MEMBER], 4);
}

static void
unknown_word_is_held_until_it_is_booked(void **state)
{
	static const struct state strange = {"d", "P1", "CardOutDebit", "Deferred", 4000, 10, 10, NULL},
				  booked = {"d", "P1", "CardOutDebit", "Booked", 4000, 10, 20, NULL};
	struct run *r = *state;

	assert_string_equal(apply_state(r, &strange), "unknown_status");
	assert_string_equal(picture(r), " | 0 |");
	assert_string_equal(apply_state(r, &booked), "ok");
	assert_string_equal(apply_state(r, &strange), "ok");
	assert_string_equal(picture(r), "P1 captured 0/4000 @10 - | -4000 | d captured -4000");
}

static void
unknown_word_about_a_hold_is_held_until_a_known_one_follows(void **state)
{
	static const struct state odd = AUTH("a", "Frozen", 900, 0, 5, NULL), known = PENDING("a", 900, 0, 9);
	struct run *r = *state;

	assert_string_equal(apply_state(r, &odd), "unknown_status");
	assert_string_equal(apply_state(r, &known), "ok");
	assert_string_equal(apply_state(r, &odd), "ok");
	assert_string_equal(picture(r), "P1 authorized 900/0 @0 - | 0 |");
}

static void
what_was_booked_and_is_not_any_more_is_held(void **state)
{
	static const char *const later[] = {"Rejected", "Canceled", "Pending", "Settled", "Upcoming", "Odd"};
	static const struct state booked = DEBIT("d", 4000, 10);
	struct run *r = *state;
	size_t i;

	for (i = 0; i < LENGTH(later); i++) {
		struct state not_booked = {"d", "P1", "CardOutDebit", later[i], 4000, 10, 20, NULL};

		tx_begin(r->db);
		assert_string_equal(apply_state(r, &booked), "ok");
		assert_string_equal(apply_state(r, &not_booked), "no_longer_booked");
		assert_string_equal(apply_state(r, &booked), "ok");
		assert_string_equal(picture(r), "P1 captured 0/4000 @10 - | -4000 | d captured -4000");
		not_booked.updated = 9; /* it was not booked yet */
		assert_string_equal(apply_state(r, &not_booked), "ok");
		tx_rollback(r->db);
	}
}

/* The files came the other way round. */
static void
what_is_rejected_is_not_booked_by_an_older_version(void **state)
{
	static const struct state rejected = BOOKED_AS("d", "Rejected", 4000, 10, 20),
				  booked = DEBIT("d", 4000, 10);

	assert_string_equal(apply_state(*state, &rejected), "ok");
	assert_string_equal(apply_state(*state, &booked), "no_longer_booked");
	assert_string_equal(picture(*state), "P1 received 0/0 @10 - | 0 |");
}

static void
payments_are_numbered_for_each_member(void **state)
{
	static const struct state one = {"d1", "P1", "CardOutDebit", "Booked", 1, 1, 1, NULL},
				  two = {"d2", "P2", "CardOutDebit", "Booked", 2, 2, 2, NULL},
				  other = {"d3", "P3", "CardOutDebit", "Booked", 4, 3, 3, NULL};
	struct swan_transaction t = transaction(&other);

	apply_state(*state, &one);
	apply_state(*state, &two);
	t.account_membership_id = "m2";
	assert_string_equal(apply(*state, &t), "ok");
	assert_int_equal(home_number(*state, "SELECT sum(balance_in_cents * 10 * number) FROM profile"),
	                 -30 - 80);
	assert_int_equal(
	    home_number(*state, "SELECT sum(profile_number * 100 + number * 10) FROM card_payment"), 440);
	check_books(*state);
}

#define WITH_CARDS(test) cmocka_unit_test_setup_teardown(test, open_with_cards, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_CARDS(every_order_of_versions_gives_the_same_payment),
	    WITH_CARDS(transaction_and_payment_are_kept_with_every_field),
	    WITH_CARDS(rejection_asks_the_configuration_for_allowed_categories),
	    WITH_CARDS(older_version_after_a_newer_changes_nothing),
	    WITH_CARDS(merchant_is_the_first_that_swan_reported),
	    WITH_CARDS(version_seen_again_changes_no_row),
	    WITH_CARDS(known_transaction_stays_with_its_member),
	    WITH_CARDS(version_that_cannot_be_applied_leaves_no_trace),
	    WITH_CARDS(transaction_of_an_unknown_card_is_posted_once_it_is_known),
	    WITH_CARDS(correction_in_a_batch_ends_the_process),
	    WITH_CARDS(transaction_without_a_member_is_passed_over),
	    WITH_CARDS(unknown_word_is_held_until_it_is_booked),
	    WITH_CARDS(unknown_word_about_a_hold_is_held_until_a_known_one_follows),
	    WITH_CARDS(what_was_booked_and_is_not_any_more_is_held),
	    WITH_CARDS(what_is_rejected_is_not_booked_by_an_older_version),
	    WITH_CARDS(payments_are_numbered_for_each_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
