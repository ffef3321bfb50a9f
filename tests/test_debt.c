/* debt: which debt a balance transaction belongs to, and what a freeze makes of each. */
#include "tests/frozen.h"

#include "formats/length.h"
#include "stages/core/books/debt.h"
#include "stages/core/books/freeze.h"
#include "stages/core/books/ledger.h"
#include "stages/core/books/session.h"
#include "stages/core/members/profile.h"

#define FR      "FR7630006000011234567890189"
#define MEMBERS 35

static int
open_with_members(void **state)
{
	char user[16];
	bool created;
	int i;

	home_setup(state);
	home_input(*state);
	for (i = 1; i <= MEMBERS; i++) {
		snprintf(user, sizeof(user), "u%d", i);
		assert_int_equal(profile_declare(*state, "fr", user, 1, i, &created), i);
	}
	return 0;
}

static void
open_session(struct run *r, int64_t number, const char *start, const char *end, const char *recovery)
{
	char code[24];
	struct stmt *q =
	    sql(r->db, "INSERT INTO session (number, code, period_start_on, period_end_on, freeze_on,"
	               "  recovery_on, status, opened_by)"
	               " VALUES ($n, $code, $start, $end, $end, $recovery, 'pending', 'person')");

	snprintf(code, sizeof(code), "20260131-%lld", (long long)number);
	bind_int(q, "$n", number);
	bind_text(q, "$code", code);
	bind_text(q, "$start", start);
	bind_text(q, "$end", end);
	bind_text(q, "$recovery", recovery);
	exec(q);
}

static void
open_three_months(struct run *r)
{
	open_session(r, 1, "2026-01-01", "2026-01-31", "2026-02-10");
	open_session(r, 2, "2026-02-01", "2026-02-28", "2026-03-10");
	open_session(r, 3, "2026-03-01", "2026-03-31", "2026-04-10");
}

static void
post(struct run *r, int64_t profile, enum event event, cents amount, const char *on, int64_t settled)
{
	int64_t source = home_number(r, "SELECT count(*) FROM balance_transaction");
	struct posting p = {.profile = profile,
	                    .event = event,
	                    .amount = amount,
	                    .at = date_paris_midnight(home_day(on)),
	                    .source_kind = SOURCE_REQUEST,
	                    .source = &source,
	                    .source_size = sizeof(source),
	                    .settled_session = settled};

	assert_int_equal(ledger_post(r, &p), POSTED);
}

static void
pay(struct run *r, int64_t profile, cents amount, const char *on)
{
	post(r, profile, EVENT_CAPTURED_CARD_PAYMENT, amount, on, 0);
}

/* The sessions of the member's rows in their order, 0 for none: "1 1 0". */
static const char *
places(struct run *r, int64_t profile)
{
	static char text[128];
	struct stmt *q = sql(
	    r->db,
	    "SELECT coalesce(group_concat(place, ' '), '') FROM (SELECT coalesce(session_number, 0) AS place"
	    "  FROM balance_transaction WHERE profile_number = $n ORDER BY number)");

	bind_int(q, "$n", profile);
	assert_true(row(q));
	snprintf(text, sizeof(text), "%s", col_text(q, 0));
	reset(q);
	return text;
}

static void
debt_goes_to_the_session_of_its_day(void **state)
{
	struct run *r = *state;

	open_three_months(r);
	pay(r, 1, -1, "2025-06-01"); /* late: the earliest that is open */
	pay(r, 1, -2, "2026-01-31");
	pay(r, 1, -4, "2026-02-01");
	pay(r, 1, -8, "2026-02-28");
	pay(r, 1, -16, "2026-03-31");
	pay(r, 1, -32, "2026-04-01");
	post(r, 1, EVENT_FAILED_RECOVERY, -64, "2026-02-15", 0);
	pay(r, 2, -128, "2026-02-15");
	assert_int_equal(debt_count_unassigned(r), 8);
	assert_int_equal(debt_assign(r), 7);
	assert_string_equal(places(r, 1), "1 1 2 2 3 0 2");
	assert_string_equal(places(r, 2), "2");
	assert_int_equal(debt_count_unassigned(r), 1);
	assert_int_equal(
	    home_number(r, "SELECT sum(status = 'pending' AND amount_in_cents IS NULL) FROM debt"), 4);
	assert_int_equal(home_number(r, "SELECT count(*) FROM debt"), 4);
	frozen_check_identity(r);
	assert_int_equal(debt_assign(r), 0);
	open_session(r, 4, "2026-04-01", "2026-04-30", "2026-05-11");
	open_session(r, 5, "2026-01-01", "2026-04-02", "2026-04-03");
	assert_int_equal(debt_assign(r), 1); /* what has its debt keeps it */
	assert_string_equal(places(r, 1), "1 1 2 2 3 5 2");
	frozen_check_identity(r);
	post(r, 2, EVENT_REJECTED_CARD_PAYMENT, 0, "2026-02-01", 0); /* moves no money */
	post(r, 2, EVENT_RELEASED_CARD_PAYMENT, 0, "2026-02-01", 0);
	post(r, 2, EVENT_RECOVERY, 500, "2026-02-01", 9); /* settles a debt */
	assert_int_equal(debt_assign(r) + debt_count_unassigned(r), 0);
	assert_string_equal(places(r, 2), "2 0 0 0");
}

