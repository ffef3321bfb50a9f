/* sessionview: the page and the lists of a session follow what is done to its files; only those that changed are rewritten. */
#include "tests/withdrawn.h"

#include <errno.h>

#include "stages/core/bank/approval.h"
#include "stages/core/bank/sessionview.h"
#include "stages/core/members/notification.h"

#define SESSION "out/sepa/2026-03-10_20260228-1"
#define PAGE    SESSION "/status.html"
#define NOTICES SESSION "/notices.csv"
#define RETURNS SESSION "/returns.csv"

#define HEAD            "end_to_end_id,profile_id,app_id,app_user_id,notification_id,notified_at,proof,source\n"
#define MEMBER(n, user) "0badcafe-0100-8000-8000-00000000000" n ",fr," user

static int64_t
count_stale(struct run *r)
{
	return value(sql(r->db, "SELECT count(*) FROM stale_session"), -1);
}

static void
says(const char *text)
{
	const char *page = home_read(PAGE);

	assert_non_null(page);
	if (strstr(page, text) == NULL)
		fail_msg("the page does not say: %s", text);
}

static void
says_not(const char *text)
{
	assert_null(strstr(home_read(PAGE), text));
}

static void
made(struct run *r)
{
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	publish_place(r);
	sessionview_refresh(r);
}

static void
notify_members(struct run *r)
{
	int64_t batches;

	frozen_at(r, "2026-03-05T02:30:00Z");
	tx_begin(r->db);
	assert_true(notification_plan(r, NOTIFY_RECOVERY_SESSION, &batches) > 0);
	tx_commit(r->db);
	sessionview_refresh(r);
}

static void
approve(struct run *r, const char *person)
{
	struct bankfile f = load(r, 1);

	r->as = person;
	approval_give(r, &f, f.sha256);
	sessionview_refresh(r);
}

static void
page_follows_a_file_from_its_making_to_its_settlement(void **state)
{
	struct run *r = *state;
	struct bankfile f;

	home_configure(r, "[notifications]\nfile_dates = published\n");
	made(r);
	says("<h2>" MSG_ID ": generated</h2>");
	says("needs 2 more approvals");
	says("<code>alanpay sepa approve --file " MSG_ID "</code>");
	says("<dt>Approvals</dt><dd>0 of 2</dd>");
	says("<dt>Members notified</dt><dd>0 of 3, by the end of 2026-03-08</dd>");
	says("<dt>Not notified</dt><dd>3 not made");
	says("<dt>Account credited</dt><dd>FR76***0189</dd>");
	says_not("Returned so far");
	notify_members(r);
	says("<dd>3 of 3, by the end of 2026-03-08</dd>");
	says("<dd>3 published, on 2026-03-05 at 02:30 UTC</dd>");
	approve(r, "alice");
	approve(r, "bob");
	says("<dd>2 of 2</dd><dt>Approved</dt><dd>by alice (any) on 2026-03-05 at 02:30 UTC</dd>");
	says("needs a clean audit");
	home_exec(r, "INSERT INTO stage_run (stage, business_on, now_at, state, exit_status, pid, started_at)"
	             " VALUES ('audit', '2026-03-05', 0, 'done', 0, 1, 0)");
	assert_int_equal(bankfile_mark_audited(r), 1);
	sessionview_refresh(r);
	says("<code>alanpay sepa release --file " MSG_ID "</code>");
	f = load(r, 1);
	release_bank_file(r, &f);
	f = load(r, 1);
	assert_true(release_mark_uploaded(r, &f, "EB <7>"));
	sessionview_refresh(r);
	says("<dt>Released</dt><dd>by bob (any) on 2026-03-05 at 02:30 UTC</dd>");
	says("bank reference EB &lt;7&gt;</dd>");
	says("<dt>No answer yet</dt><dd>3 debits, ");
	says("<dt>Returned so far</dt><dd>none</dd>");
}

static void
page_sums_what_came_back(void **state)
{
	struct run *r = *state;

	home_exec(r, "UPDATE collection SET state = 'booked', booked_on = '2026-03-10'");
	home_exec(
	    r, "UPDATE collection SET state = 'returned', live = 0, failed_on = '2026-03-12', reason = 'AM04'"
	       " WHERE profile_number = 2");
	home_exec(
	    r, "UPDATE collection SET state = 'rejected', live = 0, failed_on = '2026-03-09', reason = 'AC04'"
	       " WHERE profile_number = 1");
	sessionview_refresh(r);
	says("<dt>Booked</dt><dd>1 debit, 100,00\u00A0EUR</dd>");
	says("<dd>2 debits, 22,40\u00A0EUR: 1 rejected, 1 returned after the booking</dd>");
	assert_non_null(strstr(home_read(RETURNS), "\n" ADA ","));
	home_exec(r, "UPDATE collection SET state = 'booked', live = 1, failed_on = NULL, reason = NULL");
	sessionview_refresh(r);
	says("<dt>Returned so far</dt><dd>none</dd>");
	assert_null(strstr(home_read(RETURNS), ADA));
}

