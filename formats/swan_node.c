/* swan_node: see swan_node.h. Reads exactly what the documents in formats/swan ask for, aliases included.
 *
 * units    amounts arrive as text with a decimal point and leave as cents; euro only
 */
#include "formats/swan_node.h"

#include <stddef.h>
#include <string.h>

#include "formats/length.h"
#include "formats/text.h"

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

int
swan_check_object(const char *path, const struct json_value *object, struct err *e)
{
	const char *name = path[0] != '\0' ? path : "the node";

	if (object == NULL || object->type == JSON_NULL ||
	    (object->type == JSON_OBJECT && object->number == 0))
		return 0;
	if (object->type == JSON_FAULT)
		return err_set(e, ERR_INVALID_TEXT, "%s: %s", name, object->text);
	if (object->type != JSON_OBJECT)
		return err_set(e, ERR_BAD_FIELD, "%s is not an object", name);
	return err_set(e, ERR_BAD_FIELD, "%s has a key twice, or one that is not a text", name);
}

/* m: the member of that field; NULL: it is absent. */
static int
take_text(const struct json_value *object, const struct swan_field *f, const struct json_value *m,
          const char **text, struct err *e)
{
	*text = NULL;
	if (swan_check_object(f->of, object, e) != 0)
		return -1;
	if (m != NULL && m->type == JSON_FAULT)
		return err_set(e, ERR_INVALID_TEXT, "%s%s%s: %s", f->of, f->of[0] != '\0' ? "." : "", f->name,
		               m->text);
	if (m != NULL && m->type != JSON_TEXT)
		return swan_refuse(f, ERR_BAD_FIELD, "is not a text", e);
	if (m != NULL && m->text[0] != '\0')
		*text = m->text;
	if (*text == NULL && f->required)
		return swan_refuse(f, ERR_MISSING_FIELD, "is missing", e);
	return 0;
}

static int
read_text(const struct json_value *object, const struct swan_field *f, const char **text, struct err *e)
{
	return take_text(object, f, json_member(object, f->name), text, e);
}

static int
take_instant(const struct json_value *object, const struct swan_field *f, const struct json_value *m,
             instant *at, struct err *e)
{
	const char *text;

	*at = INSTANT_NONE;
	if (take_text(object, f, m, &text, e) != 0)
		return -1;
	return text != NULL ? instant_parse(text, at, e) : 0;
}

static int
swan_take_truth(const struct json_value *object, const struct swan_field *f, const struct json_value *m,
                bool *truth, struct err *e)
{
	if (swan_check_object(f->of, object, e) != 0)
		return -1;
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
	const struct json_value *object = NULL, *last = NULL, *m;
	const char *of = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct swan_field *f = &fields[i];
		void *at = (char *)record + f->at;
		int rc = -1;

		if (f->of != of) { /* fields of one object stand together */
			of = f->of;
			object = *of != '\0' ? json_at(node, of) : node;
			last = NULL;
		}
		m = json_member_after(object, &last, f->name);
		switch (f->kind) {
		case FIELD_TEXT:
			rc = take_text(object, f, m, at, e);
			break;
		case FIELD_INSTANT:
			rc = take_instant(object, f, m, at, e);
			break;
		case FIELD_TRUTH:
			rc = swan_take_truth(object, f, m, at, e);
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

int
swan_node_transaction(const struct json_value *node, struct swan_transaction *t, struct err *e)
{
	*t = (struct swan_transaction){0};
	if (read_fields(node, transaction_fields, LENGTH(transaction_fields), t, e) != 0 ||
	    read_amount(node, &t->amount, e) != 0 || read_counterparty(node, t, e) != 0)
		return -1;
	if (strcmp(t->currency, "EUR") != 0)
		return err_set(e, ERR_INVALID_AMOUNT, "amount.currency is not EUR");
	if (strcmp(t->side, "Debit") != 0 && strcmp(t->side, "Credit") != 0)
		return err_set(e, ERR_BAD_FIELD, "side must be Debit or Credit");
	return 0;
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
	if (text_copy(text + *used, SWAN_LIMITS - *used, part) != 0)
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
print_limits(const struct json_value *limits, char text[static SWAN_LIMITS], struct err *e)
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

int
swan_node_card(const struct json_value *node, struct swan_payment_support *p, char limits[static SWAN_LIMITS],
               struct err *e)
{
	*p = (struct swan_payment_support){0};
	if (read_fields(node, card_fields, LENGTH(card_fields), p, e) != 0 ||
	    read_names(json_at(node, "accountMembership"), p, e) != 0 ||
	    read_provisioned(node, &p->is_provisioned, e) != 0 ||
	    print_limits(json_at(node, "spendingLimits"), limits, e) != 0)
		return -1;
	if (strlen(p->account_membership_id) > SWAN_ID)
		return err_set(e, ERR_BAD_FIELD, "accountMembership.id has more than %d bytes", SWAN_ID);
	if (limits[0] != '\0')
		p->spending_limits = limits;
	return 0;
}

int
swan_node_membership(const struct json_value *node, struct swan_payment_support *p, struct err *e)
{
	*p = (struct swan_payment_support){0};
	if (read_fields(node, membership_fields, LENGTH(membership_fields), p, e) != 0)
		return -1;
	return read_names(node, p, e);
}
