/* reopening: see reopening.h. Writes the table reversed_decision, and the state of bank_entry. */
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/concern.h"
#include "stages/core/bank/reopening.h"
#include "stages/core/bank/sessionview.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/intent.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/consequence.h"

#define KEY 512

struct decided {
	int64_t number;
	char kind[20], state[12], decision[20], last[20]; /* last: that was taken back before, or "" */
	char key[KEY];
	date closed_on;
};

static bool
load_decided(struct run *r, int64_t number, struct decided *d)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT kind, state, coalesce(decision, ''), substr(key, 1, 500), closed_on,"
	    "  coalesce((SELECT d.decision FROM reversed_decision d WHERE d.exception_number = x.number"
	    "   ORDER BY d.nth DESC LIMIT 1), '')"
	    " FROM exception x"
	    " WHERE number = $number");

	*d = (struct decided){.number = number};
	bind_int(q, "$number", number);
	if (!row(q))
		return false;
	col_copy(q, 0, d->kind, sizeof(d->kind));
	col_copy(q, 1, d->state, sizeof(d->state));
	col_copy(q, 2, d->decision, sizeof(d->decision));
	col_copy(q, 3, d->key, sizeof(d->key));
	d->closed_on = col_null(q, 4) ? DATE_NONE : col_date(q, 4);
	col_copy(q, 5, d->last, sizeof(d->last));
	reset(q);
	return true;
}

static bool
posts_transaction(const char *decision)
{
	return strcmp(decision, "attributed") == 0 || strcmp(decision, "as_told") == 0;
}

bool
reopening_is_for(struct run *r, int64_t number, const char *decision)
{
	struct decided d;
	const char *word;

	if (!load_decided(r, number, &d) || strcmp(d.kind, "swan_transaction") != 0)
		return true;
	word = decision != NULL ? decision : d.decision[0] != '\0' ? d.decision : d.last;
	return word[0] != '\0' && !posts_transaction(word);
}

/* --- what followed ------------------------------------------------------------------------------------------------- */

static void
check_released(struct run *r, const struct decided *d)
{
	struct bankfile f;

	if (!concern_find_released(r, d->number, &f))
		return;
	if (f.state == BANKFILE_RELEASED || f.state == BANKFILE_UPLOADED)
		die(EXIT_FORBIDDEN,
		    "exception %lld: bank file %s was released since, because nothing blocked it any more: if the"
		    " bank does not have it, two persons withdraw it first: `%s`",
		    (long long)d->number, f.msg_id,
		    run_command(r, "sepa withdraw --file %s --as rebuild --why TEXT", f.msg_id));
	die(EXIT_FORBIDDEN,
	    "exception %lld: bank file %s was released since, and the bank has answered it (%s): the decision"
	    " stands: `%s`",
	    (long long)d->number, f.msg_id, bankfile_state_word(f.state),
	    run_command(r, "sepa show --file %s", f.msg_id));
}

/* The entry `e` of the exception x. */
#define OF_ENTRY                                                                         \
	" FROM exception x"                                                              \
	" JOIN bank_entry e ON x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence" \
	"  AND x.number = $number AND x.kind = 'bank_entry'"

#define RECONCILED_SINCE \
	"EXISTS (SELECT 1 FROM stage_run s WHERE s.stage = 'reconcile' AND s.now_at >= x.resolved_at)"

/* A status about which a person has decided does not stand against a withdrawal. */
static void
check_withdrawn(struct run *r, const struct decided *d)
{
	struct stmt *q = sql(r->db,
	    "SELECT f.msg_id"
	    OF_ENTRY
	    " JOIN bank_file f ON f.state = 'withdrawn'"
	    "  AND (f.number = e.file_number OR f.msg_id = e.msg_id OR e.payment_information_id LIKE f.msg_id || '-%'"
	    "   OR lower(e.end_to_end_id) IN (SELECT c.end_to_end_id FROM collection c WHERE c.file_number = f.number))"
	    " WHERE e.kind = 'status'"
	    "  AND x.resolved_at <= (SELECT max(w.stated_at) FROM withdrawal w WHERE w.file_number = f.number)"
	    " LIMIT 1");

	bind_int(q, "$number", d->number);
	if (row(q))
		die(EXIT_FORBIDDEN,
		    "exception %lld: bank file %s was withdrawn since, and a withdrawal is final: what the bank"
		    " reports on it from now on is an exception of its own: `%s`",
		    (long long)d->number, col_text(q, 0), run_command(r, "exceptions list"));
}

