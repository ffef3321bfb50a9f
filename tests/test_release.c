/* release: a file that may be released, and each reason to refuse one. */
#include "tests/frozen.h"

#include "formats/length.h"
#include "stages/core/bank/approval.h"
#include "stages/core/bank/make.h"
#include "stages/core/bank/notified.h"
#include "stages/core/bank/release.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/journal.h"
#include "stages/core/members/notification.h"

/* Publication counts as notice, unless `dates` says otherwise. */
static void
configure_notices(struct run *r, const char *dates, const char *more)
{
	char text[1024];

	assert_true(snprintf(text, sizeof(text), "%s[notifications]\nfile_dates = %s\n%s", HOME_CONFIG, dates,
	                     more) < (int)sizeof(text));
	config_free(r->config);
	r->config = home_config(text);
}

static void
configure(struct run *r, const char *more)
{
	configure_notices(r, "published", more);
}

static void
check(struct run *r)
{
	struct bankfile f;

	assert_true(bankfile_load(r, 1, &f));
	release_check(r, &f);
}

static void
check_next(struct run *r)
{
	struct bankfile f;

	assert_true(bankfile_load(r, 2, &f));
	release_check(r, &f);
}

static void
notify_members(struct run *r)
{
	int64_t batches;

	tx_begin(r->db);
	assert_true(notification_plan(r, NOTIFY_RECOVERY_SESSION, &batches) > 0);
	tx_commit(r->db);
}

static void
end_audit(struct run *r, enum exit_status status)
{
	journal_begin(r, "audit");
	journal_end(r, status, "");
	r->stage_run = 0;
}

static void
approve(struct run *r, const char *person)
{
	struct bankfile f;

	assert_true(bankfile_load(r, 1, &f));
	r->as = person;
	approval_give(r, &f, f.sha256);
}

/* Made in the night to Wednesday 4 March, members notified and audited in the next, approved twice, due on 10 March. */
static int
open_releasable(void **state)
{
	struct run *r;

	frozen_open(state);
	r = *state;
	configure(r, "");
	home_exec(r, "DROP TRIGGER notification_is_never_changed");
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	frozen_at(r, "2026-03-05T02:30:00Z");
	notify_members(r);
	assert_int_equal(bankfile_mark_audited(r), 1);
	end_audit(r, EXIT_DONE);
	approve(r, "alice");
	approve(r, "bob");
	frozen_at(r, "2026-03-05T08:30:00Z");
	return 0;
}

static void
release_passes_when_every_check_does(void **state)
{
	struct run *r = *state;
	int64_t before = store_changes(r->db);

	check(r);
	assert_int_equal(store_changes(r->db), before);
}

static void
release_needs_every_approval(void **state)
{
	struct run *r = *state;

	home_exec(r, "DELETE FROM approval WHERE approver = 'bob'");
	home_dies(r, check, EXIT_FORBIDDEN, "1 of 2 approvals");
	configure(r, "[release]\napprovals = 1\n");
	check(r);
	configure(r, "[release]\napprovals = 3\n");
	home_dies(r, check, EXIT_FORBIDDEN, "1 of 3 approvals");
}

/* Before anything else: the file will never be released, whatever else is missing. */
static void
release_refuses_a_creditor_that_the_configuration_has_changed(void **state)
{
	static const char *const cases[][2] = {
	    {"[creditor]\nname = Other SA\nidentifier = FR72ZZZ123456\niban = FR7630006000011234567890189\n",
	     "another name now"},
	    {"[creditor]\nname = Alan SA\nidentifier = FR72ZZZ123456\niban = DE89370400440532013000\n",
	     "another account now"},
	    {"[creditor]\nname = Alan SA\nidentifier = FR72ZZZ123456\niban = FR7630006000011234567890189\n"
	     "bic = AGRIFRPP\n",
	     "another BIC now"},
	};
	struct run *r = *state;
	char text[512];
	size_t i;

	home_exec(r, "DELETE FROM approval");
	for (i = 0; i < LENGTH(cases); i++) {
		snprintf(text, sizeof(text), "%s[environment]\nname = test\n", cases[i][0]);
		config_free(r->config);
		r->config = home_config(text);
		home_dies(r, check, EXIT_FORBIDDEN, cases[i][1]);
		assert_non_null(
		    strstr(home_read("said"), "sepa cancel --file 0badcafe-20260228-1-D1 --why TEXT"));
		assert_non_null(strstr(home_read("said"), "`, then `alanpay collect"));
	}
}

