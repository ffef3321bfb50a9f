/* membership: which member a card belongs to, and its latest state in whatever order snapshots come. */
#include "tests/members.h"

#include "formats/length.h"
#include "stages/core/members/membership.h"
#include "stages/core/members/profile.h"

static struct swan_payment_support
card(const char *status, instant updated_at)
{
	return (struct swan_payment_support){.card_id = "card",
	                                     .status = status,
	                                     .created_at = 100,
	                                     .updated_at = updated_at,
	                                     .account_membership_id = "seat",
	                                     .membership_status = "Enabled"};
}

static struct swan_payment_support
seat(const char *status, instant updated_at)
{
	return (struct swan_payment_support){.account_membership_id = "seat",
	                                     .membership_status = status,
	                                     .created_at = 100,
	                                     .updated_at = updated_at};
}

static void
assert_card(struct run *r, const char *status, instant updated_at)
{
	struct stmt *q = sql(r->db, "SELECT status, updated_at FROM card WHERE id = 'card'");

	assert_true(row(q));
	assert_string_equal(col_text(q, 0), status);
	assert_int_equal(col_int(q, 1), updated_at);
	assert_false(row(q));
}

static void
assert_seat(struct run *r, const char *status)
{
	struct stmt *q = sql(r->db, "SELECT status FROM account_membership WHERE id = 'seat'");

	assert_true(row(q));
	assert_string_equal(col_text(q, 0), status);
	assert_false(row(q));
}

static void
membership_belongs_to_one_member(void **state)
{
	struct run *r = *state;
	struct err e = {0};

	assert_int_equal(membership_link(r, 1, "seat", &e), 0);
	assert_int_equal(membership_link(r, 1, "seat", &e), 0);
	assert_int_equal(membership_link(r, 1, "seat 2", &e), 0);
	assert_int_equal(membership_link(r, 2, "seat", &e), -1);
	assert_string_equal(e.code, "bad_field");
	assert_int_equal(membership_find_profile(r, "seat", NULL), 1);
	assert_int_equal(home_number(r, "SELECT count(*) FROM account_membership"), 2);
}

static void
membership_finds_the_member_of_a_card(void **state)
{
	struct run *r = *state;
	struct swan_payment_support p = card("Enabled", 200);
	struct err e = {0};

	assert_int_equal(membership_find_profile(r, "seat", "card"), 0);
	membership_save(r, &p);
	assert_int_equal(membership_find_profile(r, "seat", "card"), 0); /* not linked yet */
	assert_int_equal(membership_link(r, 2, "seat", &e), 0);
	assert_int_equal(membership_find_profile(r, "seat", "card"), 2);
	assert_int_equal(membership_find_profile(r, "seat", NULL), 2);
	assert_int_equal(membership_find_profile(r, NULL, "card"), 2);
	assert_int_equal(membership_find_profile(r, "seat", "unheard of"), 2);
	assert_int_equal(membership_find_profile(r, "unheard of", "card"), 2);
	assert_int_equal(membership_find_profile(r, "unheard of", NULL), 0);
	assert_int_equal(membership_find_profile(r, NULL, NULL), 0);
}

static void
membership_keeps_its_member_when_swan_reports_it(void **state)
{
	struct run *r = *state;
	struct swan_payment_support p = seat("Suspended", 200);
	struct err e = {0};

	assert_int_equal(membership_link(r, 1, "seat", &e), 0);
	membership_save(r, &p);
	assert_seat(r, "Suspended");
	assert_int_equal(membership_find_profile(r, "seat", NULL), 1);
}

static void
membership_card_keeps_its_latest_state(void **state)
{
	static const struct {
		const char *reported;
		instant at;
		const char *status;
		instant updated_at;
	} steps[] = {
	    {"Processing", 200, "Processing", 200},
	    {"Enabled", 300, "Enabled", 300},
	    {"Processing", 200, "Enabled", 300}, /* older */
	    {"Enabled", 400, "Enabled", 400},
	    {"Canceled", 350, "Enabled", 400}, /* older than the same state reported again */
	    {"Canceled", 400, "Canceled", 400},
	};
	struct run *r = *state;

	for (size_t i = 0; i < LENGTH(steps); i++) {
		struct swan_payment_support p = card(steps[i].reported, steps[i].at);

		membership_save(r, &p);
		assert_card(r, steps[i].status, steps[i].updated_at);
	}
}

