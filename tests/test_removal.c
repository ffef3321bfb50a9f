/* removal: what Swan has of an offboarded member is ended; what Swan does not do for one member does not stop it. */
#include "tests/canned.h"
#include "tests/members.h"

#include "stages/core/enrol/removal.h"
#include "stages/core/engine/exception.h"
#include "stages/core/members/membership.h"
#include "stages/core/members/offboarding.h"

#define SEAT(id, seat, card)                                                                               \
	CANNED_OK(                                                                                         \
	    "{\"data\":{\"accountMembership\":{\"__typename\":\"AccountMembership\",\"id\":\"" id          \
	    "\",\"email\":\"a@b.fr\",\"user\":null,\"statusInfo\":{\"status\":\"" seat                     \
	    "\"},\"cards\":{\"edges\":[{\"node\":{\"id\":\"card\",\"createdAt\":\"2026-03-01T00:00:00Z\"," \
	    "\"statusInfo\":{\"status\":\"" card "\"}}}]}}}}")
#define UNKNOWN   CANNED_OK("{\"data\":{\"accountMembership\":null}}")
#define CANCELLED CANNED_OK("{\"data\":{\"cancelCard\":{\"__typename\":\"CancelCardSuccessPayload\"}}}")
#define REJECTED \
	CANNED_OK("{\"data\":{\"cancelCard\":{\"__typename\":\"ForbiddenRejection\",\"message\":\"No\"}}}")
#define DISABLED                                                             \
	CANNED_OK("{\"data\":{\"disableAccountMembership\":{\"__typename\":" \
	          "\"DisableAccountMembershipSuccessPayload\"}}}")
#define ERRORS CANNED_OK("{\"errors\":[{\"message\":\"Oops\"}],\"data\":null}")

static int
open_linked_members(void **state)
{
	struct err e = {0};

	members_open(state);
	assert_int_equal(membership_link(*state, 1, "a", &e), 0);
	assert_int_equal(membership_link(*state, 2, "b", &e), 0);
	return 0;
}

static void
assert_counts(const struct run *r, int64_t cards, int64_t memberships)
{
	assert_int_equal(r->count[COUNT_CARDS_CANCELLED], cards);
	assert_int_equal(r->count[COUNT_MEMBERSHIPS_DISABLED], memberships);
}

/* Not even a token: the configuration has no client. */
static void
nothing_is_asked_when_nobody_left(void **state)
{
	removal_run(*state);
	assert_counts(*state, 0, 0);
}

static void
cards_are_cancelled_and_the_membership_disabled(void **state)
{
	static const struct canned_answer answers[] = {
	    CANNED_TOKEN, SEAT("a", "Enabled", "Enabled"),  SEAT("a", "Enabled", "Enabled"),
	    CANCELLED,    SEAT("a", "Enabled", "Canceled"), DISABLED};
	static const struct canned_answer over[] = {CANNED_TOKEN, SEAT("a", "Disabled", "Canceled")};
	struct run *r = *state;

	offboarding_begin(r, 1, 1, 7);
	canned_play(r, answers, LENGTH(answers), "", removal_run, 0, NULL);
	assert_counts(r, 1, 1);
	canned_play(r, over, LENGTH(over), "", removal_run, 0, NULL);
	assert_counts(r, 1, 1);
	assert_false(r->held);
}

static void
dry_run_counts_and_ends_nothing(void **state)
{
	static const struct canned_answer answers[] = {CANNED_TOKEN, SEAT("a", "Enabled", "Enabled"),
	                                               SEAT("a", "Enabled", "Enabled"),
	                                               SEAT("a", "Enabled", "Enabled")};
	struct run *r = *state;

	offboarding_begin(r, 1, 1, 7);
	r->dry_run = true;
	canned_play(r, answers, LENGTH(answers), "", removal_run, 0, NULL);
	r->dry_run = false;
	assert_counts(r, 1, 1);
}

#define HELD "SELECT profile_number FROM exception WHERE code = 'offboarding_rejected' AND state = 'open'"

/* Ada's card is not cancelled; her membership and bob's are ended all the same. */
static void
what_swan_rejects_is_held_and_the_rest_ended(void **state)
{
	static const struct canned_answer answers[] = {CANNED_TOKEN,
	                                               SEAT("a", "Enabled", "Enabled"),
	                                               SEAT("a", "Enabled", "Enabled"),
	                                               REJECTED,
	                                               SEAT("a", "Enabled", "Enabled"),
	                                               DISABLED,
	                                               SEAT("b", "Enabled", "Canceled"),
	                                               SEAT("b", "Enabled", "Canceled"),
	                                               DISABLED};
	struct run *r = *state;

	offboarding_begin(r, 1, 1, 7);
	offboarding_begin(r, 2, 1, 8);
	canned_play(r, answers, LENGTH(answers), "", removal_run, 0, NULL);
	assert_counts(r, 0, 2);
	assert_true(r->held);
	assert_int_equal(home_number(r, HELD), 1);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM exception WHERE message LIKE"
	                   " 'Swan rejected CancelCard: ForbiddenRejection: No: check that client_id%'"),
	    1);
}

static void
member_without_an_answer_is_held_and_the_next_one_ended(void **state)
{
	static const struct canned_answer answers[] = {CANNED_TOKEN, ERRORS, SEAT("b", "Enabled", "Canceled"),
	                                               SEAT("b", "Enabled", "Canceled"), DISABLED};
	struct run *r = *state;

	offboarding_begin(r, 1, 1, 7);
	offboarding_begin(r, 2, 1, 8);
	canned_play(r, answers, LENGTH(answers), "tries = 1\n", removal_run, 0, NULL);
	assert_counts(r, 0, 1);
	assert_int_equal(home_number(r, HELD), 1);
}

static void
membership_that_swan_does_not_know_needs_nothing(void **state)
{
	static const struct canned_answer answers[] = {CANNED_TOKEN, UNKNOWN};
	struct run *r = *state;

	offboarding_begin(r, 1, 1, 7);
	canned_play(r, answers, LENGTH(answers), "", removal_run, 0, NULL);
	assert_counts(r, 0, 0);
	assert_int_equal(exception_count_open(r), 0);
}

#define WITH_MEMBERS(test) cmocka_unit_test_setup_teardown(test, open_linked_members, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_MEMBERS(nothing_is_asked_when_nobody_left),
	    WITH_MEMBERS(cards_are_cancelled_and_the_membership_disabled),
	    WITH_MEMBERS(dry_run_counts_and_ends_nothing),
	    WITH_MEMBERS(what_swan_rejects_is_held_and_the_rest_ended),
	    WITH_MEMBERS(member_without_an_answer_is_held_and_the_next_one_ended),
	    WITH_MEMBERS(membership_that_swan_does_not_know_needs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
