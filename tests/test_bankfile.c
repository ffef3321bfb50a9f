/* make: a file is made once and in full, with ids of its own, for a day that leaves time for the bank and the members. */
#include "tests/frozen.h"

#include "formats/length.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/make.h"
#include "stages/core/home/publish.h"

#define FOLDER "out/sepa/2026-03-10_20260228-1/v1"
#define NAME   "SDD-20260228-1-20260310-1.xml"
#define MSG_ID "0badcafe-20260228-1-D1"

static struct bankfile
load(struct run *r)
{
	struct bankfile f;

	assert_true(bankfile_load(r, 1, &f));
	return f;
}

static struct run *
made(void **state)
{
	struct run *r = *state;

	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	return r;
}

/* --- making a file ------------------------------------------------------------------------------------------------ */

static void
bankfile_has_the_ids_of_its_session_and_version(void **state)
{
	struct run *r = made(state);
	struct bankfile f = load(r), of_block;
	struct bankfile_block b;

	assert_int_equal(f.session, 1);
	assert_int_equal(f.version, 1);
	assert_string_equal(f.msg_id, MSG_ID);
	assert_true(bankfile_find_block(r, MSG_ID "-1", &of_block, &b));
	assert_int_equal(of_block.number, f.number);
	assert_int_equal(b.nth, 1);
	assert_string_equal(b.sequence_type, "RCUR");
	assert_int_equal(b.count, f.count);
	assert_int_equal(b.sum, f.sum);
	assert_false(bankfile_find_block(r, MSG_ID, &of_block, &b));
	assert_string_equal(f.name, NAME);
	assert_string_equal(f.folder, FOLDER);
	assert_int_equal(f.state, BANKFILE_GENERATED);
	assert_string_equal(f.built_by, "nightly");
	assert_int_equal(f.wanted_on, frozen_day("2026-03-10"));
	assert_int_equal(f.created_at, r->now);
	assert_int_equal(f.audited_on, DATE_NONE);
}

static void
bankfile_has_every_debt_in_full(void **state)
{
	struct run *r = made(state);
	struct bankfile f = load(r);
	unsigned char digest[SHA256_SIZE];
	const char *xml;

	assert_int_equal(f.count, FROZEN_DEBTS);
	assert_int_equal(f.sum, FROZEN_SUM);
	assert_int_equal(home_number(r, "SELECT sum(amount_in_cents) FROM collection WHERE file_number = 1"),
	                 FROZEN_SUM);
	assert_int_equal(r->count[COUNT_BANK_FILES_WRITTEN], 1);
	assert_int_equal(r->count[COUNT_DEBITS_WRITTEN], FROZEN_DEBTS);
	assert_int_equal(r->count[COUNT_CENTS_TO_COLLECT], FROZEN_SUM);
	assert_true(durable_digest(FOLDER "/" NAME, digest, NULL));
	assert_memory_equal(digest, f.sha256, SHA256_SIZE);
	xml = home_read(FOLDER "/" NAME);
	assert_non_null(strstr(xml, "<NbOfTxs>3</NbOfTxs>"));
	assert_non_null(strstr(xml, "<CtrlSum>122.40</CtrlSum>"));
	assert_non_null(strstr(xml, "<InstdAmt Ccy=\"EUR\">9.90</InstdAmt>"));
	assert_non_null(strstr(xml, "<ReqdColltnDt>2026-03-10</ReqdColltnDt>"));
}

static void
bankfile_is_made_once(void **state)
{
	struct run *r = made(state);
	int64_t before = store_changes(r->db);

	assert_false(make_bank_file(r, 1, COLLECTION_DEBIT));
	assert_int_equal(store_changes(r->db), before);
	assert_int_equal(home_names_in("out/sepa/2026-03-10_20260228-1"), 1);
}

static void
bankfile_without_debts_is_not_made(void **state)
{
	struct run *r = *state;

	home_exec(r, "UPDATE mandate SET status = 'suspended'");
	assert_false(make_bank_file(r, 1, COLLECTION_DEBIT));
	assert_int_equal(home_number(r, "SELECT count(*) FROM bank_file"), 0);
	assert_false(home_has("out/sepa"));
	assert_int_equal(r->count[COUNT_DEBTS_NOT_PRESENTED], 3);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM debt WHERE session_number = 1 AND status = 'failed'"), 3);
}

static void
bankfile_made_once_more_is_the_next_version(void **state)
{
	struct run *r = made(state);
	struct bankfile f;

	home_exec(r, "UPDATE collection SET live = 0, state = 'rejected', failed_on = '2026-03-09'");
	home_exec(r, "UPDATE bank_file SET state = 'withdrawn'");
	home_exec(r, "UPDATE debt SET status = 'pending' WHERE session_number = 1");
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	assert_true(bankfile_load(r, 2, &f));
	assert_int_equal(f.version, 2);
	assert_string_equal(f.msg_id, "0badcafe-20260228-1-D2");
	assert_string_equal(f.name, "SDD-20260228-1-20260310-2.xml");
	assert_true(home_has("out/sepa/2026-03-10_20260228-1/v2/SDD-20260228-1-20260310-2.xml"));
}