static void
release_needs_an_audit_after_the_file(void **state)
{
	struct run *r = *state;

	home_exec(r, "UPDATE bank_file SET audited_on = NULL");
	home_dies(r, check, EXIT_BUSY, "no clean audit since the file was made");
}

static void
release_needs_the_last_audit_clean(void **state)
{
	struct run *r = *state;

	end_audit(r, EXIT_BUG);
	home_dies(r, check, EXIT_BUSY, "no clean audit since the file was made");
	end_audit(r, EXIT_HELD); /* open exceptions, but the books are right */
	check(r);
	journal_begin(r, "audit"); /* killed */
	home_dies(r, check, EXIT_BUSY, "no clean audit since the file was made");
	end_audit(r, EXIT_DONE);
	check(r);
}

static void
release_needs_an_audit(void **state)
{
	struct run *r = *state;

	home_exec(r, "DELETE FROM stage_run");
	home_dies(r, check, EXIT_BUSY, "no clean audit since the file was made");
}

/* A limit one below the value of the file refuses it; a limit at the value does not. */
static void
release_keeps_to_the_limits(void **state)
{
	static const struct {
		const char *below, *at, *words;
	} cases[] = {
	    {"[release]\nmax_debit_cents = 9999\n", "[release]\nmax_debit_cents = 10000\n",
	     "a debit is above the limit max_debit_cents"},
	    {"[release]\nmax_total_cents = 12239\n", "[release]\nmax_total_cents = 12240\n",
	     "the total is above the limit max_total_cents"},
	    {"[release]\nmax_debits = 2\n", "[release]\nmax_debits = 3\n",
	     "the number of debits is above the limit max_debits"},
	};
	struct run *r = *state;
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		configure(r, cases[i].below);
		home_dies(r, check, EXIT_FORBIDDEN, cases[i].words);
		configure(r, cases[i].at);
		check(r);
	}
}

static void
release_needs_every_mandate_in_force(void **state)
{
	static const char *const why[] = {
	    "UPDATE mandate SET status = 'suspended' WHERE number = 2",
	    "UPDATE mandate SET status = 'blocked' WHERE number = 2",
	    "UPDATE mandate SET status = 'expired' WHERE number = 2",
	    "UPDATE mandate SET status = 'superseded' WHERE number = 2",
	};
	struct run *r = *state;
	size_t i;

	for (i = 0; i < LENGTH(why); i++) {
		exec(sql(r->db, why[i]));
		home_dies(r, check, EXIT_FORBIDDEN,
		          "the mandate of debit 0badcafe050080008008000000000001 is not in force any more");
		home_exec(r, "UPDATE mandate SET status = 'active'");
	}
	check(r);
}

static void
release_needs_no_mandate_amended_since(void **state)
{
	struct run *r = *state;

	frozen_declare(r, 2, "RUM-2", "Bob", "FR7630006000011234567890189");
	home_dies(r, check, EXIT_FORBIDDEN,
	          "the mandate of debit 0badcafe050080008008000000000001 is not in force any more");
}

/* Two TARGET days before Tuesday 10 March, 11:30 in Paris, is Friday 6 March. */
static void
release_needs_a_day_that_the_bank_can_meet(void **state)
{
	struct run *r = *state;

	frozen_at(r, "2026-03-06T10:29:59Z");
	check(r);
	frozen_at(r, "2026-03-06T10:30:00Z");
	home_dies(r, check, EXIT_FORBIDDEN, "it is too late for its due date, 2026-03-10");
	frozen_at(r, "2026-03-09T06:00:00Z");
	home_dies(r, check, EXIT_FORBIDDEN, "it is too late for its due date");
}

