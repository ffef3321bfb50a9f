/* spreadsheet: what a spreadsheet would run, or take for something else than the text that it is. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "formats/length.h"
#include "formats/spreadsheet.h"

static void
spreadsheet_would_convert(void **state)
{
	static const char *const texts[] = {"0",          "5002",
	                                    "000123",     "12345678901234567890",
	                                    "1e5",        "12E34",
	                                    "1E+5",       "1,5",
	                                    "1 234,56",   "1.234.567",
	                                    "1'000",      "12%",
	                                    "12 %",       ",5",
	                                    "5,",         "1\u00A0234",
	                                    "2026-03-10", "10/03/2026",
	                                    "3/4",        "1-2",
	                                    "10:30",      "10.3.26",
	                                    "1:2:3",      "MAR-26",
	                                    "3 mars",     "sept2",
	                                    "1MAR2026",   "ao\u00FBt 2026",
	                                    "d\u00E9c-1", "00000000000000000000000000000012"};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(texts); i++)
		if (!spreadsheet_converts(texts[i]))
			fail_msg("%s", texts[i]);
}

static void
spreadsheet_leaves_other_texts(void **state)
{
	static const char *const texts[] = {"",           "AP-5002-2",
	                                    "20260228-1", "0000a1a9-0500-8000-8008-000000000002",
	                                    "Yanis Brun", "FR76***0213",
	                                    "Mars",       "Marseille 13",
	                                    "1e",         "12e5x",
	                                    "1-2-3-4",    "10:30-4",
	                                    "-",          "12 rue Oberkampf",
	                                    "true",       "e5",
	                                    "1--2",       "12345-1",
	                                    "1,,2",       "0000a1a9050080008008000000000002"};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(texts); i++)
		if (spreadsheet_converts(texts[i]))
			fail_msg("%s", texts[i]);
}

static void
spreadsheet_would_run(void **state)
{
	(void)state;
	assert_true(spreadsheet_runs("=1"));
	assert_true(spreadsheet_runs("\tcmd"));
	assert_true(spreadsheet_runs("\uFF1Dcmd"));
	assert_false(spreadsheet_runs(""));
	assert_false(spreadsheet_runs("a=1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(spreadsheet_would_convert),
	    cmocka_unit_test(spreadsheet_leaves_other_texts),
	    cmocka_unit_test(spreadsheet_would_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
