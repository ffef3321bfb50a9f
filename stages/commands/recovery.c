/* alanpay recovery: lists, opens and runs recovery sessions, records credit transfers and reverses them. The amount to recover of a session is
 * what its members owe now; what Alan owes other members is not deducted.
 */
#include <stdio.h>
#include <stdlib.h>

#include "formats/money.h"
#include "stages/commands/command.h"
#include "stages/commands/typed.h"
#include "stages/commands/start.h"
#include "stages/core/books/debt.h"
#include "stages/core/books/reversal.h"
#include "stages/core/books/session.h"
#include "stages/core/books/transfer.h"
#include "stages/core/engine/options.h"
#include "stages/core/home/home.h"
#include "stages/core/lists/listing.h"
#include "stages/core/members/profile.h"

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
    {.name = "amount_to_refund_in_cents", .type = COLUMN_CENTS, .head = "to refund EUR"},
    {.name = "recovered_amount_in_cents", .type = COLUMN_CENTS, .head = "recovered EUR"},
    {.name = "refunded_amount_in_cents", .type = COLUMN_CENTS, .head = "refunded EUR"},
    {0},
};

static const struct listing sessions = {
    .name = "recovery list_sessions",
    .columns = session_columns,
    .text = SQL(
	"WITH sums AS ("
	"  SELECT session_number, count(*) FILTER (WHERE amount_in_cents <> 0) AS debts,"
	"   coalesce(CAST(sum(amount_in_cents) FILTER (WHERE amount_in_cents > 0) AS BIGINT), 0) AS to_recover,"
	"   coalesce(-CAST(sum(amount_in_cents) FILTER (WHERE amount_in_cents < 0) AS BIGINT), 0) AS to_refund,"
	"   coalesce(CAST(sum(recovered_in_cents) AS BIGINT), 0) AS recovered,"
	"   coalesce(CAST(sum(refunded_in_cents) AS BIGINT), 0) AS refunded"
	"  FROM debt_amount"
	"  GROUP BY session_number)"
	" SELECT s.code, 0 AS id_owner, s.number AS id,"
	"  s.period_start_on AS recovery_period_start_date,"
	"  s.period_end_on AS recovery_period_end_date,"
	"  s.freeze_on AS freeze_date,"
	"  s.recovery_on AS recovery_date,"
	"  s.status,"
	"  CASE WHEN s.frozen_at IS NULL THEN 0 ELSE 1 END AS is_frozen,"
	"  coalesce(sums.debts, 0) AS debts,"
	"  CASE WHEN s.status = 'pending' THEN coalesce(sums.to_recover, 0) END AS amount_to_recover_in_cents,"
	"  CASE WHEN s.status = 'pending' THEN coalesce(sums.to_refund, 0) END AS amount_to_refund_in_cents,"
	"  CASE WHEN s.status <> 'pending' THEN coalesce(sums.recovered, 0) END AS recovered_amount_in_cents,"
	"  CASE WHEN s.status <> 'pending' THEN coalesce(sums.refunded, 0) END AS refunded_amount_in_cents"
	" FROM session s"
	" LEFT JOIN sums ON sums.session_number = s.number"
	" WHERE $number IS NULL OR s.number = $number"
	" ORDER BY s.period_start_on DESC, s.number DESC"),
};

/* One session, or all (0). */
static void
print_sessions(struct run *r, int64_t number)
{
	struct stmt *q = listing_query(r, &sessions);

	bind_int_or(q, "$number", number, 0);
	listing_print(r, &sessions, q);
}

static void
list_sessions(struct run *r)
{
	print_sessions(r, 0);
}

static date
day_option(const struct run *r, const char *name)
{
	struct err e;
	date on;

	if (date_parse(options_value(r, name), &on, &e) < 0)
		die(EXIT_USAGE, "--%s: %s", name, e.message);
	return on;
}

static void
create_session(struct run *r)
{
	struct session s;

	run_require_clock(r);
	tx_begin(r->db);
	if (!session_create(r, day_option(r, "period-start"), day_option(r, "period-end"),
	                    day_option(r, "freeze-date"), day_option(r, "recovery-date"), &s))
		info("session %s has these days already: nothing changed", s.code);
	debt_assign(r);
	tx_commit(r->db);
	print_sessions(r, s.number);
}

