/* query: what other components can ask about profiles, payments, transactions, debts and sessions.
 *
 * query_prepare returns the columns and the bound SQL statement of a question; query_write or query_print writes the answer in a
 * format. The export has the same columns, and reads the same views (query_... in views.sql). Amounts are cents: when the member
 * owes, they are negative in a balance transaction and positive in a debt; they are never negative in a payment. Questions about
 * one member read only the rows of that member, through indexes that begin with profile_number.
 */
#ifndef CORE_QUERY_H
#define CORE_QUERY_H

#include "stages/core/lists/listing.h"

struct query {
	const struct listing *listing;
	struct stmt *q; /* bound */
	bool is_one;    /* the answer is an object or null, not a list */
};

void query_write(struct run *r, const struct query *a, enum format format, struct sink *s);
/* Writes the object as a value inside other JSON; dies (70) when there is no object. */
void query_put(struct json *j, const char *key, struct run *r, const struct query *a);
/* To standard output in the format of --format; JSON without it. */
void query_print(struct run *r, const struct query *a);
enum format query_format(const struct run *r);

/* The questions, and the members of `struct about` that each needs. */
enum question {
	QUESTION_BALANCE,             /* profile */
	QUESTION_PROFILE,             /* profile */
	QUESTION_PROFILES,            /* app_id */
	QUESTION_PROVISIONING,        /* profile: whether any card is in a wallet */
	QUESTION_TRANSACTION,         /* profile, number */
	QUESTION_TRANSACTIONS,        /* profile; oldest first, as in all of these */
	QUESTION_CHOSEN_TRANSACTIONS, /* those of query_choose */
	QUESTION_LATEST_PAYMENTS,     /* profile, limit; newest first */
	QUESTION_DEBT,                /* profile, session */
	QUESTION_NEXT_DEBT,           /* profile, on: the debt in the next session */
	QUESTION_DEBTS_OF_MEMBER,     /* profile; by session */
	QUESTION_DEBTS_OF_SESSION,    /* session; by member */
	QUESTION_SESSION,             /* session */
	QUESTION_NEXT_SESSION,        /* on: the first recovery date from this day on, whatever the status */
};

struct about {
	int64_t profile; /* 0: not declared */
	int64_t session, number, limit;
	const char *app_id;
	date on;
};

struct query query_prepare(struct run *r, enum question question, struct about about);
/* Whether the answer has a row; it can still be written. */
bool query_has_rows(const struct query *a);

/* Chooses the transactions of QUESTION_CHOSEN_TRANSACTIONS: query_choose begins an empty list, each of the others adds one id. An
 * id that does not exist or belongs to another member adds nothing; an id that comes twice counts once. */
void query_choose(struct run *r);
void query_choose_id(struct run *r, int64_t profile, const struct uuid *id);
void query_choose_external(struct run *r, const char *external_id);

/* From the configuration: whether members can make appointments (scheduling), and at which address (support). */
struct query query_scheduling(struct run *r);
struct query query_support(struct run *r);

/* The descriptions of merchant category codes: loaded into a temporary table, which the listing reads. */
void query_load_merchant_categories(struct run *r);
extern const struct listing query_merchant_categories;

/* For the export. query_recovered: the numbers of the sessions in which the debt of a member is recovered, each once. */
extern const struct column query_profile_columns[], query_session_columns[], query_transaction_columns[],
    query_all_payments_columns[];
struct stmt *query_recovered(struct run *r, int64_t profile);

/* A `print` of struct column: the creditor identifier of the configuration, whatever the number. */
void query_print_creditor(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE]);

#endif
