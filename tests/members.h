/* members: a home of home.h with two members: ada (profile 1) and bob (2) of the application "fr". */
#ifndef TESTS_MEMBERS_H
#define TESTS_MEMBERS_H

#include "tests/home.h"

#include "stages/core/members/profile.h"

static inline int
members_open(void **state)
{
	bool created;

	home_setup(state);
	home_input(*state);
	assert_int_equal(profile_declare(*state, "fr", "ada", 1, 1, &created), 1);
	assert_int_equal(profile_declare(*state, "fr", "bob", 1, 2, &created), 2);
	return 0;
}

#endif
