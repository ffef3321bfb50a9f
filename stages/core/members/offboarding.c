/* offboarding: see offboarding.h. Writes the table offboarding. */
#include <stdio.h>

#include "stages/core/engine/exception.h"
#include "stages/core/engine/key.h"
#include "stages/core/members/offboarding.h"
#include "stages/core/members/profile.h"

void
offboarding_begin(struct run *r, int64_t profile, int64_t input, int64_t line)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO offboarding (profile_number, asked_on, asked_at, payments_seen, input_number, line)"
	    " SELECT number, $on, $now, last_payment, CAST($input AS BIGINT), CAST($line AS BIGINT)"
	    " FROM profile"
	    " WHERE number = $profile"
	    " ON CONFLICT (profile_number) DO NOTHING");

	profile_offboard(r, profile);
	bind_int(q, "$profile", profile);
	bind_date(q, "$on", r->on);
	bind_instant(q, "$now", r->now);
	bind_int_or(q, "$input", input, 0);
	bind_int_or(q, "$line", line, 0);
	exec(q);
}

/* The member has a membership that is not disabled, or a card that is not cancelled, at Swan. */
#define STILL_AT_SWAN \
	SQL("EXISTS ("                                                      \
	    "  SELECT 1"                                                    \
	    "  FROM account_membership m"                                   \
	    "  LEFT JOIN card c ON c.account_membership_id = m.id"          \
	    "  WHERE m.profile_number = offboarding.profile_number"         \
	    "   AND (m.status IS DISTINCT FROM 'Disabled'"                  \
	    "    OR coalesce(c.status, 'Canceled') <> 'Canceled'))")

static void
compare_with_swan(struct run *r)
{
	struct stmt *q = sql(r->db,
	    "UPDATE offboarding"
	    " SET done_on = $on"
	    " WHERE done_on IS NULL AND NOT " STILL_AT_SWAN);

	bind_date(q, "$on", r->on);
	run_count(r, COUNT_OFFBOARDINGS_DONE, exec(q));
	q = sql(r->db,
	    "UPDATE offboarding"
	    " SET done_on = NULL"
	    " WHERE done_on IS NOT NULL AND " STILL_AT_SWAN);
	run_count(r, COUNT_OFFBOARDINGS_REOPENED, exec(q));
}

#define KEY (UUID_TEXT + 8)

/* A member has an exception about what Swan still has, and one about payments. */
static struct exception
exception_of(struct run *r, int64_t profile, const char *about, char key[static KEY])
{
	char id[UUID_TEXT];

	snprintf(key, KEY, "%s%s", store_uuid_print(r->db, UUID_PROFILE, 0, profile, id), about);
	return (struct exception){.kind = "offboarding", .key = key, .profile = profile};
}

void
offboarding_hold(struct run *r, int64_t profile, const char *message)
{
	char key[KEY];
	struct exception x = exception_of(r, profile, "", key);

	x.code = "offboarding_rejected";
	x.message = message;
	exception_open(r, &x);
}

static void
report_overdue(struct run *r, int64_t profile, bool overdue)
{
	char key[KEY];
	struct exception x = exception_of(r, profile, "", key);

	x.code = "offboarding_overdue";
	x.message = "Swan still has a card or a membership of this member: cancel it there";
	if (overdue)
		exception_open(r, &x);
	else
		exception_close(r, x.kind, x.key);
}

static void
report_late(struct run *r)
{
	struct stmt *q = sql(r->db,
	    "SELECT profile_number, CASE WHEN done_on IS NULL THEN 1 ELSE 0 END"
	    " FROM offboarding"
	    " WHERE asked_on < $before OR done_on IS NOT NULL"
	    " ORDER BY profile_number");

	bind_date(q, "$before", r->on - OFFBOARDING_DAYS);
	while (row(q))
		report_overdue(r, col_int(q, 0), col_int(q, 1) == 1);
}

/* A payment that was made after the offboarding, and not rejected: its card is alive. It is owed as any other. */
static void
report_paying(struct run *r, int64_t profile, bool pays, bool done)
{
	char key[KEY];
	struct exception x = exception_of(r, profile, "/paid", key);

	x.code = "paid_after_offboarding";
	x.message =
	    "the card of this offboarded member still pays: cancel it at Swan; what was paid is collected";
	if (pays)
		exception_open(r, &x);
	else if (done)
		exception_close(r, x.kind, x.key);
}

/* Only members with payments that were not looked at yet, or with a card that is over. */
static void
report_payments(struct run *r)
{
	struct stmt *q = sql(r->db,
	    "SELECT o.profile_number,"
	    "  CASE WHEN EXISTS (SELECT 1"
	    "   FROM card_payment c"
	    "   WHERE c.key > " SQL_KEY("o.profile_number", "o.payments_seen")
	    "    AND c.key <= " SQL_KEY("o.profile_number", "p.last_payment")
	    "    AND c.effective_at > o.asked_at"
	    "    AND c.status <> (SELECT number FROM code WHERE kind = 'payment' AND word = 'rejected')) THEN 1 ELSE 0 END,"
	    "  CASE WHEN o.done_on IS NULL THEN 0 ELSE 1 END"
	    " FROM offboarding o"
	    " JOIN profile p ON p.number = o.profile_number"
	    " WHERE p.last_payment > o.payments_seen OR o.done_on IS NOT NULL"
	    " ORDER BY o.profile_number");

	while (row(q))
		report_paying(r, col_int(q, 0), col_int(q, 1) == 1, col_int(q, 2) == 1);
	exec(sql(r->db,
	    "UPDATE offboarding"
	    " SET payments_seen = p.last_payment"
	    " FROM profile p"
	    " WHERE p.number = offboarding.profile_number AND p.last_payment > offboarding.payments_seen"));
}

void
offboarding_refresh(struct run *r)
{
	tx_begin(r->db);
	compare_with_swan(r);
	report_late(r);
	report_payments(r);
	tx_commit(r->db);
}
