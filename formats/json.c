/* json: strict reading over cJSON, and a small writer.
 *
 * cJSON lets through raw control characters, doubled keys, text after the value and numbers it
 * cannot keep exactly; so the text is scanned by the grammar before cJSON sees it.
 * source   RFC 8259, RFC 7493 (I-JSON: no doubled key, no lone surrogate)
 */
#include "formats/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats/text.h"

#define MAX_DEPTH  32
#define MAX_DIGITS 15 /* what cJSON keeps exactly */

struct scan {
	const char *begin, *at, *end;
	int depth;
	const char **key; /* where the keys of the objects that are open begin, after the quote */
	size_t keys, room;
	struct err *e;
};

static long
count_lines(const char *begin, const char *at, const char **line_begin)
{
	long line = 1;
	*line_begin = begin;
	for (const char *c = begin; c < at; c++)
		if (*c == '\n') {
			line++;
			*line_begin = c + 1;
		}
	return line;
}

static int
refuse(const struct scan *s, const char *at, const char *message)
{
	const char *from;
	long line = count_lines(s->begin, at, &from), column = 1;
	for (; from < at; from++)
		column += ((unsigned char)*from & 0xC0) != 0x80;
	return err_at(s->e, line, column, "malformed_json", "%s", message);
}

static void
skip_blanks(struct scan *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
		s->at++;
}

static bool
take(struct scan *s, char c)
{
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

static int
scan_hex4(struct scan *s, unsigned *unit)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	*unit = 0;
	for (int i = 0; i < 4; i++) {
		const char *d = s->at < s->end && *s->at ? strchr(digits, *s->at) : NULL;
		if (!d)
			return refuse(s, s->at, "\\u needs four hexadecimal digits");
		*unit = *unit << 4 | (unsigned)((d - digits) & 15);
		s->at++;
	}
	return 0;
}

static int
scan_unicode(struct scan *s)
{
	const char *from = s->at - 2;
	unsigned unit, low;
	if (scan_hex4(s, &unit) != 0)
		return -1;
	if (unit == 0)
		return refuse(s, from, "\\u0000 is not taken");
	if (unit < 0xD800 || unit > 0xDFFF)
		return 0;
	if (unit > 0xDBFF || !take(s, '\\') || !take(s, 'u'))
		return refuse(s, from, "half of a surrogate pair");
	if (scan_hex4(s, &low) != 0)
		return -1;
	if (low < 0xDC00 || low > 0xDFFF)
		return refuse(s, from, "half of a surrogate pair");
	return 0;
}

static int
scan_escape(struct scan *s)
{
	if (s->at == s->end || *s->at == '\0' || !strchr("\"\\/bfnrtu", *s->at))
		return refuse(s, s->at, "no such escape");
	if (*s->at++ == 'u')
		return scan_unicode(s);
	return 0;
}

static int
scan_text(struct scan *s)
{
	const char *from = s->at;
	if (!take(s, '"'))
		return refuse(s, s->at, "a text in quotes must stand here");
	while (s->at < s->end) {
		unsigned char c = (unsigned char)*s->at;
		if (c < 0x20)
			return refuse(s, s->at, "a control character in a text");
		s->at++;
		if (c == '"')
			return 0;
		if (c == '\\' && scan_escape(s) != 0)
			return -1;
	}
	return refuse(s, from, "a text is not closed");
}

static int
scan_number(struct scan *s)
{
	const char *from = s->at;
	take(s, '-');
	const char *digits = s->at;
	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	if (s->at == digits || (*digits == '0' && s->at - digits > 1))
		return refuse(s, from, "no such number");
	if (s->at - digits > MAX_DIGITS)
		return refuse(s, from, "a number has more than 15 digits");
	if (s->at < s->end && *s->at && strchr(".eE", *s->at))
		return refuse(s, from, "a number is not whole");
	return 0;
}

static int
scan_word(struct scan *s)
{
	static const char *const words[] = {"true", "false", "null"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t n = strlen(words[i]);
		if ((size_t)(s->end - s->at) >= n && memcmp(s->at, words[i], n) == 0) {
			s->at += n;
			return 0;
		}
	}
	return refuse(s, s->at, "no value begins so");
}

