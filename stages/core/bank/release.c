/* release: see release.h. Writes through bankfile and publish. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/fold.h"
#include "formats/text.h"
#include "stages/core/bank/approval.h"
#include "stages/core/bank/concern.h"
#include "stages/core/bank/copy.h"
#include "stages/core/bank/make.h"
#include "stages/core/bank/notified.h"
#include "stages/core/bank/rejection.h"
#include "stages/core/bank/release.h"
#include "stages/core/bank/terms.h"
#include "stages/core/books/debt.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/journal.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"
#include "stages/core/members/mandate.h"

static void
check_rejections(struct run *r, const struct bankfile *f)
{
	struct rejection first;

	if (rejection_find(r, f->number, &first))
		die(EXIT_FORBIDDEN,
		    "%s: rejected by %s (%s): %s withdraws that (`%s`), or cancel the file: `%s`", f->name,
		    first.person, first.why, first.person,
		    run_command(r, "sepa reject --file %s --withdraw", f->msg_id),
		    run_command(r, "sepa cancel --file %s --why TEXT", f->msg_id));
}

static void
check_four_eyes(struct run *r, const struct bankfile *f)
{
	char why[APPROVAL_WHY];
	int64_t wanted = config_int(r->config, RELEASE_APPROVALS), given = approval_count(r, f, why);

	if (given < wanted)
		die(EXIT_FORBIDDEN,
		    "%s has %lld of %lld approval%s%s%s: a person who neither built nor approved it runs `%s`",
		    f->name, (long long)given, (long long)wanted, text_plural(wanted),
		    why[0] == '\0' ? "" : "; ", why, run_command(r, "sepa approve --file %s", f->msg_id));
}

static void
check_limits(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db, "SELECT max(amount_in_cents) FROM collection WHERE file_number = $file");

	bind_int(q, "$file", f->number);
	if (value(q, 0) > config_int(r->config, RELEASE_MAX_DEBIT_CENTS))
		die(EXIT_FORBIDDEN, "%s: a %s is above the limit max_debit_cents in [release]", f->name,
		    bankfile_words(f->kind)->one);
	if (f->sum > config_int(r->config, RELEASE_MAX_TOTAL_CENTS))
		die(EXIT_FORBIDDEN, "%s: the total is above the limit max_total_cents in [release]", f->name);
	if (f->count > config_int(r->config, RELEASE_MAX_DEBITS))
		die(EXIT_FORBIDDEN, "%s: the number of %ss is above the limit max_debits in [release]",
		    f->name, bankfile_words(f->kind)->one);
}

/* It can never be released: its next version can. */
static _Noreturn void __attribute__((format(printf, 3, 4)))
die_to_cancel(struct run *r, const struct bankfile *f, const char *fmt, ...)
{
	char wrong[160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(wrong, sizeof(wrong), fmt, args);
	va_end(args);
	die(EXIT_FORBIDDEN, "%s: %s: cancel it, and collect makes the next version: `%s`, then `%s`", f->name,
	    wrong, run_command(r, "sepa cancel --file %s --why TEXT", f->msg_id), run_command(r, "collect"));
}

/* A debit needs a mandate in force; a refund needs the member's account and a balance that covers it. */
static void
check_members(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db,
	    "SELECT c.profile_number, " SQL_MANDATE_STATUS("m") ", c.end_to_end_id FROM collection c"
	    " JOIN mandate m ON m.number = c.mandate_number"
	    " WHERE c.file_number = $file"
	    " ORDER BY c.end_to_end_id");

	bind_int(q, "$file", f->number);
	bind_date(q, "$dead_before", mandate_dead_before(r->on));
	while (row(q)) {
		enum mandate_status status = mandate_col_status(q, 1);

		if (f->kind == COLLECTION_DEBIT && status != MANDATE_ACTIVE)
			die_to_cancel(r, f, "the mandate of debit %s is not in force any more",
			              col_text(q, 2));
		if (f->kind == COLLECTION_REFUND && !mandate_names_account(status))
			die_to_cancel(r, f, "the account of refund %s is uncertain or has changed",
			              col_text(q, 2));
		if (f->kind == COLLECTION_REFUND && debt_refundable(r, col_int(q, 0)) < 0)
			die_to_cancel(r, f, "the balance of the member does not cover refund %s any more",
			              col_text(q, 2));
	}
}

/* The file may be the wrong one, or the configuration. */
static void
check_creditor(struct run *r, const struct bankfile *f)
{
	const char *changed = terms_find_change(r, f->number);

	if (changed != NULL)
		die_to_cancel(r, f, "[creditor] in the configuration has another %s now", changed);
}

/* What was true when the file was made must still be true. */
static void
check_still_true(struct run *r, const struct bankfile *f)
{
	char day[DATE_TEXT];
	struct stmt *q;

	check_members(r, f);
	if (bankfile_earliest_day(r) > f->collect_on)
		die_to_cancel(r, f, "it is too late for its due date, %s", date_print(day, f->collect_on));
	q = sql(r->db,
	    "SELECT count(*) FROM collection"
	    " WHERE file_number = $file AND state <> 'presented'");
	bind_int(q, "$file", f->number);
	if (value(q, 0) > 0)
		die(EXIT_FORBIDDEN, "%s: the bank has already reported on %ss in it", f->name,
		    bankfile_words(f->kind)->one);
}

