/* refund: amounts that Alan owes members, from the freeze to the bank's entries: paid once, to the member's account, while the
 * balance covers them; a refund that comes back is owed again.
 */
#include "tests/frozen.h"

#include "formats/length.h"
#include "stages/core/bank/bankentry.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/handoff.h"
#include "stages/core/bank/make.h"
#include "stages/core/bank/release.h"
#include "stages/core/bank/sessionview.h"
#include "stages/core/engine/config.h"

#define ADA    FROZEN_ID("4")
#define BOB    FROZEN_ID("8")
#define CYD    FROZEN_ID("c")
#define FOLDER "out/sepa/2026-03-10_20260228-1/refunds-v1"
#define NAME   "SCT-20260228-1-20260310-1.xml"
#define MSG_ID "0badcafe-20260228-1-C1"

/* February: Ada is owed 12.50, Bob owes 9.90, Cyd is owed 100.00; each has a mandate. Frozen on 4 March. */
static int
open_owed(void **state)
{
	static const struct frozen_member members[FROZEN_DEBTS] = {
	    {"ada", "RUM-1", "Ada", "FR7630006000011234567890189", -1250},
	    {"bob", "RUM-2", "Bob", "DE89370400440532013000", 990},
	    {"cyd", "RUM-3", "Cyd", "BE68539007547034", -10000}};

	frozen_prepare(state, members);
	return 0;
}

static struct run *
frozen(void **state)
{
	frozen_freeze(*state, 1);
	return *state;
}

static struct run *
made(void **state)
{
	struct run *r = frozen(state);

	assert_true(make_bank_file(r, 1, COLLECTION_REFUND));
	return r;
}

static struct run *
uploaded(void **state)
{
	struct run *r = made(state);

	bankfile_set_state(r, 1, BANKFILE_UPLOADED);
	frozen_at(r, "2026-03-13T02:30:00Z");
	home_exec(
	    r,
	    "INSERT INTO bank_message (number, kind, msg_id, document, created_at, entries, repeated, of_others, input_number)"
	    " VALUES (1, 'camt.054', 'N1', 1, 0, 0, 0, 0, 1)");
	return r;
}

static void
insert_entry(struct run *r, const char *kind, const char *id, const char *reason, cents amount)
{
	struct stmt *q = sql(r->db, "INSERT INTO bank_entry (number, message_number, nth, line, kind, level, status, msg_id,"
	               "  payment_information_id, end_to_end_id, amount_in_cents, event_on, reason,"
	               "  fingerprint, occurrence, message_kind, state)"
	               " SELECT count(*) + 1, 1, 1, 7, $kind, $level, $status, $msg, NULL, $e2e, $amount,"
	               "  '2026-03-10', $reason, randomblob(32), 1, 'camt.054', 'new' FROM bank_entry");
	bool status = strcmp(kind, "status") == 0;

	bind_text(q, "$kind", kind);
	bind_text(q, "$level", status ? "debit" : NULL);
	bind_text(q, "$status", status ? "RJCT" : "BOOK");
	bind_text(q, "$msg", status || id == NULL ? MSG_ID : NULL);
	bind_text(q, "$e2e", id);
	bind_int_or(q, "$amount", amount, 0); /* of a status none is reported */
	bind_text(q, "$reason", reason);
	exec(q);
}

static void
report_entry(struct run *r, const char *kind, const char *id, const char *reason, cents amount)
{
	insert_entry(r, kind, id, reason, amount);
	home_reopen(r);
	r->as = "nightly";
	bankentry_apply(r);
	frozen_check_identity(r);
}

#define HELD   "SELECT code FROM exception WHERE state = 'open' ORDER BY number"
#define STATES "SELECT state FROM collection ORDER BY end_to_end_id"
#define DEBTS                                                                                   \
	"SELECT status || ' ' || coalesce(recovered_in_cents || '/' || refunded_in_cents, '-')" \
	" || coalesce(' ' || failure, '') FROM debt WHERE session_number = 1 ORDER BY profile_number"
#define POSTED_ROWS                                                                                        \
	"SELECT profile_number || ' ' || c.word || ' ' || amount_in_cents || ' ' || transaction_on || ' '" \
	" || coalesce(settled_session, '-') || ' ' || coalesce(session_number, '-')"                       \
	" FROM balance_transaction b JOIN code c ON c.number = b.event WHERE source_kind IN (2, 5)"        \
	" ORDER BY profile_number, b.number"

/* --- the freeze --------------------------------------------------------------------------------------------------- */

