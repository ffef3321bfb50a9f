/* ledger_json: see ledger_json.h. Reads balance_transaction and external_transaction. */
#include "stages/core/ledger_json.h"
#include "stages/core/listing.h"
#include "stages/core/log.h"

static const struct column external_columns[] = {
    {.name = "id", .type = COLUMN_ID, .kind = UUID_BALANCE_TRANSACTION},
    {.name = "alan_pay_profile_id", .type = COLUMN_ID, .kind = UUID_PROFILE},
    {.name = "alan_pay_recovery_debt_id", .type = COLUMN_ID, .kind = UUID_DEBT},
    {.name = "amount_in_cents", .type = COLUMN_CENTS},
    {.name = "event_type"},
    {.name = "transaction_date", .type = COLUMN_INSTANT},
    {.name = "card_payment"},
    {.name = "sepa_debit"},
    {.name = "external_transaction_id"},
    {.name = "push_notification_sent_at", .type = COLUMN_INSTANT},
    {0},
};

static const struct listing external = {
    NULL,
    "SELECT b.profile_number, b.number, 0, b.profile_number, b.profile_number, b.session_number,"
    "  b.amount_in_cents, 'external_transaction', b.transaction_at, NULL, NULL, x.external_transaction_id,"
    "  b.push_notification_sent_at"
    " FROM balance_transaction b JOIN external_transaction x ON x.profile_number = b.profile_number"
    "  AND x.transaction_number = b.number"
    " WHERE b.profile_number = $profile AND b.number = $number AND b.event = 2",
    external_columns,
};

void
ledger_json_put_external(struct json *j, struct run *r, int64_t profile, int64_t number)
{
	struct stmt *q = sql(r->db, external.text);

	bind_int(q, "$profile", profile);
	bind_int(q, "$number", number);
	if (!row(q))
		die(EXIT_BUG, "profile %lld has no external transaction %lld", (long long)profile,
		    (long long)number);
	json_open(j, NULL, '{');
	listing_put_columns(j, r, &external, q);
	json_close(j, '}');
	reset(q);
}
