/* offboarding: see offboarding.h. Writes the table offboarding. */
#include "stages/core/engine/exception.h"
#include "stages/core/members/offboarding.h"
#include "stages/core/members/profile.h"

void
offboarding_begin(struct run *r, int64_t profile, int64_t input, int64_t line)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO offboarding (profile_number, asked_on, input_number, line)"
	    " VALUES ($profile, $on, $input, $line)"
	    " ON CONFLICT (profile_number) DO NOTHING");

	profile_offboard(r, profile);
	bind_int(q, "$profile", profile);
	bind_date(q, "$on", r->on);
	bind_int_or(q, "$input", input, 0);
	bind_int_or(q, "$line", line, 0);
	exec(q);
}

/* Members with a membership that is not disabled, or a card that is not cancelled, at Swan. */
#define STILL_AT_SWAN \
	SQL("(SELECT m.profile_number"                               \
	    "  FROM account_membership m"                            \
	    "  LEFT JOIN card c ON c.account_membership_id = m.id"   \
	    "  WHERE m.profile_number IS NOT NULL"                   \
	    "   AND (m.status IS DISTINCT FROM 'Disabled'"           \
	    "    OR coalesce(c.status, 'Canceled') <> 'Canceled'))")

static void
compare_with_swan(struct run *r)
{
	struct stmt *q = sql(r->db,
	    "UPDATE offboarding"
	    " SET done_on = $on"
	    " WHERE done_on IS NULL AND profile_number NOT IN " STILL_AT_SWAN);

	bind_date(q, "$on", r->on);
	run_count(r, COUNT_OFFBOARDINGS_DONE, exec(q));
	q = sql(r->db,
	    "UPDATE offboarding"
	    " SET done_on = NULL"
	    " WHERE done_on IS NOT NULL AND profile_number IN " STILL_AT_SWAN);
	run_count(r, COUNT_OFFBOARDINGS_REOPENED, exec(q));
}

static void
report_overdue(struct run *r, int64_t profile, bool overdue)
{
	char key[UUID_TEXT];
	struct exception x = {.kind = "offboarding",
	                      .key = store_uuid_print(r->db, UUID_PROFILE, 0, profile, key),
	                      .code = "offboarding_overdue",
	                      .message =
	                          "Swan still has a card or a membership of this member: cancel it there",
	                      .profile = profile};

	if (overdue)
		exception_open(r, &x);
	else
		exception_close(r, x.kind, x.key);
}

void
offboarding_refresh(struct run *r)
{
	struct stmt *q;

	tx_begin(r->db);
	compare_with_swan(r);
	q = sql(r->db,
	    "SELECT profile_number, CASE WHEN done_on IS NULL THEN 1 ELSE 0 END"
	    " FROM offboarding"
	    " WHERE asked_on < $before OR done_on IS NOT NULL"
	    " ORDER BY profile_number");
	bind_date(q, "$before", r->on - OFFBOARDING_DAYS);
	while (row(q))
		report_overdue(r, col_int(q, 0), col_int(q, 1) == 1);
	tx_commit(r->db);
}
