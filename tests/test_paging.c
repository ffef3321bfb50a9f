/* paging: a list is accepted when its last reading showed as many nodes as Swan counts, and reading always ends. */
#include "tests/canned.h"
#include "tests/pages.h"

#include "formats/length.h"
#include "stages/core/swan/paging.h"

#define T "transactions"

/* What was shown, as "1:a,b 1:c 2:a": a word for each page, with the number of the reading. */
struct seen {
	char trace[4096];
	size_t n;
	int64_t reading;
	char ids[64][64];
	int shown;
	instant reached;
	bool disordered;
};

static struct seen seen;

static void
note(struct seen *s, const char *text)
{
	s->n += (size_t)snprintf(s->trace + s->n, sizeof(s->trace) - s->n, "%s", text);
	assert_true(s->n < sizeof(s->trace));
}

static void
note_id(struct seen *s, const char *id)
{
	int i;

	note(s, s->trace[s->n - 1] == ':' ? "" : ",");
	note(s, id);
	for (i = 0; i < s->shown && strcmp(s->ids[i], id) != 0; i++)
		;
	if (i == s->shown) {
		assert_true(s->shown < 64);
		snprintf(s->ids[s->shown++], sizeof(s->ids[0]), "%s", id);
	}
}

static int
see_transaction(void *ctx, const struct swan_transaction *t, struct err *e)
{
	struct seen *s = ctx;

	(void)e;
	note_id(s, t->id);
	s->disordered = s->disordered || (s->reached != INSTANT_NONE && t->updated_at < s->reached);
	s->reached = t->updated_at > s->reached ? t->updated_at : s->reached;
	return 0;
}

static int
see_support(void *ctx, const struct swan_payment_support *p, struct err *e)
{
	(void)e;
	note_id(ctx, p->card_id != NULL ? p->card_id : p->account_membership_id);
	return 0;
}

static int
see_bad(void *ctx, const struct swan_bad *bad)
{
	note_id(ctx, bad->id);
	return 0;
}

static enum client_list list;

static int
see_page(void *ctx, int64_t reading, const char *json, size_t length, struct swan_page *page, struct err *e)
{
	struct seen *s = ctx;
	char head[32];

	if (reading != s->reading) {
		s->reading = reading;
		s->shown = 0;
		s->reached = INSTANT_NONE;
		s->disordered = false;
	}
	snprintf(head, sizeof(head), "%s%lld:", s->n > 0 ? " " : "", (long long)reading);
	note(s, head);
	if (list == CLIENT_TRANSACTIONS)
		return swan_read_transactions(json, length, see_transaction, see_bad, s, page, e);
	if (list == CLIENT_CARDS)
		return swan_read_cards(json, length, see_support, see_bad, s, page, e);
	return swan_read_memberships(json, length, see_support, see_bad, s, page, e);
}

static int64_t
count_seen(void *ctx, int64_t reading)
{
	const struct seen *s = ctx;

	assert_int_equal(reading, s->reading);
	return s->shown;
}

static instant
give_reached(void *ctx)
{
	const struct seen *s = ctx;

	return s->disordered ? INSTANT_NONE : s->reached;
}

static void
read_from(struct run *r, const char *recorded)
{
	struct paging p = {.run = r,
	                   .list = list,
	                   .from = pages_at(0),
	                   .to = pages_at(59),
	                   .read = see_page,
	                   .shown = count_seen,
	                   .reached = give_reached,
	                   .ctx = &seen};
	struct client *s = client_open(r, recorded, NULL);

	seen = (struct seen){.reached = INSTANT_NONE};
	client_begin_window(s, "window-1");
	paging_read(s, &p);
	client_end_window(s);
	client_close(s);
}

static void
read_recorded(struct run *r)
{
	read_from(r, PAGES_FOLDER);
}

static void
ask(struct run *r)
{
	read_from(r, NULL);
}

/* These pages are read to their end, and all of them. */
static void
assert_read(struct run *r, const struct page *pages, size_t n, const char *trace)
{
	pages_keep(pages, n);
	list = strcmp(pages[0].list, "cards") == 0 ? CLIENT_CARDS : CLIENT_TRANSACTIONS;
	read_recorded(r);
	assert_string_equal(seen.trace, trace);
}

#define MOST 8
#define END  NULL

