/* json_scan: see json_scan.h. */
#include "formats/json_scan.h"

#include <string.h>

#include "formats/json_skip.h"
#include "formats/length.h"
#include "formats/text.h"

#define MAX_DIGITS 15 /* what every program keeps exactly */

static long
count_lines(const char *begin, const char *at, const char **line_begin)
{
	long line = 1;
	const char *c;

	*line_begin = begin;
	for (c = begin; c < at; c++)
		if (*c == '\n') {
			line++;
			*line_begin = c + 1;
		}
	return line;
}

int
json_scan_refuse(const struct json_scan *s, const char *at, const char *message)
{
	const char *from;
	long line = count_lines(s->begin, at, &from), column = 1;

	for (; from < at; from++)
		column += ((unsigned char)*from & 0xC0) != 0x80;
	return err_at(s->e, line, column, ERR_MALFORMED_JSON, "%s", message);
}

/* What makes a text unusable, but not what comes after it. */
static int
json_fault(struct json_scan *s, const char *at, const char *message)
{
	if (!s->tolerant)
		return json_scan_refuse(s, at, message);
	if (s->fault == NULL)
		s->fault = message;
	return 0;
}

static int
scan_hex4(struct json_scan *s, unsigned *unit)
{
	int i;

	*unit = 0;
	for (i = 0; i < 4; i++) {
		int digit = s->at < s->end ? text_hex(*s->at) : -1;

		if (digit < 0)
			return json_fault(s, s->at, "\\u needs four hexadecimal digits");
		*unit = *unit << 4 | (unsigned)digit;
		s->at++;
	}
	return 0;
}

static void
put_utf8(struct json_scan *s, unsigned point)
{
	size_t n, i;

	if (point < 0x80) {
		*s->text++ = (char)point;
		return;
	}
	n = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	for (i = n; --i > 0; point >>= 6)
		s->text[i] = (char)(0x80 | (point & 0x3F));
	s->text[0] = (char)((0xF00 >> n & 0xFF) | point);
	s->text += n;
}

static int
scan_unicode(struct json_scan *s)
{
	const char *from = s->at - 2;
	unsigned unit, low;

	if (scan_hex4(s, &unit) != 0)
		return -1;
	if (s->fault != NULL)
		return 0;
	if (unit == 0)
		return json_fault(s, from, "\\u0000 is not allowed");
	if (unit >= 0xD800 && unit <= 0xDFFF) {
		if (unit > 0xDBFF || s->end - s->at < 2 || memcmp(s->at, "\\u", 2) != 0)
			return json_fault(s, from, "a surrogate pair is not complete");
		s->at += 2;
		if (scan_hex4(s, &low) != 0)
			return -1;
		if (low < 0xDC00 || low > 0xDFFF)
			return json_fault(s, from, "a surrogate pair is not complete");
		unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
	}
	put_utf8(s, unit);
	return 0;
}

static int
scan_escape(struct json_scan *s)
{
	static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	char c = s->at < s->end ? *s->at : '\0';
	const char *known = c != '\0' ? strchr(escapes, c) : NULL;

	if (known == NULL && c != 'u' && json_fault(s, s->at, "the escape is not valid") != 0)
		return -1;
	s->at += s->at < s->end;
	if (known == NULL && c != 'u')
		return 0;
	if (c == 'u')
		return scan_unicode(s);
	*s->text++ = meanings[known - escapes];
	return 0;
}

/* Whether the first byte in memory is the lowest of a number; known when this is compiled. */
static bool
is_lowest_first(void)
{
	const uint64_t one = 1;
	unsigned char first;

	memcpy(&first, &one, sizeof(first));
	return first == 1;
}

/* Finds the next quote, backslash or control character. It looks at eight bytes at once, because most text has none of
 * them: subtracting the wanted byte from each leaves a borrow in the highest bit of those that match. Bytes above one that matches
 * may have it, too, so the lowest is looked for. */
static const char *
skip_plain(const char *at, const char *end)
{
	const uint64_t each = UINT64_C(0x0101010101010101), high = each << 7;
	uint64_t eight, quote, backslash, found;

	for (; end - at >= (ptrdiff_t)sizeof(eight); at += sizeof(eight)) {
		memcpy(&eight, at, sizeof(eight));
		quote = eight ^ each * '"';
		backslash = eight ^ each * '\\';
		found = (((quote - each) & ~quote) | ((backslash - each) & ~backslash) |
		         ((eight - each * 0x20) & ~eight)) &
		        high;
		if (found != 0 && is_lowest_first())
			return at + __builtin_ctzll(found) / 8;
		if (found != 0)
			break;
	}
	while (at < end && (unsigned char)*at >= 0x20 && *at != '"' && *at != '\\')
		at++;
	return at;
}

int
json_scan_text(struct json_scan *s, const char **text, size_t *length)
{
	const char *from = s->at;

	if (!json_scan_take(s, '"'))
		return json_scan_refuse(s, s->at, "expected a text in quotes");
	*text = s->text;
	while (s->at < s->end) {
		const char *plain = s->at;

		s->at = skip_plain(s->at, s->end);
		memcpy(s->text, plain, (size_t)(s->at - plain));
		s->text += s->at - plain;
		if (s->at == s->end)
			break;
		if (json_scan_take(s, '"')) {
			*length = (size_t)(s->text - *text);
			*s->text++ = '\0';
			return s->check_texts && !text_is_utf8(*text, *length)
			           ? json_fault(s, from, "the text is not valid UTF-8")
			           : 0;
		}
		if (json_scan_take(s, '\\')) {
			if (scan_escape(s) != 0)
				return -1;
			continue;
		}
		if (json_fault(s, s->at, "a text contains a control character") != 0)
			return -1;
		s->at++;
	}
	return json_scan_refuse(s, from, "a text is not closed");
}

