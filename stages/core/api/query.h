/* query: what other components are told of profiles, payments, transactions, debts and sessions.
 *
 * Each question gives a listing and its bound query, which the caller writes in one form or another; the columns
 * and the SQL below are also those of the export. Amounts are cents: negative in a balance transaction, positive
 * in a debt, when the member owes; never negative in a payment. Questions about one member read the rows of that
 * member only, through indexes that begin with profile_number.
 */
#ifndef CORE_QUERY_H
#define CORE_QUERY_H

#include "stages/core/books/ledger.h"
#include "stages/core/lists/listing.h"

struct query {
	const struct listing *listing;
	struct stmt *q; /* bound */
	bool is_one;    /* one object or null, and no list */
};

void query_write(struct run *r, const struct query *a, enum format format, struct sink *s);
/* The one object, as a value of something larger; dies when there is none. */
void query_put(struct json *j, const char *key, struct run *r, const struct query *a);
/* To standard output, as --format says; JSON when it does not. */
void query_print(struct run *r, const struct query *a);
enum format query_format(const struct run *r);

/* What may be asked, and what of `struct about` it is about. */
enum question {
	QUESTION_BALANCE,            /* profile */
	QUESTION_PROFILE,            /* profile */
	QUESTION_PROFILES,           /* app_id */
	QUESTION_PROVISIONING,       /* profile: whether any card is in a wallet */
	QUESTION_TRANSACTION,        /* profile, number */
	QUESTION_TRANSACTIONS,       /* profile; oldest first, as in all of these */
	QUESTION_ASKED_TRANSACTIONS, /* those of query_ask */
	QUESTION_LATEST_PAYMENTS,    /* profile, limit; newest first */
	QUESTION_DEBT,               /* profile, session */
	QUESTION_NEXT_DEBT,          /* profile, on: the debt in the next session */
	QUESTION_DEBTS_OF_MEMBER,    /* profile; by session */
	QUESTION_DEBTS_OF_SESSION,   /* session; by member */
	QUESTION_SESSION,            /* session */
	QUESTION_NEXT_SESSION, /* on: the least recovery date that is not before it, whatever its status */
};

struct about {
	int64_t profile; /* 0: one that nobody declared */
	int64_t session, number, limit;
	const char *app_id;
	date on;
};

struct query query_prepare(struct run *r, enum question question, struct about about);
/* Whether there is anything to tell; the answer is still to be written. */
bool query_has_rows(const struct query *a);

/* What QUESTION_ASKED_TRANSACTIONS tells of: begun, then any number of ids, of which those that are unknown or
 * another member's count for nothing, and those that come twice count once. */
void query_ask(struct run *r);
void query_ask_for(struct run *r, int64_t profile, const struct uuid *id);
void query_ask_for_external(struct run *r, const char *external_id);

/* Of the configuration: whether members may make appointments; that, and where. */
struct query query_scheduling(struct run *r);
struct query query_support(struct run *r);

/* What merchant category codes mean: loaded into a temporary table that the listing reads. */
void query_load_merchant_categories(struct run *r);
extern const struct listing query_merchant_categories;

/* Columns ------------------------------------------------------------------------------------------------ */

#define QUERY_ID(key, of)                                           \
	{                                                           \
		.name = (key), .type = COLUMN_ID, .kind = UUID_##of \
	}
#define QUERY_PLAIN(key, is)                       \
	{                                          \
		.name = (key), .type = COLUMN_##is \
	}

/* `at` is "" or the object they are in, "card_payment." */
#define QUERY_PROFILE_COLUMNS(at)                                                                        \
	QUERY_ID(at "id", PROFILE), QUERY_PLAIN(at "app_id", TEXT), QUERY_PLAIN(at "app_user_id", TEXT), \
	    QUERY_PLAIN(at "status", TEXT),                                                              \
	    QUERY_PLAIN(at "provisioning_push_notification_sent_at", INSTANT)

#define QUERY_SESSION_COLUMNS(at)                                                                \
	QUERY_ID(at "id", SESSION), QUERY_PLAIN(at "recovery_period_start_date", DAY),           \
	    QUERY_PLAIN(at "recovery_period_end_date", DAY), QUERY_PLAIN(at "freeze_date", DAY), \
	    QUERY_PLAIN(at "recovery_date", DAY), QUERY_PLAIN(at "status", TEXT)