static void
lists_are_read_to_their_end(void **state)
{
	static const struct {
		struct page pages[MOST];
		const char *trace;
	} cases[] = {
	    {{{T, 0, END, ""}}, "1:"},
	    {{{T, 2, END, "a@1 b@2"}}, "1:a,b"},
	    {{{T, 4, "x", "a@1 b@2"}, {T, 4, END, "c@3 d@4"}}, "1:a,b 1:c,d"},
	    {{{T, 3, "x", "a@1"}, {T, 3, "y", "b@2"}, {T, 3, END, "c@3"}}, "1:a 1:b 1:c"},
	    /* on two pages: one node */
	    {{{T, 3, "x", "a@1 b@2"}, {T, 3, END, "b@5 c@6"}}, "1:a,b 1:b,c"},
	    {{{T, 1, END, "a@1 a@2"}}, "1:a,a"},
	    /* an empty page is not the end */
	    {{{T, 2, "x", ""}, {T, 2, "y", "a@1"}, {T, 2, "z", ""}, {T, 2, END, "b@2"}}, "1: 1:a 1: 1:b"},
	    {{{T, 1, "x", "a@1"}, {T, 1, END, ""}}, "1:a 1:"},
	    /* a node that is held was shown */
	    {{{T, 3, "x", "a@1 b@2!"}, {T, 3, END, "c@3!"}}, "1:a,b 1:c"},
	    /* a list that grows meanwhile */
	    {{{T, 2, "x", "a@1"}, {T, 3, END, "b@2 c@3"}}, "1:a 1:b,c"},
	    /* an update does not take a card from the list: only the last count matters */
	    {{{"cards", 3, "x", "a@1/m b@1/m"}, {"cards", 2, END, "b@1/m"}}, "1:a,b 1:b"},
	    {{{"cards", 2, "x", "b@9/m"}, {"cards", 2, END, "a@1/m"}}, "1:b 1:a"},
	};

	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_read(*state, cases[i].pages, MOST, cases[i].trace);
}

/* A window that shrank is read on from a place before which nothing can have been skipped. */
static void
window_that_shrinks_is_read_on(void **state)
{
	static const struct {
		struct page pages[MOST];
		const char *trace;
	} cases[] = {
	    /* a was updated after the first page, so that c was skipped */
	    {{{T, 4, "x", "a@1 b@2"}, {T, 3, END, "d@4"}, {T, 3, END, "b@2 c@3 d@4"}}, "1:a,b 1:d 2:b,c,d"},
	    {{{T, 5, "x", "a@1 b@2"}, {T, 4, "y", "d@4"}, {T, 4, "z", "b@2 c@3"}, {T, 4, END, "d@4 e@5"}},
	     "1:a,b 1:d 2:b,c 2:d,e"},
	    /* and again */
	    {{{T, 4, "x", "a@1 b@2"},
	      {T, 3, "y", "d@4"},
	      {T, 3, "z", "b@2 c@3"},
	      {T, 2, END, ""},
	      {T, 2, END, "c@3 d@4"}},
	     "1:a,b 1:d 2:b,c 2: 3:c,d"},
	    /* to nothing at all */
	    {{{T, 2, "x", "a@1"}, {T, 0, END, ""}, {T, 0, END, ""}}, "1:a 1: 2:"},
	    /* a node that is held does not show how far reading came */
	    {{{T, 4, "x", "a@1 b@2!"}, {T, 3, END, "d@4"}, {T, 3, END, "b@2! c@3 d@4"}}, "1:a,b 1:d 2:b,c,d"},
	};

	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_read(*state, cases[i].pages, MOST, cases[i].trace);
}

static void
list_that_contradicts_its_count_is_read_once_more(void **state)
{
	static const struct {
		struct page pages[MOST];
		const char *trace;
	} cases[] = {
	    {{{T, 3, END, "a@1 b@2"}, {T, 3, END, "a@1 b@2 c@3"}}, "1:a,b 2:a,b,c"},
	    {{{T, 1, END, "a@1 b@2"}, {T, 2, END, "a@1 b@2"}}, "1:a,b 2:a,b"},
	    {{{"cards", 2, END, "a@1/m"}, {"cards", 2, "x", "a@1/m"}, {"cards", 2, END, "b@1/m"}},
	     "1:a 2:a 2:b"},
	    /* it shrank, but what it showed before was out of order, or nothing */
	    {{{T, 3, "x", "b@2 a@1"}, {T, 2, END, "c@3"}, {T, 2, "y", "a@1"}, {T, 2, END, "c@3"}},
	     "1:b,a 1:c 2:a 2:c"},
	    {{{T, 3, "x", ""}, {T, 2, END, "c@3"}, {T, 2, END, "a@1 c@3"}}, "1: 1:c 2:a,c"},
	    {{{T, 3, "x", "a@1!"}, {T, 2, END, "c@3"}, {T, 2, END, "a@1! c@3"}}, "1:a 1:c 2:a,c"},
	    /* read on, and then the count differs: read all again */
	    {{{T, 3, "x", "a@1"}, {T, 2, END, ""}, {T, 2, END, "c@3"}, {T, 3, END, "a@1 b@2 c@3"}},
	     "1:a 1: 2:c 3:a,b,c"},
	    /* all again, and then it shrinks: that is not a contradiction */
	    {{{T, 3, END, "a@1"}, {T, 3, "x", "a@1"}, {T, 2, END, ""}, {T, 2, END, "a@1 c@3"}},
	     "1:a 2:a 2: 3:a,c"},
	};

	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_read(*state, cases[i].pages, MOST, cases[i].trace);
}

