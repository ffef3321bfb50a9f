/* failure: a debit that the bank both rejected and booked ends as the days say, in whatever order the entries come. */
#include "tests/answers.h"

#include "stages/core/bank/failure.h"

#define RJCT(day, ...)                                                                                 \
	{                                                                                              \
		.kind = "status", .level = "debit", .status = "RJCT", .id = BOB, .on = "2026-03-" day, \
		.at = "2026-03-" day "T10:00:00Z", .reason = __VA_ARGS__                               \
	}
#define ON(day)           .on = "2026-03-" day
#define BACK_ON(day, why) RETURN(BOB, 990, ON(day), .reason = (why))

#define REJECTED "presented rejected presented|-1250 -990 -10000|"
#define RETURNED "presented returned presented|-1250 -990 -10000|"
#define BOOKED   "presented booked presented|-1250 0 -10000|"

static const struct story singles[] = {
    STORY("rejected before the booking", REJECTED "partially_accepted|", RJCT("09", "AC06"), CREDIT(BOB, 990),
          BACK_ON("10", "AC06")),
    STORY("rejected on the day of the booking", REJECTED "partially_accepted|", RJCT("10", "AC06"),
          CREDIT(BOB, 990), BACK_ON("10", "AC06")),
    STORY("rejected after the booking", RETURNED "accepted|", RJCT("12", "AC06"), CREDIT(BOB, 990),
          BACK_ON("12", "AC06")),
    STORY("rejected after the return", RETURNED "accepted|", RJCT("13", "AC06"), CREDIT(BOB, 990),
          BACK_ON("12", "AC06")),
    STORY("rejected before, and for another reason", REJECTED "partially_accepted|", RJCT("09", "AC06"),
          CREDIT(BOB, 990), BACK_ON("10", "MS03")),
    STORY("rejected after, and for another reason", RETURNED "accepted|", RJCT("12", "AC06"),
          CREDIT(BOB, 990), BACK_ON("12", "MS03")),
    STORY("rejected before, in two kinds of messages", REJECTED "partially_accepted|", RJCT("09", "AC06"),
          CREDIT(BOB, 990), BACK_ON("10", "AC06"), CREDIT(BOB, 990, .type = "camt.053"),
          RETURN(BOB, 990, .type = "camt.053", .reason = "AC06")),
    STORY("rejected after, in two kinds of messages", RETURNED "accepted|", RJCT("12", "AC06"),
          CREDIT(BOB, 990), BACK_ON("12", "AC06"), CREDIT(BOB, 990, .type = "camt.053"),
          RETURN(BOB, 990, ON("12"), .type = "camt.053", .reason = "AC06")),
    STORY("rejected twice, once before the booking", REJECTED "partially_accepted|", RJCT("09", "AC06"),
          RJCT("12", "AC06", .amount = 990), CREDIT(BOB, 990), BACK_ON("12", "AC06")),
    STORY("rejected, and reported as a return", REJECTED "partially_accepted|", RJCT("09", "AC06"),
          BACK_ON("10", "AC06")),
    STORY("a duplicate that was booked and came back", RETURNED "accepted|", RJCT("09", "AM05"),
          CREDIT(BOB, 990), BACK_ON("12", "AC06")),
};

/* What is not taken back is for a person: of what came later. */
static const struct story standing[] = {
    STORY("rejected before the booking, which stays", REJECTED "partially_accepted|credit_after_failure",
          RJCT("09", "AC06"), CREDIT(BOB, 990)),
    STORY("rejected on the day of the booking, which stays",
          REJECTED "partially_accepted|credit_after_failure", RJCT("10", "AC06"), CREDIT(BOB, 990)),
    STORY("rejected after the booking, which stays", BOOKED "accepted|reject_after_booking",
          RJCT("12", "AC06"), CREDIT(BOB, 990)),
    STORY("the same in two kinds of messages", BOOKED "accepted|reject_after_booking", RJCT("12", "AC06"),
          CREDIT(BOB, 990), CREDIT(BOB, 990, .type = "camt.053")),
    STORY("rejected for another amount after the booking", BOOKED "accepted|amount_differs",
          RJCT("09", "AC06", .amount = 991), CREDIT(BOB, 990)),
};

#define ALL      12240
#define IN_FILE  "booked rejected booked|0 -990 0|settled|"
#define IN_FILE2 "booked returned booked|0 -990 0|settled|"

static const struct story sums[] = {
    STORY("rejected, booked gross, and taken back", IN_FILE, RJCT("09", "AC06"), SUM(ALL),
          BACK_ON("11", "AC06")),
    STORY("booked gross, rejected, and taken back", IN_FILE2, RJCT("12", "AC06"), SUM(ALL),
          BACK_ON("13", "AC06")),
    STORY("rejected, booked gross, and taken back for the file", IN_FILE, RJCT("09", "AC06"), SUM(ALL),
          BACK(990, ON("11"))),
    STORY("booked gross, rejected, and taken back for the file", IN_FILE2, RJCT("12", "AC06"), SUM(ALL),
          BACK(990, ON("13"))),
    STORY("rejected, booked net, and reported as a return", IN_FILE, RJCT("09", "AC06"), SUM(ALL - 990),
          BACK_ON("11", "AC06")),
    STORY("rejected, booked gross with its detail, and taken back", IN_FILE, RJCT("09", "AC06"), SUM(ALL),
          CREDIT(BOB, 990), BACK_ON("11", "AC06")),
    STORY("booked gross with its detail, rejected, and taken back", IN_FILE2, RJCT("12", "AC06"), SUM(ALL),
          CREDIT(BOB, 990), BACK_ON("13", "AC06")),
};

static void
failure_of_a_single_debit(void **state)
{
	answers_check(*state, singles, LENGTH(singles));
}

static void
failure_of_what_stays(void **state)
{
	answers_check(*state, standing, LENGTH(standing));
}

static void
failure_in_a_sum(void **state)
{
	answers_check(*state, sums, LENGTH(sums));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    UPLOADED(failure_of_a_single_debit),
	    UPLOADED(failure_of_what_stays),
	    UPLOADED(failure_in_a_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
