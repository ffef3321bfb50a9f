/* staging: each node once, in its last version, in one order; and no node that cannot be read is lost. */
#include "tests/home.h"
#include "tests/pages.h"

#include "formats/length.h"
#include "stages/core/engine/exception.h"
#include "stages/core/swan/staging.h"

#define T    "transactions"
#define C    "cards"
#define M    "memberships"
#define END  NULL
#define MOST 8

/* What a CSV file holds, as the words of pages.h. */
struct rows {
	char text[2048];
	size_t n;
	int64_t records;
};

static void
add_row(struct rows *rows, const char *id, instant at, const char *more)
{
	rows->n += (size_t)snprintf(rows->text + rows->n, sizeof(rows->text) - rows->n, "%s%s@%d%s",
	                            rows->n > 0 ? " " : "", id, (int)((at - pages_at(0)) / 60000), more);
	assert_true(rows->n < sizeof(rows->text));
	rows->records++;
}

static int
add_transaction(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	char more[32] = "";

	(void)line;
	(void)e;
	if (t->amount != 100)
		snprintf(more, sizeof(more), "=%lld", (long long)t->amount);
	add_row(ctx, t->id, t->updated_at, more);
	return 0;
}

static int
add_support(void *ctx, long line, const struct swan_payment_support *p, struct err *e)
{
	char more[80] = "";

	(void)line;
	(void)e;
	if (p->card_id != NULL)
		snprintf(more, sizeof(more), "/%s", p->account_membership_id);
	add_row(ctx, p->card_id != NULL ? p->card_id : p->account_membership_id, p->updated_at, more);
	return 0;
}

static int
write_file(void *ctx, const void *bytes, size_t n)
{
	return fwrite(bytes, 1, n, ctx) == n ? 0 : -1;
}

static const struct rows *
written(struct staging *s, bool supports)
{
	static struct rows rows;
	FILE *file = fopen("written.csv", "w+");
	struct sink *to = sink_new(write_file, file);
	struct err e = {0};
	int64_t n;

	assert_non_null(file);
	rows = (struct rows){.text = ""};
	n = supports ? staging_write_supports(s, to) : staging_write_transactions(s, to);
	assert_int_equal(sink_end(to, NULL, NULL), 0);
	rewind(file);
	if ((supports ? payment_supports_csv_read(file, add_support, &rows, &e)
	              : transactions_csv_read(file, add_transaction, &rows, &e)) != 0)
		fail_msg("line %ld: %s", e.line, e.message);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(n, rows.records);
	return &rows;
}

/* The exceptions: "b invalid_amount open;". */
static const char *
held(struct run *r)
{
	static char text[1024];
	struct stmt *q =
	    sql(r->db, "SELECT key, code, state FROM exception WHERE kind = 'swan_node' ORDER BY key");
	size_t n = 0;

	text[0] = '\0';
	while (row(q))
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s %s %s;", col_text(q, 0), col_text(q, 1),
		                      col_text(q, 2));
	return text;
}

static void
read_pages(struct run *r, struct staging *s, const struct page *pages, size_t n)
{
	struct client *swan;

	pages_keep(pages, n);
	swan = client_open(r, PAGES_FOLDER, NULL);
	client_begin_window(swan, "window-1");
	if (strcmp(pages[0].list, T) == 0)
		staging_read_transactions(s, swan, pages_at(0), pages_at(59));
	else
		staging_read_supports(s, swan);
	client_end_window(swan);
	client_close(swan);
}

struct expected {
	struct page pages[MOST];
	const char *rows, *held;
	int watermark; /* its minute; -1: none */
};

/* Each case as a night of its own. */
static void
assert_staged(struct run *r, const struct expected *x)
{
	bool supports = strcmp(x->pages[0].list, T) != 0;
	struct staging *s;

	home_reopen(r);
	s = staging_open(r);
	tx_begin(r->db);
	read_pages(r, s, x->pages, MOST);
	assert_string_equal(held(r), x->held);
	assert_int_equal(r->held, x->held[0] != '\0');
	if (x->watermark < 0)
		assert_true(staging_watermark(s) == INSTANT_NONE);
	else
		assert_true(staging_watermark(s) == pages_at(x->watermark));
	assert_string_equal(written(s, supports)->text, x->rows);
	tx_rollback(r->db);
	staging_close(s);
}

