/* answer: what other components are told of profiles, payments, transactions, debts and sessions.
 *
 * Each question gives a listing and its bound query, which the caller writes in one form or another; the columns
 * and the SQL below are also those of the export. Amounts are cents: negative in a balance transaction, positive
 * in a debt, when the member owes; never negative in a payment. Questions about one member read the rows of that
 * member only, through indexes that begin with profile_number.
 */
#ifndef CORE_ANSWER_H
#define CORE_ANSWER_H

#include "stages/core/listing.h"

struct answer {
	const struct listing *listing;
	struct stmt *q; /* bound */
	bool is_one;    /* one object or null, and no list */
};

void answer_write(struct run *r, const struct answer *a, enum format format, struct sink *s);
/* To standard output, as --format says; JSON when it does not. */
void answer_print(struct run *r, const struct answer *a);
enum format answer_format(const struct run *r);

/* Of a member; profile 0 is one that nobody declared. */
struct answer answer_balance(struct run *r, int64_t profile);
struct answer answer_transactions(struct run *r, int64_t profile); /* oldest first, as in all of these */
struct answer answer_asked_transactions(struct run *r);
struct answer answer_latest_payments(struct run *r, int64_t profile, int64_t limit); /* newest first */
struct answer answer_profile(struct run *r, int64_t profile);
struct answer answer_provisioning(struct run *r, int64_t profile);
struct answer answer_debt(struct run *r, int64_t profile, int64_t session);
struct answer answer_debts_of_member(struct run *r, int64_t profile);

/* What answer_asked_transactions tells of: begun, then any number of ids, of which those that are unknown or
 * another member's count for nothing, and those that come twice count once. */
void answer_ask(struct run *r);
void answer_ask_for(struct run *r, int64_t profile, const struct uuid *id);
void answer_ask_for_external(struct run *r, const char *external_id);

struct answer answer_profiles(struct run *r, const char *app_id);
struct answer answer_debts_of_session(struct run *r, int64_t session);
struct answer answer_session(struct run *r, int64_t session);
/* The one with the least recovery date that is not before this day, whatever its status; 0 when there is none. */
int64_t answer_next_session(struct run *r, date on);

/* Of the configuration: whether members may make appointments; that, and where. */
struct answer answer_scheduling(struct run *r);
struct answer answer_support(struct run *r);

/* What merchant category codes mean: loaded into a temporary table that the listing reads. */
void answer_load_merchant_categories(struct run *r);
extern const struct listing answer_merchant_categories;

bool answer_has_profile(struct run *r, int64_t profile);
bool answer_has_debt(struct run *r, int64_t profile, int64_t session);

/* Columns ------------------------------------------------------------------------------------------------ */

#define ANSWER_ID(key, of)                                          \
	{                                                           \
		.name = (key), .type = COLUMN_ID, .kind = UUID_##of \
	}
#define ANSWER_PLAIN(key, is)                      \
	{                                          \
		.name = (key), .type = COLUMN_##is \
	}

/* `at` is "" or the object they are in, "card_payment." */
#define ANSWER_PROFILE_COLUMNS(at)                                                                          \
	ANSWER_ID(at "id", PROFILE), ANSWER_PLAIN(at "app_id", TEXT), ANSWER_PLAIN(at "app_user_id", TEXT), \
	    ANSWER_PLAIN(at "status", TEXT),                                                                \
	    ANSWER_PLAIN(at "provisioning_push_notification_sent_at", INSTANT)

#define ANSWER_SESSION_COLUMNS(at)                                                                 \
	ANSWER_ID(at "id", SESSION), ANSWER_PLAIN(at "recovery_period_start_date", DAY),           \
	    ANSWER_PLAIN(at "recovery_period_end_date", DAY), ANSWER_PLAIN(at "freeze_date", DAY), \
	    ANSWER_PLAIN(at "recovery_date", DAY), ANSWER_PLAIN(at "status", TEXT)

#define ANSWER_PAYMENT_COLUMNS(at)                                                                 \
	ANSWER_PLAIN(at "effective_date", INSTANT), ANSWER_PLAIN(at "amount_in_cents", CENTS),     \
	    ANSWER_PLAIN(at "status", TEXT), ANSWER_PLAIN(at "rejection_reason", TEXT),            \
	    ANSWER_PLAIN(at "is_recovered", BOOL), ANSWER_PLAIN(at "merchant_name", TEXT),         \
	    ANSWER_PLAIN(at "merchant_postal_code", TEXT), ANSWER_PLAIN(at "merchant_city", TEXT), \
	    ANSWER_PLAIN(at "merchant_country", TEXT), ANSWER_PLAIN(at "merchant_id", TEXT),       \
	    ANSWER_PLAIN(at "merchant_category_code", TEXT)

#define ANSWER_DEBT_AMOUNT_COLUMNS                                                                \
	ANSWER_PLAIN("amount_in_cents", CENTS), ANSWER_PLAIN("recovered_amount_in_cents", CENTS), \
	    ANSWER_PLAIN("refunded_amount_in_cents", CENTS)

/* Of a number that is not null: who debits. */
#define ANSWER_CREDITOR(key)                                                     \
	{                                                                        \
		.name = (key), .type = COLUMN_TOLD, .tell = answer_tell_creditor \
	}
void answer_tell_creditor(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE]);

extern const struct column answer_transaction_columns[];

