/* noticelist: see noticelist.h. Only reads. */
#include <string.h>

#include "stages/core/bank/noticelist.h"
#include "stages/core/members/notification.h"
#include "stages/core/members/receipt.h"

/* What proves it: the file that the receiver dropped, the chunk that it answered, or the batch that counts as its publication. */
static const char *
find_source(struct run *r, struct stmt *q, bool is_published, char key[static RECEIPT_KEY])
{
	if (col_null(q, 6))
		return "";
	if (is_published)
		return col_text(q, 10);
	return col_null(q, 7) ? receipt_print_key(r, col_int(q, 8), col_int(q, 9), key) : col_text(q, 7);
}

#define COLUMNS 8

static void
put_notice(struct run *r, struct csv lists[static 2], struct stmt *q)
{
	char profile[UUID_TEXT], id[UUID_TEXT] = "", at[INSTANT_TEXT] = "", key[RECEIPT_KEY];
	bool is_published = !col_null(q, 6) && strcmp(col_text(q, 6), "publication") == 0;
	const char *const texts[COLUMNS] = {
	    col_text(q, 0),
	    store_uuid_print(r->db, UUID_PROFILE, 0, col_int(q, 1), profile),
	    col_text(q, 2),
	    col_text(q, 3),
	    col_null(q, 4) ? "" : store_uuid_print(r->db, UUID_NOTIFICATION, 0, col_int(q, 4), id),
	    col_null(q, 5) ? "" : instant_print_seconds(at, col_instant(q, 5)),
	    is_published ? "published" : col_text(q, 6),
	    find_source(r, q, is_published, key)};
	int i, k;

	for (i = 0; i < 2; i++) {
		for (k = 0; k < COLUMNS; k++)
			csv_text(&lists[i], texts[k]);
		csv_end(&lists[i]);
	}
}

/* One row for each notification of a debit or refund, whatever the version of its file; one without an id where none was made. */
void
noticelist_write(struct run *r, int64_t session, struct csv lists[static 2])
{
	static const char *const columns[COLUMNS] = {"end_to_end_id", "profile_id",      "app_id",
	                                             "app_user_id",   "notification_id", "notified_at",
	                                             "proof",         "source"};
	struct stmt *q = sql(r->db,
	    "SELECT c.end_to_end_id, c.profile_number, p.app_id, p.app_user_id, n.number, n.accepted_at, n.proof,"
	    "  i.name, k.batch_number, k.nth,"
	    "  'out/notifications/' || b.business_on || '/' || b.name || '-' || b.nth || '.jsonl'"
	    " FROM (SELECT DISTINCT end_to_end_id, profile_number"
	    "   FROM bank_file f"
	    "   JOIN collection d ON d.file_number = f.number"
	    "   WHERE f.session_number = $session) AS c"
	    " JOIN profile p ON p.number = c.profile_number"
	    " LEFT JOIN notification n ON " NOTIFICATION_OF_COLLECTION("n", "c")
	    " LEFT JOIN notification_batch b ON b.number = n.batch_number"
	    " LEFT JOIN receipt a ON a.notification_number = n.number AND a.status = 'accepted'"
	    " LEFT JOIN input i ON i.number = a.input_number"
	    " LEFT JOIN notification_chunk k ON k.number = a.chunk_number"
	    " ORDER BY c.end_to_end_id, n.number");

	csv_header(&lists[0], columns, COLUMNS);
	csv_header(&lists[1], columns, COLUMNS);
	bind_int(q, "$session", session);
	while (row(q))
		put_notice(r, lists, q);
}