static void
overlapping_sessions_are_filled_by_recovery_date(void **state)
{
	struct run *r = *state;

	open_three_months(r);
	open_session(r, 4, "2026-02-01", "2026-03-05", "2026-03-09");
	open_session(r, 5, "2026-02-01", "2026-03-31", "2026-04-10");
	freeze_session(r, 1); /* it takes nothing any more */
	pay(r, 1, -1, "2026-01-10");
	pay(r, 1, -1, "2026-02-10");
	pay(r, 1, -1, "2026-03-05");
	pay(r, 1, -1, "2026-03-06"); /* 3 and 5 on one day: the lower number */
	pay(r, 2, 100, "2026-01-10");
	assert_int_equal(debt_assign(r), 5);
	assert_string_equal(places(r, 1), "4 4 4 3");
	assert_string_equal(places(r, 2), "4");
	frozen_check_identity(r);
}

static void
reduction_goes_to_a_debt_that_the_member_owes(void **state)
{
	struct run *r = *state;
	struct debt_unassigned left;

	open_three_months(r);
	pay(r, 1, 100, "2026-03-20"); /* posted before the debts it reduces */
	pay(r, 1, -100, "2026-01-10");
	pay(r, 1, -100, "2026-02-10");
	post(r, 1, EVENT_EXTERNAL_TRANSACTION, 60, "2026-03-20", 0);
	pay(r, 1, 60, "2026-03-20"); /* 40 are owed there: the debt turns */
	pay(r, 1, 10, "2026-03-20"); /* nothing is owed any more: by its day */
	pay(r, 2, 70, "2026-02-20");
	pay(r, 2, 70, "2026-04-20");
	pay(r, 3, 0, "2026-02-20");
	assert_int_equal(debt_assign(r), 8);
	assert_string_equal(places(r, 1), "1 1 2 2 2 3");
	assert_string_equal(places(r, 2), "2 0"); /* the first member's debt is not theirs */
	assert_string_equal(places(r, 3), "2");
	assert_int_equal(debt_count_unassigned(r), 1);
	debt_sum_unassigned(r, &left);
	assert_int_equal(left.count, 1);
	assert_int_equal(left.sum, -70);
	assert_int_equal(left.oldest, home_day("2026-04-20"));
	pay(r, 4, -100, "2026-03-10");
	assert_int_equal(debt_assign(r), 1);
	pay(r, 4, 30, "2026-01-10"); /* the debt is another night's */
	assert_int_equal(debt_assign(r), 1);
	assert_string_equal(places(r, 4), "3 3");
	frozen_check_identity(r);
}

#define ARRIVALS 9

/* The rows of one night as they may arrive, by their source: what they owe, and what reduces it. */
static const struct {
	const char *source;
	enum event event;
	cents amount;
	const char *on;
} arrivals[ARRIVALS] = {
    {"d1", EVENT_CAPTURED_CARD_PAYMENT, -100, "2026-01-10"},
    {"d2", EVENT_CAPTURED_CARD_PAYMENT, -100, "2026-02-10"},
    {"d3", EVENT_FAILED_RECOVERY, -30, "2026-03-10"},
    {"c1", EVENT_RECOVERY, 90, "2026-03-02"},
    {"c2", EVENT_CAPTURED_CARD_PAYMENT, 40, "2026-03-02"},
    {"c3", EVENT_EXTERNAL_TRANSACTION, 70, "2026-03-01"},
    {"c4", EVENT_RECOVERY, 5, "2026-02-20"},
    {"c5", EVENT_RECOVERY, 60, "2026-03-12"},
    {"c6", EVENT_RECOVERY, 1, "2026-05-01"},
};

