/* nodes: see nodes.h. The members are those that formats/swan ask for, under the aliases given there. */
#include "tests/fakeswan/nodes.h"

#include <string.h>

#include "tests/fakeswan/items.h"

static void
put_instant(struct json *j, const char *key, instant at)
{
	char text[INSTANT_TEXT];

	json_put_text(j, key, instant_print(text, at));
}

static void
put_amount(struct json *j, const char *key, const char *value, const char *currency)
{
	json_open(j, key, '{');
	json_put_text(j, "value", value);
	json_put_text(j, "currency", currency);
	json_close(j, '}');
}

static void
put_object_id(struct json *j, const char *key, const char *id)
{
	json_open(j, key, '{');
	json_put_text(j, "id", id);
	json_close(j, '}');
}

static void
put_status(struct json *j, const struct transaction_item *item)
{
	json_open(j, "statusInfo", '{');
	json_put_text(j, "__typename", item->status_branch);
	json_put_text(j, "status", item->status);
	switch (item->status[0] == 'R' ? item->status[2] : item->status[0]) {
	case 'B':
		put_instant(j, "bookingDate", item->since);
		put_instant(j, "valueDate", item->since / DAY_MS * DAY_MS);
		break;
	case 'P':
		put_instant(j, "pendingEndDate", item->pending_end_at);
		break;
	case 'j':
		json_put_text(j, "rejectedReason", item->reason);
		break;
	case 'l':
		put_instant(j, "releaseDate", item->since);
		json_put_text(j, "releasedReason", item->reason);
		break;
	default:
		break;
	}
	json_close(j, '}');
}

static void
put_merchant(struct json *j, const struct transaction_item *item)
{
	json_open(j, "merchant", '{');
	json_put_text(j, "__typename", "CardOutMerchant");
	json_put_text(j, "merchantId", item->merchant_id);
	json_put_text(j, "merchantName", item->shop.name);
	json_put_text(j, "merchantCity", item->shop.city);
	json_put_text(j, "merchantCountry", item->shop.country);
	json_put_text(j, "merchantPostalCode", item->shop.postal_code);
	json_put_text(j, "merchantCategoryCode", item->shop.code);
	json_put_text(j, "category", item->shop.category);
	json_close(j, '}');
	json_open(j, "cardDetails", '{');
	json_put_text(j, "__typename", "CardOutDetails");
	json_put_text(j, "maskedPan", item->masked_pan);
	json_open(j, "card", '{');
	json_put_text(j, "id", item->card);
	put_object_id(j, "accountMembership", item->membership);
	json_close(j, '}');
	json_close(j, '}');
}

static void
put_branch(struct json *j, const struct transaction_item *item)
{
	if (strcmp(item->branch, "FeeTransaction") == 0)
		return;
	if (strcmp(item->branch, "CardTransaction") != 0) {
		json_put_null(j, "returnReason");
		return;
	}
	json_put_text(j, "authorizationType", item->authorization_type);
	put_amount(j, "originalAmount", item->original_amount, item->original_currency);
	if (item->has_card) {
		put_merchant(j, item);
	} else {
		json_put_null(j, "merchant");
		json_put_null(j, "cardDetails");
	}
}

void
put_transaction(struct json *j, const struct world *w, int index, instant now)
{
	struct transaction_item item;

	item_transaction(w, index, now, &item);
	json_open(j, "node", '{');
	json_put_text(j, "__typename", item.branch);
	json_put_text(j, "id", item.id);
	json_put_text(j, "type", item.type);
	json_put_text(j, "side", item.side);
	put_amount(j, "amount", item.amount, item.currency);
	put_instant(j, "createdAt", item.created_at);
	put_instant(j, "updatedAt", item.updated_at);
	put_instant(j, "executionDate", item.execution_at);
	json_put_text(j, "paymentId", item.payment);
	json_put_text(j, "originTransactionId", item.origin[0] == '\0' ? NULL : item.origin);
	json_put_text(j, "reference", item.reference);
	json_put_text(j, "label", item.label);
	json_put_text(j, "counterparty", item.counterparty);
	json_put_text(j, "externalReference", item.external_reference);
	put_object_id(j, "account", item.account);
	put_status(j, &item);
	put_branch(j, &item);
	json_close(j, '}');
}

static void
put_names(struct json *j, const char *key, const struct membership_item *m)
{
	json_open(j, key, '{');
	json_put_text(j, "firstName", m->first_name);
	json_put_text(j, "lastName", m->last_name);
	json_close(j, '}');
}

static void
put_membership_state(struct json *j, const struct membership_item *m)
{
	if (m->is_bound)
		put_names(j, "user", m);
	else
		json_put_null(j, "user");
	json_open(j, "statusInfo", '{');
	json_put_text(j, "__typename", m->status_branch);
	json_put_text(j, "status", m->status);
	if (!m->is_bound && m->first_name != NULL)
		put_names(j, "restrictedTo", m);
	json_close(j, '}');
}

static void
put_limits(struct json *j, const struct card_item *item)
{
	int i;

	if (!item->has_limits) {
		json_put_null(j, "spendingLimits");
		return;
	}
	json_open(j, "spendingLimits", '[');
	for (i = 0; i < item->limits; i++) {
		json_open(j, NULL, '{');
		json_put_text(j, "type", item->limit[i].type);
		json_put_text(j, "period", item->limit[i].period);
		put_amount(j, "amount", item->limit[i].value, item->limit[i].currency);
		json_close(j, '}');
	}
	json_close(j, ']');
}

void
put_card(struct json *j, const struct world *w, int index, instant now)
{
	struct card_item item;

	item_card(w, index, now, &item);
	json_open(j, "node", '{');
	json_put_text(j, "id", item.id);
	json_put_text(j, "type", item.type);
	put_instant(j, "createdAt", item.created_at);
	put_instant(j, "updatedAt", item.updated_at);
	json_put_text(j, "name", item.name);
	json_put_text(j, "cardMaskedNumber", item.masked_number);
	json_put_bool(j, "eCommerce", item.e_commerce);
	json_put_bool(j, "withdrawal", item.withdrawal);
	json_put_bool(j, "international", item.international);
	json_put_bool(j, "nonMainCurrencyTransactions", item.non_main_currency);
	json_open(j, "statusInfo", '{');
	json_put_text(j, "status", item.status);
	json_close(j, '}');
	put_limits(j, &item);
	json_open(j, "digitalCards", '{');
	json_put_int(j, "totalCount", item.wallets);
	json_close(j, '}');
	json_open(j, "accountMembership", '{');
	json_put_text(j, "id", item.membership.id);
	json_put_text(j, "email", item.membership.email);
	put_membership_state(j, &item.membership);
	json_close(j, '}');
	json_close(j, '}');
}

void
put_membership(struct json *j, const struct world *w, int index, instant now)
{
	struct membership_item item;

	item_membership(w, index, now, &item);
	json_open(j, "node", '{');
	json_put_text(j, "id", item.id);
	json_put_text(j, "email", item.email);
	put_instant(j, "createdAt", item.created_at);
	put_instant(j, "updatedAt", item.updated_at);
	put_membership_state(j, &item);
	json_close(j, '}');
}
