/* collection: see collection.h. Writes the table collection. */
#include <stdio.h>
#include <string.h>

#include "stages/core/collection.h"
#include "stages/core/debt.h"
#include "stages/core/ledger.h"
#include "stages/core/log.h"
#include "stages/core/mandate.h"

bool
collection_load(struct run *r, const char *end_to_end_id, struct collection *c)
{
	struct stmt *q =
	    sql(r->db, "SELECT c.end_to_end_id, c.file_number, c.profile_number, c.session_number,"
	               "  c.mandate_number, c.amount_in_cents, c.state, f.collect_on, c.booked_on"
	               " FROM collection c JOIN bank_file f ON f.number = c.file_number"
	               " WHERE c.end_to_end_id = $id");

	bind_text(q, "$id", end_to_end_id);
	if (!row(q))
		return false;
	*c = (struct collection){.file = col_int(q, 1),
	                         .profile = col_int(q, 2),
	                         .session = col_int(q, 3),
	                         .mandate = col_int(q, 4),
	                         .amount = col_int(q, 5),
	                         .collect_on = col_date(q, 7),
	                         .booked_on = col_date(q, 8)};
	col_copy(q, 0, c->end_to_end_id, sizeof(c->end_to_end_id));
	col_copy(q, 6, c->state, sizeof(c->state));
	reset(q);
	return true;
}

/* The debt's id in hex; a new presentation, after a reject or return, gets -2, -3 ... */
static void
name_presentation(struct run *r, int64_t profile, int64_t session, int64_t *presentation,
                  char id[END_TO_END_ID])
{
	struct stmt *q = sql(r->db, "SELECT count(*) FROM collection WHERE profile_number = $profile"
	                            "  AND session_number = $session AND state IN ('rejected', 'returned')");
	struct uuid uuid = debt_uuid(r, profile, session);
	char hex[UUID_HEX];

	bind_int(q, "$profile", profile);
	bind_int(q, "$session", session);
	*presentation = value(q, 0) + 1;
	if (*presentation > 99)
		die(EXIT_BUG, "a debt was presented 99 times");
	snprintf(id, END_TO_END_ID, *presentation == 1 ? "%s" : "%s-%d", uuid_print_hex(hex, &uuid),
	         (int)*presentation);
}

/* An attempt that never brought money: both rows together, so that the balance stays and the cents move on. */
static void
post_failure(struct run *r, const char *id, int64_t profile, int64_t session, cents amount, date on,
             bool was_booked, int64_t input, long line)
{
	struct posting p = {.profile = profile,
	                    .event = EVENT_RECOVERY,
	                    .amount = amount,
	                    .at = date_paris_midnight(on),
	                    .source_kind = SOURCE_COLLECTION,
	                    .source = id,
	                    .source_size = strlen(id),
	                    .settled_session = session,
	                    .input = input,
	                    .line = line};

	if (!was_booked && ledger_post(r, &p) != POSTED)
		die(EXIT_BUG, "%s: recovered before it failed", id);
	p.event = EVENT_FAILED_RECOVERY;
	p.amount = -amount;
	p.settled_session = 0;
	if (ledger_post(r, &p) != POSTED)
		die(EXIT_BUG, "%s: failed twice", id);
}

struct presented {
	int64_t profile, mandate; /* mandate 0: none that can be used */
	cents amount;
	bool announced;
};

static bool
next_presented(struct run *r, int64_t session, struct presented *d)
{
	struct stmt *q = sql(
	    r->db,
	    "SELECT d.profile_number, d.amount_in_cents, coalesce(m.number, 0), coalesce(m.announced, 1),"
	    "  coalesce(m.iban, '')"
	    " FROM debt d LEFT JOIN mandate m ON m.profile_number = d.profile_number AND m.status = 'active'"
	    " WHERE d.session_number = $session AND d.status = 'pending' AND d.amount_in_cents > 0"
	    "  AND d.profile_number > $after"
	    " ORDER BY d.profile_number LIMIT 1");

	bind_int(q, "$session", session);
	bind_int(q, "$after", d->profile);
	if (!row(q))
		return false;
	*d = (struct presented){col_int(q, 0), col_int(q, 2), col_int(q, 1), col_int(q, 3) != 0};
	if (d->mandate != 0 && mandate_uncollectable(col_text(q, 4)) != NULL)
		d->mandate = 0; /* declared anew since the freeze */
	reset(q);
	return true;
}

void
collection_total(struct run *r, int64_t session, int64_t *debits, cents *sum)
{
	struct presented d = {0};

	*debits = 0;
	*sum = 0;
	while (next_presented(r, session, &d)) {
		if (d.mandate == 0)
			continue;
		++*debits;
		if (!money_add(sum, d.amount))
			die(EXIT_BUG, "session %lld: the total does not fit", (long long)session);
	}
}

