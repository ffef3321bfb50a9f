/* timeline_file: what happened to a bank file: made, approved, released, uploaded, and what the bank reported of it. See
 * timeline.h. */
#include "stages/commands/timeline.h"
#include "stages/commands/timeline_event.h"

static void
add_acts(struct run *r, int64_t file)
{
	struct stmt *made = sql(r->db,
	    ACT
	    " SELECT created_at, NULL, 'file_generated', sum_in_cents, built_by,"
	    "  'file ' || msg_id || ', version ' || version || ': ' || collections || ' ' || kind"
	    "  || CASE WHEN collections = 1 THEN '' ELSE 's' END || ', due on ' || collect_on || ', ' || folder"
	    "  || '/' || name, NULL, NULL, built_identity"
	    " FROM bank_file"
	    " WHERE number = $number");
	struct stmt *acts = sql(r->db,
	    ACT
	    " SELECT at, NULL, event, NULL, person, 'file ' || msg_id || coalesce(': ' || what, ''), NULL, NULL,"
	    "  identity"
	    " FROM (SELECT a.approved_at AS at, 'file_approved' AS event, a.approver AS person, a.identity, f.msg_id,"
	    "   'SHA-256 ' || lower(substr(hex(a.sha256), 1, 16)) || '...' AS what"
	    "  FROM approval a JOIN bank_file f ON f.number = a.file_number WHERE f.number = $number"
	    "  UNION ALL SELECT released_at, 'file_released', released_by, released_identity, msg_id, NULL"
	    "  FROM bank_file WHERE number = $number AND released_at IS NOT NULL"
	    "  UNION ALL SELECT uploaded_at, 'file_uploaded', uploaded_by, uploaded_identity, msg_id,"
	    "   'reference of the bank ' || coalesce("
	    "    (SELECT u.was FROM upload_correction u WHERE u.file_number = number AND u.nth = 1), bank_reference)"
	    "  FROM bank_file WHERE number = $number AND uploaded_at IS NOT NULL"
	    "  UNION ALL SELECT u.corrected_at, 'file_reference_corrected', u.corrected_by, u.corrected_identity, f.msg_id,"
	    "   'reference of the bank ' || u.was || ' becomes ' || u.becomes || ', ' || u.why"
	    "  FROM upload_correction u JOIN bank_file f ON f.number = u.file_number WHERE f.number = $number"
	    "  UNION ALL SELECT w.stated_at, 'file_withdrawal_stated', w.person, w.identity, f.msg_id,"
	    "   w.way || ', ' || w.why"
	    "  FROM withdrawal w JOIN bank_file f ON f.number = w.file_number WHERE f.number = $number"
	    "  UNION ALL SELECT cancelled_at, 'file_cancelled', cancelled_by, cancelled_identity, msg_id, cancel_why"
	    "  FROM bank_file WHERE number = $number AND cancelled_at IS NOT NULL) acts"
	    " ORDER BY at");
	struct stmt *audited = sql(r->db,
	    EVENT
	    " SELECT NULL, audited_on, 'file_audited', NULL, NULL, 'file ' || msg_id, NULL, NULL"
	    " FROM bank_file"
	    " WHERE number = $number AND audited_on IS NOT NULL");
	struct stmt *overdue = sql(r->db,
	    EVENT
	    " SELECT NULL, overdue_on, 'file_overdue', NULL, NULL, 'file ' || msg_id || ': no ' || overdue, NULL,"
	    "  NULL"
	    " FROM bank_file"
	    " WHERE number = $number AND overdue IS NOT NULL");

	timeline_add(made, 0, file);
	timeline_add(audited, 0, file);
	timeline_add(overdue, 0, file);
	timeline_add(acts, 0, file);
}

