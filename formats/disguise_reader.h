/* disguise_reader: what the readers of disguise_file share: where they are, and the texts that they take from there. */
#ifndef FORMATS_DISGUISE_READER_H
#define FORMATS_DISGUISE_READER_H

#include <stdbool.h>

#include "formats/disguise.h"

/* From `at` to `end`. */
struct disguise_reader {
	struct disguise *d;
	bool is_8_bit; /* the document says that it has another encoding than UTF-8 */
	const char *at, *end;
	struct sink *to;
};

/* Writes all that is left. */
typedef void disguise_read_fn(struct disguise_reader *r);
disguise_read_fn disguise_xml, disguise_json, disguise_csv;
/* The end of the field of a CSV: a comma or a line end that is not between quotes; and its text, to be freed. */
const char *disguise_csv_end(const struct disguise_reader *r);
char *disguise_csv_take(const struct disguise_reader *r, const char *end);

/* A copy of a text, to be freed, with room for twice as many bytes: those of an 8-bit encoding become UTF-8. */
char *disguise_take(const char *from, const char *end);
/* Makes UTF-8 of what disguise_take gave; bytes that are none become x. False when there are such. */
bool disguise_make_utf8(const struct disguise_reader *r, char *text);
void disguise_put_utf8(char **to, unsigned point);
/* Writes what stands before `end`, and goes there. */
void disguise_copy(struct disguise_reader *r, const char *end);
/* What was not UTF-8 stays so. */
void disguise_put_wrong(struct disguise_reader *r, bool is_utf8);
char *disguise_change(struct disguise *d, enum disguise_kind kind, const char *text);

#endif
