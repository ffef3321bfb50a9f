/* mandate: what was signed, in which version, and whether it may still be debited. */
#include "tests/home.h"

#include "formats/length.h"
#include "stages/core/members/mandate.h"
#include "stages/core/members/profile.h"

#define ONE "FR7630006000011234567890189"
#define TWO "DE89370400440532013000"

static int
open_two_members(void **state)
{
	bool created;

	home_setup(state);
	home_input(*state);
	assert_int_equal(profile_declare(*state, "fr", "ada", 1, 1, &created), 1);
	assert_int_equal(profile_declare(*state, "fr", "bob", 1, 2, &created), 2);
	return 0;
}

static date
day(const char *text)
{
	struct err e = {0};
	date on = DATE_NONE;

	assert_int_equal(date_parse(text, &on, &e), 0);
	return on;
}

/* "ok", or the code it was refused with. */
static const char *
declare(struct run *r, int64_t profile, const char *reference, const char *name, const char *iban,
        const char *signed_on)
{
	static struct err e;
	struct mandate m = {
	    .reference = reference, .debtor_name = name, .country = "FRA", .signed_on = day(signed_on)};

	assert_int_equal(iban_parse(iban, &m.iban, &e), 0);
	e = (struct err){.code = "ok"};
	return mandate_declare(r, profile, &m, 1, 9, &e) == 0 ? "ok" : e.code;
}

/* "R1/1 active" for the row of this number. */
static const char *
mandate(struct run *r, int64_t number)
{
	static char text[128];
	struct stmt *q =
	    sql(r->db, "SELECT reference || '/' || version || ' ' || status || iif(announced, '', ' untold')"
	               " FROM mandate WHERE number = $number");

	bind_int(q, "$number", number);
	text[0] = '\0';
	if (row(q)) {
		snprintf(text, sizeof(text), "%s", col_text(q, 0));
		assert_false(row(q));
	}
	return text;
}

/* As a file in the bank's hands that debited this mandate. */
static void
present(struct run *r, int64_t number, const char *due_on)
{
	struct stmt *q;

	if (home_number(r, "SELECT count(*) FROM session") == 0) {
		home_exec(
		    r,
		    "INSERT INTO session (number, code, period_start_on, period_end_on, freeze_on, recovery_on, status,"
		    "  opened_by) VALUES (1, '20260131-1', '2026-01-01', '2026-01-31', '2026-02-03', '2026-02-10',"
		    "  'pending', 'configuration')");
		home_exec(
		    r, "INSERT INTO debt (profile_number, session_number, status) VALUES (1, 1, 'pending')");
		home_exec(
		    r,
		    "INSERT INTO bank_file (number, kind, session_number, version, msg_id, payment_information_id,"
		    "  sequence_type, name, folder, created_at, wanted_on, collect_on, collections, sum_in_cents, sha256,"
		    "  state, built_by) VALUES (1, 'debit', 1, 1, 'M1', 'P1', 'RCUR', 'a.xml', 'out/sepa/a', 0, '2026-02-10',"
		    "  '2026-02-10', 1, 500, zeroblob(32), 'generated', 'bob')");
	}
	home_exec(r, "DELETE FROM collection");
	q = sql(
	    r->db,
	    "INSERT INTO collection (end_to_end_id, file_number, profile_number, session_number, mandate_number,"
	    "  presentation, amount_in_cents, amended, live, state)"
	    " VALUES ('E1', 1, 1, 1, $mandate, 1, 500, 0, 1, 'presented')");
	bind_int(q, "$mandate", number);
	exec(q);
	mandate_presented(r, 1, day(due_on));
}

static void
mandate_is_declared_as_signed(void **state)
{
	struct run *r = *state;
	struct stmt *q;

	assert_string_equal(declare(r, 1, "Rum-1", "Ada Lovelac\xc3\xa9", ONE, "2026-01-02"), "ok");
	q = sql(
	    r->db,
	    "SELECT number, profile_number, reference, reference_key, version, debtor_name, iban, country,"
	    " signed_on, status, announced, last_due_on, declared_at, input_number, line FROM mandate");
	assert_true(row(q));
	assert_int_equal(col_int(q, 0), 1);
	assert_int_equal(col_int(q, 1), 1);
	assert_string_equal(col_text(q, 2), "Rum-1");
	assert_string_equal(col_text(q, 3), "RUM-1");
	assert_int_equal(col_int(q, 4), 1);
	assert_string_equal(col_text(q, 5), "Ada Lovelac\xc3\xa9");
	assert_string_equal(col_text(q, 6), ONE);
	assert_string_equal(col_text(q, 7), "FRA");
	assert_string_equal(col_text(q, 8), "2026-01-02");
	assert_string_equal(col_text(q, 9), "active");
	assert_int_equal(col_int(q, 10), 1);
	assert_true(col_null(q, 11));
	assert_true(col_instant(q, 12) == r->now);
	assert_int_equal(col_int(q, 13), 1);
	assert_int_equal(col_int(q, 14), 9);
	assert_false(row(q));
}

