/* bankmatch: which debit an entry means, by its ids, its mandate, or the file; and that one event counts once. */
#include "tests/answers.h"

#include "stages/core/bank/bankmatch.h"

#define NOTHING  "presented presented presented|-1250 -990 -10000|uploaded|"
#define BOB_ONLY "presented booked presented|-1250 0 -10000|accepted|"
#define BOB_BACK "presented returned presented|-1250 -990 -10000|accepted|"
#define BY(reference, ...)                                                      \
	{                                                                       \
		.kind = "credit", .mandate = (reference), .amount = __VA_ARGS__ \
	}
#define BACK_BY(reference, ...)                                                                   \
	{                                                                                         \
		.kind = "return", .reason = "AM04", .mandate = (reference), .amount = __VA_ARGS__ \
	}

static const struct story ids[] = {
    STORY("by the id", BOB_ONLY, CREDIT(BOB, 990)),
    STORY("in capitals", BOB_ONLY, CREDIT("0BADCAFE050080008008000000000001", 990)),
    STORY("by the instruction id", BOB_ONLY, CREDIT(NULL, 990, .instruction = BOB)),
    STORY("by the instruction id in capitals beside a stranger's", BOB_ONLY,
          CREDIT("E1", 990, .instruction = "0BADCAFE050080008008000000000001")),
    STORY("two ids: the end-to-end id counts", BOB_ONLY, CREDIT(BOB, 990, .instruction = ADA)),
    STORY("a part of the id", NOTHING "unknown_credit", CREDIT("0badcafe05008000800800000000000", 990)),
    STORY("the amount alone", NOTHING "unknown_credit", CREDIT(NULL, 990)),
    STORY("the amount of the file alone", NOTHING "unknown_credit", CREDIT(NULL, 12240)),
    STORY("an unknown id and the file", NOTHING "unknown_credit", CREDIT("E1", 12240, .msg_id = MSG_ID)),
    STORY("the file's id as the id", "booked booked booked|0 0 0|settled|", CREDIT(MSG_ID, 12240)),
    STORY("the block's id as the id", "booked booked booked|0 0 0|settled|", CREDIT(BLOCK, 12240)),
};

static const struct story mandates[] = {
    STORY("by the mandate", BOB_ONLY, BY("RUM-2", 990)),
    STORY("in small letters, with spaces", BOB_ONLY, BY("rum - 2", 990)),
    STORY("with a stranger's id", BOB_ONLY, CREDIT("E1", 990, .mandate = "RUM-2")),
    STORY("less a fee", BOB_ONLY, BY("RUM-2", 980, .fee = 10)),
    STORY("another amount", NOTHING "unknown_credit", BY("RUM-2", 991)),
    STORY("another mandate, the amount of a debit", NOTHING "unknown_credit", BY("RUM-9", 990)),
    STORY("another mandate, the amount of the file", NOTHING "unknown_credit",
          BY("RUM-9", 12240, .msg_id = MSG_ID)),
    STORY("our mandate, the amount of the file", NOTHING "unknown_credit",
          BY("RUM-2", 12240, .msg_id = MSG_ID)),
    STORY("the id under another mandate", NOTHING "mandate_differs", CREDIT(BOB, 990, .mandate = "RUM-1")),
    STORY("the id under its mandate", BOB_ONLY, CREDIT(BOB, 990, .mandate = "RuM-2")),
    STORY("a return", BOB_BACK, BACK_BY("RUM-2", 990)),
    STORY("a return with a fee", BOB_BACK, BACK_BY("RUM-2", 1340, .fee = 350)),
    STORY("a credit and a return", BOB_BACK, BY("RUM-2", 990), BACK_BY("RUM-2", 990, .on = "2026-03-12")),
    STORY("a credit by its id, a return by the mandate", BOB_BACK, CREDIT(BOB, 990),
          BACK_BY("RUM-2", 990, .on = "2026-03-12")),
    STORY("the id in one kind of message, the mandate in the other", BOB_BACK, CREDIT(BOB, 990),
          RETURN(BOB, 990, .on = "2026-03-12", .reason = "AM04"),
          BACK_BY("RUM-2", 990, .on = "2026-03-12", .type = "camt.053"),
          BY("RUM-2", 990, .type = "camt.053")),
    STORY("a return after the return period", BOB_BACK, CREDIT(BOB, 990),
          BACK_BY("RUM-2", 990, .on = "2026-03-20")),
};