static void
hold(struct run *r, const char *code, int64_t profile)
{
	exception_open(r, &(struct exception){.kind = "bank_entry",
	                                      .key = "k",
	                                      .code = code,
	                                      .message = "m",
	                                      .record = "{}",
	                                      .profile = profile});
}

static void
release_needs_no_open_exception_of_its_members(void **state)
{
	struct run *r = *state;
	bool created;

	hold(r, "amount_differs", 3);
	home_dies(r, check, EXIT_FORBIDDEN, "an open exception may concern a member in it");
	exception_close(r, "bank_entry", "k");
	check(r);
	hold(r, "amount_differs", profile_declare(r, "fr", "dan", 1, 9, &created));
	check(r);
}

static void
release_ignores_an_open_offboarding(void **state)
{
	struct run *r = *state;

	exception_open(r, &(struct exception){.kind = "offboarding",
	                                      .key = "k",
	                                      .code = "offboarding_overdue",
	                                      .message = "m",
	                                      .profile = 3});
	check(r);
}

/* A bank entry that names no member may concern a member in the file, whatever its code. */
static void
release_needs_no_open_exception_that_may_concern_its_members(void **state)
{
	static const char *const codes[] = {"bulk_amount_differs",  "unexpected_answer",
	                                    "reject_after_booking", "unknown_return",
	                                    "unknown_credit",       "a_new_code"};
	struct run *r = *state;
	size_t i;

	for (i = 0; i < LENGTH(codes); i++) {
		hold(r, codes[i], 0);
		home_dies(r, check, EXIT_FORBIDDEN, "an open exception may concern a member in it");
		exception_close(r, "bank_entry", "k");
		check(r);
	}
}

/* A held entry may name a member who is not in the file, and yet the file. */
static void
release_needs_no_open_exception_that_names_the_file(void **state)
{
	struct run *r = *state;
	bool created;
	char key[80];

	snprintf(key, sizeof(key), "%064d-1", 0);
	home_exec(
	    r,
	    "INSERT INTO bank_message (number, kind, msg_id, document, created_at, entries, repeated, of_others, input_number)"
	    " VALUES (1, 'pain.002', 'M', 1, 0, 1, 0, 0, 1)");
	home_exec(
	    r,
	    "INSERT INTO bank_entry (number, message_number, nth, line, kind, msg_id, event_on, fingerprint,"
	    "  occurrence, message_kind, state)"
	    " VALUES (1, 1, 1, 1, 'status', (SELECT msg_id FROM bank_file), '2026-03-05', zeroblob(32), 1,"
	    "  'pain.002', 'held')");
	exception_open(r, &(struct exception){.kind = "bank_entry",
	                                      .key = key,
	                                      .code = "unknown_debit",
	                                      .message = "m",
	                                      .profile = profile_declare(r, "fr", "dan", 1, 9, &created)});
	home_dies(r, check, EXIT_FORBIDDEN, "exception 1 (unknown_debit)");
	home_exec(r, "UPDATE bank_entry SET msg_id = 'another'");
	check(r);
}

static void
refuse_file(struct run *r, const char *kind)
{
	char insert[256];

	snprintf(insert, sizeof(insert),
	         "INSERT INTO input (number, kind, name, sha256, size, state, code, kept_at, received_on)"
	         " VALUES (77, '%s', 'C54.xml', zeroblob(32), 1, 'refused', 'malformed_xml', 'q/C54.xml',"
	         "  '2026-03-05')",
	         kind);
	home_exec(r, insert);
	exception_open(
	    r, &(struct exception){
		   .kind = "file", .key = "q/C54.xml", .code = "malformed_xml", .message = "m", .input = 77});
}

