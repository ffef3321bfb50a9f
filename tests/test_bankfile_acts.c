/* bankfile: its states: approved by persons other than its builder, released, uploaded, cancelled, settled. */
#include "tests/frozen.h"

#include "formats/length.h"
#include "stages/core/bank/approval.h"
#include "stages/core/bank/copy.h"
#include "stages/core/home/durable.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/make.h"
#include "stages/core/bank/release.h"
#include "stages/core/home/publish.h"

#define FOLDER "out/sepa/2026-03-10_20260228-1/v1"
#define NAME   "SDD-20260228-1-20260310-1.xml"
#define CANCELLED                                                                         \
	"UPDATE bank_file SET state = 'cancelled', cancelled_by = 'a', cancelled_at = 0," \
	" cancel_why = 'w'"

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

static void
approve_as(struct run *r, const char *person)
{
	struct bankfile f = load(r);
	char path[PATH_SIZE];

	r->as = person;
	snprintf(path, sizeof(path), "%s/%s", f.folder, f.name);
	if (!bankfile_is_approved_by(r, f.number, r->as))
		copy_check(r, &f, path);
	approval_give(r, &f, f.sha256);
}

/* --- approving ---------------------------------------------------------------------------------------------------- */

static void
bankfile_is_approved_by_enough_persons(void **state)
{
	struct run *r = made(state);
	int64_t before;

	approve_as(r, "alice");
	assert_int_equal(load(r).state, BANKFILE_GENERATED);
	before = store_changes(r->db);
	approve_as(r, "alice");
	assert_int_equal(store_changes(r->db), before);
	assert_int_equal(bankfile_count_approvals(r, 1), 1);
	approve_as(r, "bob");
	assert_int_equal(load(r).state, BANKFILE_APPROVED);
	approve_as(r, "carol");
	assert_int_equal(load(r).state, BANKFILE_APPROVED);
	assert_int_equal(bankfile_count_approvals(r, 1), 3);
	assert_int_equal(r->count[COUNT_APPROVALS_GIVEN], 3);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM approval a JOIN bank_file f ON f.sha256 = a.sha256"), 3);
}

static void
bankfile_needs_as_many_approvals_as_configured(void **state)
{
	struct run *r = made(state);

	home_configure(r, "[release]\napprovals = 1\n");
	approve_as(r, "alice");
	assert_int_equal(load(r).state, BANKFILE_APPROVED);
}

static void
approve_as_builder(struct run *r)
{
	approve_as(r, "nightly");
}

static void
approve_as_alice(struct run *r)
{
	approve_as(r, "alice");
}

static void
approve_another_file(struct run *r)
{
	struct bankfile f = load(r);
	unsigned char other[SHA256_SIZE];

	memcpy(other, f.sha256, sizeof(other));
	other[SHA256_SIZE - 1] ^= 1;
	r->as = "alice";
	approval_give(r, &f, other);
}

static void
bankfile_is_not_approved_by_its_builder(void **state)
{
	struct run *r = made(state);

	home_dies(r, approve_as_builder, EXIT_FORBIDDEN, "nightly built it");
	assert_int_equal(bankfile_count_approvals(r, 1), 0);
}

static void
bankfile_approval_binds_to_its_bytes(void **state)
{
	struct run *r = made(state);
	FILE *file;

	home_dies(r, approve_another_file, EXIT_REFUSED, "another SHA-256");
	assert_int_equal(chmod(FOLDER "/" NAME, 0600), 0);
	file = fopen(FOLDER "/" NAME, "a");
	assert_non_null(file);
	fputc('\n', file);
	assert_int_equal(fclose(file), 0);
	home_dies(r, approve_as_alice, EXIT_BUG, "its bytes are not those of the approved file");
	home_remove(FOLDER "/" NAME);
	home_dies(r, approve_as_alice, EXIT_BUG, "is missing: rebuild it: `alanpay collect");
	assert_int_equal(bankfile_count_approvals(r, 1), 0);
}

static void
bankfile_past_release_needs_no_approval(void **state)
{
	static const char *const past[] = {
	    "UPDATE bank_file SET state = 'released'",
	    "UPDATE bank_file SET state = 'uploaded'",
	    "UPDATE bank_file SET state = 'settled'",
	    "UPDATE bank_file SET state = 'withdrawn'",
	};
	struct run *r = made(state);
	size_t i;

	for (i = 0; i < LENGTH(past); i++) {
		exec(sql(r->db, past[i]));
		home_dies(r, approve_as_alice, EXIT_OVERWRITE, "needs no approval any more");
	}
}

