/* session: opened ahead from the configuration, due in order, frozen once, over when every debt is. */
#include "tests/home.h"

#include "formats/length.h"
#include "stages/core/books/session.h"

/* "20260331-1 2026-03-01..2026-03-31 freeze 2026-04-03 recovery 2026-04-10 pending" */
static const char *
session(struct run *r, int64_t number)
{
	static char text[128];
	char start[DATE_TEXT], end[DATE_TEXT], freeze[DATE_TEXT], recovery[DATE_TEXT];
	struct session s;

	if (!session_load(r, number, &s))
		return "";
	assert_int_equal(s.number, number);
	snprintf(text, sizeof(text), "%s %s..%s freeze %s recovery %s %s%s", s.code,
	         date_print(start, s.period_start), date_print(end, s.period_end),
	         date_print(freeze, s.freeze), date_print(recovery, s.recovery),
	         session_status_word(s.status), s.frozen ? " frozen" : "");
	return text;
}

static void
add(struct run *r, int64_t number, const char *freeze_on, const char *recovery_on)
{
	char code[32];
	struct stmt *q = sql(
	    r->db,
	    "INSERT INTO session (number, code, period_start_on, period_end_on, freeze_on, recovery_on, status,"
	    "  opened_by) VALUES ($n, $code, '2026-01-01', '2026-01-31', $freeze, $recovery, 'pending', 'person')");

	snprintf(code, sizeof(code), "20260131-%lld", (long long)number);
	bind_int(q, "$n", number);
	bind_text(q, "$code", code);
	bind_text(q, "$freeze", freeze_on);
	bind_text(q, "$recovery", recovery_on);
	exec(q);
}

static void
months_are_opened_ahead(void **state)
{
	struct run *r = *state;

	assert_int_equal(session_open_configured(r), 2);
	assert_string_equal(
	    session(r, 1), "20260331-1 2026-03-01..2026-03-31 freeze 2026-04-03 recovery 2026-04-10 pending");
	assert_string_equal(
	    session(r, 2), "20260430-1 2026-04-01..2026-04-30 freeze 2026-05-03 recovery 2026-05-11 pending");
	assert_string_equal(session(r, 3), "");
	assert_int_equal(session_open_configured(r), 0);
	r->on = home_day("2026-03-31");
	assert_int_equal(session_open_configured(r), 0);
	r->on = home_day("2026-04-01");
	assert_int_equal(session_open_configured(r), 1);
	assert_string_equal(
	    session(r, 3), "20260531-1 2026-05-01..2026-05-31 freeze 2026-06-03 recovery 2026-06-10 pending");
	r->on = home_day("2027-01-15"); /* after a long sleep: the current and the next, not those between */
	assert_int_equal(session_open_configured(r), 2);
	assert_string_equal(
	    session(r, 5), "20270228-1 2027-02-01..2027-02-28 freeze 2027-03-03 recovery 2027-03-10 pending");
	assert_int_equal(home_number(r, "SELECT count(*) FROM session WHERE opened_by = 'configuration'"
	                                "  AND frozen_at IS NULL AND digest IS NULL"),
	                 5);
}

static void
weeks_are_opened_ahead(void **state)
{
	static const struct {
		const char *on, *first, *second;
	} rows[] = {
	    /* 2026-03-04 is a Wednesday */
	    {"2026-03-02", "20260308-1 2026-03-02..2026-03-08 freeze 2026-03-09 recovery 2026-03-11 pending",
	     "20260315-1 2026-03-09..2026-03-15 freeze 2026-03-16 recovery 2026-03-18 pending"},
	    {"2026-03-08", "20260308-1 2026-03-02..2026-03-08 freeze 2026-03-09 recovery 2026-03-11 pending",
	     "20260315-1 2026-03-09..2026-03-15 freeze 2026-03-16 recovery 2026-03-18 pending"},
	    {"2026-12-30", "20270103-1 2026-12-28..2027-01-03 freeze 2027-01-04 recovery 2027-01-06 pending",
	     "20270110-1 2027-01-04..2027-01-10 freeze 2027-01-11 recovery 2027-01-13 pending"},
	};
	struct run *r = *state;
	size_t i;

	home_configure(
	    r,
	    "[recovery]\nnotice_days = 0\nperiod = weekly\nfreeze_after_days = 1\nrecovery_after_days = 3\n");
	for (i = 0; i < LENGTH(rows); i++) {
		tx_begin(r->db);
		r->on = home_day(rows[i].on);
		assert_int_equal(session_open_configured(r), 2);
		assert_int_equal(session_open_configured(r), 0);
		assert_string_equal(session(r, 1), rows[i].first);
		assert_string_equal(session(r, 2), rows[i].second);
		tx_rollback(r->db);
	}
}

