/* correction: see correction.h. Writes the table correction. */
#include <stdio.h>
#include <string.h>

#include "formats/swan_rules.h"
#include "stages/core/books/correction.h"
#include "stages/core/books/ledger.h"
#include "stages/core/engine/log.h"

struct last_correction {
	bool is_there;
	cents moves;
	instant version_at;
};

/* Of those that count: not of a transfer that a person reversed since. */
static void
load_last(struct run *r, const char *id, struct last_correction *last)
{
	struct stmt *q = sql(r->db,
	    "SELECT moves_in_cents, swan_updated_at"
	    " FROM correction c"
	    " WHERE swan_id = $id"
	    "  AND NOT EXISTS (SELECT 1 FROM transfer_reversal v"
	    "   WHERE v.bank_reference = c.bank_reference AND v.swan_id IS NULL)"
	    " ORDER BY nth DESC LIMIT 1");

	*last = (struct last_correction){0};
	bind_text(q, "$id", id);
	if (!row(q))
		return;
	*last = (struct last_correction){true, col_int(q, 0), col_instant(q, 1)};
	reset(q);
}

static int64_t
next_nth(struct run *r, const char *id)
{
	struct stmt *q = sql(r->db, "SELECT coalesce(max(nth), 0) + 1 FROM correction WHERE swan_id = $id");

	bind_text(q, "$id", id);
	return value(q, 0);
}

static void
insert_correction(struct run *r, const struct correction *c, int64_t nth)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO correction (swan_id, nth, id, profile_number, bank_reference, moves_in_cents,"
	    "  swan_updated_at, why, corrected_by, corrected_identity, corrected_at)"
	    " VALUES ($swan, $nth, $id, $profile, $transfer, $moves, $updated, $why, $who, $identity, $now)");
	unsigned char key[STORE_KEY];

	bind_text(q, "$swan", c->swan_id);
	bind_int(q, "$nth", nth);
	bind_blob(q, "$id", key, store_key(c->swan_id, key));
	bind_int(q, "$profile", c->profile);
	bind_text(q, "$transfer", c->transfer);
	bind_int(q, "$moves", c->moves);
	bind_instant(q, "$updated", c->version_at);
	bind_text(q, "$why", c->why);
	run_bind_person(r, q);
	bind_instant(q, "$now", r->now);
	exec(q);
}

static enum event
event_of(const struct correction *c, cents amount)
{
	if (!c->is_transfer)
		return EVENT_CAPTURED_CARD_PAYMENT;
	return amount > 0 ? EVENT_RECOVERY : EVENT_FAILED_RECOVERY;
}

void
correction_take(struct correction *c, const struct swan_transaction *t)
{
	c->swan_id = t->id;
	c->moves = swan_booked_cents(t);
	c->version_at = c->at = t->updated_at;
}

int64_t
correction_post(struct run *r, const struct correction *c)
{
	struct last_correction last;
	char source[SWAN_ID + 24];
	int64_t nth = next_nth(r, c->swan_id);
	struct posting p = {.profile = c->profile,
	                    .amount = c->moves,
	                    .at = c->at,
	                    .source_kind = SOURCE_CORRECTION,
	                    .source = source,
	                    .payment = c->payment,
	                    .input = c->input,
	                    .line = c->line};

	load_last(r, c->swan_id, &last);
	insert_correction(r, c, nth);
	if (!money_add(&p.amount, last.is_there ? -last.moves : -c->posted))
		die(EXIT_BUG, "the correction of %s does not fit", c->swan_id);
	if (p.amount == 0)
		return nth;
	snprintf(source, sizeof(source), "%s/%lld", c->swan_id, (long long)nth);
	p.source_size = strlen(source);
	p.event = event_of(c, p.amount);
	ledger_add(r, &p);
	return nth;
}

enum correction_seen
correction_compare(struct run *r, const struct swan_transaction *t)
{
	struct last_correction last;

	load_last(r, t->id, &last);
	if (!last.is_there)
		return CORRECTION_NONE;
	if (t->updated_at < last.version_at)
		return CORRECTION_AGREES;
	if (swan_booked_cents(t) != last.moves)
		return CORRECTION_DIFFERS;
	return t->updated_at > last.version_at ? CORRECTION_CONFIRMS : CORRECTION_AGREES;
}
