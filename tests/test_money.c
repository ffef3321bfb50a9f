/* money: what is an amount and what is not, to the last cent of the range. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/money.h"

static void
money_reads_decimals(void **state)
{
	static const struct {
		const char *text;
		cents amount;
	} cases[] = {
	    {"20", 2000},
	    {"20.5", 2050},
	    {"-0.05", -5},
	    {"000149.87", 14987},
	    {"000000000000149.87", 14987},
	    {"8.850", 885},
	    {"400", 40000},
	    {"0", 0},
	    {"-0.00", 0},
	    {"19.99", 1999},
	    {"98529.87", 9852987},
	    {".24", 24},
	    {"5.", 500},
	    {"1.00000000000000000000000000000", 100},
	    {"9999999999999.99", 999999999999999},
	    {"92233720368547758.07", INT64_MAX},
	    {"-92233720368547758.08", INT64_MIN},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = {0};
		cents amount = 1;

		assert_int_equal(money_parse(cases[i].text, &amount, &e), 0);
		assert_true(amount == cases[i].amount);
	}
}

static void
refuses_all(int (*parse)(const char *, cents *, struct err *), const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct err e = {0};
		cents amount = 77;

		if (parse(texts[i], &amount, &e) == 0)
			fail_msg("\"%s\" was read as an amount", texts[i]);
		assert_string_equal(e.code, "invalid_amount");
		assert_true(e.message[0] != '\0');
		assert_int_equal(amount, 77);
	}
}

static void
money_refuses_three_decimals(void **state)
{
	static const char *const texts[] = {"1.345", "0.005", "0.001", "-12.3456", "1.000000000000000000001"};

	(void)state;
	refuses_all(money_parse, texts, LENGTH(texts));
}

static void
money_refuses_what_is_no_amount(void **state)
{
	static const char *const texts[] = {"",         "-",        ".",   "-.",    " 1",   "1 ",  "1,00",
	                                    "1e2",      "+1",       "--1", "1.2.3", "0x1",  "NaN", "xyz",
	                                    "Infinity", "1 000.00", "1.-", "€1",    "12.3x"};

	(void)state;
	refuses_all(money_parse, texts, LENGTH(texts));
}

static void
money_refuses_what_does_not_fit(void **state)
{
	static const char *const texts[] = {"92233720368547758.08", "-92233720368547758.09",
	                                    "92233720368547759", "9223372036854775807",
	                                    "999999999999999999999999999"};

	(void)state;
	refuses_all(money_parse, texts, LENGTH(texts));
}

static void
cents_are_whole_numbers(void **state)
{
	static const char *const refused[] = {"",
	                                      "-",
	                                      "1.0",
	                                      "1.",
	                                      " 1",
	                                      "1 ",
	                                      "+1",
	                                      "1e2",
	                                      "12a",
	                                      "9223372036854775808",
	                                      "-9223372036854775809"};
	struct err e = {0};
	cents amount;

	(void)state;
	assert_int_equal(money_parse_cents("-1250", &amount, &e), 0);
	assert_int_equal(amount, -1250);
	assert_int_equal(money_parse_cents("007", &amount, &e), 0);
	assert_int_equal(amount, 7);
	assert_int_equal(money_parse_cents("-9223372036854775808", &amount, &e), 0);
	assert_true(amount == INT64_MIN);
	refuses_all(money_parse_cents, refused, LENGTH(refused));
}

static void
money_prints_two_decimals(void **state)
{
	static const struct {
		cents amount;
		const char *text;
	} cases[] = {
	    {0, "0.00"},   {5, "0.05"},           {24, "0.24"},
	    {-5, "-0.05"}, {-1250, "-12.50"},     {INT64_MAX, "92233720368547758.07"},
	    {100, "1.00"}, {9852987, "98529.87"}, {INT64_MIN, "-92233720368547758.08"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char text[MONEY_TEXT];

		assert_string_equal(money_print(text, cases[i].amount), cases[i].text);
	}
}

static void
money_prints_as_the_french_read_it(void **state)
{
	static const struct {
		cents amount;
		const char *text;
	} cases[] = {
	    {0, "0,00"},
	    {-5, "-0,05"},
	    {99999, "999,99"},
	    {100000, "1\xC2\xA0"
	             "000,00"},
	    {1234567, "12\xC2\xA0"
	              "345,67"},
	    {-123456789, "-1\xC2\xA0"
	                 "234\xC2\xA0"
	                 "567,89"},
	    {INT64_MIN, "-92\xC2\xA0"
	                "233\xC2\xA0"
	                "720\xC2\xA0"
	                "368\xC2\xA0"
	                "547\xC2\xA0"
	                "758,08"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char text[MONEY_TEXT_FR];

		assert_string_equal(money_print_fr(text, cases[i].amount), cases[i].text);
	}
}

static void
printed_money_is_read_back(void **state)
{
	uint64_t x = 88172645463325252u;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		char text[MONEY_TEXT];
		struct err e = {0};
		cents amount, back;

		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		memcpy(&amount, &x, sizeof(amount));
		amount >>= i % 60;
		assert_int_equal(money_parse(money_print(text, amount), &back, &e), 0);
		assert_true(amount == back);
	}
}

static void
sums_do_not_overflow(void **state)
{
	cents sum = INT64_MAX - 1;

	(void)state;
	assert_true(money_add(&sum, 1));
	assert_true(sum == INT64_MAX);
	assert_false(money_add(&sum, 1));
	assert_true(sum == INT64_MAX);
	sum = INT64_MIN;
	assert_false(money_add(&sum, -1));
	assert_true(sum == INT64_MIN);
	assert_true(money_add(&sum, INT64_MAX));
	assert_int_equal(sum, -1);
}

/* The rows that only a debit refuses (not more than zero, beyond a bank's limit) are amounts all the same. */
static void
money_agrees_with_the_shared_vectors(void **state)
{
	static const char *const amounts[] = {"0", "-3", "9999999999999.99"};
	const char *path = "../shared/vectors/amount.tsv";
	FILE *in = fopen(path, "r");
	char line[256];
	int rows = 0;

	(void)state;
	if (!in) {
		print_message("# skipped: %s is not here\n", path);
		return;
	}
	while (fgets(line, sizeof(line), in)) {
		char *expected = strchr(line, '\t'), text[MONEY_TEXT];
		struct err e = {0};
		bool refused;
		cents amount = 0;

		if (line[0] == '#' || !expected)
			continue;
		*expected++ = '\0';
		refused = strncmp(expected, "refuse", 6) == 0 || strstr(expected, "or refuse");
		for (size_t i = 0; i < LENGTH(amounts); i++)
			refused = refused && strcmp(line, amounts[i]) != 0;
		if (strchr(line, ' '))
			continue; /* a sentence, tested above */
		if ((money_parse(line, &amount, &e) < 0) != refused)
			fail_msg("\"%s\" should be %s", line, refused ? "refused" : "read");
		money_print(text, amount);
		if (!refused && strncmp(expected, "refuse", 6) != 0 &&
		    strncmp(expected, text, strlen(text)) != 0)
			fail_msg("\"%s\" became %s, not %s", line, text, expected);
		rows++;
	}
	fclose(in);
	assert_true(rows >= 10);
}

