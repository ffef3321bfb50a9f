/* settlement: see settlement.h. Writes the columns overdue and overdue_on of bank_file.
 *
 * source   SDD Core rulebook (EPC016-06): returns are possible until 5 TARGET days after the due date; French banks report
 *          unpaid debits only (camt.054)
 */
#include <string.h>

#include "formats/calendar.h"
#include "stages/core/bank/change.h"
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

/* On which what is collected on this day counts as recovered. */
static date
day_after(const struct run *r, const struct bankfile *f, date collect_on)
{
	int days =
	    f->kind == COLLECTION_REFUND ? REFUND_DAYS : (int)config_int(r->config, BANK_SETTLE_AFTER_DAYS);

	return calendar_add_open(collect_on, days);
}

/* The first or last collection day of what is open in the file: the bank may have moved some of it, or all. */
static date
find_day(struct run *r, const struct bankfile *f, bool first)
{
	struct stmt *q = sql(r->db,
	    "SELECT CASE $first WHEN 1 THEN min(coalesce(c.moved_on, $on)) ELSE max(coalesce(c.moved_on, $on)) END"
	    " FROM collection c"
	    " WHERE c.file_number = $file AND " COLLECTION_IS_OPEN("c"));
	date on;

	bind_int(q, "$first", first);
	bind_date(q, "$on", f->collect_on);
	bind_int(q, "$file", f->number);
	on = value_date(q);
	return on == DATE_NONE ? f->collect_on : on;
}

date
settlement_day(struct run *r, const struct bankfile *f)
{
	return is_by_due_date(r) ? day_after(r, f, find_day(r, f, false)) : DATE_NONE;
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
	struct progress p;
	date first;

	if (f->state == BANKFILE_RELEASED)
		return r->on > bankfile_upload_on((int)config_int(r->config, BANK_LEAD_TARGET_DAYS),
		                                  f->collect_on)
		           ? SETTLEMENT_LACKS_UPLOAD
		           : SETTLEMENT_COMPLETE;
	first = find_day(r, f, true);
	if (!is_at_bank(f) || r->on <= first)
		return SETTLEMENT_COMPLETE;
	p = load_progress(r, f->number);
	if (!p.open)
		return SETTLEMENT_COMPLETE;
	if (f->state == BANKFILE_UPLOADED && !p.answered && !is_without_acceptance(r))
		return r->on >= calendar_add_open(first, ANSWER_DAYS) ? SETTLEMENT_LACKS_ANSWER
		                                                      : SETTLEMENT_COMPLETE;
	if (is_by_due_date(r))
		return r->on > day_after(r, f, first) ? SETTLEMENT_IS_HELD : SETTLEMENT_COMPLETE;
	return r->on >= calendar_add_open(first, BOOKING_DAYS) ? SETTLEMENT_LACKS_BOOKING
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
	    " WHERE " CHANGE_IS_OF_FILE("e"));
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
	struct collection c;
	int64_t nth;

	if (r->on < day_after(r, f, find_day(r, f, true)) || !is_marked(r, f) || is_in_doubt(r, f))
		return;
	list_due(r, f);
	for (nth = 1; next_due(r, nth, &c); nth++)
		if (r->on >= day_after(r, f, c.collect_on))
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
		if (is_at_bank(&f))
			change_apply(r, &f, is_by_due_date(r));
		if (is_by_due_date(r) && is_at_bank(&f))
			settle_file(r, &f);
		if (!bankfile_load(r, f.number, &f))
			die(EXIT_BUG, "bank file %lld does not exist", (long long)f.number);
		watch_file(r, &f);
	}
	tx_commit(r->db);
}