#define QUERY_PAYMENT_COLUMNS(at)                                                                \
	QUERY_PLAIN(at "effective_date", INSTANT), QUERY_PLAIN(at "amount_in_cents", CENTS),     \
	    QUERY_PLAIN(at "status", TEXT), QUERY_PLAIN(at "rejection_reason", TEXT),            \
	    QUERY_PLAIN(at "is_recovered", BOOL), QUERY_PLAIN(at "merchant_name", TEXT),         \
	    QUERY_PLAIN(at "merchant_postal_code", TEXT), QUERY_PLAIN(at "merchant_city", TEXT), \
	    QUERY_PLAIN(at "merchant_country", TEXT), QUERY_PLAIN(at "merchant_id", TEXT),       \
	    QUERY_PLAIN(at "merchant_category_code", TEXT)

#define QUERY_DEBT_AMOUNT_COLUMNS                                                               \
	QUERY_PLAIN("amount_in_cents", CENTS), QUERY_PLAIN("recovered_amount_in_cents", CENTS), \
	    QUERY_PLAIN("refunded_amount_in_cents", CENTS)

/* Of a number that is not null: who debits. */
#define QUERY_CREDITOR(key)                                                      \
	{                                                                        \
		.name = (key), .type = COLUMN_TOLD, .tell = query_print_creditor \
	}
void query_print_creditor(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE]);

extern const struct column query_transaction_columns[];

/* SQL ---------------------------------------------------------------------------------------------------- */

/* Which members a query is about: a condition on the alias of a table. */
#define QUERY_ALL(alias) ""
#define QUERY_ONE(alias) " AND " alias ".profile_number = $profile"

/* When a member was last told of something, by the name of the notification; null: not yet. */
#define QUERY_NOTIFIED_AT(name, profile, subject)                                 \
	"(SELECT max(n.created_at) FROM notification n WHERE n.name = '" name "'" \
	" AND n.profile_number = " profile " AND n.subject = " subject ")"

#define QUERY_PROFILE                                                         \
	"0, p.number, p.app_id, p.app_user_id, p.status, " QUERY_NOTIFIED_AT( \
	    "alan_pay__provisioning_reminder", "p.number", "''")

#define QUERY_SESSION "0, s.number, s.period_start_on, s.period_end_on, s.freeze_on, s.recovery_on, s.status"

/* Live until the session is frozen. */
#define QUERY_DEBT_AMOUNTS                                                            \
	"coalesce(d.amount_in_cents, -(SELECT CAST(sum(b.amount_in_cents) AS BIGINT)" \
	"   FROM balance_transaction b WHERE b.session_number = d.session_number"     \
	"    AND b.profile_number = d.profile_number), 0),"                           \
	" d.recovered_in_cents, d.refunded_in_cents"

/* A debt is recovered when it was collected or refunded, or when it failed and came back in one that is: what failed
 * (a recovery; of source kind 5 a refund) and the row that came back have one source. */
#define QUERY_WITH_RECOVERED(WHO) \
	SQL("WITH RECURSIVE recovered (profile_number, session_number) AS ("                    \
	    " SELECT d.profile_number, d.session_number FROM debt d"                            \
	    "  WHERE d.status = 'succeeded'" WHO("d")                                           \
	    " UNION SELECT back.profile_number, gone.settled_session FROM recovered v"          \
	    " JOIN balance_transaction back ON back.profile_number = v.profile_number"          \
	    "  AND back.session_number = v.session_number AND " SQL_CAME_BACK("back")           \
	    " JOIN balance_transaction gone ON gone.source_kind = " SQL_CODE(SOURCE_COLLECTION) \
	    "  AND gone.source = back.source AND gone.event = CASE back.event"                  \
	    "   WHEN " SQL_CODE(EVENT_FAILED_RECOVERY) " THEN " SQL_CODE(EVENT_RECOVERY)        \
	    "   ELSE " SQL_CODE(EVENT_REFUND) " END)")

