/* bankdecision: see bankdecision.h. Writes through bankentry and exception. */
#include <ctype.h>
#include <string.h>

#include "formats/text.h"
#include "stages/core/bank/bankentry.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/bankdecision.h"
#include "stages/core/bank/bankpost.h"
#include "stages/core/bank/sessionview.h"
#include "stages/core/bank/revival.h"
#include "stages/core/books/ledger.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/log.h"

/* decide ------------------------------------------------------------------------------------------------- */

static enum bankpost_decision
find_decision(const char *word)
{
	int i;

	for (i = 0; i < BANKPOST_DECISIONS; i++)
		if (strcmp(bankpost_decision_word((enum bankpost_decision)i), word) == 0)
			return (enum bankpost_decision)i;
	die(EXIT_BUG, "%s posts no bank entry", word);
}

/* What a decision names, by its own ids: the end-to-end id in small letters, or the MsgId. */
struct target {
	char id[END_TO_END_ID];
	bool is_file;
	int64_t profile; /* 0: a file, or neither */
	int64_t session;
};

static void
find_debit(struct run *r, const char *end_to_end_id, struct target *t)
{
	struct collection c;
	size_t i;

	for (i = 0; i < sizeof(t->id) - 1 && end_to_end_id[i] != '\0'; i++)
		t->id[i] = (char)tolower((unsigned char)end_to_end_id[i]);
	if (end_to_end_id[i] != '\0' || !collection_load(r, t->id, &c))
		die(EXIT_ABSENT,
		    "no debit or refund has the end-to-end id %s: debits.csv beside each bank file lists them",
		    end_to_end_id);
	t->profile = c.profile;
	t->session = c.session;
}

static void
find_file(struct run *r, const char *id, struct target *t)
{
	struct bankfile f;

	if (!bankfile_find(r, id, &f))
		die(EXIT_ABSENT, "bank file %s does not exist: `%s` lists all", id,
		    run_command(r, "sepa list"));
	(void)text_copy(t->id, sizeof(t->id), f.msg_id);
	t->is_file = true;
	t->session = f.session;
}

static void
find_target(struct run *r, const struct bankdecision *p, struct target *t)
{
	*t = (struct target){.id = ""};
	if (p->end_to_end_id != NULL)
		find_debit(r, p->end_to_end_id, t);
	else if (p->file != NULL)
		find_file(r, p->file, t);
}

static int
post(struct run *r, int64_t exception, const struct bankdecision *p, const struct target *t, struct err *e)
{
	return bankpost_apply(r, exception, find_decision(p->decision),
	                      p->end_to_end_id == NULL ? NULL : t->id, t->is_file ? t->id : NULL, p->reason,
	                      e);
}

/* A sum is refused as long as the others of its file are not known to belong to it; so they are tried until all are posted, or
 * nothing changes any more. */
bool
bankdecision_decide(struct run *r, const int64_t exceptions[], int n, const struct bankdecision *p,
                    const char *why)
{
	bool done[BANKDECISION_ENTRIES] = {false};
	int i, left = 0, before;
	struct target t;
	struct exception_posting decided = {p->decision, t.id, p->reason == NULL ? "" : p->reason, 0};
	struct err e = {0};
	int64_t last = 0;
	bool changed;

	tx_begin(r->db);
	find_target(r, p, &t);
	decided.profile = t.profile;
	for (i = 0; i < n; i++) {
		done[i] = exception_was_posted(r, exceptions[i], &decided);
		left += !done[i];
	}
	changed = left > 0;
	do {
		before = left;
		for (i = 0; i < n; i++) {
			if (done[i])
				continue;
			last = exceptions[i];
			if (post(r, last, p, &t, &e) < 0)
				continue;
			exception_post(r, last, &decided, why);
			done[i] = true;
			left--;
		}
	} while (left > 0 && left < before);
	if (left > 0)
		die(EXIT_REFUSED,
		    "exception %lld: nothing was posted: %s (%s): `%s` lists the decisions that fit",
		    (long long)last, e.message, e.code,
		    run_command(r, "exceptions show --id %lld", (long long)last));
	tx_commit(r->db);
	sessionview_refresh(r);
	return changed;
}

/* candidates --------------------------------------------------------------------------------------------- */

