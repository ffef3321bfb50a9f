/* held: what the tests of held Swan transactions share: members, a version as the stage post applies it, a picture of the books. */
#ifndef TESTS_HELD_H
#define TESTS_HELD_H

#include "tests/home.h"

#include "stages/core/cards/held.h"
#include "stages/core/cards/payment.h"
#include "stages/core/members/membership.h"
#include "stages/core/members/profile.h"

enum { ADA = 1, BOB = 2, CLEO = 3 };

/* A home with the first n of them; the first two have an account membership each. A person decides: alice. */
static int
open_members(void **state, int n)
{
	static const char *const users[] = {"ada", "bob", "cleo"};
	struct err e = {0};
	struct run *r;
	bool created;
	int i;

	home_setup(state);
	r = *state;
	home_input(r);
	r->as = "alice";
	for (i = 0; i < n; i++)
		assert_int_equal(profile_declare(r, "fr", users[i], 1, i + 1, &created), i + 1);
	assert_int_equal(membership_link(r, ADA, "m1", &e), 0);
	assert_int_equal(membership_link(r, BOB, "m2", &e), 0);
	return 0;
}

/* As the stage post does it: "ok", or the code of the exception. */
static const char *
post_or_hold(struct run *r, const struct swan_transaction *t)
{
	struct payment_work work = {.r = r, .input = 1, .line = 42};
	static struct err why;

	why = (struct err){.code = "ok"};
	if (payment_apply(&work, t, &why) == 0)
		return "ok";
	held_keep(&work, t, &why);
	return why.code;
}

#define post_or_hold_and(r, t, code) assert_string_equal(post_or_hold(r, &(t)), code)

/* The one text that a statement selects. */
static const char *
read_picture(struct stmt *q)
{
	static char text[512];

	assert_true(row(q));
	assert_true(snprintf(text, sizeof(text), "%s", col_text(q, 0)) < (int)sizeof(text));
	reset(q);
	return text;
}

#endif
