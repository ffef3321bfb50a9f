/* numbers: which card is shown, whose consent it wants, and what is refused. */
#include "tests/canned.h"
#include "tests/members.h"

#include "stages/core/enrol/numbers.h"
#include "stages/core/members/membership.h"

#define CARD(id, status, at) \
	"{\"node\":{\"id\":\"" id "\",\"createdAt\":\"" at "\",\"statusInfo\":{\"status\":\"" status "\"}}}"
#define SEAT(user, cards)                                                                                   \
	CANNED_OK("{\"data\":{\"accountMembership\":{\"__typename\":\"AccountMembership\",\"id\":\"seat\"," \
	          "\"email\":\"a@b.fr\",\"user\":" user                                                     \
	          ",\"statusInfo\":{\"status\":\"Enabled\"},\"cards\":{\"edges\":[" cards "]}}}}")
#define ADA "{\"id\":\"u-1\"}"
#define ENABLED                                                                             \
	SEAT(ADA, CARD("old", "Enabled", "2026-01-01T00:00:00Z") "," CARD("new", "Enabled", \
	                                                                  "2026-02-01T00:00:00Z"))
#define VIEW                                                                                          \
	CANNED_OK("{\"data\":{\"viewCardNumbers\":{\"__typename\":\"ViewCardNumbersSuccessPayload\"," \
	          "\"consent\":{\"id\":\"c-1\",\"consentUrl\":\"https://swan.example/c-1\"}}}}")
#define ACCEPT(consent)                                                                                         \
	CANNED_OK(                                                                                              \
	    "{\"data\":{\"acceptConsent\":{\"__typename\":\"AcceptConsentSuccessPayload\",\"consent\":" consent \
	    "}}}")
#define NUMBERS(cvv)                                                                               \
	CANNED_OK("{\"data\":{\"viewCardNumbersWithConsent\":{\"__typename\":"                     \
	          "\"ViewCardNumbersWithConsentSuccessPayload\",\"panIframeUrl\":\"https://pan\"," \
	          "\"expiryDateIframeUrl\":\"https://expiry\",\"cvvIframeUrl\":" cvv               \
	          ",\"cardholderName\":\"ADA\"}}}")
#define FORBIDDEN                                                                                     \
	CANNED_OK("{\"data\":{\"viewCardNumbersWithConsent\":{\"__typename\":\"ForbiddenRejection\"," \
	          "\"message\":\"No\"}}}")

static const char *consent;
static struct numbers shown;
static struct numbers_consent needed;
static bool is_shown;

static int
open_member(void **state)
{
	struct err e = {0};

	members_open(state);
	assert_int_equal(membership_link(*state, 1, "seat", &e), 0);
	consent = NULL;
	return 0;
}

static void
load_of(struct run *r, int64_t profile)
{
	struct caller caller;

	needed = (struct numbers_consent){.id = ""};
	shown = (struct numbers){.pan_url = ""};
	caller_open(&caller, r);
	is_shown = numbers_load(&caller, profile, consent, &shown, &needed);
	caller_close(&caller);
}

static void
load_adas(struct run *r)
{
	load_of(r, 1);
}

static void
load_bobs(struct run *r)
{
	load_of(r, 2);
}

static void
numbers_are_those_of_the_latest_card(void **state)
{
	static const struct canned_answer answers[] = {
	    CANNED_TOKEN, ENABLED, VIEW, ACCEPT("{\"id\":\"c-1\"}"), NUMBERS("\"https://cvv\"")};

	canned_play(*state, answers, LENGTH(answers), "", load_adas, 0, NULL);
	assert_true(is_shown);
	assert_string_equal(shown.pan_url, "https://pan");
	assert_string_equal(shown.expiry_date_url, "https://expiry");
	assert_string_equal(shown.cvv_url, "https://cvv");
	assert_string_equal(shown.cardholder_name, "ADA");
	assert_non_null(strstr(canned_body(3), "\"id\":\"new\""));
	assert_non_null(strstr(canned_asked(3), "\r\nx-swan-user-id: u-1\r\n"));
}