static void
mandate_declared_again_changes_nothing(void **state)
{
	struct run *r = *state;
	int64_t before;

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	mandate_act(r, 1, "MD01");
	before = store_changes(r->db);
	assert_string_equal(declare(r, 1, "R1", "Ada", ONE, "2026-01-02"), "ok");
	assert_string_equal(declare(r, 1, "r1", "Ada", "fr76 3000 6000 0112 3456 7890 189", "2026-01-02"),
	                    "ok");
	assert_int_equal(store_changes(r->db), before);
	assert_string_equal(mandate(r, 1), "R1/1 blocked");
	assert_string_equal(mandate(r, 2), "");
}

static void
mandate_with_another_iban_is_the_next_version(void **state)
{
	struct run *r = *state;

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	assert_string_equal(declare(r, 1, "R1", "Ada", TWO, "2026-01-02"), "ok");
	assert_string_equal(mandate(r, 1), "R1/1 superseded");
	assert_string_equal(mandate(r, 2),
	                    "R1/2 active"); /* the bank never saw the first: there is nothing to announce */
	present(r, 2, "2026-02-10");
	assert_string_equal(declare(r, 1, "r1", "Ada", ONE, "2026-01-02"), "ok");
	assert_string_equal(mandate(r, 2), "R1/2 superseded");
	assert_string_equal(mandate(r, 3), "r1/3 active untold");
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM mandate WHERE number = 3 AND last_due_on = '2026-02-10'"),
	    1);
}

static void
mandate_amendment_stays_unannounced_until_it_is_presented(void **state)
{
	struct run *r = *state;

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	present(r, 1, "2026-02-10");
	declare(r, 1, "R1", "Ada", TWO, "2026-01-02");
	assert_string_equal(mandate(r, 2), "R1/2 active untold");
	declare(r, 1, "R1", "Ada King", TWO,
	        "2026-01-02"); /* another name alone is not an amendment, and hides none */
	assert_string_equal(mandate(r, 3), "R1/3 active untold");
	present(r, 3, "2026-03-10");
	assert_string_equal(mandate(r, 3), "R1/3 active");
	declare(r, 1, "R1", "Ada Lovelace", TWO, "2026-01-02");
	assert_string_equal(mandate(r, 4), "R1/4 active");
}

static void
mandate_is_superseded_by_a_new_one(void **state)
{
	struct run *r = *state;

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	declare(r, 2, "R2", "Bob", TWO, "2026-01-02");
	assert_string_equal(declare(r, 1, "R3", "Ada", ONE, "2026-03-01"), "ok");
	assert_string_equal(mandate(r, 1), "R1/1 superseded");
	assert_string_equal(mandate(r, 2), "R2/1 active");
	assert_string_equal(mandate(r, 3), "R3/1 active");
	assert_int_equal(
	    home_number(r,
	                "SELECT count(*) FROM mandate WHERE profile_number = 1 AND status <> 'superseded'"),
	    1);
}

static void
mandate_reference_is_taken_once(void **state)
{
	struct run *r = *state;
	int64_t before;

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	before = store_changes(r->db);
	assert_string_equal(declare(r, 2, "R1", "Bob", TWO, "2026-01-02"), "mandate_reference_conflict");
	assert_string_equal(declare(r, 2, "r1", "Bob", TWO, "2026-01-02"), "mandate_reference_conflict");
	assert_string_equal(declare(r, 1, "R1", "Ada", ONE, "2026-01-03"), "mandate_reference_conflict");
	assert_string_equal(declare(r, 1, "R1", "Ada", TWO, "2026-01-03"), "mandate_reference_conflict");
	assert_int_equal(store_changes(r->db), before);
	declare(r, 1, "R2", "Ada", ONE, "2026-02-01");
	assert_string_equal(declare(r, 1, "R1", "Ada", ONE, "2026-01-02"), "mandate_reference_conflict");
	assert_string_equal(declare(r, 1, "R1", "Ada", TWO, "2026-01-02"), "mandate_reference_conflict");
	assert_string_equal(mandate(r, 2), "R2/1 active");
}

