/* cell: one value of a list, read from the row at hand and not yet written in a form.
 *
 * Between the table of columns (column.h) and its writers: listing.c (CSV, JSON), table.c (for people).
 */
#ifndef CORE_CELL_H
#define CORE_CELL_H

#include "stages/core/engine/run.h"
#include "stages/core/lists/column.h"

#define CELL_COLUMNS 40 /* the most columns a list can have */

struct cell {
	bool is_null;
	int64_t number;   /* cents, count, bool, instant; of a list the session */
	int64_t profile;  /* of a list */
	const char *text; /* of all other types, as machines read it; valid until the next row */
	char own[COLUMN_TEXT_SIZE];
};

/* Dies (70) when the columns of the query are not those of the table, by number and name; compares once per statement. */
void cell_check_columns(const struct listing *l, struct stmt *q);

/* The row at hand, a cell for each column of l->columns. */
void cell_read_row(struct run *r, const struct listing *l, struct stmt *q, struct cell cell[CELL_COLUMNS]);

/* The columns that CSV and tables have, NULL behind them. Returns how many. */
int cell_find_flat(const struct listing *l, const struct column *flat[CELL_COLUMNS + 1]);

/* Cents and counts: figures that add up. */
bool cell_is_number(const struct column *c);

#endif