/* What the bank reported of a whole file or block, bulk bookings too. */
static void
add_entries_of_file(struct run *r, int64_t file)
{
	struct stmt *q =
	    sql(r->db,
	    ENTRY_EVENT
	    " FROM bank_file f"
	    " JOIN bank_entry e ON " ENTRY_OF_FILE("e", "f")
	    " JOIN bank_message m ON m.number = e.message_number"
	    " WHERE f.number = $number"
	    " ORDER BY e.number");

	timeline_add(q, 0, file);
}

static void
add_exceptions_of_file(struct run *r, int64_t file)
{
	struct stmt *q = sql(r->db,
	    EXCEPTIONS_OF_ENTRIES(
	    "JOIN bank_file f ON " ENTRY_OF_FILE("e", "f")
	    " WHERE f.number = $number"));

	timeline_add(q, 0, file);
}

void
timeline_add_file(struct run *r, int64_t file)
{
	add_acts(r, file);
	add_entries_of_file(r, file);
	add_exceptions_of_file(r, file);
}

/* Of the debits or refunds in a file: how many each input reported in the same way. */
static void
add_entries_in_file(struct run *r, int64_t file)
{
	struct stmt *q = sql(r->db,
	    EVENT
	    " SELECT NULL, e.event_on, 'bank_reported', CAST(sum(e.amount_in_cents) AS BIGINT), NULL,"
	    "  count(*) || ' x ' || e.kind || coalesce(' ' || e.status, '') || coalesce(' ' || e.reason, '')"
	    "  || ', ' || e.state || ', in ' || m.kind || ' ' || m.msg_id,"
	    "  m.input_number, CASE count(*) WHEN 1 THEN min(e.line) END"
	    " FROM collection c"
	    " JOIN bank_entry e ON " ENTRY_OF_COLLECTION("e", "c")
	    " JOIN bank_message m ON m.number = e.message_number"
	    " WHERE c.file_number = $number AND c.state <> 'cancelled'"
	    " GROUP BY e.event_on, m.number, m.kind, m.msg_id, m.input_number, e.kind, e.status, e.reason,"
	    "  e.state"
	    " ORDER BY min(e.number)");

	timeline_add(q, 0, file);
}

static void
add_versions(struct run *r, int64_t file)
{
	struct stmt *q = sql(r->db,
	    ACT
	    " SELECT o.created_at, NULL, 'other_version', o.sum_in_cents, o.built_by,"
	    "  'file ' || o.msg_id || ', version ' || o.version || ', now ' || o.state, NULL, NULL, o.built_identity"
	    " FROM bank_file f"
	    " JOIN bank_file o ON o.session_number = f.session_number AND o.kind = f.kind"
	    "  AND o.number <> f.number"
	    " WHERE f.number = $number"
	    " ORDER BY o.number");

	timeline_add(q, 0, file);
}

static void
add_exceptions_in_file(struct run *r, int64_t file)
{
	struct stmt *q = sql(r->db,
	    EXCEPTIONS_OF_ENTRIES(
	    "JOIN collection c ON " ENTRY_OF_COLLECTION("e", "c")
	    " WHERE c.file_number = $number"));

	timeline_add(q, 0, file);
}

/* The session was frozen before its file was made. */
static void
add_session_of_file(struct run *r, int64_t file)
{
	struct stmt *q = sql(r->db,
	    EVENT
	    " SELECT s.frozen_at, NULL, 'session_frozen', NULL, NULL,"
	    "  'session ' || s.code || ', ' || count(*) || ' debts', NULL, NULL"
	    " FROM bank_file f"
	    " JOIN session s ON s.number = f.session_number"
	    " JOIN debt d ON d.session_number = s.number"
	    " WHERE f.number = $number AND s.frozen_at IS NOT NULL"
	    " GROUP BY s.frozen_at, s.code");

	timeline_add(q, 0, file);
}

void
timeline_of_file(struct run *r, int64_t file)
{
	timeline_begin(r);
	add_session_of_file(r, file);
	add_versions(r, file);
	timeline_add_file(r, file);
	add_entries_in_file(r, file);
	add_exceptions_in_file(r, file);
	timeline_end(r);
}
