/* disguise_file: the values in a file, disguised by the names of their fields: XML (ISO 20022), JSON and JSON Lines, CSV.
 *
 * The names are those of formats/data/disguise_fields.csv; the value of any other field counts as free text. Everything else stays
 * byte for byte, also what is wrong with the file; but of a line of JSON that cannot be read all letters and digits are replaced, and
 * comments and declarations of XML are left out.
 */
#ifndef FORMATS_DISGUISE_FILE_H
#define FORMATS_DISGUISE_FILE_H

#include <stddef.h>

#include "formats/disguise.h"

/* A NUL follows the n bytes. -1: it has none of these formats (compressed, UTF-16, another text), and nothing was written. */
int disguise_file(struct disguise *d, const char *bytes, size_t n, struct sink *to);

enum disguise_kind disguise_field(const char *name); /* what a field of that name holds */

#endif