static void
post_arrival(struct run *r, int i)
{
	struct posting p = {.profile = 1,
	                    .event = arrivals[i].event,
	                    .amount = arrivals[i].amount,
	                    .at = date_paris_midnight(home_day(arrivals[i].on)),
	                    .source_kind = SOURCE_REQUEST,
	                    .source = arrivals[i].source,
	                    .source_size = 2};

	assert_int_equal(ledger_post(r, &p), POSTED);
}

/* The sessions by source. */
static const char *
places_by_source(struct run *r)
{
	static char text[256];
	struct stmt *q = sql(r->db,
	    "SELECT group_concat(place, ' ') FROM (SELECT CAST(source AS TEXT) || ':' || coalesce(session_number, 0) AS place"
	    "  FROM balance_transaction ORDER BY source)");

	assert_true(row(q));
	snprintf(text, sizeof(text), "%s", col_text(q, 0));
	reset(q);
	return text;
}

static void
order_of_arrival_makes_no_difference(void **state)
{
	int order[ARRIVALS], round, i, j, k;
	struct run *r = *state;
	uint32_t dice = 1;

	for (i = 0; i < ARRIVALS; i++)
		order[i] = i;
	for (round = 0; round < 200; round++) {
		tx_begin(r->db);
		open_three_months(r);
		for (i = 0; i < ARRIVALS; i++)
			post_arrival(r, order[i]);
		debt_assign(r);
		assert_string_equal(places_by_source(r), "c1:1 c2:2 c3:1 c4:1 c5:2 c6:3 d1:1 d2:2 d3:3");
		frozen_check_identity(r);
		tx_rollback(r->db);
		for (i = ARRIVALS - 1; i > 0; i--) {
			dice = dice * 1664525 + 1013904223;
			j = (int)((dice >> 16) % (uint32_t)(i + 1));
			k = order[i], order[i] = order[j], order[j] = k;
		}
	}
}

/* On 2026-03-04 the first is due. */
static void
open_five_and_six(struct run *r)
{
	open_session(r, 5, "2026-02-01", "2026-02-28", "2026-03-10");
	open_session(r, 6, "2026-03-01", "2026-03-31", "2026-04-10");
}

/* One collection for each letter, in sessions 1 to 4: F failed, B booked. */
static void
remember(struct run *r, int64_t profile, const char *past)
{
	static const char *const inserts[] = {
	    "INSERT INTO debt (profile_number, session_number, status, recovered_in_cents, refunded_in_cents)"
	    " VALUES ($p, $n, 'failed', 0 * $good, 0)",
	    "INSERT INTO collection (end_to_end_id, file_number, block, profile_number, session_number, mandate_number,"
	    "  presentation, amount_in_cents, amended, live, state, failed_on) VALUES ($p || '-' || $n, 1, 1, $p, $n, $p,"
	    "  1, 500, 0, $good, iif($good, 'booked', 'returned'), iif($good, NULL, '2025-02-11'))",
	    "INSERT INTO consequence (end_to_end_id, file_number, profile_number, mandate_number, kind, reason,"
	    "  action, of_member) SELECT $p || '-' || $n, 1, $p, $p, 'debit', 'AM04', 'keep', 0 WHERE $good = 0",
	};
	int64_t n;
	size_t i;

	for (n = 1; past[n - 1] != '\0'; n++) {
		for (i = 0; i < LENGTH(inserts); i++) {
			struct stmt *q = sql(r->db, inserts[i]);

			bind_int(q, "$p", profile);
			bind_int(q, "$n", n);
			bind_int(q, "$good", past[n - 1] == 'B');
			exec(q);
		}
	}
}

static void
sign_mandate(struct run *r, int64_t profile, const char *iban, const char *signed_on, const char *status)
{
	struct stmt *q = sql(
	    r->db,
	    "INSERT INTO mandate (number, profile_number, reference, reference_key, version, debtor_name, iban,"
	    "  country, signed_on, status, status_at, declared_at)"
	    " VALUES ($n, $n, 'R' || $n, 'R' || $n, 1, 'X', $iban, 'FRA', $signed, $status, 0, 0)");

	bind_int(q, "$n", profile);
	bind_text(q, "$iban", iban);
	bind_text(q, "$signed", signed_on);
	bind_text(q, "$status", status);
	exec(q);
}

#define ACTIVE        "2026-01-02", "active"
#define AT_AN_ADDRESS "CH5604835012345678009"

