/* bankstatus: what a status changes does not depend on the order in which statuses arrive. */
#include "tests/answers.h"

#include "stages/core/bank/bankstatus.h"

#define ALL           12240
#define NOTHING       "presented presented presented|-1250 -990 -10000|uploaded|"
#define AT(day, hour) .on = "2026-03-" day, .at = "2026-03-" day "T" hour ":00:00Z"

static const struct story precedences[] = {
    STORY("a debit beats its file", "accepted rejected accepted|-1250 -990 -10000|partially_accepted|",
          STATUS("file", "ACCP"), OF_DEBIT("RJCT", BOB, .reason = "AM04")),
    STORY("accepted, then rejected", "presented rejected presented|-1250 -990 -10000|partially_accepted|",
          OF_DEBIT("ACCP", BOB, AT("09", "10")), OF_DEBIT("RJCT", BOB, AT("09", "14"))),
    STORY("rejected, then accepted",
          "presented rejected presented|-1250 -990 -10000|partially_accepted|accepted_after_reject",
          OF_DEBIT("RJCT", BOB, AT("09", "10")), OF_DEBIT("ACCP", BOB, AT("09", "15"))),
    STORY("rejected, then accepted on another day",
          "presented rejected presented|-1250 -990 -10000|partially_accepted|accepted_after_reject",
          OF_DEBIT("RJCT", BOB, AT("09", "10")), OF_DEBIT("ACSP", BOB, AT("10", "09"))),
    STORY("accepted twice, and rejected between",
          "presented rejected presented|-1250 -990 -10000|partially_accepted|accepted_after_reject",
          OF_DEBIT("ACCP", BOB, AT("09", "10")), OF_DEBIT("RJCT", BOB, AT("09", "12")),
          OF_DEBIT("ACCP", BOB, AT("09", "15"))),
    STORY("rejected alone, and later accepted with the file",
          "accepted rejected accepted|-1250 -990 -10000|partially_accepted|",
          OF_DEBIT("RJCT", BOB, AT("09", "10")), STATUS("file", "ACCP", AT("09", "15"))),
    STORY("checked, then accepted", "accepted accepted accepted|-1250 -990 -10000|accepted|",
          STATUS("file", "ACTC", AT("09", "10")), STATUS("file", "ACCP", AT("09", "15"))),
    STORY("the file accepted, then rejected",
          "presented presented presented|-1250 -990 -10000|rejected|file_rejected",
          STATUS("file", "ACCP", AT("09", "10")), STATUS("file", "RJCT", AT("09", "14"))),
    STORY("the file rejected, then accepted",
          "presented presented presented|-1250 -990 -10000|rejected|accepted_after_reject file_rejected",
          STATUS("file", "RJCT", AT("09", "10")), STATUS("file", "ACCP", AT("09", "15"))),
    STORY("the file checked, then rejected",
          "presented presented presented|-1250 -990 -10000|rejected|file_rejected",
          STATUS("file", "ACTC", AT("09", "10")), STATUS("file", "RJCT", AT("09", "14"))),
    STORY("one rejected, and then the file",
          "presented rejected presented|-1250 -990 -10000|rejected|file_rejected",
          OF_DEBIT("RJCT", BOB, AT("09", "10")), STATUS("file", "RJCT", AT("09", "14"))),
    STORY("each rejected, and then the file",
          "rejected rejected rejected|-1250 -990 -10000|settled|same_reason",
          OF_DEBIT("RJCT", ADA, AT("09", "10")), OF_DEBIT("RJCT", BOB, AT("09", "10")),
          OF_DEBIT("RJCT", CYD, AT("09", "10")), STATUS("file", "RJCT", AT("09", "14"))),
};

