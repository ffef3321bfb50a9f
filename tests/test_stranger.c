/* stranger: what lies in an inbox and cannot be taken stays there, and is an exception until it is gone. */
#include "tests/home.h"

#include "stages/core/engine/exception.h"
#include "stages/core/home/stranger.h"

#define PATH "inbox/bank/a.xml"

static const char open_ones[] = "SELECT count(*) FROM exception WHERE kind = 'file' AND state = 'open'";

static void
stranger_finds_a_user_by_name_or_number(void **state)
{
	static const char *const nobodys[] = {"no-such-user", "",           "-1", "12x",
	                                      "4294967295",   "4294967296", " 1"};
	uid_t user = 7;
	size_t i;

	(void)state;
	assert_true(stranger_find_user("root", &user));
	assert_int_equal(user, 0);
	assert_true(stranger_find_user("61099", &user));
	assert_int_equal(user, 61099);
	for (i = 0; i < LENGTH(nobodys); i++)
		assert_false(stranger_find_user(nobodys[i], &user));
}

/* Opens what cannot be taken, and its exception; the code. */
static const char *
hold(struct run *r)
{
	static struct err why;
	struct stat st;

	assert_int_equal(stranger_open(r, PATH, &st, &why), -1);
	stranger_hold(r, PATH, &why);
	return why.code;
}

static void
stranger_is_held_once_and_closed_when_it_is_gone(void **state)
{
	struct run *r = *state;

	assert_int_equal(mkdir(PATH, 0700), 0);
	assert_string_equal(hold(r), "not_a_file");
	assert_true(r->held);
	home_reopen(r);
	assert_string_equal(hold(r), "not_a_file");
	assert_false(r->held);
	stranger_close_gone(r, "inbox/requests");
	stranger_close_gone(r, "inbox/ban");
	stranger_close_gone(r, "inbox/bank");
	assert_int_equal(home_number(r, open_ones), 1);
	assert_int_equal(rmdir(PATH), 0);
	stranger_close_gone(r, "inbox/bank");
	assert_int_equal(home_number(r, open_ones), 0);
}

/* What was too large yesterday may be a report of the bank tomorrow: a decision about it does not count as read. */
static void
stranger_is_settled_only_when_it_can_never_be_applied(void **state)
{
	struct run *r = *state;

	assert_int_equal(mkdir(PATH, 0700), 0);
	hold(r);
	assert_false(stranger_is_settled(r, PATH));
	assert_true(exception_resolve(r, 1, "not_ours", "a folder"));
	assert_true(stranger_is_settled(r, PATH));
	home_reopen(r);
	hold(r);
	assert_false(r->held);
	assert_int_equal(rmdir(PATH), 0);
	assert_false(stranger_is_settled(r, PATH));
	home_write(PATH, "x");
	assert_int_equal(truncate(PATH, DOOR_MOST_BYTES + 1), 0);
	assert_false(stranger_is_settled(r, PATH));
	assert_string_equal(hold(r), "file_too_large");
	assert_false(stranger_is_settled(r, PATH));
	assert_int_equal(truncate(PATH, 1), 0);
	assert_false(stranger_is_settled(r, PATH));
}

/* In a private copy all files belong to its user. */
static void
stranger_has_the_owner_that_it_has_in_the_original(void **state)
{
	struct stat st = {.st_uid = 61099};
	struct run *r = *state;
	char here[128];

	home_write(PATH, "x");
	snprintf(here, sizeof(here), "%s", r->home);
	assert_int_equal(stranger_owner(r, PATH, &st), 61099);
	r->copy_of = here;
	assert_int_equal(stranger_owner(r, PATH, &st), geteuid());
	assert_int_equal(stranger_owner(r, "inbox/bank/gone.xml", &st), 61099);
	r->copy_of = NULL;
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stranger_finds_a_user_by_name_or_number),
	    IN_HOME(stranger_is_held_once_and_closed_when_it_is_gone),
	    IN_HOME(stranger_is_settled_only_when_it_can_never_be_applied),
	    IN_HOME(stranger_has_the_owner_that_it_has_in_the_original),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
