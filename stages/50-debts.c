/* debts: balance transactions -> recovery debts; opens sessions ahead, freezes those that are due.
 *
 * reads    balance_transaction, mandate, collection (failures in a row), [recovery] and [release] of the configuration
 * writes   session, debt, exclusion; which debt a balance transaction belongs to; mandates that expired
 * rerun    changes nothing: an assigned transaction keeps its debt, a frozen session is not due
 * holds    a balance transaction for which no session is open; it counts as open debt, and ends with 3 the first time. A freeze
 *          that excludes debts for a reason which only a person can change ends with 3
 */
#include "stages/core/books/debt.h"
#include "stages/core/books/freeze.h"
#include "stages/core/books/session.h"
#include "stages/core/engine/act.h"
#include "stages/core/engine/journal.h"
#include "stages/core/engine/options.h"
#include "stages/stage.h"

static void
freeze_due(struct run *r)
{
	struct session s;

	while (session_next_due(r, 0, &s)) {
		tx_begin(r->db);
		freeze_session(r, s.number);
		tx_commit(r->db);
	}
}

static void
freeze_one(struct run *r, const char *id)
{
	char day[DATE_TEXT];
	struct session s;

	if (!session_find(r, id, &s))
		die(EXIT_ABSENT, "the session %s does not exist: `%s` lists them", id,
		    run_command(r, "recovery list_sessions"));
	if (s.frozen)
		return;
	if (s.freeze >= r->on)
		die(EXIT_BUSY,
		    "session %s is not due: its freeze date is %s; run this on a later business date", s.code,
		    date_print(day, s.freeze));
	tx_begin(r->db);
	freeze_session(r, s.number);
	act_add(r, &(struct act){.kind = "session", .what = s.code, .detail = "frozen by hand"});
	tx_commit(r->db);
}

/* Exit status 3 only when there are more of them than the last time: those that have been waiting since are counted. */
static void
count_unassigned(struct run *r)
{
	int64_t unassigned = debt_count_unassigned(r), before = journal_cursor(r, DEBT_UNASSIGNED_CURSOR, 0);

	run_count(r, COUNT_TRANSACTIONS_UNASSIGNED, unassigned);
	r->held = r->held || unassigned > before;
	if (unassigned == before)
		return;
	tx_begin(r->db);
	journal_move(r, DEBT_UNASSIGNED_CURSOR, unassigned);
	tx_commit(r->db);
}

static void
debts(struct run *r)
{
	const char *id = options_value(r, "session");

	tx_begin(r->db);
	run_count(r, COUNT_SESSIONS_OPENED, session_open_configured(r));
	run_count(r, COUNT_TRANSACTIONS_ASSIGNED, debt_assign(r));
	tx_commit(r->db);
	if (id != NULL)
		freeze_one(r, id);
	else
		freeze_due(r);
	count_unassigned(r);
}

static const struct option_spec options[] = {
    {.name = "session", .arg = "ID|CODE", .help = "freeze only this session, if it is due"},
    {0},
};

const struct stage this_stage = {
    .name = "debts",
    .purpose = "build debts, open sessions, freeze sessions that are due",
    .options = options,
    .run = debts,
};
