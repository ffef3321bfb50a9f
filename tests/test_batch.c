/* batch: what is found or added in memory is what comes into the books, and nothing else. */
#include "tests/home.h"

#include "formats/length.h"
#include "stages/core/cards/batch.h"
#include "stages/core/members/membership.h"
#include "stages/core/members/profile.h"

static int
open_with_members(void **state)
{
	bool created;

	home_setup(state);
	home_input(*state);
	assert_int_equal(profile_declare(*state, "fr", "ada", 1, 1, &created), 1);
	assert_int_equal(profile_declare(*state, "fr", "bob", 1, 2, &created), 2);
	home_exec(*state, "INSERT INTO code (number, kind, word) VALUES (100, 'swan_type', 'CardOutDebit'),"
	                  " (101, 'swan_status', 'Booked')");
	return 0;
}

static struct swan_key
key(const char *id)
{
	struct swan_key k;

	k.n = store_key(id, k.bytes);
	return k;
}

static struct posting
posting_of(const struct batch_transaction *x)
{
	return (struct posting){.profile = key_member(x->payment->key),
	                        .event = EVENT_CAPTURED_CARD_PAYMENT,
	                        .amount = -100,
	                        .at = 1000,
	                        .source_kind = SOURCE_SWAN,
	                        .source_key = x->key,
	                        .payment = key_number(x->payment->key)};
}

/* A booked purchase of 100 cents, and its posting. */
static struct batch_transaction *
buy(struct batch *b, struct batch_payment *p, const char *id)
{
	const struct swan_transaction t = {.type = "CardOutDebit", .amount = 100, .created_at = 1000};
	struct swan_key k = key(id);
	struct batch_transaction *x = batch_add_transaction(b, p, &k, &t);
	struct posting posting;

	x->type = 100;
	x->status = 101;
	x->status_word = batch_word(b, "Booked");
	x->updated_at = 2000;
	x->input = x->line = 1;
	posting = posting_of(x);
	batch_post(b, x, &posting);
	return x;
}

static struct batch_payment *
add_payment(struct batch *b, int64_t profile, const char *id)
{
	struct swan_key k = key(id);
	struct batch_payment *p = batch_add_payment(b, profile, &k);

	p->status = 13;
	p->effective_at = 1000;
	p->captured = 100;
	return p;
}

/* Members in turns, so that the order of arrival is not that of the keys. */
static void
fill(struct batch *b, int n)
{
	char id[16], payment[16];
	int i;

	for (i = 0; i < n; i++) {
		snprintf(payment, sizeof(payment), "p%05d", (i * 7919) % 10007);
		snprintf(id, sizeof(id), "t%05d", (i * 6007) % 10007);
		(void)buy(b, add_payment(b, 1 + i % 2, payment), id);
	}
}

static void
nothing_is_in_the_books_until_it_is_written(void **state)
{
	struct run *r = *state;
	struct batch *b = batch_new(r, 8);

	fill(b, 3);
	assert_int_equal(home_number(r, "SELECT count(*) FROM card_payment"), 0);
	batch_free(b);
	assert_int_equal(home_number(r, "SELECT count(*) FROM swan_transaction_id"), 0);
	assert_int_equal(home_number(r, "SELECT sum(last_payment + last_transaction) FROM profile"), 0);
}

static void
all_of_it_is_written_with_balances_and_numbers(void **state)
{
	struct run *r = *state;
	struct batch *b = batch_new(r, 600);

	tx_begin(r->db);
	fill(b, 501);
	batch_write(b);
	fill(b, 0);
	batch_write(b); /* it is empty by now */
	batch_free(b);
	tx_commit(r->db);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM swan_transaction t"
	                   " JOIN swan_transaction_id i ON i.id = t.id AND i.key = t.key"
	                   " JOIN card_payment p ON p.key = t.payment"
	                   " JOIN swan_payment_id j ON j.id = p.swan_payment AND j.key = p.key"
	                   " JOIN balance_transaction b ON b.source_kind = 1 AND b.source = t.key"
	                   "  AND b.profile_number = p.profile_number AND b.payment_number = p.number"),
	    501);
	assert_int_equal(home_number(r, "SELECT count(*) FROM profile WHERE number = 1 AND last_payment = 251"
	                                " AND last_transaction = 251 AND balance_in_cents = -25100"),
	                 1);
	assert_int_equal(home_number(r, "SELECT count(*) FROM profile WHERE number = 2 AND last_payment = 250"
	                                " AND last_transaction = 250 AND balance_in_cents = -25000"),
	                 1);
}

