/* mandate: what was signed, in which version, and whether it may still be debited. */
#include "tests/members.h"

#include "formats/length.h"
#include "stages/core/members/mandate.h"
#include "stages/core/members/profile.h"

#define ONE "FR7630006000011234567890189"
#define TWO "DE89370400440532013000"

/* "ok", or the code it was refused with. */
static const char *
declare(struct run *r, int64_t profile, const char *reference, const char *name, const char *iban,
        const char *signed_on)
{
	static struct err e;
	struct mandate m = {
	    .reference = reference, .debtor_name = name, .country = "FRA", .signed_on = home_day(signed_on)};

	assert_int_equal(iban_parse(iban, &m.iban, &e), 0);
	e = (struct err){.code = "ok"};
	return mandate_declare(r, profile, &m, 1, 9, &e) == 0 ? "ok" : e.code;
}

/* "R1/1 active" for the row of this number. */
static const char *
mandate(struct run *r, int64_t number)
{
	static char text[128];
	struct stmt *q = sql(r->db, "SELECT reference || '/' || version || ' ' || status"
	               " FROM mandate WHERE number = $number");

	bind_int(q, "$number", number);
	text[0] = '\0';
	if (row(q)) {
		snprintf(text, sizeof(text), "%s%s", col_text(q, 0),
		         mandate_is_amended(r, number) ? " unannounced" : "");
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
		home_exec(r,
		          "INSERT INTO bank_file (number, kind, session_number, version, msg_id, name,"
		          "  folder, created_at, wanted_on, collect_on, collections, sum_in_cents, sha256,"
		          "  state, built_by, " HOME_FILE_COLUMNS
		          ") VALUES (1, 'debit', 1, 1, 'M1', 'a.xml', 'out/sepa/a', 0, '2026-02-10',"
		          "  '2026-02-10', 1, 500, zeroblob(32), 'uploaded', 'bob', " HOME_FILE_VALUES ")");
		home_add_blocks(r);
	}
	home_exec(r, "DELETE FROM collection");
	q = sql(
	    r->db,
	    "INSERT INTO collection (end_to_end_id, file_number, block, profile_number, session_number, mandate_number,"
	    "  presentation, amount_in_cents, amended, live, state)"
	    " VALUES ('E1', 1, 1, 1, 1, $mandate, 1, 500, 0, 1, 'presented')");
	bind_int(q, "$mandate", number);
	exec(q);
	mandate_presented(r, 1, home_day(due_on));
}

/* A file of `collections` debits at the bank, with this number; none of them is stored. */
static void
make_file(struct run *r, int64_t number, int64_t collections)
{
	struct stmt *q;

	home_exec(r,
	          "INSERT INTO session (number, code, period_start_on, period_end_on, freeze_on, recovery_on,"
	          "  status, opened_by)"
	          " SELECT 1, '20260131-1', '2026-01-01', '2026-01-31', '2026-02-03', '2026-02-10',"
	          "  'pending', 'configuration' WHERE NOT EXISTS (SELECT 1 FROM session)");
	q = sql(r->db,
	        "INSERT INTO bank_file (number, kind, session_number, version, msg_id, name, folder,"
	        "  created_at, wanted_on, collect_on, collections, sum_in_cents,"
	        "  sha256, state, built_by, " HOME_FILE_COLUMNS ")"
	        " SELECT $n, 'debit', 1, $n, 'F' || $n, 'f' || $n, 'out/sepa/f' || $n, 0,"
	        "  '2026-02-10', '2026-02-10', $collections, 500, zeroblob(32), 'withdrawn', 'bob', " HOME_FILE_VALUES
	        " WHERE NOT EXISTS (SELECT 1 FROM bank_file WHERE number = $n)");
	bind_int(q, "$n", number);
	bind_int(q, "$collections", collections);
	exec(q);
	home_add_blocks(r);
}

#define LARGE 7 /* a file of 1000 debits: what comes back is never most of it */

