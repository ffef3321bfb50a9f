/* journal: see journal.h. Writes night, stage_run, restoration and cursor. The journal has transactions of its own, so that the message of a
 * stage that dies is stored; no other table may hold wall-clock time. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "formats/length.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/intent.h"
#include "stages/core/engine/journal.h"

#define COUNTERS_TEXT ((COUNTER_KEY + 24) * COUNTER_COUNT)

static instant
wall_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (instant)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Who changed the file is not known. */
static void
note_configuration(struct run *r)
{
	char sha256[SHA256_TEXT];
	struct stmt *q = sql(r->db,
	    "SELECT count(*) FROM stage_run"
	    " WHERE number = (SELECT max(number) FROM stage_run WHERE number < $number AND config_sha256 IS NOT NULL)"
	    "  AND config_sha256 <> $config");

	bind_int(q, "$number", r->stage_run);
	bind_blob(q, "$config", config_sha256(r->config), SHA256_SIZE);
	if (value(q, 0) > 0)
		intent_add(r, "configuration", sha256_print(sha256, config_sha256(r->config)), NULL, "%s",
		           "changed");
}

void
journal_begin(struct run *r, const char *stage)
{
	struct stmt *q;

	tx_begin(r->db);
	q = sql(r->db, "UPDATE stage_run SET state = 'aborted', finished_at = $at WHERE state = 'running'");
	bind_instant(q, "$at", wall_clock());
	exec(q);
	q = sql(r->db,
	        "INSERT INTO stage_run (stage, business_on, night_number, now_at, state, config_sha256, pid,"
	        "  started_at)"
	        " VALUES ($stage, $on, $night, $now, 'running', $config, $pid, $at)"
	        " RETURNING number");
	bind_blob(q, "$config", config_sha256(r->config), SHA256_SIZE);
	bind_text(q, "$stage", stage);
	bind_date(q, "$on", r->on);
	bind_int_or(q, "$night", r->night, 0);
	bind_instant(q, "$now", r->now);
	bind_int(q, "$pid", getpid());
	bind_instant(q, "$at", wall_clock());
	r->stage_run = value(q, 0);
	note_configuration(r);
	tx_commit(r->db);
}

static void
print_counters(const struct run *r, struct sink_text *text)
{
	struct json j = {.sink = sink_into(text)};

	json_open(&j, NULL, '{');
	counter_put(&j, r->count);
	json_close(&j, '}');
	if (sink_end(j.sink, NULL, NULL) < 0)
		die(EXIT_BUG, "the counters take more than %zu characters", text->size);
}

/* A person started the stage, which did nothing and printed the reason. */
static bool
is_refusal(const struct run *r, enum exit_status status)
{
	static const enum exit_status refusals[] = {EXIT_USAGE, EXIT_REFUSED,   EXIT_ABSENT,
	                                            EXIT_BUSY,  EXIT_FORBIDDEN, EXIT_CONFIG};
	size_t i;

	for (i = 0; r->night == 0 && i < LENGTH(refusals); i++)
		if (refusals[i] == status)
			return true;
	return false;
}

static const char *
state_word(const struct run *r, enum exit_status status)
{
	if (status == EXIT_DONE || status == EXIT_HELD)
		return "done";
	return is_refusal(r, status) ? "refused" : "failed";
}

void
journal_end(struct run *r, enum exit_status status, const char *message)
{
	char counters[COUNTERS_TEXT];
	struct stmt *q;

	if (r->stage_run == 0)
		return;
	if (status == EXIT_DONE || status == EXIT_HELD)
		tx_require_closed(r->db);
	while (tx_open(r->db))
		tx_rollback(r->db);
	print_counters(r, &(struct sink_text){counters, sizeof(counters), 0});
	tx_begin(r->db);
	q = sql(r->db, "UPDATE stage_run SET state = $state, exit_status = $status, message = $message,"
	               "  counters = $counters, finished_at = $at"
	               " WHERE number = $number");
	bind_text(q, "$state", state_word(r, status));
	bind_text(q, "$counters", counters);
	bind_int(q, "$status", status);
	bind_text(q, "$message", message);
	bind_instant(q, "$at", wall_clock());
	bind_int(q, "$number", r->stage_run);
	exec(q);
	tx_commit(r->db);
}

int64_t
journal_begin_night(struct run *r)
{
	struct stmt *q;
	int64_t number;

	tx_begin(r->db);
	q = sql(r->db, "UPDATE night SET state = 'aborted', finished_at = $at WHERE state = 'running'");
	bind_instant(q, "$at", wall_clock());
	exec(q);
	q = sql(
	    r->db,
	    "INSERT INTO night (business_on, state, config_sha256, started_at)"
	    " VALUES ($on, 'running', $config, $at) RETURNING number");
	bind_blob(q, "$config", config_sha256(r->config), SHA256_SIZE);
	bind_date(q, "$on", r->on);
	bind_instant(q, "$at", wall_clock());
	number = value(q, 0);
	tx_commit(r->db);
	return number;
}

void
journal_end_night(struct run *r, int64_t number, enum exit_status status, bool whole)
{
	struct stmt *q;

	tx_begin(r->db);
	q = sql(
	    r->db,
	    "UPDATE night SET state = CASE WHEN $status NOT IN (0, 3) THEN 'failed' WHEN $whole = 1 THEN 'done'"
	    "  ELSE 'aborted' END,"
	    " exit_status = $status, finished_at = $at"
	    " WHERE number = $number");
	bind_int(q, "$status", status);
	bind_int(q, "$whole", whole);
	bind_instant(q, "$at", wall_clock());
	bind_int(q, "$number", number);
	exec(q);
	tx_commit(r->db);
}

int64_t
journal_cursor(struct run *r, const char *name, int64_t absent)
{
	struct stmt *q = sql(r->db, "SELECT value FROM cursor WHERE name = $name");

	bind_text(q, "$name", name);
	return value(q, absent);
}

void
journal_move(struct run *r, const char *name, int64_t to)
{
	struct stmt *q = sql(r->db, "INSERT INTO cursor (name, value) VALUES ($name, $value)"
	                            " ON CONFLICT (name) DO UPDATE SET value = excluded.value");

	bind_text(q, "$name", name);
	bind_int(q, "$value", to);
	exec(q);
}

int
journal_last(struct run *r, const char *stage, date on)
{
	struct stmt *q = sql(r->db, "SELECT exit_status FROM stage_run"
	                            " WHERE stage = $stage AND state <> 'refused'"
	                            "  AND ($any = 1 OR business_on = $on)"
	                            " ORDER BY number DESC LIMIT 1");

	bind_text(q, "$stage", stage);
	bind_int(q, "$any", on == DATE_NONE);
	bind_date(q, "$on", on);
	return (int)value(q, -1);
}

void
journal_restored(struct run *r, int64_t from, int64_t to)
{
	struct run_actor actor = run_actor(r);
	char what[40];
	struct stmt *q = sql(r->db,
	    "INSERT INTO restoration (number, from_line, to_line, restored_by, restored_identity, restored_at)"
	    " SELECT coalesce(max(number), 0) + 1, $from, $to, $who, $identity, $now"
	    " FROM restoration");

	bind_int(q, "$from", from);
	bind_int(q, "$to", to);
	bind_text(q, "$who", actor.name);
	bind_text(q, "$identity", actor.identity);
	bind_instant(q, "$now", r->now);
	exec(q);
	snprintf(what, sizeof(what), "line %lld", (long long)from);
	intent_add(r, "restore", what, NULL, "up to line %lld, by %s", (long long)to, actor.name);
}
