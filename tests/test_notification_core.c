/* notification (core): members are notified once, with the amount of the file, in batches that are not too long. */
#include "tests/frozen.h"

#include "formats/length.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/make.h"
#include "stages/core/members/notification.h"

#define RECOVERY "alan_pay__recovery_session"

/* How many members are notified; the batches are counted from `first`. */
static int64_t
plan(struct run *r, enum notification_kind kind, int64_t *first, int64_t *batches)
{
	int64_t before = home_number(r, "SELECT count(*) FROM notification");

	tx_begin(r->db);
	*first = notification_plan(r, kind, batches);
	tx_commit(r->db);
	return home_number(r, "SELECT count(*) FROM notification") - before;
}

static int64_t
count_notified(struct run *r, enum notification_kind kind)
{
	int64_t first, batches, notified = plan(r, kind, &first, &batches);

	assert_int_equal(first != 0, notified > 0);
	assert_int_equal(batches != 0, notified > 0);
	return notified;
}

static const char *
write_batch(struct run *r, int64_t batch)
{
	static struct home_text text;
	struct sink *s;

	text.n = 0;
	text.text[0] = '\0';
	s = sink_new(home_keep, &text);
	notification_write_batch(r, batch, s);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	return text.text;
}

/* --- a debit: notified the day after the file was made, before the collection ----------------------------------------- */

static int
open_with_file(void **state)
{
	struct run *r;

	frozen_open(state);
	r = *state;
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT)); /* in the night to the 4th, for the 10th */
	frozen_at(r, "2026-03-05T02:30:00Z");
	return 0;
}

static void
debit_is_notified_with_the_amount_and_day_of_the_file(void **state)
{
	struct run *r = *state;

	assert_int_equal(count_notified(r, NOTIFY_RECOVERY_SESSION), 3);
	assert_string_equal(
	    frozen_list(r, "SELECT subject_type || ' ' || subject || ' ' || profile_number || ' ' || params"
	                   " FROM notification ORDER BY number"),
	    "collection " FROZEN_ID(
		"4") " 1 {\"amount_in_cents\":1250,\"recovery_date\":\"2026-03-10\",\"direction\":\"debit\"};"
		     "collection " FROZEN_ID(
			 "8") " 2 {\"amount_in_cents\":990,\"recovery_date\":\"2026-03-10\",\"direction\":\"debit\"};"
			      "collection " FROZEN_ID(
				  "c") " 3 {\"amount_in_cents\":10000,\"recovery_date\":\"2026-03-10\",\"direction\":\"debit\"};");
	assert_int_equal(home_number(r, "SELECT sum(params ->> 'amount_in_cents') FROM notification"),
	                 home_number(r, "SELECT sum_in_cents FROM bank_file"));
}

static void
debit_is_notified_once(void **state)
{
	struct run *r = *state;
	int64_t before;

	assert_int_equal(count_notified(r, NOTIFY_RECOVERY_SESSION), 3);
	before = home_number(r, "SELECT last FROM counter WHERE name = 'notification'");
	assert_int_equal(count_notified(r, NOTIFY_RECOVERY_SESSION), 0);
	frozen_at(r, "2026-03-06T02:30:00Z");
	assert_int_equal(count_notified(r, NOTIFY_RECOVERY_SESSION), 0);
	assert_int_equal(home_number(r, "SELECT last FROM counter WHERE name = 'notification'"), before);
	assert_int_equal(home_number(r, "SELECT count(*) FROM notification_batch"), 1);
}

/* The file was cancelled and the next version made at `now`, and this is the night after it. */
static void
make_again(struct run *r, const char *now)
{
	struct bankfile f;

	assert_true(bankfile_load(r, home_number(r, "SELECT max(number) FROM bank_file"), &f));
	bankfile_cancel(r, &f, "why");
	frozen_at(r, now);
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	frozen_at(r, now);
	r->now += 24LL * 60 * 60 * 1000;
	r->on++;
}

