/* external: see external.h. Writes the table external_transaction. */
#include <stdio.h>
#include <string.h>

#include "stages/core/books/debt.h"
#include "stages/core/books/external.h"
#include "stages/core/books/ledger.h"
#include "stages/core/engine/log.h"

/* A request that found no debt left nothing behind: it may come again, for another member or amount too. */
static bool
was_posted(struct run *r, const struct external *x, enum external_outcome *outcome, int64_t *number)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT profile_number, requested_in_cents, transaction_number"
	    " FROM external_transaction"
	    " WHERE app_id = $app AND external_transaction_id = $id AND outcome = 'posted'");

	bind_text(q, "$app", x->app_id);
	bind_text(q, "$id", x->id);
	if (!row(q))
		return false;
	*number = col_int(q, 2);
	*outcome = col_int(q, 0) == x->profile && col_int(q, 1) == x->requested ? EXTERNAL_POSTED
	                                                                        : EXTERNAL_CONFLICT;
	reset(q);
	return true;
}

/* Posts, and gives the row its debt at once: the answer names it. */
static int64_t
post_external(struct run *r, const struct external *x, int64_t own_number, cents amount)
{
	char source[24];
	struct posting p = {.profile = x->profile,
	                    .event = EVENT_EXTERNAL_TRANSACTION,
	                    .amount = amount,
	                    .at = x->at,
	                    .source_kind = SOURCE_REQUEST,
	                    .source = source,
	                    .input = x->input,
	                    .line = x->line};
	struct stmt *q;

	p.source_size = (size_t)snprintf(source, sizeof(source), "%lld", (long long)own_number);
	if (ledger_post(r, &p) != POSTED)
		die(EXIT_BUG, "external transaction %s was posted before", source);
	(void)debt_assign_member(r, x->profile);
	q = sql(r->db, "SELECT last_transaction FROM profile WHERE number = $profile");
	bind_int(q, "$profile", x->profile);
	return value(q, 0);
}

/* The number of its row: that of the request which found no debt, else a new one. */
static int64_t
number_external(struct run *r, const struct external *x)
{
	struct stmt *q = sql(r->db,
	    "SELECT number FROM external_transaction"
	    " WHERE app_id = $app AND external_transaction_id = $id");
	int64_t number = 0;

	bind_text(q, "$app", x->app_id);
	bind_text(q, "$id", x->id);
	if (row(q))
		number = col_int(q, 0);
	reset(q);
	return number != 0 ? number : store_number(r->db, "external_transaction");
}

static void
save_external(struct run *r, const struct external *x, int64_t own_number, int64_t transaction)
{
	struct stmt *q =
	    sql(r->db,
	        "INSERT INTO external_transaction (number, app_id, external_transaction_id, profile_number,"
	        "  requested_in_cents, outcome, transaction_number, input_number, line)"
	        " VALUES ($number, $app, $id, $profile, $requested, $outcome, $transaction, $input, $line)"
	        " ON CONFLICT (number) DO UPDATE SET profile_number = excluded.profile_number,"
	        "  requested_in_cents = excluded.requested_in_cents, outcome = excluded.outcome,"
	        "  transaction_number = excluded.transaction_number,"
	        "  input_number = excluded.input_number, line = excluded.line");

	bind_int(q, "$number", own_number);
	bind_text(q, "$app", x->app_id);
	bind_text(q, "$id", x->id);
	bind_int(q, "$profile", x->profile);
	bind_int(q, "$requested", x->requested);
	bind_text(q, "$outcome", transaction == 0 ? "no_debt" : "posted");
	bind_int_or(q, "$transaction", transaction, 0);
	bind_int_or(q, "$input", x->input, 0);
	bind_int_or(q, "$line", x->line, 0);
	exec(q);
}

enum external_outcome
external_request(struct run *r, const struct external *x, int64_t *number)
{
	enum external_outcome outcome;
	int64_t own_number;
	cents owed;

	if (was_posted(r, x, &outcome, number))
		return outcome;
	owed = debt_open(r, x->profile);
	own_number = number_external(r, x);
	*number = owed <= 0 ? 0 : post_external(r, x, own_number, owed < x->requested ? owed : x->requested);
	save_external(r, x, own_number, *number);
	return *number == 0 ? EXTERNAL_NO_DEBT : EXTERNAL_POSTED;
}