static void
check_notice(struct run *r, const struct bankfile *f)
{
	char why[NOTIFIED_TEXT], step[NOTIFIED_STEP], day[DATE_TEXT];
	struct notification_notice n;
	int64_t lacking;

	if (f->kind == COLLECTION_REFUND || !config_yes(r->config, RELEASE_REQUIRE_NOTICE))
		return;
	notified_count(r, f, &n);
	lacking = n.debits - n.notified;
	if (lacking == 0)
		return;
	die(EXIT_BUSY,
	    "%s: %lld member%s not notified in time, by %s (notice_days in [recovery]); of %lld: %s; %s",
	    f->name, (long long)lacking, lacking == 1 ? " was" : "s were",
	    date_print(day, notified_until(r, f)), (long long)n.debits, notified_print_lacks(&n, why),
	    notified_print_step(r, f, &n, step));
}

static void
check_audit(struct run *r, const struct bankfile *f)
{
	int audit = journal_last(r, "audit", DATE_NONE);

	if (f->audited_on == DATE_NONE || (audit != EXIT_DONE && audit != EXIT_HELD))
		die(EXIT_BUSY, "%s: no clean audit since the file was made: run `%s`", f->name,
		    run_command(r, "audit"));
}

void
release_check(struct run *r, const struct bankfile *f)
{
	check_creditor(r, f);
	check_rejections(r, f);
	check_four_eyes(r, f);
	check_audit(r, f);
	check_limits(r, f);
	check_still_true(r, f);
	concern_check(r, f);
	check_notice(r, f);
}

void
release_bank_file(struct run *r, const struct bankfile *f)
{
	if (bankfile_require(r, f, BANKFILE_RELEASE) == f->state)
		return;
	make_restore_xml(r, f->number);
	release_check(r, f);
	tx_begin(r->db);
	copy_publish(r, f, "upload", "out/upload");
	bankfile_set_released(r, f);
	tx_commit(r->db);
	publish_place(r);
	run_count(r, COUNT_BANK_FILES_RELEASED, 1);
}

#define REFERENCE 512 /* bytes of a bank's reference */

/* False: the file is not marked as uploaded. */
static bool
find_reference(struct run *r, const struct bankfile *f, char reference[static REFERENCE])
{
	struct stmt *q = sql(r->db,
	    "SELECT bank_reference FROM bank_file"
	    " WHERE number = $number AND bank_reference IS NOT NULL");

	bind_int(q, "$number", f->number);
	if (!row(q))
		return false;
	col_copy(q, 0, reference, REFERENCE);
	reset(q);
	return true;
}

static bool
release_was_marked(struct run *r, const struct bankfile *f, const char *reference)
{
	char before[REFERENCE];

	if (!find_reference(r, f, before))
		return false;
	if (!fold_is_same(before, reference))
		die(EXIT_OVERWRITE,
		    "%s was marked as uploaded before, with the bank reference %s: if that was wrong, run `%s`",
		    f->name, before,
		    run_command(
			r, "sepa mark-uploaded --file %s --bank-reference REFERENCE --correct --why TEXT",
			f->msg_id));
	return true;
}

static void
insert_correction(struct run *r, const struct bankfile *f, const char *was, const char *becomes,
                  const char *why)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO upload_correction (file_number, nth, was, becomes, why, corrected_by, corrected_identity,"
	    "  corrected_at)"
	    " SELECT $file, count(*) + 1, $was, $becomes, $why, $who, $identity, $now"
	    " FROM upload_correction"
	    " WHERE file_number = $file");

	bind_int(q, "$file", f->number);
	bind_text(q, "$was", was);
	bind_text(q, "$becomes", becomes);
	bind_text(q, "$why", why);
	run_bind_person(r, q);
	bind_instant(q, "$now", r->now);
	exec(q);
}

bool
release_correct_upload(struct run *r, const struct bankfile *f, const char *reference, const char *why)
{
	char before[REFERENCE];

	if (!find_reference(r, f, before))
		die(EXIT_BUSY, "%s is not marked as uploaded: there is no reference to correct", f->name);
	if (strcmp(before, reference) == 0)
		return false;
	tx_begin(r->db);
	insert_correction(r, f, before, reference, why);
	bankfile_set_reference(r, f, reference);
	tx_commit(r->db);
	return true;
}

bool
release_mark_uploaded(struct run *r, const struct bankfile *f, const char *reference)
{
	char path[PATH_SIZE];

	if (release_was_marked(r, f, reference))
		return false;
	(void)bankfile_require(r, f, BANKFILE_MARK_UPLOADED);
	tx_begin(r->db);
	snprintf(path, sizeof(path), "out/upload/%s", f->name);
	copy_publish(r, f, "uploaded", "out/uploaded");
	publish_retire(r, path);
	bankfile_set_uploaded(r, f, reference);
	if (f->kind == COLLECTION_DEBIT)
		mandate_presented(r, f->number, f->collect_on);
	tx_commit(r->db);
	publish_place(r);
	run_count(r, COUNT_BANK_FILES_UPLOADED, 1);
	return true;
}
