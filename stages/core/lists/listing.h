/* listing: a list made of one query and one table of columns: table, JSON, JSON Lines and CSV alike.
 *
 * Machines get integer cents, days YYYY-MM-DD, instants RFC 3339 UTC with milliseconds, true and false, an
 * empty field or null for what is absent. People get euros ("1 816.54"), numbers to the right, and control
 * characters as '?'. IBANs are masked in all of them, unless r->unmasked.
 *
 * A name with points, "card_payment.status", is a key of an object in JSON, and stands as it is elsewhere; columns of
 * one object follow each other, and an object of which every column is null is null. A list inside of a row is
 * JSON's alone: CSV and tables have no column for it.
 */
#ifndef CORE_LISTING_H
#define CORE_LISTING_H

#include "formats/json.h"
#include "formats/money.h"
#include "formats/sink.h"
#include "formats/uuid.h"
#include "stages/core/engine/run.h"

enum column_type {
	COLUMN_TEXT,
	COLUMN_CENTS,
	COLUMN_COUNT,
	COLUMN_INSTANT,
	COLUMN_DAY,
	COLUMN_BOOL,
	COLUMN_IBAN,
	COLUMN_KEY,  /* bytes of an outside id, as store_key() makes them */
	COLUMN_ID,   /* two columns of the query: owner (0: of nobody) and number */
	COLUMN_TOLD, /* a number, of which `tell` makes the text */
	COLUMN_LIST, /* two columns of the query: $profile and $session of the query of `list` */
};

#define COLUMN_TEXT_SIZE 384

struct column {
	const char *name; /* key of JSON, header of CSV */
	enum column_type type;
	enum uuid_kind kind; /* of a COLUMN_ID */
	const char *head;    /* above it in a table; NULL: the name with spaces */
	void (*tell)(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE]);
	const struct listing *list;
};

struct listing {
	const char *name;             /* of the CSV file, without .csv; NULL when there is none */
	const char *text;             /* the query; its columns in the order of `columns` */
	const struct column *columns; /* ended by a NULL name */
};

/* All of these read the bound query of l->text to its end. */
void listing_print(struct run *r, const struct listing *l, struct stmt *q); /* to stdout, by r->format */
void listing_write(struct run *r, const struct listing *l, struct stmt *q, enum format format,
                   struct sink *s);
int64_t listing_write_csv(struct run *r, const struct listing *l, struct stmt *q, struct sink *s); /* rows */
void listing_print_one(struct run *r, const struct listing *l, struct stmt *q);
/* The only row: an object, or null where there is none; for people a sheet. */
void listing_write_one(struct run *r, const struct listing *l, struct stmt *q, enum format format,
                       struct sink *s);

/* The only row: an object; or null, and false, where there is none. */
bool listing_put_one(struct json *j, const char *key, struct run *r, const struct listing *l, struct stmt *q);
/* An array of objects; or the columns of the row at hand, inside an object that is open. */
void listing_put_array(struct json *j, const char *key, struct run *r, const struct listing *l,
                       struct stmt *q);
void listing_put_columns(struct json *j, struct run *r, const struct listing *l, struct stmt *q);

/* The columns of the CSV as Frictionless knows them: "fields":[{"name":..,"type":..},...] */
void listing_put_fields(struct json *j, const struct listing *l);

/* Standard output as a sink; the end dies when a byte of it could not be written. */
struct sink *listing_stdout(void);
void listing_stdout_end(struct sink *s);

#endif