static void
transactions_come_once_in_their_last_version(void **state)
{
	static const struct expected cases[] = {
	    {{{T, 0, END, ""}}, "", "", -1},
	    {{{T, 4, "x", "a@1 b@2"}, {T, 4, END, "c@3 d@4"}}, "a@1 b@2 c@3 d@4", "", 4},
	    /* on two pages, whichever comes first */
	    {{{T, 2, "x", "a@1=5 b@2"}, {T, 2, END, "a@3=6"}}, "b@2 a@3=600", "", 3},
	    {{{T, 2, "x", "a@3=6 b@2"}, {T, 2, END, "a@1=5"}}, "b@2 a@3=600", "", 3},
	    {{{T, 1, END, "a@3=6 a@1=5 a@2=7"}}, "a@3=600", "", 3},
	    /* with the same updatedAt: the version that came last */
	    {{{T, 1, "x", "a@1=5"}, {T, 1, END, "a@1=6"}}, "a@1=600", "", 1},
	    /* by updatedAt, and where that is the same by id */
	    {{{T, 6, "x", "d@2 b@2 e@1"}, {T, 6, END, "c@2 f@1 a@2"}}, "e@1 f@1 a@2 b@2 c@2 d@2", "", 2},
	    {{{T, 3, END,
	       "b1d6d5de-bc31-4cba-a9ae-ad61b3a81ae3@1 01d6d5de-bc31-4cba-a9ae-ad61b3a81ae3@1 sixteen-letters-@1"}},
	     "01d6d5de-bc31-4cba-a9ae-ad61b3a81ae3@1 sixteen-letters-@1 b1d6d5de-bc31-4cba-a9ae-ad61b3a81ae3@1",
	     "",
	     1},
	    /* read on, or read again: nodes of an earlier reading are not forgotten */
	    {{{T, 4, "x", "a@1 b@2"}, {T, 3, END, "d@4"}, {T, 3, END, "b@2 c@3 d@4"}},
	     "a@1 b@2 c@3 d@4",
	     "",
	     4},
	    {{{T, 3, "x", "b@2 a@1"}, {T, 2, END, "c@3"}, {T, 2, "y", "a@1"}, {T, 2, END, "c@3"}},
	     "a@1 b@2 c@3",
	     "",
	     3},
	    {{{T, 3, END, "a@1 b@2"}, {T, 3, END, "a@1 b@4=9 c@3"}}, "a@1 c@3 b@4=900", "", 4},
	};

	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_staged(*state, &cases[i]);
}

static void
transaction_that_cannot_be_read_is_held_and_its_last_version_counts(void **state)
{
	static const struct expected cases[] = {
	    {{{T, 3, END, "a@1 b@2=1.005 c@3!"}}, "a@1", "b invalid_amount open;c invalid_amount open;", 1},
	    {{{T, 1, END, "b@2!"}}, "", "b invalid_amount open;", -1},
	    /* twice: one exception */
	    {{{T, 2, "x", "a@1 b@2!"}, {T, 2, END, "b@3!"}}, "a@1", "b invalid_amount open;", 1},
	    {{{T, 2, "x", "a@1 b@2!"}, {T, 2, END, "b@3"}}, "a@1 b@3", "b invalid_amount applied;", 3},
	    {{{T, 2, "x", "a@1 b@2"}, {T, 2, END, "b@3!"}}, "a@1", "b invalid_amount open;", 2},
	    {{{T, 1, "x", "b@2=5"}, {T, 1, "y", "b@3!"}, {T, 1, END, "b@4=6"}},
	     "b@4=600",
	     "b invalid_amount applied;",
	     4},
	    {{{T, 1, "x", "b@2!"}, {T, 1, "y", "b@3"}, {T, 1, END, "b@4!"}}, "", "b invalid_amount open;", 3},
	    /* a node that is held was shown, and the window may shrink around it */
	    {{{T, 4, "x", "a@1 b@2!"}, {T, 3, END, "d@4"}, {T, 3, END, "b@2! c@3 d@4"}},
	     "a@1 c@3 d@4",
	     "b invalid_amount open;",
	     4},
	};

	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_staged(*state, &cases[i]);
}

