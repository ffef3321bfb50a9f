/* exception: see exception.h. Writes the table exception. */
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/text.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/intent.h"
#include "stages/core/engine/log.h"

bool
exception_is_resolved(struct run *r, const char *kind, const char *key)
{
	struct stmt *q = sql(
	    r->db, "SELECT count(*) FROM exception WHERE kind = $kind AND key = $key AND state = 'resolved'"
		   "  AND decision NOT IN ('attributed', 'as_told')");

	bind_text(q, "$kind", kind);
	bind_text(q, "$key", key);
	return value(q, 0) > 0;
}

bool
exception_any_resolved(struct run *r, const char *kind)
{
	struct stmt *q = sql(r->db,
	    "SELECT CASE WHEN EXISTS ("
	    "  SELECT 1 FROM exception WHERE +kind = $kind AND decision IS NOT NULL AND state = 'resolved'"
	    "   AND decision NOT IN ('attributed', 'as_told')) THEN 1 ELSE 0 END");

	bind_text(q, "$kind", kind);
	return value(q, 0) != 0;
}

void
exception_open(struct run *r, const struct exception *x)
{
	struct stmt *q = sql(r->db, "UPDATE exception SET record = $record, code = $code, message = $message,"
	                            "  amount_in_cents = $amount,"
	                            "  profile_number = coalesce($profile, profile_number)"
	                            " WHERE kind = $kind AND key = $key AND state = 'open'");

	bind_text(q, "$record", x->record);
	bind_text(q, "$code", x->code);
	bind_text(q, "$message", x->message);
	bind_int_or(q, "$amount", x->amount, 0);
	bind_int_or(q, "$profile", x->profile, 0);
	bind_text(q, "$kind", x->kind);
	bind_text(q, "$key", x->key);
	if (exec(q) > 0 || exception_is_resolved(r, x->kind, x->key))
		return; /* what comes every night is not opened once more */
	q = sql(
	    r->db,
	    "INSERT INTO exception (number, kind, key, code, message, record, input_number, line,"
	    "  profile_number, state, amount_in_cents, opened_on)"
	    " VALUES ($number, $kind, $key, $code, $message, $record, $input, $line, $profile, 'open', $amount,"
	    "  $on)"
	    " ON CONFLICT (kind, key) DO UPDATE SET code = excluded.code, message = excluded.message,"
	    "  record = excluded.record, input_number = excluded.input_number, line = excluded.line,"
	    "  profile_number = coalesce(excluded.profile_number, exception.profile_number), state = 'open',"
	    "  amount_in_cents = excluded.amount_in_cents, opened_on = excluded.opened_on, overdue_on = NULL,"
	    "  closed_on = NULL, decision = NULL, posted_to = NULL, posted_reason = NULL, why = NULL,"
	    "  resolved_by = NULL, resolved_identity = NULL, resolved_at = NULL");
	bind_int(q, "$number", store_number(r->db, "exception"));
	bind_text(q, "$kind", x->kind);
	bind_text(q, "$key", x->key);
	bind_text(q, "$code", x->code);
	bind_text(q, "$message", x->message);
	bind_text(q, "$record", x->record);
	bind_int_or(q, "$input", x->input, 0);
	bind_int_or(q, "$line", x->line, 0);
	bind_int_or(q, "$profile", x->profile, 0);
	bind_int_or(q, "$amount", x->amount, 0);
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

/* Texts are "" when the decision does not have them; profile 0: it names no member. */
struct decided {
	const char *word, *posted_to, *reason, *why;
	int64_t profile;
};

static bool
posts_entry(const char *decision)
{
	static const char *const words[] = {"credit", "return", "fee", "reversal"};
	size_t i;

	for (i = 0; i < LENGTH(words); i++)
		if (strcmp(words[i], decision) == 0)
			return true;
	return false;
}

/* A member whom a decision only implies (of a posted entry) is not compared. */
static void
check_same_decision(struct run *r, int64_t number, const struct decided *d, struct stmt *q)
{
	const char *to = col_text(q, 5), *reason = col_text(q, 6);
	char as[128];

	if (strcmp(col_text(q, 1), d->word) != 0)
		snprintf(as, sizeof(as), "resolved as %s", col_text(q, 1));
	else if (strcmp(to, d->posted_to) != 0)
		snprintf(as, sizeof(as), "posted to %s", to[0] == '\0' ? "no debit" : to);
	else if (strcmp(reason, d->reason) != 0)
		snprintf(as, sizeof(as), "posted with %s", reason[0] == '\0' ? "the bank's reason" : reason);
	else if (strcmp(d->word, "attributed") == 0 && col_int_or(q, 4, 0) != d->profile)
		snprintf(as, sizeof(as), "attributed to another member");
	else
		return;
	if (posts_entry(col_text(q, 1)))
		die(EXIT_OVERWRITE, "exception %lld was %s by %s on %s: what posts a bank entry is final",
		    (long long)number, as, col_text(q, 2), col_text(q, 3));
	die(EXIT_OVERWRITE,
	    "exception %lld was %s by %s on %s: to decide otherwise, take that back first: `%s`",
	    (long long)number, as, col_text(q, 2), col_text(q, 3),
	    run_command(r, "exceptions reverse --id %lld --why TEXT", (long long)number));
}

static bool
was_decided(struct run *r, int64_t number, const struct decided *d)
{
	struct stmt *q = sql(r->db,
	                     "SELECT state, decision, resolved_by, closed_on, profile_number,"
"  coalesce(posted_to, ''), coalesce(posted_reason, '')"
	                     " FROM exception"
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
	check_same_decision(r, number, d, q);
	reset(q);
	return true;
}

static void
bind_decided(struct run *r, struct stmt *q, const struct decided *d)
{
	bind_date(q, "$on", r->on);
	bind_text(q, "$decision", d->word);
	bind_text(q, "$why", d->why);
	run_bind_person(r, q);
	bind_instant(q, "$now", r->now);
}

static bool
resolve(struct run *r, int64_t number, const struct decided *d)
{
	struct stmt *q;
	char what[40];
	bool before;

	tx_begin(r->db);
	before = was_decided(r, number, d);
	if (!before) {
		q = sql(
		    r->db,
		    "UPDATE exception SET state = 'resolved', closed_on = $on, decision = $decision,"
		    "  posted_to = $to, posted_reason = $reason,"
		    "  profile_number = coalesce($profile, profile_number), why = $why, resolved_by = $who, resolved_identity = $identity,"
		    "  resolved_at = $now WHERE number = $number");
		bind_decided(r, q, d);
		bind_text(q, "$to", text_or_null(d->posted_to));
		bind_text(q, "$reason", text_or_null(d->reason));
		bind_int_or(q, "$profile", d->profile, 0);
		bind_int(q, "$number", number);
		exec(q);
		snprintf(what, sizeof(what), "exception %lld", (long long)number);
		intent_add(r, "decision", what, NULL, "%s, by %s", d->word, run_person(r));
	}
	tx_commit(r->db);
	return !before;
}

bool
exception_resolve(struct run *r, int64_t number, const char *decision, const char *why)
{
	return resolve(r, number,
	               &(struct decided){.word = decision, .posted_to = "", .reason = "", .why = why});
}

bool
exception_attribute(struct run *r, int64_t number, int64_t profile, const char *why)
{
	return resolve(
	    r, number,
	    &(struct decided){
		.word = "attributed", .posted_to = "", .reason = "", .why = why, .profile = profile});
}

bool
exception_was_posted(struct run *r, int64_t number, const struct exception_posting *p)
{
	return was_decided(r, number,
	                   &(struct decided){.word = p->decision, .posted_to = p->to, .reason = p->reason});
}

void
exception_post(struct run *r, int64_t number, const struct exception_posting *p, const char *why)
{
	(void)resolve(r, number,
	              &(struct decided){.word = p->decision,
	                                .posted_to = p->to,
	                                .reason = p->reason,
	                                .why = why,
	                                .profile = p->profile});
}

void
exception_note(struct run *r, const char *kind, const char *key, const char *record)
{
	struct stmt *q =
	    sql(r->db,
	    "UPDATE exception SET record = $record"
	    " WHERE kind = $kind AND key = $key AND state = 'resolved' AND record IS NOT NULL");

	bind_text(q, "$record", record);
	bind_text(q, "$kind", kind);
	bind_text(q, "$key", key);
	(void)exec(q);
}

void
exception_reopen(struct run *r, int64_t number)
{
	struct stmt *q =
	    sql(r->db, "UPDATE exception SET state = 'open', overdue_on = NULL, closed_on = NULL,"
	               "  decision = NULL, posted_to = NULL, posted_reason = NULL, why = NULL,"
	               "  resolved_by = NULL, resolved_identity = NULL, resolved_at = NULL"
	               " WHERE number = $number AND state <> 'open'");

	bind_int(q, "$number", number);
	(void)exec(q);
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

int64_t
exception_mark_overdue(struct run *r)
{
	struct stmt *q = sql(r->db, "UPDATE exception SET overdue_on = $on"
	                            " WHERE state = 'open' AND opened_on < $before AND overdue_on IS NULL");

	bind_date(q, "$on", r->on);
	bind_date(q, "$before", r->on - EXCEPTION_DAYS);
	return exec(q);
}
