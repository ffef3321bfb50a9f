/* debts: balance transactions -> recovery debts; opens sessions ahead, freezes those that are due.
 *
 * reads    balance_transaction, mandate, collection (failures in a row), [recovery] and [release] of the configuration
 * writes   session, debt, exclusion; which debt a balance transaction belongs to; mandates that expired
 * rerun    what has its debt keeps it; a frozen session is not due
 * holds    a balance transaction for which no session is open waits, and counts as open debt
 */
#include "stages/core/books/debt.h"
#include "stages/core/books/session.h"
#include "stages/core/engine/options.h"
#include "stages/stage.h"

static void
freeze_due(struct run *r)
{
	struct session s;

	while (session_next_due(r, 0, &s)) {
		tx_begin(r->db);
		debt_freeze_session(r, s.number);
		tx_commit(r->db);
	}
}

static void
freeze_one(struct run *r, const char *id)
{
	char day[DATE_TEXT];
	struct session s;

	if (!session_find(r, id, &s))
		die(EXIT_ABSENT, "no session %s: `alanpay recovery list_sessions` has them", id);
	if (s.frozen)
		return;
	if (s.freeze >= r->on)
		die(EXIT_BUSY, "session %s is frozen after %s: until then its amounts may change", s.code,
		    date_print(day, s.freeze));
	tx_begin(r->db);
	debt_freeze_session(r, s.number);
	tx_commit(r->db);
}

static void
debts(struct run *r)
{
	const char *id = options_value(r, "session");
	int64_t waiting;

	tx_begin(r->db);
	run_count(r, COUNT_SESSIONS_OPENED, session_open_configured(r));
	run_count(r, COUNT_TRANSACTIONS_ASSIGNED, debt_assign(r));
	tx_commit(r->db);
	if (id != NULL)
		freeze_one(r, id);
	else
		freeze_due(r);
	waiting = debt_count_waiting(r);
	run_count(r, COUNT_TRANSACTIONS_UNASSIGNED, waiting);
	r->held = r->held || waiting > 0;
}

static const struct option_spec options[] = {
    {.name = "session", .arg = "ID|CODE", .help = "freeze this one only, if it is due"},
    {0},
};

const struct stage this_stage = {
    .name = "debts",
    .purpose = "build debts, open sessions, freeze those that are due",
    .options = options,
    .run = debts,
};
