/* query: see query.h. */
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/merchant_category.h"
#include "stages/core/api/query.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"

/* Members ------------------------------------------------------------------------------------------------ */

static const struct column balance_columns[] = {
    QUERY_PLAIN("amount_in_cents", CENTS),
    QUERY_PLAIN("profile_found", BOOL),
    {0},
};

static const struct column profile_columns[] = {QUERY_PROFILE_COLUMNS(""), {0}};

static const struct column provisioning_columns[] = {QUERY_PLAIN("has_card_provisioning", BOOL), {0}};

/* Transactions and payments ------------------------------------------------------------------------------ */

void
query_print_creditor(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE])
{
	(void)number;
	snprintf(text, COLUMN_TEXT_SIZE, "%s", config_text(r->config, CREDITOR_IDENTIFIER));
}

const struct column query_transaction_columns[] = {
    QUERY_ID("id", BALANCE_TRANSACTION),
    QUERY_ID("alan_pay_profile_id", PROFILE),
    QUERY_ID("alan_pay_recovery_debt_id", DEBT),
    QUERY_PLAIN("amount_in_cents", CENTS),
    QUERY_PLAIN("event_type", TEXT),
    QUERY_PLAIN("transaction_date", INSTANT),
    QUERY_PAYMENT_COLUMNS("card_payment."),
    QUERY_ID("sepa_debit.recovery_session_id", SESSION),
    QUERY_CREDITOR("sepa_debit.sepa_mandate.sepa_creditor_identifier"),
    QUERY_PLAIN("sepa_debit.sepa_mandate.debtor_name", TEXT),
    QUERY_PLAIN("sepa_debit.sepa_mandate.debtor_iban", IBAN),
    QUERY_PLAIN("sepa_debit.sepa_mandate.unique_mandate_reference", TEXT),
    QUERY_PLAIN("external_transaction_id", TEXT),
    QUERY_PLAIN("push_notification_sent_at", INSTANT),
    {0},
};

static const struct column payment_columns[] = {QUERY_PAYMENT_COLUMNS(""), {0}};

#define ASKED(alias) " AND " alias ".profile_number IN (SELECT profile_number FROM asked)"

/* By transaction_date, then by id, which is made of both numbers. */
#define TRANSACTIONS(WHO, which)   \
	QUERY_WITH_RECOVERED(WHO) \
	QUERY_TRANSACTIONS " WHERE " which " ORDER BY b.transaction_at, b.profile_number, b.number"

#define LATEST_PAYMENTS                                                                            \
	QUERY_WITH_RECOVERED(QUERY_ONE)                                                          \
	" SELECT " QUERY_PAYMENT " FROM card_payment p" QUERY_PAYMENT_WORDS                      \
	" WHERE p.profile_number = $profile AND st.word IN ('authorized', 'captured', 'rejected')" \
	" ORDER BY p.effective_at DESC, p.number DESC LIMIT $limit"

/* Debts and sessions ------------------------------------------------------------------------------------- */

static const struct column session_columns[] = {QUERY_SESSION_COLUMNS(""), {0}};

static const struct listing transactions_of_debt = {
    NULL, TRANSACTIONS(QUERY_ONE, "b.profile_number = $profile AND b.session_number = $session"),
    query_transaction_columns};

static const struct column debt_columns[] = {
    QUERY_ID("id", DEBT),
    QUERY_PROFILE_COLUMNS("profile."),
    QUERY_SESSION_COLUMNS("recovery_session."),
    QUERY_PLAIN("status", TEXT),
    {.name = "transactions", .type = COLUMN_LIST, .list = &transactions_of_debt},
    QUERY_DEBT_AMOUNT_COLUMNS,
    {0},
};

/* The least recovery date that is not before $on. */
#define NEXT_SESSION                                                 \
	"(SELECT n.number FROM session n WHERE n.recovery_on >= $on" \
	" ORDER BY n.recovery_on, n.number LIMIT 1)"