/* Runs two stages for one session; the home is closed meanwhile, so that they can open it. */
static void
run_session(struct run *r)
{
	const char *id = options_value(r, "id"), *const more[] = {"--session", id, NULL};
	struct session s;
	int status;

	if (!session_find(r, id, &s))
		die(EXIT_ABSENT, "the session %s does not exist: `%s` lists them", id,
		    run_command(r, "recovery list_sessions"));
	if (r->dry_run)
		start_rehearsal(r);
	home_close(r);
	status = start_stage(r, "debts", more);
	if (status == EXIT_DONE || status == EXIT_HELD) {
		int collected = start_stage(r, "collect", more);

		if (collected != EXIT_DONE)
			status = collected;
	}
	if (status != EXIT_DONE && status != EXIT_HELD)
		exit(status);
	home_open(r);
	print_sessions(r, s.number);
	r->held = status == EXIT_HELD;
}

static const struct column transfer_columns[] = {
    {.name = "bank_reference"},
    {.name = "app_id"},
    {.name = "app_user_id"},
    {.name = "amount_in_cents", .type = COLUMN_CENTS, .head = "EUR"},
    {.name = "booking_date", .type = COLUMN_DAY},
    {.name = "recorded_by"},
    {.name = "recorded_identity", .head = "known by"},
    {.name = "balance_in_cents", .type = COLUMN_CENTS, .head = "balance EUR"},
    {0},
};

static const struct listing transfer = {
    .name = "recovery record_credit_transfer",
    .columns = transfer_columns,
    .text = SQL(
	"SELECT t.bank_reference, p.app_id, p.app_user_id, t.amount_in_cents, t.booked_on AS booking_date,"
	"  t.recorded_by, t.recorded_identity, p.balance_in_cents"
	" FROM credit_transfer t"
	" JOIN profile p ON p.number = t.profile_number"
	" WHERE t.bank_reference = $reference"),
};

static void
record_credit_transfer(struct run *r)
{
	const char *app = options_value(r, "app-id"), *user = options_value(r, "app-user-id");
	struct transfer t = {.profile = profile_find(r, app, user),
	                     .booked_on = day_option(r, "booking-date"),
	                     .reference = options_value(r, "bank-reference")};
	struct stmt *q = listing_query(r, &transfer);
	char stored[TRANSFER_REFERENCE + 1];

	run_require_clock(r);
	if (t.profile == 0)
		die(EXIT_ABSENT, "Profile not found for app [%s] and user [%s]", app, user);
	t.amount = typed_amount(r, "amount-cents");
	tx_begin(r->db);
	if (!transfer_record(r, &t))
		info("the bank reference %s was recorded before: nothing changed", t.reference);
	(void)transfer_find_reference(r, t.reference, stored);
	tx_commit(r->db);
	bind_text(q, "$reference", stored);
	listing_print(r, &transfer, q);
}

static const struct column reversal_columns[] = {
    {.name = "bank_reference"},
    {.name = "app_id"},
    {.name = "app_user_id"},
    {.name = "amount_in_cents", .type = COLUMN_CENTS, .head = "EUR"},
    {.name = "reversed_on", .type = COLUMN_DAY, .head = "reversed"},
    {.name = "reversed_by"},
    {.name = "reversed_identity", .head = "known by"},
    {.name = "why"},
    {.name = "balance_in_cents", .type = COLUMN_CENTS, .head = "balance EUR"},
    {0},
};

/* What went back of one transfer; of what Swan took back there is no person. */
static const struct listing reversal = {
    .name = "recovery reverse_credit_transfer",
    .columns = reversal_columns,
    .text = SQL(
	"SELECT v.bank_reference, p.app_id, p.app_user_id, v.amount_in_cents, v.booked_on AS reversed_on,"
	"  v.reversed_by, v.reversed_identity, v.why, p.balance_in_cents"
	" FROM transfer_reversal v"
	" JOIN credit_transfer t ON t.bank_reference = v.bank_reference"
	" JOIN profile p ON p.number = t.profile_number"
	" WHERE v.bank_reference = $reference"
	" ORDER BY v.nth"),
};

