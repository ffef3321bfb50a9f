/* log: messages on standard error, for people and as JSON. */
#include "formats/length.h"
#include "tests/home.h"

#include <errno.h>

/* What an error is called in each form. */
static const struct ending {
	enum exit_status status;
	const char *code, *hint;
} endings[] = {
    {EXIT_USAGE, "usage", "\"`--help` lists the options\""},
    {EXIT_REFUSED, "refused", "\"correct the input; nothing was done\""},
    {EXIT_ABSENT, "absent", "null"},
    {EXIT_UNAVAILABLE, "unavailable", "\"run this command later\""},
    {EXIT_BUG, "internal", "\"do not release; call an engineer\""},
    {EXIT_OVERWRITE, "would_overwrite", "null"},
    {EXIT_IO, "input_output", "\"check the disk, then run this command once more\""},
    {EXIT_BUSY, "busy", "\"run this command later\""},
    {EXIT_FORBIDDEN, "forbidden", "\"do as the message says, or ask another person\""},
    {EXIT_CONFIG, "configuration", "\"correct what the message names\""},
};

/* The child gets only the run: the file `row` has the number of its row. */
static void
die_of_row(struct run *r)
{
	(void)r;
	log_as_json(true);
	die(endings[strtoul(home_read("row"), NULL, 10)].status, "%s is %d", "this", 1);
}

static void
log_prints_each_error_as_one_object(void **state)
{
	char number[24], expected[512];
	size_t i;

	for (i = 0; i < LENGTH(endings); i++) {
		snprintf(number, sizeof(number), "%zu", i);
		home_write("row", number);
		assert_int_equal(home_child(*state, die_of_row), (int)endings[i].status);
		snprintf(expected, sizeof(expected),
		         "{\"code\":\"%s\",\"message\":\"this is 1\",\"hint\":%s,\"exit_status\":%d,"
		         "\"program\":\"test\"}\n",
		         endings[i].code, endings[i].hint, (int)endings[i].status);
		assert_string_equal(home_read("said"), expected);
	}
}

static void
die_of_an_iban(struct run *r)
{
	(void)r;
	log_as_json(true);
	die_code(EXIT_REFUSED, "invalid_iban", "debtor_iban: wrong check digits");
}

static void
die_of_an_iban_in_text(struct run *r)
{
	(void)r;
	die_code(EXIT_REFUSED, "invalid_iban", "debtor_iban: wrong check digits (invalid_iban)");
}

static void
log_prints_the_code_of_an_error(void **state)
{
	assert_int_equal(home_child(*state, die_of_an_iban), EXIT_REFUSED);
	assert_non_null(strstr(home_read("said"), "{\"code\":\"invalid_iban\",\"message\":\"debtor_iban: "));
	assert_int_equal(home_child(*state, die_of_an_iban_in_text), EXIT_REFUSED);
	assert_string_equal(home_read("said"), "test: debtor_iban: wrong check digits (invalid_iban)\n");
}

#define EVIL "a \"b\"\n\033[2J \xff\xC2\x9B\xE2\x80\xAE"

static void
die_of_evil_in_text(struct run *r)
{
	(void)r;
	die(EXIT_IO, "%s", EVIL);
}

static void
die_of_evil(struct run *r)
{
	(void)r;
	log_as_json(true);
	die(EXIT_IO, "%s", EVIL);
}

static void
log_replaces_control_characters(void **state)
{
	assert_int_equal(home_child(*state, die_of_evil_in_text), EXIT_IO);
	assert_string_equal(home_read("said"), "test: a \"b\"??[2J ???\n");
	assert_int_equal(home_child(*state, die_of_evil), EXIT_IO);
	assert_non_null(strstr(home_read("said"),
	                       "\"message\":\"a \\\"b\\\"\\n\\u001b[2J \xef\xbf\xbd\xC2\x9B\xE2\x80\xAE\","));
}

static void
warn_inform_and_die(struct run *r)
{
	(void)r;
	log_as_json(true);
	log_open("test", false);
	warn("first");
	info("second");
	errno = ENOENT;
	die_errno(EXIT_IO, "a file");
}

/* Whoever reads the last line has the error. */
static void
log_prints_all_else_before_the_error(void **state)
{
	assert_int_equal(home_child(*state, warn_inform_and_die), EXIT_IO);
	assert_string_equal(
	    home_read("said"),
	    "{\"code\":\"warning\",\"message\":\"first\",\"hint\":null,\"exit_status\":null,\"program\":\"test\"}\n"
	    "{\"code\":\"information\",\"message\":\"second\",\"hint\":null,\"exit_status\":null,\"program\":\"test\"}\n"
	    "{\"code\":\"input_output\",\"message\":\"a file: No such file or directory\","
	    "\"hint\":\"check the disk, then run this command once more\",\"exit_status\":74,\"program\":\"test\"}\n");
}

/* Under systemd the level stands in front for journald; JSON is left alone. */
static void
die_under_systemd(struct run *r)
{
	(void)r;
	assert_int_equal(setenv("JOURNAL_STREAM", "8:1", 1), 0);
	log_open("test", true);
	warn("text");
	log_as_json(true);
	die(EXIT_IO, "json");
}

static void
log_has_no_level_in_front_of_json(void **state)
{
	assert_int_equal(home_child(*state, die_under_systemd), EXIT_IO);
	assert_non_null(strstr(home_read("said"), "<4>test: warning: text\n{\"code\""));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(log_prints_each_error_as_one_object), TEST(log_prints_the_code_of_an_error),
	    TEST(log_replaces_control_characters),     TEST(log_prints_all_else_before_the_error),
	    TEST(log_has_no_level_in_front_of_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