/* One event, in whatever messages it stands. */
static const struct story events[] = {
    STORY("a credit in three kinds of messages", BOB_ONLY, CREDIT(BOB, 990, .type = "camt.052"),
          CREDIT(BOB, 990), CREDIT(BOB, 990, .type = "camt.053")),
    STORY("a credit in two kinds of messages, on other days", BOB_ONLY, CREDIT(BOB, 990, .on = "2026-03-09"),
          CREDIT(BOB, 990, .type = "camt.053")),
    STORY("a return in three kinds of messages", BOB_BACK, RETURN(BOB, 990, .type = "camt.052"),
          RETURN(BOB, 990, .reason = "AM04"), RETURN(BOB, 990, .type = "camt.053", .reason = "AM04")),
    STORY("two credits", BOB_ONLY "second_credit", CREDIT(BOB, 990), CREDIT(BOB, 990, .reference = "2")),
    STORY("two credits in two kinds of messages", BOB_ONLY "second_credit", CREDIT(BOB, 990),
          CREDIT(BOB, 990, .reference = "2"), CREDIT(BOB, 990, .type = "camt.053"),
          CREDIT(BOB, 990, .type = "camt.053", .reference = "2")),
    STORY("two credits, one of which is in two kinds", BOB_ONLY "second_credit", CREDIT(BOB, 990),
          CREDIT(BOB, 990, .reference = "2"), CREDIT(BOB, 990, .type = "camt.053")),
    STORY("a credit of another amount in the other kind", BOB_ONLY "amount_differs", CREDIT(BOB, 991),
          CREDIT(BOB, 990, .type = "camt.053")),
    STORY("a credit of another amount, and the right one in both", BOB_ONLY "amount_differs",
          CREDIT(BOB, 991), CREDIT(BOB, 990), CREDIT(BOB, 990, .type = "camt.053")),
    STORY("another amount in both kinds", NOTHING "amount_differs", CREDIT(BOB, 991),
          CREDIT(BOB, 991, .type = "camt.053")),
    STORY("a return of another amount in the other kind", BOB_BACK "amount_differs",
          RETURN(BOB, 1000, .reason = "AM04"), RETURN(BOB, 990, .type = "camt.053", .reason = "AM04")),
    STORY("the fee in one kind only", BOB_BACK, RETURN(BOB, 1340, .fee = 350, .reason = "AM04"),
          RETURN(BOB, 990, .type = "camt.053", .reason = "AM04")),
    STORY("a stranger in three kinds", NOTHING "unknown_credit", CREDIT("E1", 5),
          CREDIT("E1", 5, .type = "camt.053"), CREDIT("E1", 5, .type = "camt.052")),
    STORY("two equal strangers in two kinds", NOTHING "unknown_credit unknown_credit", CREDIT("E1", 5),
          CREDIT("E1", 5), CREDIT("E1", 5, .type = "camt.053"), CREDIT("E1", 5, .type = "camt.053")),
    STORY("a plain debit of a stranger in two kinds", NOTHING "unknown_entry", PLAIN_DEBIT("E1", 5),
          PLAIN_DEBIT("E1", 5, .type = "camt.053")),
    STORY("announced, then booked", BOB_ONLY, {.kind = "other", .id = BOB, .amount = 990, .type = "camt.052"},
          CREDIT(BOB, 990)),
    STORY("a fee with the id", BOB_ONLY, {.kind = "fee", .id = BOB, .amount = 35}, CREDIT(BOB, 990)),
};

/* Member 2 owes 9.90 by March, too: February is booked, and the file of March, due on 10 April, is uploaded. */
static void
make_march(struct run *r)
{
	answers_report(r, &(struct answer)SUM(12240));
	answers_night(r);
	frozen_at(r, "2026-03-25T02:30:00Z");
	tx_begin(r->db);
	frozen_spend(r, 2, 990, "bob in March");
	tx_commit(r->db);
	frozen_at(r, "2026-04-04T02:30:00Z");
	frozen_freeze(r, 2);
	assert_true(make_bank_file(r, 2, COLLECTION_DEBIT));
	bankfile_set_state(r, 2, BANKFILE_UPLOADED);
	frozen_at(r, "2026-04-20T02:30:00Z");
}

