/* notification: see notification.h. Writes notification and notification_batch. */
#include <string.h>

#include "formats/notification.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/notification.h"

#define DAY_MS     (24LL * 60 * 60 * 1000)
#define RETRY_DAYS 31 /* a rejected payment is tried again within them */

static const char *const names[NOTIFICATION_KINDS] = {
    [NOTIFY_POST_PAYMENT] = "alan_pay__post_payment",
    [NOTIFY_RECOVERY_SESSION] = "alan_pay__recovery_session",
    [NOTIFY_PROVISIONING_REMINDER] = "alan_pay__provisioning_reminder",
};

const char *
notification_name(enum notification_kind kind)
{
	return names[kind];
}

/* The params of the notification of a debit: its amount and its day. */
#define DEBIT_PARAMS \
	"'{\"amount_in_cents\":' || c.amount_in_cents || ',\"recovery_date\":\"' || f.collect_on || '\"}'"

/* The notifications of a debit, for all versions of its file. The subject of the first is its end-to-end id; the subject of a
 * later one has the version behind it. */
#define IS_OF_DEBIT                                                                     \
	"n.name = 'alan_pay__recovery_session' AND n.profile_number = c.profile_number" \
	" AND (n.subject = c.end_to_end_id OR n.subject LIKE c.end_to_end_id || '/%')"

/* The end-to-end id, or the number of the payment, in a subject. */
#define ID_OF_SUBJECT \
	"CASE WHEN n.subject LIKE '%/%' THEN rtrim(rtrim(n.subject, '0123456789'), '/') ELSE n.subject END"

/* The params of the notification of a payment: its amount and its status. */
#define PAYMENT_PARAMS                                                 \
	"'{\"amount_in_cents\":' || CASE WHEN p.captured_in_cents > 0" \
	" THEN p.captured_in_cents ELSE p.authorized_in_cents END || ',\"status\":\"' || s.word || '\"}'"

static instant
oldest_payment(struct run *r)
{
	return date_paris_midnight(r->on -
	                           (date)config_int(r->config, NOTIFICATIONS_POST_PAYMENT_MAX_AGE_DAYS));
}

/* Payments of the last days without a notification. */
static void
find_new_payments(struct run *r)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO to_notify (profile_number, subject_type, subject, params, expires_at)"
	    " SELECT p.profile_number, 'card_payment', CAST(p.number AS TEXT),"
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
	bind_instant(q, "$until", date_paris_midnight(r->on + 1));
	bind_instant(q, "$expires", r->now + 2 * DAY_MS);
	exec(q);
}

/* Payments that succeeded in the last days, after the member was notified that they were rejected: once more, as <number>/2. */
static void
find_payments_after_all(struct run *r)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO to_notify (profile_number, subject_type, subject, params, expires_at)"
	    " SELECT p.profile_number, 'card_payment', CAST(p.number AS TEXT) || '/2',"
	    "  " PAYMENT_PARAMS ","
	    "  $expires"
	    " FROM card_payment p"
	    " JOIN code s ON s.number = p.status"
	    " JOIN notification n ON n.name = 'alan_pay__post_payment'"
	    "  AND n.profile_number = p.profile_number AND n.subject = CAST(p.number AS TEXT)"
	    " WHERE p.effective_at >= $first"
	    "  AND p.captured_in_cents + p.authorized_in_cents > 0"
	    "  AND (s.word = 'authorized' OR s.word = 'captured')"
	    "  AND n.params LIKE '%\"status\":\"rejected\"}'"
	    "  AND (p.effective_at >= $since"
	    "   OR EXISTS ("
	    "    SELECT 1 FROM swan_transaction t WHERE t.payment = p.payment AND t.created_at >= $since))"
	    "  AND NOT EXISTS ("
	    "    SELECT 1"
	    "    FROM notification n2"
	    "    WHERE n2.name = 'alan_pay__post_payment'"
	    "     AND n2.profile_number = p.profile_number"
	    "     AND n2.subject = CAST(p.number AS TEXT) || '/2')");

	bind_instant(q, "$first", oldest_payment(r) - RETRY_DAYS * DAY_MS);
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