static const struct story meanings[] = {
    STORY("a duplicate that was booked", "presented booked presented|-1250 0 -10000|accepted|",
          OF_DEBIT("RJCT", BOB, .reason = "AM05"), CREDIT(BOB, 990)),
    STORY("a duplicate that was not booked", NOTHING "duplicate_reject",
          OF_DEBIT("RJCT", BOB, .reason = "DU05")),
    STORY("a duplicate file", NOTHING "duplicate_reject", STATUS("file", "RJCT", .reason = "DU01")),
    STORY("a duplicate file that was booked", "booked booked booked|0 0 0|settled|",
          STATUS("file", "RJCT", .reason = "AM05"), SUM(ALL)),
    STORY("a duplicate of which one was booked",
          "presented booked presented|-1250 0 -10000|accepted|duplicate_reject",
          STATUS("file", "RJCT", .reason = "DUPL"), CREDIT(BOB, 990)),
    STORY("another name", NOTHING "payee_name_differs", OF_DEBIT("RVNM", BOB)),
    STORY("another name, booked", "presented booked presented|-1250 0 -10000|accepted|",
          OF_DEBIT("RVNM", BOB), CREDIT(BOB, 990)),
    STORY("another name, rejected", "presented rejected presented|-1250 -990 -10000|partially_accepted|",
          OF_DEBIT("RVNM", BOB), OF_DEBIT("RJCT", BOB, .reason = "BE01")),
    STORY("other names in the file", NOTHING "payee_name_differs", STATUS("file", "RVNM")),
    STORY("a part without a list", NOTHING "part_without_list", STATUS("file", "PART")),
    STORY("a status without a word", NOTHING "status_missing", OF_DEBIT(NULL, BOB)),
    STORY("a file without a word", NOTHING "status_missing", STATUS("file", NULL)),
    STORY("an unknown word", NOTHING "unknown_status", OF_DEBIT("XXXX", BOB)),
    STORY("an unknown word of a file", NOTHING "unknown_status", STATUS("file", "CANC")),
    STORY("another amount", NOTHING "amount_differs", OF_DEBIT("RJCT", BOB, .amount = 991)),
    STORY("the amount", "presented rejected presented|-1250 -990 -10000|partially_accepted|",
          OF_DEBIT("RJCT", BOB, .amount = 990)),
    STORY("another mandate", NOTHING "mandate_differs", OF_DEBIT("RJCT", BOB, .mandate = "RUM-1")),
    STORY("the mandate in other letters",
          "presented rejected presented|-1250 -990 -10000|partially_accepted|",
          OF_DEBIT("RJCT", BOB, .mandate = "rum -2")),
    STORY("the mandate alone", "presented rejected presented|-1250 -990 -10000|partially_accepted|",
          OF_DEBIT("RJCT", NULL, .amount = 990, .mandate = "RUM-2")),
    STORY("the id in capitals", "presented rejected presented|-1250 -990 -10000|partially_accepted|",
          OF_DEBIT("RJCT", "0BADCAFE050080008008000000000001")),
    STORY("the instruction id", "presented rejected presented|-1250 -990 -10000|partially_accepted|",
          OF_DEBIT("RJCT", NULL, .instruction = BOB)),
    STORY("an unknown debit", NOTHING "unknown_debit", OF_DEBIT("RJCT", "unknown")),
    STORY("a debit without an id", NOTHING "unknown_debit", OF_DEBIT("RJCT", NULL)),
    STORY("an unknown file", NOTHING "unknown_file", STATUS("file", "ACCP", .msg_id = "another")),
    STORY("an unknown block", NOTHING "unknown_file", STATUS("block", "ACCP", .block = "another")),
    STORY("another sum", NOTHING "totals_differ", STATUS("file", "ACCP", .amount = ALL + 1)),
    STORY("another number", NOTHING "totals_differ", STATUS("file", "RJCT", .transactions = 4)),
    STORY("another sum, only checked", NOTHING, STATUS("file", "ACTC", .amount = ALL + 1)),
    STORY("the number and the sum", "accepted accepted accepted|-1250 -990 -10000|accepted|",
          STATUS("file", "ACCP", .amount = ALL, .transactions = 3)),
};

/* Member 3 is in a block of its own. */
static int
open_two_blocks(void **state)
{
	struct run *r;

	answers_open(state);
	r = *state;
	home_exec(r, "DROP TRIGGER bank_block_is_fixed");
	home_exec(r, "DROP TRIGGER collection_content_is_fixed");
	home_exec(r, "UPDATE bank_block SET collections = 2, sum_in_cents = 2240");
	home_exec(
	    r, "INSERT INTO bank_block (file_number, nth, payment_information_id, sequence_type, collections,"
	       "  sum_in_cents) VALUES (1, 2, '" MSG_ID "-2', 'FRST', 1, 10000)");
	home_exec(r, "UPDATE collection SET block = 2 WHERE profile_number = 3");
	return 0;
}

#define OTHER_BLOCK .block = MSG_ID "-2"

