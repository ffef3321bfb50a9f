/* consequence: see consequence.h. Writes consequence and same_reason. */
#include <stdio.h>
#include <string.h>

#include "formats/json.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/consequence.h"

static const char *const kinds[] = {[REASON_OF_DEBIT] = "debit", [REASON_OF_REFUND] = "refund"};

static const char *const actions[] = {
    [REASON_MANDATE_KEEP] = "keep",
    [REASON_MANDATE_SUSPEND] = "suspend",
    [REASON_MANDATE_BLOCK] = "block",
};

/* What came back of one file for one reason, and whether it acts. */
enum group_state {
	GROUP_FEW,     /* each acts at once */
	GROUP_HELD,    /* most of the file: none acts until a person decides */
	GROUP_APPLIED, /* a person decided: they act */
	GROUP_WAIVED,  /* a person decided: they do not */
	GROUP_STATES
};
static const char *const states[GROUP_STATES] = {
    [GROUP_FEW] = "few",
    [GROUP_HELD] = "held",
    [GROUP_APPLIED] = "applied",
    [GROUP_WAIVED] = "waived",
};

struct group {
	int64_t file;
	char reason[36], msg_id[36], kind[8];
	int64_t failures, collections;
	enum group_state state;
};

static bool
group_load(struct run *r, int64_t file, const char *reason, struct group *g)
{
	struct stmt *q = sql(r->db,
	    "SELECT s.failures, s.state, f.msg_id, f.kind, f.collections"
	    " FROM same_reason s"
	    " JOIN bank_file f ON f.number = s.file_number"
	    " WHERE s.file_number = $file AND s.reason = $reason");

	bind_int(q, "$file", file);
	bind_text(q, "$reason", reason);
	if (!row(q))
		return false;
	*g = (struct group){.file = file,
	                    .failures = col_int(q, 0),
	                    .state = (enum group_state)col_word(q, 1, states, GROUP_STATES),
	                    .collections = col_int(q, 4)};
	snprintf(g->reason, sizeof(g->reason), "%s", reason);
	col_copy(q, 2, g->msg_id, sizeof(g->msg_id));
	col_copy(q, 3, g->kind, sizeof(g->kind));
	reset(q);
	return true;
}

static void
group_save(struct run *r, const struct group *g)
{
	struct stmt *q = sql(r->db,
	    "UPDATE same_reason SET failures = $failures, state = $state"
	    " WHERE file_number = $file AND reason = $reason");

	bind_int(q, "$failures", g->failures);
	bind_text(q, "$state", states[g->state]);
	bind_int(q, "$file", g->file);
	bind_text(q, "$reason", g->reason);
	exec(q);
}

static bool
is_most(const struct run *r, const struct group *g)
{
	return g->failures >= config_int(r->config, BANK_SAME_REASON_MINIMUM) &&
	       g->failures * 100 >= config_int(r->config, BANK_SAME_REASON_PERCENT) * g->collections;
}

#define GROUP_KEY 64

static void
group_print_key(const struct group *g, char key[static GROUP_KEY])
{
	snprintf(key, GROUP_KEY, "%lld/%s", (long long)g->file, g->reason);
}

static void
group_open_exception(struct run *r, const struct group *g)
{
	char key[GROUP_KEY], message[192], text[256];
	struct sink_text record = {text, sizeof(text), 0};
	struct json j = {.sink = sink_into(&record)};

	group_print_key(g, key);
	snprintf(message, sizeof(message),
	         "%lld of %lld %ss of %s came back with the reason %s: it acts on no mandate until a person"
	         " decides",
	         (long long)g->failures, (long long)g->collections, g->kind, g->msg_id, g->reason);
	json_open(&j, NULL, '{');
	json_put_text(&j, "msg_id", g->msg_id);
	json_put_text(&j, "reason_code", g->reason);
	json_put_int(&j, "came_back", g->failures);
	json_put_int(&j, "collections", g->collections);
	json_close(&j, '}');
	if (sink_end(j.sink, NULL, NULL) < 0)
		die(EXIT_BUG, "%s: the record of its exception is too long", g->msg_id);
	exception_open(r, &(struct exception){.kind = "bank_file",
	                                      .key = key,
	                                      .code = CONSEQUENCE_CODE,
	                                      .message = message,
	                                      .record = text});
}

static void
group_report(struct run *r, const struct group *g, consequence_fn *changed)
{
	struct stmt *q = sql(r->db,
	    "SELECT DISTINCT profile_number FROM consequence"
	    " WHERE file_number = $file AND reason = $reason"
	    " ORDER BY profile_number");

	bind_int(q, "$file", g->file);
	bind_text(q, "$reason", g->reason);
	while (row(q))
		changed(r, col_int(q, 0));
}

/* One more of the group came back, or one less: `by` is 1 or -1. True: the others in it act from now on, or cease to. */
static bool
group_count(struct run *r, struct group *g, int by)
{
	enum group_state before = g->state;
	char key[GROUP_KEY];

	g->failures += by;
	if (before == GROUP_FEW || before == GROUP_HELD)
		g->state = is_most(r, g) ? GROUP_HELD : GROUP_FEW;
	group_save(r, g);
	group_print_key(g, key);
	if (g->state == GROUP_HELD)
		group_open_exception(r, g);
	else if (before == GROUP_HELD)
		exception_close(r, "bank_file", key);
	return g->state != before;
}