static void
recovery_date_is_the_next_target_day(void **state)
{
	static const struct {
		const char *on, *after, *recovery;
	} rows[] = {
	    {"2026-03-04", "recovery_after_days = 10", "recovery 2026-04-10"}, /* a Friday stays */
	    {"2026-03-04", "recovery_after_days = 11", "recovery 2026-04-13"}, /* Saturday */
	    {"2026-03-04", "recovery_after_days = 4", "recovery 2026-04-07"},  /* Saturday, Easter Monday */
	    {"2026-02-10", "recovery_after_days = 34", "recovery 2026-04-07"}, /* Good Friday and on */
	    {"2026-04-10", "recovery_after_days = 5", "recovery 2026-05-05"},
	    {"2026-11-02", "recovery_after_days = 25", "recovery 2026-12-28"}, /* Christmas, a Friday */
	};
	struct run *r = *state;
	char text[128];
	size_t i;

	for (i = 0; i < LENGTH(rows); i++) {
		snprintf(text, sizeof(text), "[recovery]\nnotice_days = 0\nfreeze_after_days = 0\n%s\n",
		         rows[i].after);
		home_configure(r, text);
		tx_begin(r->db);
		r->on = home_day(rows[i].on);
		session_open_configured(r);
		if (strstr(session(r, 1), rows[i].recovery) == NULL)
			fail_msg("%s, %s: %s", rows[i].on, rows[i].after, session(r, 1));
		tx_rollback(r->db);
	}
}

/* The code counts the sessions of one period end, whoever opened them. */
static void
codes_count_sessions_of_one_period_end(void **state)
{
	struct run *r = *state;

	home_exec(
	    r,
	    "INSERT INTO session (number, code, period_start_on, period_end_on, freeze_on, recovery_on, status,"
	    "  opened_by) VALUES (70, '20260331-1', '2026-03-01', '2026-03-31', '2026-04-01', '2026-04-20',"
	    "  'pending', 'person')");
	assert_int_equal(session_open_configured(r), 2);
	assert_string_equal(
	    session(r, 1), "20260331-2 2026-03-01..2026-03-31 freeze 2026-04-03 recovery 2026-04-10 pending");
	home_configure(r, "[recovery]\nperiod = weekly\n");
	r->on = home_day("2026-05-25"); /* its week ends with the month */
	session_open_configured(r);
	home_configure(r, "");
	assert_int_equal(session_open_configured(r), 2);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM session WHERE code IN ('20260531-1', '20260531-2')"), 2);
}

static void
session_is_found_by_its_id_or_its_code(void **state)
{
	struct run *r = *state;
	struct uuid id = store_uuid(r->db, UUID_SESSION, 0, 1),
		    profile = uuid_of(HOME_STORE, UUID_PROFILE, 0, 1),
		    stranger = uuid_of(HOME_STORE + 1, UUID_SESSION, 0, 1),
		    absent = store_uuid(r->db, UUID_SESSION, 0, 3);
	char text[UUID_TEXT];
	struct session s;

	session_open_configured(r);
	assert_true(session_find(r, uuid_print(text, &id), &s));
	assert_string_equal(s.code, "20260331-1");
	assert_false(session_find(r, uuid_print(text, &profile), &s));
	assert_false(session_find(r, uuid_print(text, &stranger), &s));
	assert_false(session_find(r, uuid_print(text, &absent), &s));
	assert_true(session_find(r, "20260430-1", &s));
	assert_int_equal(s.number, 2);
	assert_false(session_find(r, "20260331-2", &s));
	assert_false(session_find(r, "20260331", &s));
	assert_true(session_is_code("20260331-2"));
	assert_false(session_is_code("20260331-"));
	assert_false(session_is_code("20260331-2a"));
	assert_false(session_is_code(uuid_print(text, &id)));
	assert_false(session_find(r, "", &s));
}

