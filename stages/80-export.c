/* export: the books as CSV files for other components, a folder a date.
 *
 * reads    profile, mandate, card_payment, balance_transaction, session, debt; the creditor identifier of the
 *          configuration
 * writes   export_set; out/exports/<date>/ (<date>-2 ... when the books changed on that date), the link latest
 * rerun    a set with the bytes of the date's newest one is not published again
 * holds    nothing
 * units    cents; a live debt is the sum of its rows until its session is frozen;
 *          columns are the keys of the answers of `alanpay query`, nested ones with a point
 */
#include <string.h>

#include "stages/core/config.h"
#include "stages/core/listing.h"
#include "stages/core/publish.h"
#include "stages/stage.h"

#define PROFILE(key)     .name = (key), .type = COLUMN_ID, .kind = UUID_PROFILE
#define TRANSACTION(key) .name = (key), .type = COLUMN_ID, .kind = UUID_BALANCE_TRANSACTION
#define PAYMENT(key)     .name = (key), .type = COLUMN_ID, .kind = UUID_CARD_PAYMENT
#define SESSION(key)     .name = (key), .type = COLUMN_ID, .kind = UUID_SESSION
#define DEBT(key)        .name = (key), .type = COLUMN_ID, .kind = UUID_DEBT
#define PLAIN(key, is)   .name = (key), .type = COLUMN_##is

/* A debt that was collected, or that failed and came back in one that was: what failed and the new row have
 * one source. A payment is recovered when each of its captured rows is in such a debt. */
#define WITH_PAYMENTS                                                                                  \
	"WITH RECURSIVE recovered (profile_number, session_number) AS ("                               \
	"  SELECT profile_number, session_number FROM debt WHERE status = 'succeeded'"                 \
	"  UNION"                                                                                      \
	"  SELECT back.profile_number, gone.settled_session FROM recovered v"                          \
	"  JOIN balance_transaction back ON back.profile_number = v.profile_number"                    \
	"   AND back.session_number = v.session_number AND back.event = 3"                             \
	"  JOIN balance_transaction gone ON gone.source_kind = back.source_kind"                       \
	"   AND gone.source = back.source AND gone.event = 4),"                                        \
	" captured AS (SELECT b.profile_number, b.payment_number,"                                     \
	"   min(CASE WHEN v.session_number IS NULL THEN 0 ELSE 1 END) AS is_recovered"                 \
	"  FROM balance_transaction b LEFT JOIN recovered v"                                           \
	"   ON v.profile_number = b.profile_number AND v.session_number = b.session_number"            \
	"  WHERE b.event = 1 AND b.payment_number IS NOT NULL"                                         \
	"  GROUP BY b.profile_number, b.payment_number),"                                              \
	" payment AS (SELECT p.profile_number, p.number, p.effective_at,"                              \
	"   CASE WHEN p.captured_in_cents > 0 THEN p.captured_in_cents ELSE p.authorized_in_cents END" \
	"    AS amount_in_cents,"                                                                      \
	"   st.word AS status, re.word AS rejection, coalesce(k.is_recovered, 0) AS is_recovered,"     \
	"   p.merchant_name, p.merchant_postal_code, p.merchant_city, p.merchant_country,"             \
	"   p.merchant_id, p.merchant_category_code"                                                   \
	"  FROM card_payment p JOIN code st ON st.number = p.status"                                   \
	"  LEFT JOIN code re ON re.number = p.rejection"                                               \
	"  LEFT JOIN captured k ON k.profile_number = p.profile_number AND k.payment_number = p.number)"

#define PAYMENT_COLUMNS                                                                  \
	"p.effective_at, p.amount_in_cents, p.status, p.rejection, p.is_recovered,"      \
	" p.merchant_name, p.merchant_postal_code, p.merchant_city, p.merchant_country," \
	" p.merchant_id, p.merchant_category_code"

static const struct column transaction_columns[] = {
    {TRANSACTION("id")},
    {PROFILE("alan_pay_profile_id")},
    {DEBT("alan_pay_recovery_debt_id")},
    {PLAIN("amount_in_cents", CENTS)},
    {PLAIN("event_type", TEXT)},
    {PLAIN("transaction_date", INSTANT)},
    {PLAIN("card_payment.effective_date", INSTANT)},
    {PLAIN("card_payment.amount_in_cents", CENTS)},
    {PLAIN("card_payment.status", TEXT)},
    {PLAIN("card_payment.rejection_reason", TEXT)},
    {PLAIN("card_payment.is_recovered", BOOL)},
    {PLAIN("card_payment.merchant_name", TEXT)},
    {PLAIN("card_payment.merchant_postal_code", TEXT)},
    {PLAIN("card_payment.merchant_city", TEXT)},
    {PLAIN("card_payment.merchant_country", TEXT)},
    {PLAIN("card_payment.merchant_id", TEXT)},
    {PLAIN("card_payment.merchant_category_code", TEXT)},
    {SESSION("sepa_debit.recovery_session_id")},
    {PLAIN("sepa_debit.sepa_mandate.sepa_creditor_identifier", TEXT)},
    {PLAIN("sepa_debit.sepa_mandate.debtor_name", TEXT)},
    {PLAIN("sepa_debit.sepa_mandate.debtor_iban", IBAN)},
    {PLAIN("sepa_debit.sepa_mandate.unique_mandate_reference", TEXT)},
    {PLAIN("external_transaction_id", KEY)},
    {PLAIN("push_notification_sent_at", INSTANT)},
    {0},
};