static void
list_that_contradicts_itself_is_given_up(void **state)
{
	static const struct {
		struct page pages[MOST];
		const char *words;
	} cases[] = {
	    {{{T, 3, "", "a@1"}},
	     "pages/transactions-000.json: page 1 of transactions says that more follow, but has no cursor"},
	    {{{T, 3, "x", "a@1"}, {T, 3, "x", "b@2"}},
	     "pages/transactions-001.json: page 2 of transactions leads back to itself"},
	    {{{"cards", 3, "x", "a@1/m"}, {"cards", 3, "", "b@2/m"}}, "page 2 of cards says"},
	    {{{T, 3, END, "a@1 b@2"}}, "Swan counts 3 transactions, but shows 2;"},
	    {{{T, 3, END, "a@1 b@2"}, {T, 3, END, "a@1 b@2"}},
	     "Swan counts 3 transactions, but shows 2, twice;"},
	    {{{T, 1, END, "a@1 b@2"}, {T, 2, END, "a@1"}}, "Swan counts 2 transactions, but shows 1, twice;"},
	    {{{"cards", 3, END, "a@1/m"}}, "Swan counts 3 cards, but shows 1;"},
	    {{{T, 3, "x", "a@1"}}, "the last page of transactions is missing"},
	    {{{T, 2, "x", "a@1"}, {T, 1, END, ""}}, "the last page of transactions is missing"},
	    {{{T, 1, END, "a@1"}, {T, 1, END, "a@1"}}, "pages of transactions after the last one"},
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		pages_keep(cases[i].pages, MOST);
		list = strcmp(cases[i].pages[0].list, "cards") == 0 ? CLIENT_CARDS : CLIENT_TRANSACTIONS;
		home_dies(*state, read_recorded, EXIT_REFUSED, cases[i].words);
		assert_non_null(strstr(home_read("said"), "nothing of this window is stored"));
	}
}

/* As many pages as its count needs, and fifty that may be empty. */
static void
list_without_an_end_is_given_up(void **state)
{
	static struct page pages[60];
	static char cursor[60][8], trace[1024];
	size_t n = 0;

	list = CLIENT_TRANSACTIONS;
	for (size_t i = 0; i < LENGTH(pages); i++) {
		snprintf(cursor[i], sizeof(cursor[i]), "c%zu", i);
		pages[i] = (struct page){T, 0, cursor[i], ""};
	}
	pages_keep(pages, LENGTH(pages));
	home_dies(*state, read_recorded, EXIT_REFUSED,
	          "transactions: no end after 51 pages, for a count of 0");
	for (size_t i = 0; i < LENGTH(pages); i++)
		pages[i].total = 100;
	pages_keep(pages, LENGTH(pages));
	home_dies(*state, read_recorded, EXIT_REFUSED,
	          "transactions: no end after 52 pages, for a count of 100");
	for (size_t i = 0; i < LENGTH(pages); i++)
		pages[i] =
		    (struct page){T, 2, i % 2 == 0 ? "x" : "y", i % 2 == 0 ? "a@1" : "b@2"}; /* in a circle */
	pages_keep(pages, LENGTH(pages));
	home_dies(*state, read_recorded, EXIT_REFUSED,
	          "transactions: no end after 51 pages, for a count of 2");

	for (size_t i = 0; i < 51; i++) {
		pages[i] = (struct page){T, 0, i < 50 ? cursor[i] : NULL, ""};
		n += (size_t)snprintf(trace + n, sizeof(trace) - n, "%s1:", i == 0 ? "" : " ");
	}
	assert_read(*state, pages, 51, trace);
}

