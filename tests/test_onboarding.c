/* onboarding: each step is stored before the next one, and what is done is not done again; tests/check_members.sh has the rest. */
#include "tests/canned.h"

#include "stages/core/enrol/onboarding.h"
#include "stages/core/members/profile.h"

#define PHONE  "+33698765432"
#define CONFIG "account_id = acc\nlegal_representative_user_id = boss\ntries = 1\n"
#define COMPLETED                                                                                         \
	CANNED_OK(                                                                                        \
	    "{\"data\":{\"completeUserCreation\":{\"__typename\":\"CompleteUserCreationSuccessPayload\"," \
	    "\"user\":{\"id\":\"u-1\",\"mobilePhoneNumber\":\"" PHONE "\"}}}}")
#define WRONG_CODE                                                                              \
	CANNED_OK("{\"data\":{\"completeUserCreation\":{\"__typename\":\"WrongCodeRejection\"," \
	          "\"message\":\"Wrong\"}}}")
#define NONE                                                                                           \
	CANNED_OK("{\"data\":{\"accountMemberships\":{\"__typename\":\"AccountMembershipConnection\"," \
	          "\"pageInfo\":{\"hasNextPage\":false},\"edges\":[]}}}")
#define ADDED                                                                                             \
	CANNED_OK(                                                                                        \
	    "{\"data\":{\"addAccountMembership\":{\"__typename\":\"AddAccountMembershipSuccessPayload\"," \
	    "\"accountMembership\":{\"id\":\"seat\"}}}}")
#define SEAT(status, card)                                                                                 \
	CANNED_OK(                                                                                         \
	    "{\"data\":{\"accountMembership\":{\"__typename\":\"AccountMembership\",\"id\":\"seat\","      \
	    "\"email\":\"zoe@b.fr\",\"user\":null,\"statusInfo\":{\"status\":\"" status                    \
	    "\"},\"cards\":{\"edges\":[{\"node\":{\"id\":\"card\",\"createdAt\":\"2026-03-01T00:00:00Z\"," \
	    "\"statusInfo\":{\"status\":\"" card "\"}}}]}}}}")
#define BOUND                                                             \
	CANNED_OK("{\"data\":{\"bindAccountMembership\":{\"__typename\":" \
	          "\"BindAccountMembershipSuccessPayload\"}}}")
#define OOPS                                     \
	{                                        \
		.status = "500 Oops", .body = "" \
	}

static struct onboarding_request asked;
static struct onboarding_result result;
static int codes; /* how often the code was read */

static const char *
read_code(void *ctx)
{
	(void)ctx;
	codes++;
	return "40718";
}

static int
open_member(void **state)
{
	bool created;

	home_setup(state);
	profile_declare(*state, "alan", "zoe", home_input(*state), 1, &created);
	home_exec(*state, "INSERT INTO phone_verification (request_id, phone_number, asked_at)"
	                  " VALUES ('r-1', '" PHONE "', 1)");
	codes = 0;
	asked = (struct onboarding_request){.profile = 1,
	                                    .request_id = "r-1",
	                                    .first_name = "Zoe",
	                                    .last_name = "Arc",
	                                    .birth_date = "1990-05-17",
	                                    .email = "zoe@b.fr",
	                                    .language = "fr",
	                                    .read_code = read_code};
	return 0;
}

static void
onboard(struct run *r)
{
	struct caller caller;

	caller_open(&caller, r);
	onboarding_run(&caller, &asked, &result);
	caller_close(&caller);
}

static void
assert_step(struct run *r, const char *step)
{
	struct stmt *q = sql(r->db, "SELECT count(*) FROM onboarding WHERE step = $step");

	bind_text(q, "$step", step);
	assert_int_equal(value(q, 0), 1);
}

/* With a card that is there already: tests/check_members.sh orders one, and consents to it. */
static void
member_ends_with_a_membership_and_a_card(void **state)
{
	static const struct canned_answer answers[] = {CANNED_TOKEN,
	                                               COMPLETED,
	                                               NONE,
	                                               ADDED,
	                                               SEAT("InvitationSent", "Canceled"),
	                                               BOUND,
	                                               SEAT("Enabled", "Canceled"),
	                                               SEAT("Enabled", "Enabled"),
	                                               SEAT("Enabled", "Enabled"),
	                                               SEAT("Enabled", "Enabled")};
	static const struct canned nobody = {.port = 1};
	struct run *r = *state;

	canned_play(r, answers, LENGTH(answers), CONFIG, onboard, 0, NULL);
	assert_string_equal(result.membership, "seat");
	assert_string_equal(result.card, "card");
	assert_step(r, "done");
	assert_int_equal(home_number(r, "SELECT count(phone_number) + count(email) FROM onboarding"), 0);
	assert_int_equal(home_number(r, "SELECT count(*) FROM phone_verification"), 0);
	assert_int_equal(home_number(r, "SELECT profile_number FROM account_membership WHERE id = 'seat'"),
	                 1);
	canned_configure(r, &nobody, CONFIG);
	onboard(r);
	assert_int_equal(codes, 1);
	asked.email = "zoe@c.fr";
	home_dies(r, onboard, EXIT_OVERWRITE, "give the same ones");
}

