/* calendar: Easter, TARGET closing days, and counting in open days.
 *
 * source   ECB, TARGET closing days 2024-2027; dates of Easter as tabulated for the Gregorian calendar, and
 *          ../shared/vectors when it is there
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "formats/calendar.h"
#include "formats/length.h"

static date
day(const char *text)
{
	struct err e = {0};
	date on = DATE_NONE;

	if (date_parse(text, &on, &e) < 0)
		fail_msg("%s: %s", text, e.message);
	return on;
}

static void
assert_day(date on, const char *expected)
{
	char text[DATE_TEXT];

	assert_string_equal(date_print(text, on), expected);
}

static void
calendar_knows_easter(void **state)
{
	/* with the earliest and the latest day there can be, and the two exceptions of Gauss's rule */
	static const char *const sundays[] = {
	    "1583-04-10", "1609-04-19", "1818-03-22", "1943-04-25", "1954-04-18", "1961-04-02", "1981-04-19",
	    "2000-04-23", "2008-03-23", "2019-04-21", "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28",
	    "2028-04-16", "2029-04-01", "2030-04-21", "2038-04-25", "2049-04-18", "2285-03-22"};

	(void)state;
	for (size_t i = 0; i < LENGTH(sundays); i++) {
		int year, month, on;

		date_split(day(sundays[i]), &year, &month, &on);
		assert_day(calendar_easter(year), sundays[i]);
		assert_int_equal(date_weekday(calendar_easter(year)), SUNDAY);
	}
}

/* Calls `check` for each line that is no comment; the first columns without their tabs. */
static void
read_vectors(const char *path, int least, void (*check)(const char *a, int n, const char *b))
{
	char line[256], a[16], b[16];
	FILE *in = fopen(path, "r");
	int n, lines = 0;

	if (in == NULL) {
		print_message("# skipped: %s is not here\n", path);
		return;
	}
	while (fgets(line, sizeof(line), in) != NULL) {
		if (line[0] == '#' || line[0] == '\n')
			continue;
		a[0] = b[0] = '\0';
		n = 0;
		assert_true(sscanf(line, "%15s %d %15s", a, &n, b) >= 1);
		check(a, n, b);
		lines++;
	}
	fclose(in);
	assert_true(lines >= least);
}

static void
check_easter(const char *sunday, int n, const char *nothing)
{
	int year, month, on;

	(void)n;
	(void)nothing;
	date_split(day(sunday), &year, &month, &on);
	assert_day(calendar_easter(year), sunday);
}

static void
calendar_knows_five_hundred_easters(void **state)
{
	(void)state;
	read_vectors("../shared/vectors/easter.tsv", 500, check_easter);
}

static void
check_offset(const char *from, int days, const char *expected)
{
	assert_day(calendar_add_open(day(from), days), expected);
}

static void
calendar_counts_as_others_do(void **state)
{
	(void)state;
	read_vectors("../shared/vectors/target_offset.tsv", 8, check_offset);
}

static void
calendar_closes_on_target_holidays_only(void **state)
{
	static const struct {
		const char *on;
		bool open;
	} cases[] = {
	    {"2026-01-01", false},                                               /* New Year */
	    {"2026-01-02", true},  {"2026-04-02", true},  {"2026-04-03", false}, /* Good Friday */
	    {"2026-04-06", false},                                               /* Easter Monday */
	    {"2026-04-07", true},  {"2026-05-01", false},                        /* Labour Day */
	    {"2026-12-24", true},  {"2026-12-25", false},                        /* Christmas */
	    {"2025-12-26", false},                                               /* the day after it */
	    {"2026-12-31", true},  {"2024-03-29", false}, {"2024-04-01", false},
	    {"2027-03-26", false}, {"2027-03-29", false}, {"2026-03-07", false}, /* a Saturday */
	    {"2026-03-08", false},                                               /* a Sunday */
	    {"2026-05-08", true}, /* closed in France, open in TARGET: 8 May, Ascension, Whit Monday, 14 July ... */
	    {"2026-05-14", true},  {"2026-05-25", true},  {"2026-07-14", true},
	    {"2025-08-15", true},  {"2027-11-01", true},  {"2026-11-11", true},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		if (calendar_is_open(day(cases[i].on)) != cases[i].open)
			fail_msg("%s must be %s", cases[i].on, cases[i].open ? "open" : "closed");
}

static void
calendar_counts_open_days(void **state)
{
	static const struct {
		const char *from;
		int days;
		const char *expected;
	} cases[] = {
	    {"2026-03-04", 0, "2026-03-04"},
	    {"2026-03-04", 1, "2026-03-05"},
	    {"2026-03-06", 1, "2026-03-09"},
	    {"2026-03-07", 0, "2026-03-09"}, /* from a closed day: from the next open one */
	    {"2026-03-07", 1, "2026-03-10"},
	    {"2026-04-02", 1, "2026-04-07"}, /* over Easter */
	    {"2026-04-03", 2, "2026-04-09"},
	    {"2026-04-30", 1, "2026-05-04"},
	    {"2025-12-24", 1, "2025-12-29"},
	    {"2025-12-24", 4, "2026-01-02"},
	    {"2026-03-04", 22, "2026-04-07"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		check_offset(cases[i].from, cases[i].days, cases[i].expected);
	assert_day(calendar_open_from(day("2026-04-03")), "2026-04-07");
	assert_day(calendar_open_from(day("2026-04-07")), "2026-04-07");
	assert_day(calendar_open_from(day("2027-01-01")), "2027-01-04");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(calendar_knows_easter),
	    cmocka_unit_test(calendar_knows_five_hundred_easters),
	    cmocka_unit_test(calendar_counts_as_others_do),
	    cmocka_unit_test(calendar_closes_on_target_holidays_only),
	    cmocka_unit_test(calendar_counts_open_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
