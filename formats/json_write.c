/* json_write: the writer of json.h: commas, nesting and quoting. */
#include <string.h>

#include "formats/json.h"
#include "formats/text.h"

#define MAX_DEPTH 32

static void
break_line(struct json *j)
{
	int i;

	if (!j->indent)
		return;
	sink_put(j->sink, "\n", 1);
	for (i = 0; i < j->depth; i++)
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
	size_t n;

	if (known != NULL) {
		sink_print(j->sink, "\\%c", letters[known - plain]);
		return 1;
	}
	if (c < 0x20) {
		sink_print(j->sink, "\\u%04x", (unsigned)c);
		return 1;
	}
	n = character_size(text);
	sink_put(j->sink, n > 0 ? text : "\uFFFD", n > 0 ? n : 3);
	return n > 0 ? n : 1;
}

static void
json_put_quoted(struct json *j, const char *text)
{
	sink_put(j->sink, "\"", 1);
	while (*text != '\0') {
		size_t n = 0;

		while (text[n] >= ' ' && text[n] <= '~' && text[n] != '"' && text[n] != '\\')
			n++;
		sink_put(j->sink, text, n);
		text += n;
		if (*text != '\0')
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
	if (key == NULL)
		return;
	json_put_quoted(j, key);
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
	if (j->filled[j->depth--])
		break_line(j);
	sink_put(j->sink, &bracket, 1);
	end_value(j);
}

void
json_put_text(struct json *j, const char *key, const char *text)
{
	if (text == NULL) {
		json_put_null(j, key);
		return;
	}
	begin_value(j, key);
	json_put_quoted(j, text);
	end_value(j);
}

void
json_put_int(struct json *j, const char *key, int64_t number)
{
	begin_value(j, key);
	sink_int(j->sink, number);
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

void
json_put_value(struct json *j, const char *key, const struct json_value *value)
{
	switch (value->type) {
	case JSON_NULL:
	case JSON_FAULT:
		json_put_null(j, key);
		return;
	case JSON_BOOL:
		json_put_bool(j, key, value->number != 0);
		return;
	case JSON_NUMBER:
		json_put_int(j, key, value->number);
		return;
	case JSON_TEXT:
		json_put_text(j, key, value->text);
		return;
	case JSON_DIGITS:
		json_put_raw(j, key, value->text);
		return;
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	json_open(j, key, value->type == JSON_ARRAY ? '[' : '{');
	json_each (m, value)
		json_put_value(j, m->key, m);
	json_close(j, value->type == JSON_ARRAY ? ']' : '}');
}