#define NOTIFIED_BOB                                                                                     \
	"SELECT subject || ' ' || (params ->> 'amount_in_cents') || ' ' || (params ->> 'recovery_date')" \
	" FROM notification WHERE profile_number = 2 ORDER BY number"

static void
debit_of_the_next_version_is_notified_again_when_its_day_moved(void **state)
{
	struct run *r = *state;
	struct uuid id;
	int64_t first, batches;
	char text[UUID_TEXT];

	assert_int_equal(count_notified(r, NOTIFY_RECOVERY_SESSION), 3);
	make_again(r, "2026-03-05T03:00:00Z"); /* the 10th can be made still */
	assert_int_equal(count_notified(r, NOTIFY_RECOVERY_SESSION), 0);
	make_again(r, "2026-03-09T03:00:00Z");
	assert_int_equal(plan(r, NOTIFY_RECOVERY_SESSION, &first, &batches), 3);
	assert_string_equal(frozen_list(r, NOTIFIED_BOB),
	                    FROZEN_ID("8") " 990 2026-03-10;" FROZEN_ID("8") "/3 990 2026-03-12;");
	id = store_uuid(r->db, UUID_DEBT, 2, 1);
	assert_non_null(strstr(write_batch(r, first), uuid_print(text, &id)));
	assert_int_equal(count_notified(r, NOTIFY_RECOVERY_SESSION), 0);
}

/* A member who was not notified of the cancelled version is notified of the next for the first time. */
static void
debit_of_the_next_version_is_notified_first_when_the_one_before_was_not(void **state)
{
	struct run *r = *state;

	make_again(r, "2026-03-09T03:00:00Z");
	assert_int_equal(count_notified(r, NOTIFY_RECOVERY_SESSION), 3);
	assert_string_equal(frozen_list(r, NOTIFIED_BOB), FROZEN_ID("8") " 990 2026-03-12;");
}

static void
debit_is_notified_between_file_and_collection(void **state)
{
	static const struct {
		const char *now;
		int64_t notified;
	} cases[] = {{"2026-03-04T22:59:59Z", 0}, /* the day of the file */
	             {"2026-03-04T23:00:00Z", 3}, /* midnight in Paris */
	             {"2026-03-09T22:59:59Z", 3},
	             {"2026-03-09T23:00:00Z", 0}, /* the day of the collection */
	             {"2026-03-20T02:30:00Z", 0}};
	struct run *r = *state;
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		home_rehearse(r);
		frozen_at(r, cases[i].now);
		if (count_notified(r, NOTIFY_RECOVERY_SESSION) != cases[i].notified)
			fail_msg("%s: not %d notified", cases[i].now, (int)cases[i].notified);
		home_reopen(r);
	}
}

/* A night is made up after the day of the collection. */
static void
debit_of_the_past_is_not_notified(void **state)
{
	struct run *r = *state;
	struct err e = {0};

	assert_int_equal(instant_parse("2026-03-10T08:00:00Z", &r->now, &e), 0);
	assert_int_equal(count_notified(r, NOTIFY_RECOVERY_SESSION), 0);
	assert_int_equal(instant_parse("2026-03-09T08:00:00Z", &r->now, &e), 0);
	assert_int_equal(count_notified(r, NOTIFY_RECOVERY_SESSION), 3);
}

