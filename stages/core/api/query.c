/* query: see query.h. */
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/merchant_category.h"
#include "stages/core/api/query.h"
#include "stages/core/books/ledger.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/key.h"
#include "stages/core/engine/log.h"

/* Members ------------------------------------------------------------------------------------------------ */

static const struct column balance_columns[] = {
    {.name = "amount_in_cents", .type = COLUMN_CENTS},
    {.name = "profile_found", .type = COLUMN_BOOL},
    {0},
};

/* A member who is not declared gets a row too. */
#define BALANCE \
	SQL("SELECT coalesce(CAST(sum(balance_in_cents) AS BIGINT), 0) AS amount_in_cents," \
	    "  count(*) AS profile_found"                                                   \
	    " FROM profile"                                                                 \
	    " WHERE number = $profile")

/* `at` is "", or the object that has these keys: "profile." */
#define PROFILE_COLUMNS(at)                                                                 \
	{.name = at "id", .type = COLUMN_ID, .kind = UUID_PROFILE}, {.name = at "app_id"},  \
	    {.name = at "app_user_id"}, {.name = at "status"},                              \
	{                                                                                   \
		.name = at "provisioning_push_notification_sent_at", .type = COLUMN_INSTANT \
	}

const struct column query_profile_columns[] = {PROFILE_COLUMNS(""), {0}};

static const struct column provisioning_columns[] = {{.name = "has_card_provisioning", .type = COLUMN_BOOL},
                                                     {0}};

#define PROVISIONING \
	SQL("SELECT CASE WHEN count(*) > 0 THEN 1 ELSE 0 END AS has_card_provisioning" \
	    " FROM account_membership m"                                               \
	    " JOIN card c ON c.account_membership_id = m.id"                           \
	    " WHERE m.profile_number = $profile AND c.is_provisioned = 1"              \
	    "  AND c.status NOT IN ('Canceling', 'Canceled')")

/* Transactions and payments ------------------------------------------------------------------------------ */

void
query_print_creditor(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE])
{
	(void)number;
	snprintf(text, COLUMN_TEXT_SIZE, "%s", config_text(r->config, CREDITOR_IDENTIFIER));
}

/* `at` is "" or "card_payment." */
#define PAYMENT_COLUMNS(at)                                                                                  \
	{.name = at "effective_date", .type = COLUMN_INSTANT},                                               \
	    {.name = at "amount_in_cents", .type = COLUMN_CENTS}, {.name = at "status"},                     \
	    {.name = at "rejection_reason"}, {.name = at "is_recovered", .type = COLUMN_BOOL},               \
	    {.name = at "merchant_name"}, {.name = at "merchant_postal_code"}, {.name = at "merchant_city"}, \
	    {.name = at "merchant_country"}, {.name = at "merchant_id"},                                     \
	{                                                                                                    \
		.name = at "merchant_category_code"                                                          \
	}

const struct column query_transaction_columns[] = {
    {.name = "id", .type = COLUMN_ID, .kind = UUID_BALANCE_TRANSACTION},
    {.name = "alan_pay_profile_id", .type = COLUMN_ID, .kind = UUID_PROFILE},
    {.name = "alan_pay_recovery_debt_id", .type = COLUMN_ID, .kind = UUID_DEBT},
    {.name = "amount_in_cents", .type = COLUMN_CENTS},
    {.name = "event_type"},
    {.name = "transaction_date", .type = COLUMN_INSTANT},
    PAYMENT_COLUMNS("card_payment."),
    {.name = "sepa_debit.recovery_session_id", .type = COLUMN_ID, .kind = UUID_SESSION},
    {.name = "sepa_debit.sepa_mandate.sepa_creditor_identifier",
     .type = COLUMN_PRINTED,
     .print = query_print_creditor},
    {.name = "sepa_debit.sepa_mandate.debtor_name"},
    {.name = "sepa_debit.sepa_mandate.debtor_iban", .type = COLUMN_IBAN},
    {.name = "sepa_debit.sepa_mandate.unique_mandate_reference"},
    {.name = "external_transaction_id"},
    {.name = "push_notification_sent_at", .type = COLUMN_INSTANT},
    {0},
};

static const struct column payment_columns[] = {PAYMENT_COLUMNS(""), {0}};

const struct column query_all_payments_columns[] = {
    {.name = "id", .type = COLUMN_ID, .kind = UUID_CARD_PAYMENT},
    {.name = "profile_id", .type = COLUMN_ID, .kind = UUID_PROFILE},
    PAYMENT_COLUMNS(""),
    {0},
};

