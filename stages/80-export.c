/* export: writes the books as files for other components, a folder for each date.
 *
 * reads    profile, mandate, card_payment, balance_transaction, external_transaction, session, debt; the view acts; creditor
 *          identifier and [support] of the configuration
 * writes   export_set; out/exports/<date>/ (<date>-2 ... when the books changed on that date), the link latest
 * rerun    a set with the same bytes as the newest set of the date is not published; missing files of that set are rendered once
 *          more
 * holds    nothing
 * units    cents; a live debt is the sum of its rows until its session is frozen;
 *          columns have the names of the keys in the output of `alanpay query`, nested ones with a point; datapackage.json
 *          has their types
 * source   Frictionless Data Package v1
 */
#include <string.h>

#include "formats/length.h"
#include "stages/core/api/query.h"
#include "stages/core/home/publish.h"
#include "stages/core/lists/acts.h"
#include "stages/core/members/mandate.h"
#include "stages/stage.h"

#define FOLDER "out/exports"

static const struct column balance_columns[] = {
    {.name = "profile_id", .type = COLUMN_ID, .kind = UUID_PROFILE},
    {.name = "app_id"},
    {.name = "app_user_id"},
    {.name = "amount_in_cents", .type = COLUMN_CENTS},
    {0},
};

static const struct listing balances = {
    .name = "balances",
    .columns = balance_columns,
    .text = SQL(
	"SELECT 0 AS profile_id_owner, number AS profile_id, app_id, app_user_id, balance_in_cents AS amount_in_cents"
	" FROM profile"
	" ORDER BY number"),
};

