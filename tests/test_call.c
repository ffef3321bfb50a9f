/* call: a question is asked until it is answered; a change is sent once, and in doubt when its answer does not come. */
#include "tests/canned.h"

#include "formats/length.h"
#include "stages/core/swan/consent.h"
#include "stages/core/swan/ending.h"
#include "stages/core/swan/seatlist.h"

#define MOST   8
#define LISTED 100
#define OK     CANNED_OK
#define STATUS(text)                                \
	{                                           \
		.status = (text), .body = "t0ken-1" \
	}
#define CONSENT \
	OK("{\"data\":{\"consent\":{\"__typename\":\"Consent\",\"id\":\"c\",\"status\":\"Created\"}}}")
#define CANCELLED OK("{\"data\":{\"cancelCard\":{\"__typename\":\"CancelCardSuccessPayload\"}}}")
#define REJECTED \
	OK("{\"data\":{\"cancelCard\":{\"__typename\":\"CardNotFoundRejection\",\"message\":\"t0ken-1 is gone\"}}}")
#define SEAT(seat, card)                                                                                                  \
	OK("{\"data\":{\"accountMembership\":{\"__typename\":\"AccountMembership\",\"id\":\"seat\",\"email\":\"a@b.fr\"," \
	   "\"user\":null,\"statusInfo\":{\"status\":\"" seat                                                             \
	   "\"},\"cards\":{\"edges\":[{\"node\":{\"id\":\"card\","                                                        \
	   "\"createdAt\":\"2026-03-01T00:00:00Z\",\"statusInfo\":{\"status\":\"" card "\"}}}]}}}}")

static enum call_name asked;
static const char *asked_by;
static enum call_outcome outcome;
static struct caller caller;
static char message[200]; /* of the last reply */

static void
ask(struct run *r)
{
	struct swan_reply reply;

	caller_open(&caller, r);
	outcome = call_swan_about(&caller, asked, asked_by, "x", &reply);
	memcpy(message, reply.message, sizeof(message));
	swan_reply_free(&reply);
	caller_close(&caller);
}

static void
play(struct run *r, const struct canned_answer *answers, void (*act)(struct run *r))
{
	canned_play(r, answers, MOST, "tries = 3\n", act, 0, NULL);
}

static void
assert_outcome(struct run *r, enum call_name name, const struct canned_answer *answers,
               enum call_outcome wanted)
{
	asked = name;
	play(r, answers, ask);
	assert_int_equal(outcome, wanted);
}

static void
question_is_asked_until_it_is_answered(void **state)
{
	static const struct canned_answer answers[][MOST] = {
	    {CANNED_TOKEN, CONSENT},
	    {CANNED_TOKEN, STATUS("503 No"), CONSENT},
	    {CANNED_TOKEN, STATUS("429 Slow"), {.closes = true}, CONSENT},
	    {CANNED_TOKEN, STATUS("401 No"), CANNED_TOKEN, CONSENT},
	    {CANNED_TOKEN, OK("{\"errors\":[{\"message\":\"t0ken-1\"}],\"data\":null}"), CONSENT},
	    {CANNED_TOKEN, OK("Soon"), CONSENT},
	};

	for (size_t i = 0; i < LENGTH(answers); i++)
		assert_outcome(*state, CALL_CONSENT, answers[i], CALL_DONE);
}

static void
change_is_sent_once_and_in_doubt_without_its_answer(void **state)
{
	static const struct canned_answer doubts[][MOST] = {
	    {CANNED_TOKEN, STATUS("500 Oops")},
	    {CANNED_TOKEN, STATUS("504 Slow")},
	    {CANNED_TOKEN, {.closes = true}},
	    {CANNED_TOKEN, {.status = "200 OK", .body = "{\"data\":", .promised = 100, .closes = true}},
	    {CANNED_TOKEN, OK("{\"errors\":[{\"message\":\"t0ken-1\"}],\"data\":null}")},
	    {CANNED_TOKEN, OK("Soon")},
	};

	for (size_t i = 0; i < LENGTH(doubts); i++) {
		assert_outcome(*state, CALL_CANCEL_CARD, doubts[i], CALL_IN_DOUBT);
		assert_true(caller.doubt[0] != '\0');
		assert_null(strstr(caller.doubt, "t0ken"));
	}
}

