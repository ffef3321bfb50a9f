/* invitation: which membership at Swan is the member's, and which one is disabled because it has other details. */
#include "tests/canned.h"
#include "tests/members.h"

#include "stages/core/enrol/invitation.h"
#include "stages/core/members/membership.h"

#define MOST  8
#define PHONE "+33698765432"
#define LIST(nodes)                                                                                    \
	CANNED_OK("{\"data\":{\"accountMemberships\":{\"__typename\":\"AccountMembershipConnection\"," \
	          "\"pageInfo\":{\"hasNextPage\":false},\"edges\":[" nodes "]}}}")
#define NODE(id, account, rest)                                                        \
	"{\"node\":{\"id\":\"" id "\",\"email\":\"zoe@b.fr\",\"accountId\":\"" account \
	"\",\"legalRepresentative\":false," rest "}}"
#define INVITED(status, first, last, birth, phone)                                                         \
	"\"user\":null,\"statusInfo\":{\"status\":\"" status "\",\"restrictedTo\":{\"firstName\":\"" first \
	"\",\"lastName\":\"" last "\",\"birthDate\":" birth ",\"phoneNumber\":" phone "}}"
#define ZOE(status)  INVITED(status, "Zoe", "Arc", "\"1990-05-17\"", "\"" PHONE "\"")
#define BORN(status) INVITED(status, "Zoe", "Arc", "\"1990-05-18\"", "\"" PHONE "\"")
#define BOUND(user)  "\"user\":{\"id\":\"" user "\"},\"statusInfo\":{\"status\":\"Enabled\"}"
#define SEAT                                                                                                 \
	CANNED_OK(                                                                                           \
	    "{\"data\":{\"accountMembership\":{\"__typename\":\"AccountMembership\",\"id\":\"m\","           \
	    "\"email\":\"zoe@b.fr\",\"user\":null,\"statusInfo\":{\"status\":\"InvitationSent\"},\"cards\":" \
	    "{\"edges\":[]}}}}")
#define DISABLED                                                             \
	CANNED_OK("{\"data\":{\"disableAccountMembership\":{\"__typename\":" \
	          "\"DisableAccountMembershipSuccessPayload\"}}}")
#define REJECTED                                                                                              \
	CANNED_OK(                                                                                            \
	    "{\"data\":{\"disableAccountMembership\":{\"__typename\":\"AccountMembershipNotFoundRejection\"," \
	    "\"message\":\"No\"}}}")

static const char *earlier;
static enum invitation_found found;
static char id[SWAN_ID + 1];

static void
find(struct run *r)
{
	static const struct seat_person zoe = {.first_name = "Zoe",
	                                       .last_name = "Arc",
	                                       .birth_date = "1990-05-17",
	                                       .phone = PHONE,
	                                       .email = "zoe@b.fr",
	                                       .language = "fr",
	                                       .user = "u-1"};
	struct caller caller;

	id[0] = '\0';
	caller_open(&caller, r);
	found = invitation_find(&caller, &zoe, earlier, 1, id);
	caller_close(&caller);
}

struct story {
	struct canned_answer answers[MOST];
	const char *id; /* NULL: absent */
};

static void
play(struct run *r, const struct story *stories, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		canned_play(r, stories[i].answers, MOST, "account_id = acc\n", find, 0, NULL);
		if ((found == INVITATION_FOUND) != (stories[i].id != NULL) ||
		    strcmp(id, stories[i].id != NULL ? stories[i].id : "") != 0)
			fail_msg("story %zu: %d %s", i, (int)found, id);
	}
}

static void
invitation_with_the_same_details_is_taken(void **state)
{
	static const struct story stories[] = {
	    {{CANNED_TOKEN, LIST("")}, NULL},
	    {{CANNED_TOKEN, LIST(NODE("a", "acc", ZOE("InvitationSent")))}, "a"},
	    {{CANNED_TOKEN, LIST(NODE("a", "acc", "\"language\":\"fr\"," ZOE("BindingUserError")))}, "a"},
	    {{CANNED_TOKEN,
	      LIST(NODE("a", "acc", ZOE("InvitationSent")) "," NODE("b", "acc", ZOE("InvitationSent")))},
	     "a"},
	    {{CANNED_TOKEN, LIST(NODE("a", "acc", BOUND("u-1")))}, "a"},
	};

	earlier = "";
	play(*state, stories, LENGTH(stories));
}

