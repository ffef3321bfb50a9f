/* swan: see swan.h. Reads exactly what the documents in formats/swan ask for, aliases included.
 *
 * units    amounts arrive as text with a decimal point and leave as cents; euro only
 * source   GraphQL specification, October 2021, section 7 (response)
 */
#include "formats/swan.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "formats/json.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/text.h"

#define LIMITS_TEXT 1024

struct swan_field {
	const char *of;   /* path of the object it is a member of; "": the node itself */
	const char *name; /* in it */
	size_t at;
	enum { FIELD_TEXT, FIELD_INSTANT, FIELD_TRUTH } kind;
	bool required;
};

#define T(member) offsetof(struct swan_transaction, member)
#define P(member) offsetof(struct swan_payment_support, member)

static const struct swan_field transaction_fields[] = {
    {"", "id", T(id), FIELD_TEXT, true},
    {"", "type", T(type), FIELD_TEXT, true},
    {"", "side", T(side), FIELD_TEXT, true},
    {"", "createdAt", T(created_at), FIELD_INSTANT, true},
    {"", "updatedAt", T(updated_at), FIELD_INSTANT, true},
    {"", "executionDate", T(execution_at), FIELD_INSTANT, false},
    {"", "paymentId", T(payment_id), FIELD_TEXT, false},
    {"", "originTransactionId", T(origin_transaction_id), FIELD_TEXT, false},
    {"", "reference", T(reference), FIELD_TEXT, false},
    {"", "authorizationType", T(authorization_type), FIELD_TEXT, false},
    {"", "counterparty", T(counterparty), FIELD_TEXT, false},
    {"", "label", T(label), FIELD_TEXT, false},
    {"", "externalReference", T(external_reference), FIELD_TEXT, false},
    {"", "returnReason", T(return_reason), FIELD_TEXT, false},
    {"statusInfo", "status", T(status), FIELD_TEXT, true},
    {"statusInfo", "rejectedReason", T(rejected_reason), FIELD_TEXT, false},
    {"statusInfo", "releasedReason", T(released_reason), FIELD_TEXT, false},
    {"statusInfo", "releaseDate", T(released_at), FIELD_INSTANT, false},
    {"statusInfo", "pendingEndDate", T(pending_end_at), FIELD_INSTANT, false},
    {"statusInfo", "bookingDate", T(booked_at), FIELD_INSTANT, false},
    {"statusInfo", "valueDate", T(value_date), FIELD_TEXT, false},
    {"amount", "currency", T(currency), FIELD_TEXT, true},
    {"account", "id", T(account_id), FIELD_TEXT, false},
    {"cardDetails.card", "id", T(card_id), FIELD_TEXT, false},
    {"cardDetails.card.accountMembership", "id", T(account_membership_id), FIELD_TEXT, false},
    {"cardDetails", "maskedPan", T(masked_pan), FIELD_TEXT, false},
    {"merchant", "merchantId", T(merchant_id), FIELD_TEXT, false},
    {"merchant", "merchantName", T(merchant_name), FIELD_TEXT, false},
    {"merchant", "merchantCity", T(merchant_city), FIELD_TEXT, false},
    {"merchant", "merchantCountry", T(merchant_country), FIELD_TEXT, false},
    {"merchant", "merchantPostalCode", T(merchant_postal_code), FIELD_TEXT, false},
    {"merchant", "merchantCategoryCode", T(merchant_category_code), FIELD_TEXT, false},
    {"merchant", "category", T(merchant_category), FIELD_TEXT, false},
    {"originalAmount", "value", T(original_amount), FIELD_TEXT, false},
    {"originalAmount", "currency", T(original_currency), FIELD_TEXT, false},
};

static const struct swan_field card_fields[] = {
    {"", "id", P(card_id), FIELD_TEXT, true},
    {"", "type", P(type), FIELD_TEXT, true},
    {"", "createdAt", P(created_at), FIELD_INSTANT, true},
    {"", "updatedAt", P(updated_at), FIELD_INSTANT, true},
    {"", "name", P(name), FIELD_TEXT, false},
    {"", "cardMaskedNumber", P(masked_number), FIELD_TEXT, false},
    {"", "eCommerce", P(e_commerce), FIELD_TRUTH, true},
    {"", "withdrawal", P(withdrawal), FIELD_TRUTH, true},
    {"", "international", P(international), FIELD_TRUTH, true},
    {"", "nonMainCurrencyTransactions", P(non_main_currency), FIELD_TRUTH, true},
    {"statusInfo", "status", P(status), FIELD_TEXT, true},
    {"accountMembership", "id", P(account_membership_id), FIELD_TEXT, true},
    {"accountMembership", "email", P(membership_email), FIELD_TEXT, false},
    {"accountMembership.statusInfo", "status", P(membership_status), FIELD_TEXT, true},
};

