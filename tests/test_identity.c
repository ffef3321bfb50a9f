/* identity: what is asked of Swan about the user of a phone, and which answers are taken. */
#include "tests/canned.h"

#include "stages/core/swan/identity.h"

#define PHONE "+33698765432"
#define STARTED(rest) \
	CANNED_OK("{\"data\":{\"startUserCreation\":{\"__typename\":\"StartUserCreationSuccess\"" rest "}}}")
#define COMPLETED(user)                                                                                   \
	CANNED_OK(                                                                                        \
	    "{\"data\":{\"completeUserCreation\":{\"__typename\":\"CompleteUserCreationSuccessPayload\"," \
	    "\"user\":" user "}}}")
#define REJECTED(field, type, message) \
	CANNED_OK("{\"data\":{\"" field "\":{\"__typename\":\"" type "\",\"message\":\"" message "\"}}}")
#define USERS(nodes) \
	CANNED_OK("{\"data\":{\"users\":{\"__typename\":\"UserConnection\",\"edges\":[" nodes "]}}}")
#define USER(id, phone, at) \
	"{\"node\":{\"id\":\"" id "\",\"mobilePhoneNumber\":\"" phone "\",\"createdAt\":\"" at "\"}}"

static struct caller caller;
static char request[SWAN_ID + 1];
static struct identity found;
static enum call_outcome outcome;
static bool is_found;

static void
start(struct run *r)
{
	caller_open(&caller, r);
	outcome = identity_start(&caller, PHONE, "fr", request);
	caller_close(&caller);
}

static void
complete(struct run *r)
{
	static const struct identity_claim claim = {.request = "r-1",
	                                            .code = "40718",
	                                            .first_name = "Zo\xC3\xA9",
	                                            .last_name = "D'Arc",
	                                            .birth_date = "1990-05-17"};
	struct swan_reply reply;

	caller_open(&caller, r);
	outcome = identity_complete(&caller, &claim, &found, &reply);
	if (outcome == CALL_REJECTED)
		call_die_rejected(CALL_COMPLETE_USER_CREATION, &reply);
	swan_reply_free(&reply);
	caller_close(&caller);
}

static void
find(struct run *r)
{
	caller_open(&caller, r);
	is_found = identity_find(&caller, PHONE, r->now, &found);
	caller_close(&caller);
}

static void
code_is_sent_to_the_phone(void **state)
{
	static const struct canned_answer answers[] = {CANNED_TOKEN, STARTED(",\"requestId\":\"r-1\"")};

	canned_play(*state, answers, LENGTH(answers), "", start, 0, NULL);
	assert_int_equal(outcome, CALL_DONE);
	assert_string_equal(request, "r-1");
	assert_non_null(
	    strstr(canned_body(2), "{\"input\":{\"mobilePhoneNumber\":\"" PHONE "\",\"locale\":\"fr\"}}"));
	assert_null(strstr(canned_asked(2), "x-swan-user-id"));
}

static void
start_without_a_request_is_refused(void **state)
{
	static const struct canned_answer answers[][2] = {{CANNED_TOKEN, STARTED("")},
	                                                  {CANNED_TOKEN, STARTED(",\"requestId\":null")}};

	for (size_t i = 0; i < LENGTH(answers); i++)
		canned_play(*state, answers[i], 2, "", start, EXIT_REFUSED,
		            "StartUserCreation: Swan's answer has no requestId");
}

static void
no_code_is_sent_in_a_dry_run(void **state)
{
	static const struct canned nobody = {.port = 1};
	struct run *r = *state;

	canned_configure(r, &nobody, "");
	r->dry_run = true;
	start(r);
	r->dry_run = false;
	assert_int_equal(outcome, CALL_REHEARSED);
	assert_string_equal(request, "");
}

