/* notice: see notice.h. */
#include <string.h>

#include "stages/core/engine/config.h"
#include "stages/core/engine/key.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/notice.h"

#define DAY_MS     (24LL * 60 * 60 * 1000)
#define RETRY_DAYS 31 /* a rejected payment is tried again within them; a debit is withdrawn within them */

/* The params of the notification of a payment: its amount and its status. */
#define PAYMENT_PARAMS                                                 \
	"'{\"amount_in_cents\":' || CASE WHEN p.captured_in_cents > 0" \
	" THEN p.captured_in_cents ELSE p.authorized_in_cents END || ',\"status\":\"' || s.word || '\"}'"

void
notice_begin(struct run *r)
{
	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS to_notify (profile_number INTEGER NOT NULL,"
	    "  subject_type TEXT NOT NULL, subject TEXT NOT NULL, attempt INTEGER NOT NULL, params TEXT NOT NULL,"
	    "  expires_at INTEGER NOT NULL)"));
	exec(sql(r->db, "DELETE FROM to_notify"));
}

int64_t
notice_count_found(struct run *r)
{
	return value(sql(r->db, "SELECT count(*) FROM to_notify"), 0);
}

/* A night that is made up meets members as they are now. */
static date
today(const struct run *r)
{
	date real = date_in_paris(r->now);

	return real > r->on ? real : r->on;
}

/* Payments ------------------------------------------------------------------------------------------------------------- */

static instant
oldest_payment(struct run *r)
{
	return date_paris_midnight(today(r) -
	                           (date)config_int(r->config, NOTIFICATIONS_POST_PAYMENT_MAX_AGE_DAYS));
}

/* Nobody is notified before the payment. */
static instant
before_now(struct run *r)
{
	instant end = date_paris_midnight(r->on + 1);

	return r->now < end ? r->now + 1 : end;
}

/* Payments of the last days without a notification. */
static void
find_new_payments(struct run *r)
{
	struct stmt *q =
	    sql(r->db,
	    "INSERT INTO to_notify (profile_number, subject_type, subject, attempt, params, expires_at)"
	    " SELECT p.profile_number, 'card_payment', CAST(p.number AS TEXT), 1,"
	    "  " PAYMENT_PARAMS ","
	    "  $expires"
	    " FROM card_payment p"
	    " JOIN code s ON s.number = p.status"
	    " WHERE p.effective_at >= $since"
	    "  AND p.effective_at < $until"
	    "  AND p.captured_in_cents + p.authorized_in_cents > 0"
	    "  AND s.word IN ('authorized', 'captured', 'rejected')"
	    "  AND NOT EXISTS ("
	    "    SELECT 1"
	    "    FROM notification n"
	    "    WHERE n.name = 'alan_pay__post_payment'"
	    "     AND n.profile_number = p.profile_number AND n.subject = CAST(p.number AS TEXT))");

	bind_instant(q, "$since", oldest_payment(r));
	bind_instant(q, "$until", before_now(r));
	bind_instant(q, "$expires", r->now + 2 * DAY_MS);
	exec(q);
}

/* Payments that succeeded in the last days, after the member was notified that they were rejected: once more, as <number>/2. */
static void
find_payments_after_all(struct run *r)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO to_notify (profile_number, subject_type, subject, attempt, params, expires_at)"
	    " SELECT p.profile_number, 'card_payment', CAST(p.number AS TEXT) || '/2', 1,"
	    "  " PAYMENT_PARAMS ","
	    "  $expires"
	    " FROM notification_batch g"
	    " CROSS JOIN notification n ON n.number BETWEEN g.first_number AND g.last_number"
	    " CROSS JOIN card_payment p ON p.key = " SQL_KEY("n.profile_number", "CAST(n.subject AS BIGINT)")
	    "  AND n.subject = CAST(p.number AS TEXT)"
	    " JOIN code s ON s.number = p.status"
	    " WHERE g.name = 'alan_pay__post_payment'"
	    "  AND g.business_on >= $day"
	    "  AND p.effective_at >= $first"
	    "  AND p.captured_in_cents + p.authorized_in_cents > 0"
	    "  AND (s.word = 'authorized' OR s.word = 'captured')"
	    "  AND n.params LIKE '%\"status\":\"rejected\"}'"
	    "  AND (p.effective_at >= $since"
	    "   OR EXISTS ("
	    "    SELECT 1 FROM swan_transaction t WHERE " SQL_OF_PAYMENT("t", "p.key") " AND t.created_at >= $since))"
	    "  AND NOT EXISTS ("
	    "    SELECT 1"
	    "    FROM notification n2"
	    "    WHERE n2.name = 'alan_pay__post_payment'"
	    "     AND n2.profile_number = p.profile_number"
	    "     AND n2.subject = CAST(p.number AS TEXT) || '/2')");

	bind_instant(q, "$first", oldest_payment(r) - RETRY_DAYS * DAY_MS);
	bind_date(q, "$day",
	          date_in_paris(oldest_payment(r)) - RETRY_DAYS -
	              2); /* no payment is notified before it is made */
	bind_instant(q, "$since", oldest_payment(r));
	bind_instant(q, "$expires", r->now + 2 * DAY_MS);
	exec(q);
}

