/* json: see json.h; members are looked up in json_value.c, the writer is in json_write.c.
 *
 * The text is read once, by the grammar, into values that lie in a few blocks. A general reader in front of
 * the strict checks would read everything twice, which costs too much.
 */
#include "formats/json.h"

#include <stdlib.h>
#include <string.h>

#include "formats/json_keys.h"
#include "formats/json_skip.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/text.h"

#define MAX_DEPTH   32
#define MAX_DIGITS  15 /* what every program keeps exactly */
#define FIRST_BLOCK 16 /* values in the first block of a text, doubled with each further one */
#define LAST_BLOCK  1024

struct block {
	struct block *next;
	size_t used, size;
	struct json_value value[];
};

/* All that a parsed text is made of; the outermost value comes first, so that json_free finds the rest. */
struct document {
	struct json_value root;
	struct block *blocks;
	/* Keys and texts, each with its NUL: never longer than they were in quotes; digits, than with what follows them. */
	char texts[];
};

struct scan {
	const char *begin, *at, *end;
	int depth;
	struct document *document;
	char *text; /* where the next key or text goes */
	bool any_number, tolerant;
	bool check_texts;  /* each is to be UTF-8: not all of them are */
	const char *fault; /* of the text at hand; NULL: none */
	struct err *e;
};

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

static int
json_refuse(const struct scan *s, const char *at, const char *message)
{
	const char *from;
	long line = count_lines(s->begin, at, &from), column = 1;

	for (; from < at; from++)
		column += ((unsigned char)*from & 0xC0) != 0x80;
	return err_at(s->e, line, column, ERR_MALFORMED_JSON, "%s", message);
}

/* What makes a text unusable, but not what comes after it. */
static int
json_fault(struct scan *s, const char *at, const char *message)
{
	if (!s->tolerant)
		return json_refuse(s, at, message);
	if (s->fault == NULL)
		s->fault = message;
	return 0;
}

static void
skip_blanks(struct scan *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
		s->at++;
}

