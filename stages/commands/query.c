/* alanpay query: what other components ask. The answer is one JSON document, also where other
 * commands print a table; --format csv has the same keys as columns.
 */
#include "stages/commands/command.h"
#include "stages/core/listing.h"

static const struct column balance_columns[] = {
    {.name = "amount_in_cents", .type = COLUMN_CENTS},
    {.name = "profile_found", .type = COLUMN_BOOL},
    {0},
};

/* One row, also for a member that nobody declared. */
static const struct listing balance = {
    NULL,
    "SELECT coalesce(CAST(sum(balance_in_cents) AS BIGINT), 0), count(*) FROM profile"
    " WHERE app_id = $app AND app_user_id = $user",
    balance_columns,
};

static void
get_alan_balance(struct run *r)
{
	struct stmt *q = sql(r->db, balance.text);
	struct sink *s = listing_stdout();

	bind_text(q, "$app", run_option(r, "app-id"));
	bind_text(q, "$user", run_option(r, "app-user-id"));
	listing_write(r, &balance, q, r->format == FORMAT_CSV ? FORMAT_CSV : FORMAT_JSONL, s);
	listing_stdout_end(s);
}

static const struct option_spec member_options[] = {
    {.name = "app-id", .arg = "APP", .help = "the application", .is_needed = true},
    {.name = "app-user-id", .arg = "USER", .help = "its user", .is_needed = true},
    {0},
};

const struct command query_commands[] = {
    {"query get_alan_balance", "what a member owes, as a negative number of cents", ACCESS_READS,
     member_options, get_alan_balance, NULL},
    {0},
};