/* Each is held, and is counted as Swan counts it; those beside it are read. */
static void
node_that_no_program_can_take_is_held_alone(void **state)
{
	static const struct expected cases[] = {
	    {{{T, 3, END, "a@1 b@2~ c@3"}}, "a@1 c@3", "b invalid_text open;", 3},
	    {{{T, 2, "x", "a@1 b@2~"}, {T, 2, END, "b@3"}}, "a@1 b@3", "b invalid_text applied;", 3},
	    {{{C, 2, END, "c1@1/m1~ c2@1/m2"}, {M, 3, END, "m1@1 m2@1 m3@1~"}},
	     "m1@1 c2@1/m2",
	     "c1 invalid_text open;m3 invalid_text open;",
	     -1},
	    /* without an id: named for what it says, and numbered when that is the same */
	    {{{T, 3, END, "a@1 {\"node\":null} {}"}},
	     "a@1",
	     "without-id-44136fa355b3678a missing_field open;without-id-ee081c5bf4bfafd6 missing_field open;",
	     1},
	    {{{T, 4, "x", "{} a@1"}, {T, 4, END, "{} {}"}},
	     "a@1",
	     "without-id-44136fa355b3678a missing_field open;"
	     "without-id-44136fa355b3678a-2 missing_field open;"
	     "without-id-44136fa355b3678a-3 missing_field open;",
	     1},
	    {{{T, 3, END, "{} a@1"}, {T, 2, END, "{} a@1"}},
	     "a@1",
	     "without-id-44136fa355b3678a missing_field open;",
	     1},
	};

	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_staged(*state, &cases[i]);
}

#define OF_CARD(id, side, card, membership)                                                          \
	"{\"node\":{\"id\":\"" id "\",\"side\":\"" side "\",\"amount\":{\"value\":\"9.50\"},"        \
	"\"cardDetails\":{\"card\":{\"id\":\"" card "\",\"accountMembership\":{\"id\":\"" membership \
	"\"}}}}}"

/* Whatever it moves, it keeps a file with the member in it from being released. */
static void
node_that_cannot_be_read_names_the_member(void **state)
{
	static const struct page pages[] = {
	    {T, 4, END,
	     OF_CARD("back", "Credit", "c", "m") " " OF_CARD("new", "Debit", "x", "m") " " OF_CARD(
		 "card", "Debit", "c", "x") " " OF_CARD("unknown", "Debit", "x", "x")}};
	struct run *r = *state;
	struct staging *s = staging_open(r);

	home_exec(r,
	          "INSERT INTO profile (number, app_id, app_user_id, status, balance_in_cents, declared_at)"
	          " VALUES (7, 'fr', 'ada', 'active', 0, 0)");
	home_exec(r, "INSERT INTO account_membership (id, profile_number) VALUES ('m', 7)");
	home_exec(
	    r, "INSERT INTO card (id, account_membership_id, status, is_provisioned, created_at, updated_at)"
	       " VALUES ('c', 'm', 'Enabled', 0, 0, 0)");
	tx_begin(r->db);
	read_pages(r, s, pages, LENGTH(pages));
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE amount_in_cents = 950"), 4);
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE profile_number = 7"), 3);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM exception WHERE key = 'unknown' AND profile_number IS NULL"),
	    1);
	tx_rollback(r->db);
	staging_close(s);
}

static void
node_that_is_held_is_stored_whole(void **state)
{
	static const struct page pages[] = {{T, 1, END, "b@2=1.005"}};
	struct run *r = *state;
	struct staging *s = staging_open(r);
	struct stmt *q;

	tx_begin(r->db);
	read_pages(r, s, pages, 1);
	q = sql(r->db, "SELECT record, message, opened_on FROM exception");
	assert_true(row(q));
	assert_string_equal(
	    col_text(q, 0),
	    "{\"id\":\"b\",\"type\":\"CardOutDebit\",\"side\":\"Debit\",\"amount\":{\"value\":\"1.005\","
	    "\"currency\":\"EUR\"},\"createdAt\":\"2026-03-03T09:00:00.000Z\","
	    "\"updatedAt\":\"2026-03-03T10:02:00.000Z\",\"statusInfo\":{\"status\":\"Booked\"}}");
	assert_true(col_text(q, 1)[0] != '\0');
	assert_string_equal(col_text(q, 2), "2026-03-04");
	assert_false(row(q));
	assert_int_equal(r->count[COUNT_EXCEPTIONS_OPENED], 1);
	tx_commit(r->db);
	staging_close(s);
}