static void
sessions_are_due_by_recovery_date_after_their_freeze_date(void **state)
{
	struct run *r = *state; /* on 2026-03-04 */
	struct session s;

	assert_false(session_next_due(r, 0, &s));
	add(r, 1, "2026-03-04", "2026-03-05"); /* its freeze date still counts */
	add(r, 2, "2026-03-03", "2026-03-20");
	add(r, 3, "2026-02-03", "2026-03-10");
	add(r, 4, "2026-02-01", "2026-03-20");
	add(r, 5, "2026-03-05", "2026-03-06");
	assert_true(session_next_due(r, 0, &s));
	assert_int_equal(s.number, 3);
	assert_true(session_next_due(r, 3, &s));
	assert_int_equal(s.number, 2);
	assert_true(session_next_due(r, 2, &s));
	assert_int_equal(s.number, 4);
	assert_false(session_next_due(r, 4, &s));
	session_freeze(r, 3);
	assert_true(session_next_due(r, 0, &s));
	assert_int_equal(s.number, 2);
	r->on = home_day("2026-03-05");
	assert_true(session_next_due(r, 0, &s));
	assert_int_equal(s.number, 1);
}

static void
next_open_session_is_the_earliest_recovered_of_the_others(void **state)
{
	struct run *r = *state;

	assert_int_equal(session_next_open(r, 0), 0);
	add(r, 1, "2026-02-04", "2026-03-25");
	assert_int_equal(session_next_open(r, 1), 0);
	add(r, 2, "2026-02-04", "2026-03-20");
	add(r, 3, "2026-02-03", "2026-03-20");
	assert_int_equal(session_next_open(r, 0), 2);
	assert_int_equal(session_next_open(r, 2), 3);
	assert_int_equal(session_next_open(r, 1), 2);
	session_freeze(r, 2);
	assert_int_equal(session_next_open(r, 3), 1);
	assert_int_equal(session_next_open(r, 0), 3);
}

/* Two members with a debt and a row each in session 1; session 2 is empty. */
static int
open_with_debts(void **state)
{
	home_setup(state);
	add(*state, 1, "2026-02-03", "2026-03-10");
	add(*state, 2, "2026-02-03", "2026-03-12");
	home_input(*state);
	home_exec(*state, "INSERT INTO profile (number, app_id, app_user_id, status, declared_at)"
	                  " VALUES (1, 'fr', 'ada', 'inactive', 0), (2, 'fr', 'bob', 'inactive', 0)");
	home_exec(*state, "INSERT INTO debt (profile_number, session_number, status, amount_in_cents)"
	                  " VALUES (1, 1, 'pending', 700), (2, 1, 'pending', 800)");
	home_exec(
	    *state,
	    "INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at,"
	    "  transaction_on, source_kind, source, session_number)"
	    " VALUES (1 * 16777216 + 1, 1, -700, 0, '2026-01-05', 1, 1, 1), (2 * 16777216 + 1, 1, -800, 0, '2026-01-05', 1, 2, 1)");
	return 0;
}

#define ADDED                                                                           \
	"INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at," \
	"  transaction_on, source_kind, source, session_number) VALUES (16777216 + 2, 2, 0, 0, '2026-01-06', 3, x'03', 1)"

static void
digest_covers_every_row_of_the_session(void **state)
{
	static const char *const same[] = {
	    "UPDATE debt SET status = 'initiated' WHERE profile_number = 1",
	    "UPDATE balance_transaction SET push_notification_sent_at = 5",
	    "INSERT INTO debt (profile_number, session_number, status) VALUES (1, 2, 'pending')",
	};
	static const char *const other[] = {
	    "UPDATE debt SET amount_in_cents = 701 WHERE profile_number = 1",
	    "UPDATE debt SET amount_in_cents = 1500 - amount_in_cents",
	    "UPDATE debt SET amount_in_cents = NULL WHERE profile_number = 2",
	    "UPDATE balance_transaction SET session_number = 2 WHERE profile_number = 2",
	    "UPDATE session SET code = '20260131-7' WHERE number = 1",
	    "UPDATE session SET recovery_on = '2026-03-11' WHERE number = 1",
	    "UPDATE session SET freeze_on = '2026-02-04' WHERE number = 1",
	    "UPDATE session SET period_start_on = '2026-01-02' WHERE number = 1",
	    "UPDATE session SET period_end_on = '2026-01-30' WHERE number = 1",
	    ADDED,
	};
	unsigned char first[SHA256_SIZE], digest[SHA256_SIZE];
	struct run *r = *state;
	size_t i;

	session_digest(r, 1, first);
	session_digest(r, 1, digest);
	assert_memory_equal(digest, first, SHA256_SIZE);
	session_digest(r, 2, digest);
	assert_memory_not_equal(digest, first, SHA256_SIZE);
	for (i = 0; i < LENGTH(same); i++) {
		home_exec(r, same[i]);
		session_digest(r, 1, digest);
		if (memcmp(digest, first, SHA256_SIZE) != 0)
			fail_msg("another digest after %s", same[i]);
	}
	for (i = 0; i < LENGTH(other); i++) {
		tx_begin(r->db);
		home_exec(r, other[i]);
		session_digest(r, 1, digest);
		tx_rollback(r->db);
		if (memcmp(digest, first, SHA256_SIZE) == 0)
			fail_msg("the same digest after %s", other[i]);
	}
}

