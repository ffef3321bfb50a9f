/* offboarding: at once in the books, done when Swan reports it, and an exception when it takes too long. */
#include "tests/members.h"

#include "formats/length.h"
#include "stages/core/engine/exception.h"
#include "stages/core/members/membership.h"
#include "stages/core/members/offboarding.h"
#include "stages/core/members/profile.h"

/* What Swan reports of ada's membership and her card in it. */
static void
swan_reports(struct run *r, const char *seat, const char *card, instant at)
{
	struct swan_payment_support p = {.card_id = "card",
	                                 .status = card,
	                                 .created_at = 100,
	                                 .updated_at = at,
	                                 .account_membership_id = "seat",
	                                 .membership_status = seat};
	struct err e = {0};

	membership_save(r, &p);
	assert_int_equal(membership_link(r, 1, "seat", &e), 0);
	profile_refresh_status(r);
}

#define OPEN "SELECT count(*) FROM offboarding WHERE done_on IS NULL"

static void
offboarding_is_done_when_swan_says_so(void **state)
{
	static const struct {
		const char *seat, *card;
		bool done;
	} cases[] = {
	    {"Enabled", "Enabled", false},    {"Enabled", "Canceled", false},
	    {"Disabled", "Enabled", false},   {"Disabled", "Canceling", false},
	    {"Suspended", "Canceled", false}, {"Disabled", "Canceled", true},
	    {"Enabled", "Canceled", false}, /* it turned up again */
	};
	struct run *r = *state;

	swan_reports(r, "Enabled", "Enabled", 1);
	offboarding_begin(r, 1, 1, 7);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		swan_reports(r, cases[i].seat, cases[i].card, (instant)i + 2);
		offboarding_refresh(r);
		assert_int_equal(home_number(r, OPEN), cases[i].done ? 0 : 1);
	}
	assert_int_equal(home_number(r, "SELECT count(*) FROM profile WHERE status = 'offboarded'"), 1);
	assert_int_equal(r->count[COUNT_OFFBOARDINGS_DONE], 1);
	assert_int_equal(r->count[COUNT_OFFBOARDINGS_REOPENED], 1);
	assert_false(r->held);
}

static void
offboarding_of_a_member_unknown_to_swan_is_done_at_once(void **state)
{
	struct run *r = *state;

	swan_reports(r, "Enabled", "Enabled", 1);
	offboarding_begin(r, 2, 1, 7);
	offboarding_refresh(r);
	assert_int_equal(home_number(r, OPEN), 0);
}

static void
offboarding_requested_again_keeps_its_day(void **state)
{
	struct run *r = *state;
	int64_t changes;

	offboarding_begin(r, 1, 1, 7);
	r->on++;
	changes = store_changes(r->db);
	offboarding_begin(r, 1, 1, 8);
	assert_int_equal(store_changes(r->db), changes);
	assert_int_equal(home_number(r, "SELECT count(*) FROM offboarding WHERE asked_on = '2026-03-04'"), 1);
}

static void
offboarding_is_an_exception_after_seven_days_until_it_is_done(void **state)
{
	struct run *r = *state;

	swan_reports(r, "Enabled", "Enabled", 1);
	offboarding_begin(r, 1, 1, 7);
	r->on += OFFBOARDING_DAYS;
	offboarding_refresh(r);
	assert_int_equal(exception_count_open(r), 0);
	r->on++;
	offboarding_refresh(r);
	assert_int_equal(exception_count_open(r), 1);
	assert_true(r->held);
	assert_int_equal(home_number(r, "SELECT profile_number FROM exception WHERE kind = 'offboarding'"
	                                "  AND code = 'offboarding_overdue'"),
	                 1);
	r->held = false;
	offboarding_refresh(r);
	assert_false(r->held); /* only a new exception sets it */
	swan_reports(r, "Disabled", "Canceled", 2);
	offboarding_refresh(r);
	assert_int_equal(exception_count_open(r), 0);
}

static void
offboarding_that_a_person_resolved_opens_no_exception_again(void **state)
{
	struct run *r = *state;

	swan_reports(r, "Enabled", "Enabled", 1);
	offboarding_begin(r, 1, 1, 7);
	r->on += OFFBOARDING_DAYS + 1;
	offboarding_refresh(r);
	assert_true(exception_resolve(r, 1, "not_ours", "the seat is the company's"));
	r->on++;
	offboarding_refresh(r);
	assert_int_equal(exception_count_open(r), 0);
}