static void
release_needs_every_bank_report_read(void **state)
{
	struct run *r = *state;

	refuse_file(r, "bank");
	home_dies(r, check, EXIT_FORBIDDEN, "the bank report C54.xml could not be read (malformed_xml)");
	exception_resolve(r, 1, "duplicate", "sent again");
	check(r);
}

static void
release_ignores_other_files_in_quarantine(void **state)
{
	struct run *r = *state;

	refuse_file(r, "requests");
	check(r);
}

static void
release_needs_an_empty_inbox_of_the_bank(void **state)
{
	struct run *r = *state;

	home_write("inbox/bank/.C54.xml", "unfinished");
	home_write("inbox/bank/C54.xml.part", "unfinished");
	home_write("inbox/bank/C54.xml.tmp", "unfinished");
	home_write("inbox/bank/C54.xml.sha256", "of another");
	check(r);
	home_write("inbox/bank/C54.xml", "unread");
	home_dies(r, check, EXIT_FORBIDDEN, "1 bank report is in inbox/bank not read yet");
	home_write("inbox/bank/C53.xml", "unread");
	home_dies(r, check, EXIT_FORBIDDEN,
	          "2 bank reports are in inbox/bank not read yet, and returns may be in"
	          " them (C53.xml, ...)");
}

/* It stays in the inbox after the decision: it can only be removed by hand. */
static void
release_needs_a_decision_about_what_is_no_file(void **state)
{
	static const struct exception folder = {
	    .kind = "file", .key = "inbox/bank/folder", .code = "not_a_file", .message = "m"};
	struct run *r = *state;

	assert_int_equal(mkdir("inbox/bank/folder", 0700), 0);
	home_dies(r, check, EXIT_FORBIDDEN, "not read yet");
	exception_open(r, &folder);
	home_dies(r, check, EXIT_FORBIDDEN, "not read yet");
	exception_resolve(r, 1, "not_ours", "a folder");
	check(r);
	exception_open(r,
	               &(struct exception){
			   .kind = "file", .key = "inbox/bank/other", .code = "not_a_file", .message = "m"});
	home_dies(r, check, EXIT_FORBIDDEN,
	          "the bank report inbox/bank/other could not be read (not_a_file)");
}

static void
release_needs_debits_that_the_bank_has_not_reported_on(void **state)
{
	static const char *const answers[] = {
	    "UPDATE collection SET state = 'accepted' WHERE profile_number = 2",
	    "UPDATE collection SET state = 'booked', booked_on = '2026-03-05' WHERE profile_number = 2",
	    "UPDATE collection SET state = 'rejected', live = 0, failed_on = '2026-03-05' WHERE profile_number = 2",
	};
	struct run *r = *state;
	size_t i;

	for (i = 0; i < LENGTH(answers); i++) {
		exec(sql(r->db, answers[i]));
		home_dies(r, check, EXIT_FORBIDDEN, "the bank has already reported on debits in it");
	}
}

static void
release_needs_every_member_notified(void **state)
{
	struct run *r = *state;

	home_exec(r, "DELETE FROM notification WHERE profile_number = 2");
	home_dies(r, check, EXIT_BUSY, "1 member was not notified in time");
	configure(r, "[release]\nrequire_notice = no\n");
	check(r);
}

static void
release_needs_the_notice_to_be_of_this_debit(void **state)
{
	struct run *r = *state;

	home_exec(r, "UPDATE notification SET subject = 'another' WHERE profile_number = 2");
	home_dies(r, check, EXIT_BUSY, "1 member was not notified in time");
	home_exec(r, "UPDATE notification SET subject = (SELECT end_to_end_id FROM collection"
	             "  WHERE profile_number = 2), name = 'alan_pay__post_payment' WHERE profile_number = 2");
	home_dies(r, check, EXIT_BUSY, "1 member was not notified in time");
}