/* What the configuration wants to be shown by a receipt is pending until there is one. */
static void
publication_counts_only_where_no_receipts_are_wanted(void **state)
{
	static const struct {
		const char *config, *state;
		int64_t chunks;
	} cases[] = {
	    {"", "pending - -", 0},
	    {"[notifications]\nfile_dates = published\n", "accepted 1772677800000 publication", 0},
	    {"[notifications]\nmode = http\nurl = https://a.example/\nchunk = 2\nfile_dates = published\n",
	     "pending - -", 2}};
	struct run *r = *state;
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		home_configure(r, cases[i].config);
		home_rehearse(r);
		assert_int_equal(count_notified(r, NOTIFY_RECOVERY_SESSION), 3);
		assert_int_equal(home_number(r, "SELECT count(*) FROM notification_chunk"), cases[i].chunks);
		assert_string_equal(
		    frozen_list(
			r, "SELECT state || ' ' || coalesce(accepted_at, '-') || ' ' || coalesce(proof, '-')"
			   " FROM notification WHERE number = 2"),
		    cases[i].state[0] == 'p' ? "pending - -;" : "accepted 1772677800000 publication;");
		home_reopen(r);
	}
}

static void
debit_that_will_not_happen_is_not_notified(void **state)
{
	static const struct {
		const char *why;
		int64_t notified;
	} cases[] = {
	    {"UPDATE bank_file SET state = 'cancelled', cancelled_by = 'a', cancelled_at = 0, cancel_why = 'w'",
	     0},
	    {"UPDATE bank_file SET state = 'withdrawn'", 0},
	    {"UPDATE bank_file SET state = 'rejected'", 0},
	    {"UPDATE bank_file SET state = 'uploaded'", 3},
	    {"UPDATE collection SET live = 0, state = 'rejected', failed_on = '2026-03-05' WHERE profile_number = 2",
	     2},
	};
	struct run *r = *state;
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		home_rehearse(r);
		exec(sql(r->db, cases[i].why));
		if (count_notified(r, NOTIFY_RECOVERY_SESSION) != cases[i].notified)
			fail_msg("%s: not %d notified", cases[i].why, (int)cases[i].notified);
		home_reopen(r);
	}
}

/* --- a payment: at its first sighting, unless it is old by then --------------------------------------------------- */

static void
pay(struct run *r, int64_t number, int status, int64_t authorized, int64_t captured, const char *at)
{
	struct err e = {0};
	instant effective;
	struct stmt *q = sql(
	    r->db,
	    "INSERT INTO card_payment (key, swan_payment, status, effective_at, authorized_in_cents,"
	    "  captured_in_cents) VALUES (" SQL_KEY("1", "$number") ", randomblob(16), $status, $at, $authorized, $captured)");

	assert_int_equal(instant_parse(at, &effective, &e), 0);
	bind_int(q, "$number", number);
	bind_int(q, "$status", status);
	bind_instant(q, "$at", effective);
	bind_int(q, "$authorized", authorized);
	bind_int(q, "$captured", captured);
	exec(q);
}

enum { RECEIVED = 11, AUTHORIZED, CAPTURED, REJECTED, RELEASED };

#define PARAMS "SELECT subject || ' ' || params FROM notification ORDER BY number"

static void
payment_is_notified_by_its_status(void **state)
{
	struct run *r = *state;

	pay(r, 1, RECEIVED, 100, 0, "2026-03-03T12:00:00Z");
	pay(r, 2, AUTHORIZED, 200, 0, "2026-03-03T12:00:00Z");
	pay(r, 3, CAPTURED, 0, 300, "2026-03-03T12:00:00Z");
	pay(r, 4, REJECTED, 400, 0, "2026-03-03T12:00:00Z");
	pay(r, 5, RELEASED, 500, 0, "2026-03-03T12:00:00Z");
	assert_int_equal(count_notified(r, NOTIFY_POST_PAYMENT), 3);
	assert_string_equal(frozen_list(r, PARAMS), "2 {\"amount_in_cents\":200,\"status\":\"authorized\"};"
	                                            "3 {\"amount_in_cents\":300,\"status\":\"captured\"};"
	                                            "4 {\"amount_in_cents\":400,\"status\":\"rejected\"};");
}

