/* window: the bounds for which Swan is asked, and the order in which the answers are posted. */
#include "tests/home.h"

#include "formats/length.h"
#include "stages/core/swan/window.h"

static void
save(struct run *r, int64_t number, const char *from, const char *to, const char *watermark)
{
	struct window w = {.number = number,
	                   .from = home_instant(from),
	                   .to = home_instant(to),
	                   .watermark = home_instant(watermark),
	                   .transactions = 10 * number,
	                   .payment_supports = number};

	snprintf(w.transactions_path, sizeof(w.transactions_path), "out/t%lld.csv", (long long)number);
	snprintf(w.payment_supports_path, sizeof(w.payment_supports_path), "out/s%lld.csv",
	         (long long)number);
	window_save(r, &w);
}

static void
first_window_begins_at_midnight_in_paris_of_the_start_date(void **state)
{
	static const struct {
		const char *config, *from;
	} rows[] = {
	    {"", "2025-12-31T23:00:00Z"},
	    {"[swan]\nstart_date = 2026-02-15\n", "2026-02-14T23:00:00Z"},
	    {"[swan]\nstart_date = 2025-07-01\n", "2025-06-30T22:00:00Z"},
	    {"[swan]\nstart_date = 2025-07-01\noverlap_minutes = 600\n", "2025-06-30T22:00:00Z"},
	};
	struct window w;
	size_t i;

	for (i = 0; i < LENGTH(rows); i++) {
		memset(&w, 0x55, sizeof(w));
		home_configure(*state, rows[i].config);
		assert_true(window_ask(*state, home_instant("2026-03-03T23:00:00Z"), false, &w));
		assert_true(w.from == home_instant(rows[i].from));
		assert_true(w.watermark == w.from); /* with nothing seen it stays there */
		assert_true(w.to == home_instant("2026-03-03T23:00:00Z"));
		assert_int_equal(w.number, 0);
		assert_int_equal(w.transactions, 0);
		assert_string_equal(w.transactions_path, "");
	}
}

static void
next_window_begins_an_overlap_before_the_watermark(void **state)
{
	static const struct {
		const char *config, *from;
	} rows[] = {
	    {"", "2026-03-02T08:45:30.123Z"},
	    {"[swan]\noverlap_minutes = 0\n", "2026-03-02T09:45:30.123Z"},
	    {"[swan]\noverlap_minutes = 1440\n", "2026-03-01T09:45:30.123Z"},
	    {"[swan]\nstart_date = 2026-03-03\n", "2026-03-02T08:45:30.123Z"}, /* the start date is past */
	};
	struct run *r = *state;
	struct window w;
	size_t i;

	save(r, 1, "2025-12-31T23:00:00Z", "2026-03-02T23:00:00Z", "2026-03-02T09:45:30.123Z");
	for (i = 0; i < LENGTH(rows); i++) {
		home_configure(r, rows[i].config);
		assert_true(window_ask(r, home_instant("2026-03-03T23:00:00Z"), false, &w));
		assert_true(w.from == home_instant(rows[i].from));
		assert_true(w.watermark == home_instant("2026-03-02T09:45:30.123Z"));
		assert_true(w.to == home_instant("2026-03-03T23:00:00Z"));
	}
}

/* Nothing before the first window is asked for, however long the overlap is. */
static void
no_window_begins_before_the_first(void **state)
{
	struct run *r = *state;
	struct window w;

	home_configure(r, "[swan]\noverlap_minutes = 10080\n");
	save(r, 1, "2026-03-01T23:00:00Z", "2026-03-02T23:00:00Z", "2026-03-02T09:45:30.123Z");
	assert_true(window_ask(r, home_instant("2026-03-03T23:00:00Z"), true, &w));
	assert_true(w.from == home_instant("2026-03-01T23:00:00Z"));
}

/* A window without news repeats the watermark, and the latest one seen counts, not the one saved last. */
static void
watermark_never_goes_back(void **state)
{
	struct run *r = *state;
	struct window w;

	save(r, 1, "2026-02-01T00:00:00Z", "2026-03-01T23:00:00Z", "2026-03-01T20:00:00Z");
	save(r, 2, "2026-02-01T00:00:00Z", "2026-03-02T23:00:00Z", "2026-03-01T19:00:00Z");
	assert_true(window_ask(r, home_instant("2026-03-03T23:00:00Z"), false, &w));
	assert_true(w.from == home_instant("2026-03-01T19:00:00Z"));
	assert_true(w.watermark == home_instant("2026-03-01T20:00:00Z"));
}