/* Swan has not looked at the change: it is sent again. */
static void
change_is_sent_again_after_401_and_429(void **state)
{
	static const struct canned_answer answers[][MOST] = {
	    {CANNED_TOKEN, CANCELLED},
	    {CANNED_TOKEN, STATUS("401 No"), CANNED_TOKEN, CANCELLED},
	    {CANNED_TOKEN, STATUS("429 Slow"), CANCELLED},
	};
	static const struct canned_answer rejected[MOST] = {CANNED_TOKEN, REJECTED};

	for (size_t i = 0; i < LENGTH(answers); i++)
		assert_outcome(*state, CALL_CANCEL_CARD, answers[i], CALL_DONE);
	assert_outcome(*state, CALL_CANCEL_CARD, rejected, CALL_REJECTED);
	assert_string_equal(message, "[secret] is gone");
}

static void
change_is_made_as_the_user_who_is_named(void **state)
{
	static const struct canned_answer answers[MOST] = {CANNED_TOKEN, CANCELLED};

	asked_by = "user-7";
	assert_outcome(*state, CALL_CANCEL_CARD, answers, CALL_DONE);
	asked_by = NULL;
	assert_non_null(strstr(canned_asked(2), "\r\nx-swan-user-id: user-7\r\n"));
	assert_non_null(
	    strstr(canned_body(2), "\"operationName\":\"CancelCard\",\"variables\":{\"id\":\"x\"}"));
}

static void
change_is_not_sent_in_a_dry_run(void **state)
{
	static const struct canned nobody = {.port = 1};
	struct run *r = *state;

	canned_configure(r, &nobody, "");
	r->dry_run = true;
	asked = CALL_CANCEL_CARD;
	ask(r);
	r->dry_run = false;
	assert_int_equal(outcome, CALL_REHEARSED);
}

static void
end_card(struct run *r)
{
	struct swan_reply reply;

	caller_open(&caller, r);
	outcome = ending_send(&caller, "seat", "card", &reply);
	swan_reply_free(&reply);
	caller_close(&caller);
}

static void
ending_looks_before_it_sends_and_after_a_lost_answer(void **state)
{
	static const struct {
		struct canned_answer answers[MOST];
		enum call_outcome outcome;
	} cases[] = {
	    {{CANNED_TOKEN, SEAT("Enabled", "Enabled"), CANCELLED}, CALL_DONE},
	    {{CANNED_TOKEN, SEAT("Enabled", "Canceled")}, CALL_DONE},
	    {{CANNED_TOKEN, SEAT("Enabled", "Canceling")}, CALL_DONE},
	    {{CANNED_TOKEN, OK("{\"data\":{\"accountMembership\":null}}")}, CALL_DONE},
	    {{CANNED_TOKEN, SEAT("Enabled", "Enabled"), STATUS("500 Oops"), SEAT("Enabled", "Canceled")},
	     CALL_DONE},
	    {{CANNED_TOKEN, SEAT("Enabled", "Enabled"), STATUS("500 Oops"), SEAT("Enabled", "Enabled"),
	      CANCELLED},
	     CALL_DONE},
	    {{CANNED_TOKEN, SEAT("Enabled", "Enabled"), REJECTED}, CALL_REJECTED},
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		play(*state, cases[i].answers, end_card);
		assert_int_equal(outcome, cases[i].outcome);
	}
}

static void
die_of_rejection(struct run *r)
{
	struct swan_reply reply = {.rejection = "NewRejection", .message = "What?"};

	(void)r;
	call_die_rejected(CALL_ADD_CARD, &reply);
}

static void
die_of_wrong_code(struct run *r)
{
	struct swan_reply reply = {.rejection = "WrongCodeRejection", .message = "Wrong"};

	(void)r;
	call_die_rejected(CALL_COMPLETE_USER_CREATION, &reply);
}