/* By a batch, by a file of receipts, by an answer; and not. */
static void
notices_have_the_proof_of_each_member(void **state)
{
	struct run *r = *state;

	made(r);
	assert_string_equal(home_read(NOTICES), HEAD ADA "," MEMBER("1", "ada") ",,,,\n" BOB "," MEMBER(
						    "2", "bob") ",,,,\n" CYD "," MEMBER("3", "cyd") ",,,,\n");
	notify_members(r);
	assert_non_null(strstr(home_read(NOTICES), "0badcafe-0700-8000-8000-000000000001,,,\n"));
	home_exec(r, "UPDATE notification SET state = 'accepted', accepted_at = created_at,"
	             "  proof = CASE profile_number WHEN 1 THEN 'publication' ELSE 'receipt' END");
	home_exec(r, "INSERT INTO notification_chunk (number, batch_number, nth, first_number, last_number)"
	             " VALUES (9, 1, 4, 3, 3)");
	home_exec(r,
	          "INSERT INTO receipt (number, notification_number, status, answered_at, input_number, line,"
	          "  chunk_number, stored_at)"
	          " SELECT number, number, 'accepted', 0, CASE number WHEN 2 THEN 1 END, 1,"
	          "  CASE number WHEN 3 THEN 9 END, 0 FROM notification WHERE proof = 'receipt'");
	sessionview_refresh(r);
	assert_non_null(strstr(home_read(NOTICES),
	                       "2026-03-05T02:30:00Z,published,"
	                       "out/notifications/2026-03-05/alan_pay__recovery_session-1.jsonl\n"));
	assert_non_null(strstr(home_read(NOTICES), "2026-03-05T02:30:00Z,receipt,0badcafe-1-4\n"));
	assert_null(strstr(home_read(NOTICES), "receipt,\n"));
}

static void
pages_show_no_iban_and_no_name(void **state)
{
	struct run *r = *state;

	made(r);
	notify_members(r);
	says_not("FR7630006000011234567890189");
	says_not("Ada");
	assert_null(strstr(home_read(NOTICES), "7890189"));
}

static void
views_that_are_deleted_come_back_with_the_same_bytes(void **state)
{
	static char before[65536];
	struct run *r = *state;

	made(r);
	snprintf(before, sizeof(before), "%s", home_read(PAGE));
	assert_int_equal(unlink(PAGE), 0);
	assert_int_equal(unlink(NOTICES), 0);
	sessionview_refresh(r);
	assert_false(home_has(PAGE)); /* nothing changed */
	sessionview_refresh_all(r);
	assert_string_equal(home_read(PAGE), before);
	assert_true(home_has(NOTICES));
	home_exec(r, "UPDATE bank_file SET state = 'settled'");
	sessionview_refresh_all(r);
	assert_int_equal(unlink(PAGE), 0);
	sessionview_refresh_all(r);
	assert_true(home_has(PAGE));
}

static ino_t
file_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

/* Settled in an earlier month: whatever happens elsewhere, nobody reads it. */
static void
views_of_a_session_that_did_not_change_stay(void **state)
{
	struct run *r = *state;
	struct stat st;
	ino_t before;

	made(r);
	home_exec(r, "UPDATE bank_file SET state = 'settled'");
	sessionview_refresh(r);
	assert_int_equal(link(PAGE, "kept"), 0); /* its number is not given to another file */
	before = file_of(PAGE);
	sessionview_refresh_all(r);
	assert_int_equal(file_of(PAGE), before);
	home_exec(
	    r, "UPDATE collection SET state = 'returned', live = 0, failed_on = '2026-04-09', reason = 'MD06'"
	       " WHERE profile_number = 2");
	assert_int_equal(count_stale(r), 1);
	sessionview_refresh_all(r);
	assert_int_not_equal(file_of(PAGE), before);
	assert_int_equal(count_stale(r), 0);
	assert_int_equal(stat(RETURNS, &st), 0);
}

/* Each kind of change, as the triggers see it. */
static void
changes_of_every_kind_are_noted(void **state)
{
	static const char *const changes[] = {
	    "UPDATE bank_file SET audited_on = '2026-03-09'",
	    "INSERT INTO approval SELECT number, 'eve', 'any', NULL, NULL, NULL, sha256, config_sha256, 0 FROM bank_file",
	    "INSERT INTO rejection (file_number, nth, person, identity, why, rejected_at) VALUES (1, 1, 'eve', 'any', 'why', 0)",
	    "UPDATE rejection SET withdrawn_at = 0, withdrawn_identity = 'any'",
	    "INSERT INTO withdrawal VALUES (1, 'eve', 'any', 'carry', 'why', 0, 0, 0)",
	    "UPDATE withdrawal SET way = 'rebuild'",
	    "UPDATE collection SET moved_on = '2026-03-12'",
	    "UPDATE collection SET fee_in_cents = 12",
	    "UPDATE notification SET state = 'expired' WHERE name = 'alan_pay__recovery_session'",
	};
	struct run *r = *state;
	size_t i;

	made(r);
	notify_members(r);
	for (i = 0; i < LENGTH(changes); i++) {
		assert_int_equal(count_stale(r), 0);
		home_exec(r, changes[i]);
		assert_int_equal(count_stale(r), 1);
		sessionview_refresh(r);
	}
}

