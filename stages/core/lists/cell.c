/* cell: see cell.h. */
#include <stdio.h>
#include <string.h>

#include "formats/iban.h"
#include "formats/text.h"
#include "stages/core/engine/log.h"
#include "stages/core/lists/cell.h"

static void
check_room(const struct listing *l, const struct column *c)
{
	if (c - l->columns >= CELL_COLUMNS)
		die(EXIT_BUG, "the listing %s has more than %d columns", l->name, CELL_COLUMNS);
}

int
cell_find_flat(const struct listing *l, const struct column *flat[CELL_COLUMNS + 1])
{
	const struct column *c;
	int n = 0;

	for (c = l->columns; c->name != NULL; c++) {
		check_room(l, c);
		if (c->type != COLUMN_LIST)
			flat[n++] = c;
	}
	flat[n] = NULL;
	return n;
}

static const char *
print_masked(const char *text, char *masked)
{
	struct iban iban = {{0}};

	if (text_copy(iban.text, sizeof(iban.text), text) < 0)
		die(EXIT_BUG, "database: an IBAN that is too long");
	return iban_mask(masked, &iban);
}

/* Before the number the query has the member that it belongs to, in the column <name>_owner. */
static bool
takes_two(const struct column *c)
{
	return c->type == COLUMN_ID || c->type == COLUMN_LIST;
}

/* Column i of the query, and the next one when it takes two. Returns how many it took. */
static int
read_cell(struct run *r, const struct column *c, struct stmt *q, int i, struct cell *cell)
{
	int takes = takes_two(c) ? 2 : 1;
	const void *bytes;
	size_t n;

	cell->is_null = col_null(q, i) || col_null(q, i + takes - 1);
	if (cell->is_null)
		return takes;
	switch (c->type) {
	case COLUMN_TEXT:
	case COLUMN_DAY:
		cell->text = col_text(q, i);
		break;
	case COLUMN_CENTS:
	case COLUMN_COUNT:
	case COLUMN_BOOL:
		cell->number = col_int(q, i);
		break;
	case COLUMN_INSTANT:
		cell->number = col_int(q, i);
		cell->text = instant_print(cell->own, cell->number);
		break;
	case COLUMN_IBAN:
		cell->text = r->unmasked ? col_text(q, i) : print_masked(col_text(q, i), cell->own);
		break;
	case COLUMN_KEY:
		bytes = col_blob(q, i, &n);
		store_key_print(bytes, n, cell->own);
		cell->text = cell->own;
		break;
	case COLUMN_ID:
		cell->text = store_uuid_print(r->db, c->kind, col_int(q, i), col_int(q, i + 1), cell->own);
		break;
	case COLUMN_PRINTED:
		c->print(r, col_int(q, i), cell->own);
		cell->text = cell->own;
		break;
	case COLUMN_LIST:
		cell->profile = col_int(q, i);
		cell->number = col_int(q, i + 1);
		break;
	}
	return takes;
}

#define NAME_SIZE 128

static void
check_name(const struct listing *l, const struct column *c, struct stmt *q, int i, const char *suffix)
{
	char name[NAME_SIZE], *at;

	if (snprintf(name, sizeof(name), "%s%s", c->name, suffix) >= (int)sizeof(name))
		die(EXIT_BUG, "the listing %s: the name of the column %s is too long", l->name, c->name);
	for (at = name; *at != '\0'; at++)
		if (*at == '.')
			*at = '_';
	if (i >= col_count(q))
		die(EXIT_BUG, "the listing %s: its query ends where the column %s is expected", l->name,
		    name);
	if (strcmp(col_name(q, i), name) != 0)
		die(EXIT_BUG, "the listing %s: its query has the column %s where %s is expected", l->name,
		    col_name(q, i), name);
}

void
cell_check_columns(const struct listing *l, struct stmt *q)
{
	const struct column *c;
	int at = 0;

	if (col_compared(q, l))
		return;
	for (c = l->columns; c->name != NULL; c++) {
		if (takes_two(c))
			check_name(l, c, q, at++, "_owner");
		check_name(l, c, q, at++, "");
	}
	if (at < col_count(q))
		die(EXIT_BUG, "the listing %s: its query has the column %s after the last one of its table",
		    l->name, col_name(q, at));
}

int
cell_read_some(struct run *r, const struct column *c, int n, struct stmt *q, int at, struct cell *cell)
{
	for (; n > 0; n--)
		at += read_cell(r, c++, q, at, cell++);
	return at;
}

void
cell_read_row(struct run *r, const struct listing *l, struct stmt *q, struct cell cell[CELL_COLUMNS])
{
	const struct column *c;
	int n = 0;

	cell_check_columns(l, q);
	for (c = l->columns; c->name != NULL; c++, n++)
		check_room(l, c);
	cell_read_some(r, l->columns, n, q, 0, cell);
}

bool
cell_is_number(const struct column *c)
{
	return c->type == COLUMN_CENTS || c->type == COLUMN_COUNT;
}