static bool
json_take(struct scan *s, char c)
{
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

static struct json_value *
add_value(struct scan *s)
{
	struct block *b = s->document->blocks;
	struct json_value *v;

	if (b == NULL || b->used == b->size) {
		size_t size = b != NULL ? b->size * 2 : FIRST_BLOCK;
		struct block *more;

		if (size > LAST_BLOCK)
			size = LAST_BLOCK;
		more = memory_check(malloc(sizeof(*more) + size * sizeof(more->value[0])));
		more->next = b;
		more->used = 0;
		more->size = size;
		s->document->blocks = b = more;
	}
	v = &b->value[b->used++];
	*v = (struct json_value){0};
	return v;
}

static int
scan_hex4(struct scan *s, unsigned *unit)
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
put_utf8(struct scan *s, unsigned point)
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
scan_unicode(struct scan *s)
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
scan_escape(struct scan *s)
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

/* A text in quotes; *length without its NUL. s->fault: it is not usable. */
static int
scan_text(struct scan *s, const char **text, size_t *length)
{
	const char *from = s->at;

	if (!json_take(s, '"'))
		return json_refuse(s, s->at, "expected a text in quotes");
	*text = s->text;
	while (s->at < s->end) {
		const char *plain = s->at;

		s->at = skip_plain(s->at, s->end);
		memcpy(s->text, plain, (size_t)(s->at - plain));
		s->text += s->at - plain;
		if (s->at == s->end)
			break;
		if (json_take(s, '"')) {
			*length = (size_t)(s->text - *text);
			*s->text++ = '\0';
			return s->check_texts && !text_is_utf8(*text, *length)
			           ? json_fault(s, from, "the text is not valid UTF-8")
			           : 0;
		}
		if (json_take(s, '\\')) {
			if (scan_escape(s) != 0)
				return -1;
			continue;
		}
		if (json_fault(s, s->at, "a text contains a control character") != 0)
			return -1;
		s->at++;
	}
	return json_refuse(s, from, "a text is not closed");
}

/* A number that is not exact here, as the digits it was written with. */
static int
json_take_digits(struct scan *s, const char *from, struct json_value *v)
{
	size_t n = json_measure_number(from, s->end);

	if (n == 0)
		return json_refuse(s, from, "the number is not valid");
	v->type = JSON_DIGITS;
	v->text = s->text;
	memcpy(s->text, from, n);
	s->text[n] = '\0';
	s->text += n + 1;
	s->at = from + n;
	return 0;
}

static int
scan_number(struct scan *s, int64_t *number)
{
	const char *from = s->at;
	bool negative = json_take(s, '-');
	const char *digits = s->at;

	*number = 0;
	while (s->at < s->end && *s->at >= '0' && *s->at <= '9' && s->at - digits <= MAX_DIGITS)
		*number = *number * 10 + (*s->at++ - '0');
	if (s->at == digits || (*digits == '0' && s->at - digits > 1))
		return json_refuse(s, from, "the number is not valid");
	if (s->at - digits > MAX_DIGITS)
		return json_refuse(s, from, "a number has more than 15 digits");
	if (s->at < s->end && *s->at != '\0' && strchr(".eE", *s->at) != NULL)
		return json_refuse(s, from, "a number is not whole");
	if (negative)
		*number = -*number;
	return 0;
}

static int
scan_any_number(struct scan *s, struct json_value *v)
{
	const char *from = s->at, *at = from + (*from == '-');
	size_t n = json_count_digits(at, s->end);
	bool whole = at + n == s->end || at[n] == '\0' || strchr(".eE", at[n]) == NULL;

	if (n > MAX_DIGITS || (n > 0 && !whole))
		return json_take_digits(s, from, v);
	return scan_number(s, &v->number);
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
scan_word(struct scan *s, struct json_value *v)
{
	const struct word *found = find_word(s->at, (size_t)(s->end - s->at));

	if (found == NULL)
		return json_refuse(s, s->at, "expected a value");
	s->at += strlen(found->word);
	v->type = found->type;
	v->number = found->number;
	return 0;
}

/* The object has this key twice, or one that is not usable. */
static int
refuse_key(const struct scan *s, const char *from, struct json_value *object)
{
	if (!s->tolerant)
		return json_refuse(s, from, "the object has this key twice");
	object->number = 1;
	return 0;
}

static int
scan_key(struct scan *s, struct json_value *object, struct json_keys *k, struct json_value *member)
{
	struct json_key key = {.from = s->at};

	if (scan_text(s, &member->key, &member->key_length) != 0)
		return -1;
	key.text = member->key;
	key.length = member->key_length;
	if ((s->fault != NULL || !json_keys_add(k, &key)) && refuse_key(s, key.from, object) != 0)
		return -1;
	s->fault = NULL;
	skip_blanks(s);
	if (!json_take(s, ':'))
		return json_refuse(s, s->at, "expected a colon");
	return 0;
}

static int scan_value(struct scan *s, struct json_value *v);

/* The members of an object or array, up to its closing bracket. */
static int
scan_list(struct scan *s, struct json_value *list, char closing, struct json_keys *k)
{
	struct json_value **last = &list->child;
	const char *twice;

	do {
		struct json_value *v = add_value(s);

		skip_blanks(s);
		if (closing == '}' && scan_key(s, list, k, v) != 0)
			return -1;
		if (scan_value(s, v) != 0)
			return -1;
		*last = v;
		last = &v->next;
	} while (json_take(s, ','));
	if (!json_take(s, closing))
		return json_refuse(s, s->at, "expected a comma or the closing bracket");
	twice = json_keys_doubled(k);
	return twice == NULL ? 0 : refuse_key(s, twice, list);
}

/* An object or array, after its opening bracket. */
static int
scan_members(struct scan *s, struct json_value *list, char closing)
{
	static const char too_deep[] = "the text is nested more than 32 levels deep";
	struct json_keys k;
	int rc = 0;

	if (s->depth == MAX_DEPTH && !s->tolerant)
		return json_refuse(s, s->at - 1, too_deep);
	if (s->depth == MAX_DEPTH) {
		*list = (struct json_value){
		    .type = JSON_FAULT, .key = list->key, .key_length = list->key_length, .text = too_deep};
		s->at = json_skip(s->at - 1, s->end);
		return 0;
	}
	s->depth++;
	list->text = s->tolerant ? s->at - 1 : NULL;
	json_keys_begin(&k);
	skip_blanks(s);
	if (!json_take(s, closing))
		rc = scan_list(s, list, closing, &k);
	json_keys_end(&k);
	s->depth--;
	return rc;
}

/* A number or a word; what is neither, up to where the next value can begin, is a fault. */
static int
scan_token(struct scan *s, struct json_value *v)
{
	static const char token[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._";
	bool number = *s->at == '-' || (*s->at >= '0' && *s->at <= '9');
	const struct word *found;
	size_t n = 0;

	if (number)
		v->type = JSON_NUMBER;
	if (!s->tolerant && number)
		return s->any_number ? scan_any_number(s, v) : scan_number(s, &v->number);
	if (!s->tolerant)
		return scan_word(s, v);
	while (s->at + n < s->end && s->at[n] != '\0' && strchr(token, s->at[n]) != NULL)
		n++;
	if (number && json_measure_number(s->at, s->end) == n)
		return scan_any_number(s, v);
	found = find_word(s->at, n);
	if (n == 0 || (found != NULL && strlen(found->word) == n))
		return scan_word(s, v);
	v->type = JSON_FAULT;
	v->text = "the value is not valid";
	s->at += n;
	return 0;
}

static int
scan_text_value(struct scan *s, struct json_value *v)
{
	size_t length;

	v->type = JSON_TEXT;
	if (scan_text(s, &v->text, &length) != 0)
		return -1;
	if (s->fault != NULL) {
		v->type = JSON_FAULT;
		v->text = s->fault;
		s->fault = NULL;
	}
	return 0;
}

static int
scan_value(struct scan *s, struct json_value *v)
{
	int rc;

	skip_blanks(s);
	if (s->at == s->end)
		return json_refuse(s, s->at, "expected a value");
	if (json_take(s, '{')) {
		v->type = JSON_OBJECT;
		rc = scan_members(s, v, '}');
	} else if (json_take(s, '[')) {
		v->type = JSON_ARRAY;
		rc = scan_members(s, v, ']');
	} else if (*s->at == '"') {
		rc = scan_text_value(s, v);
	} else {
		rc = scan_token(s, v);
	}
	skip_blanks(s);
	return rc;
}

static int
check_utf8(const char *text, size_t length, struct err *e)
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

static int
scan_whole(struct scan *s)
{
	if (s->end - s->begin >= 3 && memcmp(s->begin, "\xEF\xBB\xBF", 3) == 0) {
		if (!s->tolerant)
			return json_refuse(s, s->begin, "the text begins with a byte order mark");
		s->at += 3;
	}
	if (scan_value(s, &s->document->root) != 0)
		return -1;
	if (s->at != s->end)
		return json_refuse(s, s->at, "there is text after the value");
	return 0;
}

static struct json_value *
parse(struct scan *s, const char *text, size_t length, struct err *e)
{
	s->begin = s->at = text;
	s->end = text + length;
	s->e = e;
	s->check_texts = s->tolerant && !text_is_utf8(text, length);
	if (!s->tolerant && check_utf8(text, length, e) != 0)
		return NULL;
	/* one byte more for a number that is all there is */
	s->document = memory_check(malloc(sizeof(*s->document) + length + 1));
	s->document->root = (struct json_value){0};
	s->document->blocks = NULL;
	s->text = s->document->texts;
	if (scan_whole(s) == 0)
		return &s->document->root;
	json_free(&s->document->root);
	return NULL;
}

struct json_value *
json_parse(const char *text, size_t length, struct err *e)
{
	struct scan s = {.any_number = false};

	return parse(&s, text, length, e);
}

struct json_value *
json_parse_any_number(const char *text, size_t length, struct err *e)
{
	struct scan s = {.any_number = true};

	return parse(&s, text, length, e);
}

struct json_value *
json_parse_tolerant(const char *text, size_t length, struct err *e)
{
	struct scan s = {.any_number = true, .tolerant = true};

	return parse(&s, text, length, e);
}

void
json_free(struct json_value *root)
{
	struct document *d = (struct document *)root;

	if (d == NULL)
		return;
	while (d->blocks != NULL) {
		struct block *b = d->blocks;

		d->blocks = b->next;
		free(b);
	}
	free(d);
}
