/* alanpay push_notification: notifications that a person, or a scheduler, asks for. The stage notify finds the same each night;
 * what was sent once is not sent again, unless a person forces it.
 *
 * reads    as the stage notify
 * writes   as the stage notify: notification, its batch and manifest in out/notifications/<date>/; sends them where mode = http
 * rerun    is refused with the reason, or finds nobody
 * holds    nothing
 */
#include <stdio.h>

#include "stages/commands/program.h"
#include "stages/core/engine/options.h"
#include "stages/core/bank/sessionview.h"
#include "stages/core/home/publish.h"
#include "stages/core/lists/listing.h"
#include "stages/core/members/notice.h"
#include "stages/core/push/asked.h"
#include "stages/core/push/delivery.h"

static const struct column notification_columns[] = {
    {.name = "notification_id", .type = COLUMN_ID, .kind = UUID_NOTIFICATION},
    {.name = "name"},
    {.name = "app_id", .head = "app"},
    {.name = "app_user_id", .head = "user"},
    {.name = "attempt", .type = COLUMN_COUNT},
    {.name = "params"},
    {.name = "expires_at", .type = COLUMN_INSTANT, .head = "expires at (UTC)"},
    {.name = "state"},
    {0},
};

static const struct listing notifications = {
    .name = "push_notification",
    .columns = notification_columns,
    .text = SQL(
	"SELECT 0 AS notification_id_owner, n.number AS notification_id, n.name, p.app_id, p.app_user_id, n.attempt,"
	"  n.params, n.expires_at, n.state"
	" FROM notification_batch b"
	" JOIN notification n ON n.number >= b.first_number AND n.number <= b.last_number"
	" JOIN profile p ON p.number = n.profile_number"
	" WHERE b.number >= $first AND $first > 0"
	" ORDER BY n.number"),
};

static void
send(struct run *r, enum notification_kind kind, const struct notification_asked *asked)
{
	struct stmt *q;

	int64_t first = asked_send(r, kind, asked);

	sessionview_refresh(r);
	q = listing_query(r, &notifications);
	bind_int(q, "$first", first);
	listing_print(r, &notifications, q);
	if (r->dry_run && r->format == FORMAT_TABLE)
		puts(DRY_RUN_NOTE);
	delivery_end(r);
}

static void
send_for_non_provisioned_members(struct run *r)
{
	notice_begin(r);
	notice_find(r, NOTIFY_PROVISIONING_REMINDER);
	send(r, NOTIFY_PROVISIONING_REMINDER, NULL);
}

static void
send_for_recovery_session(struct run *r)
{
	const char *id = options_value(r, "id");
	struct session s;

	if (!session_find(r, id, &s))
		die(EXIT_ABSENT, "the session %s does not exist: `%s` lists them", id,
		    run_command(r, "recovery list_sessions"));
	asked_find_session(r, &s);
	send(r, NOTIFY_RECOVERY_SESSION, NULL);
}

static void
send_for_transaction(struct run *r)
{
	struct notification_asked asked = {.why = options_value(r, "why")};
	bool forced = options_value(r, "force") != NULL;

	run_require_clock(r);
	asked.by = forced ? run_actor(r) : run_starter(r);
	if (forced && (asked.why == NULL || asked.why[0] == '\0'))
		die(EXIT_USAGE, "--force needs --why TEXT: it stays in the books");
	send(r, asked_find_transaction(r, options_value(r, "id"), forced), &asked);
}

static const struct option_spec session_options[] = {
    {.name = "id", .arg = "ID|CODE", .help = "id or code of the session", .is_needed = true},
    {0},
};

static const struct option_spec transaction_options[] = {
    {.name = "id", .arg = "ID", .help = "id of a balance transaction", .is_needed = true},
    {.name = "force", .help = "also when the member was notified of it before"},
    {.name = "why", .arg = "TEXT", .help = "the reason, for those who read it later; needed with --force"},
    {0},
};

const struct command program_commands[] = {PUSH_COMMANDS(PROGRAM_ROW){0}};
