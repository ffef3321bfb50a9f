/* swan_rules: see swan_rules.h. */
#include <stddef.h>
#include <string.h>

#include "formats/swan_rules.h"

static const struct swan_event events[] = {
#include "formats/data/swan_events.inc"
};

static const struct {
	const char *reason;
} limits[] = {
#include "formats/data/swan_limits.inc"
};

static bool
same(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

const struct swan_event *
swan_find_event(const struct swan_transaction *t)
{
	const char *reason = t->released_reason != NULL ? t->released_reason : t->rejected_reason;
	size_t i;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (same(t->type, events[i].type) && same(t->status, events[i].status) &&
		    (events[i].reason[0] == '*' || same(reason, events[i].reason)))
			return &events[i];
	return NULL;
}

bool
swan_is_card(const char *type)
{
	return strncmp(type, "CardOut", strlen("CardOut")) == 0;
}

static bool
is_limit(const char *reason)
{
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (same(reason, limits[i].reason))
			return true;
	return false;
}

static bool
lists(const char *list, const char *word)
{
	size_t n = word == NULL ? 0 : strlen(word);
	const char *at;

	for (at = list; n > 0 && (at = strstr(at, word)) != NULL; at += n)
		if ((at == list || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
			return true;
	return false;
}

const char *
swan_rejection(const struct swan_transaction *t, const char *allowed)
{
	bool refused = same(t->rejected_reason, "PartnerRefused");
	bool online =
	    same(t->merchant_category, "eCommerce") || same(t->merchant_category, "eCommerceWith3DS");

	if (is_limit(t->rejected_reason))
		return "spending_limit_reached";
	if (online && (refused || same(t->rejected_reason, "TransactionTypeNotAllowed")))
		return "online_payment";
	if (refused && t->merchant_category_code != NULL && !lists(allowed, t->merchant_category_code))
		return "wrong_merchant_category";
	return "other_reason";
}
