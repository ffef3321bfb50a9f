/* verification: the phone of a request is stored as long as it is needed, and no longer. */
#include "tests/canned.h"

#include "stages/core/enrol/verification.h"
#include "stages/core/members/profile.h"

#define PHONE "+33698765432"
#define STARTED(id)                                                                                             \
	CANNED_OK(                                                                                              \
	    "{\"data\":{\"startUserCreation\":{\"__typename\":\"StartUserCreationSuccess\",\"requestId\":\"" id \
	    "\"}}}")
#define STORED "SELECT count(*) FROM phone_verification"

static char request[SWAN_ID + 1];

static void
start(struct run *r)
{
	struct caller caller;

	caller_open(&caller, r);
	verification_start(&caller, PHONE, "fr", request);
	caller_close(&caller);
}

static void
add(struct run *r, const char *id, const char *phone, instant at)
{
	struct stmt *q = sql(r->db, "INSERT INTO phone_verification (request_id, phone_number, asked_at) VALUES ($id, $phone, $at)");

	bind_text(q, "$id", id);
	bind_text(q, "$phone", phone);
	bind_instant(q, "$at", at);
	exec(q);
}

static void
assert_phone(struct run *r, const char *id, const char *wanted)
{
	char phone[CONTACT_PHONE];

	verification_find_phone(r, id, phone);
	assert_string_equal(phone, wanted);
}

static void
phone_is_found_by_its_request(void **state)
{
	static const struct canned_answer answers[] = {CANNED_TOKEN, STARTED("r-1")};
	struct run *r = *state;

	canned_play(r, answers, LENGTH(answers), "", start, 0, NULL);
	assert_string_equal(request, "r-1");
	canned_play(r, answers, LENGTH(answers), "", start, 0, NULL); /* the same request of Swan */
	assert_int_equal(home_number(r, STORED), 1);
	assert_phone(r, "r-1", PHONE);
	assert_phone(r, "r-2", "");
}

static void
nothing_is_stored_without_an_answer(void **state)
{
	static const struct canned_answer answers[] = {CANNED_TOKEN, {.status = "500 Oops", .body = ""}};
	struct run *r = *state;

	canned_play(r, answers, LENGTH(answers), "", start, EXIT_UNAVAILABLE,
	            "run this again for another code");
	assert_int_equal(home_number(r, STORED), 0);
	r->dry_run = true;
	start(r);
	r->dry_run = false;
	assert_string_equal(request, "");
	assert_int_equal(home_number(r, STORED), 0);
}

static void
phone_is_forgotten_with_all_its_requests(void **state)
{
	struct run *r = *state;

	add(r, "r-1", PHONE, 1);
	add(r, "r-2", PHONE, 2);
	add(r, "r-3", "+33698765433", 3);
	verification_forget(r, "r-2", PHONE);
	assert_int_equal(home_number(r, STORED), 1);
	verification_forget(r, "r-3", "");
	assert_int_equal(home_number(r, STORED), 0);
}

/* That of an onboarding which has begun is needed after a lost answer. */
static void
phone_that_nobody_went_on_with_is_forgotten_after_a_day(void **state)
{
	static const struct canned_answer answers[] = {CANNED_TOKEN, STARTED("r-9")};
	struct run *r = *state;
	bool created;

	profile_declare(r, "alan", "7", home_input(r), 1, &created);
	add(r, "r-1", "+33698765431", r->now - 86400001);
	add(r, "r-2", "+33698765431", r->now - 86400000);
	add(r, "r-3", "+33698765433", 1);
	home_exec(r, "INSERT INTO onboarding (profile_number, step, request_id, details, begun_at)"
	             " VALUES (1, 'verify', 'r-3', zeroblob(32), 1)");
	canned_play(r, answers, LENGTH(answers), "", start, 0, NULL);
	assert_phone(r, "r-1", "");
	assert_phone(r, "r-2", "+33698765431");
	assert_phone(r, "r-3", "+33698765433");
	assert_phone(r, "r-9", PHONE);
}

#define IN_A_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_A_HOME(phone_is_found_by_its_request),
	    IN_A_HOME(nothing_is_stored_without_an_answer),
	    IN_A_HOME(phone_is_forgotten_with_all_its_requests),
	    IN_A_HOME(phone_that_nobody_went_on_with_is_forgotten_after_a_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
