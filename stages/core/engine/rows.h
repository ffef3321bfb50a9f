/* rows: many rows inserted into one table: ROWS of them by one statement, which costs less than half of a statement for each.
 *
 *   struct rows *w = rows_new(db, "card", "id, status", 2);
 *   rows_bytes(w, id, n); rows_int(w, status); ...      the columns of a row, in their order, then those of the next row
 *   rows_end(w);
 *
 * Inside the caller's unit of work. Rows are written in the order in which they are given, not before rows_end in all, so that
 * nobody may read the table until then. */
#ifndef CORE_ROWS_H
#define CORE_ROWS_H

#include "stages/core/engine/store.h"

#define ROWS 64

struct rows;

/* The names must be literals; n columns. */
struct rows *rows_new(struct store *db, const char *table, const char *columns, int n);
void rows_int(struct rows *w, int64_t value);
void rows_int_or(struct rows *w, int64_t value, int64_t absent); /* absent: null */
void rows_instant(struct rows *w, instant at);                   /* INSTANT_NONE: null */
void rows_date(struct rows *w, date on);
/* Not copied: they must stay until the row is written. */
void rows_bytes(struct rows *w, const void *bytes, size_t n);
/* Writes what is left, and frees w. */
void rows_end(struct rows *w);

#endif