static void
what_is_not_the_members_is_left_alone(void **state)
{
	static const struct story stories[] = {
	    {{CANNED_TOKEN, LIST(NODE("a", "other", ZOE("InvitationSent")))}, NULL},
	    {{CANNED_TOKEN, LIST(NODE("a", "acc", ZOE("Disabled")))}, NULL},
	    {{CANNED_TOKEN, LIST(NODE("a", "acc", BOUND("u-2")))}, NULL},
	    {{CANNED_TOKEN, LIST(NODE("a", "acc", INVITED("InvitationSent", "Lea", "Arc", "null", "null")))},
	     NULL},
	    {{CANNED_TOKEN, LIST(NODE("bobs", "acc", BORN("InvitationSent")))}, NULL},
	};
	struct run *r = *state;
	struct err e = {0};

	assert_int_equal(membership_link(r, 2, "bobs", &e), 0);
	earlier = "zoe@b.fr";
	play(r, stories, LENGTH(stories));
}

static void
invitation_with_other_details_is_disabled(void **state)
{
	static const struct story stories[] = {
	    {{CANNED_TOKEN, LIST(NODE("a", "acc", BORN("InvitationSent"))), SEAT, DISABLED}, NULL},
	    {{CANNED_TOKEN, LIST(NODE("a", "acc", "\"language\":\"en\"," ZOE("InvitationSent"))), SEAT,
	      DISABLED},
	     NULL},
	    {{CANNED_TOKEN,
	      LIST(NODE("a", "acc",
	                INVITED("BindingUserError", "Zoe", "Ark", "\"1990-05-17\"", "\"" PHONE "\""))),
	      SEAT, DISABLED},
	     NULL},
	    {{CANNED_TOKEN,
	      LIST(NODE("a", "acc",
	                INVITED("InvitationSent", "Zoe", "Arc", "\"1990-05-17\"", "\"+33612345678\""))),
	      SEAT, DISABLED},
	     NULL},
	    {{CANNED_TOKEN,
	      LIST(NODE("a", "acc", ZOE("InvitationSent")) "," NODE("b", "acc", BORN("InvitationSent"))),
	      SEAT, DISABLED},
	     "a"},
	};
	static const struct canned_answer rejected[] = {
	    CANNED_TOKEN, LIST(NODE("a", "acc", BORN("InvitationSent"))), SEAT, REJECTED};

	earlier = "";
	play(*state, stories, LENGTH(stories));
	canned_play(*state, rejected, LENGTH(rejected), "account_id = acc\n", find, EXIT_CONFIG,
	            "DisableAccountMembership: AccountMembershipNotFoundRejection: No");
}

static void
email_of_before_is_looked_at_first(void **state)
{
	static const struct story stories[] = {
	    {{CANNED_TOKEN, LIST(""), LIST("")}, NULL},
	    {{CANNED_TOKEN, LIST(""), LIST(NODE("a", "acc", ZOE("InvitationSent")))}, "a"},
	};

	earlier = "zoe@old.fr";
	play(*state, stories, LENGTH(stories));
	assert_non_null(strstr(canned_body(2), "\"email\":\"zoe@old.fr\""));
	assert_non_null(strstr(canned_body(3), "\"email\":\"zoe@b.fr\""));
}

static void
dry_run_disables_nothing(void **state)
{
	static const struct canned_answer answers[] = {CANNED_TOKEN,
	                                               LIST(NODE("a", "acc", BORN("InvitationSent"))), SEAT};
	struct run *r = *state;

	earlier = "";
	r->dry_run = true;
	canned_play(r, answers, LENGTH(answers), "account_id = acc\n", find, 0, NULL);
	r->dry_run = false;
	assert_int_equal(found, INVITATION_REHEARSED);
}

#define IN_A_HOME(test)    cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)
#define WITH_MEMBERS(test) cmocka_unit_test_setup_teardown(test, members_open, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_A_HOME(invitation_with_the_same_details_is_taken),
	    WITH_MEMBERS(what_is_not_the_members_is_left_alone),
	    IN_A_HOME(invitation_with_other_details_is_disabled),
	    IN_A_HOME(email_of_before_is_looked_at_first),
	    IN_A_HOME(dry_run_disables_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