void
collection_make(struct run *r, int64_t file, int64_t session)
{
	struct presented d = {0};
	char id[END_TO_END_ID];
	int64_t presentation;
	struct stmt *q;

	while (next_presented(r, session, &d)) {
		name_presentation(r, d.profile, session, &presentation, id);
		if (d.mandate == 0) {
			post_failure(r, id, d.profile, session, d.amount, r->on, false, 0, 0);
			debt_fail(r, d.profile, session, "mandate");
			run_count(r, "debts not presented", 1);
			continue;
		}
		q = sql(
		    r->db,
		    "INSERT INTO collection (end_to_end_id, file_number, profile_number, session_number,"
		    "  mandate_number, presentation, amount_in_cents, amended, live, state)"
		    " VALUES ($id, $file, $profile, $session, $mandate, $nth, $amount, $amended, 1, 'presented')");
		bind_text(q, "$id", id);
		bind_int(q, "$file", file);
		bind_int(q, "$profile", d.profile);
		bind_int(q, "$session", session);
		bind_int(q, "$mandate", d.mandate);
		bind_int(q, "$nth", presentation);
		bind_int(q, "$amount", d.amount);
		bind_int(q, "$amended", !d.announced);
		exec(q);
		debt_initiate(r, d.profile, session);
	}
}

void
collection_accept(struct run *r, const struct collection *c)
{
	struct stmt *q = sql(r->db, "UPDATE collection SET state = 'accepted'"
	                            " WHERE end_to_end_id = $id AND state = 'presented'");

	bind_text(q, "$id", c->end_to_end_id);
	if (exec(q) > 0)
		run_count(r, "accepted", 1);
	debt_execute(r, c->profile, c->session);
}

void
collection_book(struct run *r, const struct collection *c, date booked_on, int64_t input, long line)
{
	struct posting p = {.profile = c->profile,
	                    .event = EVENT_RECOVERY,
	                    .amount = c->amount,
	                    .at = date_paris_midnight(booked_on),
	                    .source_kind = SOURCE_COLLECTION,
	                    .source = c->end_to_end_id,
	                    .source_size = strlen(c->end_to_end_id),
	                    .settled_session = c->session,
	                    .input = input,
	                    .line = line};
	struct stmt *q = sql(r->db, "UPDATE collection SET state = 'booked', booked_on = $on"
	                            " WHERE end_to_end_id = $id AND state IN ('presented', 'accepted')");

	bind_date(q, "$on", booked_on);
	bind_text(q, "$id", c->end_to_end_id);
	if (exec(q) != 1 || ledger_post(r, &p) != POSTED)
		die(EXIT_BUG, "%s: booked twice", c->end_to_end_id);
	debt_succeed(r, c->profile, c->session);
	run_count(r, "recovered", 1);
}

static void
fail(struct run *r, const struct collection *c, const char *state, const char *reason, date failed_on,
     cents fee, int64_t input, long line)
{
	bool booked = strcmp(c->state, "booked") == 0;
	struct stmt *q =
	    sql(r->db, "UPDATE collection SET state = $state, live = 0, failed_on = $on, reason = $reason,"
	               "  fee_in_cents = $fee"
	               " WHERE end_to_end_id = $id AND live = 1");

	bind_text(q, "$state", state);
	bind_date(q, "$on", failed_on);
	bind_text(q, "$reason", reason);
	bind_int(q, "$fee", fee);
	bind_text(q, "$id", c->end_to_end_id);
	if (exec(q) != 1)
		die(EXIT_BUG, "%s: failed twice", c->end_to_end_id);
	post_failure(r, c->end_to_end_id, c->profile, c->session, c->amount, failed_on, booked, input, line);
	debt_fail(r, c->profile, c->session, reason);
	mandate_act(r, c->mandate, reason);
	run_count(r, state, 1);
}

void
collection_reject(struct run *r, const struct collection *c, const char *reason, date on, int64_t input,
                  long line)
{
	fail(r, c, "rejected", reason, on, 0, input, line);
}

void
collection_return(struct run *r, const struct collection *c, const char *reason, date on, cents fee,
                  int64_t input, long line)
{
	fail(r, c, "returned", reason, on, fee, input, line);
}

void
collection_note_booked(struct run *r, const struct collection *c, date booked_on)
{
	struct stmt *q =
	    sql(r->db, "UPDATE collection SET booked_on = $on"
	               " WHERE end_to_end_id = $id AND state = 'returned' AND booked_on IS NULL");

	bind_date(q, "$on", booked_on);
	bind_text(q, "$id", c->end_to_end_id);
	if (exec(q) != 1)
		die(EXIT_BUG, "%s: booked twice", c->end_to_end_id);
	run_count(r, "credits of what came back", 1);
}
