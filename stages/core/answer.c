/* answer: see answer.h. */
#include <stdio.h>
#include <string.h>

#include "formats/merchant_category.h"
#include "stages/core/answer.h"
#include "stages/core/config.h"

/* Members ------------------------------------------------------------------------------------------------ */

static const struct column balance_columns[] = {
    ANSWER_PLAIN("amount_in_cents", CENTS),
    ANSWER_PLAIN("profile_found", BOOL),
    {0},
};

/* One row, also for a member that nobody declared. */
static const struct listing balance = {
    NULL,
    "SELECT coalesce(CAST(sum(balance_in_cents) AS BIGINT), 0), count(*) FROM profile WHERE number = $profile",
    balance_columns,
};

static const struct column profile_columns[] = {ANSWER_PROFILE_COLUMNS(""), {0}};

static const struct listing profile_by_number = {
    NULL, "SELECT " ANSWER_PROFILE " FROM profile p WHERE p.number = $profile", profile_columns};

static const struct listing profiles_of_app = {
    NULL, "SELECT " ANSWER_PROFILE " FROM profile p WHERE p.app_id = $app ORDER BY p.number",
    profile_columns};

static const struct column provisioning_columns[] = {ANSWER_PLAIN("has_card_provisioning", BOOL), {0}};

static const struct listing provisioning = {
    NULL,
    "SELECT CASE WHEN count(*) > 0 THEN 1 ELSE 0 END FROM account_membership m JOIN card c ON c.account_membership_id = m.id"
    " WHERE m.profile_number = $profile AND c.is_provisioned = 1",
    provisioning_columns};

/* Transactions and payments ------------------------------------------------------------------------------ */

void
answer_tell_creditor(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE])
{
	(void)number;
	snprintf(text, COLUMN_TEXT_SIZE, "%s", config_text(r->config, CREDITOR_IDENTIFIER));
}

const struct column answer_transaction_columns[] = {
    ANSWER_ID("id", BALANCE_TRANSACTION),
    ANSWER_ID("alan_pay_profile_id", PROFILE),
    ANSWER_ID("alan_pay_recovery_debt_id", DEBT),
    ANSWER_PLAIN("amount_in_cents", CENTS),
    ANSWER_PLAIN("event_type", TEXT),
    ANSWER_PLAIN("transaction_date", INSTANT),
    ANSWER_PAYMENT_COLUMNS("card_payment."),
    ANSWER_ID("sepa_debit.recovery_session_id", SESSION),
    ANSWER_CREDITOR("sepa_debit.sepa_mandate.sepa_creditor_identifier"),
    ANSWER_PLAIN("sepa_debit.sepa_mandate.debtor_name", TEXT),
    ANSWER_PLAIN("sepa_debit.sepa_mandate.debtor_iban", IBAN),
    ANSWER_PLAIN("sepa_debit.sepa_mandate.unique_mandate_reference", TEXT),
    ANSWER_PLAIN("external_transaction_id", TEXT),
    ANSWER_PLAIN("push_notification_sent_at", INSTANT),
    {0},
};

#define ASKED(alias) " AND " alias ".profile_number IN (SELECT profile_number FROM asked)"
/* By transaction_date, then by id, which is made of both numbers. */
#define OLDEST_FIRST " ORDER BY b.transaction_at, b.profile_number, b.number"

static const struct listing transactions_of_member = {NULL,
                                                      ANSWER_WITH_PAYMENTS(ANSWER_ONE) ANSWER_TRANSACTIONS
                                                      " WHERE b.profile_number = $profile" OLDEST_FIRST,
                                                      answer_transaction_columns};

static const struct listing transactions_of_debt = {
    NULL,
    ANSWER_WITH_PAYMENTS(ANSWER_ONE) ANSWER_TRANSACTIONS
    " WHERE b.profile_number = $profile AND b.session_number = $session" OLDEST_FIRST,
    answer_transaction_columns};

static const struct listing transactions_asked = {
    NULL,
    ANSWER_WITH_PAYMENTS(ASKED) ANSWER_TRANSACTIONS
    " WHERE (b.profile_number, b.number) IN (SELECT profile_number, number FROM asked)" OLDEST_FIRST,
    answer_transaction_columns};

static const struct column payment_columns[] = {ANSWER_PAYMENT_COLUMNS(""), {0}};

static const struct listing latest_payments = {
    NULL,
    ANSWER_WITH_PAYMENTS(ANSWER_ONE) " SELECT " ANSWER_PAYMENT " FROM payment p"
				     " WHERE p.status IN ('authorized', 'captured', 'rejected')"
				     " ORDER BY p.effective_at DESC, p.number DESC LIMIT $limit",
    payment_columns};

