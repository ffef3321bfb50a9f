/* swan_rules: see swan_rules.h. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/swan_rules.h"

static const struct swan_event events[] = {
#include "formats/data/swan_events.inc"
};

static const struct swan_payment payments[] = {
#include "formats/data/swan_payments.inc"
};

static const struct {
	const char *reason, *category; /* "*": any */
	const char *code;              /* "*": any; "other": there is one, and it is not allowed */
	const char *rejection;
} rejections[] = {
#include "formats/data/swan_rejections.inc"
};

/* Sorted by type, side, status. */
struct swan_money_row {
	const char *type, *side, *status, *money, *rule;
};

static const struct swan_money_row money_rows[] = {
#include "formats/data/swan_money.inc"
};

static const char *const moves_words[] = {
    [SWAN_POSTS] = "posted",  [SWAN_MOVES_NONE] = "none", [SWAN_IS_OWN] = "own",
    [SWAN_BRINGS] = "credit", [SWAN_TAKES_BACK] = "back", [SWAN_UNCLEAR] = "held",
};

static bool
same(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

static bool
swan_rules_matches(const char *word, const char *pattern)
{
	return pattern[0] == '*' || same(word, pattern);
}

const char *
swan_reason(const struct swan_transaction *t)
{
	return t->released_reason != NULL ? t->released_reason : t->rejected_reason;
}

const struct swan_event *
swan_find_event(const struct swan_transaction *t)
{
	size_t i;

	for (i = 0; i < LENGTH(events); i++)
		if (same(t->type, events[i].type) && same(t->status, events[i].status) &&
		    swan_rules_matches(swan_reason(t), events[i].reason))
			return &events[i];
	return NULL;
}

static int
compare_money_rows(const void *a, const void *b)
{
	const struct swan_money_row *x = a, *y = b;
	int by = strcmp(x->type, y->type);

	if (by == 0)
		by = strcmp(x->side, y->side);
	return by != 0 ? by : strcmp(x->status, y->status);
}

static const struct swan_money_row *
find_money_row(const char *type, const char *side, const char *status)
{
	struct swan_money_row key = {type, side, status, NULL, NULL};

	return bsearch(&key, money_rows, LENGTH(money_rows), sizeof(money_rows[0]), compare_money_rows);
}

struct swan_money
swan_find_money(const struct swan_transaction *t)
{
	const struct swan_money_row *found = find_money_row(t->type, t->side, t->status);
	size_t moves = 0;

	if (found == NULL)
		return (struct swan_money){SWAN_UNCLEAR, find_money_row(t->type, t->side, "Booked") == NULL
		                                             ? ERR_UNKNOWN_TYPE
		                                             : ERR_UNKNOWN_STATUS};
	while (strcmp(moves_words[moves], found->money) != 0)
		moves++;
	return (struct swan_money){(enum swan_moves)moves, found->rule};
}

int
swan_check_clear(const struct swan_transaction *t, struct err *e)
{
	struct swan_money money = swan_find_money(t);

	if (money.moves != SWAN_UNCLEAR)
		return 0;
	if (strcmp(money.rule, ERR_BAD_FIELD) == 0)
		return err_set(e, ERR_BAD_FIELD, "side %s is not valid for type %s", t->side, t->type);
	if (strcmp(money.rule, ERR_UNKNOWN_TYPE) == 0)
		return err_set(e, ERR_UNKNOWN_TYPE,
		               "%s %s %s: whose money a transaction of this type moves is not known", t->type,
		               t->side, t->status);
	return err_set(e, ERR_UNKNOWN_STATUS, "%s %s %s: what this status means for money is not known",
	               t->type, t->side, t->status);
}

cents
swan_booked_cents(const struct swan_transaction *t)
{
	if (!same(t->status, "Booked"))
		return 0;
	return same(t->side, "Debit") ? -t->amount : t->amount;
}

const char *
swan_asked_amount(const char *type)
{
	size_t i;

	for (i = 0; i < LENGTH(events); i++)
		if (same(type, events[i].type))
			return events[i].sign == 0 ? events[i].amount : "";
	return "";
}

const struct swan_payment *
swan_find_payment(const char *status)
{
	size_t i;

	for (i = 0; i < LENGTH(payments) - 1; i++)
		if (same(status, payments[i].status))
			return &payments[i];
	return &payments[LENGTH(payments) - 1];
}

static int
compare_words(const char *a, const char *b)
{
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int
order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* In the same instant the later row counts, then the lower amount, because a hold is only lowered. Then the words: they only
 * make the order definite. */
int
swan_compare(const struct swan_transaction *a, const struct swan_transaction *b)
{
	const struct swan_event *x = swan_find_event(a), *y = swan_find_event(b);
	const int by[] = {
	    order(x != NULL, y != NULL),
	    order(a->updated_at, b->updated_at),
	    order(x == NULL ? 0 : x - events, y == NULL ? 0 : y - events),
	    order(b->amount, a->amount),
	    compare_words(a->status, b->status),
	    compare_words(swan_reason(a), swan_reason(b)),
	};
	size_t i;

	for (i = 0; i < LENGTH(by); i++)
		if (by[i] != 0)
			return by[i];
	return 0;
}

bool
swan_is_card(const char *type)
{
	return strncmp(type, "CardOut", strlen("CardOut")) == 0;
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
	const char *code =
	    t->merchant_category_code != NULL && !lists(allowed, t->merchant_category_code) ? "other" : NULL;
	size_t i;

	for (i = 0; i < LENGTH(rejections) - 1; i++)
		if (swan_rules_matches(t->rejected_reason, rejections[i].reason) &&
		    swan_rules_matches(t->merchant_category, rejections[i].category) &&
		    swan_rules_matches(code, rejections[i].code))
			break;
	return rejections[i].rejection;
}