static int
open_two_sessions(void **state)
{
	answers_open(state);
	make_march(*state);
	return 0;
}

#define ON(day) .on = "2026-04-" day
#define REFUND(how, ...)                                                             \
	{                                                                            \
		.kind = "return", .reason = "MD06", .how, .amount = 990, __VA_ARGS__ \
	}
#define STILL_PRESENTED "|0 -990 0|settled uploaded|"

static const struct story sessions[] = {
    STORY("a credit is of the one that is not booked", "booked booked booked booked|0 0 0|settled settled|",
          BY("RUM-2", 990, ON("10"))),
    STORY("a credit before its day is of none",
          "booked booked presented booked" STILL_PRESENTED "unknown_credit",
          BY("RUM-2", 990, .on = "2026-03-25")),
    STORY("a return in the return period", "booked booked returned booked|0 -990 0|settled settled|",
          BACK_BY("RUM-2", 990, ON("13"))),
    STORY("a refund on the day of one", "booked booked returned booked|0 -990 0|settled settled|",
          REFUND(mandate = "RUM-2", ON("10"))),
    STORY("a refund that may be of both", "booked booked presented booked" STILL_PRESENTED "unknown_return",
          REFUND(mandate = "RUM-2", ON("15"))),
    STORY("a refund before the other was due", "booked returned presented booked|0 -1980 0|settled uploaded|",
          REFUND(mandate = "RUM-2", ON("02"))),
    STORY("a refund by its id, and in the other kind by the mandate",
          "booked returned presented booked|0 -1980 0|settled uploaded|", REFUND(id = BOB, ON("15")),
          REFUND(mandate = "RUM-2", ON("15"), .type = "camt.053")),
    STORY("a refund by its id, and one by the mandate",
          "booked returned presented booked|0 -1980 0|settled uploaded|unknown_return",
          REFUND(id = BOB, ON("15")), REFUND(mandate = "RUM-2", ON("15"))),
};

static void
bankmatch_knows_the_session(void **state)
{
	answers_check(*state, sessions, LENGTH(sessions));
}

/* A stranger names a debit of a later file: it is found once there is that file, whatever nights came between. */
static void
bankmatch_finds_a_stranger_once_there_is_its_file(void **state)
{
	static const struct answer strangers[] = {
	    CREDIT("0BADCAFE050080008008000000000002", 990),
	    CREDIT(NULL, 990, .instruction = "0badcafe050080008008000000000002"),
	    CREDIT(NULL, 990, .msg_id = "0badcafe-20260331-1-D1"),
	    CREDIT(NULL, 990, .block = "0badcafe-20260331-1-D1-1"),
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(strangers); i++) {
		void *home = NULL;
		struct run *r;

		answers_open(&home);
		r = home;
		answers_report(r, &strangers[i]);
		answers_night(r);
		answers_night(r);
		assert_int_equal(home_number(r, "SELECT files_known FROM bank_entry"), 2);
		make_march(r);
		assert_string_equal(frozen_list(r, "SELECT state FROM collection WHERE file_number = 2"),
		                    "presented;");
		answers_night(r);
		assert_string_equal(frozen_list(r, "SELECT state FROM collection WHERE file_number = 2"),
		                    "booked;");
		assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE state = 'open'"), 0);
		home_teardown(&home);
	}
}

static void
bankmatch_finds_by_ids(void **state)
{
	answers_check(*state, ids, LENGTH(ids));
}

static void
bankmatch_finds_by_the_mandate(void **state)
{
	answers_check(*state, mandates, LENGTH(mandates));
}

static void
bankmatch_counts_an_event_once(void **state)
{
	answers_check(*state, events, LENGTH(events));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bankmatch_finds_a_stranger_once_there_is_its_file),
	    UPLOADED(bankmatch_finds_by_ids),
	    UPLOADED(bankmatch_finds_by_the_mandate),
	    UPLOADED(bankmatch_counts_an_event_once),
	    cmocka_unit_test_setup_teardown(bankmatch_knows_the_session, open_two_sessions, home_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