/* The members of a query: a condition on the alias of a table. */
#define OF_MEMBER(alias) " AND " alias ".profile_number = $profile"
#define OF_CHOSEN(alias) " AND " alias ".profile_number IN (SELECT profile_number FROM chosen)"

/* A debt is recovered when it was collected or refunded, or when it failed and its amount went into a debt that is recovered.
 * What failed and the row in the later debt have the same source. This is not a view: SQLite would compute it for all members. */
#define WITH_RECOVERED(WHO) \
	SQL_PART("WITH RECURSIVE recovered (profile_number, session_number) AS ("           \
	         " SELECT d.profile_number, d.session_number"                               \
	         " FROM debt d"                                                             \
	         " WHERE d.status = 'succeeded'" WHO("d")                                   \
	         " UNION SELECT back.profile_number, gone.settled_session"                  \
	         " FROM recovered v"                                                        \
	         " JOIN balance_transaction back ON back.profile_number = v.profile_number" \
	         "  AND back.session_number = v.session_number"                             \
	         "  AND " SQL_CAME_BACK("back")                                             \
	         " JOIN balance_transaction gone ON gone.source = back.source"              \
	         "  AND gone.source_kind = " SQL_CODE(SOURCE_COLLECTION)                    \
	         "  AND gone.event = CASE back.event"                                       \
	         "   WHEN " SQL_CODE(EVENT_FAILED_RECOVERY)                                 \
	         "   THEN " SQL_CODE(EVENT_RECOVERY)                                        \
	         "   ELSE " SQL_CODE(EVENT_REFUND) " END)")

/* The columns of a card_payment p, joined with PAYMENT_WORDS, after WITH_RECOVERED; `at` stands before their names. All are null
 * when p is null. A payment is recovered when all its captured rows are in recovered debts. Only failed debts are looked up in
 * `recovered`: they are few. */
#define PAYMENT(at) \
	SQL_PART("p.effective_at AS " at "effective_date,"                                \
	         " CASE WHEN p.captured_in_cents > 0 THEN p.captured_in_cents"            \
	         "  ELSE p.authorized_in_cents END AS " at "amount_in_cents,"             \
	         " st.word AS " at "status,"                                              \
	         " re.word AS " at "rejection_reason,"                                    \
	         " CASE WHEN p.number IS NULL THEN NULL ELSE coalesce(("                  \
	         "   SELECT min(CASE WHEN d.status = 'succeeded' THEN 1"                  \
	         "     WHEN d.status = 'failed' AND (d.profile_number, d.session_number)" \
	         "      IN (SELECT profile_number, session_number FROM recovered) THEN 1" \
	         "     ELSE 0 END)"                                                       \
	         "   FROM balance_transaction o"                                          \
	         "   LEFT JOIN debt d ON d.profile_number = o.profile_number"             \
	         "    AND d.session_number = o.session_number"                            \
	         "   WHERE " LEDGER_CAPTURED("o", "p")                                     \
	         "  ), 0) END AS " at "is_recovered,"                                     \
	         " w.name AS " at "merchant_name,"                               \
	         " w.postal_code AS " at "merchant_postal_code,"                 \
	         " w.city AS " at "merchant_city,"                               \
	         " w.country AS " at "merchant_country,"                         \
	         " w.id AS " at "merchant_id,"                                   \
	         " w.category_code AS " at "merchant_category_code")

#define PAYMENT_WORDS \
	SQL_PART(" LEFT JOIN code st ON st.number = p.status" \
	         " LEFT JOIN code re ON re.number = p.rejection AND st.word = 'rejected'" \
	         " LEFT JOIN merchant w ON w.number = p.merchant_number")

/* Of a card_payment p: something was asked for or captured. Else only what goes back is known of it: that is on the balance. */
#define IS_PURCHASE "(p.captured_in_cents + p.authorized_in_cents > 0 OR st.word <> 'captured')"

/* When the member was notified of an external transaction is stored with it, if another component did it; else it is in
 * `notification`. A payment that was notified when it was authorized counts as notified when it is booked. */