static const struct {
	cents owes, paid_back;
	const char *iban, *signed_on, *status, *past;
	const char *reason; /* "": it is collected */
} members[] = {
    {500, 0, FR, ACTIVE, "", ""},
    {500, 200, "DE89370400440532013000", ACTIVE, "", ""},
    {500, 500, NULL, NULL, NULL, "", ""}, /* zero */
    {700, 200, NULL, NULL, NULL, "", "no_mandate"},
    {99, 0, FR, ACTIVE, "", "below_minimum"},
    {100, 0, FR, ACTIVE, "", ""},
    {50, 0, NULL, NULL, NULL, "", "below_minimum"}, /* before the mandate */
    {100001, 0, FR, ACTIVE, "", "above_limit"},
    {100000, 0, FR, ACTIVE, "", ""},
    {500, 0, FR, "2026-01-02", "suspended", "", "mandate_suspended"},
    {500, 0, FR, "2026-01-02", "blocked", "", "mandate_blocked"},
    {500, 0, FR, "2023-03-03", "active", "", "mandate_expired"}, /* 36 months and a day */
    {500, 0, FR, "2023-03-04", "active", "", ""},
    {500, 0, "CH9300762011623852957", ACTIVE, "", "no_address"}, /* SEPA, but not the EEA */
    {500, 0, "GB82WEST12345698765432", ACTIVE, "", "no_address"},
    {500, 0, AT_AN_ADDRESS, ACTIVE, "", ""},
    {500, 0, "TR330006100519786457841326", ACTIVE, "", "country_not_sepa"},
    {500, 0, "FR7630006000011234567890188", ACTIVE, "", "invalid_iban"},
    {500, 0, FR, "2024-01-02", "active", "FFF", "too_many_failures"},
    {500, 0, FR, "2024-01-02", "active", "FF", ""},
    {500, 0, FR, "2024-01-02", "active", "FFFB", ""}, /* one stayed since */
    {500, 0, FR, "2024-01-02", "active", "BFFF", "too_many_failures"},
    {500, 0, FR, "2024-01-02", "active", "FFBF", ""},
    /* owed to the member: refunded to an account that is theirs beyond doubt */
    {0, 300, FR, ACTIVE, "", ""},
    {200, 201, FR, ACTIVE, "", ""},
    {0, 300, FR, "2023-03-03", "active", "", ""}, /* expired: the account is still theirs */
    {0, 1, NULL, NULL, NULL, "", "offset"},
    {0, 300, FR, "2026-01-02", "suspended", "", "offset"},
    {0, 300, FR, "2026-01-02", "blocked", "", "offset"},
    {0, 300, "CH9300762011623852957", ACTIVE, "", "offset"},
    {0, 300, AT_AN_ADDRESS, ACTIVE, "", ""},
    {0, 300, "FR7630006000011234567890188", ACTIVE, "", "offset"},
    {0, 100000, FR, ACTIVE, "", ""},
    {0, 100001, FR, ACTIVE, "", "above_limit"},
    {0, 300, FR, "2024-01-02", "active", "FFFF", ""}, /* of debits, not of refunds */
};

static void
make_members(struct run *r)
{
	int64_t n;
	size_t i;

	_Static_assert(LENGTH(members) == MEMBERS, "one profile for each row");
	open_five_and_six(r);
	for (n = 1; n <= 4; n++)
		open_session(r, n, "2025-01-01", "2025-01-31", "2025-02-10");
	home_exec(
	    r,
	    "INSERT INTO bank_file (number, kind, session_number, version, msg_id, name,"
	    "  folder, created_at, wanted_on, collect_on, collections, sum_in_cents, state,"
	    "  built_by, " HOME_FILE_COLUMNS
	    ") VALUES (1, 'debit', 1, 1, 'M1', 'a.xml', 'a', 0, '', '', 1, 1, 'generated', 'bob', " HOME_FILE_VALUES
	    ")");
	home_add_blocks(r);
	for (i = 0; i < LENGTH(members); i++) {
		if (members[i].iban != NULL)
			sign_mandate(r, (int64_t)i + 1, members[i].iban, members[i].signed_on,
			             members[i].status);
		remember(r, (int64_t)i + 1, members[i].past);
	}
	home_exec(r, "UPDATE session SET frozen_at = 0, digest = x'00' WHERE number <= 4");
	home_exec(r,
	          "UPDATE mandate SET bic = 'CRESCHZZ80A', town = 'Zurich' WHERE iban = '" AT_AN_ADDRESS "'");
	for (i = 0; i < LENGTH(members); i++) {
		if (members[i].owes > 0)
			pay(r, (int64_t)i + 1, -members[i].owes, "2026-02-10");
		if (members[i].paid_back > 0)
			pay(r, (int64_t)i + 1, members[i].paid_back, "2026-02-11");
	}
	debt_assign(r);
	frozen_check_identity(r);
}

