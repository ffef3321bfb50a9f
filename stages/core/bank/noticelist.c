/* noticelist: see noticelist.h. Only reads. */
#include <string.h>

#include "stages/core/bank/noticelist.h"
#include "stages/core/books/collection.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/durable.h"
#include "stages/core/members/notification.h"
#include "stages/core/members/receipt.h"

/* The file of a batch; the rows of one come together, as a rule. */
struct batch_path {
	int64_t number;
	char text[PATH_SIZE];
};

static const char *
find_path(struct run *r, int64_t batch, struct batch_path *path)
{
	struct stmt *q;

	if (batch == path->number)
		return path->text;
	q = sql(r->db,
	    "SELECT 'out/notifications/' || business_on || '/' || name || '-' || nth || '.jsonl'"
	    " FROM notification_batch"
	    " WHERE number = $number");
	bind_int(q, "$number", batch);
	if (!row(q))
		die(EXIT_BUG, "the notification batch %lld does not exist", (long long)batch);
	col_copy(q, 0, path->text, sizeof(path->text));
	reset(q);
	path->number = batch;
	return path->text;
}

/* What proves it: the file that the receiver dropped, or the chunk that it answered. */
static const char *
find_receipt(struct run *r, struct stmt *q, char key[static RECEIPT_KEY])
{
	if (col_null(q, 6))
		return "";
	return col_null(q, 8) ? receipt_print_key(r, col_int(q, 9), col_int(q, 10), key) : col_text(q, 8);
}

#define COLUMNS 8

static void
put_notice(struct run *r, struct csv lists[static 2], struct stmt *q, struct batch_path *path)
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
	    is_published ? find_path(r, col_int(q, 7), path) : find_receipt(r, q, key)};
	int i, k;

	for (i = 0; i < 2; i++) {
		for (k = 0; k < COLUMNS; k++)
			csv_text(&lists[i], texts[k]);
		csv_end(&lists[i]);
	}
}

/* One row for each notification of a debit or refund, whatever the version of its file; one without an id where none was made. What
 * is in several versions comes several times in a row. */
void
noticelist_write(struct run *r, int64_t session, struct csv lists[static 2])
{
	static const char *const columns[COLUMNS] = {"end_to_end_id", "profile_id",      "app_id",
	                                             "app_user_id",   "notification_id", "notified_at",
	                                             "proof",         "source"};
	struct stmt *q = sql(r->db,
	    "SELECT c.end_to_end_id, c.profile_number, p.app_id, p.app_user_id, n.number, n.accepted_at, n.proof,"
	    "  n.batch_number, i.name, k.batch_number, k.nth"
	    " FROM bank_file f"
	    " JOIN collection c ON c.file_number = f.number"
	    " JOIN profile p ON p.number = c.profile_number"
	    " LEFT JOIN notification n ON " NOTIFICATION_OF_COLLECTION("n", "c")
	    " LEFT JOIN receipt a ON a.notification_number = n.number AND a.status = 'accepted'"
	    " LEFT JOIN input i ON i.number = a.input_number"
	    " LEFT JOIN notification_chunk k ON k.number = a.chunk_number"
	    " WHERE f.session_number = $session"
	    " ORDER BY c.end_to_end_id, n.number");
	struct batch_path path = {0};
	char debit[END_TO_END_ID] = "";
	int64_t notification = 0;

	csv_header(&lists[0], columns, COLUMNS);
	csv_header(&lists[1], columns, COLUMNS);
	bind_int(q, "$session", session);
	while (row(q)) {
		if (strcmp(debit, col_text(q, 0)) == 0 && notification == col_int(q, 4))
			continue;
		put_notice(r, lists, q, &path);
		col_copy(q, 0, debit, sizeof(debit));
		notification = col_int(q, 4);
	}
}
