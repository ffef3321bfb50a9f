/* holder: what comes from memory is what the books say, however many ids there are. */
#include "tests/home.h"

#include "stages/core/cards/holder.h"
#include "stages/core/members/membership.h"

#define MEMBERS 300

static const char *
id(const char *first, int i)
{
	static char text[4][40];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(text[turn], sizeof(text[turn]), "%s-0512-4345-99e0-%012x", first, (unsigned)i * 7919u);
	return text[turn];
}

#define MEMBERSHIP(i) id("a1b2c3d4", i)
#define CARD(i)       id("c1b2c3d4", i)

/* Each member has a membership with a card; every third one is linked to nobody. */
static int
open_with_members(void **state)
{
	int i;

	home_setup(state);
	for (i = 1; i <= MEMBERS; i++) {
		struct stmt *q = sql(((struct run *)*state)->db,
		                     "INSERT INTO profile (number, app_id, app_user_id, status, declared_at)"
		                     " VALUES ($number, 'fr', $number, 'active', 1)");

		bind_int(q, "$number", i);
		exec(q);
		q = sql(((struct run *)*state)->db,
		        "INSERT INTO account_membership (id, profile_number, status, updated_at)"
		        " VALUES ($id, $profile, 'Enabled', 1)");
		bind_text(q, "$id", MEMBERSHIP(i));
		bind_int_or(q, "$profile", i % 3 == 0 ? 0 : i, 0);
		exec(q);
		q = sql(((struct run *)*state)->db,
		        "INSERT INTO card (id, account_membership_id, status, is_provisioned, created_at, updated_at)"
		        " VALUES ($id, $membership, 'Enabled', 0, 1, 1)");
		bind_text(q, "$id", CARD(i));
		bind_text(q, "$membership", MEMBERSHIP(i));
		exec(q);
	}
	return 0;
}

static void
holders_are_those_of_the_books(void **state)
{
	static const size_t places[] = {4, 64, 4096};
	struct holder_cache *c;
	size_t k;
	int i, turn;

	for (k = 0; k < LENGTH(places); k++) {
		c = holder_cache_new(*state, places[k]);
		for (turn = 0; turn < 3; turn++)
			for (i = 1; i <= MEMBERS; i++) {
				int64_t wanted = i % 3 == 0 ? 0 : i;

				assert_int_equal(holder_find(c, MEMBERSHIP(i), CARD(i)), wanted);
				assert_int_equal(holder_find(c, NULL, CARD(i)), wanted);
				assert_int_equal(holder_find(c, MEMBERSHIP(i), NULL), wanted);
				/* the membership counts, whatever the card says */
				assert_int_equal(holder_find(c, MEMBERSHIP(i), CARD(i % MEMBERS + 1)),
				                 wanted);
				/* of one that is not stored the card says it */
				assert_int_equal(holder_find(c, MEMBERSHIP(-i), CARD(i)), wanted);
				assert_int_equal(holder_find(c, MEMBERSHIP(-i), CARD(-i)), 0);
			}
		holder_cache_free(c);
	}
}

static void
a_holder_is_asked_for_once(void **state)
{
	struct holder_cache *c = holder_cache_new(*state, 4096);

	assert_int_equal(holder_find(c, MEMBERSHIP(1), CARD(1)), 1);
	home_exec(*state, "UPDATE account_membership SET profile_number = 2 WHERE profile_number = 1");
	assert_int_equal(holder_find(c, MEMBERSHIP(1), CARD(1)), 1);
	assert_int_equal(holder_find(c, MEMBERSHIP(1), CARD(2)), 2);
	holder_cache_free(c);
}

static void
what_is_known_is_not_asked_for(void **state)
{
	struct holder_cache *c = holder_cache_new(*state, 4);
	int i;

	for (i = 1; i <= MEMBERS; i++) {
		holder_know(c, MEMBERSHIP(-i), CARD(-i), i);
		assert_int_equal(holder_find(c, MEMBERSHIP(-i), CARD(-i)), i);
		assert_int_equal(holder_find(c, MEMBERSHIP(-i), CARD(i)), i % 3 == 0 ? 0 : i);
	}
	holder_know(c, MEMBERSHIP(-1), CARD(-1), 7);
	assert_int_equal(holder_find(c, MEMBERSHIP(-1), CARD(-1)), 7);
	holder_know(c, "seat", CARD(1), 2);
	holder_know(c, NULL, NULL, 2);
	assert_int_equal(holder_find(c, "seat", CARD(1)), 1);
	holder_cache_free(c);
}

static void
ids_that_are_no_uuids_are_asked_for_each_time(void **state)
{
	struct holder_cache *c = holder_cache_new(*state, 4096);

	home_exec(
	    *state,
	    "INSERT INTO account_membership (id, profile_number, status, updated_at)"
	    " VALUES ('seat', 1, 'Enabled', 1), ('A1B2C3D4-0512-4345-99E0-000000000001', 2, 'Enabled', 1)");
	assert_int_equal(holder_find(c, "seat", CARD(1)), 1);
	assert_int_equal(holder_find(c, "A1B2C3D4-0512-4345-99E0-000000000001", CARD(1)), 2);
	/* another text, and stored nowhere: the card says it */
	assert_int_equal(holder_find(c, "a1b2c3d4-0512-4345-99e0-000000000001", CARD(1)), 1);
	home_exec(*state, "UPDATE account_membership SET profile_number = 4 WHERE id = 'seat'");
	assert_int_equal(holder_find(c, "seat", CARD(1)), 4);
	holder_cache_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(holders_are_those_of_the_books, open_with_members, home_teardown),
	    cmocka_unit_test_setup_teardown(a_holder_is_asked_for_once, open_with_members, home_teardown),
	    cmocka_unit_test_setup_teardown(what_is_known_is_not_asked_for, open_with_members, home_teardown),
	    cmocka_unit_test_setup_teardown(ids_that_are_no_uuids_are_asked_for_each_time, open_with_members,
	                                    home_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
