/* collect: writes the bank files of frozen sessions (pain.008 for debits, pain.001 for refunds) and their hand-off folders.
 *
 * reads    session, debt, exclusion, mandate; [creditor], [bank] and [recovery] of the configuration
 * writes   bank_file, collection, debt, session; balance_transaction (two rows for a debt that is not presented; the debts that
 *          rows belong to); out/sepa/<recovery date>_<session>/v<N>/ (debits), refunds-v<N>/, and the views
 *          beside them
 * rerun    nothing to do: a debt is in at most one file in force; a file of a hand-off folder that is gone is rebuilt with
 *          the same bytes
 * holds    nothing: a debt that cannot be presented any more fails, and its cents are carried to the next session
 */
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/make.h"
#include "stages/core/bank/sessionview.h"
#include "stages/core/books/debt.h"
#include "stages/core/books/session.h"
#include "stages/core/engine/options.h"
#include "stages/stage.h"

/* Frozen, with something to collect, or to refund, that is in no file in force. */
static int64_t
next_session(struct run *r, enum collection_kind kind, int64_t after)
{
	struct stmt *q = sql(r->db,
	    "SELECT s.number FROM session s"
	    " WHERE s.frozen_at IS NOT NULL AND s.number > $after"
	    "  AND EXISTS (SELECT 1 FROM debt d WHERE d.session_number = s.number"
	    "   AND d.status = 'pending'"
	    "   AND CASE $kind WHEN 'debit' THEN d.amount_in_cents > 0 ELSE d.amount_in_cents < 0 END)"
	    " ORDER BY s.number LIMIT 1");

	bind_text(q, "$kind", collection_kind_word(kind));
	bind_int(q, "$after", after);
	return value(q, 0);
}

static int64_t
find_frozen(struct run *r, const char *id)
{
	char day[DATE_TEXT];
	struct session s;

	if (!session_find(r, id, &s))
		die(EXIT_ABSENT, "session %s does not exist: list them: `%s`", id,
		    run_command(r, "recovery list_sessions"));
	if (!s.frozen)
		die(EXIT_BUSY, "session %s is not frozen yet: its freeze date is %s; after that day run `%s`",
		    s.code, date_print(day, s.freeze), run_command(r, "debts"));
	return s.number;
}

static void
collect(struct run *r)
{
	const char *id = options_value(r, "session");
	int64_t number = 0, only = id == NULL ? 0 : find_frozen(r, id);
	enum collection_kind kind;

	store_spill(r->db); /* a session may have a million debts */
	make_restore(r);
	for (kind = COLLECTION_DEBIT; kind <= COLLECTION_REFUND; kind++)
		while ((number = next_session(r, kind, number)) != 0)
			if (id == NULL || number == only)
				make_bank_file(r, number, kind);
	tx_begin(r->db);
	debt_assign(r);
	tx_commit(r->db);
	sessionview_refresh_all(r);
}

static const struct option_spec options[] = {
    {.name = "session", .arg = "ID|CODE", .help = "only the files of this session"},
    {0},
};

const struct stage this_stage = {
    .name = "collect",
    .purpose = "write the bank files of frozen sessions: direct debits and refunds",
    .options = options,
    .run = collect,
};
