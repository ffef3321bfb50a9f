/* plainbooking: a booking that leaves no question is booked in a set; any question leaves it for the way one by one, which does the
 * same with those that it would have booked. */
#include "tests/answers.h"

#include "stages/core/bank/plainbooking.h"

struct plain {
	const char *name;
	struct answer said[3];
	const char *before; /* SQL */
	const char *states; /* of the entries, as the set leaves them */
};

static const struct plain plains[] = {
    {"one", {CREDIT(BOB, 990)}, NULL, "applied;"},
    {"in capitals", {CREDIT("0BADCAFE050080008008000000000001", 990)}, NULL, "applied;"},
    {"less a fee", {CREDIT(BOB, 955, .fee = 35)}, NULL, "applied;"},
    {"with its mandate and its file",
     {CREDIT(BOB, 990, .mandate = "rum-2", .msg_id = MSG_ID, .block = BLOCK)},
     NULL,
     "applied;"},
    {"of two debits", {CREDIT(BOB, 990), CREDIT(ADA, 1250)}, NULL, "applied;applied;"},
    {"beside a stranger", {CREDIT(BOB, 990), CREDIT("E1", 990)}, NULL, "applied;new;"},
    {"an accepted one", {CREDIT(BOB, 990)}, "UPDATE collection SET state = 'accepted'", "applied;"},

    {"a return", {RETURN(BOB, 990)}, NULL, "new;"},
    {"another amount", {CREDIT(BOB, 991)}, NULL, "new;"},
    {"another mandate", {CREDIT(BOB, 990, .mandate = "RUM-1")}, NULL, "new;"},
    {"another file", {CREDIT(BOB, 990, .msg_id = "another")}, NULL, "new;"},
    {"another block", {CREDIT(BOB, 990, .block = "another")}, NULL, "new;"},
    {"by the instruction id", {CREDIT(NULL, 990, .instruction = BOB)}, NULL, "new;"},
    {"by the mandate", {CREDIT(NULL, 990, .mandate = "RUM-2")}, NULL, "new;"},
    {"of a day to come", {CREDIT(BOB, 990, .on = "2026-03-22")}, NULL, "new;"},
    {"twice", {CREDIT(BOB, 990), CREDIT(BOB, 990, .reference = "2")}, NULL, "new;new;"},
    {"twice, once in capitals",
     {CREDIT(BOB, 990), CREDIT("0BADCAFE050080008008000000000001", 990)},
     NULL,
     "new;new;"},
    {"beside its return", {CREDIT(BOB, 990), RETURN(BOB, 990)}, NULL, "new;new;"},
    {"beside a status of its file", {CREDIT(BOB, 990), STATUS("file", "ACCP")}, NULL, "new;new;"},
    {"booked before",
     {CREDIT(BOB, 990)},
     "UPDATE collection SET state = 'booked', booked_on = '2026-03-10' WHERE profile_number = 2",
     "new;"},
    {"rejected before",
     {CREDIT(BOB, 990)},
     "UPDATE collection SET state = 'rejected', live = 0, failed_on = '2026-03-09' WHERE profile_number = 2",
     "new;"},
    {"a file that was not given", {CREDIT(BOB, 990)}, "UPDATE bank_file SET state = 'approved'", "new;"},
};

/* The set alone. */
static void
check_plain(const struct plain *p)
{
	void *home = NULL;
	struct run *r;
	size_t i;

	answers_open(&home);
	r = home;
	if (p->before != NULL)
		home_exec(r, p->before);
	for (i = 0; i < LENGTH(p->said) && p->said[i].kind != NULL; i++)
		answers_report(r, &p->said[i]);
	tx_begin(r->db);
	plainbooking_apply(r);
	tx_commit(r->db);
	if (strcmp(frozen_list(r, "SELECT state FROM bank_entry ORDER BY number"), p->states) != 0)
		fail_msg("%s: %s instead of %s", p->name,
		         frozen_list(r, "SELECT state FROM bank_entry ORDER BY number"), p->states);
	frozen_check_identity(r);
	frozen_balances(r);
	home_teardown(&home);
}

static void
plainbooking_leaves_each_question(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(plains); i++)
		check_plain(&plains[i]);
}

/* The rows of both ways are the same, but for their order. */
static const char *
rows_of_night(bool is_disturbed)
{
	static char texts[2][8192];
	static const char *const lists[] = {
	    "SELECT state || ',' || coalesce(booked_on, '') FROM collection ORDER BY end_to_end_id",
	    "SELECT d.status || ',' || coalesce(d.recovered_in_cents, '') FROM debt d ORDER BY profile_number",
	    "SELECT profile_number || ',' || event || ',' || amount_in_cents || ',' || transaction_on"
	    "  || ',' || coalesce(settled_session, '') FROM balance_transaction"
	    " ORDER BY profile_number, number",
	};
	char *text = texts[is_disturbed];
	void *home = NULL;
	struct run *r;
	size_t i, n = 0;

	answers_open(&home);
	r = home;
	if (is_disturbed)
		answers_disturb(r);
	answers_report(r, &(struct answer)CREDIT(BOB, 990));
	answers_report(r, &(struct answer)CREDIT(ADA, 1240, .fee = 10, .on = "2026-03-11"));
	answers_night(r);
	for (i = 0; i < LENGTH(lists); i++) {
		n += (size_t)snprintf(text + n, sizeof(texts[0]) - n, "%s", frozen_list(r, lists[i]));
		assert_true(n < sizeof(texts[0]));
	}
	home_teardown(&home);
	return texts[is_disturbed];
}

static void
plainbooking_does_what_is_done_one_by_one(void **state)
{
	(void)state;
	assert_string_equal(rows_of_night(false), rows_of_night(true));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plainbooking_leaves_each_question),
	    cmocka_unit_test(plainbooking_does_what_is_done_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
