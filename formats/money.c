/* money: see money.h.
 *
 * units    the digits are added up as a negative number, so that the smallest int64 can be read
 * refuses  a third decimal that is not zero: whoever sends one does not mean whole cents, and rounding would make or
 *          lose money
 * source   ISO 20022 amounts are xs:decimal: ".24" and "5." are correct, and banks pad with zeros
 *          ("000000000000149.87", "8.850")
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/money.h"

static bool
money_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* *sum = *sum * 10 - digit */
static bool
push_digit(cents *sum, int digit)
{
	cents grown;

	if (__builtin_mul_overflow(*sum, 10, &grown) || __builtin_sub_overflow(grown, digit, &grown))
		return false;
	*sum = grown;
	return true;
}

static int
finish(const char *text, bool negative, cents gathered, cents *amount, struct err *e)
{
	if (!negative && __builtin_sub_overflow((cents)0, gathered, &gathered))
		return err_set(e, ERR_INVALID_AMOUNT, "amount \"%.40s\" is too large", text);
	*amount = gathered;
	return 0;
}

int
money_parse(const char *text, cents *amount, struct err *e)
{
	bool negative = text[0] == '-';
	const char *c = text + negative;
	cents gathered = 0;
	int digits = 0, decimals = 0;

	for (; money_is_digit(*c); c++, digits++)
		if (!push_digit(&gathered, *c - '0'))
			return err_set(e, ERR_INVALID_AMOUNT, "amount \"%.40s\" is too large", text);
	if (*c == '.') {
		for (c++; money_is_digit(*c); c++, decimals++) {
			if (decimals >= 2 && *c != '0')
				return err_set(e, ERR_INVALID_AMOUNT,
				               "amount \"%.40s\" is not in whole cents", text);
			if (decimals < 2 && !push_digit(&gathered, *c - '0'))
				return err_set(e, ERR_INVALID_AMOUNT, "amount \"%.40s\" is too large", text);
		}
	}
	if (*c != '\0' || digits + decimals == 0)
		return err_set(e, ERR_INVALID_AMOUNT, "\"%.40s\" is not a valid amount such as 12.50", text);
	for (; decimals < 2; decimals++)
		if (!push_digit(&gathered, 0))
			return err_set(e, ERR_INVALID_AMOUNT, "amount \"%.40s\" is too large", text);
	return finish(text, negative, gathered, amount, e);
}

int
money_parse_cents(const char *text, cents *amount, struct err *e)
{
	bool negative = text[0] == '-';
	const char *c = text + negative;
	cents gathered = 0;

	if (!money_is_digit(*c))
		return err_set(e, ERR_INVALID_AMOUNT, "\"%.40s\" is not a whole number of cents", text);
	for (; money_is_digit(*c); c++)
		if (!push_digit(&gathered, *c - '0'))
			return err_set(e, ERR_INVALID_AMOUNT, "amount \"%.40s\" is too large", text);
	if (*c != '\0')
		return err_set(e, ERR_INVALID_AMOUNT, "\"%.40s\" is not a whole number of cents", text);
	return finish(text, negative, gathered, amount, e);
}

/* without its sign; right for the least int64 too */
static uint64_t
magnitude(cents amount)
{
	return amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;
}

char *
money_print(char text[static MONEY_TEXT], cents amount)
{
	uint64_t m = magnitude(amount);

	snprintf(text, MONEY_TEXT, "%s%" PRIu64 ".%02d", amount < 0 ? "-" : "", m / 100, (int)(m % 100));
	return text;
}

char *
money_print_grouped(char text[static MONEY_TEXT_GROUPED], cents amount)
{
	char plain[MONEY_TEXT];
	const char *from = money_print(plain, amount);
	char *to = text;
	size_t left;

	if (*from == '-')
		*to++ = *from++;
	for (left = strcspn(from, "."); left > 0; left--) {
		*to++ = *from++;
		if (left > 1 && left % 3 == 1)
			*to++ = ' ';
	}
	snprintf(to, (size_t)(text + MONEY_TEXT_GROUPED - to), "%s", from);
	return text;
}

char *
money_print_fr(char text[static MONEY_TEXT_FR], cents amount)
{
	uint64_t m = magnitude(amount);
	char digits[24], *out = text;
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, m / 100);
	int i;

	if (amount < 0)
		*out++ = '-';
	for (i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0) {
			*out++ = '\xC2';
			*out++ = '\xA0';
		}
		*out++ = digits[i];
	}
	*out++ = ',';
	*out++ = (char)('0' + m / 10 % 10);
	*out++ = (char)('0' + m % 10);
	*out = '\0';
	return text;
}

bool
money_add(cents *sum, cents amount)
{
	cents total;

	if (__builtin_add_overflow(*sum, amount, &total))
		return false;
	*sum = total;
	return true;
}