/* A number that is not exact here, as the digits it was written with. */
static int
json_take_digits(struct json_scan *s, const char *from, struct json_item *item)
{
	size_t n = json_measure_number(from, s->end);

	if (n == 0)
		return json_scan_refuse(s, from, "the number is not valid");
	item->type = JSON_DIGITS;
	item->text = s->text;
	memcpy(s->text, from, n);
	s->text[n] = '\0';
	s->text += n + 1;
	s->at = from + n;
	return 0;
}

static int
scan_number(struct json_scan *s, int64_t *number)
{
	const char *from = s->at;
	bool negative = json_scan_take(s, '-');
	const char *digits = s->at;

	*number = 0;
	while (s->at < s->end && *s->at >= '0' && *s->at <= '9' && s->at - digits <= MAX_DIGITS)
		*number = *number * 10 + (*s->at++ - '0');
	if (s->at == digits || (*digits == '0' && s->at - digits > 1))
		return json_scan_refuse(s, from, "the number is not valid");
	if (s->at - digits > MAX_DIGITS)
		return json_scan_refuse(s, from, "a number has more than 15 digits");
	if (s->at < s->end && *s->at != '\0' && strchr(".eE", *s->at) != NULL)
		return json_scan_refuse(s, from, "a number is not whole");
	if (negative)
		*number = -*number;
	return 0;
}

static int
scan_any_number(struct json_scan *s, struct json_item *item)
{
	const char *from = s->at, *at = from + (*from == '-');
	size_t n = json_count_digits(at, s->end);
	bool whole = at + n == s->end || at[n] == '\0' || strchr(".eE", at[n]) == NULL;

	if (n > MAX_DIGITS || (n > 0 && !whole))
		return json_take_digits(s, from, item);
	return scan_number(s, &item->number);
}

struct word {
	const char *word;
	enum json_type type;
	int64_t number;
};

static const struct word *
find_word(const char *at, size_t n)
{
	static const struct word words[] = {
	    {"true", JSON_BOOL, 1}, {"false", JSON_BOOL, 0}, {"null", JSON_NULL, 0}};
	size_t i;

	for (i = 0; i < LENGTH(words); i++)
		if (n >= strlen(words[i].word) && memcmp(at, words[i].word, strlen(words[i].word)) == 0)
			return &words[i];
	return NULL;
}

static int
scan_word(struct json_scan *s, struct json_item *item)
{
	const struct word *found = find_word(s->at, (size_t)(s->end - s->at));

	if (found == NULL)
		return json_scan_refuse(s, s->at, JSON_NO_VALUE);
	s->at += strlen(found->word);
	item->type = found->type;
	item->number = found->number;
	return 0;
}

/* A number or a word; what is neither, up to where the next value can begin, is a fault. */
static int
scan_token(struct json_scan *s, struct json_item *item)
{
	static const char token[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._";
	bool number = *s->at == '-' || (*s->at >= '0' && *s->at <= '9');
	const struct word *found;
	size_t n = 0;

	if (number)
		item->type = JSON_NUMBER;
	if (!s->tolerant && number)
		return s->any_number ? scan_any_number(s, item) : scan_number(s, &item->number);
	if (!s->tolerant)
		return scan_word(s, item);
	while (s->at + n < s->end && s->at[n] != '\0' && strchr(token, s->at[n]) != NULL)
		n++;
	if (number && json_measure_number(s->at, s->end) == n)
		return scan_any_number(s, item);
	found = find_word(s->at, n);
	if (n == 0 || (found != NULL && strlen(found->word) == n))
		return scan_word(s, item);
	item->type = JSON_FAULT;
	item->text = "the value is not valid";
	s->at += n;
	return 0;
}

static int
scan_text_value(struct json_scan *s, struct json_item *item)
{
	size_t length;

	item->type = JSON_TEXT;
	if (json_scan_text(s, &item->text, &length) != 0)
		return -1;
	if (s->fault != NULL) {
		item->type = JSON_FAULT;
		item->text = s->fault;
		s->fault = NULL;
	}
	return 0;
}

int
json_scan_item(struct json_scan *s, struct json_item *item)
{
	*item = (struct json_item){0};
	return *s->at == '"' ? scan_text_value(s, item) : scan_token(s, item);
}

int
json_scan_utf8(const char *text, size_t length, struct err *e)
{
	const char *at, *end, *lf;
	long line = 1;

	if (text_is_utf8(text, length))
		return 0;
	at = text;
	end = text + length;
	while ((lf = memchr(at, '\n', (size_t)(end - at))) != NULL && text_is_utf8(at, (size_t)(lf - at))) {
		at = lf + 1;
		line++;
	}
	return err_at(e, line, 0, ERR_NOT_UTF8, "the text is not valid UTF-8");
}
