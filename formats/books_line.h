/* books_line: a line of the books as text.
 *
 *     schema 9
 *     table card: id, account_membership_id, status
 *     card id='c1'<TAB>account_membership_id='m1'<TAB>status='Enabled'
 *     end
 *
 * A row is its table, the columns of its key, parted by blanks, then a tab before each further column. A column that is NULL is
 * left out. Values are those of literal.h.
 */
#ifndef FORMATS_BOOKS_LINE_H
#define FORMATS_BOOKS_LINE_H

#include <stdbool.h>

#include "formats/err.h"
#include "formats/literal.h"

#define BOOKS_COLUMNS 64 /* the most of a table */

struct books_line {
	enum { BOOKS_NOTHING, BOOKS_SCHEMA, BOOKS_TABLE, BOOKS_ROW, BOOKS_END } kind;
	long schema;
	const char *table;
	int n;
	const char *column[BOOKS_COLUMNS];
	struct literal value[BOOKS_COLUMNS]; /* of a row */
};

/* Parses a line without its end, in place. A blank line is BOOKS_NOTHING. */
int books_line_parse(char *text, struct books_line *line, struct err *e);

void books_line_put_table(struct sink *s, const char *table, const char *const column[], int n);
/* is_key[i]: column i belongs to the key. */
void books_line_put_row(struct sink *s, const struct books_line *line, const bool is_key[]);

#endif
