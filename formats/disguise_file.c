/* disguise_file: see disguise_file.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "formats/disguise_file.h"
#include "formats/disguise_reader.h"
#include "formats/length.h"

static const struct {
	const char *name, *kind;
} fields[] = {
#include "formats/data/disguise_fields.inc"
};

static int
compare_fields(const void *key, const void *row)
{
	return strcmp(key, *(const char *const *)row);
}

enum disguise_kind
disguise_field(const char *name)
{
	const char *const *row = bsearch(name, fields, LENGTH(fields), sizeof(fields[0]), compare_fields);

	return row == NULL ? DISGUISE_FREE : (enum disguise_kind)disguise_find(row[1]);
}

/* ------------------------------------------------------------------------------------------------------ */

/* The first line of a CSV names fields. */
static bool
is_csv(const struct disguise_reader *r)
{
	struct disguise_reader header = *r;
	const char *line = memchr(r->at, '\n', (size_t)(r->end - r->at)), *end;
	size_t known = 0;
	char *name;

	header.end = line == NULL ? r->end : line;
	while (header.at < header.end) {
		end = disguise_csv_end(&header);
		name = disguise_csv_take(&header, end);
		known += bsearch(name, fields, LENGTH(fields), sizeof(fields[0]), compare_fields) != NULL;
		free(name);
		header.at = end < header.end ? end + 1 : end;
	}
	return known > 0;
}

int
disguise_file(struct disguise *d, const char *bytes, size_t n, struct sink *to)
{
	struct disguise_reader r = {.d = d, .at = bytes, .end = bytes + n, .to = to};
	const char *first = bytes;

	if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		disguise_copy(&r, first = bytes + 3);
	while (first < r.end && isspace((unsigned char)*first))
		first++;
	if (first == r.end)
		disguise_copy(&r, first);
	else if (memchr(bytes, '\0', n) != NULL)
		return -1;
	else if (*first == '<')
		disguise_xml(&r);
	else if (*first == '{' || *first == '[')
		disguise_json(&r);
	else if (is_csv(&r))
		disguise_csv(&r);
	else
		return -1;
	return 0;
}