/* A debit is settled by its due date only while nothing about it is open, no report is unread, and no entry names nothing at all. The
 * night is not stored: from the day on which it may have been settled before the exception was opened, it counts as settled
 * since. */
static void
check_settled(struct run *r, const struct decided *d)
{
	struct stmt *q = sql(r->db,
	    "SELECT c.end_to_end_id, f.msg_id"
	    " FROM exception x"
	    " LEFT JOIN input i ON i.number = x.input_number"
	    " LEFT JOIN bank_entry e ON x.kind = 'bank_entry'"
	    "  AND x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence"
	    " JOIN collection c ON c.settled_on >= date(x.opened_on, '-' || $days || ' days')"
	    " JOIN bank_file f ON f.number = c.file_number"
	    " WHERE x.number = $number AND " RECONCILED_SINCE
	    "  AND ((x.kind = 'file' AND i.kind = 'bank')"
	    "   OR (x.kind = 'bank_entry' AND (c.end_to_end_id IN (e.collection, lower(e.end_to_end_id))"
	    "    OR c.profile_number = x.profile_number"
	    "    OR (x.profile_number IS NULL AND (f.number = e.file_number OR f.msg_id = e.msg_id"
	    "     OR e.payment_information_id LIKE f.msg_id || '-%'"
	    "     OR (e.msg_id IS NULL AND e.payment_information_id IS NULL"
	    "      AND e.kind IN ('status', 'return', 'debit')))))))"
	    " ORDER BY c.end_to_end_id LIMIT 1");

	bind_int(q, "$days", 2 * config_int(r->config, BANK_SETTLE_AFTER_DAYS) + 7);
	bind_int(q, "$number", d->number);
	if (row(q))
		die(EXIT_FORBIDDEN,
		    "exception %lld: the debit or refund %s is settled by its due date, because nothing held it"
		    " back any more: the decision stands; a return that the bank reports is applied: `%s`",
		    (long long)d->number, col_text(q, 0),
		    run_command(r, "sepa show --file %s", col_text(q, 1)));
}

/* Another entry of the debit, or of the file as a whole, was read or applied since: it was understood without this one. */
static void
check_reported(struct run *r, const struct decided *d)
{
	struct stmt *q = sql(r->db,
	    "SELECT coalesce(o.collection, f.msg_id), i.name"
	    OF_ENTRY
	    " JOIN bank_message m ON m.number = e.message_number"
	    " JOIN bank_entry o ON o.number <> e.number AND (o.collection = e.collection"
	    "  OR (o.file_number = e.file_number AND (o.collection IS NULL OR e.collection IS NULL)"
	    "   AND o.kind <> 'status' AND e.kind <> 'status'))"
	    " JOIN bank_message n ON n.number = o.message_number"
	    " JOIN input i ON i.number = n.input_number"
	    " LEFT JOIN bank_file f ON f.number = o.file_number"
	    " LEFT JOIN exception y ON y.kind = 'bank_entry'"
	    "  AND y.key = lower(hex(o.fingerprint)) || '-' || o.occurrence"
	    " WHERE " RECONCILED_SINCE " AND o.state IN ('applied', 'noted')"
	    "  AND ((i.received_on >= x.closed_on AND n.input_number <> m.input_number)"
	    "   OR (y.state = 'applied' AND y.closed_on >= x.closed_on)"
	    "   OR (y.state = 'resolved' AND y.resolved_at >= x.resolved_at))"
	    " ORDER BY o.number LIMIT 1");

	bind_int(q, "$number", d->number);
	if (row(q))
		die(EXIT_FORBIDDEN,
		    "exception %lld: the bank has reported on %s since (in %s), and that was applied without this"
		    " entry: the decision stands: `%s`",
		    (long long)d->number, col_text(q, 0), col_text(q, 1), run_command(r, "exceptions list"));
}

