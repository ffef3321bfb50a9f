/* timeline_debt: what happened to a debt: its member and mandates, the money in it, its freeze, its presentations, and what the
 * bank reported of them. See timeline.h. */
#include "stages/commands/timeline.h"
#include "stages/commands/timeline_event.h"
#include "stages/core/books/ledger.h"
#include "stages/core/engine/key.h"

void
timeline_add_profile(struct run *r, int64_t profile)
{
	struct stmt *q =
	    sql(r->db,
	    EVENT
	    " SELECT declared_at, NULL, 'profile_declared', NULL, NULL,"
	    "  'app [' || app_id || '], user [' || app_user_id || ']', input_number, line"
	    " FROM profile"
	    " WHERE number = $profile");

	timeline_add(q, profile, 0);
}

/* All mandates of the member: an older one may be the reason why a debt was not presented. */
static void
add_mandates(struct run *r, int64_t profile)
{
	struct stmt *declared =
	    sql(r->db,
	    EVENT
	    " SELECT m.declared_at, NULL, 'mandate_declared', NULL, NULL,"
	    "  " DETAIL_OF_MANDATE("m") ", m.input_number, m.line"
	    " FROM mandate m"
	    " WHERE m.profile_number = $profile"
	    " ORDER BY m.number");
	struct stmt *changed = sql(r->db,
	    EVENT
	    " SELECT m.status_at, NULL, 'mandate_' || m.status, NULL, NULL,"
	    "  'mandate ' || m.reference || ' version ' || m.version || coalesce(': ' || m.why, ''), NULL, NULL"
	    " FROM mandate m"
	    " WHERE m.profile_number = $profile AND m.status <> 'active'"
	    " ORDER BY m.number");
	struct stmt *unblocked =
	    sql(r->db,
	    ACT
	    " SELECT m.unblocked_at, NULL, 'mandate_unblocked', NULL, m.unblocked_by,"
	    "  'mandate ' || m.reference || ' version ' || m.version, NULL, NULL, m.unblocked_identity"
	    " FROM mandate m"
	    " WHERE m.profile_number = $profile AND m.unblocked_at IS NOT NULL"
	    " ORDER BY m.number");

	bind_int(declared, "$unmask", r->unmasked);
	timeline_add(declared, profile, 0);
	timeline_add(changed, profile, 0);
	timeline_add(unblocked, profile, 0);
}

/* Sources of what the bank booked: its instant is no more than the day. */
#define FROM_BANK \
	SQL_CODE(SOURCE_COLLECTION) ", " SQL_CODE(SOURCE_REFUND_BACK) ", " SQL_CODE(SOURCE_TAKEN_BACK)

/* The rows in the debt, the rows that settle it, and where cents went that came back. */
static void
add_transactions(struct run *r, int64_t profile, int64_t session)
{
	struct stmt *q = sql(r->db,
	    EVENT
	    " SELECT CASE WHEN b.source_kind IN (" FROM_BANK ") THEN NULL ELSE b.transaction_at END,"
	    "  b.transaction_on, 'posted', b.amount_in_cents, NULL,"
	    "  c.word || CASE WHEN b.session_number = $number THEN ', in this debt'"
	    "   WHEN b.settled_session = $number THEN ', settles this debt'"
	    "   WHEN s.code IS NULL THEN ', in no debt yet' ELSE ', in the debt of session ' || s.code END"
	    "  || coalesce(', external id ' || x.external_transaction_id, ''),"
	    "  b.input_number, b.line"
	    " FROM balance_transaction b"
	    " JOIN code c ON c.number = b.event"
	    " LEFT JOIN session s ON s.number = b.session_number"
	    " LEFT JOIN external_transaction x"
	    "  ON x.profile_number = b.profile_number AND x.transaction_number = b.number"
	    " WHERE " SQL_OF_MEMBER("b.key", "$profile")
	    "  AND (b.session_number = $number OR b.settled_session = $number"
	    "   OR (" SQL_CAME_BACK("b") " AND b.source IN"
	    "    (SELECT gone.source FROM balance_transaction gone"
	    "     WHERE " SQL_OF_MEMBER("gone.key", "$profile") " AND gone.settled_session = $number))"
	    "   OR (b.source_kind = " SQL_CODE(SOURCE_TAKEN_BACK) " AND EXISTS"
	    "    (SELECT 1 FROM collection k"
	    "     WHERE k.profile_number = $profile AND k.session_number = $number"
	    "      AND substr(b.source, 1, length(k.end_to_end_id) + 1) = CAST(k.end_to_end_id || '/' AS BLOB))))"
	    " ORDER BY b.number");

	timeline_add(q, profile, session);
}

static void
add_freeze(struct run *r, int64_t profile, int64_t session)
{
	struct stmt *frozen = sql(r->db,
	    EVENT
	    " SELECT s.frozen_at, NULL, 'frozen', d.amount_in_cents, NULL, 'in session ' || s.code, NULL, NULL"
	    " FROM debt d"
	    " JOIN session s ON s.number = d.session_number"
	    " WHERE d.profile_number = $profile AND d.session_number = $number AND s.frozen_at IS NOT NULL");
	struct stmt *excluded =
	    sql(r->db,
	    EVENT
	    " SELECT s.frozen_at, NULL, 'excluded', x.amount_in_cents, NULL,"
	    "  x.reason || ', carried to session ' || n.code, NULL, NULL"
	    " FROM exclusion x"
	    " JOIN session s ON s.number = x.session_number"
	    " JOIN session n ON n.number = x.carried_to_session"
	    " WHERE x.profile_number = $profile AND x.session_number = $number");

	timeline_add(frozen, profile, session);
	timeline_add(excluded, profile, session);
}