static const struct swan_field membership_fields[] = {
    {"", "id", P(account_membership_id), FIELD_TEXT, true},
    {"", "createdAt", P(created_at), FIELD_INSTANT, true},
    {"", "updatedAt", P(updated_at), FIELD_INSTANT, true},
    {"", "email", P(membership_email), FIELD_TEXT, false},
    {"statusInfo", "status", P(membership_status), FIELD_TEXT, true},
};

static const struct swan_field bound_name[] = {
    {"user", "firstName", P(first_name), FIELD_TEXT, false},
    {"user", "lastName", P(last_name), FIELD_TEXT, false},
};

static const struct swan_field invited_name[] = {
    {"statusInfo.restrictedTo", "firstName", P(first_name), FIELD_TEXT, false},
    {"statusInfo.restrictedTo", "lastName", P(last_name), FIELD_TEXT, false},
};

static int
swan_refuse(const struct swan_field *f, const char *code, const char *what, struct err *e)
{
	return err_set(e, code, "%s%s%s %s", f->of, f->of[0] != '\0' ? "." : "", f->name, what);
}

static int
read_text(const struct json_value *object, const struct swan_field *f, const char **text, struct err *e)
{
	const struct json_value *m = json_member(object, f->name);

	*text = NULL;
	if (m != NULL && m->type != JSON_TEXT)
		return swan_refuse(f, ERR_BAD_FIELD, "is not a text", e);
	if (m != NULL && m->text[0] != '\0')
		*text = m->text;
	if (*text == NULL && f->required)
		return swan_refuse(f, ERR_MISSING_FIELD, "is missing", e);
	return 0;
}

static int
read_instant(const struct json_value *object, const struct swan_field *f, instant *at, struct err *e)
{
	const char *text;

	*at = INSTANT_NONE;
	if (read_text(object, f, &text, e) != 0)
		return -1;
	return text != NULL ? instant_parse(text, at, e) : 0;
}

static int
swan_read_truth(const struct json_value *object, const struct swan_field *f, bool *truth, struct err *e)
{
	const struct json_value *m = json_member(object, f->name);

	if (m == NULL)
		return swan_refuse(f, ERR_MISSING_FIELD, "is missing", e);
	if (m->type != JSON_BOOL)
		return swan_refuse(f, ERR_BAD_FIELD, "must be true or false", e);
	*truth = m->number != 0;
	return 0;
}

static int
read_fields(const struct json_value *node, const struct swan_field fields[], size_t n, void *record,
            struct err *e)
{
	const struct json_value *object = NULL;
	const char *of = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct swan_field *f = &fields[i];
		void *at = (char *)record + f->at;
		int rc = -1;

		if (f->of != of) { /* fields of one object stand together */
			of = f->of;
			object = *of != '\0' ? json_at(node, of) : node;
		}
		switch (f->kind) {
		case FIELD_TEXT:
			rc = read_text(object, f, at, e);
			break;
		case FIELD_INSTANT:
			rc = read_instant(object, f, at, e);
			break;
		case FIELD_TRUTH:
			rc = swan_read_truth(object, f, at, e);
			break;
		}
		if (rc != 0)
			return -1;
	}
	return 0;
}

static int
read_amount(const struct json_value *node, cents *amount, struct err *e)
{
	const struct swan_field value = {"amount", "value", 0, FIELD_TEXT, true};
	const char *text;

	if (read_text(json_at(node, value.of), &value, &text, e) != 0 || money_parse(text, amount, e) != 0)
		return -1;
	if (*amount < 0)
		return swan_refuse(&value, ERR_INVALID_AMOUNT, "is negative: side gives the sign", e);
	return 0;
}

struct page_reader {
	union {
		swan_transaction_fn *transaction;
		swan_payment_support_fn *payment_support;
	} each;
	swan_bad_fn *bad;
	void *ctx;
	size_t length; /* of the page: no node of it is longer */
};

