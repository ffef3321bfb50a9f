/* swan_reply: an answer is what was expected, a rejection, nothing, or no answer; never one for another. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/swan_reply.h"

static void
swan_reply_is_a_success_or_a_rejection(void **state)
{
	static const struct {
		const char *json;
		const char *rejection, *message, *code;
		int rc;
		bool has_value;
	} cases[] = {
	    {"{\"data\":{\"f\":{\"__typename\":\"Good\",\"id\":\"1\"}}}", "", "", "", 0, true},
	    {"{\"data\":{\"f\":null}}", "", "", "", 0, false},
	    {"{\"data\":{\"f\":{\"__typename\":\"WrongCodeRejection\",\"message\":\"No\"}}}",
	     "WrongCodeRejection", "No", "", 0, false},
	    {"{\"data\":{\"f\":{\"__typename\":\"WrongCodeRejection\"}}}", "WrongCodeRejection",
	     "without a message", "", 0, false},
	    {"{\"errors\":[],\"data\":{\"f\":{\"__typename\":\"Good\"}}}", "", "", "", 0, true},
	    {"{\"errors\":[{\"message\":\"Boom\"}],\"data\":{\"f\":{\"__typename\":\"Good\"}}}", "", "",
	     "swan_errors", -1, false},
	    {"{\"errors\":[{}],\"data\":null}", "", "", "swan_errors", -1, false},
	    {"{\"data\":{\"f\":{\"__typename\":\"Good\"}},\"extensions\":{\"cost\":1.5e3,\"s\":\"\\ud800\",\"z\":\"\\u0000\","
	     "\"k\":1,\"k\":2}}",
	     "", "", "", 0, true},
	    {"{\"data\":{\"f\":{\"__typename\":\"Good\",\"x\":1.5,\"name\":\"\\ud800\"}}}", "", "", "", 0,
	     true},
	    {"{\"data\":{\"f\":{\"__typename\":\"WrongCodeRejection\",\"message\":\"\\ud800\"}}}",
	     "WrongCodeRejection", "without a message", "", 0, false},
	    {"{\"data\":{\"f\":{\"__typename\":\"\\u0000\"}}}", "", "", "bad_field", -1, false},
	    {"{\"data\":{\"f\":{\"__typename\":\"Good\",\"card\":{\"id\":\"a\",\"id\":\"b\"}}}}", "", "",
	     "bad_field", -1, false},
	    {"{\"data\":{\"f\":null},\"data\":{\"f\":{\"__typename\":\"Good\"}}}", "", "", "bad_field", -1,
	     false},
	    {"{\"data\":{\"f\":{}}}", "", "", "bad_field", -1, false},
	    {"{\"data\":null}", "", "", "bad_field", -1, false},
	    {"{\"data\":{}}", "", "", "bad_field", -1, false},
	    {"{}", "", "", "bad_field", -1, false},
	    {"{\"data\":{\"f\":", "", "", "malformed_json", -1, false},
	    {"Soon.", "", "", "malformed_json", -1, false},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct swan_reply r;
		struct err e = {0};

		if (swan_reply_read(cases[i].json, strlen(cases[i].json), "f", "Good", &r, &e) != cases[i].rc)
			fail_msg("%s: %s", cases[i].json, e.message);
		assert_string_equal(r.rejection, cases[i].rejection);
		assert_string_equal(r.message, cases[i].message);
		assert_string_equal(e.code, cases[i].code);
		assert_int_equal(r.value != NULL, cases[i].has_value);
		swan_reply_free(&r);
	}
}

static void
swan_reply_cuts_what_is_too_long(void **state)
{
	char json[1000], type[100], message[600];
	struct swan_reply r;
	struct err e = {0};

	(void)state;
	memset(type, 'T', sizeof(type) - 1);
	type[sizeof(type) - 1] = '\0';
	memset(message, 'm', sizeof(message) - 1);
	message[sizeof(message) - 1] = '\0';
	snprintf(json, sizeof(json), "{\"data\":{\"f\":{\"__typename\":\"%s\",\"message\":\"%s\"}}}", type,
	         message);
	assert_int_equal(swan_reply_read(json, strlen(json), "f", "Good", &r, &e), 0);
	assert_string_equal(r.rejection, "another type");
	assert_int_equal(strlen(r.message), sizeof(r.message) - 1);
	swan_reply_free(&r);
}

static void
swan_refusals_are_found_by_type_and_operation(void **state)
{
	const struct swan_refusal *f = swan_refusal_find("WrongCodeRejection", "CompleteUserCreation");

	(void)state;
	assert_non_null(f);
	assert_string_equal(f->code, "invalid_phone_number_verification_code");
	assert_int_equal(swan_refusal_blame(f), SWAN_INPUT);
	assert_int_equal(swan_refusal_blame(swan_refusal_find("SmsProviderRejection", "")), SWAN_LATER);
	assert_int_equal(swan_refusal_blame(swan_refusal_find("ForbiddenRejection", "AddCard")), SWAN_SETUP);
	assert_null(swan_refusal_find("NewRejection", "AddCard"));
	f = swan_refusal_find("ForbiddenRejection", "ViewCardNumbersWithConsent");
	assert_int_equal(swan_refusal_blame(f), SWAN_INPUT);
	assert_null(strstr(f->advice, "[swan]"));
	assert_null(strstr(swan_refusal_find("ForbiddenRejection", "CancelCard")->advice, "representative"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(swan_reply_is_a_success_or_a_rejection),
	    cmocka_unit_test(swan_reply_cuts_what_is_too_long),
	    cmocka_unit_test(swan_refusals_are_found_by_type_and_operation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