#define DEBTS(which)                                                                                               \
	"SELECT d.profile_number, d.session_number, " QUERY_PROFILE ", " QUERY_SESSION ", d.status,"             \
	" d.profile_number, d.session_number, " QUERY_DEBT_AMOUNTS                                                \
	" FROM debt d JOIN profile p ON p.number = d.profile_number JOIN session s ON s.number = d.session_number" \
	" WHERE " which

/* -------------------------------------------------------------------------------------------------------- */

enum { PROFILE = 1, SESSION = 2, NUMBER = 4, LIMIT = 8, APP = 16, ON = 32 }; /* of struct about */

#define MANY(question, takes, columns, text) [question] = {{NULL, text, columns}, takes, false}
#define ONE(question, takes, columns, text)  [question] = {{NULL, text, columns}, takes, true}

static const struct {
	struct listing listing;
	unsigned takes;
	bool is_one;
} questions[] = {
    /* A row also for a member that nobody declared. */
    ONE(QUESTION_BALANCE, PROFILE, balance_columns,
        "SELECT coalesce(CAST(sum(balance_in_cents) AS BIGINT), 0), count(*)"
        " FROM profile WHERE number = $profile"),
    ONE(QUESTION_PROFILE, PROFILE, profile_columns,
        "SELECT " QUERY_PROFILE " FROM profile p WHERE p.number = $profile"),
    MANY(QUESTION_PROFILES, APP, profile_columns,
         "SELECT " QUERY_PROFILE " FROM profile p WHERE p.app_id = $app ORDER BY p.number"),
    ONE(QUESTION_PROVISIONING, PROFILE, provisioning_columns,
        "SELECT CASE WHEN count(*) > 0 THEN 1 ELSE 0 END FROM account_membership m"
        " JOIN card c ON c.account_membership_id = m.id"
        " WHERE m.profile_number = $profile AND c.is_provisioned = 1"),
    ONE(QUESTION_TRANSACTION, PROFILE | NUMBER, query_transaction_columns,
        TRANSACTIONS(QUERY_ONE, "b.profile_number = $profile AND b.number = $number")),
    MANY(QUESTION_TRANSACTIONS, PROFILE, query_transaction_columns,
         TRANSACTIONS(QUERY_ONE, "b.profile_number = $profile")),
    MANY(QUESTION_ASKED_TRANSACTIONS, 0, query_transaction_columns,
         TRANSACTIONS(ASKED, "(b.profile_number, b.number) IN (SELECT profile_number, number FROM asked)")),
    MANY(QUESTION_LATEST_PAYMENTS, PROFILE | LIMIT, payment_columns, LATEST_PAYMENTS),
    ONE(QUESTION_DEBT, PROFILE | SESSION, debt_columns,
        DEBTS("d.profile_number = $profile AND d.session_number = $session")),
    ONE(QUESTION_NEXT_DEBT, PROFILE | ON, debt_columns,
        DEBTS("d.profile_number = $profile AND d.session_number = " NEXT_SESSION)),
    MANY(QUESTION_DEBTS_OF_MEMBER, PROFILE, debt_columns,
         DEBTS("d.profile_number = $profile ORDER BY d.session_number")),
    MANY(QUESTION_DEBTS_OF_SESSION, SESSION, debt_columns,
         DEBTS("d.session_number = $session ORDER BY d.profile_number")),
    ONE(QUESTION_SESSION, SESSION, session_columns,
        "SELECT " QUERY_SESSION " FROM session s WHERE s.number = $session"),
    ONE(QUESTION_NEXT_SESSION, ON, session_columns,
        "SELECT " QUERY_SESSION " FROM session s WHERE s.number = " NEXT_SESSION),
};

static void
bind_about(struct stmt *q, unsigned takes, const struct about *about)
{
	const struct {
		unsigned what;
		const char *name;
		int64_t value;
	} numbers[] = {{PROFILE, "$profile", about->profile},
	               {SESSION, "$session", about->session},
	               {NUMBER, "$number", about->number},
	               {LIMIT, "$limit", about->limit}};
	size_t i;

	for (i = 0; i < LENGTH(numbers); i++)
		if ((takes & numbers[i].what) != 0)
			bind_int(q, numbers[i].name, numbers[i].value);
	if ((takes & APP) != 0)
		bind_text(q, "$app", about->app_id);
	if ((takes & ON) != 0)
		bind_date(q, "$on", about->on);
}