/* What a node reader found: fit to be handed on, bad (*why says so), or the callback stopped the reading. */
enum swan_outcome { TAKEN, BAD, STOPPED };
typedef enum swan_outcome node_fn(const struct page_reader *r, const struct json_value *node, struct err *why,
                                  struct err *e);

static int
check_id(const struct json_value *node, struct err *e)
{
	const struct json_value *id = json_member(node, "id");

	if (id != NULL && id->type == JSON_TEXT && strlen(id->text) > SWAN_ID)
		return err_set(e, ERR_BAD_FIELD, "an id has more than %d bytes", SWAN_ID);
	return 0;
}

/* Of a credit transfer that goes out, and of a direct debit that comes in, the other side is the creditor; otherwise the
 * debtor. So the type says it, also for returns, recalls and reversals, whose money flows back. */
static int
read_counterparty(const struct json_value *node, struct swan_transaction *t, struct err *e)
{
	static const struct swan_field iban[] = {{"debtor", "IBAN", 0, FIELD_TEXT, false},
	                                         {"creditor", "IBAN", 0, FIELD_TEXT, false}};
	static const struct swan_field number[] = {{"debtor", "accountNumber", 0, FIELD_TEXT, false},
	                                           {"creditor", "accountNumber", 0, FIELD_TEXT, false}};
	bool goes_out = strstr(t->type, "Out") != NULL;
	int creditor = goes_out != (strstr(t->type, "DirectDebit") != NULL);
	const struct json_value *other = json_member(node, iban[creditor].of);

	if (read_text(other, &iban[creditor], &t->counterparty_account, e) != 0)
		return -1;
	return t->counterparty_account != NULL
	           ? 0
	           : read_text(other, &number[creditor], &t->counterparty_account, e);
}

static enum swan_outcome
take_transaction(const struct page_reader *r, const struct json_value *node, struct err *why, struct err *e)
{
	struct swan_transaction t = {0};

	if (read_fields(node, transaction_fields, LENGTH(transaction_fields), &t, why) != 0 ||
	    read_amount(node, &t.amount, why) != 0 || read_counterparty(node, &t, why) != 0)
		return BAD;
	if (strcmp(t.currency, "EUR") != 0) {
		err_set(why, ERR_INVALID_AMOUNT, "amount.currency is not EUR");
		return BAD;
	}
	if (strcmp(t.side, "Debit") != 0 && strcmp(t.side, "Credit") != 0) {
		err_set(why, ERR_BAD_FIELD, "side must be Debit or Credit");
		return BAD;
	}
	return r->each.transaction(r->ctx, &t, e) == 0 ? TAKEN : STOPPED;
}

/* A user who is bound has a name of their own; until then only the invitation has one. */
static int
read_names(const struct json_value *membership, struct swan_payment_support *p, struct err *e)
{
	if (read_fields(membership, bound_name, LENGTH(bound_name), p, e) != 0)
		return -1;
	if (p->first_name != NULL || p->last_name != NULL)
		return 0;
	return read_fields(membership, invited_name, LENGTH(invited_name), p, e);
}

static int
swan_append(char *text, size_t *used, const char *part, struct err *e)
{
	if (text_copy(text + *used, LIMITS_TEXT - *used, part) != 0)
		return err_set(e, ERR_BAD_FIELD, "spendingLimits has too many limits");
	*used += strlen(part);
	return 0;
}

static int
append_word(char *text, size_t *used, const struct json_value *object, const char *name, struct err *e)
{
	const struct swan_field word = {"", name, 0, FIELD_TEXT, true};
	const char *value = NULL;

	if (read_text(object, &word, &value, e) != 0)
		return -1;
	if (value == NULL || strpbrk(value, "/|") != NULL)
		return err_set(e, ERR_BAD_FIELD, "spendingLimits: %s is not a valid word", name);
	return swan_append(text, used, value, e);
}

static int
append_cents(char *text, size_t *used, cents amount, struct err *e)
{
	char digits[24], *at = digits + sizeof(digits);

	*--at = '\0';
	do
		*--at = (char)('0' + amount % 10);
	while ((amount /= 10) > 0);
	return swan_append(text, used, at, e);
}

