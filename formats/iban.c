/* iban: see iban.h.
 *
 * refuses  an IBAN of a country that is not in the registry; any separator of its groups but spaces; a BIC
 *          with the letter O at place 8, which SWIFT never gave out: it is a mistyped 0
 * leaves   the national check digits inside an IBAN (RIB key, Spanish DC) alone: the registry does not bind
 *          banks to them
 * source   formats/data/iban_countries.csv (structure: n digits, a letters, c both) and countries.csv (names
 *          of one country separated by '|'), the rows of both in the order of their first column
 */
#include <stdlib.h>
#include <string.h>

#include "formats/iban.h"
#include "formats/length.h"
#include "formats/text.h"

#define NAME_MAX_LENGTH 120
#define IBAN_SHORTEST   15

struct iban_country {
	const char *country, *sepa;
	size_t length;
	const char *structure, *eea;
};

static const struct iban_country iban_countries[] = {
#include "formats/data/iban_countries.inc"
};

struct country_row {
	const char *alpha2, *alpha3, *name_en, *name_fr;
};

static const struct country_row countries[] = {
#include "formats/data/countries.inc"
};

static bool
iban_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static char
to_upper(char c)
{
	return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

static bool
is_alphanumeric(char c)
{
	return iban_is_digit(c) || is_upper(c);
}

/* Both tables begin with the alpha-2 code; the key need not end after it. */
static int
compare_alpha2(const void *key, const void *row)
{
	return strncmp(key, *(const char *const *)row, 2);
}

static const struct iban_country *
find_iban_country(const char *code)
{
	return bsearch(code, iban_countries, LENGTH(iban_countries), sizeof(iban_countries[0]),
	               compare_alpha2);
}

static const struct country_row *
find_country(const char *code)
{
	return bsearch(code, countries, LENGTH(countries), sizeof(countries[0]), compare_alpha2);
}

/* The remainder by 97 of the number so far followed by text, where A is 10 and Z is 35. */
static unsigned
mod97(unsigned so_far, const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned value = (unsigned)(iban_is_digit(text[i]) ? text[i] - '0' : text[i] - 'A' + 10);

		so_far = (so_far * (value > 9 ? 100 : 10) + value) % 97;
	}
	return so_far;
}

/* text holds as many characters as structure asks for */
static bool
fits_structure(const char *text, const char *structure)
{
	while (*structure != '\0') {
		char class = *structure++;
		int n = 0;

		while (iban_is_digit(*structure))
			n = n * 10 + (*structure++ - '0');
		for (; n > 0; n--, text++)
			if (class == 'n'   ? !iban_is_digit(*text)
			    : class == 'a' ? !is_upper(*text)
			                   : !is_alphanumeric(*text))
				return false;
	}
	return true;
}

/* Upper case and without spaces; false when it is longer than any IBAN. */
static bool
squeeze(const char *text, struct iban *iban)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (*text == ' ')
			continue;
		if (n == sizeof(iban->text) - 1)
			return false;
		iban->text[n++] = to_upper(*text);
	}
	iban->text[n] = '\0';
	return true;
}

int
iban_parse(const char *text, struct iban *iban, struct err *e)
{
	const struct iban_country *country;
	struct iban read;
	size_t n;

	if (!squeeze(text, &read))
		return err_set(e, ERR_INVALID_IBAN, "the IBAN is longer than any valid one");
	n = strlen(read.text);
	if (n < 2 || (country = find_iban_country(read.text)) == NULL)
		return err_set(e, ERR_INVALID_IBAN,
		               "the IBAN does not begin with the code of a country that has IBANs");
	if (n != country->length)
		return err_set(e, ERR_INVALID_IBAN, "an IBAN of %s has %zu characters, this one has %zu",
		               country->country, country->length, n);
	if (!iban_is_digit(read.text[2]) || !iban_is_digit(read.text[3]))
		return err_set(e, ERR_INVALID_IBAN, "the check digits are not digits");
	if (!fits_structure(read.text + 4, country->structure))
		return err_set(
		    e, ERR_INVALID_IBAN,
		    "the IBAN does not have the structure of %s: a letter stands in place of a digit, or the reverse",
		    country->country);
	if (mod97(mod97(0, read.text + 4, n - 4), read.text, 4) != 1)
		return err_set(e, ERR_INVALID_IBAN,
		               "the check digits do not match the rest: a character is wrong");
	if (strncmp(read.text + 2, "00", 2) == 0 || strncmp(read.text + 2, "01", 2) == 0 ||
	    strncmp(read.text + 2, "99", 2) == 0)
		return err_set(e, ERR_INVALID_IBAN, "the check digits are not valid in any IBAN");
	*iban = read;
	return 0;
}

char *
iban_mask(char masked[static IBAN_MASKED], const struct iban *iban)
{
	size_t n = strlen(iban->text);

	memcpy(masked, "***", 4);
	if (n >= IBAN_SHORTEST) {
		memcpy(masked, iban->text, 4);
		memcpy(masked + 4, "***", 3);
		memcpy(masked + 7, iban->text + n - 4, 5);
	}
	return masked;
}