static unsigned
hex4(const char *digits)
{
	unsigned unit = 0;
	for (int i = 0; i < 4; i++) {
		unsigned c = (unsigned char)digits[i];
		unit = unit << 4 | (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
	}
	return unit;
}

static size_t
utf8_of(unsigned point, unsigned char bytes[static 4])
{
	if (point < 0x80) {
		bytes[0] = (unsigned char)point;
		return 1;
	}
	size_t n = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	for (size_t i = n; --i > 0; point >>= 6)
		bytes[i] = (unsigned char)(0x80 | (point & 0x3F));
	bytes[0] = (unsigned char)((0xF00 >> n & 0xFF) | point);
	return n;
}

/* The next character of a scanned text, escapes undone; 0 bytes at its closing quote. */
static size_t
next_character(const char **at, unsigned char bytes[static 4])
{
	static const char escapes[] = "bfnrt", meanings[] = "\b\f\n\r\t";
	if (**at == '"')
		return 0;
	bytes[0] = (unsigned char)*(*at)++;
	if (bytes[0] != '\\')
		return 1;
	char c = *(*at)++;
	if (c != 'u') {
		const char *known = strchr(escapes, c);
		bytes[0] = (unsigned char)(known ? meanings[known - escapes] : c);
		return 1;
	}
	unsigned point = hex4(*at);
	*at += 4;
	if (point >= 0xD800 && point <= 0xDBFF) {
		point = 0x10000 + ((point - 0xD800) << 10) + (hex4(*at + 2) - 0xDC00);
		*at += 6;
	}
	return utf8_of(point, bytes);
}

/* "a" and "\u0061" are one key, so both are compared as the bytes they mean. */
static bool
same_key(const char *a, const char *b)
{
	unsigned char x[4], y[4];
	size_t nx = 0, ny = 0, ix = 0, iy = 0;
	for (;;) {
		if (ix == nx) {
			nx = next_character(&a, x);
			ix = 0;
		}
		if (iy == ny) {
			ny = next_character(&b, y);
			iy = 0;
		}
		if (nx == 0 || ny == 0)
			return nx == ny;
		if (x[ix++] != y[iy++])
			return false;
	}
}

static int
scan_key(struct scan *s, size_t first)
{
	const char *key = s->at + 1;
	if (scan_text(s) != 0)
		return -1;
	for (size_t i = first; i < s->keys; i++)
		if (same_key(s->key[i], key))
			return refuse(s, key - 1, "an object has this key already");
	if (s->keys == s->room) {
		size_t room = s->room ? s->room * 2 : 64;
		const char **more = realloc(s->key, room * sizeof *more);
		if (!more)
			return err_set(s->e, "memory", "out of memory");
		s->key = more;
		s->room = room;
	}
	s->key[s->keys++] = key;
	return 0;
}

static int scan_value(struct scan *s);

static int
scan_member(struct scan *s, size_t first)
{
	skip_blanks(s);
	if (scan_key(s, first) != 0)
		return -1;
	skip_blanks(s);
	if (!take(s, ':'))
		return refuse(s, s->at, "a colon must stand here");
	return scan_value(s);
}

/* An object or array, after its opening bracket; an object's keys are forgotten at its end. */
static int
scan_members(struct scan *s, char closing)
{
	size_t first = s->keys;
	if (++s->depth > MAX_DEPTH)
		return refuse(s, s->at - 1, "nested more than 32 deep");
	skip_blanks(s);
	if (!take(s, closing)) {
		do {
			if ((closing == '}' ? scan_member(s, first) : scan_value(s)) != 0)
				return -1;
		} while (take(s, ','));
		if (!take(s, closing))
			return refuse(s, s->at, "a comma or the closing bracket must stand here");
	}
	s->depth--;
	s->keys = first;
	return 0;
}

static int
scan_value(struct scan *s)
{
	int rc;
	skip_blanks(s);
	if (s->at == s->end)
		return refuse(s, s->at, "a value must stand here");
	if (take(s, '{'))
		rc = scan_members(s, '}');
	else if (take(s, '['))
		rc = scan_members(s, ']');
	else if (*s->at == '"')
		rc = scan_text(s);
	else if (*s->at == '-' || (*s->at >= '0' && *s->at <= '9'))
		rc = scan_number(s);
	else
		rc = scan_word(s);
	skip_blanks(s);
	return rc;
}

static int
check_utf8(const char *text, size_t length, struct err *e)
{
	if (text_is_utf8(text, length))
		return 0;
	const char *at = text, *end = text + length, *lf;
	long line = 1;
	while ((lf = memchr(at, '\n', (size_t)(end - at))) && text_is_utf8(at, (size_t)(lf - at))) {
		at = lf + 1;
		line++;
	}
	return err_at(e, line, 0, "not_utf8", "the text is not UTF-8");
}

static int
scan_whole(struct scan *s)
{
	if (s->end - s->begin >= 3 && memcmp(s->begin, "\xEF\xBB\xBF", 3) == 0)
		return refuse(s, s->begin, "the text begins with a byte order mark");
	if (scan_value(s) != 0)
		return -1;
	if (s->at != s->end)
		return refuse(s, s->at, "something follows the value");
	return 0;
}

cJSON *
json_parse(const char *text, size_t length, struct err *e)
{
	struct scan s = {.begin = text, .at = text, .end = text + length, .e = e};
	if (check_utf8(text, length, e) != 0)
		return NULL;
	int rc = scan_whole(&s);
	free(s.key);
	if (rc != 0)
		return NULL;
	cJSON *value = cJSON_ParseWithLength(text, length);
	if (!value)
		err_set(e, "memory", "out of memory");
	return value;
}

static const cJSON *
find_member(const cJSON *object, const char *name, size_t n)
{
	if (!cJSON_IsObject(object))
		return NULL;
	for (const cJSON *m = object->child; m; m = m->next)
		if (strncmp(m->string, name, n) == 0 && m->string[n] == '\0')
			return m;
	return NULL;
}

const cJSON *
json_at(const cJSON *object, const char *path)
{
	for (;;) {
		size_t n = strcspn(path, ".");
		object = find_member(object, path, n);
		if (!object || path[n] == '\0')
			return cJSON_IsNull(object) ? NULL : object;
		path += n + 1;
	}
}

int
json_text(const cJSON *object, const char *path, const char **text, struct err *e)
{
	const cJSON *m = json_at(object, path);
	*text = NULL;
	if (m && !cJSON_IsString(m))
		return err_set(e, "bad_field", "%s is not a text", path);
	if (m)
		*text = m->valuestring;
	return 0;
}

int
json_int(const cJSON *object, const char *path, int64_t *number, struct err *e)
{
	const cJSON *m = json_at(object, path);
	if (m && !cJSON_IsNumber(m))
		return err_set(e, "bad_field", "%s is not a number", path);
	if (m)
		*number = (int64_t)m->valuedouble;
	return 0;
}

int
json_bool(const cJSON *object, const char *path, bool *truth, struct err *e)
{
	const cJSON *m = json_at(object, path);
	if (m && !cJSON_IsBool(m))
		return err_set(e, "bad_field", "%s is neither true nor false", path);
	if (m)
		*truth = cJSON_IsTrue(m);
	return 0;
}

static void
break_line(struct json *j)
{
	if (!j->indent)
		return;
	sink_put(j->sink, "\n", 1);
	for (int i = 0; i < j->depth; i++)
		sink_put(j->sink, "  ", 2);
}

static size_t
character_size(const char *text)
{
	unsigned char c = (unsigned char)*text;
	size_t n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
	return strnlen(text, n) == n && text_is_utf8(text, n) ? n : 0;
}

/* The character at `text`, which needs an escape or is not ASCII; returns how many bytes it was. */
static size_t
put_special(struct json *j, const char *text)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	unsigned char c = (unsigned char)*text;
	const char *known = strchr(plain, c);
	if (known) {
		sink_print(j->sink, "\\%c", letters[known - plain]);
		return 1;
	}
	if (c < 0x20) {
		sink_print(j->sink, "\\u%04x", (unsigned)c);
		return 1;
	}
	size_t n = character_size(text);
	sink_put(j->sink, n > 0 ? text : "\uFFFD", n > 0 ? n : 3);
	return n > 0 ? n : 1;
}

