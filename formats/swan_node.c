/* swan_node: see swan_node.h. Reads exactly what the documents in formats/swan ask for, aliases included.
 *
 * units    amounts arrive as text with a decimal point and leave as cents; euro only
 */
#include "formats/swan_node.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/text.h"

struct swan_field {
	const char *of;   /* path of the object it is a member of; "": the node itself */
	const char *name; /* in it */
	size_t at;
	enum {
		FIELD_TEXT,
		FIELD_INSTANT,
		FIELD_TRUTH,
		FIELD_OTHER
	} kind; /* other: read apart from the rest */
	bool required;
};

#define T(member) offsetof(struct swan_transaction, member)
#define P(member) offsetof(struct swan_payment_support, member)

/* In the order of the documents, which is that of the answers. */
static const struct swan_field transaction_fields[] = {
    {"", "id", T(id), FIELD_TEXT, true},
    {"", "type", T(type), FIELD_TEXT, true},
    {"", "side", T(side), FIELD_TEXT, true},
    {"amount", "value", 0, FIELD_OTHER, true},
    {"amount", "currency", T(currency), FIELD_TEXT, true},
    {"", "createdAt", T(created_at), FIELD_INSTANT, true},
    {"", "updatedAt", T(updated_at), FIELD_INSTANT, true},
    {"", "executionDate", T(execution_at), FIELD_INSTANT, false},
    {"", "paymentId", T(payment_id), FIELD_TEXT, false},
    {"", "originTransactionId", T(origin_transaction_id), FIELD_TEXT, false},
    {"", "reference", T(reference), FIELD_TEXT, false},
    {"", "label", T(label), FIELD_TEXT, false},
    {"", "counterparty", T(counterparty), FIELD_TEXT, false},
    {"", "externalReference", T(external_reference), FIELD_TEXT, false},
    {"account", "id", T(account_id), FIELD_TEXT, false},
    {"statusInfo", "status", T(status), FIELD_TEXT, true},
    {"statusInfo", "bookingDate", T(booked_at), FIELD_INSTANT, false},
    {"statusInfo", "valueDate", T(value_date), FIELD_TEXT, false},
    {"statusInfo", "pendingEndDate", T(pending_end_at), FIELD_INSTANT, false},
    {"statusInfo", "rejectedReason", T(rejected_reason), FIELD_TEXT, false},
    {"statusInfo", "releaseDate", T(released_at), FIELD_INSTANT, false},
    {"statusInfo", "releasedReason", T(released_reason), FIELD_TEXT, false},
    {"", "authorizationType", T(authorization_type), FIELD_TEXT, false},
    {"originalAmount", "value", T(original_amount), FIELD_TEXT, false},
    {"originalAmount", "currency", T(original_currency), FIELD_TEXT, false},
    {"merchant", "merchantId", T(merchant_id), FIELD_TEXT, false},
    {"merchant", "merchantName", T(merchant_name), FIELD_TEXT, false},
    {"merchant", "merchantCity", T(merchant_city), FIELD_TEXT, false},
    {"merchant", "merchantCountry", T(merchant_country), FIELD_TEXT, false},
    {"merchant", "merchantPostalCode", T(merchant_postal_code), FIELD_TEXT, false},
    {"merchant", "merchantCategoryCode", T(merchant_category_code), FIELD_TEXT, false},
    {"merchant", "category", T(merchant_category), FIELD_TEXT, false},
    {"cardDetails", "maskedPan", T(masked_pan), FIELD_TEXT, false},
    {"cardDetails.card", "id", T(card_id), FIELD_TEXT, false},
    {"cardDetails.card.accountMembership", "id", T(account_membership_id), FIELD_TEXT, false},
    {"", "returnReason", T(return_reason), FIELD_TEXT, false},
    {"debtor", "IBAN", 0, FIELD_OTHER, false},
    {"debtor", "accountNumber", 0, FIELD_OTHER, false},
    {"creditor", "IBAN", 0, FIELD_OTHER, false},
    {"creditor", "accountNumber", 0, FIELD_OTHER, false},
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
    {"accountMembership.statusInfo.restrictedTo", "firstName", 0, FIELD_OTHER, false},
    {"accountMembership.statusInfo.restrictedTo", "lastName", 0, FIELD_OTHER, false},
    {"accountMembership.user", "firstName", 0, FIELD_OTHER, false},
    {"accountMembership.user", "lastName", 0, FIELD_OTHER, false},
    {"digitalCards", "totalCount", 0, FIELD_OTHER, true},
    {"", "spendingLimits", 0, FIELD_OTHER, false},
};