#define TRANSACTIONS(WHO, which) \
	SQL(WITH_RECOVERED(WHO)                                                    \
	    " SELECT b.profile_number AS id_owner, b.number AS id,"                \
	    "  0 AS alan_pay_profile_id_owner,"                                    \
	    "  b.profile_number AS alan_pay_profile_id,"                           \
	    "  b.profile_number AS alan_pay_recovery_debt_id_owner,"               \
	    "  b.session_number AS alan_pay_recovery_debt_id,"                     \
	    "  b.amount_in_cents,"                                                 \
	    "  ev.word AS event_type,"                                             \
	    "  b.transaction_at AS transaction_date,"                              \
	    "  " PAYMENT("card_payment_") ","                                      \
	    "  0 AS sepa_debit_recovery_session_id_owner,"                         \
	    "  CASE WHEN b.event = " SQL_CODE(EVENT_RECOVERY)                      \
	    "   THEN coalesce(b.settled_session, b.session_number)"                \
	    "   ELSE NULL END AS sepa_debit_recovery_session_id,"                  \
	    "  m.number AS sepa_debit_sepa_mandate_sepa_creditor_identifier,"      \
	    "  m.debtor_name AS sepa_debit_sepa_mandate_debtor_name,"              \
	    "  m.iban AS sepa_debit_sepa_mandate_debtor_iban,"                     \
	    "  m.reference AS sepa_debit_sepa_mandate_unique_mandate_reference,"   \
	    "  x.external_transaction_id,"                                         \
	    "  coalesce(b.push_notification_sent_at, ("                            \
	    "    SELECT max(CASE WHEN n.accepted_at > b.transaction_at"            \
	    "     THEN n.accepted_at ELSE b.transaction_at END)"                   \
	    "    FROM notification n"                                              \
	    "    WHERE n.name = CASE WHEN p.number IS NULL"                        \
	    "      THEN 'alan_pay__external_transaction'"                          \
	    "      ELSE 'alan_pay__post_payment' END"                              \
	    "     AND n.profile_number = b.profile_number"                         \
	    "     AND n.subject IN (CAST(coalesce(p.number, b.number) AS TEXT),"   \
	    "      CAST(p.number AS TEXT) || '/2')"                                \
	    "     AND n.state = 'accepted'"                                        \
	    "   )) AS push_notification_sent_at"                                   \
	    " FROM balance_transaction b"                                          \
	    " JOIN code ev ON ev.number = b.event AND ev.kind = 'event'"           \
	    " LEFT JOIN card_payment p"                                            \
	    "  ON p.key = " SQL_KEY("b.profile_number", "b.payment_number")        \
	    "  AND b.event IN (" SQL_CODE(EVENT_CAPTURED_CARD_PAYMENT) ","         \
	    "   " SQL_CODE(EVENT_REJECTED_CARD_PAYMENT) ","                        \
	    "   " SQL_CODE(EVENT_RELEASED_CARD_PAYMENT) ")"                        \
	    PAYMENT_WORDS                                                          \
	    " LEFT JOIN collection c ON b.event = " SQL_CODE(EVENT_RECOVERY)       \
	    "  AND b.source_kind = " SQL_CODE(SOURCE_COLLECTION)                   \
	    "  AND c.profile_number = b.profile_number"                            \
	    "  AND c.session_number = b.settled_session"                           \
	    "  AND CAST(c.end_to_end_id AS BLOB) = b.source"                       \
	    "  AND c.state NOT IN ('cancelled', 'withdrawn')"                       \
	    " LEFT JOIN mandate m ON m.number = c.mandate_number"                  \
	    " LEFT JOIN external_transaction x"                                    \
	    "  ON b.event = " SQL_CODE(EVENT_EXTERNAL_TRANSACTION)                 \
	    "  AND x.profile_number = b.profile_number"                            \
	    "  AND x.transaction_number = b.number"                                \
	    " " which)

/* By transaction_date, then by id, which is made of both numbers. */
#define BY_DATE " ORDER BY b.transaction_at, b.profile_number, b.number"

struct stmt *
query_recovered(struct run *r, int64_t profile)
{
	struct stmt *q = sql(r->db, WITH_RECOVERED(OF_MEMBER) " SELECT session_number FROM recovered");

	bind_int(q, "$profile", profile);
	return q;
}

/* Debts and sessions ------------------------------------------------------------------------------------- */

/* `at` is "" or "recovery_session." */
#define SESSION_COLUMNS(at)                                                \
	{.name = at "id", .type = COLUMN_ID, .kind = UUID_SESSION},        \
	    {.name = at "recovery_period_start_date", .type = COLUMN_DAY}, \
	    {.name = at "recovery_period_end_date", .type = COLUMN_DAY},   \
	    {.name = at "freeze_date", .type = COLUMN_DAY},                \
	    {.name = at "recovery_date", .type = COLUMN_DAY},              \
	{                                                                  \
		.name = at "status"                                        \
	}