static void
wrong_code_may_be_typed_again(void **state)
{
	static const struct canned_answer answers[] = {CANNED_TOKEN, WRONG_CODE};
	struct run *r = *state;

	canned_play(r, answers, LENGTH(answers), CONFIG, onboard, EXIT_REFUSED,
	            "WrongCodeRejection: Wrong: type");
	assert_step(r, "verify");
	assert_int_equal(home_number(r, "SELECT count(verifying_since_at) FROM onboarding"), 0);
}

/* Its phone and email are stored, with which the next run finds the user and the invitation. */
static void
lost_answer_leaves_what_the_next_run_needs(void **state)
{
	static const struct canned_answer code[] = {
	    CANNED_TOKEN, OOPS,
	    CANNED_OK("{\"data\":{\"users\":{\"__typename\":\"UserConnection\","
	              "\"edges\":[]}}}")};
	static const struct canned_answer invitation[] = {CANNED_TOKEN,
	                                                  CANNED_OK("{\"data\":{\"users\":{\"__typename\":"
	                                                            "\"UserConnection\",\"edges\":[]}}}"),
	                                                  COMPLETED, NONE, OOPS};
	struct run *r = *state;

	canned_play(r, code, LENGTH(code), CONFIG, onboard, EXIT_UNAVAILABLE, "CompleteUserCreation");
	assert_int_equal(home_number(r, "SELECT count(verifying_since_at) FROM onboarding"), 1);
	canned_play(r, invitation, LENGTH(invitation), CONFIG, onboard, EXIT_UNAVAILABLE,
	            "AddAccountMembership");
	assert_step(r, "invite");
	assert_int_equal(home_number(r, "SELECT count(*) FROM onboarding WHERE user_id = 'u-1'"
	                                " AND phone_number = '" PHONE "' AND email = 'zoe@b.fr'"),
	                 1);
}

/* The details of an invitation are stored before it is sent: those of before are looked for first. */
static void
email_that_is_corrected_is_stored_before_the_next_invitation(void **state)
{
	static const struct canned_answer first[] = {CANNED_TOKEN, COMPLETED, NONE, OOPS};
	static const struct canned_answer second[] = {CANNED_TOKEN, NONE, NONE, OOPS};
	struct run *r = *state;

	canned_play(r, first, LENGTH(first), CONFIG, onboard, EXIT_UNAVAILABLE, "AddAccountMembership");
	asked.email = "zoe@c.fr";
	canned_play(r, second, LENGTH(second), CONFIG, onboard, EXIT_UNAVAILABLE, "AddAccountMembership");
	assert_non_null(strstr(canned_body(2), "zoe@b.fr"));
	assert_non_null(strstr(canned_body(3), "zoe@c.fr"));
	assert_int_equal(home_number(r, "SELECT count(*) FROM onboarding WHERE email = 'zoe@c.fr'"), 1);
}

static void
dry_run_names_the_first_change(void **state)
{
	static const struct canned nobody = {.port = 1};
	struct run *r = *state;

	canned_configure(r, &nobody, CONFIG);
	home_rehearse(r);
	onboard(r);
	assert_string_equal(result.rehearsed, "CompleteUserCreation");
	home_reopen(r);
	assert_int_equal(home_number(r, "SELECT count(*) FROM onboarding"), 0);
}

static void
require_configuration(struct run *r)
{
	onboarding_require_configuration(r);
}

static void
configuration_that_lacks_a_key_is_named(void **state)
{
	static const struct canned nobody = {.port = 1};

	canned_configure(*state, &nobody, "legal_representative_user_id = boss\n");
	home_dies(*state, require_configuration, EXIT_CONFIG, "account_id in [swan] is not set");
	canned_configure(*state, &nobody, "account_id = acc\n");
	home_dies(*state, require_configuration, EXIT_CONFIG,
	          "legal_representative_user_id in [swan] is not set");
	canned_configure(*state, &nobody, CONFIG);
	onboarding_require_configuration(*state);
}

#define WITH_MEMBER(test) cmocka_unit_test_setup_teardown(test, open_member, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_MEMBER(member_ends_with_a_membership_and_a_card),
	    WITH_MEMBER(wrong_code_may_be_typed_again),
	    WITH_MEMBER(lost_answer_leaves_what_the_next_run_needs),
	    WITH_MEMBER(email_that_is_corrected_is_stored_before_the_next_invitation),
	    WITH_MEMBER(dry_run_names_the_first_change),
	    WITH_MEMBER(configuration_that_lacks_a_key_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
