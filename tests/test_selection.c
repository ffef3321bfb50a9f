/* selection: every table says which of its rows belong to members; a member comes with what their rows refer to, and alone. */
#include "tests/home.h"

#include "stages/core/fixture/books.h"
#include "stages/core/fixture/selection.h"

static void
every_table_says_whether_it_is_of_members(void **state)
{
	static const char *const of_no_member[] = {"code",         "counter",       "cursor", "export_set",
	                                           "import_asked", "import_window", "store"};
	struct run *r = *state;
	struct books_schema schema;

	books_schema_load(r->db, &schema);
	for (size_t i = 0; i < schema.n; i++) {
		bool whole = false;

		for (size_t k = 0; k < LENGTH(of_no_member); k++)
			whole = whole || strcmp(of_no_member[k], schema.table[i].name) == 0;
		if (whole != (selection_where(schema.table[i].name)[0] == '\0'))
			fail_msg(
			    "%s: stages/core/fixture/selection.c does not say which of its rows are of a member",
			    schema.table[i].name);
	}
	books_schema_free(&schema);
}

/* Three members; the first two are in a frozen session with a file, the last two in an open one. */
static void
fill(struct run *r)
{
	home_exec(
	    r,
	    "INSERT INTO profile (number, app_id, app_user_id, status, declared_at)"
	    " VALUES (1, 'alan', '1', 'active', 0), (2, 'alan', '2', 'active', 0), (3, 'alan', '3', 'active', 0)");
	home_exec(
	    r,
	    "INSERT INTO mandate (number, profile_number, reference, reference_key, version, debtor_name, iban, country,"
	    "  signed_on, status, status_at, declared_at)"
	    " SELECT number, number, 'R' || number, 'R' || number, 1, 'A', 'B', 'FRA', '2026-01-01', 'active', 0, 0"
	    " FROM profile WHERE 1 = 1");
	home_exec(
	    r,
	    "INSERT INTO session (number, code, period_start_on, period_end_on, freeze_on, recovery_on, status, opened_by)"
	    " VALUES (1, 'a-1', '2026-01-01', '2026-01-31', '2026-02-03', '2026-02-10', 'pending', 'person'),"
	    "  (2, 'a-2', '2026-02-01', '2026-02-28', '2026-03-03', '2026-03-10', 'pending', 'person')");
	home_exec(
	    r,
	    "INSERT INTO debt (profile_number, session_number, status, amount_in_cents)"
	    " VALUES (1, 1, 'initiated', 5), (2, 1, 'initiated', 7), (2, 2, 'pending', NULL), (3, 2, 'pending', NULL)");
	home_exec(r, "UPDATE session SET frozen_at = 1, digest = X'00' WHERE number = 1");
	home_exec(
	    r,
	    "INSERT INTO bank_file (number, session_number, kind, version, msg_id, name, folder, created_at, wanted_on,"
	    "  collect_on, collections, sum_in_cents, state, built_by, " HOME_FILE_COLUMNS ")"
	    " VALUES (1, 1, 'debit', 1, 'M1', 'n', 'f', 0, '2026-02-10', '2026-02-10', 2, 12, 'generated', 'x', " HOME_FILE_VALUES
	    ")");
	home_add_blocks(r);
	home_exec(
	    r,
	    "INSERT INTO collection (end_to_end_id, file_number, block, profile_number, session_number, mandate_number,"
	    "  presentation, amount_in_cents, amended, live, state)"
	    " SELECT 'E' || profile_number, 1, 1, profile_number, 1, profile_number, 1, amount_in_cents, 0, 1, 'presented'"
	    " FROM debt WHERE session_number = 1");
}

static void
book(struct run *r, const char *collection)
{
	struct stmt *q;

	(void)home_input(r);
	home_exec(
	    r,
	    "INSERT INTO bank_message (number, kind, msg_id, document, created_at, entries, repeated, of_others, input_number)"
	    " VALUES (1, 'camt.053', 'S', 1, 0, 1, 0, 0, 1)");
	q = sql(r->db, "INSERT INTO bank_entry (number, message_number, nth, line, kind, event_on, fingerprint, occurrence,"
	               "  message_kind, collection, file_number, state)"
	               " VALUES (1, 1, 1, 1, 'credit', '2026-02-10', zeroblob(32), 1, 'camt.053', $collection, 1, 'applied')");
	bind_text(q, "$collection", collection);
	exec(q);
}

static int64_t
count(struct run *r, const char *table)
{
	char text[4096];
	struct sink_text room = {text, sizeof(text), 0};
	struct sink *s = sink_into(&room);

	sink_print(s, "SELECT count(*) FROM \"%s\"%s", table, selection_where(table));
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	return value(sql_made(r->db, text), -1);
}

static void
choose(struct run *r, int64_t profile, int64_t session)
{
	selection_begin(r->db);
	if (profile > 0)
		selection_add_profile(r->db, profile);
	if (session > 0)
		selection_add_session(r->db, session);
	selection_close(r->db);
}

static void
a_member_comes_alone(void **state)
{
	struct run *r = *state;

	fill(r);
	book(r, "E2");
	choose(r, 1, 0);
	assert_int_equal(count(r, "profile"), 1);
	assert_int_equal(count(r, "mandate"), 1);
	assert_int_equal(count(r, "debt"), 1);
	assert_int_equal(count(r, "collection"), 1);
	assert_int_equal(count(r, "bank_file"), 1);
	assert_int_equal(count(r, "bank_entry"), 0);
	assert_int_equal(count(r, "session"), 2);
}

static void
a_session_comes_with_its_members(void **state)
{
	struct run *r = *state;

	fill(r);
	book(r, "E2");
	choose(r, 0, 1);
	assert_int_equal(count(r, "profile"), 2);
	assert_int_equal(count(r, "debt"), 3);
	assert_int_equal(count(r, "bank_entry"), 1);
	assert_int_equal(count(r, "input"), 1);
}

static void
a_file_that_was_booked_in_a_sum_comes_whole(void **state)
{
	struct run *r = *state;

	fill(r);
	book(r, NULL);
	choose(r, 1, 0);
	assert_int_equal(count(r, "profile"), 2);
	assert_int_equal(count(r, "collection"), 2);
	assert_int_equal(count(r, "bank_entry"), 1);
}

#define home_test(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    home_test(every_table_says_whether_it_is_of_members),
	    home_test(a_member_comes_alone),
	    home_test(a_session_comes_with_its_members),
	    home_test(a_file_that_was_booked_in_a_sum_comes_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