/* The held entry of the exception, as `entry`: the day, the direction, and the amount with and without its fee; one of which the
 * bank does not say the direction both ways. A status moves no money. */
#define HELD_ENTRY \
	SQL_PART("held AS ("                                                                                  \
	         " SELECT e.event_on, replace(upper(e.mandate_reference), ' ', '') AS mandate, e.reason,"     \
	         "  e.kind AS said, e.amount_in_cents AS amount, e.fee_in_cents AS fee,"                      \
	         "  lower(e.end_to_end_id) AS id, " REVIVAL_NAMED("e") " AS named"                            \
	         " FROM exception x"                                                                          \
	         " JOIN bank_entry e ON x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence"             \
	         " WHERE x.number = $exception AND x.kind = 'bank_entry' AND x.state = 'open'"                \
	         "  AND e.state = 'held' AND e.kind <> 'status'),"                                            \
	         " entry AS ("                                                                                \
	         " SELECT event_on, mandate, reason, id, named, 'credit' AS way, amount, amount + fee AS principal" \
	         " FROM held WHERE said IN ('credit', 'refund_return', 'other')"                              \
	         " UNION ALL"                                                                                 \
	         " SELECT event_on, mandate, reason, id, named, 'debit', amount, amount - fee"                    \
	         " FROM held WHERE said NOT IN ('credit', 'refund_return'))")

enum bankdecision_direction
bankdecision_look(struct run *r, int64_t exception)
{
	struct stmt *q =
	    sql(r->db,
	    "WITH " HELD_ENTRY
	    " SELECT coalesce(sum(CASE way WHEN 'credit' THEN 1 ELSE 2 END), 0) FROM entry");

	bind_int(q, "$exception", exception);
	return (enum bankdecision_direction)value(q, BANKDECISION_NONE);
}

#define BOOKS "n.way = CASE f.kind WHEN 'debit' THEN 'credit' ELSE 'debit' END"

/* A collection c that was withdrawn with its file f is live again when a person posts its booking. Several files may have its
 * id: the one that the entry names, or the newest. */
#define WITHDRAWN "FROM withdrawn_collection w WHERE w.end_to_end_id = c.end_to_end_id AND w.has_failed = 0"
#define IS_REVIVABLE                                                                            \
	"f.number = coalesce((SELECT w.file_number " WITHDRAWN " AND w.file_number = n.named)," \
	"  (SELECT max(w.file_number) " WITHDRAWN "))"

/* A debit is credited by its booking, and debited by its return; a refund the other way round. `fit` is the decision that can
 * still be taken about a collection c of a file f. */
#define FIT_OF_COLLECTION \
	SQL_PART("CASE"                                                                                       \
	         " WHEN c.state IN ('cancelled', 'withdrawn') THEN CASE"                                      \
	         "  WHEN " BOOKS " AND " IS_REVIVABLE " THEN 'credit' END"                                    \
	         " WHEN " BOOKS " THEN CASE"                                           \
	         "  WHEN c.state = 'returned' AND c.booked_on IS NOT NULL THEN 'reversal'"                    \
	         "  WHEN c.state = 'booked' AND c.booked_on IS NOT NULL THEN NULL"                            \
	         "  ELSE 'credit' END"                                                                        \
	         " WHEN c.state IN ('presented', 'accepted', 'booked') THEN 'return'"                         \
	         " END")

/* What becomes of the version that has the debt now stands there, too. */
#define STATE_OF_COLLECTION \
	SQL_PART("CASE WHEN c.state IN ('cancelled', 'withdrawn')"                                            \
	         " THEN 'withdrawn with ' || f.msg_id || coalesce('; ' || (SELECT v.msg_id"                   \
	         "  FROM collection o JOIN bank_file v ON v.number = o.file_number"                           \
	         "  WHERE o.profile_number = c.profile_number AND o.session_number = c.session_number"        \
	         "   AND o.live = 1) || ', which was not released, is cancelled', '') ELSE c.state END")

/* The same of a whole file: several that stand in it must come to the amount, all or those that the bank did not reject; a return
 * takes all of it back. */
