/* change: see change.h. Moves the day through core/books/collection.c. */
#include "formats/calendar.h"
#include "formats/json.h"
#include "formats/text.h"
#include "stages/core/bank/change.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/log.h"

#define MOST_DAYS 14 /* from the collection day: what is moved further is not understood */

/* An acceptance with a change, as the bank reported it. */
struct change {
	int64_t number, input, profile;
	long line;
	date moved_on;
	int block; /* the n-th of the file; 0: not about one block */
	bool is_applied, is_of_debit, is_listed /* debits below it are, with their days */, is_asked;
	char key[SHA256_TEXT + 20], collection[36], end_to_end_id[36], reason[36], on[DATE_TEXT], text[256];
};

/* In the order in which the bank reported them: the last one counts. */
static void
list_changes(struct run *r, const struct bankfile *f)
{
	struct stmt *q;

	exec(sql(r->db, "CREATE TEMPORARY TABLE IF NOT EXISTS changed ("
	                "  nth INTEGER NOT NULL PRIMARY KEY, entry INTEGER NOT NULL)"));
	exec(sql(r->db, "DELETE FROM changed"));
	q = sql(r->db,
	    "INSERT INTO changed (nth, entry)"
	    " SELECT row_number() OVER (ORDER BY m.created_at, e.number), e.number"
	    " FROM bank_entry e"
	    " JOIN bank_message m ON m.number = e.message_number"
	    " WHERE " CHANGE_IS_OF_FILE("e"));
	bind_text(q, "$msg", f->msg_id);
	exec(q);
}

static void
fill(struct stmt *q, struct change *n)
{
	*n = (struct change){.number = col_int(q, 0),
	                     .input = col_int(q, 1),
	                     .profile = col_int(q, 2),
	                     .line = (long)col_int(q, 3),
	                     .moved_on = col_date(q, 9),
	                     .block = (int)col_int(q, 10),
	                     .is_applied = col_int(q, 11) != 0,
	                     .is_of_debit = col_int(q, 12) != 0,
	                     .is_listed = col_int(q, 13) != 0,
	                     .is_asked = col_int(q, 14) != 0};
	col_copy(q, 4, n->key, sizeof(n->key));
	col_copy(q, 5, n->end_to_end_id, sizeof(n->end_to_end_id));
	col_copy(q, 6, n->reason, sizeof(n->reason));
	col_copy(q, 7, n->on, sizeof(n->on));
	col_copy(q, 8, n->text, sizeof(n->text));
	col_copy(q, 15, n->collection, sizeof(n->collection));
}

static bool
load_change(struct run *r, const struct bankfile *f, int64_t nth, struct change *n)
{
	struct stmt *q = sql(r->db,
	    "SELECT e.number, m.input_number, coalesce(c.profile_number, 0), e.line,"
	    "  lower(hex(e.fingerprint)) || '-' || e.occurrence, e.end_to_end_id, e.reason, e.event_on, e.text,"
	    "  e.moved_on, coalesce(CASE e.level WHEN 'block' THEN b.nth END, 0), e.state IN ('applied', 'noted'),"
	    "  coalesce(e.level = 'debit', 0), coalesce(e.level, '') <> 'debit' AND EXISTS ("
	    "   SELECT 1 FROM bank_entry d WHERE d.message_number = e.message_number AND " CHANGE_IS_OF_FILE("d")
	    "    AND d.level = 'debit' AND d.moved_on IS NOT NULL),"
	    "  EXISTS (SELECT 1 FROM exception x WHERE x.kind = 'bank_entry'"
	    "   AND x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence), e.collection"
	    " FROM changed g"
	    " JOIN bank_entry e ON e.number = g.entry"
	    " JOIN bank_message m ON m.number = e.message_number"
	    " LEFT JOIN bank_block b ON b.payment_information_id = e.payment_information_id"
	    "  AND b.file_number = $file"
	    " LEFT JOIN collection c ON c.end_to_end_id = e.collection AND c.file_number = $file"
	    " WHERE g.nth = $nth");

	bind_int(q, "$file", f->number);
	bind_text(q, "$msg", f->msg_id);
	bind_int(q, "$nth", nth);
	if (!row(q))
		return false;
	fill(q, n);
	reset(q);
	return true;
}

/* A day that was asked for, or on which no bank collects, is not the change. */
static bool
is_understood(const struct bankfile *f, const struct change *n)
{
	return n->is_applied && n->moved_on != DATE_NONE && n->moved_on > f->collect_on &&
	       n->moved_on <= f->collect_on + MOST_DAYS && calendar_is_open(n->moved_on) &&
	       (!n->is_of_debit || n->collection[0] != '\0');
}

static void
ask(struct run *r, const struct bankfile *f, const struct change *n)
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

void
change_apply(struct run *r, const struct bankfile *f, bool asks)
{
	struct change n;
	int64_t nth;

	list_changes(r, f);
	for (nth = 1; load_change(r, f, nth, &n); nth++) {
		if (is_understood(f, &n))
			collection_move(r, f->number, text_or_null(n.collection), n.block, n.moved_on);
		else if (asks && !n.is_asked && (n.is_of_debit || !n.is_listed))
			ask(r, f, &n);
	}
}
