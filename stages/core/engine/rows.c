/* rows: see rows.h. */
#include <stdlib.h>
#include <string.h>

#include "formats/literal.h"
#include "formats/memory.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/rows.h"

#define MOST_COLUMNS 16
#define MADE_TEXT    (512 + ROWS * MOST_COLUMNS * 6)

struct rows {
	struct store *db;
	const char *table, *columns;
	int n;    /* columns */
	int used; /* values */
	struct stmt *many, *one;
	struct literal value[ROWS * MOST_COLUMNS];
	char day[ROWS * MOST_COLUMNS][DATE_TEXT];
};

static struct stmt *
make(const struct rows *w, int rows)
{
	char text[MADE_TEXT];
	struct sink_text room = {text, sizeof(text), 0};
	struct sink *to = sink_into(&room);
	int i;

	sink_print(to, "INSERT INTO %s (%s) VALUES ", w->table, w->columns);
	for (i = 0; i < rows * w->n; i++)
		sink_print(to, "%s?%d%s",
		           i % w->n > 0 ? ","
		           : i > 0      ? ",("
		                        : "(",
		           i + 1, i % w->n == w->n - 1 ? ")" : "");
	if (sink_end(to, NULL, NULL) < 0)
		die(EXIT_BUG, "the statement for the rows of %s is too long", w->table);
	return sql_made(w->db, text);
}

struct rows *
rows_new(struct store *db, const char *table, const char *columns, int n)
{
	struct rows *w = memory_resize(NULL, 1, sizeof(*w)); /* the values need no zeros */

	if (n > MOST_COLUMNS)
		die(EXIT_BUG, "%s: more than %d columns", table, MOST_COLUMNS);
	w->db = db;
	w->table = table;
	w->columns = columns;
	w->n = n;
	w->used = 0;
	w->many = w->one = NULL;
	return w;
}

static void
write_rows(struct stmt *q, const struct literal *value, int n)
{
	int i;

	for (i = 0; i < n; i++)
		bind_literal(q, i + 1, &value[i]);
	exec(q);
}

static struct literal *
next_value(struct rows *w)
{
	if (w->used == ROWS * w->n) {
		if (w->many == NULL)
			w->many = make(w, ROWS);
		write_rows(w->many, w->value, w->used);
		w->used = 0;
	}
	return &w->value[w->used++];
}

void
rows_int(struct rows *w, int64_t value)
{
	*next_value(w) = (struct literal){.type = LITERAL_INTEGER, .integer = value};
}

void
rows_int_or(struct rows *w, int64_t value, int64_t absent)
{
	if (value == absent)
		*next_value(w) = (struct literal){.type = LITERAL_NULL};
	else
		rows_int(w, value);
}

void
rows_instant(struct rows *w, instant at)
{
	rows_int_or(w, at, INSTANT_NONE);
}

void
rows_date(struct rows *w, date on)
{
	struct literal *v = next_value(w);
	char *text = date_print(w->day[v - w->value], on);

	*v = (struct literal){.type = LITERAL_TEXT, .bytes = text, .n = strlen(text)};
}

void
rows_bytes(struct rows *w, const void *bytes, size_t n)
{
	*next_value(w) = (struct literal){.type = LITERAL_BYTES, .bytes = bytes, .n = n};
}

void
rows_end(struct rows *w)
{
	int i;

	if (w->used % w->n != 0)
		die(EXIT_BUG, "%s: the last row has %d of %d columns", w->table, w->used % w->n, w->n);
	for (i = 0; i < w->used; i += w->n) {
		if (w->one == NULL)
			w->one = make(w, 1);
		write_rows(w->one, w->value + i, w->n);
	}
	free(w);
}