static int
print_limits(const struct json_value *limits, char text[static LIMITS_TEXT], struct err *e)
{
	size_t used = 0;

	text[0] = '\0';
	if (limits == NULL)
		return 0;
	if (limits->type != JSON_ARRAY)
		return err_set(e, ERR_BAD_FIELD, "spendingLimits is not a list");
	json_each (limit, limits) {
		cents amount;

		if ((used > 0 && swan_append(text, &used, "|", e) != 0) ||
		    append_word(text, &used, limit, "type", e) != 0 ||
		    swan_append(text, &used, "/", e) != 0 ||
		    append_word(text, &used, limit, "period", e) != 0 ||
		    swan_append(text, &used, "/", e) != 0 || read_amount(limit, &amount, e) != 0 ||
		    append_cents(text, &used, amount, e) != 0 || swan_append(text, &used, "/", e) != 0 ||
		    append_word(text, &used, json_member(limit, "amount"), "currency", e) != 0)
			return -1;
	}
	return 0;
}

static int
read_provisioned(const struct json_value *node, bool *is_provisioned, struct err *e)
{
	int64_t wallets = -1;

	if (json_int(node, "digitalCards.totalCount", &wallets, e) != 0)
		return -1;
	if (wallets < 0)
		return err_set(e, ERR_MISSING_FIELD, "digitalCards.totalCount is missing");
	*is_provisioned = wallets > 0;
	return 0;
}

static enum swan_outcome
take_card(const struct page_reader *r, const struct json_value *node, struct err *why, struct err *e)
{
	struct swan_payment_support p = {0};
	char limits[LIMITS_TEXT];

	if (read_fields(node, card_fields, LENGTH(card_fields), &p, why) != 0 ||
	    read_names(json_at(node, "accountMembership"), &p, why) != 0 ||
	    read_provisioned(node, &p.is_provisioned, why) != 0 ||
	    print_limits(json_at(node, "spendingLimits"), limits, why) != 0)
		return BAD;
	if (strlen(p.account_membership_id) > SWAN_ID) {
		err_set(why, ERR_BAD_FIELD, "accountMembership.id has more than %d bytes", SWAN_ID);
		return BAD;
	}
	if (limits[0] != '\0')
		p.spending_limits = limits;
	return r->each.payment_support(r->ctx, &p, e) == 0 ? TAKEN : STOPPED;
}

static enum swan_outcome
take_membership(const struct page_reader *r, const struct json_value *node, struct err *why, struct err *e)
{
	struct swan_payment_support p = {0};

	if (read_fields(node, membership_fields, LENGTH(membership_fields), &p, why) != 0 ||
	    read_names(node, &p, why) != 0)
		return BAD;
	return r->each.payment_support(r->ctx, &p, e) == 0 ? TAKEN : STOPPED;
}

static int
hand_to_bad(const struct page_reader *r, const struct json_value *node, const struct err *why, struct err *e)
{
	static const struct json_value nothing = {.type = JSON_NULL};
	struct sink_text text = {.at = memory_check(malloc(r->length + 1)), .size = r->length + 1};
	struct json j = {.sink = sink_into(&text)};
	struct swan_bad bad = {.why = *why};
	struct err unreadable;
	int rc;

	json_put_value(&j, NULL, node != NULL ? node : &nothing);
	rc = sink_end(j.sink, NULL, NULL);
	(void)json_text(node, "account.id", &bad.account_id, &unreadable);
	bad.json = text.at;
	if (json_text(node, "id", &bad.id, &unreadable) != 0 || bad.id == NULL || bad.id[0] == '\0')
		rc = err_set(e, ERR_MISSING_FIELD, "a node without an id cannot be stored: %.120s",
		             why->message);
	else if (rc != 0 || r->bad(r->ctx, &bad) != 0)
		rc = err_set(e, ERR_STOPPED, "the reading was stopped");
	free(text.at);
	return rc;
}

static int
take_nodes(const struct page_reader *r, const struct json_value *edges, node_fn *take, struct swan_page *page,
           struct err *e)
{
	json_each (edge, edges) {
		const struct json_value *node = json_at(edge, "node");
		struct err why = {0};
		enum swan_outcome found;

		if (check_id(node, e) != 0)
			return -1;
		found = take(r, node, &why, e);
		if (found == STOPPED || (found == BAD && hand_to_bad(r, node, &why, e) != 0))
			return -1;
		page->nodes++;
	}
	return 0;
}