/* Of a debit under the mandate, from this file. Returns its end-to-end id. */
static const char *
come_back_of(struct run *r, int64_t file, int64_t mandate, const char *code)
{
	static char id[36];
	static int last;
	struct stmt *q = sql(r->db, "SELECT profile_number FROM mandate WHERE number = $number");

	bind_int(q, "$number", mandate);
	snprintf(id, sizeof(id), "debit%d", ++last);
	mandate_act(r, &(struct setback){.end_to_end_id = id,
	                                 .reason = code,
	                                 .file = file,
	                                 .profile = value(q, 0),
	                                 .mandate = mandate,
	                                 .of = REASON_OF_DEBIT});
	return id;
}

static const char *
come_back(struct run *r, int64_t mandate, const char *code)
{
	make_file(r, LARGE, 1000);
	return come_back_of(r, LARGE, mandate, code);
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
	    " signed_on, status, last_due_on, declared_at, input_number, line FROM mandate");
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
	assert_true(col_null(q, 10));
	assert_true(col_instant(q, 11) == r->now);
	assert_int_equal(col_int(q, 12), 1);
	assert_int_equal(col_int(q, 13), 9);
	assert_false(row(q));
}

static void
mandate_declared_again_changes_nothing(void **state)
{
	struct run *r = *state;
	int64_t before;

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	come_back(r, 1, "MD01");
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
	assert_string_equal(mandate(r, 3), "r1/3 active unannounced");
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM mandate WHERE number = 3 AND last_due_on = '2026-02-10'"),
	    1);
}

static void
mandate_amendment_is_announced_until_the_bank_has_it(void **state)
{
	struct run *r = *state;

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	present(r, 1, "2026-02-10");
	declare(r, 1, "R1", "Ada", TWO, "2026-01-02");
	assert_string_equal(mandate(r, 2), "R1/2 active unannounced");
	declare(r, 1, "R1", "Ada King", TWO,
	        "2026-01-02"); /* another name alone is not an amendment, and hides none */
	assert_string_equal(mandate(r, 3), "R1/3 active unannounced");
	present(r, 3, "2026-03-10");
	assert_string_equal(mandate(r, 3), "R1/3 active");
	home_exec(r, "DROP TRIGGER collection_content_is_fixed");
	home_exec(r, "UPDATE collection SET amended = 1"); /* its outcome is not known yet */
	home_exec(r,
	          "INSERT INTO collection (end_to_end_id, file_number, block, profile_number, session_number,"
	          "  mandate_number, presentation, amount_in_cents, amended, live, state, failed_on)"
	          " VALUES ('E0', 1, 1, 1, 1, 1, 0 + 2, 500, 0, 0, 'returned', '2026-02-11')");
	home_exec(r, "UPDATE collection SET presentation = presentation + 2 WHERE end_to_end_id = 'E1'");
	assert_string_equal(mandate(r, 3), "R1/3 active unannounced");
	home_exec(r, "UPDATE collection SET state = 'booked' WHERE end_to_end_id = 'E1'");
	assert_string_equal(mandate(r, 3), "R1/3 active");
	declare(r, 1, "R1", "Ada Lovelace", TWO, "2026-01-02");
	assert_string_equal(mandate(r, 4), "R1/4 active");
}

/* A debit that the bank has, under this version of R1: its outcome is b for booked, r for returned, x for rejected, p for not
 * known, c for cancelled. */
static void
debit(struct run *r, int64_t n, int64_t mandate, bool amended, char outcome)
{
	struct stmt *q = sql(r->db,
	        "INSERT INTO collection (end_to_end_id, file_number, block, profile_number, session_number,"
	        "  mandate_number, presentation, amount_in_cents, amended, live, state, failed_on)"
	        " VALUES ('D' || $n, 1, 1, 1, 1, $mandate, 10 + $n, 500, $amended, CASE WHEN $outcome IN ('b', 'p') THEN 1 WHEN $outcome IN ('r', 'x') THEN 0 END,"
	        "  CASE $outcome WHEN 'b' THEN 'booked' WHEN 'r' THEN 'returned' WHEN 'x' THEN 'rejected'"
	        "   WHEN 'p' THEN 'presented' ELSE 'cancelled' END,"
	        "  CASE WHEN $outcome IN ('r', 'x') THEN '2026-02-11' END)");

	bind_int(q, "$n", n);
	bind_int(q, "$mandate", mandate);
	bind_int(q, "$amended", amended);
	bind_text(q, "$outcome", (char[]){outcome, '\0'});
	exec(q);
}