#define FIT_OF_FILE \
	SQL_PART("CASE"                                                                                       \
	         " WHEN f.state = 'withdrawn' AND f.number <> n.named THEN NULL"                              \
	         " WHEN " BOOKS " AND s.unbooked > 1 AND (s.unbooked_sum IN (n.amount, n.principal)"          \
	         "  OR s.net_sum IN (n.amount, n.principal)) THEN 'credit'"                                   \
	         " WHEN NOT " BOOKS " AND s.unbooked = 0 AND s.booked > 1 AND s.booked_sum = n.amount THEN 'return'"            \
	         " END")

struct stmt *
bankdecision_begin(struct run *r, int64_t exception)
{
	struct stmt *q = sql(r->db,
	    "WITH " HELD_ENTRY ","
	    " debit AS ("
	    "  SELECT " FIT_OF_COLLECTION " AS fit, c.end_to_end_id AS id, f.kind, " STATE_OF_COLLECTION " AS state,"
	    "   0 AS is_file,"
	    "   p.app_id, p.app_user_id, m.reference, c.amount_in_cents AS amount, f.collect_on,"
	    "   n.reason, CASE WHEN c.end_to_end_id = n.id THEN 0 WHEN m.reference_key = n.mandate THEN 1 ELSE 2"
	    "   END AS unnamed,"
	    "   CASE WHEN f.collect_on <= n.event_on THEN 0 ELSE 1 END AS is_later"
	    "  FROM entry n"
	    "  JOIN bank_file f ON f.state NOT IN ('generated', 'approved', 'cancelled')"
	    "  JOIN collection c ON c.file_number = f.number"
	    "  JOIN mandate m ON m.number = c.mandate_number"
	    "  JOIN profile p ON p.number = c.profile_number"
	    "  WHERE c.amount_in_cents IN (n.amount, n.principal)),"
	    " file AS ("
	    "  SELECT " FIT_OF_FILE " AS fit, f.msg_id AS id, f.kind, f.state, 1 AS is_file, NULL AS app_id,"
	    "   NULL AS app_user_id, NULL AS reference, n.amount, f.collect_on, n.reason, 2 AS unnamed,"
	    "   CASE WHEN f.collect_on <= n.event_on THEN 0 ELSE 1 END AS is_later"
	    "  FROM entry n"
	    "  JOIN bank_file f ON f.state NOT IN ('generated', 'approved', 'cancelled')"
	    "  JOIN bank_file_sum s ON s.file_number = f.number)"
	    " SELECT fit, id, kind, state, is_file, app_id, app_user_id, reference, amount, collect_on,"
	    "  CASE WHEN fit = 'return' AND reason IS NULL THEN 1 ELSE 0 END"
	    " FROM (SELECT * FROM debit UNION ALL SELECT * FROM file) AS candidate"
	    " WHERE fit IS NOT NULL"
	    " ORDER BY unnamed, is_later, collect_on DESC, id, fit"
	    " LIMIT 5");

	bind_int(q, "$exception", exception);
	return q;
}

bool
bankdecision_next(struct stmt *q, struct bankdecision_candidate *c)
{
	if (!row(q))
		return false;
	*c = (struct bankdecision_candidate){.decision = col_text(q, 0),
	                                     .to = col_text(q, 1),
	                                     .kind = col_text(q, 2),
	                                     .state = col_text(q, 3),
	                                     .is_file = col_int(q, 4) != 0,
	                                     .app_id = col_text(q, 5),
	                                     .app_user_id = col_text(q, 6),
	                                     .mandate = col_text(q, 7),
	                                     .amount = col_int(q, 8),
	                                     .due_on = col_date(q, 9),
	                                     .wants_reason = col_int(q, 10) != 0};
	return true;
}

/* withdrawn files ---------------------------------------------------------------------------------------- */

/* The open exception's held entry `e`; `v` is the released file that has the debt of collection c live. */
#define HELD_MONEY \
	SQL_PART(" FROM exception x"                                                                          \
	         " JOIN bank_entry e ON x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence"             \
	         "  AND x.number = $exception AND x.kind = 'bank_entry' AND x.state = 'open'"                 \
	         "  AND e.state = 'held'")
#define VERSION_OF(join) \
	SQL_PART(join " JOIN (collection o JOIN bank_file v ON v.number = o.file_number"                      \
	         "   AND v.state NOT IN ('generated', 'approved'))"                                           \
	         "  ON o.profile_number = c.profile_number AND o.session_number = c.session_number"           \
	         "   AND o.live = 1 AND o.file_number <> c.file_number")