/* --- releasing and uploading -------------------------------------------------------------------------------------- */

/* The checks of a release are tested in test_release.c; here the configuration switches off as many as it can. */
static struct run *
release_made(struct run *r)
{
	struct bankfile f;

	home_configure(r, "[release]\napprovals = 0\nrequire_notice = no\n");
	home_exec(
	    r,
	    "INSERT INTO stage_run (stage, business_on, now_at, state, exit_status, config_sha256, pid, started_at)"
	    " VALUES ('audit', '2026-03-04', 0, 'done', 0, zeroblob(32), 1, 0)");
	assert_int_equal(bankfile_mark_audited(r), 1);
	f = load(r);
	r->as = "bob";
	release_bank_file(r, &f);
	return r;
}

static struct run *
released(void **state)
{
	return release_made(made(state));
}

static void
release(struct run *r)
{
	struct bankfile f = load(r);

	release_bank_file(r, &f);
}

static void
mark_uploaded(struct run *r)
{
	struct bankfile f = load(r);

	r->as = "alice";
	release_mark_uploaded(r, &f, "EB-77");
}

static void
mark_uploaded_otherwise(struct run *r)
{
	struct bankfile f = load(r);

	release_mark_uploaded(r, &f, "EB-78");
}

static void
bankfile_that_is_not_released_names_the_release(void **state)
{
	struct run *r = made(state);

	home_dies(r, mark_uploaded, EXIT_BUSY, "release it first: `alanpay sepa release --file ");
	home_exec(r, "UPDATE bank_file SET state = 'approved'");
	home_dies(r, mark_uploaded, EXIT_BUSY, "release it first: `alanpay sepa release --file ");
}

static void
released_bankfile_has_the_same_bytes(void **state)
{
	struct run *r = released(state);
	struct bankfile f = load(r);
	unsigned char digest[SHA256_SIZE];
	int64_t before = store_changes(r->db);

	assert_int_equal(f.state, BANKFILE_RELEASED);
	assert_true(durable_digest("out/upload/" NAME, digest, NULL));
	assert_memory_equal(digest, f.sha256, SHA256_SIZE);
	assert_int_equal(home_number(r, "SELECT count(*) FROM bank_file WHERE released_by = 'bob'"), 1);
	release_bank_file(r, &f);
	assert_int_equal(store_changes(r->db), before);
	assert_int_equal(r->count[COUNT_BANK_FILES_RELEASED], 1);
}

static void
bankfile_released_after_its_bytes_were_lost_is_the_same(void **state)
{
	struct run *r = *state;
	unsigned char digest[SHA256_SIZE];

	made(state);
	home_remove(FOLDER "/" NAME);
	release_made(r);
	assert_true(durable_digest("out/upload/" NAME, digest, NULL));
	assert_memory_equal(digest, load(r).sha256, SHA256_SIZE);
	assert_true(durable_has_digest(FOLDER "/" NAME, digest));
}

static void
bankfile_is_released_once(void **state)
{
	struct run *r = released(state);

	mark_uploaded(r);
	home_dies(r, release, EXIT_OVERWRITE, "only an approved file can be released");
}

static void
bankfile_marked_as_uploaded_leaves_the_upload_folder(void **state)
{
	struct run *r = released(state);
	int64_t before;

	mark_uploaded(r);
	assert_int_equal(load(r).state, BANKFILE_UPLOADED);
	assert_false(home_has("out/upload/" NAME));
	assert_true(home_has("out/uploaded/" NAME));
	assert_int_equal(
	    home_number(
		r, "SELECT count(*) FROM bank_file WHERE uploaded_by = 'alice' AND bank_reference = 'EB-77'"),
	    1);
	assert_int_equal(home_number(r, "SELECT count(*) FROM mandate WHERE last_due_on = '2026-03-10'"), 3);
	before = store_changes(r->db);
	mark_uploaded(r);
	assert_int_equal(store_changes(r->db), before);
	home_dies(r, mark_uploaded_otherwise, EXIT_OVERWRITE,
	          "with the bank reference EB-77: if that was wrong, run");
}

static void
correct_unmarked(struct run *r)
{
	struct bankfile f = load(r);

	release_correct_upload(r, &f, "EB-78", "typed wrong");
}