static void
money_groups_thousands_for_people(void **state)
{
	static const struct {
		cents amount;
		const char *text;
	} cases[] = {
	    {0, "0.00"},
	    {5, "0.05"},
	    {-5, "-0.05"},
	    {99999, "999.99"},
	    {100000, "1 000.00"},
	    {181654, "1 816.54"},
	    {-12345678, "-123 456.78"},
	    {123456789, "1 234 567.89"},
	    {INT64_MAX, "92 233 720 368 547 758.07"},
	    {INT64_MIN, "-92 233 720 368 547 758.08"},
	};
	char text[MONEY_TEXT_GROUPED];
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++)
		assert_string_equal(money_print_grouped(text, cases[i].amount), cases[i].text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(money_groups_thousands_for_people),
	    cmocka_unit_test(money_reads_decimals),
	    cmocka_unit_test(money_refuses_three_decimals),
	    cmocka_unit_test(money_refuses_what_is_no_amount),
	    cmocka_unit_test(money_refuses_what_does_not_fit),
	    cmocka_unit_test(cents_are_whole_numbers),
	    cmocka_unit_test(money_prints_two_decimals),
	    cmocka_unit_test(money_prints_as_the_french_read_it),
	    cmocka_unit_test(printed_money_is_read_back),
	    cmocka_unit_test(sums_do_not_overflow),
	    cmocka_unit_test(money_agrees_with_the_shared_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