/* A payment of ada's card, as post stores it: its instant and its status word. */
static void
ada_pays(struct run *r, int64_t number, instant at, const char *status)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO card_payment (key, swan_payment, status, effective_at, authorized_in_cents,"
	    "  captured_in_cents)"
	    " SELECT CAST(" SQL_KEY("1", "$number") " AS BIGINT), $payment, c.number, CAST($at AS BIGINT), 100, 0"
	    " FROM code c"
	    " WHERE c.kind = 'payment' AND c.word = $status");

	bind_int(q, "$number", number);
	bind_blob(q, "$payment", &number, sizeof(number));
	bind_instant(q, "$at", at);
	bind_text(q, "$status", status);
	exec(q);
	q = sql(r->db, "UPDATE profile SET last_payment = $number WHERE number = 1");
	bind_int(q, "$number", number);
	exec(q);
}

#define PAID                                                                                      \
	"SELECT count(*) FROM exception WHERE state = 'open' AND code = 'paid_after_offboarding'" \
	" AND profile_number = 1"

static void
offboarding_with_a_card_that_still_pays_is_an_exception_at_once(void **state)
{
	struct run *r = *state;

	swan_reports(r, "Enabled", "Enabled", 1);
	ada_pays(r, 1, r->now - 1000, "authorized");
	offboarding_begin(r, 1, 1, 7);
	ada_pays(r, 2, r->now, "captured");        /* made before, first seen after */
	ada_pays(r, 3, r->now + 1000, "rejected"); /* the card is dead */
	offboarding_refresh(r);
	assert_int_equal(home_number(r, PAID), 0);
	assert_false(r->held);
	ada_pays(r, 4, r->now + 1000, "authorized");
	offboarding_refresh(r);
	assert_int_equal(home_number(r, PAID), 1);
	assert_true(r->held);
	r->held = false;
	offboarding_refresh(r); /* looked at already, and Swan still has the card */
	assert_int_equal(home_number(r, PAID), 1);
	assert_false(r->held);
	swan_reports(r, "Disabled", "Canceled", 2);
	offboarding_refresh(r);
	assert_int_equal(home_number(r, PAID), 0);
}

static void
offboarding_that_is_done_reports_a_late_payment_too(void **state)
{
	struct run *r = *state;

	swan_reports(r, "Disabled", "Canceled", 1);
	offboarding_begin(r, 1, 1, 7);
	offboarding_refresh(r);
	assert_int_equal(home_number(r, OPEN), 0);
	ada_pays(r, 1, r->now + 1, "captured");
	offboarding_refresh(r);
	assert_int_equal(home_number(r, PAID), 1);
	offboarding_refresh(r);
	assert_int_equal(home_number(r, PAID), 0);
}

static void
offboarding_that_swan_rejects_is_an_exception_until_it_is_done(void **state)
{
	struct run *r = *state;

	swan_reports(r, "Enabled", "Enabled", 1);
	offboarding_begin(r, 1, 1, 7);
	tx_begin(r->db);
	offboarding_hold(r, 1, "Swan rejected CancelCard");
	tx_commit(r->db);
	assert_true(r->held);
	offboarding_refresh(r);
	assert_int_equal(exception_count_open(r), 1);
	swan_reports(r, "Disabled", "Canceled", 2);
	offboarding_refresh(r);
	assert_int_equal(exception_count_open(r), 0);
}

#define WITH_MEMBERS(test) cmocka_unit_test_setup_teardown(test, members_open, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_MEMBERS(offboarding_is_done_when_swan_says_so),
	    WITH_MEMBERS(offboarding_of_a_member_unknown_to_swan_is_done_at_once),
	    WITH_MEMBERS(offboarding_requested_again_keeps_its_day),
	    WITH_MEMBERS(offboarding_is_an_exception_after_seven_days_until_it_is_done),
	    WITH_MEMBERS(offboarding_that_a_person_resolved_opens_no_exception_again),
	    WITH_MEMBERS(offboarding_with_a_card_that_still_pays_is_an_exception_at_once),
	    WITH_MEMBERS(offboarding_that_is_done_reports_a_late_payment_too),
	    WITH_MEMBERS(offboarding_that_swan_rejects_is_an_exception_until_it_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
