/* swan: pages of Swan's GraphQL answers, and the two CSV files between import and post.
 *
 * Text is byte for byte what Swan sent; NULL is absent or empty. Strings live during the call only.
 * Enumerations are kept as received: Swan adds values, and an unknown one must survive to the CSV. Only a
 * side other than Debit and Credit is refused: without a sign an amount means nothing.
 * source   Swan Live Partner schema of 2026-07-17; the documents in formats/swan ask for these fields
 */
#ifndef FORMATS_SWAN_H
#define FORMATS_SWAN_H

#include <stdbool.h>
#include <stdio.h>

#include "formats/csv.h"
#include "formats/date.h"
#include "formats/err.h"
#include "formats/money.h"
#include "formats/sink.h"

#define SWAN_ID 255 /* most bytes of an id */

struct swan_transaction {
	const char *id, *type, *side, *status;
	cents amount; /* never negative: side carries the sign */
	const char *currency;
	instant created_at, updated_at, execution_at; /* execution: INSTANT_NONE when absent */
	const char *payment_id, *origin_transaction_id, *reference, *account_id, *card_id,
	    *account_membership_id;
	const char *masked_pan, *authorization_type;
	const char *merchant_id, *merchant_name, *merchant_city, *merchant_country, *merchant_postal_code;
	const char *merchant_category_code, *merchant_category;
	const char *rejected_reason, *released_reason;
	instant released_at, pending_end_at, booked_at; /* INSTANT_NONE when absent */
	const char *value_date;                         /* an ISO date or instant, as received */
	const char *original_amount, *original_currency, *counterparty, *label, *external_reference,
	    *return_reason;
	const char *
	    counterparty_account; /* IBAN or account number of the other side of a transfer or direct debit */
};

/* A card and its membership, or a membership without a card (card_id NULL). */
struct swan_payment_support {
	const char *card_id, *type, *status;
	instant created_at, updated_at; /* the card's, or the membership's when there is no card */
	const char *name, *masked_number;
	bool e_commerce, withdrawal, international, non_main_currency, is_provisioned;
	const char *account_membership_id, *membership_status, *membership_email, *first_name, *last_name;
	const char *spending_limits; /* "AccountHolder/Daily/40000/EUR|Partner/Monthly/60000/EUR" */
};

struct swan_page { /* what a connection says of itself */
	bool has_next_page;
	char end_cursor[1024]; /* "" when null */
	int64_t total_count;
	int nodes; /* how many were handed on, to either callback */
};

/* One page, a whole GraphQL answer. An "errors" member that is not an empty list voids it (code swan_errors), so does a __typename
 * of another thing than was asked for (swan_rejected), and anything that is not a page (malformed_json, bad_field). No single
 * node does: one that lacks what must be there (missing_field), has a value that is not valid (bad_field, invalid_date) or that
 * no program can take (invalid_text: half a surrogate, \u0000, bytes that are not UTF-8), or whose amount is not whole euro cents
 * (invalid_amount: three decimals, a comma, another currency) is handed to `bad`, and reading goes on. What was not asked for is
 * not looked at. *page is filled before the first node, except `nodes`. Callbacks return 0, or -1 to stop; those of a
 * good node SWAN_HOLD to have it handed to `bad` with *e. */
enum { SWAN_HOLD = 1 };
struct swan_bad {
	const char *id;         /* NULL: none, or one that is not valid */
	const char *account_id; /* of a transaction, as the next ones; NULL: not known */
	const char *account_membership_id, *card_id;
	cents amount; /* 0: not known */
	/* The node as it was received, whole; a byte that is not UTF-8 as \xE9. */
	const char *json;
	struct err why;
};
typedef int swan_bad_fn(void *ctx, const struct swan_bad *bad);
typedef int swan_transaction_fn(void *ctx, const struct swan_transaction *t, struct err *e);
typedef int swan_payment_support_fn(void *ctx, const struct swan_payment_support *p, struct err *e);

int swan_read_transactions(const char *json, size_t length, swan_transaction_fn *each, swan_bad_fn *bad,
                           void *ctx, struct swan_page *page, struct err *e);
int swan_read_cards(const char *json, size_t length, swan_payment_support_fn *each, swan_bad_fn *bad,
                    void *ctx, struct swan_page *page, struct err *e);
int swan_read_memberships(const char *json, size_t length, swan_payment_support_fn *each, swan_bad_fn *bad,
                          void *ctx, struct swan_page *page, struct err *e);

/* transactions.csv and payment_supports.csv; `row` gets the record's line as well. A row that breaks a rule
 * stops the reading: such a file was not written by import, and nothing of it is applied. Codes as csv_read,
 * missing_field, bad_field, invalid_amount, invalid_date. Writing what could not be read back makes the sink
 * fail. */
void transactions_csv_header(struct csv *c);
void transactions_csv_write(struct csv *c, const struct swan_transaction *t);
typedef int transactions_csv_fn(void *ctx, long line, const struct swan_transaction *t, struct err *e);
int transactions_csv_read(FILE *in, transactions_csv_fn *row, void *ctx, struct err *e);
/* As csv_record_pack and csv_record_unpack. */
size_t swan_transaction_pack(const struct swan_transaction *t, char *to, size_t room);
void swan_transaction_unpack(const char *from, struct swan_transaction *t);

void payment_supports_csv_header(struct csv *c);
void payment_supports_csv_write(struct csv *c, const struct swan_payment_support *p);
typedef int payment_supports_csv_fn(void *ctx, long line, const struct swan_payment_support *p,
                                    struct err *e);
int payment_supports_csv_read(FILE *in, payment_supports_csv_fn *row, void *ctx, struct err *e);

#endif
