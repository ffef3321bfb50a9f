/* exception: see exception.h. Writes the table exception. */
#include <string.h>

#include "stages/core/engine/exception.h"
#include "stages/core/engine/log.h"

bool
exception_is_resolved(struct run *r, const char *kind, const char *key)
{
	struct stmt *q = sql(
	    r->db, "SELECT count(*) FROM exception WHERE kind = $kind AND key = $key AND state = 'resolved'"
		   "  AND decision <> 'attributed'");

	bind_text(q, "$kind", kind);
	bind_text(q, "$key", key);
	return value(q, 0) > 0;
}

void
exception_open(struct run *r, const struct exception *x)
{
	struct stmt *q = sql(r->db, "UPDATE exception SET record = $record, code = $code, message = $message"
	                            " WHERE kind = $kind AND key = $key AND state = 'open'");

	bind_text(q, "$record", x->record);
	bind_text(q, "$code", x->code);
	bind_text(q, "$message", x->message);
	bind_text(q, "$kind", x->kind);
	bind_text(q, "$key", x->key);
	if (exec(q) > 0 || exception_is_resolved(r, x->kind, x->key))
		return; /* a decision is final: what comes every night is not opened once more */
	q = sql(
	    r->db,
	    "INSERT INTO exception (number, kind, key, code, message, record, input_number, line,"
	    "  profile_number, state, opened_on)"
	    " VALUES ($number, $kind, $key, $code, $message, $record, $input, $line, $profile, 'open', $on)"
	    " ON CONFLICT (kind, key) DO UPDATE SET code = excluded.code, message = excluded.message,"
	    "  record = excluded.record, input_number = excluded.input_number, line = excluded.line,"
	    "  profile_number = coalesce(excluded.profile_number, exception.profile_number), state = 'open',"
	    "  opened_on = excluded.opened_on,"
	    "  closed_on = NULL, decision = NULL, why = NULL, resolved_by = NULL, resolved_at = NULL");
	bind_int(q, "$number", store_number(r->db, "exception"));
	bind_text(q, "$kind", x->kind);
	bind_text(q, "$key", x->key);
	bind_text(q, "$code", x->code);
	bind_text(q, "$message", x->message);
	bind_text(q, "$record", x->record);
	bind_int_or(q, "$input", x->input, 0);
	bind_int_or(q, "$line", x->line, 0);
	bind_int_or(q, "$profile", x->profile, 0);
	bind_date(q, "$on", r->on);
	exec(q);
	r->held = true;
	if (strcmp(x->kind, "file") != 0) /* the inbox counts files */
		run_count(r, COUNT_EXCEPTIONS_OPENED, 1);
}

void
exception_close(struct run *r, const char *kind, const char *key)
{
	struct stmt *q = sql(r->db, "UPDATE exception SET state = 'applied', closed_on = $on"
	                            " WHERE kind = $kind AND key = $key AND state = 'open'");

	bind_date(q, "$on", r->on);
	bind_text(q, "$kind", kind);
	bind_text(q, "$key", key);
	if (exec(q) > 0)
		run_count(r, COUNT_EXCEPTIONS_CLOSED, 1);
}

static bool
was_decided(struct run *r, int64_t number, const char *decision, int64_t profile)
{
	struct stmt *q =
	    sql(r->db, "SELECT state, decision, resolved_by, closed_on, profile_number FROM exception"
	               " WHERE number = $number");

	bind_int(q, "$number", number);
	if (!row(q))
		die(EXIT_ABSENT, "exception %lld does not exist: `%s` lists all", (long long)number,
		    run_command(r, "exceptions list --all"));
	if (strcmp(col_text(q, 0), "applied") == 0)
		die(EXIT_OVERWRITE, "exception %lld was applied on %s: there is nothing to decide",
		    (long long)number, col_text(q, 3));
	if (strcmp(col_text(q, 0), "open") == 0) {
		reset(q);
		return false;
	}
	if (strcmp(col_text(q, 1), decision) != 0)
		die(EXIT_OVERWRITE, "exception %lld was resolved as %s by %s on %s: a decision is final",
		    (long long)number, col_text(q, 1), col_text(q, 2), col_text(q, 3));
	if (profile != 0 && col_int_or(q, 4, 0) != profile)
		die(EXIT_OVERWRITE,
		    "exception %lld was attributed to another member by %s on %s: a decision is final",
		    (long long)number, col_text(q, 2), col_text(q, 3));
	reset(q);
	return true;
}

static void
bind_decision(struct run *r, struct stmt *q, const char *decision, const char *why)
{
	bind_date(q, "$on", r->on);
	bind_text(q, "$decision", decision);
	bind_text(q, "$why", why);
	bind_text(q, "$who", run_person(r));
	bind_instant(q, "$now", r->now);
}

/* profile: 0 leaves the profile of the exception. */
static bool
resolve(struct run *r, int64_t number, const char *decision, int64_t profile, const char *why)
{
	struct stmt *q;
	bool before;

	tx_begin(r->db);
	before = was_decided(r, number, decision, profile);
	if (!before) {
		q = sql(
		    r->db,
		    "UPDATE exception SET state = 'resolved', closed_on = $on, decision = $decision,"
		    "  profile_number = coalesce($profile, profile_number), why = $why, resolved_by = $who,"
		    "  resolved_at = $now WHERE number = $number");
		bind_decision(r, q, decision, why);
		bind_int_or(q, "$profile", profile, 0);
		bind_int(q, "$number", number);
		exec(q);
	}
	tx_commit(r->db);
	return !before;
}

bool
exception_resolve(struct run *r, int64_t number, const char *decision, const char *why)
{
	return resolve(r, number, decision, 0, why);
}

void
exception_resolve_all(struct run *r, const char *code, const char *decision, const char *why)
{
	struct stmt *q;

	tx_begin(r->db);
	q = sql(
	    r->db,
	    "UPDATE exception SET state = 'resolved', closed_on = $on, decision = $decision, why = $why,"
	    "  resolved_by = $who, resolved_at = $now WHERE code = $code AND state = 'open'");
	bind_decision(r, q, decision, why);
	bind_text(q, "$code", code);
	exec(q);
	tx_commit(r->db);
}

bool
exception_attribute(struct run *r, int64_t number, int64_t profile, const char *why)
{
	return resolve(r, number, "attributed", profile, why);
}

int64_t
exception_count_open(struct run *r)
{
	return value(sql(r->db, "SELECT count(*) FROM exception WHERE state = 'open'"), 0);
}

int64_t
exception_count_overdue(struct run *r)
{
	struct stmt *q =
	    sql(r->db, "SELECT count(*) FROM exception WHERE state = 'open' AND opened_on < $before");

	bind_date(q, "$before", r->on - EXCEPTION_DAYS);
	return value(q, 0);
}
