/* bankmoney: what money that the bank booked or took back does to one debit, in whatever order it comes. */
#include "tests/answers.h"

#include "stages/core/bank/bankmoney.h"

#define ON(day)  .on = "2026-03-" day
#define NOTHING  "presented presented presented|-1250 -990 -10000|uploaded|"
#define BOOKED   "presented booked presented|-1250 0 -10000|accepted|"
#define RETURNED "presented returned presented|-1250 -990 -10000|accepted|"
#define RJCT     OF_DEBIT("RJCT", BOB, ON("09"), .at = "2026-03-09T10:00:00Z", .reason = "AC06")

static const struct story roles[] = {
    STORY("booked", BOOKED, CREDIT(BOB, 990)),
    STORY("booked less a fee", BOOKED, CREDIT(BOB, 955, .fee = 35)),
    STORY("returned", RETURNED, CREDIT(BOB, 990), RETURN(BOB, 990, ON("12"), .reason = "MS03")),
    STORY("returned with a fee", RETURNED, CREDIT(BOB, 990),
          RETURN(BOB, 1340, ON("12"), .fee = 350, .reason = "MS03")),
    STORY("returned, and never booked", RETURNED, RETURN(BOB, 990, .reason = "MS03")),
    STORY("a plain debit of our account", NOTHING "wrong_direction", PLAIN_DEBIT(BOB, 990)),
    STORY("another amount", NOTHING "amount_differs", CREDIT(BOB, 991)),
    STORY("another amount came back", BOOKED "amount_differs", CREDIT(BOB, 990), RETURN(BOB, 900, ON("12"))),
    STORY("another mandate", NOTHING "mandate_differs", CREDIT(BOB, 990, .mandate = "RUM-1")),
    STORY("booked twice", BOOKED "second_credit", CREDIT(BOB, 990), CREDIT(BOB, 990, .reference = "2")),
    STORY("returned twice", RETURNED "second_return", CREDIT(BOB, 990),
          RETURN(BOB, 990, ON("12"), .reason = "MS03"), RETURN(BOB, 990, ON("13"), .reason = "AC04")),
};

/* In the order of their days only: which of two returns is taken back is not known before. */
static const struct story in_order[] = {
    STORY("a return that is taken back", BOOKED, CREDIT(BOB, 990),
          RETURN(BOB, 990, ON("12"), .reason = "MS03"), TAKEN_BACK(BOB, 990, ON("13"))),
    STORY("returned again", RETURNED, CREDIT(BOB, 990), RETURN(BOB, 990, ON("12"), .reason = "MS03"),
          TAKEN_BACK(BOB, 990, ON("13")), RETURN(BOB, 990, ON("16"), .reason = "AC04")),
    STORY("taken back without a return", BOOKED "reversal_without_return", CREDIT(BOB, 990),
          TAKEN_BACK(BOB, 990, ON("13"))),
    STORY("booked again after the return", RETURNED "credit_after_failure", CREDIT(BOB, 990),
          RETURN(BOB, 990, ON("12"), .reason = "MS03"), CREDIT(BOB, 990, ON("16"))),
    STORY("a return of a rejected debit that is taken back",
          "presented rejected presented|-1250 -990 -10000|partially_accepted|reversal_after_reject", RJCT,
          CREDIT(BOB, 990), RETURN(BOB, 990, .reason = "AC06"), TAKEN_BACK(BOB, 990, ON("13"))),
    STORY("a rejected debit that comes back for another reason",
          "presented rejected presented|-1250 -990 -10000|partially_accepted|second_return", RJCT,
          RETURN(BOB, 990, .reason = "MS03")),
};

static void
bankmoney_does_the_same_in_every_order(void **state)
{
	answers_check(*state, roles, LENGTH(roles));
}

static void
bankmoney_follows_the_days(void **state)
{
	int order[MOST] = {0, 1, 2, 3, 4};
	enum way how;
	size_t i;
	int n;

	for (i = 0; i < LENGTH(in_order); i++) {
		for (n = 0; n < MOST && in_order[i].said[n].kind != NULL;)
			n++;
		for (how = 0; how < WAYS; how++)
			assert_true(answers_play(*state, &in_order[i], order, n, how));
	}
}

static void
money_of_a_file_that_was_not_given_is_held(void **state)
{
	struct run *r = *state;

	home_exec(r, "UPDATE bank_file SET state = 'approved'");
	answers_report(r, &(struct answer)CREDIT(BOB, 990));
	answers_night(r);
	assert_string_equal(answers_books(r),
	                    "presented presented presented|-1250 -990 -10000|approved|unexpected_answer");
}

static bool
books_again(struct run *r, const char *collection, cents amount)
{
	struct bank_entry n = {.kind = BANKENTRY_CREDIT, .amount = amount};

	snprintf(n.collection, sizeof(n.collection), "%s", collection);
	return bankmoney_books_again(r, &n);
}

/* Only what has failed, and had its booking before. */
static void
bankmoney_books_again_what_has_failed(void **state)
{
	struct run *r = *state;

	answers_report(r, &(struct answer)CREDIT(BOB, 990));
	answers_report(r, &(struct answer)RETURN(BOB, 990, ON("12"), .reason = "MS03"));
	answers_report(r, &(struct answer)RETURN(ADA, 1250, .reason = "MS03"));
	answers_night(r);
	assert_true(books_again(r, BOB, 990));
	assert_false(books_again(r, BOB, 991));
	assert_false(books_again(r, ADA, 1250)); /* its booking is awaited */
	assert_false(books_again(r, CYD, 10000));
	assert_false(books_again(r, "", 990));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    UPLOADED(bankmoney_does_the_same_in_every_order),
	    UPLOADED(bankmoney_follows_the_days),
	    UPLOADED(money_of_a_file_that_was_not_given_is_held),
	    UPLOADED(bankmoney_books_again_what_has_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