static void
payment_is_notified_once_whatever_follows(void **state)
{
	struct run *r = *state;

	pay(r, 1, AUTHORIZED, 200, 0, "2026-03-03T12:00:00Z");
	assert_int_equal(count_notified(r, NOTIFY_POST_PAYMENT), 1);
	home_exec(r, "UPDATE card_payment SET status = 13, captured_in_cents = 180");
	assert_int_equal(count_notified(r, NOTIFY_POST_PAYMENT), 0);
	pay(r, 2, CAPTURED, 0, 5, "2026-03-04T01:00:00Z");
	assert_int_equal(count_notified(r, NOTIFY_POST_PAYMENT), 1);
	assert_string_equal(frozen_list(r, PARAMS), "1 {\"amount_in_cents\":200,\"status\":\"authorized\"};"
	                                            "2 {\"amount_in_cents\":5,\"status\":\"captured\"};");
}

static void
payment_that_succeeds_after_its_reject_is_notified_once_more(void **state)
{
	struct run *r = *state;

	pay(r, 1, REJECTED, 200, 0, "2026-03-03T12:00:00Z");
	pay(r, 2, AUTHORIZED, 300, 0, "2026-03-03T12:00:00Z");
	pay(r, 3, REJECTED, 400, 0, "2026-03-03T12:00:00Z");
	assert_int_equal(count_notified(r, NOTIFY_POST_PAYMENT), 3);
	assert_int_equal(count_notified(r, NOTIFY_POST_PAYMENT), 0);
	home_exec(r, "UPDATE card_payment SET status = 12 WHERE number = 1");
	assert_int_equal(count_notified(r, NOTIFY_POST_PAYMENT), 1);
	home_exec(r, "UPDATE card_payment SET status = 13, captured_in_cents = 180");
	assert_int_equal(count_notified(r, NOTIFY_POST_PAYMENT), 1);
	assert_int_equal(count_notified(r, NOTIFY_POST_PAYMENT), 0);
	assert_string_equal(frozen_list(r, PARAMS " LIMIT -1 OFFSET 3"),
	                    "1/2 {\"amount_in_cents\":200,\"status\":\"authorized\"};"
	                    "3/2 {\"amount_in_cents\":180,\"status\":\"captured\"};");
}

static void
payment_that_is_old_is_not_notified(void **state)
{
	static const struct {
		const char *config, *at;
		int64_t notified;
	} cases[] = {
	    {"", "2026-02-28T22:59:59.999Z", 0}, /* four days before, in Paris */
	    {"", "2026-02-28T23:00:00Z", 1},
	    {"[notifications]\npost_payment_max_age_days = 4\n", "2026-02-28T22:59:59.999Z", 1},
	    {"[notifications]\npost_payment_max_age_days = 0\n", "2026-03-03T22:59:59.999Z", 0},
	    {"[notifications]\npost_payment_max_age_days = 0\n", "2026-03-03T23:00:00Z", 1},
	};
	struct run *r = *state;
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		home_configure(r, cases[i].config);
		home_rehearse(r);
		pay(r, 1, CAPTURED, 0, 5, cases[i].at);
		if (count_notified(r, NOTIFY_POST_PAYMENT) != cases[i].notified)
			fail_msg("%s %s: not %d notified", cases[i].config, cases[i].at,
			         (int)cases[i].notified);
		home_reopen(r);
	}
}

/* A night is made up: what is old by the day of today is not notified any more. */
static void
payment_is_old_by_the_real_day(void **state)
{
	struct run *r = *state;
	struct err e = {0};

	pay(r, 1, CAPTURED, 0, 5, "2026-03-03T12:00:00Z");
	assert_int_equal(instant_parse("2026-03-07T02:30:00Z", &r->now, &e), 0);
	assert_int_equal(count_notified(r, NOTIFY_POST_PAYMENT), 0);
	assert_int_equal(instant_parse("2026-03-06T02:30:00Z", &r->now, &e), 0);
	assert_int_equal(count_notified(r, NOTIFY_POST_PAYMENT), 1);
}