static void
window_that_was_answered_is_not_asked_for_again(void **state)
{
	struct run *r = *state;
	struct window w;

	save(r, 1, "2026-03-01T00:00:00Z", "2026-03-02T23:00:00Z", "2026-03-02T20:00:00Z");
	assert_false(window_is_due(r, home_instant("2026-03-02T23:00:00Z")));
	assert_false(window_ask(r, home_instant("2026-03-02T23:00:00Z"), true, &w));
	assert_false(window_is_due(r, home_instant("2026-03-01T23:00:00Z")));
	assert_false(window_ask(r, home_instant("2026-03-01T23:00:00Z"), true, &w));
	assert_true(window_ask(r, home_instant("2026-03-02T23:00:00.001Z"), false, &w));
}

/* The clock was four days ahead for one night, which stored a window for each day. */
static void
windows_that_end_later_than_now_do_not_count(void **state)
{
	static const char *const ends[] = {"2026-03-04T23:00:00Z", "2026-03-05T23:00:00Z",
	                                   "2026-03-06T23:00:00Z", "2026-03-07T23:00:00Z"};
	struct run *r = *state;
	struct window w;
	int64_t i;

	for (i = 0; i < 4; i++)
		save(r, i + 1, "2026-03-02T19:00:00Z", ends[i], "2026-03-04T02:00:00Z");
	assert_false(window_is_due(r, home_instant("2026-03-03T23:00:00Z"))); /* that far it was answered */
	r->now = home_instant("2026-03-05T02:30:00Z");
	assert_true(window_is_due(r, home_instant("2026-03-04T23:00:00Z")));
	assert_true(window_ask(r, home_instant("2026-03-04T23:00:00Z"), true, &w));
	assert_true(w.from == home_instant("2026-03-04T01:00:00Z") &&
	            w.to == home_instant("2026-03-04T23:00:00Z"));
	save(r, 5, "2026-03-04T01:00:00Z", "2026-03-04T23:00:00Z", "2026-03-04T20:00:00Z");
	assert_false(window_is_due(r, home_instant("2026-03-04T23:00:00Z"))); /* once */
	r->now = home_instant("2026-03-06T02:30:00Z");
	assert_true(window_ask(r, home_instant("2026-03-05T23:00:00Z"), true,
	                       &w)); /* and so on, from night to night */
	assert_true(w.from == home_instant("2026-03-04T19:00:00Z") &&
	            w.to == home_instant("2026-03-05T23:00:00Z"));
}

/* A day each, by the clock of Paris, in which one day of March has 23 hours. */
static void
backlog_is_cut_into_days(void **state)
{
	static const char *const ends[] = {"2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z",
	                                   "2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z",
	                                   "2026-03-31T09:30:00Z"};
	struct run *r = *state;
	struct window w;
	int64_t i, n = (int64_t)LENGTH(ends);

	home_configure(r, "[swan]\nstart_date = 2026-03-27\n");
	for (i = 0; i < n; i++) {
		assert_true(window_ask(r, home_instant("2026-03-31T09:30:00Z"), true, &w));
		assert_true(w.to == home_instant(ends[i]));
		assert_int_equal(window_count_left(&w, home_instant("2026-03-31T09:30:00Z")), n - i);
		w.number = i + 1;
		snprintf(w.transactions_path, sizeof(w.transactions_path), "out/t.csv");
		window_save(r, &w);
	}
	assert_false(window_ask(r, home_instant("2026-03-31T09:30:00Z"), true, &w));
}

static void
same_window_is_asked_for_until_it_is_answered(void **state)
{
	struct run *r = *state;
	struct window first, again;

	home_configure(r, "[swan]\nstart_date = 2026-03-03\n");
	assert_true(window_ask(r, home_instant("2026-03-03T10:00:00Z"), true, &first));
	assert_true(window_ask(r, home_instant("2026-03-03T11:00:00Z"), true,
	                       &again)); /* an hour later, after a kill */
	assert_true(again.from == first.from && again.to == first.to);
	again.number = 1;
	snprintf(again.transactions_path, sizeof(again.transactions_path), "out/t.csv");
	window_save(r, &again);
	assert_int_equal(home_number(r, "SELECT count(*) FROM import_asked"), 0);
	assert_true(window_ask(r, home_instant("2026-03-03T11:00:00Z"), true, &again));
	assert_true(again.to == home_instant("2026-03-03T11:00:00Z"));
	assert_true(window_ask(r, home_instant("2026-03-03T12:00:00Z"), false,
	                       &again)); /* a recording cannot be cut */
	assert_true(again.to == home_instant("2026-03-03T12:00:00Z"));
}

/* Nothing was imported yet, for example because of a wrong secret; then the start date is corrected too. */
static void
start_date_that_is_set_right_after_a_failure_counts(void **state)
{
	struct run *r = *state;
	struct window w;

	home_configure(r, "[swan]\nstart_date = 2026-03-03\n");
	assert_true(window_ask(r, home_instant("2026-03-03T23:00:00Z"), true, &w));
	home_configure(r, "[swan]\nstart_date = 2026-02-01\n");
	assert_true(window_ask(r, home_instant("2026-03-03T23:00:00Z"), true, &w));
	assert_true(w.from == home_instant("2026-01-31T23:00:00Z") &&
	            w.to == home_instant("2026-02-01T23:00:00Z"));
	home_configure(r, "[swan]\nstart_date = 2026-03-02\n");
	assert_true(window_ask(r, home_instant("2026-03-03T23:00:00Z"), true, &w));
	assert_true(w.from == home_instant("2026-03-01T23:00:00Z") &&
	            w.to == home_instant("2026-03-02T23:00:00Z"));
	assert_int_equal(home_number(r, "SELECT count(*) FROM import_asked"), 1);
	assert_true(home_number(r, "SELECT from_at FROM import_asked") == w.from);
}

