/* json_skip: how long a number or value is, without reading it.
 *
 * source   RFC 8259
 */
#ifndef FORMATS_JSON_SKIP_H
#define FORMATS_JSON_SKIP_H

#include <stddef.h>

size_t json_count_digits(const char *at, const char *end);
/* The length of the number that begins at this character; 0 when no number begins there. */
size_t json_measure_number(const char *from, const char *end);
/* The end of the value that begins at `at`, by its quotes and brackets alone. */
const char *json_skip(const char *at, const char *end);

#endif
