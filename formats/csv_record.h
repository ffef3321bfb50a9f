/* csv_record: CSV rows as structs: one table says which column is which member, for reading, for writing and for keeping.
 *
 * units    amounts as integer cents, instants in UTC with milliseconds, truths as true and false
 */
#ifndef FORMATS_CSV_RECORD_H
#define FORMATS_CSV_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/csv.h"
#include "formats/err.h"

struct csv_member {
	const char *column;
	size_t at; /* offset of the member */
	enum { MEMBER_TEXT, MEMBER_CENTS, MEMBER_INSTANT, MEMBER_TRUTH } kind;
	bool required;
	/* Belongs to what the first column identifies: empty when that is empty, whatever `required` says. */
	bool of_first;
};

/* One record. What is required but absent makes the sink fail. */
void csv_record_write(struct csv *c, const struct csv_member members[], int n, const void *record);

/* Fills *record; texts point into value. Absent is NULL, INSTANT_NONE, false, and 0 for an amount.
 * Codes missing_field, bad_field, invalid_amount, invalid_date, at `line`. */
int csv_record_read(const struct csv_member members[], int n, const char *const value[], long line,
                    void *record, struct err *e);

/* A record as bytes, to be put aside and taken up again by the same program. Returns how many; 0: there is no room. Of what
 * csv_read gave there are at most CSV_RECORD_PACKED. */
#define CSV_RECORD_PACKED (CSV_MAX_RECORD + 1 + 8 * CSV_MAX_COLUMNS)
size_t csv_record_pack(const struct csv_member members[], int n, const void *record, char *to, size_t room);
/* Its texts point into the bytes; an empty one is absent. */
void csv_record_unpack(const struct csv_member members[], int n, const char *from, void *record);

#endif