static void
amount_owed_to_a_member_is_frozen(void **state)
{
	struct run *r = frozen(state);

	assert_string_equal(
	    frozen_list(r,
	                "SELECT amount_in_cents FROM debt WHERE session_number = 1 ORDER BY profile_number"),
	    "-1250;990;-10000;");
	assert_string_equal(frozen_list(r, DEBTS), "pending -;pending -;pending -;");
	assert_int_equal(home_number(r, "SELECT count(*) FROM exclusion"), 0);
	frozen_check_identity(r);
}

/* Bob owes in session 2 what Alan owes him in session 1: the balance does not cover a refund. */
static void
refund_is_kept_when_the_member_owes_in_another_session(void **state)
{
	struct run *r = *state;

	frozen_spend(r, 1, 1, "ada-march");
	home_exec(r, "UPDATE balance_transaction SET session_number = 2 WHERE amount_in_cents = -1");
	frozen(state);
	assert_string_equal(frozen_list(r, "SELECT profile_number || ' ' || reason || ' ' || amount_in_cents"
	                                   " || ' ' || carried_to_session FROM exclusion"),
	                    "1 offset -1250 2;");
	frozen_check_identity(r);
}

/* A refund of session 1 that is in flight does not cover a refund of session 2. */
static void
refund_in_flight_covers_no_other_refund(void **state)
{
	struct run *r = frozen(state);

	assert_int_equal(debt_refundable(r, 1), 0);
	assert_int_equal(debt_refundable(r, 2), -990);
	frozen_at(r, "2026-03-20T02:30:00Z");
	session_open_configured(r);
	frozen_spend(r, 1, -300, "ada-more");
	debt_assign(r);
	frozen_spend(r, 1, 200, "ada-spends"); /* of April: session 3 */
	home_exec(r, "UPDATE balance_transaction SET session_number = 3 WHERE amount_in_cents = -200");
	home_exec(r, "INSERT INTO debt (profile_number, session_number, status) VALUES (1, 3, 'pending')");
	assert_int_equal(debt_refundable(r, 1), 100);
	frozen_at(r, "2026-04-04T02:30:00Z");
	frozen_freeze(r, 2);
	assert_string_equal(frozen_list(r, "SELECT reason || ' ' || amount_in_cents FROM exclusion"
	                                   " WHERE session_number = 2 AND profile_number = 1"),
	                    "offset -300;");
	frozen_check_identity(r);
}

