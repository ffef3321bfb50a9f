/* exported: see exported.h. */
#include "stages/core/api/exported.h"
#include "stages/core/api/query.h"
#include "stages/core/lists/acts.h"
#include "stages/core/members/mandate.h"

static const struct column balance_columns[] = {
    {.name = "profile_id", .type = COLUMN_ID, .kind = UUID_PROFILE},
    {.name = "app_id"},
    {.name = "app_user_id"},
    {.name = "amount_in_cents", .type = COLUMN_CENTS},
    {0},
};

const struct listing exported_balances = {
    .name = "balances",
    .columns = balance_columns,
    .text = SQL(
	"SELECT 0 AS profile_id_owner, number AS profile_id, app_id, app_user_id, balance_in_cents AS amount_in_cents"
	" FROM profile"
	" ORDER BY number"),
};

const struct listing exported_profiles = {
    .name = "profiles",
    .columns = query_profile_columns,
    .text = "SELECT * FROM query_profile ORDER BY id",
};

static const struct column debt_columns[] = {
    {.name = "id", .type = COLUMN_ID, .kind = UUID_DEBT},
    {.name = "profile_id", .type = COLUMN_ID, .kind = UUID_PROFILE},
    {.name = "recovery_session_id", .type = COLUMN_ID, .kind = UUID_SESSION},
    {.name = "status"},
    {.name = "amount_in_cents", .type = COLUMN_CENTS},
    {.name = "recovered_amount_in_cents", .type = COLUMN_CENTS},
    {.name = "refunded_amount_in_cents", .type = COLUMN_CENTS},
    {0},
};

const struct listing exported_debts = {
    .name = "recovery_debts",
    .columns = debt_columns,
    .text = SQL(
	"SELECT id_owner, id, profile_id_owner, profile_id, recovery_session_id_owner, recovery_session_id, status,"
	"  amount_in_cents, recovered_amount_in_cents, refunded_amount_in_cents"
	" FROM query_debt"
	" ORDER BY id_owner, id"),
};

const struct listing exported_sessions = {
    .name = "recovery_sessions",
    .columns = query_session_columns,
    .text = "SELECT * FROM query_session ORDER BY id",
};

static const struct column mandate_columns[] = {
    {.name = "profile_id", .type = COLUMN_ID, .kind = UUID_PROFILE},
    {.name = "sepa_creditor_identifier", .type = COLUMN_PRINTED, .print = query_print_creditor},
    {.name = "debtor_name"},
    {.name = "debtor_iban", .type = COLUMN_IBAN},
    {.name = "unique_mandate_reference"},
    {.name = "signature_date", .type = COLUMN_DAY},
    {.name = "status"},
    {0},
};

const struct listing exported_mandates = {
    .name = "sepa_mandates",
    .columns = mandate_columns,
    .text = SQL(
	"SELECT 0 AS profile_id_owner, profile_number AS profile_id, number AS sepa_creditor_identifier, debtor_name,"
	"  iban AS debtor_iban, reference AS unique_mandate_reference, signed_on AS signature_date,"
	"  " SQL_MANDATE_STATUS("m") " AS status"
	" FROM mandate m"
	" WHERE m.status <> 'superseded'"
	" ORDER BY profile_number"),
};

int64_t
exported_write_rows(struct run *r, const struct listing *l, struct sink *s)
{
	return listing_write_csv(r, l, listing_query(r, l), s);
}

int64_t
exported_write_acts(struct run *r, const struct listing *l, struct sink *s)
{
	struct acts_filter f = {.since = DATE_NONE, .until = DATE_NONE};

	return listing_write_csv(r, l, acts_query(r, &f), s);
}

int64_t
exported_write_mandates(struct run *r, const struct listing *l, struct sink *s)
{
	struct stmt *q = listing_query(r, l);

	bind_date(q, "$dead_before", mandate_dead_before(r->on));
	return listing_write_csv(r, l, q, s);
}

int64_t
exported_write_categories(struct run *r, const struct listing *l, struct sink *s)
{
	query_load_merchant_categories(r);
	exported_write_rows(r, l, s);
	return 0;
}

int64_t
exported_write_support(struct run *r, const struct listing *l, struct sink *s)
{
	struct query a = query_support(r);

	(void)l;
	query_write(r, &a, FORMAT_JSON, s);
	return 0;
}