/* The notice of a cancelled version counts for the next one when it says the same, and only then. */
static void
release_accepts_the_same_notice_of_a_cancelled_version(void **state)
{
	struct run *r = *state;
	struct bankfile f;

	assert_true(bankfile_load(r, 1, &f));
	bankfile_cancel(r, &f, "why");
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	assert_int_equal(bankfile_mark_audited(r), 1);
	configure(r, "[release]\napprovals = 0\n");
	home_dies(r, check, EXIT_FORBIDDEN, "has already reported on"); /* the first version is void */
	assert_true(bankfile_load(r, 2, &f));
	release_check(r, &f);
	home_exec(r, "UPDATE notification SET params = replace(params, '2026-03-10', '2026-03-11')"
	             " WHERE profile_number = 2");
	home_dies(r, check_next, EXIT_BUSY, "1 member was not notified in time");
	home_exec(r, "UPDATE notification SET params = replace(params, '2026-03-11', '2026-03-10')");
	home_exec(r,
	          "UPDATE notification SET params = replace(params, '990', '991') WHERE profile_number = 2");
	home_dies(r, check_next, EXIT_BUSY, "1 member was not notified in time");
}

/* Notified of one day, then of another: the first notice does not count any more. */
static void
release_needs_the_last_notice_to_be_of_this_debit(void **state)
{
	struct run *r = *state;

	home_exec(
	    r,
	    "INSERT INTO notification (number, name, subject_type, subject, attempt, profile_number, params,"
	    "  batch_number, created_at, expires_at, state, accepted_at, proof) SELECT number + 10, name,"
	    "  subject_type, subject || '/2', 1, profile_number, replace(params, '2026-03-10', '2026-03-12'),"
	    "  batch_number, created_at, expires_at, state, accepted_at, proof"
	    " FROM notification WHERE profile_number = 3");
	home_dies(r, check, EXIT_BUSY, "1 member was not notified in time");
	home_exec(r, "UPDATE notification SET created_at = unixepoch('2026-03-09T12:00:00Z') * 1000"
	             " WHERE number > 10");
	check(r);
}

/* Two days before the 10th is the whole of the 8th, Paris time. */
static void
release_needs_members_notified_in_time(void **state)
{
	struct run *r = *state;

	home_exec(r, "UPDATE notification SET accepted_at = unixepoch('2026-03-08T22:59:59Z') * 1000");
	check(r);
	home_exec(r, "UPDATE notification SET accepted_at = unixepoch('2026-03-08T23:00:01Z') * 1000");
	home_dies(r, check, EXIT_BUSY, "3 members were not notified in time, by 2026-03-08");
	configure(r, "[recovery]\nnotice_days = 1\n");
	check(r);
}

/* Where receipts are wanted, a batch alone is no notice. */
static void
release_needs_a_receipt_of_each_member(void **state)
{
	struct run *r = *state;

	configure_notices(r, "receipts", "");
	home_dies(r, check, EXIT_BUSY, "3 too late, or without the proof that [notifications] asks for");
	home_exec(r, "UPDATE notification SET proof = 'receipt'");
	check(r);
	home_exec(
	    r,
	    "UPDATE notification SET state = 'pending', accepted_at = NULL, proof = NULL WHERE profile_number = 2");
	home_dies(r, check, EXIT_BUSY, "of 3: 1 without a receipt");
	home_exec(r, "UPDATE notification SET state = 'refused' WHERE profile_number = 2");
	home_dies(r, check, EXIT_BUSY, "of 3: 1 refused by the receiver");
	home_exec(r, "UPDATE notification SET state = 'expired' WHERE profile_number = 2");
	home_dies(r, check, EXIT_BUSY, "of 3: 1 expired before it was delivered");
}

