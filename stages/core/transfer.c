/* transfer: see transfer.h. Writes the table credit_transfer. */
#include <string.h>

#include "formats/text.h"
#include "stages/core/debt.h"
#include "stages/core/ledger.h"
#include "stages/core/log.h"
#include "stages/core/transfer.h"

static void
check(struct run *r, const struct transfer *t)
{
	size_t n = strlen(t->reference);
	const char *c;

	if (t->amount <= 0)
		die(EXIT_REFUSED, "the amount must be at least one cent");
	if (ledger_is_in_future(r, date_paris_midnight(t->booked_on)))
		die(EXIT_REFUSED, "the booking date is more than a day after the business date");
	for (c = t->reference; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7F)
			n = 0;
	if (n == 0 || n > TRANSFER_REFERENCE || !text_is_utf8(t->reference, n))
		die(EXIT_REFUSED, "a bank reference is one line of 1 to %d bytes", TRANSFER_REFERENCE);
}

/* False when there is none of this reference. */
static bool
was_recorded(struct run *r, const struct transfer *t)
{
	struct stmt *q = sql(r->db, "SELECT profile_number, amount_in_cents, booked_on FROM credit_transfer"
	                            " WHERE bank_reference = $reference");
	bool same;

	bind_text(q, "$reference", t->reference);
	if (!row(q))
		return false;
	same = col_int(q, 0) == t->profile && col_int(q, 1) == t->amount && col_date(q, 2) == t->booked_on;
	reset(q);
	if (!same)
		die(EXIT_REFUSED, "the bank reference %s stands for another transfer: nothing is recorded",
		    t->reference);
	return true;
}

static void
save(struct run *r, const struct transfer *t)
{
	struct stmt *q = sql(
	    r->db, "INSERT INTO credit_transfer (bank_reference, profile_number, amount_in_cents, booked_on,"
		   "  recorded_by, recorded_at)"
		   " VALUES ($reference, $profile, $amount, $on, $who, $now)");

	bind_text(q, "$reference", t->reference);
	bind_int(q, "$profile", t->profile);
	bind_int(q, "$amount", t->amount);
	bind_date(q, "$on", t->booked_on);
	bind_text(q, "$who", run_person(r));
	bind_instant(q, "$now", r->now);
	exec(q);
}

bool
transfer_record(struct run *r, const struct transfer *t)
{
	struct posting p = {.profile = t->profile,
	                    .event = EVENT_RECOVERY,
	                    .amount = t->amount,
	                    .at = date_paris_midnight(t->booked_on),
	                    .source_kind = SOURCE_TRANSFER,
	                    .source = t->reference,
	                    .source_size = strlen(t->reference)};

	check(r, t);
	if (was_recorded(r, t))
		return false;
	save(r, t);
	if (ledger_post(r, &p) != POSTED)
		die(EXIT_BUG, "the transfer %s was posted before it was recorded", t->reference);
	debt_assign(r);
	return true;
}
