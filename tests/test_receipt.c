/* receipt: lines that a receiver writes, and those that are not receipts. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/receipt.h"

#define ID "0badcafe-0700-8000-8000-000000000002"

static char list[1024];

static int
print(void *ctx, const struct receipt *q, struct err *e)
{
	char at[INSTANT_TEXT], id[UUID_TEXT];
	size_t n = strlen(list);

	(void)ctx;
	(void)e;
	snprintf(list + n, sizeof(list) - n, "%ld %s %s %s %s;", q->line, uuid_print(id, &q->id),
	         receipt_words[q->status], q->at == INSTANT_NONE ? "-" : instant_print(at, q->at),
	         q->message == NULL ? "-" : q->message);
	return 0;
}

static int
read_text(const char *text, struct err *e)
{
	FILE *in = fmemopen((char *)text, strlen(text), "r");
	int rc;

	assert_non_null(in);
	list[0] = '\0';
	*e = (struct err){0};
	rc = receipt_read(in, print, NULL, e);
	fclose(in);
	return rc;
}

static void
receipt_is_read_with_or_without_its_instant(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(
	    read_text(
		"{\"notification_id\":\"" ID
		"\",\"status\":\"accepted\",\"at\":\"2026-03-05T08:00:00Z\"}\n\n \r\n"
		"{\"status\":\"invalid\",\"message\":\"no device\",\"more\":[1],\"notification_id\":\"" ID
		"\"}",
		&e),
	    0);
	assert_string_equal(list,
	                    "1 " ID " accepted 2026-03-05T08:00:00.000Z -;4 " ID " invalid - no device;");
}

static void
line_that_is_not_a_receipt_is_named(void **state)
{
	static const struct {
		const char *text, *code;
	} cases[] = {
	    {"{", "malformed_json"},
	    {"[]", "malformed_json"},
	    {"{\"status\":\"accepted\"}", "missing_field"},
	    {"{\"notification_id\":\"" ID "\"}", "missing_field"},
	    {"{\"notification_id\":\"1\",\"status\":\"accepted\"}", "bad_field"},
	    {"{\"notification_id\":\"" ID "\",\"status\":\"sent\"}", "bad_field"},
	    {"{\"notification_id\":\"" ID "\",\"status\":\"accepted\",\"at\":\"today\"}", "bad_field"},
	    {"{\"notification_id\":\"" ID "\",\"status\":\"accepted\",\"at\":7}", "bad_field"},
	    {"{\"notification_id\":\"" ID "\",\"status\":\"accepted\",\"status\":\"invalid\"}",
	     "malformed_json"},
	    {"\xff", "not_utf8"},
	};
	char text[512];
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		snprintf(text, sizeof(text), "{\"notification_id\":\"" ID "\",\"status\":\"accepted\"}\n%s\n",
		         cases[i].text);
		if (read_text(text, &e) != -1 || strcmp(e.code, cases[i].code) != 0 || e.line != 2)
			fail_msg("%s: %s in line %ld", cases[i].text, e.code, e.line);
	}
}

static void
line_has_an_end(void **state)
{
	static char text[70000];
	struct err e;

	(void)state;
	memset(text, ' ', sizeof(text) - 1);
	text[0] = '{';
	assert_int_equal(read_text(text, &e), -1);
	assert_string_equal(e.code, "malformed_json");
	assert_int_equal(e.line, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(receipt_is_read_with_or_without_its_instant),
	    cmocka_unit_test(line_that_is_not_a_receipt_is_named),
	    cmocka_unit_test(line_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