/* "pending 500/-" or "succeeded 0/0 no_mandate 500 -> 6": debt 5 of the member after the freeze. */
static const char *
frozen(struct run *r, int64_t profile)
{
	static char text[128];
	struct stmt *q = sql(
	    r->db,
	    "SELECT d.status || ' ' || coalesce(d.amount_in_cents, '-') || '/' || coalesce(d.recovered_in_cents, '-')"
	    "  || coalesce(' ' || x.reason || ' ' || x.amount_in_cents || ' -> ' || x.carried_to_session, '')"
	    " FROM debt d LEFT JOIN exclusion x ON x.profile_number = d.profile_number AND x.session_number = 5"
	    " WHERE d.profile_number = $n AND d.session_number = 5");

	bind_int(q, "$n", profile);
	assert_true(row(q));
	snprintf(text, sizeof(text), "%s", col_text(q, 0));
	reset(q);
	return text;
}

static void
freeze_collects_a_debt_or_stores_the_reason(void **state)
{
	struct run *r = *state;
	char expected[128];
	struct session s;
	size_t i;

	make_members(r);
	freeze_session(r, 5);
	frozen_check_identity(r);
	for (i = 0; i < LENGTH(members); i++) {
		long long owes = (long long)(members[i].owes - members[i].paid_back);
		bool excluded = members[i].reason[0] != '\0';

		if (excluded)
			snprintf(expected, sizeof(expected), "succeeded 0/0 %s %lld -> 6", members[i].reason,
			         owes);
		else
			snprintf(expected, sizeof(expected),
			         owes == 0 ? "succeeded %lld/0" : "pending %lld/-", owes);
		if (strcmp(frozen(r, (int64_t)i + 1), expected) != 0)
			fail_msg("member %zu: %s, not %s", i + 1, frozen(r, (int64_t)i + 1), expected);
		assert_int_equal(places(r, (int64_t)i + 1)[0], excluded ? '6' : '5');
	}
	assert_int_equal(home_number(r, "SELECT count(*) FROM debt WHERE session_number = 6"), 19);
	assert_int_equal(r->count[COUNT_DEBTS_EXCLUDED], 19);
	assert_int_equal(r->count[COUNT_DEBTS_LEFT_TO_A_PERSON], 17);
	assert_true(r->held);
	assert_int_equal(r->count[COUNT_DEBTS_ZERO], 1);
	assert_int_equal(r->count[COUNT_DEBTS_FROZEN], 15);
	assert_int_equal(r->count[COUNT_MANDATES_EXPIRED], 2);
	assert_true(session_load(r, 5, &s) && s.frozen);
	assert_int_equal(s.status, SESSION_PENDING);
}

/* Failures that a person has seen, or that await a decision because most of a file came back, do not count. */
static void
freeze_counts_failures_that_nobody_has_seen(void **state)
{
	struct run *r = *state;
	size_t i;

	make_members(r);
	home_exec(r, "UPDATE consequence SET seen_at = 1 WHERE profile_number % 2 = 0");
	home_exec(r, "UPDATE consequence SET reason = 'AC04', action = 'block' WHERE profile_number % 2 = 1");
	home_exec(
	    r,
	    "INSERT INTO same_reason (file_number, reason, failures, state) VALUES (1, 'AC04', 9, 'held')");
	freeze_session(r, 5);
	frozen_check_identity(r);
	for (i = 0; i < LENGTH(members); i++)
		if (strcmp(members[i].reason, "too_many_failures") == 0)
			assert_null(strstr(frozen(r, (int64_t)i + 1), "too_many_failures"));
	assert_int_equal(home_number(r, "SELECT count(*) FROM exclusion WHERE reason = 'too_many_failures'"),
	                 0);
}