/* What a change makes stale: the page always, and these lists. */
static void
only_the_lists_that_a_change_shows_in_are_noted(void **state)
{
	static const struct {
		const char *change;
		int notices, returns;
	} changes[] = {
	    {"UPDATE bank_file SET state = 'uploaded'", 0, 0},
	    {"UPDATE collection SET state = 'booked', booked_on = '2026-03-10'", 0, 0},
	    {"UPDATE collection SET state = 'returned', live = 0, failed_on = '2026-03-12' WHERE profile_number = 2",
	     0, 1},
	    {"UPDATE bank_entry SET state = 'applied', collection = '" BOB "'", 0, 1},
	    {"UPDATE collection SET state = 'booked', live = 1, failed_on = NULL WHERE profile_number = 2", 0,
	     1},
	    {"UPDATE notification SET state = 'expired', accepted_at = NULL, proof = NULL", 1, 0},
	};
	struct run *r = *state;
	size_t i;

	made(r);
	notify_members(r);
	home_exec(
	    r,
	    "INSERT INTO bank_message (number, kind, msg_id, document, created_at, entries, repeated, of_others,"
	    "  input_number) VALUES (1, 'camt.054', 'N', 1, 0, 1, 0, 0, 1)");
	home_exec(
	    r,
	    "INSERT INTO bank_entry (number, message_number, nth, line, kind, event_on, fingerprint, occurrence,"
	    "  message_kind, state) VALUES (1, 1, 1, 1, 'return', '2026-03-12', zeroblob(32), 1, 'camt.054', 'new')");
	for (i = 0; i < LENGTH(changes); i++) {
		home_exec(r, changes[i].change);
		assert_int_equal(count_stale(r), 1);
		assert_int_equal(home_number(r, "SELECT notice_list FROM stale_session"), changes[i].notices);
		assert_int_equal(home_number(r, "SELECT return_list FROM stale_session"), changes[i].returns);
		sessionview_refresh(r);
	}
}

/* A link keeps the number of the old file from being given to another one. */
static ino_t
keep(const char *path)
{
	(void)unlink("kept");
	assert_int_equal(link(path, "kept"), 0);
	return file_of(path);
}

static void
lists_that_did_not_change_are_not_written_again(void **state)
{
	struct run *r = *state;
	ino_t before;

	made(r);
	before = keep(NOTICES);
	home_exec(
	    r, "UPDATE collection SET state = 'returned', live = 0, failed_on = '2026-03-12', reason = 'AM04'"
	       " WHERE profile_number = 2");
	sessionview_refresh_all(r);
	assert_int_equal(file_of(NOTICES), before);
	assert_true(home_has(RETURNS));
	before = keep(RETURNS);
	notify_members(r);
	sessionview_refresh_all(r);
	assert_int_equal(file_of(RETURNS), before);
}

static void
views_are_for_the_group_that_may_read_the_folder(void **state)
{
	struct run *r = *state;
	struct stat st;

	assert_true(mkdir("out", 0700) == 0 || errno == EEXIST);
	assert_true(mkdir("out/sepa", 0700) == 0 || errno == EEXIST);
	assert_int_equal(chmod("out/sepa", 02750), 0);
	made(r);
	assert_int_equal(stat(PAGE, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(stat(NOTICES, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

#define FROZEN(test)   cmocka_unit_test_setup_teardown(test, frozen_open, home_teardown)
#define RELEASED(test) cmocka_unit_test_setup_teardown(test, open_released, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FROZEN(page_follows_a_file_from_its_making_to_its_settlement),
	    RELEASED(page_sums_what_came_back),
	    FROZEN(notices_have_the_proof_of_each_member),
	    FROZEN(pages_show_no_iban_and_no_name),
	    FROZEN(views_that_are_deleted_come_back_with_the_same_bytes),
	    FROZEN(views_of_a_session_that_did_not_change_stay),
	    FROZEN(changes_of_every_kind_are_noted),
	    FROZEN(only_the_lists_that_a_change_shows_in_are_noted),
	    FROZEN(lists_that_did_not_change_are_not_written_again),
	    FROZEN(views_are_for_the_group_that_may_read_the_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