/* Nobody is notified before the payment, whatever the clock of Swan says. */
static void
payment_of_the_future_is_not_notified_yet(void **state)
{
	struct run *r = *state;

	pay(r, 1, AUTHORIZED, 5, 0, "2026-03-04T02:30:00.001Z");
	assert_int_equal(count_notified(r, NOTIFY_POST_PAYMENT), 0);
	frozen_at(r, "2026-03-04T03:00:00Z");
	assert_int_equal(count_notified(r, NOTIFY_POST_PAYMENT), 1);
}

/* --- a member without the card in a wallet, once ------------------------------------------------------------------ */

static void
reminder_has_a_window(void **state)
{
	static const struct {
		const char *since;
		int64_t notified;
	} cases[] = {
	    {"UPDATE profile SET active_since_at = unixepoch('2026-03-01 23:00:00') * 1000, status = 'active'"
	     " WHERE number = 1",
	     0}, /* two days old */
	    {"UPDATE profile SET active_since_at = unixepoch('2026-03-01 22:59:59') * 1000, status = 'active'"
	     " WHERE number = 1",
	     1},
	    {"UPDATE profile SET active_since_at = unixepoch('2026-03-01 22:59:59') * 1000, status = 'inactive'"
	     " WHERE number = 1",
	     0},
	    {"UPDATE profile SET active_since_at = unixepoch('2025-11-01 12:00:00') * 1000, status = 'active'"
	     " WHERE number = 1",
	     0}};
	struct run *r = *state;
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		home_rehearse(r);
		exec(sql(r->db, cases[i].since));
		if (count_notified(r, NOTIFY_PROVISIONING_REMINDER) != cases[i].notified)
			fail_msg("%s: not %d notified", cases[i].since, (int)cases[i].notified);
		assert_int_equal(count_notified(r, NOTIFY_PROVISIONING_REMINDER), 0);
		home_reopen(r);
	}
}

static void
reminder_is_not_for_members_with_a_card_in_a_wallet(void **state)
{
	struct run *r = *state;

	home_exec(
	    r,
	    "UPDATE profile SET active_since_at = unixepoch('2026-03-01 12:00:00') * 1000, status = 'active'");
	home_exec(r, "INSERT INTO account_membership (id, profile_number) VALUES ('m1', 1), ('m2', 2)");
	home_exec(
	    r,
	    "INSERT INTO card (id, account_membership_id, status, is_provisioned, created_at, updated_at) VALUES"
	    " ('c1', 'm1', 'Enabled', 0, 0, 0), ('c2', 'm1', 'Enabled', 1, 0, 0), ('c3', 'm2', 'Enabled', 0, 0, 0),"
	    " ('c4', 'm2', 'Canceled', 1, 0, 0)");
	assert_int_equal(count_notified(r, NOTIFY_PROVISIONING_REMINDER), 2);
	assert_string_equal(
	    frozen_list(r, "SELECT profile_number || subject FROM notification ORDER BY number"), "2;3;");
}

/* --- batches ------------------------------------------------------------------------------------------------------ */

static void
batches_have_at_most_max_lines(void **state)
{
	struct run *r = *state;
	int64_t first, batches;

	home_configure(r, "[notifications]\nmax_lines = 2\n");
	assert_int_equal(plan(r, NOTIFY_RECOVERY_SESSION, &first, &batches), 3);
	assert_int_equal(first, 1);
	assert_int_equal(batches, 2);
	assert_string_equal(
	    frozen_list(r, "SELECT number || ' ' || name || ' ' || business_on || ' ' || nth || ' ' || lines"
	                   " FROM notification_batch ORDER BY number"),
	    "1 " RECOVERY " 2026-03-05 1 2;2 " RECOVERY " 2026-03-05 2 1;");
	assert_string_equal(frozen_list(r, "SELECT batch_number FROM notification ORDER BY number"),
	                    "1;1;2;");
	pay(r, 1, CAPTURED, 0, 5, "2026-03-05T01:00:00Z");
	pay(r, 2, CAPTURED, 0, 6, "2026-03-05T01:00:00Z");
	assert_int_equal(plan(r, NOTIFY_POST_PAYMENT, &first, &batches), 2);
	assert_int_equal(first, 3);
	assert_int_equal(batches, 1);
	pay(r, 3, CAPTURED, 0, 7, "2026-03-05T01:00:00Z");
	assert_int_equal(plan(r, NOTIFY_POST_PAYMENT, &first, &batches), 1);
	assert_string_equal(frozen_list(r,
	                                "SELECT number || ' ' || nth || ' ' || lines FROM notification_batch"
	                                " WHERE name = 'alan_pay__post_payment' ORDER BY number"),
	                    "3 1 2;4 2 1;");
}