/* The mandates of those that came back for the reason of the exception: which act now, or did until a person unblocked them. */
static void
check_mandates(struct run *r, const struct decided *d)
{
	struct stmt *q = sql(r->db,
	    "SELECT min(m.reference), count(DISTINCT m.number)"
	    " FROM exception x"
	    " JOIN consequence c ON x.key = c.file_number || '/' || c.reason AND c.action <> 'keep'"
	    " JOIN mandate m ON m.profile_number = c.profile_number AND (m.number = c.mandate_number OR c.of_member = 1)"
	    " WHERE x.number = $number AND x.kind = 'bank_file' AND x.decision = '" CONSEQUENCE_APPLY "'"
	    "  AND ((m.status IN ('suspended', 'blocked') AND m.why = c.reason) OR c.seen_at >= x.resolved_at)");

	bind_int(q, "$number", d->number);
	if (row(q) && col_int(q, 1) > 0)
		die(EXIT_FORBIDDEN,
		    "exception %lld: the decision has put %lld mandates out of force: the decision stands; make each"
		    " of them active again: `%s`",
		    (long long)d->number, (long long)col_int(q, 1),
		    run_command(r, "mandates unblock --unique-mandate-reference %s", col_text(q, 0)));
	reset(q);
}

/* The bytes of a file were read after all; a transaction of Swan's was, which could not be read before. */
static void
check_read(struct run *r, const struct decided *d)
{
	struct stmt *q = sql(r->db,
	    "SELECT j.name"
	    " FROM exception x"
	    " JOIN input i ON i.number = x.input_number"
	    " JOIN input j ON j.kind = i.kind AND j.sha256 = i.sha256 AND j.number > i.number AND j.state <> 'refused'"
	    " WHERE x.number = $number AND x.kind = 'file'"
	    " UNION ALL"
	    " SELECT i.name"
	    " FROM exception x"
	    " JOIN swan_transaction t ON t.id = $key"
	    " JOIN input i ON i.number = t.input_number AND i.received_on >= x.closed_on"
	    " WHERE x.number = $number AND x.kind = 'swan_node'"
	    " LIMIT 1");
	unsigned char key[STORE_KEY];

	bind_int(q, "$number", d->number);
	if (strlen(d->key) > STORE_KEY)
		bind_text(q, "$key", NULL);
	else
		bind_blob(q, "$key", key, store_key(d->key, key));
	if (row(q))
		die(EXIT_FORBIDDEN,
		    "exception %lld: it was read since, and applied (%s): there is nothing to open again",
		    (long long)d->number, col_text(q, 0));
}

static void
check_reset(struct run *r, const struct decided *d)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*)"
	    " FROM exception x"
	    " JOIN dev_reset s ON s.reset_at = x.resolved_at AND s.reset_by = x.resolved_by"
	    " WHERE x.number = $number AND x.kind = 'swan_transaction' AND x.decision = 'not_ours'");

	bind_int(q, "$number", d->number);
	if (value(q, 0) > 0)
		die(EXIT_FORBIDDEN,
		    "exception %lld: its member was reset: nothing is left that could be opened again",
		    (long long)d->number);
}

