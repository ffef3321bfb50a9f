/* presented: the debts of frozen.h in a bank file that has only its row and its collections, with what the bank may answer, and
 * queries of what that did. Used by test_presentation.c and test_collection.c.
 */
#ifndef TESTS_PRESENTED_H
#define TESTS_PRESENTED_H

#include "tests/frozen.h"

#include "stages/core/books/presentation.h"

static inline void
presented_make(struct run *r, int64_t file)
{
	const struct presentation_place places[SEQUENCES] = {[SEQUENCE_RECURRENT] = {file, 1}};
	struct collection_sum totals[SEQUENCES];

	presentation_find(r, 1, COLLECTION_DEBIT, totals);
	presentation_make(r, places, 1, COLLECTION_DEBIT);
}

/* A file that has only its row and its collections. */
static inline void
presented_add(struct run *r)
{
	tx_begin(r->db);
	home_exec(
	    r,
	    "INSERT INTO bank_file (number, kind, session_number, version, msg_id, name,"
	    "  folder, created_at, wanted_on, collect_on, collections, sum_in_cents, sha256,"
	    "  state, built_by, " HOME_FILE_COLUMNS
	    ") SELECT n, 'debit', 1, n, 'M' || n, n || '.xml', 'out/sepa/' || n, 0,"
	    "  '2026-03-10', '2026-03-11', 3, 12240, zeroblob(32), 'uploaded', 'nightly', " HOME_FILE_VALUES
	    " FROM (SELECT count(*) + 1 AS n FROM bank_file)");
	home_add_blocks(r);
	presented_make(r, home_number(r, "SELECT max(number) FROM bank_file"));
	tx_commit(r->db);
}

static inline struct run *
presented(void **state)
{
	presented_add(*state);
	return *state;
}

static inline struct collection
presented_load(struct run *r, const char *id)
{
	struct collection c;

	assert_true(collection_load(r, id, &c));
	return c;
}

static inline void
presented_book(struct run *r, const char *id)
{
	struct collection c = presented_load(r, id);

	collection_book(r, &c, frozen_day("2026-03-11"), 1, 7);
}

static inline void
presented_reject(struct run *r, const char *id, const char *reason)
{
	struct collection c = presented_load(r, id);

	collection_reject(r, &c, reason, frozen_day("2026-03-13"), 1, 8);
}

#define PRESENTED_STATES \
	"SELECT end_to_end_id || ' ' || state || ' ' || live FROM collection ORDER BY presentation, profile_number"
#define PRESENTED_DEBTS                                                                            \
	"SELECT status || coalesce(' ' || recovered_in_cents, '') || coalesce(' ' || failure, '')" \
	" FROM debt WHERE session_number = 1 ORDER BY profile_number"
/* The rows posted for bank entries: member, event, amount, day, settled debt, and whether it has no debt yet. */
#define PRESENTED_LEDGER                                                                                   \
	"SELECT profile_number || ' ' || c.word || ' ' || amount_in_cents || ' ' || transaction_on || ' '" \
	" || coalesce(settled_session, '-') || ' ' || coalesce(session_number, '-')"                       \
	" FROM balance_transaction b JOIN code c ON c.number = b.event WHERE source_kind = 2"              \
	" ORDER BY profile_number, b.number"

#endif
