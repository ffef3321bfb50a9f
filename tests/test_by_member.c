/* by_member: a large file is given in the order of its members, each transaction as it was, and makes the same books. */
#include "tests/home.h"

#include "stages/core/cards/by_member.h"
#include "stages/core/engine/journal.h"
#include "stages/core/members/membership.h"
#include "stages/core/members/profile.h"

#define MEMBERS 40
#define ROWS    1500 /* of 4 KB: more than 5 MB */
#define BAD     1200

static const char *
member_id(int i)
{
	static char text[2][40];
	static int turn;

	turn = !turn;
	snprintf(text[turn], sizeof(text[turn]), "a1b2c3d4-0512-4345-99e0-%012x", (unsigned)i);
	return text[turn];
}

static int
open_with_members(void **state)
{
	struct err e = {0};
	char user[16];
	bool created;
	int i;

	home_setup(state);
	home_input(*state);
	for (i = 1; i <= MEMBERS; i++) {
		snprintf(user, sizeof(user), "%d", i);
		assert_int_equal(profile_declare(*state, "fr", user, 1, i, &created), i);
		assert_int_equal(membership_link(*state, i, member_id(i), &e), 0);
	}
	return 0;
}

/* A purchase is an authorization and, later in the file, its debit. Of every ninth the card is unknown; every seventh transaction has no
 * payment, and every eleventh is no card's, but names the payment of one. Every thirteenth row reports one before it once more, without
 * its card. */
static void
write_row(struct csv *c, int row, const char *label)
{
	int i = row % 13 == 12 ? row - 6 : row;
	char id[40], payment[40];
	bool is_debit = i % 10 >= 5, is_other = i % 11 == 0 && is_debit;
	int purchase = i / 10 * 5 + i % 5, member = purchase * 7 % (MEMBERS + MEMBERS / 8) + 1;
	struct swan_transaction t = {.id = id,
	                             .type = is_debit ? "CardOutDebit" : "CardOutAuthorization",
	                             .side = "Debit",
	                             .status = is_debit ? "Booked" : "Pending",
	                             .amount = 100 + purchase,
	                             .currency = "EUR",
	                             .created_at = home_instant("2026-03-01T08:00:00Z") + i,
	                             .updated_at = home_instant("2026-03-01T08:00:00Z") + row,
	                             .execution_at = INSTANT_NONE,
	                             .payment_id = i % 7 == 0 ? NULL : payment,
	                             .card_id = "c1b2c3d4-0512-4345-99e0-000000000001",
	                             .account_membership_id = member_id(member),
	                             .merchant_name = i % 2 == 0 ? "Caf\xc3\xa9" : "Bar",
	                             .released_at = INSTANT_NONE,
	                             .pending_end_at = INSTANT_NONE,
	                             .booked_at = INSTANT_NONE,
	                             .label = label};

	if (is_other)
		t.type = "FeesOut";
	if (is_other || row > i)
		t.account_membership_id = t.card_id = NULL;
	snprintf(id, sizeof(id), "%08x-0512-4345-99e0-%012x", (unsigned)i * 2654435761u, (unsigned)i);
	snprintf(payment, sizeof(payment), "b1b2c3d4-0512-4345-99e0-%012x", (unsigned)purchase);
	transactions_csv_write(c, &t);
}

static int
put(void *ctx, const void *bytes, size_t n)
{
	return fwrite(bytes, 1, n, ctx) == n ? 0 : -1;
}

/* bad: the line of a record that cannot be read; 0: none. */
static FILE *
make_file(int rows, int bad)
{
	static char label[4000];
	FILE *f = fopen("transactions.csv", "w+");
	struct csv c = {.sink = sink_new(put, f), .separator = ',', .eol = "\n"};
	int i;

	memset(label, 'x', sizeof(label) - 1);
	transactions_csv_header(&c);
	for (i = 0; i < rows; i++) {
		if (i + 2 == bad)
			sink_text(c.sink, "too few fields\n");
		write_row(&c, i, label);
	}
	assert_int_equal(sink_end(c.sink, NULL, NULL), 0);
	rewind(f);
	return f;
}

struct given {
	struct payment_work work; /* first: it is the context */
	int rows, order[ROWS + 2], member[ROWS + 2];
	char *packed[ROWS + 2];
	size_t size[ROWS + 2];
};

