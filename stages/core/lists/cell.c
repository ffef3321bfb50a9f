/* cell: see cell.h. */
#include "formats/iban.h"
#include "formats/text.h"
#include "stages/core/engine/log.h"
#include "stages/core/lists/cell.h"

static void
check_room(const struct listing *l, const struct column *c)
{
	if (c - l->columns >= CELL_COLUMNS)
		die(EXIT_BUG, "a list of more than %d columns", CELL_COLUMNS);
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

/* Column i of the query and, of an id, the next one. Returns how many it took. */
static int
read_cell(struct run *r, const struct column *c, struct stmt *q, int i, struct cell *cell)
{
	int takes = c->type == COLUMN_ID || c->type == COLUMN_LIST ? 2 : 1;
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
	case COLUMN_TOLD:
		c->tell(r, col_int(q, i), cell->own);
		cell->text = cell->own;
		break;
	case COLUMN_LIST:
		cell->profile = col_int(q, i);
		cell->number = col_int(q, i + 1);
		break;
	}
	return takes;
}

void
cell_read_row(struct run *r, const struct listing *l, struct stmt *q, struct cell cell[CELL_COLUMNS])
{
	const struct column *c;
	int at = 0;

	for (c = l->columns; c->name != NULL; c++) {
		check_room(l, c);
		at += read_cell(r, c, q, at, cell++);
	}
}

bool
cell_is_number(const struct column *c)
{
	return c->type == COLUMN_CENTS || c->type == COLUMN_COUNT;
}