/* Versions 1 and 3 have account A, version 2 has B: which debits the bank got, and whether 2 and 3 must announce the change. */
static void
mandate_amendment_follows_what_the_bank_knows(void **state)
{
	static const struct {
		const char *debits; /* version and outcome */
		bool second, third;
	} histories[] = {
	    {"", false, false},      {"1b", true, false},     {"1x", false, false},    {"1p", true, false},
	    {"1r", true, false},     {"1c", false, false},    {"1b2x", true, false},   {"1b2b", false, true},
	    {"1b2r", false, true},   {"1b2p", true, true},    {"1b2c", true, false},   {"2b", false, true},
	    {"2x", false, false},    {"1b2b3x", false, true}, {"1b2b3b", true, false}, {"1b2b3p", true, true},
	    {"1b2x3b", true, false}, {"1b2x2b", false, true},
	};
	struct run *r = *state;
	size_t i, n;

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	present(r, 1, "2026-02-10");
	declare(r, 1, "R1", "Ada", TWO, "2026-01-02");
	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	home_exec(r, "DROP INDEX collection_one_live");
	for (i = 0; i < LENGTH(histories); i++) {
		home_exec(r, "DELETE FROM collection");
		for (n = 0; histories[i].debits[n] != '\0'; n += 2)
			debit(r, (int64_t)n, histories[i].debits[n] - '0', n > 0, histories[i].debits[n + 1]);
		if (mandate_is_amended(r, 2) != histories[i].second ||
		    mandate_is_amended(r, 3) != histories[i].third)
			fail_msg("%s", histories[i].debits);
	}
}

