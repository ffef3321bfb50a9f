/* csv: RFC 4180 over libcsv, with line numbers and a checked header.
 *
 * Machine files: comma, LF, UTF-8, no BOM. An empty field is an absent one; blanks belong to the field.
 * Read as well: CRLF, a last record without its line break; empty lines are skipped.
 * source   RFC 4180; OWASP, CSV injection
 */
#ifndef FORMATS_CSV_H
#define FORMATS_CSV_H

#include <stdbool.h>
#include <stdio.h>

#include "formats/date.h"
#include "formats/err.h"
#include "formats/money.h"
#include "formats/sink.h"

/* One record: value[i] belongs to columns[i] of the call, "" when empty, valid during the call only. `line`
 * is where the record begins. Return 0 to go on, -1 (with *e filled) to stop. */
typedef int csv_row_fn(void *ctx, long line, const char *const value[], struct err *e);

/* Reads to the end. The header must name every column of `columns` once, in any order; an unknown, missing or
 * doubled one is refused, as are: a record with another number of fields, a quote that is not closed (a file
 * cut off), a NUL, a stray quote, text that is not UTF-8, a record over CSV_MAX_RECORD bytes. Codes malformed_csv,
 * not_utf8, unknown_column, missing_column, io. Only the first `must` columns have to be in the header; others that are not
 * read as "". */
#define CSV_MAX_RECORD 65536
int csv_read(FILE *in, const char *const columns[], int n, int must, csv_row_fn *row, void *ctx,
             struct err *e);

/* The same for a file whose columns are not known beforehand: `header` gets them once, before any record, and
 * may refuse; afterwards value[i] belongs to the i-th of them. Their names last until this returns. An empty
 * or doubled name is refused. */
#define CSV_MAX_COLUMNS 128
typedef int csv_header_fn(void *ctx, const char *const columns[], int n, struct err *e);
int csv_read_any(FILE *in, csv_header_fn *header, csv_row_fn *row, void *ctx, struct err *e);

/* Writing: fields one by one, quoted only where needed; NULL is empty. */
struct csv {
	struct sink *sink;
	/* ',' for machines, ';' for a French spreadsheet */
	char separator;
	/* true: texts are guarded that a spreadsheet would run, with ', or take for a number or a day, as ="..."
	 * (spreadsheet.h) */
	bool for_people;
	/* "\n" or "\r\n" */
	const char *eol;
	/* inside a record; begins false */
	bool started;
	/* the record so far is one empty field, and an empty line would be no record; begins false */
	bool lone_empty;
};
void csv_text(struct csv *c, const char *text);
void csv_int(struct csv *c, long long number);
void csv_date(struct csv *c, date on);       /* never guarded: a spreadsheet takes it for a day */
void csv_euros(struct csv *c, cents amount); /* "1234,56": a spreadsheet takes a space in it for a text */
void csv_end(struct csv *c);                 /* of the record */
void csv_header(struct csv *c, const char *const columns[], int n); /* a whole record */

/* A file for a French spreadsheet: its byte order mark is written, texts are guarded. */
struct csv csv_for_excel(struct sink *s);

#endif
