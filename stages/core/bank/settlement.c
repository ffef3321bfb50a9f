/* settlement: see settlement.h. Writes the columns overdue and overdue_on of bank_file.
 *
 * source   SDD Core rulebook (EPC016-06): returns are possible until 5 TARGET days after the due date; French banks report
 *          unpaid debits only (camt.054)
 */
#include <string.h>

#include "formats/calendar.h"
#include "formats/json.h"
#include "formats/text.h"
#include "stages/core/bank/settlement.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/log.h"

#define ANSWER_DAYS  1
#define BOOKING_DAYS 2
#define REFUND_DAYS  1 /* a transfer is paid on its execution day */

static bool
is_by_due_date(const struct run *r)
{
	return strcmp(config_text(r->config, BANK_SETTLE_ON), "due_date") == 0;
}

static bool
is_without_acceptance(const struct run *r)
{
	return is_by_due_date(r) && config_yes(r->config, BANK_SETTLE_WITHOUT_ACCEPTANCE);
}

date
settlement_day(const struct run *r, const struct bankfile *f)
{
	int days =
	    f->kind == COLLECTION_REFUND ? REFUND_DAYS : (int)config_int(r->config, BANK_SETTLE_AFTER_DAYS);

	return is_by_due_date(r) ? calendar_add_open(f->collect_on, days) : DATE_NONE;
}

/* What the bank reported of a file so far. */
struct progress {
	bool answered, open;
};

static struct progress
load_progress(struct run *r, int64_t file)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT count(*) FILTER (WHERE c.state <> 'presented'),"
	    "  count(*) FILTER (WHERE " COLLECTION_IS_OPEN("c") ")"
	    " FROM collection c"
	    " WHERE c.file_number = $file");
	struct progress p = {0};

	bind_int(q, "$file", file);
	while (row(q))
		p = (struct progress){.answered = col_int(q, 0) > 0, .open = col_int(q, 1) > 0};
	return p;
}

static bool
is_at_bank(const struct bankfile *f)
{
	return f->state == BANKFILE_UPLOADED || f->state == BANKFILE_ACCEPTED ||
	       f->state == BANKFILE_PARTIALLY_ACCEPTED;
}

enum settlement_missing
settlement_find_missing(struct run *r, const struct bankfile *f)
{
	date due = settlement_day(r, f);
	struct progress p;

	if (f->state == BANKFILE_RELEASED)
		return r->on > bankfile_upload_on(r, f->collect_on) ? SETTLEMENT_LACKS_UPLOAD
		                                                    : SETTLEMENT_COMPLETE;
	if (!is_at_bank(f) || r->on <= f->collect_on)
		return SETTLEMENT_COMPLETE;
	p = load_progress(r, f->number);
	if (!p.open)
		return SETTLEMENT_COMPLETE;
	if (f->state == BANKFILE_UPLOADED && !p.answered && !is_without_acceptance(r))
		return r->on >= calendar_add_open(f->collect_on, ANSWER_DAYS) ? SETTLEMENT_LACKS_ANSWER
		                                                              : SETTLEMENT_COMPLETE;
	if (due != DATE_NONE)
		return r->on > due ? SETTLEMENT_IS_HELD : SETTLEMENT_COMPLETE;
	return r->on >= calendar_add_open(f->collect_on, BOOKING_DAYS) ? SETTLEMENT_LACKS_BOOKING
	                                                               : SETTLEMENT_COMPLETE;
}

bool
settlement_awaits_day(struct run *r, const struct bankfile *f)
{
	return is_by_due_date(r) && is_at_bank(f) &&
	       (f->state != BANKFILE_UPLOADED || is_without_acceptance(r));
}

/* What holds a settlement back ----------------------------------------------------------------------------- */

#define EXCEPTION_OF(e) \
	"x.kind = 'bank_entry' AND x.key = lower(hex(" e ".fingerprint)) || '-' || " e ".occurrence"

/* A bank that accepts with a change has perhaps moved the collection day. */
#define CHANGED(e) SQL(e ".msg_id = $msg AND " e ".status = 'ACWC'")

struct change {
	int64_t number, input, profile;
	long line;
	char key[SHA256_TEXT + 20], end_to_end_id[36], reason[36], on[DATE_TEXT], text[256];
};