/* SQL ---------------------------------------------------------------------------------------------------- */

/* Which members a query is about: a condition on the alias of a table. */
#define ANSWER_ALL(alias) ""
#define ANSWER_ONE(alias) " AND " alias ".profile_number = $profile"

#define ANSWER_PROFILE                                                                               \
	"0, p.number, p.app_id, p.app_user_id, p.status,"                                            \
	" (SELECT n.created_at FROM notification n WHERE n.name = 'alan_pay__provisioning_reminder'" \
	"   AND n.profile_number = p.number AND n.subject = '')"

#define ANSWER_SESSION "0, s.number, s.period_start_on, s.period_end_on, s.freeze_on, s.recovery_on, s.status"

/* Live until the session is frozen. */
#define ANSWER_DEBT_AMOUNTS                                                           \
	"coalesce(d.amount_in_cents, -(SELECT CAST(sum(b.amount_in_cents) AS BIGINT)" \
	"   FROM balance_transaction b WHERE b.session_number = d.session_number"     \
	"    AND b.profile_number = d.profile_number), 0),"                           \
	" d.recovered_in_cents, d.refunded_in_cents"

/* A debt is recovered when it was collected, or when it failed and came back in one that is: what failed and the new
 * row have one source. A payment is recovered when each of its captured rows is in such a debt. */
#define ANSWER_WITH_PAYMENTS(WHO)                                                                                         \
	"WITH RECURSIVE recovered (profile_number, session_number) AS ("                                                  \
	"  SELECT d.profile_number, d.session_number FROM debt d WHERE d.status = 'succeeded'" WHO(                       \
	    "d") "  UNION"                                                                                                \
		 "  SELECT back.profile_number, gone.settled_session FROM recovered v"                                    \
		 "  JOIN balance_transaction back ON back.profile_number = v.profile_number"                              \
		 "   AND back.session_number = v.session_number AND back.event = 3"                                       \
		 "  JOIN balance_transaction gone ON gone.source_kind = back.source_kind"                                 \
		 "   AND gone.source = back.source AND gone.event = 4),"                                                  \
		 " captured AS (SELECT b.profile_number, b.payment_number,"                                               \
		 "   min(CASE WHEN v.session_number IS NULL THEN 0 ELSE 1 END) AS is_recovered"                           \
		 "  FROM balance_transaction b LEFT JOIN recovered v"                                                     \
		 "   ON v.profile_number = b.profile_number AND v.session_number = b.session_number"                      \
		 "  WHERE b.event = 1 AND b.payment_number IS NOT NULL" WHO(                                              \
		     "b") "  GROUP BY b.profile_number, b.payment_number),"                                               \
			  " payment AS (SELECT p.profile_number, p.number, p.effective_at, "                              \
			  "   CASE WHEN p.captured_in_cents > 0 THEN p.captured_in_cents ELSE p.authorized_in_cents END"  \
			  "    AS amount_in_cents,"                                                                       \
			  "   st.word AS status, re.word AS rejection, coalesce(k.is_recovered, 0) AS is_recovered,"      \
			  "   p.merchant_name, p.merchant_postal_code, p.merchant_city, p.merchant_country,"              \
			  "   p.merchant_id, p.merchant_category_code"                                                    \
			  "  FROM card_payment p JOIN code st ON st.number = p.status"                                    \
			  "  LEFT JOIN code re ON re.number = p.rejection AND st.word = 'rejected'"                       \
			  "  LEFT JOIN captured k ON k.profile_number = p.profile_number AND k.payment_number = p.number" \
			  "  WHERE 1 = 1" WHO("p") ")"

#define ANSWER_PAYMENT                                                                   \
	"p.effective_at, p.amount_in_cents, p.status, p.rejection, p.is_recovered,"      \
	" p.merchant_name, p.merchant_postal_code, p.merchant_city, p.merchant_country," \
	" p.merchant_id, p.merchant_category_code"

/* After ANSWER_WITH_PAYMENTS, before a WHERE; the columns of answer_transaction_columns. */
#define ANSWER_TRANSACTIONS                                                                            \
	" SELECT b.profile_number, b.number, 0, b.profile_number, b.profile_number, b.session_number," \
	"  b.amount_in_cents, ev.word, b.transaction_at, " ANSWER_PAYMENT ","                          \
	"  0, CASE WHEN b.event = 4 THEN coalesce(b.settled_session, b.session_number) ELSE NULL END," \
	"  m.number, m.debtor_name, m.iban, m.reference, x.external_transaction_id"                    \
	", b.push_notification_sent_at"                                                                \
	" FROM balance_transaction b JOIN code ev ON ev.number = b.event AND ev.kind = 'event'"        \
	" LEFT JOIN payment p ON b.event IN (1, 6, 7)"                                                 \
	"  AND p.profile_number = b.profile_number AND p.number = b.payment_number"                    \
	" LEFT JOIN collection c ON b.event = 4 AND b.source_kind = 2"                                 \
	"  AND c.profile_number = b.profile_number AND c.session_number = b.settled_session"           \
	"  AND CAST(c.end_to_end_id AS BLOB) = b.source"                                               \
	" LEFT JOIN mandate m ON m.number = c.mandate_number"                                          \
	" LEFT JOIN external_transaction x ON b.event = 2"                                             \
	"  AND x.profile_number = b.profile_number AND x.transaction_number = b.number"

#endif