static void
add_presentations(struct run *r, int64_t profile, int64_t session)
{
	struct stmt *presented =
	    sql(r->db,
	    EVENT
	    " SELECT f.created_at, NULL, 'presented', c.amount_in_cents, NULL,"
	    "  'as ' || c.end_to_end_id || ' in file ' || f.msg_id || ', ' || " DETAIL_OF_MANDATE("m")
	    "  || CASE c.amended WHEN 1 THEN ', with an amendment' ELSE '' END, NULL, NULL"
	    " FROM collection c"
	    " JOIN bank_file f ON f.number = c.file_number"
	    " JOIN mandate m ON m.number = c.mandate_number"
	    " WHERE c.profile_number = $profile AND c.session_number = $number"
	    " ORDER BY f.number");

	bind_int(presented, "$unmask", r->unmasked);
	timeline_add(presented, profile, session);
}

static void
add_ends(struct run *r, int64_t profile, int64_t session)
{
	struct stmt *q = sql(r->db,
	    EVENT
	    " SELECT NULL, day, event, amount_in_cents, NULL, detail, NULL, NULL"
	    " FROM (SELECT booked_on AS day, 'booked' AS event, amount_in_cents, end_to_end_id AS detail"
	    "  FROM collection WHERE profile_number = $profile AND session_number = $number"
	    "   AND booked_on IS NOT NULL"
	    "  UNION ALL SELECT failed_on, state, amount_in_cents, end_to_end_id || coalesce(': ' || reason, '')"
	    "   || coalesce(', fee ' || " EUROS("fee_in_cents") ", '')"
	    "  FROM collection WHERE profile_number = $profile AND session_number = $number"
	    "   AND failed_on IS NOT NULL) ends"
	    " ORDER BY day");

	timeline_add(q, profile, session);
}

void
timeline_add_presentations(struct run *r, int64_t profile, int64_t session)
{
	add_presentations(r, profile, session);
	add_ends(r, profile, session);
}

static void
add_files_of_debt(struct run *r, int64_t profile, int64_t session)
{
	int64_t file = 0;
	struct stmt *q;

	for (;;) {
		q = sql(r->db,
		    "SELECT file_number FROM collection"
		    " WHERE profile_number = $profile AND session_number = $session AND file_number > $after"
		    " ORDER BY file_number LIMIT 1");
		bind_int(q, "$profile", profile);
		bind_int(q, "$session", session);
		bind_int(q, "$after", file);
		file = value(q, 0);
		if (file == 0)
			return;
		timeline_add_file(r, file);
	}
}

static void
add_entries_of_debt(struct run *r, int64_t profile, int64_t session)
{
	struct stmt *entries =
	    sql(r->db,
	    ENTRY_EVENT
	    " FROM (SELECT DISTINCT end_to_end_id FROM collection"
	    "  WHERE profile_number = $profile AND session_number = $number) c"
	    " JOIN bank_entry e ON " ENTRY_OF_COLLECTION("e", "c")
	    " JOIN bank_message m ON m.number = e.message_number"
	    " ORDER BY e.number");
	struct stmt *exceptions =
	    sql(r->db,
	    EXCEPTIONS_OF_ENTRIES(
	    "JOIN collection c ON " ENTRY_OF_COLLECTION("e", "c")
	    " WHERE c.profile_number = $profile AND c.session_number = $number"));

	timeline_add(entries, profile, session);
	timeline_add(exceptions, profile, session);
}

static void
add_notifications_of_debt(struct run *r, int64_t profile, int64_t session)
{
	struct stmt *q = sql(r->db,
	    EVENT
	    " SELECT DISTINCT coalesce(n.accepted_at, n.created_at), NULL, 'notified', NULL, NULL,"
	    "  n.name || ' ' || n.params || CASE WHEN n.state = 'accepted' THEN '' ELSE ', ' || n.state END, NULL, NULL"
	    " FROM collection c"
	    " JOIN notification n ON n.profile_number = c.profile_number AND n.subject_type = 'collection'"
	    "  AND (n.subject = c.end_to_end_id OR n.subject LIKE c.end_to_end_id || '/%')"
	    " WHERE c.profile_number = $profile AND c.session_number = $number"
	    " ORDER BY n.created_at");

	timeline_add(q, profile, session);
}

void
timeline_of_debt(struct run *r, int64_t profile, int64_t session)
{
	timeline_begin(r);
	timeline_add_profile(r, profile);
	add_mandates(r, profile);
	add_freeze(r, profile, session);
	add_files_of_debt(r, profile, session);
	add_presentations(r, profile, session);
	add_notifications_of_debt(r, profile, session);
	add_entries_of_debt(r, profile, session);
	add_ends(r, profile, session);
	add_transactions(r, profile, session);
	timeline_end(r);
}