static void
mandate_is_suspended_or_blocked_for_a_reason(void **state)
{
	static const struct {
		const char *code, *after;
	} steps[] = {
	    {"AM04", "R1/1 active"},    {"MS03", "R1/1 active"},    {"unheard of", "R1/1 active"},
	    {"MD06", "R1/1 suspended"}, {"AC01", "R1/1 suspended"}, {"AM04", "R1/1 suspended"},
	    {"MD01", "R1/1 blocked"},   {"MD06", "R1/1 blocked"},
	};
	struct run *r = *state;

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	for (size_t i = 0; i < LENGTH(steps); i++) {
		mandate_act(r, 1, steps[i].code);
		assert_string_equal(mandate(r, 1), steps[i].after);
		if (i == 3 || i == 4)
			assert_int_equal(home_number(r, "SELECT count(*) FROM mandate WHERE why = 'MD06'"),
			                 1);
	}
	assert_int_equal(home_number(r, "SELECT count(*) FROM mandate WHERE why = 'MD01'"), 1);
	assert_int_equal(r->count[COUNT_MANDATES_SUSPENDED], 1);
	assert_int_equal(r->count[COUNT_MANDATES_BLOCKED], 1);
}

static void
mandate_that_is_superseded_ignores_reasons(void **state)
{
	struct run *r = *state;

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	declare(r, 1, "R1", "Ada", TWO, "2026-01-02");
	mandate_act(r, 1, "AC04");
	assert_string_equal(mandate(r, 1), "R1/1 superseded");
	assert_string_equal(mandate(r, 2), "R1/2 active");
}

static void
mandate_suspended_is_lifted_by_another_account(void **state)
{
	struct run *r = *state;

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	mandate_act(r, 1, "AC01");
	declare(r, 1, "R1", "Ada", TWO, "2026-01-02");
	assert_string_equal(mandate(r, 1), "R1/1 superseded");
	assert_string_equal(mandate(r, 2), "R1/2 active");
	assert_int_equal(home_number(r, "SELECT count(*) FROM mandate WHERE number = 2 AND why IS NULL"), 1);
}

static void
mandate_is_unblocked_by_a_person(void **state)
{
	struct run *r = *state;
	struct mandate_lifted was;
	struct err e = {0};
	int64_t before;

	r->as = "alice";
	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	declare(r, 2, "R2", "Bob", TWO, "2026-01-02");
	mandate_act(r, 1, "MD01");
	mandate_act(r, 2, "MD01");
	assert_int_equal(mandate_unblock(r, "r1", &was, &e), 0);
	assert_int_equal(was.status, MANDATE_BLOCKED);
	assert_string_equal(was.why, "MD01");
	assert_string_equal(mandate(r, 1), "R1/1 active");
	assert_string_equal(mandate(r, 2), "R2/1 blocked");
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM mandate WHERE unblocked_by = 'alice' AND why IS NULL"
	                   "  AND unblocked_at IS NOT NULL"),
	    1);
	before = store_changes(r->db);
	assert_int_equal(mandate_unblock(r, "R1", &was, &e), 0);
	assert_int_equal(store_changes(r->db), before);
	assert_int_equal(was.status, MANDATE_NONE);
	assert_string_equal(was.why, "");
	mandate_act(r, 1, "MD06");
	assert_int_equal(mandate_unblock(r, "R1", &was, &e), 0);
	assert_int_equal(was.status, MANDATE_SUSPENDED);
	assert_string_equal(was.why, "MD06");
	assert_string_equal(mandate(r, 1), "R1/1 active");
}

static void
mandate_that_is_past_is_not_unblocked(void **state)
{
	struct run *r = *state;
	struct mandate_lifted was;
	struct err e = {0};

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	mandate_act(r, 1, "MD01");
	declare(r, 1, "R2", "Ada", ONE, "2026-01-02");
	assert_int_equal(mandate_unblock(r, "R1", &was, &e), -1);
	assert_string_equal(e.code, "mandate_is_past");
	home_exec(r, "UPDATE mandate SET status = 'expired' WHERE reference = 'R2'");
	assert_int_equal(mandate_unblock(r, "R2", &was, &e), -1);
	assert_string_equal(e.code, "mandate_is_past");
	assert_int_equal(mandate_unblock(r, "R3", &was, &e), -1);
	assert_string_equal(e.code, "mandate_not_found");
	assert_int_equal(mandate_unblock(r, "R1234567890123456789012345678901234X", &was, &e), -1);
	assert_string_equal(e.code, "mandate_not_found");
}