static void
make_of_an_open_session(struct run *r)
{
	make_bank_file(r, 2, COLLECTION_DEBIT);
}

static void
bankfile_of_an_open_session_is_refused(void **state)
{
	home_dies(*state, make_of_an_open_session, EXIT_BUG, "session 2 is not frozen");
}

static void
bankfile_rehearsed_leaves_nothing(void **state)
{
	struct run *r = *state;

	home_rehearse(r);
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	assert_false(home_has("out/sepa"));
	home_reopen(r);
	assert_int_equal(home_number(r, "SELECT count(*) FROM bank_file"), 0);
}

static void
bankfile_is_found_by_uuid_and_msg_id(void **state)
{
	struct run *r = made(state);
	char text[UUID_TEXT];
	struct uuid id = store_uuid(r->db, UUID_BANK_FILE, 0, 1),
		    other = store_uuid(r->db, UUID_BANK_FILE, 0, 2),
		    debt = store_uuid(r->db, UUID_DEBT, 1, 1);
	struct bankfile f = {0};

	assert_true(bankfile_find(r, MSG_ID, &f));
	assert_int_equal(f.number, 1);
	f.number = 0;
	assert_true(bankfile_find(r, uuid_print(text, &id), &f));
	assert_int_equal(f.number, 1);
	assert_true(bankfile_find_msg_id(r, MSG_ID, &f));
	assert_false(bankfile_find(r, uuid_print(text, &other), &f));
	assert_false(bankfile_find(r, uuid_print(text, &debt), &f));
	assert_false(bankfile_find(r, "0badcafe-20260228-1-D9", &f));
	assert_false(bankfile_find(r, "", &f));
	assert_false(bankfile_load(r, 2, &f));
}

/* --- the day of collection ---------------------------------------------------------------------------------------- */

static void
bankfile_earliest_day_is_after_cutoff_and_lead(void **state)
{
	static const struct {
		const char *now, *config, *day;
	} cases[] = {
	    {"2026-03-04T02:30:00Z", "", "2026-03-06"},
	    {"2026-03-04T10:29:59.999Z", "", "2026-03-06"}, /* 11:29 in Paris */
	    {"2026-03-04T10:30:00Z", "", "2026-03-09"},     /* Thursday, Friday, Monday */
	    {"2026-03-04T10:30:00Z", "[bank]\ncutoff = 11:31\n", "2026-03-06"},
	    {"2026-03-04T02:30:00Z", "[bank]\ncutoff = 03:30\n", "2026-03-09"},
	    {"2026-03-06T02:30:00Z", "", "2026-03-10"},
	    {"2026-03-06T12:00:00Z", "", "2026-03-11"}, /* Saturday counts from Monday */
	    {"2026-03-07T02:30:00Z", "", "2026-03-11"},
	    {"2026-07-01T09:29:00Z", "", "2026-07-03"}, /* summer time */
	    {"2026-07-01T09:30:00Z", "", "2026-07-06"},
	    {"2026-04-02T02:30:00Z", "", "2026-04-08"}, /* over Easter */
	    {"2026-03-04T02:30:00Z", "[bank]\nlead_target_days = 1\n", "2026-03-05"},
	    {"2026-03-04T02:30:00Z", "[bank]\nlead_target_days = 5\n", "2026-03-11"},
	};
	struct run *r = *state;
	char day[DATE_TEXT];
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		home_configure(r, cases[i].config);
		frozen_at(r, cases[i].now);
		date_print(day, bankfile_earliest_day(r));
		if (strcmp(day, cases[i].day) != 0)
			fail_msg("%s %s: %s instead of %s", cases[i].now, cases[i].config, day, cases[i].day);
	}
}

static void
bankfile_day_leaves_time_for_bank_and_members(void **state)
{
	static const struct {
		const char *now, *config, *day;
	} cases[] = {
	    {"2026-03-04T02:30:00Z", "", "2026-03-10"}, /* as the session wants it */
	    {"2026-03-06T02:30:00Z", "", "2026-03-10"},
	    {"2026-03-06T12:00:00Z", "", "2026-03-11"}, /* lead */
	    {"2026-03-04T02:30:00Z", "[bank]\nlead_target_days = 5\n", "2026-03-11"},
	    {"2026-03-04T02:30:00Z", "[recovery]\nrecovery_after_days = 20\nnotice_days = 5\n", "2026-03-10"},
	    {"2026-03-04T02:30:00Z", "[recovery]\nrecovery_after_days = 20\nnotice_days = 6\n", "2026-03-11"},
	    {"2026-03-04T02:30:00Z", "[recovery]\nrecovery_after_days = 20\nnotice_days = 9\n",
	     "2026-03-16"},                             /* over a weekend */
	    {"2026-03-31T02:30:00Z", "", "2026-04-07"}, /* Good Friday, weekend, Easter Monday */
	};
	struct run *r = *state;
	struct bankfile f;
	char day[DATE_TEXT];
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		home_configure(r, cases[i].config);
		frozen_at(r, cases[i].now);
		home_rehearse(r);
		assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
		f = load(r);
		date_print(day, f.collect_on);
		if (strcmp(day, cases[i].day) != 0)
			fail_msg("%s %s: %s instead of %s", cases[i].now, cases[i].config, day, cases[i].day);
		assert_int_equal(f.wanted_on, frozen_day("2026-03-10"));
		home_reopen(r);
	}
}