static void
membership_keeps_its_latest_state(void **state)
{
	static const struct {
		const char *reported;
		instant at;
		const char *status;
	} steps[] = {
	    {"ConsentPending", 200, "ConsentPending"},
	    {"Enabled", 300, "Enabled"},
	    {"ConsentPending", 200, "Enabled"}, /* older */
	    {"Enabled", 400, "Enabled"},
	    {"Suspended", 350, "Enabled"}, /* older than the same state reported again */
	    {"Suspended", 500, "Suspended"},
	};
	struct run *r = *state;

	for (size_t i = 0; i < LENGTH(steps); i++) {
		struct swan_payment_support p = seat(steps[i].reported, steps[i].at);

		membership_save(r, &p);
		assert_seat(r, steps[i].status);
	}
}

static void
membership_reported_again_changes_no_row(void **state)
{
	struct run *r = *state;
	struct swan_payment_support p = card("Enabled", 200), bare = seat("Enabled", 150);
	int64_t before;

	p.spending_limits = "Partner/Monthly/60000/EUR";
	p.is_provisioned = true;
	membership_save(r, &p);
	membership_save(r, &bare);
	assert_int_equal(home_number(r, "SELECT is_provisioned FROM card"), 1);
	before = store_changes(r->db);
	membership_save(r, &p);
	membership_save(r, &bare);
	assert_int_equal(store_changes(r->db), before);
	p.is_provisioned = false;
	p.spending_limits = NULL;
	membership_save(r, &p);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM card WHERE is_provisioned = 0 AND spending_limits IS NULL"),
	    1);
}

static void
membership_card_moves_with_its_membership(void **state)
{
	struct run *r = *state;
	struct swan_payment_support before = card("Enabled", 200), after = card("Enabled", 300);
	struct err e = {0};

	after.account_membership_id = "seat 2";
	membership_save(r, &before);
	assert_int_equal(membership_link(r, 1, "seat", &e), 0);
	assert_int_equal(membership_find_profile(r, NULL, "card"), 1);
	membership_save(r, &after);
	assert_int_equal(membership_find_profile(r, NULL, "card"), 0);
	assert_int_equal(membership_find_profile(r, "seat", "card"), 1);
	assert_int_equal(membership_find_profile(r, "seat 2", "card"), 0);
	assert_int_equal(membership_link(r, 2, "seat 2", &e), 0);
	assert_int_equal(membership_find_profile(r, NULL, "card"), 2);
	membership_save(r, &before); /* older */
	assert_int_equal(membership_find_profile(r, NULL, "card"), 2);
	assert_int_equal(membership_find_profile(r, "seat", "card"), 1);
}

/* A membership that is not linked belongs to no member, though its card has another membership now. */
static void
membership_unlinked_belongs_to_no_member_whatever_its_card_has(void **state)
{
	struct run *r = *state;
	struct swan_payment_support first = card("Enabled", 200), second = card("Enabled", 300);
	struct err e = {0};

	second.account_membership_id = "seat 2";
	membership_save(r, &first);
	membership_save(r, &second);
	assert_int_equal(membership_link(r, 2, "seat 2", &e), 0);
	assert_int_equal(membership_find_profile(r, "seat", "card"), 0);
}

#define WITH_TWO(test) cmocka_unit_test_setup_teardown(test, members_open, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_TWO(membership_belongs_to_one_member),
	    WITH_TWO(membership_finds_the_member_of_a_card),
	    WITH_TWO(membership_keeps_its_member_when_swan_reports_it),
	    WITH_TWO(membership_card_keeps_its_latest_state),
	    WITH_TWO(membership_keeps_its_latest_state),
	    WITH_TWO(membership_card_moves_with_its_membership),
	    WITH_TWO(membership_unlinked_belongs_to_no_member_whatever_its_card_has),
	    WITH_TWO(membership_reported_again_changes_no_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