/* The next one that no person was asked about. */
static bool
next_change(struct run *r, const struct bankfile *f, struct change *n)
{
	struct stmt *q = sql(r->db,
	    "SELECT e.number, m.input_number, coalesce(c.profile_number, 0), e.line,"
	    "  lower(hex(e.fingerprint)) || '-' || e.occurrence, e.end_to_end_id, e.reason, e.event_on, e.text"
	    " FROM bank_entry e"
	    " JOIN bank_message m ON m.number = e.message_number"
	    " LEFT JOIN collection c ON c.end_to_end_id = e.collection AND c.file_number = $file"
	    " WHERE " CHANGED("e") " AND e.number > $after"
	    "  AND NOT EXISTS (SELECT 1 FROM exception x WHERE " EXCEPTION_OF("e") ")"
	    " ORDER BY e.number LIMIT 1");

	bind_int(q, "$file", f->number);
	bind_text(q, "$msg", f->msg_id);
	bind_int(q, "$after", n->number);
	if (!row(q))
		return false;
	*n = (struct change){.number = col_int(q, 0),
	                     .input = col_int(q, 1),
	                     .profile = col_int(q, 2),
	                     .line = (long)col_int(q, 3)};
	col_copy(q, 4, n->key, sizeof(n->key));
	col_copy(q, 5, n->end_to_end_id, sizeof(n->end_to_end_id));
	col_copy(q, 6, n->reason, sizeof(n->reason));
	col_copy(q, 7, n->on, sizeof(n->on));
	col_copy(q, 8, n->text, sizeof(n->text));
	reset(q);
	return true;
}

static void
ask_about_change(struct run *r, const struct bankfile *f, const struct change *n)
{
	char text[2048];
	struct sink_text record = {text, sizeof(text), 0};
	struct json j = {.sink = sink_into(&record)};

	json_open(&j, NULL, '{');
	json_put_text(&j, "kind", "status");
	json_put_text(&j, "status", "ACWC");
	json_put_text(&j, "msg_id", f->msg_id);
	json_put_text(&j, "end_to_end_id", text_or_null(n->end_to_end_id));
	json_put_text(&j, "reason_code", text_or_null(n->reason));
	json_put_text(&j, "text", text_or_null(n->text));
	json_put_text(&j, "booking_date", n->on);
	json_close(&j, '}');
	if (sink_end(j.sink, NULL, NULL) < 0)
		die(EXIT_BUG, "bank entry %lld is too long for an exception", (long long)n->number);
	exception_open(r, &(struct exception){
			      .kind = "bank_entry",
			      .key = n->key,
			      .code = "accepted_with_change",
			      .message = "the bank accepted it with a change, perhaps of the day: nothing is"
					 " recovered by its due date until a person decides",
			      .record = text,
			      .input = n->input,
			      .line = n->line,
			      .profile = n->profile});
}

static int64_t
count_of_file(struct stmt *q, const struct bankfile *f)
{
	bind_text(q, "$msg", f->msg_id);
	bind_int(q, "$file", f->number);
	return value(q, 0);
}

/* A report of the bank that may say that a debit of the file is unpaid: one that could not be read; an open entry that names the
 * file and no debit of it, or nothing at all. An open entry that names a debit holds that one back only. */
static bool
is_in_doubt(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*)"
	    " FROM exception x"
	    " JOIN input i ON i.number = x.input_number"
	    " WHERE x.state = 'open' AND x.kind = 'file' AND i.kind = 'bank'");

	if (value(q, 0) > 0)
		return true;
	q = sql(r->db,
	    "SELECT count(*)"
	    " FROM bank_entry e"
	    " JOIN exception x ON " EXCEPTION_OF("e") " AND x.state = 'open' AND x.profile_number IS NULL"
	    " WHERE e.state IN ('new', 'held')" /* as in the index */
	    "  AND (e.file_number = $file OR e.msg_id = $msg OR e.payment_information_id IN"
	    "    (SELECT payment_information_id FROM bank_block WHERE file_number = $file)"
	    "   OR (e.msg_id IS NULL AND e.payment_information_id IS NULL"
	    "    AND e.kind IN ('status', 'return', 'debit')))");
	if (count_of_file(q, f) > 0)
		return true;
	q = sql(r->db,
	    "SELECT count(*)"
	    " FROM bank_entry e"
	    " JOIN exception x ON " EXCEPTION_OF("e") " AND x.state = 'open' AND x.profile_number IS NULL"
	    " WHERE " CHANGED("e"));
	bind_text(q, "$msg", f->msg_id);
	return value(q, 0) > 0;
}

static bool
is_marked(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*) FROM bank_file WHERE number = $number AND bank_reference IS NOT NULL");

	bind_int(q, "$number", f->number);
	return value(q, 0) > 0;
}

/* Settling ------------------------------------------------------------------------------------------------- */