static const struct story blocks[] = {
    STORY("one block accepted", "presented presented accepted|-1250 -990 -10000|uploaded|",
          STATUS("block", "ACCP", OTHER_BLOCK)),
    STORY("one block rejected", "presented presented rejected|-1250 -990 -10000|partially_accepted|",
          STATUS("block", "RJCT", OTHER_BLOCK)),
    STORY("the file accepted, one block rejected",
          "accepted accepted rejected|-1250 -990 -10000|partially_accepted|",
          STATUS("file", "ACCP", AT("09", "15")), STATUS("block", "RJCT", OTHER_BLOCK, AT("09", "10"))),
    STORY("a block accepted, then rejected",
          "presented presented rejected|-1250 -990 -10000|partially_accepted|",
          STATUS("block", "ACCP", OTHER_BLOCK, AT("09", "10")),
          STATUS("block", "RJCT", OTHER_BLOCK, AT("09", "14"))),
    STORY("a block rejected, then accepted",
          "presented presented rejected|-1250 -990 -10000|partially_accepted|accepted_after_reject",
          STATUS("block", "RJCT", OTHER_BLOCK, AT("09", "10")),
          STATUS("block", "ACCP", OTHER_BLOCK, AT("09", "15"))),
    STORY("a debit accepted, then its block rejected",
          "presented presented rejected|-1250 -990 -10000|partially_accepted|",
          OF_DEBIT("ACCP", CYD, AT("09", "10")), STATUS("block", "RJCT", OTHER_BLOCK, AT("09", "14"))),
    STORY("a block rejected, then its debit accepted",
          "presented presented rejected|-1250 -990 -10000|partially_accepted|accepted_after_reject",
          OF_DEBIT("ACCP", CYD, AT("09", "15")), STATUS("block", "RJCT", OTHER_BLOCK, AT("09", "10"))),
    STORY("one block accepted, the other rejected",
          "accepted accepted rejected|-1250 -990 -10000|partially_accepted|",
          STATUS("block", "ACCP", .block = BLOCK, AT("09", "15")),
          STATUS("block", "RJCT", OTHER_BLOCK, AT("09", "10"))),
    STORY("a block that is a duplicate", NOTHING "duplicate_reject",
          STATUS("block", "RJCT", OTHER_BLOCK, .reason = "DU02")),
    STORY("a block that is a duplicate, booked", "presented presented booked|-1250 -990 0|accepted|",
          STATUS("block", "RJCT", OTHER_BLOCK, .reason = "DU02"), CREDIT(CYD, 10000)),
    STORY("another sum of a block", NOTHING "totals_differ",
          STATUS("block", "ACCP", OTHER_BLOCK, .amount = ALL)),
    STORY("the sum of a block", "presented presented accepted|-1250 -990 -10000|uploaded|",
          STATUS("block", "ACCP", OTHER_BLOCK, .amount = 10000, .transactions = 1)),
    STORY("both blocks in two sums", "booked booked booked|0 0 0|settled|",
          CREDIT(NULL, 2240, .block = BLOCK), CREDIT(NULL, 10000, OTHER_BLOCK)),
    STORY("one block in a sum, the other rejected", "booked booked rejected|0 0 -10000|settled|",
          CREDIT(NULL, 2240, .block = BLOCK), STATUS("block", "RJCT", OTHER_BLOCK)),
};

/* In the order in which it happened; money that comes before the word is for a person. */
static void
bankstatus_holds_a_reject_of_what_is_booked(void **state)
{
	static const struct story story =
	    STORY("a block of which a debit was booked",
	          "presented presented booked|-1250 -990 0|accepted|reject_after_booking", CREDIT(CYD, 10000),
	          STATUS("block", "RJCT", OTHER_BLOCK, AT("12", "10")));
	int order[MOST] = {0, 1};
	enum way how;

	for (how = 0; how < WAYS; how++)
		assert_true(answers_play(*state, &story, order, 2, how));
}

static void
bankstatus_is_the_same_in_every_order(void **state)
{
	answers_check(*state, precedences, LENGTH(precedences));
}

static void
bankstatus_means(void **state)
{
	answers_check(*state, meanings, LENGTH(meanings));
}

static void
bankstatus_of_a_block(void **state)
{
	answers_check(*state, blocks, LENGTH(blocks));
}

#define TWO_BLOCKS(test) cmocka_unit_test_setup_teardown(test, open_two_blocks, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    UPLOADED(bankstatus_is_the_same_in_every_order),
	    UPLOADED(bankstatus_means),
	    TWO_BLOCKS(bankstatus_of_a_block),
	    TWO_BLOCKS(bankstatus_holds_a_reject_of_what_is_booked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