static void
excluded_debts_add_up_in_the_next_session(void **state)
{
	struct run *r = *state;

	open_five_and_six(r);
	open_session(r, 7, "2026-04-01", "2026-04-30", "2026-05-11");
	sign_mandate(r, 1, FR, ACTIVE);
	pay(r, 1, -99, "2026-02-10");
	pay(r, 2, 300, "2026-02-10");
	debt_assign(r);
	freeze_session(r, 5);
	frozen_check_identity(r);
	pay(r, 1, -51, "2026-03-10");
	sign_mandate(r, 2, FR, ACTIVE);
	pay(r, 2, -500, "2026-03-10");
	debt_assign(r);
	frozen_check_identity(r);
	freeze_session(r, 6);
	frozen_check_identity(r);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM debt WHERE session_number = 6 AND status = 'pending'"
	                   "  AND amount_in_cents = iif(profile_number = 1, 150, 200)"),
	    2);
	assert_int_equal(home_number(r, "SELECT count(*) FROM exclusion WHERE session_number = 6"), 0);
}

static void
freeze_five(struct run *r)
{
	tx_begin(r->db);
	freeze_session(r, 5);
	tx_commit(r->db);
}

static void
freeze_without_a_next_session_changes_nothing(void **state)
{
	struct run *r = *state;

	open_session(r, 5, "2026-02-01", "2026-02-28", "2026-03-10");
	sign_mandate(r, 1, FR, ACTIVE);
	pay(r, 1, -500, "2026-02-10");
	pay(r, 2, -500, "2026-02-10");
	debt_assign(r);
	home_dies(r, freeze_five, EXIT_BUG, "no open session takes");
	assert_int_equal(home_number(r, "SELECT count(*) FROM debt WHERE amount_in_cents IS NULL"), 2);
	assert_int_equal(home_number(r, "SELECT count(*) FROM session WHERE frozen_at IS NULL"), 1);
	sign_mandate(r, 2, FR, ACTIVE);
	assert_int_equal(home_child(r, freeze_five), 0); /* all is collected: no other session is needed */
	frozen_check_identity(r);
	home_dies(r, freeze_five, EXIT_BUG, "is frozen");
}

static void
succeed_first(struct run *r)
{
	debt_succeed(r, 1, 5);
}

static void
fail_first(struct run *r)
{
	debt_fail(r, 1, 5, "MD06");
}

static void
debt_goes_from_a_file_to_the_bank_and_back(void **state)
{
	struct run *r = *state;
	struct session s;

	open_five_and_six(r);
	sign_mandate(r, 1, FR, ACTIVE);
	pay(r, 1, -500, "2026-02-10");
	debt_assign(r);
	freeze_session(r, 5);
	debt_execute(r, 1, 5); /* it is in no file yet */
	assert_string_equal(frozen(r, 1), "pending 500/-");
	debt_initiate(r, 5, 1, MEMBERS); /* neither now */
	assert_string_equal(frozen(r, 1), "pending 500/-");
	home_exec(r, "UPDATE debt SET status = 'initiated' WHERE profile_number = 1 AND session_number = 5");
	debt_execute(r, 1, 5);
	assert_string_equal(frozen(r, 1), "executed 500/-");
	frozen_check_identity(r);
	post(r, 1, EVENT_RECOVERY, 500, "2026-03-04", 5);
	debt_succeed(r, 1, 5);
	frozen_check_identity(r);
	assert_string_equal(frozen(r, 1), "succeeded 500/500");
	assert_true(session_load(r, 5, &s));
	assert_int_equal(s.status, SESSION_SUCCEEDED);
	home_dies(r, succeed_first, EXIT_BUG, "is settled already");
	post(r, 1, EVENT_FAILED_RECOVERY, -500, "2026-03-04", 0); /* returned after it was booked */
	debt_fail(r, 1, 5, "AM04");
	frozen_check_identity(r);
	assert_int_equal(debt_assign(r), 1);
	assert_string_equal(places(r, 1), "5 0 6");
	assert_string_equal(frozen(r, 1), "failed 500/0");
	assert_true(session_load(r, 5, &s));
	assert_int_equal(s.status, SESSION_FAILED);
	home_dies(r, fail_first, EXIT_BUG, "failed already");
	home_dies(r, succeed_first, EXIT_BUG, "is settled already");
	assert_int_equal(home_number(r, "SELECT count(*) FROM debt WHERE failure = 'AM04'"), 1);
	frozen_check_identity(r);
}