/* Numbered by member, then by payment as a number: the tenth comes after the second. */
static void
batch_has_one_order(void **state)
{
	struct run *r = *state;

	pay(r, 10, CAPTURED, 0, 1010, "2026-03-03T12:00:00Z");
	pay(r, 2, CAPTURED, 0, 1002, "2026-03-03T12:00:00Z");
	assert_int_equal(count_notified(r, NOTIFY_POST_PAYMENT), 2);
	assert_string_equal(frozen_list(r, "SELECT subject FROM notification ORDER BY number"), "2;10;");
}

static void
batch_is_written_as_json_lines(void **state)
{
	struct run *r = *state;
	int64_t first, batches;

	home_configure(r, "[notifications]\nmax_lines = 1\n");
	plan(r, NOTIFY_RECOVERY_SESSION, &first, &batches);
	assert_string_equal(
	    write_batch(r, first + 1),
	    "{\"notification_id\":\"0badcafe-0700-8000-8000-000000000002\",\"name\":\"" RECOVERY
	    "\",\"app_id\":\"fr\","
	    "\"app_user_id\":\"bob\",\"profile_id\":\"0badcafe-0100-8000-8000-000000000002\",\"subject\":{\"type\":"
	    "\"recovery_debt\",\"id\":\"0badcafe-0500-8000-8008-000000000001\"},\"params\":{\"amount_in_cents\":990,"
	    "\"recovery_date\":\"2026-03-10\",\"direction\":\"debit\"},\"created_at\":\"2026-03-05T02:30:00.000Z\","
	    "\"expires_at\":\"2026-03-09T23:00:00.000Z\"}\n");
	assert_string_equal(write_batch(r, first + 3), "");
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, open_with_file, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_FILE(debit_is_notified_with_the_amount_and_day_of_the_file),
	    WITH_FILE(debit_is_notified_once),
	    WITH_FILE(debit_of_the_next_version_is_notified_again_when_its_day_moved),
	    WITH_FILE(debit_of_the_next_version_is_notified_first_when_the_one_before_was_not),
	    WITH_FILE(debit_is_notified_between_file_and_collection),
	    WITH_FILE(debit_that_will_not_happen_is_not_notified),
	    WITH_FILE(debit_of_the_past_is_not_notified),
	    WITH_FILE(publication_counts_only_where_no_receipts_are_wanted),
	    WITH_FROZEN(payment_is_notified_by_its_status),
	    WITH_FROZEN(payment_is_notified_once_whatever_follows),
	    WITH_FROZEN(payment_that_succeeds_after_its_reject_is_notified_once_more),
	    WITH_FROZEN(payment_that_is_old_is_not_notified),
	    WITH_FROZEN(payment_is_old_by_the_real_day),
	    WITH_FROZEN(payment_of_the_future_is_not_notified_yet),
	    WITH_FROZEN(reminder_has_a_window),
	    WITH_FROZEN(reminder_is_not_for_members_with_a_card_in_a_wallet),
	    WITH_FILE(batches_have_at_most_max_lines),
	    WITH_FROZEN(batch_has_one_order),
	    WITH_FILE(batch_is_written_as_json_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
