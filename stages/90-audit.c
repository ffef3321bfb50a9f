/* audit: proves the books from raw rows and files, by queries that share nothing with the code that wrote them.
 *
 * reads    everything; of the CSV files that post read those since the last clean audit, with --full all of them, every file
 *          that was published or kept, and the database itself. What is proved: core/audit/claims.sql
 * writes   bank_file.audited_on of files found in order, and how far the CSV files were proved; nothing when it fails
 * rerun    says the same
 * holds    nothing: any difference ends 70, stops the night and blocks release; what has been held for more than 7 days
 *          makes it end 3 every night
 */
#include "stages/core/audit/proof.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/journal.h"
#include "stages/core/engine/options.h"
#include "stages/stage.h"

static struct claim intact = {.text = "the database is intact and each row that is referred to exists"};

static void
tell_broken(void *ctx, const char *what)
{
	proof_fails(ctx, &intact, what);
}

static void
prove_database(struct proof *p)
{
	proof_begin(p, &intact);
	store_check(p->r->db, tell_broken, p);
}

static void
audit(struct run *r)
{
	struct proof p = {.r = r, .full = options_value(r, "full") != NULL};
	int64_t overdue, input, proved = journal_cursor(r, "audit.input", 0);

	proof_of_rows(&p);
	proof_of_files(&p);
	input = proof_of_inputs(&p, p.full ? 0 : proved);
	proof_of_home(&p);
	if (p.full)
		prove_database(&p);
	if (p.different > 0)
		die(EXIT_BUG, "the books are not right: %lld differences; nothing is released until they are",
		    (long long)p.different);
	run_count(r, COUNT_CLAIMS_PROVED, p.claims);
	tx_begin(r->db);
	run_count(r, COUNT_BANK_FILES_VERIFIED, bankfile_mark_audited(r));
	if (input > proved)
		journal_move(r, "audit.input", input);
	tx_commit(r->db);
	overdue = exception_count_overdue(r);
	run_count(r, COUNT_EXCEPTIONS_OVERDUE, overdue);
	r->held = overdue > 0;
}

static const struct option_spec options[] = {
    {.name = "full", .help = "everything, not only what is new; and the database itself"},
    {0},
};

const struct stage this_stage = {
    .name = "audit",
    .purpose = "prove the books",
    .options = options,
    .run = audit,
};