/* Refunds that failed three times await a person; failed debits do not count. */
static void
refunds_that_failed_three_times_are_kept(void **state)
{
	struct run *r = uploaded(state);

	config_free(r->config);
	r->config = home_config(HOME_CONFIG "[recovery]\nmax_failures = 1\n");
	report_entry(r, "refund_return", ADA, "MS03", 1250);
	frozen_at(r, "2026-04-04T02:30:00Z");
	session_open_configured(r);
	frozen_freeze(r, 2);
	assert_string_equal(frozen_list(r, "SELECT reason || ' ' || amount_in_cents FROM exclusion"
	                                   " WHERE session_number = 2 AND profile_number = 1"),
	                    "too_many_failures -1250;");
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

static void
refunds_have_a_file_of_their_own(void **state)
{
	struct run *r = made(state);
	struct bankfile f, of_block;
	struct bankfile_block b;
	const char *xml;

	assert_true(bankfile_load(r, 1, &f));
	assert_int_equal(f.kind, COLLECTION_REFUND);
	assert_string_equal(f.msg_id, MSG_ID);
	assert_string_equal(f.name, NAME);
	assert_string_equal(f.folder, FOLDER);
	assert_true(bankfile_find_block(r, MSG_ID "-1", &of_block, &b));
	assert_int_equal(of_block.number, 1);
	assert_string_equal(b.sequence_type, "");
	assert_int_equal(f.count, 2);
	assert_int_equal(f.sum, 11250);
	assert_int_equal(f.collect_on, frozen_day("2026-03-10"));
	assert_int_equal(r->count[COUNT_REFUNDS_WRITTEN], 2);
	assert_int_equal(r->count[COUNT_CENTS_TO_REFUND], 11250);
	xml = home_read(FOLDER "/" NAME);
	assert_non_null(strstr(xml, "<CtrlSum>112.50</CtrlSum>"));
	assert_non_null(strstr(xml, "<Nm>Ada</Nm></Cdtr><CdtrAcct><Id><IBAN>FR7630006000011234567890189<"));
	assert_non_null(strstr(xml, "<EndToEndId>" CYD "</EndToEndId>"));
	assert_null(strstr(xml, BOB));
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	assert_string_equal(frozen_list(r, "SELECT msg_id FROM bank_file ORDER BY number"),
	                    MSG_ID ";0badcafe-20260228-1-D1;");
	assert_int_equal(r->count[COUNT_CENTS_TO_COLLECT], 990);
	assert_int_equal(r->count[COUNT_CENTS_TO_REFUND], 11250);
	assert_false(make_bank_file(r, 1, COLLECTION_REFUND));
	assert_false(make_bank_file(r, 1, COLLECTION_DEBIT));
	assert_string_equal(frozen_list(r, DEBTS), "initiated -;initiated -;initiated -;");
}

static void
handoff_of_refunds_has_a_list_and_a_report(void **state)
{
	made(state);
	assert_string_equal(
	    home_read(FOLDER "/refunds.csv"),
	    "end_to_end_id,debt_id,profile_id,app_id,app_user_id,debtor_name,debtor_iban_masked,unique_mandate_reference,"
	    "signature_date,sequence_type,amount_in_cents,requested_collection_date,remittance_information\n" ADA
	    ",0badcafe-0500-8000-8004-000000000001,0badcafe-0100-8000-8000-000000000001,fr,ada,Ada,FR76***0189,RUM-1,"
	    "2026-01-02,,1250,2026-03-10,Alan Pay 2026-02\n" CYD
	    ",0badcafe-0500-8000-800c-000000000001,0badcafe-0100-8000-8000-000000000003,fr,cyd,Cyd,BE68***7034,RUM-3,"
	    "2026-01-02,,10000,2026-03-10,Alan Pay 2026-02\n");
	assert_true(home_has(FOLDER "/refunds.excel-fr.csv"));
	assert_false(home_has(FOLDER "/debits.csv"));
	assert_non_null(strstr(home_read(FOLDER "/manifest.json"), "\"kind\": \"refund\""));
	assert_non_null(strstr(home_read(FOLDER "/report.html"), "2 refunds, 112,50"));
	assert_non_null(strstr(home_read(FOLDER "/report.html"), "due on Tuesday 10 March 2026"));
	assert_non_null(strstr(home_read(FOLDER "/report.html"), "Requested execution date"));
	assert_null(strstr(home_read(FOLDER "/report.html"), "Sequence type"));
}

/* Alan is the debtor, without a creditor identifier. */
static void
report_of_refunds_has_no_creditor(void **state)
{
	made(state);
	assert_null(strstr(home_read(FOLDER "/report.html"), "FR72ZZZ123456"));
	assert_null(strstr(home_read(FOLDER "/manifest.json"), "FR72ZZZ123456"));
	assert_null(strstr(home_read(FOLDER "/manifest.json"), "\"creditor\""));
	assert_non_null(
	    strstr(home_read(FOLDER "/manifest.json"), "\"debtor\": {\n    \"name\": \"Alan SA\""));
}

/* Dan is owed 3.00 and Eve 4.00, neither has a usable mandate; Ada owes 1 cent elsewhere; Bob's debt is below the minimum. */
static void
report_gives_the_reason_of_a_kept_refund_and_its_own_sum(void **state)
{
	static const char *const expected[] = {
	    "next session: no mandate names an account</td>",
	    "next session: the mandate is blocked, its account is wrong or closed</td>",
	    "next session: the member owes in another debt, or a debit may still come back</td>",
	    "1 debt, 9,90\xC2\xA0"
	    "EUR owed by members; 3 debts, 19,50\xC2\xA0"
	    "EUR owed to members"};
	struct run *r = *state;
	const char *report;
	bool created;
	size_t i;

	assert_int_equal(profile_declare(r, "fr", "dan", 1, 4, &created), 4);
	assert_int_equal(profile_declare(r, "fr", "eve", 1, 5, &created), 5);
	frozen_spend(r, 4, -300, "dan");
	frozen_spend(r, 5, -400, "eve");
	frozen_declare(r, 5, "RUM-5", "Eve", "FR7630006000011234567890189");
	home_exec(r, "UPDATE mandate SET status = 'blocked' WHERE profile_number = 5");
	frozen_spend(r, 1, 1, "ada-march");
	home_exec(r, "UPDATE balance_transaction SET session_number = 2 WHERE amount_in_cents = -1");
	config_free(r->config);
	r->config = home_config(HOME_CONFIG "[recovery]\nminimum_cents = 1000\n");
	made(state);
	report = home_read(FOLDER "/report.html");
	for (i = 0; i < LENGTH(expected); i++)
		if (strstr(report, expected[i]) == NULL)
			fail_msg("the report does not say: %s", expected[i]);
	assert_non_null(strstr(home_read(FOLDER "/excluded.csv"), ",-300,offset,"));
	assert_non_null(strstr(home_read(FOLDER "/excluded.csv"), ",-1250,offset,"));
}

static void
report_warns_of_a_debit_that_may_come_back(void **state)
{
	struct run *r = frozen(state);

	make_bank_file(r, 1, COLLECTION_DEBIT);
	home_exec(r, "UPDATE collection SET state = 'booked', booked_on = '2026-03-10'");
	frozen_spend(r, 2, -2000, "bob-is-owed");
	frozen_at(r, "2026-04-04T02:30:00Z");
	session_open_configured(r);
	home_exec(r, "UPDATE debt SET status = 'succeeded', recovered_in_cents = 990, refunded_in_cents = 0"
	             " WHERE profile_number = 2 AND session_number = 1");
	home_exec(r, "UPDATE profile SET balance_in_cents = 2000 WHERE number = 2");
	frozen_freeze(r, 2);
	assert_true(make_bank_file(r, 2, COLLECTION_REFUND));
	assert_non_null(strstr(home_read("out/sepa/2026-04-10_20260331-1/refunds-v1/manifest.json"),
	                       "\"code\": \"debit_may_come_back\""));
}

/* Ada was paid to her account before; Bob was debited, but from another. */
static void
report_warns_of_a_new_account(void **state)
{
	struct run *r = uploaded(state);
	const char *report;

	assert_non_null(
	    strstr(home_read(FOLDER "/manifest.json"),
	           "\"code\": \"new_account\",\n      \"message\": \"Refunds to an account on which no"
	           " debit or refund of the member was booked before\",\n      \"count\": 2"));
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	assert_null(strstr(home_read("out/sepa/2026-03-10_20260228-1/v1/manifest.json"), "new_account"));
	report_entry(r, "debit", ADA, NULL, 1250);
	home_exec(
	    r, "UPDATE collection SET state = 'booked', booked_on = '2026-03-10' WHERE profile_number = 2");
	home_exec(r, "UPDATE debt SET status = 'succeeded', recovered_in_cents = 990, refunded_in_cents = 0"
	             " WHERE profile_number = 2 AND session_number = 1");
	home_exec(r, "UPDATE profile SET balance_in_cents = 0 WHERE number = 2");
	frozen_declare(r, 2, "RUM-2", "Bob", "BE68539007547034");
	frozen_spend(r, 1, -300, "ada-more");
	frozen_spend(r, 2, -400, "bob-more");
	frozen_at(r, "2026-04-04T02:30:00Z");
	session_open_configured(r);
	frozen_freeze(r, 2);
	assert_true(make_bank_file(r, 2, COLLECTION_REFUND));
	report = home_read("out/sepa/2026-04-10_20260331-1/refunds-v1/report.html");
	assert_non_null(strstr(report, "<td>Ada</td>"));
	assert_non_null(strstr(report, "back</span><span class=\"tag\">new account</span></td>"));
}

/* A paid refund does not come back as a debit does. */
static void
report_does_not_warn_of_an_earlier_refund(void **state)
{
	struct run *r = uploaded(state);

	report_entry(r, "debit", ADA, NULL, 1250);
	frozen_spend(r, 1, -300, "ada-more");
	frozen_at(r, "2026-04-04T02:30:00Z");
	session_open_configured(r);
	frozen_freeze(r, 2);
	assert_true(make_bank_file(r, 2, COLLECTION_REFUND));
	assert_null(strstr(home_read("out/sepa/2026-04-10_20260331-1/refunds-v1/manifest.json"),
	                   "debit_may_come_back"));
}

/* Members are notified of debits in time, so a debit may be due later; a refund never is. */
static void
a_refund_needs_no_notice(void **state)
{
	struct run *r = frozen(state);
	struct bankfile f;

	config_free(r->config);
	r->config = home_config(HOME_CONFIG "[recovery]\nrecovery_after_days = 20\nnotice_days = 8\n");
	assert_true(make_bank_file(r, 1, COLLECTION_REFUND));
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	assert_true(bankfile_load(r, 1, &f));
	assert_int_equal(f.collect_on, frozen_day("2026-03-10"));
	assert_true(bankfile_load(r, 2, &f));
	assert_int_equal(f.collect_on, frozen_day("2026-03-13"));
}

/* A debit reports the new account of a mandate to the bank; a transfer names an account, not a mandate. */
static void
a_refund_reports_no_amendment(void **state)
{
	struct run *r = frozen(state);

	home_exec(r, "UPDATE mandate SET last_due_on = '2026-02-10'");
	frozen_declare(r, 1, "RUM-1", "Ada", "DE89370400440532013000");
	assert_true(make_bank_file(r, 1, COLLECTION_REFUND));
	assert_string_equal(frozen_list(r, "SELECT m.iban || ' ' || c.amended FROM collection c"
	                                   " JOIN mandate m ON m.number = c.mandate_number ORDER BY 1"),
	                    "BE68539007547034 0;DE89370400440532013000 0;");
}

static void
a_refund_is_not_made_to_an_uncertain_account(void **state)
{
	struct run *r = frozen(state);

	home_exec(r, "UPDATE mandate SET status = 'blocked' WHERE number = 1");
	home_exec(r, "UPDATE mandate SET status = 'expired' WHERE number = 3");
	assert_true(make_bank_file(r, 1, COLLECTION_REFUND));
	assert_string_equal(frozen_list(r, "SELECT end_to_end_id FROM collection"), CYD ";");
	assert_string_equal(frozen_list(r, DEBTS), "failed 0/0 mandate;pending -;initiated -;");
	assert_string_equal(frozen_list(r, POSTED_ROWS),
	                    "1 refund -1250 2026-03-04 1 -;1 refund 1250 2026-03-04 - 2;");
	frozen_check_identity(r);
}

/* An uncertain account stays uncertain while its mandate expires. */
static void
a_suspended_account_is_not_payable_by_expiring(void **state)
{
	struct run *r = *state;

	home_exec(r, "UPDATE mandate SET status = 'suspended', why = 'AC01', signed_on = '2022-01-01',"
	             " last_due_on = '2023-02-10' WHERE number = 1");
	home_exec(r, "UPDATE mandate SET signed_on = '2022-01-01' WHERE number = 3");
	frozen(state);
	assert_string_equal(frozen_list(r, "SELECT status FROM mandate ORDER BY number"),
	                    "suspended;active;expired;");
	assert_string_equal(frozen_list(r, "SELECT profile_number || ' ' || reason FROM exclusion"),
	                    "1 offset;");
}

static void
a_closed_account_is_not_payable_by_expiring(void **state)
{
	struct run *r = *state;

	home_exec(r, "UPDATE mandate SET signed_on = '2022-01-01' WHERE number = 1");
	uploaded(state);
	report_entry(r, "status", ADA, "AC04", 0);
	assert_string_equal(
	    frozen_list(r, "SELECT status || ' ' || coalesce(why, '') FROM mandate WHERE number = 1"),
	    "blocked AC04;");
}

static void
freeze_next_month(struct run *r, const char *now, int64_t session)
{
	frozen_at(r, now);
	session_open_configured(r);
	frozen_freeze(r, session);
}

/* Only reasons on the member's side count, and only for the account that would be paid now. */
static void
refunds_that_failed_for_other_reasons_do_not_count(void **state)
{
	struct run *r = uploaded(state);

	config_free(r->config);
	r->config = home_config(HOME_CONFIG "[recovery]\nmax_failures = 1\n");
	report_entry(r, "status", ADA, "AM04", 0);
	report_entry(r, "status", CYD, "MS03", 0);
	freeze_next_month(r, "2026-04-04T02:30:00Z", 2);
	assert_string_equal(frozen_list(r, "SELECT profile_number || ' ' || reason FROM exclusion"),
	                    "3 too_many_failures;");
	frozen_declare(r, 3, "RUM-3", "Cyd", "FR7630006000011234567890189");
	freeze_next_month(r, "2026-05-05T02:30:00Z", 3);
	assert_int_equal(home_number(r, "SELECT count(*) FROM exclusion WHERE session_number = 3"), 0);
}

static void
a_refund_is_not_made_when_the_member_owes_since(void **state)
{
	struct run *r = frozen(state);

	frozen_spend(r, 1, 1, "ada-spends");
	assert_true(make_bank_file(r, 1, COLLECTION_REFUND));
	assert_string_equal(frozen_list(r, DEBTS), "failed 0/0 not_covered;pending -;initiated -;");
	assert_string_equal(frozen_list(r, "SELECT -sum(amount_in_cents) FROM balance_transaction"
	                                   " WHERE profile_number = 1 AND session_number = 2"),
	                    "-1249;");
	frozen_check_identity(r);
}

/* The folder of its kind lists a debt dropped since the freeze, with the session that its cents were carried to. */
static void
report_lists_refunds_not_presented(void **state)
{
	struct run *r = frozen(state);

	frozen_spend(r, 1, 1, "ada-spends");
	home_exec(r, "UPDATE mandate SET status = 'blocked' WHERE number = 2");
	assert_false(make_bank_file(r, 1, COLLECTION_DEBIT));
	assert_true(make_bank_file(r, 1, COLLECTION_REFUND));
	assert_string_equal(
	    home_read(FOLDER "/excluded.csv"),
	    "debt_id,profile_id,amount_in_cents,reason,carried_to_session_id,app_id,app_user_id,"
	    "carried_to_session\n"
	    "0badcafe-0500-8000-8004-000000000001,0badcafe-0100-8000-8000-000000000001,-1250,"
	    "not_covered,0badcafe-0400-8000-8000-000000000002,fr,ada,20260331-1\n");
	assert_non_null(strstr(home_read(FOLDER "/report.html"), "Frozen, but not presented in this file"));
	assert_non_null(strstr(home_read(FOLDER "/report.html"), "1 debt, 12,50"));
	assert_non_null(strstr(home_read(FOLDER "/report.html"),
	                       "owes money now: the balance does not cover it</td>"
	                       "<td>20260331-1</td>"));
}

static void
report_names_no_session_while_none_is_open(void **state)
{
	struct run *r = frozen(state);

	home_exec(r, "UPDATE mandate SET status = 'blocked' WHERE number = 1");
	home_exec(r, "UPDATE session SET frozen_at = 1, digest = zeroblob(32) WHERE number = 2");
	assert_true(make_bank_file(r, 1, COLLECTION_REFUND));
	assert_non_null(strstr(home_read(FOLDER "/excluded.csv"), ",-1250,mandate,,fr,ada,\n"));
}

/* --- release ------------------------------------------------------------------------------------------------------ */

static void
check(struct run *r)
{
	struct bankfile f;

	assert_true(bankfile_load(r, 1, &f));
	release_check(r, &f);
}

static struct run *
releasable(void **state)
{
	struct run *r = made(state);

	home_exec(r, "UPDATE bank_file SET audited_on = '2026-03-04'");
	home_exec(
	    r,
	    "INSERT INTO stage_run (number, stage, business_on, now_at, state, exit_status, config_sha256, pid, started_at)"
	    " VALUES (1, 'audit', '2026-03-04', 0, 'done', 0, zeroblob(32), 1, 0)");
	config_free(r->config);
	r->config = home_config(HOME_CONFIG "[release]\napprovals = 0\n");
	return r;
}

static void
release_needs_no_notice_of_a_refund(void **state)
{
	check(releasable(state));
}

static void
release_needs_every_refund_covered(void **state)
{
	struct run *r = releasable(state);

	frozen_spend(r, 3, 1, "cyd-spends");
	home_dies(r, check, EXIT_FORBIDDEN,
	          "the balance of the member does not cover refund " CYD " any more");
}

static void
release_needs_every_account_certain(void **state)
{
	static const char *const status[] = {
	    "UPDATE mandate SET status = 'suspended' WHERE number = 3",
	    "UPDATE mandate SET status = 'blocked' WHERE number = 3",
	    "UPDATE mandate SET status = 'superseded' WHERE number = 3",
	};
	struct run *r = releasable(state);
	size_t i;

	for (i = 0; i < LENGTH(status); i++) {
		exec(sql(r->db, status[i]));
		home_dies(r, check, EXIT_FORBIDDEN,
		          "the account of refund " CYD " is uncertain or has changed");
	}
	home_exec(r, "UPDATE mandate SET status = 'expired' WHERE number = 3");
	check(r);
}

static void
mark_uploaded(struct run *r)
{
	struct bankfile f;

	assert_true(bankfile_load(r, 1, &f));
	release_bank_file(r, &f);
	assert_true(bankfile_load(r, 1, &f));
	release_mark_uploaded(r, &f, "REF");
}

/* A transfer does not use the mandate: neither its last use nor its amendment changes. */
static void
an_uploaded_refund_does_not_use_the_mandate(void **state)
{
	struct run *r = releasable(state);

	mark_uploaded(r);
	assert_true(home_has("out/uploaded/" NAME));
	assert_int_equal(home_number(r, "SELECT count(*) FROM mandate WHERE last_due_on IS NOT NULL"), 0);
}

/* --- the bank's answers ------------------------------------------------------------------------------------------- */

static void
a_refund_is_booked_once(void **state)
{
	struct run *r = uploaded(state);

	report_entry(r, "debit", ADA, NULL, 1250);
	assert_string_equal(frozen_list(r, STATES), "booked;presented;");
	assert_string_equal(frozen_list(r, DEBTS), "succeeded 0/1250;pending -;initiated -;");
	assert_string_equal(frozen_list(r, POSTED_ROWS), "1 refund -1250 2026-03-10 1 -;");
	assert_string_equal(frozen_balances(r), "0;-990;10000;");
	assert_int_equal(r->count[COUNT_REFUNDS_BOOKED], 1);
	report_entry(r, "debit", ADA, NULL, 1250);
	assert_string_equal(frozen_list(r, HELD), "second_debit;");
	assert_string_equal(frozen_balances(r), "0;-990;10000;");
}

static void
refunds_are_booked_in_bulk(void **state)
{
	struct run *r = uploaded(state);

	report_entry(r, "debit", NULL, NULL, 11250);
	assert_string_equal(frozen_list(r, STATES), "booked;booked;");
	assert_string_equal(frozen_balances(r), "0;-990;0;");
	assert_string_equal(frozen_list(r, "SELECT state FROM bank_file"), "settled;");
}

static void
a_credit_does_not_book_a_refund(void **state)
{
	static const struct {
		const char *kind, *id, *held;
		cents amount;
	} cases[] = {
	    {"credit", ADA, "amount_differs;", 1251},
	    {"credit", NULL, "bulk_wrong_direction;", 11250},
	    {"return", ADA, "reversal_without_return;", 1250},
	    {"debit", ADA, "amount_differs;", 1251},
	    {"debit", NULL, "bulk_amount_differs;", 11251},
	    {"debit", BOB, "unknown_entry;", 990},
	    {"refund_return", ADA, "amount_differs;", 1249},
	    {"refund_return", BOB, "unknown_return;", 990},
	};
	struct run *r = uploaded(state);
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		report_entry(r, cases[i].kind, cases[i].id, NULL, cases[i].amount);
		assert_string_equal(frozen_list(r, HELD), cases[i].held);
		assert_string_equal(frozen_list(r, STATES), "presented;presented;");
		home_exec(r, "UPDATE bank_entry SET state = 'noted'");
		home_exec(r, "DELETE FROM exception");
	}
}