/* Whatever Swan repeats of what was sent. */
static void
phone_and_code_are_hidden_in_a_rejection(void **state)
{
	static const struct canned_answer phone[] = {
	    CANNED_TOKEN, REJECTED("startUserCreation", "InvalidPhoneNumberRejection", "not " PHONE)};
	static const struct canned_answer code[] = {
	    CANNED_TOKEN, REJECTED("completeUserCreation", "WrongCodeRejection", "40718 is not 40719")};

	canned_play(*state, phone, LENGTH(phone), "", start, EXIT_REFUSED,
	            "InvalidPhoneNumberRejection: not [secret]: ");
	canned_play(*state, code, LENGTH(code), "", complete, EXIT_REFUSED,
	            "WrongCodeRejection: [secret] is not 40719: ");
}

static void
code_makes_a_user(void **state)
{
	static const struct canned_answer answers[][2] = {
	    {CANNED_TOKEN, COMPLETED("{\"id\":\"u-1\",\"mobilePhoneNumber\":\"" PHONE "\"}")},
	    {CANNED_TOKEN, COMPLETED("{\"id\":\"u-1\",\"mobilePhoneNumber\":null}")}};

	for (size_t i = 0; i < LENGTH(answers); i++) {
		canned_play(*state, answers[i], 2, "", complete, 0, NULL);
		assert_int_equal(outcome, CALL_DONE);
		assert_string_equal(found.user, "u-1");
		assert_string_equal(found.phone, i == 0 ? PHONE : "");
	}
	assert_non_null(strstr(canned_body(2),
	                       "\"requestId\":\"r-1\",\"code\":\"40718\",\"userInformation\":{"
	                       "\"firstName\":\"Zo\xC3\xA9\",\"lastName\":\"D'Arc\","
	                       "\"birthDate\":\"1990-05-17\"}"));
}

static void
user_without_an_id_is_refused(void **state)
{
	static const struct canned_answer answers[][2] = {{CANNED_TOKEN, COMPLETED("null")},
	                                                  {CANNED_TOKEN, COMPLETED("{\"id\":\"\"}")}};

	for (size_t i = 0; i < LENGTH(answers); i++)
		canned_play(*state, answers[i], 2, "", complete, EXIT_REFUSED,
		            "CompleteUserCreation: Swan's answer has a user without an id");
}

/* A user who was there before proves no code; Swan's filter may take other numbers for equal. */
static void
user_is_found_by_exact_phone_and_by_age(void **state)
{
	static const struct {
		struct canned_answer answers[2];
		const char *user; /* NULL: not found */
	} cases[] = {
	    {{CANNED_TOKEN, USERS("")}, NULL},
	    {{CANNED_TOKEN, USERS(USER("u-1", PHONE, "2026-03-04T02:29:59Z"))}, NULL},
	    {{CANNED_TOKEN, USERS(USER("u-1", PHONE, "soon"))}, NULL},
	    {{CANNED_TOKEN, USERS(USER("u-1", PHONE "1", "2026-03-04T02:30:00Z"))}, NULL},
	    {{CANNED_TOKEN, USERS(USER("u-1", PHONE, "2026-03-04T02:30:00Z"))}, "u-1"},
	    {{CANNED_TOKEN, USERS(USER("u-1", PHONE, "2026-01-01T00:00:00Z") "," USER(
				"u-2", PHONE, "2026-03-04T02:31:00Z"))},
	     "u-2"},
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		canned_play(*state, cases[i].answers, 2, "", find, 0, NULL);
		assert_int_equal(is_found, cases[i].user != NULL);
		assert_string_equal(found.user, cases[i].user != NULL ? cases[i].user : "");
	}
}

#define IN_A_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_A_HOME(code_is_sent_to_the_phone),
	    IN_A_HOME(start_without_a_request_is_refused),
	    IN_A_HOME(no_code_is_sent_in_a_dry_run),
	    IN_A_HOME(phone_and_code_are_hidden_in_a_rejection),
	    IN_A_HOME(code_makes_a_user),
	    IN_A_HOME(user_without_an_id_is_refused),
	    IN_A_HOME(user_is_found_by_exact_phone_and_by_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
