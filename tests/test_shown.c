/* shown: each node once, in its latest version, whatever came how often; in memory and in the file. */
#include "tests/home.h"

#include "stages/core/swan/shown.h"

#define NODES    20000
#define VERSIONS 5

static struct shown_node
make_node(enum client_list list, const char *id, instant updated_at, int64_t place)
{
	struct shown_node n = {
	    .list = list, .reading = 1, .what = STAGED, .updated_at = updated_at, .place = place, .size = 10};

	n.id_size = store_key(id, n.id);
	return n;
}

static void
add_node(struct shown *s, const char *id, instant updated_at, int64_t place)
{
	struct shown_node n = make_node(CLIENT_TRANSACTIONS, id, updated_at, place);

	shown_add(s, &n);
}

static const struct shown_node *
next_node(struct shown *s, const char *id)
{
	const struct shown_node *n = shown_next(s);
	char text[STORE_KEY + 1];

	assert_non_null(n);
	store_key_print(n->id, n->id_size, text);
	assert_string_equal(text, id);
	return n;
}

static void
shown_keeps_the_latest_version(void **state)
{
	struct shown *s = shown_open();

	(void)state;
	add_node(s, "b", 5, 100);
	add_node(s, "a", 5, 200);
	add_node(s, "b", 4, 300);
	add_node(s, "a", 5, 400); /* the last of two with the same instant */
	add_node(s, "ab", 1, 500);
	shown_begin(s, CLIENT_TRANSACTIONS);
	assert_int_equal(next_node(s, "a")->place, 400);
	assert_int_equal(next_node(s, "ab")->place, 500);
	assert_int_equal(next_node(s, "b")->place, 100);
	assert_null(shown_next(s));
	shown_begin(s, CLIENT_CARDS);
	assert_null(shown_next(s));
	shown_close(s);
}

static void
shown_keeps_what_could_be_read_of_a_node_that_cannot_be_read_now(void **state)
{
	struct shown *s = shown_open();
	struct shown_node held = make_node(CLIENT_TRANSACTIONS, "a", INSTANT_NONE, 0);
	const struct shown_node *n;

	(void)state;
	add_node(s, "a", 5, 100);
	held.what = STAGED_AS_HELD;
	held.reading = 2;
	shown_add(s, &held);
	held.id_size = store_key("b", held.id);
	shown_add(s, &held);
	shown_begin(s, CLIENT_TRANSACTIONS);
	n = next_node(s, "a");
	assert_int_equal(n->what, STAGED_AS_HELD);
	assert_int_equal(n->reading, 2);
	assert_true(n->updated_at == 5 && n->place == 100);
	assert_true(next_node(s, "b")->updated_at == INSTANT_NONE);
	add_node(s, "b", 1, 300);
	shown_begin(s, CLIENT_TRANSACTIONS);
	(void)next_node(s, "a");
	n = next_node(s, "b");
	assert_int_equal(n->what, STAGED);
	assert_int_equal(n->place, 300);
	shown_close(s);
}

static void
shown_takes_the_membership_of_the_version_that_counts(void **state)
{
	struct shown *s = shown_open();
	struct shown_node n = make_node(CLIENT_CARDS, "card", 2, 1);
	const struct shown_node *found;

	(void)state;
	n.membership_size = store_key("newer", n.membership);
	shown_add(s, &n);
	n.updated_at = 1;
	n.membership_size = store_key("older one", n.membership);
	shown_add(s, &n);
	shown_begin(s, CLIENT_CARDS);
	found = next_node(s, "card");
	assert_int_equal(found->membership_size, 5);
	assert_memory_equal(found->membership, "newer", 5);
	shown_close(s);
}

/* More than fits into its memory. */
static void
shown_has_each_of_many_nodes_once(void **state)
{
	struct shown *s = shown_open();
	char id[UUID_TEXT];
	int64_t i, k, n;

	(void)state;
	for (k = 0; k < VERSIONS; k++)
		for (i = 0; i < NODES; i++) {
			n = (i * 7919 + k * 31) % NODES;
			snprintf(id, sizeof(id), "%08d-0512-8345-99e0-00002abcdef1", (int)n);
			add_node(s, id, (n + k) % VERSIONS, n * VERSIONS + k);
		}
	shown_begin(s, CLIENT_TRANSACTIONS);
	for (n = 0; n < NODES; n++) {
		snprintf(id, sizeof(id), "%08d-0512-8345-99e0-00002abcdef1", (int)n);
		k = (VERSIONS - 1 - n % VERSIONS + VERSIONS) % VERSIONS;
		assert_int_equal(next_node(s, id)->place, n * VERSIONS + k);
	}
	assert_null(shown_next(s));
	shown_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shown_keeps_the_latest_version),
	    cmocka_unit_test(shown_keeps_what_could_be_read_of_a_node_that_cannot_be_read_now),
	    cmocka_unit_test(shown_takes_the_membership_of_the_version_that_counts),
	    cmocka_unit_test_setup_teardown(shown_has_each_of_many_nodes_once, home_setup, home_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