static void
debt_of_one_member_is_assigned_alone(void **state)
{
	struct run *r = *state;

	open_three_months(r);
	pay(r, 1, -100, "2026-01-15");
	pay(r, 2, -200, "2026-01-15");
	pay(r, 3, -300, "2026-01-15");
	post(r, 2, EVENT_EXTERNAL_TRANSACTION, 50, "2026-03-15", 0);
	assert_int_equal(debt_assign_member(r, 2), 2);
	assert_string_equal(places(r, 1), "0");
	assert_string_equal(places(r, 2), "1 1");
	assert_string_equal(places(r, 3), "0");
	assert_int_equal(home_number(r, "SELECT count(*) FROM debt"), 1);
	frozen_check_identity(r);
	assert_int_equal(debt_assign_member(r, 2), 0);
	assert_int_equal(debt_assign(r), 2);
	frozen_check_identity(r);
}

static void
open_debt_excludes_frozen_debts(void **state)
{
	struct run *r = *state;

	open_session(r, 5, "2026-01-01", "2026-01-31", "2026-02-10");
	open_session(r, 6, "2026-02-01", "2026-02-28", "2026-03-10");
	assert_int_equal(debt_open(r, 1), 0);
	pay(r, 1, -500, "2026-01-15");
	assert_int_equal(debt_open(r, 1), 500); /* waiting for its debt */
	assert_int_equal(debt_assign(r), 1);
	assert_int_equal(debt_open(r, 1), 500); /* in one that is live */
	sign_mandate(r, 1, FR, "2026-01-02", "active");
	freeze_session(r, 5);
	assert_int_equal(debt_open(r, 1), 0);
	pay(r, 1, -70, "2026-02-15");
	assert_int_equal(debt_open(r, 1), 70);
	post(r, 1, EVENT_RECOVERY, 500, "2026-03-04", 5); /* settles the frozen one, not this */
	assert_int_equal(debt_open(r, 1), 70);
	post(r, 1, EVENT_EXTERNAL_TRANSACTION, 100, "2026-02-15", 0);
	assert_int_equal(debt_open(r, 1), -30);
	assert_int_equal(debt_open(r, 2), 0);
}

/* Rows that wait for a session are looked at once in a night, however many they are. */
static void
assignment_costs_the_same_for_each_row_that_waits(void **state)
{
	struct run *r = *state;
	int64_t few, many, before;
	int i;

	for (i = 0; i < 100; i++)
		post(r, 1, EVENT_EXTERNAL_TRANSACTION, 1, "2026-02-03", 0);
	before = store_steps(r->db);
	assert_int_equal(debt_assign(r), 0);
	few = store_steps(r->db) - before;
	for (i = 0; i < 900; i++)
		post(r, 1, EVENT_EXTERNAL_TRANSACTION, 1, "2026-02-03", 0);
	before = store_steps(r->db);
	assert_int_equal(debt_assign(r), 0);
	many = store_steps(r->db) - before;
	assert_in_range(many, 0, 15 * few);
	open_session(r, 1, "2026-02-01", "2026-02-28", "2026-03-10");
	assert_int_equal(debt_assign(r), 1000);
}

/* Members from `first` on, each with a settled debt in a session that is frozen then. */
static void
settle_many(struct run *r, int64_t session, int first, int n)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO profile (number, app_id, app_user_id, status, declared_at)"
	    " WITH RECURSIVE n (n) AS (SELECT $first UNION ALL SELECT n + 1 FROM n WHERE n < $last)"
	    " SELECT n, 'fr', 'many-' || n, 'active', 0 FROM n");

	bind_int(q, "$first", first);
	bind_int(q, "$last", first + n - 1);
	exec(q);
	q = sql(r->db, "INSERT INTO debt (profile_number, session_number, status, amount_in_cents, recovered_in_cents,"
	               "  refunded_in_cents)"
	               " SELECT number, $session, 'succeeded', 1, 1, 0 FROM profile WHERE number >= $first");
	bind_int(q, "$session", session);
	bind_int(q, "$first", first);
	exec(q);
	q = sql(r->db, "UPDATE session SET frozen_at = 0, digest = zeroblob(32), status = 'succeeded' WHERE number = $session");
	bind_int(q, "$session", session);
	exec(q);
}

/* Returns come one by one: that of the last member does not look at all others. */
static void
failure_does_not_read_the_other_debts(void **state)
{
	struct run *r = *state;
	int64_t few, many, before;

	open_session(r, 1, "2026-02-01", "2026-02-28", "2026-03-10");
	open_session(r, 2, "2026-03-01", "2026-03-31", "2026-04-10");
	settle_many(r, 1, 1001, 10);
	before = store_steps(r->db);
	debt_fail(r, 1010, 1, "AM04");
	few = store_steps(r->db) - before;
	settle_many(r, 2, 2001, 2000);
	before = store_steps(r->db);
	debt_fail(r, 4000, 2, "AM04");
	many = store_steps(r->db) - before;
	assert_in_range(many, 0, 2 * few);
	assert_int_equal(home_number(r, "SELECT count(*) FROM session WHERE status = 'failed'"), 2);
}