/* What comes when, by its line. */
static int
take(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	struct given *g = ctx;
	char packed[8192];

	(void)e;
	assert_in_range(line, 2, ROWS + 1);
	g->order[g->rows++] = (int)line;
	assert_null(g->packed[line]);
	g->size[line] = swan_transaction_pack(t, packed, sizeof(packed));
	assert_true(g->size[line] > 0);
	g->packed[line] = malloc(g->size[line]);
	memcpy(g->packed[line], packed, g->size[line]);
	g->member[line] = t->account_membership_id == NULL
	                      ? MEMBERS + 1
	                      : (int)strtol(t->account_membership_id + 24, NULL, 16);
	if (g->member[line] > MEMBERS)
		g->member[line] = MEMBERS + 1;
	return 0;
}

static void
forget(struct given *g)
{
	int i;

	for (i = 0; i < ROWS + 2; i++)
		free(g->packed[i]);
	free(g);
}

/* By member, then by line. */
static int64_t
place_of(const struct given *g, int line)
{
	return (int64_t)g->member[line] * (ROWS + 2) + line;
}

static void
transactions_come_by_member_and_in_their_order(void **state)
{
	struct given *sorted = calloc(1, sizeof(*sorted)), *plain = calloc(1, sizeof(*plain));
	struct err e = {0};
	FILE *f = make_file(ROWS, 0);
	int i;

	sorted->work.r = plain->work.r = *state;
	assert_int_equal(transactions_csv_read(f, take, plain, &e), 0);
	rewind(f);
	payment_begin(&sorted->work);
	assert_int_equal(by_member_read(&sorted->work, f, take, &e), 0);
	payment_end(&sorted->work);
	fclose(f);
	assert_int_equal(sorted->rows, ROWS);
	for (i = 0; i < ROWS; i++) {
		int line = sorted->order[i];

		assert_int_equal(plain->order[i], i + 2);
		assert_int_equal(sorted->size[line], plain->size[line]);
		assert_memory_equal(sorted->packed[line], plain->packed[line], plain->size[line]);
		if (i > 0)
			assert_true(place_of(sorted, sorted->order[i - 1]) < place_of(sorted, line));
	}
	assert_int_equal(sorted->member[sorted->order[0]], 1);
	assert_int_equal(sorted->member[sorted->order[ROWS - 1]], MEMBERS + 1);
	forget(sorted);
	forget(plain);
}

static void
a_small_file_stays_in_its_order(void **state)
{
	struct given *g = calloc(1, sizeof(*g));
	struct err e = {0};
	FILE *f = make_file(ROWS / 2, 0);
	int i;

	g->work.r = *state;
	payment_begin(&g->work);
	assert_int_equal(by_member_read(&g->work, f, take, &e), 0);
	payment_end(&g->work);
	fclose(f);
	assert_int_equal(g->rows, ROWS / 2);
	for (i = 0; i < g->rows; i++)
		assert_int_equal(g->order[i], i + 2);
	forget(g);
}

static void
a_bad_record_is_named_and_nothing_is_given(void **state)
{
	struct given *g = calloc(1, sizeof(*g));
	struct err e = {0};
	FILE *f = make_file(ROWS, BAD);

	g->work.r = *state;
	payment_begin(&g->work);
	assert_int_equal(by_member_read(&g->work, f, take, &e), -1);
	payment_end(&g->work);
	fclose(f);
	assert_string_equal(e.code, ERR_MALFORMED_CSV);
	assert_int_equal(e.line, BAD);
	assert_int_equal(g->rows, 0);
	forget(g);
}

static int
stop_at_tenth(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	struct given *g = ctx;

	(void)take(ctx, line, t, e);
	return g->rows < 10 ? 0 : err_at(e, line, 0, ERR_IO, "enough");
}

static void
who_gets_them_may_stop(void **state)
{
	struct given *g = calloc(1, sizeof(*g));
	struct err e = {0};
	FILE *f = make_file(ROWS, 0);

	g->work.r = *state;
	payment_begin(&g->work);
	assert_int_equal(by_member_read(&g->work, f, stop_at_tenth, &e), -1);
	payment_end(&g->work);
	fclose(f);
	assert_string_equal(e.message, "enough");
	assert_int_equal(g->rows, 10);
	forget(g);
}

