/* books_line: see books_line.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/books_line.h"

/* Writing ------------------------------------------------------------------------------------------------ */

void
books_line_put_table(struct sink *s, const char *table, const char *const column[], int n)
{
	int i;

	sink_print(s, "table %s:", table);
	for (i = 0; i < n; i++)
		sink_print(s, "%s %s", i == 0 ? "" : ",", column[i]);
	sink_text(s, "\n");
}

static void
put_columns(struct sink *s, const struct books_line *line, const bool is_key[], bool wanted,
            const char *before)
{
	int i;

	for (i = 0; i < line->n; i++) {
		if (is_key[i] != wanted || line->value[i].type == LITERAL_NULL)
			continue;
		sink_print(s, "%s%s=", before, line->column[i]);
		literal_print(s, &line->value[i]);
	}
}

void
books_line_put_row(struct sink *s, const struct books_line *line, const bool is_key[])
{
	sink_text(s, line->table);
	put_columns(s, line, is_key, true, " ");
	put_columns(s, line, is_key, false, "\t");
	sink_text(s, "\n");
}

/* Reading ------------------------------------------------------------------------------------------------ */

/* The name at *at, ended by a NUL where one of `ends` stood; *at moves behind that. */
static int
take_name(char **at, const char *ends, const char **name, struct err *e)
{
	size_t n = strspn(*at, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (n == 0 || (*at)[n] == '\0' || strchr(ends, (*at)[n]) == NULL)
		return err_set(
		    e, ERR_BAD_FIELD,
		    "\"%.20s\" is not a name with what follows a name: the line is cut, or was changed", *at);
	*name = *at;
	(*at)[n] = '\0';
	*at += n + 1;
	return 0;
}

static int
parse_schema(char *at, struct books_line *line, struct err *e)
{
	char *end;

	line->kind = BOOKS_SCHEMA;
	line->schema = strtol(at, &end, 10);
	return end != at && *end == '\0'
	           ? 0
	           : err_set(e, ERR_BAD_FIELD, "\"%.20s\" is not the number of a schema", at);
}

static int
parse_table(char *at, struct books_line *line, struct err *e)
{
	char *next;

	line->kind = BOOKS_TABLE;
	if (take_name(&at, ":", &line->table, e) < 0)
		return -1;
	for (; at != NULL && *at != '\0'; at = next) {
		at += *at == ' ';
		next = strchr(at, ',');
		if (next != NULL)
			*next++ = '\0';
		if (line->n == BOOKS_COLUMNS)
			return err_set(e, ERR_BAD_FIELD, "more than %d columns", BOOKS_COLUMNS);
		line->column[line->n++] = at;
	}
	return 0;
}

static int
parse_row(char *at, struct books_line *line, struct err *e)
{
	line->kind = BOOKS_ROW;
	if (take_name(&at, " \t", &line->table, e) < 0)
		return -1;
	for (;;) {
		if (line->n == BOOKS_COLUMNS)
			return err_set(e, ERR_BAD_FIELD, "more than %d columns", BOOKS_COLUMNS);
		if (take_name(&at, "=", &line->column[line->n], e) < 0 ||
		    literal_parse(&at, &line->value[line->n], e) < 0)
			return -1;
		line->n++;
		if (*at == '\0')
			return 0;
		if (*at != ' ' && *at != '\t')
			return err_set(e, ERR_BAD_FIELD,
			               "\"%.20s\" follows a value: a blank or a tab parts two columns", at);
		at++;
	}
}

int
books_line_parse(char *text, struct books_line *line, struct err *e)
{
	line->kind = BOOKS_NOTHING;
	line->n = 0;
	if (text[0] == '\0')
		return 0;
	if (strncmp(text, "schema ", 7) == 0)
		return parse_schema(text + 7, line, e);
	if (strncmp(text, "table ", 6) == 0)
		return parse_table(text + 6, line, e);
	if (strcmp(text, "end") == 0) {
		line->kind = BOOKS_END;
		return 0;
	}
	return parse_row(text, line, e);
}
