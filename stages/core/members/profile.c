/* profile: see profile.h. Writes the table profile, but for its balance and counters (ledger.c). */
#include "stages/core/members/profile.h"

int64_t
profile_find(struct run *r, const char *app_id, const char *app_user_id)
{
	struct stmt *q = sql(r->db,
	    "SELECT number FROM profile WHERE app_id = $app AND app_user_id = $user");

	bind_text(q, "$app", app_id);
	bind_text(q, "$user", app_user_id);
	return value(q, 0);
}

int64_t
profile_declare(struct run *r, const char *app_id, const char *app_user_id, int64_t input, long line,
                bool *created)
{
	int64_t number = profile_find(r, app_id, app_user_id);
	struct stmt *q;

	*created = number == 0;
	if (number != 0)
		return number;
	number = store_number(r->db, "profile");
	q = sql(r->db,
	    "INSERT INTO profile (number, app_id, app_user_id, status, declared_at, input_number, line)"
	    " VALUES ($number, $app, $user, 'inactive', $now, $input, $line)");
	bind_int(q, "$number", number);
	bind_text(q, "$app", app_id);
	bind_text(q, "$user", app_user_id);
	bind_instant(q, "$now", r->now);
	bind_int_or(q, "$input", input, 0);
	bind_int_or(q, "$line", line, 0);
	exec(q);
	return number;
}

bool
profile_is_offboarded(struct run *r, int64_t number)
{
	struct stmt *q =
	    sql(r->db,
	        "SELECT count(*) FROM profile WHERE number = $number AND status = 'offboarded'");

	bind_int(q, "$number", number);
	return value(q, 0) > 0;
}

void
profile_offboard(struct run *r, int64_t number)
{
	struct stmt *q =
	    sql(r->db,
	        "UPDATE profile SET status = 'offboarded' WHERE number = $number AND status <> 'offboarded'");

	bind_int(q, "$number", number);
	exec(q);
}

static int64_t
refresh_status_of(struct run *r, int64_t first, int64_t last)
{
	struct stmt *q = sql(r->db,
	    "WITH enabled AS ("
	    "   SELECT m.profile_number AS number, min(c.created_at) AS since_at"
	    "   FROM account_membership m"
	    "   JOIN card c ON c.account_membership_id = m.id"
	    "   WHERE m.status = 'Enabled' AND c.status = 'Enabled' AND m.profile_number BETWEEN $first AND $last"
	    "   GROUP BY m.profile_number),"
	    "  wanted AS ("
	    "    SELECT p.number,"
	    "     CASE WHEN e.number IS NULL THEN 'inactive' ELSE 'active' END AS status,"
	    "     coalesce(p.active_since_at, e.since_at) AS since_at"
	    "    FROM profile p"
	    "    LEFT JOIN enabled e ON e.number = p.number"
	    "    WHERE p.number BETWEEN $first AND $last AND p.status <> 'offboarded')"
	    " UPDATE profile"
	    " SET status = wanted.status, active_since_at = wanted.since_at"
	    " FROM wanted"
	    " WHERE wanted.number = profile.number"
	    "  AND (profile.status <> wanted.status"
	    "   OR profile.active_since_at IS DISTINCT FROM wanted.since_at)");

	bind_int(q, "$first", first);
	bind_int(q, "$last", last);
	return exec(q);
}

#define BATCH 4096 /* members: what a statement reads and changes is in memory until it is done */

int64_t
profile_refresh_status(struct run *r)
{
	int64_t most = value(sql(r->db, "SELECT max(number) FROM profile"), 0), first, changed = 0;

	for (first = 1; first <= most; first += BATCH)
		changed += refresh_status_of(r, first, first + BATCH - 1);
	return changed;
}