/* Debits from the day after their file was made until the day before they are collected. The last notification for an earlier
 * version of the file is enough when it has the same amount and day. */
static void
find_debits(struct run *r)
{
	struct stmt *q =
	    sql(r->db,
	        "INSERT INTO to_notify (profile_number, subject_type, subject, params, expires_at)"
	        " SELECT c.profile_number, 'collection',"
	        "  c.end_to_end_id || CASE"
	        "   WHEN EXISTS (SELECT 1 FROM notification n WHERE " IS_OF_DEBIT ")"
	        "   THEN '/' || f.version ELSE '' END,"
	        "  " DEBIT_PARAMS ","
	        "  $expires"
	        " FROM bank_file_in_force f"
	        " JOIN collection c ON c.file_number = f.number"
	        " WHERE f.kind = 'debit'"
	        "  AND f.created_at < $today"
	        "  AND f.collect_on > $on"
	        "  AND c.live = 1"
	        "  AND f.state <> 'rejected'"
	        "  AND " DEBIT_PARAMS " IS DISTINCT FROM ("
	        "    SELECT n.params"
	        "    FROM notification n"
	        "    WHERE " IS_OF_DEBIT
	        "    ORDER BY n.number DESC LIMIT 1)");

	bind_instant(q, "$today", date_paris_midnight(r->on));
	bind_date(q, "$on", r->on);
	bind_instant(q, "$expires", r->now + 7 * DAY_MS);
	exec(q);
}

/* Active members whose first card is some days old, who have no live card in a wallet, and no reminder yet. */
static void
find_unprovisioned(struct run *r)
{
	struct stmt *q =
	    sql(r->db,
	        "INSERT INTO to_notify (profile_number, subject_type, subject, params, expires_at)"
	        " SELECT p.number, 'profile', '', '{}', $expires"
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

	bind_instant(
	    q, "$from",
	    date_paris_midnight(r->on - (date)config_int(r->config, NOTIFICATIONS_PROVISIONING_UNTIL_DAYS)));
	bind_instant(q, "$until",
	             date_paris_midnight(
			 r->on - (date)config_int(r->config, NOTIFICATIONS_PROVISIONING_AFTER_DAYS) + 1));
	bind_instant(q, "$expires", r->now + 7 * DAY_MS);
	exec(q);
}

static void (*const find[NOTIFICATION_KINDS])(struct run *r) = {
    [NOTIFY_POST_PAYMENT] = find_payments,
    [NOTIFY_RECOVERY_SESSION] = find_debits,
    [NOTIFY_PROVISIONING_REMINDER] = find_unprovisioned,
};

static void
make_batches(struct run *r, const char *name, int64_t first, int64_t lines, int64_t most)
{
	struct stmt *q;

	for (; lines > 0; lines -= most, first++) {
		q = sql(r->db,
		    "INSERT INTO notification_batch (number, name, business_on, nth, lines)"
		    " SELECT $number, $name, $on, count(*) + 1, $lines"
		    " FROM notification_batch"
		    " WHERE business_on = $on AND name = $name");
		bind_int(q, "$number", first);
		bind_text(q, "$name", name);
		bind_date(q, "$on", r->on);
		bind_int(q, "$lines", lines < most ? lines : most);
		exec(q);
	}
}

int64_t
notification_plan(struct run *r, enum notification_kind kind, int64_t *batches)
{
	int64_t most = config_int(r->config, NOTIFICATIONS_MAX_LINES), lines, batch, number;
	struct stmt *q;

	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS to_notify (profile_number INTEGER NOT NULL,"
	    "  subject_type TEXT NOT NULL, subject TEXT NOT NULL, params TEXT NOT NULL,"
	    "  expires_at INTEGER NOT NULL)"));
	exec(sql(r->db, "DELETE FROM to_notify"));
	find[kind](r);
	lines = value(sql(r->db, "SELECT count(*) FROM to_notify"), 0);
	*batches = (lines + most - 1) / most;
	if (lines == 0)
		return 0;
	batch = store_numbers(r->db, "notification_batch", *batches);
	number = store_numbers(r->db, "notification", lines);
	make_batches(r, names[kind], batch, lines, most);
	q = sql(r->db,
	    "INSERT INTO notification (number, name, subject_type, subject, profile_number, params,"
	    "  batch_number, created_at, expires_at)"
	    " SELECT $number + nth, $name, subject_type, subject, profile_number, params,"
	    "  $batch + nth / $most, $now, expires_at"
	    " FROM ("
	    "   SELECT row_number() OVER (ORDER BY profile_number, length(subject), subject) - 1 AS nth,"
	    "    profile_number, subject_type, subject, params, expires_at"
	    "   FROM to_notify) AS t");
	bind_int(q, "$number", number);
	bind_text(q, "$name", names[kind]);
	bind_int(q, "$batch", batch);
	bind_int(q, "$most", most);
	bind_instant(q, "$now", r->now);
	if (exec(q) != lines)
		die(EXIT_BUG, "%s: a member was notified twice", names[kind]);
	return batch;
}