static void
bank_reference_is_corrected_and_both_are_kept(void **state)
{
	struct run *r = released(state);
	struct bankfile f;

	home_dies(r, correct_unmarked, EXIT_BUSY, "there is no reference to correct");
	mark_uploaded(r);
	f = load(r);
	assert_false(release_correct_upload(r, &f, "EB-77", "typed wrong"));
	assert_true(release_correct_upload(r, &f, "EB-78", "typed wrong"));
	assert_false(release_correct_upload(r, &f, "EB-78", "typed wrong"));
	assert_true(release_correct_upload(r, &f, "EB-79", "typed wrong again"));
	assert_string_equal(
	    frozen_list(r, "SELECT was || ' ' || becomes || ' ' || why FROM upload_correction ORDER BY nth"),
	    "EB-77 EB-78 typed wrong;EB-78 EB-79 typed wrong again;");
	assert_string_equal(frozen_list(r, "SELECT bank_reference FROM bank_file"), "EB-79;");
	assert_false(release_mark_uploaded(r, &f, "EB-79"));
}

static void
bankfile_accepted_before_it_is_marked_stays_accepted(void **state)
{
	struct run *r = released(state);

	bankfile_set_state(r, 1, BANKFILE_ACCEPTED);
	mark_uploaded(r);
	assert_int_equal(load(r).state, BANKFILE_ACCEPTED);
	assert_int_equal(home_number(r, "SELECT count(*) FROM bank_file WHERE bank_reference = 'EB-77'"), 1);
}

static void
bankfile_that_was_not_released_cannot_be_marked_as_uploaded(void **state)
{
	struct run *r = made(state);

	home_dies(r, mark_uploaded, EXIT_BUSY, "only a released file");
	bankfile_set_state(r, 1, BANKFILE_APPROVED);
	home_dies(r, mark_uploaded, EXIT_BUSY, "only a released file");
	exec(sql(r->db, CANCELLED));
	home_dies(r, mark_uploaded, EXIT_OVERWRITE, "must not be at the bank");
	home_dies(r, release, EXIT_OVERWRITE, "only an approved file can be released");
}

/* --- cancelling --------------------------------------------------------------------------------------------------- */

#define COLLECTIONS                                                                                                          \
	"SELECT file_number || ' ' || end_to_end_id || ' ' || presentation || ' ' || state || ' ' || coalesce(live, 'null')" \
	" FROM collection ORDER BY file_number, profile_number"
#define DEBTS "SELECT status FROM debt WHERE session_number = 1 ORDER BY profile_number"
#define OF_FILE(n, state)                                                           \
	n " " FROZEN_ID("4") " 1 " state ";" n " " FROZEN_ID("8") " 1 " state ";" n \
								  " " FROZEN_ID("c") " 1 " state ";"

static void
cancel(struct run *r)
{
	struct bankfile f = load(r);

	r->as = "carol";
	bankfile_cancel(r, &f, "a mandate is gone");
}

static void
cancelling_a_bankfile_frees_its_debts(void **state)
{
	struct run *r = made(state);
	int64_t rows = home_number(r, "SELECT count(*) FROM balance_transaction");

	approve_as(r, "alice");
	cancel(r);
	assert_string_equal(
	    frozen_list(r, "SELECT state || ' ' || cancelled_by || ' ' || cancelled_at || ' ' || cancel_why"
	                   " FROM bank_file"),
	    "cancelled carol 1772591400000 a mandate is gone;");
	assert_string_equal(frozen_list(r, COLLECTIONS), OF_FILE("1", "cancelled null"));
	assert_string_equal(frozen_list(r, DEBTS), "pending;pending;pending;");
	assert_int_equal(home_number(r, "SELECT count(*) FROM balance_transaction"), rows);
	assert_string_equal(frozen_balances(r), "-1250;-990;-10000;");
	assert_true(home_has(FOLDER "/" NAME));
	assert_string_equal(frozen_list(r, "SELECT status FROM session WHERE number = 1"), "pending;");
	assert_int_equal(r->count[COUNT_BANK_FILES_CANCELLED], 1);
}

static void
bankfile_is_cancelled_once(void **state)
{
	struct run *r = made(state);
	struct bankfile f;
	int64_t before;

	cancel(r);
	before = store_changes(r->db);
	f = load(r);
	r->as = "dave";
	bankfile_cancel(r, &f, "another reason");
	assert_int_equal(store_changes(r->db), before);
	assert_int_equal(r->count[COUNT_BANK_FILES_CANCELLED], 1);
	home_dies(r, release, EXIT_OVERWRITE, "is cancelled: only an approved file can be released");
	home_dies(r, approve_as_alice, EXIT_OVERWRITE, "needs no approval any more");
}