/* One id is another one with each card, and what is not known may be known later. */
static void
holder_is_who_the_books_say(void **state)
{
	static const struct {
		const char *membership, *card;
		int64_t profile;
	} asked[] = {{"seat", "card", 1},  {"seat", "card", 1},    {NULL, "card", 1},
	             {"seat", NULL, 1},    {"other", "card", 1},   {"other", "card 2", 2},
	             {"other", "card", 1}, {"other", "card 3", 0}, {NULL, NULL, 0},
	             {"", "", 0}};
	struct run *r = *state;
	struct batch *b = batch_new(r, 8);
	struct err e;
	size_t i;

	assert_int_equal(membership_link(r, 1, "seat", &e), 0);
	assert_int_equal(membership_link(r, 2, "seat 2", &e), 0);
	home_exec(
	    r, "INSERT INTO card (id, account_membership_id, status, is_provisioned, created_at, updated_at)"
	       " VALUES ('card', 'seat', 'Enabled', 1, 0, 0), ('card 2', 'seat 2', 'Enabled', 1, 0, 0)");
	for (i = 0; i < LENGTH(asked); i++)
		assert_int_equal(batch_find_holder(b, asked[i].membership, asked[i].card), asked[i].profile);
	assert_int_equal(membership_link(r, 2, "late", &e), 0);
	assert_int_equal(batch_find_holder(b, "late", "card 3"), 2);
	batch_free(b);
}

/* The rows of a full batch are in the books; the balances come with the last of them. */
static void
full_batch_writes_its_rows_and_keeps_the_balances(void **state)
{
	struct run *r = *state;
	struct batch *b = batch_new(r, 8);
	char id[16];
	int i;

	tx_begin(r->db);
	for (i = 0; i < 20; i++) {
		batch_make_room(b);
		snprintf(id, sizeof(id), "%05d", (i * 7919) % 10007);
		(void)buy(b, add_payment(b, 1 + i % 2, id), id);
	}
	assert_int_equal(home_number(r, "SELECT count(*) FROM card_payment"), 18);
	assert_int_equal(home_number(r, "SELECT count(*) FROM balance_transaction"), 18);
	assert_int_equal(home_number(r, "SELECT sum(last_payment + last_transaction) FROM profile"), 0);
	batch_write(b);
	batch_free(b);
	tx_commit(r->db);
	assert_int_equal(
	    home_number(
		r, "SELECT count(*) FROM profile p"
		   " WHERE p.last_payment = 10 AND p.last_transaction = 10 AND p.balance_in_cents = -1000"
		   "  AND 10 = (SELECT count(*) FROM balance_transaction WHERE profile_number = p.number)"),
	    2);
}

/* More members than there is room for: each has its own balance. */
static void
more_members_than_fit_are_written_between(void **state)
{
	struct run *r = *state;
	struct batch *b = batch_new(r, 8);
	bool created;
	char id[16];
	int i;

	tx_begin(r->db);
	for (i = 0; i < 700; i++) {
		snprintf(id, sizeof(id), "m%05d", i);
		(void)profile_declare(r, "fr", id, 1, 3 + i, &created);
		batch_make_room(b);
		(void)buy(b, add_payment(b, 3 + i, id), id);
	}
	assert_true(home_number(r, "SELECT count(*) FROM profile WHERE balance_in_cents = -100") > 0);
	batch_write(b);
	batch_free(b);
	tx_commit(r->db);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM profile WHERE balance_in_cents = -100 AND last_payment = 1"
	                   " AND last_transaction = 1"),
	    700);
}

static void
stored_payment_is_found_with_its_transactions(void **state)
{
	static const char *const order[] = {"a", "b", "c"}; /* by id, for they are of one instant */
	struct run *r = *state;
	struct batch *b = batch_new(r, 8);
	struct swan_key k = key("p"), other = key("x");
	struct batch_payment *p = add_payment(b, 1, "p");
	struct batch_transaction *t;
	size_t i;

	tx_begin(r->db);
	(void)buy(b, p, "c");
	(void)buy(b, p, "a");
	batch_write(b);
	p = batch_find_payment(b, &k);
	assert_non_null(p);
	(void)buy(b, p, "b");
	for (t = p->first, i = 0; i < LENGTH(order); t = t->next, i++)
		assert_memory_equal(t->id.bytes, order[i], 1);
	assert_null(t);
	assert_ptr_equal(batch_find_payment(b, &k), p);
	assert_null(batch_find_payment(b, &other));
	assert_null(batch_find_transaction(b, &other));
	k = key("a");
	assert_ptr_equal(batch_find_transaction(b, &k), p->first);
	batch_write(b);
	batch_free(b);
	tx_commit(r->db);
	assert_int_equal(
	    home_number(
		r, "SELECT group_concat(key % 256, '') FROM (SELECT key FROM swan_transaction ORDER BY id)"),
	    231);
}

static void
posting_is_compared_in_memory_and_in_the_books(void **state)
{
	struct run *r = *state;
	struct batch *b = batch_new(r, 8);
	struct batch_payment *p = add_payment(b, 1, "p");
	struct batch_transaction *t = buy(b, p, "a");
	struct posting row = posting_of(t), more = row, note = row;
	struct swan_key k = key("a");

	more.amount = -101;
	note.event = EVENT_RELEASED_CARD_PAYMENT;
	tx_begin(r->db);
	assert_int_equal(batch_compare(b, t, &row), POSTED_BEFORE);
	assert_int_equal(batch_compare(b, t, &more), POSTED_OTHERWISE);
	assert_int_equal(batch_compare(b, t, &note), POSTED);
	batch_write(b);
	t = batch_find_transaction(b, &k);
	assert_int_equal(batch_compare(b, t, &row), POSTED_BEFORE);
	assert_int_equal(batch_compare(b, t, &more), POSTED_OTHERWISE);
	assert_int_equal(batch_compare(b, t, &note), POSTED);
	batch_free(b);
	tx_commit(r->db);
}