int64_t
notification_count_missing(struct run *r, int64_t file_number, instant latest)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*)"
	    " FROM collection c"
	    " JOIN bank_file f ON f.number = c.file_number"
	    " WHERE c.file_number = $file"
	    "  AND " DEBIT_PARAMS " IS DISTINCT FROM ("
	    "    SELECT n.params"
	    "    FROM notification n"
	    "    WHERE " IS_OF_DEBIT " AND n.created_at <= $latest"
	    "    ORDER BY n.number DESC LIMIT 1)");

	bind_int(q, "$file", file_number);
	bind_instant(q, "$latest", latest);
	return value(q, 0);
}

/* The id of the subject, as other components know it. */
static struct uuid
subject_uuid(struct run *r, struct stmt *q, const char **type)
{
	const char *kind = col_text(q, 2);
	int64_t profile = col_int(q, 1);

	if (strcmp(kind, "card_payment") == 0) {
		*type = "card_payment";
		return store_uuid(r->db, UUID_CARD_PAYMENT, profile, col_int(q, 3));
	}
	if (strcmp(kind, "collection") == 0) {
		*type = "recovery_debt";
		return store_uuid(r->db, UUID_DEBT, profile, col_int(q, 8));
	}
	*type = "profile";
	return store_uuid(r->db, UUID_PROFILE, 0, profile);
}

void
notification_write_batch(struct run *r, int64_t batch, struct sink *s)
{
	struct stmt *q =
	    sql(r->db,
	        "SELECT n.number, n.profile_number, n.subject_type,"
	        "  CASE n.subject_type WHEN 'card_payment' THEN CAST(" ID_OF_SUBJECT " AS BIGINT) ELSE 0 END,"
	        "  n.params, n.created_at, n.expires_at, n.name,"
	        "  coalesce(("
	        "    SELECT max(c.session_number)"
	        "    FROM collection c"
	        "    WHERE n.subject_type = 'collection' AND c.end_to_end_id = " ID_OF_SUBJECT "), 0),"
	        "  p.app_id, p.app_user_id"
	        " FROM notification n"
	        " JOIN profile p ON p.number = n.profile_number"
	        " WHERE n.batch_number = $batch"
	        " ORDER BY n.number");

	bind_int(q, "$batch", batch);
	while (row(q)) {
		struct notification n = {
		    .id = uuid_of(store_id(r->db), UUID_NOTIFICATION, 0, (uint32_t)col_int(q, 0)),
		    .profile = store_uuid(r->db, UUID_PROFILE, 0, col_int(q, 1)),
		    .name = col_text(q, 7),
		    .app_id = col_text(q, 9),
		    .app_user_id = col_text(q, 10),
		    .params = col_text(q, 4),
		    .created_at = col_instant(q, 5),
		    .expires_at = col_instant(q, 6)};

		n.subject = subject_uuid(r, q, &n.subject_type);
		notification_write(s, &n);
	}
}
