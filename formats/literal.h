/* literal: a value as SQL writes it, on one line: 12, 'it''s', X'0AFF', NULL; and back.
 *
 * In a text \n, \t and \\ stand for a line break, a tab and a backslash, so that a value has neither tab nor line break; \xE9 for a
 * byte that is not UTF-8, as in the name of a file that was dropped.
 * source   SQLite's quote()
 */
#ifndef FORMATS_LITERAL_H
#define FORMATS_LITERAL_H

#include <stddef.h>
#include <stdint.h>

#include "formats/err.h"
#include "formats/sink.h"

struct literal {
	enum { LITERAL_NULL, LITERAL_INTEGER, LITERAL_TEXT, LITERAL_BYTES } type;
	int64_t integer;
	/* of a text or of bytes; they belong to the caller, or to the line that was parsed */
	const void *bytes;
	size_t n;
};

void literal_print(struct sink *s, const struct literal *l);
/* Parses the literal that begins at *at, in place: the line is changed, and *at moves behind it. Code bad_field; the column is
 * not filled in. */
int literal_parse(char **at, struct literal *l, struct err *e);

#endif
