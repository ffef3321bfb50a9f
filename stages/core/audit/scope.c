/* scope: see scope.h. */
#include "formats/length.h"
#include "stages/core/audit/scope.h"

#define OF_TOUCHED(table) \
	SQL_PART("CREATE TEMPORARY TABLE " table " AS" \
	         " SELECT o.*" \
	         " FROM audit_touched t" \
	         " CROSS JOIN main." table " o ON o.profile_number = t.profile_number")

static const char *const closing[] = {
    "DROP TABLE temp.collection",  "DROP TABLE temp.debt",         "DROP TABLE temp.mandate",
    "DROP TABLE temp.consequence", "DROP TABLE temp.notification", "DROP TABLE temp.notification_batch",
    "DROP TABLE temp.bank_entry",
};

/* As the tables of the books have them: without, a claim that asks of each row for another one would read the table once for each. */
static const char *const indexes[] = {
    "CREATE INDEX temp.audit_collection_by_id ON collection (end_to_end_id, file_number)",
    "CREATE INDEX temp.audit_collection_by_debt ON collection (profile_number, session_number, presentation)",
    "CREATE INDEX temp.audit_collection_by_file ON collection (file_number)",
    "CREATE INDEX temp.audit_debt_by_member ON debt (profile_number, session_number)",
    "CREATE INDEX temp.audit_mandate_by_number ON mandate (number)",
    "CREATE INDEX temp.audit_mandate_by_reference ON mandate (reference_key)",
    "CREATE INDEX temp.audit_consequence_by_member ON consequence (profile_number, action)",
    "CREATE INDEX temp.audit_consequence_by_id ON consequence (end_to_end_id)",
    "CREATE INDEX temp.audit_notification_by_number ON notification (number)",
    "CREATE INDEX temp.audit_notification_by_subject ON notification (name, profile_number, subject)",
    "CREATE INDEX temp.audit_entry_by_collection ON bank_entry (collection)",
    "CREATE INDEX temp.audit_entry_by_message ON bank_entry (msg_id)",
    "CREATE INDEX temp.audit_entry_by_event ON bank_entry (event)",
};

/* Batches that were made since the last mark. */
static void
open_batches(struct proof *p)
{
	struct stmt *q = sql(p->r->db, "CREATE TEMPORARY TABLE notification_batch AS"
	                               " SELECT * FROM main.notification_batch WHERE false");

	exec(q);
	q = sql(p->r->db, "INSERT INTO temp.notification_batch"
	                  " SELECT * FROM main.notification_batch WHERE last_number > $notification");
	bind_int(q, "$notification", p->last.notification);
	exec(q);
}

/* Those of the members, those that name no debit, and the new ones. */
static void
open_entries(struct proof *p)
{
	struct stmt *q = sql(p->r->db, "CREATE TEMPORARY TABLE bank_entry AS SELECT * FROM main.bank_entry WHERE collection IS NULL");

	exec(q);
	q = sql(p->r->db, "INSERT INTO temp.bank_entry"
	                  " SELECT * FROM main.bank_entry WHERE number > $entry AND collection IS NOT NULL"
	                  " UNION SELECT e.*"
	                  " FROM temp.collection c"
	                  " CROSS JOIN main.bank_entry e ON e.collection = c.end_to_end_id");
	bind_int(q, "$entry", p->last.bank_entry);
	exec(q);
}

void
scope_open(struct proof *p)
{
	struct store *db = p->r->db;
	size_t i;

	if (p->is_scoped)
		return;
	p->is_scoped = true;
	exec(sql(db, OF_TOUCHED("collection")));
	exec(sql(db, OF_TOUCHED("debt")));
	exec(sql(db, OF_TOUCHED("mandate")));
	exec(sql(db, OF_TOUCHED("consequence")));
	exec(sql(db, "CREATE TEMPORARY TABLE notification AS"
	             " SELECT o.*"
	             " FROM audit_touched t"
	             " CROSS JOIN main.notification o ON o.name IN ('alan_pay__post_payment',"
	             "  'alan_pay__provisioning_reminder', 'alan_pay__recovery_session',"
	             "  'alan_pay__recovery_session_withdrawn', 'alan_pay__external_transaction')"
	             " AND o.profile_number = t.profile_number"));
	open_batches(p);
	open_entries(p);
	for (i = 0; i < LENGTH(indexes); i++)
		exec(sql(db, indexes[i]));
}

void
scope_close(struct proof *p)
{
	size_t i;

	for (i = 0; p->is_scoped && i < LENGTH(closing); i++)
		exec(sql(p->r->db, closing[i]));
	p->is_scoped = false;
}