static void
find_payments(struct run *r)
{
	find_new_payments(r);
	find_payments_after_all(r);
}

/* Debits and refunds --------------------------------------------------------------------------------------------------- */

/* Members in a file. The last notification for an earlier version of the file is enough when it has the same amount and day. What
 * was not delivered when the day of the collection begins is not delivered any more. */
static void
find_in_file(struct run *r, int64_t file, date collect_on)
{
	struct stmt *q =
	    sql(r->db,
	        "INSERT INTO to_notify (profile_number, subject_type, subject, attempt, params, expires_at)"
	        " SELECT c.profile_number, 'collection',"
	        "  c.end_to_end_id || CASE WHEN n.number IS NULL THEN '' ELSE '/' || f.version END, 1,"
	        "  " NOTIFICATION_PARAMS("c", "f") ","
	        "  $expires"
	        " FROM bank_file f"
	        " JOIN collection c ON c.file_number = f.number"
	        " LEFT JOIN notification n ON " NOTIFICATION_OF_COLLECTION("n", "c")
	        " WHERE f.number = $file"
	        "  AND c.live = 1"
	        "  AND (n.number IS NULL OR (n.params <> " NOTIFICATION_PARAMS("c", "f")
	        "   AND NOT EXISTS ("
	        "    SELECT 1"
	        "    FROM notification l"
	        "    WHERE " NOTIFICATION_OF_COLLECTION("l", "c") " AND l.number > n.number)))");

	bind_int(q, "$file", file);
	bind_instant(q, "$expires", date_paris_midnight(collect_on));
	exec(q);
}

/* From the day after the file was made until the day before it is collected, or paid. session 0: of all. */
static void
find_in_files(struct run *r, int64_t session)
{
	struct stmt *q = sql(r->db,
	    "SELECT number, collect_on"
	    " FROM bank_file_in_force"
	    " WHERE created_at < $today"
	    "  AND collect_on > $on"
	    "  AND state <> 'rejected'"
	    "  AND ($session = 0 OR session_number = $session)"
	    " ORDER BY number");

	bind_instant(q, "$today", date_paris_midnight(r->on));
	bind_date(q, "$on", today(r));
	bind_int(q, "$session", session);
	while (row(q))
		find_in_file(r, col_int(q, 0), col_date(q, 1));
}

static void
find_collections(struct run *r)
{
	find_in_files(r, 0);
}

void
notice_find_session(struct run *r, int64_t session)
{
	find_in_files(r, session);
}

/* Members who were notified of a debit that will not come, where the configuration wants them to hear of it. */
static void
find_withdrawn(struct run *r)
{
	struct stmt *q;

	if (!config_yes(r->config, NOTIFICATIONS_WITHDRAWN_DEBITS))
		return;
	q = sql(r->db,
	    "INSERT INTO to_notify (profile_number, subject_type, subject, attempt, params, expires_at)"
	    " SELECT w.profile_number, 'collection', w.end_to_end_id, 1,"
	    "  (SELECT n.params"
	    "   FROM notification n"
	    "   WHERE " NOTIFICATION_OF_COLLECTION("n", "w")
	    "   ORDER BY n.number DESC LIMIT 1),"
	    "  $expires"
	    " FROM withdrawn_notice w"
	    " WHERE w.collect_on >= $since"
	    "  AND w.is_notified = 0");
	bind_date(q, "$since", today(r) - RETRY_DAYS);
	bind_instant(q, "$expires", r->now + 7 * DAY_MS);
	exec(q);
}

/* Reminders ------------------------------------------------------------------------------------------------------------ */