struct query
query_prepare(struct run *r, enum question question, struct about about)
{
	const struct listing *l = &questions[question].listing;
	struct query a = {l, sql(r->db, l->text), questions[question].is_one};

	bind_about(a.q, questions[question].takes, &about);
	return a;
}

bool
query_has_rows(const struct query *a)
{
	bool there = row(a->q);

	reset(a->q);
	return there;
}

/* What is no row of the books ---------------------------------------------------------------------------- */

static const struct column category_columns[] = {
    QUERY_PLAIN("code", TEXT),
    QUERY_PLAIN("description_en", TEXT),
    QUERY_PLAIN("description_fr", TEXT),
    {0},
};

const struct listing query_merchant_categories = {
    "merchant_category_codes",
    "SELECT code, description_en, description_fr FROM merchant_category ORDER BY code", category_columns};

void
query_load_merchant_categories(struct run *r)
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
    QUERY_PLAIN("appointment_scheduling.enabled", BOOL),
    QUERY_PLAIN("appointment_scheduling.url", TEXT),
    {0},
};

static const struct listing support = {NULL, "SELECT CAST($enabled AS BIGINT), CAST($url AS TEXT)",
                                       support_columns};

static const struct column scheduling_columns[] = {QUERY_PLAIN("enabled", BOOL), {0}};

static const struct listing scheduling = {NULL, "SELECT CAST($enabled AS BIGINT)", scheduling_columns};

void
query_ask(struct run *r)
{
	exec(sql(r->db, "CREATE TEMPORARY TABLE IF NOT EXISTS asked (profile_number INTEGER NOT NULL,"
	                " number INTEGER NOT NULL, PRIMARY KEY (profile_number, number))"));
	exec(sql(r->db, "DELETE FROM asked WHERE 1 = 1"));
}

void
query_ask_for(struct run *r, int64_t profile, const struct uuid *id)
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
query_ask_for_external(struct run *r, const char *external_id)
{
	struct stmt *q = sql(r->db, "INSERT INTO asked (profile_number, number)"
	                            " SELECT profile_number, transaction_number FROM external_transaction"
	                            " WHERE external_transaction_id = $id AND transaction_number IS NOT NULL"
	                            " ON CONFLICT (profile_number, number) DO NOTHING");

	bind_text(q, "$id", external_id);
	exec(q);
}

struct query
query_scheduling(struct run *r)
{
	struct query a = {&scheduling, sql(r->db, scheduling.text), true};

	bind_int(a.q, "$enabled", config_yes(r->config, SUPPORT_APPOINTMENT_SCHEDULING_ENABLED));
	return a;
}

struct query
query_support(struct run *r)
{
	const char *url = config_text(r->config, SUPPORT_APPOINTMENT_SCHEDULING_URL);
	struct query a = {&support, sql(r->db, support.text), true};

	bind_int(a.q, "$enabled", config_yes(r->config, SUPPORT_APPOINTMENT_SCHEDULING_ENABLED));
	bind_text(a.q, "$url", url[0] == '\0' ? NULL : url);
	return a;
}

void
query_write(struct run *r, const struct query *a, enum format format, struct sink *s)
{
	if (a->is_one)
		listing_write_one(r, a->listing, a->q, format, s);
	else
		listing_write(r, a->listing, a->q, format, s);
}

void
query_put(struct json *j, const char *key, struct run *r, const struct query *a)
{
	if (!listing_put_one(j, key, r, a->listing, a->q))
		die(EXIT_BUG, "an answer is to be told, and there is none");
}

enum format
query_format(const struct run *r)
{
	return r->format_given ? r->format : FORMAT_JSON;
}

void
query_print(struct run *r, const struct query *a)
{
	struct sink *s = listing_stdout();

	query_write(r, a, query_format(r), s);
	listing_stdout_end(s);
}