static void
mandate_used_counts_for_all_its_versions(void **state)
{
	struct run *r = *state;

	declare(r, 1, "R1", "Ada", ONE, "2023-02-01");
	declare(r, 1, "r1", "Ada", TWO, "2023-02-01");
	mandate_used(r, 1, home_day("2026-02-10"));
	mandate_used(r, 1, home_day("2026-01-10"));
	assert_int_equal(home_number(r, "SELECT count(*) FROM mandate WHERE last_due_on = '2026-02-10'"), 2);
	assert_int_equal(mandate_expire(r, home_day("2026-03-01")), 0);
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
	    {"AM04", "R1/1 active"},    {"MS03", "R1/1 active"},    {"FF01", "R1/1 active"},
	    {"MD06", "R1/1 suspended"}, {"AC01", "R1/1 suspended"}, {"AM04", "R1/1 suspended"},
	    {"MD01", "R1/1 blocked"},   {"MD06", "R1/1 blocked"},
	};
	struct run *r = *state;

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	for (size_t i = 0; i < LENGTH(steps); i++) {
		come_back(r, 1, steps[i].code);
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
mandate_is_suspended_by_what_must_not_come_again_unseen(void **state)
{
	static const char *const codes[] = {"AM05", "DUPL", "NARR", "FOCR", "TECH",
	                                    "SL13", "AM06", "XX99", "01"};
	struct run *r = *state;
	struct mandate_lifted was;
	struct err e = {0};
	size_t i;

	r->as = "alice";
	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	for (i = 0; i < LENGTH(codes); i++) {
		come_back(r, 1, codes[i]);
		assert_string_equal(mandate(r, 1), "R1/1 suspended");
		assert_int_equal(mandate_unblock(r, "R1", &was, &e), 0);
		assert_string_equal(was.why, codes[i]);
		assert_int_equal(was.failures, 1);
		assert_string_equal(mandate(r, 1), "R1/1 active");
	}
	assert_int_equal(r->count[COUNT_MANDATES_SUSPENDED], LENGTH(codes));
}

static void
mandate_unblocked_while_active_forgets_the_failures(void **state)
{
	struct run *r = *state;
	struct mandate_lifted was;
	struct err e = {0};

	r->as = "alice";
	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	come_back(r, 1, "AM04");
	come_back(r, 1, "AM04");
	assert_int_equal(mandate_unblock(r, "R1", &was, &e), 0);
	assert_int_equal(was.status, MANDATE_NONE);
	assert_int_equal(was.failures, 2);
	assert_int_equal(mandate_unblock(r, "R1", &was, &e), 0);
	assert_int_equal(was.failures, 0);
	assert_int_equal(home_number(r, "SELECT count(*) FROM consequence WHERE seen_at IS NULL"), 0);
}

static void
mandates_of_a_deceased_member_are_blocked_also_later_ones(void **state)
{
	struct run *r = *state;
	struct mandate_lifted was;
	struct err e = {0};

	r->as = "alice";
	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	declare(r, 2, "R2", "Bob", TWO, "2026-01-02");
	declare(r, 1, "R3", "Ada", TWO, "2026-01-02");
	come_back(r, 1, "MD07"); /* of a superseded one */
	assert_string_equal(mandate(r, 3), "R3/1 blocked");
	assert_string_equal(mandate(r, 2), "R2/1 active");
	declare(r, 1, "R3", "Ada", ONE, "2026-01-02");
	assert_string_equal(mandate(r, 4), "R3/2 blocked");
	declare(r, 1, "R4", "Ada", ONE, "2026-02-02");
	assert_string_equal(mandate(r, 5), "R4/1 blocked");
	assert_int_equal(home_number(r, "SELECT count(*) FROM mandate WHERE number = 5 AND why = 'MD07'"), 1);
	assert_int_equal(mandate_unblock(r, "R4", &was, &e), 0);
	assert_string_equal(was.why, "MD07");
	declare(r, 1, "R5", "Ada", ONE, "2026-02-02");
	assert_string_equal(mandate(r, 6), "R5/1 active");
}

static void
mandate_of_a_return_that_is_taken_back_is_in_force_again(void **state)
{
	struct run *r = *state;
	char id[36];

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	snprintf(id, sizeof(id), "%s", come_back(r, 1, "MD01"));
	come_back(r, 1, "MD06");
	mandate_take_back(r, id);
	assert_string_equal(mandate(r, 1), "R1/1 suspended");
	assert_int_equal(home_number(r, "SELECT count(*) FROM mandate WHERE why = 'MD06'"), 1);
	mandate_take_back(r, come_back(r, 1, "AM04"));
	mandate_take_back(r, "reversed with its whole file");
	assert_int_equal(home_number(r, "SELECT count(*) FROM consequence"), 1);
}

#define SMALL 3 /* a file of ten debits: three of them are most of it */

static void
mandates_are_kept_when_most_of_a_file_comes_back(void **state)
{
	static const struct {
		const char *code[4];
	} orders[] = {{{"AC04", "AC04", "AC04", "MD06"}},
	              {{"MD06", "AC04", "AC04", "AC04"}},
	              {{"AC04", "AC04", "MD06", "AC04"}}};
	struct run *r = *state;
	size_t i, n;

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	declare(r, 2, "R2", "Bob", TWO, "2026-01-02");
	for (i = 0; i < LENGTH(orders); i++) {
		make_file(r, SMALL + (int64_t)i * 10, 10);
		for (n = 0; n < 4; n++)
			come_back_of(r, SMALL + (int64_t)i * 10,
			             strcmp(orders[i].code[n], "MD06") == 0 ? 2 : 1, orders[i].code[n]);
		assert_string_equal(mandate(r, 1), "R1/1 active");
		assert_string_equal(mandate(r, 2), "R2/1 suspended"); /* another reason acts */
		assert_int_equal(home_number(r, "SELECT count(*) FROM same_reason WHERE state = 'held'"),
		                 i + 1);
		assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE state = 'open'"),
		                 i + 1);
		assert_true(r->held);
	}
	come_back_of(r, SMALL, 1, "AC04"); /* a fourth: the same exception */
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM exception WHERE message LIKE '4 of 10 debits%'"), 1);
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception"), LENGTH(orders));
}

