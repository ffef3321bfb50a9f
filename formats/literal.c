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
	const char *text = l->bytes;
	size_t i;

	switch (l->type) {
	case LITERAL_NULL:
		sink_text(s, "NULL");
		break;
	case LITERAL_INTEGER:
		sink_print(s, "%lld", (long long)l->integer);
		break;
	case LITERAL_TEXT:
		sink_text(s, "'");
		for (i = 0; i < l->n; i++)
			put_character(s, text[i]);
		sink_text(s, "'");
		break;
	case LITERAL_BYTES:
		put_bytes(s, l->bytes, l->n);
		break;
	}
}

/* Reading ------------------------------------------------------------------------------------------------ */

static int
parse_escape(char c, char *to, struct err *e)
{
	size_t i;

	for (i = 0; i < LENGTH(escapes); i++)
		if (c == escapes[i].letter) {
			*to = escapes[i].is;
			return 0;
		}
	return err_set(e, ERR_BAD_FIELD, "after a backslash only n, t and a backslash may stand");
}

static int
parse_text(char **at, struct literal *l, struct err *e)
{
	char *from = *at + 1, *to = *at;

	l->type = LITERAL_TEXT;
	l->bytes = to;
	while (*from != '\'' || from[1] == '\'') {
		if (*from == '\0')
			return err_set(e, ERR_BAD_FIELD, "a text does not end: the line is cut");
		if (*from == '\\') {
			if (parse_escape(from[1], to, e) < 0)
				return -1;
			from++;
		} else {
			from += *from == '\'';
			*to = *from;
		}
		from++;
		to++;
	}
	l->n = (size_t)(to - (const char *)l->bytes);
	*at = from + 1;
	if (!text_is_utf8(l->bytes, l->n))
		return err_set(e, ERR_NOT_UTF8, "a text is not UTF-8");
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
