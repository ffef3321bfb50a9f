/* release: see release.h. Writes through bankfile and publish. */
#include <string.h>

#include "stages/core/bank/approval.h"
#include "stages/core/bank/make.h"
#include "stages/core/bank/release.h"
#include "stages/core/books/debt.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/journal.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"
#include "stages/core/members/mandate.h"
#include "stages/core/members/notification.h"

static void
check_four_eyes(struct run *r, const struct bankfile *f)
{
	int64_t wanted = config_int(r->config, RELEASE_APPROVALS), given = approval_count(r, f->number);

	if (given < wanted)
		die(EXIT_FORBIDDEN,
		    "%s has %lld of %lld approvals: `alanpay sepa approve --file %s`, by somebody else than %s",
		    f->name, (long long)given, (long long)wanted, f->msg_id, f->built_by);
}

static void
check_limits(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db, "SELECT max(amount_in_cents) FROM collection WHERE file_number = $file");

	bind_int(q, "$file", f->number);
	if (value(q, 0) > config_int(r->config, RELEASE_MAX_DEBIT_CENTS))
		die(EXIT_FORBIDDEN, "%s: a %s is above max_debit_cents in [release]", f->name,
		    bankfile_words(f->kind)->one);
	if (f->sum > config_int(r->config, RELEASE_MAX_TOTAL_CENTS))
		die(EXIT_FORBIDDEN, "%s: the total is above max_total_cents in [release]", f->name);
	if (f->count > config_int(r->config, RELEASE_MAX_DEBITS))
		die(EXIT_FORBIDDEN, "%s: more %ss than max_debits in [release]", f->name,
		    bankfile_words(f->kind)->one);
}

/* What to do about a file that cannot be released any more. */
#define CANCEL ": `alanpay sepa cancel --file %s --why TEXT`, and the next version is made "

/* A debit needs its mandate in force, a refund an account that is still the member's, and a balance that covers it. */
static void
check_members(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db,
	    "SELECT c.profile_number, m.status, c.end_to_end_id FROM collection c"
	    " JOIN mandate m ON m.number = c.mandate_number"
	    " WHERE c.file_number = $file"
	    " ORDER BY c.end_to_end_id");

	bind_int(q, "$file", f->number);
	while (row(q)) {
		if (f->kind == COLLECTION_DEBIT && strcmp(col_text(q, 1), "active") != 0)
			die(EXIT_FORBIDDEN,
			    "%s: the mandate of %s is not in force any more" CANCEL "without it", f->name,
			    col_text(q, 2), f->msg_id);
		if (f->kind == COLLECTION_REFUND &&
		    !mandate_names_account(mandate_status_find(col_text(q, 1))))
			die(EXIT_FORBIDDEN,
			    "%s: the account of %s is in doubt, or another by now" CANCEL "without it",
			    f->name, col_text(q, 2), f->msg_id);
		if (f->kind == COLLECTION_REFUND && debt_refundable(r, col_int(q, 0)) < 0)
			die(EXIT_FORBIDDEN,
			    "%s: %s is not covered any more, the member owes by now" CANCEL "without it",
			    f->name, col_text(q, 2), f->msg_id);
	}
}

/* What was true when the file was made must be true still. */
static void
check_still_true(struct run *r, const struct bankfile *f)
{
	char day[DATE_TEXT];
	struct stmt *q;

	check_members(r, f);
	if (bankfile_earliest_day(r) > f->collect_on)
		die(EXIT_FORBIDDEN,
		    "%s asks for %s, which the bank cannot make any more" CANCEL "for a later day", f->name,
		    date_print(day, f->collect_on), f->msg_id);
	q = sql(r->db,
	    "SELECT count(*) FROM collection"
	    " WHERE file_number = $file AND state <> 'presented'");
	bind_int(q, "$file", f->number);
	if (value(q, 0) > 0)
		die(EXIT_FORBIDDEN, "%s: the bank has answered for %ss in it already", f->name,
		    bankfile_words(f->kind)->one);
	/* an offboarding that Swan has not done touches no money: who leaves is still collected */
	q = sql(r->db,
	    "SELECT count(*) FROM exception x"
	    " WHERE x.state = 'open' AND x.kind <> 'offboarding'"
	    "  AND (x.profile_number IN"
	    "  (SELECT profile_number FROM collection WHERE file_number = $file)"
	    "  OR x.code IN " EXCEPTION_OF_ANYBODY ")");
	bind_int(q, "$file", f->number);
	if (value(q, 0) > 0)
		die(EXIT_FORBIDDEN,
		    "%s: something is held that may touch a member in it: `alanpay exceptions list`",
		    f->name);
}

static void
check_notice(struct run *r, const struct bankfile *f)
{
	date before = f->collect_on - (date)config_int(r->config, RECOVERY_NOTICE_DAYS) + 1;
	int64_t untold;

	if (f->kind == COLLECTION_REFUND || !config_yes(r->config, RELEASE_REQUIRE_NOTICE))
		return;
	untold = notification_count_untold(r, f->number, date_paris_midnight(before));
	if (untold > 0)
		die(EXIT_BUSY,
		    "%s: %lld members were not told in time: notify does that the night after the file was made",
		    f->name, (long long)untold);
}

static void
check_audit(struct run *r, const struct bankfile *f)
{
	int audit = journal_last(r, "audit", DATE_NONE);

	if (f->audited_on == DATE_NONE || (audit != EXIT_DONE && audit != EXIT_HELD))
		die(EXIT_BUSY, "%s: release wants a clean audit younger than the file: `alanpay audit`",
		    f->name);
}

void
release_check(struct run *r, const struct bankfile *f)
{
	check_four_eyes(r, f);
	check_audit(r, f);
	check_limits(r, f);
	check_still_true(r, f);
	check_notice(r, f);
}

void
release_bank_file(struct run *r, const struct bankfile *f)
{
	if (f->state == BANKFILE_RELEASED)
		return;
	if (!bankfile_is_unreleased(f))
		die(EXIT_OVERWRITE, "%s is %s: only an approved file is released", f->name,
		    bankfile_state_word(f->state));
	make_restore_xml(r, f->number);
	release_check(r, f);
	tx_begin(r->db);
	bankfile_publish_copy(r, f, "upload", "out/upload");
	bankfile_set_released(r, f);
	tx_commit(r->db);
	publish_place(r);
	run_count(r, COUNT_BANK_FILES_RELEASED, 1);
}