static void
mandates_of_most_of_a_file_wait_for_the_decision(void **state)
{
	struct run *r = *state;
	size_t i;

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	declare(r, 2, "R2", "Bob", TWO, "2026-01-02");
	for (i = 0; i < 2; i++) {
		make_file(r, SMALL + (int64_t)i, 10);
		come_back_of(r, SMALL + (int64_t)i, 1, "AC04");
		assert_string_equal(mandate(r, 1), "R1/1 blocked");
		come_back_of(r, SMALL + (int64_t)i, 1, "AC04");
		come_back_of(r, SMALL + (int64_t)i, 1, "AC04");
		assert_string_equal(mandate(r, 1), "R1/1 active");
	}
	mandate_decide(r, "3/AC04", false);
	assert_string_equal(mandate(r, 1), "R1/1 active");
	come_back_of(r, SMALL, 2, "AC04");
	assert_string_equal(mandate(r, 2), "R2/1 active"); /* the decision is for all of them */
	mandate_decide(r, "4/AC04", true);
	assert_string_equal(mandate(r, 1), "R1/1 blocked");
	come_back_of(r, SMALL + 1, 2, "AC04");
	assert_string_equal(mandate(r, 2), "R2/1 blocked");
}

static void
mandate_that_a_person_unblocked_stays_so_after_the_decision(void **state)
{
	struct run *r = *state;
	struct mandate_lifted was;
	struct err e = {0};
	int i;

	r->as = "alice";
	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	declare(r, 2, "R2", "Bob", TWO, "2026-01-02");
	make_file(r, SMALL, 10);
	come_back_of(r, SMALL, 1, "AC04");
	assert_int_equal(mandate_unblock(r, "R1", &was, &e), 0);
	for (i = 0; i < 2; i++)
		come_back_of(r, SMALL, 2, "AC04");
	mandate_decide(r, "3/AC04", true);
	assert_string_equal(mandate(r, 1), "R1/1 active");
	assert_string_equal(mandate(r, 2), "R2/1 blocked");
}

static void
mandates_act_again_when_returns_of_most_of_a_file_are_taken_back(void **state)
{
	struct run *r = *state;
	char id[36];

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	make_file(r, SMALL, 10);
	snprintf(id, sizeof(id), "%s", come_back_of(r, SMALL, 1, "AC04"));
	come_back_of(r, SMALL, 1, "AC04");
	come_back_of(r, SMALL, 1, "AC04");
	assert_string_equal(mandate(r, 1), "R1/1 active");
	mandate_take_back(r, id);
	assert_string_equal(mandate(r, 1), "R1/1 blocked");
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE state = 'open'"), 0);
}

static void
mandates_of_a_small_file_are_not_kept(void **state)
{
	struct run *r = *state;

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	make_file(r, SMALL, 2);
	come_back_of(r, SMALL, 1, "AC04");
	come_back_of(r, SMALL, 1, "AC04");
	assert_string_equal(mandate(r, 1), "R1/1 blocked"); /* two are not many, even if they are all */
	make_file(r, SMALL + 1, 11);
	come_back_of(r, SMALL + 1, 1, "AC06");
	come_back_of(r, SMALL + 1, 1, "AC06");
	come_back_of(r, SMALL + 1, 1, "AC06");
	assert_int_equal(home_number(r, "SELECT count(*) FROM same_reason WHERE state <> 'few'"), 0);
	make_file(r, SMALL + 2, 3);
	come_back_of(r, SMALL + 2, 1, "AM04");
	come_back_of(r, SMALL + 2, 1, "AM04");
	come_back_of(r, SMALL + 2, 1, "AM04");
	assert_int_equal(home_number(r, "SELECT count(*) FROM same_reason WHERE reason = 'AM04'"), 0);
}

static void
mandate_that_is_superseded_ignores_reasons(void **state)
{
	struct run *r = *state;

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	declare(r, 1, "R1", "Ada", TWO, "2026-01-02");
	come_back(r, 1, "AC04");
	assert_string_equal(mandate(r, 1), "R1/1 superseded");
	assert_string_equal(mandate(r, 2), "R1/2 active");
}

