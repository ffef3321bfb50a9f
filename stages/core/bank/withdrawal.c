/* withdrawal: see withdrawal.h. Writes the table withdrawal. */
#include <stdio.h>
#include <string.h>

#include "formats/text.h"
#include "stages/core/bank/withdrawal.h"
#include "stages/core/books/debt.h"
#include "stages/core/engine/intent.h"
#include "stages/core/home/publish.h"

static const char *const ways[WITHDRAWAL_WAYS] = {
    [WITHDRAWAL_REBUILD] = "rebuild", [WITHDRAWAL_CARRY] = "carry"};

const char *
withdrawal_way_word(enum withdrawal_way way)
{
	return ways[way];
}

enum withdrawal_way
withdrawal_way_find(const char *word)
{
	enum withdrawal_way way;

	for (way = 0; way < WITHDRAWAL_WAYS; way++)
		if (strcmp(word, ways[way]) == 0)
			return way;
	die(EXIT_USAGE, "--as: \"%s\" is not a way to withdraw a file: rebuild or carry", word);
}

/* Statements from before the upload was marked are void: their persons did not know of it. */
#define COUNTS                              \
	"(w.after_upload = 1 OR NOT EXISTS" \
	" (SELECT 1 FROM bank_file f WHERE f.number = w.file_number AND f.uploaded_at IS NOT NULL))"

/* The statement of this person, or of the first other one. */
static bool
find_statement(struct run *r, int64_t file, const char *person, bool is_other, struct withdrawal *w)
{
	struct stmt *q = sql(r->db,
	    "SELECT w.person, w.way FROM withdrawal w"
	    " WHERE w.file_number = $file AND " COUNTS
	    "  AND CASE w.person WHEN $person THEN 0 ELSE 1 END = $other"
	    " ORDER BY w.stated_at, w.person LIMIT 1");

	bind_int(q, "$file", file);
	bind_text(q, "$person", person);
	bind_int(q, "$other", is_other);
	if (!row(q))
		return false;
	col_copy(q, 0, w->person, sizeof(w->person));
	w->way = (enum withdrawal_way)col_word(q, 1, ways, WITHDRAWAL_WAYS);
	reset(q);
	return true;
}

bool
withdrawal_find(struct run *r, int64_t file, struct withdrawal *first)
{
	return find_statement(r, file, "", true, first);
}

/* What the bank did with single debits stands, whatever it says of the file. */
static void
check_untouched(struct run *r, const struct bankfile *f)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT count(*) FROM collection"
	    " WHERE file_number = $file"
	    "  AND (state NOT IN ('presented', 'accepted') OR booked_on IS NOT NULL)");
	int64_t n;

	bind_int(q, "$file", f->number);
	n = value(q, 0);
	if (n > 0)
		die(EXIT_FORBIDDEN,
		    "%s: the bank has booked, rejected or returned %lld of its %lld %s%s: it has the file",
		    f->name, (long long)n, (long long)f->count, bankfile_words(f->kind)->one,
		    text_plural(f->count));
}

/* Entries that name the file: by its MsgId, by a PmtInfId, which begins with it, or by an end-to-end id. */
#define NAMES_FILE                                                                                \
	"(e.file_number = $file OR e.msg_id = $msg OR e.payment_information_id LIKE $msg || '-%'" \
	" OR lower(e.end_to_end_id) IN"                                                           \
	"  (SELECT c.end_to_end_id FROM collection c WHERE c.file_number = $file))"

/* A reject for duplication says that the bank has another copy. */
#define REJECTS                                                                      \
	"(e.kind = 'status' AND e.status = 'RJCT' AND coalesce(e.reason, '') NOT IN" \
	" ('AM05', 'DU01', 'DU02', 'DU03', 'DU04', 'DU05', 'DUPL'))"

/* When the bank rejected the whole file for the last time. */
static instant
find_rejected_at(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db,
	    "SELECT max(m.created_at) FROM bank_entry e"
	    " JOIN bank_message m ON m.number = e.message_number"
	    " WHERE " NAMES_FILE " AND " REJECTS " AND e.level <> 'debit'");

	bind_text(q, "$msg", f->msg_id);
	bind_int(q, "$file", f->number);
	return value(q, 0);
}

/* A bank that reports on a file has it. Once it has rejected the whole file, that report counts, and so do the statuses before
 * it; a status about which a person has decided does not count. */
