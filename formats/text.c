/* text: see text.h.
 *
 * A character has one counterpart, that of EPC217-08 where the document has it (ß -> s, Ä -> A, never the
 * German AE); other letters of the Latin script, Vietnamese ones among them, go to their base letter. What
 * is neither allowed nor in the table is dropped, so an accent that stands for itself (NFD) falls away.
 * source   formats/data/sepa_characters.csv, rows in the order of their bytes; RFC 3629
 */
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/text.h"

#define IDENTIFIER_MAX 35
#define WORD_MAX       63

struct counterpart {
	const char *character, *replacement;
};

static const struct counterpart counterparts[] = {
#include "formats/data/sepa_characters.inc"
};

int
text_copy(char *dst, size_t size, const char *src)
{
	size_t n = src != NULL ? strlen(src) : 0;

	if (n >= size) {
		if (size > 0)
			dst[0] = '\0';
		return -1;
	}
	if (n > 0)
		memcpy(dst, src, n);
	dst[n] = '\0';
	return 0;
}

void
text_cut(char *dst, size_t size, const char *src)
{
	size_t n = strlen(src);

	if (n >= size) {
		n = size - 1;
		while (n > 0 && ((unsigned char)src[n] & 0xC0) == 0x80)
			n--;
	}
	memcpy(dst, src, n);
	dst[n] = '\0';
}

static bool
is_between(unsigned char c, unsigned char least, unsigned char most)
{
	return c >= least && c <= most;
}

/* How many bytes the character at c takes, of n that are left; 0 when it is not UTF-8. The second byte shows
 * overlong forms, surrogates and what lies beyond U+10FFFF. */
static size_t
character_length(const unsigned char *c, size_t n)
{
	static const struct {
		unsigned char first, last, second_least, second_most, length;
	} forms[] = {
	    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
	    {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
	    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
	};
	size_t i;

	if (c[0] < 0x80)
		return 1;
	for (i = 0; i < LENGTH(forms); i++) {
		size_t k;

		if (!is_between(c[0], forms[i].first, forms[i].last))
			continue;
		if (n < forms[i].length || !is_between(c[1], forms[i].second_least, forms[i].second_most))
			return 0;
		for (k = 2; k < forms[i].length; k++)
			if (!is_between(c[k], 0x80, 0xBF))
				return 0;
		return forms[i].length;
	}
	return 0;
}

size_t
text_next(const char *text, size_t n, uint32_t *point)
{
	const unsigned char *c = (const unsigned char *)text;
	size_t i, length = character_length(c, n);

	if (length == 0) {
		*point = TEXT_NO_CHARACTER;
		return 1;
	}
	*point = length == 1 ? c[0] : c[0] & (0x7Fu >> length);
	for (i = 1; i < length; i++)
		*point = *point << 6 | (c[i] & 0x3Fu);
	return length;
}

bool
text_is_control(uint32_t point)
{
	static const struct {
		uint32_t first, last;
	} controls[] = {
	    {0x00, 0x1F},
	    {0x7F, 0x9F},
	    {0x061C, 0x061C},
	    {0x200E, 0x200F},
	    {0x2028, 0x202E},
	    {0x2066, 0x2069},
	    {TEXT_NO_CHARACTER, TEXT_NO_CHARACTER},
	};
	size_t i;

	for (i = 0; i < LENGTH(controls) && point >= controls[i].first; i++)
		if (point <= controls[i].last)
			return true;
	return false;
}

bool
text_has_control(const char *text)
{
	size_t left = strlen(text), n;
	uint32_t point;

	for (; left > 0; text += n, left -= n) {
		n = text_next(text, left, &point);
		if (text_is_control(point))
			return true;
	}
	return false;
}

void
text_clean(char *text)
{
	size_t left = strlen(text), n;
	char *to = text;
	uint32_t point;

	for (; left > 0; text += n, left -= n) {
		n = text_next(text, left, &point);
		if (text_is_control(point)) {
			*to++ = '?';
			continue;
		}
		memmove(to, text, n);
		to += n;
	}
	*to = '\0';
}

bool
text_is_blank(const char *text)
{
	return text != NULL && text[strspn(text, " \t\r\n")] == '\0';
}

const char *
text_or_null(const char *text)
{
	return text == NULL || text[0] == '\0' ? NULL : text;
}

bool
text_is_utf8(const char *text, size_t length)
{
	const unsigned char *c = (const unsigned char *)text;
	uint64_t eight;
	size_t n;

	for (; length > 0; c += n, length -= n) {
		for (; length >= sizeof(eight); c += sizeof(eight), length -= sizeof(eight)) {
			memcpy(&eight, c, sizeof(eight));
			if ((eight & UINT64_C(0x8080808080808080)) != 0)
				break; /* not all of these are ASCII */
		}
		if (length == 0)
			break;
		if ((n = character_length(c, length)) == 0)
			return false;
	}
	return true;
}

static bool
is_allowed(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr(" /-?:().,'+", c) != NULL);
}