static void
moved_transaction_keeps_its_key(void **state)
{
	struct run *r = *state;
	struct batch *b = batch_new(r, 8);
	struct batch_payment *from = add_payment(b, 1, "p"), *to = add_payment(b, 2, "q");
	struct batch_transaction *t = buy(b, from, "a");
	struct swan_key k = key("p");

	tx_begin(r->db);
	batch_move(t, to);
	assert_null(from->first);
	assert_ptr_equal(to->first, t);
	batch_write(b);
	assert_int_equal(home_number(r, "SELECT profile_number FROM swan_transaction"), 2);
	from = batch_find_payment(b, &k);
	assert_null(from->first);
	(void)buy(b, from, "b"); /* which does not get the key of the one that is gone */
	batch_write(b);
	batch_free(b);
	tx_commit(r->db);
	assert_int_equal(home_number(r, "SELECT max(key) - min(key) FROM swan_transaction"), 1);
}

static void
transaction_that_comes_back_to_its_payment_is_not_moved(void **state)
{
	struct run *r = *state;
	struct batch *b = batch_new(r, 8);
	struct batch_payment *from = add_payment(b, 1, "p"), *to = add_payment(b, 2, "q");
	struct batch_transaction *t = buy(b, from, "a");

	tx_begin(r->db);
	batch_move(t, to);
	batch_move(t, from);
	assert_ptr_equal(from->first, t);
	batch_write(b);
	batch_free(b);
	tx_commit(r->db);
	assert_int_equal(home_number(r, "SELECT profile_number FROM swan_transaction WHERE moved_to IS NULL"),
	                 1);
}

/* Which only the program of an older schema let a person do. */
static void
any_number_of_moved_transactions_is_loaded(void **state)
{
	struct run *r = *state;
	struct batch *b = batch_new(r, 8);
	struct swan_key k = key("p");

	tx_begin(r->db);
	(void)add_payment(b, 1, "p");
	batch_write(b);
	batch_free(b);
	home_exec(r,
	          "INSERT INTO swan_transaction (key, id, moved_to, type, status, amount_in_cents,"
	          "  first_amount_in_cents, created_at, updated_at, input_number, line)"
	          " WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1500)"
	          " SELECT 2 * 4294967296 + n, CAST('t' || n AS BLOB), key, 100, 101, 1, 1, 1000, 2000, 1, n"
	          " FROM n, card_payment");
	b = batch_new(r, 8);
	assert_int_equal(batch_find_payment(b, &k)->transactions, 1500);
	batch_free(b);
	tx_commit(r->db);
}

static void
post_for_a_member_in_a_batch(struct run *r)
{
	struct batch *b = batch_new(r, 8);

	tx_begin(r->db);
	(void)buy(b, add_payment(b, 1, "p"), "a");
	(void)ledger_post(r, &(struct posting){.profile = 1,
	                                       .event = EVENT_RECOVERY,
	                                       .amount = 5,
	                                       .at = 1000,
	                                       .source_kind = SOURCE_TRANSFER,
	                                       .source = "s",
	                                       .source_size = 1});
	batch_write(b);
}

static void
others_who_post_in_between_end_the_process(void **state)
{
	home_dies(*state, post_for_a_member_in_a_batch, EXIT_BUG, "UNIQUE");
}

static void
room_ends_before_the_keys_of_a_payment_do(void **state)
{
	struct run *r = *state;
	struct batch *b = batch_new(r, 300);
	struct batch_payment *p = add_payment(b, 1, "p");
	char id[16];
	int i;

	for (i = 1; i <= 255; i++) {
		assert_true(batch_has_room(p));
		snprintf(id, sizeof(id), "t%d", i);
		(void)buy(b, p, id);
	}
	assert_false(batch_has_room(p));
	batch_free(b);
}

#define WITH_MEMBERS(test) cmocka_unit_test_setup_teardown(test, open_with_members, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_MEMBERS(nothing_is_in_the_books_until_it_is_written),
	    WITH_MEMBERS(all_of_it_is_written_with_balances_and_numbers),
	    WITH_MEMBERS(full_batch_writes_its_rows_and_keeps_the_balances),
	    WITH_MEMBERS(holder_is_who_the_books_say),
	    WITH_MEMBERS(more_members_than_fit_are_written_between),
	    WITH_MEMBERS(stored_payment_is_found_with_its_transactions),
	    WITH_MEMBERS(posting_is_compared_in_memory_and_in_the_books),
	    WITH_MEMBERS(moved_transaction_keeps_its_key),
	    WITH_MEMBERS(transaction_that_comes_back_to_its_payment_is_not_moved),
	    WITH_MEMBERS(any_number_of_moved_transactions_is_loaded),
	    WITH_MEMBERS(others_who_post_in_between_end_the_process),
	    WITH_MEMBERS(room_ends_before_the_keys_of_a_payment_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