/* Debts and sessions ------------------------------------------------------------------------------------- */

static const struct column session_columns[] = {ANSWER_SESSION_COLUMNS(""), {0}};

static const struct listing session_by_number = {
    NULL, "SELECT " ANSWER_SESSION " FROM session s WHERE s.number = $session", session_columns};

static const struct column debt_columns[] = {
    ANSWER_ID("id", DEBT),
    ANSWER_PROFILE_COLUMNS("profile."),
    ANSWER_SESSION_COLUMNS("recovery_session."),
    ANSWER_PLAIN("status", TEXT),
    {.name = "transactions", .type = COLUMN_LIST, .list = &transactions_of_debt},
    ANSWER_DEBT_AMOUNT_COLUMNS,
    {0},
};

#define DEBTS                                                                                          \
	"SELECT d.profile_number, d.session_number, " ANSWER_PROFILE ", " ANSWER_SESSION ", d.status," \
	" d.profile_number, d.session_number, " ANSWER_DEBT_AMOUNTS                                    \
	" FROM debt d JOIN profile p ON p.number = d.profile_number JOIN session s ON s.number = d.session_number"

static const struct listing debt_by_numbers = {
    NULL, DEBTS " WHERE d.profile_number = $profile AND d.session_number = $session", debt_columns};

static const struct listing debts_of_member = {
    NULL, DEBTS " WHERE d.profile_number = $profile ORDER BY d.session_number", debt_columns};

static const struct listing debts_of_session = {
    NULL, DEBTS " WHERE d.session_number = $session ORDER BY d.profile_number", debt_columns};

/* What is no row of the books ---------------------------------------------------------------------------- */

static const struct column category_columns[] = {
    ANSWER_PLAIN("code", TEXT),
    ANSWER_PLAIN("description_en", TEXT),
    ANSWER_PLAIN("description_fr", TEXT),
    {0},
};

const struct listing answer_merchant_categories = {
    "merchant_category_codes",
    "SELECT code, description_en, description_fr FROM merchant_category ORDER BY code", category_columns};

void
answer_load_merchant_categories(struct run *r)
{
	char code[5] = "";
	struct stmt *q;

	exec(sql(r->db,
	         "CREATE TEMPORARY TABLE IF NOT EXISTS merchant_category (code TEXT NOT NULL PRIMARY KEY,"
	         " description_en TEXT NOT NULL, description_fr TEXT NOT NULL)"));
	exec(sql(r->db, "DELETE FROM merchant_category WHERE 1 = 1"));
	while (merchant_category_next(code)) {
		q = sql(r->db, "INSERT INTO merchant_category (code, description_en, description_fr)"
		               " VALUES ($code, $en, $fr)");
		bind_text(q, "$code", code);
		bind_text(q, "$en", merchant_category_label(code, MERCHANT_CATEGORY_EN));
		bind_text(q, "$fr", merchant_category_label(code, MERCHANT_CATEGORY_FR));
		exec(q);
	}
}

static const struct column support_columns[] = {
    ANSWER_PLAIN("appointment_scheduling.enabled", BOOL),
    ANSWER_PLAIN("appointment_scheduling.url", TEXT),
    {0},
};

static const struct listing support = {NULL, "SELECT CAST($enabled AS BIGINT), CAST($url AS TEXT)",
                                       support_columns};

static const struct column scheduling_columns[] = {ANSWER_PLAIN("enabled", BOOL), {0}};

static const struct listing scheduling = {NULL, "SELECT CAST($enabled AS BIGINT)", scheduling_columns};

/* -------------------------------------------------------------------------------------------------------- */

static struct answer
about(struct run *r, const struct listing *l, bool is_one)
{
	return (struct answer){l, sql(r->db, l->text), is_one};
}

static struct answer
about_member(struct run *r, const struct listing *l, int64_t profile, bool is_one)
{
	struct answer a = about(r, l, is_one);

	bind_int(a.q, "$profile", profile);
	return a;
}

static struct answer
about_session(struct run *r, const struct listing *l, int64_t session, bool is_one)
{
	struct answer a = about(r, l, is_one);

	bind_int(a.q, "$session", session);
	return a;
}

struct answer
answer_balance(struct run *r, int64_t profile)
{
	return about_member(r, &balance, profile, true);
}

struct answer
answer_transactions(struct run *r, int64_t profile)
{
	return about_member(r, &transactions_of_member, profile, false);
}

struct answer
answer_asked_transactions(struct run *r)
{
	return about(r, &transactions_asked, false);
}

struct answer
answer_latest_payments(struct run *r, int64_t profile, int64_t limit)
{
	struct answer a = about_member(r, &latest_payments, profile, false);

	bind_int(a.q, "$limit", limit);
	return a;
}

