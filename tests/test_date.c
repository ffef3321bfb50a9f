/* date: civil days against the libc calendar, instants against RFC 3339, Paris against tzdata. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "formats/date.h"
#include "formats/length.h"

#define DAY_MS INT64_C(86400000)

static date
day(const char *text)
{
	struct err e = {0};
	date on = 0;

	if (date_parse(text, &on, &e) < 0)
		fail_msg("%s: %s", text, e.message);
	return on;
}

static instant
moment(const char *text)
{
	struct err e = {0};
	instant at = 0;

	if (instant_parse(text, &at, &e) < 0)
		fail_msg("%s: %s", text, e.message);
	return at;
}

/* Every day of the range follows the one before it, and libc agrees on its name. */
static void
days_follow_one_another(void **state)
{
	int year, month, dd;
	date last = date_of(9999, 12, 31);

	(void)state;
	for (date on = date_of(1583, 1, 1); on <= last; on++) {
		time_t t = (time_t)on * 86400;
		struct tm tm;

		date_split(on, &year, &month, &dd);
		assert_int_equal(date_of(year, month, dd), on);
		gmtime_r(&t, &tm);
		assert_true(year == tm.tm_year + 1900 && month == tm.tm_mon + 1 && dd == tm.tm_mday);
		assert_int_equal(date_weekday(on), (tm.tm_wday + 6) % 7);
	}
}

