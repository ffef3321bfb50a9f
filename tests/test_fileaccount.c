/* fileaccount: sums that the bank books for a whole file are explained to the cent, in whatever order their parts come. */
#include "tests/answers.h"

#include "stages/core/bank/fileaccount.h"

#define ALL       12240
#define UNTOUCHED "presented presented presented|-1250 -990 -10000|uploaded|"
#define BOOKED    "booked booked booked|0 0 0|settled|"

static const struct story sums[] = {
    STORY("gross", BOOKED, SUM(ALL)),
    STORY("gross by its block", BOOKED, CREDIT(NULL, ALL, .block = BLOCK)),
    STORY("gross by the id of its batch", BOOKED, CREDIT(MSG_ID, ALL)),
    STORY("gross less a fee", BOOKED, SUM(ALL - 35, .fee = 35)),
    STORY("a cent less", UNTOUCHED "bulk_amount_differs", SUM(ALL - 1)),
    STORY("a cent more", UNTOUCHED "bulk_amount_differs", SUM(ALL + 1)),
    STORY("in two sums", BOOKED, SUM(2240), SUM(10000)),
    STORY("in two sums of two days", BOOKED, SUM(2240), SUM(10000, .on = "2026-03-11")),
    STORY("in two equal sums", BOOKED, SUM(6120), SUM(6120)),
    STORY("in three sums", BOOKED, SUM(2000), SUM(240), SUM(10000)),
    STORY("one of two sums is missing", UNTOUCHED "bulk_amount_differs", SUM(2240)),
    STORY("a sum that is wrong does not hinder the right one",
          "booked booked booked|0 0 0|settled|bulk_amount_differs", SUM(500), SUM(ALL)),
    STORY("the same in two kinds of messages", BOOKED, SUM(ALL), SUM(ALL, .type = "camt.053")),
    STORY("the same in three kinds", BOOKED, SUM(ALL, .type = "camt.052"), SUM(ALL),
          SUM(ALL, .type = "camt.053")),
    STORY("split in one kind, whole in the other", BOOKED, SUM(2240), SUM(10000),
          SUM(ALL, .type = "camt.053")),
    STORY("a debit alone, the others in a sum", BOOKED, CREDIT(ADA, 1250), SUM(10990)),
    STORY("a debit alone on another day", BOOKED, CREDIT(ADA, 1250, .on = "2026-03-11"), SUM(10990)),
    STORY("a debit alone in two kinds of messages", BOOKED, CREDIT(ADA, 1250, .on = "2026-03-11"),
          CREDIT(ADA, 1250, .on = "2026-03-11", .type = "camt.053"), SUM(10990)),
    STORY("a sum and its details", BOOKED, SUM(ALL), CREDIT(ADA, 1250), CREDIT(BOB, 990), CREDIT(CYD, 10000)),
    STORY("a sum and details in the statement", BOOKED, SUM(ALL), CREDIT(ADA, 1250, .type = "camt.053"),
          CREDIT(CYD, 10000, .type = "camt.053")),
};

/* The details stand in the messages of another day than the sum. */
#define NEXT .on = "2026-03-11"
static const struct story details[] = {
    STORY("a sum, and its details on the next day", BOOKED, SUM(ALL), CREDIT(ADA, 1250, NEXT),
          CREDIT(BOB, 990, NEXT), CREDIT(CYD, 10000, NEXT)),
    STORY("a sum, and its details on the next day in another kind of message", BOOKED, SUM(ALL),
          CREDIT(ADA, 1250, NEXT, .type = "camt.053"), CREDIT(BOB, 990, NEXT, .type = "camt.053"),
          CREDIT(CYD, 10000, NEXT, .type = "camt.053")),
    STORY("a sum, and its details on the day before", BOOKED, SUM(ALL, NEXT), CREDIT(ADA, 1250),
          CREDIT(BOB, 990), CREDIT(CYD, 10000)),
    STORY("two sums, and the details of one on the next day", BOOKED, SUM(2240), SUM(10000),
          CREDIT(ADA, 1250, NEXT), CREDIT(BOB, 990, NEXT)),
    STORY("two sums, and the details of both on the next day", BOOKED, SUM(2240), SUM(10000),
          CREDIT(ADA, 1250, NEXT), CREDIT(BOB, 990, NEXT), CREDIT(CYD, 10000, NEXT)),
    STORY("a net sum, and its details on the next day", "booked rejected booked|0 -990 0|settled|",
          OF_DEBIT("RJCT", BOB, .reason = "AM04"), SUM(ALL - 990), CREDIT(ADA, 1250, NEXT),
          CREDIT(CYD, 10000, NEXT)),
    STORY("a single debit, of which a sum has as much", BOOKED, SUM(2240), CREDIT(CYD, 10000, NEXT)),
};