/* --- the books ------------------------------------------------------------------------------------------------------ */

/* What was written is not in memory any more. */
static int
apply(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	struct payment_work *work = ctx;
	struct err why = {0};

	(void)e;
	work->line = line;
	(void)payment_apply(work, t, &why);
	if (line % 37 == 0)
		payment_write(work);
	return 0;
}

/* Every row of them; merchants by their words, for they are numbered as they come. */
static char *
picture(struct run *r)
{
	static const char *const texts[] = {
	    SQL("SELECT group_concat(key || hex(id) || payment || ' ' || type || ' ' || status || ' ' || amount_in_cents || ' '"
	        "  || first_amount_in_cents || ' ' || created_at || ' ' || updated_at || ' ' || line, char(10))"
	        " FROM (SELECT * FROM swan_transaction ORDER BY key)"),
	        SQL("SELECT group_concat(key || hex(swan_payment) || status || ' ' || effective_at || ' ' || authorized_in_cents || ' '"
	        "  || captured_in_cents || ' ' || coalesce(name, '') || ' ' || coalesce(merchant_at, ''), char(10))"
	        " FROM (SELECT p.*, m.name FROM card_payment p LEFT JOIN merchant m ON m.number = p.merchant_number ORDER BY p.key)"),
	            SQL("SELECT group_concat(key || ' ' || event || ' ' || amount_in_cents || ' ' || transaction_at || ' ' || source || ' '"
	        "  || coalesce(payment_number, '') || ' ' || line, char(10))"
	        " FROM (SELECT * FROM balance_transaction ORDER BY key)"),
	                SQL("SELECT group_concat(number || ' ' || balance_in_cents || ' ' || last_transaction || ' ' || last_payment, char(10))"
	        " FROM (SELECT * FROM profile ORDER BY number)"),
	                    SQL("SELECT group_concat(hex(id) || key, char(10)) FROM (SELECT * FROM swan_transaction_id ORDER BY id)"),
	                        SQL("SELECT group_concat(hex(id) || key, char(10)) FROM (SELECT * FROM swan_payment_id ORDER BY id)"),
	                    };
	static const size_t room = 4 << 20;
	char *all = calloc(1, room);
	size_t i, used = 0;

	for (i = 0; i < LENGTH(texts); i++) {
		struct stmt *q = sql(r->db, texts[i]);

		assert_true(row(q));
		assert_true(!col_null(q, 0));
		used += (size_t)snprintf(all + used, room - used, "%s\n", col_text(q, 0));
		assert_true(used < room);
		reset(q);
	}
	return all;
}

static char *
books_of(struct run *r, FILE *f, int (*read)(struct payment_work *work, FILE *f, struct err *e))
{
	struct payment_work work = {.r = r, .input = 1};
	struct err e = {0};
	char *books;

	rewind(f);
	tx_begin(r->db);
	payment_begin(&work);
	assert_int_equal(read(&work, f, &e), 0);
	payment_write(&work);
	payment_end(&work);
	books = picture(r);
	tx_rollback(r->db);
	return books;
}

static int
read_by_member(struct payment_work *work, FILE *f, struct err *e)
{
	return by_member_read(work, f, apply, e);
}

static int
read_as_it_is(struct payment_work *work, FILE *f, struct err *e)
{
	return transactions_csv_read(f, apply, work, e);
}

static void
the_books_are_those_of_any_order(void **state)
{
	FILE *f = make_file(ROWS, 0);
	char *sorted = books_of(*state, f, read_by_member), *plain = books_of(*state, f, read_as_it_is);

	assert_true(strlen(plain) > (size_t)100 * ROWS);
	assert_string_equal(sorted, plain);
	free(sorted);
	free(plain);
	fclose(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(transactions_come_by_member_and_in_their_order, open_with_members,
	                                    home_teardown),
	    cmocka_unit_test_setup_teardown(a_small_file_stays_in_its_order, open_with_members,
	                                    home_teardown),
	    cmocka_unit_test_setup_teardown(a_bad_record_is_named_and_nothing_is_given, open_with_members,
	                                    home_teardown),
	    cmocka_unit_test_setup_teardown(who_gets_them_may_stop, open_with_members, home_teardown),
	    cmocka_unit_test_setup_teardown(the_books_are_those_of_any_order, open_with_members,
	                                    home_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