static void
mandate_suspended_is_lifted_by_another_account(void **state)
{
	struct run *r = *state;

	declare(r, 1, "R1", "Ada", ONE, "2026-01-02");
	come_back(r, 1, "AC01");
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
	come_back(r, 1, "MD01");
	come_back(r, 2, "MD01");
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
	come_back(r, 1, "MD06");
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
	come_back(r, 1, "MD01");
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
	assert_int_equal(mandate_expire(r, home_day("2026-02-28")), 0);
	assert_int_equal(mandate_expire(r, home_day("2026-03-01")), 1);
	assert_string_equal(mandate(r, 2), "R2/1 expired");
	assert_int_equal(mandate_expire(r, home_day("2026-03-01")), 0);
	present(r, 1, "2024-05-10");
	assert_int_equal(mandate_expire(r, home_day("2026-03-05")), 0); /* counted from its last use */
	assert_int_equal(mandate_expire(r, home_day("2027-05-10")), 0);
	come_back(r, 1, "MD06");
	assert_int_equal(mandate_expire(r, home_day("2027-05-11")),
	                 0); /* doubt stays, and dies when it is put in force */
	assert_string_equal(mandate(r, 1), "R1/1 suspended");
	assert_int_equal(mandate_unblock(r, "R1", &was, &e), 0);
	assert_int_equal(mandate_expire(r, home_day("2027-05-11")), 1);
	assert_string_equal(mandate(r, 1), "R1/1 expired");
	come_back(r, 1, "AM04");
	assert_string_equal(mandate(r, 1), "R1/1 expired");
	come_back(r, 1, "MD01");
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
	mandate_presented(r, 1, home_day("2026-02-10"));
	mandate_presented(r, 2, home_day("2026-02-11"));
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
	come_back(r, 1, "AC01");
	expect_since(r, 1, 1001);
	r->now++;
	come_back(r, 1, "AC01");
	expect_since(r, 1, 1001); /* suspended already */
	come_back(r, 1, "MD01");
	expect_since(r, 1, 1002);
	r->now++;
	assert_int_equal(mandate_unblock(r, "R1", &was, &e), 0);
	expect_since(r, 1, 1003);
	r->now++;
	assert_int_equal(mandate_expire(r, home_day("2026-02-10")), 1);
	expect_since(r, 1, 1004);
	r->now++;
	declare(r, 1, "R2", "Ada", ONE, "2026-01-02");
	expect_since(r, 1, 1005); /* superseded */
	expect_since(r, 2, 1005);
}

#define WITH_TWO(test) cmocka_unit_test_setup_teardown(test, members_open, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_TWO(mandate_is_declared_as_signed),
	    WITH_TWO(mandate_declared_again_changes_nothing),
	    WITH_TWO(mandate_with_another_iban_is_the_next_version),
	    WITH_TWO(mandate_amendment_is_announced_until_the_bank_has_it),
	    WITH_TWO(mandate_amendment_follows_what_the_bank_knows),
	    WITH_TWO(mandate_used_counts_for_all_its_versions),
	    WITH_TWO(mandate_is_superseded_by_a_new_one),
	    WITH_TWO(mandate_reference_is_taken_once),
	    WITH_TWO(mandate_is_suspended_or_blocked_for_a_reason),
	    WITH_TWO(mandate_is_suspended_by_what_must_not_come_again_unseen),
	    WITH_TWO(mandate_unblocked_while_active_forgets_the_failures),
	    WITH_TWO(mandates_of_a_deceased_member_are_blocked_also_later_ones),
	    WITH_TWO(mandate_of_a_return_that_is_taken_back_is_in_force_again),
	    WITH_TWO(mandates_are_kept_when_most_of_a_file_comes_back),
	    WITH_TWO(mandates_of_most_of_a_file_wait_for_the_decision),
	    WITH_TWO(mandate_that_a_person_unblocked_stays_so_after_the_decision),
	    WITH_TWO(mandates_act_again_when_returns_of_most_of_a_file_are_taken_back),
	    WITH_TWO(mandates_of_a_small_file_are_not_kept),
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