static void
months_have_their_first_and_last_day(void **state)
{
	static const struct {
		const char *on, *start, *end;
	} cases[] = {
	    {"2024-02-10", "2024-02-01", "2024-02-29"}, {"2026-02-28", "2026-02-01", "2026-02-28"},
	    {"1900-02-01", "1900-02-01", "1900-02-28"}, {"2000-02-29", "2000-02-01", "2000-02-29"},
	    {"2026-12-31", "2026-12-01", "2026-12-31"}, {"1969-04-15", "1969-04-01", "1969-04-30"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_int_equal(date_month_start(day(cases[i].on)), day(cases[i].start));
		assert_int_equal(date_month_end(day(cases[i].on)), day(cases[i].end));
	}
}

static void
months_are_added_to_the_same_day_or_the_last(void **state)
{
	static const struct {
		const char *on;
		int months;
		const char *sum;
	} cases[] = {
	    {"2026-01-31", 1, "2026-02-28"},    {"2024-01-31", 1, "2024-02-29"},
	    {"2026-03-31", -1, "2026-02-28"},   {"2026-12-15", 1, "2027-01-15"},
	    {"2026-01-15", -1, "2025-12-15"},   {"2024-02-29", 12, "2025-02-28"},
	    {"2024-02-29", 36, "2027-02-28"},   {"2026-05-31", 0, "2026-05-31"},
	    {"2026-11-30", 3, "2027-02-28"},    {"2026-01-01", -13, "2024-12-01"},
	    {"2026-06-30", 2400, "2226-06-30"}, {"1970-01-31", -1, "1969-12-31"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_int_equal(date_add_months(day(cases[i].on), cases[i].months), day(cases[i].sum));
}

static void
dates_are_printed_as_they_are_read(void **state)
{
	static const char *const texts[] = {"1583-01-01", "1969-12-31", "1970-01-01", "2026-03-04",
	                                    "9999-12-31"};
	char text[DATE_TEXT], long_text[INSTANT_TEXT];

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++)
		assert_string_equal(date_print(text, day(texts[i])), texts[i]);
	assert_string_equal(date_print_compact(text, day("2026-03-04")), "20260304");
	assert_string_equal(date_print(text, DATE_NONE), "");
	assert_string_equal(date_print_compact(text, DATE_NONE), "");
	assert_string_equal(instant_print(long_text, INSTANT_NONE), "");
}

static void
dates_that_do_not_exist_are_refused(void **state)
{
	static const char *const texts[] = {"",
	                                    "2026-02-29",
	                                    "2026-13-01",
	                                    "2026-00-10",
	                                    "2026-04-31",
	                                    "2026-01-00",
	                                    "1582-12-31",
	                                    "0000-01-01",
	                                    "2026-1-01",
	                                    "2026-01-1",
	                                    "20260101",
	                                    "2026/01/01",
	                                    "2026-01-01 ",
	                                    " 2026-01-01",
	                                    "2026-01-01T",
	                                    "10000-01-01",
	                                    "-2026-01-01",
	                                    "1900-02-29",
	                                    "2026-01-0x"};

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct err e = {0};
		date on = 77;

		if (date_parse(texts[i], &on, &e) == 0)
			fail_msg("\"%s\" was read as a day", texts[i]);
		assert_string_equal(e.code, "invalid_date");
		assert_int_equal(on, 77);
	}
}

static void
instants_are_read_with_offsets_and_decimals(void **state)
{
	static const struct {
		const char *text, *utc;
	} cases[] = {
	    {"2026-03-04T02:30:00Z", "2026-03-04T02:30:00.000Z"},
	    {"2026-03-04T02:30:00.5Z", "2026-03-04T02:30:00.500Z"},
	    {"2026-03-04T02:30:00.123456789Z", "2026-03-04T02:30:00.123Z"},
	    {"2026-03-04T02:30:00.9999Z", "2026-03-04T02:30:00.999Z"},
	    {"2026-03-04T00:30:00+01:00", "2026-03-03T23:30:00.000Z"},
	    {"2026-12-31T23:30:00-05:30", "2027-01-01T05:00:00.000Z"},
	    {"2026-03-04T02:30:00-00:00", "2026-03-04T02:30:00.000Z"},
	    {"2026-03-04t02:30:00z", "2026-03-04T02:30:00.000Z"},
	    {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
	    {"1583-01-01T00:00:00Z", "1583-01-01T00:00:00.000Z"},
	    {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
	};
	char text[INSTANT_TEXT];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_string_equal(instant_print(text, moment(cases[i].text)), cases[i].utc);
	assert_true(moment("1970-01-01T00:00:00Z") == 0);
	assert_true(moment("2001-09-09T01:46:40Z") == INT64_C(1000000000000));
	assert_string_equal(instant_print_seconds(text, moment("2026-03-04T02:30:00.999Z")),
	                    "2026-03-04T02:30:00Z");
}

static void
instants_that_are_not_rfc_3339_are_refused(void **state)
{
	static const char *const texts[] = {
	    "",
	    "2026-03-04",
	    "2026-03-04T02:30Z",
	    "2026-03-04T02:30:00",
	    "2026-03-04 02:30:00Z",
	    "2026-03-04T24:00:00Z",
	    "2026-03-04T02:60:00Z",
	    "2026-03-04T02:30:60Z",
	    "2026-03-04T02:30:00.Z",
	    "2026-03-04T02:30:00.1234567890Z",
	    "2026-03-04T02:30:00,5Z",
	    "2026-03-04T02:30:00+0100",
	    "2026-03-04T02:30:00+24:00",
	    "2026-03-04T02:30:00+01:60",
	    "2026-03-04T02:30:00ZZ",
	    "2026-02-30T02:30:00Z",
	    "9999-12-31T23:59:59-01:00",
	    "1583-01-01T00:00:00+00:01",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct err e = {0};
		instant at = 77;

		if (instant_parse(texts[i], &at, &e) == 0)
			fail_msg("\"%s\" was read as an instant", texts[i]);
		assert_string_equal(e.code, "invalid_date");
		assert_int_equal(at, 77);
	}
}

/* The first instants of summer and winter time, as the Official Journal announced them. */
static void
paris_changes_its_clocks_with_the_directive(void **state)
{
	static const char *const summers[] = {"1996-03-31", "1999-03-28", "2000-03-26", "2016-03-27",
	                                      "2019-03-31", "2020-03-29", "2023-03-26", "2024-03-31",
	                                      "2025-03-30", "2026-03-29", "2027-03-28", "2028-03-26"};
	static const char *const winters[] = {"1996-10-27", "1999-10-31", "2000-10-29", "2016-10-30",
	                                      "2019-10-27", "2020-10-25", "2023-10-29", "2024-10-27",
	                                      "2025-10-26", "2026-10-25", "2027-10-31", "2028-10-29"};

	(void)state;
	for (size_t i = 0; i < LENGTH(summers); i++) {
		date s = day(summers[i]), w = day(winters[i]);

		assert_true(date_paris_midnight(s) == s * DAY_MS - DAY_MS / 24);
		assert_true(date_paris_midnight(s + 1) == (s + 1) * DAY_MS - DAY_MS / 12);
		assert_true(date_paris_midnight(w) == w * DAY_MS - DAY_MS / 12);
		assert_true(date_paris_midnight(w + 1) == (w + 1) * DAY_MS - DAY_MS / 24);
	}
}

static void
paris_days_begin_at_their_midnight(void **state)
{
	(void)state;
	for (date on = date_of(1996, 1, 1); on < date_of(2130, 1, 1); on++) {
		instant begin = date_paris_midnight(on);

		assert_int_equal(date_in_paris(begin), on);
		assert_int_equal(date_in_paris(begin - 1), on - 1);
		assert_int_equal(date_in_paris(begin + 12 * 3600000), on);
	}
	assert_int_equal(date_in_paris(moment("2026-07-31T22:00:00Z")), day("2026-08-01"));
	assert_int_equal(date_in_paris(moment("2026-07-31T21:59:59.999Z")), day("2026-07-31"));
	assert_int_equal(date_in_paris(moment("2026-12-31T22:59:59.999Z")), day("2026-12-31"));
	assert_int_equal(date_in_paris(moment("2026-12-31T23:00:00Z")), day("2027-01-01"));
	assert_int_equal(date_in_paris(moment("9999-12-31T22:59:59Z")), day("9999-12-31"));
}

/* Around every hour at which the day or the clocks could change, for a century. */
static void
paris_agrees_with_tzdata(void **state)
{
	static const int minutes[] = {0, 59, 60, 61, 119, 120, 180, 720, 1319, 1320, 1321, 1379, 1380, 1439};

	(void)state;
	if (access("/usr/share/zoneinfo/Europe/Paris", R_OK) != 0) {
		print_message("# skipped: /usr/share/zoneinfo/Europe/Paris is not here\n");
		return;
	}
	setenv("TZ", "Europe/Paris", 1);
	tzset();
	for (date on = date_of(1996, 1, 1); on < date_of(2100, 1, 1); on++) {
		for (size_t i = 0; i < LENGTH(minutes); i++) {
			time_t t = (time_t)on * 86400 + minutes[i] * 60;
			struct tm tm;

			localtime_r(&t, &tm);
			assert_int_equal(date_in_paris((instant)t * 1000),
			                 date_of(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday));
		}
		time_t midnight = (time_t)(date_paris_midnight(on) / 1000);
		struct tm tm;

		localtime_r(&midnight, &tm);
		assert_int_equal(tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec, 0);
	}
	unsetenv("TZ");
	tzset();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(days_follow_one_another),
	    cmocka_unit_test(months_have_their_first_and_last_day),
	    cmocka_unit_test(months_are_added_to_the_same_day_or_the_last),
	    cmocka_unit_test(dates_are_printed_as_they_are_read),
	    cmocka_unit_test(dates_that_do_not_exist_are_refused),
	    cmocka_unit_test(instants_are_read_with_offsets_and_decimals),
	    cmocka_unit_test(instants_that_are_not_rfc_3339_are_refused),
	    cmocka_unit_test(paris_changes_its_clocks_with_the_directive),
	    cmocka_unit_test(paris_days_begin_at_their_midnight),
	    cmocka_unit_test(paris_agrees_with_tzdata),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