static const struct swan_field membership_fields[] = {
    {"", "id", P(account_membership_id), FIELD_TEXT, true},
    {"", "createdAt", P(created_at), FIELD_INSTANT, true},
    {"", "updatedAt", P(updated_at), FIELD_INSTANT, true},
    {"", "email", P(membership_email), FIELD_TEXT, false},
    {"statusInfo", "status", P(membership_status), FIELD_TEXT, true},
    {"statusInfo.restrictedTo", "firstName", 0, FIELD_OTHER, false},
    {"statusInfo.restrictedTo", "lastName", 0, FIELD_OTHER, false},
    {"user", "firstName", 0, FIELD_OTHER, false},
    {"user", "lastName", 0, FIELD_OTHER, false},
};

static void
make_shape(struct swan_shape *s, const struct swan_field fields[], int n)
{
	int i;

	json_shape_begin(&s->shape);
	s->field = fields;
	s->fields = n;
	s->node = json_shape_add(&s->shape, 0, "node");
	for (i = 0; i < n; i++) {
		int of = fields[i].of[0] == '\0' ? s->node : json_shape_add(&s->shape, s->node, fields[i].of);

		s->place[i] = json_shape_add(&s->shape, of, fields[i].name);
	}
}

void
swan_shape_transaction(struct swan_shape *s)
{
	_Static_assert(LENGTH(transaction_fields) <= SWAN_FIELDS, "each has a place");
	make_shape(s, transaction_fields, LENGTH(transaction_fields));
}

void
swan_shape_card(struct swan_shape *s)
{
	make_shape(s, card_fields, LENGTH(card_fields));
}

void
swan_shape_membership(struct swan_shape *s)
{
	make_shape(s, membership_fields, LENGTH(membership_fields));
}

static const struct json_item *
unless_null(const struct json_item *item)
{
	return item->type == JSON_NULL ? NULL : item;
}

const struct json_item *
swan_node_at(const struct swan_node *n, const char *path)
{
	int place =
	    path[0] == '\0' ? n->shape->node : json_shape_find(&n->shape->shape, n->shape->node, path);

	return place < 0 ? NULL : unless_null(&n->record[place]);
}

static int
swan_refuse(const struct swan_field *f, const char *code, const char *what, struct err *e)
{
	return err_set(e, code, "%s%s%s %s", f->of, f->of[0] != '\0' ? "." : "", f->name, what);
}

int
swan_check_object(const char *path, const struct json_item *object, struct err *e)
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

