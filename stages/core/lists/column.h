/* column: the table of columns from which a list is made in every form.
 *
 * A name with points, "card_payment.status", is a key of an object in JSON, and stays as it is elsewhere. The columns of
 * one object follow each other; an object is null when all its columns are null. Only JSON has lists inside of a row:
 * CSV and tables have no column for them.
 *
 * The query of a listing has the same columns, in the same order and by the same names, points as underscores:
 * "... AS card_payment_status". Where a column takes two of the query, the first has the name with _owner behind it.
 */
#ifndef CORE_COLUMN_H
#define CORE_COLUMN_H

#include <stdint.h>

#include "formats/uuid.h"

struct listing;
struct run;

enum column_type {
	COLUMN_TEXT,
	COLUMN_CENTS,
	COLUMN_COUNT,
	COLUMN_INSTANT,
	COLUMN_DAY,
	COLUMN_BOOL,
	COLUMN_IBAN,
	COLUMN_KEY,     /* bytes of an outside id, as store_key() makes them */
	COLUMN_ID,      /* two columns of the query: owner (a profile; 0 when the kind has none) and number */
	COLUMN_PRINTED, /* a number, whose text `print` makes */
	COLUMN_LIST,    /* two columns of the query: $profile and $session of the query of `list` */
};

#define COLUMN_TEXT_SIZE 1024

struct column {
	const char *name; /* key of JSON, header of CSV */
	enum column_type type;
	enum uuid_kind kind; /* of a COLUMN_ID */
	const char *head;    /* above it in a table; NULL: the name with spaces */
	/* Of a COLUMN_PRINTED. */
	void (*print)(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE]);
	const struct listing *list;
};

struct listing {
	const char *name;             /* the command that prints it, or its CSV file without .csv */
	const char *text;             /* the query, see above */
	const struct column *columns; /* ended by a NULL name */
};

#endif