/* Of one debit. A failed one whose id the bank rejected or returned later can be posted to that. */
static struct stmt *
query_debit_conflict(struct run *r)
{
	return sql(r->db,
	    "SELECT c.end_to_end_id, c.profile_number, c.amount_in_cents, e.event_on, d.status = 'failed',"
	    "  o.state = 'booked', v.msg_id, v.state IN ('released', 'uploaded'), f.kind = 'debit'"
	    HELD_MONEY
	    " JOIN collection c ON c.end_to_end_id = e.collection AND c.state IN ('cancelled', 'withdrawn')"
	    " JOIN bank_file f ON f.number = c.file_number AND f.state = 'withdrawn'"
	    "  AND e.kind = CASE f.kind WHEN 'debit' THEN 'credit' ELSE 'debit' END"
	    " JOIN debt d ON d.profile_number = c.profile_number AND d.session_number = c.session_number"
	    VERSION_OF(" LEFT")
	    " WHERE c.amount_in_cents IN (e.amount_in_cents, e.amount_in_cents + e.fee_in_cents)"
	    "  AND (v.number IS NOT NULL OR (d.status = 'failed' AND NOT EXISTS ("
	    "   SELECT 1 FROM collection l WHERE l.end_to_end_id = c.end_to_end_id AND l.live = 0"
	    "    AND l.file_number <> c.file_number)))"
	    " ORDER BY CASE f.number WHEN " REVIVAL_NAMED("e") " THEN 0 ELSE 1 END, f.number DESC LIMIT 1");
}

/* Of a whole file. */
static struct stmt *
query_file_conflict(struct run *r)
{
	return sql(r->db,
	    "SELECT '', 0, 0, e.event_on, 0, min(o.state = 'booked'), v.msg_id,"
	    "  v.state IN ('released', 'uploaded'), f.kind = 'debit'"
	    HELD_MONEY
	    " JOIN bank_file f ON f.number = e.file_number AND f.state = 'withdrawn'"
	    "  AND e.kind = CASE f.kind WHEN 'debit' THEN 'credit' ELSE 'debit' END"
	    " JOIN collection c ON c.file_number = f.number AND c.state IN ('cancelled', 'withdrawn')"
	    VERSION_OF("")
	    " WHERE e.collection IS NULL"
	    " GROUP BY v.number"
	    " ORDER BY v.number DESC LIMIT 1");
}

static bool
load_conflict(struct stmt *q, int64_t exception, struct bankdecision_conflict *c)
{
	bind_int(q, "$exception", exception);
	if (!row(q))
		return false;
	*c = (struct bankdecision_conflict){.profile = col_int(q, 1),
	                                    .amount = col_int(q, 2),
	                                    .booked_on = col_date(q, 3),
	                                    .why = col_int(q, 4) != 0   ? BANKDECISION_DEBT_FAILED
	                                           : col_int(q, 5) != 0 ? BANKDECISION_PAID_TWICE
	                                                                : BANKDECISION_VERSION_RELEASED,
	                                    .may_withdraw = col_int_or(q, 7, 0) != 0,
	                                    .is_debit = col_int(q, 8) != 0};
	col_copy(q, 0, c->end_to_end_id, sizeof(c->end_to_end_id));
	if (!col_null(q, 6))
		col_copy(q, 6, c->version, sizeof(c->version));
	reset(q);
	return true;
}

bool
bankdecision_find_conflict(struct run *r, int64_t exception, struct bankdecision_conflict *c)
{
	return load_conflict(query_debit_conflict(r), exception, c) ||
	       load_conflict(query_file_conflict(r), exception, c);
}

bool
bankdecision_find_withdrawn(struct run *r, int64_t exception, char msg_id[36])
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT f.msg_id"
	    HELD_MONEY
	    " JOIN bank_file f ON f.number = " REVIVAL_NAMED("e")
	    " WHERE e.kind = 'status'");

	bind_int(q, "$exception", exception);
	if (!row(q))
		return false;
	col_copy(q, 0, msg_id, 36);
	reset(q);
	return true;
}