/* Charges make the booking of a refund more, and its return less. */
static void
a_refund_may_cost_charges(void **state)
{
	static const struct {
		const char *kind;
		cents amount, fee;
		const char *held, *states;
	} cases[] = {
	    {"debit", 1270, 20, "", "booked;presented;"},
	    {"debit", 1230, 20, "amount_differs;", "presented;presented;"},
	    {"refund_return", 1230, 20, "", "returned;presented;"},
	    {"refund_return", 1270, 20, "amount_differs;", "presented;presented;"},
	};
	struct run *r = uploaded(state);
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		home_reopen(r);
		r->as = "nightly";
		tx_begin(r->db);
		insert_entry(r, cases[i].kind, ADA, "AC04", cases[i].amount);
		home_exec(r, "UPDATE bank_entry SET fee_in_cents = 20");
		bankentry_apply(r);
		assert_string_equal(frozen_list(r, HELD), cases[i].held);
		assert_string_equal(frozen_list(r, STATES), cases[i].states);
		tx_rollback(r->db);
	}
}

/* A bank that books a file has it, although it was not marked as uploaded: then it must not be uploaded again. */
static void
a_booking_proves_that_the_bank_has_the_file(void **state)
{
	struct run *r = uploaded(state);

	home_exec(r, "UPDATE bank_file SET state = 'released'");
	report_entry(r, "debit", ADA, NULL, 1250);
	assert_string_equal(frozen_list(r, "SELECT state FROM bank_file"), "accepted;");
	home_exec(r, "UPDATE bank_file SET state = 'released'");
	report_entry(r, "debit", NULL, NULL, 10000);
	assert_string_equal(frozen_list(r, "SELECT state FROM bank_file"), "settled;");
}