const struct column query_session_columns[] = {SESSION_COLUMNS(""), {0}};

static const struct listing transactions_of_debt = {
    .name = "transactions of a debt",
    .columns = query_transaction_columns,
    .text =
	TRANSACTIONS(OF_MEMBER, "WHERE b.profile_number = $profile AND b.session_number = $session" BY_DATE),
};

static const struct column debt_columns[] = {
    {.name = "id", .type = COLUMN_ID, .kind = UUID_DEBT},
    PROFILE_COLUMNS("profile."),
    SESSION_COLUMNS("recovery_session."),
    {.name = "status"},
    {.name = "transactions", .type = COLUMN_LIST, .list = &transactions_of_debt},
    {.name = "amount_in_cents", .type = COLUMN_CENTS},
    {.name = "recovered_amount_in_cents", .type = COLUMN_CENTS},
    {.name = "refunded_amount_in_cents", .type = COLUMN_CENTS},
    {0},
};

/* The session with the first recovery date on or after $on. */
#define NEXT_SESSION \
	SQL("(SELECT n.number"                             \
	    "  FROM session n"                             \
	    "  WHERE n.recovery_on >= $on"                 \
	    "  ORDER BY n.recovery_on, n.number LIMIT 1)")

/* -------------------------------------------------------------------------------------------------------- */

/* The members of struct about that a question takes. */
enum { PROFILE = 1, SESSION = 2, NUMBER = 4, LIMIT = 8, APP = 16, ON = 32 };

#define LATEST_PAYMENTS \
	SQL(WITH_RECOVERED(OF_MEMBER)                                   \
	    " SELECT " PAYMENT("")                                      \
	    " FROM card_payment p"                                      \
	    PAYMENT_WORDS                                               \
	    " WHERE " SQL_OF_MEMBER("p.key", "$profile")                 \
	    "  AND st.word IN ('authorized', 'captured', 'rejected')"   \
	    "  AND " IS_PURCHASE                                        \
	    " ORDER BY p.effective_at DESC, p.number DESC LIMIT $limit")

#define MANY(question, takes, columns, text) [question] = {{#question, text, columns}, takes, false}
#define ONE(question, takes, columns, text)  [question] = {{#question, text, columns}, takes, true}

static const struct {
	struct listing listing;
	unsigned takes;
	bool is_one;
} questions[] = {
    ONE(QUESTION_BALANCE, PROFILE, balance_columns, BALANCE),
    ONE(QUESTION_PROFILE, PROFILE, query_profile_columns, "SELECT * FROM query_profile WHERE id = $profile"),
    MANY(QUESTION_PROFILES, APP, query_profile_columns,
         "SELECT * FROM query_profile WHERE app_id = $app ORDER BY id"),
    ONE(QUESTION_PROVISIONING, PROFILE, provisioning_columns, PROVISIONING),
    ONE(QUESTION_TRANSACTION, PROFILE | NUMBER, query_transaction_columns,
        TRANSACTIONS(OF_MEMBER, "WHERE b.key = " SQL_KEY("$profile", "$number"))),
    MANY(QUESTION_TRANSACTIONS, PROFILE, query_transaction_columns,
         TRANSACTIONS(OF_MEMBER, "WHERE " SQL_OF_MEMBER("b.key", "$profile") BY_DATE)),
    MANY(QUESTION_CHOSEN_TRANSACTIONS, 0, query_transaction_columns,
         TRANSACTIONS(OF_CHOSEN,
                      "WHERE b.key IN"
                      " (SELECT " SQL_KEY("c.profile_number", "c.number") " FROM chosen c)" BY_DATE)),
    MANY(QUESTION_LATEST_PAYMENTS, PROFILE | LIMIT, payment_columns, LATEST_PAYMENTS),
    ONE(QUESTION_DEBT, PROFILE | SESSION, debt_columns,
        "SELECT * FROM query_debt WHERE id_owner = $profile AND id = $session"),
    ONE(QUESTION_NEXT_DEBT, PROFILE | ON, debt_columns,
        "SELECT * FROM query_debt WHERE id_owner = $profile AND id = " NEXT_SESSION),
    MANY(QUESTION_DEBTS_OF_MEMBER, PROFILE, debt_columns,
         "SELECT * FROM query_debt WHERE id_owner = $profile ORDER BY id"),
    MANY(QUESTION_DEBTS_OF_SESSION, SESSION, debt_columns,
         "SELECT * FROM query_debt WHERE id = $session ORDER BY id_owner"),
    ONE(QUESTION_SESSION, SESSION, query_session_columns, "SELECT * FROM query_session WHERE id = $session"),
    ONE(QUESTION_NEXT_SESSION, ON, query_session_columns,
        "SELECT * FROM query_session WHERE id = " NEXT_SESSION),
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
	struct query a = {l, listing_query(r, l), questions[question].is_one};

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

/* Not from the books ------------------------------------------------------------------------------------- */

static const struct column category_columns[] = {
    {.name = "code"}, {.name = "description_en"}, {.name = "description_fr"}, {0}};

const struct listing query_merchant_categories = {
    .name = "merchant_category_codes",
    .columns = category_columns,
    .text = "SELECT code, description_en, description_fr FROM merchant_category ORDER BY code",
};

void
query_load_merchant_categories(struct run *r)
{
	char code[5] = "";
	struct stmt *q;

	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS merchant_category (code TEXT NOT NULL PRIMARY KEY,"
	    "  description_en TEXT NOT NULL, description_fr TEXT NOT NULL)"));
	exec(sql(r->db, "DELETE FROM merchant_category WHERE 1 = 1"));
	while (merchant_category_next(code)) {
		q = sql(r->db,
		    "INSERT INTO merchant_category (code, description_en, description_fr)"
		    " VALUES ($code, $en, $fr)");
		bind_text(q, "$code", code);
		bind_text(q, "$en", merchant_category_label(code, MERCHANT_CATEGORY_EN));
		bind_text(q, "$fr", merchant_category_label(code, MERCHANT_CATEGORY_FR));
		exec(q);
	}
}

