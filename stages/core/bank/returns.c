/* returns: see returns.h. Only reads.
 *
 * source   EPC016-06 (SDD Core rulebook): returns within 5 TARGET days of the collection
 */
#include <string.h>

#include "formats/calendar.h"
#include "formats/csv.h"
#include "formats/length.h"
#include "formats/reason.h"
#include "stages/core/bank/returns.h"
#include "stages/core/books/collection.h"
#include "stages/core/engine/log.h"

#define RETURN_DAYS 5 /* TARGET days after the collection; a later one is a refund */

/* The column `action`: what happens to the mandate, and the next step. A person decides about an unknown code. */
static void
put_reason(struct csv *c, enum reason_of of, const char *code)
{
	static const char *const effects[] = {[REASON_MANDATE_KEEP] = "keep",
	                                      [REASON_MANDATE_SUSPEND] = "suspend",
	                                      [REASON_MANDATE_BLOCK] = "block"};
	const struct reason *reason = code == NULL ? NULL : reason_find(of, code);
	char action[256];

	csv_text(c, code);
	csv_text(c, reason == NULL ? "" : reason->label_en);
	if (reason == NULL)
		snprintf(action, sizeof(action), "suspend mandate; ask the bank what the reason means");
	else
		snprintf(action, sizeof(action), "%s mandate; %s", effects[reason_effect(of, code)],
		         reason->next_step);
	csv_text(c, action);
}

static void
put_amount(struct csv *c, struct stmt *q, int i)
{
	if (col_null(q, i))
		csv_text(c, "");
	else if (c->for_people)
		csv_euros(c, col_int(q, i));
	else
		csv_int(c, col_int(q, i));
}

static void
put_return(struct run *r, int64_t session, struct csv *c, struct stmt *q)
{
	static const char *const kinds[2][2] = {{"reject", "return"}, {"refund_reject", "refund_return"}};
	enum collection_kind kind = collection_col_kind(q, 9);
	date failed_on = col_date(q, 5), due_on = col_date(q, 7);
	char debt[UUID_TEXT];
	int i;

	csv_text(c, col_text(q, 0));
	csv_text(c, store_uuid_print(r->db, UUID_DEBT, col_int(q, 1), session, debt));
	put_amount(c, q, 2);
	csv_text(c, kinds[kind == COLLECTION_REFUND][strcmp(col_text(q, 3), "returned") == 0]);
	put_reason(c, kind == COLLECTION_REFUND ? REASON_OF_REFUND : REASON_OF_DEBIT, col_text(q, 4));
	put_amount(c, q, 6);
	csv_date(c, failed_on);
	csv_text(c, col_text(q, 8));
	csv_text(c, failed_on > calendar_add_open(due_on, RETURN_DAYS) ? "true" : "false");
	csv_text(c, collection_kind_word(kind));
	for (i = 10; i < 14; i++)
		csv_text(c, col_text(q, i));
	csv_end(c);
}

static void
put_columns(struct csv *c)
{
	bool in_euros = c->for_people;
	const char *const columns[] = {"end_to_end_id",
	                               "debt_id",
	                               in_euros ? "amount" : "amount_in_cents",
	                               "kind",
	                               "reason_code",
	                               "label",
	                               "action",
	                               in_euros ? "bank_fee" : "bank_fee_in_cents",
	                               "booking_date",
	                               "source_file",
	                               "late",
	                               "debit_or_refund",
	                               "app_id",
	                               "app_user_id",
	                               "debtor_name",
	                               "msg_id"};

	csv_header(c, columns, (int)LENGTH(columns));
}

/* The name of the input whose entry reported that the debit `c` failed: the first of those for which `such` is true. */
#define REPORTED_BY(such) \
	SQL_PART("(SELECT i.name"                                                                                  \
	         "   FROM bank_entry e"                                                                            \
	         "   JOIN bank_message b ON b.number = e.message_number"                                           \
	         "   JOIN input i ON i.number = b.input_number"                                                    \
	         "   WHERE e.collection = c.end_to_end_id AND e.event_on = c.failed_on AND e.state <> 'held'"      \
	         "    AND (e.kind IN ('return', 'refund_return') OR (e.kind = 'status' AND e.status = 'RJCT'))"    \
	         "    AND " such                                                                                   \
	         "   ORDER BY e.number LIMIT 1)")

/* All debits, then all refunds. The column `source_file` is the input of the entry that reported the failure: a booked return
 * rather than a status, the first of several. */
void
returns_write(struct run *r, int64_t session, struct csv lists[static 2])
{
	struct stmt *q = sql(r->db,
	    "SELECT c.end_to_end_id, c.profile_number, c.amount_in_cents, c.state, c.reason, c.failed_on, c.fee_in_cents,"
	    "  coalesce(c.booked_on, c.moved_on, f.collect_on),"
	    "  coalesce(" REPORTED_BY("(e.kind <> 'status') = (c.state = 'returned')") ","
	    "   " REPORTED_BY("1 = 1") "),"
	    "  f.kind, p.app_id, p.app_user_id, m.debtor_name, f.msg_id"
	    " FROM collection c"
	    " JOIN bank_file f ON f.number = c.file_number"
	    " JOIN profile p ON p.number = c.profile_number"
	    " JOIN mandate m ON m.number = c.mandate_number"
	    " WHERE c.session_number = $session AND c.failed_on IS NOT NULL"
	    " ORDER BY f.kind, c.failed_on, c.end_to_end_id");

	put_columns(&lists[0]);
	put_columns(&lists[1]);
	bind_int(q, "$session", session);
	while (row(q)) {
		put_return(r, session, &lists[0], q);
		put_return(r, session, &lists[1], q);
	}
}
