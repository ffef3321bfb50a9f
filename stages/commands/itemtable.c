/* itemtable: see itemtable.h. */
#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"
#include "formats/text.h"
#include "stages/commands/itemtable.h"

#define COLUMNS 48

struct item_cell {
	const char *name;
	char *text;
	bool is_number;
};

struct itemtable_row {
	struct item_cell cell[SEPAFILE_FIELDS + 2];
	int cells;
	char *problem; /* NULL: none */
};

struct item_columns {
	const char *name[COLUMNS];
	int width[COLUMNS], n;
	bool is_number[COLUMNS];
};

char *
itemtable_head(char text[static ITEMTABLE_HEAD], const char *name)
{
	static const char suffix[] = "_in_cents";
	size_t i, n = strlen(name), least = sizeof(suffix) - 1;

	if (n > least && strcmp(name + n - least, suffix) == 0)
		snprintf(text, ITEMTABLE_HEAD, "%.*s EUR", (int)(n - least), name);
	else
		snprintf(text, ITEMTABLE_HEAD, "%s", name);
	for (i = 0; text[i] != '\0'; i++)
		text[i] = text[i] == '_' ? ' ' : text[i];
	return text;
}

static void
add_cell(struct itemtable_row *row, const char *name, const char *text, bool is_number)
{
	struct item_cell *cell = &row->cell[row->cells++];

	*cell = (struct item_cell){.name = name, .text = memory_text(text), .is_number = is_number};
	text_clean(cell->text);
}

static void
add_field(struct itemtable_row *row, const struct sepafile_field *f, bool unmasked)
{
	char text[SEPAFILE_TEXT];

	add_cell(row, f->name, sepafile_print(text, f, unmasked),
	         f->type == FIELD_CENTS || f->type == FIELD_COUNT);
}

void
itemtable_add(struct itemtable *t, const struct sepafile_record *rec, bool unmasked)
{
	const struct sepafile_field *amount = sepafile_find(rec, "amount_in_cents");
	struct itemtable_row *row;
	char line[24];
	int i;

	if (t->rows == ITEMTABLE_ROWS)
		return;
	row = t->row[t->rows++] = memory_new(1, sizeof(*row));
	snprintf(line, sizeof(line), "%ld", rec->line);
	add_cell(row, "line", line, true);
	if (amount != NULL)
		add_field(row, amount, unmasked);
	if (strcmp(rec->word, "entry") != 0)
		add_cell(row, "kind", rec->word, false);
	for (i = 0; i < rec->fields; i++)
		if (&rec->field[i] != amount)
			add_field(row, &rec->field[i], unmasked);
	if (rec->problem[0] != '\0')
		row->problem = memory_text(rec->problem);
}

/* Returns its index, or -1. */
static int
find_column(const struct item_columns *c, const char *name)
{
	int i;

	for (i = 0; i < c->n; i++)
		if (strcmp(c->name[i], name) == 0)
			return i;
	return -1;
}

/* Behind the column of the cell before it. */
static int
insert_column(struct item_columns *c, int before, const struct item_cell *cell)
{
	char head[ITEMTABLE_HEAD];
	int i, at = before + 1;

	if (c->n == COLUMNS)
		return before;
	for (i = c->n++; i > at; i--) {
		c->name[i] = c->name[i - 1];
		c->width[i] = c->width[i - 1];
		c->is_number[i] = c->is_number[i - 1];
	}
	c->name[at] = cell->name;
	c->width[at] = (int)strlen(itemtable_head(head, cell->name));
	c->is_number[at] = cell->is_number;
	return at;
}

static void
find_columns(const struct itemtable *t, struct item_columns *c)
{
	int i, k, at, before, width;

	for (i = 0; i < t->rows; i++) {
		before = -1;
		for (k = 0; k < t->row[i]->cells; k++) {
			at = find_column(c, t->row[i]->cell[k].name);
			if (at < 0)
				at = insert_column(c, before, &t->row[i]->cell[k]);
			width = text_width(t->row[i]->cell[k].text);
			c->width[at] = width > c->width[at] ? width : c->width[at];
			before = at;
		}
	}
}

static void
write_cell(const struct item_columns *c, int at, const char *text, struct sink *s)
{
	int missing = c->width[at] - text_width(text);

	sink_text(s, "  ");
	if (c->is_number[at])
		sink_print(s, "%*s", missing, "");
	sink_text(s, text);
	if (!c->is_number[at] && at < c->n - 1)
		sink_print(s, "%*s", missing, "");
}

static void
write_row(const struct item_columns *c, const struct itemtable_row *row, struct sink *s)
{
	int i, k;

	for (i = 0; i < c->n; i++) {
		for (k = 0; k < row->cells && strcmp(row->cell[k].name, c->name[i]) != 0; k++)
			;
		write_cell(c, i, k < row->cells ? row->cell[k].text : "-", s);
	}
	sink_text(s, "\n");
	if (row->problem == NULL)
		return;
	sink_text(s, "    problem: ");
	sink_clean(s, row->problem);
	sink_text(s, "\n");
}

static void
free_row(struct itemtable_row *row)
{
	int i;

	for (i = 0; i < row->cells; i++)
		free(row->cell[i].text);
	free(row->problem);
	free(row);
}

void
itemtable_write(struct itemtable *t, struct sink *s)
{
	struct item_columns c = {.n = 0};
	char head[ITEMTABLE_HEAD];
	int i;

	find_columns(t, &c);
	for (i = 0; i < c.n; i++)
		write_cell(&c, i, itemtable_head(head, c.name[i]), s);
	if (c.n > 0)
		sink_text(s, "\n");
	for (i = 0; i < t->rows; i++) {
		write_row(&c, t->row[i], s);
		free_row(t->row[i]);
	}
	t->rows = 0;
}