/* The next night has one new row of one member: what was assigned before is not read. */
static void
assignment_does_not_read_what_has_its_debt(void **state)
{
	struct run *r = *state;
	int64_t few, many, before;
	int i;

	open_three_months(r);
	pay(r, 1, -1, "2026-02-03");
	before = store_steps(r->db);
	assert_int_equal(debt_assign(r), 1);
	few = store_steps(r->db) - before;
	for (i = 0; i < 500; i++)
		pay(r, i % MEMBERS + 1, -1, "2026-02-03");
	assert_int_equal(debt_assign(r), 500);
	pay(r, MEMBERS, -1, "2026-02-03");
	before = store_steps(r->db);
	assert_int_equal(debt_assign(r), 1);
	many = store_steps(r->db) - before;
	assert_in_range(many, 0, few + 50);
}

#define MANY 16400 /* more than a batch */

static void
post_one_of_each(struct run *r)
{
	char user[16];
	bool created;
	int64_t i;

	tx_begin(r->db);
	for (i = MEMBERS + 1; i <= MANY; i++) {
		snprintf(user, sizeof(user), "u%d", (int)i);
		assert_int_equal(profile_declare(r, "fr", user, 1, (long)i, &created), i);
	}
	for (i = 1; i <= MANY; i++)
		ledger_add(r, &(struct posting){.profile = i,
		                                .event = EVENT_CAPTURED_CARD_PAYMENT,
		                                .amount = -i,
		                                .at = date_paris_midnight(home_day("2026-01-15")),
		                                .source_kind = SOURCE_REQUEST,
		                                .source = &i,
		                                .source_size = sizeof(i)});
	tx_commit(r->db);
}

static void
more_debts_than_a_batch_are_made_and_frozen(void **state)
{
	struct run *r = *state;

	open_session(r, 5, "2026-01-01", "2026-01-31", "2026-02-10");
	open_session(r, 6, "2026-02-01", "2026-02-28", "2026-03-10");
	post_one_of_each(r);
	sign_mandate(r, MANY, FR, "2026-01-02", "active");
	tx_begin(r->db);
	assert_int_equal(debt_assign(r), MANY);
	assert_int_equal(home_number(r, "SELECT count(*) FROM debt WHERE session_number = 5"), MANY);
	freeze_session(r, 5);
	tx_commit(r->db);
	assert_int_equal(home_number(r, "SELECT sum(amount_in_cents) FROM debt WHERE session_number = 5"),
	                 MANY);
	assert_int_equal(home_number(r, "SELECT count(*) FROM exclusion"), MANY - 1);
	assert_int_equal(home_number(r, "SELECT count(*) FROM debt WHERE session_number = 6"), MANY - 1);
	frozen_check_identity(r);
}

#define WITH_MEMBERS(test) cmocka_unit_test_setup_teardown(test, open_with_members, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_MEMBERS(assignment_costs_the_same_for_each_row_that_waits),
	    WITH_MEMBERS(assignment_does_not_read_what_has_its_debt),
	    WITH_MEMBERS(failure_does_not_read_the_other_debts),
	    WITH_MEMBERS(more_debts_than_a_batch_are_made_and_frozen),
	    WITH_MEMBERS(debt_goes_to_the_session_of_its_day),
	    WITH_MEMBERS(overlapping_sessions_are_filled_by_recovery_date),
	    WITH_MEMBERS(reduction_goes_to_a_debt_that_the_member_owes),
	    WITH_MEMBERS(order_of_arrival_makes_no_difference),
	    WITH_MEMBERS(freeze_collects_a_debt_or_stores_the_reason),
	    WITH_MEMBERS(freeze_counts_failures_that_nobody_has_seen),
	    WITH_MEMBERS(excluded_debts_add_up_in_the_next_session),
	    WITH_MEMBERS(freeze_without_a_next_session_changes_nothing),
	    WITH_MEMBERS(debt_goes_from_a_file_to_the_bank_and_back),
	    WITH_MEMBERS(debt_of_one_member_is_assigned_alone),
	    WITH_MEMBERS(open_debt_excludes_frozen_debts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