/* From window to window: the exception stays open until its node can be read; if it is never shown again it stays open. */
static void
exception_is_closed_when_its_node_can_be_read(void **state)
{
	static const struct {
		struct page page;
		const char *rows, *held;
		bool look; /* a person should */
	} windows[] = {
	    {{T, 3, END, "a@1! b@2! c@3"}, "c@3", "a invalid_amount open;b invalid_amount open;", true},
	    {{T, 1, END, "d@4"}, "d@4", "a invalid_amount open;b invalid_amount open;", false},
	    {{T, 2, END, "a@5! d@6"}, "d@6", "a invalid_amount open;b invalid_amount open;", false},
	    {{T, 2, END, "a@7=3 d@8"},
	     "a@7=300 d@8",
	     "a invalid_amount applied;b invalid_amount open;",
	     false},
	    {{T, 1, END, "b@9"}, "b@9", "a invalid_amount applied;b invalid_amount applied;", false},
	    {{T, 1, END, "b@9!"}, "", "a invalid_amount applied;b invalid_amount open;", true},
	};
	struct run *r = *state;
	struct staging *s = staging_open(r);

	for (size_t i = 0; i < LENGTH(windows); i++) {
		r->held = false;
		tx_begin(r->db);
		read_pages(r, s, &windows[i].page, 1);
		assert_string_equal(written(s, false)->text, windows[i].rows);
		assert_string_equal(held(r), windows[i].held);
		assert_int_equal(r->held, windows[i].look);
		tx_commit(r->db);
		staging_clear(s);
		assert_true(staging_watermark(s) == INSTANT_NONE);
	}
	assert_int_equal(r->count[COUNT_EXCEPTIONS_OPENED], 3);
	assert_int_equal(r->count[COUNT_EXCEPTIONS_CLOSED], 2);
	staging_close(s);
}

static void
transactions_of_other_accounts_are_counted_only(void **state)
{
	static const struct page pages[] = {{T, 6, "x", "a@1%ours b@2%theirs c@3 d@4%theirs!"},
	                                    {T, 6, END, "e@5%theirs f@6%ours! b@7%theirs"}};
	struct run *r = *state;
	struct staging *s;

	config_free(r->config);
	r->config = home_config(HOME_CONFIG "[swan]\naccount_id = ours\n");
	s = staging_open(r);
	tx_begin(r->db);
	read_pages(r, s, pages, LENGTH(pages));
	assert_string_equal(held(r), "f invalid_amount open;");
	assert_true(staging_watermark(s) == pages_at(3));
	assert_int_equal(staging_count(s, STAGED, INSTANT_NONE), 2);
	assert_int_equal(staging_count(s, STAGED, pages_at(1)), 1);
	assert_int_equal(staging_count(s, STAGED_OF_OTHERS, INSTANT_NONE), 3);
	assert_int_equal(staging_count(s, STAGED_OF_OTHERS, pages_at(5)), 2);
	assert_string_equal(written(s, false)->text, "a@1 c@3");
	tx_rollback(r->db);
	staging_close(s);
}