static int
check_errors(const struct json_value *answer, struct err *e)
{
	const struct json_value *errors = json_at(answer, "errors");
	const char *message = NULL;
	struct err unreadable;

	if (errors == NULL)
		return 0;
	json_text(errors->child, "message", &message, &unreadable);
	return err_set(e, ERR_SWAN_ERRORS, "Swan answered with errors: %.180s",
	               message != NULL ? message : "without a message");
}

static bool
is_of(const struct json_value *value, enum json_type type)
{
	return value != NULL && value->type == type;
}

static int
read_page_info(const struct json_value *connection, struct swan_page *page, struct err *e)
{
	const char *cursor;

	*page = (struct swan_page){.total_count = -1};
	if (json_int(connection, "totalCount", &page->total_count, e) != 0 ||
	    json_bool(connection, "pageInfo.hasNextPage", &page->has_next_page, e) != 0 ||
	    json_text(connection, "pageInfo.endCursor", &cursor, e) != 0)
		return -1;
	if (page->total_count < 0)
		return err_set(e, ERR_BAD_FIELD, "totalCount is missing");
	if (!is_of(json_at(connection, "pageInfo"), JSON_OBJECT) ||
	    !is_of(json_at(connection, "edges"), JSON_ARRAY))
		return err_set(e, ERR_BAD_FIELD, "pageInfo or edges are missing");
	if (text_copy(page->end_cursor, sizeof(page->end_cursor), cursor) != 0)
		return err_set(e, ERR_BAD_FIELD, "endCursor is longer than 255 bytes");
	return 0;
}

/* The answer of an operation is of the expected type, or a rejection with a message. */
static int
check_type(const struct json_value *payload, const char *expected, struct err *e)
{
	const char *type, *message;

	if (json_text(payload, "__typename", &type, e) != 0 ||
	    json_text(payload, "message", &message, e) != 0)
		return -1;
	if (type != NULL && strcmp(type, expected) != 0)
		return err_set(e, ERR_SWAN_REJECTED, "Swan answered with %.60s: %.150s", type,
		               message != NULL ? message : "without a message");
	return 0;
}

struct connection {
	const char *path, *type;
};

static int
swan_read_page(const char *json, size_t length, const struct connection *c, const struct page_reader *r,
               node_fn *take, struct swan_page *page, struct err *e)
{
	int rc = -1;
	struct json_value *answer = json_parse(json, length, e);
	const struct json_value *connection;

	if (answer == NULL)
		return -1;
	if (check_errors(answer, e) != 0)
		goto out;
	connection = json_at(answer, c->path);
	if (!is_of(connection, JSON_OBJECT)) {
		err_set(e, ERR_BAD_FIELD, "%s is missing", c->path);
		goto out;
	}
	if (check_type(connection, c->type, e) == 0 && read_page_info(connection, page, e) == 0)
		rc = take_nodes(r, json_at(connection, "edges"), take, page, e);
out:
	json_free(answer);
	return rc;
}

int
swan_read_transactions(const char *json, size_t length, swan_transaction_fn *each, swan_bad_fn *bad,
                       void *ctx, struct swan_page *page, struct err *e)
{
	static const struct connection c = {"data.transactions", "TransactionConnection"};
	struct page_reader r = {.each.transaction = each, .bad = bad, .ctx = ctx, .length = length};

	return swan_read_page(json, length, &c, &r, take_transaction, page, e);
}

int
swan_read_cards(const char *json, size_t length, swan_payment_support_fn *each, swan_bad_fn *bad, void *ctx,
                struct swan_page *page, struct err *e)
{
	static const struct connection c = {"data.cards", "CardConnection"};
	struct page_reader r = {.each.payment_support = each, .bad = bad, .ctx = ctx, .length = length};

	return swan_read_page(json, length, &c, &r, take_card, page, e);
}

int
swan_read_memberships(const char *json, size_t length, swan_payment_support_fn *each, swan_bad_fn *bad,
                      void *ctx, struct swan_page *page, struct err *e)
{
	static const struct connection c = {"data.accountMemberships", "AccountMembershipConnection"};
	struct page_reader r = {.each.payment_support = each, .bad = bad, .ctx = ctx, .length = length};

	return swan_read_page(json, length, &c, &r, take_membership, page, e);
}
