/* query: what other components are told of profiles, payments, transactions, debts and sessions.
 *
 * Each question gives a listing and its bound query, which the caller writes in one form or another; the export has
 * the same columns, and reads the same views (query_... in views.sql). Amounts are cents: negative in a balance transaction, positive
 * in a debt, when the member owes; never negative in a payment. Questions about one member read the rows of that
 * member only, through indexes that begin with profile_number.
 */
#ifndef CORE_QUERY_H
#define CORE_QUERY_H

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

/* What the export has of all members, with the columns of the answers. */
extern const struct listing query_all_transactions, query_all_payments;
extern const struct column query_profile_columns[], query_session_columns[];

/* Of a number that is not null: who debits. A `tell` of struct column. */
void query_print_creditor(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE]);

#endif