/* Verification of payee: the bank waits for a decision, so it becomes an exception. */
static void
an_account_with_another_holder_is_held(void **state)
{
	struct run *r = uploaded(state);

	insert_entry(r, "status", ADA, NULL, 0);
	home_exec(r, "UPDATE bank_entry SET status = 'RVNM'");
	home_reopen(r);
	bankentry_apply(r);
	assert_string_equal(frozen_list(r, "SELECT code || ' ' || profile_number FROM exception"),
	                    "payee_name_differs 1;");
	assert_string_equal(frozen_list(r, STATES), "presented;presented;");
}

static void
a_status_that_names_another_block_is_held(void **state)
{
	struct run *r = uploaded(state);

	insert_entry(r, "status", ADA, "AC04", 0);
	home_exec(r, "UPDATE bank_entry SET payment_information_id = '0badcafe-20260228-1-D1-1'");
	home_reopen(r);
	bankentry_apply(r);
	assert_string_equal(frozen_list(r, HELD), "unknown_file;");
	assert_string_equal(frozen_list(r, STATES), "presented;presented;");
}

static void
a_rejected_refund_is_owed_again(void **state)
{
	struct run *r = uploaded(state);

	report_entry(r, "status", ADA, "MS03", 0);
	assert_string_equal(frozen_list(r, STATES), "rejected;presented;");
	assert_string_equal(frozen_list(r, DEBTS), "failed 0/0 MS03;pending -;initiated -;");
	assert_string_equal(frozen_list(r, POSTED_ROWS),
	                    "1 refund -1250 2026-03-10 1 -;1 refund 1250 2026-03-10 - -;");
	assert_string_equal(frozen_balances(r), "1250;-990;10000;");
	report_entry(r, "debit", ADA, NULL, 1250);
	assert_string_equal(frozen_list(r, HELD), "debit_after_failure;");
}