/* Active members whose first card is some days old, who have no live card in a wallet, and no reminder yet. */
static void
find_unprovisioned(struct run *r)
{
	struct stmt *q =
	    sql(r->db,
	        "INSERT INTO to_notify (profile_number, subject_type, subject, attempt, params, expires_at)"
	        " SELECT p.number, 'profile', '', 1, '{}', $expires"
	        " FROM profile p"
	        " WHERE p.status = 'active'"
	        "  AND p.active_since_at >= $from"
	        "  AND p.active_since_at < $until"
	        "  AND NOT EXISTS ("
	        "    SELECT 1"
	        "    FROM account_membership m"
	        "    JOIN card c ON c.account_membership_id = m.id"
	        "    WHERE m.profile_number = p.number AND c.is_provisioned = 1"
	        "     AND c.status NOT IN ('Canceling', 'Canceled'))"
	        "  AND NOT EXISTS ("
	        "    SELECT 1"
	        "    FROM notification n"
	        "    WHERE n.name = 'alan_pay__provisioning_reminder'"
	        "     AND n.profile_number = p.number AND n.subject = '')");

	bind_instant(q, "$from",
	             date_paris_midnight(today(r) -
	                                 (date)config_int(r->config, NOTIFICATIONS_PROVISIONING_UNTIL_DAYS)));
	bind_instant(q, "$until",
	             date_paris_midnight(
			 r->on - (date)config_int(r->config, NOTIFICATIONS_PROVISIONING_AFTER_DAYS) + 1));
	bind_instant(q, "$expires", r->now + 7 * DAY_MS);
	exec(q);
}

static void (*const find[NOTIFICATION_KINDS])(struct run *r) = {
    [NOTIFY_POST_PAYMENT] = find_payments,
    [NOTIFY_RECOVERY_SESSION] = find_collections,
    [NOTIFY_RECOVERY_WITHDRAWN] = find_withdrawn,
    [NOTIFY_PROVISIONING_REMINDER] = find_unprovisioned,
};

void
notice_find(struct run *r, enum notification_kind kind)
{
	if (find[kind] != NULL)
		find[kind](r);
}

/* What a person asks for ----------------------------------------------------------------------------------------------- */

/* One more than the attempts before. `kind` must be a literal. */
#define NEXT_ATTEMPT(kind)                                                                  \
	"1 + coalesce((SELECT max(n.attempt) FROM notification n WHERE n.name = '" kind "'" \
	"  AND n.profile_number = t.profile_number AND n.subject = t.subject), 0)"

void
notice_find_payment(struct run *r, int64_t profile, int64_t number)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO to_notify (profile_number, subject_type, subject, attempt, params, expires_at)"
	    " SELECT t.profile_number, 'card_payment', t.subject, " NEXT_ATTEMPT("alan_pay__post_payment") ","
	    "  t.params, $expires"
	    " FROM ("
	    "   SELECT p.profile_number, " PAYMENT_PARAMS " AS params,"
	    "    CAST(p.number AS TEXT) || CASE WHEN s.word <> 'rejected' AND EXISTS ("
	    "      SELECT 1"
	    "      FROM notification n"
	    "      WHERE n.name = 'alan_pay__post_payment' AND n.profile_number = p.profile_number"
	    "       AND n.subject = CAST(p.number AS TEXT) AND n.params LIKE '%\"status\":\"rejected\"}')"
	    "     THEN '/2' ELSE '' END AS subject"
	    "   FROM card_payment p"
	    "   JOIN code s ON s.number = p.status"
	    "   WHERE p.key = " SQL_KEY("$profile", "$number") ") AS t");

	bind_instant(q, "$expires", r->now + 2 * DAY_MS);
	bind_int(q, "$profile", profile);
	bind_int(q, "$number", number);
	exec(q);
}

void
notice_find_transaction(struct run *r, int64_t profile, int64_t number)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO to_notify (profile_number, subject_type, subject, attempt, params, expires_at)"
	    " SELECT t.profile_number, 'balance_transaction', t.subject,"
	    "  " NEXT_ATTEMPT("alan_pay__external_transaction") ", t.params, $expires"
	    " FROM ("
	    "   SELECT b.profile_number, CAST(b.number AS TEXT) AS subject,"
	    "    '{\"amount_in_cents\":' || b.amount_in_cents || ',\"transaction_date\":\"' || b.transaction_on || '\"}' AS params"
	    "   FROM balance_transaction b"
	    "   WHERE b.key = " SQL_KEY("$profile", "$number") ") AS t");

	bind_instant(q, "$expires", r->now + 7 * DAY_MS);
	bind_int(q, "$profile", profile);
	bind_int(q, "$number", number);
	exec(q);
}