static const struct story rejects[] = {
    STORY("net of a reject", "booked rejected booked|0 -990 0|settled|",
          OF_DEBIT("RJCT", BOB, .reason = "AM04"), SUM(ALL - 990, .on = "2026-03-11")),
    STORY("net of a reject of the next day", "booked rejected booked|0 -990 0|settled|",
          OF_DEBIT("RJCT", BOB, .reason = "AM04", .on = "2026-03-11", .at = "2026-03-11T10:00:00Z"),
          SUM(ALL - 990)),
    STORY("net of two rejects", "booked rejected rejected|0 -990 -10000|settled|",
          OF_DEBIT("RJCT", BOB, .reason = "AM04"), OF_DEBIT("RJCT", CYD, .reason = "AC04"), SUM(1250)),
    STORY("a part is credited twice", "booked presented presented|0 -990 -10000|accepted|bulk_amount_differs",
          CREDIT(ADA, 1250), SUM(ALL + 1250)),
    STORY("a detail of another amount", "booked presented booked|0 -990 0|accepted|amount_differs",
          CREDIT(BOB, 991), SUM(ALL - 990)),
};

static const struct story takebacks[] = {
    STORY("gross, and the reject taken back for the file", "booked rejected booked|0 -990 0|settled|",
          OF_DEBIT("RJCT", BOB, .reason = "AM04"), SUM(ALL), BACK(990)),
    STORY("gross, and the reject taken back for the file later", "booked rejected booked|0 -990 0|settled|",
          OF_DEBIT("RJCT", BOB, .reason = "AM04"), SUM(ALL), BACK(990, .on = "2026-03-12")),
    STORY("gross, and the reject taken back for the file with a fee",
          "booked rejected booked|0 -990 0|settled|", OF_DEBIT("RJCT", BOB, .reason = "AM04"), SUM(ALL),
          BACK(1090, .fee = 100)),
    STORY("gross, and the reject taken back by its id", "booked rejected booked|0 -990 0|settled|",
          OF_DEBIT("RJCT", BOB, .reason = "AM04"), SUM(ALL), RETURN(BOB, 990, .reason = "AM04")),
    STORY("gross, and the reject taken back by its id for another reason",
          "booked rejected booked|0 -990 0|settled|", OF_DEBIT("RJCT", BOB, .reason = "AM04"), SUM(ALL),
          RETURN(BOB, 990, .reason = "MS03")),
    STORY("gross with details, and the reject taken back", "booked rejected booked|0 -990 0|settled|",
          OF_DEBIT("RJCT", BOB, .reason = "AM04"), SUM(ALL), BACK(990, .on = "2026-03-12"), CREDIT(BOB, 990)),
    STORY("two rejects taken back in one", "rejected rejected booked|-1250 -990 0|settled|",
          OF_DEBIT("RJCT", BOB, .reason = "AM04"), OF_DEBIT("RJCT", ADA, .reason = "AM04"), SUM(ALL),
          BACK(2240, .on = "2026-03-12")),
    STORY("two rejects taken back one by one", "rejected rejected booked|-1250 -990 0|settled|",
          OF_DEBIT("RJCT", BOB, .reason = "AM04"), OF_DEBIT("RJCT", ADA, .reason = "AM04"), SUM(ALL),
          BACK(1250, .on = "2026-03-11"), BACK(990, .on = "2026-03-12")),
    STORY("a reject of another amount takes nothing back",
          "booked booked booked|0 0 0|settled|amount_differs bulk_amount_differs",
          OF_DEBIT("RJCT", BOB, .amount = 991, .reason = "AM04", .at = "2026-03-12T10:00:00Z",
                   .on = "2026-03-12"),
          SUM(ALL), BACK(990, .on = "2026-03-13")),
    STORY("a return of one in a sum", "booked returned booked|0 -990 0|settled|", SUM(ALL),
          RETURN(BOB, 990, .reason = "AM04", .on = "2026-03-12")),
    STORY("a return before the sum", "booked returned booked|0 -990 0|settled|", SUM(ALL, .on = "2026-03-12"),
          RETURN(BOB, 990, .reason = "AM04")),
    STORY("a return of another amount", "booked booked booked|0 0 0|settled|bulk_amount_differs", SUM(ALL),
          BACK(990, .on = "2026-03-12")),
    STORY("all taken back", "returned returned returned|-1250 -990 -10000|settled|", SUM(ALL),
          BACK(ALL, .on = "2026-03-12", .reason = "MS03")),
    STORY("all taken back in two sums", "returned returned returned|-1250 -990 -10000|settled|", SUM(ALL),
          BACK(2240, .on = "2026-03-12"), BACK(10000, .on = "2026-03-12")),
    STORY("all taken back before it came", "returned returned returned|-1250 -990 -10000|settled|",
          SUM(ALL, .on = "2026-03-12"), BACK(ALL)),
    STORY("all taken back in two kinds of messages", "returned returned returned|-1250 -990 -10000|settled|",
          SUM(ALL), BACK(ALL, .on = "2026-03-12"), SUM(ALL, .type = "camt.053"),
          BACK(ALL, .on = "2026-03-12", .type = "camt.053")),
    STORY("single debits, all taken back", "returned returned returned|-1250 -990 -10000|settled|",
          CREDIT(ADA, 1250), CREDIT(BOB, 990), CREDIT(CYD, 10000), BACK(ALL, .on = "2026-03-12")),
    STORY("net of a reject, all taken back", "returned rejected returned|-1250 -990 -10000|settled|",
          OF_DEBIT("RJCT", BOB, .reason = "AM04"), SUM(ALL - 990), BACK(ALL - 990, .on = "2026-03-12")),
    STORY("taken back without a sum", UNTOUCHED "bulk_wrong_direction", BACK(ALL)),
    STORY("a plain debit for the file", UNTOUCHED "bulk_wrong_direction",
          PLAIN_DEBIT(NULL, 5, .msg_id = MSG_ID)),
};