static void
freeze_first(struct run *r)
{
	session_freeze(r, 1);
}

static void
freeze_nothing(struct run *r)
{
	session_freeze(r, 9);
}

static void
change_frozen_debt(struct run *r)
{
	home_exec(r, "UPDATE debt SET amount_in_cents = 1 WHERE profile_number = 1");
}

static void
leave_frozen_debt(struct run *r)
{
	home_exec(r, "UPDATE balance_transaction SET session_number = 2 WHERE profile_number = 1");
}

static void
thaw(struct run *r)
{
	home_exec(r, "UPDATE session SET frozen_at = NULL, digest = NULL WHERE number = 1");
}

static void
session_is_frozen_once_and_stays_frozen(void **state)
{
	unsigned char digest[SHA256_SIZE];
	struct run *r = *state;
	struct stmt *q;
	size_t n;

	session_freeze(r, 1);
	session_digest(r, 1, digest);
	q = sql(r->db, "SELECT frozen_at, digest FROM session WHERE number = 1");
	assert_true(row(q));
	assert_true(col_instant(q, 0) == r->now);
	assert_memory_equal(col_blob(q, 1, &n), digest, SHA256_SIZE);
	assert_int_equal(n, SHA256_SIZE);
	reset(q);
	assert_string_equal(
	    session(r, 1),
	    "20260131-1 2026-01-01..2026-01-31 freeze 2026-02-03 recovery 2026-03-10 pending frozen");
	home_dies(r, freeze_first, EXIT_BUG, "is frozen already");
	home_dies(r, freeze_nothing, EXIT_BUG, "is frozen already");
	home_dies(r, change_frozen_debt, EXIT_BUG, "is frozen");
	home_dies(r, leave_frozen_debt, EXIT_BUG, "is frozen");
	home_dies(r, thaw, EXIT_BUG, "a frozen session stays as it is");
	assert_int_equal(home_number(r, "SELECT count(*) FROM session WHERE frozen_at IS NOT NULL"), 1);
}

/* From whatever the status was before one of the debts failed. */
static void
assert_failure_changes_it_alike(struct run *r, enum session_status status)
{
	static const char *const before[] = {"pending", "succeeded", "failed"};
	struct session s;
	size_t i;

	for (i = status == SESSION_PENDING ? LENGTH(before) - 1 : 0; i < LENGTH(before); i++) {
		struct stmt *q = sql(r->db, "UPDATE session SET status = $before WHERE number = 1");

		bind_text(q, "$before", status == SESSION_PENDING ? "pending" : before[i]);
		exec(q);
		session_refresh_failed(r, 1);
		assert_true(session_load(r, 1, &s));
		assert_int_equal(s.status, status);
	}
}

static void
status_follows_the_debts_of_a_frozen_session(void **state)
{
	static const struct {
		const char *one, *two, *status;
	} rows[] = {
	    {"pending", "pending", "pending"},       {"succeeded", "pending", "pending"},
	    {"failed", "pending", "pending"},        {"failed", "initiated", "pending"},
	    {"executed", "failed", "pending"},       {"succeeded", "executed", "pending"},
	    {"succeeded", "succeeded", "succeeded"}, {"failed", "succeeded", "failed"},
	    {"succeeded", "failed", "failed"},       {"failed", "failed", "failed"},
	};
	struct run *r = *state;
	struct session s;
	struct stmt *q;
	int frozen;
	size_t i;

	for (frozen = 0; frozen < 2; frozen++) {
		for (i = 0; i < LENGTH(rows); i++) {
			q = sql(
			    r->db,
			    "UPDATE debt SET status = iif(profile_number = 1, $one, $two), refunded_in_cents = 0,"
			    " recovered_in_cents = iif(iif(profile_number = 1, $one, $two) = 'failed', 0, amount_in_cents)");
			bind_text(q, "$one", rows[i].one);
			bind_text(q, "$two", rows[i].two);
			exec(q);
			session_refresh_status(r, 1);
			assert_true(session_load(r, 1, &s));
			if (strcmp(session_status_word(s.status), frozen ? rows[i].status : "pending") != 0)
				fail_msg("%s, %s, frozen %d: %s", rows[i].one, rows[i].two, frozen,
				         session_status_word(s.status));
			if (strstr("failed", rows[i].one) != NULL || strstr("failed", rows[i].two) != NULL)
				assert_failure_changes_it_alike(r, s.status);
		}
		if (!frozen)
			session_freeze(r, 1);
	}
	assert_true(session_load(r, 2, &s));
	assert_int_equal(s.status, SESSION_PENDING);
	session_freeze(r, 2); /* nothing in it: over at once */
	assert_true(session_load(r, 2, &s));
	assert_int_equal(s.status, SESSION_SUCCEEDED);
}

