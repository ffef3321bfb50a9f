/* collect: frozen sessions -> pain.008 files, with what finance needs beside them.
 *
 * reads    session, debt, exclusion, mandate; [creditor], [bank] and [recovery] of the configuration
 * writes   bank_file, collection, debt, session; balance_transaction (both rows of what cannot be presented, and which
 *          debt they are in now); out/sepa/<recovery date>_<session>/v<N>/
 * rerun    a session with a file in force gets no other
 * holds    nothing: a debt that cannot be presented any more fails, and its cents move on to the next session
 */
#include "stages/core/bankfile.h"
#include "stages/core/debt.h"
#include "stages/core/session.h"
#include "stages/stage.h"

/* Frozen, with something owed, and no file in force. */
static int64_t
next_session(struct run *r, int64_t after)
{
	struct stmt *q =
	    sql(r->db, "SELECT s.number FROM session s WHERE s.frozen_at IS NOT NULL AND s.number > $after"
	               "  AND EXISTS (SELECT 1 FROM debt d WHERE d.session_number = s.number"
	               "   AND d.status = 'pending' AND d.amount_in_cents > 0)"
	               "  AND NOT EXISTS (SELECT 1 FROM bank_file f WHERE f.session_number = s.number"
	               "   AND f.state NOT IN ('cancelled', 'withdrawn'))"
	               " ORDER BY s.number LIMIT 1");

	bind_int(q, "$after", after);
	return value(q, 0);
}

static void
collect(struct run *r)
{
	const char *id = run_option(r, "session");
	struct session s = {0};
	int64_t number = 0;

	if (id != NULL && !session_find(r, id, &s))
		die(EXIT_ABSENT, "no session %s", id);
	while ((number = next_session(r, number)) != 0)
		if (id == NULL || number == s.number)
			bankfile_make(r, number);
	tx_begin(r->db);
	debt_assign(r);
	tx_commit(r->db);
}

static const struct option_spec options[] = {
    {.name = "session", .arg = "ID", .help = "the file of this one only"},
    {0},
};

const struct stage this_stage = {
    .name = "collect",
    .purpose = "write the direct-debit files of frozen sessions",
    .options = options,
    .run = collect,
};
