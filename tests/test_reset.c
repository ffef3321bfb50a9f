/* reset: whom it removes, and where it removes nobody; tests/check_reset.sh has what is removed of the books. */
#include "tests/canned.h"
#include "tests/members.h"

#include "stages/core/enrol/reset.h"

#define SANDBOX "https://api.swan.io/sandbox-partner/graphql"

static struct reset_request asked;

static int
open_members(void **state)
{
	bool created;

	members_open(state);
	profile_declare(*state, "clinic", "bob", 1, 3, &created);
	asked = (struct reset_request){.app_user_id = "ada"};
	return 0;
}

static void
act(struct run *r)
{
	reset_member(r, &asked);
}

static void
configure(struct run *r, const char *environment, const char *endpoint)
{
	char text[512];

	snprintf(
	    text, sizeof(text),
	    "[creditor]\nname = Alan SA\nidentifier = FR72ZZZ123456\niban = FR7630006000011234567890189\n"
	    "[environment]\nname = %s\n[swan]\nendpoint = %s\n",
	    environment, endpoint);
	config_free(r->config);
	r->config = home_config(text);
	r->config_path = "alanpay.ini";
	r->as = "alice";
}

static void
member_is_removed_and_another_with_the_same_name_stays(void **state)
{
	struct run *r = *state;

	configure(r, "test", SANDBOX);
	act(r);
	assert_int_equal(home_number(r, "SELECT count(*) FROM profile WHERE app_user_id = 'ada'"), 0);
	act(r);
	asked = (struct reset_request){.app_id = "clinic", .app_user_id = "bob"};
	act(r);
	assert_int_equal(home_number(r, "SELECT number FROM profile"), 2);
	assert_int_equal(home_number(r, "SELECT count(*) FROM dev_reset WHERE is_open = 0"), 2);
}

static void
user_of_several_applications_is_named(void **state)
{
	configure(*state, "test", SANDBOX);
	asked.app_user_id = "bob";
	home_dies(*state, act, EXIT_REFUSED, "2 applications have a user bob: name one of them by --app-id");
	assert_int_equal(home_number(*state, "SELECT count(*) FROM profile"), 3);
}

static void
nobody_is_removed_outside_of_development(void **state)
{
	static const struct {
		const char *environment, *endpoint, *words;
	} cases[] = {
	    {"test", "https://api.swan.io/live-partner/graphql", "is not Swan's sandbox"},
	    {"sandbox", "https://api.swan.io/live-partner/graphql", "is not Swan's sandbox"},
	    {"test", "https://api.swan.io.example/sandbox-partner/graphql", "is not Swan's sandbox"},
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		configure(*state, cases[i].environment, cases[i].endpoint);
		home_dies(*state, act, EXIT_FORBIDDEN, cases[i].words);
	}
	assert_int_equal(home_number(*state, "SELECT count(*) FROM profile"), 3);
}

static void
nobody_is_removed_from_a_production_home(void **state)
{
	home_begin_again(*state, ENVIRONMENT_PRODUCTION);
	configure(*state, "sandbox", SANDBOX);
	home_dies(*state, act, EXIT_FORBIDDEN, "a member of a production home is never reset");
}

/* The books go only after Swan: a member whose membership stays there is not forgotten here. */
static void
member_stays_when_swan_does_not_disable_the_membership(void **state)
{
	static const struct canned_answer answers[] = {
	    CANNED_TOKEN,
	    CANNED_OK(
		"{\"data\":{\"accountMemberships\":{\"__typename\":\"AccountMembershipConnection\","
		"\"pageInfo\":{\"hasNextPage\":false},\"edges\":[{\"node\":{\"id\":\"a\",\"email\":\"a@b.fr\","
		"\"legalRepresentative\":false,\"statusInfo\":{\"status\":\"Enabled\"}}}]}}}"),
	    CANNED_OK("{\"data\":{\"accountMembership\":{\"__typename\":\"AccountMembership\",\"id\":\"a\","
	              "\"email\":\"a@b.fr\",\"user\":null,\"statusInfo\":{\"status\":\"Enabled\"},"
	              "\"cards\":{\"edges\":[]}}}}"),
	    CANNED_OK("{\"data\":{\"disableAccountMembership\":{\"__typename\":"
	              "\"AccountMembershipCannotBeDisabledRejection\",\"message\":\"No\"}}}")};

	asked.email = "a@b.fr";
	canned_play(*state, answers, LENGTH(answers), "", act, EXIT_CONFIG,
	            "DisableAccountMembership: AccountMembershipCannotBeDisabledRejection: No");
	assert_int_equal(home_number(*state, "SELECT count(*) FROM profile WHERE app_user_id = 'ada'"), 1);
}

#define WITH_MEMBERS(test) cmocka_unit_test_setup_teardown(test, open_members, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_MEMBERS(member_is_removed_and_another_with_the_same_name_stays),
	    WITH_MEMBERS(user_of_several_applications_is_named),
	    WITH_MEMBERS(nobody_is_removed_outside_of_development),
	    WITH_MEMBERS(nobody_is_removed_from_a_production_home),
	    WITH_MEMBERS(member_stays_when_swan_does_not_disable_the_membership),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
