/* revocation: see revocation.h. Writes the table reversed_decision. */
#include <stdio.h>
#include <string.h>

#include "stages/core/books/correction.h"
#include "stages/core/books/debt.h"
#include "stages/core/books/ledger.h"
#include "stages/core/books/reversal.h"
#include "stages/core/cards/held.h"
#include "stages/core/cards/named.h"
#include "stages/core/cards/revocation.h"
#include "stages/core/cards/sender.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/intent.h"
#include "stages/core/engine/key.h"
#include "stages/core/engine/log.h"

struct revocation {
	struct payment_work work;
	int64_t number;
	char key[SWAN_ID + 1];
	char state[16], decision[32];
	const char *why;
	int64_t profile;                        /* whose balance it moved */
	char reference[TRANSFER_REFERENCE + 1]; /* of the transfer that is reversed, or "" */
	int64_t correction;                     /* the number of the correction that takes it back, or 0 */
};

static void
load_decision(struct revocation *v)
{
	struct run *r = v->work.r;
	struct stmt *q = sql(r->db,
	    "SELECT key, state, coalesce(decision, ''), kind"
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
	reset(q);
}

/* Whether the last decision that was taken back is this one. */
static bool
was_reversed(const struct revocation *v, const char *decision)
{
	struct stmt *q = sql(v->work.r->db,
	    "SELECT CASE WHEN decision = $decision THEN 1 ELSE 0 END"
	    " FROM reversed_decision"
	    " WHERE exception_number = $number"
	    " ORDER BY nth DESC LIMIT 1");

	bind_int(q, "$number", v->number);
	bind_text(q, "$decision", decision);
	return value(q, 0) != 0;
}

/* The last attribution of the transaction, unless it was taken back. */
static bool
find_attribution(struct revocation *v)
{
	struct stmt *q = sql(v->work.r->db,
	    "SELECT profile_number, coalesce(bank_reference, '')"
	    " FROM attribution"
	    " WHERE transaction_id = $id"
	    " ORDER BY nth DESC LIMIT 1");

	if (named_is_taken_back(v->work.r, v->key))
		return false;
	bind_text(q, "$id", v->key);
	if (!row(q))
		return false;
	v->profile = col_int(q, 0);
	col_copy(q, 1, v->reference, sizeof(v->reference));
	reset(q);
	return true;
}

/* --- which decision ----------------------------------------------------------------------------------------------- */

static _Noreturn void
die_not_reversible(const struct revocation *v)
{
	if (strcmp(v->decision, "as_told") == 0)
		die(EXIT_REFUSED,
		    "exception %lld is decided as as_told, after its attribution: reverse that first: `%s`",
		    (long long)v->number,
		    run_command(v->work.r, "exceptions reverse --id %lld --why TEXT", (long long)v->number));
	die(EXIT_REFUSED, "exception %lld is %s%s: there is no such decision to take back: `%s`",
	    (long long)v->number, v->decision[0] == '\0' ? v->state : "decided as ", v->decision,
	    run_command(v->work.r, "exceptions show --id %lld", (long long)v->number));
}

static _Noreturn void
die_attribution_stands(const struct revocation *v)
{
	die(EXIT_REFUSED, "exception %lld is %s%s, and its attribution stands: to reverse that: `%s`",
	    (long long)v->number, v->decision[0] == '\0' ? v->state : "decided as ", v->decision,
	    run_command(v->work.r, "exceptions reverse --id %lld --decision attributed --why TEXT",
	                (long long)v->number));
}

/* Sets the decision that is taken back: the one that a person names, or the last one. False: it was taken back before; a decision
 * as_told, without the attribution before it. */
static bool
choose_decision(struct revocation *v, const char *named)
{
	bool is_last = named == NULL || strcmp(named, v->decision) == 0,
	     may_be_report = named == NULL || strcmp(named, "as_told") == 0,
	     may_be_attributed = named == NULL || strcmp(named, "attributed") == 0;

	if (is_last && (strcmp(v->decision, "attributed") == 0 || strcmp(v->decision, "as_told") == 0))
		return true;
	if (named != NULL && strcmp(named, "attributed") == 0 && strcmp(v->decision, "as_told") != 0 &&
	    find_attribution(v)) {
		snprintf(v->decision, sizeof(v->decision), "attributed");
		return true;
	}
	if (strcmp(v->state, "open") == 0 &&
	    ((may_be_report && was_reversed(v, "as_told")) ||
	     (may_be_attributed && was_reversed(v, "attributed") && !find_attribution(v))))
		return false;
	if (named == NULL && find_attribution(v))
		die_attribution_stands(v);
	die_not_reversible(v);
}

/* --- what was posted ---------------------------------------------------------------------------------------------- */

/* By the last correction: it moves again what it moved before. */
static bool
find_correction(struct revocation *v, struct correction *c)
{
	struct stmt *q = sql(v->work.r->db,
	    "SELECT c.profile_number, c.moves_in_cents - coalesce(b.amount_in_cents, 0), c.swan_updated_at,"
	    "  c.bank_reference, CASE WHEN t.id IS NULL THEN 1 ELSE 0 END, b.payment_number"
	    " FROM correction c"
	    " LEFT JOIN swan_transaction_id t ON t.id = c.id"
	    " LEFT JOIN balance_transaction b ON b.source_kind = " SQL_CODE(SOURCE_CORRECTION)
	    "  AND b.source = CAST(c.swan_id || '/' || c.nth AS BLOB)"
	    " WHERE c.swan_id = $id"
	    " ORDER BY c.nth DESC LIMIT 1");

	bind_text(q, "$id", v->key);
	if (!row(q))
		return false;
	c->profile = col_int(q, 0);
	c->moves = col_int(q, 1);
	c->version_at = col_instant(q, 2);
	if (col_text(q, 3) != NULL) {
		col_copy(q, 3, v->reference, sizeof(v->reference));
		c->transfer = v->reference;
	}
	c->is_transfer = col_int(q, 4) != 0;
	c->payment = col_int_or(q, 5, 0);
	reset(q);
	return true;
}

/* By a part of a transfer that Swan took back. */
static bool
find_part(const struct revocation *v, struct correction *c)
{
	struct stmt *q = sql(v->work.r->db,
	    "SELECT t.profile_number, -v.amount_in_cents, v.swan_updated_at"
	    " FROM transfer_reversal v"
	    " JOIN credit_transfer t ON t.bank_reference = v.bank_reference"
	    " WHERE v.swan_id = $id");

	bind_text(q, "$id", v->key);
	if (!row(q))
		return false;
	c->profile = col_int(q, 0);
	c->posted = col_int(q, 1);
	c->version_at = col_instant(q, 2);
	c->is_transfer = true;
	reset(q);
	return true;
}

/* By a card payment; false: it is a hold, which moves nothing. */
static bool
find_captured(const struct revocation *v, struct correction *c)
{
	struct stmt *q =
	    sql(v->work.r->db,
	    "SELECT t.payment, b.amount_in_cents, t.updated_at"
	    " FROM swan_transaction t"
	    " JOIN balance_transaction b ON b.source_kind = " SQL_CODE(SOURCE_SWAN)
	    "  AND b.source = +t.key AND b.event = " SQL_CODE(EVENT_CAPTURED_CARD_PAYMENT)
	    " WHERE t.key = " SQL_TRANSACTION_KEY("$id"));
	unsigned char key[STORE_KEY];

	bind_blob(q, "$id", key, store_key(v->key, key));
	if (!row(q))
		return false;
	c->profile = key_member(col_int(q, 0));
	c->payment = key_number(col_int(q, 0));
	c->posted = col_int(q, 1);
	c->version_at = col_instant(q, 2);
	reset(q);
	return true;
}

/* By a debit that was attributed: its corrections alone. */
static bool
find_debit(struct revocation *v, struct correction *c)
{
	if (!find_correction(v, c))
		return false;
	c->moves = 0;
	return c->is_transfer;
}

/* --- what may not be ---------------------------------------------------------------------------------------------- */

static bool
find_of_transfer(const struct revocation *v, struct reversible *of)
{
	struct posted_transfer p;

	return reversal_find_posted(v->work.r, v->key, &p) && reversal_find(v->work.r, p.reference, of);
}

/* Before: a transfer that a person reversed since brings nothing any more. */
static void
check_stands(const struct revocation *v)
{
	struct reversible of;

	if (find_of_transfer(v, &of) && reversal_by_person(v->work.r, of.reference))
		die(EXIT_REFUSED,
		    "exception %lld: a person reversed the transfer %s since: record what is left of it with"
		    " `recovery record_credit_transfer`",
		    (long long)v->number, of.reference);
}

/* After: no more went back than came. */
static void
check_left(const struct revocation *v)
{
	struct named_payment payment;
	struct reversible of;

	if ((find_of_transfer(v, &of) && of.left < 0) ||
	    (named_find_posted_payment(v->work.r, v->key, &payment) && sender_given(v->work.r, &payment) < 0))
		die(EXIT_REFUSED,
		    "exception %lld: Swan took back of it what this would take away: it cannot be reversed",
		    (long long)v->number);
}

/* --- the contra row ----------------------------------------------------------------------------------------------- */

static _Noreturn void
die_nothing_left(const struct revocation *v)
{
	die(EXIT_REFUSED,
	    "exception %lld: nothing is left of what the decision posted: there is nothing to reverse",
	    (long long)v->number);
}

static void
take_back_transfer(struct revocation *v)
{
	if (!reversal_decide(v->work.r, v->reference, v->why))
		die_nothing_left(v);
}

static void
take_back_by_correction(struct revocation *v, struct correction *c)
{
	c->swan_id = v->key;
	c->at = date_paris_midnight(v->work.r->on);
	c->why = v->why;
	v->profile = c->profile;
	v->correction = correction_post(v->work.r, c);
	check_left(v);
	debt_assign(v->work.r);
}

static void
take_back(struct revocation *v)
{
	struct correction c = {0};

	if (strcmp(v->decision, "as_told") == 0) {
		check_stands(v);
		if (!find_correction(v, &c) && !find_part(v, &c))
			die(EXIT_BUG, "exception %lld is decided as as_told, and nothing was posted",
			    (long long)v->number);
		take_back_by_correction(v, &c);
		return;
	}
	if (!find_attribution(v))
		die(EXIT_BUG, "exception %lld is attributed, but its transaction is not",
		    (long long)v->number);
	if (v->reference[0] != '\0')
		take_back_transfer(v);
	else if (find_captured(v, &c) || find_debit(v, &c))
		take_back_by_correction(v, &c);
	else
		die_nothing_left(v);
}

/* Of an attribution the words are its own: others may have been decided since. */
static void
store_reversal(const struct revocation *v)
{
	struct run *r = v->work.r;
	char what[40];
	struct stmt *q = sql(r->db,
	    "INSERT INTO reversed_decision (exception_number, nth, decision, profile_number, bank_reference,"
	    "  correction_nth, decided_why, decided_by, decided_identity, decided_at, why, reversed_by, reversed_identity, reversed_at)"
	    " SELECT x.number,"
	    "  1 + (SELECT count(*) FROM reversed_decision d WHERE d.exception_number = x.number),"
	    "  $decision, $profile, $reference, $correction, coalesce(a.why, x.why),"
	    "  coalesce(a.attributed_by, x.resolved_by), coalesce(a.attributed_identity, x.resolved_identity),"
	    "  coalesce(a.attributed_at, x.resolved_at), $why, $who, $identity, $now"
	    " FROM exception x"
	    " LEFT JOIN attribution a ON $decision = 'attributed' AND a.transaction_id = x.key"
	    "  AND a.nth = (SELECT max(nth) FROM attribution WHERE transaction_id = x.key)"
	    " WHERE x.number = $number");

	bind_text(q, "$decision", v->decision);
	bind_int(q, "$profile", v->profile);
	bind_text(q, "$reference", v->correction == 0 ? v->reference : NULL);
	bind_int_or(q, "$correction", v->correction, 0);
	bind_text(q, "$why", v->why);
	run_bind_person(r, q);
	bind_instant(q, "$now", r->now);
	bind_int(q, "$number", v->number);
	exec(q);
	snprintf(what, sizeof(what), "exception %lld", (long long)v->number);
	intent_add(r, "reversal", what, NULL, "%s, by %s", v->decision, run_person(r));
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
	struct err e = {0};

	exception_reopen(v->work.r, v->number);
	if (!held_load(&v->work, v->number, record) || held_read(record, hold_version, v, &e) < 0)
		die(EXIT_BUG, "exception %lld: the record cannot be read: %s", (long long)v->number,
		    e.message);
}

bool
revocation_decide(struct run *r, int64_t number, const char *decision, const char *why)
{
	struct revocation v = {.work = {.r = r}, .number = number, .why = why};
	bool is_new;

	tx_begin(r->db);
	load_decision(&v);
	is_new = choose_decision(&v, decision);
	if (is_new) {
		take_back(&v);
		store_reversal(&v);
		open_again(&v);
	}
	tx_commit(r->db);
	return is_new;
}