/* What to run depends on what is missing, and on the day. */
static void
release_says_how_members_are_notified(void **state)
{
	struct run *r = *state;

	home_exec(r, "UPDATE notification SET state = 'pending', accepted_at = NULL, proof = NULL"
	             " WHERE profile_number = 3");
	home_dies(r, check, EXIT_BUSY, "inbox/receipts, read them: `alanpay notify");
	configure(r, "mode = http\nurl = https://app.example/notifications\nhmac_secret_file = secret\n");
	home_dies(r, check, EXIT_BUSY, "send them once more: `alanpay notify");
	home_exec(r, "UPDATE notification SET state = 'refused' WHERE profile_number = 3");
	home_dies(r, check, EXIT_BUSY, "they are not sent again: ask the receiver why");
	home_exec(r, "DELETE FROM notification WHERE profile_number = 2");
	home_dies(r, check, EXIT_BUSY,
	          "notify them: `alanpay push_notification send_for_recovery_session --id 20260228-1");
	frozen_at(r, "2026-03-04T08:00:00Z");
	home_dies(r, check, EXIT_BUSY, "the next night notifies them: `alanpay run");
	home_exec(r, "UPDATE bank_file SET state = 'approved'");
	frozen_at(r, "2026-03-09T08:00:00Z");
	configure(r, "[bank]\nlead_target_days = 1\n");
	home_dies(r, check, EXIT_BUSY,
	          "with a later day: `alanpay sepa cancel --file 0badcafe-20260228-1-D1 --why");
}

static void
release_counts_the_notices_and_their_proof(void **state)
{
	struct run *r = *state;
	struct notification_notice n;
	struct bankfile f;

	assert_true(bankfile_load(r, 1, &f));
	home_exec(
	    r,
	    "UPDATE notification SET proof = 'receipt', accepted_at = accepted_at + 1000 WHERE profile_number = 2");
	notified_count(r, &f, &n);
	assert_int_equal(n.debits, 3);
	assert_int_equal(n.notified, 3);
	assert_int_equal(n.by_receipt, 1);
	assert_int_equal(n.last_at - n.first_at, 1000);
}

#define RELEASABLE(test) cmocka_unit_test_setup_teardown(test, open_releasable, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RELEASABLE(release_passes_when_every_check_does),
	    RELEASABLE(release_needs_every_approval),
	    RELEASABLE(release_refuses_a_creditor_that_the_configuration_has_changed),
	    RELEASABLE(release_needs_an_audit_after_the_file),
	    RELEASABLE(release_needs_the_last_audit_clean),
	    RELEASABLE(release_needs_an_audit),
	    RELEASABLE(release_keeps_to_the_limits),
	    RELEASABLE(release_needs_every_mandate_in_force),
	    RELEASABLE(release_needs_no_mandate_amended_since),
	    RELEASABLE(release_needs_a_day_that_the_bank_can_meet),
	    RELEASABLE(release_needs_no_open_exception_of_its_members),
	    RELEASABLE(release_ignores_an_open_offboarding),
	    RELEASABLE(release_needs_no_open_exception_that_may_concern_its_members),
	    RELEASABLE(release_needs_no_open_exception_that_names_the_file),
	    RELEASABLE(release_needs_every_bank_report_read),
	    RELEASABLE(release_ignores_other_files_in_quarantine),
	    RELEASABLE(release_needs_an_empty_inbox_of_the_bank),
	    RELEASABLE(release_needs_a_decision_about_what_is_no_file),
	    RELEASABLE(release_needs_debits_that_the_bank_has_not_reported_on),
	    RELEASABLE(release_needs_every_member_notified),
	    RELEASABLE(release_needs_the_notice_to_be_of_this_debit),
	    RELEASABLE(release_accepts_the_same_notice_of_a_cancelled_version),
	    RELEASABLE(release_needs_the_last_notice_to_be_of_this_debit),
	    RELEASABLE(release_needs_members_notified_in_time),
	    RELEASABLE(release_needs_a_receipt_of_each_member),
	    RELEASABLE(release_says_how_members_are_notified),
	    RELEASABLE(release_counts_the_notices_and_their_proof),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