static void
put_quoted(struct json *j, const char *text)
{
	sink_put(j->sink, "\"", 1);
	while (*text) {
		size_t n = 0;
		while (text[n] >= ' ' && text[n] <= '~' && text[n] != '"' && text[n] != '\\')
			n++;
		sink_put(j->sink, text, n);
		text += n;
		if (*text)
			text += put_special(j, text);
	}
	sink_put(j->sink, "\"", 1);
}

static void
begin_value(struct json *j, const char *key)
{
	if (j->filled[j->depth])
		sink_put(j->sink, ",", 1);
	if (j->depth > 0)
		break_line(j);
	j->filled[j->depth] = true;
	if (!key)
		return;
	put_quoted(j, key);
	sink_put(j->sink, ": ", j->indent ? 2 : 1);
}

static void
end_value(struct json *j)
{
	if (j->depth > 0)
		return;
	if (j->indent)
		sink_put(j->sink, "\n", 1);
	j->filled[0] = false;
}

void
json_open(struct json *j, const char *key, char bracket)
{
	begin_value(j, key);
	sink_put(j->sink, &bracket, 1);
	if (j->depth == MAX_DEPTH) {
		sink_fail(j->sink);
		return;
	}
	j->filled[++j->depth] = false;
}

void
json_close(struct json *j, char bracket)
{
	if (j->depth == 0) {
		sink_fail(j->sink);
		return;
	}
	bool filled = j->filled[j->depth--];
	if (filled)
		break_line(j);
	sink_put(j->sink, &bracket, 1);
	end_value(j);
}

void
json_put_text(struct json *j, const char *key, const char *text)
{
	if (!text) {
		json_put_null(j, key);
		return;
	}
	begin_value(j, key);
	put_quoted(j, text);
	end_value(j);
}

void
json_put_int(struct json *j, const char *key, int64_t number)
{
	begin_value(j, key);
	sink_print(j->sink, "%" PRId64, number);
	end_value(j);
}

void
json_put_bool(struct json *j, const char *key, bool truth)
{
	json_put_raw(j, key, truth ? "true" : "false");
}

void
json_put_null(struct json *j, const char *key)
{
	json_put_raw(j, key, "null");
}

void
json_put_raw(struct json *j, const char *key, const char *json)
{
	begin_value(j, key);
	sink_text(j->sink, json);
	end_value(j);
}