static void
check_not_reported(struct run *r, const struct bankfile *f)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT coalesce(e.status, e.kind), e.event_on, i.name FROM bank_entry e"
	    " JOIN bank_message m ON m.number = e.message_number"
	    " JOIN input i ON i.number = m.input_number"
	    " LEFT JOIN exception x ON x.kind = 'bank_entry'"
	    "  AND x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence"
	    " WHERE " NAMES_FILE
	    "  AND NOT (e.kind = 'status' AND CASE coalesce(x.state, '')"
	    "   WHEN 'resolved' THEN 1 = 1"
	    "   WHEN 'open' THEN $rejected > 0 AND x.code = 'file_rejected'"
	    "   ELSE $rejected > 0 AND (" REJECTS " OR m.created_at <= $rejected) END)"
	    " ORDER BY m.created_at DESC, e.number LIMIT 1");

	bind_text(q, "$msg", f->msg_id);
	bind_int(q, "$file", f->number);
	bind_int(q, "$rejected", f->state == BANKFILE_REJECTED ? find_rejected_at(r, f) : 0);
	if (row(q))
		die(EXIT_FORBIDDEN,
		    "%s: the bank has reported on it (%s of %s, in %s): it can be withdrawn once the bank reports"
		    " that it rejects the whole file (pain.002)",
		    f->name, col_text(q, 0), col_text(q, 1), col_text(q, 2));
}

static void
save(struct run *r, const struct bankfile *f, enum withdrawal_way way, const char *why)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO withdrawal (file_number, person, identity, way, why, stated_at, after_upload, after_reject)"
	    " SELECT number, $who, $identity, $way, $why, $now,"
	    "  CASE WHEN uploaded_at IS NULL THEN 0 ELSE 1 END,"
	    "  CASE state WHEN 'rejected' THEN 1 ELSE 0 END"
	    " FROM bank_file WHERE number = $file"
	    " ON CONFLICT (file_number, person) DO UPDATE SET identity = excluded.identity, way = excluded.way, why = excluded.why,"
	    "  stated_at = excluded.stated_at, after_upload = excluded.after_upload,"
	    "  after_reject = excluded.after_reject");

	run_bind_person(r, q);
	bind_text(q, "$way", ways[way]);
	bind_text(q, "$why", why);
	bind_instant(q, "$now", r->now);
	bind_int(q, "$file", f->number);
	exec(q);
}

/* An end-to-end id that the bank rejected is spent; one that it never had lives on. */
static void
withdraw(struct run *r, const struct bankfile *f, enum withdrawal_way way)
{
	enum bankfile_state after = bankfile_require(r, f, BANKFILE_WITHDRAW);
	bool is_carried = way == WITHDRAWAL_CARRY;

	if (collection_withdraw(r, f->number, f->state == BANKFILE_REJECTED, is_carried) != f->count)
		die(EXIT_BUG, "%s: the bank has answered a %s of it", f->name, bankfile_words(f->kind)->one);
	bankfile_set_state(r, f->number, after);
	if (is_carried)
		debt_assign(r);
	run_count(r, COUNT_BANK_FILES_WITHDRAWN, 1);
	run_count(r, COUNT_DEBTS_CARRIED, is_carried ? f->count : 0);
}

static void
check_same_way(struct run *r, const struct bankfile *f, const struct withdrawal *other,
               enum withdrawal_way way)
{
	if (other->way == way)
		return;
	if (f->state == BANKFILE_WITHDRAWN)
		die(EXIT_OVERWRITE, "%s is withdrawn as %s: a withdrawal is final", f->name,
		    ways[other->way]);
	die(EXIT_OVERWRITE, "%s: %s stated --as %s: both persons must state the same: `%s`", f->name,
	    other->person, ways[other->way],
	    run_command(r, "sepa withdraw --file %s --as %s --why TEXT", f->msg_id, ways[other->way]));
}

bool
withdrawal_give(struct run *r, const struct bankfile *f, enum withdrawal_way way, const char *why)
{
	const char *person = run_person(r);
	struct withdrawal own, other;
	bool has_other = find_statement(r, f->number, person, true, &other);
	char path[PATH_SIZE];

	if (has_other)
		check_same_way(r, f, &other, way);
	if (bankfile_require(r, f, BANKFILE_WITHDRAW) == f->state)
		return false;
	if (strcmp(person, f->built_by) == 0)
		die(EXIT_FORBIDDEN, "%s: %s built it, so other persons must withdraw it", f->name, person);
	if (find_statement(r, f->number, person, false, &own) && own.way == way && !has_other)
		return false;
	check_untouched(r, f);
	check_not_reported(r, f);
	tx_begin(r->db);
	snprintf(path, sizeof(path), "out/upload/%s", f->name);
	publish_retire(r, path);
	save(r, f, way, why);
	intent_add(r, has_other ? "withdrawal" : "statement", f->msg_id, f->sha256, "as %s, by %s", ways[way],
	           person);
	if (has_other)
		withdraw(r, f, way);
	tx_commit(r->db);
	publish_place(r);
	return true;
}
