/* pace: never more requests in five minutes than Swan accepts, and pauses that grow, differ and have a limit. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>

#include "formats/length.h"
#include "stages/core/net/pace.h"

static struct pace pace; /* large */

static void
requests_up_to_the_limit_go_at_once_and_one_more_waits_for_the_first(void **state)
{
	static const int limits[] = {1, 2, 7, 1500, PACE_MOST};

	(void)state;
	for (size_t i = 0; i < LENGTH(limits); i++) {
		pace_init(&pace, limits[i], 1);
		for (int n = 0; n < limits[i]; n++) {
			assert_int_equal(pace_wait(&pace, 1000 + n), 0);
			pace_note(&pace, 1000 + n);
		}
		assert_int_equal(pace_wait(&pace, 1000), PACE_SPAN);
		assert_int_equal(pace_wait(&pace, 5000), PACE_SPAN - 4000);
		assert_int_equal(pace_wait(&pace, 1000 + PACE_SPAN - 1), 1);
		assert_int_equal(pace_wait(&pace, 1000 + PACE_SPAN), 0);
		assert_int_equal(pace_wait(&pace, 1000 + 10 * (int64_t)PACE_SPAN), 0);
	}
}

/* A client that always waits as long as pace_wait says never sends more than the limit in any span, over many rounds. */
static void
no_span_ever_holds_more_than_the_limit(void **state)
{
	enum { LIMIT = 5, REQUESTS = 1000 };
	static int64_t at[REQUESTS];
	int64_t now = 0;
	bool waited = false;

	(void)state;
	pace_init(&pace, LIMIT, 1);
	for (int n = 0; n < REQUESTS; n++) {
		int64_t wait;

		now += (int64_t)n * 7919 % 90001; /* some haste, some leisure */
		wait = pace_wait(&pace, now);
		waited = waited || wait > 0;
		now += wait;
		assert_int_equal(pace_wait(&pace, now), 0);
		pace_note(&pace, now);
		at[n] = now;
		if (n >= LIMIT)
			assert_true(at[n] - at[n - LIMIT] >= PACE_SPAN);
	}
	assert_true(waited);
}

static void
places_of_old_requests_are_used_again_one_by_one(void **state)
{
	(void)state;
	pace_init(&pace, 3, 1);
	pace_note(&pace, 0);
	pace_note(&pace, 100);
	pace_note(&pace, 200);
	assert_int_equal(pace_wait(&pace, PACE_SPAN), 0);
	pace_note(&pace, PACE_SPAN);
	assert_int_equal(pace_wait(&pace, PACE_SPAN), 100);
	pace_note(&pace, PACE_SPAN + 100);
	assert_int_equal(pace_wait(&pace, PACE_SPAN + 100), 100);
	pace_note(&pace, PACE_SPAN + 200);
	assert_int_equal(pace_wait(&pace, PACE_SPAN + 200), PACE_SPAN - 200);
}

static void
pauses_are_doubled_each_time_and_at_least_half_of_that(void **state)
{
	static const struct {
		int n;
		int64_t first, whole;
	} cases[] = {
	    {1, 1, 1},
	    {1, 2, 2},
	    {1, 1000, 1000},
	    {2, 1000, 2000},
	    {3, 1000, 4000},
	    {9, 1000, 256000},
	    {10, 1000, PACE_LONGEST},
	    {1000, 1000, PACE_LONGEST},
	    {1, 60000, 60000},
	    {4, 60000, PACE_LONGEST},
	    {1, PACE_LONGEST + 1, PACE_LONGEST},
	    {3, INT64_MAX / 2, PACE_LONGEST},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		int64_t half = cases[i].whole - cases[i].whole / 2, least = INT64_MAX, most = 0;

		pace_init(&pace, 1, i);
		for (int k = 0; k < 2000; k++) {
			int64_t pause = pace_backoff(&pace, cases[i].n, cases[i].first);

			least = pause < least ? pause : least;
			most = pause > most ? pause : most;
		}
		assert_in_range(least, half, cases[i].whole);
		assert_in_range(most, half, cases[i].whole);
		assert_true(least <= half + cases[i].whole / 20); /* all of it is used */
		assert_true(most >= cases[i].whole - cases[i].whole / 20);
	}
}

static void
first_pause_of_nothing_stays_nothing(void **state)
{
	(void)state;
	pace_init(&pace, 1, 1);
	for (int n = 1; n <= 10; n++)
		assert_int_equal(pace_backoff(&pace, n, 0), 0);
}

static void
same_seed_gives_the_same_pauses_and_another_one_others(void **state)
{
	static struct pace again, other;
	int same = 0;

	(void)state;
	pace_init(&pace, 1, 42);
	pace_init(&again, 1, 42);
	pace_init(&other, 1, 43);
	for (int n = 0; n < 100; n++) {
		int64_t pause = pace_backoff(&pace, 5, 1000);

		assert_int_equal(pace_backoff(&again, 5, 1000), pause);
		same += pace_backoff(&other, 5, 1000) == pause;
	}
	assert_true(same < 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(requests_up_to_the_limit_go_at_once_and_one_more_waits_for_the_first),
	    cmocka_unit_test(no_span_ever_holds_more_than_the_limit),
	    cmocka_unit_test(places_of_old_requests_are_used_again_one_by_one),
	    cmocka_unit_test(pauses_are_doubled_each_time_and_at_least_half_of_that),
	    cmocka_unit_test(first_pause_of_nothing_stays_nothing),
	    cmocka_unit_test(same_seed_gives_the_same_pauses_and_another_one_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
