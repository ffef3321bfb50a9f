/* disguise_json: the values of members, in a document or in lines. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "formats/disguise_file.h"
#include "formats/disguise_reader.h"
#include "formats/memory.h"
#include "formats/text.h"

#define JSON_DEPTH 32

struct json_place {
	char open[JSON_DEPTH];               /* '{' or '[' */
	enum disguise_kind kind[JSON_DEPTH]; /* of the values in it */
	int depth;
};

/* The end of the text that begins at the quote; NULL: the line ends first. */
static const char *
end_of_string(const struct disguise_reader *r)
{
	const char *at;

	for (at = r->at + 1; at < r->end && *at != '\n'; at++) {
		if (*at == '"')
			return at;
		at += *at == '\\' && at + 1 < r->end;
	}
	return NULL;
}

static int
hex_of(const char *text)
{
	int i, point = 0;

	for (i = 0; i < 4; i++) {
		if (text_hex(text[i]) < 0)
			return -1;
		point = point * 16 + text_hex(text[i]);
	}
	return point;
}

/* The character of a \u at `text`, and in *n how many bytes stand for it; what no text can have becomes *wrong. */
static unsigned
decode_point(const char *text, size_t *n, const char **wrong)
{
	int point = hex_of(text + 2);
	bool high = point >= 0xd800 && point < 0xdc00;

	*n = point < 0 ? 2 : 6;
	if (high && text[6] == '\\' && text[7] == 'u' && hex_of(text + 8) >= 0xdc00 &&
	    hex_of(text + 8) < 0xe000)
		*n = 12;
	else if (point <= 0)
		*wrong = point < 0 ? "\\u" : "\\u0000";
	else if (point >= 0xd800 && point < 0xe000)
		*wrong = high ? "\\ud800" : "\\udc00";
	return point <= 0 || (point >= 0xd800 && point < 0xe000) ? 'x' : (unsigned)point;
}

/* In place. Returns the last escape that no text can have; "": none. */
static const char *
decode_json(char *text)
{
	static const char from[] = "\"\\/bfnrt", is[] = "\"\\/\b\f\n\r\t";
	const char *known, *wrong = "";
	char *to = text;
	size_t n;

	for (; *text != '\0'; text += n) {
		n = 1;
		if (*text != '\\' || text[1] == '\0') {
			*to++ = *text;
		} else if (text[1] == 'u') {
			disguise_put_utf8(&to, decode_point(text, &n, &wrong));
		} else {
			known = strchr(from, text[1]);
			*to++ = known == NULL ? text[1] : is[known - from];
			n = 2;
		}
	}
	*to = '\0';
	return wrong;
}

static void
put_json(struct sink *to, const char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '"' || *text == '\\')
			sink_print(to, "\\%c", *text);
		else if ((unsigned char)*text < 0x20)
			sink_print(to, "\\u%04x", (unsigned)*text);
		else
			sink_put(to, text, 1);
}

/* A text that is kept keeps its escapes too. */
static void
put_string(struct disguise_reader *r, const char *end, enum disguise_kind kind)
{
	const char *wrong;
	char *text, *made;
	bool plain;

	disguise_copy(r, r->at + 1);
	if (kind != DISGUISE_KEEP || r->d->days != 0) {
		text = disguise_take(r->at, end);
		plain = disguise_make_utf8(r, text);
		wrong = decode_json(text);
		made = disguise_change(r->d, kind, text);
		put_json(r->to, made);
		sink_text(r->to, wrong);
		disguise_put_wrong(r, plain);
		free(made);
		free(text);
		r->at = end;
	}
	disguise_copy(r, end + 1);
}

/* Whether the text that ends before `at` is a key; its kind becomes that of the values here. */
static bool
is_key(const struct disguise_reader *r, const char *at, struct json_place *p)
{
	const char *quote = at;
	char *name;

	for (; at < r->end && isspace((unsigned char)*at); at++)
		;
	if (at == r->end || *at != ':' || p->depth == 0 || p->open[p->depth - 1] != '{')
		return false;
	name = disguise_take(r->at + 1, quote - 1);
	p->kind[p->depth - 1] = disguise_field(name);
	free(name);
	return true;
}

/* The rest of a line that cannot be read. */
static void
scrub_line(struct disguise_reader *r)
{
	for (; r->at < r->end && *r->at != '\n'; r->at++)
		sink_put(r->to, isalnum((unsigned char)*r->at) || (unsigned char)*r->at >= 0x80 ? "x" : r->at,
		         1);
}

/* Numbers, true, false, null. A number in a field of ids or texts is one, too. */
static void
put_bare(struct disguise_reader *r, enum disguise_kind kind)
{
	const char *end = r->at;
	char *text, *made;

	while (end < r->end && (isalnum((unsigned char)*end) || strchr("+-.", *end) != NULL))
		end++;
	text = disguise_take(r->at, end);
	if (kind == DISGUISE_KEEP || kind == DISGUISE_FREE || kind == DISGUISE_MESSAGE ||
	    isalpha((unsigned char)*text)) {
		disguise_copy(r, end);
	} else {
		made = disguise_text(r->d, DISGUISE_ID, text);
		made[0] = made[0] == '0' ? '1' : made[0]; /* no number begins with 0 */
		sink_text(r->to, made);
		free(made);
		r->at = end;
	}
	free(text);
}

static enum disguise_kind
kind_here(const struct json_place *p)
{
	return p->depth == 0 ? DISGUISE_FREE : p->kind[p->depth - 1];
}

static bool
put_token(struct disguise_reader *r, struct json_place *p)
{
	const char *end;
	enum disguise_kind above = kind_here(p);

	switch (*r->at) {
	case '{':
	case '[':
		if (p->depth == JSON_DEPTH)
			return false;
		p->open[p->depth] = *r->at;
		p->kind[p->depth++] = above;
		break;
	case '}':
	case ']':
		if (p->depth == 0)
			return false;
		p->depth--;
		break;
	case '"':
		end = end_of_string(r);
		if (end == NULL)
			return false;
		put_string(r, end, is_key(r, end + 1, p) ? DISGUISE_KEEP : above);
		return true;
	default:
		if (isalnum((unsigned char)*r->at) || *r->at == '-') {
			put_bare(r, above);
			return true;
		}
		if (!isspace((unsigned char)*r->at) && *r->at != ',' && *r->at != ':')
			return false;
	}
	disguise_copy(r, r->at + 1);
	return true;
}

/* A document, or a line each: after a line that cannot be read the next one begins anew. */
void
disguise_json(struct disguise_reader *r)
{
	struct json_place place = {.depth = 0};

	while (r->at < r->end)
		if (!put_token(r, &place)) {
			scrub_line(r);
			place.depth = 0;
		}
}