/* Blanks and line breaks of every width: Unicode White_Space. */
static bool
is_white(const char character[static 5])
{
	static const char *const blanks[] = {
	    "\t",           "\n",           "\v",           "\f",           "\r",           " ",
	    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82",
	    "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88",
	    "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F",
	    "\xE3\x80\x80",
	};
	size_t i;

	for (i = 0; i < LENGTH(blanks); i++)
		if (strcmp(character, blanks[i]) == 0)
			return true;
	return false;
}

static int
compare_character(const void *character, const void *row)
{
	const struct counterpart *c = row;

	return strcmp(character, c->character);
}

/* What stands for one character; "" when it is dropped. The answer may be `character` itself. */
static const char *
counterpart_of(const char character[static 5])
{
	const struct counterpart *found;

	if (character[1] == '\0' && is_allowed(character[0]))
		return character;
	if (strcmp(character, "\\") ==
	    0) /* the one character that the table cannot contain: it escapes in C */
		return "/";
	found = bsearch(character, counterparts, LENGTH(counterparts), sizeof(counterparts[0]),
	                compare_character);
	if (found != NULL)
		return found->replacement;
	return is_white(character) ? " " : "";
}

/* Appends, with one blank for a run of them and none at the start, until `most` characters stand. */
static size_t
text_append(char *dst, size_t n, size_t most, const char *text)
{
	for (; *text != '\0' && n < most; text++)
		if (*text != ' ' || (n > 0 && dst[n - 1] != ' '))
			dst[n++] = *text;
	return n;
}

int
text_to_sepa(const char *text, char *dst, size_t most, struct err *e)
{
	size_t left = strlen(text), kept = 0, length;
	const char *c = text;

	dst[0] = '\0';
	if (!text_is_utf8(text, left))
		return err_set(e, ERR_INVALID_TEXT, "the text is not valid UTF-8");
	for (; left > 0 && kept < most; c += length, left -= length) {
		char character[5] = "";

		length = character_length((const unsigned char *)c, left);
		memcpy(character, c, length);
		kept = text_append(dst, kept, most, counterpart_of(character));
	}
	if (kept > 0 && dst[kept - 1] == ' ')
		kept--;
	dst[kept] = '\0';
	if (kept == 0 && text[0] != '\0' && most > 0)
		return err_set(e, ERR_INVALID_TEXT,
		               "the text has no character that a SEPA message may contain");
	return 0;
}

int
text_check_identifier(const char *text, struct err *e)
{
	size_t n = strlen(text);
	size_t i;

	if (n == 0 || n > IDENTIFIER_MAX)
		return err_set(e, ERR_INVALID_IDENTIFIER,
		               "an identifier has 1 to 35 characters, this one has %zu", n);
	for (i = 0; i < n; i++)
		if (!is_allowed(text[i]))
			return err_set(
			    e, ERR_INVALID_IDENTIFIER,
			    "character %zu of the identifier is not one of a-z A-Z 0-9 / - ? : ( ) . , ' + and space",
			    i + 1);
	if (text[0] == '/' || text[n - 1] == '/' || strstr(text, "//") != NULL)
		return err_set(e, ERR_INVALID_IDENTIFIER, "\"%s\" begins or ends with '/' or contains \"//\"",
		               text);
	if (text[0] == ' ' || text[n - 1] == ' ')
		return err_set(e, ERR_INVALID_IDENTIFIER, "\"%s\" begins or ends with a space", text);
	return 0;
}

static unsigned
least_of(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;

	return ab < c ? ab : c;
}

const signed char text_hex_digits[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

unsigned
text_distance(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);
	unsigned row[WORD_MAX + 1];
	unsigned i;
	size_t k;

	if (na > WORD_MAX || nb > WORD_MAX)
		return UINT_MAX;
	for (k = 0; k <= nb; k++)
		row[k] = (unsigned)k;
	for (i = 1; i <= na; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (k = 1; k <= nb; k++) {
			unsigned above = row[k];

			row[k] = least_of(above + 1, row[k - 1] + 1, diagonal + (a[i - 1] != b[k - 1]));
			diagonal = above;
		}
	}
	return row[nb];
}

int
text_width(const char *text)
{
	int n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

const char *
text_plural(int64_t n)
{
	return n == 1 ? "" : "s";
}
