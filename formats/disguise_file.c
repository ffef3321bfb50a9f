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

/* The reader of a text that begins with this character, after a byte order mark. NULL: no reader knows the text. */
static disguise_read_fn *
choose_reader(const struct disguise_reader *r, char first)
{
	if (memchr(r->at, '\0', (size_t)(r->end - r->at)) != NULL)
		return NULL;
	if (first == '<')
		return disguise_xml;
	if (first == '{' || first == '[')
		return disguise_json;
	return is_csv(r) ? disguise_csv : NULL;
}

int
disguise_file(struct disguise *d, const char *bytes, size_t n, struct sink *to)
{
	size_t mark = n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	struct disguise_reader r = {.d = d, .at = bytes + mark, .end = bytes + n, .to = to};
	const char *first = r.at;
	void (*read)(struct disguise_reader * r);

	while (first < r.end && isspace((unsigned char)*first))
		first++;
	read = first == r.end ? NULL : choose_reader(&r, *first);
	if (first < r.end && read == NULL)
		return -1;
	sink_put(to, bytes, mark);
	if (read == NULL)
		disguise_copy(&r, first);
	else
		read(&r);
	return 0;
}