static void
a_returned_refund_is_owed_again(void **state)
{
	struct run *r = uploaded(state);

	report_entry(r, "debit", ADA, NULL, 1250);
	report_entry(r, "refund_return", ADA, "AC04", 1250);
	assert_string_equal(frozen_list(r, STATES), "returned;presented;");
	assert_string_equal(frozen_list(r, DEBTS), "failed 0/0 AC04;pending -;initiated -;");
	assert_string_equal(frozen_list(r, POSTED_ROWS),
	                    "1 refund -1250 2026-03-10 1 -;1 refund 1250 2026-03-10 - -;");
	assert_string_equal(frozen_balances(r), "1250;-990;10000;");
	assert_string_equal(frozen_list(r, "SELECT status FROM mandate ORDER BY number"),
	                    "blocked;active;active;");
	report_entry(r, "refund_return", ADA, "AC04", 1250);
	assert_string_equal(frozen_list(r, HELD), "second_return;");
	sessionview_refresh(r);
	assert_non_null(
	    strstr(home_read("out/sepa/2026-03-10_20260228-1/returns.csv"), ",refund_return,AC04,"));
}

/* The return is reported first: the payment that it reverses then only completes it. */
static void
a_refund_returned_before_it_was_booked_moves_no_money_twice(void **state)
{
	struct run *r = uploaded(state);

	report_entry(r, "refund_return", ADA, "MD07", 1250);
	assert_string_equal(frozen_balances(r), "1250;-990;10000;");
	report_entry(r, "debit", ADA, NULL, 1250);
	assert_string_equal(frozen_list(r, HELD), "");
	assert_string_equal(frozen_balances(r), "1250;-990;10000;");
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM balance_transaction WHERE source_kind IN (2, 5)"), 2);
	/* deceased: neither debited nor paid until a person has decided */
	assert_string_equal(frozen_list(r, "SELECT status FROM mandate ORDER BY number"),
	                    "suspended;active;active;");
}

