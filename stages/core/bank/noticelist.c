/* noticelist: see noticelist.h. Only reads. */
#include <string.h>

#include "formats/length.h"
#include "stages/core/bank/noticelist.h"
#include "stages/core/members/notification.h"
#include "stages/core/members/receipt.h"

/* What proves it: the file that the receiver dropped, the chunk that it answered, or the batch that counts as its publication. */
static void
put_source(struct run *r, struct csv *c, struct stmt *q)
{
	char key[RECEIPT_KEY];

	if (col_null(q, 6))
		csv_text(c, "");
	else if (strcmp(col_text(q, 6), "publication") == 0)
		csv_text(c, col_text(q, 10));
	else if (!col_null(q, 7))
		csv_text(c, col_text(q, 7));
	else
		csv_text(c, receipt_print_key(r, col_int(q, 8), col_int(q, 9), key));
}

static void
put_notice(struct run *r, struct csv *c, struct stmt *q)
{
	char id[UUID_TEXT], at[INSTANT_TEXT] = "";
	bool is_published = !col_null(q, 6) && strcmp(col_text(q, 6), "publication") == 0;

	csv_text(c, col_text(q, 0));
	csv_text(c, store_uuid_print(r->db, UUID_PROFILE, 0, col_int(q, 1), id));
	csv_text(c, col_text(q, 2));
	csv_text(c, col_text(q, 3));
	csv_text(c, col_null(q, 4) ? "" : store_uuid_print(r->db, UUID_NOTIFICATION, 0, col_int(q, 4), id));
	csv_text(c, col_null(q, 5) ? "" : instant_print_seconds(at, col_instant(q, 5)));
	csv_text(c, is_published ? "published" : col_text(q, 6));
	put_source(r, c, q);
	csv_end(c);
}

/* One row for each notification of a debit or refund, whatever the version of its file; one without an id where none was made. */
void
noticelist_write(struct run *r, int64_t session, struct csv *c)
{
	static const char *const columns[] = {"end_to_end_id",   "profile_id",  "app_id", "app_user_id",
	                                      "notification_id", "notified_at", "proof",  "source"};
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

	csv_header(c, columns, (int)LENGTH(columns));
	bind_int(q, "$session", session);
	while (row(q))
		put_notice(r, c, q);
}