static void
rejection_is_printed_with_its_own_message(void **state)
{
	home_dies(*state, die_of_rejection, EXIT_REFUSED, "AddCard: NewRejection: What?: ask Swan");
	home_dies(*state, die_of_wrong_code, EXIT_REFUSED,
	          "CompleteUserCreation: WrongCodeRejection: Wrong: type the code again");
}

static void
consent_words_are_open_accepted_or_refused(void **state)
{
	(void)state;
	assert_true(consent_is_accepted("Accepted"));
	assert_false(consent_is_accepted("OperationCommitting"));
	assert_true(consent_is_refused("CustomerRefused") && consent_is_refused("Expired") &&
	            consent_is_refused("Failed") && consent_is_refused("Canceled"));
	assert_false(consent_is_refused("Created") || consent_is_refused("Started") ||
	             consent_is_refused("OperationCommitting") || consent_is_refused("Accepted"));
}

static void
list_seat(void *ctx, const char *membership_id, const char *status)
{
	char *ids = ctx;

	snprintf(ids + strlen(ids), LISTED - strlen(ids), "%s %s;", membership_id, status);
}

static char listed[LISTED];

static void
list_seats(struct run *r)
{
	caller_open(&caller, r);
	listed[0] = '\0';
	seatlist_all(&caller, "a@b.fr", list_seat, listed);
	caller_close(&caller);
}

/* That of the legal representative would be disabled with the others, for good. */
static void
seats_of_an_email_are_exact_and_not_the_representative(void **state)
{
	static const struct canned_answer answers[MOST] = {
	    CANNED_TOKEN,
	    OK("{\"data\":{\"accountMemberships\":{\"__typename\":\"AccountMembershipConnection\","
	       "\"pageInfo\":{\"hasNextPage\":false},\"edges\":["
	       "{\"node\":{\"id\":\"1\",\"email\":\"a@b.fr\",\"legalRepresentative\":true,"
	       "\"statusInfo\":{\"status\":\"Enabled\"}}},"
	       "{\"node\":{\"id\":\"2\",\"email\":\"a@b.fr\",\"legalRepresentative\":false,"
	       "\"statusInfo\":{\"status\":\"Enabled\"}}},"
	       "{\"node\":{\"id\":\"3\",\"email\":\"za@b.fr\",\"legalRepresentative\":false,"
	       "\"statusInfo\":{\"status\":\"Enabled\"}}},"
	       "{\"node\":{\"id\":\"4\",\"email\":null,\"legalRepresentative\":false,"
	       "\"statusInfo\":{\"status\":\"Enabled\"}}}]}}}")};

	play(*state, answers, list_seats);
	assert_string_equal(listed, "2 Enabled;");
}

static void
seat_takes_the_latest_enabled_card(void **state)
{
	struct seat t = {.cards = 4,
	                 .card = {{.id = "a", .status = "Enabled", .created_at = 1},
	                          {.id = "b", .status = "Canceled", .created_at = 4},
	                          {.id = "c", .status = "Enabled", .created_at = 3},
	                          {.id = "d", .status = "Enabled", .created_at = 2}}};

	(void)state;
	assert_string_equal(seat_latest_card(&t)->id, "c");
	t.cards = 0;
	assert_null(seat_latest_card(&t));
}

#define IN_A_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_A_HOME(question_is_asked_until_it_is_answered),
	    IN_A_HOME(change_is_sent_once_and_in_doubt_without_its_answer),
	    IN_A_HOME(change_is_sent_again_after_401_and_429),
	    IN_A_HOME(change_is_made_as_the_user_who_is_named),
	    IN_A_HOME(change_is_not_sent_in_a_dry_run),
	    IN_A_HOME(ending_looks_before_it_sends_and_after_a_lost_answer),
	    IN_A_HOME(rejection_is_printed_with_its_own_message),
	    IN_A_HOME(seats_of_an_email_are_exact_and_not_the_representative),
	    cmocka_unit_test(consent_words_are_open_accepted_or_refused),
	    cmocka_unit_test(seat_takes_the_latest_enabled_card),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