bool
iban_is_sepa(const struct iban *iban)
{
	const struct iban_country *country = find_iban_country(iban->text);

	return country != NULL && strcmp(country->sepa, "yes") == 0;
}

bool
iban_is_eea(const struct iban *iban)
{
	const struct iban_country *country = find_iban_country(iban->text);

	return country != NULL && strcmp(country->eea, "yes") == 0;
}

int
bic_check(const char *text, struct err *e)
{
	size_t n = strlen(text);
	size_t i;

	if (n != 8 && n != 11)
		return err_set(e, ERR_INVALID_BIC, "a BIC has 8 or 11 characters, this one has %zu", n);
	for (i = 0; i < n; i++)
		if (!is_alphanumeric(text[i]))
			return err_set(e, ERR_INVALID_BIC, "character %zu of the BIC is not one of A-Z 0-9",
			               i + 1);
	/* Kosovo's banks have BICs with its user-assigned code, which ISO 3166-1 does not list */
	if (find_country(text + 4) == NULL && strncmp(text + 4, "XK", 2) != 0)
		return err_set(e, ERR_INVALID_BIC, "\"%.2s\" in the BIC is not a valid country code",
		               text + 4);
	if (text[7] == 'O')
		return err_set(e, ERR_INVALID_BIC,
		               "character 8 of the BIC is the letter O: it must be the digit 0");
	return 0;
}

/* where every creditor identifier has one length */
static bool
fits_national_length(const char *text, size_t n)
{
	static const struct {
		const char *country;
		size_t length;
	} lengths[] = {{"DE", 18}, {"FR", 13}};
	size_t i;

	for (i = 0; i < LENGTH(lengths); i++)
		if (strncmp(text, lengths[i].country, 2) == 0)
			return n == lengths[i].length;
	return true;
}

int
creditor_id_check(const char *text, struct err *e)
{
	const char *code = ERR_INVALID_CREDITOR_IDENTIFIER;
	size_t n = strlen(text);
	size_t i;

	if (n < 8 || n > 35 || !fits_national_length(text, n))
		return err_set(e, code, "%zu characters are too few or too many for a creditor identifier",
		               n);
	for (i = 0; i < n; i++)
		if (!is_alphanumeric(text[i]))
			return err_set(
			    e, code, "character %zu of the creditor identifier is not one of A-Z 0-9", i + 1);
	if (find_country(text) == NULL)
		return err_set(e, code, "\"%.2s\" at its start is not a valid country code", text);
	if (!iban_is_digit(text[2]) || !iban_is_digit(text[3]) ||
	    mod97(mod97(0, text + 7, n - 7), text, 4) != 1)
		return err_set(e, code, "the check digits do not match the rest: a character is wrong");
	return 0;
}

/* Letters and digits alone, upper case, without accents; -1 when it is not text or too long for a country. */
static int
iban_fold(const char *text, size_t n, char folded[static NAME_MAX_LENGTH + 1])
{
	char name[NAME_MAX_LENGTH + 1], sepa[NAME_MAX_LENGTH + 1];
	struct err ignored = {0};
	size_t kept = 0;
	const char *c;

	if (n >= sizeof(name))
		return -1;
	memcpy(name, text, n);
	name[n] = '\0';
	if (text_to_sepa(name, sepa, NAME_MAX_LENGTH, &ignored) < 0)
		return -1;
	for (c = sepa; *c != '\0'; c++)
		if (is_alphanumeric(to_upper(*c)))
			folded[kept++] = to_upper(*c);
	folded[kept] = '\0';
	return 0;
}

/* Is `wanted`, folded, among these names, which '|' separates? */
static bool
is_among(const char *names, const char *wanted)
{
	while (*names != '\0') {
		char name[NAME_MAX_LENGTH + 1];
		size_t n = strcspn(names, "|");

		/* a name in plain letters is folded only when its first one agrees: most do not */
		if (((unsigned char)names[0] >= 0x80 || names[0] == wanted[0]) &&
		    iban_fold(names, n, name) == 0 && strcmp(name, wanted) == 0)
			return true;
		names += n + (names[n] == '|');
	}
	return false;
}

static const struct country_row *
find_country_name(const char *wanted)
{
	size_t n = strlen(wanted);
	const struct country_row *found = n == 2 ? find_country(wanted) : NULL;
	size_t i;

	for (i = 0; n > 1 && found == NULL && i < LENGTH(countries); i++)
		if ((n == 3 && strcmp(countries[i].alpha3, wanted) == 0) ||
		    is_among(countries[i].name_en, wanted) || is_among(countries[i].name_fr, wanted))
			found = &countries[i];
	return found;
}

int
country_parse(const char *text, struct country *country, struct err *e)
{
	char wanted[NAME_MAX_LENGTH + 1];
	const struct country_row *row = NULL;

	if (iban_fold(text, strlen(text), wanted) == 0)
		row = find_country_name(wanted);
	if (row == NULL)
		return err_set(
		    e, ERR_INVALID_COUNTRY,
		    "\"%.60s\" is not a valid country: it must be an ISO 3166 code or an English or French name",
		    text);
	memcpy(country->alpha2, row->alpha2, sizeof(country->alpha2));
	memcpy(country->alpha3, row->alpha3, sizeof(country->alpha3));
	return 0;
}