/* It shrinks at each reading, and never shows more than its first page. */
static void
window_that_shrinks_endlessly_is_given_up(void **state)
{
	static struct page pages[60];

	list = CLIENT_TRANSACTIONS;
	for (size_t i = 0; i < LENGTH(pages); i++)
		pages[i] =
		    (struct page){T, i % 2 == 0 ? 9 : 8, i % 2 == 0 ? "x" : NULL, i % 2 == 0 ? "a@1" : "c@3"};
	pages_keep(pages, LENGTH(pages));
	home_dies(*state, read_recorded, EXIT_REFUSED, "transactions change faster than they can be read");
}

/* --- over the network, where the questions can be seen ------------------------------------------------------------- */

static struct canned_answer answers[MOST + 1];

static size_t
serve_tries(struct run *r, struct canned *c, const struct page *pages, const char *tries)
{
	static char text[MOST][PAGES_SIZE];
	size_t n = 1;

	answers[0] = (struct canned_answer)CANNED_TOKEN;
	for (size_t i = 0; i < MOST && pages[i].list != NULL; i++)
		answers[n++] =
		    (struct canned_answer){.status = "200 OK", .body = page_print(&pages[i], text[i])};
	canned_open(c, NULL, answers, n);
	canned_configure(r, c, tries);
	return n;
}

static size_t
serve(struct run *r, struct canned *c, const struct page *pages)
{
	return serve_tries(r, c, pages, "tries = 1\n");
}

static void
assert_asked(int n, const char *variables)
{
	const char *body = canned_body(n);

	assert_non_null(body);
	body = strstr(body, "\"variables\":");
	assert_non_null(body);
	assert_string_equal(body, variables);
}

#define ASKED(after, from)                                                                \
	"\"variables\":{\"first\":100,\"after\":" after ",\"from\":\"2026-03-03T10:" from \
	":00.000Z\",\"to\":\"2026-03-03T10:59:00.000Z\"}}"

/* Such a page is asked for again, as if Swan had not answered: with the same cursor. */
static void
page_that_leads_nowhere_is_asked_for_again(void **state)
{
	static const struct page pages[MOST] = {
	    {T, 4, "x", "a@1"},         {T, 4, "x", ""}, {T, 4, "", "b@2"}, {T, 4, "x", "b@2"},
	    {T, 4, END, "b@2 c@3 d@4"},
	};
	static const struct page stuck[MOST] = {{T, 3, "x", "a@1"}, {T, 3, "x", ""}, {T, 3, "x", ""}};
	struct canned c;
	size_t n = serve_tries(*state, &c, pages, "tries = 4\nfirst_pause_ms = 0\n");

	list = CLIENT_TRANSACTIONS;
	ask(*state);
	assert_string_equal(seen.trace, "1:a 1: 1:b 1:b 1:b,c,d");
	assert_true(canned_close(&c, n));
	for (int i = 3; i <= 6; i++)
		assert_asked(i, ASKED("\"x\"", "00"));
	canned_forget();
	serve_tries(*state, &c, stuck, "tries = 2\nfirst_pause_ms = 0\n");
	home_dies(*state, ask, EXIT_UNAVAILABLE,
	          "page 2 of transactions leads back to itself; run this again later");
	assert_non_null(strstr(home_read("said"), "nothing of this window is stored"));
}

/* The page that reveals the gap comes after it: reading does not go on from what that page reached. */
static void
queries_follow_the_cursor_and_go_on_from_the_place_reached(void **state)
{
	static const struct page pages[MOST] = {
	    {T, 5, "x", "a@1 b@2"}, {T, 5, "y", "c@3 d@4"}, {T, 4, END, "f@6"},
	    {T, 3, "z", "d@4"},     {T, 3, END, "e@5 f@6"},
	};
	static const char *const asked[] = {ASKED("null", "00"), ASKED("\"x\"", "00"), ASKED("\"y\"", "00"),
	                                    ASKED("null", "04"), ASKED("\"z\"", "04")};
	struct canned c;
	size_t n = serve(*state, &c, pages);

	list = CLIENT_TRANSACTIONS;
	ask(*state);
	assert_string_equal(seen.trace, "1:a,b 1:c,d 1:f 2:d 2:e,f");
	assert_true(canned_close(&c, n));
	for (size_t i = 0; i < LENGTH(asked); i++)
		assert_asked((int)i + 2, asked[i]);
}