#define WITH_OWED(test) cmocka_unit_test_setup_teardown(test, open_owed, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_OWED(amount_owed_to_a_member_is_frozen),
	    WITH_OWED(refund_is_kept_when_the_member_owes_in_another_session),
	    WITH_OWED(refund_in_flight_covers_no_other_refund),
	    WITH_OWED(refunds_that_failed_three_times_are_kept),
	    WITH_OWED(refunds_have_a_file_of_their_own),
	    WITH_OWED(handoff_of_refunds_has_a_list_and_a_report),
	    WITH_OWED(report_of_refunds_has_no_creditor),
	    WITH_OWED(report_gives_the_reason_of_a_kept_refund_and_its_own_sum),
	    WITH_OWED(report_warns_of_a_debit_that_may_come_back),
	    WITH_OWED(report_warns_of_a_new_account),
	    WITH_OWED(report_does_not_warn_of_an_earlier_refund),
	    WITH_OWED(a_refund_needs_no_notice),
	    WITH_OWED(a_refund_reports_no_amendment),
	    WITH_OWED(a_refund_is_not_made_to_an_uncertain_account),
	    WITH_OWED(a_suspended_account_is_not_payable_by_expiring),
	    WITH_OWED(a_closed_account_is_not_payable_by_expiring),
	    WITH_OWED(refunds_that_failed_for_other_reasons_do_not_count),
	    WITH_OWED(a_refund_is_not_made_when_the_member_owes_since),
	    WITH_OWED(report_lists_refunds_not_presented),
	    WITH_OWED(report_names_no_session_while_none_is_open),
	    WITH_OWED(release_needs_no_notice_of_a_refund),
	    WITH_OWED(release_needs_every_refund_covered),
	    WITH_OWED(release_needs_every_account_certain),
	    WITH_OWED(an_uploaded_refund_does_not_use_the_mandate),
	    WITH_OWED(a_refund_is_booked_once),
	    WITH_OWED(refunds_are_booked_in_bulk),
	    WITH_OWED(a_credit_does_not_book_a_refund),
	    WITH_OWED(a_refund_may_cost_charges),
	    WITH_OWED(a_booking_proves_that_the_bank_has_the_file),
	    WITH_OWED(an_account_with_another_holder_is_held),
	    WITH_OWED(a_status_that_names_another_block_is_held),
	    WITH_OWED(a_rejected_refund_is_owed_again),
	    WITH_OWED(a_returned_refund_is_owed_again),
	    WITH_OWED(a_refund_returned_before_it_was_booked_moves_no_money_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