static const struct column support_columns[] = {
    {.name = "appointment_scheduling.enabled", .type = COLUMN_BOOL},
    {.name = "appointment_scheduling.url"},
    {0},
};

static const struct listing support = {
    .name = "support_config",
    .columns = support_columns,
    .text = SQL(
	"SELECT CAST($enabled AS BIGINT) AS appointment_scheduling_enabled,"
	"  CAST($url AS TEXT) AS appointment_scheduling_url"),
};

static const struct column scheduling_columns[] = {{.name = "enabled", .type = COLUMN_BOOL}, {0}};

static const struct listing scheduling = {
    .name = "is_support_appointment_scheduling_enabled",
    .columns = scheduling_columns,
    .text = "SELECT CAST($enabled AS BIGINT) AS enabled",
};

void
query_choose(struct run *r)
{
	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS chosen (profile_number INTEGER NOT NULL,"
	    "  number INTEGER NOT NULL, PRIMARY KEY (profile_number, number))"));
	exec(sql(r->db, "DELETE FROM chosen WHERE 1 = 1"));
}

void
query_choose_id(struct run *r, int64_t profile, const struct uuid *id)
{
	uint32_t owner, number;
	struct stmt *q;

	if (!uuid_split(id, store_id(r->db), UUID_BALANCE_TRANSACTION, &owner, &number) || owner != profile)
		return;
	q = sql(r->db,
	    "INSERT INTO chosen (profile_number, number)"
	    " VALUES ($profile, $number)"
	    " ON CONFLICT (profile_number, number) DO NOTHING");
	bind_int(q, "$profile", profile);
	bind_int(q, "$number", number);
	exec(q);
}

void
query_choose_external(struct run *r, const char *external_id)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO chosen (profile_number, number)"
	    " SELECT profile_number, transaction_number"
	    " FROM external_transaction"
	    " WHERE external_transaction_id = $id AND transaction_number IS NOT NULL"
	    " ON CONFLICT (profile_number, number) DO NOTHING");

	bind_text(q, "$id", external_id);
	exec(q);
}

struct query
query_scheduling(struct run *r)
{
	struct query a = {&scheduling, listing_query(r, &scheduling), true};

	bind_int(a.q, "$enabled", config_yes(r->config, SUPPORT_APPOINTMENT_SCHEDULING_ENABLED));
	return a;
}

struct query
query_support(struct run *r)
{
	const char *url = config_text(r->config, SUPPORT_APPOINTMENT_SCHEDULING_URL);
	struct query a = {&support, listing_query(r, &support), true};

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
		die(EXIT_BUG, "the listing %s has no row to write", a->listing->name);
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
