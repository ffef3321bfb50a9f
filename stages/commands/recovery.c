/* alanpay recovery: the recovery sessions, newest first. Amounts to recover are what members owe now, live
 * until a session is frozen; what Alan owes a member is not taken from them.
 */
#include "stages/commands/command.h"
#include "stages/core/listing.h"

static const struct column session_columns[] = {
    {.name = "code", .head = "session"},
    {.name = "id", .type = COLUMN_ID, .kind = UUID_SESSION},
    {.name = "recovery_period_start_date", .type = COLUMN_DAY, .head = "from"},
    {.name = "recovery_period_end_date", .type = COLUMN_DAY, .head = "to"},
    {.name = "freeze_date", .type = COLUMN_DAY, .head = "freeze"},
    {.name = "recovery_date", .type = COLUMN_DAY, .head = "recovery"},
    {.name = "status"},
    {.name = "is_frozen", .type = COLUMN_BOOL, .head = "frozen"},
    {.name = "debts", .type = COLUMN_COUNT},
    {.name = "amount_to_recover_in_cents", .type = COLUMN_CENTS, .head = "to recover EUR"},
    {.name = "recovered_amount_in_cents", .type = COLUMN_CENTS, .head = "recovered EUR"},
    {0},
};

static const struct listing sessions = {
    NULL,
    "WITH owed AS (SELECT d.session_number, d.recovered_in_cents, coalesce(d.amount_in_cents,"
    "   -(SELECT CAST(sum(b.amount_in_cents) AS BIGINT) FROM balance_transaction b"
    "    WHERE b.session_number = d.session_number AND b.profile_number = d.profile_number), 0) AS cents"
    "  FROM debt d),"
    " told AS (SELECT session_number, count(*) FILTER (WHERE cents <> 0) AS debts,"
    "   coalesce(CAST(sum(cents) FILTER (WHERE cents > 0) AS BIGINT), 0) AS to_recover,"
    "   coalesce(CAST(sum(recovered_in_cents) AS BIGINT), 0) AS recovered"
    "  FROM owed GROUP BY session_number)"
    " SELECT s.code, 0, s.number, s.period_start_on, s.period_end_on, s.freeze_on, s.recovery_on, s.status,"
    "  CASE WHEN s.frozen_at IS NULL THEN 0 ELSE 1 END, coalesce(told.debts, 0),"
    "  CASE WHEN s.status = 'pending' THEN coalesce(told.to_recover, 0) ELSE NULL END,"
    "  CASE WHEN s.status <> 'pending' THEN coalesce(told.recovered, 0) ELSE NULL END"
    " FROM session s LEFT JOIN told ON told.session_number = s.number"
    " ORDER BY s.period_start_on DESC, s.number DESC",
    session_columns,
};

static void
list_sessions(struct run *r)
{
	listing_print(r, &sessions, sql(r->db, sessions.text));
}

const struct command recovery_commands[] = {
    {"recovery list_sessions", "the sessions and what they recover, newest first", ACCESS_READS, NULL,
     list_sessions, NULL},
    {0},
};