/* In the order of their ids, without those of members that an open bank entry names. */
static void
list_due(struct run *r, const struct bankfile *f)
{
	struct stmt *q;

	exec(sql(r->db, "CREATE TEMPORARY TABLE IF NOT EXISTS due_collection ("
	                "  nth INTEGER NOT NULL PRIMARY KEY, end_to_end_id TEXT NOT NULL)"));
	exec(sql(r->db, "DELETE FROM due_collection"));
	q = sql(r->db,
	    "INSERT INTO due_collection (nth, end_to_end_id)"
	    " SELECT row_number() OVER (ORDER BY c.end_to_end_id), c.end_to_end_id"
	    " FROM collection c"
	    " WHERE c.file_number = $file"
	    "  AND (c.state = 'accepted' OR (c.state = 'presented' AND $silence = 1))"
	    "  AND c.profile_number NOT IN"
	    "   (SELECT x.profile_number FROM exception x"
	    "    WHERE x.state = 'open' AND x.kind = 'bank_entry' AND x.profile_number IS NOT NULL)");
	bind_int(q, "$file", f->number);
	bind_int(q, "$silence", is_without_acceptance(r));
	exec(q);
}

static bool
next_due(struct run *r, int64_t nth, struct collection *c)
{
	struct stmt *q = sql(r->db, "SELECT end_to_end_id FROM due_collection WHERE nth = $nth");
	char id[END_TO_END_ID];

	bind_int(q, "$nth", nth);
	if (!row(q))
		return false;
	col_copy(q, 0, id, sizeof(id));
	reset(q);
	if (!collection_load(r, id, c))
		die(EXIT_BUG, "%s: is due and does not exist", id);
	return true;
}

static void
settle_file(struct run *r, const struct bankfile *f)
{
	struct change n = {0};
	struct collection c;
	int64_t nth;

	while (next_change(r, f, &n))
		ask_about_change(r, f, &n);
	if (r->on < settlement_day(r, f) || !is_marked(r, f) || is_in_doubt(r, f))
		return;
	list_due(r, f);
	for (nth = 1; next_due(r, nth, &c); nth++)
		collection_settle_due(r, &c, c.state == COLLECTION_ACCEPTED);
	bankfile_refresh_settled(r, f->number);
}

/* What is missing ------------------------------------------------------------------------------------------ */

/* The words of bank_file.overdue, and what is wrong. */
static const char *const missing[][2] = {
    [SETTLEMENT_COMPLETE] = {NULL, NULL},
    [SETTLEMENT_LACKS_UPLOAD] = {"upload", "it was not marked as uploaded in time"},
    [SETTLEMENT_LACKS_ANSWER] = {"answer", "the bank has neither accepted nor booked it"},
    [SETTLEMENT_LACKS_BOOKING] = {"booking", "the bank has not booked all of it"},
    [SETTLEMENT_IS_HELD] = {"settlement", "it could not be settled by its due date"},
};

static void
watch_file(struct run *r, const struct bankfile *f)
{
	enum settlement_missing m = settlement_find_missing(r, f);
	char day[DATE_TEXT];
	struct stmt *q =
	    sql(r->db,
	    "UPDATE bank_file SET overdue = $word, overdue_on = $on"
	    " WHERE number = $number AND coalesce(overdue, '') <> coalesce($word, '')");

	bind_text(q, "$word", missing[m][0]);
	bind_date(q, "$on", m == SETTLEMENT_COMPLETE ? DATE_NONE : r->on);
	bind_int(q, "$number", f->number);
	if (exec(q) == 0 || m == SETTLEMENT_COMPLETE)
		return;
	if (f->kind == COLLECTION_DEBIT ||
	    m == SETTLEMENT_LACKS_UPLOAD) /* no bank has to answer a transfer */
		r->held = true;
	run_count(r, COUNT_BANK_FILES_OVERDUE, 1);
	warn("%s, due on %s: %s: see what to do: `%s`", f->msg_id, date_print(day, f->collect_on),
	     missing[m][1], run_command(r, "status"));
}

/* Each bank file that is with finance or the bank, and each one that was overdue. */
static bool
next_file(struct run *r, struct bankfile *f)
{
	struct stmt *q = sql(r->db,
	    "SELECT f.number FROM bank_file f"
	    " WHERE f.number > $after AND (" BANKFILE_AWAITS_BANK("f") " OR f.overdue IS NOT NULL)"
	    " ORDER BY f.number LIMIT 1");
	int64_t number;

	bind_int(q, "$after", f->number);
	number = value(q, 0);
	return number != 0 && bankfile_load(r, number, f);
}

void
settlement_apply(struct run *r)
{
	struct bankfile f = {0};

	tx_begin(r->db);
	while (next_file(r, &f)) {
		if (is_by_due_date(r) && is_at_bank(&f))
			settle_file(r, &f);
		if (!bankfile_load(r, f.number, &f))
			die(EXIT_BUG, "bank file %lld does not exist", (long long)f.number);
		watch_file(r, &f);
	}
	tx_commit(r->db);
}
