/* table: see table.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"
#include "formats/text.h"
#include "stages/core/engine/log.h"
#include "stages/core/lists/cell.h"
#include "stages/core/lists/table.h"

/* The texts of the table, row by row, the heads first; freed by free_table. */
struct table {
	char **cell;
	size_t n, room;
};

static void
add(struct table *t, const char *text)
{
	if (t->n == t->room) {
		t->room = t->room == 0 ? 256 : 2 * t->room;
		t->cell = memory_resize(t->cell, t->room, sizeof(*t->cell));
	}
	t->cell[t->n] = memory_text(text);
	text_clean(t->cell[t->n]);
	t->n++;
}

static void
free_table(struct table *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		free(t->cell[i]);
	free(t->cell);
}

/* "amount_in_cents" -> "amount EUR" */
static void
add_head(struct table *t, const struct column *c)
{
	static const char suffix[] = "_in_cents";
	size_t n = strlen(c->name), least = sizeof(suffix) - 1;
	bool in_cents = n > least && strcmp(c->name + n - least, suffix) == 0;
	char head[128], *at;

	if (in_cents)
		snprintf(head, sizeof(head), "%.*s EUR", (int)(n - least), c->name);
	else
		snprintf(head, sizeof(head), "%s", c->name);
	for (at = head; *at != '\0'; at++)
		if (*at == '_')
			*at = ' ';
	add(t, c->head != NULL ? c->head : head);
}

/* 2026-03-04T02:30:00Z as "2026-03-04 02:30" */
static void
add_instant(struct table *t, instant at)
{
	char text[INSTANT_TEXT];

	instant_print_seconds(text, at);
	text[10] = ' ';
	text[16] = '\0';
	add(t, text);
}

static void
add_cell(struct table *t, const struct column *c, const struct cell *cell)
{
	char text[MONEY_TEXT_GROUPED];

	if (cell->is_null) {
		add(t, "-");
	} else if (c->type == COLUMN_CENTS) {
		add(t, money_print_grouped(text, cell->number));
	} else if (c->type == COLUMN_COUNT) {
		snprintf(text, sizeof(text), "%lld", (long long)cell->number);
		add(t, text);
	} else if (c->type == COLUMN_BOOL) {
		add(t, cell->number != 0 ? "yes" : "no");
	} else if (c->type == COLUMN_INSTANT) {
		add_instant(t, cell->number);
	} else {
		add(t, cell->text);
	}
}

static void
add_row(struct table *t, struct run *r, const struct listing *l, struct stmt *q)
{
	const struct column *flat[CELL_COLUMNS + 1];
	struct cell cell[CELL_COLUMNS];
	int i, n = cell_find_flat(l, flat);

	cell_read_row(r, l, q, cell);
	for (i = 0; i < n; i++)
		add_cell(t, flat[i], &cell[flat[i] - l->columns]);
}

/* Returns the number of columns. */
static int
add_heads(struct table *t, const struct listing *l)
{
	const struct column *flat[CELL_COLUMNS + 1];
	int i, n = cell_find_flat(l, flat);

	for (i = 0; i < n; i++)
		add_head(t, flat[i]);
	return n;
}

static void
pad(struct sink *s, int n)
{
	while (n-- > 0)
		sink_text(s, " ");
}

static void
write_cells(const struct table *t, const struct listing *l, struct sink *s)
{
	const struct column *flat[CELL_COLUMNS + 1];
	int width[CELL_COLUMNS] = {0}, i, missing, columns = cell_find_flat(l, flat);
	size_t at;

	for (at = 0; at < t->n; at++) {
		i = (int)(at % (size_t)columns);
		width[i] = text_width(t->cell[at]) > width[i] ? text_width(t->cell[at]) : width[i];
	}
	for (at = 0; at < t->n; at++) {
		i = (int)(at % (size_t)columns);
		missing = width[i] - text_width(t->cell[at]);
		pad(s, cell_is_number(flat[i]) ? missing : 0);
		sink_text(s, t->cell[at]);
		if (i == columns - 1)
			sink_text(s, "\n");
		else
			pad(s, 2 + (cell_is_number(flat[i]) ? 0 : missing));
	}
}

void
table_write(struct run *r, const struct listing *l, struct stmt *q, struct sink *s)
{
	struct table t = {0};
	int columns = add_heads(&t, l);

	while (row(q))
		add_row(&t, r, l, q);
	if (t.n == (size_t)columns)
		sink_text(s, "none\n");
	else
		write_cells(&t, l, s);
	free_table(&t);
}

void
table_write_sheet(struct run *r, const struct listing *l, struct stmt *q, struct sink *s)
{
	struct table t = {0};
	int i, width = 0, columns = add_heads(&t, l);

	while (row(q) && t.n == (size_t)columns)
		add_row(&t, r, l, q);
	for (i = 0; i < columns; i++)
		width = text_width(t.cell[i]) > width ? text_width(t.cell[i]) : width;
	if (t.n == (size_t)columns)
		sink_text(s, "none\n");
	for (i = 0; i < columns && t.n > (size_t)columns; i++) {
		sink_text(s, t.cell[i]);
		pad(s, width - text_width(t.cell[i]) + 2);
		sink_print(s, "%s\n", t.cell[columns + i]);
	}
	free_table(&t);
}