static const struct column balance_columns[] = {
    {PROFILE("profile_id")},
    {PLAIN("app_id", TEXT)},
    {PLAIN("app_user_id", TEXT)},
    {PLAIN("amount_in_cents", CENTS)},
    {0},
};

static const struct column payment_columns[] = {
    {PAYMENT("id")},
    {PROFILE("profile_id")},
    {PLAIN("effective_date", INSTANT)},
    {PLAIN("amount_in_cents", CENTS)},
    {PLAIN("status", TEXT)},
    {PLAIN("rejection_reason", TEXT)},
    {PLAIN("is_recovered", BOOL)},
    {PLAIN("merchant_name", TEXT)},
    {PLAIN("merchant_postal_code", TEXT)},
    {PLAIN("merchant_city", TEXT)},
    {PLAIN("merchant_country", TEXT)},
    {PLAIN("merchant_id", TEXT)},
    {PLAIN("merchant_category_code", TEXT)},
    {0},
};

static const struct column profile_columns[] = {
    {PROFILE("id")},
    {PLAIN("app_id", TEXT)},
    {PLAIN("app_user_id", TEXT)},
    {PLAIN("status", TEXT)},
    {PLAIN("provisioning_push_notification_sent_at", INSTANT)},
    {0},
};

static const struct column debt_columns[] = {
    {DEBT("id")},
    {PROFILE("profile_id")},
    {SESSION("recovery_session_id")},
    {PLAIN("status", TEXT)},
    {PLAIN("amount_in_cents", CENTS)},
    {PLAIN("recovered_amount_in_cents", CENTS)},
    {PLAIN("refunded_amount_in_cents", CENTS)},
    {0},
};

static const struct column session_columns[] = {
    {SESSION("id")},
    {PLAIN("recovery_period_start_date", DAY)},
    {PLAIN("recovery_period_end_date", DAY)},
    {PLAIN("freeze_date", DAY)},
    {PLAIN("recovery_date", DAY)},
    {PLAIN("status", TEXT)},
    {0},
};

static const struct column mandate_columns[] = {
    {PROFILE("profile_id")},
    {PLAIN("sepa_creditor_identifier", TEXT)},
    {PLAIN("debtor_name", TEXT)},
    {PLAIN("debtor_iban", IBAN)},
    {PLAIN("unique_mandate_reference", TEXT)},
    {PLAIN("signature_date", DAY)},
    {PLAIN("status", TEXT)},
    {0},
};

/* In the order of their names, in which their hashes make the digest. */
static const struct export
{
	struct listing listing;
	bool names_creditor;
}
exports[] = {
    {{"alan_balance_transactions",
      WITH_PAYMENTS
      " SELECT b.profile_number, b.number, 0, b.profile_number, b.profile_number, b.session_number,"
      "  b.amount_in_cents, ev.word, b.transaction_at, " PAYMENT_COLUMNS ","
      "  0, CASE WHEN b.event = 4 THEN b.settled_session ELSE NULL END,"
      "  CASE WHEN m.number IS NULL THEN NULL ELSE $creditor END,"
      "  m.debtor_name, m.iban, m.reference,"
      "  CASE WHEN b.event = 2 THEN b.source ELSE NULL END, b.push_notification_sent_at"
      " FROM balance_transaction b JOIN code ev ON ev.number = b.event AND ev.kind = 'event'"
      " LEFT JOIN payment p ON b.event IN (1, 6, 7)"
      "  AND p.profile_number = b.profile_number AND p.number = b.payment_number"
      " LEFT JOIN collection c ON b.event = 4 AND b.source_kind = 2"
      "  AND c.profile_number = b.profile_number AND c.session_number = b.settled_session"
      "  AND CAST(c.end_to_end_id AS BLOB) = b.source"
      " LEFT JOIN mandate m ON m.number = c.mandate_number"
      " ORDER BY b.profile_number, b.number",
      transaction_columns},
     true},
    {{"balances", "SELECT 0, number, app_id, app_user_id, balance_in_cents FROM profile ORDER BY number",
      balance_columns},
     false},
    {{"card_payments",
      WITH_PAYMENTS " SELECT p.profile_number, p.number, 0, p.profile_number, " PAYMENT_COLUMNS
                    " FROM payment p ORDER BY p.profile_number, p.number",
      payment_columns},
     false},
    {{"profiles",
      "SELECT 0, p.number, p.app_id, p.app_user_id, p.status, n.created_at"
      " FROM profile p LEFT JOIN notification n ON n.name = 'alan_pay__provisioning_reminder'"
      "  AND n.profile_number = p.number AND n.subject = ''"
      " ORDER BY p.number",
      profile_columns},
     false},
    {{"recovery_debts",
      "SELECT d.profile_number, d.session_number, 0, d.profile_number, 0, d.session_number, d.status,"
      "  coalesce(d.amount_in_cents, -(SELECT CAST(sum(b.amount_in_cents) AS BIGINT)"
      "   FROM balance_transaction b WHERE b.session_number = d.session_number"
      "    AND b.profile_number = d.profile_number), 0),"
      "  d.recovered_in_cents, d.refunded_in_cents"
      " FROM debt d ORDER BY d.profile_number, d.session_number",
      debt_columns},
     false},
    {{"recovery_sessions",
      "SELECT 0, number, period_start_on, period_end_on, freeze_on, recovery_on, status"
      " FROM session ORDER BY number",
      session_columns},
     false},
    {{"sepa_mandates",
      "SELECT 0, profile_number, $creditor, debtor_name, iban, reference, signed_on, status"
      " FROM mandate WHERE status <> 'superseded' ORDER BY profile_number",
      mandate_columns},
     true},
};