static void
latest_card_may_be_of_any_membership(void **state)
{
	static const struct canned_answer answers[] = {
	    CANNED_TOKEN, ENABLED, SEAT(ADA, CARD("between", "Enabled", "2026-01-15T00:00:00Z")), VIEW,
	    ACCEPT("null")};
	struct err e = {0};

	assert_int_equal(membership_link(*state, 1, "seat-2", &e), 0);
	canned_play(*state, answers, LENGTH(answers), "", load_adas, 0, NULL);
	assert_non_null(strstr(canned_body(4), "\"id\":\"new\""));
}

static void
member_must_consent_where_the_project_may_not(void **state)
{
	static const struct canned_answer null_consent[] = {CANNED_TOKEN, ENABLED, VIEW, ACCEPT("null")};
	static const struct canned_answer given[] = {CANNED_TOKEN, ENABLED, NUMBERS("\"https://cvv\"")};

	canned_play(*state, null_consent, LENGTH(null_consent), "", load_adas, 0, NULL);
	assert_false(is_shown);
	assert_string_equal(needed.id, "c-1");
	assert_string_equal(needed.url, "https://swan.example/c-1");
	consent = "c-1";
	canned_play(*state, given, LENGTH(given), "", load_adas, 0, NULL);
	assert_true(is_shown);
	assert_non_null(strstr(canned_body(3), "\"id\":\"c-1\""));
}

static void
consent_that_was_not_given_is_no_fault_of_the_configuration(void **state)
{
	static const struct canned_answer answers[] = {CANNED_TOKEN, ENABLED, FORBIDDEN};

	consent = "c-1";
	canned_play(*state, answers, LENGTH(answers), "", load_adas, EXIT_REFUSED,
	            "the member has not given this consent");
}

static void
answer_without_an_address_is_refused(void **state)
{
	static const struct canned_answer answers[] = {CANNED_TOKEN, ENABLED, NUMBERS("null")};

	consent = "c-1";
	canned_play(*state, answers, LENGTH(answers), "", load_adas, EXIT_REFUSED,
	            "has no valid cvvIframeUrl");
}

static void
member_without_an_active_card_has_no_numbers(void **state)
{
	static const struct canned_answer cancelled[] = {
	    CANNED_TOKEN, SEAT(ADA, CARD("old", "Canceled", "2026-01-01T00:00:00Z"))};
	static const struct canned_answer unknown[] = {CANNED_TOKEN,
	                                               CANNED_OK("{\"data\":{\"accountMembership\":null}}")};
	static const struct canned_answer unbound[] = {
	    CANNED_TOKEN, SEAT("null", CARD("old", "Enabled", "2026-01-01T00:00:00Z"))};
	static const struct canned nobody = {.port = 1};

	canned_play(*state, cancelled, LENGTH(cancelled), "", load_adas, EXIT_ABSENT,
	            "none of the member's cards");
	canned_play(*state, unknown, LENGTH(unknown), "", load_adas, EXIT_ABSENT,
	            "none of the member's cards");
	canned_play(*state, unbound, LENGTH(unbound), "", load_adas, EXIT_REFUSED,
	            "a membership without a user");
	canned_configure(*state, &nobody, "");
	home_dies(*state, load_bobs, EXIT_ABSENT, "no account membership is linked");
}

#define WITH_MEMBER(test) cmocka_unit_test_setup_teardown(test, open_member, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_MEMBER(numbers_are_those_of_the_latest_card),
	    WITH_MEMBER(latest_card_may_be_of_any_membership),
	    WITH_MEMBER(member_must_consent_where_the_project_may_not),
	    WITH_MEMBER(consent_that_was_not_given_is_no_fault_of_the_configuration),
	    WITH_MEMBER(answer_without_an_address_is_refused),
	    WITH_MEMBER(member_without_an_active_card_has_no_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