/* After QUERY_WITH_RECOVERED, of a card_payment p and its QUERY_PAYMENT_WORDS; all null when there is no p. A payment
 * is recovered when each of its captured rows is in a debt that is; those that failed are few, so that only they look
 * for what they came back in. */
#define QUERY_PAYMENT \
	SQL("p.effective_at,"                                                            \
	    " CASE WHEN p.captured_in_cents > 0"                                         \
	    "  THEN p.captured_in_cents ELSE p.authorized_in_cents END,"                 \
	    " st.word, re.word,"                                                         \
	    " CASE WHEN p.number IS NULL THEN NULL ELSE coalesce(("                      \
	    "   SELECT min(CASE WHEN d.status = 'succeeded' THEN 1"                      \
	    "     WHEN d.status = 'failed' AND (d.profile_number, d.session_number)"     \
	    "      IN (SELECT profile_number, session_number FROM recovered) THEN 1"     \
	    "     ELSE 0 END)"                                                           \
	    "   FROM balance_transaction o LEFT JOIN debt d"                             \
	    "    ON d.profile_number = o.profile_number"                                 \
	    "     AND d.session_number = o.session_number"                               \
	    "   WHERE o.profile_number = p.profile_number AND o.payment_number = p.number" \
	    "    AND o.event = " SQL_CODE(EVENT_CAPTURED_CARD_PAYMENT) "), 0) END,"      \
	    " p.merchant_name, p.merchant_postal_code, p.merchant_city,"                 \
	    " p.merchant_country, p.merchant_id, p.merchant_category_code")

#define QUERY_PAYMENT_WORDS                          \
	" LEFT JOIN code st ON st.number = p.status" \
	" LEFT JOIN code re ON re.number = p.rejection AND st.word = 'rejected'"

#define QUERY_PAYMENT_NOTIFIED_AT \
	QUERY_NOTIFIED_AT("alan_pay__post_payment", "p.profile_number", "CAST(p.number AS TEXT)")

/* After QUERY_WITH_RECOVERED, before a WHERE; the columns of query_transaction_columns. Of an external transaction others
 * say when the member was told, of a payment we know. */
#define QUERY_TRANSACTIONS \
	SQL(" SELECT b.profile_number, b.number, 0, b.profile_number, b.profile_number,"               \
	    "  b.session_number, b.amount_in_cents, ev.word, b.transaction_at, " QUERY_PAYMENT ","     \
	    "  0, CASE WHEN b.event = " SQL_CODE(EVENT_RECOVERY)                                       \
	    "   THEN coalesce(b.settled_session, b.session_number) ELSE NULL END,"                     \
	    "  m.number, m.debtor_name, m.iban, m.reference, x.external_transaction_id,"               \
	    "  CASE WHEN p.number IS NULL THEN b.push_notification_sent_at"                            \
	    "   ELSE " QUERY_PAYMENT_NOTIFIED_AT " END"                                                \
	    " FROM balance_transaction b JOIN code ev ON ev.number = b.event AND ev.kind = 'event'"    \
	    " LEFT JOIN card_payment p ON b.event IN (" SQL_CODE(EVENT_CAPTURED_CARD_PAYMENT) ", "     \
	    SQL_CODE(EVENT_REJECTED_CARD_PAYMENT) ", " SQL_CODE(EVENT_RELEASED_CARD_PAYMENT) ")"       \
	    "  AND p.profile_number = b.profile_number AND p.number = b.payment_number"                \
	    QUERY_PAYMENT_WORDS                                                                        \
	    " LEFT JOIN collection c ON b.event = " SQL_CODE(EVENT_RECOVERY)                           \
	    "  AND b.source_kind = " SQL_CODE(SOURCE_COLLECTION)                                       \
	    "  AND c.profile_number = b.profile_number AND c.session_number = b.settled_session"       \
	    "  AND CAST(c.end_to_end_id AS BLOB) = b.source AND c.state <> 'cancelled'"                \
	    " LEFT JOIN mandate m ON m.number = c.mandate_number"                                      \
	    " LEFT JOIN external_transaction x ON b.event = " SQL_CODE(EVENT_EXTERNAL_TRANSACTION)     \
	    "  AND x.profile_number = b.profile_number AND x.transaction_number = b.number")

#endif