/* Reasons that keep the mandate have no group: nothing is to be held back. */
static void
count_failure(struct run *r, int64_t file, int64_t profile, const char *reason, int by,
              consequence_fn *changed)
{
	struct group g;

	if (group_load(r, file, reason, &g) && group_count(r, &g, by))
		group_report(r, &g, changed);
	else
		changed(r, profile);
}

void
consequence_add(struct run *r, const struct setback *s, consequence_fn *changed)
{
	enum reason_mandate action = reason_effect(s->of, s->reason);
	struct stmt *q =
	    sql(r->db,
	    "INSERT INTO consequence (end_to_end_id, file_number, profile_number, mandate_number, kind,"
	    "  reason, action, of_member)"
	    " VALUES ($id, $file, $profile, $mandate, $kind, $reason, $action, $of_member)"
	    " ON CONFLICT (end_to_end_id) DO NOTHING");

	bind_text(q, "$id", s->end_to_end_id);
	bind_int(q, "$file", s->file);
	bind_int(q, "$profile", s->profile);
	bind_int(q, "$mandate", s->mandate);
	bind_text(q, "$kind", kinds[s->of]);
	bind_text(q, "$reason", s->reason);
	bind_text(q, "$action", actions[action]);
	bind_int(q, "$of_member", reason_is_of_member(s->of, s->reason));
	if (exec(q) == 0)
		die(EXIT_BUG, "%s: came back twice", s->end_to_end_id);
	if (action == REASON_MANDATE_KEEP)
		return;
	q = sql(r->db,
	    "INSERT INTO same_reason (file_number, reason, failures, state)"
	    " VALUES ($file, $reason, 0, 'few')"
	    " ON CONFLICT (file_number, reason) DO NOTHING");
	bind_int(q, "$file", s->file);
	bind_text(q, "$reason", s->reason);
	exec(q);
	count_failure(r, s->file, s->profile, s->reason, 1, changed);
}

void
consequence_remove(struct run *r, const char *end_to_end_id, consequence_fn *changed)
{
	struct stmt *q = sql(r->db,
	    "SELECT file_number, profile_number, reason FROM consequence WHERE end_to_end_id = $id");
	int64_t file, profile;
	char reason[36];

	bind_text(q, "$id", end_to_end_id);
	if (!row(q))
		return; /* a batch that the bank reversed as a whole has none */
	file = col_int(q, 0);
	profile = col_int(q, 1);
	col_copy(q, 2, reason, sizeof(reason));
	reset(q);
	q = sql(r->db, "DELETE FROM consequence WHERE end_to_end_id = $id");
	bind_text(q, "$id", end_to_end_id);
	exec(q);
	count_failure(r, file, profile, reason, -1, changed);
}

/* The severest; of equal ones that of the member before that of a mandate, then by id: so in any order of arrival. */
bool
consequence_find(struct run *r, int64_t profile, int64_t mandate, struct consequence *c)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT q.action, q.reason"
	    " FROM consequence q"
	    " LEFT JOIN same_reason s ON s.file_number = q.file_number AND s.reason = q.reason"
	    " WHERE q.profile_number = $profile AND q.action <> 'keep'"
	    "  AND (q.mandate_number = $mandate OR q.of_member = 1)"
	    "  AND " CONSEQUENCE_COUNTS("q", "s")
	    " ORDER BY q.action, q.of_member DESC, q.end_to_end_id LIMIT 1");

	bind_int(q, "$profile", profile);
	bind_int(q, "$mandate", mandate);
	if (!row(q))
		return false;
	c->action = (enum reason_mandate)col_word(q, 0, actions, REASON_MANDATE_BLOCK + 1);
	col_copy(q, 1, c->why, sizeof(c->why));
	reset(q);
	return true;
}

int64_t
consequence_see(struct run *r, int64_t profile)
{
	struct stmt *q = sql(r->db,
	    "UPDATE consequence SET seen_at = $now"
	    " WHERE profile_number = $profile AND seen_at IS NULL");

	bind_instant(q, "$now", r->now);
	bind_int(q, "$profile", profile);
	return exec(q);
}

static void
group_find(struct run *r, const char *key, struct group *g)
{
	long long file = 0;
	int at = 0;

	if (sscanf(key, "%lld/%n", &file, &at) != 1 || at == 0 || !group_load(r, file, key + at, g))
		die(EXIT_BUG, "the exception %s is about no file and reason", key);
}

void
consequence_decide(struct run *r, const char *key, bool applies, consequence_fn *changed)
{
	struct group g;

	group_find(r, key, &g);
	g.state = applies ? GROUP_APPLIED : GROUP_WAIVED;
	group_save(r, &g);
	group_report(r, &g, changed);
}

void
consequence_reopen(struct run *r, const char *key)
{
	struct group g;

	group_find(r, key, &g);
	g.state = GROUP_HELD;
	group_save(r, &g);
	group_open_exception(r, &g);
}
