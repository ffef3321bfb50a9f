/* cell: one value of a list, read from the current row of the query.
 *
 * column.h says how it is read; listing.c writes it as CSV and JSON, table.c as a table for people.
 */
#ifndef CORE_CELL_H
#define CORE_CELL_H

#include "stages/core/engine/run.h"
#include "stages/core/lists/column.h"

#define CELL_COLUMNS 64 /* the most columns a list can have */

struct cell {
	bool is_null;
	int64_t number;   /* cents, count, bool, instant; of a list the session */
	int64_t profile;  /* of a list */
	const char *text; /* of all other types, as machines read it; valid until the next row */
	char own[COLUMN_TEXT_SIZE];
};

/* Dies (70) when the query has other columns (number, names) than the table. Compares once for each statement. */
void cell_check_columns(const struct listing *l, struct stmt *q);

/* Reads the current row: a cell for each column of l->columns. */
void cell_read_row(struct run *r, const struct listing *l, struct stmt *q, struct cell cell[CELL_COLUMNS]);

/* Reads the n columns from c on, which begin with the column `at` of the query; not compared with their names. Returns the column
 * of the query that follows. */
int cell_read_some(struct run *r, const struct column *c, int n, struct stmt *q, int at, struct cell *cell);

/* Finds the columns that CSV and tables have; NULL follows the last one. Returns how many. */
int cell_find_flat(const struct listing *l, const struct column *flat[CELL_COLUMNS + 1]);

/* Cents and counts: they stand to the right. */
bool cell_is_number(const struct column *c);

#endif