#define WITH_HOME(test)  cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)
#define WITH_DEBTS(test) cmocka_unit_test_setup_teardown(test, open_with_debts, home_teardown)

static void
create_out_of_order(struct run *r)
{
	struct session s;

	session_create(r, home_day("2026-03-05"), home_day("2026-03-04"), home_day("2026-03-06"),
	               home_day("2026-03-10"), &s);
}

static void
create_recovered_at_its_freeze(struct run *r)
{
	struct session s;

	session_create(r, home_day("2026-03-01"), home_day("2026-03-04"), home_day("2026-03-10"),
	               home_day("2026-03-10"), &s);
}

static void
create_frozen_already(struct run *r)
{
	struct session s;

	session_create(r, home_day("2026-02-01"), home_day("2026-02-28"), home_day("2026-03-03"),
	               home_day("2026-03-10"), &s);
}

static void
create_on_a_holiday(struct run *r)
{
	struct session s;

	session_create(r, home_day("2026-03-01"), home_day("2026-03-31"), home_day("2026-04-01"),
	               home_day("2026-04-03"), &s);
}

static void
session_by_hand_is_opened_once(void **state)
{
	struct run *r = *state;
	struct session s;

	assert_true(session_create(r, home_day("2026-03-01"), home_day("2026-03-04"), home_day("2026-03-04"),
	                           home_day("2026-03-05"), &s));
	assert_string_equal(
	    session(r, s.number),
	    "20260304-1 2026-03-01..2026-03-04 freeze 2026-03-04 recovery 2026-03-05 pending");
	assert_false(session_create(r, home_day("2026-03-01"), home_day("2026-03-04"), home_day("2026-03-04"),
	                            home_day("2026-03-05"), &s));
	assert_int_equal(s.number, 1);
	assert_true(session_create(r, home_day("2026-03-01"), home_day("2026-03-04"), home_day("2026-03-05"),
	                           home_day("2026-03-06"), &s));
	assert_string_equal(
	    session(r, s.number),
	    "20260304-2 2026-03-01..2026-03-04 freeze 2026-03-05 recovery 2026-03-06 pending");
	assert_int_equal(home_number(r, "SELECT count(*) FROM session WHERE opened_by = 'person'"), 2);
}

static void
session_by_hand_has_its_days_in_order(void **state)
{
	home_dies(*state, create_out_of_order, EXIT_REFUSED, "must be in order");
	home_dies(*state, create_recovered_at_its_freeze, EXIT_REFUSED, "must be in order");
	home_dies(*state, create_frozen_already, EXIT_REFUSED, "has passed");
	home_dies(*state, create_on_a_holiday, EXIT_REFUSED, "the next one is 2026-04-07");
	assert_int_equal(home_number(*state, "SELECT count(*) FROM session"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_HOME(months_are_opened_ahead),
	    WITH_HOME(weeks_are_opened_ahead),
	    WITH_HOME(recovery_date_is_the_next_target_day),
	    WITH_HOME(codes_count_sessions_of_one_period_end),
	    WITH_HOME(session_by_hand_is_opened_once),
	    WITH_HOME(session_by_hand_has_its_days_in_order),
	    WITH_HOME(session_is_found_by_its_id_or_its_code),
	    WITH_HOME(sessions_are_due_by_recovery_date_after_their_freeze_date),
	    WITH_HOME(next_open_session_is_the_earliest_recovered_of_the_others),
	    WITH_DEBTS(digest_covers_every_row_of_the_session),
	    WITH_DEBTS(session_is_frozen_once_and_stays_frozen),
	    WITH_DEBTS(status_follows_the_debts_of_a_frozen_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