static const struct listing profiles = {
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

static const struct listing debts = {
    .name = "recovery_debts",
    .columns = debt_columns,
    .text = SQL(
	"SELECT id_owner, id, profile_id_owner, profile_id, recovery_session_id_owner, recovery_session_id, status,"
	"  amount_in_cents, recovered_amount_in_cents, refunded_amount_in_cents"
	" FROM query_debt"
	" ORDER BY id_owner, id"),
};

static const struct listing sessions = {
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

static const struct listing mandates = {
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

static int64_t write_rows(struct run *r, const struct listing *l, struct sink *s);
static int64_t write_acts(struct run *r, const struct listing *l, struct sink *s);
static int64_t write_mandates(struct run *r, const struct listing *l, struct sink *s);
static int64_t write_categories(struct run *r, const struct listing *l, struct sink *s);
static int64_t write_package(struct run *r, const struct listing *l, struct sink *s);
static int64_t write_support(struct run *r, const struct listing *l, struct sink *s);

/* Ordered by name: the digest of a set is made of the hashes in this order. */
static const struct export
{
	const char *file;
	const struct listing *listing; /* of a CSV file */
	int64_t (*write)(struct run * r, const struct listing *l,
	                 struct sink *s); /* returns how many rows of the books */
}
exports[] = {
    {"acts.csv", &acts_listing, write_acts},
    {"alan_balance_transactions.csv", &query_all_transactions, write_rows},
    {"balances.csv", &balances, write_rows},
    {"card_payments.csv", &query_all_payments, write_rows},
    {"datapackage.json", NULL, write_package},
    {"merchant_category_codes.csv", &query_merchant_categories, write_categories},
    {"profiles.csv", &profiles, write_rows},
    {"recovery_debts.csv", &debts, write_rows},
    {"recovery_sessions.csv", &sessions, write_rows},
    {"sepa_mandates.csv", &mandates, write_mandates},
    {"support_config.json", NULL, write_support},
};

static int64_t
write_rows(struct run *r, const struct listing *l, struct sink *s)
{
	return listing_write_csv(r, l, listing_query(r, l), s);
}

static int64_t
write_acts(struct run *r, const struct listing *l, struct sink *s)
{
	struct acts_filter f = {.since = DATE_NONE, .until = DATE_NONE};

	return listing_write_csv(r, l, acts_query(r, &f), s);
}

static int64_t
write_mandates(struct run *r, const struct listing *l, struct sink *s)
{
	struct stmt *q = listing_query(r, l);

	bind_date(q, "$dead_before", mandate_dead_before(r->on));
	return listing_write_csv(r, l, q, s);
}

static int64_t
write_categories(struct run *r, const struct listing *l, struct sink *s)
{
	query_load_merchant_categories(r);
	write_rows(r, l, s);
	return 0;
}

static int64_t
write_support(struct run *r, const struct listing *l, struct sink *s)
{
	struct query a = query_support(r);

	(void)l;
	query_write(r, &a, FORMAT_JSON, s);
	return 0;
}

static void
put_resource(struct json *j, const struct export *x)
{
	json_open(j, NULL, '{');
	json_put_text(j, "name", x->listing->name);
	json_put_text(j, "path", x->file);
	json_put_text(j, "profile", "tabular-data-resource");
	json_open(j, "schema", '{');
	listing_put_fields(j, x->listing);
	json_close(j, '}');
	json_close(j, '}');
}

/* Describes the CSV files; made from the same columns. */
static int64_t
write_package(struct run *r, const struct listing *l, struct sink *s)
{
	struct json j = {.sink = s, .indent = true};
	int i;

	(void)r;
	(void)l;
	json_open(&j, NULL, '{');
	json_put_text(&j, "name", "alan-pay");
	json_put_text(&j, "profile", "tabular-data-package");
	json_open(&j, "resources", '[');
	for (i = 0; i < (int)LENGTH(exports); i++)
		if (exports[i].listing != NULL)
			put_resource(&j, &exports[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	return 0;
}

/* A file that is being rendered, and how many rows it has. */
struct rendering {
	struct run *run;
	const struct export *export;
	int64_t rows;
};

static void
render(struct sink *s, void *ctx)
{
	struct rendering *g = ctx;

	g->rows = g->export->write(g->run, g->export->listing, s);
}

static bool
was_published(struct run *r, const unsigned char digest[SHA256_SIZE])
{
	struct stmt *q =
	    sql(r->db,
	        "SELECT count(*)"
	        " FROM export_set"
	        " WHERE digest = $digest"
	        "  AND number = (SELECT max(number) FROM export_set WHERE business_on = $on)");

	bind_blob(q, "$digest", digest, SHA256_SIZE);
	bind_date(q, "$on", r->on);
	return value(q, 0) > 0;
}

static void
insert_set(struct run *r, int64_t set, const char *folder, const unsigned char digest[SHA256_SIZE])
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO export_set (number, business_on, folder, digest)"
	    " VALUES ($number, $on, $folder, $digest)");

	bind_int(q, "$number", set);
	bind_date(q, "$on", r->on);
	bind_text(q, "$folder", folder);
	bind_blob(q, "$digest", digest, SHA256_SIZE);
	exec(q);
}

/* An interrupted run may have left the link on the set before. */
static void
refresh_latest(struct run *r)
{
	struct stmt *q = sql(r->db, "SELECT folder FROM export_set ORDER BY number DESC LIMIT 1");
	char folder[PATH_SIZE] = "";
	const char *slash;

	while (row(q))
		snprintf(folder, sizeof(folder), "%s", col_text(q, 0));
	slash = strrchr(folder, '/');
	if (slash != NULL)
		publish_view_link(r, FOLDER "/latest", slash + 1);
}

struct set {
	struct run *run;
	int64_t number;
	char folder[PATH_SIZE];
};

/* A set is new when its digest differs from that of the newest set of the date. */
static bool
insert_new_set(const unsigned char digest[static SHA256_SIZE], void *ctx)
{
	const struct set *set = ctx;

	if (was_published(set->run, digest))
		return false;
	insert_set(set->run, set->number, set->folder, digest);
	return true;
}

static bool
publish_set(struct run *r)
{
	struct publish_entry entries[LENGTH(exports)];
	struct rendering renderings[LENGTH(exports)];
	struct set set = {.run = r};
	char wanted[PATH_SIZE], day[DATE_TEXT];
	int64_t rows = 0;
	int i;

	snprintf(wanted, sizeof(wanted), FOLDER "/%s", date_print(day, r->on));
	publish_free_path(r, wanted, set.folder);
	set.number = store_number(r->db, "export_set");
	for (i = 0; i < (int)LENGTH(exports); i++) {
		renderings[i] = (struct rendering){r, &exports[i], 0};
		entries[i] = (struct publish_entry){.name = exports[i].file,
		                                    .kind = "export",
		                                    .owner = set.number,
		                                    .render = render,
		                                    .ctx = &renderings[i]};
	}
	if (!publish_folder(r, set.folder, entries, LENGTH(exports), insert_new_set, &set))
		return false;
	for (i = 0; i < (int)LENGTH(exports); i++)
		rows += renderings[i].rows;
	run_count(r, COUNT_EXPORT_FILES_WRITTEN, (int)LENGTH(exports));
	run_count(r, COUNT_EXPORT_ROWS_WRITTEN, rows);
	return true;
}

static void
write_lost_export(struct sink *s, const struct publish_lost *lost, void *ctx)
{
	int i;

	for (i = 0; i < (int)LENGTH(exports); i++)
		if (strcmp(lost->name, exports[i].file) == 0)
			exports[i].write(ctx, exports[i].listing, s);
}

/* Called when the books still give the bytes of the newest set of the date: its missing files can be rendered once more. Those
 * of an older set cannot, for the books have changed since. */
static void
restore_exports(struct run *r)
{
	struct publish_source source = {.kind = "export", .root = FOLDER, .render = write_lost_export};
	struct stmt *q = sql(r->db, "SELECT max(number) FROM export_set WHERE business_on = $on");

	bind_date(q, "$on", r->on);
	source.owner = value(q, 0);
	publish_restore(r, &source, r->on, r);
}

static void
export_books(struct run *r)
{
	tx_begin(r->db);
	if (publish_set(r)) {
		tx_commit(r->db);
		publish_place(r);
	} else {
		tx_rollback(r->db);
		restore_exports(r);
	}
	refresh_latest(r);
}

const struct stage this_stage = {
    .name = "export",
    .purpose = "write the files for other components",
    .run = export_books,
};