#define EXPORTS ((int)(sizeof(exports) / sizeof(exports[0])))

static int64_t
publish_one(struct run *r, const struct export *x, int64_t set, const char *folder,
            unsigned char digest[SHA256_SIZE])
{
	struct stmt *q = sql(r->db, x->listing.text);
	struct publication p;
	char name[64];
	int64_t rows;

	if (x->names_creditor)
		bind_text(q, "$creditor", config_text(r->config, CREDITOR_IDENTIFIER));
	snprintf(name, sizeof(name), "%s.csv", x->listing.name);
	publish_begin_in(&p, r, "export", set, folder, name);
	rows = listing_write_csv(r, &x->listing, q, p.sink);
	publish_end(&p);
	memcpy(digest, p.sha256, SHA256_SIZE);
	return rows;
}

/* All files into the folder; the digest over their hashes says whether two sets are the same. */
static int64_t
publish_set(struct run *r, int64_t set, const char *folder, unsigned char digest[SHA256_SIZE])
{
	unsigned char hash[EXPORTS][SHA256_SIZE];
	int64_t rows = 0;
	int i;

	publish_folder_begin(r, folder);
	for (i = 0; i < EXPORTS; i++)
		rows += publish_one(r, &exports[i], set, folder, hash[i]);
	sha256(hash, sizeof(hash), digest);
	return rows;
}

static bool
is_there(struct run *r, const unsigned char digest[SHA256_SIZE])
{
	struct stmt *q = sql(r->db, "SELECT count(*) FROM export_set WHERE digest = $digest AND number ="
	                            "  (SELECT max(number) FROM export_set WHERE business_on = $on)");

	bind_blob(q, "$digest", digest, SHA256_SIZE);
	bind_date(q, "$on", r->on);
	return value(q, 0) > 0;
}

static void
insert_set(struct run *r, int64_t set, const char *folder, const unsigned char digest[SHA256_SIZE])
{
	struct stmt *q = sql(r->db, "INSERT INTO export_set (number, business_on, folder, digest)"
	                            " VALUES ($number, $on, $folder, $digest)");

	bind_int(q, "$number", set);
	bind_date(q, "$on", r->on);
	bind_text(q, "$folder", folder);
	bind_blob(q, "$digest", digest, SHA256_SIZE);
	exec(q);
}

/* A process killed before it moved the link leaves it to the next. */
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
		publish_view_link(r, "out/exports/latest", slash + 1);
}

static void
export_books(struct run *r)
{
	char wanted[PATH_SIZE], folder[PATH_SIZE], day[DATE_TEXT];
	unsigned char digest[SHA256_SIZE];
	int64_t set, rows;

	snprintf(wanted, sizeof(wanted), "out/exports/%s", date_print(day, r->on));
	tx_begin(r->db);
	publish_free_path(r, wanted, folder);
	set = store_number(r->db, "export_set");
	rows = publish_set(r, set, folder, digest);
	if (is_there(r, digest)) {
		publish_folder_discard(r, folder);
		tx_rollback(r->db);
	} else {
		insert_set(r, set, folder, digest);
		publish_folder_end(r, folder);
		tx_commit(r->db);
		run_count(r, "files", EXPORTS);
		run_count(r, "rows", rows);
	}
	publish_place(r);
	refresh_latest(r);
}

const struct stage this_stage = {
    .name = "export",
    .purpose = "write the CSV files for other components",
    .run = export_books,
};
