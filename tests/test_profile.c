/* profile: one number for each member of an application, and a status that follows the cards. */
#include "tests/home.h"

#include "formats/length.h"
#include "stages/core/members/profile.h"

static int64_t
declare(struct run *r, const char *app, const char *user, bool *created)
{
	return profile_declare(r, app, user, 1, 5, created);
}

static void
profile_is_declared_once(void **state)
{
	struct run *r = *state;
	bool created;

	home_input(r);
	assert_int_equal(profile_find(r, "fr", "ada"), 0);
	assert_int_equal(declare(r, "fr", "ada", &created), 1);
	assert_true(created);
	assert_int_equal(declare(r, "fr", "ada", &created), 1);
	assert_false(created);
	assert_int_equal(declare(r, "es", "ada", &created), 2);
	assert_true(created);
	assert_int_equal(declare(r, "fr", "Ada", &created), 3);
	assert_int_equal(profile_find(r, "es", "ada"), 2);
	assert_int_equal(profile_find(r, "es", "bob"), 0);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM profile WHERE status = 'inactive' AND balance_in_cents = 0"
	                   "  AND declared_at = 1772591400000 AND input_number = 1 AND line = 5"),
	    3);
}

/* Member n has membership m<n> and card c<n>. */
static void
give_card(struct run *r, int n, const char *membership_status, const char *card_status, instant created_at)
{
	char id[16];
	struct stmt *q;

	snprintf(id, sizeof(id), "m%d", n);
	q = sql(r->db,
	        "INSERT INTO account_membership (id, profile_number, status) VALUES ($id, $profile, $status)"
	        " ON CONFLICT (id) DO UPDATE SET status = excluded.status");
	bind_text(q, "$id", id);
	bind_int(q, "$profile", n);
	bind_text(q, "$status", membership_status);
	exec(q);
	q = sql(r->db,
	        "INSERT INTO card (id, account_membership_id, status, is_provisioned, created_at, updated_at)"
	        " VALUES ($id, $membership, $status, 0, $at, $at)"
	        " ON CONFLICT (id) DO UPDATE SET status = excluded.status");
	bind_text(q, "$membership", id);
	id[0] = 'c';
	bind_text(q, "$id", id);
	bind_text(q, "$status", card_status);
	bind_int(q, "$at", created_at);
	exec(q);
}

static int64_t
active_since(struct run *r, int n)
{
	struct stmt *q =
	    sql(r->db, "SELECT active_since_at FROM profile WHERE number = $n AND status = 'active'");

	bind_int(q, "$n", n);
	return value(q, -1);
}

static void
profile_is_active_with_an_enabled_card(void **state)
{
	static const struct {
		const char *membership, *card;
		bool active;
	} cases[] = {
	    {"Enabled", "Enabled", true}, {"Enabled", "Canceled", false},   {"Suspended", "Enabled", false},
	    {NULL, "Enabled", false},     {"Enabled", "Processing", false}, {"enabled", "Enabled", false},
	};
	struct run *r = *state;
	size_t n = LENGTH(cases);
	char user[16];
	bool created;

	home_input(r);
	for (size_t i = 0; i < n; i++) {
		snprintf(user, sizeof(user), "user %zu", i);
		assert_int_equal(declare(r, "fr", user, &created), i + 1);
		give_card(r, (int)i + 1, cases[i].membership, cases[i].card, 1000);
	}
	declare(r, "fr", "without a card", &created);
	assert_int_equal(profile_refresh_status(r), 1);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(active_since(r, (int)i + 1), cases[i].active ? 1000 : -1);
	assert_int_equal(profile_refresh_status(r), 0);
}

static void
profile_is_active_since_its_first_card(void **state)
{
	struct run *r = *state;
	bool created;

	home_input(r);
	declare(r, "fr", "ada", &created);
	give_card(r, 1, "Enabled", "Enabled", 2000);
	home_exec(
	    r, "INSERT INTO card (id, account_membership_id, status, is_provisioned, created_at, updated_at)"
	       " VALUES ('second', 'm1', 'Enabled', 0, 3000, 3000)");
	assert_int_equal(profile_refresh_status(r), 1);
	assert_int_equal(active_since(r, 1), 2000);
	home_exec(r, "UPDATE card SET status = 'Canceled'");
	assert_int_equal(profile_refresh_status(r), 1);
	assert_int_equal(home_number(r, "SELECT active_since_at FROM profile WHERE status = 'inactive'"),
	                 2000);
	home_exec(r, "UPDATE card SET status = 'Enabled' WHERE id = 'second'");
	assert_int_equal(profile_refresh_status(r), 1);
	assert_int_equal(active_since(r, 1), 2000);
}

static void
profile_offboarded_stays_offboarded(void **state)
{
	struct run *r = *state;
	bool created;

	home_input(r);
	declare(r, "fr", "ada", &created);
	give_card(r, 1, "Enabled", "Enabled", 2000);
	home_exec(r, "UPDATE profile SET status = 'offboarded'");
	assert_int_equal(profile_refresh_status(r), 0);
	assert_int_equal(home_number(r, "SELECT count(*) FROM profile WHERE status = 'offboarded'"), 1);
	assert_int_equal(declare(r, "fr", "ada", &created), 1);
	assert_false(created);
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_HOME(profile_is_declared_once),
	    IN_HOME(profile_is_active_with_an_enabled_card),
	    IN_HOME(profile_is_active_since_its_first_card),
	    IN_HOME(profile_offboarded_stays_offboarded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