/* Money that no sum explains is never taken for a part of one. */
static const struct story strays[] = {
    STORY("more in another kind of message", BOOKED "bulk_amount_differs", SUM(ALL, .type = "camt.053"),
          SUM(500, .on = "2026-03-11")),
    STORY("more in both kinds", BOOKED "bulk_amount_differs", SUM(ALL, .type = "camt.053"),
          SUM(500, .on = "2026-03-11"), SUM(500, .on = "2026-03-11", .type = "camt.053"), SUM(ALL)),
    STORY("less in another kind of message", BOOKED "bulk_amount_differs", SUM(ALL, .type = "camt.053"),
          BACK(500, .on = "2026-03-11")),
    STORY("a credit marked as a return beside a gross sum",
          "booked rejected booked|0 -990 0|settled|bulk_wrong_direction",
          OF_DEBIT("RJCT", BOB, .reason = "AM04"), SUM(ALL), BACK(990),
          TAKEN_BACK(NULL, 12345, .msg_id = MSG_ID)),
    STORY("a return of all that is taken back again, in no order",
          "returned returned returned|-1250 -990 -10000|settled|bulk_wrong_direction", SUM(ALL),
          BACK(ALL, .on = "2026-03-12"), TAKEN_BACK(NULL, ALL, .msg_id = MSG_ID, .on = "2026-03-11")),
};

static void
fileaccount_adds_up_in_every_order(void **state)
{
	answers_check(*state, sums, LENGTH(sums));
}

static void
fileaccount_knows_details_of_another_day(void **state)
{
	answers_check(*state, details, LENGTH(details));
}

static void
fileaccount_counts_rejects(void **state)
{
	answers_check(*state, rejects, LENGTH(rejects));
}

static void
fileaccount_takes_back(void **state)
{
	answers_check(*state, takebacks, LENGTH(takebacks));
}

static void
fileaccount_explains_nothing_else(void **state)
{
	answers_check(*state, strays, LENGTH(strays));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    UPLOADED(fileaccount_adds_up_in_every_order), UPLOADED(fileaccount_knows_details_of_another_day),
	    UPLOADED(fileaccount_counts_rejects),         UPLOADED(fileaccount_takes_back),
	    UPLOADED(fileaccount_explains_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