static void
check_posted(struct run *r, const struct decided *d)
{
	static const struct {
		const char *decision, *what, *then;
	} postings[] = {
	    {"credit", "it counts as booked",
	     "when the bank sends it back, decide `return` about that entry"},
	    {"return", "it counts as unpaid",
	     "when the bank takes that back, decide `reversal` about that entry"},
	    {"reversal", "its return counts as taken back",
	     "when the bank returns it once more, decide `return` about that entry"},
	    {"fee", "it counts as a fee", "no debt changed"},
	};
	size_t i;

	for (i = 0; i < LENGTH(postings); i++)
		if (strcmp(postings[i].decision, d->decision) == 0)
			die(EXIT_FORBIDDEN,
			    "exception %lld is posted as %s, and %s: no command takes that back; %s: `%s`",
			    (long long)d->number, d->decision, postings[i].what, postings[i].then,
			    run_command(r, "exceptions show --id %lld", (long long)d->number));
}

static void (*const checks[])(struct run *r, const struct decided *d) = {
    check_posted,   check_reset,     check_read,    check_mandates,
    check_released, check_withdrawn, check_settled, check_reported,
};

/* --- taking back ---------------------------------------------------------------------------------------------------- */

/* False: it was taken back before. */
static bool
require_decision(struct run *r, const struct decided *d, const char *named)
{
	size_t i;

	if (strcmp(d->state, "open") == 0 && d->last[0] != '\0' &&
	    (named == NULL || strcmp(named, d->last) == 0))
		return false;
	if (d->decision[0] == '\0')
		die(EXIT_REFUSED, "exception %lld is %s: there is no decision to take back: `%s`",
		    (long long)d->number, d->state,
		    run_command(r, "exceptions show --id %lld", (long long)d->number));
	if (named != NULL && strcmp(named, d->decision) != 0)
		die(EXIT_REFUSED, "exception %lld is decided as %s, not as %s: `%s`", (long long)d->number,
		    d->decision, named, run_command(r, "exceptions show --id %lld", (long long)d->number));
	for (i = 0; i < LENGTH(checks); i++)
		checks[i](r, d);
	return true;
}

static void
store_reversal(struct run *r, const struct decided *d, const char *why)
{
	char what[40];
	struct stmt *q = sql(r->db,
	    "INSERT INTO reversed_decision (exception_number, nth, decision, decided_why, decided_by, decided_identity,"
	    "  decided_at, why, reversed_by, reversed_identity, reversed_at)"
	    " SELECT number,"
	    "  1 + (SELECT count(*) FROM reversed_decision d WHERE d.exception_number = x.number),"
	    "  decision, why, resolved_by, resolved_identity, resolved_at, $why, $who, $identity, $now"
	    " FROM exception x"
	    " WHERE number = $number");

	bind_text(q, "$why", why);
	run_bind_person(r, q);
	bind_instant(q, "$now", r->now);
	bind_int(q, "$number", d->number);
	exec(q);
	snprintf(what, sizeof(what), "exception %lld", (long long)d->number);
	intent_add(r, "reversal", what, NULL, "%s, by %s", d->decision, run_person(r));
}

/* Entries that name nothing of ours are tried once more, too. */
static void
hold_entry(struct run *r, const struct decided *d)
{
	struct stmt *q = sql(r->db,
	    "UPDATE bank_entry SET state = 'held', files_known = NULL"
	    " WHERE state IN ('held', 'resolved')"
	    "  AND number = (SELECT e.number" OF_ENTRY ")");

	bind_int(q, "$number", d->number);
	(void)exec(q);
}

bool
reopening_decide(struct run *r, int64_t number, const char *decision, const char *why)
{
	struct decided d;
	bool is_new;

	tx_begin(r->db);
	if (!load_decided(r, number, &d))
		die(EXIT_ABSENT, "exception %lld does not exist: `%s` lists all", (long long)number,
		    run_command(r, "exceptions list --all"));
	is_new = require_decision(r, &d, decision);
	if (is_new) {
		store_reversal(r, &d, why);
		exception_reopen(r, number);
		hold_entry(r, &d);
		if (strcmp(d.kind, "bank_file") == 0)
			consequence_reopen(r, d.key);
	}
	tx_commit(r->db);
	sessionview_refresh(r);
	return is_new;
}