struct answer
answer_profile(struct run *r, int64_t profile)
{
	return about_member(r, &profile_by_number, profile, true);
}

struct answer
answer_profiles(struct run *r, const char *app_id)
{
	struct answer a = about(r, &profiles_of_app, false);

	bind_text(a.q, "$app", app_id);
	return a;
}

struct answer
answer_provisioning(struct run *r, int64_t profile)
{
	return about_member(r, &provisioning, profile, true);
}

struct answer
answer_debt(struct run *r, int64_t profile, int64_t session)
{
	struct answer a = about_member(r, &debt_by_numbers, profile, true);

	bind_int(a.q, "$session", session);
	return a;
}

struct answer
answer_debts_of_member(struct run *r, int64_t profile)
{
	return about_member(r, &debts_of_member, profile, false);
}

struct answer
answer_debts_of_session(struct run *r, int64_t session)
{
	return about_session(r, &debts_of_session, session, false);
}

struct answer
answer_session(struct run *r, int64_t session)
{
	return about_session(r, &session_by_number, session, true);
}

int64_t
answer_next_session(struct run *r, date on)
{
	struct stmt *q = sql(r->db, "SELECT number FROM session WHERE recovery_on >= $on"
	                            " ORDER BY recovery_on, number LIMIT 1");

	bind_date(q, "$on", on);
	return value(q, 0);
}

bool
answer_has_profile(struct run *r, int64_t profile)
{
	struct stmt *q = sql(r->db, "SELECT count(*) FROM profile WHERE number = $profile");

	bind_int(q, "$profile", profile);
	return value(q, 0) > 0;
}

bool
answer_has_debt(struct run *r, int64_t profile, int64_t session)
{
	struct stmt *q = sql(r->db, "SELECT count(*) FROM debt"
	                            " WHERE profile_number = $profile AND session_number = $session");

	bind_int(q, "$profile", profile);
	bind_int(q, "$session", session);
	return value(q, 0) > 0;
}

void
answer_ask(struct run *r)
{
	exec(sql(r->db, "CREATE TEMPORARY TABLE IF NOT EXISTS asked (profile_number INTEGER NOT NULL,"
	                " number INTEGER NOT NULL, PRIMARY KEY (profile_number, number))"));
	exec(sql(r->db, "DELETE FROM asked WHERE 1 = 1"));
}

void
answer_ask_for(struct run *r, int64_t profile, const struct uuid *id)
{
	uint32_t owner, number;
	struct stmt *q;

	if (!uuid_split(id, store_id(r->db), UUID_BALANCE_TRANSACTION, &owner, &number) || owner != profile)
		return;
	q = sql(r->db, "INSERT INTO asked (profile_number, number) VALUES ($profile, $number)"
	               " ON CONFLICT (profile_number, number) DO NOTHING");
	bind_int(q, "$profile", profile);
	bind_int(q, "$number", number);
	exec(q);
}

void
answer_ask_for_external(struct run *r, const char *external_id)
{
	struct stmt *q = sql(r->db, "INSERT INTO asked (profile_number, number)"
	                            " SELECT profile_number, transaction_number FROM external_transaction"
	                            " WHERE external_transaction_id = $id AND transaction_number IS NOT NULL"
	                            " ON CONFLICT (profile_number, number) DO NOTHING");

	bind_text(q, "$id", external_id);
	exec(q);
}

struct answer
answer_scheduling(struct run *r)
{
	struct answer a = about(r, &scheduling, true);

	bind_int(a.q, "$enabled", config_yes(r->config, SUPPORT_APPOINTMENT_SCHEDULING_ENABLED));
	return a;
}

struct answer
answer_support(struct run *r)
{
	const char *url = config_text(r->config, SUPPORT_APPOINTMENT_SCHEDULING_URL);
	struct answer a = about(r, &support, true);

	bind_int(a.q, "$enabled", config_yes(r->config, SUPPORT_APPOINTMENT_SCHEDULING_ENABLED));
	bind_text(a.q, "$url", url[0] == '\0' ? NULL : url);
	return a;
}

void
answer_write(struct run *r, const struct answer *a, enum format format, struct sink *s)
{
	if (a->is_one)
		listing_write_one(r, a->listing, a->q, format, s);
	else
		listing_write(r, a->listing, a->q, format, s);
}

enum format
answer_format(const struct run *r)
{
	return r->format_given ? r->format : FORMAT_JSON;
}

void
answer_print(struct run *r, const struct answer *a)
{
	struct sink *s = listing_stdout();

	answer_write(r, a, answer_format(r), s);
	listing_stdout_end(s);
}
