/* revival: see revival.h. Books through core/books/collection.c, cancels through bankfile. */
#include <stdio.h>

#include "stages/core/bank/revival.h"
#include "stages/core/books/ledger.h"

bool
revival_is_of(struct run *r, const struct bankfile *f)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT EXISTS (SELECT 1 FROM collection"
	    " WHERE file_number = $file AND state IN ('booked', 'rejected', 'returned'))");

	if (f->state != BANKFILE_WITHDRAWN)
		return false;
	bind_int(q, "$file", f->number);
	return value(q, 0) > 0;
}

/* --- what is made live ---------------------------------------------------------------------------------------------- */

#define COLUMNS \
	SQL_PART("c.end_to_end_id, c.file_number, c.profile_number, c.session_number, c.mandate_number,"      \
	         "  c.amount_in_cents, c.collect_on, c.kind")

static void
fill(struct stmt *q, struct collection *c)
{
	*c = (struct collection){.file = col_int(q, 1),
	                         .profile = col_int(q, 2),
	                         .session = col_int(q, 3),
	                         .mandate = col_int(q, 4),
	                         .amount = col_int(q, 5),
	                         .collect_on = col_date(q, 6),
	                         .asked_on = col_date(q, 6),
	                         .kind = collection_col_kind(q, 7),
	                         .state = COLLECTION_CANCELLED};
	col_copy(q, 0, c->end_to_end_id, sizeof(c->end_to_end_id));
	reset(q);
}

/* Several withdrawn files may have one id: the one that the entry names, or the newest. */
static bool
find_withdrawn(struct run *r, const struct bank_entry *n, struct collection *c)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT " COLUMNS
	    " FROM bank_entry e"
	    " JOIN withdrawn_collection c ON c.end_to_end_id = $id AND c.has_failed = 0"
	    " WHERE e.number = $entry"
	    " ORDER BY CASE c.file_number WHEN " REVIVAL_NAMED("e") " THEN 0 ELSE 1 END, c.file_number DESC"
	    " LIMIT 1");

	bind_int(q, "$entry", n->number);
	bind_text(q, "$id", n->collection);
	if (!row(q))
		return false;
	fill(q, c);
	return true;
}

/* The next version must not debit it as well. */
static void
cancel_version(struct run *r, int64_t exception, const struct collection *c)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT file_number FROM collection"
	    " WHERE profile_number = $profile AND session_number = $session AND live = 1");
	struct bankfile f, withdrawn;
	char why[128];

	bind_int(q, "$profile", c->profile);
	bind_int(q, "$session", c->session);
	if (!bankfile_load(r, value(q, 0), &f))
		return;
	if (!bankfile_load(r, c->file, &withdrawn))
		die(EXIT_BUG, "%s: its file does not exist", c->end_to_end_id);
	snprintf(why, sizeof(why), "exception %lld: the bank collected %s all the same", (long long)exception,
	         withdrawn.msg_id);
	bankfile_cancel(r, &f, why);
}

static void
revive(struct run *r, int64_t exception, const struct bank_entry *n, const struct collection *c)
{
	cancel_version(r, exception, c);
	collection_revive(r, c, n->on, n->input, n->line);
}

/* --- what is refused ------------------------------------------------------------------------------------------------ */

/* Where the money of a withdrawn debit is now, when it cannot be posted to it. */
static int
refuse(struct run *r, const struct collection *c, struct err *e)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT f.msg_id, c.state = 'booked'"
	    " FROM collection c"
	    " JOIN bank_file f ON f.number = c.file_number"
	    " WHERE c.profile_number = $profile AND c.session_number = $session AND c.live = 1");
	char msg_id[36];
	bool is_booked;

	bind_int(q, "$profile", c->profile);
	bind_int(q, "$session", c->session);
	if (!row(q))
		return err_set(e, "debt_failed", "its debt has failed, and another debt has its cents");
	col_copy(q, 0, msg_id, sizeof(msg_id));
	is_booked = col_int(q, 1) != 0;
	reset(q);
	if (is_booked)
		return err_set(e, "second_credit", "the bank collected the same debt with %s: money at risk",
		               msg_id);
	return err_set(e, "version_released",
	               "its file was withdrawn, and %s, which has the same debt, was released: the bank may"
	               " collect it twice",
	               msg_id);
}

/* --- one, or a file ------------------------------------------------------------------------------------------------- */

int
revival_of_debit(struct run *r, int64_t exception, struct bank_entry *n, struct err *e)
{
	struct collection c;

	if (find_withdrawn(r, n, &c)) {
		n->file = c.file;
		revive(r, exception, n, &c);
		return 0;
	}
	if (!collection_load(r, n->collection, &c))
		die(EXIT_BUG, "bank entry %lld means %s, which does not exist", (long long)n->number,
		    n->collection);
	return collection_is_void(&c) ? refuse(r, &c, e) : 0;
}

/* In the order of their ids. What a person recorded as a credit transfer, by its id in whatever letters, is in the books. */
static void
list_withdrawn(struct run *r, int64_t file, enum revival_extent extent)
{
	struct stmt *q;

	exec(sql(r->db, "CREATE TEMPORARY TABLE IF NOT EXISTS revived ("
	                "  nth INTEGER NOT NULL PRIMARY KEY, end_to_end_id TEXT NOT NULL)"));
	exec(sql(r->db, "DELETE FROM revived"));
	q = sql(r->db,
	    "INSERT INTO revived (nth, end_to_end_id)"
	    " SELECT row_number() OVER (ORDER BY c.end_to_end_id), c.end_to_end_id"
	    " FROM withdrawn_collection c"
	    " WHERE c.file_number = $file AND c.is_rejected <= $rejected"
	    "  AND NOT EXISTS (SELECT 1 FROM credit_transfer t WHERE t.reference_key = c.end_to_end_id)");
	bind_int(q, "$file", file);
	bind_int(q, "$rejected", extent == REVIVAL_ALL);
	exec(q);
}

static bool
next_withdrawn(struct run *r, int64_t file, int64_t nth, struct collection *c)
{
	struct stmt *q = sql(r->db,
	    "SELECT " COLUMNS
	    " FROM revived"
	    " JOIN withdrawn_collection c ON c.end_to_end_id = revived.end_to_end_id AND c.file_number = $file"
	    " WHERE revived.nth = $nth");

	bind_int(q, "$file", file);
	bind_int(q, "$nth", nth);
	if (!row(q))
		return false;
	fill(q, c);
	return true;
}

void
revival_of_file(struct run *r, int64_t exception, const struct bank_entry *n, enum revival_extent extent)
{
	struct collection c;
	int64_t nth;

	list_withdrawn(r, n->file, extent);
	for (nth = 1; next_withdrawn(r, n->file, nth, &c); nth++)
		revive(r, exception, n, &c);
}
