/* audit: proves the books from raw rows and files, by queries that share nothing with the code that wrote them.
 *
 * reads    the members of whom something is new since the last clean audit, whole, and the files of transactions that post read since
 *          then; what is about no member, everything; bank files and frozen sessions until the release; with --full all of
 *          them, every file that was received or published, and the database file itself. The claims that are proved:
 *          core/audit/claims.sql
 * writes   bank_file.audited_on, once the books with that file are clean, up to which file of transactions they were
 *          proved, audit_member and audit_mark, exception.overdue_on, and the views of out/sepa/; nothing when there is a difference
 * rerun    proves the same again
 * holds    nothing: any difference ends 70, stops the night and blocks every release; the audit that first finds an exception
 *          open for more than 7 days ends 3, the later ones only count it; 3 also while a file that is not released has
 *          another creditor than the configuration
 */
#include "formats/text.h"
#include "stages/core/audit/mark.h"
#include "stages/core/audit/proof.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/sessionview.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/journal.h"
#include "stages/core/engine/options.h"
#include "stages/stage.h"

static struct claim intact = {.text = "the database is intact and each row that is referred to exists"};

static void
report_broken(void *ctx, const char *what)
{
	proof_differs(ctx, &intact, "%s", what);
}

static void
prove_database(struct proof *p)
{
	proof_begin(p, &intact);
	store_check(p->r->db, report_broken, p);
}

static void
audit(struct run *r)
{
	struct proof p = {.r = r, .full = options_value(r, "full") != NULL};
	int64_t input = 0, proved = journal_cursor(r, "audit.input", 0);

	store_spill(r->db);
	mark_begin(&p);
	if (!p.full) /* they name members that are to be proved */
		input = proof_of_inputs(&p, proved);
	proof_of_rows(&p);
	if (p.full)
		input = proof_of_inputs(&p, 0);
	else
		proof_of_recorded(&p, proved);
	if (!p.full && !p.is_posted)
		proof_of_inputs_again(&p, proved);
	proof_of_files(&p);
	proof_of_approvals(&p);
	proof_of_home(&p);
	if (p.full) {
		proof_of_exports(&p);
		proof_of_log(&p);
		prove_database(&p);
	}
	if (p.differences > 0)
		die(EXIT_BUG,
		    "the books have %lld difference%s: no bank file is released: keep the home as it is and call an engineer",
		    (long long)p.differences, text_plural(p.differences));
	run_count(r, COUNT_CLAIMS_PROVED, p.claims);
	tx_begin(r->db);
	run_count(r, COUNT_BANK_FILES_VERIFIED, bankfile_mark_audited(r));
	if (input > proved)
		journal_move(r, "audit.input", input);
	mark_make(&p);
	r->held = exception_mark_overdue(r) > 0;
	tx_commit(r->db);
	if (proof_of_creditors(&p) > 0)
		r->held = true;
	sessionview_refresh(r);
	run_count(r, COUNT_EXCEPTIONS_OVERDUE, exception_count_overdue(r));
}

static const struct option_spec options[] = {
    {.name = "full",
     .help =
         "check every member, all kept files and the database file, not only what is new since the last clean audit"},
    {0},
};

const struct stage this_stage = {
    .name = "audit",
    .purpose = "prove the books",
    .options = options,
    .run = audit,
};
