/* plainbooking: see plainbooking.h. Writes the state of these entries in bank_entry, and what they mean. */
#include "stages/core/bank/bankentry.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/plainbooking.h"
#include "stages/core/books/collection.h"

/* How often each id stands in open entries, and of which files a status waits. */
static void
list_open(struct run *r)
{
	exec(
	    sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS open_id ("
	    "  id TEXT NOT NULL PRIMARY KEY, n INTEGER NOT NULL, entry INTEGER NOT NULL) WITHOUT ROWID"));
	exec(sql(r->db, "DELETE FROM open_id"));
	exec(sql(r->db,
	    "INSERT INTO open_id (id, n, entry)"
	    " SELECT lower(end_to_end_id), count(*), max(number)"
	    " FROM bank_entry e"
	    " WHERE " BANKENTRY_IS_TRIED("e") " AND end_to_end_id IS NOT NULL"
	    " GROUP BY lower(end_to_end_id)"));
	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS open_status (msg_id TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID"));
	exec(sql(r->db, "DELETE FROM open_status"));
	exec(sql(r->db,
	    "INSERT INTO open_status (msg_id)"
	    " SELECT DISTINCT msg_id"
	    " FROM bank_entry e"
	    " WHERE " BANKENTRY_IS_TRIED("e") " AND kind = 'status' AND msg_id IS NOT NULL"));
}

/* The rows of `booking`; how they are numbered, and their days as instants, come after that. CROSS JOIN: from the open entries to
 * their collections, never through all collections. */
static int64_t
list_bookings(struct run *r)
{
	struct stmt *q;

	collection_begin_set(r);
	q = sql(r->db,
	    "INSERT INTO booking (entry, collection, file, profile, session, kind, amount, booked_on, input,"
	    "  line, of_member)"
	    " SELECT e.number, c.end_to_end_id, c.file_number, c.profile_number, c.session_number, f.kind,"
	    "  c.amount_in_cents, e.event_on, m.input_number, e.line, 1"
	    " FROM open_id o"
	    " CROSS JOIN bank_entry e ON e.number = o.entry"
	    " CROSS JOIN collection c ON c.end_to_end_id = o.id AND " COLLECTION_IS_OPEN("c")
	    " JOIN bank_file_given f ON f.number = c.file_number"
	    " JOIN mandate md ON md.number = c.mandate_number"
	    " JOIN bank_message m ON m.number = e.message_number"
	    " WHERE o.n = 1"
	    "  AND e.state = 'new'"
	    "  AND e.problem IS NULL"
	    "  AND e.kind = CASE f.kind WHEN 'debit' THEN 'credit' ELSE 'debit' END"
	    "  AND c.amount_in_cents IN (e.amount_in_cents, e.amount_in_cents"
	    "    + CASE f.kind WHEN 'debit' THEN e.fee_in_cents ELSE -e.fee_in_cents END)"
	    "  AND e.event_on <= $latest"
	    "  AND coalesce(e.msg_id, f.msg_id) = f.msg_id"
	    "  AND (e.payment_information_id IS NULL OR EXISTS ("
	    "   SELECT 1 FROM bank_block k"
	    "   WHERE k.file_number = f.number AND k.payment_information_id = e.payment_information_id))"
	    "  AND (f.kind <> 'debit' OR e.mandate_reference IS NULL"
	    "   OR upper(e.mandate_reference) = md.reference_key)"
	    "  AND NOT EXISTS ("
	    "   SELECT 1 FROM bank_entry b"
	    "   WHERE b.collection = c.end_to_end_id AND b.kind IN ('credit', 'debit', 'return', 'refund_return'))"
	    "  AND NOT EXISTS (SELECT 1 FROM open_status s WHERE s.msg_id = f.msg_id)");
	bind_date(q, "$latest", r->on + 1);
	return exec(q);
}

/* The second booking of a member, and those after it. */
static void
number_bookings(struct run *r)
{
	exec(sql(r->db,
	    "UPDATE booking"
	    " SET of_member = numbered.nth"
	    " FROM (SELECT entry, row_number() OVER (PARTITION BY profile ORDER BY session) AS nth"
	    "   FROM booking"
	    "   WHERE profile IN (SELECT profile FROM booking GROUP BY profile HAVING count(*) > 1)) AS numbered"
	    " WHERE booking.entry = numbered.entry AND numbered.nth > 1"));
}

static void
save_days(struct run *r)
{
	struct stmt *q;
	date on = DATE_NONE;

	for (;;) {
		q = sql(r->db, "SELECT min(booked_on) FROM booking WHERE booked_at IS NULL");
		on = value_date(q);
		if (on == DATE_NONE)
			return;
		q = sql(r->db, "UPDATE booking SET booked_at = $at WHERE booked_on = $on");
		bind_instant(q, "$at", date_paris_midnight(on));
		bind_date(q, "$on", on);
		exec(q);
	}
}

/* Each file that a booking is of is with the bank. */
static void
report_files(struct run *r)
{
	int64_t file = 0;
	struct stmt *q;

	for (;;) {
		q = sql(r->db, "SELECT min(file) FROM booking WHERE file > $after");
		bind_int(q, "$after", file);
		file = value(q, 0);
		if (file == 0)
			return;
		bankfile_report(r, file, BANKFILE_ONE_BOOKED);
	}
}

void
plainbooking_apply(struct run *r)
{
	list_open(r);
	if (list_bookings(r) == 0)
		return;
	number_bookings(r);
	save_days(r);
	collection_book_set(r);
	/* `+`: from the bookings to their entries, never through all entries */
	exec(sql(r->db,
	    "UPDATE bank_entry"
	    " SET collection = booking.collection, rank = 1, state = 'applied'"
	    " FROM booking"
	    " WHERE bank_entry.number = +booking.entry"));
	report_files(r);
}