/* A transfer that came from Swan has an exception, by which it is reversed. */
static void
check_by_hand(struct run *r, const char *reference)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT x.number"
	    " FROM attribution a"
	    " JOIN exception x ON x.kind = 'swan_transaction' AND x.key = a.transaction_id"
	    " WHERE a.bank_reference = $reference");

	bind_text(q, "$reference", reference);
	if (row(q))
		die(EXIT_REFUSED, "%s is a transaction of Swan that was attributed: `%s`", reference,
		    run_command(r, "exceptions reverse --id %lld --decision attributed --why TEXT",
		                (long long)col_int(q, 0)));
}

static void
reverse_credit_transfer(struct run *r)
{
	const char *typed = options_value(r, "bank-reference");
	struct stmt *q = listing_query(r, &reversal);
	char reference[TRANSFER_REFERENCE + 1];

	run_require_clock(r);
	if (!transfer_find_reference(r, typed, reference))
		die(EXIT_ABSENT, "no transfer is recorded under the bank reference %s", typed);
	check_by_hand(r, reference);
	tx_begin(r->db);
	if (!reversal_decide(r, reference, options_value(r, "why")))
		info("nothing is left of the transfer %s, it was reversed before: nothing changed",
		     reference);
	tx_commit(r->db);
	bind_text(q, "$reference", reference);
	listing_print(r, &reversal, q);
	if (r->dry_run && r->format == FORMAT_TABLE)
		puts(DRY_RUN_NOTE);
}

static const struct option_spec create_options[] = {
    {.name = "period-start", .arg = "DAY", .help = "first day of the period", .is_needed = true},
    {.name = "period-end", .arg = "DAY", .help = "last day of the period", .is_needed = true},
    {.name = "freeze-date", .arg = "DAY", .help = "last day on which amounts may change", .is_needed = true},
    {.name = "recovery-date",
     .arg = "DAY",
     .help = "day on which the bank debits, a TARGET day (the bank is open)",
     .is_needed = true},
    {0},
};

static const struct option_spec id_options[] = {
    {.name = "id", .arg = "ID|CODE", .help = "id or code of the session", .is_needed = true},
    {0},
};

static const struct option_spec transfer_options[] = {
    {.name = "app-id", .arg = "APP", .help = "application", .is_needed = true},
    {.name = "app-user-id", .arg = "USER", .help = "user of the application", .is_needed = true},
    TYPED_AMOUNT,
    {.name = "amount-cents", .arg = "CENTS", .help = "the same in cents, for programs: 1250 is 12.50 EUR"},
    {.name = "booking-date", .arg = "DAY", .help = "day on which the bank booked it", .is_needed = true},
    {.name = "bank-reference",
     .arg = "TEXT",
     .help = "reference of the bank, never reused",
     .is_needed = true},
    {0},
};

static const struct option_spec reversal_options[] = {
    {.name = "bank-reference", .arg = "TEXT", .help = "reference of the transfer", .is_needed = true},
    {.name = "why", .arg = "TEXT", .help = "the reason, for those who read it later", .is_needed = true},
    {0},
};

const struct command recovery_commands[] = {
    {"recovery list_sessions", "list the sessions and their amounts, newest first", ACCESS_READS, NULL,
     list_sessions, NULL},
    {"recovery create_session", "open a session by hand", ACCESS_CHANGES, create_options, create_session,
     NULL},
    {"recovery run_session", "freeze a session if it is due, and write its bank files", ACCESS_READS,
     id_options, run_session, NULL},
    {"recovery record_credit_transfer", "record a bank transfer that a member sent", ACCESS_CHANGES,
     transfer_options, record_credit_transfer, NULL},
    {"recovery reverse_credit_transfer", "reverse a transfer that was recorded by hand: it is owed again",
     ACCESS_CHANGES, reversal_options, reverse_credit_transfer, NULL},
    {0},
};
