/* card_limits: see card_limits.h. */
#include <string.h>

#include "formats/card_limits.h"
#include "formats/text.h"

/* The word up to the separator, which becomes its end; NULL when there is nothing left. */
static char *
cut(char **rest, char separator)
{
	char *word = *rest, *end = word == NULL ? NULL : strchr(word, separator);

	*rest = end == NULL ? NULL : end + 1;
	if (end != NULL)
		*end = '\0';
	return word;
}

static int
parse_one(char *text, struct card_limit *l, struct err *e)
{
	char *rest = text;
	const char *amount;

	l->type = cut(&rest, '/');
	l->period = cut(&rest, '/');
	amount = cut(&rest, '/');
	l->currency = cut(&rest, '/');
	if (l->currency == NULL || rest != NULL || l->type[0] == '\0' || l->period[0] == '\0' ||
	    l->currency[0] == '\0')
		return err_set(e, ERR_BAD_FIELD,
		               "spending_limits: a limit must have the form Type/Period/cents/CUR");
	if (money_parse_cents(amount, &l->amount, e) < 0)
		return err_set(e, ERR_INVALID_AMOUNT,
		               "spending_limits: \"%s\" is not a valid number of cents", amount);
	if (l->amount < 0)
		return err_set(e, ERR_INVALID_AMOUNT, "spending_limits: a limit is negative");
	return 0;
}

int
card_limits_parse(const char *text, struct card_limits *l, struct err *e)
{
	char *rest = l->text;

	l->n = 0;
	if (text_copy(l->text, sizeof(l->text), text) < 0)
		return err_set(e, ERR_BAD_FIELD, "spending_limits: the list is longer than %d bytes",
		               CARD_LIMITS_TEXT - 1);
	if (l->text[0] == '\0')
		return 0;
	while (rest != NULL)
		if (parse_one(cut(&rest, '|'), &l->limit[l->n++], e) < 0)
			return -1;
	return 0;
}