/* A night that is run late meets the bank and the members as they are now. */
static void
bankfile_of_a_late_night_counts_from_now(void **state)
{
	struct run *r = *state;

	frozen_at(r, "2026-03-11T02:30:00Z");
	r->on = frozen_day("2026-03-04");
	assert_int_equal(bankfile_earliest_day(r), frozen_day("2026-03-13"));
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	assert_int_equal(load(r).collect_on, frozen_day("2026-03-16"));
	r->on = frozen_day("2026-03-12"); /* a business date after the clock counts as well */
	assert_int_equal(bankfile_earliest_day(r), frozen_day("2026-03-16"));
}

/* --- gone ---------------------------------------------------------------------------------------------------------- */

static const char *const hand_off[] = {
    NAME,           NAME ".sha256",        "report.html",           "debits.csv",
    "excluded.csv", "debits.excel-fr.csv", "excluded.excel-fr.csv", "manifest.json"};

#define HAND_OFF (sizeof(hand_off) / sizeof(hand_off[0]))

static void
read_digests(unsigned char digest[HAND_OFF][SHA256_SIZE])
{
	char path[PATH_SIZE];
	size_t i;

	for (i = 0; i < HAND_OFF; i++) {
		durable_join(path, FOLDER, hand_off[i]);
		assert_true(durable_digest(path, digest[i], NULL));
	}
}

static void
bankfile_folder_that_is_gone_comes_back_with_the_same_bytes(void **state)
{
	unsigned char before[HAND_OFF][SHA256_SIZE], after[HAND_OFF][SHA256_SIZE];
	struct run *r = made(state);
	int64_t changes = store_changes(r->db);

	assert_int_equal(home_names_in(FOLDER), HAND_OFF);
	read_digests(before);
	home_remove("out/sepa/2026-03-10_20260228-1");
	r->on += 300;
	r->now += 300 * 86400000LL;
	make_restore(r);
	read_digests(after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(home_names_in(FOLDER), HAND_OFF);
	assert_int_equal(store_changes(r->db), changes);
}

static void
bankfile_older_than_a_dispute_is_not_looked_for(void **state)
{
	struct run *r = made(state);

	home_remove("out/sepa/2026-03-10_20260228-1");
	r->on += 500;
	make_restore(r);
	assert_false(home_has("out/sepa/2026-03-10_20260228-1"));
}

static void
restore(struct run *r)
{
	make_restore(r);
}

static void
bankfile_comes_back_with_no_other_bytes(void **state)
{
	struct run *r = made(state);

	home_remove(FOLDER "/debits.csv");
	home_exec(r, "UPDATE profile SET app_user_id = 'another' WHERE number = 1");
	home_dies(r, restore, EXIT_BUG,
	          "debits.csv is missing, and the books and the configuration give other bytes");
	assert_false(home_has(FOLDER "/debits.csv"));
	home_remove(FOLDER "/" NAME);
	home_exec(r, "UPDATE mandate SET debtor_name = 'Another' WHERE number = 1");
	home_dies(r, restore, EXIT_BUG,
	          ".xml is missing, and the books and the configuration give other bytes");
	assert_false(home_has(FOLDER "/" NAME));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_FROZEN(bankfile_has_the_ids_of_its_session_and_version),
	    WITH_FROZEN(bankfile_has_every_debt_in_full),
	    WITH_FROZEN(bankfile_is_made_once),
	    WITH_FROZEN(bankfile_without_debts_is_not_made),
	    WITH_FROZEN(bankfile_made_once_more_is_the_next_version),
	    WITH_FROZEN(bankfile_of_an_open_session_is_refused),
	    WITH_FROZEN(bankfile_rehearsed_leaves_nothing),
	    WITH_FROZEN(bankfile_is_found_by_uuid_and_msg_id),
	    WITH_FROZEN(bankfile_earliest_day_is_after_cutoff_and_lead),
	    WITH_FROZEN(bankfile_day_leaves_time_for_bank_and_members),
	    WITH_FROZEN(bankfile_of_a_late_night_counts_from_now),
	    WITH_FROZEN(bankfile_folder_that_is_gone_comes_back_with_the_same_bytes),
	    WITH_FROZEN(bankfile_older_than_a_dispute_is_not_looked_for),
	    WITH_FROZEN(bankfile_comes_back_with_no_other_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
