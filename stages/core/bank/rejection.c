/* rejection: see rejection.h. Writes the table rejection. */
#include <stdio.h>

#include "stages/core/bank/rejection.h"
#include "stages/core/engine/intent.h"

bool
rejection_stands_by(struct run *r, int64_t file, const char *person)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*) FROM rejection"
	    " WHERE file_number = $file AND person = $who AND withdrawn_at IS NULL");

	bind_int(q, "$file", file);
	bind_text(q, "$who", person);
	return value(q, 0) > 0;
}

void
rejection_check_own(struct run *r, const struct bankfile *f, const char *person)
{
	if (rejection_stands_by(r, f->number, person))
		die(EXIT_OVERWRITE, "%s: %s has rejected it: withdraw that first: `%s`", f->name, person,
		    run_command(r, "sepa reject --file %s --withdraw", f->msg_id));
}

bool
rejection_find(struct run *r, int64_t file, struct rejection *first)
{
	struct stmt *q = sql(r->db,
	    "SELECT person, substr(why, 1, 150) FROM rejection"
	    " WHERE file_number = $file AND withdrawn_at IS NULL"
	    " ORDER BY nth LIMIT 1");

	bind_int(q, "$file", file);
	if (!row(q))
		return false;
	col_copy(q, 0, first->person, sizeof(first->person));
	snprintf(first->why, sizeof(first->why), "%s", col_text(q, 1));
	reset(q);
	return true;
}

static void
require_unreleased(const struct bankfile *f)
{
	if (!bankfile_is_unreleased(f))
		die(EXIT_OVERWRITE, "%s is %s: only a file that is not released can be rejected", f->name,
		    bankfile_state_word(f->state));
}

bool
rejection_give(struct run *r, const struct bankfile *f, const char *why)
{
	struct stmt *q;

	if (rejection_stands_by(r, f->number, run_person(r)))
		return false;
	require_unreleased(f);
	tx_begin(r->db);
	q = sql(r->db,
	    "INSERT INTO rejection (file_number, nth, person, identity, why, rejected_at)"
	    " SELECT $file, count(*) + 1, $who, $identity, $why, $now"
	    " FROM rejection"
	    " WHERE file_number = $file");
	bind_int(q, "$file", f->number);
	run_bind_person(r, q);
	bind_text(q, "$why", why);
	bind_instant(q, "$now", r->now);
	exec(q);
	intent_add(r, "rejection", f->msg_id, f->sha256, "by %s", run_person(r));
	tx_commit(r->db);
	return true;
}

bool
rejection_withdraw(struct run *r, const struct bankfile *f)
{
	const char *person = run_person(r);
	struct stmt *q =
	    sql(r->db, "SELECT count(*) FROM rejection WHERE file_number = $file AND person = $who");

	bind_int(q, "$file", f->number);
	bind_text(q, "$who", person);
	if (value(q, 0) == 0)
		die(EXIT_ABSENT, "%s: %s has not rejected it: only the same person withdraws a rejection",
		    f->name, person);
	if (!rejection_stands_by(r, f->number, person))
		return false;
	require_unreleased(f);
	tx_begin(r->db);
	q = sql(r->db,
	    "UPDATE rejection SET withdrawn_at = $now, withdrawn_identity = $identity"
	    " WHERE file_number = $file AND person = $who AND withdrawn_at IS NULL");
	bind_int(q, "$file", f->number);
	run_bind_person(r, q);
	bind_instant(q, "$now", r->now);
	exec(q);
	intent_add(r, "rejection-withdrawn", f->msg_id, f->sha256, "by %s", person);
	tx_commit(r->db);
	return true;
}