static void
bankfile_at_the_bank_is_not_cancelled(void **state)
{
	static const enum bankfile_state past[] = {
	    BANKFILE_RELEASED, BANKFILE_UPLOADED, BANKFILE_ACCEPTED, BANKFILE_PARTIALLY_ACCEPTED,
	    BANKFILE_REJECTED, BANKFILE_SETTLED,  BANKFILE_WITHDRAWN};
	struct run *r = released(state);
	size_t i;

	for (i = 0; i < LENGTH(past); i++) {
		bankfile_set_state(r, 1, past[i]);
		home_dies(r, cancel, EXIT_OVERWRITE, bankfile_state_after(past[i], BANKFILE_CANCEL).why);
	}
	assert_string_equal(frozen_list(r, COLLECTIONS), OF_FILE("1", "presented 1"));
	assert_string_equal(frozen_list(r, DEBTS), "initiated;initiated;initiated;");
}

/* A collection cannot change before the release; if it did, nothing of the act is kept. */
static void
bankfile_is_cancelled_as_a_whole_or_not_at_all(void **state)
{
	struct run *r = made(state);

	home_exec(r, "UPDATE collection SET state = 'accepted' WHERE profile_number = 2");
	home_dies(r, cancel, EXIT_BUG, "its debts are not those");
	home_exec(r, "UPDATE debt SET status = 'executed' WHERE profile_number = 2");
	home_dies(r, cancel, EXIT_BUG, "its debts are not those");
	assert_int_equal(load(r).state, BANKFILE_GENERATED);
	assert_int_equal(home_number(r, "SELECT count(*) FROM collection WHERE live = 1"), 3);
	assert_string_equal(frozen_list(r, DEBTS), "initiated;executed;initiated;");
}

/* Nothing was presented, so the ids are the same: a bank that gets both files refuses the second. */
static void
bankfile_after_a_cancelled_one_is_the_next_version(void **state)
{
	struct run *r = made(state);
	struct bankfile f;

	cancel(r);
	frozen_at(r, "2026-03-06T02:30:00Z");
	r->as = "nightly";
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	assert_true(bankfile_load(r, 2, &f));
	assert_int_equal(f.state, BANKFILE_GENERATED);
	assert_int_equal(f.version, 2);
	assert_string_equal(f.msg_id, "0badcafe-20260228-1-D2");
	assert_string_equal(f.name, "SDD-20260228-1-20260310-2.xml");
	assert_int_equal(f.count, 3);
	assert_int_equal(f.sum, FROZEN_SUM);
	assert_string_equal(frozen_list(r, COLLECTIONS),
	                    OF_FILE("1", "cancelled null") OF_FILE("2", "presented 1"));
	assert_string_equal(frozen_list(r, DEBTS), "initiated;initiated;initiated;");
	assert_true(home_has(FOLDER "/" NAME));
	assert_true(home_has("out/sepa/2026-03-10_20260228-1/v2/SDD-20260228-1-20260310-2.xml"));
}

static void
bankfile_keeps_the_day_of_its_first_audit(void **state)
{
	struct run *r = made(state);

	assert_int_equal(bankfile_mark_audited(r), 1);
	r->on++;
	assert_int_equal(bankfile_mark_audited(r), 0);
	assert_int_equal(load(r).audited_on, r->on - 1);
}

static bool
is_in_force_in_sql(struct run *r)
{
	return value(sql(r->db, "SELECT count(*) FROM bank_file_in_force"), 0) == 1;
}

static bool
was_given_in_sql(struct run *r)
{
	return value(sql(r->db, "SELECT count(*) FROM bank_file_given"), 0) == 1;
}

#define SET "UPDATE bank_file SET state = "

static void
bankfile_states_say_who_has_the_file(void **state)
{
	static const struct {
		const char *change;
		enum bankfile_state state;
		bool in_force, unreleased, given;
	} cases[] = {
	    {SET "'generated'", BANKFILE_GENERATED, true, true, false},
	    {SET "'approved'", BANKFILE_APPROVED, true, true, false},
	    {SET "'released'", BANKFILE_RELEASED, true, false, true},
	    {SET "'uploaded'", BANKFILE_UPLOADED, true, false, true},
	    {SET "'accepted'", BANKFILE_ACCEPTED, true, false, true},
	    {SET "'partially_accepted'", BANKFILE_PARTIALLY_ACCEPTED, true, false, true},
	    {SET "'rejected'", BANKFILE_REJECTED, true, false, true},
	    {SET "'settled'", BANKFILE_SETTLED, true, false, true},
	    {SET "'withdrawn'", BANKFILE_WITHDRAWN, false, false, false},
	    {SET "'cancelled', cancelled_by = 'a', cancelled_at = 0, cancel_why = 'w'", BANKFILE_CANCELLED,
	     false, false, false},
	};
	struct run *r = made(state);
	size_t i;

	home_exec(r, "DROP TRIGGER bank_file_stays_withdrawn");
	for (i = 0; i < LENGTH(cases); i++) {
		struct bankfile f;

		home_exec(r, cases[i].change);
		f = load(r);
		assert_int_equal(f.state, cases[i].state);
		assert_int_equal(bankfile_is_in_force(&f), cases[i].in_force);
		assert_int_equal(bankfile_is_unreleased(&f), cases[i].unreleased);
		assert_int_equal(bankfile_was_given(&f), cases[i].given);
		assert_int_equal(is_in_force_in_sql(r), cases[i].in_force);
		assert_int_equal(was_given_in_sql(r), cases[i].given);
		if (cases[i].state == BANKFILE_CANCELLED)
			continue;
		bankfile_set_state(r, 1, BANKFILE_GENERATED);
		bankfile_set_state(r, 1, cases[i].state);
		assert_int_equal(load(r).state, cases[i].state);
	}
}