static void
supports_are_cards_and_memberships_without_one(void **state)
{
	static const struct expected cases[] = {
	    {{{C, 0, END, ""}, {M, 0, END, ""}}, "", "", -1},
	    {{{C, 1, END, "c1@1/m1"}, {M, 1, END, "m1@1"}}, "c1@1/m1", "", -1},
	    {{{C, 0, END, ""}, {M, 2, END, "m2@2 m1@1"}}, "m1@1 m2@2", "", -1},
	    /* those without a card first, then by card; a membership with two cards is twice there */
	    {{{C, 3, "x", "c9@1/m1 c2@1/m3"},
	      {C, 3, END, "c1@2/m1"},
	      {M, 4, "x", "m4@1 m3@1"},
	      {M, 4, END, "m2@1 m1@1"}},
	     "m2@1 m4@1 c1@2/m1 c2@1/m3 c9@1/m1",
	     "",
	     -1},
	    /* a card whose membership is on no page */
	    {{{C, 1, END, "c1@1/m1"}, {M, 0, END, ""}}, "c1@1/m1", "", -1},
	    {{{C, 2, "x", "c1@1/m1"}, {C, 2, END, "c1@2/m1 c2@1/m1"}, {M, 1, END, "m1@1"}},
	     "c1@2/m1 c2@1/m1",
	     "",
	     -1},
	    /* a card that is held does not list its membership */
	    {{{C, 2, END, "c1@1/m1! c2@1/m2"}, {M, 2, END, "m1@1 m2@1"}},
	     "m1@1 c2@1/m2",
	     "c1 missing_field open;",
	     -1},
	    {{{C, 1, "x", "c1@1/m1"}, {C, 1, END, "c1@2/m1!"}, {M, 1, END, "m1@1"}},
	     "m1@1",
	     "c1 missing_field open;",
	     -1},
	    {{{C, 1, "x", "c1@1/m1!"}, {C, 1, END, "c1@2/m1"}, {M, 1, END, "m1@1"}},
	     "c1@2/m1",
	     "c1 missing_field applied;",
	     -1},
	    /* a membership that is held is not listed; with a card it is, because the card has what is needed of it */
	    {{{C, 1, END, "c1@1/m1"}, {M, 2, END, "m1@1! m2@1!"}},
	     "c1@1/m1",
	     "m1 missing_field open;m2 missing_field open;",
	     -1},
	    /* the same id in both lists: two nodes */
	    {{{C, 1, END, "x@1/m1"}, {M, 2, END, "x@2 m1@1"}}, "x@2 x@1/m1", "", -1},
	    {{{C, 1, END, "x@1/m1"}, {M, 1, END, "x@2!"}}, "x@1/m1", "x missing_field open;", -1},
	};

	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_staged(*state, &cases[i]);
}

/* The card is listed with the membership of its later version; the other membership is without a card then. */
static void
card_that_changes_its_membership_has_the_later_one(void **state)
{
	static const struct expected cases[] = {
	    {{{C, 1, "x", "c1@1/m1"}, {C, 1, END, "c1@2/m2"}, {M, 2, END, "m1@1 m2@1"}},
	     "m1@1 c1@2/m2",
	     "",
	     -1},
	    {{{C, 1, "x", "c1@2/m2"}, {C, 1, END, "c1@1/m1"}, {M, 2, END, "m1@1 m2@1"}},
	     "m1@1 c1@2/m2",
	     "",
	     -1},
	};

	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_staged(*state, &cases[i]);
}

/* --- long records ------------------------------------------------------------------------------------------------- */

#define MOST_RECORD 65536

static size_t label_length;

/* One transaction with a label of that length. */
static void
keep_long_one(void)
{
	static char text[2 * MOST_RECORD], label[MOST_RECORD + 1];

	assert_true(label_length < sizeof(label));
	memset(label, 'x', label_length);
	label[label_length] = '\0';
	snprintf(
	    text, sizeof(text),
	    "{\"data\":{\"transactions\":{\"totalCount\":1,\"pageInfo\":{\"hasNextPage\":false},\"edges\":["
	    "{\"node\":{\"id\":\"long\",\"type\":\"CardOutDebit\",\"side\":\"Debit\",\"label\":\"%s\","
	    "\"amount\":{\"value\":\"1\",\"currency\":\"EUR\"},\"createdAt\":\"2026-03-03T10:00:00Z\","
	    "\"updatedAt\":\"2026-03-03T10:01:00Z\",\"statusInfo\":{\"status\":\"Booked\"}}}]}}}",
	    label);
	home_remove(PAGES_FOLDER);
	assert_int_equal(mkdir(PAGES_FOLDER, 0700), 0);
	home_write(PAGES_FOLDER "/transactions-001.json", text);
}

/* What is written of it. */
static const char *
read_long_one(struct run *r)
{
	struct staging *s = staging_open(r);
	struct client *swan;
	const char *text;

	keep_long_one();
	swan = client_open(r, PAGES_FOLDER, NULL);
	tx_begin(r->db);
	client_begin_window(swan, "window-1");
	staging_read_transactions(s, swan, pages_at(0), pages_at(59));
	text = written(s, false)->text;
	tx_commit(r->db);
	client_close(swan);
	staging_close(s);
	return text;
}

