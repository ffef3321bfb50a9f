/* listing: a list made of one query and one table of columns: table, JSON, JSON Lines and CSV alike.
 *
 * Machines get integer cents, days YYYY-MM-DD, instants RFC 3339 UTC with milliseconds, true and false, an
 * empty field or null for what is absent. People get euros ("1 816.54"), numbers to the right, and control
 * characters as '?'. IBANs are masked in all of them, unless r->unmasked.
 */
#ifndef CORE_LISTING_H
#define CORE_LISTING_H

#include "formats/csv.h"
#include "formats/json.h"
#include "formats/money.h"
#include "formats/sink.h"
#include "stages/core/engine/run.h"
#include "stages/core/lists/cell.h"

/* The statement of a listing, ready to be bound. Dies (70) when its columns are not those of the listing. */
struct stmt *listing_query(struct run *r, const struct listing *l);

/* All of these read the bound query to its end. */
void listing_print(struct run *r, const struct listing *l, struct stmt *q); /* to stdout, by r->format */
void listing_write(struct run *r, const struct listing *l, struct stmt *q, enum format format,
                   struct sink *s);
int64_t listing_write_csv(struct run *r, const struct listing *l, struct stmt *q, struct sink *s); /* rows */
void listing_print_one(struct run *r, const struct listing *l, struct stmt *q);
/* Writes the only row: an object, or null without a row; for people one line for each column. */
void listing_write_one(struct run *r, const struct listing *l, struct stmt *q, enum format format,
                       struct sink *s);

/* A CSV that is written row by row, from cells. */
struct listing_csv {
	struct csv csv;
	const struct listing *listing;
	int64_t rows; /* put so far */
};
struct listing_csv listing_begin_csv(const struct listing *l, struct sink *s); /* with the header */
void listing_put_csv(struct listing_csv *out,
                     const struct cell *cell); /* one for each column of the listing */

/* Writes the only row as an object. Without a row writes null and returns false. */
bool listing_put_one(struct json *j, const char *key, struct run *r, const struct listing *l, struct stmt *q);
/* listing_put_array writes an array of objects; listing_put_columns the columns of the current row, into the open object. */
void listing_put_array(struct json *j, const char *key, struct run *r, const struct listing *l,
                       struct stmt *q);
void listing_put_columns(struct json *j, struct run *r, const struct listing *l, struct stmt *q);

/* The columns of the CSV as Frictionless knows them: "fields":[{"name":..,"type":..},...] */
void listing_put_fields(struct json *j, const struct listing *l);

/* Standard output as a sink; the end dies when a byte of it could not be written. */
struct sink *listing_stdout(void);
void listing_stdout_end(struct sink *s);

#endif