static void
payment_supports_alone_answer_no_window(void **state)
{
	struct run *r = *state;
	struct window w = window_none;

	assert_false(window_has_supports(r));
	w.number = 1;
	w.payment_supports = 7;
	snprintf(w.payment_supports_path, sizeof(w.payment_supports_path), "out/s.csv");
	assert_true(window_ask(r, home_instant("2026-03-03T23:00:00Z"), true, &(struct window){0}));
	window_save(r, &w);
	assert_true(window_has_supports(r));
	assert_true(window_is_due(r, home_instant("2026-03-03T23:00:00Z")));
	assert_int_equal(home_number(r, "SELECT count(*) FROM import_asked"), 1);
	assert_true(window_after(r, 0, &w));
	assert_true(w.from == INSTANT_NONE && w.to == INSTANT_NONE && w.watermark == INSTANT_NONE);
	assert_string_equal(w.transactions_path, "");
	assert_string_equal(w.payment_supports_path, "out/s.csv");
	r->on++;
	assert_false(window_has_supports(r));
}

static void
windows_come_back_whole_and_in_order(void **state)
{
	struct run *r = *state;
	struct window w;

	assert_false(window_after(r, 0, &w));
	save(r, 3, "2026-03-02T22:00:00Z", "2026-03-03T23:00:00Z", "2026-03-03T20:00:00Z");
	save(r, 1, "2026-03-01T00:00:00Z", "2026-03-02T23:00:00Z", "2026-03-02T20:00:00Z");
	assert_true(window_after(r, 0, &w));
	assert_int_equal(w.number, 1);
	assert_true(window_after(r, 1, &w));
	assert_int_equal(w.number, 3);
	assert_true(w.from == home_instant("2026-03-02T22:00:00Z"));
	assert_true(w.to == home_instant("2026-03-03T23:00:00Z"));
	assert_true(w.watermark == home_instant("2026-03-03T20:00:00Z"));
	assert_int_equal(w.transactions, 30);
	assert_int_equal(w.payment_supports, 3);
	assert_string_equal(w.transactions_path, "out/t3.csv");
	assert_string_equal(w.payment_supports_path, "out/s3.csv");
	assert_false(window_after(r, 3, &w));
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM import_window WHERE business_on = '2026-03-04'"), 2);
}

static void
latest_payment_supports_are_those_of_the_last_window(void **state)
{
	struct run *r = *state;
	char path[PATH_SIZE];

	assert_false(window_latest_supports(r, path));
	save(r, 10, "2026-03-02T22:00:00Z", "2026-03-03T23:00:00Z", "2026-03-03T20:00:00Z");
	save(r, 9, "2026-03-01T00:00:00Z", "2026-03-02T23:00:00Z", "2026-03-02T20:00:00Z");
	assert_true(window_latest_supports(r, path));
	assert_string_equal(path, "out/s10.csv");
}

static void
windows_of_a_rehearsal_are_not_stored(void **state)
{
	struct run *r = *state;
	struct window w;

	home_rehearse(r);
	save(r, 1, "2026-03-01T00:00:00Z", "2026-03-02T23:00:00Z", "2026-03-02T20:00:00Z");
	home_reopen(r);
	assert_false(window_after(r, 0, &w));
	assert_true(window_ask(r, home_instant("2026-03-02T23:00:00Z"), false, &w));
}

#define WITH_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_HOME(first_window_begins_at_midnight_in_paris_of_the_start_date),
	    WITH_HOME(backlog_is_cut_into_days),
	    WITH_HOME(same_window_is_asked_for_until_it_is_answered),
	    WITH_HOME(start_date_that_is_set_right_after_a_failure_counts),
	    WITH_HOME(payment_supports_alone_answer_no_window),
	    WITH_HOME(no_window_begins_before_the_first),
	    WITH_HOME(next_window_begins_an_overlap_before_the_watermark),
	    WITH_HOME(watermark_never_goes_back),
	    WITH_HOME(window_that_was_answered_is_not_asked_for_again),
	    WITH_HOME(windows_that_end_later_than_now_do_not_count),
	    WITH_HOME(windows_come_back_whole_and_in_order),
	    WITH_HOME(latest_payment_supports_are_those_of_the_last_window),
	    WITH_HOME(windows_of_a_rehearsal_are_not_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
