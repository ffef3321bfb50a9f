/* bankfile_state: every pair of state and event has its answer, the modules follow the table, and finance reads the same table. */
#include "tests/frozen.h"

#include "formats/length.h"
#include "stages/core/bank/approval.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/make.h"
#include "stages/core/bank/release.h"
#include "stages/core/bank/withdrawal.h"

static struct run *
made(void **state)
{
	struct run *r = *state;

	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	config_free(r->config);
	r->config = home_config(HOME_CONFIG "[release]\napprovals = 1\nrequire_notice = no\n");
	home_exec(
	    r,
	    "INSERT INTO stage_run (stage, business_on, now_at, state, exit_status, config_sha256, pid, started_at)"
	    " VALUES ('audit', '2026-03-04', 0, 'done', 0, zeroblob(32), 1, 0)");
	assert_int_equal(bankfile_mark_audited(r), 1);
	return r;
}

/* The file in that state, without what led there. */
static struct bankfile
in_state(struct run *r, enum bankfile_state state)
{
	struct bankfile f;

	home_exec(r, "DROP TRIGGER IF EXISTS bank_file_stays_cancelled");
	home_exec(r, "DROP TRIGGER IF EXISTS bank_file_stays_withdrawn");
	home_exec(r, "DELETE FROM approval");
	home_exec(r, "PRAGMA ignore_check_constraints = ON");
	bankfile_set_state(r, 1, state);
	assert_true(bankfile_load(r, 1, &f));
	return f;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

static bool
is_act(enum bankfile_event event)
{
	return event <= BANKFILE_WITHDRAW;
}

static void
each_state_answers_each_event(void **state)
{
	enum bankfile_state from;
	enum bankfile_event event;
	struct bankfile_step step;

	(void)state;
	for (from = 0; from < BANKFILE_STATES; from++)
		for (event = 0; event < BANKFILE_EVENTS; event++) {
			step = bankfile_state_after(from, event);
			assert_true(step.to < BANKFILE_STATES);
			assert_int_equal(step.to != from, step.answer == BANKFILE_GOES);
			assert_int_equal(step.why != NULL, step.answer == BANKFILE_REFUSES);
			assert_true(step.answer != BANKFILE_REFUSES || is_act(event));
			assert_true(step.answer != BANKFILE_UNEXPECTED || !is_act(event));
		}
}

/* A file is never stuck: from each state some event leads on, until it is settled or was taken back. */
static void
only_what_is_over_leads_nowhere(void **state)
{
	enum bankfile_state from;
	enum bankfile_event event;
	bool leads_on;

	(void)state;
	for (from = 0; from < BANKFILE_STATES; from++) {
		leads_on = false;
		for (event = 0; event < BANKFILE_EVENTS; event++)
			leads_on = leads_on || bankfile_state_after(from, event).answer == BANKFILE_GOES;
		assert_int_equal(!leads_on, from == BANKFILE_SETTLED || from == BANKFILE_CANCELLED ||
		                                from == BANKFILE_WITHDRAWN);
	}
}

/* Nothing leads back to a file that was not given to the bank, and what was taken back stays so. */
static void
no_file_becomes_younger(void **state)
{
	enum bankfile_state from;
	enum bankfile_event event;

	(void)state;
	for (from = 0; from < BANKFILE_STATES; from++)
		for (event = 0; event < BANKFILE_EVENTS; event++) {
			enum bankfile_state to = bankfile_state_after(from, event).to;

			assert_true(from <= BANKFILE_APPROVED || to > BANKFILE_APPROVED);
			assert_true(from < BANKFILE_CANCELLED || to == from);
			assert_true(to != BANKFILE_CANCELLED || from <= BANKFILE_APPROVED || from == to);
			assert_true(to != BANKFILE_WITHDRAWN || from > BANKFILE_APPROVED);
		}
}

/* --- the modules -------------------------------------------------------------------------------------------------- */

static struct bankfile file;

static void
approve(struct run *r)
{
	r->as = "alice";
	approval_give(r, &file, file.sha256);
}

static void
release(struct run *r)
{
	home_exec(
	    r,
	    "INSERT INTO approval (file_number, approver, identity, sha256, config_sha256, approved_at)"
	    " SELECT 1, 'bob', 'any', sha256, config_sha256, 0 FROM bank_file WHERE number = 1 ON CONFLICT (file_number, approver) DO NOTHING");
	r->as = "bob";
	release_bank_file(r, &file);
}

static void
mark_uploaded(struct run *r)
{
	r->as = "bob";
	release_mark_uploaded(r, &file, "EB-1");
}

static void
cancel(struct run *r)
{
	r->as = "bob";
	bankfile_cancel(r, &file, "why");
}

/* The second statement of two. */
static void
withdraw(struct run *r)
{
	home_exec(
	    r,
	    "INSERT INTO withdrawal (file_number, person, identity, way, why, stated_at, after_upload, after_reject)"
	    " SELECT 1, 'alice', 'any', 'rebuild', 'why', 0, 1, 0 FROM bank_file WHERE number = 1"
	    " ON CONFLICT (file_number, person) DO NOTHING");
	r->as = "bob";
	withdrawal_give(r, &file, WITHDRAWAL_REBUILD, "why");
}

static void (*const acts[])(struct run *r) = {
    [BANKFILE_APPROVE] = approve, [BANKFILE_RELEASE] = release,   [BANKFILE_MARK_UPLOADED] = mark_uploaded,
    [BANKFILE_CANCEL] = cancel,   [BANKFILE_WITHDRAW] = withdraw,
};

static void
play(struct run *r, enum bankfile_event event)
{
	if (event < LENGTH(acts))
		acts[event](r);
	else
		bankfile_report(r, 1, event);
}

/* Plays one pair in a home of its own, as what happened before must not matter. */
static void
check_pair(enum bankfile_state from, enum bankfile_event event)
{
	struct bankfile_step step = bankfile_state_after(from, event);
	void *state = NULL;
	struct run *r;

	frozen_open(&state);
	r = made(&state);
	file = in_state(r, from);
	if (step.answer == BANKFILE_REFUSES)
		home_dies(r, acts[event], (int)step.status, step.why);
	else if (step.answer != BANKFILE_UNEXPECTED)
		play(r, event);
	assert_true(bankfile_load(r, 1, &file));
	assert_string_equal(bankfile_state_word(file.state), bankfile_state_word(step.to));
	home_teardown(&state);
}

static void
acts_and_reports_follow_the_table(void **state)
{
	enum bankfile_state from;
	enum bankfile_event event;

	(void)state;
	for (from = 0; from < BANKFILE_STATES; from++)
		for (event = 0; event < BANKFILE_EVENTS; event++)
			check_pair(from, event);
}

static void
report_a_booking(struct run *r)
{
	bankfile_report(r, 1, BANKFILE_ONE_BOOKED);
}

static void
a_report_on_a_file_that_was_not_given_is_a_bug(void **state)
{
	static const enum bankfile_state not_given[] = {BANKFILE_GENERATED, BANKFILE_APPROVED,
	                                                BANKFILE_CANCELLED};
	struct run *r = made(state);
	size_t i;

	for (i = 0; i < LENGTH(not_given); i++) {
		file = in_state(r, not_given[i]);
		assert_false(bankfile_was_given(&file));
		home_dies(r, report_a_booking, EXIT_BUG, "the bank's report on it was applied");
	}
}

/* --- the document ------------------------------------------------------------------------------------------------- */

static void
put_cell(char *line, size_t size, const struct bankfile_step *step)
{
	size_t n = strlen(line);

	switch (step->answer) {
	case BANKFILE_GOES:
		snprintf(line + n, size - n, " `%s` |", bankfile_state_word(step->to));
		break;
	case BANKFILE_REFUSES:
		snprintf(line + n, size - n, " %d |", (int)step->status);
		break;
	default:
		snprintf(line + n, size - n, " %s |", step->answer == BANKFILE_STAYS ? "=" : "exception");
	}
}

/* The rows of the table in the document: `| `generated` | ...`, the acts and then the reports. */
static void
finance_reads_the_same_table(void **state)
{
	static char text[262144];
	FILE *in = fopen("stages/commands/finance.md", "r");
	enum bankfile_state from;
	enum bankfile_event event;
	size_t n;

	(void)state;
	assert_non_null(in);
	n = fread(text, 1, sizeof(text) - 1, in);
	text[n] = '\0';
	fclose(in);
	for (from = 0; from < BANKFILE_STATES; from++) {
		char by_persons[256] = "", by_bank[256] = "", line[600];

		for (event = 0; event < BANKFILE_EVENTS; event++) {
			struct bankfile_step step = bankfile_state_after(from, event);

			put_cell(is_act(event) ? by_persons : by_bank, sizeof(by_bank), &step);
		}
		snprintf(line, sizeof(line), "| `%s` |%s%s\n", bankfile_state_word(from), by_persons,
		         by_bank);
		if (strstr(text, line) == NULL)
			fail_msg("stages/commands/finance.md lacks\n%s", line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_state_answers_each_event),
	    cmocka_unit_test(only_what_is_over_leads_nowhere),
	    cmocka_unit_test(no_file_becomes_younger),
	    cmocka_unit_test(acts_and_reports_follow_the_table),
	    WITH_FROZEN(a_report_on_a_file_that_was_not_given_is_a_bug),
	    cmocka_unit_test(finance_reads_the_same_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
