/* literal: see literal.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/literal.h"
#include "formats/text.h"

static const struct {
	char is, letter;
} escapes[] = {{'\n', 'n'}, {'\t', 't'}, {'\\', '\\'}};

/* Writing ------------------------------------------------------------------------------------------------ */

static void
put_character(struct sink *s, char c)
{
	size_t i;

	for (i = 0; i < LENGTH(escapes); i++)
		if (c == escapes[i].is) {
			sink_put(s, "\\", 1);
			sink_put(s, &escapes[i].letter, 1);
			return;
		}
	if (c == '\0')
		sink_fail(s);
	sink_put(s, c == '\'' ? "''" : &c, c == '\'' ? 2 : 1);
}

static void
put_text(struct sink *s, const char *text, size_t n)
{
	size_t length, i;
	uint32_t point;

	sink_text(s, "'");
	for (; n > 0; text += length, n -= length) {
		length = text_next(text, n, &point);
		if (point == TEXT_NO_CHARACTER)
			sink_print(s, "\\x%02X", (unsigned)(unsigned char)text[0]);
		for (i = 0; point != TEXT_NO_CHARACTER && i < length; i++)
			put_character(s, text[i]);
	}
	sink_text(s, "'");
}

static void
put_bytes(struct sink *s, const unsigned char *bytes, size_t n)
{
	size_t i;

	sink_text(s, "X'");
	for (i = 0; i < n; i++)
		sink_print(s, "%02X", bytes[i]);
	sink_text(s, "'");
}

void
literal_print(struct sink *s, const struct literal *l)
{
	switch (l->type) {
	case LITERAL_NULL:
		sink_text(s, "NULL");
		break;
	case LITERAL_INTEGER:
		sink_int(s, l->integer);
		break;
	case LITERAL_TEXT:
		put_text(s, l->bytes, l->n);
		break;
	case LITERAL_BYTES:
		put_bytes(s, l->bytes, l->n);
		break;
	}
}

/* Reading ------------------------------------------------------------------------------------------------ */

/* What stands behind a backslash; *at moves behind it. */
static int
parse_escape(const char **at, char *to, struct err *e)
{
	const char *c = *at;
	int byte;
	size_t i;

	for (i = 0; i < LENGTH(escapes); i++)
		if (*c == escapes[i].letter) {
			*to = escapes[i].is;
			*at = c + 1;
			return 0;
		}
	byte = *c == 'x' && text_hex(c[1]) >= 8 && text_hex(c[2]) >= 0 ? text_hex(c[1]) << 4 | text_hex(c[2])
	                                                               : 0;
	if (byte == 0)
		return err_set(e, ERR_BAD_FIELD,
		               "after a backslash only n, t, a backslash and x80 to xFF may stand");
	*to = (char)byte;
	*at = c + 3;
	return 0;
}

/* Copies a character, and moves both behind it. */
static int
parse_character(const char **at, char **to, struct err *e)
{
	uint32_t point;
	size_t n = text_next(*at, strnlen(*at, 4), &point);

	if (point == TEXT_NO_CHARACTER)
		return err_set(e, ERR_NOT_UTF8, "a text is not UTF-8");
	memmove(*to, *at, n);
	*to += n;
	*at += n + (point == '\'');
	return 0;
}

static int
parse_text(char **at, struct literal *l, struct err *e)
{
	const char *from = *at + 1;
	char *to = *at;

	l->type = LITERAL_TEXT;
	l->bytes = to;
	while (*from != '\'' || from[1] == '\'') {
		if (*from == '\0')
			return err_set(e, ERR_BAD_FIELD, "a text does not end: the line is cut");
		if (*from == '\\') {
			from++;
			if (parse_escape(&from, to++, e) < 0)
				return -1;
		} else if (parse_character(&from, &to, e) < 0) {
			return -1;
		}
	}
	l->n = (size_t)(to - (const char *)l->bytes);
	*at += from + 1 - *at;
	return 0;
}

static int
parse_bytes(char **at, struct literal *l, struct err *e)
{
	char *from = *at + 2;
	unsigned char *to = (unsigned char *)*at;

	l->type = LITERAL_BYTES;
	l->bytes = to;
	for (; text_hex(from[0]) >= 0 && text_hex(from[1]) >= 0; from += 2)
		*to++ = (unsigned char)(text_hex(from[0]) << 4 | text_hex(from[1]));
	l->n = (size_t)(to - (const unsigned char *)l->bytes);
	if (*from != '\'')
		return err_set(e, ERR_BAD_FIELD, "bytes are pairs of hexadecimal digits between X' and '");
	*at = from + 1;
	return 0;
}

static int
parse_integer(char **at, struct literal *l, struct err *e)
{
	char *end;

	l->type = LITERAL_INTEGER;
	errno = 0;
	l->integer = strtoll(*at, &end, 10);
	if (end == *at || errno != 0 || **at == ' ' || **at == '+')
		return err_set(e, ERR_BAD_FIELD, "a value is an integer, 'text', X'bytes' or NULL");
	*at = end;
	return 0;
}

int
literal_parse(char **at, struct literal *l, struct err *e)
{
	*l = (struct literal){.type = LITERAL_NULL};
	if (**at == '\'')
		return parse_text(at, l, e);
	if (strncmp(*at, "X'", 2) == 0)
		return parse_bytes(at, l, e);
	if (strncmp(*at, "NULL", 4) != 0)
		return parse_integer(at, l, e);
	*at += 4;
	return 0;
}
