/* own_account: see own_account.h. */
#include <stdio.h>
#include <string.h>

#include "formats/fold.h"
#include "formats/iban.h"
#include "formats/own_account.h"
#include "formats/text.h"

#define ITEM_SIZE   256
#define FEWEST_SAID 3 /* letters or digits of a pattern */

/* The next item without the blanks around it; false after the last one. */
static bool
next_item(const char **list, char item[static ITEM_SIZE])
{
	const char *from = *list + strspn(*list, ", \t");
	size_t n = strcspn(from, ",");

	*list = from + n;
	while (n > 0 && (from[n - 1] == ' ' || from[n - 1] == '\t'))
		n--;
	if (n >= ITEM_SIZE)
		n = ITEM_SIZE - 1;
	memcpy(item, from, n);
	item[n] = '\0';
	return n > 0;
}

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Two letters and two digits, then at least eleven more: meant as an IBAN, even if a digit of it is wrong. */
static bool
is_like_iban(const char *item)
{
	char folded[ITEM_SIZE];
	size_t i, n;

	if (fold_text(item, folded, sizeof(folded)) != 0)
		return false;
	n = strlen(folded);
	if (n < 15 || n > 34 || !is_letter(folded[0]) || !is_letter(folded[1]) || !is_digit(folded[2]) ||
	    !is_digit(folded[3]))
		return false;
	for (i = 4; i < n; i++)
		if (!is_letter(folded[i]) && !is_digit(folded[i]))
			return false;
	return true;
}

static int
check_pattern(const char *item, struct err *e)
{
	size_t said = 0;
	const char *c;

	for (c = item; *c != '\0'; c++)
		said += is_letter(*c) || is_digit(*c) || (unsigned char)*c >= 0xC0;
	if (said < FEWEST_SAID)
		return err_set(e, "config",
		               "%.60s is not a valid pattern: it must have at least %d letters or digits",
		               item, FEWEST_SAID);
	return 0;
}

int
own_account_check(const char *list, struct err *e)
{
	char item[ITEM_SIZE];
	struct iban iban;
	struct err why;

	if (!text_is_utf8(list, strlen(list)))
		return err_set(e, "config", "is not UTF-8");
	while (next_item(&list, item)) {
		if (is_like_iban(item) && iban_parse(item, &iban, &why) != 0)
			return err_set(e, "config", "%.4s... is not a valid IBAN: %.150s", item, why.message);
		if (!is_like_iban(item) && check_pattern(item, e) != 0)
			return -1;
	}
	return 0;
}

static int
own_account_join(const char *list, bool masked, char *text, size_t size)
{
	char item[ITEM_SIZE], mask[IBAN_MASKED];
	struct iban iban;
	struct err e;
	size_t n = 0;

	text[0] = '\0';
	while (next_item(&list, item)) {
		const char *shown = item;

		if (iban_parse(item, &iban, &e) == 0)
			shown = masked ? iban_mask(mask, &iban) : iban.text;
		n += (size_t)snprintf(text + n, size - n, "%s%s", n > 0 ? "," : "", shown);
		if (n >= size)
			return -1;
	}
	return 0;
}

int
own_account_normalise(const char *list, char *text, size_t size)
{
	return own_account_join(list, false, text, size);
}

int
own_account_mask(const char *list, char *text, size_t size)
{
	return own_account_join(list, true, text, size);
}

/* Both folded. After a * that leads nowhere, the last * takes one character more: linear for each star. */
static bool
is_like_pattern(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			from = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star + 1;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static bool
is_like_item(const char *item, const char *text)
{
	char pattern[ITEM_SIZE], folded[1024];

	return text != NULL && fold_text(item, pattern, sizeof(pattern)) == 0 &&
	       fold_text(text, folded, sizeof(folded)) == 0 && is_like_pattern(pattern, folded);
}

bool
own_account_matches(const char *list, const char *name, const char *account)
{
	char item[ITEM_SIZE];

	while (next_item(&list, item))
		if (is_like_item(item, account) || (!is_like_iban(item) && is_like_item(item, name)))
			return true;
	return false;
}