/* A record that the next stage could not read must not be written. */
static void
record_that_could_not_be_read_back_is_held(void **state)
{
	struct run *r = *state;
	struct stat st;
	size_t without;

	label_length = 0;
	assert_string_equal(read_long_one(r), "long@1");
	without = strlen(strchr(home_read("written.csv"), '\n') + 1);
	home_reopen(r);
	label_length = MOST_RECORD - without;
	assert_string_equal(read_long_one(r), "long@1");
	assert_int_equal(stat("written.csv", &st), 0);
	assert_true(st.st_size > MOST_RECORD);
	assert_string_equal(held(r), "");
	home_reopen(r);
	label_length++;
	assert_string_equal(read_long_one(r), "");
	assert_string_equal(held(r), "long too_large open;");
	assert_true(home_number(r, "SELECT length(record) FROM exception") > (int64_t)label_length);
	assert_true(r->held);
}

static void
read_pages_of_the_test(struct run *r)
{
	struct staging *s = staging_open(r);
	struct client *swan = client_open(r, PAGES_FOLDER, NULL);

	tx_begin(r->db);
	client_begin_window(swan, "window-1");
	staging_read_transactions(s, swan, pages_at(0), pages_at(59));
}

/* Only the journal may have rows of a night that failed. */
static void
nothing_of_a_broken_recording_is_stored(void **state)
{
	static const struct page pages[] = {{T, 3, "x", "a@1 b@2!"}, {T, 3, "", "c@3"}};

	pages_keep(pages, LENGTH(pages));
	home_dies(*state, read_pages_of_the_test, EXIT_REFUSED, "but has no cursor");
	assert_int_equal(home_number(*state, "SELECT count(*) FROM exception"), 0);
}

/* More transactions than fit into a buffer, on many pages, are written in order. */
static void
many_transactions_come_out_in_order(void **state)
{
	enum { PAGES = 40, NODES = 50 };
	static struct page pages[PAGES];
	static char nodes[PAGES][NODES * 16], cursor[PAGES][16];
	struct run *r = *state;
	struct staging *s = staging_open(r);
	char line[1024];
	struct sink *to;
	FILE *file;
	int last = -1, n = 0;

	for (int i = 0; i < PAGES; i++) {
		size_t used = 0;

		for (int k = 0; k < NODES; k++)
			used +=
			    (size_t)snprintf(nodes[i] + used, sizeof(nodes[i]) - used, "%st%04d@%d",
			                     k == 0 ? "" : " ", (i * NODES + k) * 997 % (PAGES * NODES), i);
		snprintf(cursor[i], sizeof(cursor[i]), "c%d", i);
		pages[i] = (struct page){T, PAGES * NODES, i < PAGES - 1 ? cursor[i] : NULL, nodes[i]};
	}
	tx_begin(r->db);
	read_pages(r, s, pages, PAGES);
	file = fopen("many.csv", "w+");
	assert_non_null(file);
	to = sink_new(write_file, file);
	assert_int_equal(staging_write_transactions(s, to), PAGES * NODES);
	assert_int_equal(sink_end(to, NULL, NULL), 0);
	rewind(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		const char *at = strstr(line, "T10:");
		int id, order;

		if (at == NULL || sscanf(line, "t%d,", &id) != 1)
			continue;
		order = atoi(at + 4) * 10000 + id;
		assert_true(order > last);
		last = order;
		n++;
	}
	assert_int_equal(n, PAGES * NODES);
	fclose(file);
	tx_rollback(r->db);
	staging_close(s);
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_HOME(transactions_come_once_in_their_last_version),
	    IN_HOME(transaction_that_cannot_be_read_is_held_and_its_last_version_counts),
	    IN_HOME(node_that_no_program_can_take_is_held_alone),
	    IN_HOME(node_that_cannot_be_read_names_the_member),
	    IN_HOME(node_that_is_held_is_stored_whole),
	    IN_HOME(exception_is_closed_when_its_node_can_be_read),
	    IN_HOME(transactions_of_other_accounts_are_counted_only),
	    IN_HOME(supports_are_cards_and_memberships_without_one),
	    IN_HOME(card_that_changes_its_membership_has_the_later_one),
	    IN_HOME(record_that_could_not_be_read_back_is_held),
	    IN_HOME(nothing_of_a_broken_recording_is_stored),
	    IN_HOME(many_transactions_come_out_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
