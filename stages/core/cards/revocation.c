/* revocation: see revocation.h. Writes the table reversed_decision. */
#include <string.h>

#include "stages/core/books/reversal.h"
#include "stages/core/cards/held.h"
#include "stages/core/cards/revocation.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/log.h"

struct revocation {
	struct payment_work work; /* input and line are those of the exception */
	int64_t number;
	char key[SWAN_ID + 1];
	char state[16], decision[32];
	const char *why;
	int64_t profile;                        /* whose balance it moved */
	char reference[TRANSFER_REFERENCE + 1]; /* of the transfer that is reversed, or "" */
};

static void
load_decision(struct revocation *v)
{
	struct run *r = v->work.r;
	struct stmt *q = sql(r->db,
	    "SELECT key, state, coalesce(decision, ''), kind, input_number, line"
	    " FROM exception"
	    " WHERE number = $number");

	bind_int(q, "$number", v->number);
	if (!row(q))
		die(EXIT_ABSENT, "exception %lld does not exist: `%s` lists all", (long long)v->number,
		    run_command(r, "exceptions list --all"));
	if (strcmp(col_text(q, 3), "swan_transaction") != 0)
		die(EXIT_REFUSED, "exception %lld is not a Swan transaction: its decision cannot be reversed",
		    (long long)v->number);
	col_copy(q, 0, v->key, sizeof(v->key));
	col_copy(q, 1, v->state, sizeof(v->state));
	col_copy(q, 2, v->decision, sizeof(v->decision));
	v->work.input = col_int_or(q, 4, 0);
	v->work.line = (long)col_int_or(q, 5, 0);
	reset(q);
}

static bool
was_reversed(const struct revocation *v)
{
	struct stmt *q =
	    sql(v->work.r->db,
	    "SELECT count(*) FROM reversed_decision WHERE exception_number = $number");

	bind_int(q, "$number", v->number);
	return value(q, 0) > 0;
}

/* --- what was posted ---------------------------------------------------------------------------------------------- */

/* The transfer that the last attribution made of it. False: it became a card payment. */
static bool
find_transfer(struct revocation *v)
{
	struct stmt *q = sql(v->work.r->db,
	    "SELECT profile_number, coalesce(bank_reference, '')"
	    " FROM attribution"
	    " WHERE transaction_id = $id"
	    " ORDER BY nth DESC LIMIT 1");

	bind_text(q, "$id", v->key);
	if (!row(q))
		die(EXIT_BUG, "exception %lld is attributed, but its transaction is not",
		    (long long)v->number);
	v->profile = col_int(q, 0);
	col_copy(q, 1, v->reference, sizeof(v->reference));
	reset(q);
	return v->reference[0] != '\0';
}

/* --- the contra row ----------------------------------------------------------------------------------------------- */

static void
take_back(struct revocation *v)
{
	if (!find_transfer(v))
		die(EXIT_REFUSED, "exception %lld became a card payment, whose attribution is not reversed",
		    (long long)v->number);
	if (!reversal_decide(v->work.r, v->reference, v->why))
		die(EXIT_REFUSED,
		    "exception %lld: nothing is left of what the decision posted: there is nothing to reverse",
		    (long long)v->number);
}

static void
store_reversal(const struct revocation *v)
{
	struct run *r = v->work.r;
	struct stmt *q = sql(r->db,
	    "INSERT INTO reversed_decision (exception_number, nth, decision, profile_number, bank_reference,"
	    "  decided_why, decided_by, decided_at, why, reversed_by, reversed_at)"
	    " SELECT x.number,"
	    "  1 + (SELECT count(*) FROM reversed_decision d WHERE d.exception_number = x.number),"
	    "  x.decision, $profile, $reference, x.why, x.resolved_by, x.resolved_at, $why, $who, $now"
	    " FROM exception x"
	    " WHERE x.number = $number");

	bind_int(q, "$profile", v->profile);
	bind_text(q, "$reference", v->reference);
	bind_text(q, "$why", v->why);
	bind_text(q, "$who", run_person(r));
	bind_instant(q, "$now", r->now);
	bind_int(q, "$number", v->number);
	exec(q);
}

/* The exception says why each version cannot be posted now. */
static int
hold_version(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	struct revocation *v = ctx;
	struct err why = {0};

	(void)line;
	(void)e;
	if (payment_apply(&v->work, t, &why) < 0)
		held_keep(&v->work, t, &why);
	return 0;
}

static void
open_again(struct revocation *v)
{
	static char record[HELD_RECORD];
	struct stmt *q = sql(v->work.r->db, "SELECT record FROM exception WHERE number = $number");
	struct err e = {0};

	exception_reopen(v->work.r, v->number);
	bind_int(q, "$number", v->number);
	if (!row(q))
		die(EXIT_BUG, "exception %lld does not exist", (long long)v->number);
	col_copy(q, 0, record, sizeof(record));
	reset(q);
	if (held_read(record, hold_version, v, &e) < 0)
		die(EXIT_BUG, "exception %lld: the record cannot be read: %s", (long long)v->number,
		    e.message);
}

bool
revocation_decide(struct run *r, int64_t number, const char *why)
{
	struct revocation v = {.work = {.r = r}, .number = number, .why = why};

	tx_begin(r->db);
	load_decision(&v);
	if (strcmp(v.state, "open") == 0 && was_reversed(&v)) {
		tx_commit(r->db);
		return false;
	}
	if (strcmp(v.decision, "attributed") != 0)
		die(EXIT_REFUSED, "exception %lld is %s%s: only attributed can be reversed",
		    (long long)number, v.decision[0] == '\0' ? v.state : "decided as ", v.decision);
	take_back(&v);
	store_reversal(&v);
	open_again(&v);
	tx_commit(r->db);
	return true;
}