static void
window_that_was_out_of_order_or_empty_begins_again(void **state)
{
	static const struct {
		struct page pages[MOST];
	} cases[] = {
	    {{{T, 3, "x", "b@2 a@1"}, {T, 2, END, "c@3"}, {T, 2, END, "a@1 c@3"}}},
	    {{{T, 3, "x", ""}, {T, 2, END, "c@3"}, {T, 2, END, "a@1 c@3"}}},
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct canned c;
		size_t n = serve(*state, &c, cases[i].pages);

		list = CLIENT_TRANSACTIONS;
		ask(*state);
		assert_true(canned_close(&c, n));
		assert_asked(3, ASKED("\"x\"", "00"));
		assert_asked(4, ASKED("null", "00"));
		canned_forget();
	}
}

static void
contradiction_begins_again_where_the_window_begins(void **state)
{
	static const struct page pages[MOST] = {
	    {T, 3, "x", "a@1 b@2"}, {T, 2, END, ""},    {T, 2, END, "b@2"}, /* shrank, then lied */
	    {T, 3, "y", "a@1 b@2"}, {T, 3, END, "c@3"},
	};
	static const char *const asked[] = {ASKED("null", "00"), ASKED("\"x\"", "00"), ASKED("null", "02"),
	                                    ASKED("null", "00"), ASKED("\"y\"", "00")};
	struct canned c;
	size_t n = serve(*state, &c, pages);

	list = CLIENT_TRANSACTIONS;
	ask(*state);
	assert_true(canned_close(&c, n));
	for (size_t i = 0; i < LENGTH(asked); i++)
		assert_asked((int)i + 2, asked[i]);
}

/* b came in before what was reached: read on from there, it would never be shown. */
static void
window_that_grew_before_it_shrank_begins_again(void **state)
{
	static const struct page pages[MOST] = {
	    {T, 5, "x", "a@1 c@3"}, {T, 6, "y", "c@3 d@4"},     {T, 5, END, "f@6"},
	    {T, 5, "z", "b@2 c@3"}, {T, 5, END, "d@4 e@5 f@6"},
	};
	struct canned c;
	size_t n = serve(*state, &c, pages);

	list = CLIENT_TRANSACTIONS;
	ask(*state);
	assert_string_equal(seen.trace, "1:a,c 1:c,d 1:f 2:b,c 2:d,e,f");
	assert_true(canned_close(&c, n));
	assert_asked(5, ASKED("null", "00"));
}

static void
swan_that_contradicts_itself_twice_is_unavailable(void **state)
{
	static const struct page pages[MOST] = {{T, 3, END, "a@1 b@2"}, {T, 3, END, "a@1"}};
	struct canned c;
	size_t n = serve(*state, &c, pages);

	list = CLIENT_TRANSACTIONS;
	home_dies(*state, ask, EXIT_UNAVAILABLE, "/graphql: Swan counts 3 transactions, but shows 1, twice;");
	assert_true(canned_close(&c, n));
}

static void
swan_without_a_next_cursor_is_unavailable(void **state)
{
	static const struct page pages[MOST] = {{"cards", 3, "", "a@1/m"}};
	struct canned c;
	size_t n = serve(*state, &c, pages);

	list = CLIENT_CARDS;
	home_dies(*state, ask, EXIT_UNAVAILABLE,
	          "/graphql: page 1 of cards says that more follow, but has no cursor;");
	assert_true(canned_close(&c, n));
	assert_asked(2, "\"variables\":{\"first\":100,\"after\":null}}");
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_HOME(lists_are_read_to_their_end),
	    IN_HOME(window_that_shrinks_is_read_on),
	    IN_HOME(list_that_contradicts_its_count_is_read_once_more),
	    IN_HOME(list_that_contradicts_itself_is_given_up),
	    IN_HOME(list_without_an_end_is_given_up),
	    IN_HOME(window_that_shrinks_endlessly_is_given_up),
	    IN_HOME(page_that_leads_nowhere_is_asked_for_again),
	    IN_HOME(queries_follow_the_cursor_and_go_on_from_the_place_reached),
	    IN_HOME(window_that_was_out_of_order_or_empty_begins_again),
	    IN_HOME(contradiction_begins_again_where_the_window_begins),
	    IN_HOME(window_that_grew_before_it_shrank_begins_again),
	    IN_HOME(swan_that_contradicts_itself_twice_is_unavailable),
	    IN_HOME(swan_without_a_next_cursor_is_unavailable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
