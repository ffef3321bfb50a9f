/* contact: see contact.h. */
#include <string.h>

#include "formats/contact.h"
#include "formats/length.h"
#include "formats/text.h"

#define LEAST_DIGITS 7
#define MOST_DIGITS  15
#define LOCAL_PART   64
#define LABEL        63
#define LEAST_YEARS  16
#define MOST_YEARS   120

#define DIGITS   "0123456789"
#define ALPHABET "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Unicode 14, general category L. */
static const struct {
	uint32_t first, last;
} letters[] = {
#include "formats/data/letters.inc"
};

int
contact_check_phone(const char *text, struct err *e)
{
	size_t n = text[0] == '+' ? strspn(text + 1, DIGITS) : 0;

	if (text[0] != '+')
		return err_set(e, ERR_INVALID_PHONE_NUMBER,
		               "must begin with + and the country code: +33612345678");
	if (text[n + 1] != '\0')
		return err_set(e, ERR_INVALID_PHONE_NUMBER, "must be + and digits only: +33612345678");
	if (n < LEAST_DIGITS || n > MOST_DIGITS || text[1] == '0')
		return err_set(e, ERR_INVALID_PHONE_NUMBER,
		               "must have %d to %d digits after the +, the first not 0", LEAST_DIGITS,
		               MOST_DIGITS);
	return 0;
}

static bool
is_letter(uint32_t point)
{
	size_t low = 0, high = LENGTH(letters);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (point > letters[middle].last)
			low = middle + 1;
		else if (point < letters[middle].first)
			high = middle;
		else
			return true;
	}
	return false;
}

int
contact_check_name(const char *text, struct err *e)
{
	size_t left = strlen(text), n;
	bool after_letter = false, apostrophe = false;
	uint32_t point;

	if (left >= CONTACT_NAME)
		return err_set(e, ERR_BAD_FIELD, "has more than %d bytes", CONTACT_NAME - 1);
	for (; left > 0; text += n, left -= n) {
		n = text_next(text, left, &point);
		apostrophe = point == '\'';
		if (is_letter(point))
			after_letter = true;
		else if (after_letter && (apostrophe || point == ' ' || point == '-'))
			after_letter = false;
		else
			return err_set(
			    e, ERR_BAD_FIELD,
			    "must be letters, parted by single blanks, hyphens or apostrophes (an accent is part of"
			    " its letter)");
	}
	return after_letter || apostrophe ? 0 : err_set(e, ERR_BAD_FIELD, "must end with a letter");
}

static bool
is_domain(const char *text)
{
	int labels = 0;
	size_t n;

	for (;; text += n + 1) {
		n = strspn(text, ALPHABET DIGITS "-");
		if (n == 0 || n > LABEL || text[0] == '-' || text[n - 1] == '-')
			return false;
		labels++;
		if (text[n] == '\0')
			return labels > 1 && strspn(text, ALPHABET) > 1;
		if (text[n] != '.')
			return false;
	}
}

int
contact_check_email(const char *text, struct err *e)
{
	const char *at = strchr(text, '@');
	size_t n = at == NULL ? 0 : (size_t)(at - text);

	if (strlen(text) >= CONTACT_EMAIL)
		return err_set(e, ERR_BAD_FIELD, "has more than %d bytes", CONTACT_EMAIL - 1);
	if (n == 0 || n > LOCAL_PART || strspn(text, ALPHABET DIGITS "!#$%&'*+/=?^_`{|}~.-") != n ||
	    text[0] == '.' || text[n - 1] == '.' || strstr(text, "..") != NULL || !is_domain(at + 1))
		return err_set(e, ERR_BAD_FIELD, "is not a valid email address");
	return 0;
}

int
contact_parse_birth_date(const char *text, date today, date *on, struct err *e)
{
	if (date_parse(text, on, e) < 0)
		return err_set(e, ERR_BAD_FIELD, "must be a day, YYYY-MM-DD");
	if (*on > date_add_months(today, -12 * LEAST_YEARS) || *on < date_add_months(today, -12 * MOST_YEARS))
		return err_set(e, ERR_BAD_FIELD, "must be of a person of %d to %d years", LEAST_YEARS,
		               MOST_YEARS);
	return 0;
}

int
contact_check_language(const char *text, struct err *e)
{
	static const char *const languages[] = {"en", "fr", "es", "nl"};
	size_t i;

	for (i = 0; i < LENGTH(languages); i++)
		if (strcmp(text, languages[i]) == 0)
			return 0;
	return err_set(e, ERR_BAD_FIELD, "must be en, fr, es or nl");
}