/* m: that field of the object; NULL: it is absent. */
static int
take_text(const struct json_item *object, const struct swan_field *f, const struct json_item *m,
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
take_instant(const struct json_item *object, const struct swan_field *f, const struct json_item *m,
             instant *at, struct err *e)
{
	const char *text;

	*at = INSTANT_NONE;
	if (take_text(object, f, m, &text, e) != 0)
		return -1;
	return text != NULL ? instant_parse(text, at, e) : 0;
}

static int
swan_take_truth(const struct json_item *object, const struct swan_field *f, const struct json_item *m,
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
read_field(const struct swan_node *n, int i, void *to, struct err *e)
{
	const struct swan_shape *s = n->shape;
	const struct swan_field *f = &s->field[i];
	const struct json_item *object = &n->record[s->shape.place[s->place[i]].parent],
			       *m = unless_null(&n->record[s->place[i]]);

	switch (f->kind) {
	case FIELD_TEXT:
		return take_text(object, f, m, to, e);
	case FIELD_INSTANT:
		return take_instant(object, f, m, to, e);
	case FIELD_TRUTH:
		return swan_take_truth(object, f, m, to, e);
	case FIELD_OTHER:
		break;
	}
	return 0;
}

static int
read_fields(const struct swan_node *n, void *to, struct err *e)
{
	int i;

	for (i = 0; i < n->shape->fields; i++)
		if (read_field(n, i, (char *)to + n->shape->field[i].at, e) != 0)
			return -1;
	return 0;
}

/* A field that is read apart from the rest. */
static int
read_text(const struct swan_node *n, const char *of, const char *name, bool required, const char **text,
          struct err *e)
{
	const struct swan_field f = {of, name, 0, FIELD_TEXT, required};
	int object = json_shape_find(&n->shape->shape, n->shape->node, of),
	    place = json_shape_find(&n->shape->shape, object, name);

	return take_text(&n->record[object], &f, unless_null(&n->record[place]), text, e);
}

static int
take_amount(const char *text, cents *amount, struct err *e)
{
	if (money_parse(text, amount, e) != 0)
		return -1;
	return *amount < 0 ? err_set(e, ERR_INVALID_AMOUNT, "amount.value is negative: side gives the sign")
	                   : 0;
}

/* Of a credit transfer that goes out, and of a direct debit that comes in, the other side is the creditor; otherwise the
 * debtor. So the type says it, also for returns, recalls and reversals, whose money flows back. */
static int
read_counterparty(const struct swan_node *n, struct swan_transaction *t, struct err *e)
{
	bool goes_out = strstr(t->type, "Out") != NULL;
	const char *other = goes_out != (strstr(t->type, "DirectDebit") != NULL) ? "creditor" : "debtor";

	if (read_text(n, other, "IBAN", false, &t->counterparty_account, e) != 0)
		return -1;
	return t->counterparty_account != NULL
	           ? 0
	           : read_text(n, other, "accountNumber", false, &t->counterparty_account, e);
}

int
swan_node_transaction(const struct swan_node *n, struct swan_transaction *t, struct err *e)
{
	const char *amount;

	*t = (struct swan_transaction){0};
	if (read_fields(n, t, e) != 0 || read_text(n, "amount", "value", true, &amount, e) != 0 ||
	    take_amount(amount, &t->amount, e) != 0 || read_counterparty(n, t, e) != 0)
		return -1;
	if (strcmp(t->currency, "EUR") != 0)
		return err_set(e, ERR_INVALID_AMOUNT, "amount.currency is not EUR");
	if (strcmp(t->side, "Debit") != 0 && strcmp(t->side, "Credit") != 0)
		return err_set(e, ERR_BAD_FIELD, "side must be Debit or Credit");
	return 0;
}

/* A user who is bound has a name of their own; until then only the invitation has one. */
static int
read_names(const struct swan_node *n, const char *user, const char *invited, struct swan_payment_support *p,
           struct err *e)
{
	if (read_text(n, user, "firstName", false, &p->first_name, e) != 0 ||
	    read_text(n, user, "lastName", false, &p->last_name, e) != 0)
		return -1;
	if (p->first_name != NULL || p->last_name != NULL)
		return 0;
	return read_text(n, invited, "firstName", false, &p->first_name, e) != 0
	           ? -1
	           : read_text(n, invited, "lastName", false, &p->last_name, e);
}

static int
swan_append(char *text, size_t *used, const char *part, struct err *e)
{
	if (text_copy(text + *used, SWAN_LIMITS - *used, part) != 0)
		return err_set(e, ERR_BAD_FIELD, "spendingLimits has too many limits");
	*used += strlen(part);
	return 0;
}

/* A member of a limit. */
static int
limit_text(const struct json_value *object, const char *of, const char *name, const char **text,
           struct err *e)
{
	const struct swan_field f = {of, name, 0, FIELD_TEXT, true};
	const struct json_value *m = json_member(object, name);

	return take_text(object == NULL ? NULL : &object->item, &f, m == NULL ? NULL : &m->item, text, e);
}

static int
append_word(char *text, size_t *used, const struct json_value *object, const char *name, struct err *e)
{
	const char *value = NULL;

	if (limit_text(object, "", name, &value, e) != 0)
		return -1;
	if (value == NULL || strpbrk(value, "/|") != NULL)
		return err_set(e, ERR_BAD_FIELD, "spendingLimits: %s is not a valid word", name);
	return swan_append(text, used, value, e);
}

static int
append_cents(char *text, size_t *used, cents amount, struct err *e)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%lld", (long long)amount);
	return swan_append(text, used, digits, e);
}

static int
append_limit(char *text, size_t *used, const struct json_value *limit, struct err *e)
{
	const char *value;
	cents amount;

	if ((*used > 0 && swan_append(text, used, "|", e) != 0) ||
	    append_word(text, used, limit, "type", e) != 0 || swan_append(text, used, "/", e) != 0 ||
	    append_word(text, used, limit, "period", e) != 0 || swan_append(text, used, "/", e) != 0 ||
	    limit_text(json_member(limit, "amount"), "amount", "value", &value, e) != 0 ||
	    take_amount(value, &amount, e) != 0 || append_cents(text, used, amount, e) != 0 ||
	    swan_append(text, used, "/", e) != 0)
		return -1;
	return append_word(text, used, json_member(limit, "amount"), "currency", e);
}

/* The list is read into values: it has any number of elements. */
static int
print_limits(const struct swan_node *n, char text[static SWAN_LIMITS], struct err *e)
{
	const struct json_item *limits = swan_node_at(n, "spendingLimits");
	struct json_value *list;
	size_t used = 0;
	int rc = 0;

	text[0] = '\0';
	if (limits == NULL)
		return 0;
	if (limits->type != JSON_ARRAY)
		return err_set(e, ERR_BAD_FIELD, "spendingLimits is not a list");
	list = json_parse_tolerant(limits->text, (size_t)limits->number, e);
	if (list == NULL)
		return -1;
	json_each (limit, list)
		if (rc == 0)
			rc = append_limit(text, &used, limit, e);
	json_free(list);
	return rc;
}

static int
read_provisioned(const struct swan_node *n, bool *is_provisioned, struct err *e)
{
	const struct json_item *wallets = swan_node_at(n, "digitalCards.totalCount");

	if (wallets != NULL && wallets->type != JSON_NUMBER)
		return err_set(e, ERR_BAD_FIELD, "digitalCards.totalCount is not a number");
	if (wallets == NULL || wallets->number < 0)
		return err_set(e, ERR_MISSING_FIELD, "digitalCards.totalCount is missing");
	*is_provisioned = wallets->number > 0;
	return 0;
}

int
swan_node_card(const struct swan_node *n, struct swan_payment_support *p, char limits[static SWAN_LIMITS],
               struct err *e)
{
	*p = (struct swan_payment_support){0};
	if (read_fields(n, p, e) != 0 ||
	    read_names(n, "accountMembership.user", "accountMembership.statusInfo.restrictedTo", p, e) != 0 ||
	    read_provisioned(n, &p->is_provisioned, e) != 0 || print_limits(n, limits, e) != 0)
		return -1;
	if (strlen(p->account_membership_id) > SWAN_ID)
		return err_set(e, ERR_BAD_FIELD, "accountMembership.id has more than %d bytes", SWAN_ID);
	if (limits[0] != '\0')
		p->spending_limits = limits;
	return 0;
}

int
swan_node_membership(const struct swan_node *n, struct swan_payment_support *p, struct err *e)
{
	*p = (struct swan_payment_support){0};
	if (read_fields(n, p, e) != 0)
		return -1;
	return read_names(n, "user", "statusInfo.restrictedTo", p, e);
}
