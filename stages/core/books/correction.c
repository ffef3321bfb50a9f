/* correction: see correction.h. Writes the table correction. */
#include <stdio.h>
#include <string.h>

#include "formats/swan_rules.h"
#include "stages/core/books/correction.h"
#include "stages/core/books/ledger.h"
#include "stages/core/engine/log.h"

struct last_correction {
	int64_t nth; /* 0: the transaction was never corrected */
	cents moves;
	instant version_at;
};

static void
load_last(struct run *r, const char *id, struct last_correction *last)
{
	struct stmt *q = sql(r->db,
	    "SELECT nth, moves_in_cents, swan_updated_at"
	    " FROM correction"
	    " WHERE swan_id = $id"
	    " ORDER BY nth DESC LIMIT 1");

	*last = (struct last_correction){0};
	bind_text(q, "$id", id);
	if (!row(q))
		return;
	*last = (struct last_correction){col_int(q, 0), col_int(q, 1), col_instant(q, 2)};
	reset(q);
}

static void
insert_correction(struct run *r, const struct correction *c, int64_t nth)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO correction (swan_id, nth, id, profile_number, bank_reference, moves_in_cents,"
	    "  swan_updated_at, why, corrected_by, corrected_at)"
	    " VALUES ($swan, $nth, $id, $profile, $transfer, $moves, $updated, $why, $who, $now)");
	unsigned char key[STORE_KEY];

	bind_text(q, "$swan", c->swan->id);
	bind_int(q, "$nth", nth);
	bind_blob(q, "$id", key, store_key(c->swan->id, key));
	bind_int(q, "$profile", c->profile);
	bind_text(q, "$transfer", c->transfer);
	bind_int(q, "$moves", swan_booked_cents(c->swan));
	bind_instant(q, "$updated", c->swan->updated_at);
	bind_text(q, "$why", c->why);
	bind_text(q, "$who", run_person(r));
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
correction_post(struct run *r, const struct correction *c)
{
	struct last_correction last;
	char source[SWAN_ID + 24];
	struct posting p = {.profile = c->profile,
	                    .at = c->swan->updated_at,
	                    .source_kind = SOURCE_CORRECTION,
	                    .source = source,
	                    .payment = c->payment,
	                    .input = c->input,
	                    .line = c->line};

	load_last(r, c->swan->id, &last);
	insert_correction(r, c, last.nth + 1);
	p.amount = swan_booked_cents(c->swan);
	if (!money_add(&p.amount, last.nth > 0 ? -last.moves : -c->posted))
		die(EXIT_BUG, "the correction of %s does not fit", c->swan->id);
	if (p.amount == 0)
		return;
	snprintf(source, sizeof(source), "%s/%lld", c->swan->id, (long long)last.nth + 1);
	p.source_size = strlen(source);
	p.event = event_of(c, p.amount);
	ledger_add(r, &p);
}

enum correction_seen
correction_compare(struct run *r, const struct swan_transaction *t)
{
	struct last_correction last;

	load_last(r, t->id, &last);
	if (last.nth == 0)
		return CORRECTION_NONE;
	return t->updated_at < last.version_at || swan_booked_cents(t) == last.moves ? CORRECTION_AGREES
	                                                                             : CORRECTION_DIFFERS;
}
