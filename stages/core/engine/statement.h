/* statement: a statement of SQL that was prepared: its parameters, its rows, their columns. sql() of store.h gives it; database errors
 * end the process. */
#ifndef CORE_STATEMENT_H
#define CORE_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/date.h"
#include "formats/err.h"
#include "formats/literal.h"

struct database;
struct stmt;

/* Around SQL outside of sql(): clang-format leaves what stands in either of them as it is. */
#define SQL(...) __VA_ARGS__
/* The same for SQL that stands inside of SQL(): the analyzers do not see a macro in its own arguments. */
#define SQL_PART(...) __VA_ARGS__
/* A number of C in SQL text: " WHERE kind = " SQL_NUMBER(KIND), where KIND is a macro. */
#define SQL_NUMBER(number)  SQL_NUMBER_(number)
#define SQL_NUMBER_(number) #number

void bind_literal(struct stmt *q, int i, const struct literal *value);
/* Runs it to its end; -1, with *e filled, when a value breaks a rule of the schema. */
int exec_checked(struct stmt *q, struct err *e);
void bind_int(struct stmt *q, const char *name, int64_t value);
void bind_int_or(struct stmt *q, const char *name, int64_t value, int64_t absent); /* absent: null */
void bind_text(struct stmt *q, const char *name, const char *value);               /* NULL: null */
void bind_blob(struct stmt *q, const char *name, const void *bytes, size_t n);
void bind_date(struct stmt *q, const char *name, date on);       /* DATE_NONE: null */
void bind_instant(struct stmt *q, const char *name, instant at); /* INSTANT_NONE: null */

bool row(struct stmt *q);     /* the next row; after the last one the statement is reset */
void reset(struct stmt *q);   /* ends reading; the columns of the last row are not valid any more */
int64_t exec(struct stmt *q); /* runs to the end; returns how many rows it changed */
int64_t value(struct stmt *q, int64_t absent); /* the first column of the only row */
date value_date(struct stmt *q);               /* the same of a day; DATE_NONE: null, or no row */

/* Columns of the current row, from 0. Texts and bytes are valid until the next row or reset. */
int64_t col_int(struct stmt *q, int i);
const char *col_text(struct stmt *q, int i); /* NULL when null */
/* Copies into a buffer that the schema makes long enough: dies when it is too short. Null becomes "". */
void col_copy(struct stmt *q, int i, char *dst, size_t size);
/* The index of the word among these n words. Dies when the word is not one of them. */
int col_word(struct stmt *q, int i, const char *const words[], int n);
const void *col_blob(struct stmt *q, int i, size_t *n);
void col_literal(struct stmt *q, int i, struct literal *value); /* valid until the next row or reset */
date col_date(struct stmt *q, int i);
instant col_instant(struct stmt *q, int i);
bool col_null(struct stmt *q, int i);
/* How many columns a row has, and their names; also without a row. */
int col_count(struct stmt *q);
const char *col_name(struct stmt *q, int i);
/* True from the second call on for a statement and a table: their columns are compared once. */
bool col_compared(struct stmt *q, const void *table);
int64_t col_int_or(struct stmt *q, int i, int64_t absent);

/* For store.c. The statement of a literal, and of a text that is copied. */
struct stmt *statement_find(struct database *b, const char *text);
struct stmt *statement_make(struct database *b, const char *text);
void statement_reset_all(struct database *b);
void statement_free_all(struct database *b);
int64_t statement_steps(const struct database *b);

#endif