static void
bankfile_is_settled_when_no_collection_is_open(void **state)
{
	static const struct {
		enum bankfile_state before, after;
	} cases[] = {
	    {BANKFILE_UPLOADED, BANKFILE_SETTLED},           {BANKFILE_ACCEPTED, BANKFILE_SETTLED},
	    {BANKFILE_PARTIALLY_ACCEPTED, BANKFILE_SETTLED}, {BANKFILE_GENERATED, BANKFILE_GENERATED},
	    {BANKFILE_RELEASED, BANKFILE_SETTLED},           {BANKFILE_REJECTED, BANKFILE_SETTLED},
	    {BANKFILE_WITHDRAWN, BANKFILE_WITHDRAWN}};
	struct run *r = made(state);
	size_t i;

	bankfile_set_state(r, 1, BANKFILE_UPLOADED);
	home_exec(r, "UPDATE collection SET state = 'booked' WHERE profile_number < 3");
	bankfile_refresh_settled(r, 1);
	assert_int_equal(load(r).state, BANKFILE_UPLOADED);
	home_exec(r, "UPDATE collection SET state = 'accepted' WHERE profile_number = 3");
	bankfile_refresh_settled(r, 1);
	assert_int_equal(load(r).state, BANKFILE_UPLOADED);
	home_exec(
	    r,
	    "UPDATE collection SET state = 'rejected', live = 0, failed_on = '2026-03-10' WHERE profile_number = 3");
	home_exec(r, "DROP TRIGGER bank_file_stays_withdrawn");
	for (i = 0; i < LENGTH(cases); i++) {
		bankfile_set_state(r, 1, cases[i].before);
		bankfile_refresh_settled(r, 1);
		assert_int_equal(load(r).state, cases[i].after);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_FROZEN(bankfile_is_approved_by_enough_persons),
	    WITH_FROZEN(bankfile_needs_as_many_approvals_as_configured),
	    WITH_FROZEN(bankfile_is_not_approved_by_its_builder),
	    WITH_FROZEN(bankfile_approval_binds_to_its_bytes),
	    WITH_FROZEN(bankfile_past_release_needs_no_approval),
	    WITH_FROZEN(bankfile_that_is_not_released_names_the_release),
	    WITH_FROZEN(released_bankfile_has_the_same_bytes),
	    WITH_FROZEN(bankfile_released_after_its_bytes_were_lost_is_the_same),
	    WITH_FROZEN(bankfile_is_released_once),
	    WITH_FROZEN(bankfile_marked_as_uploaded_leaves_the_upload_folder),
	    WITH_FROZEN(bank_reference_is_corrected_and_both_are_kept),
	    WITH_FROZEN(bankfile_accepted_before_it_is_marked_stays_accepted),
	    WITH_FROZEN(bankfile_that_was_not_released_cannot_be_marked_as_uploaded),
	    WITH_FROZEN(cancelling_a_bankfile_frees_its_debts),
	    WITH_FROZEN(bankfile_is_cancelled_once),
	    WITH_FROZEN(bankfile_at_the_bank_is_not_cancelled),
	    WITH_FROZEN(bankfile_is_cancelled_as_a_whole_or_not_at_all),
	    WITH_FROZEN(bankfile_after_a_cancelled_one_is_the_next_version),
	    WITH_FROZEN(bankfile_keeps_the_day_of_its_first_audit),
	    WITH_FROZEN(bankfile_states_say_who_has_the_file),
	    WITH_FROZEN(bankfile_is_settled_when_no_collection_is_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