static void
mandate_expires_when_unused_for_36_months(void **state)
{
	struct run *r = *state;
	struct mandate_lifted was;
	struct err e = {0};

	declare(r, 1, "R1", "Ada", ONE, "2023-03-04");
	declare(r, 2, "R2", "Bob", TWO, "2023-02-28");
	assert_int_equal(mandate_expire(r, day("2026-02-28")), 0);
	assert_int_equal(mandate_expire(r, day("2026-03-01")), 1);
	assert_string_equal(mandate(r, 2), "R2/1 expired");
	assert_int_equal(mandate_expire(r, day("2026-03-01")), 0);
	present(r, 1, "2024-05-10");
	assert_int_equal(mandate_expire(r, day("2026-03-05")), 0); /* counted from its last use */
	assert_int_equal(mandate_expire(r, day("2027-05-10")), 0);
	mandate_act(r, 1, "MD06");
	assert_int_equal(mandate_expire(r, day("2027-05-11")),
	                 0); /* doubt stays, and dies when it is put in force */
	assert_string_equal(mandate(r, 1), "R1/1 suspended");
	assert_int_equal(mandate_unblock(r, "R1", &was, &e), 0);
	assert_int_equal(mandate_expire(r, day("2027-05-11")), 1);
	assert_string_equal(mandate(r, 1), "R1/1 expired");
	mandate_act(r, 1, "AM04");
	assert_string_equal(mandate(r, 1), "R1/1 expired");
	mandate_act(r, 1, "MD01");
	assert_string_equal(mandate(r, 1), "R1/1 blocked");
}

static void
mandate_presented_again_changes_no_row(void **state)
{
	struct run *r = *state;
	int64_t before;

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	declare(r, 2, "R2", "Bob", TWO, "2026-01-02");
	present(r, 1, "2026-02-10");
	assert_int_equal(home_number(r, "SELECT count(*) FROM mandate WHERE last_due_on = '2026-02-10'"), 1);
	assert_int_equal(home_number(r, "SELECT count(*) FROM mandate WHERE last_due_on IS NULL"), 1);
	before = store_changes(r->db);
	mandate_presented(r, 1, day("2026-02-10"));
	mandate_presented(r, 2, day("2026-02-11"));
	assert_int_equal(store_changes(r->db), before);
}

/* Since when the row of this number has its status. */
static void
expect_since(struct run *r, int64_t number, int64_t at)
{
	struct stmt *q = sql(r->db, "SELECT status_at FROM mandate WHERE number = $number");

	bind_int(q, "$number", number);
	assert_int_equal(value(q, -1), at);
}

static void
mandate_knows_since_when_it_is_so(void **state)
{
	struct run *r = *state;
	struct mandate_lifted was;
	struct err e;

	r->now = 1000;
	declare(r, 1, "R1", "Ada", ONE, "2020-01-02");
	expect_since(r, 1, 1000);
	r->now++;
	mandate_act(r, 1, "AC01");
	expect_since(r, 1, 1001);
	r->now++;
	mandate_act(r, 1, "AC01");
	expect_since(r, 1, 1001); /* suspended already */
	mandate_act(r, 1, "MD01");
	expect_since(r, 1, 1002);
	r->now++;
	assert_int_equal(mandate_unblock(r, "R1", &was, &e), 0);
	expect_since(r, 1, 1003);
	r->now++;
	assert_int_equal(mandate_expire(r, day("2026-02-10")), 1);
	expect_since(r, 1, 1004);
	r->now++;
	declare(r, 1, "R2", "Ada", ONE, "2026-01-02");
	expect_since(r, 1, 1005); /* superseded */
	expect_since(r, 2, 1005);
}

#define WITH_TWO(test) cmocka_unit_test_setup_teardown(test, open_two_members, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_TWO(mandate_is_declared_as_signed),
	    WITH_TWO(mandate_declared_again_changes_nothing),
	    WITH_TWO(mandate_with_another_iban_is_the_next_version),
	    WITH_TWO(mandate_amendment_stays_unannounced_until_it_is_presented),
	    WITH_TWO(mandate_is_superseded_by_a_new_one),
	    WITH_TWO(mandate_reference_is_taken_once),
	    WITH_TWO(mandate_is_suspended_or_blocked_for_a_reason),
	    WITH_TWO(mandate_that_is_superseded_ignores_reasons),
	    WITH_TWO(mandate_suspended_is_lifted_by_another_account),
	    WITH_TWO(mandate_is_unblocked_by_a_person),
	    WITH_TWO(mandate_that_is_past_is_not_unblocked),
	    WITH_TWO(mandate_expires_when_unused_for_36_months),
	    WITH_TWO(mandate_presented_again_changes_no_row),
	    WITH_TWO(mandate_knows_since_when_it_is_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
